"""What is remembered of a stream of things: the last ones, and how many there were."""

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

__all__ = ["Log"]

T = TypeVar("T")


class Log(Generic[T]):
    """The last entries, oldest first, each with a number that is counted from 1 and goes on when the log is cleared."""

    def __init__(self, length: int) -> None:
        """Remember at most ``length`` entries."""
        self.recorded = 0
        """All entries that there ever were."""
        self.dropped = 0
        """Those that made room for newer ones since the log was cleared."""
        self._entries: deque[T] = deque(maxlen=length)

    @property
    def next_number(self) -> int:
        """That of the next entry."""
        return self.recorded + 1

    def add(self, entry: T) -> None:
        """Remember one more; where there is no room, the oldest goes."""
        if len(self._entries) == self._entries.maxlen:
            self.dropped += 1
        self.recorded += 1
        self._entries.append(entry)

    def clear(self) -> None:
        """Forget the entries; the count goes on."""
        self._entries.clear()
        self.dropped = 0

    def __iter__(self) -> Iterator[T]:
        return iter(self._entries)

    def __getitem__(self, index: int) -> T:
        return self._entries[index]

    def __len__(self) -> int:
        return len(self._entries)
