"""A browser, a server, and the console in them.

Playwright's loop runs in the main thread from the first test of this package to the last: it ends with the package, so
that tests with loops of their own can follow.
"""

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    WebError,
    expect,
    sync_playwright,
)

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.pages.static import HEADERS
from aniva_sandbox.testing.live import LiveServer, partner_api
from tests.browser.servers import Served, Server
from tests.chromium import launch

PATIENCE_MS = 10_000
"""How long locators and expectations wait: much longer than a page takes."""


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright, for this package."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium, for this package."""
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def browser_context_args() -> dict[str, Any]:
    """What all contexts have in common."""
    return {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light", "reduced_motion": "reduce"}


@pytest.fixture(scope="package")
def live() -> Iterator[LiveServer]:
    """A server in this process that collects coverage. Its modules stay as they are while it runs, so a tab that is
    kept need not ask for them again."""
    with pytest.MonkeyPatch.context() as patch, LiveServer(Coverage(partner_api(), DOMAIN)) as live:
        patch.setitem(HEADERS, "cache-control", "max-age=3600")
        yield live


_NUMBERS = count(1)


@pytest.fixture
def server(live: LiveServer) -> Iterator[Server]:
    """The server, with a fresh world for this test: ``server.world``."""
    server = Server(live, f"test-{next(_NUMBERS):04}")
    yield server
    server.drop()


class Watch:
    """What may not happen in a browser: errors and warnings, and requests to elsewhere."""

    def __init__(self) -> None:
        self.origins = ["data:", "blob:", "about:"]
        self.requests: list[str] = []
        """The addresses of all requests."""
        self._problems: list[str] = []
        self._allowed: list[str] = []

    def follow(self, context: BrowserContext) -> None:
        """Note what happens in the pages of a context."""
        context.on("console", self._note_message)
        context.on("weberror", self._note_error)
        context.on("request", self._note_request)

    def leave(self, context: BrowserContext) -> None:
        """Fail for anything in these pages that was not expected, and note no more."""
        for page in context.pages:
            page.evaluate("0")  # what has happened until now is known then
        context.remove_listener("console", self._note_message)
        context.remove_listener("weberror", self._note_error)
        context.remove_listener("request", self._note_request)
        self.check()

    def allow(self, pattern: str) -> None:
        """Expect a message, such as "status of 409", which Chromium writes for a refused call."""
        self._allowed.append(pattern)

    def check(self) -> None:
        """Fail for anything that was not expected."""
        problems = dict.fromkeys(self._problems)
        assert [each for each in problems if not any(re.search(a, each) for a in self._allowed)] == []
        origins = tuple(self.origins)
        assert [each for each in self.requests if not each.startswith(origins)] == [], "requests to elsewhere"

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._problems.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _note_error(self, error: WebError) -> None:
        self._problems.append(f"uncaught: {error.error}")

    def _note_request(self, request: Request) -> None:
        self.requests.append(request.url)


@pytest.fixture
def watch() -> Watch:
    """What the browser did, and what it may do besides."""
    return Watch()


@pytest.fixture
def serve(watch: Watch) -> Iterator[Callable[..., Served]]:
    """A function that starts another server, in a process."""
    started: list[Served] = []

    def start(*options: str, token: str | None = None) -> Served:
        started.append(Served(*options, token=token))
        watch.origins.append(f"{started[-1].url}/")
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def context(
    new_context: Callable[..., BrowserContext],
    watch: Watch,
    serve: object,  # noqa: ARG001 (servers and worlds end after the pages that ask for them)
    server: Server,  # noqa: ARG001
) -> Iterator[BrowserContext]:
    """A new profile that is watched, for this test alone: ``context.new_page()`` opens another tab. A test asks for it
    if it leaves something in its profile that :meth:`Tab.clear` does not clear, such as a clock or a script."""
    context = new_context()
    context.set_default_timeout(PATIENCE_MS)
    watch.follow(context)
    yield context
    watch.leave(context)


_QUICK = """
for (const name of ["setTimeout", "setInterval"]) {
  const wait = window[name];
  window[name] = (work, delay, ...more) => wait(work, delay === 1000 ? 200 : delay, ...more);
}
"""
"""Has pages look for what is new after a fifth of a second instead of a second: tests wait for what they show then."""


class Tab:
    """A tab that is kept from test to test, in a profile of its own: a new one starts a process, with nothing in its
    cache."""

    def __init__(self, browser: Browser, options: dict[str, Any]) -> None:
        self._browser = browser
        self._options = options
        self._page: Page | None = None

    def open(self) -> Page:
        """The tab, with nothing in it: a new one, if a test left one that could not be cleared."""
        page, self._page = self._page, None
        if page is None:
            context = self._browser.new_context(**self._options)
            context.set_default_timeout(PATIENCE_MS)
            context.add_init_script(_QUICK)
            page = context.new_page()
        return page

    def clear(self, page: Page) -> None:
        """Make the tab as a new one is: no other tabs, nothing stored, nothing allowed or intercepted."""
        context = page.context
        for each in context.pages:
            if each is not page:
                each.close()
        page.unroute_all()
        context.unroute_all()
        context.clear_cookies()
        context.clear_permissions()
        page.evaluate("() => { if (location.protocol === 'http:') { sessionStorage.clear(); localStorage.clear(); } }")
        page.goto("about:blank")
        page.mouse.move(0, 0)
        page.set_viewport_size(self._options["viewport"])
        page.emulate_media(
            color_scheme=self._options["color_scheme"], reduced_motion=self._options["reduced_motion"], media="null"
        )
        self._page = page


@pytest.fixture(scope="package")
def tab(browser: Browser, browser_context_args: dict[str, Any]) -> Tab:
    """The tab for tests that need no profile of their own."""
    return Tab(browser, browser_context_args)


@pytest.fixture
def page(request: pytest.FixtureRequest, tab: Tab, watch: Watch, server: Server) -> Iterator[Page]:  # noqa: ARG001
    """A tab that is watched: in the profile of a test that asks for one (``context``), or starts servers; or else the
    one that is kept."""
    if {"context", "serve"} & set(request.fixturenames):
        context: BrowserContext = request.getfixturevalue("context")
        yield context.new_page()
        return
    page = tab.open()
    watch.follow(page.context)
    yield page
    try:
        watch.leave(page.context)
    finally:
        tab.clear(page)


class Console:
    """Opens pages of the console. ``allow`` expects a message of the browser: see :meth:`Watch.allow`."""

    def __init__(self, server: Server, page: Page, watch: Watch) -> None:
        self._server = server
        self._page = page
        self.allow = watch.allow

    def __call__(self, place: str = "", *, world: str | None = None) -> Page:
        """Open a place of the test's world, or of another, such as ``journal/3``; without a place, the list of worlds.
        A place that begins with ``#`` is a whole fragment, one that begins with ``/`` a path."""
        fragment = place if place.startswith(("#", "/")) else f"#/worlds/{world or self._server.world}/{place}"
        if place == "":
            fragment = "#/worlds"
        address = f"{self._server.url}{fragment if fragment.startswith('/') else f'/_sandbox/{fragment}'}"
        if self._page.url.partition("#")[0] == address.partition("#")[0]:
            self._page.goto("about:blank")  # else only the fragment changes
        self._page.goto(address)
        return self._page


@pytest.fixture
def console(server: Server, page: Page, watch: Watch) -> Console:
    """Opens pages of the console; at the end, there may be no error, no warning and no request to elsewhere."""
    watch.origins.append(f"{server.url}/")
    return Console(server, page, watch)


_AXE = Axe().axe_script
_AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
"""All rules of these kinds. Only what fails is described in full, and only that is looked at: to describe what passes
takes longer than to check it."""


@pytest.fixture
def check_axe() -> Callable[[Page], None]:
    """A function that fails where axe finds that a page is not accessible."""

    def check(page: Page) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(_AXE)
        found = page.evaluate("async (options) => (await axe.run(options)).violations", _AXE_OPTIONS)
        assert [
            f"{each['id']} ({each['impact']}): {each['help']}: {node['html']} {node['failureSummary']}"
            for each in found
            for node in each["nodes"]
        ] == []

    return check
