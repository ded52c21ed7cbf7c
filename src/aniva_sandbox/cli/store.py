"""A server whose worlds are in a store, so that several processes share them."""

import asyncio
import hashlib
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import click
import uvicorn

from aniva_sandbox import VERSION
from aniva_sandbox.api.beginnings import get_fixture, world_path
from aniva_sandbox.cli.common import STORE_FROM
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.serving.server import Server
from aniva_sandbox.engine.serving.shared import Shared
from aniva_sandbox.engine.store.entries import Environment
from aniva_sandbox.engine.store.log import Log
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.store.problems import StoreError
from aniva_sandbox.files import find_file

__all__ = ["Store"]

_FORM: Final = 1
"""The form of logs and snapshots. To be changed when another process of the same version could not read them."""
_FIRST: Final = "default"
"""The world that every server has."""
_PAUSE: Final = 1.0
"""Seconds until the first world is asked for again."""
_GRACE: Final = 1.0
"""Seconds that snapshots have to be stored when the server ends."""
_LOG: Final = logging.getLogger("aniva_sandbox")


class Store:
    """Where the worlds of a server are, and how long they stay there."""

    def __init__(self, url: str, idle: int, worlds: Worlds, spec: Path | None, settings: dict[str, str]) -> None:
        """``idle`` is in seconds, ``spec`` a proposed document. ``settings`` are what else worlds depend on. Nothing is
        connected yet. Raises a UsageError for a bad URL."""
        self._url = url
        self._idle = idle
        self._most = worlds.limits.worlds
        parts = settings | _parts_of(worlds) | {"document": _digest(spec or find_file("openapi.yaml"))}
        self._environment = Environment(f"{VERSION}, form {_FORM}", parts)
        try:
            self.place = self._logs().place
            """The URL, without user and password."""
        except ValueError as error:
            raise click.UsageError(f"Invalid value for '--store' or {STORE_FROM}: {error}") from None

    def open(
        self, worlds: Worlds, partner_api: Api, control_api: Api
    ) -> tuple[Shared, Callable[[uvicorn.Config], Server]]:
        """The pipelines of the worlds, which hold the copies of this process, and the server for these. To be called in
        the process that serves, as logs make up names, which no two processes may have in common."""
        logs = self._logs()
        shared = Shared(worlds, logs, partner_api, control_api)
        return shared, partial(_Server, shared=shared, logs=logs)

    def _logs(self) -> Log:
        return Log.open(self._url, self._environment, idle=self._idle, most=self._most)


class _Server(Server):
    """A server that creates its first world in the store. If the store is away, it serves all the same, and goes on
    trying."""

    def __init__(self, config: uvicorn.Config, shared: Shared, logs: Log, **callbacks: Callable[..., object]) -> None:
        super().__init__(config, **callbacks)
        self._shared = shared
        self._logs = logs
        self._opening: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        tried = asyncio.Event()
        self._opening = asyncio.create_task(self._open(tried))
        await tried.wait()  # meanwhile, connections wait
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self._opening is not None:
            self._opening.cancel()
            with suppress(asyncio.CancelledError):
                await self._opening
        with suppress(TimeoutError):  # another process will store what this one could not
            await asyncio.wait_for(self._shared.replicas.close(), _GRACE)
        await self._logs.close()

    async def _open(self, tried: asyncio.Event) -> None:
        said = ""
        while True:
            try:
                await self._shared.open(_FIRST)
                break
            except StoreError as error:
                if said != error.rule.id:
                    said = error.rule.id
                    _LOG.warning(
                        "%s (%s): calls get 503; the server tries again until this has changed",
                        str(error).rstrip("."),
                        said,
                    )
            tried.set()
            await asyncio.sleep(_PAUSE)
        tried.set()
        if said:
            _LOG.info("the store can be used now")


def _parts_of(worlds: Worlds) -> dict[str, str]:
    """What worlds begin from, and their limits, by the name of the option or of what is digested."""
    fixtures = find_file("fixtures")
    catalogue = hashlib.sha256()
    for path in sorted((fixtures / "catalogue").rglob("*.yaml")):
        catalogue.update(path.read_bytes() + b"\0")
    parts = {f"fixture {name}": _digest(fixtures / "worlds" / f"{name}.yaml") for name in worlds.fixture_names}
    first = get_fixture(worlds.fixture).name
    own = world_path(worlds.fixture)
    limits = worlds.limits
    return parts | {
        "catalogue": catalogue.hexdigest(),
        "--world": first if own is None else f"{first} {_digest(own)}",
        "--clock": worlds.mode if worlds.start is None else f"{worlds.mode} {worlds.start.isoformat()}",
        "--seed": "" if worlds.seed is None else str(worlds.seed),
        "--strict-worlds": str(worlds.strict),
        "--max-worlds": str(limits.worlds),
        "--max-records": str(limits.records),
        "--max-journal": str(limits.journal),
        "--coverage": str(worlds.coverage is not None),
    }


def _digest(path: Path) -> str:
    if not path.is_file():  # it can be read only once
        raise click.UsageError(f"{path} is not a regular file, as --store needs it to be")
    return hashlib.sha256(path.read_bytes()).hexdigest()
