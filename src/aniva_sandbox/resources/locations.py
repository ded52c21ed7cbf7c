"""Locations and their free slots. Source: the partner documentation's pages of the two operations."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.contract.common import AUTH_CONTEXT, PATH_UNKNOWN
from aniva_sandbox.contract.formats import parse_date
from aniva_sandbox.contract.operations import Call, Header, Link, NoBody, NoQuery, operation
from aniva_sandbox.contract.rules import Rule
from aniva_sandbox.contract.schemas import Timestamp, Uuid, field
from aniva_sandbox.resources.common import find, rely_on, require_context, visible_location
from aniva_sandbox.world.tables import Location, Status
from aniva_sandbox.world.world import World
from aniva_sandbox.world.zones import find_zone, zone_of

__all__ = ["OPERATIONS", "RULES", "AvailabilityQuery", "AvailabilityView", "LocationView", "location_rendered"]

TAG = "Locations"
_LIST_PAGE = "partner documentation"
_SLOTS_PAGE = "partner documentation, page of the operation"

MOST_DAYS = 90
"""How many days ahead of today slots are shown."""
DEFAULT_DAYS = 30
"""How long a window is that names only one of its ends."""
BOOKED: tuple[Status, ...] = ("pending", "confirmed", "blood_drawn")
"""The states in which an appointment takes its slot."""

# Rules

LOCATION_ACTIVE = Rule(
    id="location.active",
    sentence="An inactive location is not listed, and is refused wherever it is named, as if it did not exist.",
    basis="assumed",
    source=f"{_LIST_PAGE}: a location must be active; which status refuses is not said",
    statuses=(404,),
)
AVAILABILITY_WINDOW = Rule(
    id="availability.window",
    sentence="A window that is not given is today and the 30 days after it; a start alone reaches 30 days on, an end "
    "alone 30 days back. What is left of it after its bounds are judged begins today.",
    basis="documented",
    source=_SLOTS_PAGE,
    assumption="The order of these steps.",
)
AVAILABILITY_BOUNDS = Rule(
    id="availability.bounds",
    sentence="end_date is not before start_date, and neither is more than 90 days from today.",
    basis="documented",
    source=_SLOTS_PAGE,
    statuses=(400,),
    kind="domain",
    assumption="An end that is filled in by default is capped instead of refused.",
)
AVAILABILITY_TIMEZONE = Rule(
    id="availability.timezone",
    sentence="timezone is an IANA zone in which the dates are read and the slots shown; the instants stay the same.",
    basis="conflict",
    source=f"{_SLOTS_PAGE}: one sentence may also mean that the wall clock stays",
    statuses=(400,),
    kind="domain",
    assumption="That the instants do not change.",
)
AVAILABILITY_SLOTS = Rule(
    id="availability.slots",
    sentence="Slots start at every interval of the open hours, end by closing time and lie in the future; blocked "
    "dates and slots that overlap a booking are left out.",
    basis="documented",
    source=_SLOTS_PAGE,
    assumption="A booking takes one slot length; no hours means no slots; days without slots are left out.",
)
AVAILABILITY_CACHE = Rule(
    id="availability.cache",
    sentence="The answer may be cached privately for 30 seconds and used stale for 60 more.",
    basis="documented",
    source=_SLOTS_PAGE,
)

RULES = (
    LOCATION_ACTIVE,
    AVAILABILITY_WINDOW,
    AVAILABILITY_BOUNDS,
    AVAILABILITY_TIMEZONE,
    AVAILABILITY_SLOTS,
    AVAILABILITY_CACHE,
)

# Wire types

LocationId = Annotated[Uuid, field("The location's id.", examples=["b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"])]


class OpenSpan(msgspec.Struct, frozen=True):
    """A span of opening hours, wall clock at the location."""

    open: Annotated[str, field("HH:MM.", examples=["08:00"])]
    close: Annotated[str, field("HH:MM.", examples=["16:00"])]


class OpenHours(msgspec.Struct, frozen=True):
    """The opening hours of a week; a closed day has no spans."""

    monday: list[OpenSpan]
    tuesday: list[OpenSpan]
    wednesday: list[OpenSpan]
    thursday: list[OpenSpan]
    friday: list[OpenSpan]
    saturday: list[OpenSpan]
    sunday: list[OpenSpan]


class LocationView(msgspec.Struct, frozen=True):
    """A test location as partners see it. All keys are always present."""

    id: LocationId
    name: Annotated[str, field("What patients know it as.")]
    company_name: Annotated[str | None, field("The practice that runs it.")]
    address_line_1: Annotated[str | None, field("Street and house number.")]
    address_line_2: Annotated[str | None, field("Floor, building and the like.")]
    city: Annotated[str | None, field("Town.")]
    state: Annotated[str | None, field("State or region.")]
    postal_code: Annotated[str | None, field("Postal code.")]
    country_name: Annotated[str | None, field("Country, in words.")]
    country_code: Annotated[str | None, field("ISO 3166-1 alpha-2.")]
    timezone: Annotated[str | None, field("IANA name; null reads as UTC.", examples=["Europe/Berlin"])]
    contact_phone: Annotated[str | None, field("Telephone number.")]
    email: Annotated[str | None, field("E-mail address.")]
    website: Annotated[str | None, field("Web page.")]
    google_maps_url: Annotated[str | None, field("Where it is on a map.")]
    image_url: Annotated[str | None, field("A picture of it.")]
    open_hours: Annotated[OpenHours | None, field("When it is open; null where nobody knows.")]


class AvailabilityQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which window to show, and in which zone."""

    start_date: Annotated[str, field("First day, inclusive.", extra={"format": "date"})] | UnsetType = UNSET
    end_date: Annotated[str, field("Last day, inclusive.", extra={"format": "date"})] | UnsetType = UNSET
    timezone: (
        Annotated[str, field("IANA zone; the location's own by default.", examples=["Europe/Berlin"])] | UnsetType
    ) = UNSET


