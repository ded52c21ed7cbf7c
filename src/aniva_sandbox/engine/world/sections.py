"""The sections of a world: the records of one kind, and single facts. An API registers each of them once; fixtures,
snapshots, exports, invariants and limits follow from that."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol

import msgspec

from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.problems import Path_
from aniva_sandbox.engine.world.tables import Table

__all__ = ["Fact", "Neighbours", "Reading", "Section", "Written", "by_key", "persona_section"]


class Neighbours(Protocol):
    """What the check of a record may ask about the rest of its world."""

    @property
    def now(self) -> datetime | None:
        """The world's now; None where that is itself wrong."""

    @property
    def begun(self) -> bool:
        """Whether what happens by itself has been planned."""

    @property
    def shared(self) -> Any:
        """What all worlds share."""

    def get(self, section: str, id: str) -> Any:
        """The record of a section with this key; None where there is none, or where it is itself wrong."""

    def given_out(self, kind: str) -> int | None:
        """How many ids of a kind the world gave out; None where that is itself wrong."""


class Reading(Protocol):
    """What reads the entries of a world file that are not written as the record is."""

    @property
    def shared(self) -> Any:
        """What all worlds share."""

    def fail(self, path: Path_, message: str) -> None:
        """Note a problem, at a path inside the entry."""

    def instant(self, path: Path_, text: str) -> Any:
        """An instant, which may be known only once the world's start is; None, and a problem, for any other text."""

    def find(self, section: str, field: str, value: Any, path: Path_) -> Any:
        """The record of an earlier section that has a value in a field; None, and a problem, where there is none."""

    def add(self, section: str, path: Path_, **fields: Any) -> None:
        """Add a record to another section; its problems are noted at this path of the entry."""


class Written(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """How the records of a section are written by hand in world files: as in snapshots, but for what is said here."""

    names: Mapping[str, str] = {}
    """What fields are called, where that differs."""
    defaults: Mapping[str, Any] = {}
    """Fields that may be left out; so may all that may be null, but for the required ones."""
    required: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    """Fields that are not written; ``read`` gives them, or they have a default."""
    further: Mapping[str, Any] = {}
    """What is written beside or instead of fields of the record: types by name."""
    lookups: Mapping[str, tuple[str, str]] = {}
    """Fields that name a record by another field than its key: section and field by name."""
    read: Callable[[Any, Reading], dict[str, Any]] | None = None
    """The fields of the record that are not written as they are, from an entry."""
    optional: bool = False
    """Whether the section may be missing."""
    keyed: bool = False
    """Whether the section is a mapping by the key, not a list."""


class Section(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Records of one kind: an attribute of the world, and a list in fixtures and snapshots, of the same name.

    The type of the record holds the constraints of its fields. ``table`` makes what holds the records in a world:
    iterating over it, or over its values where it is a mapping, gives them in order.
    """

    name: str
    record: type[msgspec.Struct]
    noun: str = ""
    """What one of the records is called, in messages and in references to it."""
    key: str = "id"
    """The field that the table goes by; empty for none."""
    unique: tuple[str | tuple[str, ...], ...] = ("id",)
    """The fields whose values, alone or together, no two records share."""
    reference: str = "id"
    """The field by which other records refer to one."""
    table: Callable[[Iterable[Any]], Any] = Table
    fixed: bool = False
    """Whether the records never change, so that worlds share them."""
    counted: bool = False
    """Whether the records count against the limit of a world."""
    ids: str | None = None
    """The kind of ids that the world gives to these records, where it does."""
    check: Callable[[Any, Neighbours], Iterator[tuple[Path_, str]]] | None = None
    """What is wrong with a record beside others, and where in it."""
    written: Written | None = None
    """How the records are written in world files; None where they are not."""
    zone: Callable[[Any, Callable[[str, str], Any]], tzinfo] = lambda _record, _find: UTC
    """Where the wall clock of a record is read; gets the record, and what finds a record of a section by its key."""
    sorted_by: str = ""
    """The instant by which the records of a fixture are put in order."""
    hinted: bool = False
    """Whether hints say that an id of one of these records was sent where another was expected."""
    description: str = ""

    def records(self, table: Any) -> list[Any]:
        """The records of a table of this section, in order."""
        return list(table.values() if isinstance(table, Mapping) else table)


def by_key(name: str) -> Callable[[Iterable[Any]], dict[str, Any]]:
    """What holds records that never change: a mapping by one of their fields."""
    return lambda records: {getattr(record, name): record for record in records}


def persona_section(
    record: type[Access] = Access,
    *,
    further: Mapping[str, Any] | None = None,
    read: Callable[[Any, Reading], dict[str, Any]] | None = None,
) -> Section:
    """The section ``personas``: a mapping by name in world files. For ``further`` and ``read`` see
    :class:`Written`."""
    return Section(
        name="personas",
        record=record,
        noun="persona",
        key="persona",
        unique=("persona",),
        table=by_key("persona"),
        fixed=True,
        written=Written(left_out=frozenset({"persona"}), further=further or {}, read=read, keyed=True),
    )


class Fact(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A single value that a world holds, as an attribute and in snapshots."""

    name: str
    type: Any
    initial: Callable[[datetime], Any]
    """Its value in a world that starts at an instant."""
    check: Callable[[Any, Neighbours], Iterator[str]] | None = None
    """What is wrong with a value."""
    description: str = ""
