"""The frame of the console, and its list of worlds."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Console, Watch
from tests.browser.servers import Served, Server

TOKEN = "a-token-of-the-tests"
PAGES = ("time", "records", "journal", "faults", "rules", "coverage")
NO_SERVER = "The server does not respond. The page goes on trying."


def heading(page: Page) -> Locator:
    """The heading of a page."""
    return page.get_by_role("heading", level=1)


def row(page: Page, world: str) -> Locator:
    """The row of a world in the list."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=world, exact=True))


def test_all_tabs_are_seen_on_a_phone(console: Console) -> None:
    """The pages of a world fit in one line of 390 px, the chosen one included."""
    page = console("coverage")
    page.set_viewport_size({"width": 390, "height": 800})
    tabs = page.get_by_role("navigation", name="Pages of the world").get_by_role("link")
    expect(tabs).to_have_text(PAGES)
    for number in range(len(PAGES)):
        expect(tabs.nth(number)).to_be_in_viewport(ratio=1)


# Worlds


def test_the_worlds_are_listed(console: Console, server: Server) -> None:
    """Each world has its clock, its size, its calls and its origin; a call counts without a reload."""
    other = server.make(f"{server.world}-b", seed=7, clock="2026-05-01T09:00:00Z")
    page = console()
    expect(heading(page)).to_have_text("Worlds")
    expect(row(page, server.world)).to_contain_text("Mon 13 Apr 2026, 08:00:00 frozen")
    expect(row(page, other)).to_contain_text("Fri 1 May 2026, 09:00:00 frozen")
    expect(row(page, other)).to_contain_text("default, seed 7")
    size = server.control("GET", f"/worlds/{other}")["size"]
    cells = row(page, other).get_by_role("cell")
    expect(cells.nth(1)).to_have_text(f"{size:,}")
    expect(cells.nth(2)).to_have_text("0")
    expect(cells.nth(3)).to_have_text("never")
    assert server.api("GET", "/units", world=other)[0] == 200
    expect(cells.nth(2)).to_have_text("1")
    expect(cells.nth(3)).not_to_have_text("never")
    row(page, other).get_by_role("link").click()
    expect(page).to_have_url(re.compile(f"#/worlds/{other}/time$"))


def test_many_worlds_can_be_searched(console: Console, server: Server) -> None:
    """With more than ten worlds, the list can be searched by their names; the search is part of the address. A long
    name leaves the other columns their room."""
    names = [
        server.make(f"{server.world}-{number}".ljust(64, "w") if number == 7 else f"{server.world}-{number}")
        for number in range(11)
    ]
    page = console()
    page.get_by_role("searchbox", name="Search the names of worlds").fill(f"{server.world}-7")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(row(page, names[7])).to_be_visible()
    expect(page.get_by_text(re.compile("^1 of [0-9]+ worlds$"))).to_be_visible()
    expect(page).to_have_url(re.compile(f"#/worlds\\?search={server.world}-7$"))
    clock = row(page, names[7]).get_by_role("time").bounding_box()
    assert clock is not None
    assert clock["height"] < 40
    page.get_by_role("searchbox", name="Search the names of worlds").fill("")
    expect(row(page, server.world)).to_be_visible()


def test_very_many_worlds_come_in_parts(console: Console, server: Server) -> None:
    """A list of hundreds of worlds shows those that were called last; a button adds others."""
    names = [server.make(f"{server.world}-{number}") for number in range(205)]
    assert server.api("GET", "/units", world=names[-1])[0] == 200
    page = console(f"#/worlds?search={server.world}-")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(200)
    expect(rows.first).to_contain_text(names[-1])
    expect(page.get_by_text(re.compile("^205 of [0-9]+ worlds$"))).to_be_visible()
    page.get_by_role("button", name="Show 5 more").click()
    expect(rows).to_have_count(205)


def test_a_world_is_made_by_a_form(console: Console, server: Server) -> None:
    """Fixture, seed, clock and settings of the form are those of the world, which is opened."""
    name = f"{server.world}-made"
    page = console()
    page.get_by_role("button", name="New world").click()
    form = page.get_by_role("dialog", name="New world")
    form.get_by_role("button", name="Make the world").click()
    expect(form.get_by_role("alert")).to_have_text("name is required.")
    form.get_by_label(re.compile("^name")).fill(name)
    form.get_by_label("fixture").select_option("large")
    form.get_by_label("seed").fill("12")
    form.get_by_label("clock").fill("2026-07-01T10:00:00Z")
    form.get_by_label("taken slots").select_option("refuse")
    form.get_by_label("lab quick hours").fill("2")
    form.get_by_role("button", name="Make the world").click()
    expect(page).to_have_url(re.compile(f"#/worlds/{name}/time$"))
    expect(page.get_by_test_id("now")).to_have_text("Wed 1 Jul 2026, 10:00:00 UTC frozen")
    made = server.control("GET", f"/worlds/{name}")
    assert (made["fixture"], made["seed"], made["clock"]["mode"]) == ("large", 12, "frozen")
    settings = server.control("GET", f"/worlds/{name}/settings")
    assert (settings["taken_slots"], settings["lab_quick_hours"]) == ("refuse", 2)


