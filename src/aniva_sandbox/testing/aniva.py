"""The world of a test: its keys, clients, clock and events."""

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
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.engine.contract.ground_rules import KEY_HEADER
from aniva_sandbox.engine.problems import conversion_problems, write_path
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.engine.world.clock import parse_clock
from aniva_sandbox.engine.world.keys import KEY_PREFIX
from aniva_sandbox.engine.world.limits import MAX_NUMBER
from aniva_sandbox.testing.events import EventDetails, EventDict, EventTarget, EventType
from aniva_sandbox.testing.exchanges import Exchange, Exchanges, RuleName, count_of
from aniva_sandbox.testing.freezing import freeze_python
from aniva_sandbox.testing.hints import Hint, hints_of
from aniva_sandbox.testing.injection import Faults
from aniva_sandbox.testing.live import ControlError, LiveServer, control_contract
from aniva_sandbox.testing.operations import OperationId
from aniva_sandbox.testing.own_files import real_files
from aniva_sandbox.testing.snapshots import Snapshot, Undo
from aniva_sandbox.testing.story import SHOWN
from aniva_sandbox.testing.transports import Library, build_async_transport, build_transport

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["Aniva", "Clock"]

Sync = TypeVar("Sync")
Async = TypeVar("Async")

_HERE = "http://127.0.0.1"
"""The placeholder of an address in process."""


