"""The logs of worlds that processes share, in one Valkey."""

import asyncio
from collections.abc import Sequence
from itertools import count
from typing import Any, Final
from uuid import uuid4

import msgspec

from aniva_sandbox.engine.store.entries import Absent, Batch, Entry, Environment, Logged, Seen, Verdict
from aniva_sandbox.engine.store.line import Line, Place, find_place, is_unknown_script
from aniva_sandbox.engine.store.packed import keep, pack, unpack
from aniva_sandbox.engine.store.problems import STORE_DIFFERS, STORE_FULL, STORE_VERSION, StoreError
from aniva_sandbox.engine.store.scripts import (
    APPEND,
    CLEAR_UNMATCHED,
    FORGET,
    NAMES,
    NOTE_UNMATCHED,
    OFFER,
    READ,
    Script,
)
from aniva_sandbox.engine.world.clock import Clock

__all__ = ["Log", "StoreError"]

TIMEOUT: Final = 2.0
BULK_TIMEOUTS: Final = 5
"""How many times that long the transfer of a snapshot may take."""
DROPPED_KEPT: Final = 10_000
"""How many names of worlds are remembered that were dropped to make room."""
UNMATCHED_KEPT: Final = 100
_UNUSED_KEPT: Final = 60_000
"""Milliseconds after which a body or snapshot goes that was stored, but never put to use."""
_OF_ALL: Final = frozenset({"settle", "forget"})
"""The kinds of entries that are asked of all worlds at once."""
_EARLIEST: Final = 60_000
_EARLY: Final = 16
"""Expiry is set anew when this part of it is over, or after a minute: not with each use of a world."""


class _Piece(msgspec.Struct, array_like=True, gc=False):
    """An entry, as the scripts return it."""

    instant: int
    entry: msgspec.Raw
    body: bytes | None


class _Following(msgspec.Struct, array_like=True, gc=False):
    """What the scripts return of a log."""

    epoch: str
    snapshot: int | None
    opened: bool
    number: int
    """The number of the last of ``entries``."""
    instant: int
    """The instant of entries that were appended."""
    entries: list[_Piece]


_FOLLOWING: Final = msgspec.msgpack.Decoder(_Following)


