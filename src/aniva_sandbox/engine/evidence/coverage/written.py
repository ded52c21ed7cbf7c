"""What was collected in one world, written out exactly, so that another process collects on from it.

It is written as if the book of the last test had just been closed, as every report closes it: reading a report then
makes no difference, and an open book without entries is like any other. Sets are written sorted, items by their ids: of
what one call met, they are collected in no particular order. Of the names of tests, those that no report shows, now or
later, are left out.
"""

from heapq import nsmallest

import msgspec

from aniva_sandbox.engine.evidence.coverage.collected import TESTS_KEPT, Collected, Met, Side
from aniva_sandbox.engine.evidence.coverage.unread import UnreadEvent

__all__ = ["WrittenMet", "WrittenWorld", "read_collected", "write_collected"]


class WrittenMet(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """How an item was met: the fields of :class:`~aniva_sandbox.engine.evidence.coverage.collected.Met`."""

    id: str
    count: int
    tests: list[str]
    closest: int | float | None
    by: list[Side]


class WrittenWorld(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What was collected in one world."""

    test: str | None = None
    """The test that is named for later calls."""
    met: list[WrittenMet] = []
    unread: list[tuple[str, UnreadEvent]] = []
    """The events that the client has not read yet, with each id by which one can be read."""
    is_followed: bool = False
    """Whether these are known to have happened according to the world's history, not one before it."""


def write_collected(collected: Collected) -> list[WrittenMet]:
    """What was collected, by id."""
    return [
        WrittenMet(id, met.count, nsmallest(TESTS_KEPT, met.tests), met.closest, sorted(met.by))
        for id, met in sorted(collected.met.items())
    ]


def read_collected(written: list[WrittenMet]) -> Collected:
    """What was collected, as it was written."""
    return Collected({each.id: Met(each.count, set(each.tests), each.closest, set(each.by)) for each in written})
