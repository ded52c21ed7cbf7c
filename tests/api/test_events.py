"""Aniva's side: what each event does, and how those of the agenda come about."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.events import EVENTS
from aniva_sandbox.api.locations import operations as locations
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.world import clock as clock_module
from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.event_types import EventType
from aniva_sandbox.engine.world.events import advance, find_target, happen, settle
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    DELIVERED_SHIPMENT,
    DRAWN_APPOINTMENT,
    HOME_APPOINTMENT,
    INACTIVE_LOCATION,
    PENDING_APPOINTMENT,
    PROFILE,
    QUIET,
    SHIPMENT,
    UNKNOWN,
    new_world,
    quiet_client,
    refusal_of,
    run,
)


@pytest.fixture
def world() -> World:
    """A fresh world in which nothing happens by itself."""
    return new_world(settings=QUIET)


START = datetime(2026, 4, 13, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


# What events do


@pytest.mark.rule("time.updated", "event.state", "atomic")
@pytest.mark.parametrize(
    ("type", "allowed", "leads_to", "not_allowed"),
    [
        (
            "practice.confirmed",
            PENDING_APPOINTMENT,
            "confirmed",
            [APPOINTMENT, DRAWN_APPOINTMENT, CANCELLED_APPOINTMENT],
        ),
        (
            "operations.cancelled",
            DRAWN_APPOINTMENT,
            "cancelled",
            [PENDING_APPOINTMENT, APPOINTMENT, HOME_APPOINTMENT, CANCELLED_APPOINTMENT],
        ),
    ],
)
def test_moves_of_anivas_side(world: World, type: str, allowed: str, leads_to: str, not_allowed: list[str]) -> None:
    """The practice confirms what is pending and operations cancel what is drawn; from every other state that is
    refused and changes nothing. The move counts as a change."""
    for id in not_allowed:
        refusal = refusal_of(world, Event(type, id))
        assert (refusal.rule.id, refusal.status) == ("event.state", 409)
    advance(world, START + HOUR)
    happened = happen(world, Event(type, allowed))
    assert world.appointments[allowed].status == leads_to
    assert world.appointments[allowed].updated_at == START + HOUR
    assert happened == Happened(START + HOUR, Event(type, allowed))
    assert world.history == [happened]
    assert refusal_of(world, Event(type, allowed)).rule.id == "event.state"


@pytest.mark.rule("appointment.home-kit")
@pytest.mark.parametrize(
    ("details", "scheduled_at"),
    [({}, None), ({"scheduled_at": "2026-05-01T12:00:00+02:00"}, "2026-05-01T10:00:00Z")],
)
def test_kit_is_ordered(world: World, details: dict[str, Any], scheduled_at: str | None) -> None:
    """A home kit makes a confirmed appointment without a location, with or without a date, which partners see."""
    happened = happen(world, Event("kit.ordered", PROFILE, details))
    made = run(world, appointments.get_appointment, happened.event.details["appointment_id"])
    assert (made["status"], made["test_method"], made["location_id"]) == ("confirmed", "home", None)
    assert (made["profile_id"], made["scheduled_at"]) == (PROFILE, scheduled_at)
    assert (made["created_at"], made["updated_at"], made["panels"]) == ("2026-04-13T08:00:00Z", None, [])


def test_kits_are_appointments_of_their_own(world: World) -> None:
    """Two kits ordered for one profile are two appointments."""
    ids = {happen(world, Event("kit.ordered", PROFILE)).event.details["appointment_id"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.rule("location.active")
def test_location_closes_and_opens(world: World) -> None:
    """A location that closed is not listed and refused as if it did not exist; opened, it is back."""

    def listed(id: str) -> bool:
        return id in [location["id"] for location in run(world, locations.list_locations)]

    happen(world, Event("location.closed", BERLIN))
    assert not listed(BERLIN)
    assert refusal_of(world, locations.get_availability, BERLIN).rule.id == "location.active"
    happen(world, Event("location.opened", BERLIN))
    assert listed(BERLIN)
    assert run(world, locations.get_availability, BERLIN)["location_id"] == BERLIN
    assert not listed(INACTIVE_LOCATION)
    happen(world, Event("location.opened", INACTIVE_LOCATION))
    assert listed(INACTIVE_LOCATION)


def test_closing_twice_is_no_fault(world: World) -> None:
    """A location may be closed or opened although it is; that changes nothing but the history."""
    for type in ("location.closed", "location.opened"):
        for _ in range(2):
            happen(world, Event(type, BERLIN))
        assert world.locations[BERLIN].active == (type == "location.opened")
    assert len(world.history) == 4


@pytest.mark.rule("availability.slots")
def test_date_is_blocked(world: World) -> None:
    """A blocked date has no slots any more; the day after keeps its own."""

    def days() -> list[str]:
        window = {"start_date": "2026-04-20", "end_date": "2026-04-21"}
        return [day["date"] for day in run(world, locations.get_availability, BERLIN, query=window)["availability"]]

    assert days() == ["2026-04-20", "2026-04-21"]
    happen(world, Event("location.date_blocked", BERLIN, {"date": "2026-04-20"}))
    assert days() == ["2026-04-21"]
    assert date(2026, 4, 20) in world.locations[BERLIN].blocked_dates


@pytest.mark.rule("event.unknown")
@pytest.mark.parametrize("type", list(EVENTS))
def test_target_must_exist(world: World, type: str) -> None:
    """No event happens to what is not there, and the refusal says what that is."""
    event = Event(type, UNKNOWN, {"date": "2026-04-20"})
    refusal = refusal_of(world, event)
    assert (refusal.rule.id, refusal.status) == ("event.unknown", 404)
    assert refusal.message == f"There is no such {EVENTS[type].target.removesuffix('_id')}"
    with pytest.raises(Refusal) as caught:
        find_target(world, event)
    assert caught.value.body() == refusal.body()


@pytest.mark.parametrize(
    ("type", "target", "table"),
    [
        ("practice.confirmed", PENDING_APPOINTMENT, "appointments"),
        ("operations.cancelled", CANCELLED_APPOINTMENT, "appointments"),
        ("kit.ordered", PROFILE, "profiles"),
        ("location.closed", BERLIN, "locations"),
        ("location.opened", BERLIN, "locations"),
        ("location.date_blocked", BERLIN, "locations"),
        ("courier.booked", DELIVERED_SHIPMENT, "shipments"),
        ("courier.picked_up", DELIVERED_SHIPMENT, "shipments"),
        ("courier.scanned", SHIPMENT, "shipments"),
        ("courier.delivered", SHIPMENT, "shipments"),
        ("courier.lost", SHIPMENT, "shipments"),
        ("lab.results_arrived", PENDING_APPOINTMENT, "appointments"),
        ("lab.corrected", PENDING_APPOINTMENT, "appointments"),
        ("lab.order_failed", PENDING_APPOINTMENT, "appointments"),
    ],
)
def test_target_is_found_whatever_its_state(world: World, type: str, target: str, table: str) -> None:
    """What an event is about is a record of the world, found whether or not the event is possible."""
    assert find_target(world, Event(type, target)) is getattr(world, table)[target]


def test_what_each_type_takes() -> None:
    """Each type of event has the id of what it is about, and the details that it must and may have."""

    def taken(kind: EventType) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        names = kind.details.__struct_fields__
        return kind.target, kind.required, tuple(name for name in names if name not in kind.required)

    assert {type: taken(kind) for type, kind in EVENTS.items()} == {
        "practice.confirmed": ("appointment_id", (), ()),
        "operations.cancelled": ("appointment_id", (), ()),
        "kit.ordered": ("profile_id", (), ("scheduled_at",)),
        "location.closed": ("location_id", (), ()),
        "location.opened": ("location_id", (), ()),
        "location.date_blocked": ("location_id", ("date",), ()),
        "courier.booked": ("shipment_id", (), ("status", "tracking_number")),
        "courier.picked_up": ("shipment_id", (), ("status",)),
        "courier.scanned": ("shipment_id", (), ("status",)),
        "courier.delivered": ("shipment_id", (), ("status",)),
        "courier.lost": ("shipment_id", (), ("status",)),
        "lab.results_arrived": ("appointment_id", (), ("biomarker_ids", "values", "comment")),
        "lab.corrected": ("appointment_id", ("values",), ("comment",)),
        "lab.order_failed": ("appointment_id", (), ()),
    }


# Agenda and clock


def test_nothing_happens_before_its_time(world: World) -> None:
    """What is due a second later stays in the agenda; what is due now happens."""
    world.agenda.add(START + HOUR, Event("location.closed", BERLIN))
    assert advance(world, START + HOUR - timedelta(seconds=1)) == []
    assert world.locations[BERLIN].active
    assert len(advance(world, START + HOUR)) == 1
    assert not world.locations[BERLIN].active
    assert len(world.agenda) == 0


def test_due_events_happen_in_order_at_their_own_time(world: World) -> None:
    """All that is due when the clock moves happens in order, each event at the time it was due, not at the end."""
    world.agenda.add(START + 3 * HOUR, Event("location.opened", BERLIN))
    world.agenda.add(START + 2 * HOUR, Event("kit.ordered", PROFILE))
    world.agenda.add(START + HOUR, Event("practice.confirmed", PENDING_APPOINTMENT))
    world.agenda.add(START + HOUR, Event("location.closed", BERLIN))
    happened = advance(world, START + 10 * HOUR)
    assert [(past.time, past.event.type) for past in happened] == [
        (START + HOUR, "practice.confirmed"),
        (START + HOUR, "location.closed"),
        (START + 2 * HOUR, "kit.ordered"),
        (START + 3 * HOUR, "location.opened"),
    ]
    assert world.history == happened
    assert world.now == START + 10 * HOUR
    assert world.appointments[PENDING_APPOINTMENT].updated_at == START + HOUR
    kit = world.appointments[happened[2].event.details["appointment_id"]]
    assert kit.created_at == START + 2 * HOUR
    assert world.locations[BERLIN].active


@pytest.mark.rule("event.skipped")
def test_impossible_events_are_skipped(world: World) -> None:
    """An event that is not possible when its time comes changes nothing, says why in the history, and does not keep
    the next ones from happening."""
    world.agenda.add(START + HOUR, Event("practice.confirmed", CANCELLED_APPOINTMENT))
    world.agenda.add(START + HOUR, Event("practice.confirmed", UNKNOWN))
    world.agenda.add(START + 2 * HOUR, Event("practice.confirmed", PENDING_APPOINTMENT))
    before = world.appointments[CANCELLED_APPOINTMENT].updated_at
    happened = advance(world, START + 2 * HOUR)
    assert [(past.time, past.event.details.get("skipped")) for past in happened] == [
        (START + HOUR, "The appointment is cancelled"),
        (START + HOUR, "There is no such appointment"),
        (START + 2 * HOUR, None),
    ]
    assert world.history == happened
    cancelled = world.appointments[CANCELLED_APPOINTMENT]
    assert (cancelled.status, cancelled.updated_at) == ("cancelled", before)
    assert world.appointments[PENDING_APPOINTMENT].status == "confirmed"


def test_clock_shows_each_events_time_and_then_the_worlds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While an event of the agenda happens, now is when it was due; afterwards now is where the clock was moved to."""
    seen: list[tuple[datetime, Any, dict[str, Any]]] = []

    def watches(world: World, location: Any, details: dict[str, Any]) -> dict[str, Any]:
        seen.append((world.now, location, details))
        return {}

    kind = msgspec.structs.replace(EVENTS["location.date_blocked"], happen=watches)
    monkeypatch.setitem(EVENTS, "location.date_blocked", kind)
    for hours in (2, 1):
        world.agenda.add(START + hours * HOUR, Event("location.date_blocked", BERLIN, {"date": f"2026-05-0{hours}"}))
    advance(world, START + 5 * HOUR)
    assert seen == [
        (START + HOUR, world.locations[BERLIN], {"date": "2026-05-01"}),
        (START + 2 * HOUR, world.locations[BERLIN], {"date": "2026-05-02"}),
    ]
    assert world.now == START + 5 * HOUR


