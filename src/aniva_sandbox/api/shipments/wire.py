"""Shipments as partners see and send them."""

from datetime import datetime
from typing import Annotated, get_args

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.api.access import Caller, note_hidden_appointments
from aniva_sandbox.api.appointments.wire import AppointmentId
from aniva_sandbox.api.locations.records import Courier, Location, zone_of
from aniva_sandbox.api.locations.wire import LocationId
from aniva_sandbox.api.rules import ID_FORMAT, TIME_INSTANTS_REPORTS, TIME_LOCAL_NO_ZONE
from aniva_sandbox.api.shipments import records
from aniva_sandbox.api.shipments.records import Shipment
from aniva_sandbox.api.shipments.rules import (
    PICKUP_RANGE,
    SHIPMENT_CREATE,
    SHIPMENT_STATES_LOST,
    SHIPMENT_UPDATE,
    SHIPMENT_UPDATE_BOXES,
)
from aniva_sandbox.api.values import NOTES_LENGTH, REFERENCE, REFERENCE_HINT
from aniva_sandbox.api.wire import EXAMPLE_ZONE, Uuid
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.ahead import Ahead
from aniva_sandbox.engine.contract.schemas import Timestamp, field
from aniva_sandbox.laboratory.laboratories import Laboratory

__all__ = ["ShipmentCreate", "ShipmentId", "ShipmentUpdate", "ShipmentView", "shipment_view"]

ShipmentId = Annotated[
    str,
    field(
        "The shipment's id.",
        rule=ID_FORMAT,
        pattern=f"^{REFERENCE}$",
        examples=["P2604154821"],
        extra={"x-hint": REFERENCE_HINT},
    ),
]
PickupDate = Annotated[
    str, field("The day of the pickup, Monday to Friday.", extra={"format": "date"}, examples=[Ahead(2, EXAMPLE_ZONE)])
]
PickupTime = Annotated[
    str,
    field(
        "HH:MM, wall clock at the origin.",
        rule=PICKUP_RANGE,
        pattern="^(09|1[0-8]):[0-5][0-9]$|^19:00$",
        examples=["11:00"],
        extra={"x-hint": "must be HH:MM from 09:00 to 19:00", "x-minimum": "09:00", "x-maximum": "19:00"},
    ),
]
PickupEnd = Annotated[PickupTime, field(examples=["14:00"])]
PackageCount = Annotated[int, field("Number of boxes.", ge=1, examples=[2])]
Weight = Annotated[float, field("Total weight of the boxes in kilograms.", gt=0, examples=[1.5])]
Remarks = Annotated[
    str,
    field(
        "Remarks for the driver; the location's by default.",
        max_length=NOTES_LENGTH,
        examples=["Ring at the reception"],
    ),
]
Notes = Annotated[
    str, field("Notes for the partner's own use.", max_length=NOTES_LENGTH, examples=["Tubes of the morning"])
]


class AddressView(msgspec.Struct, frozen=True, kw_only=True):
    """The origin or the destination of a shipment."""

    location_id: Annotated[Uuid | None, field("The location; null for a laboratory.")]
    name: Annotated[str, field("The name at the address.", examples=["Aniva Berlin Mitte"])]
    street: Annotated[str, field("The street without the house number.", examples=["Alte Gipsgasse"])]
    house_number: Annotated[str, field("The house number with its suffix.", examples=["14"])]
    postal_code: Annotated[str, field(examples=["10178"])]
    city: Annotated[str, field(examples=["Berlin"])]
    country: Annotated[str, field("ISO 3166-1 alpha-2.", examples=["DE"])]
    phone: Annotated[str | None, field("Telephone number.")]
    email: Annotated[str | None, field("E-mail address.")]


