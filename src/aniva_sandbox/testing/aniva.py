"""A world as a test sees it: its keys, its clients, its time, its events."""

import ssl
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, overload
from urllib.parse import urlencode

import httpx2
import msgspec
from starlette.types import ASGIApp

from aniva_sandbox.api.beginnings import get_fixture
from aniva_sandbox.api.control import CONTROL
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.engine.contract.ground_rules import KEY_HEADER
from aniva_sandbox.engine.problems import misfits, write_path
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.engine.world.clock import parse_clock
from aniva_sandbox.engine.world.keys import KEY_PREFIX
from aniva_sandbox.engine.world.limits import MAX_NUMBER
from aniva_sandbox.testing.events import EventDetails, EventDict, EventTarget, EventType
from aniva_sandbox.testing.exchanges import SHOWN, Exchange, Exchanges, RuleName, count_of
from aniva_sandbox.testing.freezing import freeze_python
from aniva_sandbox.testing.injection import Faults
from aniva_sandbox.testing.live import ControlError, LiveServer
from aniva_sandbox.testing.operations import OperationId
from aniva_sandbox.testing.own_files import real_files
from aniva_sandbox.testing.snapshots import Snapshot, Undo
from aniva_sandbox.testing.transports import Library, build_async_transport, build_transport

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["Aniva", "Clock"]

Sync = TypeVar("Sync")
Async = TypeVar("Async")

_HERE = "http://127.0.0.1"
"""What stands for the address where there is none."""


