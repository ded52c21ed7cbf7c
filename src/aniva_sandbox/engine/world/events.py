"""Events: what happens in a world by itself, or because somebody beside the client does it.

An event happens now, or is in the agenda until its time comes; either way it is found in the history afterwards.
"""

from datetime import datetime
from typing import Any

import msgspec

from aniva_sandbox.engine.contract.rules import SOURCE, Refusal, Rule
from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.state import World

__all__ = [
    "EVENT_STATE",
    "EVENT_UNKNOWN",
    "RULES",
    "advance",
    "advance_until",
    "find_target",
    "happen",
    "settle",
]

EVENT_UNKNOWN = Rule(
    id="event.unknown",
    sentence="What an event is about must exist in the world.",
    basis="sandbox",
    source=SOURCE,
    statuses=(404,),
)
EVENT_STATE = Rule(
    id="event.state",
    sentence="An event happens only where the state of what it is about allows it.",
    basis="sandbox",
    source=SOURCE,
    statuses=(409,),
)
EVENT_SKIPPED = Rule(
    id="event.skipped",
    sentence="An event of the agenda that is not possible when its time comes changes nothing, and says so in the "
    "history.",
    basis="sandbox",
    source=SOURCE,
)

RULES = (EVENT_UNKNOWN, EVENT_STATE, EVENT_SKIPPED)


def find_target(world: World, event: Event) -> Any:
    """The record that an event is about; refused through ``event.unknown`` where there is none."""
    type = world.domain.events[event.type]
    record = getattr(world, type.section).get(event.target)
    if record is None:
        EVENT_UNKNOWN.refuse(f"There is no such {type.target.removesuffix('_id')}", status=404)
    return record


def happen(world: World, event: Event) -> Happened:
    """Let an event happen now, and keep it in the history. Raises a refusal, and changes nothing, where it cannot."""
    outcome = world.domain.events[event.type].happen(world, find_target(world, event), event.details)
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
