"""A real Valkey, and logs in it."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from aniva_sandbox.engine.store.entries import Environment
from aniva_sandbox.engine.store.log import Log
from aniva_sandbox.engine.world.clock import Clock
from tests.engine.store.support import ENVIRONMENT, Opener
from tests.store import admin, directory, make_server, shared_server, store

__all__ = ["admin", "directory", "make_server", "shared_server", "store"]


@pytest_asyncio.fixture
async def open_log(store: str) -> AsyncIterator[Opener]:
    """Opens logs in the server, or at another URL, each as another process would."""
    opened: list[Log] = []

    def open(
        *,
        at: str = store,
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
