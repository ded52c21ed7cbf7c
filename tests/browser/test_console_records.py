"""The console's pages of records: the tables, and a record with everything that belongs to it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Console, Watch
from tests.browser.servers import Server
from tests.support import BERLIN, HELSINKI, PROFILE

BOOKING = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-20T07:00:00Z"}
CONFIRMED = "c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a"
PENDING = "76aaf46a-d193-483d-a45b-9ce4e3388287"
DRAWN = "877e7253-ee68-42d5-b91d-92a76843af67"
SHIPMENT = "P2604154821"
HOSTILE = "<script>document.title = 'mine'</script><b>\u202eשלום & co"

CheckAxe = Callable[[Page], None]


def book(server: Server, **changes: Any) -> str:
    """Book an appointment by the API; returns its id."""
    status, _, booked = server.api("POST", "/appointments", BOOKING | changes)
    assert status == 201
    id: str = booked["id"]
    return id


def part(page: Page, name: str) -> Locator:
    """A part of the page of a record."""
    return page.get_by_role("region", name=name, exact=True)


def row(page: Page, id: str) -> Locator:
    """The row of a record in a table."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=id))


# Tables


def test_the_sections_are_listed_with_their_counts(console: Console, server: Server, check_axe: CheckAxe) -> None:
    """The first section is shown; the others are a click away, and have addresses."""
    page = console("records")
    sections = page.get_by_role("navigation", name="Sections")
    total = server.control("GET", f"/worlds/{server.world}/records", query={"section": "shipments"})["total"]
    expect(page.get_by_role("heading", level=1)).to_have_text("Records")
    expect(sections.locator("[aria-current]")).to_contain_text("Profiles")
    sections.get_by_role("link", name=f"Shipments {total}").click()
    expect(page).to_have_url(re.compile(r"/records/shipments$"))
    expect(page.get_by_role("region", name="Shipments").get_by_role("rowheader")).to_have_count(total)
    check_axe(page)


def test_a_booking_appears_without_a_reload(console: Console, server: Server) -> None:
    """A table, and the counts of the sections, follow what a client does."""
    page = console("records/appointments")
    count = server.control("GET", f"/worlds/{server.world}/records", query={"section": "appointments"})["total"]
    expect(page.get_by_role("link", name=f"Appointments {count}")).to_be_visible()
    id = book(server)
    expect(row(page, id)).to_contain_text("confirmed")
    expect(page.get_by_role("link", name=f"Appointments {count + 1}")).to_be_visible()


def test_filters_are_in_the_address(console: Console) -> None:
    """Who gets the link sees the same rows; all rows are one click away."""
    page = console("records/appointments")
    page.get_by_label("State").select_option("cancelled")
    expect(page).to_have_url(re.compile(r"state=cancelled"))
    page.get_by_label("Search Appointments").fill("hamburg")
    expect(page).to_have_url(re.compile(r"search=hamburg"))
    expect(page.get_by_role("rowheader")).to_have_count(1)
    address = page.url
    other = page.context.new_page()
    other.goto(address)
    expect(other.get_by_label("Search Appointments")).to_have_value("hamburg")
    expect(other.get_by_label("State")).to_have_value("cancelled")
    expect(other.get_by_role("rowheader")).to_have_count(1)
    other.get_by_role("button", name="Show all").click()
    expect(row(other, CONFIRMED)).to_be_visible()
    page.get_by_label("Search Appointments").fill("nobody")
    expect(page.get_by_text("No record matches.")).to_be_visible()