class Clock:
    """The time of a test's world."""

    def __init__(self, server: LiveServer, world: str) -> None:
        self._server = server
        self._path = f"/worlds/{world}/clock"
        self._followers: list[Callable[[datetime], object]] = []
        """What moves Python's time, where it is frozen along."""

    @property
    def now(self) -> datetime:
        """The world's current instant: UTC, whole seconds."""
        return datetime.fromisoformat(self._server.control("GET", self._path)["now"])

    def advance(
        self,
        span: timedelta = timedelta(),
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> list[EventDict]:
        """Move forward by so much (cut to whole seconds); returns the events that happened on the way.

        Raises :exc:`ControlError` (``clock.forward``) for less than nothing.
        """
        if not isinstance(span, timedelta):
            raise TypeError("advance() takes a timedelta, or days, hours, minutes and seconds by name")
        span += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self._moved({"seconds": int(span.total_seconds())})

    def advance_until(self, type: EventType, **target: Unpack[EventTarget]) -> list[EventDict]:
        """Move forward until an event of this type happens, such as ``courier.delivered`` with a ``shipment_id``;
        returns the events that happened on the way, it among them.

        Raises :exc:`ControlError` (``clock.until``) where the agenda does not hold it, or where another event on the
        way prevented it.
        """
        events = self._moved({"until": type, **target})
        if not any(
            event["type"] == type and target.items() <= event.items() and "skipped" not in event for event in events
        ):
            raise ControlError(409, "clock.until", f"{type} was prevented on the way; the clock stands at {self.now}")
        return events

    def travel_to(self, instant: datetime | str) -> list[EventDict]:
        """Move forward to an instant: an aware datetime, or RFC 3339 text; returns the events that happened.

        Raises :exc:`ControlError` (``clock.forward``) for an instant of the past.
        """
        return self._moved({"to": instant if isinstance(instant, str) else instant.isoformat()})

    @contextmanager
    def freeze(self) -> Iterator[None]:
        """As a context manager, freeze the world's clock, and Python's time with it, through time-machine or freezegun:
        ``datetime.now()`` and its like give the world's now, and go with it wherever the fixture moves it.

        Raises ImportError where neither library is installed.
        """
        before = self._server.control("GET", self._path)
        with freeze_python(datetime.fromisoformat(before["now"])) as follow:
            self._server.control("PUT", self._path, {"mode": "frozen"})
            self._followers.append(follow)
            try:
                self._follow()
                yield
            finally:
                self._followers.remove(follow)
                if before["mode"] != "frozen":
                    self._server.control("PUT", self._path, {"mode": before["mode"]})

    def _follow(self) -> None:
        """Where Python's time is frozen along, move it to the world's now."""
        if self._followers:
            now = self.now
            for follow in self._followers:
                follow(now)

    def _moved(self, by: dict[str, Any]) -> list[EventDict]:
        try:
            events: list[EventDict] = self._server.control("POST", f"{self._path}/advance", by)["events"]
        finally:
            self._follow()
        return events


class Aniva:
    """A fresh world: reached over a socket (``url``, ``client``) or in process (``asgi``, ``wsgi``,
    ``async_client``)."""

    def __init__(
        self,
        server: LiveServer,
        world: str,
        *,
        fixture: str,
        clock: str | datetime,
        seed: int | None,
        settings: Mapping[str, Any],
        relies_on: Collection[str] = (),
    ) -> None:
        """Make the world. Raises FixtureError for a fixture that cannot be used, ValueError for an unknown clock,
        setting or seed."""
        mode, start = parse_clock(clock if isinstance(clock, str) else clock.isoformat())
        if seed is not None and not 0 <= seed <= MAX_NUMBER:
            raise ValueError("seed must be at least 0, and at most 2**53")
        beginning = server.run(lambda: get_fixture(fixture))
        wrong = [f"{write_path(path)} {message}" for path, message in misfits(dict(settings), Settings)]
        if wrong:
            raise ValueError(f"settings: {'; '.join(wrong)}")
        chosen = msgspec.convert(msgspec.structs.asdict(beginning.settings) | dict(settings), Settings)
        self._told: set[str] = set()
        self.relies_on = frozenset(relies_on)
        """The undocumented rules that this test is known to turn on."""
        unruly = sorted(map(str, self.relies_on - {rule.id for rule in CONTROL.ledger}))
        if unruly:
            raise ValueError(f"there is no rule {listed(unruly)}")
        self._personas = tuple(beginning.personas)
        self.world = world
        self.api_key = self.key()
        self.clock = Clock(server, world)
        self.faults = Faults(server.control, world)
        self._server = server
        self._path = f"/worlds/{world}"
        server.run(server.worlds.unmatched.clear)
        server.run(server.worlds.made.clear)
        server.run(
            lambda: server.worlds.create(world, fixture=fixture, mode=mode, start=start, seed=seed, settings=chosen)
        )
        server.run(server.worlds.unmatched.clear)  # what was before is no part of this test's story
        server.run(server.worlds.made.clear)

    @property
    def url(self) -> str:
        """Where the live server listens, without a slash at the end. Its first use starts the server."""
        return self._server.url

    @property
    def asgi(self) -> ASGIApp:
        """The same sandbox as an ASGI app, for async clients in this process: any host name, any event loop."""
        return self._server.asgi

    @property
    def wsgi(self) -> "WSGIApplication":
        """The same sandbox as a WSGI app, for clients in this process that are not async: any host name."""
        return self._server.wsgi

    @overload
    def transport(self) -> httpx2.BaseTransport: ...
    @overload
    def transport(self, library: Library[Sync, Any]) -> Sync: ...
    def transport(self, library: Any = httpx2) -> Any:
        """A transport that reaches the same sandbox in process, for clients of httpx2, or of the library given, which
        may be ``httpx``: any host name. Dropped connections, cut bodies and timeouts come to the client as over a
        socket; a wait that is longer than its timeout takes no time."""
        return build_transport(library, self.asgi)

    @overload
    def async_transport(self) -> httpx2.AsyncBaseTransport: ...
    @overload
    def async_transport(self, library: Library[Any, Async]) -> Async: ...
    def async_transport(self, library: Any = httpx2) -> Any:
        """As :meth:`transport`, for async clients in any event loop."""
        return build_async_transport(library, self.asgi)

    @cached_property
    def client(self) -> httpx2.Client:
        """An HTTP client of the live server, with address and key set."""
        # No https is spoken here; without certificates a client costs a hundredth.
        no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        with real_files():  # the library loads a part of itself
            return httpx2.Client(base_url=self.url, headers=self._headers, trust_env=False, verify=no_certificates)

    @property
    def async_client(self) -> httpx2.AsyncClient:
        """A new async HTTP client with the key set, in process: it may be closed, and need not be."""
        return httpx2.AsyncClient(
            transport=self.async_transport(), base_url=_HERE, headers=self._headers, trust_env=False
        )

    def key(self, persona: str | None = None) -> str:
        """The API key of this world, or of one of its personas with fewer rights; ValueError for an unknown one."""
        if persona is not None and persona not in self._personas:
            raise ValueError(f"there is no persona {persona}; there are {listed(self._personas)}")
        return f"{KEY_PREFIX}{self.world}" + (f".{persona}" if persona else "")

    def happen(self, type: EventType, **details: Unpack[EventDetails]) -> EventDict:
        """Let an event of Aniva's side happen, such as ``practice.confirmed`` with an ``appointment_id``; returns it.

        Raises :exc:`ControlError` where the event is not known or not possible.
        """
        event: EventDict = self._server.control("POST", f"{self._path}/events", {"type": type, **_plain(dict(details))})
        return event

    @property
    def agenda(self) -> list[EventDict]:
        """What will happen in this world, soonest first: events with their ``time``."""
        events: list[EventDict] = self._server.control("GET", f"{self._path}/agenda")
        return events

    def calls(
        self,
        operation: OperationId | None = None,
        *,
        status: int | None = None,
        rule: str | None = None,
        since: datetime | str | None = None,
    ) -> Exchanges:
        """What was asked of this world, oldest first: all of it, or that of an operation (by its operationId), with a
        status, refused by a rule or relying on it, at an instant of the world or later.

        Raises :exc:`ControlError` (``journal.query``) for an operation or a rule that there is not.
        """
        asked = {"operation": operation, "status": status, "rule": rule, "since": since}
        query = {
            name: value.isoformat() if isinstance(value, datetime) else str(value)
            for name, value in asked.items()
            if value is not None
        }
        journal = self._server.control("GET", f"{self._path}/journal?{urlencode(query)}")
        select = "".join(f" with {name} {value}" for name, value in query.items())
        return Exchanges(msgspec.convert(journal["exchanges"], list[Exchange]), select, journal["dropped"])

    def assert_called(
        self,
        operation: OperationId,
        *,
        times: int | None = None,
        status: int | None = None,
        rule: str | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> Exchanges:
        """Fail where an operation was not called, or not so many times, with this status, this rule, and at least
        these fields in its JSON; returns the calls."""
        __tracebackhide__ = True
        found = self.calls(operation, status=status, rule=rule)
        if json is not None:
            found = found.that(
                lambda exchange: isinstance(exchange.json, dict) and json.items() <= exchange.json.items()
            )
        if not (found if times is None else len(found) == times):
            wanted = {"status": status, "rule": rule, "json": json}
            how = "".join(f", {name} {value}" for name, value in wanted.items() if value is not None)
            expected = "" if times is None else f", not {count_of(times)}"
            called = f"{operation}{how} was called {count_of(len(found))}{expected}"
            raise AssertionError(f"{called}. What was called:\n{self.calls().story()}")
        return found

    def assert_not_called(self, operation: OperationId) -> None:
        """Fail where an operation was called."""
        __tracebackhide__ = True
        self.assert_called(operation, times=0)

    def snapshot(self) -> Snapshot:
        """The whole world as it is; as a context manager, it puts the world back to that at the end."""
        return Snapshot(self._put, self._server.control_bytes("GET", f"{self._path}/snapshot"))

    def restore(self, snapshot: Snapshot | Path | str) -> Undo:
        """Let the world go on from a snapshot, also one of another world or one that was saved to a file; as a context
        manager, only so long.

        Raises :exc:`ControlError` for what is none, and changes nothing.
        """
        before = self.snapshot()
        self._put(snapshot if isinstance(snapshot, Snapshot) else Snapshot(self._put, Path(snapshot).read_bytes()))
        return Undo(self._put, before)

    def reset(self) -> Undo:
        """Put the world back to its starting state, and empty its journal; as a context manager, the former only so
        long."""
        before = self.snapshot()
        self._server.control("POST", f"{self._path}/reset")
        self.clock._follow()
        return Undo(self._put, before)

    def _put(self, snapshot: Snapshot) -> None:
        self._server.control_bytes("PUT", f"{self._path}/snapshot", snapshot.content)
        self.clock._follow()

    @property
    def relied_on(self) -> list[RuleName]:
        """The rules that no page settles (basis ``assumed`` or ``conflict``) and that a call in this world was refused
        by or relied on, each once; a reset does not make it forget them."""
        worlds = self._server.worlds
        ids = self._server.run(lambda: sorted(world.relied_on) if (world := worlds.peek(self.world)) else [])
        return [RuleName(rule.id, rule.basis, rule.sentence) for rule in map(CONTROL.ledger.__getitem__, ids)]

    def take_undeclared(self) -> list[RuleName]:
        """What was relied on and is not among ``relies_on``, since this was last asked."""
        fresh = [rule for rule in self.relied_on if rule.id not in self.relies_on | self._told]
        self._told |= {rule.id for rule in fresh}
        return fresh

    def story(self) -> str:
        """What was asked last, why it was refused, and where it may have been wrong."""
        told = f"world {self.world}, now {self.clock.now:%Y-%m-%dT%H:%M:%SZ}\n{self.calls().story()}"
        worlds = self._server.worlds
        unmatched = self._server.run(lambda: [call for call in worlds.unmatched if call.world != self.world])
        lines = [f"unmatched: {call}" for call in unmatched[-SHOWN:]]
        if len(unmatched) > SHOWN:
            lines.insert(0, f"... {len(unmatched) - SHOWN} unmatched earlier")
        made = self._server.run(lambda: list(worlds.made))
        return "\n".join([told, *lines, *(f"another key made the world {name}" for name in made)])

    def take_mismatches(self) -> list[str]:
        """What the sandbox itself did wrong in this world since this was last asked: should be empty, always."""
        return self._server.run(lambda: self._server.worlds.take_mismatches(self.world))

    @property
    def _headers(self) -> dict[str, str]:
        return {KEY_HEADER: self.api_key}

    def close(self) -> None:
        """Close the client and drop the world."""
        if "client" in self.__dict__:
            self.client.close()
        self._server.run(lambda: self._server.worlds.drop(self.world))


def _plain(details: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in details.items()
        if value is not None
    }
