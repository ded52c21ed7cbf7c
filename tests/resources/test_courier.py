"""The courier: what it does by itself and by hand, and how fresh the copy is that partners see of it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aniva_sandbox.contract.rules import Refusal
from aniva_sandbox.resources import shipments
from aniva_sandbox.resources.links import attach_appointments, detach_appointments, list_appointment_shipments
from aniva_sandbox.serving.server import get_fixture
from aniva_sandbox.simulation.events import advance, happen, settle
from aniva_sandbox.simulation.settings import change_settings
from aniva_sandbox.world import clock as clock_module
from aniva_sandbox.world.agenda import Event, Happened
from aniva_sandbox.world.catalogue import get_catalogue
from aniva_sandbox.world.state import Settings
from aniva_sandbox.world.world import World
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_SHIPMENT,
    DELIVERED_SHIPMENT,
    DRAWN_APPOINTMENT,
    HELSINKI,
    LOCKED_SHIPMENT,
    LOST_SHIPMENT,
    MOVING_SHIPMENT,
    NO_LABORATORY,
    QUIET,
    SHIPMENT,
    ZONELESS_LOCATION,
    Client,
    new_world,
    new_worlds,
    quiet_client,
    refusal_of,
    run,
)

MONDAY, WEDNESDAY = "2026-04-13", "2026-04-15"
NEW: dict[str, Any] = {
    "location_id": BERLIN,
    "pickup_date": WEDNESDAY,
    "pickup_time_from": "11:00",
    "pickup_time_till": "14:00",
}
WAY = ["booked", "picked_up", "scanned", "delivered"]
ZONES = {BERLIN: "Europe/Berlin", HELSINKI: "Europe/Helsinki", ZONELESS_LOCATION: "UTC"}
HOUR = timedelta(hours=1)
STALE = Settings(courier_automation=False, hourly_sync=False, lab_automation=False)


@pytest.fixture
def client() -> Client:
    """A client of a fresh default world in which the laboratories do nothing by themselves."""
    return quiet_client(NO_LABORATORY)


def world_at(start: str) -> World:
    """A default world whose clock stands at an instant."""
    world = World("test", get_fixture("default"), get_catalogue(), mode="frozen", start=instant(start))
    settle(world)
    return world


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def wire(moment: datetime) -> str:
    """An instant as answers show it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def order(world: World, **changes: Any) -> str:
    """Create a shipment that differs from NEW; returns its id."""
    return str(run(world, shipments.create_shipment, body=NEW | changes)["id"])


def get(world: World, id: str) -> Any:
    return run(world, shipments.get_shipment, id)


def in_list(world: World, id: str) -> Any:
    """A shipment as the list shows it."""
    return next(entry for entry in run(world, shipments.list_shipments) if entry["id"] == id)


def do(world: World, id: str, *steps: str, **details: str) -> None:
    """Let the courier do something to a shipment, by hand."""
    for step in steps:
        happen(world, Event(f"courier.{step}", id, details))


def go(world: World, to: str) -> list[Happened]:
    """Move the clock to an instant; "09:10" is one of the first day."""
    return advance(world, instant(f"{MONDAY}T{to}Z" if len(to) < 10 else to))


def switch(client: Client, **changes: bool) -> World:
    """Change settings of the client's world through the control plane; returns the world."""
    world = client.world
    assert client.control("PATCH", "/worlds/test/settings", changes).status == 200
    return world


def planned(world: World, id: str) -> list[tuple[str, datetime]]:
    """What the agenda holds for a shipment, in order."""
    return [(event.type.removeprefix("courier."), due) for due, event in world.agenda if event.target == id]


def steps(world: World, id: str) -> list[str]:
    """The kinds of what the agenda holds for a shipment, in order."""
    return [what for what, _ in planned(world, id)]


def passed(world: World, id: str) -> list[tuple[str, datetime]]:
    """What has happened to a shipment, in order; nothing of it was skipped."""
    entries = [entry for entry in world.history if entry.event.target == id]
    assert not [entry for entry in entries if "skipped" in entry.event.details]
    return [(entry.event.type.removeprefix("courier."), entry.time) for entry in entries]


# By itself


def require_way(way: list[tuple[str, datetime]], zone: str, window: tuple[str, str, str], delivered: str) -> None:
    """Hold the way from pickup to delivery against the day and hours of the pickup and the day of the delivery."""
    assert [what for what, _ in way] == ["picked_up", "scanned", "delivered"]
    picked_up, scanned, handed_over = (moment.astimezone(ZoneInfo(zone)) for _, moment in way)
    day, since, till = window
    assert picked_up.date() == scanned.date() == date.fromisoformat(day)
    assert time.fromisoformat(since) <= picked_up.time() <= time.fromisoformat(till)
    assert picked_up < scanned
    assert scanned.time() >= time(18)
    assert handed_over.date() == date.fromisoformat(delivered)
    assert time(7) <= handed_over.time() <= time(18)


