"""Fixtures: validated starting states, written by hand, whose instants may be relative to the start of the world."""

from collections.abc import Callable, Container, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.contract.values import Label, PersonaName
from aniva_sandbox.engine.problems import Data, FieldPath, shown, write_path
from aniva_sandbox.engine.world.agenda import Agenda
from aniva_sandbox.engine.world.checking import Found, Placed, check_records
from aniva_sandbox.engine.world.clock import Clock, Mode
from aniva_sandbox.engine.world.copies import copies
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.entries import entry_type, fields_of, read_instant, template_of
from aniva_sandbox.engine.world.ids import Ids
from aniva_sandbox.engine.world.moments import Moment
from aniva_sandbox.engine.world.records import reader_of
from aniva_sandbox.engine.world.sections import Section, Written
from aniva_sandbox.engine.world.state import State
from aniva_sandbox.engine.world.templates import Deferred, Instant, resolve

__all__ = ["Fixture", "load_fixture"]

_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""The start of a file that does not give one."""


_replace = msgspec.structs.replace


class _Template:
    """A record, and its fields that wait for the start."""

    def __init__(self, section: Section, fields: dict[str, Any], start: datetime, find: Any) -> None:
        self._start = start
        self._later = [(name, value) for name, value in fields.items() if isinstance(value, Deferred)]
        settled = {name: value for name, value in fields.items() if not isinstance(value, Deferred)}
        self.zone = section.zone(_Fields(settled), find)
        self.settled = section.record(**{name: resolve(value, start, self.zone) for name, value in fields.items()})
        """The record in a world that starts at the fixture's own start."""

    def at(self, start: datetime) -> msgspec.Struct:
        """The record in a world with this start, to be copied."""
        if start == self._start:
            return self.settled
        return _replace(self.settled, **{name: value.at(start, self.zone) for name, value in self._later})


