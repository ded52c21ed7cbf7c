"""Future and past events."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sized
from datetime import datetime
from typing import Any

import msgspec

__all__ = ["Agenda", "Event", "Happened"]


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that happens on the API's side: a type, the id of a record, and named details.

    ``automatic`` says that the sandbox planned it.
    """

    type: str
    target: str
    details: dict[str, Any] = {}
    automatic: bool = False


class Happened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A past event and its instant."""

    time: datetime
    event: Event


class Agenda:
    """Events with their due times, soonest first; events due at the same time in insertion order.

    Adding an event, popping the next and dropping those of a target take logarithmic time at most.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int]] = []
        self._entries: dict[int, tuple[datetime, Event]] = {}
        self.held: Sized = self._entries
        """The container of the events, as that of a table."""
        self._of_target: dict[str, set[int]] = {}
        self._of_type: Counter[str] = Counter()
        self._added = 0

    @property
    def added(self) -> int:
        """The number of the event that was added last; 0 if none was."""
        return self._added

    @classmethod
    def resumed(cls, added: int, numbered: Iterable[tuple[int, datetime, Event]]) -> "Agenda":
        """An agenda as another one was, from its :attr:`added` and :meth:`numbered`."""
        agenda = cls()
        agenda._added = added
        for number, due, event in numbered:
            agenda.put_back(number, due, event)
        return agenda

    def add(self, due: datetime, event: Event) -> int:
        """Schedule ``event`` for ``due``; returns its number, counted from 1 while the agenda exists."""
        self._added += 1
        self.put_back(self._added, due, event)
        return self._added

    def take(self, number: int) -> tuple[datetime, Event] | None:
        """Remove and return the event with this number, with its due time; None if there is none. Takes linear time."""
        if number not in self._entries:
            return None
        entry = self._take(number)
        self._heap.remove((entry[0], number))
        heapq.heapify(self._heap)
        return entry

    def put_back(self, number: int, due: datetime, event: Event) -> None:
        """Schedule an event again that was taken out, in its old place."""
        heapq.heappush(self._heap, (due, number))
        self._entries[number] = due, event
        self._of_target.setdefault(event.target, set()).add(number)
        self._of_type[event.type] += 1

    def drop(self, target: str, *, automatic_only: bool = False) -> None:
        """Drop the events of a target: all of them, or those that the sandbox planned."""
        for number in sorted(self._of_target.get(target, ())):
            if self._entries[number][1].automatic or not automatic_only:
                self._take(number)
        if len(self._heap) > 2 * len(self._entries) + 64:  # mostly places of dropped events
            self._heap = [(due, number) for number, (due, _) in self._entries.items()]
            heapq.heapify(self._heap)

    def pop_due(self, now: datetime) -> tuple[datetime, Event] | None:
        """Remove and return the next event due at ``now`` or earlier, with its due time; None if there is none."""
        heap, entries = self._heap, self._entries
        if not entries:
            return None
        while heap[0][1] not in entries:
            heapq.heappop(heap)
        return self._take(heapq.heappop(heap)[1]) if heap[0][0] <= now else None

    def next_due(self) -> datetime:
        """The due time of the next event. Raises IndexError if there is none."""
        while self._heap[0][1] not in self._entries:
            heapq.heappop(self._heap)
        return self._heap[0][0]

    def holds(self, type: str, target: str | None = None) -> bool:
        """Whether the agenda holds an event of this type, for this target if one is given."""
        if target is None:
            return self._of_type[type] > 0
        return any(self._entries[number][1].type == type for number in self._of_target.get(target, ()))

    def of(self, target: str) -> list[tuple[int, datetime, Event]]:
        """The events of a target, soonest first, each with its number and its due time."""
        found = [(number, *self._entries[number]) for number in self._of_target.get(target, ())]
        return sorted(found, key=lambda entry: (entry[1], entry[0]))

    def counts(self) -> dict[str, int]:
        """How many events of each type it holds; only types that it holds."""
        return {type: count for type, count in self._of_type.items() if count > 0}

    def numbered(self) -> Iterator[tuple[int, datetime, Event]]:
        """The events with their numbers and due times, soonest first."""
        return ((number, *self._entries[number]) for _, number in sorted(self._heap) if number in self._entries)

    def __iter__(self) -> Iterator[tuple[datetime, Event]]:
        return iter([(due, event) for _, due, event in self.numbered()])

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
