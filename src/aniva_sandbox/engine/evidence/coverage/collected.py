"""What was collected: the items that calls met, how often, and in which tests."""

from collections.abc import Iterator
from heapq import nsmallest
from typing import Final, Literal

import msgspec

__all__ = ["TESTS_KEPT", "Collected", "Met", "Side"]

TESTS_KEPT: Final = 1000
"""The number of names of tests kept of an item: the first in order, so that it does not matter who met it when."""

Side = Literal["client", "api"]


class Met(msgspec.Struct):
    """How an item was met."""

    count: int = 0
    tests: set[str] = set()
    closest: float | None = None
    """Of a boundary: the smallest distance, signed."""
    by: set[Side] = set()
    """Of a transition: who tried it."""

    def add(self, other: "Met") -> None:
        """Add another's calls to these."""
        self.count += other.count
        self.tests |= other.tests
        self._shorten()
        if other.closest is not None:
            self.measure(other.closest)
        self.by |= other.by

    def name(self, test: str) -> None:
        """Add a test."""
        self.tests.add(test)
        self._shorten()

    def measure(self, distance: float) -> None:
        """Keep a distance, if it is the closest."""
        if self.closest is None or abs(distance) < abs(self.closest):
            self.closest = distance

    def _shorten(self) -> None:
        if len(self.tests) > 2 * TESTS_KEPT:
            self.tests = set(nsmallest(TESTS_KEPT, self.tests))


class Collected(msgspec.Struct):
    """All that was met, by item. It can be encoded, sent to another process, decoded there, and added."""

    met: dict[str, Met] = {}

    def add(self, other: "Collected") -> None:
        """Add what another collected; the order does not matter."""
        for id, met in other.met.items():
            self.entry(id).add(met)

    def entry(self, id: str) -> Met:
        """How an item was met, to be added to."""
        found = self.met.get(id)
        if found is None:
            found = self.met[id] = Met()
        return found

    def __contains__(self, id: object) -> bool:
        return id in self.met

    def __iter__(self) -> Iterator[str]:
        return iter(self.met)
