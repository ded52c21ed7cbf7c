"""What holds for every page: the browser's policy, accessibility, narrow screens, the keyboard, text that stays text,
and how often the server is asked."""

import re
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, Route, expect

from tests.browser.conftest import Console, Watch
from tests.browser.servers import Server, send
from tests.support import APPOINTMENT, BERLIN, CANCELLED_APPOINTMENT, PROFILE, SHIPMENT

pytestmark = pytest.mark.usefixtures("context")  # what counts, and clocks, stay in a profile

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PLACES = (
    "",
    "time",
    "records",
    "records/appointments",
    f"records/appointments/{APPOINTMENT}",
    "journal",
    "journal/2",
    "faults",
    "rules?basis=conflict",
    "rules/appointment.cancel",
    "coverage",
    "coverage/responses",
)
"""A place of each kind, the list of worlds first."""

MARKUP = '<img src="x" onerror="document.title=1"><script>document.title = 1</script><b>bold</b>'
RIGHT_TO_LEFT = "\u202eעברית مرحبا"
"""Letters that run from right to left, and a character that turns what follows round."""


COUNTED = """
const original = window.fetch;
window.asked = [];
let pending = 0;
const waiting = [];
window.settled = () => new Promise((resolve) => (pending ? waiting.push(resolve) : resolve()));
window.drawn = async () => {
  for (let turn = 0; turn < 3; turn += 1) { // what has come may ask for more
    await settled();
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  }
};
window.fetch = async (target, options) => {
  window.asked.push(new URL(target, location).pathname);
  pending += 1;
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    pending -= 1;
    if (!pending) waiting.splice(0).forEach((resolve) => resolve());
  };
  try {
    const response = await original(target, options);
    await response.clone().text();
    return response;
  } finally {
    channel.port2.postMessage("when those who wait for it have gone on");
  }
};
"""
"""Counts what a page asks of its server, and knows when all of it is there and drawn."""


@pytest.fixture(autouse=True)
def _counted(request: pytest.FixtureRequest) -> None:
    """Pages count what they ask."""
    if "console" in request.fixturenames:
        request.getfixturevalue("context").add_init_script(COUNTED)


@pytest.fixture
def busy(server: Server) -> Server:
    """The server, with a world in which things have happened: calls, refusals, faults and events."""
    booking = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-20T10:30:00+02:00"}
    assert server.api("POST", "/appointments", booking)[0] == 201
    assert server.api("DELETE", f"/appointments/{CANCELLED_APPOINTMENT}")[0] == 409
    faults = f"/worlds/{server.world}/faults"
    server.control("POST", faults, {"operation": "list_units", "status": 503, "times": 2})
    assert server.api("GET", "/units")[0] == 503
    server.control("POST", f"/worlds/{server.world}/clock/advance", {"seconds": 86_400})
    return server


def heading(page: Page) -> Locator:
    """The heading of a page."""
    return page.get_by_role("heading", level=1)


def shown(console: Console, place: str, **options: Any) -> Page:
    """A page that shows its data."""
    page = console(place, **options)
    expect(heading(page)).to_be_visible()
    page.evaluate("drawn()")
    expect(page.get_by_role("alert")).to_have_count(0)
    return page