@pytest.mark.rule("shipment.create")
@pytest.mark.parametrize("location", [BERLIN, HELSINKI, ZONELESS_LOCATION])
@pytest.mark.parametrize(
    ("now", "asked", "collected", "delivered"),
    [
        ("2026-04-13T08:00:00Z", ("2026-04-15", "11:00", "14:00"), "2026-04-15", "2026-04-16"),
        ("2026-04-13T08:00:00Z", ("2026-04-15", "09:00", "11:00"), "2026-04-15", "2026-04-16"),
        ("2026-04-13T08:00:00Z", ("2026-04-15", "09:00", "19:00"), "2026-04-15", "2026-04-16"),
        ("2026-04-13T08:00:00Z", ("2026-04-17", "11:00", "14:00"), "2026-04-17", "2026-04-20"),
        # The window has begun: the rest of it is left, on the same day.
        ("2026-04-13T08:00:00Z", ("2026-04-13", "09:00", "19:00"), "2026-04-13", "2026-04-14"),
        ("2026-04-13T13:00:00Z", ("2026-04-13", "09:00", "19:00"), "2026-04-13", "2026-04-14"),
        # The window is over: the same hours of the next working day.
        ("2026-04-13T13:00:00Z", ("2026-04-13", "09:00", "12:00"), "2026-04-14", "2026-04-15"),
        ("2026-04-16T13:00:00Z", ("2026-04-16", "09:00", "12:00"), "2026-04-17", "2026-04-20"),
        ("2026-04-17T13:00:00Z", ("2026-04-17", "09:00", "12:00"), "2026-04-20", "2026-04-21"),
        # Summer time begins and ends over a weekend.
        ("2026-03-25T08:00:00Z", ("2026-03-27", "11:00", "14:00"), "2026-03-27", "2026-03-30"),
        ("2026-03-27T08:00:00Z", ("2026-03-30", "11:00", "14:00"), "2026-03-30", "2026-03-31"),
        ("2026-03-27T13:30:00Z", ("2026-03-27", "09:00", "11:00"), "2026-03-30", "2026-03-31"),
        ("2026-10-22T08:00:00Z", ("2026-10-23", "17:00", "19:00"), "2026-10-23", "2026-10-26"),
        ("2026-10-23T13:30:00Z", ("2026-10-23", "09:00", "11:00"), "2026-10-26", "2026-10-27"),
        # Far ahead, at the turn of a year.
        ("2026-04-13T08:00:00Z", ("2027-12-31", "11:00", "14:00"), "2027-12-31", "2028-01-03"),
        ("2026-04-13T08:00:00Z", ("8998-12-31", "11:00", "14:00"), "8998-12-31", "8999-01-01"),
    ],
)
def test_order_goes_its_way(
    location: str, now: str, asked: tuple[str, str, str], collected: str, delivered: str
) -> None:
    """An order is booked after five minutes, collected inside its window, scanned that evening and delivered on the
    next working day, all by the clock of the origin: so it stands in the agenda, and so it happens, each step at its
    own time."""
    world = world_at(now)
    day, since, till = asked
    id = order(world, location_id=location, pickup_date=day, pickup_time_from=since, pickup_time_till=till)
    agenda = planned(world, id)
    assert agenda[0] == ("booked", instant(now) + timedelta(minutes=5))
    require_way(agenda[1:], ZONES[location], (collected, since, till), delivered)

    for _, due in agenda:
        advance(world, due - timedelta(seconds=1))
        before = len(passed(world, id))
        advance(world, due)
        assert len(passed(world, id)) == before + 1
    assert passed(world, id) == agenda
    assert planned(world, id) == []
    shown = get(world, id)
    assert shown["status"] == "delivered"
    assert [entry["time"] for entry in shown["status_updates"]] == [wire(due) for _, due in agenda]


@pytest.mark.parametrize(
    ("now", "comes_late"), [("11:50:00", False), ("11:54:00", False), ("11:56:00", True), ("11:59:59", True)]
)
def test_order_is_booked_before_it_is_collected(now: str, comes_late: bool) -> None:
    """Where the booking leaves some of today's window, the rest of it is used; where not, the courier comes later."""
    world = world_at(f"{MONDAY}T{now}Z")
    id = order(world, pickup_date=MONDAY)
    day, delivered = ("2026-04-14", "2026-04-15") if comes_late else (MONDAY, "2026-04-14")
    (_, booked), *way = planned(world, id)
    require_way(way, "Europe/Berlin", (day, "11:00", "14:00"), delivered)
    assert booked < way[0][1]


@pytest.mark.parametrize(("day", "status"), [("9999-12-31", "pending"), ("8999-12-31", "in_transit")])
def test_dates_that_no_clock_reaches(day: str, status: str) -> None:
    """An order for a date at the end of time, or beyond, is taken and booked; what lies beyond never happens."""
    client = Client()
    made = client.post("/shipments", NEW | {"pickup_date": day, "location_id": HELSINKI})
    assert made.status == 201
    agenda = client.control("GET", "/worlds/test/agenda")
    assert agenda.status == 200
    assert "courier.booked" in [entry["type"] for entry in agenda.json if entry.get("shipment_id") == made.json["id"]]
    assert client.control("POST", "/worlds/test/clock/advance", {"to": "9000-01-01T00:00:00Z"}).status == 200
    shown = client.get(f"/shipments/{made.json['id']}").json
    assert (shown["status"], shown["tracking_number"] is not None) == (status, True)


def test_frozen_clock_lets_nothing_happen(client: Client) -> None:
    """However often anybody asks, with a clock that stands nothing happens; when it is moved, all that is due does, in
    the order of time and across shipments, and the answer tells it."""
    made = [client.post("/shipments", NEW | {"pickup_date": day}).json["id"] for day in (WEDNESDAY, MONDAY)]
    before = client.world.snapshot()["agenda"]
    for _ in range(3):
        assert {client.get(f"/shipments/{id}").json["status"] for id in made} == {"pending"}
        client.get("/shipments")
        assert client.control("GET", "/worlds/test/events").json == []
    assert client.world.snapshot()["agenda"] == before

    agenda = client.control("GET", "/worlds/test/agenda").json
    assert all(entry["automatic"] for entry in agenda)
    told = client.control("POST", "/worlds/test/clock/advance", {"to": "2026-04-30T00:00:00Z"}).json["events"]
    assert [entry["time"] for entry in told] == sorted(entry["time"] for entry in told)
    assert [(e["time"], e["type"], e["shipment_id"]) for e in told] == [
        (e["time"], e["type"], e["shipment_id"]) for e in agenda
    ]
    assert not [entry for entry in told if "skipped" in entry]
    assert client.control("GET", "/worlds/test/agenda").json == []
    assert client.control("GET", "/worlds/test/events").json == told