class DaySlots(msgspec.Struct, frozen=True):
    """The free slots of a day."""

    date: Annotated[date, field("The day in the zone of the answer.")]
    slots: Annotated[list[Timestamp], field("Starts, with the offset of the zone at that instant.")]


class AvailabilityView(msgspec.Struct, frozen=True):
    """The free slots of a location, by day; days without any are left out."""

    location_id: LocationId
    timezone: Annotated[str, field("The zone of dates and slots.")]
    slot_duration_minutes: Annotated[int, field("How long a slot is.")]
    slot_interval_minutes: Annotated[int, field("How far apart slots start.")]
    availability: Annotated[list[DaySlots], field("The days with free slots, in order.")]


def location_rendered(location: Location, instant: datetime) -> datetime:
    """An instant with the offset in force at the location then."""
    return instant.astimezone(zone_of(location))


def require_active(location: Location) -> None:
    """Refuse an inactive location as if it did not exist."""
    if not location.active:
        LOCATION_ACTIVE.refuse("There is no such location")


def is_booked(world: World, location: Location, start: datetime, *, but: str | None = None) -> bool:
    """Whether a slot overlaps a booking, ``but`` one appointment's. Slots that touch do not overlap."""
    for booking in world.appointments.near(location.id, start, timedelta(minutes=location.slot_minutes)):
        if booking.status in BOOKED and booking.id != but:
            return True
    return False


def _booked_starts(world: World, location: Location) -> list[datetime]:
    """When the bookings at a location start, in order."""
    return sorted(
        booking.scheduled_at
        for booking in world.appointments.at_location(location.id)
        if booking.status in BOOKED and booking.scheduled_at is not None
    )


def _is_taken(location: Location, start: datetime, booked: list[datetime]) -> bool:
    """As :func:`is_booked`, where ``booked`` are the starts of all bookings, in order."""
    length = timedelta(minutes=location.slot_minutes)
    following = bisect_left(booked, start)
    return any(abs(taken - start) < length for taken in booked[max(following - 1, 0) : following + 1])


# Operations


