"""What was asked of the sandbox in a test, and the story that a failed test is told of it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, overload

import msgspec

from aniva_sandbox.testing.events import EventDict

__all__ = ["SHOWN", "Body", "Exchange", "Exchanges", "RuleName", "count_of"]

SHOWN = 10
"""Exchanges that a story tells of."""
SENT_SHOWN = 300
"""Characters of what was sent that it shows."""


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
    """How many it had."""
    json: Any = None
    """Decoded, where it is JSON and was kept whole; None otherwise. Passwords and keys are hidden."""
    text: str | None = None
    """Its beginning, where it is no JSON, or was not kept whole."""


class Exchange(msgspec.Struct, frozen=True):
    """A request to the sandbox and its response."""

    number: int
    """Counted from 1 in the test's world."""
    time: datetime
    """The world's now: UTC."""
    elapsed_ms: float
    method: str
    path: str
    """With its query."""
    persona: str | None
    """Whose rights the key had."""
    operation: str | None
    """The operationId; None for an unknown path or method."""
    request: Body
    status: int | None
    """None where the connection was dropped before the call took effect."""
    response: Body
    rules: list[RuleName]
    """What refused it."""
    relied_on: list[RuleName]
    """Undocumented rules that made it succeed as it did."""
    error: str | None
    mismatch: str | None
    """Where the sandbox contradicted its own document."""
    fault: str | None
    """What was injected."""
    hints: list[str]
    """What may be a mistake in the request."""
    events: list[EventDict]
    """What happened meanwhile."""

    @property
    def json(self) -> Any:
        """The JSON that was sent; None where there was none."""
        return self.request.json

    def __str__(self) -> str:
        """One line: what was called, and what came of it."""
        refused = ", ".join(f"{rule.id} ({rule.basis})" for rule in self.rules)
        came = " ".join(filter(None, [str(self.status or "no answer"), refused]))
        return f"{self.operation or 'no operation'}  {self.method} {self.path}  {came}"


class Exchanges(Sequence[Exchange]):
    """The exchanges of a test, oldest first; ``select`` says which of all."""

    def __init__(self, exchanges: Sequence[Exchange], select: str = "", dropped: int = 0) -> None:
        self._exchanges = exchanges
        self._select = select
        self.dropped = dropped
        """Older ones that the journal had no room for."""

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
        """The oldest. Raises IndexError where there is none."""
        return self[0]

    @property
    def last(self) -> Exchange:
        """The newest. Raises IndexError where there is none."""
        return self[-1]

    def that(self, fits: Callable[[Exchange], bool]) -> "Exchanges":
        """Those that fit."""
        return Exchanges([exchange for exchange in self if fits(exchange)], f"{self._select} that fit", self.dropped)

    def __repr__(self) -> str:
        return f"<{len(self)} exchanges{self._select}>"

    def story(self) -> str:
        """The last of them, each with why it was refused, what was injected, and what may be a mistake in it."""
        lines = []
        earlier = self.dropped + max(0, len(self) - SHOWN)
        if earlier:
            lines.append(f"... {earlier} earlier")
        for exchange in self[-SHOWN:]:
            lines.append(f"#{exchange.number} at {exchange.time:%Y-%m-%dT%H:%M:%SZ}: {exchange}")
            lines += [f"    {line}" for line in _details(exchange)]
        return "\n".join(lines) or "nothing was asked"


def count_of(number: int) -> str:
    """A number of calls in words."""
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _details(exchange: Exchange) -> Iterator[str]:
    if exchange.json is not None:
        sent = msgspec.json.encode(exchange.json).decode()
        yield f"sent: {sent if len(sent) <= SENT_SHOWN else sent[:SENT_SHOWN] + '...'}"
    if exchange.error:
        yield f"said: {exchange.error}"
    for rule in exchange.rules:
        yield f"rule: {rule.id} ({rule.basis}): {rule.sentence}"
    for rule in exchange.relied_on:
        yield f"relied on: {rule.id} ({rule.basis}): {rule.sentence}"
    if exchange.fault:
        yield f"injected: {exchange.fault}"
    for hint in exchange.hints:
        yield f"hint: {hint}"
    for event in exchange.events:
        about = next((value for name, value in event.items() if name.endswith("_id")), "")
        yield f"event: {event['time']} {event['type']} {about}"
