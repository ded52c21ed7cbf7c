"""The records of locations and their groups."""

import re
from collections.abc import Iterator
from datetime import UTC, date, tzinfo
from functools import cache
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from aniva_sandbox.api.values import CountryCode, Notes, Telephone
from aniva_sandbox.engine.contract.values import Email, Label, Slug, Url, UuidText, refers_to, valid
from aniva_sandbox.engine.problems import Path_
from aniva_sandbox.engine.world.entries import LOCAL, relative
from aniva_sandbox.engine.world.sections import Neighbours, Section, Written, by_key
from aniva_sandbox.engine.world.zones import find_zone

__all__ = [
    "CLOCK_TIME",
    "LOCATIONS",
    "LOCATION_GROUPS",
    "Courier",
    "Hours",
    "Location",
    "LocationGroup",
    "SlotMinutes",
    "WeekHours",
    "zone_if_known",
    "zone_of",
]


Courier = Literal["go", "dhl", "tof"]
CLOCK_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9]"
"""A wall clock's HH:MM, as a pattern."""
TimeZone = Annotated[str, valid(lambda name: find_zone(name) is not None, "there is no time zone {}")]
SlotMinutes = Annotated[int, Meta(ge=1, le=1440)]
"""From a minute to a day."""


class LocationGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A network of test locations."""

    slug: Slug
    name: Label


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One span of opening hours, wall clock ``HH:MM`` at the location."""

    open: str
    close: str


class WeekHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The opening hours of a week; a day without spans is closed."""

    monday: tuple[Hours, ...] = ()
    tuesday: tuple[Hours, ...] = ()
    wednesday: tuple[Hours, ...] = ()
    thursday: tuple[Hours, ...] = ()
    friday: tuple[Hours, ...] = ()
    saturday: tuple[Hours, ...] = ()
    sunday: tuple[Hours, ...] = ()

    def on(self, day: date) -> tuple[Hours, ...]:
        """The spans of the weekday that ``day`` is."""
        spans: tuple[Hours, ...] = getattr(self, self.__struct_fields__[day.weekday()])
        return spans


def _hours_problems(hours: WeekHours | None) -> Iterator[tuple[Path_, str]]:
    """The days whose hours cannot be, each with why."""
    for day in WeekHours.__struct_fields__ if hours else ():
        closed_at = ""
        for span in getattr(hours, day):
            for text in (span.open, span.close):
                if re.fullmatch(CLOCK_TIME, text) is None:
                    yield ("open_hours", day), f"{text!r} is not a time HH:MM"
            if not closed_at <= span.open < span.close:
                yield ("open_hours", day), "spans must open before they close, one after the other"
            closed_at = span.close


class Location(msgspec.Struct, forbid_unknown_fields=True):
    """A test location: what partners see of it, and how bookings there work."""

    id: UuidText
    name: Label
    company_name: Label | None
    street: Label | None
    house_number: Label | None
    address_line_2: Label | None
    city: Label | None
    state: Label | None
    postal_code: Label | None
    country_name: Label | None
    country_code: CountryCode | None
    timezone: TimeZone | None
    contact_phone: Telephone | None
    email: Email | None
    website: Url | None
    google_maps_url: Url | None
    image_url: Url | None
    open_hours: WeekHours | None
    active: bool
    group: Annotated[str, refers_to("location group")]
    initial_status: Literal["confirmed", "pending"]
    laboratory: Annotated[str, refers_to("laboratory")]
    courier: Courier
    slot_minutes: SlotMinutes
    interval_minutes: SlotMinutes
    blocked_dates: Annotated[set[date], LOCAL, relative("+9d")]
    pickup_remarks: Notes | None


def zone_of(location: Location) -> tzinfo:
    """The time zone of a location; one without reads as UTC."""
    return _zone(location.timezone) if location.timezone else UTC


def zone_if_known(location: Location | None) -> tzinfo:
    """As :func:`zone_of`, for a location that may be missing, or whose zone may not exist."""
    return zone_of(location) if location is not None and find_zone(location.timezone or "UTC") else UTC


_zone = cache(ZoneInfo)


def _check(location: Location, _world: Neighbours) -> Iterator[tuple[Path_, str]]:
    if (location.street is None) != (location.house_number is None):
        yield (), "street and house_number go together"
    yield from _hours_problems(location.open_hours)


LOCATION_GROUPS = Section(
    name="location_groups",
    record=LocationGroup,
    noun="location group",
    key="slug",
    unique=("slug",),
    reference="slug",
    table=by_key("slug"),
    fixed=True,
    written=Written(),
)
LOCATIONS = Section(
    hinted=True,
    name="locations",
    record=Location,
    noun="location",
    check=_check,
    zone=lambda location, _find: zone_if_known(location),
    written=Written(defaults={"active": True, "initial_status": "confirmed", "blocked_dates": ()}),
)
