"""Events of worlds: listing the agenda and the history, and creating events."""

from collections.abc import Callable, Iterable
from functools import cache
from itertools import islice
from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import UNSET

from aniva_sandbox.engine.contract.derived import described, description_of, list_of, make_struct, optional, plain, sent
from aniva_sandbox.engine.contract.formats import parse_instant
from aniva_sandbox.engine.contract.ground_rules import TIME_INPUT, WORLD_FULL
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Operation, operation, sent_fields
from aniva_sandbox.engine.contract.rules import SOURCE, Refusal, Rule
from aniva_sandbox.engine.contract.schemas import CLOSED, Timestamp, field
from aniva_sandbox.engine.control.names import WORLD_UNKNOWN, WorldName, find_world
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world import events as world_events
from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.clock import LATEST
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.event_types import EventType
from aniva_sandbox.engine.world.events import EVENT_STATE, EVENT_UNKNOWN, find_target, happen
from aniva_sandbox.engine.world.limits import MAX_NUMBER
from aniva_sandbox.engine.world.state import require_room

__all__ = [
    "EVENT_DETAILS",
    "RULES",
    "TAG",
    "event_operations",
    "event_request_type",
    "event_rules",
    "event_view",
    "event_view_type",
    "target_fields",
]

TAG: Final = "Time and events"

# Rules

