"""Locations and free slots as partners see them."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.api.locations.records import Location
from aniva_sandbox.api.wire import Uuid
from aniva_sandbox.engine.contract.schemas import Timestamp, field

__all__ = [
    "AvailabilityQuery",
    "AvailabilityView",
    "DaySlots",
    "LocationId",
    "LocationView",
    "OpenHours",
    "OpenSpan",
    "location_view",
]

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
    name: Annotated[str, field("The name that patients know.")]
    company_name: Annotated[str | None, field("The practice that runs it.")]
    address_line_1: Annotated[str | None, field("Street and house number.")]
    address_line_2: Annotated[str | None, field("Floor, building or similar.")]
    city: Annotated[str | None, field("Town.")]
    state: Annotated[str | None, field("State or region.")]
    postal_code: Annotated[str | None, field("Postal code.")]
    country_name: Annotated[str | None, field("Country name.")]
    country_code: Annotated[str | None, field("ISO 3166-1 alpha-2.")]
    timezone: Annotated[str | None, field("IANA name; null reads as UTC.", examples=["Europe/Berlin"])]
    contact_phone: Annotated[str | None, field("Telephone number.")]
    email: Annotated[str | None, field("E-mail address.")]
    website: Annotated[str | None, field("Web page.")]
    google_maps_url: Annotated[str | None, field("Link to a map.")]
    image_url: Annotated[str | None, field("A picture of it.")]
    open_hours: Annotated[OpenHours | None, field("When it is open; null if not known.")]


class AvailabilityQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The window to show, and the zone to show it in."""

    start_date: Annotated[str, field("First day, inclusive.", extra={"format": "date"})] | UnsetType = UNSET
    end_date: Annotated[str, field("Last day, inclusive.", extra={"format": "date"})] | UnsetType = UNSET
    timezone: (
        Annotated[str, field("IANA zone; the location's own by default.", examples=["Europe/Berlin"])] | UnsetType
    ) = UNSET


class DaySlots(msgspec.Struct, frozen=True):
    """The free slots of a day."""

    date: Annotated[date, field("The day in the zone of the response.")]
    slots: Annotated[list[Timestamp], field("Starts of the slots, with the zone's offset at that instant.")]


class AvailabilityView(msgspec.Struct, frozen=True, kw_only=True):
    """The free slots of a location, by day; days without any are left out."""

    location_id: LocationId
    timezone: Annotated[str, field("The zone of dates and slots.")]
    slot_duration_minutes: Annotated[int, field("The length of a slot.")]
    slot_interval_minutes: Annotated[int, field("The time between the starts of two slots.")]
    availability: Annotated[list[DaySlots], field("The days with free slots, in order.")]


def location_view(location: Location) -> LocationView:
    """A location as partners see it."""
    hours = location.open_hours
    return LocationView(  # four by position: with more keywords CPython builds a dict
        location.id,
        location.name,
        location.company_name,
        f"{location.street} {location.house_number}" if location.street else None,
        address_line_2=location.address_line_2,
        city=location.city,
        state=location.state,
        postal_code=location.postal_code,
        country_name=location.country_name,
        country_code=location.country_code,
        timezone=location.timezone,
        contact_phone=location.contact_phone,
        email=location.email,
        website=location.website,
        google_maps_url=location.google_maps_url,
        image_url=location.image_url,
        open_hours=msgspec.convert(hours, OpenHours, from_attributes=True) if hours else None,
    )
