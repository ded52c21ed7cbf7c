"""The sections of a world, each with the records of one kind, and single facts. An API declares each of them once;
fixtures, snapshots, exports, invariants and limits are derived from that."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol

import msgspec

from aniva_sandbox.engine.problems import Path_
from aniva_sandbox.engine.world.tables import Table

__all__ = ["Fact", "Neighbours", "Reading", "Section", "Written", "by_key"]


class Neighbours(Protocol):
    """The rest of a record's world, as seen by the check of the record."""

    @property
    def now(self) -> datetime | None:
        """The world's time; None if that is invalid."""

    @property
    def begun(self) -> bool:
        """Whether automatic events have been planned."""

    @property
    def shared(self) -> Any:
        """What all worlds share."""

    def get(self, section: str, id: str) -> Any:
        """The record of a section with this key; None if it does not exist or is invalid."""

    def given_out(self, kind: str) -> int | None:
        """The number of ids of a kind that the world has generated; None if that is invalid."""


class Reading(Protocol):
    """Reads parts of an entry in a world file that differ from the record."""

    @property
    def shared(self) -> Any:
        """What all worlds share."""

    def fail(self, path: Path_, message: str) -> None:
        """Note a problem at a path inside the entry."""

    def instant(self, path: Path_, text: str) -> Any:
        """An instant, possibly relative to the world's start. Notes a problem and returns None for any other text."""

    def find(self, section: str, field: str, value: Any, path: Path_) -> Any:
        """The record of an earlier section with this value in a field. Notes a problem and returns None if there is
        none."""

    def add(self, section: str, path: Path_, **fields: Any) -> None:
        """Add a record to another section; its problems are noted at this path of the entry."""


class Written(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """How the records of a section are written in world files, where that differs from snapshots."""

    names: Mapping[str, str] = {}
    """The names of fields that differ."""
    defaults: Mapping[str, Any] = {}
    """Optional fields, with their defaults. Nullable fields are optional too, except the ``required`` ones."""
    required: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    """Fields that are not written; they come from ``read`` or have a default."""
    further: Mapping[str, Any] = {}
    """The types of additional fields, by name."""
    lookups: Mapping[str, tuple[str, str]] = {}
    """Fields that name a record by a field other than its key: section and field by name."""
    read: Callable[[Any, Reading], dict[str, Any]] | None = None
    """Reads from an entry the fields of the record that are written differently."""
    optional: bool = False
    """Whether the section is optional."""
    keyed: bool = False
    """Whether the section is a mapping by key instead of a list."""


class Section(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Records of one kind: an attribute of the world, and a list in fixtures and snapshots, of the same name.

    The type of the record has the constraints of its fields. ``table`` creates the collection of the records in a
    world; iterating over it, or over its values if it is a mapping, yields them in order.
    """

    name: str
    record: type[msgspec.Struct]
    noun: str = ""
    """The name of a single record, in messages and references."""
    key: str = "id"
    """The field that identifies a record in the table; empty if there is none."""
    unique: tuple[str | tuple[str, ...], ...] = ("id",)
    """The fields, or combinations of fields, whose values are unique."""
    reference: str = "id"
    """The field by which other records refer to one."""
    table: Callable[[Iterable[Any]], Any] = Table
    fixed: bool = False
    """Whether the records are immutable, so that worlds can share them."""
    counted: bool = False
    """Whether the records count towards the limit of a world."""
    ids: str | None = None
    """The kind of ids that the world generates for these records, if any."""
    check: Callable[[Any, Neighbours], Iterator[tuple[Path_, str]]] | None = None
    """Yields what is wrong with a record in the context of others, and where."""
    written: Written | None = None
    """How the records are written in world files; None if they are not."""
    zone: Callable[[Any, Callable[[str, str], Any]], tzinfo] = lambda _record, _find: UTC
    """The time zone of a record's local times, given the record and a function that finds a record by section and
    key."""
    sorted_by: str = ""
    """The instant by which the records of a fixture are sorted."""
    hinted: bool = False
    """Whether hints recognize the ids of these records."""
    description: str = ""

    def records(self, table: Any) -> list[Any]:
        """The records of a table of this section, in order."""
        return list(table.values() if isinstance(table, Mapping) else table)


def by_key(name: str) -> Callable[[Iterable[Any]], dict[str, Any]]:
    """A table of immutable records: a mapping by one of their fields."""
    return lambda records: {getattr(record, name): record for record in records}


class Fact(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A single value that a world holds, as an attribute and in snapshots."""

    name: str
    type: Any
    initial: Callable[[datetime], Any]
    """Its value in a world that starts at this instant."""
    check: Callable[[Any, Neighbours], Iterator[str]] | None = None
    """Yields what is wrong with a value."""
    description: str = ""