@operation(
    "GET",
    "/locations",
    tag=TAG,
    permissions=("locations_view", "test_sessions_schedule"),  # the second grants the first, says the permissions table
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

    The active locations of the key's context.
    """
    return [
        _location_view(location)
        for location in world.locations
        if location.active and visible_location(call.access, location)
    ]


@operation(
    "GET",
    "/locations/{id}/availability",
    tag=TAG,
    path_id=LocationId,
    permissions=("test_sessions_schedule",),
    refuses=(PATH_UNKNOWN, LOCATION_ACTIVE, AUTH_CONTEXT, AVAILABILITY_TIMEZONE, AVAILABILITY_BOUNDS),
    headers={
        "Cache-Control": Header("private, max-age=30, stale-while-revalidate=60", "How long the slots may be cached.")
    },
)
def get_availability(world: World, call: Call[AvailabilityQuery, NoBody]) -> AvailabilityView:
    """Get the free slots of a location

    Today and the 30 days after it, or the days asked for, at most 90 days ahead.
    """
    location = find(world.locations, call.id, PATH_UNKNOWN, "location")
    require_active(location)
    require_context(visible_location(call.access, location))
    zone = _zone(world, call.query, location)
    first, last = _window(call.query, world.now.astimezone(zone).date())

    days: dict[date, list[datetime]] = {}
    for slot in _free_slots(world, location, first, last, zone):
        days.setdefault(slot.date(), []).append(slot)
    return AvailabilityView(
        location.id,
        str(zone),
        location.slot_minutes,
        location.interval_minutes,
        [DaySlots(day, slots) for day, slots in sorted(days.items())],
    )


def _location_view(location: Location) -> LocationView:
    hours = location.open_hours
    return LocationView(
        location.id,
        location.name,
        location.company_name,
        f"{location.street} {location.house_number}" if location.street else None,
        location.address_line_2,
        location.city,
        location.state,
        location.postal_code,
        location.country_name,
        location.country_code,
        location.timezone,
        location.contact_phone,
        location.email,
        location.website,
        location.google_maps_url,
        location.image_url,
        msgspec.convert(hours, OpenHours, from_attributes=True) if hours else None,
    )


def _zone(world: World, query: AvailabilityQuery, location: Location) -> tzinfo:
    if query.timezone is UNSET:
        return zone_of(location)
    zone = find_zone(query.timezone)
    if zone is None:
        AVAILABILITY_TIMEZONE.refuse("timezone must be the name of an IANA time zone, such as Europe/Berlin")
    if zone != zone_of(location):
        rely_on(AVAILABILITY_TIMEZONE, world)
    return zone


def _window(query: AvailabilityQuery, today: date) -> tuple[date, date]:
    """The first and last day to show: defaults, then bounds, then the past clamped to today."""
    furthest = today + timedelta(days=MOST_DAYS)
    span = timedelta(days=DEFAULT_DAYS)
    start = None if query.start_date is UNSET else parse_date(query.start_date)
    end = None if query.end_date is UNSET else parse_date(query.end_date)
    if start is None:
        first = today if end is None else end - min(span, end - date.min)
    else:
        first = start
    if end is not None and end < first:
        AVAILABILITY_BOUNDS.refuse("end_date must be on or after start_date")
    if end is not None and end > furthest:
        AVAILABILITY_BOUNDS.refuse(f"end_date must be within {MOST_DAYS} days from today")
    if first > furthest:
        AVAILABILITY_BOUNDS.refuse(f"start_date must be within {MOST_DAYS} days from today")
    last = min(first + span, furthest) if end is None else end
    return max(first, today), max(last, today)


def _free_slots(world: World, location: Location, first: date, last: date, zone: tzinfo) -> Iterator[datetime]:
    """The free slots whose date in ``zone`` lies in the window, in that zone, in order."""
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
            # In UTC, so that a change of the offset within the open hours neither repeats nor invents a slot.
            slot = datetime.combine(day, time.fromisoformat(hours.open), local).astimezone(UTC)
            closing = datetime.combine(day, time.fromisoformat(hours.close), local).astimezone(UTC)
            while slot + length <= closing:
                if slot > now and begin <= slot < end and not _is_taken(location, slot, booked):
                    yield slot.astimezone(zone)
                slot += step
        day += timedelta(days=1)


OPERATIONS = (list_locations, get_availability)
