"""A real Valkey, and processes that share it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.engine.store.conftest import admin, directory, make_server, shared_server, url
from tests.sandbox.shared.processes import Opener, Process

__all__ = ["admin", "directory", "make_server", "shared_server", "url"]


@pytest_asyncio.fixture
async def start(url: str) -> AsyncIterator[Opener]:
    """Starts processes, as it were, that share worlds."""
    started: list[Process] = []

    def start(**options: object) -> Process:
        process = Process(url, **options)  # type: ignore[arg-type]
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
