"""The instants at which programs that deal with dates in Germany are often wrong.

At a boundary, a world begins half a minute before it. Then everything crosses it: a wait of a minute, "today at ten",
tomorrow, and a date in a week. A day earlier, the wait would not; once it is over, the dates would not.
On a special day, a world begins at a plain time. Midnight is that of a Tuesday, and the weekly instants leave out the
weeks in which a rare one is near, so that each is special for as few reasons as possible; those that remain are what it
shares with others.
"""

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from itertools import count, pairwise
from typing import Final, Literal, NamedTuple

from aniva_sandbox.api.shipments.operations import CUTOFF, CUTOFF_ZONE
from aniva_sandbox.engine.world.clock import EARLIEST, LATEST
from aniva_sandbox.engine.world.domain import Occurrence, SpecialInstant

__all__ = ["special_instants"]

_BERLIN: Final = CUTOFF_ZONE
_NEAR: Final = timedelta(days=2)
"""The distance up to which a rare instant makes others special."""
_MARGIN: Final = timedelta(seconds=30)
_PLAIN: Final = time(10)
_BEFORE_MIDNIGHT: Final = time(23, 59, 30)
_BEFORE_CUTOFF: Final = (datetime.combine(date.min, CUTOFF) - _MARGIN).time()
_AFTER_CUTOFF: Final = (datetime.combine(date.min, CUTOFF) + _MARGIN).time()
_YEARS: Final = 9
"""The years to search: around 1900 and 2100, there are 8 between two leap days."""

_YEARLY: Final = {
    "dst-start": "half a minute before daylight saving time starts in Berlin",
    "dst-end": "half a minute before daylight saving time ends in Berlin",
    "leap-day-eve": "on the day before 29 February",
    "leap-day": "on 29 February",
    "year-end": "in the last minute of a year in Berlin",
}
"""The instants that come once a year or less, with their titles."""


class _Weekly(NamedTuple):
    title: str
    weekday: int
    wall_clock: time
    zone: tzinfo


_WEEKLY: Final = {
    "berlin-midnight": _Weekly("in the last minute of a day in Berlin", calendar.TUESDAY, _BEFORE_MIDNIGHT, _BERLIN),
    "utc-midnight": _Weekly("in the last minute of a day in UTC", calendar.TUESDAY, _BEFORE_MIDNIGHT, UTC),
    "pickup-cutoff-before": _Weekly(
        "on a Friday, half a minute before the courier's cut-off", calendar.FRIDAY, _BEFORE_CUTOFF, _BERLIN
    ),
    "pickup-cutoff-after": _Weekly(
        "on a Friday, half a minute after the courier's cut-off", calendar.FRIDAY, _AFTER_CUTOFF, _BERLIN
    ),
    "saturday": _Weekly("on a Saturday", calendar.SATURDAY, _PLAIN, _BERLIN),
}


def special_instants(start: datetime) -> tuple[SpecialInstant, ...]:
    """The special instants before and after a start."""
    titles = _YEARLY | {name: weekly.title for name, weekly in _WEEKLY.items()}
    return tuple(
        SpecialInstant(
            name=name,
            title=title,
            before=_occurrence(name, start, -1),
            after=_occurrence(name, start, 1),
            zone=_WEEKLY[name].zone if name in _WEEKLY else _BERLIN,
        )
        for name, title in titles.items()
    )


def _is_plain(instant: datetime) -> bool:
    """Whether no rare instant is near."""
    years = {(instant - _NEAR).year, (instant + _NEAR).year}
    return all(abs(instant - rare) > _NEAR for year in years for rare, _ in _rare(year))


def _occurrence(name: str, start: datetime, step: Literal[-1, 1]) -> Occurrence | None:
    """The last time before a start, or the first after it."""
    times = _weekly(_WEEKLY[name], start, step) if name in _WEEKLY else _yearly(name, start, step)
    at = next((each for each in times if each != start and (each > start) == (step > 0)), None)
    if at is None or not EARLIEST <= (control := _control(at)) < at <= LATEST:
        return None
    return Occurrence(at=at, control=control, shares=_shared(name, at))


def _weekly(weekly: _Weekly, start: datetime, step: int) -> Iterator[datetime]:
    for weeks in count(0, step):
        at = _instant(_monday(start) + timedelta(weeks=weeks, days=weekly.weekday), weekly.wall_clock, weekly.zone)
        if _is_plain(at):
            yield at


def _yearly(name: str, start: datetime, step: int) -> Iterator[datetime]:
    for year in range(start.year, start.year + step * _YEARS, step):
        yield from (at for at, each in _rare(year)[::step] if each == name)


def _control(at: datetime) -> datetime:
    """The last plain Tuesday at 10:00 in Berlin before an instant. In this century, it is in the same or in the
    preceding week."""
    tuesdays = (_instant(_monday(at) + timedelta(weeks=-weeks, days=calendar.TUESDAY), _PLAIN) for weeks in count())
    return next(each for each in tuesdays if each < at and _is_plain(each))


def _shared(name: str, at: datetime) -> tuple[str, ...]:
    """The other instants that are special in a way that this one also is."""
    local = at.astimezone(_BERLIN)
    is_weekend = local.weekday() >= calendar.SATURDAY
    special = {
        "saturday": is_weekend,
        "pickup-cutoff-before": local.weekday() == calendar.FRIDAY,  # tomorrow is a Saturday
        "pickup-cutoff-after": not is_weekend and local.time() > CUTOFF,
        "berlin-midnight": local.time() == _BEFORE_MIDNIGHT,
    }
    return tuple(each for each, holds in special.items() if holds and each != name)


# The calendar


@cache
def _rare(year: int) -> tuple[tuple[datetime, str], ...]:
    """The rare instants of a year, soonest first, with their names."""
    found = [(_instant(date(year, 12, 31), _BEFORE_MIDNIGHT), "year-end")]
    if calendar.isleap(year):
        found += [
            (_instant(date(year, 2, 28), _PLAIN), "leap-day-eve"),
            (_instant(date(year, 2, 29), _PLAIN), "leap-day"),
        ]
    first = datetime(year, 1, 1, tzinfo=UTC)
    for day, following in pairwise(first + timedelta(days=days) for days in range(367)):
        before, after = _offset(day), _offset(following)
        if before != after:
            hours = (day + timedelta(hours=hour) for hour in range(1, 25))
            change = next(hour for hour in hours if _offset(hour) == after)
            found.append((change - _MARGIN, "dst-start" if after > before else "dst-end"))
    return tuple(sorted(found))


def _offset(instant: datetime) -> timedelta:
    return instant.astimezone(_BERLIN).utcoffset() or timedelta()


def _monday(instant: datetime) -> date:
    """The first day of the week in Berlin."""
    day = instant.astimezone(_BERLIN).date()
    return day - timedelta(days=day.weekday())


def _instant(day: date, wall_clock: time, zone: tzinfo = _BERLIN) -> datetime:
    return datetime.combine(day, wall_clock, zone).astimezone(UTC)