def test_what_the_server_refuses_is_shown_in_the_form(console: Console) -> None:
    """A refusal is told below the form, with its rule, and can be seen there; what was typed stays. The focus is in the
    first field from the start."""
    console.allow("status of 400")
    page = console()
    page.get_by_role("button", name="New world").click()
    form = page.get_by_role("dialog", name="New world")
    expect(form.get_by_label(re.compile("^name"))).to_be_focused()
    page.keyboard.type("Not A Name")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("1 to 64 characters")
    expect(form.get_by_role("alert")).to_be_in_viewport(ratio=1)
    expect(form.get_by_role("alert").get_by_role("link", name="world.name")).to_be_visible()
    expect(form.get_by_label(re.compile("^name"))).to_have_value("Not A Name")
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    expect(page.get_by_role("button", name="New world")).to_be_focused()


def test_a_world_is_reset(console: Console, server: Server) -> None:
    """Reset asks first, then brings the world back to its start, without its journal, and says so."""
    server.control("POST", f"/worlds/{server.world}/clock/advance", {"seconds": 3600})
    assert server.api("GET", "/units")[0] == 200
    page = console()
    expect(row(page, server.world)).to_contain_text("09:00:00")
    row(page, server.world).get_by_role("button", name="Reset").click()
    page.get_by_role("dialog", name=f"Reset {server.world}?").get_by_role("button", name="Reset").click()
    expect(page.get_by_text(f"Reset {server.world}.")).to_be_visible()
    expect(row(page, server.world)).to_contain_text("08:00:00")
    assert server.control("GET", f"/worlds/{server.world}/journal")["exchanges"] == []


def test_a_world_is_dropped(console: Console, server: Server) -> None:
    """Drop asks first; closing the question drops nothing."""
    other = server.make(f"{server.world}-b")
    page = console()
    question = page.get_by_role("dialog", name=f"Drop {other}?")
    row(page, other).get_by_role("button", name="Drop").click()
    question.get_by_role("button", name="Close").click()
    expect(question).to_be_hidden()
    assert other in [world["name"] for world in server.control("GET", "/worlds")]
    row(page, other).get_by_role("button", name="Drop").click()
    question.get_by_role("button", name="Drop").click()
    expect(row(page, other)).to_have_count(0)
    assert other not in [world["name"] for world in server.control("GET", "/worlds")]
    expect(row(page, server.world)).to_be_visible()


def test_a_key_is_copied(console: Console, server: Server, context: BrowserContext) -> None:
    """The key of a world is in the clipboard after a click."""
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    page = console()
    row(page, server.world).get_by_role("button", name="Copy key").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"sbx_{server.world}"


# Addresses


