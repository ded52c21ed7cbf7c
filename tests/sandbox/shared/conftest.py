"""A real Valkey, and processes that share it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.sandbox.shared.processes import Opener, Process
from tests.store import admin, directory, make_server, shared_server, store

__all__ = ["admin", "directory", "make_server", "shared_server", "store"]


@pytest_asyncio.fixture
async def start(store: str) -> AsyncIterator[Opener]:
    """Starts processes, as it were, that share worlds."""
    started: list[Process] = []

    def start(**options: object) -> Process:
        process = Process(store, **options)  # type: ignore[arg-type]
        started.append(process)
        return process

    yield start
    await asyncio.gather(*(process.close() for process in started))


@pytest.fixture
def one(start: Opener) -> Process:
    """A process."""
    return start()


@pytest.fixture
def two(start: Opener) -> Process:
    """Another process."""
    return start()
