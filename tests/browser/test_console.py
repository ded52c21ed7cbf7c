"""The frame of the console, and its list of worlds."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.servers import Server


def test_the_worlds_are_listed(console: Console, server: Server, check_axe: Callable[[Page], None]) -> None:
    """The list of worlds has the test's own."""
    page = console()
    expect(page.get_by_role("heading", level=1)).to_have_text("Worlds")
    expect(page.get_by_role("link", name=server.world)).to_be_visible()
    check_axe(page)
