"""The journal in the console: live, with filters, and an exchange with why it was refused."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Console
from tests.browser.servers import Server, send
from tests.browser.test_console_curl import send_bytes

PROFILE = "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"
LOCATION = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"
BOOKING = {"profile_id": PROFILE, "location_id": LOCATION, "scheduled_at": "2026-04-15T10:30:00+02:00"}
LATE = BOOKING | {"scheduled_at": "2026-04-13T09:30:00+02:00"}
NARROW = {"width": 390, "height": 800}


def lines(page: Page) -> Locator:
    """The lines of the journal."""
    return page.get_by_role("table", name="Exchanges, newest first").locator("tbody tr")


def opened(page: Page, number: int) -> Locator:
    """The opened exchange."""
    return page.get_by_role("region", name=f"Exchange {number}", exact=True)


def meet_all(server: Server) -> None:
    """Five calls: booked, refused, not found, with a hint, with a fault."""
    server.api("POST", "/appointments", BOOKING)
    server.api("POST", "/appointments", LATE)
    server.api("GET", f"/appointments/{LOCATION}")
    server.api("PATCH", f"/profiles/{PROFILE}", {"heigth": 171})
    server.control("POST", f"/worlds/{server.world}/faults", {"operation": "list_locations", "status": 503})
    server.api("GET", "/locations")


# Live


def test_a_call_appears_without_reload(console: Console, server: Server) -> None:
    """What is called while the page is open appears on top, with what it met."""
    page = console("journal")
    expect(page.get_by_text("Nothing has been called yet.")).to_be_visible()
    page.evaluate("window.here = true")
    server.api("POST", "/appointments", BOOKING)
    expect(lines(page)).to_have_count(1)
    expect(lines(page).first).to_contain_text("201")
    expect(lines(page).first).to_contain_text("create_appointment")
    server.api("POST", "/appointments", LATE)
    expect(lines(page)).to_have_count(2)
    expect(lines(page).first.get_by_role("link", name="POST /api/v1/appointments")).to_be_visible()
    expect(lines(page).first).to_contain_text("400")
    expect(lines(page).first.get_by_role("link", name="appointment.future")).to_be_visible()
    expect(page.get_by_text("2 exchanges")).to_be_visible()
    assert page.evaluate("window.here")


def test_only_what_is_new_is_fetched(console: Console, server: Server) -> None:
    """After the first time, the journal is asked for what came after."""
    server.api("GET", "/locations")
    page = console("journal")
    expect(lines(page)).to_have_count(1)
    with page.expect_request(re.compile(r"/journal\?")) as request:
        server.api("GET", "/panels")
    assert request.value.url.partition("?")[2] == "brief=true&after=0"  # the newest that is known is compared
    expect(lines(page)).to_have_count(2)


@pytest.mark.parametrize("end", ["clear", "reset", "replace"])
def test_a_journal_that_began_anew(console: Console, server: Server, end: str) -> None:
    """Where the journal is cleared, or the world is reset or replaced, the old lines are gone, the new ones there."""
    page = console("journal")
    for _ in range(3):
        server.api("GET", "/locations")
    expect(lines(page)).to_have_count(3)
    world = f"/worlds/{server.world}"
    match end:
        case "clear":
            server.control("DELETE", f"{world}/journal")
        case "reset":
            server.control("POST", f"{world}/reset")
        case "replace":
            server.control("PUT", world, {})
    for _ in range(4):
        server.api("GET", "/panels")  # as many as before, and one more
    expect(lines(page)).to_have_count(4)
    expect(page.get_by_role("table").get_by_text("list_locations")).to_have_count(0)


def test_the_journal_is_cleared(console: Console, server: Server) -> None:
    """Cleared, it is empty, and an exchange that was opened is closed."""
    server.api("GET", "/locations")
    page = console("journal/1")
    expect(opened(page, 1)).to_be_visible()
    page.get_by_role("button", name="Clear the journal").click()
    expect(page.get_by_text("The journal is empty.")).to_be_visible()
    expect(opened(page, 1)).to_have_count(0)
    assert server.control("GET", f"/worlds/{server.world}/journal")["exchanges"] == []


def test_two_tabs(console: Console, server: Server, context: BrowserContext) -> None:
    """Both tabs show a call; each has its own filters and its own opened exchange."""
    first = console("journal")
    second = context.new_page()
    second.goto(f"{server.url}/_sandbox/#/worlds/{server.world}/journal?status=4xx")
    server.api("POST", "/appointments", BOOKING)
    server.api("POST", "/appointments", LATE)
    expect(lines(first)).to_have_count(2)
    expect(lines(second)).to_have_count(1)
    lines(second).first.click()
    expect(opened(second, 2)).to_be_visible()
    expect(opened(first, 2)).to_have_count(0)
    second.get_by_role("button", name="Clear the journal").click()
    expect(first.get_by_text("The journal is empty.")).to_be_visible()


def test_a_long_journal_comes_in_parts(console: Console, server: Server) -> None:
    """The newest 200 are shown, and the older ones on demand, or when one of them is opened."""
    for _ in range(202):
        server.api("GET", "/panels")
    page = console("journal")
    expect(lines(page)).to_have_count(200)
    expect(page.get_by_text("202 exchanges")).to_be_visible()
    page.get_by_role("button", name="Show 2 older").click()
    expect(lines(page)).to_have_count(202)
    page = console("journal/2")
    expect(lines(page)).to_have_count(201)


# Filters


CHOSEN: dict[str, list[int]] = {
    "": [5, 4, 3, 2, 1],
    "search=patch%20heigth": [],
    "search=PATCH": [4],
    f"search=get%20{LOCATION[:8]}": [3],
    "search=%235": [5],
    "operation=create_appointment": [2, 1],
    "status=400": [2],
    "status=4xx": [3, 2],
    "status=2xx": [4, 1],
    "status=5xx": [5],
    "rule=appointment.future": [2],
    "only=refused": [3, 2],
    "only=hints": [4, 3],
    "only=faults": [5],
    "status=4xx&operation=create_appointment": [2],
    f"search={PROFILE}": [4, 2, 1],  # in their bodies
    f"search=post%20{PROFILE}": [],
    "operation=no_such": [],
}
"""The numbers of the listed exchanges by the filters in the address."""


def test_filters_of_a_link(console: Console, server: Server) -> None:
    """A link leads to the lines that its filters choose."""
    meet_all(server)
    page = console("journal")
    for filters, numbers in CHOSEN.items():
        page.evaluate("(place) => { location.hash = place; }", f"#/worlds/{server.world}/journal?{filters}")
        expect(
            page.get_by_text(f"{len(numbers)} of 5 exchanges" if filters else "5 exchanges", exact=True)
        ).to_be_visible()
        expect(lines(page).locator("td.n")).to_have_text([str(number) for number in numbers])


def test_filters_are_kept_in_the_address(console: Console, server: Server) -> None:
    """What is chosen stands in the address: it outlives a reload, and goes with an opened exchange."""
    meet_all(server)
    page = console("journal")
    page.get_by_role("searchbox", name="Search in method, path and ids").fill("appointments")
    expect(page.get_by_text("3 of 5 exchanges")).to_be_visible()
    page.get_by_role("combobox", name="Status").select_option("4xx")
    expect(page.get_by_text("2 of 5 exchanges")).to_be_visible()
    assert page.url.endswith("/journal?search=appointments&status=4xx")
    page.reload()
    expect(page.get_by_text("2 of 5 exchanges")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("appointments")
    expect(page.get_by_role("combobox", name="Status")).to_have_value("4xx")
    lines(page).first.click()
    expect(opened(page, 3)).to_be_visible()
    assert page.url.endswith("/journal/3?search=appointments&status=4xx")
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_text("5 exchanges")).to_be_visible()
    assert page.url.endswith("/journal/3")


# An exchange


def test_a_refusal_is_opened_and_read(console: Console, server: Server, check_axe: Callable[[Page], None]) -> None:
    """A click opens an exchange: why it was refused, what it was held against, and one more leads to the rule."""
    server.api("POST", "/appointments", LATE)
    page = console("journal")
    lines(page).first.click()
    exchange = opened(page, 1)
    expect(exchange.get_by_role("heading", name="Why it was refused")).to_be_visible()
    expect(exchange.get_by_text("scheduled_at must be in the future", exact=True).first).to_be_visible()
    expect(exchange).to_contain_text("persona full")
    weighed = exchange.get_by_role("region", name="Rules that were weighed").get_by_role(
        "row", name="appointment.future"
    )
    expect(weighed).to_contain_text("refused")
    expect(weighed).to_contain_text("30 minutes below the boundary")
    check_axe(page)
    exchange.get_by_role("listitem").get_by_role("link", name="appointment.future").click()
    expect(page).to_have_url(re.compile(rf"#/worlds/{server.world}/rules/appointment\.future$"))


def test_bodies_are_shown_pretty_and_raw(console: Console, server: Server) -> None:
    """A body is formatted, without a change in its numbers, or shown as it was sent."""
    raw = '{"height":170.50, "weight":65,"note":"\\u003cscript>alert(1)</script> \u202eabc"}'.encode()
    send_bytes(server, "PATCH", f"/profiles/{PROFILE}", raw)
    page = console("journal/1")
    body = opened(page, 1).get_by_label("Request body")
    shown = '{\n  "height": 170.50,\n  "weight": 65,\n  "note": "\\u003cscript>alert(1)</script> \\u202eabc"\n}'
    assert body.text_content() == shown
    page.get_by_role("button", name="Raw").click()
    expect(body).to_contain_text("170.50, ")
    assert body.text_content() == raw.decode()
    expect(opened(page, 1)).to_contain_text(f"{len(raw)} bytes")


TEXTS = ["{}", "[ ]", "[{},[]]", '{"a":[1,{"b":"}]\\"{"}],"a":1e999}', '"x"', "12345678901234567890", "null"]


def test_the_beginning_of_a_long_body_is_pretty(console: Console, server: Server) -> None:
    """A body that was not kept whole says so; what is there has a line for each value, up to where it was cut. The
    operation leads to the reference."""
    server.api("GET", "/biomarkers")
    exchange = opened(console("journal/1"), 1)
    expect(exchange).to_contain_text("The body was not kept whole.")
    body = exchange.get_by_label("Response body")
    expect(body).to_contain_text(re.compile(r'^\[\n  \{\n    "id": 1,\n'))
    pretty = body.inner_text()
    exchange.get_by_role("button", name="Raw").click()
    expect(body).to_contain_text(re.compile(r'^\[\{"id":1,'))
    assert re.sub(r"\s", "", pretty) == re.sub(r"\s", "", body.inner_text())
    expect(exchange.get_by_role("link", name="list_biomarkers")).to_have_attribute(
        "href", f"/docs?world={server.world}#/Catalogue/list_biomarkers"
    )


def test_formatting_changes_only_whitespace(console: Console) -> None:
    """Formatted JSON has the same tokens, strings with brackets in them, names that stand twice and all digits."""
    page = console("journal")
    made = "async (texts) => texts.map((await import('/_sandbox/console/exchange-bodies.js')).indented)"
    formatted = page.evaluate(made, TEXTS)
    assert [re.sub(r"\s", "", each) for each in formatted] == [re.sub(r"\s", "", text) for text in TEXTS]
    assert formatted[3] == '{\n  "a": [\n    1,\n    {\n      "b": "}]\\"{"\n    }\n  ],\n  "a": 1e999\n}'


def test_fault_hint_and_clause(console: Console, server: Server) -> None:
    """A fault, a hint and an undocumented clause are told of."""
    meet_all(server)
    page = console("journal/5")
    expect(opened(page, 5).get_by_role("heading", name="Fault")).to_be_visible()
    expect(opened(page, 5)).to_contain_text("status=503")
    page = console("journal/4")
    expect(opened(page, 4).get_by_role("heading", name="Hints")).to_be_visible()
    expect(opened(page, 4)).to_contain_text("heigth")
    page = console("journal/3")
    clause = opened(page, 3).get_by_role("listitem").get_by_role("link").filter(has_text="/").first
    identifier = clause.inner_text()
    clause.click()
    expect(page).to_have_url(re.compile(rf"/rules/{identifier.replace('/', '%2F')}$"))


def test_events_are_linked_to_their_records(console: Console, server: Server) -> None:
    """What happened during a call is listed, with a link to its record."""
    world = f"/worlds/{server.world}"
    (event, *_) = server.control("GET", f"{world}/agenda")
    target = next(value for name, value in event.items() if name.endswith("_id"))
    early = datetime.fromisoformat(event["time"]) - timedelta(milliseconds=10)
    server.control("PUT", f"{world}/clock", {"mode": "real", "now": early.isoformat()})
    exchange: dict[str, Any] = {"events": []}
    while not exchange["events"]:  # for 10 ms
        server.api("GET", "/panels")
        (exchange,) = server.control("GET", f"{world}/journal", query={"last": 1})["exchanges"]
    page = console(f"journal/{exchange['number']}")
    events = opened(page, exchange["number"]).get_by_role("listitem").filter(has_text=event["type"])
    expect(events).to_have_count(1)
    events.get_by_role("link", name=target).click()
    expect(page).to_have_url(re.compile(rf"/records/\w+/{target}$"))


def test_again(console: Console, server: Server) -> None:
    """A call is sent again, and its new exchange is opened."""
    server.api("POST", "/appointments", LATE, persona="scheduler")
    page = console("journal/1")
    page.get_by_role("button", name="Again").click()
    expect(opened(page, 2)).to_contain_text("scheduled_at must be in the future")
    expect(opened(page, 2)).to_contain_text("persona scheduler")
    expect(lines(page)).to_have_count(2)


def test_what_cannot_be_sent_again_is_explained(console: Console, server: Server) -> None:
    """A call whose body was not kept whole is refused with the reason."""
    console.allow("status of 409")
    server.api("POST", "/appointments", {"profile_id": "x" * 9000})
    page = console("journal/1")
    page.get_by_role("button", name="Again").click()
    expect(opened(page, 1).get_by_role("alert")).to_contain_text("cannot be sent again")
    expect(opened(page, 1).get_by_role("alert").get_by_role("link", name="journal.repeat")).to_be_visible()


def test_an_exchange_that_is_not_there(console: Console, server: Server) -> None:
    """A number that the journal does not have, or that is none, is said to be missing."""
    server.api("GET", "/panels")
    for place in ("journal/9", "journal/x"):
        page = console(place)
        expect(page.get_by_text("The journal does not have this exchange.")).to_be_visible()


# Keys, and windows of all widths


def test_keys_lead_through_the_list(console: Console, server: Server) -> None:
    """The list is one stop of the Tab key; arrows lead through it, Enter opens, Escape closes."""
    meet_all(server)
    page = console("journal")
    link = lines(page).get_by_role("link")
    lines(page).nth(0).get_by_role("link").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(lines(page).nth(2).get_by_role("link").first).to_be_focused()
    page.keyboard.press("Home")
    expect(lines(page).nth(0).get_by_role("link").first).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(opened(page, 1)).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(opened(page, 2)).to_be_visible()
    page.keyboard.press("Tab")
    expect(link.filter(has_text="appointment.future")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(opened(page, 3)).to_be_visible()
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+ArrowDown")
    expect(opened(page, 1)).to_be_visible()
    page.keyboard.press("Alt+ArrowDown")
    expect(opened(page, 1)).to_be_visible()
    page.keyboard.press("Escape")
    expect(opened(page, 1)).to_have_count(0)
    expect(lines(page).nth(4).get_by_role("link").first).to_be_focused()


def test_newer_and_older_follow_the_filters(console: Console, server: Server) -> None:
    """The neighbours of an exchange are those of the list."""
    meet_all(server)
    page = console("journal/3?operation=create_appointment")
    expect(page.get_by_role("link", name="Newer")).to_be_disabled()
    page.get_by_role("link", name="Older").click()
    expect(opened(page, 2)).to_be_visible()
    page.get_by_role("link", name="Older").click()
    expect(opened(page, 1)).to_be_visible()
    expect(page.get_by_role("link", name="Older")).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_window(
    console: Console, server: Server, page: Page, check_axe: Callable[[Page], None], scheme: Any
) -> None:
    """At 390 px, the list and an exchange are pages of their own, which do not scroll sideways."""
    meet_all(server)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)
    console("journal")
    expect(lines(page)).to_have_count(5)
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(fits)
    check_axe(page)
    lines(page).nth(3).get_by_role("link").first.press("Enter")
    expect(opened(page, 2).get_by_role("heading", level=2)).to_be_focused()
    expect(lines(page).first).to_be_hidden()
    expect(opened(page, 2).get_by_label("Response body")).to_be_visible()
    assert page.evaluate(fits)
    check_axe(page)
    page.get_by_role("link", name="Close").click()
    expect(lines(page).nth(3).get_by_role("link").first).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_wide_window(
    console: Console, server: Server, page: Page, check_axe: Callable[[Page], None], scheme: Any
) -> None:
    """At 1,440 px, the exchange stands beside the list."""
    meet_all(server)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme=scheme)
    console("journal/2")
    expect(opened(page, 2).get_by_label("Response body")).to_be_visible()
    list_box, exchange_box = lines(page).first.bounding_box(), opened(page, 2).bounding_box()
    assert list_box is not None
    assert exchange_box is not None
    assert list_box["x"] + list_box["width"] <= exchange_box["x"]
    check_axe(page)


# Files, tests, and calls that reached no world


def test_the_archive_is_saved(console: Console, server: Server, tmp_path: Path) -> None:
    """The listed exchanges are saved as an HTTP archive."""
    meet_all(server)
    page = console("journal?status=4xx")
    expect(lines(page)).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download HAR").click()
    assert download.value.suggested_filename == f"{server.world}.har"
    download.value.save_as(tmp_path / "x.har")
    log = json.loads((tmp_path / "x.har").read_text(encoding="utf-8"))["log"]
    assert (log["version"], [entry["_number"] for entry in log["entries"]]) == ("1.2", [2, 3])


def test_a_test_is_made(
    console: Console, server: Server, context: BrowserContext, check_axe: Callable[[Page], None]
) -> None:
    """A test of an exchange, with what it needs, is shown and copied."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    _, _, booked = server.api("POST", "/appointments", BOOKING)
    server.api("GET", "/panels")
    server.api("GET", f"/appointments/{booked['id']}")
    page = console("journal/3")
    page.get_by_role("button", name="Make a test of this").click()
    dialog = page.get_by_role("dialog", name="A test of this")
    expect(dialog.get_by_label("Source of the test")).to_contain_text("assert response.status_code == 201")
    expect(dialog.get_by_label("Source of the test")).not_to_contain_text("/panels")
    check_axe(page)
    dialog.get_by_role("button", name="Copy the test").click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("Copied.")
    source = page.evaluate("navigator.clipboard.readText()")
    compile(source, "test_copied.py", "exec")
    assert source.endswith("assert response.status_code == 200\n")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opened(page, 3)).to_be_visible()