def test_real_clock_moves_the_courier(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a clock that runs, what is due has happened before a request is answered, at its own time."""
    machine = [instant("2026-04-13T08:00:00Z").timestamp()]
    monkeypatch.setattr(clock_module, "time", lambda: machine[0])
    client = Client(new_worlds(mode="real"))
    path = f"/shipments/{client.post('/shipments', NEW).json['id']}"
    machine[0] += 299
    assert client.get(path).json["status_updates"] == []
    machine[0] += 1
    assert [entry["time"] for entry in client.get(path).json["status_updates"]] == ["2026-04-13T08:05:00Z"]
    machine[0] = instant("2026-04-15T12:30:00Z").timestamp()
    assert client.patch(path, {"notes": "x"}).rules == ["shipment.update-state"]
    machine[0] = instant("2026-05-01T00:00:00Z").timestamp()
    assert next(entry for entry in client.get("/shipments").json if path.endswith(entry["id"]))["status"] == "delivered"


@pytest.mark.parametrize(
    ("id", "rest"),
    [
        (LOCKED_SHIPMENT, WAY),
        (SHIPMENT, WAY[1:]),
        (MOVING_SHIPMENT, WAY[2:]),
        (DELIVERED_SHIPMENT, []),
        (LOST_SHIPMENT, []),
        (CANCELLED_SHIPMENT, []),
    ],
)
def test_shipments_of_the_start_go_on(world: World, id: str, rest: list[str]) -> None:
    """What the world begins with is carried on from where it stands; what is over stays as it is."""
    before = get(world, id)
    assert steps(world, id) == rest
    go(world, "2026-05-01T00:00:00Z")
    assert [what for what, _ in passed(world, id)] == rest
    after = get(world, id)
    assert (after["status"] == "delivered") if rest else (after == before)
    assert after["status_updates"][: len(before["status_updates"])] == before["status_updates"]


# Automation is a setting


def test_without_automation_only_events_move() -> None:
    """In a world that begins without automation nothing is planned, not even after an event."""
    world = quiet_client().world
    id = order(world)
    assert len(world.agenda) == 0
    assert go(world, "2027-04-13T00:00:00Z") == []
    assert get(world, id)["status"] == "pending"
    for what, status in zip(WAY, ("pending", "in_transit", "in_transit", "delivered"), strict=True):
        do(world, id, what)
        assert get(world, id)["status"] == status
        assert len(world.agenda) == 0
    update = run(world, shipments.update_shipment, SHIPMENT, {"weight": 2})
    assert (update["status"], len(world.agenda)) == ("pending", 0)


@pytest.mark.parametrize("done", range(5))
def test_switching_automation(client: Client, done: int) -> None:
    """Switched off, nothing is left of what was planned, but for what was planned by hand; switched on again, the rest
    of the way is planned, from where the shipment stands, and happens without a gap."""
    world = client.world
    id, other = order(world), order(world)
    switch(client, courier_automation=False)
    assert len(world.agenda) == 0
    by_hand = {"type": "courier.lost", "shipment_id": other, "time": "2026-04-14T00:00:00Z"}
    assert client.control("POST", "/worlds/test/events", by_hand).status == 200
    do(world, id, *WAY[:done])
    assert go(world, "2026-04-18T08:00:00Z")[0].event.target == other
    switch(client, hourly_sync=False)
    assert planned(world, id) == []

    switch(client, courier_automation=True)
    assert steps(world, id) == WAY[done:]
    assert all(due >= world.now for _, due in planned(world, id))
    if done < 2:  # on a Saturday, after the day of the pickup
        require_way(planned(world, id)[-3:], "Europe/Berlin", ("2026-04-20", "11:00", "14:00"), "2026-04-21")
    go(world, "2026-04-30T00:00:00Z")
    assert [what for what, _ in passed(world, id)] == WAY
    assert get(world, id)["status"] == "delivered"
    assert get(world, other)["status"] == "fault"


def test_switching_automation_off_keeps_what_was_planned_by_hand(client: Client) -> None:
    """Only what the sandbox planned by itself leaves the agenda; switching on what is on changes nothing."""
    id = order(client.world)
    by_hand = {"type": "courier.lost", "shipment_id": id, "time": "2026-04-14T00:00:00Z"}
    client.control("POST", "/worlds/test/events", by_hand)
    before = client.world.snapshot()
    switch(client, courier_automation=True)
    assert client.world.snapshot() == before
    switch(client, courier_automation=False)
    assert client.control("GET", "/worlds/test/agenda").json == [by_hand]


# By hand


@pytest.mark.rule("event.state")
@pytest.mark.parametrize(
    ("done", "rest", "collected", "delivered"),
    [
        ([("08:01:00", "booked")], WAY[1:], "2026-04-24", "2026-04-27"),
        ([("08:01:00", "picked_up")], WAY[2:], MONDAY, "2026-04-14"),
        ([("08:06:00", "picked_up")], WAY[2:], MONDAY, "2026-04-14"),
        ([("20:30:00", "picked_up")], WAY[2:], MONDAY, "2026-04-14"),
        ([("2026-04-18T09:00:00Z", "picked_up")], WAY[2:], "2026-04-18", "2026-04-20"),
        ([("2026-04-14T10:00:00Z", "picked_up"), ("2026-04-14T10:00:00Z", "scanned")], WAY[3:], None, "2026-04-15"),
        ([("2026-04-14T10:00:00Z", "picked_up"), ("2026-04-14T10:00:00Z", "delivered")], [], None, None),
        ([("2026-04-17T10:00:00Z", "picked_up"), ("2026-04-18T10:00:00Z", "scanned")], WAY[3:], None, "2026-04-20"),
        ([("2026-04-17T10:00:00Z", "picked_up"), ("2026-04-22T10:00:00Z", "scanned")], WAY[3:], None, "2026-04-22"),
        ([("08:01:00", "lost")], [], None, None),
        ([("2026-04-14T10:00:00Z", "picked_up"), ("2026-04-14T11:00:00Z", "lost")], [], None, None),
    ],
)
def test_rest_is_planned_around_what_is_done_by_hand(
    done: list[tuple[str, str]], rest: list[str], collected: str | None, delivered: str | None
) -> None:
    """What happens earlier or later than planned replaces that step, and the rest is planned anew from there: in
    order, nothing twice, nothing skipped. What is lost or delivered is over."""
    world = new_world()
    id = order(world, pickup_date="2026-04-24")
    for when, what in done:
        if len(done) > 1 and what != "picked_up":  # later than the automation would have it: hold that back
            change_settings(world, QUIET)
        go(world, when)
        do(world, id, what)
    change_settings(world, Settings())
    agenda = planned(world, id)
    assert [what for what, _ in agenda] == rest
    assert all(due >= world.now for _, due in agenda)
    if collected is not None:
        zone = ZoneInfo("Europe/Berlin")
        assert {due.astimezone(zone).date() for what, due in agenda if what in ("picked_up", "scanned")} == {
            date.fromisoformat(collected)
        }
    if delivered is not None:
        assert agenda[-1][1].date() == date.fromisoformat(delivered)
    go(world, "2026-06-01T00:00:00Z")
    kinds = [what for what, _ in passed(world, id)]
    assert kinds[len(kinds) - len(rest) :] == rest
    assert len(set(kinds)) == len(kinds)
    assert get(world, id)["status"] == ("fault" if done[-1][1] == "lost" else "delivered")


@pytest.mark.parametrize("what", ["picked_up", "lost"])
def test_event_of_the_agenda_replans_too(client: Client, what: str) -> None:
    """An event that was planned by hand replaces what the automation had planned, when its time comes."""
    id = order(client.world)
    by_hand = {"type": f"courier.{what}", "shipment_id": id, "time": "2026-04-14T06:00:00Z", "status": "By hand"}
    client.control("POST", "/worlds/test/events", by_hand)
    assert sorted(steps(client.world, id)) == sorted([*WAY, what])
    client.control("POST", "/worlds/test/clock/advance", {"to": "2026-05-01T00:00:00Z"})
    kinds = [kind for kind, _ in passed(client.world, id)]
    assert kinds == (WAY if what == "picked_up" else ["booked", "lost"])
    assert client.get(f"/shipments/{id}").json["status_updates"][1] == {
        "status": "By hand",
        "time": "2026-04-14T06:00:00Z",
    }


@pytest.mark.rule("shipment.cancel", "shipment.update")
@pytest.mark.parametrize("change", [None, {"weight": 2}, {"pickup_date": "2026-04-17"}, {"notes": "x"}])
@pytest.mark.parametrize("now", ["08:00:00", "08:10:00"])
def test_given_up_orders_leave_nothing(client: Client, change: dict[str, Any] | None, now: str) -> None:
    """Nothing is left of an order that is cancelled or replaced, not even what was planned by hand; a new order begins
    its own way, and other shipments keep theirs. Notes change no order."""
    world = client.world
    id, other = order(world), order(world)
    for target in (id, other):
        by_hand = {"type": "courier.lost", "shipment_id": target, "time": "2026-04-16T02:00:00Z"}
        client.control("POST", "/worlds/test/events", by_hand)
    go(world, now)
    theirs, ours = planned(world, other), planned(world, id)
    reply = client.delete(f"/shipments/{id}") if change is None else client.patch(f"/shipments/{id}", change)
    assert reply.status == 200
    assert planned(world, other) == theirs
    if change == {"notes": "x"}:
        assert planned(world, id) == ours
    else:
        assert steps(world, id) == ([] if change is None else WAY)
        go(world, "2026-05-01T00:00:00Z")
        since = [entry for entry in passed(world, id) if entry[1] > instant(f"{MONDAY}T{now}Z")]
        assert [what for what, _ in since] == ([] if change is None else WAY)
    assert client.get(f"/shipments/{id}").json["status"] == (
        "cancelled" if change is None else "pending" if change == {"notes": "x"} else "delivered"
    )


def test_many_replacements_leave_one_order(world: World) -> None:
    """However often an order is replaced, one stands in the agenda."""
    id = order(world)
    others = len(world.agenda) - len(WAY)
    for count in range(2, 200):
        run(world, shipments.update_shipment, id, {"package_count": count})
    assert steps(world, id) == WAY
    assert len(world.agenda) == others + len(WAY)


# Words and numbers

WORDS = {
    BERLIN: [
        "Order accepted",
        "Collected by the driver",
        "Arrived at the night hub",
        "Handed over to the recipient",
        "Whereabouts unknown, search started",
    ],
    HELSINKI: [
        "The order data has been sent to DHL electronically",
        "The shipment has been collected from the sender",
        "The shipment has been processed in the parcel centre",
        "The shipment has been delivered",
        "The shipment cannot be located",
    ],
    ZONELESS_LOCATION: ["BOOKED", "PICKED UP", "HUB SCAN", "DELIVERED - SIGNED", "EXCEPTION - LOST"],
}


@pytest.mark.parametrize("location", WORDS)
def test_couriers_have_words_of_their_own(world: World, location: str) -> None:
    """Each of the three couriers tells in its own words what it does, by itself and by hand."""
    ids = [order(world, location_id=location) for _ in range(2)]
    go(world, "2026-04-14T00:00:00Z")
    do(world, ids[1], "lost")
    go(world, "2026-05-01T00:00:00Z")
    told = [[entry["status"] for entry in get(world, id)["status_updates"]] for id in ids]
    assert told == [WORDS[location][:4], [WORDS[location][0], WORDS[location][4]]]


@pytest.mark.rule("time.instants")
def test_events_can_have_their_own_words(client: Client) -> None:
    """The wording of an event is shown as it came, oldest first, each with its time; the booking may bring a number."""
    id = order(client.world)
    for seconds, (what, details) in enumerate(
        [
            ("booked", {"status": "Angenommen", "tracking_number": "ÄB 1"}),
            ("picked_up", {"status": "x" * 128}),
            ("scanned", {"status": "Nachtsprung"}),
            ("scanned", {}),
            ("lost", {"status": "Weg"}),
        ]
    ):
        event = {"type": f"courier.{what}", "shipment_id": id, **details}
        assert client.control("POST", "/worlds/test/events", event).status == 200
        assert client.control("POST", "/worlds/test/clock/advance", {"seconds": seconds}).status == 200
    shown = client.get(f"/shipments/{id}").json
    assert (shown["status"], shown["tracking_number"]) == ("fault", "ÄB 1")
    assert shown["status_updates"] == [
        {"status": "Angenommen", "time": "2026-04-13T08:00:00Z"},
        {"status": "x" * 128, "time": "2026-04-13T08:00:00Z"},
        {"status": "Nachtsprung", "time": "2026-04-13T08:00:01Z"},
        {"status": "Arrived at the night hub", "time": "2026-04-13T08:00:03Z"},
        {"status": "Weg", "time": "2026-04-13T08:00:06Z"},
    ]


def test_number_comes_with_the_booking(world: World) -> None:
    """An order has no number before it is booked, gets one then or at the latest when it is collected, keeps it, and
    shares it with no other."""
    booked, collected = order(world), order(world)
    do(world, collected, "picked_up")
    assert (get(world, booked)["tracking_number"], planned(world, collected)[0][0]) == (None, "scanned")
    numbers = {get(world, collected)["tracking_number"]}
    go(world, "08:05:00")
    numbers.add(get(world, booked)["tracking_number"])
    assert len(numbers) == 2
    assert all(numbers)
    go(world, "2026-05-01T00:00:00Z")
    assert {get(world, id)["tracking_number"] for id in (booked, collected)} == numbers


@pytest.mark.rule("event.state", "atomic")
def test_order_is_booked_once(world: World) -> None:
    """A booked order is not booked again, with another number or without; one that was replaced is."""
    id = order(world)
    do(world, id, "booked", tracking_number="ONE")
    before = world.snapshot()
    for details in ({}, {"tracking_number": "TWO"}):
        with pytest.raises(Refusal) as caught:
            do(world, id, "booked", **details)
        assert (caught.value.rule.id, caught.value.status) == ("event.state", 409)
    assert world.snapshot() == before
    run(world, shipments.update_shipment, id, {"weight": 2})
    do(world, id, "booked", tracking_number="TWO")
    assert get(world, id)["tracking_number"] == "TWO"


# Freshness


@pytest.fixture
def quiet() -> World:
    """A world in which nothing happens by itself, with its hourly sync."""
    return new_world(settings=QUIET)


@pytest.mark.rule("shipment.freshness", "time.updated")
@pytest.mark.parametrize("read", ["09:00:00", "09:00:01", "09:59:59", "10:00:00", "2026-04-20T12:34:56Z"])
@pytest.mark.parametrize("noted", ["08:00:00", "08:00:01", "08:59:59"])
def test_list_is_as_the_last_full_hour_left_it(quiet: World, noted: str, read: str) -> None:
    """The list shows nothing new before a full hour has passed; then it does, changed at that hour, whenever it is
    read for the first time."""
    go(quiet, noted)
    id = order(quiet)
    before = in_list(quiet, id)
    do(quiet, id, "picked_up")
    assert in_list(quiet, id) == before
    go(quiet, "08:59:59")
    assert in_list(quiet, id) == before
    go(quiet, read)
    shown = in_list(quiet, id)
    assert (shown["status"], shown["updated_at"]) == ("in_transit", "2026-04-13T09:00:00Z")
    assert [entry["time"] for entry in shown["status_updates"]] == [f"{MONDAY}T{noted}Z"]
    assert shown["tracking_number"]


@pytest.mark.rule("shipment.freshness", "time.updated")
def test_noted_at_the_full_hour(quiet: World) -> None:
    """What the courier notes at a full hour is found by the sync of the next one, and by getting it at once."""
    go(quiet, "09:00:00")
    listed, fetched = order(quiet), order(quiet)
    for id in (listed, fetched):
        do(quiet, id, "picked_up")
    assert get(quiet, fetched)["updated_at"] == "2026-04-13T09:00:00Z"
    for now in ("09:00:00", "09:59:59"):
        go(quiet, now)
        assert (in_list(quiet, listed)["status"], in_list(quiet, fetched)["status"]) == ("pending", "in_transit")
    go(quiet, "10:00:00")
    assert (in_list(quiet, listed)["status"], in_list(quiet, listed)["updated_at"]) == (
        "in_transit",
        "2026-04-13T10:00:00Z",
    )
    assert in_list(quiet, fetched)["updated_at"] == "2026-04-13T09:00:00Z"


@pytest.mark.rule("shipment.freshness", "time.updated")
def test_each_hour_brings_what_it_found(quiet: World) -> None:
    """Where several hours passed unread, the copy changed at the last that brought something."""
    id = order(quiet)
    for now, what in (("08:30:00", "booked"), ("09:30:00", "picked_up"), ("12:10:00", "scanned")):
        go(quiet, now)
        do(quiet, id, what)
    assert [entry["time"][11:16] for entry in in_list(quiet, id)["status_updates"]] == ["08:30", "09:30"]
    assert in_list(quiet, id)["updated_at"] == "2026-04-13T10:00:00Z"
    go(quiet, "20:00:00")
    assert in_list(quiet, id)["updated_at"] == "2026-04-13T13:00:00Z"


@pytest.mark.rule("shipment.freshness", "time.updated")
def test_getting_one_syncs_it(quiet: World) -> None:
    """Getting a shipment shows what the courier knows now, and the list then shows it too; only what is new counts as
    a change, and only of the shipment that was got."""
    id, other = order(quiet), order(quiet)
    go(quiet, "08:20:00")
    assert get(quiet, id)["updated_at"] is None
    do(quiet, id, "booked")
    do(quiet, other, "booked")
    go(quiet, "08:21:00")
    fetched = get(quiet, id)
    assert (len(fetched["status_updates"]), fetched["updated_at"]) == (1, "2026-04-13T08:21:00Z")
    assert in_list(quiet, id) == fetched
    assert in_list(quiet, other)["status_updates"] == []
    go(quiet, "15:00:00")
    assert get(quiet, id) == in_list(quiet, id) == fetched
    assert in_list(quiet, other)["updated_at"] == "2026-04-13T09:00:00Z"


@pytest.mark.rule("shipment.freshness", "shipment.update-state", "shipment.cancel", "atomic")
@pytest.mark.parametrize("chosen", [QUIET, STALE])
@pytest.mark.parametrize(
    ("operation", "body", "rule"),
    [
        (shipments.update_shipment, {"weight": 2}, "shipment.update-state"),
        (shipments.update_shipment, {}, "shipment.update-state"),
        (shipments.cancel_shipment, None, "shipment.cancel"),
    ],
)
def test_update_and_cancel_sync_first(chosen: Settings, operation: Any, body: Any, rule: str) -> None:
    """A pickup that partners have not seen refuses update and cancellation; they have seen it then."""
    world = new_world(settings=chosen)
    id = order(world)
    do(world, id, "picked_up")
    go(world, "08:10:00")
    assert in_list(world, id)["status"] == "pending"
    refusal = refusal_of(world, operation, id, body)
    assert (refusal.rule.id, refusal.status) == (rule, 409)
    shown = in_list(world, id)
    assert (shown["status"], shown["updated_at"]) == ("in_transit", "2026-04-13T08:10:00Z")


@pytest.mark.rule("shipment.freshness", "update.empty")
@pytest.mark.parametrize(
    ("operation", "body"),
    [
        (shipments.update_shipment, {"notes": "x"}),
        (shipments.update_shipment, {}),
        (shipments.update_shipment, {"notes": "courier-refuses-cancel", "pickup_time_till": "12:00"}),
        (shipments.cancel_shipment, None),
    ],
)
def test_answers_of_changes_are_fresh(quiet: World, operation: Any, body: Any) -> None:
    """What update and cancellation answer has the booking that partners have not seen; a refused update, too, leaves
    the copy synced."""
    id = order(quiet)
    do(quiet, id, "booked", tracking_number="NEW")
    go(quiet, "08:10:00")
    assert in_list(quiet, id)["tracking_number"] is None
    if body and "pickup_time_till" in body:
        assert refusal_of(quiet, operation, id, body).rule.id == "pickup.width"
        shown = in_list(quiet, id)
    else:
        shown = run(quiet, operation, id, body)
    assert (shown["tracking_number"], shown["updated_at"]) == ("NEW", "2026-04-13T08:10:00Z")
    assert in_list(quiet, id) == shown


@pytest.mark.rule("shipment.freshness")
def test_appointments_list_is_synced_after_three_hours() -> None:
    """Without the hourly sync the list of an appointment's shipments syncs what was synced more than 3 hours ago, but
    not at exactly 3; the list of all shipments never does."""
    world = new_world(settings=STALE)
    id = order(world, appointment_id=APPOINTMENT)
    fresh = order(world, appointment_id=APPOINTMENT)
    for each in (id, fresh):
        do(world, each, "picked_up")
    go(world, "08:00:01")
    get(world, fresh)
    do(world, fresh, "delivered")

    go(world, "11:00:00")
    assert linked(world) == {id: "pending", fresh: "in_transit"}
    go(world, "11:00:01")
    assert in_list(world, id)["status"] == "pending"
    assert linked(world) == {id: "in_transit", fresh: "in_transit"}
    assert (in_list(world, id)["status"], in_list(world, id)["updated_at"]) == ("in_transit", "2026-04-13T11:00:01Z")
    do(world, id, "delivered")
    go(world, "11:00:02")
    assert linked(world) == {id: "in_transit", fresh: "delivered"}
    go(world, "14:00:01")
    assert linked(world) == {id: "in_transit", fresh: "delivered"}
    go(world, "14:00:02")
    assert linked(world) == {id: "delivered", fresh: "delivered"}
    do(world, order(world), "picked_up")
    go(world, "2026-04-20T00:00:00Z")
    assert run(world, shipments.list_shipments)[0]["status"] == "pending"


def linked(world: World) -> dict[str, str]:
    """The statuses that the list of an appointment's shipments shows, but for those of the world's start."""
    shown = run(world, list_appointment_shipments, APPOINTMENT)
    return {entry["id"]: entry["status"] for entry in reversed(shown) if entry["id"] != LOCKED_SHIPMENT}


@pytest.mark.rule("shipment.freshness")
def test_appointments_list_with_the_hourly_sync(quiet: World) -> None:
    """With the hourly sync nothing gets three hours old: the list of an appointment shows what the list of all does."""
    id = order(quiet, appointment_id=APPOINTMENT)
    go(quiet, "12:59:59")
    do(quiet, id, "picked_up")
    assert linked(quiet) == {id: "pending"}
    go(quiet, "13:00:00")
    assert linked(quiet) == {id: "in_transit"}
    assert in_list(quiet, id)["updated_at"] == "2026-04-13T13:00:00Z"


@pytest.mark.rule("shipment.freshness")
def test_switching_the_hourly_sync_off(client: Client) -> None:
    """What the hourly sync has brought stays when it is switched off, also where nobody had read it; what comes later
    waits for another sync."""
    world = switch(client, courier_automation=False)
    id = order(world)
    do(world, id, "booked")
    go(world, "09:30:00")
    do(world, id, "picked_up")
    switch(client, hourly_sync=False)
    for now in ("09:30:00", "10:00:00", "2026-04-20T00:00:00Z"):
        go(world, now)
        shown = in_list(world, id)
        assert (shown["status"], len(shown["status_updates"])) == ("pending", 1)
        assert shown["updated_at"] == "2026-04-13T09:00:00Z"
    assert get(world, id)["status"] == "in_transit"


@pytest.mark.rule("shipment.freshness", "time.updated")
def test_switching_the_hourly_sync_on(client: Client) -> None:
    """The hourly sync that is switched on begins at the next full hour; it has not run in the hours before."""
    world = switch(client, courier_automation=False, hourly_sync=False)
    id = order(world)
    do(world, id, "picked_up")
    go(world, "10:30:00")
    before = in_list(world, id)
    switch(client, hourly_sync=True)
    for now in ("10:30:00", "10:59:59"):
        go(world, now)
        assert in_list(world, id) == before
    go(world, "11:00:00")
    shown = in_list(world, id)
    assert (shown["status"], shown["updated_at"]) == ("in_transit", "2026-04-13T11:00:00Z")


@pytest.mark.rule("shipment.freshness")
def test_freshness_begins_anew_after_a_reset() -> None:
    """A reset brings back the setting that the world was made with."""
    worlds = new_worlds()
    worlds.create("test", settings=STALE)
    client = Client(worlds)
    switch(client, hourly_sync=True)
    client.control("POST", "/worlds/test/reset")
    id = order(client.world)
    do(client.world, id, "picked_up")
    go(client.world, "12:00:00")
    assert in_list(client.world, id)["status"] == "pending"


@pytest.mark.rule("shipment.freshness", "time.updated")
@pytest.mark.parametrize("operation", [attach_appointments, detach_appointments])
def test_changes_of_links_do_not_sync(quiet: World, operation: Any) -> None:
    """A change of links shows the copy as the hourly sync left it."""
    id = order(quiet, appointment_id=DRAWN_APPOINTMENT)
    do(quiet, id, "booked")
    go(quiet, "09:10:00")
    do(quiet, id, "picked_up")
    shown = run(quiet, operation, id, {"appointment_ids": [APPOINTMENT]})
    assert (shown["status"], len(shown["status_updates"])) == ("pending", 1)
    assert shown["updated_at"] == "2026-04-13T09:00:00Z"
    go(quiet, "10:00:00")
    again = run(quiet, operation, id, {"appointment_ids": [APPOINTMENT]})
    assert (again["status"], again["updated_at"]) == ("in_transit", "2026-04-13T10:00:00Z")


@pytest.mark.rule("shipment.freshness", "time.updated")
def test_replacement_starts_the_copy_anew(quiet: World) -> None:
    """What was noted of the order before is in no later sync; a cancelled shipment is changed by no sync at all."""
    id = order(quiet)
    do(quiet, id, "booked", tracking_number="ONE")
    go(quiet, "08:30:00")
    replaced = run(quiet, shipments.update_shipment, id, {"weight": 2})
    go(quiet, "09:30:00")
    assert in_list(quiet, id) == get(quiet, id) == replaced
    do(quiet, id, "booked", tracking_number="TWO")
    assert in_list(quiet, id) == replaced
    cancelled = run(quiet, shipments.cancel_shipment, id)
    assert (cancelled["status"], cancelled["tracking_number"]) == ("cancelled", "TWO")
    go(quiet, "2026-04-20T00:00:00Z")
    assert in_list(quiet, id) == get(quiet, id) == cancelled


# The copy beside a naive model of it

LEADS_TO = {
    "booked": "pending",
    "picked_up": "in_transit",
    "scanned": "in_transit",
    "delivered": "delivered",
    "lost": "fault",
}
POSSIBLE = {"pending": {"booked", "picked_up", "lost"}, "in_transit": {"scanned", "delivered", "lost"}}


class Copy:
    """What the courier knows of one shipment and what partners have seen of it, with a sync that runs each hour."""

    def __init__(self, now: datetime, *, hourly: bool) -> None:
        self.now = self.synced = now
        self.hourly = hourly
        self.truth: list[tuple[str, str, datetime]] = []
        self.seen: list[tuple[str, str, datetime]] = []
        self.updated: datetime | None = None
        self.cancelled = False

    def status(self, known: list[tuple[str, str, datetime]]) -> str:
        return "cancelled" if self.cancelled else LEADS_TO[known[-1][0]] if known else "pending"

    def allows(self, what: str) -> bool:
        """Whether the courier can do this now; it books once."""
        return what in POSSIBLE.get(self.status(self.truth), set()) and not (what == "booked" and self.truth)

    def note(self, what: str, words: str, when: datetime) -> None:
        self.truth.append((what, words, when))

    def sync(self, now: datetime) -> None:
        if len(self.truth) > len(self.seen):
            self.updated = now
        self.seen, self.synced = list(self.truth), now

    def replace(self) -> None:
        self.sync(self.now)
        self.truth, self.seen, self.updated = [], [], self.now

    def cancel(self) -> None:
        self.sync(self.now)
        self.cancelled, self.updated = True, self.now

    def pass_time(self, to: datetime, happened: list[Happened]) -> None:
        """Go through the hours one by one, with what the courier did meanwhile; at equal times the sync goes first."""
        waiting = [(e.event.type.removeprefix("courier."), e.event.details["status"], e.time) for e in happened]
        hour = self.now.replace(minute=0, second=0)
        while hour < to - HOUR or hour + HOUR <= to:
            hour += HOUR
            while waiting and waiting[0][2] < hour:
                self.truth.append(waiting.pop(0))
            if self.hourly:
                self.sync(hour)
        self.truth += waiting
        self.now = to


PAUSES = [0, 1, 59, 300, 1799, 1800, 3599, 3600, 3601, 7200, 10799, 10800, 10801, 30_000, 86_400]
ACTIONS = st.one_of(
    st.sampled_from(WAY).map(lambda what: ("event", what)),
    st.sampled_from(PAUSES).map(lambda seconds: ("wait", seconds)),
    st.integers(0, 20_000).map(lambda seconds: ("wait", seconds)),
    st.sampled_from(["list", "get", "appointment", "attach", "notes", "empty", "refused"]).map(
        lambda read: (read, None)
    ),
    st.sampled_from(["replace", "cancel"]).map(lambda change: (change, None)),
    st.just(("event", "lost")),
)


@pytest.mark.rule("shipment.freshness", "time.updated", "atomic")
@settings(deadline=None)
@given(st.lists(ACTIONS, max_size=25), st.booleans(), st.booleans(), st.sampled_from([0, 1, 1800, 3599]))
@example([("event", "booked"), ("wait", 3600), ("event", "picked_up"), ("list", None)], True, False, 0)
@example([("event", "picked_up"), ("wait", 10800), ("appointment", None), ("wait", 1)], False, False, 0)
@example([("wait", 200_000), ("list", None)], True, True, 0)
@example([("event", "booked"), ("replace", None), ("event", "booked"), ("list", None)], False, False, 0)
def test_copy_is_a_prefix_of_the_truth(
    actions: list[tuple[str, Any]], hourly: bool, automation: bool, begins: int
) -> None:
    """Whatever the courier and partners do in whatever order, every answer shows the beginning of what the courier
    knows, exactly as a sync that runs at every full hour, and when it must, would have left it."""
    world = new_world(settings=Settings(courier_automation=automation, hourly_sync=hourly))
    advance(world, world.now + timedelta(seconds=begins))
    id = order(world, appointment_id=APPOINTMENT, pickup_date=MONDAY)
    model = Copy(world.now, hourly=hourly)

    def hold(shown: Any) -> None:
        assert shown["status"] == model.status(model.seen)
        assert shown["status_updates"] == [{"status": words, "time": wire(when)} for _, words, when in model.seen]
        assert model.seen == model.truth[: len(model.seen)]
        assert (shown["tracking_number"] is None) == (not {"booked", "picked_up"} & {what for what, _, _ in model.seen})
        assert shown["updated_at"] == (wire(model.updated) if model.updated else None)

    for number, (action, value) in enumerate(actions):
        pending = model.status(model.truth) == "pending"
        if action == "event":
            event = Event(f"courier.{value}", id, {"status": f"{value} {number}"})
            if model.allows(value):
                happen(world, event)
                model.note(value, f"{value} {number}", world.now)
            else:
                with pytest.raises(Refusal):
                    happen(world, event)
        elif action == "wait":
            happened = advance(world, world.now + timedelta(seconds=value))
            model.pass_time(world.now, [entry for entry in happened if entry.event.target == id])
        elif action == "get":
            model.sync(world.now)
            hold(get(world, id))
        elif action == "appointment":
            if world.now - model.synced > timedelta(hours=3):
                model.sync(world.now)
            hold(next(e for e in run(world, list_appointment_shipments, APPOINTMENT) if e["id"] == id))
        elif action == "attach":
            hold(run(world, attach_appointments, id, {"appointment_ids": [APPOINTMENT]}))
        elif action in ("replace", "notes", "empty", "cancel") and pending:
            hold_change(world, model, id, action, hold)
        elif action in ("replace", "notes", "empty", "cancel", "refused"):
            model.sync(world.now)
            body = {"pickup_date": "2026-04-12"}
            operation = shipments.cancel_shipment if action == "cancel" else shipments.update_shipment
            assert refusal_of(world, operation, id, None if action == "cancel" else body).status in (400, 409)
        hold(in_list(world, id))


def hold_change(world: World, model: Copy, id: str, action: str, hold: Any) -> None:
    """Let a partner change what is pending, in the world and in the model."""
    if action == "cancel":
        model.cancel()
        hold(run(world, shipments.cancel_shipment, id))
        return
    bodies: dict[str, dict[str, Any]] = {"replace": {"weight": 2}, "notes": {"notes": "x"}, "empty": {}}
    if action == "replace":
        model.replace()
    else:
        model.sync(model.now)
        model.updated = model.now if action == "notes" else model.updated
    hold(run(world, shipments.update_shipment, id, bodies[action]))
