"""The slots of a location, all and free ones."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import islice

from aniva_sandbox.api.appointments.records import Status
from aniva_sandbox.api.locations.records import Location, zone_named, zone_of
from aniva_sandbox.api.locations.rules import AVAILABILITY_SLOTS_OVERLAP
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.trace import Trace

__all__ = ["BOOKED", "free_slots", "is_booked", "is_open", "is_slot", "nearest_slots", "slots_on"]

BOOKED: tuple[Status, ...] = ("pending", "confirmed", "blood_drawn")
"""The states in which an appointment occupies its slot."""


def is_open(location: Location, instant: datetime) -> bool:
    """Whether an instant is within the open hours of a location, and not on a blocked date."""
    local = instant.astimezone(zone_of(location))
    return local.date() not in location.blocked_dates and _is_within(location, local)


def _is_within(location: Location, local: datetime) -> bool:
    """Whether a wall clock is within the open hours of its weekday."""
    if location.open_hours is None:
        return False
    minute = local.hour * 60 + local.minute
    spans = [_span(each.open, each.close) for each in location.open_hours.on(local)]
    return any(opening <= minute < closing for opening, closing in spans)


@lru_cache(maxsize=1024)
def _span(opens: str, closes: str) -> tuple[int, int]:
    """Two wall clocks, in minutes."""
    return int(opens[:2]) * 60 + int(opens[3:]), int(closes[:2]) * 60 + int(closes[3:])


def is_booked(world: World, location: Location, start: datetime, except_id: str | None = None) -> bool:
    """Whether a slot overlaps a booking, ignoring one appointment. Slots that touch do not overlap."""
    return world.appointments.is_any_near(location.id, start, location.slot_minutes, BOOKED, except_id)


def _booked_starts(world: World, location: Location, first: datetime, last: datetime) -> list[datetime]:
    """The starts of the bookings at a location that can take a slot between two instants, in order. They are at most a
    day away, because no slot is longer than that."""
    return sorted(
        booking.scheduled_at
        for booking in world.appointments.around(location.id, first, last)
        if booking.status in BOOKED and booking.scheduled_at is not None
    )


def _is_taken(location: Location, start: datetime, booked: list[datetime], trace: Trace | None) -> bool:
    """Like :func:`is_booked`, where ``booked`` are the starts of the bookings near it, in order."""
    length = timedelta(minutes=location.slot_minutes)
    following = bisect_left(booked, start)
    near = booked[max(following - 1, 0) : following + 1]
    if not any(abs(taken - start) < length for taken in near):
        return False
    if trace is not None and start not in near:
        trace.lean_on(AVAILABILITY_SLOTS_OVERLAP)
    return True


def free_slots(
    world: World, location: Location, first: date, last: date, zone: tzinfo, trace: Trace | None = None
) -> Iterator[datetime]:
    """The free slots with a date in ``zone`` between ``first`` and ``last``, in that zone, in order."""
    if location.open_hours is None:
        return
    local = zone_of(location)
    now = world.now
    begin = datetime.combine(first, time(), zone).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    booked = _booked_starts(world, location, begin, end)
    day = begin.astimezone(local).date()
    while day <= end.astimezone(local).date():
        for slot in slots_on(location, day):
            if slot > now and begin <= slot < end and not _is_taken(location, slot, booked, trace):
                yield slot.astimezone(zone)
        day += timedelta(days=1)


# The timetable, whether a slot is free or not

_REACH = 14
"""The number of days before and after an instant in which slots are searched for."""
_FIRST_DAY, _LAST_DAY = 2, date.max.toordinal() - 1
"""Days from the ends of the calendar, so that no time zone leads beyond them."""


def slots_on(location: Location, day: date, *, after: datetime | None = None) -> Iterator[datetime]:
    """The starts of all slots on a day at a location, or of those after an instant: in UTC, in order."""
    length, step = timedelta(minutes=location.slot_minutes), timedelta(minutes=location.interval_minutes)
    for opening, closing in _open_spans(location, day):
        slot = opening
        if after is not None and after >= opening:
            slot += ((after - opening) // step + 1) * step
        while slot + length <= closing:
            yield slot
            slot += step


def is_slot(location: Location, instant: datetime) -> bool:
    """Whether a slot starts at an instant."""
    hours = location.open_hours
    if hours is None:
        return False
    day, minute = _on_the_wall(location.timezone, instant)
    if minute is None or day in location.blocked_dates:
        return False
    if minute < 0:
        return instant in slots_on(location, day)
    for each in hours.on(day):
        opening, closing = _span(each.open, each.close)
        if opening <= minute <= closing - location.slot_minutes:
            return (minute - opening) % location.interval_minutes == 0
    return False


@lru_cache(maxsize=1024)  # it depends on nothing else, and most bookings are at a few times
def _on_the_wall(timezone: str | None, instant: datetime) -> tuple[date, int | None]:
    """The day of an instant in a zone, and the minute of that day: None between two minutes, negative on a day that
    changes the offset."""
    local = instant.astimezone(zone_named(timezone))
    day = local.date()
    if local.second:
        return day, None
    return day, -1 if _changes_offset(timezone, day) else local.hour * 60 + local.minute


@lru_cache(maxsize=1024)  # most bookings are on a few days
def _changes_offset(timezone: str | None, day: date) -> bool:
    begin, end = (datetime.combine(day, at, zone_named(timezone)).utcoffset() for at in (time.min, time.max))
    return begin != end


def _open_spans(location: Location, day: date) -> list[tuple[datetime, datetime]]:
    """From when to when a location is open on a day: in UTC, so that an offset change within the open hours neither
    repeats nor adds a slot."""
    if location.open_hours is None or day in location.blocked_dates:
        return []
    zone = zone_of(location)
    return [
        (
            datetime.combine(day, time.fromisoformat(each.open), zone).astimezone(UTC),
            datetime.combine(day, time.fromisoformat(each.close), zone).astimezone(UTC),
        )
        for each in location.open_hours.on(day)
    ]


def nearest_slots(location: Location, instant: datetime, *, after: datetime) -> list[datetime]:
    """The two slots around an instant, of those ``after`` another one: the last before it and the first after it, or
    the first two after it. Fewer if there are none within two weeks."""
    day = instant.astimezone(zone_of(location)).date().toordinal()
    days_before = range(day, max(day - _REACH, _FIRST_DAY) - 1, -1)
    days_after = range(day, min(day + _REACH, _LAST_DAY) + 1)
    earlier = (slot for ordinal in days_before for slot in _last_before(location, date.fromordinal(ordinal), instant))
    later = (slot for ordinal in days_after for slot in slots_on(location, date.fromordinal(ordinal), after=instant))
    return [*(slot for slot in islice(earlier, 1) if slot > after), *islice(later, 2)][:2]


def _last_before(location: Location, day: date, instant: datetime) -> Iterator[datetime]:
    """The last slot before an instant in each span of a day, latest first."""
    length, step = timedelta(minutes=location.slot_minutes), timedelta(minutes=location.interval_minutes)
    for opening, closing in reversed(_open_spans(location, day)):
        latest = min(closing - length, instant - timedelta(seconds=1))
        if latest >= opening:
            yield opening + (latest - opening) // step * step