def test_clock_is_right_after_an_event_that_broke(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an event breaks the sandbox, the clock still shows the world's time afterwards, and goes on from it."""

    def breaks(_world: World, _location: Any, _details: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("broken")

    kind = msgspec.structs.replace(EVENTS["location.closed"], happen=breaks)
    monkeypatch.setitem(EVENTS, "location.closed", kind)
    world.agenda.add(START + HOUR, Event("location.closed", BERLIN))
    with pytest.raises(RuntimeError, match="broken"):
        advance(world, START + 2 * HOUR)
    assert world.now == START + 2 * HOUR
    advance(world, START + 3 * HOUR)
    assert world.now == START + 3 * HOUR


def test_settling_without_anything_due(world: World) -> None:
    """Nothing happens where nothing is due, and what is due later stays."""
    assert settle(world) == []
    world.agenda.add(START + HOUR, Event("location.closed", BERLIN))
    assert settle(world) == []
    assert len(world.agenda) == 1


@pytest.mark.parametrize("due", [False, True])
def test_settling_lets_a_running_clock_catch_up(monkeypatch: pytest.MonkeyPatch, due: bool) -> None:
    """Time passes for a running world when it is settled, with something due or not; a frozen one stands."""
    machine = [START.timestamp()]
    monkeypatch.setattr(clock_module, "time", lambda: machine[0])
    running, frozen = quiet_client(mode="real").world, quiet_client().world
    for world in (running, frozen):
        if due:
            world.agenda.add(START + HOUR, Event("location.closed", BERLIN))
    machine[0] += 7200
    assert (running.now, frozen.now) == (START, START)
    assert [len(settle(world)) for world in (running, frozen)] == [int(due), 0]
    assert (running.now, frozen.now) == (START + 2 * HOUR, START)


def test_clock_goes_not_back(world: World) -> None:
    """The clock cannot be moved to the past, and nothing happens on the try."""
    world.agenda.add(START, Event("location.closed", BERLIN))
    with pytest.raises(ValueError, match="backwards"):
        advance(world, START - HOUR)
    assert world.history == []


@pytest.mark.rule("time.instants")
def test_due_events_come_before_the_next_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a running clock, what is due happens as the first step of the next request to that world, at its own
    time; a request a second earlier does not see it."""
    machine = [START.timestamp()]
    monkeypatch.setattr(clock_module, "time", lambda: machine[0])
    client = quiet_client(mode="real")
    client.world.agenda.add(START + HOUR, Event("practice.confirmed", PENDING_APPOINTMENT))
    client.world.agenda.add(START + HOUR, Event("location.closed", BERLIN))

    machine[0] += 3599.9
    assert client.get(f"/appointments/{PENDING_APPOINTMENT}").json["status"] == "pending"
    assert client.get(f"/locations/{BERLIN}/availability").status == 200
    machine[0] += 3600
    assert client.get(f"/locations/{BERLIN}/availability").rules == ["location.active"]
    seen = client.get(f"/appointments/{PENDING_APPOINTMENT}")
    assert (seen.json["status"], seen.json["updated_at"]) == ("confirmed", "2026-04-13T09:00:00Z")
    assert seen.headers["x-sandbox-time"] == "2026-04-13T09:59:59Z"
    assert [past.time for past in client.world.history] == [START + HOUR, START + HOUR]


@pytest.mark.rule("time.instants")
@pytest.mark.parametrize("due", [False, True])
def test_a_request_sees_one_instant(monkeypatch: pytest.MonkeyPatch, due: bool) -> None:
    """All that a request makes and tells has one time, also on a machine whose time goes on whenever it is read, and
    the next request has a later one."""
    seconds = itertools.count(START.timestamp())
    monkeypatch.setattr(clock_module, "time", lambda: next(seconds))
    client = quiet_client(mode="real")
    if due:
        client.world.agenda.add(client.world.now, Event("location.opened", BERLIN))
    new = {"first_name": "Zoe", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}
    booking = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-05-04T09:00:00+02:00"}
    seen = []
    for reply in (client.post("/profiles", new), client.post("/appointments", booking)):
        assert reply.status == 201
        assert reply.json["created_at"] == reply.headers["x-sandbox-time"]
        seen.append(reply.headers["x-sandbox-time"])
    changed = client.patch(f"/profiles/{PROFILE}", {"height": 180})
    assert changed.json["updated_at"] == changed.headers["x-sandbox-time"]
    seen.append(changed.headers["x-sandbox-time"])
    assert sorted(set(seen)) == seen
    assert [f"{exchange.time:%Y-%m-%dT%H:%M:%SZ}" for exchange in client.world.journal] == seen


def test_due_events_come_even_before_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is refused still lets happen what is due."""
    machine = [START.timestamp()]
    monkeypatch.setattr(clock_module, "time", lambda: machine[0])
    client = quiet_client(mode="real")
    client.world.agenda.add(START + HOUR, Event("location.closed", BERLIN))
    machine[0] += 3600
    assert client.get("/nowhere").status == 404
    assert len(client.world.history) == 1