def test_a_test_of_the_list_is_made(console: Console, server: Server) -> None:
    """A test of the list makes the listed calls, whatever the filter."""
    meet_all(server)
    page = console("journal?status=4xx&search=appointments")
    expect(lines(page)).to_have_count(2)
    page.get_by_role("button", name="Make a test of the list").click()
    source = page.get_by_role("dialog", name="A test of the list").get_by_label("Source of the test")
    expect(source).to_contain_text("Calls 2 and 3 of the world")
    expect(source).to_contain_text("X-Sandbox-Rule")


def test_no_test_is_made_of_what_was_not_kept(console: Console, server: Server) -> None:
    """Where the journal does not have the whole request, the dialog says so."""
    console.allow("status of 409")
    server.api("POST", "/appointments", {"profile_id": "x" * 9000})
    page = console("journal/1")
    page.get_by_role("button", name="Make a test of this").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("does not have its whole body")


def test_calls_that_reached_no_world(console: Console, server: Server, check_axe: Callable[[Page], None]) -> None:
    """A call with a wrong key is told of above the list, with what is wrong, as soon as it comes."""
    server.control("DELETE", "/unmatched")
    page = console("journal")
    expect(page.get_by_text("reached no world")).to_have_count(0)
    send(server.url, "GET", "/api/v1/panels", headers={"x-api-key": "live_abc"})
    told = page.get_by_text("1 call reached no world.")
    expect(told).to_be_visible()
    table = page.get_by_role("region", name="Calls that reached no world")
    expect(table).to_be_hidden()
    told.click()
    expect(table.get_by_role("row", name="GET /api/v1/panels")).to_contain_text("key")
    expect(table.get_by_role("link", name="auth.key")).to_be_visible()
    check_axe(page)
    server.api("GET", "/nothing")  # its world knows it
    expect(lines(page)).to_have_count(1)
    expect(told).to_be_visible()
    page.get_by_role("button", name="Clear these calls").click()
    expect(told).to_have_count(0)
