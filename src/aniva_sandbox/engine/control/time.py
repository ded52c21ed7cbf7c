"""Time and events: clocks, the agenda, and what Aniva's side does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.api.catalogue.wire import BiomarkerId
from aniva_sandbox.api.events import EVENTS
from aniva_sandbox.api.results.events import require_possible
from aniva_sandbox.api.results.rules import EVENT_VALUES
from aniva_sandbox.api.shipments.wire import ShipmentId
from aniva_sandbox.api.values import TRACKING_LENGTH, WORDING_LENGTH, TrackingNumber, Wording
from aniva_sandbox.api.wire import Uuid
from aniva_sandbox.engine.contract.formats import FORMATS, FormatError, parse_date, parse_instant
from aniva_sandbox.engine.contract.ground_rules import TIME_INPUT, WORLD_FULL
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, operation, sent_fields
from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.contract.schemas import Timestamp, field, needs_one
from aniva_sandbox.engine.contract.values import LongText, UuidText
from aniva_sandbox.engine.control.names import (
    CLOSED,
    WORLD_UNKNOWN,
    ClockView,
    Instant,
    WorldName,
    clock_view,
    find_world,
)
from aniva_sandbox.engine.problems import Path_, misfits
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world import events as rules
from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.clock import LATEST
from aniva_sandbox.engine.world.events import advance, advance_until, find_target, happen
from aniva_sandbox.engine.world.state import World, require_room
from aniva_sandbox.laboratory.values import COMMENT_LENGTH, Comment

__all__ = ["OPERATIONS", "RULES", "TAG", "ClockChange", "EventRequest", "EventView", "event_view", "wrong_details"]

TAG = "Time and events"

# Rules

CLOCK_FORWARD = Rule(
    id="clock.forward",
    sentence="A clock is moved by seconds, to an instant, or until an event, one of the three; never backwards, never "
    "past the year 9000.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)
CLOCK_UNTIL = Rule(
    id="clock.until",
    sentence="A clock can be moved only until an event that stands in the agenda.",
    basis="sandbox",
    source=SOURCE,
    statuses=(409,),
)
EVENT_DETAILS = Rule(
    id="event.details",
    sentence="An event carries the id and the details that its type wants, no others, and lies neither in the past nor "
    "beyond the year 9000.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)

RULES = (CLOCK_FORWARD, CLOCK_UNTIL, EVENT_DETAILS, *rules.RULES)

# Wire types


class ClockChange(msgspec.Struct, frozen=True, kw_only=True):
    """How a clock goes on, and from when."""

    SCHEMA: ClassVar[dict[str, Any]] = CLOSED

    mode: Annotated[str, field(extra={"enum": ["real", "frozen"]})]
    now: Instant | UnsetType = UNSET


class ClockAdvance(msgspec.Struct, frozen=True, kw_only=True):
    """How far a clock is moved: one of `seconds`, `to` and `until`; the last may name what the event is about."""

    SCHEMA: ClassVar[dict[str, Any]] = CLOSED | needs_one(CLOCK_FORWARD, "seconds", "to", "until")

    seconds: Annotated[int, field("So many seconds on.", ge=0, le=10**12, rule=CLOCK_FORWARD)] | UnsetType = UNSET
    to: Instant | UnsetType = UNSET
    until: (
        Annotated[str, field("The next event of this type that stands in the agenda.", extra={"enum": list(EVENTS)})]
        | UnsetType
    ) = UNSET
    appointment_id: Uuid | UnsetType = UNSET
    location_id: Uuid | UnsetType = UNSET
    profile_id: Uuid | UnsetType = UNSET
    shipment_id: ShipmentId | UnsetType = UNSET


class EventView(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event: its type, the record concerned, and named details."""

    time: Annotated[Timestamp, field("When it happened or will happen, in UTC.")]
    type: Annotated[str, field(extra={"enum": list(EVENTS)})]
    appointment_id: Uuid | UnsetType = UNSET
    location_id: Uuid | UnsetType = UNSET
    profile_id: Uuid | UnsetType = UNSET
    shipment_id: ShipmentId | UnsetType = UNSET
    automatic: Annotated[bool, field("Whether the sandbox planned it by itself.")] | UnsetType = UNSET
    status: Annotated[str, field("For the courier's events: its own words.")] | UnsetType = UNSET
    tracking_number: Annotated[str, field("For `courier.booked` and `courier.picked_up`.")] | UnsetType = UNSET
    scheduled_at: Annotated[str, field("For `kit.ordered`.")] | UnsetType = UNSET
    date: Annotated[str, field("For `location.date_blocked`.")] | UnsetType = UNSET
    biomarker_ids: Annotated[list[int], field("For the laboratory's: what arrived or was corrected.")] | UnsetType = (
        UNSET
    )
    values: Annotated[dict[str, float | str], field("For the laboratory's: what was chosen.")] | UnsetType = UNSET
    comment: Annotated[str, field("For the laboratory's.")] | UnsetType = UNSET
    skipped: Annotated[str, field("Why it was not possible when its time came.")] | UnsetType = UNSET


