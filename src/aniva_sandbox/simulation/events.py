"""The events of Aniva's side, and what each does to a world.

An event happens now, or stands in the agenda until its time comes; either way it is found in the history afterwards.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec

from aniva_sandbox.contract.formats import parse_date, parse_instant
from aniva_sandbox.contract.rules import Refusal, Rule
from aniva_sandbox.resources.appointments import move
from aniva_sandbox.resources.common import find
from aniva_sandbox.world.agenda import Event, Happened
from aniva_sandbox.world.tables import Appointment, Table
from aniva_sandbox.world.world import World

__all__ = ["EVENTS", "RULES", "EventType", "advance", "happen", "require_target", "settle"]

_SOURCE: Final = "the sandbox's control plane"

EVENT_UNKNOWN = Rule(
    id="event.unknown",
    sentence="What an event is about must exist in the world.",
    basis="sandbox",
    source=_SOURCE,
    statuses=(404,),
)
EVENT_STATE = Rule(
    id="event.state",
    sentence="An event happens only where the state of what it is about allows it.",
    basis="sandbox",
    source=_SOURCE,
    statuses=(409,),
)
EVENT_SKIPPED = Rule(
    id="event.skipped",
    sentence="An event of the agenda that is not possible when its time comes changes nothing, and says so in the "
    "history.",
    basis="sandbox",
    source=_SOURCE,
)

RULES = (EVENT_UNKNOWN, EVENT_STATE, EVENT_SKIPPED)


class EventType(msgspec.Struct, frozen=True):
    """A kind of event: which id says what it is about, which details it needs, and what it does.

    ``happen`` changes the world whole or raises a refusal; it returns details that came out of it.
    """

    target: str
    details: tuple[str, ...]
    happen: Callable[[World, Event], dict[str, Any]]


def _practice_confirms(world: World, event: Event) -> dict[str, Any]:
    appointment = find(world.appointments, event.target, EVENT_UNKNOWN)
    appointment.status = move(appointment, "practice confirms", EVENT_STATE)
    appointment.updated_at = world.now
    return {}


def _operations_cancel(world: World, event: Event) -> dict[str, Any]:
    appointment = find(world.appointments, event.target, EVENT_UNKNOWN)
    appointment.status = move(appointment, "operations cancel", EVENT_STATE)
    appointment.updated_at = world.now
    return {}


def _kit_is_ordered(world: World, event: Event) -> dict[str, Any]:
    profile = find(world.profiles, event.target, EVENT_UNKNOWN)
    scheduled_at = event.details.get("scheduled_at")
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


def _location_closes(world: World, event: Event) -> dict[str, Any]:
    find(world.locations, event.target, EVENT_UNKNOWN).active = False
    return {}


def _location_opens(world: World, event: Event) -> dict[str, Any]:
    find(world.locations, event.target, EVENT_UNKNOWN).active = True
    return {}


def _date_is_blocked(world: World, event: Event) -> dict[str, Any]:
    find(world.locations, event.target, EVENT_UNKNOWN).blocked_dates.add(parse_date(event.details["date"]))
    return {}


EVENTS: dict[str, EventType] = {
    "practice.confirmed": EventType("appointment_id", (), _practice_confirms),
    "operations.cancelled": EventType("appointment_id", (), _operations_cancel),
    "kit.ordered": EventType("profile_id", (), _kit_is_ordered),
    "location.closed": EventType("location_id", (), _location_closes),
    "location.opened": EventType("location_id", (), _location_opens),
    "location.date_blocked": EventType("location_id", ("date",), _date_is_blocked),
}


def require_target(world: World, event: Event) -> None:
    """Refuse, through ``event.unknown``, an event that is about nothing in the world."""
    tables: dict[str, Table[Any]] = {
        "appointment_id": world.appointments,
        "profile_id": world.profiles,
        "location_id": world.locations,
    }
    find(tables[EVENTS[event.type].target], event.target, EVENT_UNKNOWN)


def happen(world: World, event: Event) -> Happened:
    """Let an event happen now, and keep it in the history. Raises a refusal, and changes nothing, where it cannot."""
    outcome = EVENTS[event.type].happen(world, event)
    return _remember(world, msgspec.structs.replace(event, details=event.details | outcome))


def settle(world: World) -> list[Happened]:
    """Let everything that is due happen, in order, each event at its own time."""
    if not world.agenda:
        return []
    now = world.now
    happened = []
    while (next_due := world.agenda.pop_due(now)) is not None:
        due, event = next_due
        world.clock.pin(due)
        try:
            happened.append(happen(world, event))
        except Refusal as refusal:
            skipped = msgspec.structs.replace(event, details=event.details | {"skipped": refusal.message})
            happened.append(_remember(world, skipped))
        finally:
            world.clock.pin(None)
    return happened


def advance(world: World, to: datetime) -> list[Happened]:
    """Move the clock forward and let everything happen that is due by then. Raises ValueError for a past instant."""
    world.clock.move(to)
    return settle(world)


def _remember(world: World, event: Event) -> Happened:
    happened = Happened(world.now, event)
    world.history.append(happened)
    return happened