def test_tables_are_paged_and_sorted(console: Console, server: Server) -> None:
    """The pages of a table are places of the tab's history, and so is its order."""
    world = server.make(f"{server.world}-large", fixture="large")
    page = console("records/appointments", world=world)
    expect(page.get_by_text("1 to 50 of 2,000")).to_be_visible()
    first = page.get_by_role("rowheader").first.inner_text()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("51 to 100 of 2,000")).to_be_visible()
    expect(page).to_have_url(re.compile(r"offset=50"))
    expect(row(page, first)).to_have_count(0)
    page.go_back()
    expect(row(page, first)).to_be_visible()
    page.get_by_role("button", name="Time", exact=True).click()
    expect(page.get_by_role("columnheader", name="Time")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("button", name="Time").click()
    expect(page.get_by_role("columnheader", name="Time")).to_have_attribute("aria-sort", "descending")
    expect(page).to_have_url(re.compile(r"sort=-Time"))
    expect(page.get_by_role("region", name="Appointments").get_by_role("rowheader")).to_have_count(50)


def test_a_page_after_the_last_one_leads_back(console: Console) -> None:
    """A link to a page that is no more says so."""
    page = console("records/appointments?offset=500")
    page.get_by_role("button", name="First page").click()
    expect(row(page, CONFIRMED)).to_be_visible()


def test_an_unknown_section_is_refused(console: Console) -> None:
    """The message of the control plane is shown."""
    console.allow("status of 400")
    page = console("records/dragons")
    expect(page.get_by_role("alert")).to_contain_text("section")


# A record


def test_a_record_shows_what_belongs_to_it(console: Console, check_axe: CheckAxe) -> None:
    """Name, id, facts, related records, fields, and the calls about it."""
    page = console("records/appointments")
    row(page, CONFIRMED).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Aniva Berlin Mitte")
    expect(page.locator("code", has_text=CONFIRMED).first).to_be_visible()
    expect(part(page, "Facts")).to_contain_text("Can be changed")
    expect(part(page, "Fields")).to_contain_text(f'"id": "{CONFIRMED}"')
    expect(page).to_have_title(re.compile(CONFIRMED))
    check_axe(page)
    calls = page.get_by_role("link", name="Calls about it")
    expect(calls).to_have_attribute("href", re.compile(rf"/journal\?search={CONFIRMED}$"))
    part(page, "Related").get_by_role("link", name="Maria Schmidt").click()
    expect(page).to_have_url(re.compile(rf"/records/profiles/{PROFILE}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Maria Schmidt")
    check_axe(page)


def test_the_id_and_the_fields_are_copied(console: Console, context: BrowserContext) -> None:
    """What is copied is what the API would take or return."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = console(f"records/appointments/{CONFIRMED}")
    page.get_by_role("button", name="Copy id").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == CONFIRMED
    page.get_by_role("button", name="Copy JSON").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.startsWith('{'))")
    assert json.loads(page.evaluate("navigator.clipboard.readText()"))["id"] == CONFIRMED


def test_the_picture_of_the_state_machine_has_words(console: Console) -> None:
    """Who does not see it hears the state and the open moves; all moves are in a table."""
    page = console(f"records/appointments/{PENDING}")
    picture = part(page, "State").get_by_role("img")
    expect(picture).to_have_accessible_name(re.compile(r"The state is pending\. Open moves: cancel by the client, to "))
    expect(picture).to_contain_text("now")
    moves = part(page, "State").get_by_role("listitem")
    expect(moves).to_have_count(2)
    expect(moves.filter(has_text="practice confirms")).to_contain_text("by the API's side: practice.confirmed")
    expect(moves.filter(has_text="cancel_appointment")).to_contain_text("by the client")
    part(page, "State").get_by_text("All 5 moves as a table").click()
    expect(part(page, "All moves").get_by_role("row")).to_have_count(6)


def test_a_move_of_the_apis_side_happens_now(console: Console, server: Server) -> None:
    """The button makes the event; the page shows the new state and the event without a reload."""
    page = console(f"records/appointments/{PENDING}")
    part(page, "State").get_by_role("button", name="Happen now practice confirms").click()
    expect(part(page, "State").get_by_role("img")).to_have_accessible_name(re.compile("The state is confirmed"))
    expect(part(page, "History")).to_contain_text("practice.confirmed")
    expect(part(page, "State").get_by_role("heading", level=2)).to_be_focused()
    assert server.api("GET", f"/appointments/{PENDING}")[2]["status"] == "confirmed"


def test_a_move_of_the_client_is_seen(console: Console, server: Server) -> None:
    """A call changes the picture; in the last state no move is open."""
    page = console(f"records/appointments/{PENDING}")
    expect(part(page, "State").get_by_role("img")).to_have_accessible_name(re.compile("The state is pending"))
    assert server.api("DELETE", f"/appointments/{PENDING}")[0] == 200
    expect(part(page, "State").get_by_role("img")).to_have_accessible_name(re.compile("The state is cancelled"))
    expect(part(page, "State")).to_contain_text("None: cancelled is an end.")


def test_a_refused_move_is_told(console: Console, server: Server) -> None:
    """What the control plane refuses stands beside the move, with its rule."""
    console.allow("status of 409")
    page = console(f"records/appointments/{PENDING}")
    happen = part(page, "State").get_by_role("button", name="Happen now practice confirms")
    expect(happen).to_be_visible()
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true })")  # the page does not look any more
    assert server.api("DELETE", f"/appointments/{PENDING}")[0] == 200
    happen.click()
    expect(part(page, "State").get_by_role("alert")).to_contain_text("event.state")


def test_a_move_can_be_made_with_details(console: Console) -> None:
    """Events that take details have a form; it closes when the event has happened."""
    page = console(f"records/shipments/{SHIPMENT}")
    part(page, "State").get_by_role("button", name="With details… picked up").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("status", exact=False).fill("Picked up by bicycle")
    dialog.get_by_role("button", name="Make courier.picked_up happen").click()
    expect(dialog).to_have_count(0)
    expect(part(page, "State").get_by_role("img")).to_have_accessible_name(re.compile("The state is in transit"))
    expect(part(page, "History")).to_contain_text("Picked up by bicycle")


def test_an_event_of_the_agenda_happens_now(console: Console, check_axe: CheckAxe) -> None:
    """It leaves the agenda, and is in the history."""
    page = console(f"records/shipments/{SHIPMENT}")
    check_axe(page)
    agenda = part(page, "Agenda").get_by_role("listitem")
    expect(agenda.first).to_contain_text("courier.picked_up")
    agenda.first.get_by_role("button", name="Happen now").click()
    expect(part(page, "History")).to_contain_text("courier.picked_up")
    expect(agenda.first).not_to_contain_text("courier.picked_up")


def test_events_about_a_record_are_made_by_a_form(console: Console, server: Server) -> None:
    """A location has no state machine, but events."""
    page = console(f"records/locations/{HELSINKI}")
    page.get_by_role("button", name="Make an event happen…").click()
    page.get_by_role("dialog").get_by_label("Event").select_option("location.closed")
    page.get_by_role("button", name="Make location.closed happen").click()
    expect(part(page, "History")).to_contain_text("location.closed")
    assert server.control("GET", f"/worlds/{server.world}/events")[-1]["type"] == "location.closed"


def test_a_record_that_is_gone_is_said_so(console: Console, server: Server) -> None:
    """Its page does not go on showing it."""
    console.allow("status of 404")
    id = book(server)
    page = console(f"records/appointments/{id}")
    expect(part(page, "State")).to_be_visible()
    server.control("POST", f"/worlds/{server.world}/reset")
    expect(page.get_by_role("alert")).to_contain_text("This record is gone")
    expect(part(page, "State")).to_have_count(0)


def test_a_record_that_never_was_is_unknown(console: Console) -> None:
    """A wrong id is told apart from a record that is gone."""
    console.allow("status of 404")
    page = console("records/appointments/nothing")
    expect(page.get_by_role("alert")).to_have_text("There is no such record in this world.")
    page.get_by_role("link", name=re.compile("^Appointments")).click()
    expect(row(page, CONFIRMED)).to_be_visible()


# Results


def test_results_are_drawn_and_written(console: Console, server: Server, check_axe: CheckAxe) -> None:
    """A value has a bar, its ranges in words, and a verdict; those outside have a mark of another shape."""
    page = console(f"records/orders/{DRAWN}")
    record = server.control("GET", f"/worlds/{server.world}/record", query={"section": "orders", "id": DRAWN})
    values = part(page, "Values")
    outside = [
        each
        for each in record["measurements"]
        if each["value"] is not None
        and (
            (each["low"] is not None and each["value"] < each["low"])
            or (each["high"] is not None and each["value"] > each["high"])
        )
    ]
    expect(values.locator(".value.outside")).to_have_count(len(outside))
    expect(part(page, "Results")).to_contain_text(f"{len(outside)} outside the normal range")
    shown = next(each for each in record["measurements"] if each["low"] is not None and each["high"] is not None)
    line = values.get_by_role("row").filter(has=page.get_by_role("rowheader", name=shown["name"], exact=True))
    expect(line).to_contain_text(shown["text"])
    expect(line).to_contain_text(f"{shown['low']:g} to {shown['high']:g}")
    expect(line.locator("svg.range")).to_be_visible()
    check_axe(page)


SCALES: list[tuple[dict[str, float | None], float, bool]] = [
    ({"value": 5, "low": 4, "high": 6}, 50, False),
    ({"value": 5, "low": None, "high": 10}, 40.8, False),
    ({"value": 5, "low": 10, "high": None}, 27, False),
    ({"value": 1000, "low": 4, "high": 6}, 96, True),
    ({"value": -5, "low": None, "high": 3}, 11.3, False),
    ({"value": 3.5, "low": None, "high": 3, "optimal_high": 2.6}, 79.8, False),
    ({"value": 0, "low": 0, "high": 0}, 4, False),
    ({"value": 5, "low": None, "high": None, "optimal_low": 4, "optimal_high": 6}, 50, False),
]
"""Measurements, the place of their values in percent of a bar's width, and whether they are too far out for it."""


def test_values_stand_on_their_bar(console: Console) -> None:
    """A value is between the ends of its bar; one that is far out stands at an end, and is marked."""
    places = console().evaluate(
        """async (measurements) => {
          const { scaleOf } = await import("/_sandbox/console/ranges.js");
          const ends = { optimal_low: null, optimal_high: null };
          const scales = measurements.map((each) => scaleOf({ ...ends, ...each }));
          return scales.map(({ at, isOff }, index) => [at(measurements[index].value), isOff]);
        }""",
        [measurement for measurement, *_ in SCALES],
    )
    assert [(pytest.approx(place, abs=0.1), off) for _, place, off in SCALES] == [tuple(each) for each in places]


def test_planned_results_are_listed(console: Console) -> None:
    """Before the draw nothing has arrived, and it is shown what will."""
    page = console(f"records/appointments/{CONFIRMED}")
    results = part(page, "Results")
    expect(results).to_contain_text("0 of ")
    expect(results.get_by_role("heading", name="planned")).to_be_visible()


def test_a_report_opens_in_a_tab(console: Console, context: BrowserContext, watch: Watch) -> None:
    """The PDF is fetched from the control plane, and shown under the policy of the console."""
    watch.origins += ["chrome-extension://", "chrome://"]  # the browser's own viewer
    page = console(f"records/orders/{DRAWN}")
    with context.expect_page() as opened:
        part(page, "Files").get_by_role("button", name="Open").first.click()
    opened.value.wait_for_url(re.compile("^blob:"))
    assert opened.value.evaluate("document.contentType") == "application/pdf"


def test_a_report_is_saved(console: Console) -> None:
    """It has the name that the API gives it."""
    page = console(f"records/orders/{DRAWN}")
    with page.expect_download() as saved:
        part(page, "Files").get_by_role("button", name="Save").first.click()
    assert saved.value.suggested_filename.endswith(".pdf")
    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF-")


# Everything is text


@pytest.fixture
def _hostile(server: Server) -> None:
    """The test's world, with a record whose texts would do harm as markup, and a call that returned it."""
    snapshot = server.control("GET", f"/worlds/{server.world}/snapshot")
    location = next(each for each in snapshot["locations"] if each["id"] == BERLIN)
    location["name"] = HOSTILE
    location["pickup_remarks"] = "<img src=x onerror=alert(1)>"
    server.control("PUT", f"/worlds/{server.world}/snapshot", snapshot)
    server.api("GET", f"/locations/{BERLIN}")


@pytest.mark.usefixtures("_hostile")
@pytest.mark.parametrize(
    "place",
    ["records/locations", f"records/locations/{BERLIN}", "records/appointments", f"records/appointments/{CONFIRMED}"],
)
def test_what_a_record_holds_stays_text(console: Console, watch: Watch, place: str) -> None:
    """Markup is written as it is, and no text turns its neighbours around."""
    page = console(place)
    name = page.locator("bdi", has_text=HOSTILE).first
    expect(name).to_be_visible()
    expect(name).to_have_css("unicode-bidi", "isolate")
    expect_no_markup(page, watch)


@pytest.mark.usefixtures("_hostile")
@pytest.mark.parametrize("place", ["journal", "journal/1", "time"])
def test_what_a_record_holds_stays_text_on_other_pages(console: Console, watch: Watch, place: str) -> None:
    """Pages that show calls and events with it write it as it is, too."""
    page = console(place)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect_no_markup(page, watch)


def expect_no_markup(page: Page, watch: Watch) -> None:
    """Nothing of the hostile record has become an element, has run, or was loaded."""
    expect(page.locator("script:not([type=module][src])")).to_have_count(0)
    expect(page.locator("main b, main img[src]")).to_have_count(0)
    expect(page).not_to_have_title("mine")
    assert [each for each in watch.requests if each.endswith("/x")] == []


# In every form


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "place",
    [
        "records/appointments",
        f"records/shipments/{SHIPMENT}",
        f"records/appointments/{PENDING}",
        f"records/orders/{DRAWN}",
    ],
)
def test_pages_are_accessible_on_a_phone(
    console: Console, check_axe: CheckAxe, page: Page, scheme: Any, place: str
) -> None:
    """At 390 px nothing scrolls sideways but tables, in light and dark."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 800})
    console(place)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("navigation", name="Sections")).to_be_visible()
    expect(page.locator(".records, .record").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    check_axe(page)


def test_a_record_is_found_with_the_keyboard(console: Console) -> None:
    """From the search to the page of a record without a mouse."""
    page = console("records/appointments")
    page.get_by_label("Search Appointments").focus()
    page.keyboard.type(CONFIRMED[:8])
    expect(page.get_by_role("rowheader")).to_have_count(1)
    link = page.get_by_role("rowheader").get_by_role("link")
    while not link.evaluate("(link) => link === document.activeElement"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement !== document.body")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/appointments/{CONFIRMED}$"))


# Pictures of machines

MACHINES = {
    "draft review published rejected": "draft submit review, review approve published, review reject rejected, "
    "rejected revise draft, review comment review, review remind* review, published withdraw draft, "
    "draft skip published",
    "in out lost": "in lend out, out return* in, out lose lost, lost find* in",
    "a b c": "a go b, a go* b, a run b",  # one state is apart
    "only": "only touch only",
    "a b c d e f g": "a one b, a two c, a three d, b four e, c five e, d six f, e seven g, f eight g, a nine g, "
    "g ten* a",
}
"""States, and moves between them; those of the API's side have an asterisk."""


@pytest.mark.parametrize("states", MACHINES)
def test_pictures_of_machines_are_legible(console: Console, states: str) -> None:
    """No text covers another, every move has its arrow, and all is inside of the picture."""
    names = states.split()
    moves = [
        {"from": begin, "move": move.rstrip("*"), "to": end, "by": "API's side" if move.endswith("*") else "client"}
        for begin, move, end in (each.split() for each in MACHINES[states].split(", "))
    ]
    drawn = console().evaluate(
        """async ({ names, moves }) => {
          const { layOut } = await import("/_sandbox/console/machine-layout.js");
          return layOut(names, moves, (text) => 8 * text.length);
        }""",
        {"names": names, "moves": moves},
    )
    assert sorted(each["name"] for each in drawn["states"]) == sorted(names)
    assert sum(len(arrow["moves"]) for arrow in drawn["arrows"]) == len(moves)
    boxes = [state_box(each) for each in drawn["states"]] + [label_box(each) for each in drawn["arrows"]]
    for number, (left, top, right, bottom) in enumerate(boxes):
        assert left >= -1
        assert top >= -1
        assert right <= drawn["width"] + 1
        assert bottom <= drawn["height"] + 1
        for other in boxes[number + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


def state_box(state: dict[str, Any]) -> Box:
    """The box of a state."""
    x, y, width, height = (state[name] for name in ("x", "y", "width", "height"))
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def label_box(arrow: dict[str, Any]) -> Box:
    """The box of an arrow's label."""
    label, lines = arrow["label"], arrow["moves"]
    width = max(8 * len(line) for line in lines)
    left = label["x"] - {"middle": width / 2, "start": 0, "end": width}[label["anchor"]]
    return left, label["y"] - 8 * len(lines), left + width, label["y"] + 8 * len(lines)
