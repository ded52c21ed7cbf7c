"""What tests of the log share."""

from typing import Protocol

import pytest

from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.store.entries import Batch, Entry, Environment, Kind, Seen
from aniva_sandbox.engine.store.log import Log, StoreError
from aniva_sandbox.engine.world.clock import Clock

ENVIRONMENT = Environment("1.2", {"fixture default": "d1", "seed": "0"})


class Opener(Protocol):
    """Opens a log."""

    def __call__(
        self,
        *,
        at: str = ...,
        environment: Environment = ...,
        idle: float = ...,
        most: int = ...,
        timeout: float = ...,
        clock: Clock | None = None,
    ) -> Log:
        """A log, which is closed after the test."""


def call(path: str = "/", *, kind: Kind = "call", body: bytes = b"") -> Entry:
    """An entry that can be told from others by its path."""
    return Entry(kind, Request("POST", path, body=body, key="sbx_w"))


def paths(batch: Batch) -> list[str]:
    """The paths of the entries of a batch."""
    return [logged.entry.request.path for logged in batch.entries if logged.entry.request is not None]


def numbers(batch: Batch) -> list[int]:
    """The numbers of the entries of a batch."""
    return [logged.number for logged in batch.entries]


def seen(batch: Batch) -> Seen:
    """What a process has seen that applied a batch."""
    return Seen(batch.epoch, batch.entries[-1].number)


async def append(log: Log, *asked: str, name: str = "w", seen: Seen | None = None) -> Batch:
    """Append calls of these paths."""
    batch = await log.append(name, [call(path) for path in asked], seen, opens=True)
    assert isinstance(batch, Batch)
    return batch


async def read(log: Log, seen: Seen | None = None, name: str = "w") -> Batch:
    """What follows in a log."""
    batch = await log.read(name, seen)
    assert isinstance(batch, Batch)
    return batch


async def refusal(log: Log, asked: str = "/refused") -> StoreError:
    """The error of an append."""
    with pytest.raises(StoreError) as raised:
        await append(log, asked)
    return raised.value
