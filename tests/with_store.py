"""With ``pytest --store=own``, or the URL of a store, what tests call has its worlds in a store: each server that a
test starts as a process, and each client of tests that goes through the pipeline."""

import asyncio
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import pytest
from starlette.types import ASGIApp
from valkey import Valkey

from aniva_sandbox.api.app import build_app
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.serving.guard import Guard
from aniva_sandbox.engine.serving.responses import Done, Response
from aniva_sandbox.engine.serving.shared import Shared
from aniva_sandbox.engine.store.entries import Batch, Entry, Environment, Kind, Seen
from aniva_sandbox.engine.store.log import Log
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.store.replicas import _Replica, settle_future
from aniva_sandbox.testing.listening import Listening, _new_loop
from aniva_sandbox.testing.live import LiveServer
from tests.store import new_server, url_of

OWN: Final = "own"
DATABASES: Final = 1000
_LOGS_KEPT: Final = 50
_WORKER: Final = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_SHARE: Final = 100
"""The databases of each worker of a run, up to ten: a store at a URL is that of all, and so is its first database."""

DIFFERENT: Final[dict[str, str]] = {
    "serving/test_unmatched.py::test_worlds_and_personas_that_are_not_there": "it clears the list by hand",
    "serving/test_unmatched.py::test_a_world_that_there_was_no_room_for": "the store makes room, whatever is in flight",
    "testing/test_story.py::test_a_wrong_key_is_in_the_story": "it looks for unmatched calls in this process",
    "testing/test_story.py::test_many_unmatched_calls_are_cut_short": "it looks for unmatched calls in this process",
    "cli/test_commands.py::test_serves_until_it_is_stopped": "the health names the store",
    "cli/test_journal.py::test_a_quiet_server_prints_none": "the greeting names the store",
    "cli/test_worlds.py::test_limits_of_a_server": "the store drops worlds, not the server",
    "control/test_events.py::test_broken_event_breaks_loudly": "it breaks what finds worlds",
    "control/test_metrics.py::test_worlds_are_counted": "the store drops worlds, not the server",
    "control/test_metrics.py::test_labels_are_bounded": "there are metrics of the store",
    "control/test_metrics.py::test_families_are_described": "there are metrics of the store",
    "control/test_worlds.py::test_health": "the health names the store",
    "control/test_worlds.py::test_list_of_worlds": "worlds are listed by name, and changes numbered as entries are",
}
"""Tests that cannot have their worlds in a store, by the end of their node id, and why."""


class _Adopting(Shared):
    """The pipelines of worlds that tests also make and change by hand: such a world has a log from its next call on."""

    def __init__(self, worlds: Worlds, log: Log, api: Api, control: Api, lock: AbstractContextManager[object]) -> None:
        super().__init__(worlds, log, api, control)
        self._log = log
        self._lock = lock

    def begin(self, request: Request, done: Done) -> None:
        """Respond to a request to the API, later."""
        self._end_later(self._adopt_and_call(request), done)

    async def _adopt_and_call(self, request: Request) -> Response:
        await self._adopt()
        response: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        super().begin(request, partial(settle_future, response))
        return await response

    async def control(self, request: Request) -> Response:
        """Respond to a request to the control plane."""
        await self._adopt()
        return await super().control(request)

    def _apply(self, kind: Kind, request: Request) -> Response:
        with self._lock:
            return super()._apply(kind, request)

    async def _adopt(self) -> None:
        replicas = self.replicas._replicas
        for name in [world.name for world in self._worlds]:
            known = replicas.get(name)
            if known is None or (known.seen is None and known.runner is None):
                batch = await self._log.append(name, [Entry("open")], None, opens=True)
                assert isinstance(batch, Batch)
                if name not in replicas:
                    replicas[name] = _Replica(name, Seen(batch.epoch, batch.entries[-1].number))


