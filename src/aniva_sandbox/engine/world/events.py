"""Events: changes in a world that do not come from clients.

An event happens now, or waits in the agenda until it is due; after it happened it is in the history.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import UNSET, Meta, UnsetType

from aniva_sandbox.engine.contract.derived import sent
from aniva_sandbox.engine.contract.formats import FORMATS, FormatError, parse_date, parse_instant
from aniva_sandbox.engine.contract.rules import SOURCE, Refusal, Rule
from aniva_sandbox.engine.contract.values import LongText
from aniva_sandbox.engine.problems import FieldPath, conversion_problems
from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.event_types import EventType
from aniva_sandbox.engine.world.state import World

__all__ = [
    "EVENT_STATE",
    "EVENT_UNKNOWN",
    "RULES",
    "advance",
    "advance_until",
    "detail_problems",
    "find_target",
    "happen",
    "is_due",
    "settle",
]

EVENT_UNKNOWN = Rule(
    id="event.unknown",
    sentence="The record that an event is about must exist in the world.",
    basis="sandbox",
    source=SOURCE,
    statuses=(404,),
)
EVENT_STATE = Rule(
    id="event.state",
    sentence="An event can happen only if the state of its record allows it.",
    basis="sandbox",
    source=SOURCE,
    statuses=(409,),
)
EVENT_SKIPPED = Rule(
    id="event.skipped",
    sentence="An event in the agenda that is not possible when it is due changes nothing; the history lists it as "
    "skipped.",
    basis="sandbox",
    source=SOURCE,
)

RULES = (EVENT_UNKNOWN, EVENT_STATE, EVENT_SKIPPED)


def find_target(world: World, event: Event) -> Any:
    """The record that an event is about; refused through ``event.unknown`` if it does not exist."""
    type = world.domain.events[event.type]
    record = getattr(world, type.section).get(event.target)
    if record is None:
        EVENT_UNKNOWN.refuse(f"There is no such {type.target.removesuffix('_id')}", status=404)
    return record


def happen(world: World, event: Event) -> Happened:
    """Let an event happen now, and add it to the history. Raises a refusal, and changes nothing, if it is not
    possible."""
    type, record, observer = world.domain.events[event.type], find_target(world, event), world.observer
    if world.probe is not None and world.probe.holds_back(world, event):
        return _remember(world, event)
    if observer is not None and type.move:
        observer.note_attempt(world, event.type, record.status)
    outcome = type.happen(world, record, event.details)
    happened = _remember(world, msgspec.structs.replace(event, details=event.details | outcome))
    if observer is not None:
        observer.note_event(world, happened.event)
    return happened


def settle(world: World) -> list[Happened]:
    """Let time pass, and let all events that are due happen, in order, each at its own time."""
    if not world.begun:
        _begin(world)
    clock = world.clock
    now = clock.now if clock.mode == "frozen" else clock.tick()
    if world.probe is not None:
        world.probe.settle(world)
    entry = world.agenda.pop_due(now)
    if entry is None:
        return []
    happened = []
    try:
        while entry is not None:
            happened.append(_happen_at(world, *entry))
            entry = world.agenda.pop_due(now)
    finally:
        world.clock.now = now
    return happened


def is_due(world: World) -> bool:
    """Whether :func:`settle` would let anything happen at this moment."""
    return not world.begun or (bool(world.agenda) and world.agenda.next_due() <= world.clock.read())


def advance(world: World, to: datetime) -> list[Happened]:
    """Move the clock forward, and let all events happen that are due by then. Raises ValueError for a past instant."""
    if not world.begun:
        _begin(world)
    world.clock.move(to)
    return settle(world)


def advance_until(world: World, type: str, target: str | None = None) -> list[Happened]:
    """Move the clock forward until an event of this type happens (to this target, if given), and let all events happen
    that are due by then.

    If another event prevents it, the clock stops when the agenda has no more event of this type.
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
    """Plan automatic events for the records that the world starts with: once, and again after a start with other
    settings."""
    world.begun = True
    world.domain.begin(world)


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


# Details in snapshots


def detail_problems(type: EventType, event: Event) -> Iterator[tuple[FieldPath, str]]:
    """The problems of the details of an event of this type in a snapshot, and their places."""
    for name in type.required:
        if name not in event.details:
            yield (name,), f"is required for {event.type}"
    saved, formats = _saved_details(type)
    yield from conversion_problems(event.details, saved)
    yield from _nuls((), event.details)
    for name, (format, parse) in formats.items():
        text = event.details.get(name)
        if isinstance(text, str):
            try:
                parse(text)
            except FormatError:
                yield (name,), f"must be {FORMATS[format]}"


_PARSERS = {"date": parse_date, "date-time": parse_instant}


@cache
def _saved_details(type: EventType) -> tuple[Any, dict[str, tuple[str, Any]]]:
    """The type of all details that an event may have after it happened or was skipped; and for texts with a format, its
    name and parser."""
    types = {
        each.name: sent(each.type) for part in (type.details, type.outcome) for each in msgspec.structs.fields(part)
    } | {"skipped": LongText}
    fields = [(name, each | UnsetType, UNSET) for name, each in types.items()]
    formats = {
        name: (format, _PARSERS[format]) for name, each in types.items() if (format := _format(each)) in _PARSERS
    }
    return msgspec.defstruct("Details", fields, forbid_unknown_fields=True), formats


def _format(type: Any) -> str:
    metas = get_args(type)[1:] if get_origin(type) is Annotated else ()
    keywords = [meta.extra_json_schema or {} for meta in metas if isinstance(meta, Meta)]
    return next((str(each["format"]) for each in keywords if "format" in each), "")


def _nuls(path: FieldPath, value: Any) -> Iterator[tuple[FieldPath, str]]:
    """The places of texts that contain NUL, which requests cannot contain."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _nuls((*path, name), part)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _nuls((*path, index), part)
    elif isinstance(value, str) and "\0" in value:
        yield path, "must not contain the character NUL"
