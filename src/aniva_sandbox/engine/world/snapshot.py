"""The whole state of a world as versioned plain data: writing, reading and validating it."""

from collections.abc import Callable, Container
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Final, get_origin, get_type_hints

import msgspec

from aniva_sandbox.engine.problems import Data, FieldPath, shown
from aniva_sandbox.engine.world.agenda import Agenda, Event, Happened
from aniva_sandbox.engine.world.checking import Found, Placed, check_facts, check_records, is_after
from aniva_sandbox.engine.world.clock import EARLIEST, LATEST, Clock, Mode
from aniva_sandbox.engine.world.domain import Domain, Records
from aniva_sandbox.engine.world.events import detail_problems
from aniva_sandbox.engine.world.ids import Ids
from aniva_sandbox.engine.world.limits import MAX_NUMBER
from aniva_sandbox.engine.world.records import instant_problem, reader_of
from aniva_sandbox.engine.world.state import State

__all__ = [
    "VERSION",
    "Export",
    "Planned",
    "SavedClock",
    "SavedIds",
    "read_state",
    "saved_type",
    "set_fields",
    "write_state",
    "written_records",
]

VERSION: Final = 1
"""The version of the format. A reader accepts only its own version."""


class SavedClock(msgspec.Struct, forbid_unknown_fields=True):
    """A clock: its mode and its time in UTC."""

    mode: Mode
    now: datetime


class SavedIds(msgspec.Struct, forbid_unknown_fields=True):
    """The seed of the ids, and the number of ids of each kind given out."""

    seed: int
    counts: dict[str, int]


class Planned(msgspec.Struct, forbid_unknown_fields=True):
    """An entry of the agenda."""

    due: datetime
    event: Event


@cache
def saved_type(domain: Domain) -> Any:
    """The type of a written state."""
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
    """A state as plain JSON values. Equal states give equal texts, in every process."""
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
        faults=domain.faults.records(state.faults),
    )
    plain: dict[str, Any] = msgspec.to_builtins(saved, str_keys=True)
    for section in domain.sections:
        for name in set_fields(section.record):  # only sets have no order
            for record in plain[section.name]:
                record[name].sort()
    return plain


