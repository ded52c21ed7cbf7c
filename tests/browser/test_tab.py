"""The tab that is kept from test to test."""

from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.conftest import Tab
from tests.browser.servers import Server

STATE = """async () => ({
  stored: [sessionStorage.length, localStorage.length, document.cookie],
  size: [innerWidth, innerHeight],
  media: ["(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)", "print"].map((each) =>
    matchMedia(each).matches),
  allowed: (await navigator.permissions.query({ name: "clipboard-read" })).state,
  hovered: [...document.querySelectorAll("body :hover")].length,
  focused: document.activeElement.tagName,
  title: document.title,
  left: typeof window.left,
})"""
"""What a page can know of its tab."""


def _state(page: Page, server: Server) -> tuple[int, Any]:
    response = page.goto(f"{server.url}/_sandbox/#/worlds")
    assert response is not None
    page.get_by_role("heading", level=1).wait_for()
    return len(page.context.pages), page.evaluate(STATE)


def test_a_cleared_tab_is_as_a_new_one(browser: Browser, browser_context_args: dict[str, Any], server: Server) -> None:
    """Whatever a test does in it, the next one finds the same tab with nothing in it, and its requests reach the
    server."""
    tab = Tab(browser, browser_context_args)
    page = tab.open()
    new = _state(page, server)
    page.evaluate("sessionStorage.a = localStorage.a = document.cookie = 'a=1'; window.left = 1")
    page.context.grant_permissions(["clipboard-read"])
    page.context.new_page().goto(f"{server.url}/guide")
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(color_scheme="dark", reduced_motion="no-preference", media="print")
    page.get_by_role("link").last.hover()
    page.get_by_role("link").last.focus()
    assert page.evaluate(STATE) != new[1]
    for routes in (page, page.context):
        routes.route("**/*", lambda route: route.abort())
    tab.clear(page)
    assert tab.open() is page
    assert _state(page, server) == new
    page.context.close()


def test_a_tab_that_was_not_cleared_is_not_kept(browser: Browser, browser_context_args: dict[str, Any]) -> None:
    """The next test finds a new one."""
    tab = Tab(browser, browser_context_args)
    first, second = tab.open(), tab.open()
    assert first is not second
    assert first.context is not second.context
    first.context.close()
    second.context.close()