EVENT_DETAILS = Rule(
    id="event.details",
    sentence="An event has exactly the id and the details that its type requires or allows, and its time is neither in "
    "the past nor after the year 9000.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)
AGENDA_UNKNOWN = Rule(
    id="agenda.unknown",
    sentence="An event of the agenda can happen now only if it is still there.",
    basis="sandbox",
    source=SOURCE,
    statuses=(404,),
)

RULES = (EVENT_DETAILS, AGENDA_UNKNOWN, *world_events.RULES)


def event_rules(domain: Domain) -> tuple[Rule, ...]:
    """The rules that the events of a domain add."""
    return tuple(dict.fromkeys(rule for type in domain.events.values() for rule in type.refuses))


# Wire types, derived from the event types

Fields = list[tuple[str, Any, Any]]
"""Names, types and defaults."""


def target_fields(domain: Domain) -> Fields:
    """The fields that name the record an event is about, each optional.

    Raises ValueError if two event types disagree on the type of a field.
    """
    types = _merged((event.target, event.target_type) for event in domain.events.values())
    return [(name, *optional(types[name])) for name in sorted(types)]


@cache
def event_view_type(domain: Domain) -> Any:
    """The type of events in responses: with their details and outcome."""

    def view_fields(event: EventType) -> dict[str, Any]:
        details, outcome = _fields(event.details), _fields(event.outcome)
        return {name: described(plain(type), description_of(type)) for name, type in (details | outcome).items()}

    targets = target_fields(domain)
    details = _details(domain, view_fields, lambda _name, _type: "")
    skipped = Annotated[str, field("Why the event was not possible when it was due.")]
    return make_struct(
        "EventView",
        [
            ("time", Annotated[Timestamp, field("When the event happened or will happen, in UTC.")]),
            ("type", _type_name(domain)),
            *targets,
            ("automatic", *optional(Annotated[bool, field("Whether the event happens by itself.")])),
            *(each for each in details if each[0] not in {name for name, *_ in targets}),
            ("skipped", *optional(skipped)),
            ("number", *optional(Annotated[int, field("Its number in the agenda, if it is there.")])),
        ],
        "An event: its type, the record concerned, and named details.",
        omit_defaults=True,
    )


@cache
def event_request_type(domain: Domain) -> Any:
    """The type of requests that create events. Raises ValueError if two event types disagree on a detail's type."""
    time = Annotated[
        str,
        field("Defaults to now; a later event waits in the agenda.", rule=TIME_INPUT, extra={"format": "date-time"}),
    ]
    return make_struct(
        "EventRequest",
        [
            ("type", _type_name(domain)),
            *target_fields(domain),
            ("time", *optional(time)),
            *_details(
                domain,
                lambda event: _fields(event.details),
                lambda name, event: "" if name in event.required else ", optional",
            ),
        ],
        "An event to create: its type, the id of the record concerned, and named details.",
        CLOSED | {"x-event-types": {name: _outlined(type) for name, type in domain.events.items()}},
    )


class HappenNow(msgspec.Struct, frozen=True):
    """The event of the agenda that happens now."""

    SCHEMA: ClassVar[dict[str, Any]] = CLOSED

    number: Annotated[int, field("Its number in the agenda.", ge=1, le=MAX_NUMBER)]


@cache
def _query_type(domain: Domain, name: str, most: str) -> Any:
    """The type of queries for events; ``name`` is the parameter that limits them, ``most`` says which it leaves."""
    return make_struct(
        f"Events{name.capitalize()}Query",
        [
            ("type", *optional(described(_type_name(domain), "Events of this type."))),
            ("record", *optional(Annotated[str, field("Events about the record with this id.")])),
            (name, *optional(Annotated[int, field(f"At most this many of the {most} events.", ge=1, le=2**31)])),
        ],
        "Which events to list; all filters that are sent must match.",
    )


def _matches(query: Any, event: Event) -> bool:
    return query.type in (UNSET, event.type) and query.record in (UNSET, event.target)


def _outlined(event: EventType) -> dict[str, Any]:
    """What a form for events of a type needs to know: the field and the section of the record, and the details."""
    names = event.details.__struct_fields__
    return {
        "target": event.target,
        "section": event.section,
        "required": list(event.required),
        "optional": [name for name in names if name not in event.required],
    }


def _type_name(domain: Domain) -> Any:
    return Annotated[str, field(extra={"enum": list(domain.events)})]


def _fields(details: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of fields in requests, by name."""
    return {each.name: sent(each.type) for each in msgspec.structs.fields(details)}


def _details(
    domain: Domain, fields_of: Callable[[EventType], dict[str, Any]], need: Callable[[str, EventType], str]
) -> Fields:
    """The fields of all event types; the description of each lists the types that have it."""
    having: dict[str, list[str]] = {}
    for type, event in domain.events.items():
        for name in fields_of(event):
            having.setdefault(name, []).append(type)
    types = _merged(pair for event in domain.events.values() for pair in fields_of(event).items())
    fields = []
    for name, type in types.items():
        needs = {need(name, domain.events[each]) for each in having[name]}
        text = f"For {_named(having[name], domain)}{needs.pop() if len(needs) == 1 else ''}."
        fields.append((name, *optional(described(type, f"{description_of(type)} {text}".lstrip()))))
    return fields


def _merged(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    types: dict[str, Any] = {}
    for name, type in fields:
        if types.setdefault(name, type) != type:
            raise ValueError(f"events disagree on the type of {name}")
    return types


def _named(types: list[str], domain: Domain) -> str:
    """Event types as text; a whole group is abbreviated, such as `list.*`."""
    groups = {type.partition(".")[0] for type in types}
    group = groups.pop() if len(groups) == 1 else ""
    if len(types) > 2 and types == [type for type in domain.events if type.startswith(f"{group}.")]:
        return f"`{group}.*`"
    *first, last = (f"`{type}`" for type in types)
    return f"{', '.join(first)} and {last}" if first else last


def event_view(domain: Domain, happened: Happened, number: int | None = None) -> Any:
    """The view of an event; of one in the agenda, with its number there."""
    event = happened.event
    fields: dict[str, Any] = {domain.events[event.type].target: event.target, **event.details}
    if event.automatic:
        fields["automatic"] = True
    if number is not None:
        fields["number"] = number
    view = event_view_type(domain)
    known = {name: fields[name] for name in view.__struct_fields__ if name in fields}
    return view(time=happened.time, type=event.type, **known)


# Operations


def event_operations(domain: Domain) -> tuple[Operation[Worlds], ...]:
    """The operations on events in worlds of this domain."""
    view, request = event_view_type(domain), event_request_type(domain)
    examples = [{"type": type, **event.example} for type, event in domain.events.items() if event.example is not None]

    @operation(
        "GET",
        "/worlds/{world}/agenda",
        tag=TAG,
        path_id=WorldName,
        query=_query_type(domain, "limit", "soonest"),
        returns=list_of(view),
        refuses=(WORLD_UNKNOWN,),
    )
    def list_agenda(worlds: Worlds, call: Call[Any, NoBody]) -> Any:
        """List the events in the agenda, soonest first"""
        agenda, query = find_world(worlds, call.id).agenda, call.query
        entries = agenda.numbered() if query.record is UNSET else agenda.of(query.record)
        chosen = (entry for entry in entries if _matches(query, entry[2]))
        limit = None if query.limit is UNSET else query.limit
        return [event_view(domain, Happened(due, event), number) for number, due, event in islice(chosen, limit)]

    @operation(
        "POST",
        "/worlds/{world}/agenda/happen",
        tag=TAG,
        path_id=WorldName,
        returns=view,
        refuses=(WORLD_UNKNOWN, AGENDA_UNKNOWN, EVENT_UNKNOWN, EVENT_STATE, *event_rules(domain), WORLD_FULL),
        example={"number": 1},
    )
    def happen_now(worlds: Worlds, call: Call[NoQuery, HappenNow]) -> Any:
        """Make an event of the agenda happen now

        If it is not possible now, it stays in the agenda. In the history, it is not automatic.
        """
        world, number = find_world(worlds, call.id), call.body.number
        taken = world.agenda.take(number)
        if taken is None:
            AGENDA_UNKNOWN.refuse(f"The agenda has no event {number}")
        try:
            return event_view(domain, happen(world, msgspec.structs.replace(taken[1], automatic=False)))
        except Refusal:
            world.agenda.put_back(number, *taken)
            raise

    @operation(
        "GET",
        "/worlds/{world}/events",
        tag=TAG,
        path_id=WorldName,
        query=_query_type(domain, "last", "newest"),
        returns=list_of(view),
        refuses=(WORLD_UNKNOWN,),
    )
    def list_events(worlds: Worlds, call: Call[Any, NoBody]) -> Any:
        """List the events that have happened, oldest first"""
        history, query = find_world(worlds, call.id).history, call.query
        newest = (happened for happened in reversed(history) if _matches(query, happened.event))
        chosen = list(islice(newest, None if query.last is UNSET else query.last))
        return [event_view(domain, happened) for happened in reversed(chosen)]

    @operation(
        "POST",
        "/worlds/{world}/events",
        tag=TAG,
        path_id=WorldName,
        body=request,
        returns=view,
        refuses=(WORLD_UNKNOWN, EVENT_UNKNOWN, EVENT_STATE, EVENT_DETAILS, *event_rules(domain), WORLD_FULL),
        example=examples[0] if examples else None,
    )
    def create_event(worlds: Worlds, call: Call[NoQuery, Any]) -> Any:
        """Create an event that happens now or later"""
        world = find_world(worlds, call.id)
        details = sent_fields(call.body)
        type = details.pop("type")
        time = details.pop("time", None)
        kind = domain.events[type]
        missing = [name for name in (kind.target, *kind.required) if name not in details]
        if missing:
            EVENT_DETAILS.refuse(f"{type} requires {' and '.join(missing)}")
        surplus = sorted(set(details) - {kind.target, *kind.details.__struct_fields__})
        if surplus:
            EVENT_DETAILS.refuse(f"{type} does not accept {' or '.join(surplus)}")
        event = Event(type, details.pop(kind.target), details)
        due = parse_instant(time) if time else world.now
        if due < world.now:
            EVENT_DETAILS.refuse("time must not be in the past")
        if due > LATEST:
            EVENT_DETAILS.refuse("time must not be after the year 9000")
        event = msgspec.structs.replace(event, target=find_target(world, event).id)
        require_room(world)
        if due > world.now:
            event = msgspec.structs.replace(event, details=kind.plan(domain.shared(), details))
            return event_view(domain, Happened(due, event), world.agenda.add(due, event))
        return event_view(domain, happen(world, event))

    return list_agenda, happen_now, list_events, create_event