class Log:
    """The logs of all worlds in one Valkey.

    Its methods raise StoreError; whatever happened, the next call of a method tries again, and connects anew if need
    be. Only :meth:`append` may have taken effect then, and only where the rule is ``store.unconfirmed``.
    """

    def __init__(
        self,
        place: Place,
        environment: Environment,
        *,
        idle: float,
        most: int,
        prefix: str = "sbx",
        clock: Clock | None = None,
    ) -> None:
        """See :meth:`open`."""
        self._place = place
        self._environment = environment
        self._known = msgspec.json.encode(environment, order="sorted")
        self._prefix = prefix
        self._clock = clock or Clock("real")
        expiry = round(idle * 1000)
        early = min(_EARLIEST, expiry // _EARLY)
        self._expiry = expiry + early
        self._limits = (self._expiry, early, most, DROPPED_KEPT)
        self._token = uuid4().hex
        self._count = count(1)
        self._line = Line(place, place.timeout)
        self._bulk = Line(place, place.timeout * BULK_TIMEOUTS)

    @classmethod
    def open(
        cls,
        url: str,
        environment: Environment,
        *,
        idle: float,
        most: int,
        prefix: str = "sbx",
        timeout: float = TIMEOUT,
        clock: Clock | None = None,
    ) -> "Log":
        """The logs at a URL, to which nothing connects yet. Its forms are ``valkey://[USER:PASSWORD@]HOST[:PORT][/DB]``,
        ``valkeys://`` with TLS, and ``unix://PATH[?db=DB]``; ``redis`` and ``rediss`` are the same.

        A log that is not used for ``idle`` seconds goes; when there are ``most``, a new one replaces the least recently
        used. ``timeout`` is in seconds, also ``socket_timeout`` in the URL. ``clock`` shows the instants of entries.
        Raises ValueError for a bad URL.
        """
        return cls(find_place(url, timeout), environment, idle=idle, most=most, prefix=prefix, clock=clock)

    @property
    def place(self) -> str:
        """The URL, without user, password and options."""
        return self._place.name

    async def append(self, name: str, entries: Sequence[Entry], seen: Seen | None, *, opens: bool) -> Batch | Absent:
        """Append entries to the log of a world, and return what follows what this process has seen of it, the entries
        last. It is a use of the world if any of them is asked of this world alone: not ``settle`` and ``forget``.

        ``opens`` says whether to begin the log if there is none; if the world was dropped to make room, and the first
        entry is a call, that is said once instead. Where it returns Absent, nothing was appended.
        """
        kept = [keep(entry) for entry in entries]
        stored: list[tuple[bytes | str | int, ...]] = []
        arguments: list[bytes | str | int] = []
        sizes: list[int] = []
        for entry in kept:
            packed, body = pack(entry)
            arguments.append(packed)
            if body is None:
                arguments.append(b"")
                sizes.append(len(packed))
            else:
                key = self._new_key(name)
                stored.append(("SET", key, body, "PX", _UNUSED_KEPT))
                arguments.append(key)
                sizes.append(len(packed) + len(body))
        epoch, number = _position(seen)
        says = bool(entries) and entries[0].kind == "call"
        *were_stored, response = await self._run(
            self._line,
            APPEND,
            self._keys(name),
            self._known,
            epoch,
            number,
            name,
            self._now(),
            *self._limits,
            f"{self._token}-{next(self._count)}",
            int(opens),
            int(says),
            int(any(entry.kind not in _OF_ALL for entry in entries)),
            *arguments,
            first=stored,
            confirms=True,
        )
        if isinstance(response, list) and response[0] == b"no body":
            failed = next((each for each in were_stored if isinstance(each, Exception)), None)
            raise self._line.refusal(failed) if failed else StoreError(STORE_FULL, "The store dropped what it stored")
        found = self._found(name, response)
        if isinstance(found, Absent):
            return found
        logged = _logged(found)
        own = zip(count(found.number + 1), sizes, kept)
        logged += [Logged(number, found.instant, size, entry) for number, size, entry in own]
        return Batch(found.epoch, found.snapshot, logged, len(kept), found.opened)

    async def read(self, name: str, seen: Seen | None) -> Batch | Absent:
        """What follows what this process has seen of the log of a world. It is not a use of the world."""
        epoch, number = _position(seen)
        (response,) = await self._run(self._line, READ, self._keys(name), self._known, epoch, number)
        found = self._found(name, response)
        if isinstance(found, Absent):
            return found
        return Batch(found.epoch, found.snapshot, _logged(found), 0, opened=False)

    async def snapshot(self, name: str, number: int) -> bytes | None:
        """The snapshot that a batch names; None if two newer ones have replaced it since, so that the log must be read
        again."""
        (response,) = await self._bulk.ask(("GET", f"{self._world(name)}:snapshot:{number}"))
        saved: bytes | None = self._checked(response)
        return saved

    async def offer(self, name: str, epoch: str, number: int, digest: bytes, saved: bytes) -> Verdict:
        """Offer the snapshot behind an entry, which is sent only where it is the first. Only the two newest are kept,
        and the log is cut behind the older one. It is not a use of the world."""
        keys = self._keys(name)
        (verdict,) = await self._run(self._bulk, OFFER, keys, epoch, number, digest, "")
        if verdict == b"wanted":
            key = self._new_key(name)
            stored, verdict = await self._run(
                self._bulk, OFFER, keys, epoch, number, digest, key, first=[("SET", key, saved, "PX", _UNUSED_KEPT)]
            )
            if verdict == b"wanted":
                self._checked(stored)
                raise StoreError(STORE_FULL, "The store dropped what it stored")
        result: Verdict = verdict.decode()
        return result

    async def forget(self, name: str, epoch: str, number: int) -> None:
        """No longer count and list a world that was dropped, if its log still ends with this entry."""
        await self._run(self._line, FORGET, self._keys(name), epoch, number, name)

    async def names(self) -> list[str]:
        """The worlds that have a log and were not dropped, in order of name."""
        (names,) = await self._run(self._line, NAMES, (self._prefix,))
        return sorted(name.decode() for name in names)

    async def note_unmatched(self, note: bytes) -> int:
        """Note an unmatched call; returns its number. Beyond a hundred, the oldest is dropped."""
        number: int
        (number,) = await self._run(
            self._line, NOTE_UNMATCHED, self._unmatched, note, UNMATCHED_KEPT, self._expiry, confirms=True
        )
        return number

    async def unmatched(self) -> list[tuple[int, bytes]]:
        """The notes of unmatched calls with their numbers, oldest first."""
        (found,) = await self._line.ask(("XRANGE", self._unmatched[0], "-", "+"))
        return [(int(id.partition(b"-")[0]), note) for id, (_, note) in self._checked(found)]

    async def clear_unmatched(self) -> None:
        """Drop the notes of unmatched calls; the numbers go on."""
        await self._run(self._line, CLEAR_UNMATCHED, self._unmatched)

    async def ping(self) -> float:
        """The seconds that the store takes to respond."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        (response,) = await self._line.ask(("PING",))
        self._checked(response)
        return loop.time() - start

    async def close(self) -> None:
        """Disconnect."""
        await self._line.close()
        await self._bulk.close()

    async def _run(
        self,
        line: Line,
        script: Script,
        keys: Sequence[str],
        *arguments: bytes | str | int,
        first: Sequence[Sequence[bytes | str | int]] = (),
        confirms: bool = False,
    ) -> list[Any]:
        """Run a script, directly after the commands ``first``; returns all responses, and raises the script's error."""
        rest = (len(keys), *keys, *arguments)
        responses = await line.ask(*first, ("EVALSHA", script.sha, *rest), confirms=confirms)
        if is_unknown_script(responses[-1]):
            responses[-1:] = await line.ask(("EVAL", script.text, *rest), confirms=confirms)
        self._checked(responses[-1])
        return responses

    def _checked(self, response: Any) -> Any:
        if isinstance(response, Exception):
            raise self._line.refusal(response)
        return response

    def _found(self, name: str, response: bytes | list[bytes]) -> _Following | Absent:
        if isinstance(response, bytes):
            return _FOLLOWING.decode(response)
        if response[0] == b"differs":
            raise self._mismatch(name, msgspec.json.decode(response[1], type=Environment))
        return Absent("dropped" if response[0] == b"dropped" else "unknown")

    def _mismatch(self, name: str, theirs: Environment) -> StoreError:
        """The refusal of a world that was begun in another environment."""
        ours = self._environment
        if ours.version != theirs.version:
            return StoreError(
                STORE_VERSION,
                f"The world {name} is of version {theirs.version}, and this process of {ours.version}: export it with "
                f"{theirs.version}, and restore it here under another name",
            )
        names = sorted(part for part in {*ours.parts, *theirs.parts} if ours.parts.get(part) != theirs.parts.get(part))
        return StoreError(
            STORE_DIFFERS, f"The world {name} was begun by a process that differs from this one in: {', '.join(names)}"
        )

    def _now(self) -> int:
        return int(self._clock.tick().timestamp())

    def _world(self, name: str) -> str:
        return f"{self._prefix}:{{{name}}}"

    def _keys(self, name: str) -> tuple[str, str]:
        return self._world(name), self._prefix

    def _new_key(self, name: str) -> str:
        return f"{self._world(name)}:new:{self._token}-{next(self._count)}"

    @property
    def _unmatched(self) -> tuple[str, str]:
        return f"{self._prefix}:unmatched", f"{self._prefix}:unmatched:number"


def _position(seen: Seen | None) -> tuple[str, int]:
    return ("", 0) if seen is None else (seen.epoch, seen.number)


def _logged(found: _Following) -> list[Logged]:
    """The entries with their numbers."""
    first = found.number - len(found.entries) + 1
    return [
        Logged(
            number,
            piece.instant,
            memoryview(piece.entry).nbytes + len(piece.body or b""),
            unpack(piece.entry, piece.body),
        )
        for number, piece in enumerate(found.entries, first)
    ]