def fits(page: Page) -> None:
    """Fail if a page is wider than its window, and name what sticks out."""
    wide = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > innerWidth)
        .map((each) => each.outerHTML.slice(0, 120)).slice(0, 5)"""
    )
    assert wide == []


# Policy


def test_every_page_has_the_policy(server: Server) -> None:
    """Pages and what they load come with the strict policy, and are not sniffed."""
    paths = ["/_sandbox/", "/docs", "/docs/control", "/guide", "/guide/quick-start", "/guide/search.json"]
    for path in paths[:5]:
        page = send(server.url, "GET", path)[2].decode()
        paths += re.findall(r'(?:src|href)="(/[^"#]+\.(?:js|mjs|css))"', page)
        assert not re.search(r"<script(?![^>]*src=)", page), path
        assert not re.search(r"<style| style=| on\w+=", page), path
    for path in dict.fromkeys(paths):
        status, headers, _ = send(server.url, "GET", path)
        assert (path, status, headers.get("content-security-policy")) == (path, 200, POLICY)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


# Looks


@pytest.mark.parametrize("place", PLACES)
def test_every_page_is_accessible(
    console: Console, busy: Server, place: str, check_axe: Callable[[Page], None]
) -> None:
    """The keyboard reaches all of it. axe finds nothing wide and light, nor narrow and dark; nothing is wider than the
    window."""
    assert busy.world
    page = shown(console, place)
    works_with_the_keyboard(page)
    fits(page)
    check_axe(page)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    fits(page)
    check_axe(page)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 27)"


@pytest.mark.parametrize("width", [390, 1440])
def test_long_names_fit(console: Console, server: Server, width: int) -> None:
    """The longest name of a world makes no page wider than the window."""
    name = server.make(f"{server.world}-".ljust(64, "w"))
    assert server.api("GET", "/units", world=name)[0] == 200
    server.control("PUT", f"/worlds/{name}/snapshot", written(server, "w" * 128))
    for place in ("", "time", "records", f"records/shipments/{SHIPMENT}", "journal", "faults", "coverage"):
        page = shown(console, place, world=name)
        page.set_viewport_size({"width": width, "height": 844})
        fits(page)
    page = shown(console, "records/locations", world=name)
    page.set_viewport_size({"width": 1440, "height": 844})
    for column in page.get_by_role("columnheader").all():
        expect(column).to_be_in_viewport(ratio=1)


# Keyboard


def works_with_the_keyboard(page: Page) -> None:
    """Fail unless Tab reaches the link that skips to the content, then every control in turn, and the focus is always
    visible."""
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    reached = 0
    for _ in range(40):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:  # the end of the page
            break
        assert stop["visible"], stop["html"]
        reached += stop["inMain"]
    assert reached
    skip.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate(STOP)["inMain"]


STOP = """() => {
  const at = document.activeElement;
  if (at === null || at === document.body) return null;
  const outlined = ({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  const line = at.closest("tr, li, article") ?? at; // may have the outline of what is in it
  const box = at.getBoundingClientRect();
  return {
    html: at.outerHTML.slice(0, 200),
    inMain: at.closest("main") !== null,
    visible: (outlined(getComputedStyle(at)) || outlined(getComputedStyle(line)) || at.type === "datetime-local")
      && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""
"""What has the focus, whether that is in the content, and whether it can be seen: by an outline, but for the parts of a
field for dates, which the browser marks by itself."""


# Text


def written(server: Server, text: str) -> Any:
    """The test's world as a snapshot in which texts of records are another text."""
    snapshot = server.control("GET", f"/worlds/{server.world}/snapshot")
    for location in snapshot["locations"]:
        location["name"] = text
    for shipment in snapshot["shipments"]:
        shipment["notes"] = shipment["pickup_remarks"] = text
    for group in snapshot["profile_groups"]:
        group["name"] = text
    return snapshot


@pytest.mark.parametrize("text", [MARKUP, RIGHT_TO_LEFT])
def test_what_records_hold_is_text(console: Console, server: Server, text: str) -> None:
    """Markup in records, requests and addresses is shown as it was written, and never becomes part of the page."""
    server.control("PUT", f"/worlds/{server.world}/snapshot", written(server, text))
    assert server.api("POST", "/appointments", {text: text, "profile_id": text})[0] == 400
    assert server.api("GET", "/locations")[0] == 200
    console.allow("status of 40[04]")
    seen = 0
    for place in ("time", "records/appointments", f"records/shipments/{SHIPMENT}", "journal", "journal/1", "journal/2"):
        page = shown(console, place)
        seen += page.get_by_role("main").get_by_text(text).count()
        is_markup(page)
    assert seen
    for fragment in (f"#/worlds/{text}/time", f"#/worlds/{server.world}/rules/{text}", f"#/{text}?q={text}"):
        page = console(fragment.replace("?", "%3F"))
        expect(page.get_by_role("banner")).to_be_visible()
        page.evaluate("drawn()")
        is_markup(page)


def is_markup(page: Page) -> None:
    """Fail if a text became part of the page."""
    assert page.locator("img, main b, body script, iframe").count() == 0
    assert page.title() != "1"


# Asking


def asked(page: Page, seconds: int) -> Counter[str]:
    """The requests of some seconds of a page's clock, by their paths. A second begins when what the one before asked
    for is there."""
    page.evaluate("settled()")
    before = len(page.evaluate("asked"))
    for _ in range(seconds):
        page.clock.run_for(1000)
        page.evaluate("settled()")
    return Counter(page.evaluate("asked")[before:])


def hide(page: Page, *, hidden: bool) -> None:
    """Hide a tab from its page, or show it again."""
    page.evaluate(
        """(hidden) => {
        Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
        document.dispatchEvent(new Event("visibilitychange"));
    }""",
        hidden,
    )


@pytest.mark.parametrize("place", PLACES)
def test_pages_ask_once_a_second_while_they_are_looked_at(
    console: Console, busy: Server, context: BrowserContext, place: str
) -> None:
    """A page asks for what may have changed once a second, and for nothing else; hidden, for nothing."""
    context.clock.install()
    page = shown(console, place)
    page.clock.pause_at(page.evaluate("Date.now() + 60000"))
    asked(page, 2)
    looks = asked(page, 5)
    world = f"/_sandbox/worlds/{busy.world}" if place else "/_sandbox/worlds"
    assert set(looks) in ({world}, {world, "/_sandbox/unmatched"})
    assert all(4 <= count <= 6 for count in looks.values()), looks  # a look may fall into the second after its own
    hide(page, hidden=True)
    asked(page, 1)  # what was under way
    assert asked(page, 30) == {}
    hide(page, hidden=False)
    assert world in asked(page, 2)


@pytest.mark.parametrize("place", ["", "records/appointments"])
def test_a_slow_server_is_waited_for(console: Console, server: Server, page: Page, place: str) -> None:
    """Where changes come faster than responses, a page waits for the response that is under way and shows it, rather
    than to ask anew each second and never show anything."""
    slow = re.compile(r"/records\?section=" if place else "/_sandbox/worlds$")
    held: list[Route] = []
    page.clock.install()
    page.route(slow, lambda route: held.append(route), times=1)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if slow.search(request.url) else None)
    with page.expect_request(slow):
        console(place)
    for number in range(1, 4):
        assert server.api("GET", "/units")[0] == 200
        with page.expect_response(f"**/worlds/{server.world}") if place else nullcontext():
            page.clock.run_for(1000)
        assert len(asked) == 1, f"asked anew {number} s later"
    held[0].continue_()
    expect(page.get_by_role("table")).to_be_visible()


def test_a_page_that_nobody_opened_asks_nothing(server: Server, watch: Watch, context: BrowserContext) -> None:
    """A closed tab asks for nothing: it costs the server nothing when nobody looks."""
    watch.origins.append(f"{server.url}/")
    page = context.new_page()
    page.goto(f"{server.url}/_sandbox/#/worlds/{server.world}/time")
    expect(heading(page)).to_be_visible()
    page.close()
    before = len(watch.requests)
    other = context.new_page()
    other.goto(f"{server.url}/guide")
    expect(heading(other)).to_be_visible()
    assert [each for each in watch.requests[before:] if "/_sandbox/" in each] == []
