"""The world's time. Nothing else in the sandbox reads the machine's clock."""

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import perf_counter_ns, time
from typing import Literal, TypeVar

from aniva_sandbox.engine.contract.formats import parse_instant

__all__ = ["EARLIEST", "LATEST", "Clock", "Mode", "at_instant", "parse_clock", "stopwatch"]

T = TypeVar("T")

Mode = Literal["real", "frozen"]

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""The range of all clocks, so that dates relative to now always exist."""

stopwatch = perf_counter_ns
"""The machine's nanoseconds since some instant; the difference of two readings is a duration."""


def parse_clock(text: str) -> tuple[Mode, datetime | None]:
    """Read ``real``, ``frozen``, or an RFC 3339 instant at which a clock is frozen. Raises ValueError."""
    if text == "real":
        return "real", None
    if text == "frozen":
        return "frozen", None
    try:
        start = parse_instant(text)
    except ValueError:
        start = None
    if start is None or not EARLIEST <= start <= LATEST:
        raise ValueError("clock must be real, frozen, or an RFC 3339 instant of the years 1900 to 9000")
    return "frozen", start


class Clock:
    """A clock that runs with the machine's, or is frozen until it is moved. It never goes backwards.

    ``now`` is an aware datetime in UTC, in whole seconds. It changes only through the methods, so that a request sees
    one instant from start to end.
    """

    def __init__(self, mode: Mode, start: datetime | None = None) -> None:
        """Start at ``start``, or at the machine's time. Raises ValueError for a start out of range."""
        if start is not None and not EARLIEST <= start <= LATEST:
            raise ValueError("a clock starts between the years 1900 and 9000")
        machine = _machine_time()
        self.mode: Mode = mode
        self.now = start.astimezone(UTC).replace(microsecond=0) if start else machine
        self._lead = self.now - machine
        self._caught_up: tuple[int, datetime] | None = None
        """The machine's second at the last tick, and what the clock then showed; None if it was changed since."""

    @property
    def lead(self) -> timedelta | None:
        """How far a running clock is ahead of the machine's; None if it is frozen."""
        return self._lead if self.mode == "real" else None

    @classmethod
    def resumed(cls, now: datetime, lead: timedelta | None) -> "Clock":
        """A clock as another one was, from its ``now`` and :attr:`lead`."""
        clock = cls("frozen" if lead is None else "real", now)
        if lead is not None:
            clock._lead = lead
        return clock

    def tick(self) -> datetime:
        """Let a running clock catch up with the machine's; returns now.

        A clock that caught up shows the same until the machine's next second, unless it is changed; so as long as
        neither has happened, nothing is read again.
        """
        if self.mode == "real":
            second, known = _machine_second(), self._caught_up
            if known is None or known[0] != second or known[1] is not self.now:
                self.now = self._at(second)
                self._caught_up = second, self.now
        return self.now

    def read(self) -> datetime:
        """The time that it shows at this moment; ``now`` stays as it is."""
        return self._at(_machine_second()) if self.mode == "real" else self.now

    def _at(self, second: int) -> datetime:
        return min(max(self.now, datetime.fromtimestamp(second, UTC) + self._lead), LATEST)

    def move(self, to: datetime) -> None:
        """Move forward to an instant; a running clock goes on from there. Raises ValueError for an instant in the
        past."""
        to = to.astimezone(UTC).replace(microsecond=0)
        if to < self.now:
            raise ValueError("a clock never goes backwards")
        if to > LATEST:
            raise ValueError("a clock cannot go past the year 9000")
        self.now = to
        self._lead = to - _machine_time()
        self._caught_up = None

    def set_mode(self, mode: Mode) -> None:
        """Freeze the clock, or let it run."""
        self.mode = mode
        self._lead = self.now - _machine_time()
        self._caught_up = None


def at_instant(second: int, act: Callable[[], T]) -> T:
    """Do something while the machine's clock shows an instant of Unix time, to all worlds of this process. What it
    does runs whole on the event loop, so nobody else meets that instant."""
    global _shown
    before, _shown = _shown, second
    try:
        return act()
    finally:
        _shown = before


_shown: int | None = None
"""The second that is used instead of the machine's meanwhile."""


def _machine_time() -> datetime:
    return datetime.fromtimestamp(_machine_second(), UTC)


def _machine_second() -> int:
    """The machine's time, even if a test has changed Python's: the seconds since 1970."""
    if _shown is not None:
        return _shown
    time_machine = sys.modules.get("time_machine")  # it patches the function itself, and offers this way out
    if time_machine is not None and time_machine.escape_hatch.is_travelling():
        with suppress(ValueError):  # it has just stopped
            return int(time_machine.escape_hatch.time.time())
    return int(time())
