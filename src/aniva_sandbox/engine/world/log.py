"""A bounded log: the last entries of a stream, and their number."""

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

__all__ = ["Log"]

T = TypeVar("T")


class Log(Generic[T]):
    """The last entries, oldest first. Numbers count from 1 and continue after the log is cleared."""

    def __init__(self, length: int) -> None:
        """Keep at most ``length`` entries."""
        self.recorded = 0
        """The number of entries ever added."""
        self.dropped = 0
        """The number of entries that were dropped for newer ones since the log was cleared."""
        self._entries: deque[T] = deque(maxlen=length)

    @property
    def next_number(self) -> int:
        """The number of the next entry."""
        return self.recorded + 1

    def add(self, entry: T) -> None:
        """Add an entry; when the limit is exceeded, the oldest is dropped."""
        if len(self._entries) == self._entries.maxlen:
            self.dropped += 1
        self.recorded += 1
        self._entries.append(entry)

    def clear(self) -> None:
        """Remove all entries; numbering continues."""
        self._entries.clear()
        self.dropped = 0

    def __iter__(self) -> Iterator[T]:
        return iter(self._entries)

    def __getitem__(self, index: int) -> T:
        return self._entries[index]

    def __len__(self) -> int:
        return len(self._entries)
