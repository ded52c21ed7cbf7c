"""Processes that share worlds, several in one Python, and what one process alone makes of the same log."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

import msgspec

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.serving.pipeline import respond, respond_to_control
from aniva_sandbox.engine.serving.responses import Response
from aniva_sandbox.engine.serving.shared import Shared
from aniva_sandbox.engine.store.entries import Absent, Batch, Entry, Environment, Logged, Seen
from aniva_sandbox.engine.store.log import Log
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.store.saved import save
from aniva_sandbox.engine.world.clock import Clock, at_instant
from aniva_sandbox.engine.world.events import settle
from aniva_sandbox.engine.world.limits import Limits
from aniva_sandbox.engine.world.state import World
from tests.support import CONTROL, PARTNER, Reply, new_worlds

ENVIRONMENT = Environment("1", {})


class Opener(Protocol):
    """Starts a process."""

    def __call__(self, **options: Any) -> "Process":
        """A process with these options, which is closed after the test."""


class NotingLog(Log):
    """A log that notes what it appends."""

    appended: dict[str, list[Logged]]

    async def append(self, name: str, entries: Sequence[Entry], seen: Seen | None, *, opens: bool) -> Batch | Absent:
        """Append entries, and note them with their numbers."""
        batch = await super().append(name, entries, seen, opens=opens)
        if isinstance(batch, Batch):
            self.appended.setdefault(name, []).extend(batch.entries[len(batch.entries) - batch.own :])
        return batch


class Process:
    """What one process has, and calls to it."""

    def __init__(
        self,
        url: str,
        *,
        most: int = 100,
        idle: float = 3600,
        ahead: timedelta = timedelta(),
        covers: bool = False,
        timeout: float = 5,
        journal: int = 1000,
        **options: Any,
    ) -> None:
        """``ahead`` is how far the clock of its host is ahead of the machine's; the other options are those of
        worlds."""
        coverage = Coverage(PARTNER, DOMAIN) if covers else None
        self.created: list[str] = []
        self.worlds = new_worlds(
            limits=Limits(worlds=most, journal=journal),
            coverage=coverage,
            on_create=self._note_created,
            **options,
        )
        self.worlds.send = partial(respond, PARTNER, self.worlds)
        machine = Clock("real")
        clock = Clock("real", machine.now + ahead)
        log = NotingLog.open(url, ENVIRONMENT, idle=idle, most=most, timeout=timeout, clock=clock)
        assert isinstance(log, NotingLog)
        log.appended = {}
        self.log = log
        self.shared = Shared(self.worlds, log, PARTNER, CONTROL)

    def _note_created(self, world: World) -> None:
        self.created.append(world.name)

    async def call(self, method: str, path: str, body: Any = None, *, key: str | None = "sbx_w") -> Reply:
        """Call the API; ``path`` follows ``/api/v1``."""
        return decoded(await self.shared.call(api_request(method, path, body, key=key)))

    async def control(self, method: str, path: str, body: Any = None) -> Reply:
        """Call the control plane; ``path`` follows ``/_sandbox``."""
        return decoded(await self.shared.control(control_request(method, path, body)))

    async def see(self, name: str = "w") -> bytes:
        """The world as it is now, as bytes, in this process."""
        await self.shared.replicas.ask(name, None)
        return save(self.worlds, name)

    async def close(self) -> None:
        """Wait for what goes on, and disconnect."""
        await self.shared.replicas.close()
        await self.log.close()


class Alone:
    """One process without a store, to which the entries of logs are applied."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        worlds.send = partial(respond, PARTNER, worlds)

    def happen(self, name: str, logged: Logged) -> Response | None:
        """Let happen what an entry says; returns the response, if it is a call."""
        worlds, request = self.worlds, logged.entry.request
        worlds.changes = logged.number - 1
        world = worlds.get(name)
        match logged.entry.kind:
            case "call":
                assert request is not None
                return at_instant(logged.instant, lambda: respond(PARTNER, worlds, request))
            case "control":
                assert request is not None
                return at_instant(logged.instant, lambda: respond_to_control(CONTROL, worlds, request))
            case "open":
                if world is None:
                    at_instant(logged.instant, lambda: worlds.create(name))
            case "settle":
                if world is not None:
                    at_instant(logged.instant, lambda: settle(world))
            case "forget":
                if worlds.coverage is not None:
                    worlds.coverage.forget(name)
        return None


def api_request(method: str, path: str, body: Any = None, *, key: str | None = "sbx_w") -> Request:
    """A request to the API; ``path`` follows ``/api/v1`` and may have a query."""
    return _request(method, f"/api/v1{path}", body, key)


def control_request(method: str, path: str, body: Any = None) -> Request:
    """A request to the control plane; ``path`` follows ``/_sandbox`` and may have a query."""
    return _request(method, f"/_sandbox{path}", body, None)


def _request(method: str, path: str, body: Any, key: str | None) -> Request:
    path, _, query = path.partition("?")
    content = b"" if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Request(method, path, query.encode(), key, "application/json", content)


def decoded(response: Response) -> Reply:
    """A response, decoded."""
    headers = {name.decode(): value.decode() for name, value in response.headers}
    assert "x-sandbox-mismatch" not in headers, headers["x-sandbox-mismatch"]
    return Reply(response.status, msgspec.json.decode(response.body) if response.body else None, headers)
