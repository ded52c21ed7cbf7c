"""Two servers that are sent the same calls, one of which loads its world again and again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.control import worlds as control_of_worlds
from aniva_sandbox.engine.serving import pipeline
from aniva_sandbox.engine.serving.pipeline import Response, respond, respond_to_control
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.store.saved import load, save
from aniva_sandbox.engine.world import clock
from aniva_sandbox.engine.world.snapshot import write_state

START = datetime(2026, 4, 13, 8, tzinfo=UTC)


class Machine:
    """The machine's time: it passes only when it is said to, and its stopwatch stands still."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = START
        patch.setattr(clock, "_machine_second", lambda: int(self.now.timestamp()))
        patch.setattr(pipeline, "stopwatch", lambda: 0)
        patch.setattr(control_of_worlds, "stopwatch", lambda: 0)

    def pass_time(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)


class Pair:
    """Two servers of the same API. The world of ``name`` lives on the one as it is; on the other it can be loaded anew
    from what the one saves."""

    def __init__(self, name: str, api: Api, control: Api, make: Callable[[], Worlds]) -> None:
        self.name = name
        self._make = make
        self._api, self._control = api, control
        self.kept, self.loaded = self._new(), self._new()

    def send(self, request: Request) -> Response:
        """Send a request to both. Fails unless both respond alike, to the byte."""
        one, other = (self._respond(worlds, request) for worlds in (self.kept, self.loaded))
        assert plain(one) == plain(other)
        return one

    def save(self) -> bytes:
        """Save the worlds of both. Fails unless they are the same, to the byte."""
        saved = save(self.kept, self.name)
        assert save(self.loaded, self.name) == saved
        assert shown(self.kept, self.name) == shown(self.loaded, self.name)
        return saved

    def load(self) -> None:
        """Go on with a new server that loads what was saved."""
        saved, before = self.save(), self.loaded
        self.loaded = self._new()
        self.loaded.changes = before.changes  # it numbers the changes of a server
        world = load(saved, self.loaded, self.name, self._control.ledger)
        assert (world is None) is (self.loaded.get(self.name) is None)
        if world is not None:
            world.last_call = self.kept.get(self.name).last_call  # type: ignore[union-attr]
        self.save()

    def _new(self) -> Worlds:
        worlds = self._make()
        worlds.send = partial(respond, self._api, worlds)
        return worlds

    def _respond(self, worlds: Worlds, request: Request) -> Response:
        if request.path.startswith(self._control.prefix):
            return respond_to_control(self._control, worlds, request)
        return respond(self._api, worlds, request)


def plain(response: Response) -> tuple[Any, ...]:
    """A response as values."""
    return response.status, response.headers, response.body, str(response.effect)


def shown(worlds: Worlds, name: str) -> Any:
    """All that can be seen of a world from inside, but times of the machine."""
    world = worlds.get(name)
    report = worlds.coverage.report(name) if worlds.coverage is not None else None
    if world is None:
        return report
    exchanges = [replace(each, elapsed_ns=0, trace=replace(each.trace, collects=False)) for each in world.journal]
    journal = exchanges, world.journal.recorded, world.journal.dropped
    state = msgspec.json.encode([write_state(world.state, world.domain), [*world.agenda.numbered()]])
    return report, journal, state, [*world.relied_on], world.start, [*world.settings_changes], world.began
