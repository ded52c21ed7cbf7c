"""The invariants of worlds: fixtures and snapshots that no world could have reached are refused."""

from collections.abc import Callable, Container, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aniva_sandbox.engine.problems import Data, FieldPath
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.records import reader_of

__all__ = ["Found", "Placed", "check_facts", "check_records", "is_after"]


class Placed(NamedTuple):
    """Records that fit their type, and where a path into one of them leads, which is named by its place among them."""

    records: list[Any]
    path: Callable[[int, FieldPath], FieldPath]


class Found:
    """The valid records of a file or a snapshot, by section."""

    def __init__(
        self,
        domain: Domain,
        records: Mapping[str, Placed],
        names: Callable[[str, str], Container[Any]],
        *,
        now: datetime | None,
        begun: bool,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """``names`` returns the values of a section's field, including those of records that are not valid; ``counts``
        are the numbers of ids given out, by kind."""
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
        """The record of a section with this key; None if there is none or it is not valid."""
        if section not in self._by_key:
            key = next(each.key for each in self._domain.sections if each.name == section)
            self._by_key[section] = {getattr(each, key): each for each in self.records[section].records}
        return self._by_key[section].get(id)

    def given_out(self, kind: str) -> int | None:
        """The number of ids of a kind that the world gave out; None if that is unknown."""
        return None if self._counts is None else self._counts.get(kind, 0)

    def known(self, noun: str) -> Container[Any]:
        """The names of the records of this noun, or of the things of this noun that all worlds share."""
        if noun not in self._known:
            section = next((each for each in self._domain.sections if each.noun == noun), None)
            self._known[noun] = (
                self.names(section.name, section.reference) if section else self._domain.shared_names[noun](self.shared)
            )
        return self._known[noun]


def check_records(data: Data, domain: Domain, found: Found) -> None:
    """Note every problem of the records: impossible instants and values, dangling references, and inconsistencies
    between records."""
    for section in (*domain.sections, domain.faults):
        placed = found.records.get(section.name)
        if placed is None:
            continue
        for fields in section.unique:
            if isinstance(fields, tuple):
                _check_together(data, fields, placed)
        problems, references, check = (
            reader_of(section.record).problems,
            reader_of(section.record).references,
            section.check,
        )
        for place, record in enumerate(placed.records):
            for path, message in problems(record):
                data.fail(placed.path(place, path), message)
            for path, noun, name in references(record):
                if name not in found.known(noun):
                    data.refer(placed.path(place, path), [name], (), noun)
            if check is not None:
                for path, message in check(record, found):
                    data.fail(placed.path(place, path), message)


def _check_together(data: Data, fields: tuple[str, ...], placed: Placed) -> None:
    seen = set()
    for place, record in enumerate(placed.records):
        values = tuple(getattr(record, field) for field in fields)
        if values in seen:
            data.fail(placed.path(place, ()), "appears twice")
        seen.add(values)


def check_facts(data: Data, domain: Domain, facts: Mapping[str, Any], found: Found) -> None:
    """Note every problem of these facts."""
    for fact in domain.facts:
        if fact.check is not None and fact.name in facts:
            for message in fact.check(facts[fact.name], found):
                data.fail((fact.name,), message)


def is_after(instant: datetime | None, other: datetime | None) -> bool:
    """Whether an instant is later than another. False if one of them is missing or not in UTC, which is reported
    elsewhere."""
    return instant is not None and other is not None and instant.tzinfo is other.tzinfo is UTC and instant > other
