"""A world as a test sees it: its keys, its clients, its time, its events."""

import ssl
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

import httpx2
import msgspec
from starlette.types import ASGIApp

from aniva_sandbox.control.worlds import parse_clock
from aniva_sandbox.serving.server import get_fixture
from aniva_sandbox.testing.events import EventDetails, EventDict, EventTarget, EventType
from aniva_sandbox.testing.live import ControlError, LiveServer
from aniva_sandbox.world.world import Settings
from aniva_sandbox.world.worlds import KEY_PREFIX

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["Aniva", "Clock"]

_HERE = "http://127.0.0.1"
"""What stands for the address where there is none."""


class Clock:
    """The time of a test's world."""

    def __init__(self, server: LiveServer, world: str) -> None:
        self._server = server
        self._path = f"/worlds/{world}/clock"

    @property
    def now(self) -> datetime:
        """The world's current instant: UTC, whole seconds."""
        return datetime.fromisoformat(self._server.control("GET", self._path)["now"])

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> list[EventDict]:
        """Move forward by so much (cut to whole seconds); returns the events that happened on the way.

        Raises :exc:`ControlError` (``clock.forward``) for less than nothing.
        """
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
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

    def _moved(self, by: dict[str, Any]) -> list[EventDict]:
        events: list[EventDict] = self._server.control("POST", f"{self._path}/advance", by)["events"]
        return events


class Aniva:
    """A fresh world: reached over a socket (``url``, ``client``) or in process (``asgi``, ``wsgi``,
    ``async_client``)."""

    def __init__(
        self, server: LiveServer, world: str, *, fixture: str, clock: str, seed: int, settings: dict[str, Any]
    ) -> None:
        """Make the world. Raises FixtureError for a fixture that cannot be used, ValueError for an unknown clock or
        setting."""
        mode, start = parse_clock(clock)
        try:
            chosen = msgspec.convert(settings, Settings)
        except msgspec.ValidationError as error:
            raise ValueError(f"settings: {error}") from None
        unknown = set(settings) - set(Settings.__struct_fields__)
        if unknown:
            raise ValueError(f"there is no setting {', '.join(sorted(unknown))}")
        self._personas = tuple(get_fixture(fixture).personas)
        self.world = world
        self.api_key = self.key()
        self.clock = Clock(server, world)
        self._server = server
        server.run(
            lambda: server.worlds.create(world, fixture=fixture, mode=mode, start=start, seed=seed, settings=chosen)
        )

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

    @cached_property
    def client(self) -> httpx2.Client:
        """An HTTP client of the live server, with address and key set."""
        # No https is spoken here; without certificates a client costs a hundredth.
        no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return httpx2.Client(base_url=self.url, headers=self._headers, trust_env=False, verify=no_certificates)

    @property
    def async_client(self) -> httpx2.AsyncClient:
        """A new async HTTP client with the key set, in process: it may be closed, and need not be."""
        transport = httpx2.ASGITransport(app=self.asgi)
        return httpx2.AsyncClient(transport=transport, base_url=_HERE, headers=self._headers, trust_env=False)

    def key(self, persona: str | None = None) -> str:
        """The API key of this world, or of one of its personas with fewer rights; ValueError for an unknown one."""
        if persona is not None and persona not in self._personas:
            raise ValueError(f"there is no persona {persona}; there are {', '.join(self._personas)}")
        return f"{KEY_PREFIX}{self.world}" + (f".{persona}" if persona else "")

    def happen(self, type: EventType, **details: Unpack[EventDetails]) -> EventDict:
        """Let an event of Aniva's side happen, such as ``practice.confirmed`` with an ``appointment_id``; returns it.

        Raises :exc:`ControlError` where the event is not known or not possible.
        """
        event: EventDict = self._server.control(
            "POST", f"/worlds/{self.world}/events", {"type": type, **_plain(dict(details))}
        )
        return event

    @property
    def agenda(self) -> list[EventDict]:
        """What will happen in this world, soonest first: events with their ``time``."""
        events: list[EventDict] = self._server.control("GET", f"/worlds/{self.world}/agenda")
        return events

    def reset(self) -> None:
        """Put the world back to its starting state."""
        self._server.control("POST", f"/worlds/{self.world}/reset")

    def take_mismatches(self) -> list[str]:
        """What the sandbox itself did wrong in this world since this was last asked: should be empty, always."""
        return self._server.run(lambda: self._server.worlds.take_mismatches(self.world))

    @property
    def _headers(self) -> dict[str, str]:
        return {"x-api-key": self.api_key}

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
