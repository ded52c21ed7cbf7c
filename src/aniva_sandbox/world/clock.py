"""The world's time. Nothing else in the sandbox reads the machine's clock."""

import time
from datetime import UTC, datetime
from typing import Literal

__all__ = ["EARLIEST", "LATEST", "Clock", "Mode"]

Mode = Literal["real", "frozen"]

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""No clock is outside these, so that dates counted from now always exist."""


class Clock:
    """A clock that runs with the machine's, or stands still until it is moved. It never goes backwards.

    Instants are aware datetimes in UTC, cut to whole seconds.
    """

    def __init__(self, mode: Mode, start: datetime | None = None) -> None:
        """Start at ``start``, or at the machine's time. Raises ValueError for a start that no clock can have."""
        if start is not None and not EARLIEST <= start <= LATEST:
            raise ValueError("a clock starts between the years 1900 and 9000")
        self.mode: Mode = mode
        self._floor = start or _machine_time()
        self._lead = self._floor - _machine_time()
        self._pinned: datetime | None = None

    def now(self) -> datetime:
        """The current instant: UTC, whole seconds."""
        if self._pinned is not None:
            return self._pinned
        if self.mode == "real":
            self._floor = min(max(self._floor, _machine_time() + self._lead), LATEST)
        return self._floor

    def move(self, to: datetime) -> None:
        """Go forward to an instant; a clock that runs goes on running from there."""
        to = to.astimezone(UTC).replace(microsecond=0)
        if to < self.now():
            raise ValueError("a clock never goes backwards")
        if to > LATEST:
            raise ValueError("a clock goes no further than the year 9000")
        self._floor = to
        self._lead = to - _machine_time()

    def set_mode(self, mode: Mode) -> None:
        """Freeze the clock where it is, or let it run on from there."""
        self._floor = self.now()
        self._lead = self._floor - _machine_time()
        self.mode = mode

    def pin(self, instant: datetime | None) -> None:
        """Show ``instant`` as now while an event that is due there happens; None takes the pin out again."""
        self._pinned = instant


def _machine_time() -> datetime:
    return datetime.fromtimestamp(int(time.time()), UTC)
