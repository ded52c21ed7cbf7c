"""A live server in a thread of this process, and one world of it as a test sees it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self, TypeVar

import httpx2
import msgspec

from aniva_sandbox.control.worlds import parse_clock
from aniva_sandbox.serving.app import build_app, build_control_api, build_partner_api
from aniva_sandbox.serving.pipeline import Request, answer_control
from aniva_sandbox.serving.server import build_server, fixture_names, get_fixture, open_socket
from aniva_sandbox.world.catalogue import get_catalogue
from aniva_sandbox.world.state import Settings
from aniva_sandbox.world.worlds import KEY_PREFIX, Worlds

__all__ = ["Aniva", "Clock", "ControlError", "LiveServer"]

T = TypeVar("T")


class ControlError(Exception):
    """The control plane refused. The message is its own; ``rule`` is the id of the rule that refused."""

    def __init__(self, status: int, rule: str, message: str) -> None:
        super().__init__(f"{message} ({rule}, {status})")
        self.status = status
        self.rule = rule


class LiveServer:
    """The sandbox on a free port of the loopback interface, in a thread. Use it as a context manager."""

    def __init__(self) -> None:
        self.worlds = Worlds(get_catalogue(), get_fixture, fixture_names(), mode="frozen")
        self._control = build_control_api()
        self._server = build_server(build_app(self.worlds, build_partner_api(), self._control))
        self._socket = open_socket("127.0.0.1", 0)
        self._loop: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=self._serve, name="aniva-sandbox", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._loop.result(timeout=30)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def run(self, do: Callable[[], T]) -> T:
        """Do something on the server's event loop, between two requests, and return what it returns."""

        async def on_loop() -> T:
            return do()

        return asyncio.run_coroutine_threadsafe(on_loop(), self._loop.result()).result(timeout=60)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control plane, without HTTP. Raises :exc:`ControlError`."""
        content = b"" if body is None else msgspec.json.encode(body)
        request = Request(method, f"/_sandbox{path}", content_type="application/json", body=content)
        answer = self.run(lambda: answer_control(self._control, self.worlds, request))
        value = msgspec.json.decode(answer.body)
        if answer.status >= 400:
            rule = dict(answer.headers).get(b"x-sandbox-rule", b"").decode().partition(";")[0]
            raise ControlError(answer.status, rule, value["error"])
        return value

    def _serve(self) -> None:
        async def main() -> None:
            self._loop.set_result(asyncio.get_running_loop())
            await self._server.serve(sockets=[self._socket])

        with asyncio.Runner(loop_factory=self._server.config.get_loop_factory()) as runner:
            runner.run(main())


class Clock:
    """The time of a test's world."""

    def __init__(self, server: LiveServer, world: str) -> None:
        self._server = server
        self._path = f"/worlds/{world}/clock"

    @property
    def now(self) -> datetime:
        """The world's current instant: UTC, whole seconds."""
        return datetime.fromisoformat(self._server.control("GET", self._path)["now"])

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> list[dict[str, Any]]:
        """Move forward by so much (cut to whole seconds); returns the events that happened on the way.

        Raises :exc:`ControlError` (``clock.forward``) for less than nothing.
        """
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self._moved({"seconds": int(span.total_seconds())})

    def advance_until(self, type: str, **target: str) -> list[dict[str, Any]]:
        """Move forward until an event of this type happens, such as ``courier.delivered`` with a ``shipment_id``;
        returns the events that happened on the way, it among them.

        Raises :exc:`ControlError` (``clock.until``) where the agenda does not hold it, or where another event on the
        way prevented it.
        """
        events = self._moved({"until": type} | target)
        if not any(
            event["type"] == type and target.items() <= event.items() and "skipped" not in event for event in events
        ):
            raise ControlError(409, "clock.until", f"{type} was prevented on the way; the clock stands at {self.now}")
        return events

    def travel_to(self, instant: datetime | str) -> list[dict[str, Any]]:
        """Move forward to an instant: an aware datetime, or RFC 3339 text; returns the events that happened.

        Raises :exc:`ControlError` (``clock.forward``) for an instant of the past.
        """
        return self._moved({"to": instant if isinstance(instant, str) else instant.isoformat()})

    def _moved(self, by: dict[str, Any]) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self._server.control("POST", f"{self._path}/advance", by)["events"]
        return events


class Aniva:
    """A fresh world on a live sandbox."""

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
        self.url = server.url
        self.api_key = self.key()
        self.clock = Clock(server, world)
        self._server = server
        server.run(
            lambda: server.worlds.create(world, fixture=fixture, mode=mode, start=start, seed=seed, settings=chosen)
        )

    @cached_property
    def client(self) -> httpx2.Client:
        """An HTTP client with the address and the key of this world set."""
        return httpx2.Client(base_url=self.url, headers={"x-api-key": self.api_key}, trust_env=False)

    def key(self, persona: str | None = None) -> str:
        """The API key of this world, or of one of its personas with fewer rights; ValueError for an unknown one."""
        if persona is not None and persona not in self._personas:
            raise ValueError(f"there is no persona {persona}; there are {', '.join(self._personas)}")
        return f"{KEY_PREFIX}{self.world}" + (f".{persona}" if persona else "")

    def happen(self, type: str, **details: Any) -> dict[str, Any]:
        """Let an event of Aniva's side happen, such as ``practice.confirmed`` with an ``appointment_id``; returns it.

        Raises :exc:`ControlError` where the event is not known or not possible.
        """
        event: dict[str, Any] = self._server.control(
            "POST", f"/worlds/{self.world}/events", {"type": type} | _plain(details)
        )
        return event

    @property
    def agenda(self) -> list[dict[str, Any]]:
        """What will happen in this world, soonest first: events with their ``time``."""
        events: list[dict[str, Any]] = self._server.control("GET", f"/worlds/{self.world}/agenda")
        return events

    def reset(self) -> None:
        """Put the world back to its starting state."""
        self._server.control("POST", f"/worlds/{self.world}/reset")

    def take_mismatches(self) -> list[str]:
        """What the sandbox itself did wrong in this world since this was last asked: should be empty, always."""
        return self._server.run(lambda: self._server.worlds.take_mismatches(self.world))

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
