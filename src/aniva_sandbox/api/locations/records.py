"""The records of locations and their groups."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from operator import attrgetter
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from aniva_sandbox.api.values import CountryCode, Notes, Telephone
from aniva_sandbox.engine.contract.values import Email, Label, Slug, Url, UuidText, refers_to, shaped, valid
from aniva_sandbox.engine.problems import FieldPath
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
    "local_time",
    "zone_if_known",
    "zone_named",
    "zone_of",
]


Courier = Literal["go", "dhl", "tof"]
CLOCK_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9]"
"""A pattern for wall-clock times HH:MM."""
TimeZone = Annotated[str, valid(lambda name: find_zone(name) is not None, "there is no time zone {}")]
_CLOCK: Final = Meta(
    title="Time",
    description="Wall clock at the location.",
    extra_json_schema=shaped(CLOCK_TIME, "must be a time HH:MM, in quotes"),
)
SlotMinutes = Annotated[int, Meta(ge=1, le=1440)]
"""Between a minute and a day."""


class LocationGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A network of test locations."""

    slug: Slug
    name: Label


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One span of opening hours, wall clock ``HH:MM`` at the location."""

    open: Annotated[str, _CLOCK]
    close: Annotated[str, _CLOCK]


class WeekHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When blood is drawn, by the day of the week; a day without spans is closed."""

    monday: tuple[Hours, ...] = ()
    tuesday: tuple[Hours, ...] = ()
    wednesday: tuple[Hours, ...] = ()
    thursday: tuple[Hours, ...] = ()
    friday: tuple[Hours, ...] = ()
    saturday: tuple[Hours, ...] = ()
    sunday: tuple[Hours, ...] = ()

    def on(self, day: date) -> tuple[Hours, ...]:
        """The spans on the weekday of ``day``."""
        spans: tuple[Hours, ...] = _ON_WEEKDAY[day.weekday()](self)
        return spans


_ON_WEEKDAY = [attrgetter(name) for name in WeekHours.__struct_fields__]


def _hours_problems(hours: WeekHours | None) -> Iterator[tuple[FieldPath, str]]:
    """The days with impossible hours, each with the reason."""
    for day in WeekHours.__struct_fields__ if hours else ():
        closed_at = ""
        for span in getattr(hours, day):
            for text in (span.open, span.close):
                if re.fullmatch(CLOCK_TIME, text) is None:
                    yield ("open_hours", day), f"{text!r} is not a time HH:MM"
            if not closed_at <= span.open < span.close:
                yield ("open_hours", day), "spans must open before they close, and not overlap"
            closed_at = span.close


class Location(msgspec.Struct, forbid_unknown_fields=True):
    """A test location: what partners see of it, and how it is booked."""

    id: UuidText
    name: Label
    company_name: Annotated[Label, Meta(description="The practice that runs it.")] | None
    street: Label | None
    house_number: Annotated[Label, Meta(description="Required with `street`.")] | None
    address_line_2: Label | None
    city: Label | None
    state: Label | None
    postal_code: Label | None
    country_name: Label | None
    country_code: CountryCode | None
    timezone: Annotated[TimeZone, Meta(description="IANA zone; null means UTC.", examples=["Europe/Berlin"])] | None
    contact_phone: Telephone | None
    email: Email | None
    website: Url | None
    google_maps_url: Url | None
    image_url: Url | None
    open_hours: WeekHours | None
    active: Annotated[bool, Meta(description="Whether it is listed and accepts bookings.")]
    group: Annotated[str, refers_to("location group")]
    initial_status: Annotated[
        Literal["confirmed", "pending"],
        Meta(description="The status of new appointments; `pending` if the practice confirms them itself."),
    ]
    laboratory: Annotated[str, refers_to("laboratory"), Meta(description="The laboratory that receives its samples.")]
    courier: Annotated[Courier, Meta(description="The courier that collects its shipments.")]
    slot_minutes: Annotated[SlotMinutes, Meta(description="The length of a slot.")]
    interval_minutes: Annotated[SlotMinutes, Meta(description="The time between the starts of two slots.")]
    blocked_dates: Annotated[
        set[date], LOCAL, relative("+9d"), Meta(description="Dates at the location without slots.")
    ]
    pickup_remarks: Annotated[Notes, Meta(description="Remarks for the driver, unless a shipment has its own.")] | None


def zone_of(location: Location) -> tzinfo:
    """The time zone of a location; UTC if it has none."""
    return zone_named(location.timezone)


def zone_named(timezone: str | None) -> tzinfo:
    """The time zone with this name; UTC without one."""
    return _zone(timezone) if timezone else UTC


def zone_if_known(location: Location | None) -> tzinfo:
    """Like :func:`zone_of`, for a location that may be missing, or whose zone may not exist."""
    return zone_of(location) if location is not None and find_zone(location.timezone or "UTC") else UTC


_zone = cache(ZoneInfo)


def local_time(location: Location, instant: datetime) -> datetime:
    """An instant with the offset in force at the location then."""
    return _local_time(location.timezone, instant)


@lru_cache(maxsize=4096)  # it depends on nothing else, and calls are about the same appointments again and again
def _local_time(timezone: str | None, instant: datetime) -> datetime:
    return instant.astimezone(zone_named(timezone))


def _check(location: Location, _world: Neighbours) -> Iterator[tuple[FieldPath, str]]:
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
    description="Networks of locations.",
    written=Written(),
)
LOCATIONS = Section(
    hinted=True,
    name="locations",
    record=Location,
    noun="location",
    check=_check,
    zone=lambda location, _find: zone_if_known(location),
    description="Locations where blood is drawn and boxes are collected.",
    written=Written(defaults={"active": True, "initial_status": "confirmed", "blocked_dates": ()}),
)
