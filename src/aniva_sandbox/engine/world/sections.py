"""The sections of a world, which hold the records of one kind, and single facts. An API registers each once; fixtures,
snapshots, exports, invariants and limits are derived from them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, Protocol

import msgspec

from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.problems import FieldPath
from aniva_sandbox.engine.world.tables import Table

__all__ = ["Fact", "Neighbours", "Reading", "Section", "Written", "by_key", "persona_section"]


class Neighbours(Protocol):
    """The rest of a record's world, for the check of the record."""

    @property
    def now(self) -> datetime | None:
        """The world's now; None if it is not valid."""

    @property
    def begun(self) -> bool:
        """Whether the automatic events have been planned."""

    @property
    def shared(self) -> Any:
        """What all worlds share."""

    def get(self, section: str, id: str) -> Any:
        """The record of a section with this key; None if there is none or it is not valid."""

    def given_out(self, kind: str) -> int | None:
        """The number of ids of a kind that the world gave out; None if that is unknown."""


class Reading(Protocol):
    """The reader of entries of a world file that are not written as the record is."""

    @property
    def shared(self) -> Any:
        """What all worlds share."""

    def fail(self, path: FieldPath, message: str) -> None:
        """Note a problem at a path inside the entry."""

    def instant(self, path: FieldPath, text: str) -> Any:
        """An instant, perhaps relative to the world's start. Any other text is a problem, and gives None."""

    def find(self, section: str, field: str, value: Any, path: FieldPath) -> Any:
        """The record of an earlier section with this value in a field. If there is none, notes a problem and returns
        None."""

    def add(self, section: str, path: FieldPath, **fields: Any) -> None:
        """Add a record to another section; its problems are noted at this path of the entry."""


class Written(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """How the records of a section are written in world files: as in snapshots, with these differences."""

    names: Mapping[str, str] = {}
    """The names of fields that differ."""
    defaults: Mapping[str, Any] = {}
    """Fields that may be omitted. Nullable fields may be omitted too, unless they are required."""
    required: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    """Fields that are not written: ``read`` returns them, or they have a default."""
    further: Mapping[str, Any] = {}
    """Additional entries, or replacements of fields of the record: types by name."""
    lookups: Mapping[str, tuple[str, str]] = {}
    """Fields that refer to a record by another field than its key: section and field by name."""
    read: Callable[[Any, Reading], dict[str, Any]] | None = None
    """Reads the fields of the record that are written differently from an entry."""
    optional: bool = False
    """Whether the section may be omitted."""
    keyed: bool = False
    """Whether the section is a mapping by key instead of a list."""


class Section(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The records of one kind: an attribute of the world, and a list of the same name in fixtures and snapshots. Only
    the world replaces the attribute, when it replaces its state.

    The type of the record holds the constraints of its fields. ``table`` creates the container of the records in a
    world; iterating over it, or over its values if it is a mapping, gives them in order.
    """

    name: str
    record: type[msgspec.Struct]
    noun: str = ""
    """The name of a record in messages and references."""
    key: str = "id"
    """The key of the table; empty if there is none."""
    unique: tuple[str | tuple[str, ...], ...] = ("id",)
    """The fields whose values, alone or combined, are unique."""
    reference: str = "id"
    """The field by which other records refer to a record."""
    table: Callable[[Iterable[Any]], Any] = Table
    fixed: bool = False
    """Whether the records are immutable, so that worlds can share them."""
    counted: bool = False
    """Whether the records count towards the limit of a world."""
    ids: str | None = None
    """The kind of the ids that the world gives to these records, if it does."""
    check: Callable[[Any, Neighbours], Iterator[tuple[FieldPath, str]]] | None = None
    """Returns the inconsistencies of a record with others: paths and messages."""
    written: Written | None = None
    """How the records are written in world files; None if they are not."""
    zone: Callable[[Any, Callable[[str, str], Any]], tzinfo] = lambda _record, _find: UTC
    """Returns the time zone of a record, given the record and a function that finds records by section and key."""
    sorted_by: str = ""
    """The instant by which the records of a fixture are sorted."""
    hinted: bool = False
    """Whether hints recognize the ids of these records."""
    description: str = ""
    example: str = ""
    """The key of a record in the default world, which the control plane's document uses as an example. It should have
    what records can have, such as a file."""

    def records(self, table: Any) -> list[Any]:
        """The records of a table of this section, in order."""
        return list(table.values() if isinstance(table, Mapping) else table)


def by_key(name: str) -> Callable[[Iterable[Any]], dict[str, Any]]:
    """A container for records that never change: a mapping by one of their fields."""
    return lambda records: {getattr(record, name): record for record in records}


_PERSONAS: Final = "Callers: `full` has the key of the world, `NAME` that key with `.NAME` appended."


def persona_section(
    record: type[Access] = Access,
    *,
    further: Mapping[str, Any] | None = None,
    read: Callable[[Any, Reading], dict[str, Any]] | None = None,
    description: str = "",
) -> Section:
    """The section ``personas``: a mapping by name in world files. For ``further`` and ``read`` see
    :class:`Written`; ``description`` says what a persona may see."""
    return Section(
        name="personas",
        record=record,
        noun="persona",
        key="persona",
        unique=("persona",),
        table=by_key("persona"),
        fixed=True,
        description=f"{_PERSONAS} {description}".strip(),
        written=Written(left_out=frozenset({"persona"}), further=further or {}, read=read, keyed=True),
    )


class Fact(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A single value that a world holds, as an attribute and in snapshots."""

    name: str
    type: Any
    initial: Callable[[datetime], Any]
    """Returns its value in a world that starts at an instant."""
    check: Callable[[Any, Neighbours], Iterator[str]] | None = None
    """Returns the problems of a value."""
    description: str = ""