class ClockMoved(msgspec.Struct, frozen=True):
    """The new time, and what happened on the way."""

    clock: ClockView
    events: list[EventView]


BiomarkerKey = Annotated[
    str, field(pattern="^(0|[1-9][0-9]{0,8})$", extra={"x-hint": "must have names that are ids of biomarkers"})
]


class EventRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An event to happen: its type, the id of the record concerned, and named details."""

    SCHEMA: ClassVar[dict[str, Any]] = CLOSED

    type: Annotated[str, field(extra={"enum": list(EVENTS)})]
    appointment_id: Uuid | UnsetType = UNSET
    location_id: Uuid | UnsetType = UNSET
    profile_id: Uuid | UnsetType = UNSET
    shipment_id: ShipmentId | UnsetType = UNSET
    time: (
        Annotated[
            str,
            field(
                "Now by default; a later event stands in the agenda.", rule=TIME_INPUT, extra={"format": "date-time"}
            ),
        ]
        | UnsetType
    ) = UNSET
    scheduled_at: (
        Annotated[str, field("For `kit.ordered`, optional.", rule=TIME_INPUT, extra={"format": "date-time"})]
        | UnsetType
    ) = UNSET
    date: Annotated[str, field("For `location.date_blocked`.", extra={"format": "date"})] | UnsetType = UNSET
    status: (
        Annotated[
            str,
            field(
                "For the courier's events, optional: its words for the update.", min_length=1, max_length=WORDING_LENGTH
            ),
        ]
        | UnsetType
    ) = UNSET
    tracking_number: (
        Annotated[str, field("For `courier.booked`, optional.", min_length=1, max_length=TRACKING_LENGTH)] | UnsetType
    ) = UNSET
    biomarker_ids: (
        Annotated[
            list[BiomarkerId], field("For `lab.results_arrived`: some of those ordered; all by default.", min_length=1)
        ]
        | UnsetType
    ) = UNSET
    values: (
        Annotated[
            dict[BiomarkerKey, float | str],
            field(
                "For `lab.results_arrived` and `lab.corrected`: values or genotypes by biomarker id, in the unit of "
                "the biomarker, rounded as the laboratory reports them.",
                examples=[{"60": 4.2}],
            ),
        ]
        | UnsetType
    ) = UNSET
    comment: (
        Annotated[
            str,
            field("For `lab.results_arrived` and `lab.corrected`, optional.", min_length=1, max_length=COMMENT_LENGTH),
        ]
        | UnsetType
    ) = UNSET


# Operations


@operation("GET", "/worlds/{world}/clock", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def get_clock(worlds: Worlds, call: Call[NoQuery, NoBody]) -> ClockView:
    """Get a world's time"""
    return clock_view(find_world(worlds, call.id))


@operation(
    "PUT",
    "/worlds/{world}/clock",
    tag=TAG,
    path_id=WorldName,
    refuses=(WORLD_UNKNOWN, CLOCK_FORWARD),
    example={"mode": "frozen"},
)
def put_clock(worlds: Worlds, call: Call[NoQuery, ClockChange]) -> ClockMoved:
    """Freeze a world's clock or let it run, here or from a later instant on"""
    world = find_world(worlds, call.id)
    happened = [] if call.body.now is UNSET else advance(world, _forward(world, parse_instant(call.body.now)))
    world.clock.set_mode("real" if call.body.mode == "real" else "frozen")
    return ClockMoved(clock_view(world), [event_view(event) for event in happened])


@operation(
    "POST",
    "/worlds/{world}/clock/advance",
    tag=TAG,
    path_id=WorldName,
    refuses=(WORLD_UNKNOWN, CLOCK_FORWARD, EVENT_DETAILS, rules.EVENT_UNKNOWN, CLOCK_UNTIL),
    example={"seconds": 3600},
)
def advance_clock(worlds: Worlds, call: Call[NoQuery, ClockAdvance]) -> ClockMoved:
    """Move a world's clock forward

    By seconds, to an instant, or until an event of the agenda happens. Everything that is due by then happens before
    the answer, in order, each event at its own time.
    """
    world = find_world(worlds, call.id)
    sent = sent_fields(call.body)
    ways = sent.keys() & {"seconds", "to", "until"}
    if len(ways) > 1:
        CLOCK_FORWARD.refuse(f"Give one of {', '.join(sorted(ways))}")
    if "until" in sent:
        happened = _advance_until(world, sent.pop("until"), sent)
    elif len(sent) > 1:
        CLOCK_FORWARD.refuse(f"{', '.join(sorted(sent.keys() - ways))} go with until only")
    elif "to" in sent:
        happened = advance(world, _forward(world, parse_instant(sent["to"])))
    else:
        if sent["seconds"] > (LATEST - world.now).total_seconds():
            CLOCK_FORWARD.refuse("A clock goes no further than the year 9000")
        happened = advance(world, world.now + timedelta(seconds=sent["seconds"]))
    return ClockMoved(clock_view(world), [event_view(event) for event in happened])


