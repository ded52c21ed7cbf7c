"""The events of Aniva's side, and what each does to a world.

An event happens now, or stands in the agenda until its time comes; either way it is found in the history afterwards.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from aniva_sandbox.api.access import find
from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.appointments.states import Move, move
from aniva_sandbox.api.locations.records import Location
from aniva_sandbox.api.profiles.records import Profile
from aniva_sandbox.api.results.events import bring_results, catch_up, correct_results, fail_order
from aniva_sandbox.api.results.orders import plan_results
from aniva_sandbox.api.shipments.courier import Noted, note, plan_all
from aniva_sandbox.api.shipments.records import Shipment
from aniva_sandbox.engine.contract.formats import parse_date, parse_instant
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.event_rules import EVENT_STATE, EVENT_UNKNOWN
from aniva_sandbox.engine.world.tables import Table
from aniva_sandbox.engine.world.world import World

__all__ = [
    "EVENTS",
    "EventType",
    "advance",
    "advance_until",
    "find_target",
    "happen",
    "settle",
]


class EventType(msgspec.Struct, frozen=True):
    """A kind of event: which id says what it is about, which table that is in, which details it must and may have,
    and what it does.

    ``happen`` gets the record and the details; it changes the world whole or raises a refusal, and returns details
    that came out of it.
    """

    target: str
    table: Callable[[World], Table[Any]]
    happen: Callable[[World, Any, dict[str, Any]], dict[str, Any]]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


def _move(by: Move) -> Callable[[World, Appointment, dict[str, Any]], dict[str, Any]]:
    def happen(world: World, appointment: Appointment, _details: dict[str, Any]) -> dict[str, Any]:
        move(world, appointment, by, EVENT_STATE)
        order = world.orders.get(appointment.id)
        if order is not None:
            plan_results(world, order)
        return {}

    return happen


def _order_kit(world: World, profile: Profile, details: dict[str, Any]) -> dict[str, Any]:
    scheduled_at = details.get("scheduled_at")
    appointment = Appointment(
        id=world.ids.next_uuid("appointment"),
        profile_id=profile.id,
        location_id=None,
        scheduled_at=parse_instant(scheduled_at) if scheduled_at else None,
        status="confirmed",
        test_method="home",
        created_at=world.now,
    )
    world.appointments.add(appointment)
    return {"appointment_id": appointment.id}


def _note(what: Noted) -> Callable[[World, Shipment, dict[str, Any]], dict[str, Any]]:
    def happen(world: World, shipment: Shipment, details: dict[str, Any]) -> dict[str, Any]:
        given = details.get("status"), details.get("tracking_number")
        report = note(world, shipment, what, EVENT_STATE, *given)
        number = {"tracking_number": report.tracking_number} if report.tracking_number else {}
        return {"status": report.wording} | number

    return happen


def _set_active(active: bool) -> Callable[[World, Location, dict[str, Any]], dict[str, Any]]:
    def happen(_world: World, location: Location, _details: dict[str, Any]) -> dict[str, Any]:
        location.active = active
        return {}

    return happen


def _block_date(_world: World, location: Location, details: dict[str, Any]) -> dict[str, Any]:
    location.blocked_dates.add(parse_date(details["date"]))
    return {}


def _appointments(world: World) -> Table[Any]:
    return world.appointments


def _profiles(world: World) -> Table[Any]:
    return world.profiles


def _locations(world: World) -> Table[Any]:
    return world.locations


def _shipments(world: World) -> Table[Any]:
    return world.shipments


EVENTS: dict[str, EventType] = {
    "practice.confirmed": EventType("appointment_id", _appointments, _move("practice confirms")),
    "operations.cancelled": EventType("appointment_id", _appointments, _move("operations cancel")),
    "kit.ordered": EventType("profile_id", _profiles, _order_kit, optional=("scheduled_at",)),
    "courier.booked": EventType("shipment_id", _shipments, _note("booked"), optional=("status", "tracking_number")),
    "courier.picked_up": EventType("shipment_id", _shipments, _note("picked_up"), optional=("status",)),
    "courier.scanned": EventType("shipment_id", _shipments, _note("scanned"), optional=("status",)),
    "courier.delivered": EventType("shipment_id", _shipments, _note("delivered"), optional=("status",)),
    "courier.lost": EventType("shipment_id", _shipments, _note("lost"), optional=("status",)),
    "lab.results_arrived": EventType(
        "appointment_id", _appointments, bring_results, optional=("biomarker_ids", "values", "comment")
    ),
    "lab.corrected": EventType(
        "appointment_id", _appointments, correct_results, required=("values",), optional=("comment",)
    ),
    "lab.order_failed": EventType("appointment_id", _appointments, fail_order),
    "location.closed": EventType("location_id", _locations, _set_active(False)),
    "location.opened": EventType("location_id", _locations, _set_active(True)),
    "location.date_blocked": EventType("location_id", _locations, _block_date, required=("date",)),
}


def find_target(world: World, event: Event) -> Any:
    """The record that an event is about; refused through ``event.unknown`` where there is none."""
    type = EVENTS[event.type]
    return find(type.table(world), event.target, EVENT_UNKNOWN, type.target.removesuffix("_id"))


def happen(world: World, event: Event) -> Happened:
    """Let an event happen now, and keep it in the history. Raises a refusal, and changes nothing, where it cannot."""
    outcome = EVENTS[event.type].happen(world, find_target(world, event), event.details)
    return _remember(world, msgspec.structs.replace(event, details=event.details | outcome))


def settle(world: World) -> list[Happened]:
    """Let time pass, and everything happen that is due, in order, each event at its own time."""
    _begin(world)
    now = world.clock.tick()
    if not world.agenda:
        return []
    happened = []
    try:
        while (entry := world.agenda.pop_due(now)) is not None:
            happened.append(_happen_at(world, *entry))
    finally:
        world.clock.now = now
    return happened


def advance(world: World, to: datetime) -> list[Happened]:
    """Move the clock forward and let everything happen that is due by then. Raises ValueError for a past instant."""
    _begin(world)
    world.clock.move(to)
    return settle(world)


def advance_until(world: World, type: str, target: str | None = None) -> list[Happened]:
    """Move the clock forward until an event of this type happens (to this target, where one is given), and let
    everything happen that is due by then.

    Where something on the way prevents it, time stops when the agenda holds no more such event.
    """
    happened = settle(world)
    while world.agenda.holds(type, target):
        passed = advance(world, world.agenda.next_due())
        happened += passed
        if any(
            entry.event.type == type and target in (None, entry.event.target) and "skipped" not in entry.event.details
            for entry in passed
        ):
            break
    return happened


def _begin(world: World) -> None:
    """Plan what happens by itself to what the world starts with: once, or anew where it starts with other settings."""
    if not world.begun:
        world.begun = True
        plan_all(world)
        catch_up(world)


def _happen_at(world: World, due: datetime, event: Event) -> Happened:
    world.clock.now = due
    try:
        return happen(world, event)
    except Refusal as refusal:
        return _remember(world, msgspec.structs.replace(event, details=event.details | {"skipped": refusal.message}))


def _remember(world: World, event: Event) -> Happened:
    happened = Happened(world.now, event)
    world.history.append(happened)
    return happened