class PickupView(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """The pickup window."""

    from_: Annotated[Timestamp, field("With the origin's offset at that instant.")]
    till: Annotated[Timestamp, field("With the origin's offset at that instant.")]
    timezone: Annotated[str, field("The origin's IANA zone.", examples=["Europe/Berlin"])]


class StatusUpdate(msgspec.Struct, frozen=True):
    """A report of the courier."""

    status: Annotated[str, field("In the courier's own words.")]
    time: Annotated[Timestamp, field("When it was reported, in UTC.")]


class AppointmentLink(msgspec.Struct, frozen=True):
    """An appointment that a shipment is linked to."""

    id: AppointmentId
    added_at: Annotated[Timestamp, field("When it was linked, in UTC.")]


class ShipmentView(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment as partners see it. All keys are always present."""

    SCHEMA = {
        "examples": [
            {
                "id": "P2604154821",
                "status": "pending",
                "logistics_provider": "go",
                "tracking_number": "GO260413700415",
                "origin": {
                    "location_id": "c3d4e5f6-a7b8-9012-cdef-123456789012",
                    "name": "Aniva München Schwabing",
                    "street": "Isarauenstraße",
                    "house_number": "8",
                    "postal_code": "80801",
                    "city": "München",
                    "country": "DE",
                    "phone": "+498999998103",
                    "email": "muenchen-schwabing@aniva.example",
                },
                "destination": {
                    "location_id": None,
                    "name": "ZotzKlimas",
                    "street": "Beispielstraße",
                    "house_number": "12",
                    "postal_code": "40210",
                    "city": "Düsseldorf",
                    "country": "DE",
                    "phone": "+49 211 0000100",
                    "email": "samples@zotzklimas.example",
                },
                "pickup": {
                    "from": "2026-04-15T11:00:00+02:00",
                    "till": "2026-04-15T14:00:00+02:00",
                    "timezone": "Europe/Berlin",
                },
                "notes": None,
                "status_updates": [{"status": "Order accepted", "time": "2026-04-13T07:05:00Z"}],
                "appointments": [{"id": "b2c3d4e5-f6a7-8901-bcde-f12345678901", "added_at": "2026-04-13T07:00:00Z"}],
                "created_at": "2026-04-13T07:00:00Z",
                "updated_at": "2026-04-13T08:00:00Z",
            }
        ]
    }

    id: ShipmentId
    status: Annotated[
        str,
        field(
            "The state of the shipment; see the states above.", extra={"enum": list(get_args(records.ShipmentStatus))}
        ),
    ]
    logistics_provider: Annotated[str, field("The courier.", extra={"enum": list(get_args(Courier))})]
    tracking_number: Annotated[str | None, field("The courier's number; null until the order is booked.")]
    origin: Annotated[AddressView | None, field("Where it is collected; null without a complete address.")]
    destination: Annotated[AddressView | None, field("The laboratory that it is sent to.")]
    pickup: Annotated[PickupView | None, field("When it is collected.")]
    notes: Annotated[str | None, field("Notes for the partner's own use.")]
    status_updates: Annotated[list[StatusUpdate], field("The courier's reports, oldest first.")]
    appointments: Annotated[list[AppointmentLink], field("Oldest link first.")]
    created_at: Annotated[Timestamp, field("When it was created, in UTC.")]
    updated_at: Annotated[Timestamp | None, field("When it was last changed, in UTC; null if never.")]


class ShipmentCreate(msgspec.Struct, frozen=True, kw_only=True):
    """The body that creates a shipment."""

    SCHEMA = {"x-rules": {"required": SHIPMENT_CREATE.id}}

    location_id: LocationId
    pickup_date: PickupDate
    pickup_time_from: PickupTime
    pickup_time_till: PickupEnd
    appointment_id: AppointmentId | UnsetType = UNSET
    package_count: Annotated[PackageCount, field(rule=SHIPMENT_CREATE)] = 1
    weight: Annotated[Weight, field(rule=SHIPMENT_CREATE)] = 1.0
    pickup_remarks: Annotated[Remarks, field(rule=SHIPMENT_CREATE)] | UnsetType = UNSET
    notes: Annotated[Notes, field(rule=SHIPMENT_CREATE)] | UnsetType = UNSET


class ShipmentUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a shipment that can be changed; omitted fields stay as they are."""

    pickup_date: PickupDate | UnsetType = UNSET
    pickup_time_from: PickupTime | UnsetType = UNSET
    pickup_time_till: PickupEnd | UnsetType = UNSET
    package_count: Annotated[PackageCount, field(rule=SHIPMENT_UPDATE_BOXES)] | UnsetType = UNSET
    weight: Annotated[Weight, field(rule=SHIPMENT_UPDATE_BOXES)] | UnsetType = UNSET
    notes: Annotated[Notes, field(rule=SHIPMENT_UPDATE)] | UnsetType = UNSET


def shipment_view(world: World, shipment: Shipment, call: Caller) -> ShipmentView:
    """A shipment as a caller sees it in the partners' copy, which is as fresh as the operation made it."""
    links = world.links.of(shipment.id)
    if links:
        note_hidden_appointments(world, call, links)
    location = world.locations[shipment.location_id]
    zone = zone_of(location)
    reports = shipment.shown_reports
    if location.timezone is None:
        call.trace.lean_on(TIME_LOCAL_NO_ZONE)
    if reports:
        call.trace.lean_on(TIME_INSTANTS_REPORTS)
        if shipment.shown_status == "fault" and all(report.status != "in_transit" for report in reports):
            call.trace.lean_on(SHIPMENT_STATES_LOST)
    return ShipmentView(
        id=shipment.id,
        status=shipment.shown_status,
        logistics_provider=location.courier,
        tracking_number=next((report.tracking_number for report in reports if report.tracking_number), None),
        origin=_origin(location),
        destination=_destination(world.catalogue.laboratories[location.laboratory]),
        pickup=PickupView(
            from_=datetime.combine(shipment.pickup_date, shipment.pickup_time_from, zone),
            till=datetime.combine(shipment.pickup_date, shipment.pickup_time_till, zone),
            timezone=str(zone),
        ),
        notes=shipment.notes,
        status_updates=[StatusUpdate(report.wording, report.time) for report in reports],
        appointments=[AppointmentLink(link.appointment_id, link.added_at) for link in links],
        created_at=shipment.created_at,
        updated_at=shipment.updated_at,
    )


def _origin(location: Location) -> AddressView | None:
    street, number = location.street, location.house_number
    postal_code, city, country = location.postal_code, location.city, location.country_code
    if street is None or number is None or postal_code is None or city is None or country is None:
        return None
    return AddressView(
        location_id=location.id,
        name=location.name,
        street=street,
        house_number=number,
        postal_code=postal_code,
        city=city,
        country=country,
        phone=location.contact_phone,
        email=location.email,
    )


def _destination(laboratory: Laboratory) -> AddressView:
    address = laboratory.address
    return AddressView(
        location_id=None,
        name=laboratory.name,
        street=address.street,
        house_number=address.house_number,
        postal_code=address.postal_code,
        city=address.city,
        country=address.country,
        phone=address.phone,
        email=address.email,
    )
