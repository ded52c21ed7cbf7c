"""The sandbox that a command is probed against: on a free port, with a fresh world for each run."""

import threading
from datetime import datetime
from typing import Any, Final, Self

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aniva_sandbox.api.app import build_app, build_control_api
from aniva_sandbox.api.beginnings import fixture_names, get_fixture
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.run import SeenCall
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.clock import Mode
from aniva_sandbox.engine.world.snapshot import write_state
from aniva_sandbox.engine.world.state import World
from aniva_sandbox.testing.listening import Listening

__all__ = ["Held", "Host"]

_NAME: Final = "probe"
"""What the names of the worlds begin with."""


class Held:
    """What the world of a run held, and what was asked of it.

    A run has the world of its name. If the client opens another one whose name begins with this name and a hyphen
    before it makes a call, that is its world. A world that the client creates anew or resets stays the world of the
    run, which is judged by what it holds from then.
    """

    def __init__(self, name: str, probe: Probe, start: datetime | None, most_calls: int | None) -> None:
        """The run is to make ``most_calls`` at most; None is any number."""
        self.name = name
        self.start = start
        """The instant at which its worlds begin; None if the client, or the fixture, says."""
        self.has_ended = threading.Event()
        """Set when it has made too many calls, or when its client has ended."""
        self.has_too_many_calls = False
        self.refusals = 0
        """The number of calls that the control plane refused."""
        self.calls: tuple[SeenCall, ...] = ()
        self.state: dict[str, Any] = {}
        """The world when the run ended."""
        self._probe = probe
        self._most = most_calls
        self._world: World | None = None
        self._is_closed = False
        probe.on_call = self._count

    def has(self, name: str) -> bool:
        """Whether it is a name for its worlds."""
        return name == self.name or name.startswith(f"{self.name}-")

    def take(self, world: World) -> None:
        """Take a world that has just begun for that of the run, if it can be."""
        before = self._world
        if before is None or before.name == world.name or not self._probe.calls:
            if before is not None:
                before.probe = None
            self._world, world.probe = world, self._probe
            self.began = world.clock.now
            self.began_with = write_state(world.state, DOMAIN)

    def close(self) -> None:
        """Note the world, and all calls. What comes later belongs to no run."""
        if not self._is_closed and self._world is not None:
            self._is_closed = True
            self.calls = tuple(self._probe.calls)
            self.ended = self._world.clock.now
            self.state = write_state(self._world.state, DOMAIN)

    def _count(self) -> None:
        if self._most is not None and len(self._probe.calls) > self._most:
            self.has_too_many_calls = True
            self.close()
            self.has_ended.set()


class _Worlds(Worlds):
    """Worlds among which are those of the current run."""

    held: Held | None = None

    def create(self, name: str, *, start: datetime | None = None, **options: Any) -> World:
        held = self.held
        if held is not None and held.has(name):
            start = start or held.start
        world = super().create(name, start=start, **options)
        if held is not None and held.has(name):
            held.take(world)
        return world

    def reset(self, world: World) -> None:
        super().reset(world)
        if self.held is not None and world.probe is not None:
            self.held.take(world)


class Host:
    """A sandbox on a free port of the loopback interface. As a context manager, it serves for the block."""

    def __init__(self, api: Api, *, fixture: str, mode: Mode, start: datetime | None, seed: int | None) -> None:
        """Worlds begin as given. Raises FixtureError for an invalid fixture, ValueError for an impossible start."""
        self._worlds = _Worlds(DOMAIN, get_fixture, fixture_names(), fixture=fixture, mode=mode, start=start, seed=seed)
        self._worlds.create(_NAME)  # now, so that errors come before the first run
        self._lock = threading.RLock()
        self._app = build_app(self._worlds, api, build_control_api(), lock=self._lock)
        self._runs = 0

    def __enter__(self) -> Self:
        self._listening = Listening(self._noting(self._app))
        self._worlds.address = self.url
        return self

    def __exit__(self, *_exc: object) -> None:
        self._listening.stop()

    @property
    def url(self) -> str:
        """The address, without a trailing slash."""
        return self._listening.url

    def begin(self, probe: Probe, start: datetime | None, most_calls: int | None) -> Held:
        """A fresh world that holds the probe, for one run. Every run has its own names: a request of an earlier one may
        still be under way."""
        with self._lock:
            self._runs += 1
            for name in [world.name for world in self._worlds]:
                self._worlds.drop(name)
            self._worlds.unmatched.clear()
            self._worlds.made.clear()
            self._worlds.mismatches.clear()
            self._worlds.held = held = Held(f"{_NAME}-{self._runs}", probe, start, most_calls)
            self._worlds.create(held.name)
            return held

    def close(self, held: Held) -> None:
        """Note what a run has come to."""
        with self._lock:
            held.close()
            self._worlds.held = None

    @property
    def has_broken(self) -> bool:
        """Whether something in the sandbox broke since the last run began."""
        return bool(self._worlds.mismatches)

    def stray_calls(self) -> str:
        """Where the calls of a run went that did not reach its world; empty if there were none."""
        with self._lock:
            if self._worlds.made:
                return f"it opened the world {self._worlds.made[0]!r} with another key"
            return next((str(call) for call in self._worlds.unmatched), "")

    def _noting(self, app: ASGIApp) -> ASGIApp:
        """The app, with the refusals of the control plane counted."""

        async def noting(scope: Scope, receive: Receive, send: Send) -> None:
            held = self._worlds.held
            if held is None or not scope.get("path", "").startswith("/_sandbox/"):
                await app(scope, receive, send)
                return

            async def note(message: Message) -> None:
                if message["type"] == "http.response.start" and message["status"] >= 400:
                    held.refusals += 1
                await send(message)

            await app(scope, receive, note)

        return noting
