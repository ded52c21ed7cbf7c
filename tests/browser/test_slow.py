"""A server that is slow, and a user who is quick."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Console
from tests.browser.servers import Server

pytestmark = pytest.mark.usefixtures("context")  # clocks stay in a profile


def hold(page: Page, pattern: str) -> list[Route]:
    """Hold the requests to some addresses back. Returns those that came."""
    held: list[Route] = []
    page.route(pattern, lambda route: held.append(route))
    return held


def seen(page: Page, world: str) -> Callable[[], None]:
    """A function that waits until the page has looked at the world again."""

    def look() -> None:
        with page.expect_response(lambda response: response.url.endswith(f"/worlds/{world}")):
            pass

    return look


def test_a_slow_server_is_asked_once_at_a_time(console: Console, server: Server) -> None:
    """A response that takes longer than until the next change is shown when it comes; the changes since are asked for
    afterwards."""
    page = console("time")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    held = hold(page, "**/records?**")
    look = seen(page, server.world)
    page.get_by_role("link", name="records").click()
    for _ in range(3):
        assert server.api("GET", "/units")[0] == 200
        look()
        look()
    assert len(held) == 1
    held[0].continue_()
    expect(page.get_by_role("table")).to_be_visible()
    look()
    assert len(held) == 2
    held[1].continue_()


def test_an_exchange_that_is_there_before_its_list(console: Console, server: Server) -> None:
    """A dialog that was opened before the list of exchanges has come stays open when it comes."""
    server.api("GET", "/units")
    page = console("time")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    held = hold(page, "**/journal?brief=true&last=**")
    page.goto(f"{server.url}/_sandbox/#/worlds/{server.world}/journal/1")
    page.get_by_role("button", name="Make a test of this").click()
    source = page.get_by_role("dialog", name="A test of this").get_by_label("Source of the test")
    expect(source).to_contain_text("assert response.status_code == 200")
    held[0].continue_()
    expect(page.get_by_text("1 exchange", exact=True)).to_be_visible()
    expect(source).to_be_visible()


def test_a_search_does_not_bring_a_user_back(console: Console, server: Server) -> None:
    """Who types and then goes elsewhere stays there."""
    page = console("records/appointments")
    page.clock.install()
    search = page.get_by_role("searchbox")
    search.wait_for()
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))
    search.fill("a")
    page.get_by_role("link", name="rules").click()
    expect(page).to_have_url(f"{server.url}/_sandbox/#/worlds/{server.world}/rules")
    page.clock.run_for(1000)
    expect(page).to_have_url(f"{server.url}/_sandbox/#/worlds/{server.world}/rules")
