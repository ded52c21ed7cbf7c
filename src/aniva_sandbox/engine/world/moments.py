"""Instants and dates in fixtures: absolute, or relative to the start of the world."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec

from aniva_sandbox.engine.world.clock import EARLIEST, LATEST

__all__ = ["Moment", "parse_day", "parse_moment"]

_DAY = re.compile(r"([+-]\d{1,4})d(?: ([01]\d|2[0-3]):([0-5]\d))?")
_SPAN = re.compile(r"([+-]\d{1,6})([hm])")


class Moment(msgspec.Struct, frozen=True):
    """An instant that may depend on the world's start."""

    absolute: datetime | None = None
    days: int = 0
    clock_time: time | None = None
    span: timedelta = timedelta()

    def at(self, start: datetime, zone: tzinfo) -> datetime:
        """The instant in UTC: absolute, or a number of days after the start's date at a local time in ``zone``, or a
        duration after the start."""
        if self.absolute is not None:
            return self.absolute
        if self.clock_time is not None:
            day = start.astimezone(zone).date() + timedelta(days=self.days)
            return datetime.combine(day, self.clock_time, zone).astimezone(UTC)
        return start + self.span


def parse_moment(text: str) -> Moment:
    """Read ``+3d 10:30``, ``-90m``, ``+4h``, or an ISO 8601 instant with an offset. Raises ValueError."""
    if (found := _DAY.fullmatch(text)) and found[2]:
        return Moment(days=int(found[1]), clock_time=time(int(found[2]), int(found[3])))
    if found := _SPAN.fullmatch(text):
        amount = int(found[1])
        return Moment(span=timedelta(hours=amount) if found[2] == "h" else timedelta(minutes=amount))
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an absolute instant needs Z or an offset")
    try:
        instant = instant.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise ValueError("beyond the calendar") from None
    if not EARLIEST <= instant <= LATEST:
        raise ValueError("outside the years 1900 to 9000")
    return Moment(absolute=instant)


def parse_day(text: str) -> date | timedelta:
    """Read ``YYYY-MM-DD``, or ``+9d`` as the days after the start's date. Raises ValueError."""
    if (found := _DAY.fullmatch(text)) and not found[2]:
        return timedelta(days=int(found[1]))
    return date.fromisoformat(text)
