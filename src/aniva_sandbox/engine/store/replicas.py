"""The copies that one process has of worlds that processes share.

A world is a state machine without chance: a process that applies its log, in its order and at its instants, has the
world. So a call is appended to the log first, with whatever else is waiting for the same world; then everything that
the log has since this process last looked is applied, the call among it, and its response is the response.
"""

import asyncio
import logging
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, Protocol

import msgspec

from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Ledger
from aniva_sandbox.engine.contract.tally import Tally
from aniva_sandbox.engine.evidence.unmatched import UnmatchedCall, UnmatchedCalls
from aniva_sandbox.engine.store.entries import Absent, Batch, Entry, Kind, Logged, Seen, Verdict
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.store.meter import Meter
from aniva_sandbox.engine.store.problems import STORE_UNCONFIRMED, StoreError
from aniva_sandbox.engine.store.saved import digest, load, save
from aniva_sandbox.engine.world.clock import at_instant, stopwatch
from aniva_sandbox.engine.world.events import settle

__all__ = ["POINT_ENTRIES", "POINT_SIZE", "Logs", "Replicas", "settle_future"]

POINT_ENTRIES: Final = 500
"""After as many entries, a snapshot is due."""
POINT_SIZE: Final = 1024 * 1024
"""After as many bytes of entries, too."""
_TOGETHER: Final = 100
"""The most entries that are appended at once."""
_MISSED_KEPT: Final = 10_000
_LOG = logging.getLogger("aniva_sandbox")

_number_of: Final = attrgetter("number")
_instant_of: Final = attrgetter("instant")


class Logs(Protocol):
    """Where the logs are: :class:`~aniva_sandbox.engine.store.log.Log`."""

    async def append(self, name: str, entries: Sequence[Entry], seen: Seen | None, *, opens: bool) -> Batch | Absent:
        """Append entries, and return what follows what was seen."""

    async def read(self, name: str, seen: Seen | None) -> Batch | Absent:
        """What follows what was seen."""

    async def snapshot(self, name: str, number: int) -> bytes | None:
        """A snapshot that a batch named; None if it has been replaced twice since."""

    async def forget(self, name: str, epoch: str, number: int) -> None:
        """No longer list a world whose log still ends with this number."""

    async def offer(self, name: str, epoch: str, number: int, digest: bytes, saved: bytes) -> Verdict:
        """Offer a snapshot, and compare it with that of others."""


@dataclass(eq=False)
class _Asked:
    """An entry that waits to be appended; without one, only what others appended is to be applied."""

    entry: Entry | None
    opens: bool
    done: "Callable[[Applied | Absent | Exception], object]"
    """Gets what it came to, or the error, once. It does not raise."""


@dataclass(eq=False)
class _Replica:
    """How far one world is."""

    name: str
    seen: Seen | None = None
    entries: int = 0
    """Applied since the last point."""
    size: int = 0
    """Bytes of these."""
    waiting: deque[_Asked] = field(default_factory=deque)
    runner: asyncio.Task[None] | None = None
    is_wrong: bool = False
    """Whether it differs from the snapshot of another process."""


