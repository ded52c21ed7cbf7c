"""The whole state of a world as versioned plain data: writing it, and reading it back, checked whole."""

from datetime import datetime
from functools import cache
from typing import Any, Final

import msgspec
import msgspec.inspect

from aniva_sandbox.engine.problems import Data
from aniva_sandbox.engine.world.agenda import Agenda, Event, Happened
from aniva_sandbox.engine.world.clock import Clock, Mode
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.ids import Ids
from aniva_sandbox.engine.world.state import State

__all__ = ["VERSION", "Export", "Planned", "SavedClock", "SavedIds", "read_state", "saved_type", "write_state"]

VERSION: Final = 1
"""Of the form in which states are written. A reader takes its own version only."""


class SavedClock(msgspec.Struct, forbid_unknown_fields=True):
    """A clock: its mode and its time in UTC."""

    mode: Mode
    now: datetime


class SavedIds(msgspec.Struct, forbid_unknown_fields=True):
    """Where ids come from, and how many of each kind were given out."""

    seed: int
    counts: dict[str, int]


class Planned(msgspec.Struct, forbid_unknown_fields=True):
    """An entry of the agenda."""

    due: datetime
    event: Event


@cache
def saved_type(domain: Domain) -> Any:
    """The type of a state as it is written, from top to bottom."""
    lists: dict[str, Any] = {section.name: list[section.record] for section in domain.sections}  # type: ignore[name-defined]
    fields: dict[str, Any] = {
        "version": int,
        "clock": SavedClock,
        "ids": SavedIds,
        "settings": domain.settings,
        **lists,
        "begun": bool,
        **{fact.name: fact.type for fact in domain.facts},
        "agenda": list[Planned],
        "history": list[Happened],
        "faults": list[domain.faults.record],  # type: ignore[name-defined]
    }
    return msgspec.defstruct("Saved", list(fields.items()), forbid_unknown_fields=True)


def write_state(state: State, domain: Domain) -> dict[str, Any]:
    """A state as plain JSON values; equal states give equal texts, in every process."""
    saved = saved_type(domain)(
        version=VERSION,
        clock=SavedClock(state.clock.mode, state.clock.now),
        ids=SavedIds(state.ids.seed, dict(sorted(state.ids.counts.items()))),
        settings=state.settings,
        **{section.name: section.records(state.sections[section.name]) for section in domain.sections},
        begun=state.begun,
        **state.facts,
        agenda=[Planned(due, event) for due, event in state.agenda],
        history=state.history,
        faults=state.faults,
    )
    plain: dict[str, Any] = msgspec.to_builtins(saved, str_keys=True)
    for section in domain.sections:
        for name in _sets(section.record):  # only sets have no order of their own
            for record in plain[section.name]:
                record[name].sort()
    return plain


@cache
def _sets(record: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields of a record that are sets."""
    info = msgspec.inspect.type_info(record)
    assert isinstance(info, msgspec.inspect.StructType)
    unordered = msgspec.inspect.SetType | msgspec.inspect.FrozenSetType
    return tuple(field.name for field in info.fields if isinstance(field.type, unordered))


def read_state(data: Data, domain: Domain) -> State:
    """The state that was written as this data.

    Raises :exc:`FixtureError` with everything that is wrong, and where.
    """
    if not isinstance(data.data, dict):
        data.fail((), "must be a mapping")
    elif data.data.get("version") != VERSION:
        data.fail(("version",), f"must be {VERSION}; this is the only version that is known")
    data.check()
    saved = data.convert(data.data, saved_type(domain), ())
    if not data.is_all:
        data.check()
    domain.check(data, saved)
    data.check()
    return _built(saved, domain)


def _built(saved: Any, domain: Domain) -> State:
    agenda = Agenda()
    for planned in saved.agenda:
        agenda.add(planned.due, planned.event)
    ids = Ids(saved.ids.seed)
    ids.counts = saved.ids.counts
    return State(
        clock=Clock(saved.clock.mode, saved.clock.now),
        ids=ids,
        settings=saved.settings,
        agenda=agenda,
        history=saved.history,
        faults=saved.faults,
        begun=saved.begun,
        sections={section.name: section.table(getattr(saved, section.name)) for section in domain.sections},
        facts={fact.name: getattr(saved, fact.name) for fact in domain.facts},
    )


class Export:
    """A state that was written to a file, as the beginning of new worlds."""

    def __init__(self, data: Data, name: str, domain: Domain) -> None:
        """Raises :exc:`FixtureError` with everything that is wrong with the data."""
        state = read_state(data, domain)
        self._data = data.data
        self._domain = domain
        self.name = name
        self.title = f"Exported at {state.clock.now:%Y-%m-%dT%H:%M:%SZ}"
        self.start = state.clock.now
        self.settings = state.settings
        self.personas = state.sections["personas"]

    def state(self, mode: Mode, start: datetime | None, seed: int | None, settings: Any) -> State:
        """The exported state. Time goes on from where it was exported, or from a later ``start``; raises ValueError
        for an earlier one."""
        domain = self._domain
        state = _built(msgspec.convert(self._data, saved_type(domain), str_keys=True), domain)  # as sound as it was
        if start is not None and start < self.start:
            raise ValueError(f"the clock of {self.name} begins at {self.start:%Y-%m-%dT%H:%M:%SZ}, or later")
        state.clock = Clock(mode, start or self.start)
        if seed is not None:
            state.ids.seed = seed
        if settings is not None and settings != state.settings:
            domain.resume(state, settings)
            state.settings = settings
            state.begun = False  # what happens by itself is planned anew
        return state
