"""What will happen and what has happened, as events."""

import heapq
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

__all__ = ["Agenda", "Event", "Happened"]


class Event(msgspec.Struct, frozen=True):
    """Something that Aniva's side does: a type, the id of the record concerned, and named details."""

    type: str
    target: str
    details: dict[str, Any] = {}


class Happened(msgspec.Struct, frozen=True):
    """An event of the past, with the instant it happened at."""

    time: datetime
    event: Event


class Agenda:
    """Events with their due times, soonest first; equal times in the order in which they were added."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Event]] = []
        self._added = 0

    def add(self, due: datetime, event: Event) -> None:
        """Let ``event`` happen at ``due``."""
        heapq.heappush(self._heap, (due, self._added, event))
        self._added += 1

    def pop_due(self, now: datetime) -> tuple[datetime, Event] | None:
        """Take out the next event that is due at ``now`` or before, with its due time; None where nothing is."""
        if not self._heap or self._heap[0][0] > now:
            return None
        due, _, event = heapq.heappop(self._heap)
        return due, event

    def __iter__(self) -> Iterator[tuple[datetime, Event]]:
        return ((due, event) for due, _, event in sorted(self._heap, key=lambda entry: entry[:2]))

    def __len__(self) -> int:
        return len(self._heap)
