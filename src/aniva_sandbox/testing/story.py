"""The story of a test: its calls, as shown in the report of a failed test and in failed assertions."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

if TYPE_CHECKING:
    from aniva_sandbox.testing.exchanges import Exchange

__all__ = ["SHOWN", "call_line", "write_story"]

SHOWN: Final = 10
"""The number of entries at the end of a story that are always shown."""
MOST: Final = 60
"""The maximum number of entries in a story."""
SENT_SHOWN: Final = 300
"""The number of characters of a request that a story shows."""
EVENTS_SHOWN: Final = 10
"""The number of events of one call that a story shows."""


class _Entry(NamedTuple):
    """Equal calls in a row."""

    calls: "list[Exchange]"

    @property
    def is_marked(self) -> bool:
        return any(map(_is_marked, self.calls))


def _is_marked(exchange: "Exchange") -> bool:
    """Whether a call met anything that may explain a failure."""
    return bool(
        exchange.rules
        or exchange.relied_on
        or exchange.hints
        or exchange.fault
        or exchange.events
        or exchange.mismatch
        or exchange.status is None
    )


def write_story(exchanges: "Sequence[Exchange]", dropped: int = 0) -> str:
    """Calls, oldest first, one entry for equal calls in a row. Of the calls before the last entries, only those with a
    rule, a hint, a fault or an event are shown; of these, the last. ``dropped`` is the number of older calls that are
    unknown."""
    entries = [_Entry(list(calls)) for _, calls in groupby(exchanges, _likeness)]
    shown = [index for index, entry in enumerate(entries) if entry.is_marked or index >= len(entries) - SHOWN]
    lines: list[str] = []
    done = 0
    for index in [*shown[-MOST:], len(entries)]:
        lines += _gap(entries[done:index], dropped, is_first=not lines)
        dropped = 0
        if index < len(entries):
            lines += _told(entries[index])
        done = index + 1
    return "\n".join(lines) or "nothing was called"


def call_line(exchange: "Exchange", count: int = 1) -> str:
    """One line: the call and its outcome."""
    refused = ", ".join(f"{rule.id} ({rule.basis})" for rule in exchange.rules)
    came = " ".join(filter(None, [str(exchange.status or "no response"), refused]))
    times = f" × {count}" if count > 1 else ""
    return f"{exchange.operation or 'no operation'}{times}  {exchange.method} {exchange.path}  {came}"


def _likeness(exchange: "Exchange") -> tuple[object, ...]:
    """What is equal for calls that are shown as one entry."""
    return call_line(exchange), *_details(exchange)


def _gap(entries: list[_Entry], dropped: int, *, is_first: bool) -> Iterator[str]:
    """The line in place of entries that are left out."""
    count = dropped + sum(len(entry.calls) for entry in entries)
    marked = sum(len(entry.calls) for entry in entries if entry.is_marked)
    if count:
        what = f"{count} earlier" if is_first else f"{count} more call{'s' * (count != 1)}"
        yield f"... {what}" + (f", {marked} of them with a rule, a hint, a fault or an event" if marked else "")


def _told(entry: _Entry) -> Iterator[str]:
    first, last = entry.calls[0], entry.calls[-1]
    numbers, time = f"#{first.number}", f"at {first.time:%Y-%m-%dT%H:%M:%SZ}"
    if first is not last:
        numbers += f" to #{last.number}"
    if first.time != last.time:
        time = f"from {first.time:%Y-%m-%dT%H:%M:%SZ} to {last.time:%Y-%m-%dT%H:%M:%SZ}"
    yield f"{numbers} {time}: {call_line(first, len(entry.calls))}"
    for line in _details(first):
        yield f"    {line}"


def _details(exchange: "Exchange") -> Iterator[str]:
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
    for event in exchange.events[:EVENTS_SHOWN]:
        about = next((value for name, value in event.items() if name.endswith("_id")), "")
        yield f"event: {event['time']} {event['type']} {about}"
    if len(exchange.events) > EVENTS_SHOWN:
        yield f"... {len(exchange.events) - EVENTS_SHOWN} more events"
