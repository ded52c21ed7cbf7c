"""The invariants of worlds: fixtures and snapshots that no world could have reached are refused."""

from collections.abc import Callable, Container, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aniva_sandbox.engine.problems import Data, Path_
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.records import reader_of
from aniva_sandbox.engine.world.sections import Section

__all__ = ["Found", "Placed", "check_facts", "check_records", "is_after"]


class Placed(NamedTuple):
    """A record that is valid for its type, and the place of its fields in the data."""

    record: Any
    path: Callable[[Path_], Path_]


class Found:
    """The records of a world file or a snapshot, by section, except those that are invalid for their type."""

    def __init__(
        self,
        domain: Domain,
        records: Mapping[str, list[Placed]],
        names: Callable[[str, str], Container[Any]],
        *,
        now: datetime | None,
        begun: bool,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """``names`` returns the values of a section's field, including those of invalid records; ``counts`` are the
        numbers of generated ids, by kind."""
        self.records = records
        self.names = names
        self.now = now
        self.begun = begun
        self.shared = domain.shared()
        self._counts = counts
        self._domain = domain
        self._by_key: dict[str, dict[str, Any]] = {}
        self._known: dict[str, Container[Any]] = {}

    def get(self, section: str, id: str) -> Any:
        """The record of a section with this key; None if it does not exist or is invalid."""
        if section not in self._by_key:
            key = next(each.key for each in self._domain.sections if each.name == section)
            self._by_key[section] = {getattr(each.record, key): each.record for each in self.records[section]}
        return self._by_key[section].get(id)

    def given_out(self, kind: str) -> int | None:
        """The number of ids of a kind that the world has generated; None if that is invalid."""
        return None if self._counts is None else self._counts.get(kind, 0)

    def known(self, noun: str) -> Container[Any]:
        """The names by which records may refer to records or shared data of this noun."""
        if noun not in self._known:
            section = next((each for each in self._domain.sections if each.noun == noun), None)
            self._known[noun] = (
                self.names(section.name, section.reference) if section else self._domain.shared_names[noun](self.shared)
            )
        return self._known[noun]


def check_records(data: Data, domain: Domain, found: Found) -> None:
    """Note all problems of the records: impossible instants and values, broken references, and violated invariants
    between records."""
    for section in (*domain.sections, domain.faults):
        for fields in section.unique:
            if isinstance(fields, tuple):
                _check_together(data, fields, found.records.get(section.name, []))
        for placed in found.records.get(section.name, ()):
            _check_record(data, section, placed, found)


def _check_record(data: Data, section: Section, placed: Placed, found: Found) -> None:
    record, at = placed
    reader = reader_of(section.record)
    for path, message in reader.problems(record):
        data.fail(at(path), message)
    for path, noun, name in reader.references(record):
        if name not in found.known(noun):
            data.refer(at(path), [name], (), noun)
    if section.check is not None:
        for path, message in section.check(record, found):
            data.fail(at(path), message)


def _check_together(data: Data, fields: tuple[str, ...], records: list[Placed]) -> None:
    seen = set()
    for record, at in records:
        values = tuple(getattr(record, field) for field in fields)
        if values in seen:
            data.fail(at(()), "appears twice")
        seen.add(values)


def check_facts(data: Data, domain: Domain, facts: Mapping[str, Any], found: Found) -> None:
    """Note all problems of these facts."""
    for fact in domain.facts:
        if fact.check is not None and fact.name in facts:
            for message in fact.check(facts[fact.name], found):
                data.fail((fact.name,), message)


def is_after(instant: datetime | None, other: datetime | None) -> bool:
    """Whether an instant is later than another; False if one is missing or not in UTC, which is reported
    separately."""
    return instant is not None and other is not None and instant.tzinfo is other.tzinfo is UTC and instant > other
