"""The plain records of a world and the tables that hold them.

Operations and events change records in place; a field with an index is changed through the table. Instants are aware
datetimes in UTC. Records never hold one another, so they need no cyclic garbage collection.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, Protocol, TypeVar

__all__ = ["Record", "Table"]


class Record(Protocol):
    """A record that a table can hold."""

    @property
    def id(self) -> str:
        """Unique in the table."""


R = TypeVar("R", bound=Record)


class Table(Generic[R]):
    """Records by id, in order of creation."""

    def __init__(self, records: Iterable[R] = ()) -> None:
        self._records: dict[str, R] = {}
        self.held: Mapping[str, R] = self._records
        """The records by id: the same mapping while the table exists. What it says of itself, such as its length, the
        table says, too, in ten times as much time."""
        for record in records:
            self.add(record)

    def add(self, record: R) -> None:
        """Add a new record."""
        id, records = record.id, self._records
        if id in records:
            raise ValueError(f"the id {id} is taken")
        records[id] = record

    def get(self, id: str) -> R | None:
        """The record with this id, in upper or lower case."""
        return self._records.get(id) or self._records.get(id.lower())

    def __getitem__(self, id: str) -> R:
        return self._records[id]

    def __iter__(self) -> Iterator[R]:
        return iter(self._records.values())

    def __reversed__(self) -> Iterator[R]:
        return reversed(self._records.values())

    def __contains__(self, id: str) -> bool:
        return id in self._records

    def __len__(self) -> int:
        return len(self._records)
