"""Locations and their free slots. Source: the partner documentation's pages List Locations and Get Availability."""

from datetime import date, datetime, timedelta, tzinfo

from msgspec import UNSET

from aniva_sandbox.api.access import find_location, visible_locations
from aniva_sandbox.api.locations.records import Location, zone_of
from aniva_sandbox.api.locations.rules import (
    AHEAD,
    AVAILABILITY_BOUNDS,
    AVAILABILITY_BOUNDS_CAPPED,
    AVAILABILITY_CACHE,
    AVAILABILITY_SLOTS,
    AVAILABILITY_SLOTS_EMPTY_DAYS,
    AVAILABILITY_SLOTS_NO_HOURS,
    AVAILABILITY_TIMEZONE,
    AVAILABILITY_TIMEZONE_INSTANTS,
    AVAILABILITY_WINDOW,
    AVAILABILITY_WINDOW_ORDER,
    LOCATION_ACTIVE,
    SPAN,
)
from aniva_sandbox.api.locations.slots import free_slots
from aniva_sandbox.api.locations.wire import (
    AvailabilityQuery,
    AvailabilityView,
    DaySlots,
    LocationId,
    LocationView,
    location_view,
)
from aniva_sandbox.api.rules import AUTH_CONTEXT, PATH_UNKNOWN, TIME_LOCAL_NO_ZONE
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.formats import parse_date
from aniva_sandbox.engine.contract.operations import Call, Header, Link, NoBody, NoQuery, operation
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.world.zones import find_zone

__all__ = ["OPERATIONS"]

TAG = "Locations"

MOST_DAYS = 90
"""The number of days ahead of today for which slots are shown."""
DEFAULT_DAYS = 30
"""The length of a window if only one of its ends is given."""


@operation(
    "GET",
    "/locations",
    tag=TAG,
    permissions=(
        "locations_view",
        "test_sessions_schedule",
    ),  # the second grants the first, according to the permissions table
    follows=(LOCATION_ACTIVE,),
    links=(
        Link("get_availability", {"id": "$response.body#/0/id"}),
        Link(
            "create_appointment",
            body={
                "profile_id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d",
                "location_id": "$response.body#/0/id",
                "scheduled_at": "2026-04-15T10:30:00+02:00",
            },
        ),
    ),
)
def list_locations(world: World, call: Call[NoQuery, NoBody]) -> list[LocationView]:
    """List test locations

    The active locations in the key's access context.
    """
    return [location_view(location) for location in visible_locations(world, call)]


@operation(
    "GET",
    "/locations/{id}/availability",
    tag=TAG,
    path_id=LocationId,
    permissions=("test_sessions_schedule",),
    refuses=(PATH_UNKNOWN, LOCATION_ACTIVE, AUTH_CONTEXT, AVAILABILITY_TIMEZONE, AVAILABILITY_BOUNDS),
    follows=(AVAILABILITY_WINDOW, AVAILABILITY_SLOTS, AVAILABILITY_CACHE),
    headers={
        "Cache-Control": Header("private, max-age=30, stale-while-revalidate=60", "How long the slots may be cached.")
    },
)
def get_availability(world: World, call: Call[AvailabilityQuery, NoBody]) -> AvailabilityView:
    """Get the free slots of a location

    Today and the 30 days after it by default, or the requested days, at most 90 days ahead.
    """
    location = find_location(world, call, call.id)
    zone = _zone(call.query, location, call.trace)
    first, last = _window(call.query, world.now.astimezone(zone).date(), call.trace)

    days: dict[date, list[datetime]] = {}
    for slot in free_slots(world, location, first, last, zone, call.trace):
        days.setdefault(slot.date(), []).append(slot)
    if location.timezone is None:
        call.trace.lean_on(TIME_LOCAL_NO_ZONE)
    if location.open_hours is None:
        call.trace.lean_on(AVAILABILITY_SLOTS_NO_HOURS)
    if len(days) <= (last - first).days:
        call.trace.lean_on(AVAILABILITY_SLOTS_EMPTY_DAYS)
    return AvailabilityView(
        location_id=location.id,
        timezone=str(zone),
        slot_duration_minutes=location.slot_minutes,
        slot_interval_minutes=location.interval_minutes,
        availability=[DaySlots(day, slots) for day, slots in sorted(days.items())],
    )


def _zone(query: AvailabilityQuery, location: Location, trace: Trace) -> tzinfo:
    if query.timezone is UNSET:
        return zone_of(location)
    zone = find_zone(query.timezone)
    is_in_force = trace.weigh(AVAILABILITY_TIMEZONE)
    if zone is None:
        if is_in_force:
            AVAILABILITY_TIMEZONE.refuse("timezone must be the name of an IANA time zone, such as Europe/Berlin")
        return zone_of(location)
    if zone != zone_of(location):
        trace.lean_on(AVAILABILITY_TIMEZONE_INSTANTS)
    return zone


def _window(query: AvailabilityQuery, today: date, trace: Trace) -> tuple[date, date]:
    """The first and last day to show: fill in the defaults, check the bounds, then replace past dates by today."""
    furthest = today + timedelta(days=MOST_DAYS)
    span = timedelta(days=DEFAULT_DAYS)
    start = None if query.start_date is UNSET else parse_date(query.start_date)
    end = None if query.end_date is UNSET else parse_date(query.end_date)
    if start is None:
        first = today if end is None else end - min(span, end - date.min)
    else:
        first = start
    if start is not None and end is not None:
        is_in_force = trace.weigh(AVAILABILITY_BOUNDS, (end - start).days, SPAN.name)
        if is_in_force and end < start:
            AVAILABILITY_BOUNDS.refuse("end_date must be on or after start_date")
    is_in_force = True
    if start is not None or end is not None:
        ahead = ((end or first) - furthest).days
        is_in_force = trace.weigh(AVAILABILITY_BOUNDS, ahead, AHEAD.name) or ahead > MOST_DAYS  # no endless response
    if is_in_force and end is not None and end > furthest:
        AVAILABILITY_BOUNDS.refuse(f"end_date must be within {MOST_DAYS} days of today")
    if is_in_force and first > furthest:
        AVAILABILITY_BOUNDS.refuse(f"start_date must be within {MOST_DAYS} days of today")
    if end is not None:
        last = end
    else:
        last = min(first + span, furthest)
        if first + span > furthest:
            trace.lean_on(AVAILABILITY_BOUNDS_CAPPED)
        if first < today:
            trace.lean_on(AVAILABILITY_WINDOW_ORDER)
    return max(first, today), max(last, today)


OPERATIONS = (list_locations, get_availability)
