"""A world at the end of a run, against its beginning."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec

from aniva_sandbox.engine.evidence.probes.run import Run
from aniva_sandbox.engine.world.domain import Domain, Record
from aniva_sandbox.engine.world.sections import Section

__all__ = ["AGENDA", "HISTORY", "INSTANT", "Ending", "Entry", "Instants", "Place"]

HISTORY: Final = "history"
AGENDA: Final = "agenda"
INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
Instants = frozenset[str]


class Place(NamedTuple):
    """Where a record is: its section, and its key there."""

    part: str
    key: Any


class Entry(NamedTuple):
    """A record, or an event of the agenda or the history, in a written state."""

    part: str
    key: Any
    """Its key in its section; None for an event."""
    record: Record
    is_new: bool = True
    """Whether the run made it."""

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.part, self.key)


class Ending:
    """A world at the end of a run."""

    def __init__(self, run: Run, state: Mapping[str, Any], domain: Domain) -> None:
        """``state`` is the written state at the end, or one that follows from it."""
        self.start, self.length = run.start, run.end - run.start
        self.state = state
        self.is_real = "real" in [each["clock"]["mode"] for each in (run.began_with, run.state) if each is not None]
        self.sections = tuple(section for section in domain.sections if not section.fixed)
        self.parts = tuple(section.name for section in self.sections)
        self.began = _placed(run.began_with or {}, self.sections)
        self.held = _placed(state, self.sections)
        self.touched = {place: record for place, record in self.held.items() if self.began.get(place) != record}
        """The records that differ from the beginning."""
        self.made = {place: record for place, record in self.touched.items() if place not in self.began}
        self.gone = [place for place in self.began if place not in self.held]

    @cached_property
    def instants(self) -> Instants:
        """The instants in its records, as they are written."""
        texts = msgspec.json.encode([self.state[section.name] for section in self.sections]).decode()
        return frozenset(INSTANT.findall(texts))


def _placed(state: Mapping[str, Any], sections: Iterable[Section]) -> dict[Place, Record]:
    return {
        Place(section.name, _key_of(section, record)): record
        for section in sections
        for record in state.get(section.name, ())
    }


def _key_of(section: Section, record: Record) -> Any:
    if section.key:
        return record[section.key]
    names = section.unique[0] if section.unique else None
    if names is None:
        return msgspec.json.encode(record)
    return record[names] if isinstance(names, str) else tuple(record[name] for name in names)
