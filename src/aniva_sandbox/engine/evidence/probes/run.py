"""What one run of a probed test came to."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.world.agenda import Happened

__all__ = ["Run", "SeenCall"]


class SeenCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that the client made in a run."""

    operation: str
    """The operationId; empty if the call reached no operation."""
    ordinal: int
    """Its number among the calls of its operation in this run, from 1."""
    request: Request
    values: tuple[str, ...]
    """The parameters of its path."""
    status: int
    """As it was sent; 0 if the connection was dropped before the call took effect."""
    value: Any
    """The plain body of the response, before it was lost or spoiled."""
    trace: Trace
    fault: str = ""
    """The kind of fault that the change injected, as in its id; empty if none."""
    took_effect: bool = True
    """Whether the operation ran."""
    is_lost: bool = False
    """Whether the client could not read the response."""
    at: float
    """Seconds of the client's time at which it came in: those of the machine, and the waits that took no time."""
    time: datetime
    """The world's now."""
    happened: tuple[Happened, ...] = ()
    """What happened in the world after the call before it, and while it ran."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What one run came to."""

    outcome: Literal["passed", "failed", "skipped", "stopped"]
    error: str = ""
    """What ended it, on one line; empty if it passed."""
    is_assertion: bool = False
    """Whether the test itself judged that it failed, rather than an exception that it did not expect."""
    is_void: bool = False
    """Whether the sandbox ended it, so that it says nothing about the client."""
    calls: tuple[SeenCall, ...]
    start: datetime
    """The world's now when it began."""
    end: datetime
    began_with: dict[str, Any] | None
    """The world as it began, as a written state; None if the run made no world."""
    state: dict[str, Any] | None
    """The world as it ended."""
    seconds: float
    """Machine time, without the waits that are known."""
    limit: Literal["", "calls", "time", "waits"] = ""
    """Why it was stopped: too many calls; busy for too long; waited for real for longer than a probe does."""
