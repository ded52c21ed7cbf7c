"""Unmatched calls: those that reached no world or no operation, and why."""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.world.log import Log

__all__ = ["Cause", "CauseId", "UnmatchedCall", "UnmatchedCalls"]

CALLS_KEPT = 100

CauseId = Literal[
    "key.missing",
    "key.elsewhere",
    "key.empty",
    "key.repeated",
    "key.form",
    "key.world",
    "key.persona",
    "key.refused",
    "path.prefix",
    "path.spelling",
    "path.unknown",
    "method.unknown",
    "method.preflight",
]


class Cause(msgspec.Struct, frozen=True):
    """One reason: what is wrong, and how to fix it."""

    id: CauseId
    message: str
    """At most a few hundred characters; never contains a foreign key in full."""


class UnmatchedCall(msgspec.Struct, frozen=True):
    """A call to the API that opened no world or matched no operation."""

    number: int
    """Counted from 1 since the server started."""
    method: str
    path: str
    """The beginning of the path, without the query."""
    status: int
    rules: tuple[Rule, ...]
    """The rules that refused it."""
    world: str | None
    """The world that its key opened; None if it opened none."""
    causes: tuple[Cause, ...]

    def __str__(self) -> str:
        """One line: method, path, status and causes."""
        return f"{self.method} {self.path} {self.status}: {'; '.join(cause.message for cause in self.causes)}"


class UnmatchedCalls(Log[UnmatchedCall]):
    """The most recent unmatched calls, oldest first."""

    def __init__(self, on_first: Callable[[UnmatchedCall], None] = lambda _call: None) -> None:
        """``on_first`` is called with each call that has a cause for the first time."""
        super().__init__(CALLS_KEPT)
        self.on_first = on_first
        self._seen: set[str] = set()

    def note(
        self,
        *,
        method: str,
        path: str,
        status: int,
        rules: tuple[Rule, ...],
        world: str | None,
        causes: tuple[Cause, ...],
    ) -> None:
        """Add a call; when the limit is exceeded, the oldest is dropped."""
        call = UnmatchedCall(self.next_number, method, path, status, rules, world, causes)
        self.add(call)
        self.report(call)

    def report(self, call: UnmatchedCall) -> None:
        """Call ``on_first``, if a cause of this call is the first of its kind."""
        ids = {cause.id for cause in call.causes}
        if not ids <= self._seen:
            self._seen |= ids
            self.on_first(call)

    def restore(self, calls: Sequence[UnmatchedCall]) -> None:
        """Hold these calls, which have their numbers, instead of its own."""
        self.clear()
        for call in calls:
            self.add(call)
        if calls:
            self.recorded = calls[-1].number
            if len(calls) == CALLS_KEPT:
                self.dropped = self.recorded - len(calls)
