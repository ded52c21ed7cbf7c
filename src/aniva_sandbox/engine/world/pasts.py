"""The past of the records that a world starts with, such as results that have arrived by then, and what is planned for
them: computed once for worlds that start alike."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from aniva_sandbox.engine.world.agenda import Agenda, Event
from aniva_sandbox.engine.world.copies import copies
from aniva_sandbox.engine.world.sections import Section

if TYPE_CHECKING:
    from aniva_sandbox.engine.world.state import State, World

__all__ = ["Pasts"]

PASTS: Final = 8
RECORDS: Final = 5000
"""The number of pasts kept, and of all records in worlds that started so."""

_encode = msgspec.msgpack.Encoder().encode


class _Start(NamedTuple):
    """All of a state without events and faults, and thus all that its past depends on."""

    now: datetime
    mode: str
    seed: int
    rest: bytes
    """The settings and the facts."""
    counts: bytes
    sections: tuple[bytes, ...]


class _Past(NamedTuple):
    """What it changes in a state that starts so."""

    start: _Start
    size: int
    """The number of records at the start."""
    sections: list[tuple[Section, list[Any]]]
    counts: dict[str, int]
    dues: list[datetime]
    events: list[Event]
    """The agenda, in the order of addition."""


class Pasts:
    """Begins worlds as a function does, and keeps what it did for others that start alike.

    What the function does depends only on the state. So where all of that is the same to the byte, copies of what it
    changed before are what it would make anew; no world ever holds what is kept here.
    """

    def __init__(self, begin: Callable[[Any], None], sections: Sequence[Section]) -> None:
        self.afresh = begin
        """Begins a world without what is kept."""
        self._sections = sections
        self._kept: tuple[_Past, ...] = ()
        """The last used first. Replaced as a whole, as other threads may begin worlds."""

    def begin(self, world: "World") -> None:
        """Begin a world."""
        size = world.size
        start = self._start(world.state) if size <= RECORDS else None
        past = next((each for each in self._kept if each.start == start), None)
        if past is not None:
            _put(past, world)
        else:
            self.afresh(world)
            past = self._past(start, size, world.state) if start is not None else None
        if past is not None:
            self._keep(past)

    def _keep(self, last: _Past) -> None:
        kept, room = [last], RECORDS - last.size
        for past in self._kept:
            if past is not last and past.size <= room and len(kept) < PASTS:
                kept.append(past)
                room -= past.size
        self._kept = tuple(kept)

    def _start(self, state: "State") -> _Start | None:
        """None if there is more in the state, or what cannot be written."""
        if state.agenda or state.history or state.faults:
            return None
        try:
            return _Start(
                state.clock.now,
                state.clock.mode,
                state.ids.seed,
                _encode((state.settings, state.facts)),
                _encode(state.ids.counts),
                tuple(_encode(each.records(state.sections[each.name])) for each in self._sections),
            )
        except (OverflowError, UnicodeEncodeError):
            return None

    def _past(self, start: _Start, size: int, state: "State") -> _Past | None:
        """What happened to a state since its start; None for what is not kept, such as events that were dropped
        again."""
        agenda, state.agenda = state.agenda, Agenda()
        after, planned = self._start(state), sorted(agenda.numbered())
        if (
            after is None
            or after[:4] != start[:4]
            or [number for number, _, _ in planned] != [*range(1, len(planned) + 1)]
        ):
            return None
        changed = [
            (section, copies(section.record, section.records(state.sections[section.name])))
            for section, before, now in zip(self._sections, start.sections, after.sections, strict=True)
            if before != now
        ]
        dues, events = [due for _, due, _ in planned], copies(Event, [event for _, _, event in planned])
        return _Past(start, size, changed, dict(state.ids.counts), dues, events)


def _put(past: _Past, world: "World") -> None:
    for section, records in past.sections:
        world.replace(section.name, section.table(copies(section.record, records)))
    world.ids.counts = dict(past.counts)
    for due, event in zip(past.dues, copies(Event, past.events), strict=True):
        world.agenda.add(due, event)