@operation("GET", "/worlds/{world}/agenda", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def list_agenda(worlds: Worlds, call: Call[NoQuery, NoBody]) -> list[EventView]:
    """List what will happen, soonest first"""
    return [event_view(Happened(due, event)) for due, event in find_world(worlds, call.id).agenda]


@operation("GET", "/worlds/{world}/events", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def list_events(worlds: Worlds, call: Call[NoQuery, NoBody]) -> list[EventView]:
    """List what has happened, oldest first"""
    return [event_view(event) for event in find_world(worlds, call.id).history]


@operation(
    "POST",
    "/worlds/{world}/events",
    tag=TAG,
    path_id=WorldName,
    refuses=(WORLD_UNKNOWN, rules.EVENT_UNKNOWN, rules.EVENT_STATE, EVENT_DETAILS, EVENT_VALUES, WORLD_FULL),
    example={"type": "kit.ordered", "profile_id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"},
)
def create_event(worlds: Worlds, call: Call[NoQuery, EventRequest]) -> EventView:
    """Let an event happen, now or when its time comes"""
    world = find_world(worlds, call.id)
    details = sent_fields(call.body)
    type = details.pop("type")
    time = details.pop("time", None)
    kind = EVENTS[type]
    missing = [name for name in (kind.target, *kind.required) if name not in details]
    if missing:
        EVENT_DETAILS.refuse(f"{type} needs {' and '.join(missing)}")
    surplus = sorted(set(details) - {kind.target, *kind.required, *kind.optional})
    if surplus:
        EVENT_DETAILS.refuse(f"{type} takes no {' and no '.join(surplus)}")
    if "biomarker_ids" in details:
        details["biomarker_ids"] = list(dict.fromkeys(details["biomarker_ids"]))
    event = Event(type, details.pop(kind.target), details)
    due = parse_instant(time) if time else world.now
    if due < world.now:
        EVENT_DETAILS.refuse("time must not lie in the past")
    if due > LATEST:
        EVENT_DETAILS.refuse("time must not lie beyond the year 9000")
    event = msgspec.structs.replace(event, target=find_target(world, event).id)
    require_room(world)
    if due > world.now:
        require_possible(world.domain.shared(), details)
        world.agenda.add(due, event)
        return event_view(Happened(due, event))
    return event_view(happen(world, event))


def _advance_until(world: World, type: str, about: dict[str, str]) -> list[Happened]:
    name = EVENTS[type].target
    surplus = sorted(about.keys() - {name})
    if surplus:
        EVENT_DETAILS.refuse(f"{type} takes no {' and no '.join(surplus)}")
    target = find_target(world, Event(type, about[name])).id if about else None
    if not world.agenda.holds(type, target):
        CLOCK_UNTIL.refuse(f"The agenda holds no {type}" + (f" of the {name.removesuffix('_id')}" if target else ""))
    return advance_until(world, type, target)


def _forward(world: World, to: datetime) -> datetime:
    if to < world.now:
        CLOCK_FORWARD.refuse("A clock never goes backwards")
    if to > LATEST:
        CLOCK_FORWARD.refuse("A clock goes no further than the year 9000")
    return to


class _SavedDetails(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The details that an event of a snapshot may have: those that it was asked for, and those that came of it."""

    appointment_id: UuidText | UnsetType = UNSET
    status: Wording | UnsetType = UNSET
    tracking_number: TrackingNumber | UnsetType = UNSET
    scheduled_at: str | UnsetType = UNSET
    date: str | UnsetType = UNSET
    biomarker_ids: list[BiomarkerId] | UnsetType = UNSET
    values: dict[BiomarkerKey, float | str] | UnsetType = UNSET
    comment: Comment | UnsetType = UNSET
    skipped: LongText | UnsetType = UNSET


def wrong_details(event: Event) -> Iterator[tuple[Path_, str]]:
    """What is wrong with the details of an event of a snapshot, and where."""
    for name in EVENTS[event.type].required:
        if name not in event.details:
            yield (name,), f"is required for {event.type}"
    yield from misfits(event.details, _SavedDetails)
    for name, parse, wanted in (("scheduled_at", parse_instant, "date-time"), ("date", parse_date, "date")):
        text = event.details.get(name)
        if isinstance(text, str):
            try:
                parse(text)
            except FormatError:
                yield (name,), f"must be {FORMATS[wanted]}"


def event_view(happened: Happened) -> EventView:
    """An event as it is shown."""
    event = happened.event
    fields: dict[str, Any] = {EVENTS[event.type].target: event.target, **event.details}
    if event.automatic:
        fields["automatic"] = True
    return EventView(
        happened.time, event.type, **{name: fields[name] for name in EventView.__struct_fields__[2:] if name in fields}
    )


OPERATIONS = (get_clock, put_clock, advance_clock, list_agenda, list_events, create_event)