class Applied:
    """What an entry came to in this process: ``value`` is what the function that applies it returned."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.unmatched: list[UnmatchedCall] = []
        """The unmatched calls that it noted."""
        self.lost = False
        """Whether the store no longer had the world that this process knew, so that it began anew."""


class Replicas:
    """The copies of a process, by name. Everything here runs on one event loop."""

    def __init__(self, worlds: Worlds, logs: Logs, ledger: Ledger, apply: Callable[[Kind, Request], object]) -> None:
        """``worlds`` hold the copies. ``apply`` responds to the request of an entry of this kind."""
        self._worlds = worlds
        self._logs = logs
        self._ledger = ledger
        self._apply = apply
        self._replicas: dict[str, _Replica] = {}
        self._most = worlds.limits.worlds
        self._offers: set[asyncio.Task[None]] = set()
        self.meter = Meter()
        self._noted = UnmatchedCalls()
        """What an entry of this process notes while it is applied; its causes are reported later, once each."""
        self._missed: dict[str, None] = {}
        """The names of worlds that were here, and whose logs the store no longer had."""
        self._lists = 0
        """How many callers look at all worlds."""
        worlds.makes_room = worlds.settles = False

    async def ask(self, name: str, entry: Entry | None, *, opens: bool = False) -> Applied | Absent:
        """Append an entry to the log of a world, and apply it; without one, apply what others appended. Raises
        :exc:`~aniva_sandbox.engine.store.problems.StoreError`.

        A log that does not exist is opened only if the entry ``opens`` it.
        """
        found: asyncio.Future[Applied | Absent] = asyncio.get_running_loop().create_future()
        self.begin(name, entry, partial(settle_future, found), opens=opens)
        return await found

    def begin(
        self, name: str, entry: Entry | None, done: Callable[[Applied | Absent | Exception], object], *, opens: bool
    ) -> None:
        """Do what :meth:`ask` does, later. ``done``, which must not raise, gets what it comes to, or the error."""
        replica = self._replicas.pop(name, None) or _Replica(name)
        self._replicas[name] = replica  # the last used is the last one
        replica.waiting.append(_Asked(entry, opens, done))
        if replica.runner is None:
            replica.runner = asyncio.create_task(self._run(replica))

    async def ask_all(self, names: Iterable[str], entry: Entry | None) -> None:
        """Ask the worlds of these names at once, and meanwhile drop no copy to make room."""
        self._lists += 1
        try:
            await asyncio.gather(*(self.ask(name, entry) for name in names))
        finally:
            self._lists -= 1

    def drop(self, name: str) -> None:
        """Drop the copy of a world."""
        self._worlds.drop(name)
        replica = self._replicas.get(name)
        if replica is not None:
            replica.seen, replica.entries, replica.size, replica.is_wrong = None, 0, 0, False

    async def forget(self, name: str) -> None:
        """No longer list a world that was dropped; its log goes on if the world is used again."""
        replica = self._replicas.get(name)
        if replica is not None and replica.seen is not None and self._worlds.get(name) is None:
            await self._logs.forget(name, replica.seen.epoch, replica.seen.number)

    @property
    def entries(self) -> int:
        """The entries of all copies behind the last points at which snapshots are due."""
        return sum(each.entries for each in self._replicas.values())

    async def close(self) -> None:
        """Wait for the snapshots that are being offered."""
        await asyncio.gather(*self._offers, return_exceptions=True)

    async def _run(self, replica: _Replica) -> None:
        """Append and apply what is waiting, until nothing is."""
        try:
            while replica.waiting:
                asked = _next(replica.waiting)
                results: Sequence[Applied | Absent | Exception]
                try:
                    results = await self._serve(replica, asked)
                except Exception as error:
                    results = [error] * len(asked)
                for each, result in zip(asked, results, strict=True):
                    each.done(result)
        finally:
            replica.runner = None
            if replica.seen is None:
                self._replicas.pop(replica.name, None)  # there is nothing of it
            if not self._lists:
                self._make_room()

    async def _serve(self, replica: _Replica, asked: list[_Asked]) -> Sequence[Applied | Absent]:
        """Append and apply what was asked, or as much of it as can be: the rest waits again, and is taken from the
        list. Returns what each came to."""
        if replica.is_wrong:
            self.drop(replica.name)
        entries = [each.entry for each in asked if each.entry is not None]
        began = stopwatch()
        if entries:
            found = await self._logs.append(replica.name, entries, replica.seen, opens=asked[0].opens)
        else:
            found = await self._logs.read(replica.name, replica.seen)
        self.meter.asked += 1
        self.meter.waited += stopwatch() - began
        if isinstance(found, Absent):
            if found.reason == "unknown" and self._worlds.get(replica.name) is not None:
                self._missed[replica.name] = None
                if len(self._missed) > _MISSED_KEPT:
                    del self._missed[next(iter(self._missed))]
            self.drop(replica.name)
            if found.reason == "dropped":  # that is said to the first one only
                replica.waiting.extendleft(reversed(asked[1:]))
                del asked[1:]
            return [found for _ in asked]
        applied = await self._follow(replica, found)
        return applied if entries else [Applied(None) for _ in asked]

    async def _follow(self, replica: _Replica, batch: Batch) -> list[Applied]:
        """Apply a batch. Returns what its own entries came to."""
        name, last = replica.name, batch.entries[-1].number if batch.entries else 0
        lost = name in self._missed and batch.opened
        self._missed.pop(name, None)
        if batch.snapshot is not None:
            lost |= batch.opened and self._worlds.get(name) is not None
            self.drop(name)
            try:
                batch = await self._begin(name, batch)
            except StoreError as error:
                if not batch.own:
                    raise
                raise StoreError(STORE_UNCONFIRMED, f"The call is done, but its response is lost: {error}") from error
            replica.seen = Seen(batch.epoch, batch.snapshot or 0)
        first = last - batch.own + 1
        before, mine, after = _split(batch.entries, first, last)
        self._catch_up(replica, batch.epoch, before)
        own = [self._happen(replica, batch.epoch, each) for each in mine]
        self._catch_up(replica, batch.epoch, after)
        if lost:
            _LOG.warning("the store no longer had the world %r: it was flushed, or the world expired", name)
            for applied in own[:1]:
                applied.lost = True
        if len(own) < batch.own:
            raise StoreError(STORE_UNCONFIRMED, "Others went on so fast that the responses are lost")
        return own

    async def _begin(self, name: str, batch: Batch) -> Batch:
        """Load the snapshot that a batch begins with, or begin without one. Returns the batch, or one that begins with
        a newer snapshot, if that has been replaced meanwhile."""
        own, epoch = batch.own, batch.epoch
        while batch.snapshot:
            saved = await self._logs.snapshot(name, batch.snapshot)
            if saved is not None:
                self.meter.loaded += 1
                load(saved, self._worlds, name, self._ledger)
                return batch
            found = await self._logs.read(name, None)
            if isinstance(found, Absent) or found.epoch != epoch:
                raise StoreError(STORE_UNCONFIRMED, "The store lost the world while it was read")
            batch = msgspec.structs.replace(found, own=own)
        if self._worlds.coverage is not None:
            self._worlds.coverage.take_back(name, None, None)  # what an earlier copy met would count twice
        return batch

    def _catch_up(self, replica: _Replica, epoch: str, entries: Sequence[Logged]) -> None:
        """Apply entries of other processes, which have counted and noted what these came to."""
        if not entries:
            return
        worlds, meter, began = self._worlds, self.meter, stopwatch()
        before = worlds.unmatched, worlds.tally, worlds.on_create, worlds.on_exchange
        worlds.unmatched, worlds.tally, worlds.on_create, worlds.on_exchange = UnmatchedCalls(), Tally(), _nothing, None
        try:
            for instant, together in groupby(entries, _instant_of):
                at_instant(instant, partial(self._act_all, replica, epoch, together))
        finally:
            worlds.unmatched, worlds.tally, worlds.on_create, worlds.on_exchange = before
        meter.others += len(entries)
        meter.caught_up += 1
        meter.catching_up += stopwatch() - began

    def _act_all(self, replica: _Replica, epoch: str, entries: Iterable[Logged]) -> None:
        for logged in entries:
            self._act(replica, epoch, logged)

    def _happen(self, replica: _Replica, epoch: str, logged: Logged) -> Applied:
        """Apply an entry of this process."""
        worlds, noted = self._worlds, self._noted
        before, worlds.unmatched = worlds.unmatched, noted
        try:
            applied = Applied(at_instant(logged.instant, partial(self._act, replica, epoch, logged)))
            if noted:
                applied.unmatched = [*noted]
        finally:
            worlds.unmatched = before
            noted.clear()
        self.meter.own += 1
        return applied

    def _act(self, replica: _Replica, epoch: str, logged: Logged) -> object:
        """Do what an entry says, and offer a snapshot if one is due. Returns what the function that applies requests
        did."""
        self._worlds.changes = logged.number - 1  # so that what it changes has its number, in every process
        entry = logged.entry
        value = None
        if entry.request is not None:
            value = self._apply(entry.kind, entry.request)
        else:
            self._act_alone(replica.name, entry.kind)
        replica.seen = seen = Seen(epoch, logged.number)
        replica.entries += 1
        replica.size += logged.size
        if replica.entries >= POINT_ENTRIES or replica.size >= POINT_SIZE:
            replica.entries = replica.size = 0
            self._offer(replica, seen)
        return value

    def _act_alone(self, name: str, kind: Kind) -> None:
        """Do what an entry without a request says."""
        worlds = self._worlds
        world = worlds.get(name)
        match kind:
            case "open":
                if world is None:
                    worlds.create(name)
            case "settle":
                if world is not None:
                    settle(world)
            case "forget":
                if worlds.coverage is not None:
                    worlds.coverage.forget(name)

    def _offer(self, replica: _Replica, seen: Seen) -> None:
        """Write the world as it is now, and offer that to the store, meanwhile."""
        self.meter.offered += 1
        saved = save(self._worlds, replica.name)
        task = asyncio.create_task(self._compare(replica, seen, saved))
        self._offers.add(task)
        task.add_done_callback(self._offers.discard)

    async def _compare(self, replica: _Replica, seen: Seen, saved: bytes) -> None:
        try:
            verdict = await self._logs.offer(replica.name, seen.epoch, seen.number, digest(saved), saved)
        except StoreError as error:
            _LOG.warning("no snapshot of the world %r could be stored: %s", replica.name, error)
            return
        if verdict == "differs":
            _LOG.error(
                "the world %r after entry %d differs from what another process has: this is a defect; the copy here "
                "is dropped",
                replica.name,
                seen.number,
            )
            self.meter.differences += 1
            replica.is_wrong = True

    def _make_room(self) -> None:
        """Drop the copies that were not used for longest; their logs stay."""
        if len(self._replicas) > self._most:
            for name in [name for name, each in self._replicas.items() if each.runner is None]:
                if len(self._replicas) <= self._most:
                    break
                self.drop(name)
                del self._replicas[name]


def settle_future(future: "asyncio.Future[Any]", result: object) -> None:
    """Give a future its result, or the exception that it is, unless who waits for it is gone."""
    if future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)


def _next(waiting: deque[_Asked]) -> list[_Asked]:
    """What can be asked of the log at once: entries that open it alike, or none that appends."""
    first = waiting[0]
    asked: list[_Asked] = []
    while waiting and len(asked) < _TOGETHER:
        each = waiting[0]
        if (each.entry is None, each.opens) != (first.entry is None, first.opens):
            break
        asked.append(waiting.popleft())
    return asked


def _split(entries: list[Logged], first: int, last: int) -> tuple[list[Logged], list[Logged], list[Logged]]:
    """The entries in front of the numbers from ``first`` to ``last``, those with these numbers, and those behind."""
    start = bisect_left(entries, first, key=_number_of)
    end = bisect_right(entries, last, lo=start, key=_number_of)
    return entries[:start], entries[start:end], entries[end:]


def _nothing(_noted: object) -> None:
    return None
