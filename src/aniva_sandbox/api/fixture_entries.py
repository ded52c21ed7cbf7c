"""What stands in a world file that is written by hand: its entries, before references and instants are read."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from aniva_sandbox.api.appointments.records import Status
from aniva_sandbox.api.locations.records import CLOCK_TIME, Courier, SlotMinutes, WeekHours
from aniva_sandbox.api.profiles.records import Language
from aniva_sandbox.api.values import CountryCode, Notes, Phone, ShipmentId, Telephone, TrackingNumber, Wording
from aniva_sandbox.engine.contract.values import Email, Label, Measure, Url
from aniva_sandbox.engine.world.entries import Entry, Slug, UuidText
from aniva_sandbox.laboratory.values import Barcode, Name

__all__ = [
    "AppointmentEntry",
    "LocationEntry",
    "LocationGroupEntry",
    "PersonaEntry",
    "ProfileEntry",
    "ProfileGroupEntry",
    "ShipmentEntry",
]

ClockTime = Annotated[
    str, Meta(pattern=rf"\A{CLOCK_TIME}\Z", extra_json_schema={"x-hint": "must be a time HH:MM, in quotes"})
]


class ProfileGroupEntry(Entry, frozen=True):
    """A partner's programme."""

    id: UuidText
    slug: Slug
    name: Label


class LocationGroupEntry(Entry, frozen=True):
    """A network of locations."""

    slug: Slug
    name: Label


class PersonaEntry(Entry, frozen=True):
    """What a key may do, and in which access context."""

    permissions: Literal["all"] | tuple[str, ...]
    profile_groups: tuple[Slug, ...]
    location_groups: tuple[Slug, ...]
    panels: Literal["all"] | tuple[str, ...]


class LocationEntry(Entry, frozen=True):
    """A test location."""

    id: UuidText
    name: Label
    group: Slug
    laboratory: Slug
    courier: Courier
    slot_minutes: SlotMinutes
    interval_minutes: SlotMinutes
    company_name: Label | None = None
    street: Label | None = None
    house_number: Label | None = None
    address_line_2: Label | None = None
    city: Label | None = None
    state: Label | None = None
    postal_code: Label | None = None
    country_name: Label | None = None
    country_code: CountryCode | None = None
    timezone: str | None = None
    contact_phone: Telephone | None = None
    email: Email | None = None
    website: Url | None = None
    google_maps_url: Url | None = None
    image_url: Url | None = None
    open_hours: WeekHours | None = None
    active: bool = True
    initial_status: Literal["confirmed", "pending"] = "confirmed"
    blocked_dates: tuple[str, ...] = ()
    pickup_remarks: Notes | None = None


class ProfileEntry(Entry, frozen=True):
    """A patient."""

    id: UuidText
    group: Slug
    first_name: Name
    sex: Literal[1, 2]
    date_of_birth: date
    email: Email
    created_at: str
    handle: Label | None = None
    last_name: Name | None = None
    phone: Phone | None = None
    height: Measure | None = None
    weight: Measure | None = None
    language: Language = "en"
    updated_at: str | None = None


class PanelLinkEntry(Entry, frozen=True):
    """A panel of an appointment, and what it holds where it is a custom container."""

    panel_id: UuidText
    added_at: str
    biomarkers: tuple[Slug, ...] = ()


class AppointmentEntry(Entry, frozen=True):
    """A blood draw."""

    id: UuidText
    profile: UuidText
    location: UuidText | None
    scheduled_at: str | None
    status: Status
    test_method: Literal["practitioner", "home"] | None
    created_at: str
    updated_at: str | None = None
    panels: tuple[PanelLinkEntry, ...] = ()
    barcode: Barcode | None = None


class ReportEntry(Entry, frozen=True):
    """Something that the courier noted."""

    time: str
    status: Literal["pending", "in_transit", "delivered", "fault"]
    wording: Wording
    tracking_number: TrackingNumber | None = None


class LinkEntry(Entry, frozen=True):
    """An appointment that a shipment is linked to."""

    id: UuidText
    added_at: str


class ShipmentEntry(Entry, frozen=True):
    """A box on its way to a laboratory."""

    id: ShipmentId
    location: UuidText
    pickup_date: str
    pickup_time_from: ClockTime
    pickup_time_till: ClockTime
    created_at: str
    updated_at: str | None = None
    package_count: Annotated[int, Meta(ge=1)] = 1
    weight: Measure = 1.0
    pickup_remarks: Notes | None = None
    notes: Notes | None = None
    cancelled: bool = False
    updates: tuple[ReportEntry, ...] = ()
    appointments: tuple[LinkEntry, ...] = ()
