"""The focus stays where the keyboard is, or near it, whatever becomes of the element that has it."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Console
from tests.browser.servers import Server


def press(button: Locator) -> None:
    """Press a button with the keyboard."""
    button.focus()
    button.page.keyboard.press("Enter")


def test_a_button_keeps_the_focus(console: Console, server: Server) -> None:
    """What was done once can be done again with the same key."""
    page = console("time")
    advance = page.get_by_role("button", name="+ 1 h")
    press(advance)
    expect(page.get_by_role("main")).to_contain_text("Moved by 1 h.")
    expect(advance).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("banner")).to_contain_text("10:00:00 UTC")
    expect(advance).to_be_focused()
    assert server.control("GET", f"/worlds/{server.world}/clock")["now"] == "2026-04-13T10:00:00Z"


def test_a_button_that_works_does_nothing_more(console: Console, server: Server) -> None:
    """Keys that are pressed before the response has come are ignored."""
    page = console("faults")
    button = page.get_by_role("button", name="503")
    button.focus()
    page.evaluate("() => { for (let count = 0; count < 3; count += 1) document.activeElement.click(); }")
    expect(page.get_by_role("status").filter(has_text="Injected fault-1.")).to_be_visible()
    assert len(server.control("GET", f"/worlds/{server.world}/faults")) == 1


@pytest.mark.parametrize("name", ["Remove all", "Remove fault-1"])
def test_what_is_around_a_removed_button_gets_the_focus(console: Console, server: Server, name: str) -> None:
    """The heading of the nearest part of the page that is still there."""
    server.control("POST", f"/worlds/{server.world}/faults", {"status": 503})
    page = console("faults")
    press(page.get_by_role("button", name=name))
    expect(page.get_by_role("heading", name="Injected")).to_be_focused()


def test_what_opened_a_dialog_gets_the_focus_back(console: Console, server: Server) -> None:
    """However the dialog is closed; if it is gone, what was around it."""
    name = server.make(f"{server.world}-other")
    page = console()
    drop = row(page, name).get_by_role("button", name="Drop")
    press(drop)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(drop).to_be_focused()
    press(drop)
    press(dialog.get_by_role("button", name="Drop"))
    expect(row(page, name)).to_have_count(0)
    expect(page.get_by_role("heading", name="Worlds")).to_be_focused()


def test_a_page_that_is_followed_takes_no_focus(console: Console, server: Server) -> None:
    """What goes away while the focus is elsewhere, or was taken from it by the user, moves nothing."""
    server.control("POST", f"/worlds/{server.world}/faults", {"status": 503})
    page = console("faults")
    button = page.get_by_role("button", name="Remove all")
    button.focus()
    page.evaluate("document.activeElement.blur()")
    server.control("DELETE", f"/worlds/{server.world}/faults")
    expect(button).to_have_count(0)
    assert page.evaluate("document.activeElement === document.body")


def row(page: Page, name: str) -> Locator:
    """The row of a world in the list."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))