class InStore:
    """Worlds in a store, for clients that call the pipeline, and for live servers."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="store of the tests", daemon=True)
        self._thread.start()
        self._shared: WeakKeyDictionary[Worlds, _Adopting] = WeakKeyDictionary()
        self._logs: list[Log] = []
        self._numbers = count(1)

    def respond(self, worlds: Worlds, api: Api, control: Api, request: Request, *, to_control: bool) -> Response:
        """The response to a request, which goes through the store."""
        doing = self._respond(worlds, api, control, request, to_control=to_control)
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(60)

    async def _respond(self, worlds: Worlds, api: Api, control: Api, request: Request, *, to_control: bool) -> Response:
        shared = self._shared.get(worlds)
        if shared is None:
            shared = self._shared[worlds] = self._open(worlds, api, control, nullcontext())
            if len(self._logs) > _LOGS_KEPT:
                await self._logs.pop(0).close()  # if it is used again, it connects again
        return await (shared.control if to_control else shared.call)(request)

    def _open(self, worlds: Worlds, api: Api, control: Api, lock: AbstractContextManager[object]) -> _Adopting:
        log = Log.open(
            self._url,
            Environment("1", {}),
            idle=3600,
            most=worlds.limits.worlds,
            prefix=f"t{_WORKER}-{next(self._numbers)}",
            timeout=30,
        )
        self._logs.append(log)
        return _Adopting(worlds, log, api, control, lock)

    def listen(self, live: LiveServer) -> Listening:
        """What a live server listens with: all that comes over a socket goes through the store."""
        with live._lock:
            if live._is_closed:
                raise RuntimeError("the sandbox is closed")
            if live._listening is None:
                shared = self._open(live.worlds, live._partner, live._control, live._lock)
                app = build_app(live.worlds, live._partner, live._control, Guard(), lock=live._lock, shared=shared)
                log = self._logs.pop()  # it belongs to the loop of the server
                live._listening = _ClosingListening(app, log)
                live.worlds.address = live._listening.url
            return live._listening

    def clear(self) -> None:
        """Disconnect whatever a test has left."""
        logs, self._logs = self._logs, []
        if logs:
            asyncio.run_coroutine_threadsafe(_close(logs), self._loop).result(60)

    def close(self) -> None:
        """End."""
        self.clear()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _ClosingListening(Listening):
    """A listening app, and a log that is closed after it."""

    def __init__(self, app: ASGIApp, log: Log) -> None:
        self._log = log
        super().__init__(app)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(self._server.serve(sockets=[self._socket]))
            runner.run(self._log.close())


async def _close(logs: Sequence[Log]) -> None:
    for log in logs:
        await log.close()


@contextmanager
def stored_servers(url: str) -> Iterator[None]:
    """Each ``serve`` that is started meanwhile has an empty database of the store to itself."""
    numbers = count()
    init = subprocess.Popen.__init__

    def start(self: Any, args: Any, *rest: Any, **options: Any) -> None:
        if isinstance(args, list | tuple) and "serve" in args and not {"--store", "--workers"} & {*args}:
            database = _WORKER * _SHARE + 1 + next(numbers) % (_SHARE - 1)  # the first is that of clients
            place = f"{url}?db={database}" if url.startswith("unix:") else f"{url.rstrip('/')}/{database}"
            with _client(place) as client:
                client.flushdb()
            environment = options.get("env")
            options["env"] = {**(os.environ if environment is None else environment), "ANIVA_SANDBOX_STORE": place}
        init(self, args, *rest, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", start)
        yield


def _client(url: str) -> Valkey:
    scheme, _, rest = url.partition("://")
    return Valkey.from_url(f"{scheme if scheme == 'unix' else 'valkey'}://{rest}")


@contextmanager
def opened_store(chosen: str) -> Iterator[str]:
    """The URL of the store of the option."""
    if chosen != OWN:
        yield chosen
        return
    with (
        tempfile.TemporaryDirectory(prefix="sbx-") as folder,
        new_server(Path(folder), databases=DATABASES) as server,
    ):
        yield url_of(server)


def skip_different(items: Sequence[pytest.Item]) -> None:
    """Skip the tests that cannot have their worlds in a store."""
    for item in items:
        for end, reason in DIFFERENT.items():
            if end in item.nodeid:
                item.add_marker(pytest.mark.skip(reason=f"with --store: {reason}"))