class Clock:
    """The clock of a test's world."""

    def __init__(self, server: LiveServer, world: str) -> None:
        self._server = server
        self._path = f"/worlds/{world}/clock"
        self._followers: list[Callable[[datetime], object]] = []
        """The functions that move Python's frozen time along."""

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
        """Move the clock forward, in whole seconds; returns the events that happened on the way.

        Raises :exc:`ControlError` (``clock.forward``) for a negative duration.
        """
        if not isinstance(span, timedelta):
            raise TypeError("advance() takes a timedelta, or days, hours, minutes and seconds by name")
        span += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self._moved({"seconds": int(span.total_seconds())})

    def advance_until(self, type: EventType, **target: Unpack[EventTarget]) -> list[EventDict]:
        """Move the clock forward until an event of this type happens, such as ``courier.delivered`` with a
        ``shipment_id``; returns the events that happened on the way, including this one.

        Raises :exc:`ControlError` (``clock.until``) if the agenda has no such event, or if another event on the way
        prevents it.
        """
        events = self._moved({"until": type, **target})
        if not any(
            event["type"] == type and target.items() <= event.items() and "skipped" not in event for event in events
        ):
            raise ControlError(409, "clock.until", f"{type} was prevented on the way; the clock is at {self.now}")
        return events

    def travel_to(self, instant: datetime | str) -> list[EventDict]:
        """Move the clock forward to an instant: an aware datetime or RFC 3339 text; returns the events that happened.

        Raises :exc:`ControlError` (``clock.forward``) for an instant in the past.
        """
        return self._moved({"to": instant if isinstance(instant, str) else instant.isoformat()})

    @contextmanager
    def freeze(self) -> Iterator[None]:
        """A context manager that freezes the world's clock, and Python's time with it, through time-machine or
        freezegun: ``datetime.now()`` and the like return the world's now, and follow it wherever the fixture moves it.

        Raises ImportError if neither library is installed.
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
        """Move Python's time, if frozen, to the world's now."""
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
    """A fresh world, reached over a socket (``url``, ``client``) or in process (``asgi``, ``wsgi``,
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
        start: datetime | None = None,
    ) -> None:
        """Create the world. ``start`` is where its clock starts, in place of what ``clock`` says of it. Raises
        FixtureError for an invalid fixture, ValueError for an invalid clock, start, setting or seed."""
        mode, own_start = parse_clock(clock if isinstance(clock, str) else clock.isoformat())
        start = start or own_start
        if seed is not None and not 0 <= seed <= MAX_NUMBER:
            raise ValueError("seed must be at least 0, and at most 2**53")
        beginning = server.run(lambda: get_fixture(fixture))
        chosen = beginning.settings
        if settings:
            wrong = [f"{write_path(path)} {message}" for path, message in conversion_problems(dict(settings), Settings)]
            if wrong:
                raise ValueError(f"settings: {'; '.join(wrong)}")
            chosen = msgspec.convert(msgspec.structs.asdict(chosen) | dict(settings), Settings)
        self._reported: set[str] = set()
        self.relies_on = frozenset(relies_on)
        """The undocumented rules that this test is known to turn on."""
        if self.relies_on:
            unruly = sorted(map(str, self.relies_on - {rule.id for rule in control_contract().ledger}))
            if unruly:
                raise ValueError(f"there is no rule {listed(unruly)}")
        self._personas = tuple(beginning.personas)
        self.world = world
        self.api_key = self.key()
        self.clock = Clock(server, world)
        self.faults = Faults(server.control, world)
        self._server = server
        self._path = f"/worlds/{world}"

        def begin() -> None:
            worlds = server.worlds
            worlds.unmatched.clear()  # earlier calls do not belong to this test's story
            worlds.made.clear()
            worlds.create(world, fixture=fixture, mode=mode, start=start, seed=seed, settings=chosen)

        server.run(begin)

    @property
    def url(self) -> str:
        """The address of the live server, without a trailing slash. Its first use starts the server."""
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
        """A transport that reaches the same sandbox in process, for clients of httpx2, or of the given library, which
        may be ``httpx``: any host name. Clients see dropped connections, truncated bodies and timeouts as over a
        socket; a wait longer than the timeout takes no time."""
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
        """An HTTP client for the live server, with address and key set."""
        # The server has no https; a client without certificates costs a hundredth.
        no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        with real_files():  # the library imports parts of itself
            return httpx2.Client(base_url=self.url, headers=self._headers, trust_env=False, verify=no_certificates)

    @property
    def async_client(self) -> httpx2.AsyncClient:
        """A new async HTTP client with the key set, in process. Closing it is optional."""
        return httpx2.AsyncClient(
            transport=self.async_transport(), base_url=_HERE, headers=self._headers, trust_env=False
        )

    def key(self, persona: str | None = None) -> str:
        """The API key of this world, or of one of its personas with fewer permissions. Raises ValueError for an unknown
        persona."""
        if persona is not None and persona not in self._personas:
            raise ValueError(f"there is no persona {persona}; there are {listed(self._personas)}")
        return f"{KEY_PREFIX}{self.world}" + (f".{persona}" if persona else "")

    def happen(self, type: EventType, **details: Unpack[EventDetails]) -> EventDict:
        """Trigger an event, such as ``practice.confirmed`` with an ``appointment_id``; returns it.

        Raises :exc:`ControlError` if the event is unknown or not possible.
        """
        event: EventDict = self._server.control("POST", f"{self._path}/events", {"type": type, **_plain(dict(details))})
        return event

    @property
    def agenda(self) -> list[EventDict]:
        """The planned events of this world, soonest first, with their ``time``."""
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
        """The calls to this world, oldest first: all, or those of an operation (by operationId), with a status, refused
        by or relying on a rule, or since an instant of the world.

        Raises :exc:`ControlError` (``journal.query``) for an unknown operation or rule.
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
        """Fail if an operation was not called, or not ``times`` times, with this status, this rule, and at least these
        fields in its JSON; returns the calls."""
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
        """Fail if an operation was called."""
        __tracebackhide__ = True
        self.assert_called(operation, times=0)

    def snapshot(self) -> Snapshot:
        """A snapshot of the whole world. As a context manager, it restores the world at the end of the block."""
        return Snapshot(self._put, self._server.control_bytes("GET", f"{self._path}/snapshot"))

    def restore(self, snapshot: Snapshot | Path | str) -> Undo:
        """Restore a snapshot, also of another world, or saved to a file. As a context manager, only for the block.

        Raises :exc:`ControlError` for an invalid snapshot, and changes nothing.
        """
        before = self.snapshot()
        self._put(snapshot if isinstance(snapshot, Snapshot) else Snapshot(self._put, Path(snapshot).read_bytes()))
        return Undo(self._put, before)

    def reset(self) -> Undo:
        """Return the world to its starting state, and clear its journal. As a context manager, restores the previous
        state at the end of the block."""
        before = self.snapshot()
        self._server.control("POST", f"{self._path}/reset")
        self.clock._follow()
        return Undo(self._put, before)

    def _put(self, snapshot: Snapshot) -> None:
        self._server.control_bytes("PUT", f"{self._path}/snapshot", snapshot.content)
        self.clock._follow()

    @property
    def relied_on(self) -> list[RuleName]:
        """The undocumented rules (basis ``assumed`` or ``conflict``) that refused a call in this world, or that a call
        relied on, each once. A reset keeps them."""
        worlds = self._server.worlds
        ids = self._server.run(lambda: sorted(world.relied_on) if (world := worlds.get(self.world)) else [])
        rules = map(control_contract().ledger.__getitem__, ids) if ids else ()
        return [RuleName(rule.id, rule.basis, rule.sentence) for rule in rules]

    @property
    def hints(self) -> list[Hint]:
        """The hints of the calls to this world, oldest first: possible mistakes in a request, or in how its response is
        used. A later call may withdraw one.

        They are read from the journal, so a reset clears them, and those of calls that it dropped are gone.
        """
        worlds = self._server.worlds
        calls = self._server.run(
            lambda: [(call.number, call.trace) for call in world.journal] if (world := worlds.get(self.world)) else []
        )
        return [hint for number, trace in calls for hint in hints_of(number, trace)]

    def take_undeclared(self) -> list[RuleName]:
        """The rules relied on that are not in ``relies_on``, since the last call of this."""
        fresh = [rule for rule in self.relied_on if rule.id not in self.relies_on | self._reported]
        self._reported |= {rule.id for rule in fresh}
        return fresh

    def story(self) -> str:
        """The last calls, and those before them that were refused, relied on a rule, or met a hint, a fault or an
        event; equal calls in a row are shown as one."""
        head = f"world {self.world}, now {self.clock.now:%Y-%m-%dT%H:%M:%SZ}\n{self.calls().story()}"
        worlds = self._server.worlds
        unmatched = self._server.run(lambda: [call for call in worlds.unmatched if call.world != self.world])
        lines = [f"unmatched: {call}" for call in unmatched[-SHOWN:]]
        if len(unmatched) > SHOWN:
            lines.insert(0, f"... {len(unmatched) - SHOWN} unmatched earlier")
        made = self._server.run(lambda: list(worlds.made))
        return "\n".join([head, *lines, *(f"another key created the world {name}" for name in made)])

    def take_mismatches(self) -> list[str]:
        """The defects of the sandbox in this world since the last call of this; should always be empty."""
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
