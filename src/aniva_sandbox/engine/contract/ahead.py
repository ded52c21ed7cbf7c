"""Dates in examples that lie ahead of now, whenever that is."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

__all__ = ["Ahead", "Place", "filled", "places_of"]

_WEEK_DAYS = 5

Place = tuple[str | int, ...]
"""Where a value is in plain data: names and indexes."""


class Ahead(msgspec.Struct, frozen=True):
    """A date in an example: that of the ``weekdays``-th weekday after today. With a ``wall`` clock time, the instant
    then. Today and the time are those of a time zone."""

    weekdays: int
    zone: str
    wall: time | None = None

    def at(self, now: datetime) -> str:
        """The date or instant as it is written, if it is ``now``."""
        zone = ZoneInfo(self.zone)
        day = now.astimezone(zone).date()
        left = self.weekdays
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < _WEEK_DAYS
        return day.isoformat() if self.wall is None else datetime.combine(day, self.wall, zone).isoformat()


def filled(value: Any, now: datetime) -> Any:
    """Plain data in which the dates ahead are written as they are ``now``."""
    if isinstance(value, Ahead):
        return value.at(now)
    if isinstance(value, dict):
        return {name: filled(part, now) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, now) for part in value]
    return value


def places_of(value: Any, place: Place = ()) -> Iterator[tuple[Place, Ahead]]:
    """All dates ahead in plain data, and where they are."""
    if isinstance(value, Ahead):
        yield place, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from places_of(part, (*place, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from places_of(part, (*place, index))
