"""The free slots of a location."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from aniva_sandbox.api.appointments.records import Status
from aniva_sandbox.api.locations.records import Location, zone_of
from aniva_sandbox.api.locations.rules import AVAILABILITY_SLOTS_OVERLAP
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.trace import Trace

__all__ = ["BOOKED", "free_slots", "is_booked", "is_open"]

BOOKED: tuple[Status, ...] = ("pending", "confirmed", "blood_drawn")
"""The states in which an appointment occupies its slot."""


def is_open(location: Location, instant: datetime) -> bool:
    """Whether an instant is within the open hours of a location, and not on a blocked date."""
    local = instant.astimezone(zone_of(location))
    if location.open_hours is None or local.date() in location.blocked_dates:
        return False
    return any(hours.open <= f"{local:%H:%M}" < hours.close for hours in location.open_hours.on(local.date()))


def is_booked(world: World, location: Location, start: datetime, *, except_id: str | None = None) -> bool:
    """Whether a slot overlaps a booking, ignoring one appointment. Slots that touch do not overlap."""
    for booking in world.appointments.near(location.id, start, timedelta(minutes=location.slot_minutes)):
        if booking.status in BOOKED and booking.id != except_id:
            return True
    return False


def _booked_starts(world: World, location: Location) -> list[datetime]:
    """The starts of the bookings at a location, in order."""
    return sorted(
        booking.scheduled_at
        for booking in world.appointments.at_location(location.id)
        if booking.status in BOOKED and booking.scheduled_at is not None
    )


def _is_taken(location: Location, start: datetime, booked: list[datetime], trace: Trace | None) -> bool:
    """Like :func:`is_booked`, where ``booked`` are the starts of all bookings, in order."""
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
    length = timedelta(minutes=location.slot_minutes)
    step = timedelta(minutes=location.interval_minutes)
    now = world.now
    begin = datetime.combine(first, time(), zone).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    booked = _booked_starts(world, location)
    day = begin.astimezone(local).date()
    while day <= end.astimezone(local).date():
        for hours in location.open_hours.on(day) if day not in location.blocked_dates else ():
            # In UTC, so that an offset change within the open hours neither repeats nor adds a slot.
            slot = datetime.combine(day, time.fromisoformat(hours.open), local).astimezone(UTC)
            closing = datetime.combine(day, time.fromisoformat(hours.close), local).astimezone(UTC)
            while slot + length <= closing:
                if slot > now and begin <= slot < end and not _is_taken(location, slot, booked, trace):
                    yield slot.astimezone(zone)
                slot += step
        day += timedelta(days=1)