class _Fields:
    """The fields of a record that is not complete yet."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.__dict__.update(fields)


class Fixture:
    """A named, validated starting state, with its instants still relative to the start."""

    def __init__(
        self, name: str, title: str, start: datetime, domain: Domain, templates: Mapping[str, list[_Template]]
    ) -> None:
        self.name = name
        self.title = title
        self.start = start
        self._domain = domain
        self._templates = templates
        self._fixed = {
            section.name: section.table([each.settled for each in templates[section.name]])
            for section in domain.sections
            if section.fixed
        }
        self.personas: Mapping[str, Access] = self._fixed["personas"]
        self._latest: tuple[datetime | None, list[tuple[Section, list[Any]]]] = None, []

    @property
    def settings(self) -> Any:
        """The default settings."""
        return self._domain.settings()

    def clock(self, mode: Mode, start: datetime | None) -> Clock:
        """A clock that starts at ``start``. It defaults to the machine's time for a real clock, and to the fixture's
        start for a frozen one. Raises ValueError for a start out of range."""
        return Clock(mode, start or (self.start if mode == "frozen" else None))

    def state(self, mode: Mode, start: datetime | None, seed: int | None, settings: Any) -> State:
        """New records for a world whose clock starts as :meth:`clock` says. Raises ValueError for a start out of
        range."""
        clock = self.clock(mode, start)
        start = clock.now
        sections = dict(self._fixed)
        for section, records in self._records(start):
            sections[section.name] = section.table(copies(section.record, records))
        return State(
            clock=clock,
            ids=Ids(seed or 0),
            settings=settings or self.settings,
            agenda=Agenda(),
            history=[],
            faults=self._domain.faults.table([]),
            begun=False,
            sections=sections,
            facts={fact.name: fact.initial(start) for fact in self._domain.facts},
        )

    def _records(self, start: datetime) -> list[tuple[Section, list[Any]]]:
        """The records of a world with this start that are not fixed. Most worlds start where the last one did, so they
        are kept for the next; worlds get copies, so that these stay as they are."""
        latest, found = self._latest
        if start != latest:
            found = []
            for section in self._domain.sections:
                if not section.fixed:
                    records: list[Any] = [template.at(start) for template in self._templates[section.name]]
                    if section.sorted_by:
                        records.sort(key=lambda record: getattr(record, section.sorted_by))
                    found.append((section, records))
            self._latest = start, found
        return found


def load_fixture(file: Data, domain: Domain) -> Fixture:
    """Read a world file. Raises :exc:`FixtureError` with all its problems."""
    if not isinstance(file.data, dict):
        file.fail((), "must be a mapping")
        file.check()
    written = [section for section in domain.sections if section.written is not None]
    known = ("title", "start", *(section.name for section in written))
    for key in file.data:
        if key not in known:
            file.fail((str(key),), f"is not known; the sections are {', '.join(known)}")
    for key in ("title", "start"):
        if key not in file.data:
            file.fail((key,), "is required")
    start = _read_start(file)
    found = _Loading(file, domain, start)
    for section in written:
        found.load(section)
    check_records(file, domain, found.found())
    found.check_invalid_entries()
    title = file.convert(file.data["title"], Label, ("title",)) if "title" in file.data else None
    file.check()
    return Fixture(Path(file.name).stem, title or "", start or _SOME_DAY, domain, found.templates)


def _read_start(file: Data) -> datetime | None:
    if "start" not in file.data:
        return None
    start = read_instant(file.data["start"], ("start",), file.fail)
    if start is not None and start.absolute is None:
        file.fail(("start",), "must be an absolute instant")
    return start.absolute if start is not None else None


class _Loading:
    """The entries of a file while its sections are read."""

    def __init__(self, file: Data, domain: Domain, start: datetime | None) -> None:
        self._file = file
        self._domain = domain
        self.start = start
        self.shared = domain.shared()
        self.templates: dict[str, list[_Template]] = {section.name: [] for section in domain.sections}
        self._paths: dict[str, list[Callable[[FieldPath], FieldPath]]] = {
            section.name: [] for section in domain.sections
        }
        self._by_key: dict[str, dict[str, _Template]] = {section.name: {} for section in domain.sections}

    def load(self, section: Section) -> None:
        """Read the entries of a section."""
        written = section.written
        if written is None or (written.optional and section.name not in self._file.data):
            return
        for place, entry, fields in self._entries(section, written):
            if section.key and getattr(entry, section.key, None) in self._by_key[section.name]:
                continue  # a duplicate, already noted
            at = (section.name, place)
            reading = _Entry(self, at)
            fields |= self._fields(section, written, entry, reading)
            if written.read is not None:
                fields |= written.read(entry, reading)
            self.add(section, fields, _translation(at, written))

    def add(self, section: Section, fields: dict[str, Any], path: Any) -> None:
        """Add a record to a section."""
        template = _Template(section, fields, self.start or _SOME_DAY, self.find)
        self.templates[section.name].append(template)
        self._paths[section.name].append(path)
        if section.key:
            self._by_key[section.name][getattr(template.settled, section.key)] = template

    def find(self, section: str, key: str) -> Any:
        """The record of a section with this key; None if there is none."""
        template = self._by_key[section].get(key)
        return template.settled if template is not None else None

    def section(self, name: str) -> Section:
        """The section with this name."""
        return next(section for section in self._domain.sections if section.name == name)

    def found(self) -> Found:
        """Everything that was read."""
        placed = {
            name: Placed([each.settled for each in templates], _path_through(self._paths[name]))
            for name, templates in self.templates.items()
        }
        return Found(self._domain, placed, self.names, now=self.start, begun=False)

    def names(self, section: str, field: str) -> Container[Any]:
        """The values of a field in a section, including those of entries that are not valid."""
        written = self.section(section).written
        if written is not None and written.keyed:
            return self._file.data.get(section) or ()
        return {str(entry[field]) for _, entry in self._mappings(section) if field in entry}

    def check_invalid_entries(self) -> None:
        """Note the invalid formats and dangling references of entries that have other problems."""
        noted = {problem.field for problem in self._file.problems}
        found = self.found()
        for section in self._domain.sections:
            written = section.written
            if written is None or written.keyed:
                continue
            reader = reader_of(section.record)
            for field, judged in reader.plain_formats:
                if field in written.further:
                    continue
                name = written.names.get(field, field)
                for place, entry in self._mappings(section.name):
                    value = entry.get(name)
                    path = (section.name, place, name)
                    if isinstance(value, str) and not judged.check(value) and write_path(path) not in noted:
                        self._file.fail(path, judged.message.format(shown(value)))
            for field, noun in reader.plain_references:
                name = written.names.get(field, field)
                lookup = written.lookups.get(field)
                known = self.names(*lookup) if lookup else found.known(noun)
                for place, entry in self._mappings(section.name):
                    value = entry.get(name)
                    if isinstance(value, str) and write_path((section.name, place, name)) not in noted:
                        self._file.refer((section.name, place, name), [value], known, noun)

    def fail(self, path: FieldPath, message: str) -> None:
        """Note a problem."""
        self._file.fail(path, message)

    def _entries(self, section: Section, written: Written) -> Iterator[tuple[Any, Any, dict[str, Any]]]:
        type = entry_type(section)
        if not written.keyed:
            unique = [written.names.get(name, name) for name in section.unique if isinstance(name, str)]
            for place, entry in self._file.entries(type, *unique, section=section.name):
                yield place, entry, {}
            return
        mapping = self._file.data.get(section.name)
        if not isinstance(mapping, dict) or "full" not in mapping:
            self.fail((section.name,), "must be a mapping with at least 'full'")
            return
        for key, value in mapping.items():
            name = self._file.convert(str(key), PersonaName, (section.name, str(key)))
            entry = self._file.convert(value, type, (section.name, str(key)))
            if name is not None and entry is not None:
                yield str(key), entry, {section.key: name}

    def _fields(self, section: Section, written: Written, entry: Any, reading: "_Entry") -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for name, waiting in fields_of(section.record).items():
            if name in written.left_out or name in written.further:
                continue
            called = written.names.get(name, name)
            value = getattr(entry, called)
            if name in written.lookups:
                other = reading.find(*written.lookups[name], value, (called,))
                fields[name] = getattr(other, self.section(written.lookups[name][0]).reference) if other else None
            else:
                fields[name] = value if waiting is None else template_of(value, waiting, (called,), reading.fail)
        return fields

    def _mappings(self, section: str) -> Iterator[tuple[int, dict[Any, Any]]]:
        """The mappings among the entries of a list, with their places."""
        entries = self._file.data.get(section)
        for place, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                yield place, entry


class _Entry:
    """An entry while it is read."""

    def __init__(self, loading: _Loading, at: FieldPath) -> None:
        self._loading = loading
        self._at = at
        self.shared = loading.shared

    def fail(self, path: FieldPath, message: str) -> None:
        """Note a problem at a path inside the entry."""
        self._loading.fail((*self._at, *path), message)

    def instant(self, path: FieldPath, text: str) -> Instant | None:
        """An instant, perhaps relative to the world's start. Any other text is a problem, and gives None."""
        return read_instant(text, path, self.fail)

    def find(self, section: str, field: str, value: Any, path: FieldPath) -> Any:
        """The record of an earlier section with this value in a field. If there is none, notes a problem and returns
        None."""
        for template in self._loading.templates[section]:
            if getattr(template.settled, field) == value:
                return template.settled
        if value not in self._loading.names(section, field):
            self._loading.fail((*self._at, *path), f"there is no {self._loading.section(section).noun} {value}")
        return None

    def add(self, section: str, path: FieldPath, **fields: Any) -> None:
        """Add a record to another section; its problems are noted at this path of the entry."""
        at = (*self._at, *path)
        self._loading.add(self._loading.section(section), fields, lambda _path: at)


def _path_through(paths: list[Callable[[FieldPath], FieldPath]]) -> Callable[[int, FieldPath], FieldPath]:
    return lambda place, path: paths[place](path)


def _translation(at: FieldPath, written: Written) -> Any:
    def translate(path: FieldPath) -> FieldPath:
        return (*at, written.names.get(str(path[0]), path[0]), *path[1:]) if path else at

    return translate


START = Instant(Moment())
"""The start of the world."""
