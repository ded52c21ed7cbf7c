"""Calls that reached no world or no operation, and why."""

from collections.abc import Callable
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
    """One reason: what was wrong, and what would be right."""

    id: CauseId
    message: str
    """At most a few hundred characters. Never the whole of a key that is not the sandbox's own."""


class UnmatchedCall(msgspec.Struct, frozen=True):
    """A call to the API that opened no world, or that named no operation."""

    number: int
    """Counted from 1 for as long as the server lives."""
    method: str
    path: str
    """Its beginning, without the query."""
    status: int
    rules: tuple[Rule, ...]
    """What refused it."""
    world: str | None
    """The one that its key opened; None for a key that opened none."""
    causes: tuple[Cause, ...]

    def __str__(self) -> str:
        """One line: what was called, what came of it, and why."""
        return f"{self.method} {self.path} {self.status}: {'; '.join(cause.message for cause in self.causes)}"


class UnmatchedCalls(Log[UnmatchedCall]):
    """The last of these calls, oldest first."""

    def __init__(self, on_first: Callable[[UnmatchedCall], None] = lambda _call: None) -> None:
        """``on_first`` hears of each call that has a cause which no call before had."""
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
        """Remember one more; where there is no room, the oldest goes."""
        call = UnmatchedCall(self.next_number, method, path, status, rules, world, causes)
        self.add(call)
        ids = {cause.id for cause in causes}
        if not ids <= self._seen:
            self._seen |= ids
            self.on_first(call)
