"""The page of time: moving the clock, what happened and what will happen, and making events happen."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Console
from tests.browser.servers import Server

NEXT_BOOKED = "P2604148873"
"""A shipment whose courier is booked at 08:05, and collects, scans and delivers it later."""
WAITING = "P2604154821"
"""A shipment that the courier collects on 15 April."""


def event(page: Page, type: str, record: str) -> Locator:
    """The row of an event."""
    return (
        page.get_by_role("region", name="Agenda and history")
        .get_by_role("row")
        .filter(has_text=type)
        .filter(has_text=record)
    )


def now(server: Server) -> str:
    """The time of the world."""
    text: str = server.control("GET", f"/worlds/{server.world}/clock")["now"]
    return text


def state_of(server: Server, shipment: str) -> str:
    """The state of a shipment."""
    query = {"section": "shipments", "id": shipment}
    state: str = server.control("GET", f"/worlds/{server.world}/record", query=query)["state"]["now"]
    return state


def test_the_agenda_moves_with_the_clock(console: Console, server: Server) -> None:
    """What was waiting above now has happened, what it brought about is told, and the clock shows the new time."""
    page = console("time")
    expect(page.get_by_role("heading", level=1)).to_have_text("Time")
    expect(event(page, "courier.booked", NEXT_BOOKED).get_by_role("button", name="Happen now")).to_be_visible()
    page.get_by_role("button", name="+ 1 h").click()
    expect(page.get_by_role("status").filter(has_text="Moved by 1 h. 1 event happened on the way.")).to_be_visible()
    booked = event(page, "courier.booked", NEXT_BOOKED)
    expect(booked.get_by_role("rowheader")).to_have_text(re.compile("08:05:00.*55 min ago"))
    expect(booked.get_by_role("button")).to_have_count(0)
    rows = page.get_by_role("region", name="Agenda and history").get_by_role("row").all_inner_texts()
    order = [
        next(at for at, row in enumerate(rows) if text in row) for text in ("courier.booked", "NOW", "lab.results")
    ]
    assert order == sorted(order)
    expect(page.get_by_test_id("now")).to_contain_text("13 Apr 2026, 09:00:00")
    expect(booked.get_by_role("link", name=NEXT_BOOKED)).to_have_attribute(
        "href", f"#/worlds/{server.world}/records/shipments/{NEXT_BOOKED}"
    )


@pytest.mark.parametrize(
    ("move", "then"),
    [
        (lambda page: page.get_by_role("button", name="+ 1 d").click(), "2026-04-14T08:00:00Z"),
        (lambda page: page.get_by_role("button", name="To the next event (in 5 min)").click(), "2026-04-13T08:05:00Z"),
        (lambda page: typed(page, "Advance by", "2 d 90 min"), "2026-04-15T09:30:00Z"),
        (lambda page: typed(page, "Set to a later instant, in UTC", "2026-05-01T00:00:00"), "2026-05-01T00:00:00Z"),
        (
            lambda page: event(page, "courier.delivered", NEXT_BOOKED).get_by_role("button", name="Advance").click(),
            "2026-04-15T07:00:00Z",
        ),
    ],
)
def test_each_way_to_move_the_clock(console: Console, server: Server, move: Callable[[Page], Any], then: str) -> None:
    """By a step, to the next event, by an amount, to an instant, and to an event of the agenda."""
    page = console("time")
    move(page)
    expect(page.get_by_role("status").filter(has_text="Moved by")).to_be_visible()
    assert now(server) == then


def typed(page: Page, label: str, text: str) -> None:
    """Fill a field, and press Enter."""
    page.get_by_label(label, exact=True).fill(text)
    page.get_by_label(label, exact=True).press("Enter")


def test_the_clock_moves_until_a_type_of_event(console: Console, server: Server) -> None:
    """Types that wait in the agenda are offered; when it is empty, none is."""
    page = console("time")
    until = page.get_by_label("Advance until an event happens")
    until.select_option("courier.delivered")
    until.locator("..").get_by_role("button").click()
    expect(page.get_by_role("status").filter(has_text="happened on the way")).to_contain_text("courier.delivered")
    assert now(server) == "2026-04-14T08:00:00Z"
    typed(page, "Advance by", "30 days")
    expect(page.get_by_role("cell", name="Nothing is waiting in the agenda.")).to_be_visible()
    expect(until).to_be_disabled()
    expect(page.get_by_role("button", name="To the next event")).to_be_disabled()


def test_the_clock_is_refused_to_go_back(console: Console, server: Server) -> None:
    """The refusal is shown with its rule, and the clock stays; an amount without a unit is not sent."""
    console.allow("status of 400")
    page = console("time")
    typed(page, "Set to a later instant, in UTC", "2026-04-13T07:59:59")
    expect(page.get_by_role("alert")).to_contain_text("never goes backwards")
    expect(page.get_by_role("alert").get_by_role("link", name="clock.forward")).to_have_attribute(
        "href", f"#/worlds/{server.world}/rules/clock.forward"
    )
    typed(page, "Advance by", "soon")
    expect(page.get_by_role("alert")).to_contain_text("such as 90 min")
    assert now(server) == "2026-04-13T08:00:00Z"
    typed(page, "Advance by", "90 min")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert now(server) == "2026-04-13T09:30:00Z"


def test_the_clock_runs_and_is_frozen(console: Console, server: Server) -> None:
    """A button lets it run; another freezes it."""
    page = console("time")
    page.get_by_role("button", name="Let it run").click()
    expect(page.get_by_test_id("now")).to_contain_text("running")
    expect(page.get_by_test_id("now")).to_contain_text(re.compile("08:00:0[1-9]"))  # it ticks
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_test_id("now")).to_contain_text("frozen")
    assert server.control("GET", f"/worlds/{server.world}/clock")["mode"] == "frozen"


def test_an_event_of_the_agenda_happens_now(console: Console, server: Server) -> None:
    """The courier collects two days early: the shipment is on its way, and the event is above now."""
    assert state_of(server, WAITING) == "pending"
    page = console("time")
    event(page, "courier.picked_up", WAITING).get_by_role("button", name="Happen now").click()
    expect(event(page, "courier.picked_up", WAITING).get_by_role("rowheader")).to_contain_text("08:00:00")
    expect(event(page, "courier.picked_up", WAITING).get_by_role("button")).to_have_count(0)
    history = server.control("GET", f"/worlds/{server.world}/events")
    assert [(each["type"], each["shipment_id"]) for each in history] == [("courier.picked_up", WAITING)]
    assert state_of(server, WAITING) == "in_transit"
    assert now(server) == "2026-04-13T08:00:00Z"


def test_an_event_that_is_not_possible_says_why(console: Console, server: Server) -> None:
    """Delivered before it was collected: the refusal stands at the event, with its rule, and the event stays."""
    console.allow("status of 409")
    page = console("time")
    delivered = event(page, "courier.delivered", NEXT_BOOKED)
    delivered.get_by_role("button", name="Happen now").click()
    refusal = page.get_by_role("alert")
    expect(refusal.get_by_role("link", name="event.state")).to_be_visible()
    expect(delivered.get_by_role("button", name="Happen now")).to_be_enabled()
    assert server.control("GET", f"/worlds/{server.world}/events") == []


def test_an_event_is_made_by_the_form(console: Console, server: Server) -> None:
    """It has the fields of the type only, suggests records, and what is typed stays for another type."""
    page = console("time")
    page.get_by_label("Event", exact=True).select_option("location.date_blocked")
    expect(page.get_by_label("Date required")).to_be_visible()
    expect(page.get_by_label("Status")).to_have_count(0)
    page.get_by_label("Event", exact=True).select_option("courier.scanned")
    expect(page.get_by_label("Date required")).to_have_count(0)
    page.get_by_label("Shipment id required").fill(WAITING)
    suggested = page.locator(f"option[value={WAITING}]")
    expect(suggested).to_contain_text("pending")
    page.get_by_label("Event", exact=True).select_option("courier.picked_up")
    expect(page.get_by_label("Shipment id required")).to_have_value(WAITING)
    page.get_by_label("Status").fill("Collected by bike")
    page.get_by_role("button", name="Make courier.picked_up happen").click()
    collected = event(page, "courier.picked_up", WAITING)
    expect(collected).to_contain_text("status: Collected by bike")
    expect(collected).to_contain_text("by hand")
    assert state_of(server, WAITING) == "in_transit"


def test_an_event_is_planned_by_the_form(console: Console, server: Server) -> None:
    """With a later time it waits in the agenda, and can happen now."""
    page = console("time")
    page.get_by_label("Event", exact=True).select_option("courier.lost")
    page.get_by_label("Shipment id required").fill(WAITING)
    page.get_by_label("time", exact=True).fill("2026-04-13T08:04:00Z")
    page.get_by_role("button", name="Make courier.lost happen").click()
    expect(event(page, "courier.lost", WAITING).get_by_role("button", name="Happen now")).to_be_visible()
    expect(page.get_by_role("button", name="To the next event (in 4 min)")).to_be_visible()
    assert state_of(server, WAITING) == "pending"


def test_a_refused_event_shows_its_rule(console: Console, server: Server) -> None:
    """A missing field is told before anything is sent; a refusal has a link to its rule."""
    console.allow("status of 404")
    page = console("time")
    page.get_by_label("Event", exact=True).select_option("courier.lost")
    page.get_by_role("button", name="Make courier.lost happen").click()
    expect(page.get_by_role("alert")).to_have_text("shipment id is required.")
    page.get_by_label("Shipment id required").fill("P2604150000")
    page.get_by_label("Shipment id required").press("Enter")
    expect(page.get_by_role("alert").get_by_role("link", name="event.unknown")).to_have_attribute(
        "href", f"#/worlds/{server.world}/rules/event.unknown"
    )


def test_what_happens_elsewhere_appears(console: Console, server: Server) -> None:
    """An event that another client makes, and its clock, are shown without a reload."""
    page = console("time")
    expect(event(page, "courier.booked", NEXT_BOOKED)).to_be_visible()
    server.control("POST", f"/worlds/{server.world}/events", {"type": "courier.lost", "shipment_id": WAITING})
    expect(event(page, "courier.lost", WAITING)).to_be_visible()
    server.control("POST", f"/worlds/{server.world}/clock/advance", {"seconds": 600})
    expect(event(page, "courier.booked", NEXT_BOOKED).get_by_role("button")).to_have_count(0)
    expect(page.locator("main time", has_text="08:10:00").first).to_be_visible()


def test_the_list_is_filtered(console: Console) -> None:
    """By type, from the link of an event, and by record; the address has the filters."""
    page = console("time")
    event(page, "courier.picked_up", WAITING).get_by_role("link", name="courier.picked_up").click()
    expect(page).to_have_url(re.compile(r"time\?type=courier\.picked_up$"))
    expect(event(page, "courier.scanned", WAITING)).to_have_count(0)
    expect(event(page, "courier.picked_up", "")).to_have_count(2)
    page.get_by_label("Id of a record").fill(WAITING)
    expect(event(page, "courier.picked_up", "")).to_have_count(1)
    page.get_by_label("Type of event").select_option("all types")
    expect(event(page, "courier.", WAITING)).to_have_count(3)
    page.get_by_label("Id of a record").fill("P2604150000")
    expect(page.get_by_role("cell", name="No such event is waiting.")).to_be_visible()


def test_settings_are_changed(console: Console, server: Server) -> None:
    """The form has the settings as they are, and changes the one that differs."""
    page = console("time")
    page.get_by_text("Settings", exact=True).click()
    slots = page.get_by_label("Taken slots")
    expect(slots).to_have_value("allow")
    slots.select_option("refuse")
    page.get_by_label("Lab quick hours").fill("2")
    page.get_by_role("button", name="Change the settings").click()
    expect(page.get_by_role("status").filter(has_text="Settings changed.")).to_be_visible()
    settings = server.control("GET", f"/worlds/{server.world}/settings")
    assert (settings["taken_slots"], settings["lab_quick_hours"], settings["lab_slow_hours"]) == ("refuse", 2, 96)


def test_many_events_are_shown_in_parts(console: Console, server: Server) -> None:
    """Of 10,000 events, those near now are shown, and more on request."""
    snapshot = server.control("GET", f"/worlds/{server.world}/snapshot")
    many = [
        {
            "due": f"2027-01-{1 + at % 28:02}T{at % 24:02}:00:00Z",
            "event": {"type": "courier.scanned", "target": WAITING, "details": {}},
        }
        for at in range(10_000)
    ]
    snapshot["agenda"] = many
    server.control("PUT", f"/worlds/{server.world}/snapshot", snapshot)
    page = console("time")
    expect(page.get_by_text("10,000 in the agenda")).to_be_visible()
    expect(event(page, "courier.scanned", WAITING)).to_have_count(50)
    page.get_by_role("button", name="Show later events").click()
    expect(event(page, "courier.scanned", WAITING)).to_have_count(150)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(console: Console, check_axe: Callable[[Page], None], scheme: str) -> None:
    """With its forms open, after a move, in both schemes."""
    page = console("time")
    page.emulate_media(color_scheme=scheme)
    page.get_by_role("button", name="+ 1 d").click()
    expect(page.get_by_role("status").filter(has_text="Moved by")).to_be_visible()
    page.get_by_label("Event", exact=True).select_option("lab.results_arrived")
    page.get_by_text("Settings", exact=True).click()
    expect(page.get_by_label("Lab quick hours")).to_be_visible()
    check_axe(page)


def test_the_page_fits_a_phone(console: Console, context: BrowserContext, check_axe: Callable[[Page], None]) -> None:
    """At 390 pixels nothing is wider than the screen, and forms are folded."""
    page = context.pages[0]
    page.set_viewport_size({"width": 390, "height": 844})
    console("time")
    page.get_by_role("button", name="+ 1 d").click()
    expect(event(page, "courier.delivered", "P2604136631")).to_be_visible()
    expect(page.get_by_label("Event", exact=True)).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    check_axe(page)
