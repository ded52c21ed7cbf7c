"""The courier by itself and by hand: its way, its days, and switching it off and on."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aniva_sandbox.api.beginnings import get_fixture
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world import clock as clock_module
from aniva_sandbox.engine.world.events import advance, settle
from tests.api.shipments.courier_steps import (
    MONDAY,
    NEW,
    WAY,
    WEDNESDAY,
    do,
    get,
    go,
    instant,
    order,
    planned,
    steps,
    switch,
    wire,
)
from tests.support import (
    BERLIN,
    CANCELLED_SHIPMENT,
    DELIVERED_SHIPMENT,
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
    run,
    snapshot_of,
)

ZONES = {BERLIN: "Europe/Berlin", HELSINKI: "Europe/Helsinki", ZONELESS_LOCATION: "UTC"}


@pytest.fixture
def client() -> Client:
    """A client of a fresh default world in which the laboratories do nothing by themselves."""
    return quiet_client(NO_LABORATORY)


def world_at(start: str) -> World:
    """A default world whose clock stands at an instant."""
    world = World("test", get_fixture("default"), DOMAIN, mode="frozen", start=instant(start))
    settle(world)
    return world


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
    before = snapshot_of(client.world)["agenda"]
    for _ in range(3):
        assert {client.get(f"/shipments/{id}").json["status"] for id in made} == {"pending"}
        client.get("/shipments")
        assert client.control("GET", "/worlds/test/events").json == []
    assert snapshot_of(client.world)["agenda"] == before

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
    number = client.control("POST", "/worlds/test/events", by_hand).json["number"]
    before = snapshot_of(client.world)
    switch(client, courier_automation=True)
    assert snapshot_of(client.world) == before
    switch(client, courier_automation=False)
    assert client.control("GET", "/worlds/test/agenda").json == [by_hand | {"number": number}]


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
            DOMAIN.change_settings(world, QUIET)
        go(world, when)
        do(world, id, what)
    DOMAIN.change_settings(world, Settings())
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
