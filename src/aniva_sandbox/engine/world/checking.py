"""What holds in every world: fixtures and snapshots are refused where no world could have come to them."""

from collections.abc import Callable, Container, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aniva_sandbox.engine.problems import Data, Path_
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.records import reader_of

__all__ = ["Found", "Placed", "check_facts", "check_records", "is_after"]


class Placed(NamedTuple):
    """Records that fit their type, and where a path into one of them leads, which is named by its place among them."""

    records: list[Any]
    path: Callable[[int, Path_], Path_]


class Found:
    """The records that were found in a file or a snapshot, by section; what does not fit its type is left out."""

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
        """``names`` gives the values of a section's field, those of records that do not fit included; ``counts`` are
        the ids that were given out, by kind."""
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
        """The record of a section with this key; None where there is none, or where it does not fit."""
        if section not in self._by_key:
            key = next(each.key for each in self._domain.sections if each.name == section)
            self._by_key[section] = {getattr(each, key): each for each in self.records[section].records}
        return self._by_key[section].get(id)

    def given_out(self, kind: str) -> int | None:
        """How many ids of a kind the world gave out; None where that is itself wrong."""
        return None if self._counts is None else self._counts.get(kind, 0)

    def known(self, noun: str) -> Container[Any]:
        """The names by which others may refer to a record of this noun, or to a thing that all worlds share."""
        if noun not in self._known:
            section = next((each for each in self._domain.sections if each.noun == noun), None)
            self._known[noun] = (
                self.names(section.name, section.reference) if section else self._domain.things[noun](self.shared)
            )
        return self._known[noun]


def check_records(data: Data, domain: Domain, found: Found) -> None:
    """Note every problem of the records: instants and values that no record can hold, references that lead nowhere,
    and what does not hold between records."""
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
    """Note every problem of the facts that there are."""
    for fact in domain.facts:
        if fact.check is not None and fact.name in facts:
            for message in fact.check(facts[fact.name], found):
                data.fail((fact.name,), message)


def is_after(instant: datetime | None, other: datetime | None) -> bool:
    """Whether an instant is later than another; where one of them is missing or not in UTC, that is a problem of its
    own."""
    return instant is not None and other is not None and instant.tzinfo is other.tzinfo is UTC and instant > other
