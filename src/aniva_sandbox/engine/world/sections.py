"""The sections of a world: the records of one kind, and single facts. An API registers each of them once."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from aniva_sandbox.engine.world.tables import Table

__all__ = ["Fact", "Section", "by_key"]


class Section(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Records of one kind: an attribute of the world, and a list in fixtures and snapshots, of the same name.

    The type of the record holds the constraints of its fields. ``table`` makes what holds the records in a world:
    iterating over it, or over its values where it is a mapping, gives them in order.
    """

    name: str
    record: type[msgspec.Struct]
    key: str = "id"
    """The field that is unique in the section."""
    table: Callable[[Iterable[Any]], Any] = Table
    counted: bool = False
    """Whether the records count against the limit of a world."""
    ids: str | None = None
    """The kind of ids that the world gives to these records, where it does."""
    noun: str = ""
    """What one record is called where its id is told apart from others; empty where ids are not looked at."""
    description: str = ""

    def records(self, table: Any) -> list[Any]:
        """The records of a table of this section, in order."""
        return list(table.values() if isinstance(table, Mapping) else table)


def by_key(name: str) -> Callable[[Iterable[Any]], dict[str, Any]]:
    """What holds records that never change: a mapping by one of their fields."""
    return lambda records: {getattr(record, name): record for record in records}


class Fact(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A single value that a world holds, as an attribute and in snapshots."""

    name: str
    type: Any
    initial: Callable[[datetime], Any]
    """Its value in a world that starts at an instant."""
    description: str = ""