@pytest.mark.parametrize("name", PAGES)
def test_pages_can_be_opened_by_their_addresses(console: Console, server: Server, name: str) -> None:
    """The address of a page shows it at once, with its world, its tab and a title."""
    page = console(name)
    expect(heading(page)).to_have_text(re.compile(f"^{name}$", re.IGNORECASE))
    expect(page.get_by_role("banner")).to_contain_text(server.world)
    tabs = page.get_by_role("navigation", name="Pages of the world")
    expect(tabs.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
    expect(page).to_have_title(re.compile(f"^{server.world} · {name} – "))


@pytest.mark.parametrize("name", PAGES)
def test_the_tab_of_the_page_is_in_view(console: Console, name: str) -> None:
    """On a narrow screen, where the tabs scroll, the current one can be seen."""
    page = console("time")
    page.set_viewport_size({"width": 390, "height": 844})
    tab = page.get_by_role("navigation", name="Pages of the world").get_by_role("link", name=name)
    tab.click()
    expect(heading(page)).to_have_text(name.capitalize())
    expect(tab).to_be_in_viewport(ratio=1)
    page.reload()
    expect(tab).to_be_in_viewport(ratio=1)


def test_the_back_button(console: Console, server: Server) -> None:
    """Back and forward lead through the pages as they were looked at."""
    page = console()
    row(page, server.world).get_by_role("link").click()
    tabs = page.get_by_role("navigation", name="Pages of the world")
    for name in ("rules", "faults"):
        tabs.get_by_role("link", name=name).click()
        expect(heading(page)).to_have_text(name.capitalize())
    for name in ("Rules", "Time", "Worlds"):
        page.go_back()
        expect(heading(page)).to_have_text(name)
    page.go_forward()
    expect(heading(page)).to_have_text("Time")


def test_the_root_leads_to_the_console(console: Console) -> None:
    """The server's first page is the console's list of worlds."""
    page = console("/")
    expect(page).to_have_url(re.compile("/_sandbox/$"))
    expect(heading(page)).to_have_text("Worlds")


def test_unknown_pages_and_worlds(console: Console, server: Server) -> None:
    """A page or a world that does not exist is told, with a way on; it appears when it is made."""
    page = console("nothing")
    expect(page.get_by_text("There is no such page.")).to_be_visible()
    console.allow("status of 404")
    other = f"{server.world}-b"
    console("time", world=other)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("link", name="Choose a world, or make one")).to_be_visible()
    server.make(other)
    expect(page.get_by_test_id("now")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_two_tabs_on_two_worlds(console: Console, server: Server, context: BrowserContext) -> None:
    """Each tab follows its own world."""
    other = server.make(f"{server.world}-b")
    first = console("time")
    second = context.new_page()
    second.goto(f"{server.url}/_sandbox/#/worlds/{other}/time")
    expect(second.get_by_test_id("now")).to_contain_text("08:00:00")
    server.control("POST", f"/worlds/{other}/clock/advance", {"seconds": 3600})
    expect(second.get_by_test_id("now")).to_contain_text("09:00:00")
    expect(first.get_by_test_id("now")).to_contain_text("08:00:00")
    server.control("POST", f"/worlds/{server.world}/clock/advance", {"seconds": 7200})
    expect(first.get_by_test_id("now")).to_contain_text("10:00:00")
    expect(second.get_by_test_id("now")).to_contain_text("09:00:00")
    # A link without a world leads to that which this tab looked at last.
    for tab, world in ((first, server.world), (second, other)):
        tab.goto(f"{server.url}/_sandbox/#/faults")
        expect(tab).to_have_url(re.compile(f"#/worlds/{world}/faults$"))


# Token


def test_a_token_is_asked_for_once_a_tab(
    context: BrowserContext, watch: Watch, serve: Callable[..., Served], check_axe: Callable[[Page], None]
) -> None:
    """A wrong token is said; the right one is kept for this tab, not for others."""
    watch.allow("status of 401")
    served = serve(token=TOKEN)
    page = context.new_page()
    page.goto(f"{served.url}/_sandbox/")
    dialog = page.get_by_role("dialog", name="Token")
    expect(dialog.get_by_label("Token")).to_be_focused()
    check_axe(page)
    expect(dialog.get_by_role("alert")).to_have_count(0)
    dialog.get_by_label("Token").fill("another")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("The server does not accept this token.")
    expect(dialog.get_by_label("Token")).to_have_value("")
    dialog.get_by_label("Token").fill(f" {TOKEN} ")
    dialog.get_by_role("button", name="Use this token").click()
    expect(row(page, "default")).to_be_visible()
    expect(dialog).to_have_count(0)
    page.reload()
    row(page, "default").get_by_role("link").click()
    for name in PAGES:
        page.get_by_role("navigation", name="Pages of the world").get_by_role("link", name=name).click()
        expect(heading(page)).to_have_text(name.capitalize())
        expect(dialog).to_have_count(0)
    tab = context.new_page()
    tab.goto(f"{served.url}/_sandbox/#/worlds/default/rules")
    expect(tab.get_by_role("dialog", name="Token")).to_be_visible()
    assert TOKEN not in tab.content()
    assert not any(TOKEN in address for address in watch.requests)


def test_nothing_is_shown_without_the_token(
    context: BrowserContext, watch: Watch, serve: Callable[..., Served]
) -> None:
    """Closing the question asks again: the console has nothing to show."""
    watch.allow("status of 401")
    page = context.new_page()
    page.goto(f"{serve(token=TOKEN).url}/_sandbox/")
    dialog = page.get_by_role("dialog", name="Token")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(0)


# A server that goes and comes


def test_a_server_that_goes_and_comes(context: BrowserContext, watch: Watch, serve: Callable[..., Served]) -> None:
    """Without the server the page says so and keeps what it shows; when it is back, the page goes on by itself."""
    watch.allow("ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET")
    served = serve()
    page = context.new_page()
    page.goto(f"{served.url}/_sandbox/#/worlds/default/journal")
    assert served.api("GET", "/units")[0] == 200
    expect(page.get_by_text("list_units").last).to_be_visible()
    served.stop()
    expect(page.get_by_text(NO_SERVER).first).to_be_visible()
    expect(page.get_by_test_id("now")).to_be_visible()
    served.start()
    expect(page.get_by_text(NO_SERVER)).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text="list_units")).to_have_count(0)
    assert served.api("GET", "/locations")[0] == 200
    expect(page.get_by_text("list_locations").last).to_be_visible()


def test_a_list_of_worlds_whose_server_goes_and_comes(
    context: BrowserContext, watch: Watch, serve: Callable[..., Served]
) -> None:
    """So does the list of worlds."""
    watch.allow("ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET")
    served = serve()
    page = context.new_page()
    page.goto(f"{served.url}/_sandbox/")
    expect(row(page, "default")).to_be_visible()
    served.stop()
    expect(page.get_by_text(NO_SERVER)).to_be_visible()
    served.start()
    expect(page.get_by_text(NO_SERVER)).to_have_count(0)
    expect(row(page, "default")).to_be_visible()
