"""A bounded log: the last entries, and the number of all."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

__all__ = ["Log"]

T = TypeVar("T")


class Log(Generic[T]):
    """The last entries, oldest first. They are numbered from 1; clearing the log does not restart the numbers."""

    def __init__(self, length: int) -> None:
        """Keep at most ``length`` entries."""
        self.recorded = 0
        """The number of all entries ever added."""
        self.dropped = 0
        """The number of entries dropped to make room since the log was cleared."""
        self._entries: deque[T] = deque(maxlen=length)

    @property
    def next_number(self) -> int:
        """The number of the next entry."""
        return self.recorded + 1

    def add(self, entry: T) -> None:
        """Add an entry. If the log is full, drops the oldest."""
        entries = self._entries
        if len(entries) == entries.maxlen:
            self.dropped += 1
        self.recorded += 1
        entries.append(entry)

    def clear(self) -> None:
        """Drop all entries; the numbers go on."""
        self._entries.clear()
        self.dropped = 0

    def refill(self, entries: Iterable[T], recorded: int, dropped: int) -> None:
        """Hold what another log held, with its numbers."""
        self._entries.clear()
        self._entries.extend(entries)
        self.recorded = recorded
        self.dropped = dropped

    def __iter__(self) -> Iterator[T]:
        return iter(self._entries)

    def __getitem__(self, index: int) -> T:
        return self._entries[index]

    def __len__(self) -> int:
        return len(self._entries)