@cache
def set_fields(record: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields of a record that are sets."""
    hints = get_type_hints(record)
    return tuple(field for field in record.__struct_fields__ if get_origin(hints[field]) in (set, frozenset))


def written_records(written: dict[str, Any], domain: Domain) -> Records:
    """The records of a written state by section and key, except those without a key."""
    return {
        section.name: {record[section.key]: record for record in written[section.name]}
        for section in domain.sections
        if section.key
    }


def read_state(data: Data, domain: Domain) -> State:
    """The state written as this data.

    Raises :exc:`FixtureError` with all problems and their places.
    """
    if not isinstance(data.data, dict):
        data.fail((), "must be a mapping")
    elif data.data.get("version") != VERSION:
        data.fail(("version",), f"must be {VERSION}; this sandbox reads no other version")
    data.check()
    saved = data.convert(data.data, saved_type(domain), ())
    if not data.is_all:
        data.check()
    _check(data, saved, domain)
    data.check()
    return _built(saved, domain)


class _Parts:
    """The valid parts of a written state. The problems of the others have been noted."""

    def __init__(self, plain: dict[str, Any], saved: Any) -> None:
        self._plain = plain
        self._saved = saved
        self._names: dict[tuple[str, str], set[str]] = {}

    def one(self, name: str, type: Any) -> Any:
        """A single value; None if it is not valid."""
        return _converted(self._plain.get(name), type) if self._saved is None else getattr(self._saved, name)

    def records(self, name: str, type: Any) -> Placed:
        """The records of a list."""
        if self._saved is not None:
            return Placed(getattr(self._saved, name), lambda place, path: (name, place, *path))
        found = [(_converted(plain, type), place) for place, plain in enumerate(self._list(name))]
        fitting = [(record, place) for record, place in found if record is not None]
        return Placed([record for record, _ in fitting], lambda place, path: (name, fitting[place][1], *path))

    def names(self, name: str, field: str) -> Container[Any]:
        """The values of a field in a list, also of records that do not fit."""
        if (name, field) not in self._names:
            entries = [plain for plain in self._list(name) if isinstance(plain, dict) and field in plain]
            self._names[name, field] = {str(plain[field]) for plain in entries}
        return self._names[name, field]

    def _list(self, name: str) -> list[Any]:
        section = self._plain.get(name)
        return section if isinstance(section, list) else []


def _converted(plain: Any, type: Any) -> Any:
    try:
        return msgspec.convert(plain, type, str_keys=True)
    except msgspec.ValidationError:
        return None


def _check(data: Data, saved: Any, domain: Domain) -> None:
    """Note everything that no world could have reached. ``saved`` is None if some values are not valid; the others are
    still checked."""
    parts = _Parts(data.data, saved)
    clock = parts.one("clock", SavedClock)
    now = clock.now if clock is not None else None
    if now is not None:
        _check_now(data, now)
    sections = (*domain.sections, domain.faults)
    records = {section.name: parts.records(section.name, section.record) for section in sections}
    ids = parts.one("ids", SavedIds)
    counts = ids.counts if ids is not None else None
    found = Found(domain, records, parts.names, now=now, begun=bool(parts.one("begun", bool)), counts=counts)
    for section in sections:
        for field in section.unique:
            if isinstance(field, str):
                placed = records[section.name]
                values = [getattr(record, field) for record in placed.records]
                if len(set(values)) < len(values):
                    places = [int(placed.path(place, ())[1]) for place in range(len(values))]
                    data.once((section.name,), field, zip(places, values, strict=True))
    if "full" not in parts.names("personas", "persona"):
        data.fail(("personas",), "must contain at least 'full'")
    _check_ids(data, parts, domain)
    check_records(data, domain, found)
    facts = {fact.name: parts.one(fact.name, fact.type) for fact in domain.facts}
    check_facts(data, domain, {name: value for name, value in facts.items() if value is not None}, found)
    for name, type, when in (("agenda", Planned, "due"), ("history", Happened, "time")):
        placed = parts.records(name, type)
        for place, entry in enumerate(placed.records):
            at = partial(placed.path, place)
            _check_event(data, at, entry.event, found, domain)
            problem = instant_problem(getattr(entry, when))
            if problem is not None:
                data.fail(at((when,)), problem)
            elif when == "due" and now is not None and is_after(now, entry.due):
                data.fail(at((when,)), "is before the clock's now")


def _check_now(data: Data, now: datetime) -> None:
    problem = instant_problem(now)
    if problem is not None:
        data.fail(("clock", "now"), problem)
    if now.tzinfo is UTC and not EARLIEST <= now <= LATEST:
        data.fail(("clock", "now"), "must be between the years 1900 and 9000")


def _check_ids(data: Data, parts: _Parts, domain: Domain) -> None:
    """Note ids that would be given out a second time."""
    saved = parts.one("ids", SavedIds)
    if saved is None:
        return
    for path, number in [(("seed",), saved.seed), *((("counts", kind), count) for kind, count in saved.counts.items())]:
        if not 0 <= number <= MAX_NUMBER:
            data.fail(("ids", *path), f"must be between 0 and {MAX_NUMBER}")
    ids = Ids(saved.seed)
    ids.counts = dict(saved.counts)
    for section in domain.sections:
        if section.ids is not None:
            id = ids.next_uuid(section.ids)
            if id in parts.names(section.name, section.key):
                data.fail(("ids", "counts", section.ids), f"is too low: the id {id} is in use")


def _check_event(data: Data, at: Callable[[FieldPath], FieldPath], event: Event, found: Found, domain: Domain) -> None:
    type = domain.events.get(event.type)
    if type is None:
        data.fail(at(("event", "type")), f"there is no event type {shown(event.type)}")
        return
    noun = next(section.noun for section in domain.sections if section.name == type.section)
    data.refer(at(("event", "target")), [event.target], found.known(noun), noun)
    is_sound = True
    for path, message in detail_problems(type, event):
        is_sound = False
        data.fail(at(("event", "details", *path)), message)
    for name, noun in reader_of(type.outcome).plain_references if is_sound else ():
        if name in event.details:
            data.refer(at(("event", "details", name)), [event.details[name]], found.known(noun), noun)


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
        faults=domain.faults.table(saved.faults),
        begun=saved.begun,
        sections={section.name: section.table(getattr(saved, section.name)) for section in domain.sections},
        facts={fact.name: getattr(saved, fact.name) for fact in domain.facts},
    )


class Export:
    """A state exported to a file, as the beginning of new worlds."""

    def __init__(self, data: Data, name: str, domain: Domain) -> None:
        """Raises :exc:`FixtureError` with all problems of the data."""
        state = read_state(data, domain)
        self._data = data.data
        self._domain = domain
        self.name = name
        self.title = f"Exported at {state.clock.now:%Y-%m-%dT%H:%M:%SZ}"
        self.start = state.clock.now
        self.settings = state.settings
        self.personas = state.sections["personas"]

    def clock(self, mode: Mode, start: datetime | None) -> Clock:
        """A clock that goes on from the export, or from a later ``start``; an earlier one raises ValueError."""
        if start is not None and start < self.start:
            raise ValueError(f"the clock of {self.name} must start at {self.start:%Y-%m-%dT%H:%M:%SZ} or later")
        return Clock(mode, start or self.start)

    def state(self, mode: Mode, start: datetime | None, seed: int | None, settings: Any) -> State:
        """The exported state, with a clock as :meth:`clock` says. Raises ValueError for a start that is too early."""
        domain, clock = self._domain, self.clock(mode, start)
        state = _built(msgspec.convert(self._data, saved_type(domain), str_keys=True), domain)  # validated before
        state.clock = clock
        if seed is not None:
            state.ids.seed = seed
        if settings is not None and settings != state.settings:
            domain.resume(state, settings)
            state.settings = settings
            state.begun = False  # automatic events are planned again
        return state
