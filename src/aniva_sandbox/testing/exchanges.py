"""The exchanges of a test with the sandbox."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, overload

import msgspec

from aniva_sandbox.testing.events import EventDict
from aniva_sandbox.testing.story import call_line, write_story

__all__ = ["Body", "Exchange", "Exchanges", "RuleName", "count_of"]


class RuleName(msgspec.Struct, frozen=True):
    """A rule of the ledger, in short."""

    id: str
    basis: str
    """``documented``, ``assumed``, ``conflict`` or ``sandbox``."""
    sentence: str


class Body(msgspec.Struct, frozen=True):
    """The body of a request or a response."""

    type: str | None
    """The media type."""
    bytes: int
    """Its size."""
    json: Any = None
    """The decoded JSON, if it was kept whole; otherwise None. Passwords and keys are hidden."""
    text: str | None = None
    """Its start, if it is not JSON or was not kept whole."""


class Distance(msgspec.Struct, frozen=True):
    """How far a call was from the boundary of a rule."""

    measure: str
    """What was measured; empty for the only measure of the rule."""
    value: float
    """Negative below the boundary, 0 at it."""
    text: str
    """In words: ``2 hours below the boundary``."""


class Weighed(msgspec.Struct, frozen=True):
    """A rule that a call was held against."""

    rule: RuleName
    outcome: str
    """``passed``, ``refused``, or ``waived`` if a probe kept the rule from applying."""
    distances: list[Distance]


class Move(msgspec.Struct, frozen=True):
    """A move that was tried on a record with states; it may have been refused."""

    machine: str
    """The noun of the record."""
    state: str
    """The state before the move."""
    move: str


class Exchange(msgspec.Struct, frozen=True):
    """A request to the sandbox and its response."""

    number: int
    """Counted from 1 in the test's world."""
    time: datetime
    """The world's now: UTC."""
    elapsed_ms: float
    method: str
    path: str
    """The path with its query."""
    persona: str | None
    """The persona of the key."""
    operation: str | None
    """The operationId; None for an unknown path or method."""
    request: Body
    status: int | None
    """None where the connection was dropped before the call took effect."""
    response: Body
    rules: list[RuleName]
    """The rules that refused it."""
    relied_on: list[RuleName]
    """Undocumented rules that made it succeed as it did."""
    error: str | None
    mismatch: str | None
    """How the sandbox contradicted its own document."""
    fault: str | None
    """The injected fault."""
    hints: list[str]
    """Likely mistakes in the request."""
    events: list[EventDict]
    """The events that happened during the call."""
    weighed: list[Weighed] = []
    """The rules that the call was held against, in order."""
    moves: list[Move] = []
    """The moves that it tried on records with states."""

    @property
    def json(self) -> Any:
        """The JSON that was sent; None if there was none."""
        return self.request.json

    def __str__(self) -> str:
        """One line: the call and its outcome."""
        return call_line(self)


class Exchanges(Sequence[Exchange]):
    """Exchanges of a test, oldest first; ``select`` describes the selection."""

    def __init__(self, exchanges: Sequence[Exchange], select: str = "", dropped: int = 0) -> None:
        self._exchanges = exchanges
        self._select = select
        self.dropped = dropped
        """The number of older exchanges that the journal dropped."""

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> "Exchanges": ...
    def __getitem__(self, index: int | slice) -> "Exchange | Exchanges":
        if isinstance(index, slice):
            return Exchanges(self._exchanges[index], self._select, self.dropped)
        try:
            return self._exchanges[index]
        except IndexError:
            raise IndexError(f"there are {len(self)} exchanges{self._select}") from None

    def __len__(self) -> int:
        return len(self._exchanges)

    @property
    def first(self) -> Exchange:
        """The oldest. Raises IndexError if there is none."""
        return self[0]

    @property
    def last(self) -> Exchange:
        """The newest. Raises IndexError if there is none."""
        return self[-1]

    def that(self, fits: Callable[[Exchange], bool]) -> "Exchanges":
        """The exchanges that satisfy a condition."""
        return Exchanges([exchange for exchange in self if fits(exchange)], f"{self._select} that fit", self.dropped)

    def __repr__(self) -> str:
        return f"<{len(self)} exchanges{self._select}>"

    def story(self) -> str:
        """The last of them, and before these, those that were refused, relied on a rule, or met a hint, a fault or an
        event, each with its details. Equal calls in a row are shown as one."""
        return write_story(self, self.dropped)


def count_of(number: int) -> str:
    """A number of calls in words."""
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
