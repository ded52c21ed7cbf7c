"""The console's page of coverage: the axes, the items of one of them, and servers that collect none."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Console
from tests.browser.servers import Served, Server
from tests.support import CANCELLED_APPOINTMENT


def report_of(server: Server) -> Any:
    """The axes of what calls to the test's world met."""
    return server.control("GET", "/coverage", query={"worlds": server.world})["axes"]


def row(page: Page, name: str) -> Locator:
    """The row of an axis, or of an item."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def test_the_axes_count_without_a_reload(console: Console, server: Server, check_axe: Callable[[Page], None]) -> None:
    """Each axis has its counts, which follow the calls."""
    page = console("coverage")
    expect(row(page, "words")).to_contain_text("0 of 0")
    expect(page.get_by_role("region", name="Never called").get_by_role("listitem")).to_have_count(35)
    assert server.api("GET", "/profiles")[0] == 200
    assert server.api("DELETE", f"/appointments/{CANCELLED_APPOINTMENT}")[0] == 409
    for name, axis in report_of(server).items():
        expect(row(page, name)).to_contain_text(f"{axis['met']} of {axis['items']}")
        if name != "assumptions":
            expect(row(page, name).get_by_role("cell").nth(2)).to_have_text(str(axis["items"] - axis["met"]))
    expect(page.get_by_role("meter", name=re.compile("^responses: ")).first).to_be_visible()
    expect(page.get_by_role("region", name="Never called").get_by_role("listitem")).to_have_count(33)
    check_axe(page)


def test_the_items_of_an_axis(console: Console, server: Server, check_axe: Callable[[Page], None]) -> None:
    """Missing items come first, each with its next step; met ones with their tests; rules lead to their entries."""
    assert server.api("GET", "/units")[0] == 200
    page = console("coverage")
    row(page, "rules").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Coverage: rules")
    states = page.locator("table.items .status")
    listed = report_of(server)["rules"]["list"]
    expect(states).to_have_count(len(listed))
    shown = states.all_inner_texts()
    assert shown == sorted(shown, key=["missing", "met", "not counted"].index)
    missing = next(each for each in listed if each["id"] == "auth.key refused")
    expect(row(page, missing["id"])).to_contain_text(missing["next"])
    expect(row(page, "auth.key passed")).to_contain_text("met once")
    check_axe(page)
    row(page, "auth.key passed").get_by_role("link", name="auth.key").click()
    expect(page).to_have_url(re.compile(f"#/worlds/{server.world}/rules/auth.key$"))


def test_tests_that_met_an_item(console: Console, server: Server) -> None:
    """The names that calls bear are shown; more than three are folded."""
    names = [f"test_units.py::test_{number}" for number in range(5)]
    for name in names:
        assert server.api("GET", "/units", headers={"x-sandbox-test": name})[0] == 200
    page = console("coverage/responses?q=list_units+200")
    expect(page.locator("table.items tbody tr")).to_have_count(1)
    for name in names[:3]:
        expect(page.get_by_text(name)).to_be_visible()
    expect(page.get_by_text(names[4])).to_be_hidden()
    page.get_by_text("2 more tests").click()
    expect(page.get_by_text(names[4])).to_be_visible()


def test_items_are_filtered_by_the_address(console: Console, server: Server) -> None:
    """State and search are in the address, so that it alone shows the same."""
    assert server.api("GET", "/units")[0] == 200
    page = console("coverage/responses")
    page.get_by_role("link", name=re.compile("^missing ")).click()
    page.get_by_role("searchbox", name="Search").fill("list_units 403")
    rows = page.locator("table.items tbody tr")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile("state=missing.*q=list_units"))
    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="All axes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Coverage")


def test_a_boundary_shows_how_near_calls_came(console: Console, server: Server) -> None:
    """The closest distance of a side is in words."""
    assert server.api("GET", "/profiles?limit=0")[0] == 400
    page = console("coverage/boundaries?q=limit+1+below")
    expect(page.locator("table.items tbody tr")).to_contain_text("closest: 1 below")


def test_assumptions_that_calls_lean_on(console: Console, server: Server) -> None:
    """On this axis fewer is better: those that calls leaned on come first, with what was decided."""
    assert server.api("GET", "/profiles?unknown=1")[0] == 200
    page = console("coverage/assumptions")
    first = page.locator("table.items tbody tr").first
    expect(first).to_contain_text("leaned on")
    expect(first).to_contain_text("body.unknown-field")
    expect(first).to_contain_text("Unknown fields and query parameters are ignored.")


def test_worlds_whose_names_begin_the_same(console: Console, server: Server) -> None:
    """Calls to them are counted too; the page says so."""
    page = console("coverage")
    expect(page.get_by_role("heading", level=1)).to_have_text("Coverage")
    expect(page.get_by_text("are counted too")).to_have_count(0)
    other = server.make(f"{server.world}-b")
    page.reload()
    expect(page.get_by_text("are counted too")).to_have_text(
        f"Calls to {other} are counted too: its name begins with {server.world}."
    )


def test_an_unknown_axis(console: Console) -> None:
    """An axis that does not exist is told calmly, with the way back."""
    page = console("coverage/nothing")
    expect(page.get_by_role("main")).to_contain_text("There is no such axis.")
    expect(page.get_by_role("link", name="All axes")).to_be_visible()


def test_a_server_that_collects_none(
    context: BrowserContext, serve: Callable[..., Served], check_axe: Callable[[Page], None]
) -> None:
    """The page explains how coverage is switched on, without an error of the browser."""
    served = serve()
    page = context.new_page()
    page.goto(f"{served.url}/_sandbox/#/worlds/default/coverage")
    expect(page.get_by_role("main")).to_contain_text("Start it with serve --coverage")
    expect(page.get_by_role("alert")).to_have_count(0)
    check_axe(page)
