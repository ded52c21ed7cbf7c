"""What will happen and what has happened, as events."""

import heapq
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

__all__ = ["Agenda", "Event", "Happened"]


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that happens beside what clients do: a type, the id of the record concerned, and named details.

    ``automatic`` says that the sandbox planned it by itself.
    """

    type: str
    target: str
    details: dict[str, Any] = {}
    automatic: bool = False


class Happened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event of the past, with the instant it happened at."""

    time: datetime
    event: Event


class Agenda:
    """Events with their due times, soonest first; equal times in the order in which they were added.

    Adding, taking out the next and dropping those of one target cost the same however many others there are (but for
    a logarithm).
    """

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int]] = []
        self._entries: dict[int, tuple[datetime, Event]] = {}
        self._of_target: dict[str, set[int]] = {}
        self._of_type: Counter[str] = Counter()
        self._added = 0

    def add(self, due: datetime, event: Event) -> None:
        """Let ``event`` happen at ``due``."""
        heapq.heappush(self._heap, (due, self._added))
        self._entries[self._added] = due, event
        self._of_target.setdefault(event.target, set()).add(self._added)
        self._of_type[event.type] += 1
        self._added += 1

    def drop(self, target: str, *, automatic_only: bool = False) -> None:
        """Take out what would happen to a target: all of it, or what the sandbox planned by itself."""
        for number in sorted(self._of_target.get(target, ())):
            if self._entries[number][1].automatic or not automatic_only:
                self._take(number)
        if len(self._heap) > 2 * len(self._entries) + 64:  # mostly places of what was dropped
            self._heap = [(due, number) for number, (due, _) in self._entries.items()]
            heapq.heapify(self._heap)

    def pop_due(self, now: datetime) -> tuple[datetime, Event] | None:
        """Take out the next event that is due at ``now`` or before, with its due time; None where nothing is."""
        if not self._entries or self.next_due() > now:
            return None
        _, number = heapq.heappop(self._heap)
        return self._take(number)

    def next_due(self) -> datetime:
        """When the next event is due. Raises IndexError where there is none."""
        while self._heap[0][1] not in self._entries:
            heapq.heappop(self._heap)
        return self._heap[0][0]

    def holds(self, type: str, target: str | None = None) -> bool:
        """Whether an event of this type stands here (to this target, where one is given)."""
        if target is None:
            return self._of_type[type] > 0
        return any(self._entries[number][1].type == type for number in self._of_target.get(target, ()))

    def __iter__(self) -> Iterator[tuple[datetime, Event]]:
        return iter([self._entries[number] for _, number in sorted(self._heap) if number in self._entries])

    def __len__(self) -> int:
        return len(self._entries)

    def _take(self, number: int) -> tuple[datetime, Event]:
        entry = self._entries.pop(number)
        event = entry[1]
        self._of_type[event.type] -= 1
        numbers = self._of_target[event.target]
        numbers.remove(number)
        if not numbers:
            del self._of_target[event.target]
        return entry
