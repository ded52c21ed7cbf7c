"""The clocks of worlds: reading them, freezing them, and moving them forward."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.contract.derived import extended, list_of
from aniva_sandbox.engine.contract.formats import parse_instant
from aniva_sandbox.engine.contract.ground_rules import TIME_INPUT
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Operation, operation, sent_fields
from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.contract.schemas import CLOSED, Timestamp, field, needs_one
from aniva_sandbox.engine.control.events import EVENT_DETAILS, TAG, event_view, event_view_type, target_fields
from aniva_sandbox.engine.control.names import WORLD_UNKNOWN, WorldName, find_world
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.clock import LATEST
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.events import EVENT_UNKNOWN, advance, advance_until, find_target
from aniva_sandbox.engine.world.state import World

__all__ = ["RULES", "ClockView", "Instant", "clock_operations", "clock_view"]

# Rules

CLOCK_FORWARD = Rule(
    id="clock.forward",
    sentence="A clock moves by a number of seconds, to an instant, or until an event: exactly one of these. It never "
    "moves backwards or past the year 9000.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)
CLOCK_UNTIL = Rule(
    id="clock.until",
    sentence="A clock can move only until an event that is in the agenda.",
    basis="sandbox",
    source=SOURCE,
    statuses=(409,),
)

RULES = (CLOCK_FORWARD, CLOCK_UNTIL)

# Wire types

Instant = Annotated[str, field("An RFC 3339 instant.", rule=TIME_INPUT, extra={"format": "date-time"})]


class ClockView(msgspec.Struct, frozen=True):
    """A world's time."""

    mode: Annotated[str, field(extra={"enum": ["real", "frozen"]})]
    now: Annotated[Timestamp, field("UTC, whole seconds.")]


class ClockChange(msgspec.Struct, frozen=True, kw_only=True):
    """The clock's new mode, and optionally its new time."""

    SCHEMA: ClassVar[dict[str, Any]] = CLOSED

    mode: Annotated[str, field(extra={"enum": ["real", "frozen"]})]
    now: Instant | UnsetType = UNSET


class ClockAdvance(msgspec.Struct, frozen=True, kw_only=True):
    """How far to move a clock: one of `seconds`, `to` and `until`. With `until`, the event's record may be named."""

    SCHEMA: ClassVar[dict[str, Any]] = CLOSED | needs_one(CLOCK_FORWARD, "seconds", "to", "until")

    seconds: Annotated[int, field("By this number of seconds.", ge=0, le=10**12, rule=CLOCK_FORWARD)] | UnsetType = (
        UNSET
    )
    to: Instant | UnsetType = UNSET


class ClockMoved(msgspec.Struct, frozen=True):
    """The new time, and the events that happened on the way."""

    clock: ClockView


# Operations


def clock_operations(domain: Domain) -> tuple[Operation[Worlds], ...]:
    """The operations on the clocks of worlds of this domain."""
    event_type = Annotated[
        str, field("Until the next event of this type in the agenda.", extra={"enum": list(domain.events)})
    ]
    advance_type = extended(ClockAdvance, [("until", event_type | UnsetType, UNSET), *target_fields(domain)])
    moved_type = extended(ClockMoved, [("events", list_of(event_view_type(domain)))])

    def moved(world: World, happened: Iterable[Happened]) -> Any:
        return moved_type(clock=clock_view(world), events=[event_view(domain, event) for event in happened])

    @operation("GET", "/worlds/{world}/clock", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
    def get_clock(worlds: Worlds, call: Call[NoQuery, NoBody]) -> ClockView:
        """Get a world's time"""
        return clock_view(find_world(worlds, call.id))

    @operation(
        "PUT",
        "/worlds/{world}/clock",
        tag=TAG,
        path_id=WorldName,
        returns=moved_type,
        refuses=(WORLD_UNKNOWN, CLOCK_FORWARD),
        example={"mode": "frozen"},
    )
    def put_clock(worlds: Worlds, call: Call[NoQuery, ClockChange]) -> Any:
        """Freeze or start a world's clock, now or at a later instant"""
        world = find_world(worlds, call.id)
        happened = [] if call.body.now is UNSET else advance(world, _forward(world, parse_instant(call.body.now)))
        world.clock.set_mode("real" if call.body.mode == "real" else "frozen")
        return moved(world, happened)

    @operation(
        "POST",
        "/worlds/{world}/clock/advance",
        tag=TAG,
        path_id=WorldName,
        body=advance_type,
        returns=moved_type,
        refuses=(WORLD_UNKNOWN, CLOCK_FORWARD, EVENT_DETAILS, EVENT_UNKNOWN, CLOCK_UNTIL),
        example={"seconds": 3600},
    )
    def advance_clock(worlds: Worlds, call: Call[NoQuery, Any]) -> Any:
        """Move a world's clock forward

        By a number of seconds, to an instant, or until an event in the agenda happens. All events due by then happen
        before the response is sent, in order, each at its own time.
        """
        world = find_world(worlds, call.id)
        return moved(world, _advance(world, sent_fields(call.body)))

    return get_clock, put_clock, advance_clock


def _advance(world: World, sent: dict[str, Any]) -> list[Happened]:
    ways = sent.keys() & {"seconds", "to", "until"}
    if len(ways) > 1:
        CLOCK_FORWARD.refuse(f"Give one of {', '.join(sorted(ways))}")
    if "until" in sent:
        return _advance_until(world, sent.pop("until"), sent)
    if len(sent) > 1:
        CLOCK_FORWARD.refuse(f"{', '.join(sorted(sent.keys() - ways))} can be sent with until only")
    if "to" in sent:
        return advance(world, _forward(world, parse_instant(sent["to"])))
    if sent["seconds"] > (LATEST - world.now).total_seconds():
        CLOCK_FORWARD.refuse("A clock cannot go past the year 9000")
    return advance(world, world.now + timedelta(seconds=sent["seconds"]))


def _advance_until(world: World, type: str, about: dict[str, str]) -> list[Happened]:
    name = world.domain.events[type].target
    surplus = sorted(about.keys() - {name})
    if surplus:
        EVENT_DETAILS.refuse(f"{type} does not accept {' or '.join(surplus)}")
    target = find_target(world, Event(type, about[name])).id if about else None
    if not world.agenda.holds(type, target):
        CLOCK_UNTIL.refuse(f"The agenda has no {type}" + (f" for this {name.removesuffix('_id')}" if target else ""))
    return advance_until(world, type, target)


def _forward(world: World, to: datetime) -> datetime:
    if to < world.now:
        CLOCK_FORWARD.refuse("A clock never goes backwards")
    if to > LATEST:
        CLOCK_FORWARD.refuse("A clock cannot go past the year 9000")
    return to


def clock_view(world: World) -> ClockView:
    """The view of a world's clock."""
    return ClockView(world.clock.mode, world.now)
