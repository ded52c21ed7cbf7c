"""The page of faults: injecting them, what is injected, and what fired."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Console
from tests.browser.servers import Server


def injected(page: Page, fault: str) -> Locator:
    """The row of an injected fault."""
    return page.get_by_role("region", name="Injected faults").get_by_role("row").filter(has_text=fault)


def fired(page: Page) -> Locator:
    """The rows of calls that met a fault."""
    return page.get_by_role("region", name="Calls that met a fault").locator("tbody").get_by_role("row")


def faults(server: Server) -> list[dict[str, Any]]:
    """The faults of the world."""
    shown: list[dict[str, Any]] = server.control("GET", f"/worlds/{server.world}/faults")
    return shown


def test_a_fault_fires(console: Console, server: Server) -> None:
    """Injected by one click, it fires on the next call, whichever it is; the page shows it without a reload."""
    page = console("faults")
    expect(page.get_by_text("There is no fault in this world.")).to_be_visible()
    page.get_by_role("button", name="503", exact=True).click()
    row = injected(page, "fault-1")
    expect(row).to_contain_text("all calls")
    expect(row).to_contain_text("503 instead of the call")
    expect(row).to_contain_text("0 of 1")
    expect(page.get_by_text("No call has met a fault yet.")).to_be_visible()
    assert [server.api("GET", "/units")[0] for _ in range(2)] == [503, 200]
    expect(row).to_contain_text("1 of 1")
    expect(row).to_contain_text("used up")
    expect(fired(page)).to_have_count(1)
    expect(fired(page)).to_contain_text("list_units")
    expect(fired(page)).to_contain_text("fault-1: 503 instead of the call")
    expect(fired(page).get_by_role("link", name="1", exact=True)).to_have_attribute(
        "href", f"#/worlds/{server.world}/journal/1"
    )
    row.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("There is no fault in this world.")).to_be_visible()
    assert faults(server) == []


@pytest.mark.parametrize(
    ("name", "effects"),
    [
        ("503", {"status": 503}),
        ("429, Retry-After", {"status": 429, "retry_after": 2}),
        ("Response lost", {"drop": "after"}),
        ("Connection closed", {"drop": "before"}),
        ("Slow", {"latency_ms": 2000}),
        ("Broken JSON", {"malformed": True}),
    ],
)
def test_the_usual_faults(console: Console, server: Server, name: str, effects: dict[str, Any]) -> None:
    """Each is one click: on all calls once, or on every call of an operation."""
    page = console("faults")
    page.get_by_role("button", name=name, exact=True).click()
    expect(injected(page, "fault-1")).to_be_visible()
    page.get_by_label("Calls", exact=True).select_option("create_appointment")
    page.get_by_label("Fires", exact=True).select_option("on every call")
    page.get_by_role("button", name=name, exact=True).click()
    expect(injected(page, "fault-2")).to_contain_text("create_appointment")
    expect(injected(page, "fault-2")).to_contain_text("0, every call")
    first, second = faults(server)
    assert first == {"id": "fault-1", "times": 1, "after": 0, "fired": 0} | effects
    assert (
        second == {"id": "fault-2", "times": None, "after": 0, "fired": 0, "operation": "create_appointment"} | effects
    )


def test_operations_are_those_of_the_api(console: Console) -> None:
    """They are offered in both forms; those of the control plane are not."""
    page = console("faults")
    offered = page.get_by_label("Calls", exact=True).locator("option")
    expect(offered.filter(has_text="list_units")).to_have_count(1)
    expect(offered.filter(has_text="create_fault")).to_have_count(0)
    expect(page.locator("datalist option[value=list_units]")).to_have_count(1)


def test_a_fault_is_injected_by_the_form(console: Console, server: Server) -> None:
    """What is given is sent: which calls, when, and several effects."""
    page = console("faults")
    page.get_by_label("Method").select_option("GET")
    page.get_by_label("Path").fill("/api/v1/units")
    page.get_by_label("every call", exact=True).check()
    expect(page.get_by_label("Times")).to_be_disabled()
    page.get_by_label("after", exact=True).fill("1")
    page.get_by_label("Latency ms").fill("1")
    page.get_by_label("Malformed").select_option("true")
    page.get_by_label("Malformed").press("Tab")
    page.get_by_role("button", name="Inject").click()
    row = injected(page, "fault-1")
    expect(row).to_contain_text("GET /api/v1/units")
    expect(row).to_contain_text("the response comes 1 ms later; the body is not valid JSON")
    expect(row).to_contain_text("lets 1 call pass first")
    (fault,) = faults(server)
    assert (fault["times"], fault["after"], fault["latency_ms"], fault["malformed"]) == (None, 1, 1, True)
    assert server.api("GET", "/units")[0] == 200
    for _ in range(2):
        with pytest.raises(json.JSONDecodeError):
            server.api("GET", "/units")
    expect(fired(page)).to_have_count(2)
    expect(row).to_contain_text("2, every call")


@pytest.mark.parametrize(
    ("fields", "rule", "told"),
    [
        ({"operation": "zzz", "latency ms": "1"}, "fault.target", "There is no such operation"),
        ({"operation": "list_units"}, "fault.effect", "Give an effect"),
        ({"retry after": "1"}, "fault.effect", "retry_after requires status"),
    ],
)
def test_a_refused_fault_shows_its_rule(
    console: Console, server: Server, fields: dict[str, str], rule: str, told: str
) -> None:
    """The refusal has a link to its rule; once it is corrected, it goes."""
    console.allow("status of 400")
    page = console("faults")
    for label, text in fields.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Inject").click()
    expect(page.get_by_role("alert")).to_contain_text(told)
    expect(page.get_by_role("alert").get_by_role("link", name=rule)).to_have_attribute(
        "href", f"#/worlds/{server.world}/rules/{rule}"
    )
    assert faults(server) == []
    page.get_by_label("operation", exact=True).fill("list_units")
    page.get_by_label("status", exact=True).fill("502")
    page.get_by_role("button", name="Inject").click()
    expect(injected(page, "fault-1")).to_contain_text("502 instead of the call")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_all_faults_are_removed(console: Console, server: Server) -> None:
    """Those that other clients inject are shown, too."""
    page = console("faults")
    for status in (500, 503):
        server.control("POST", f"/worlds/{server.world}/faults", {"status": status})
    expect(injected(page, "fault-2")).to_be_visible()
    page.get_by_role("button", name="Remove all").click()
    expect(page.get_by_text("There is no fault in this world.")).to_be_visible()
    assert faults(server) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(
    console: Console, server: Server, check_axe: Callable[[Page], None], scheme: str
) -> None:
    """With faults injected and fired, in both schemes."""
    server.control("POST", f"/worlds/{server.world}/faults", {"operation": "list_units", "status": 503})
    server.api("GET", "/units")
    page = console("faults")
    page.emulate_media(color_scheme=scheme)
    expect(fired(page)).to_have_count(1)
    check_axe(page)


def test_the_page_fits_a_phone(
    console: Console, server: Server, context: BrowserContext, check_axe: Callable[[Page], None]
) -> None:
    """At 390 pixels nothing is wider than the screen, and the long form is folded."""
    server.control("POST", f"/worlds/{server.world}/faults", {"operation": "list_units", "drop": "after"})
    page = context.pages[0]
    page.set_viewport_size({"width": 390, "height": 844})
    console("faults")
    expect(injected(page, "fault-1")).to_be_visible()
    expect(page.get_by_label("Latency ms")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    check_axe(page)
