"""Shipments: boxes of samples that a courier collects at a location and brings to its laboratory. Source: the partner
documentation's pages of the operations."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, get_args
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.contract.common import (
    AUTH_CONTEXT,
    FORBIDDEN,
    ID_FORMAT,
    PATH_UNKNOWN,
    UPDATE_EMPTY,
    WORLD_FULL,
)
from aniva_sandbox.contract.formats import parse_date
from aniva_sandbox.contract.operations import Call, Link, NoBody, NoQuery, operation, sent_fields
from aniva_sandbox.contract.rules import Rule
from aniva_sandbox.contract.schemas import Timestamp, Uuid, field
from aniva_sandbox.resources.appointments import AppointmentId
from aniva_sandbox.resources.common import (
    find,
    rely_on,
    require_context,
    require_room,
    visible_location,
    visible_profile,
)
from aniva_sandbox.resources.courier import (
    SHIPMENT_COURIER_REFUSES,
    ask_courier,
    cancel_order,
    is_weekend,
    place_order,
    replace_order,
    require_move,
    sync,
    sync_now,
)
from aniva_sandbox.resources.locations import LocationId
from aniva_sandbox.world import shipments as records
from aniva_sandbox.world.laboratories import Laboratory
from aniva_sandbox.world.shipments import Shipment
from aniva_sandbox.world.tables import Access, Courier, Location
from aniva_sandbox.world.values import NOTES_LENGTH, REFERENCE, REFERENCE_HINT
from aniva_sandbox.world.world import World
from aniva_sandbox.world.zones import zone_of

__all__ = [
    "OPERATIONS",
    "RULES",
    "ShipmentCreate",
    "ShipmentId",
    "ShipmentUpdate",
    "ShipmentView",
    "find_shipment",
    "shipment_view",
]

TAG = "Shipments"
_PAGE = "partner documentation, page of the operation"
_NO_PAGE = "no page says"

OPENS, CLOSES = time(9), time(19)
"""Between these the courier comes, wall clock at the origin."""
NARROWEST = timedelta(hours=2)
"""How long a pickup window must be."""
CUTOFF, CUTOFF_ZONE = time(16), ZoneInfo("Europe/Berlin")
"""When the courier takes no more orders for the same day."""
IDS_OF_A_DATE = 10_000
OLDER_END = time(17)
"""When the pickups of older pages end."""

# Rules

SHIPMENT_CREATE = Rule(
    id="shipment.create",
    sentence="Creating a shipment needs location_id, pickup_date, pickup_time_from and pickup_time_till; it begins "
    "pending, without tracking number and updates.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="format",
    assumption="The names pickup_remarks and weight; remarks that are left out are those of the location.",
)
SHIPMENT_ID = Rule(
    id="shipment.id",
    sentence="A shipment's id is P, the pickup date as YYMMDD and four digits; it stays when the date changes.",
    basis="documented",
    source="examples of the partner documentation",
    statuses=(502,),
    assumption="That the courier refuses a date of which all ids are taken.",
)
SHIPMENT_LOCATION = Rule(
    id="shipment.location",
    sentence="The location that a shipment starts from must exist and be active.",
    basis="documented",
    source=_PAGE,
    statuses=(404,),
)
SHIPMENT_APPOINTMENT = Rule(
    id="shipment.appointment",
    sentence="The appointment named at creation must exist, inside the context; it is linked from the start.",
    basis="documented",
    source=_PAGE,
    statuses=(404, 403),
    assumption="The statuses.",
)
PICKUP_WEEKDAY = Rule(
    id="pickup.weekday",
    sentence="The courier comes from Monday to Friday.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="domain",
)
PICKUP_PAST = Rule(
    id="pickup.past",
    sentence="pickup_date is not before today's date at the origin.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="domain",
)
PICKUP_CUTOFF = Rule(
    id="pickup.cutoff",
    sentence="After 16:00 in Berlin, the courier takes no more orders for the day that it is there.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="domain",
    assumption="That 16:00:00 itself is in time, that a window of today may be over already, and that holidays count "
    "as other days.",
)
PICKUP_RANGE = Rule(
    id="pickup.range",
    sentence="Both times of the pickup are HH:MM from 09:00 to 19:00, wall clock at the origin.",
    basis="conflict",
    source=f"{_PAGE}; older ones end at 17:00",
    statuses=(400,),
    kind="format",
    assumption="The later end, which is the newer.",
)
PICKUP_WIDTH = Rule(
    id="pickup.width",
    sentence="From pickup_time_from to pickup_time_till it is at least 2 hours.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="domain",
)
SHIPMENT_UPDATE = Rule(
    id="shipment.update",
    sentence="An update takes the pickup's date and times, package_count, weight and notes. Where a date or time is "
    "sent, the schedule that results must pass the pickup rules. All but notes replace the order at the courier, which "
    "then has no tracking number yet.",
    basis="conflict",
    source=f"{_PAGE}; older ones know the schedule only",
    statuses=(400,),
    kind="format",
    assumption="That count and weight can be changed, and that the new order begins without updates.",
)
SHIPMENT_UPDATE_STATE = Rule(
    id="shipment.update-state",
    sentence="A shipment can be updated only while it is pending.",
    basis="documented",
    source=_PAGE,
    statuses=(409,),
)
SHIPMENT_CANCEL = Rule(
    id="shipment.cancel",
    sentence="Cancelling answers the cancelled shipment; only what is pending can be cancelled.",
    basis="documented",
    source=_PAGE,
    statuses=(409,),
    assumption="That a fault cannot be cancelled.",
)
SHIPMENT_ORDER = Rule(
    id="shipment.order",
    sentence="Shipments are listed newest first.",
    basis="assumed",
    source=_NO_PAGE,
)

RULES = (
    SHIPMENT_CREATE,
    SHIPMENT_ID,
    SHIPMENT_LOCATION,
    SHIPMENT_APPOINTMENT,
    PICKUP_WEEKDAY,
    PICKUP_PAST,
    PICKUP_CUTOFF,
    PICKUP_RANGE,
    PICKUP_WIDTH,
    SHIPMENT_UPDATE,
    SHIPMENT_UPDATE_STATE,
    SHIPMENT_CANCEL,
    SHIPMENT_ORDER,
)

# Wire types

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
    str, field("The day of the pickup, Monday to Friday.", extra={"format": "date"}, examples=["2026-04-15"])
]
PickupTime = Annotated[
    str,
    field(
        "HH:MM, wall clock at the origin.",
        rule=PICKUP_RANGE,
        pattern="^(09|1[0-8]):[0-5][0-9]$|^19:00$",
        examples=["11:00"],
        extra={"x-hint": "must be HH:MM from 09:00 to 19:00"},
    ),
]
PickupEnd = Annotated[PickupTime, field(examples=["14:00"])]
PackageCount = Annotated[int, field("How many boxes.", ge=1, examples=[2])]
Weight = Annotated[float, field("All boxes together, in kilograms.", gt=0, examples=[1.5])]
Remarks = Annotated[
    str,
    field("For the driver; the location's by default.", max_length=NOTES_LENGTH, examples=["Ring at the reception"]),
]
Notes = Annotated[str, field("For the partner's own use.", max_length=NOTES_LENGTH, examples=["Tubes of the morning"])]


class AddressView(msgspec.Struct, frozen=True):
    """One end of a shipment's way."""

    location_id: Annotated[Uuid | None, field("The location; null for a laboratory.")]
    name: Annotated[str, field("Who is there.", examples=["Aniva Berlin Mitte"])]
    street: Annotated[str, field("Without the house number.", examples=["Alte Gipsgasse"])]
    house_number: Annotated[str, field("With what belongs to it.", examples=["14"])]
    postal_code: Annotated[str, field(examples=["10178"])]
    city: Annotated[str, field(examples=["Berlin"])]
    country: Annotated[str, field("ISO 3166-1 alpha-2.", examples=["DE"])]
    phone: Annotated[str | None, field("Telephone number.")]
    email: Annotated[str | None, field("E-mail address.")]


class PickupView(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """When the courier comes."""

    from_: Annotated[Timestamp, field("With the offset in force at the origin then.")]
    till: Annotated[Timestamp, field("With the offset in force at the origin then.")]
    timezone: Annotated[str, field("The origin's IANA zone.", examples=["Europe/Berlin"])]


class StatusUpdate(msgspec.Struct, frozen=True):
    """Something that the courier noted."""

    status: Annotated[str, field("In the courier's own words.")]
    time: Annotated[Timestamp, field("When, in UTC.")]


class AppointmentLink(msgspec.Struct, frozen=True):
    """An appointment that a shipment is linked to."""

    id: AppointmentId
    added_at: Annotated[Timestamp, field("When it was linked, in UTC.")]


class ShipmentView(msgspec.Struct, frozen=True):
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
        str, field("Where it stands; see the states above.", extra={"enum": list(get_args(records.ShipmentStatus))})
    ]
    logistics_provider: Annotated[str, field("The courier.", extra={"enum": list(get_args(Courier))})]
    tracking_number: Annotated[str | None, field("The courier's number; null until the order is booked.")]
    origin: Annotated[AddressView | None, field("Where it is collected; null where no whole address is known.")]
    destination: Annotated[AddressView | None, field("The laboratory that it goes to.")]
    pickup: Annotated[PickupView | None, field("When it is collected.")]
    notes: Annotated[str | None, field("For the partner's own use.")]
    status_updates: Annotated[list[StatusUpdate], field("What the courier noted, oldest first.")]
    appointments: Annotated[list[AppointmentLink], field("Oldest link first.")]
    created_at: Annotated[Timestamp, field("When it was created, in UTC.")]
    updated_at: Annotated[Timestamp | None, field("When it was last changed, in UTC; null if never.")]


class ShipmentCreate(msgspec.Struct, frozen=True, kw_only=True):
    """What creating a shipment takes."""

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
    """What can be changed of a shipment; what is left out stays."""

    pickup_date: PickupDate | UnsetType = UNSET
    pickup_time_from: PickupTime | UnsetType = UNSET
    pickup_time_till: PickupEnd | UnsetType = UNSET
    package_count: Annotated[PackageCount, field(rule=SHIPMENT_UPDATE)] | UnsetType = UNSET
    weight: Annotated[Weight, field(rule=SHIPMENT_UPDATE)] | UnsetType = UNSET
    notes: Annotated[Notes, field(rule=SHIPMENT_UPDATE)] | UnsetType = UNSET


def shipment_view(world: World, shipment: Shipment) -> ShipmentView:
    """A shipment as the partners' copy has it. Whoever shows it says how fresh the copy is to be."""
    location = world.locations[shipment.location_id]
    zone = zone_of(location)
    reports = shipment.shown_reports
    return ShipmentView(
        shipment.id,
        shipment.shown_status,
        location.courier,
        next((report.tracking_number for report in reports if report.tracking_number), None),
        _origin(location),
        _destination(world.catalogue.laboratories[location.laboratory]),
        PickupView(
            datetime.combine(shipment.pickup_date, shipment.pickup_time_from, zone),
            datetime.combine(shipment.pickup_date, shipment.pickup_time_till, zone),
            str(zone),
        ),
        shipment.notes,
        [StatusUpdate(report.wording, report.time) for report in reports],
        [AppointmentLink(link.appointment_id, link.added_at) for link in world.links.of(shipment.id)],
        shipment.created_at,
        shipment.updated_at,
    )


def _origin(location: Location) -> AddressView | None:
    street, number = location.street, location.house_number
    postal_code, city, country = location.postal_code, location.city, location.country_code
    if street is None or number is None or postal_code is None or city is None or country is None:
        return None
    phone, email = location.contact_phone, location.email
    return AddressView(location.id, location.name, street, number, postal_code, city, country, phone, email)


def _destination(laboratory: Laboratory) -> AddressView:
    return AddressView(None, laboratory.name, *msgspec.structs.astuple(laboratory.address))


# Operations

_BY_ID = (
    Link("get_shipment", {"id": "$response.body#/id"}),
    Link("update_shipment", {"id": "$response.body#/id"}),
    Link("cancel_shipment", {"id": "$response.body#/id"}),
    Link(
        "attach_appointments",
        {"id": "$response.body#/id"},
        {"appointment_ids": ["c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a"]},
    ),
    Link("list_shipment_appointments", {"id": "$response.body#/id"}),
)


@operation(
    "GET",
    "/shipments",
    tag=TAG,
    permissions=("shipments_manage",),
    links=(Link("get_shipment", {"id": "$response.body#/0/id"}),),
)
def list_shipments(world: World, call: Call[NoQuery, NoBody]) -> list[ShipmentView]:
    """List shipments

    The shipments from the locations of the key's context, newest first, as the last hourly sync with the courier left
    them.
    """
    listed = [
        shipment
        for shipment in reversed(world.shipments)
        if visible_location(call.access, world.locations[shipment.location_id])
    ]
    for shipment in listed:
        sync(world, shipment)
    return [shipment_view(world, shipment) for shipment in listed]


@operation(
    "POST",
    "/shipments",
    tag=TAG,
    status=201,
    permissions=("shipments_manage",),
    refuses=(
        SHIPMENT_LOCATION,
        SHIPMENT_APPOINTMENT,
        AUTH_CONTEXT,
        PICKUP_WEEKDAY,
        PICKUP_PAST,
        PICKUP_CUTOFF,
        PICKUP_WIDTH,
        SHIPMENT_COURIER_REFUSES,
        SHIPMENT_ID,
        WORLD_FULL,
    ),
    links=_BY_ID,
    example={
        "location_id": "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b",
        "pickup_date": "2026-04-15",
        "pickup_time_from": "11:00",
        "pickup_time_till": "14:00",
        "appointment_id": "c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a",
    },
)
def create_shipment(world: World, call: Call[NoQuery, ShipmentCreate]) -> ShipmentView:
    """Create a shipment

    Orders the courier to a location, from where the boxes go to the location's laboratory.
    """
    body = call.body
    location = find(world.locations, body.location_id, SHIPMENT_LOCATION, "location")
    if not location.active:
        SHIPMENT_LOCATION.refuse("There is no such location")
    appointment = None
    if body.appointment_id is not UNSET:
        appointment = find(world.appointments, body.appointment_id, SHIPMENT_APPOINTMENT, "appointment")
    require_context(visible_location(call.access, location))
    if appointment and not visible_profile(call.access, world.profiles[appointment.profile_id]):
        SHIPMENT_APPOINTMENT.refuse(FORBIDDEN, status=403)
    day = parse_date(body.pickup_date)
    since, till = time.fromisoformat(body.pickup_time_from), time.fromisoformat(body.pickup_time_till)
    _require_schedule(world, location, day, since, till)
    notes = None if body.notes is UNSET else body.notes
    require_room(world)
    ask_courier("create", location.courier, notes)

    shipment = Shipment(
        id=_next_id(world, day),
        location_id=location.id,
        pickup_date=day,
        pickup_time_from=since,
        pickup_time_till=till,
        package_count=body.package_count,
        weight=body.weight,
        pickup_remarks=location.pickup_remarks if body.pickup_remarks is UNSET else body.pickup_remarks,
        notes=notes,
        created_at=world.now,
        synced_at=world.now,
    )
    world.shipments.add(shipment)
    if appointment:
        world.links.add(records.Link(appointment.id, shipment.id, world.now))
    place_order(world, shipment)
    return shipment_view(world, shipment)


@operation(
    "GET",
    "/shipments/{id}",
    tag=TAG,
    path_id=ShipmentId,
    permissions=("shipments_manage",),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT),
    links=_BY_ID[1:],
)
def get_shipment(world: World, call: Call[NoQuery, NoBody]) -> ShipmentView:
    """Get a shipment

    As the courier knows it now.
    """
    shipment = find_shipment(world, call.access, call.id)
    sync_now(world, shipment)
    return shipment_view(world, shipment)


@operation(
    "PATCH",
    "/shipments/{id}",
    tag=TAG,
    path_id=ShipmentId,
    permissions=("shipments_manage",),
    refuses=(
        PATH_UNKNOWN,
        AUTH_CONTEXT,
        SHIPMENT_UPDATE_STATE,
        PICKUP_WEEKDAY,
        PICKUP_PAST,
        PICKUP_CUTOFF,
        PICKUP_WIDTH,
        SHIPMENT_COURIER_REFUSES,
    ),
    links=(_BY_ID[0], _BY_ID[2]),
    example={"pickup_date": "2026-04-16", "pickup_time_from": "12:00", "pickup_time_till": "17:30"},
)
def update_shipment(world: World, call: Call[NoQuery, ShipmentUpdate]) -> ShipmentView:
    """Update a shipment

    Only while it is pending. Everything but notes replaces the order at the courier, under the same id.
    """
    shipment = find_shipment(world, call.access, call.id)
    sync_now(world, shipment)
    require_move(shipment, "update", SHIPMENT_UPDATE_STATE)
    sent = sent_fields(call.body)
    if "pickup_date" in sent:
        sent["pickup_date"] = parse_date(sent["pickup_date"])
    for name in sent.keys() & {"pickup_time_from", "pickup_time_till"}:
        sent[name] = time.fromisoformat(sent[name])
    updated = msgspec.structs.replace(shipment, **sent)
    location = world.locations[shipment.location_id]
    if sent.keys() & {"pickup_date", "pickup_time_from", "pickup_time_till"}:
        _require_schedule(world, location, updated.pickup_date, updated.pickup_time_from, updated.pickup_time_till)
    replaces = bool(sent.keys() - {"notes"})
    if replaces:
        ask_courier("update", location.courier, updated.notes)

    for name, value in sent.items():
        setattr(shipment, name, value)
    if replaces:
        replace_order(world, shipment)
    if sent:
        shipment.updated_at = world.now
    else:
        rely_on(UPDATE_EMPTY, world)
    if sent.keys() & {"package_count", "weight"}:
        rely_on(SHIPMENT_UPDATE, world)
    return shipment_view(world, shipment)


@operation(
    "DELETE",
    "/shipments/{id}",
    tag=TAG,
    path_id=ShipmentId,
    permissions=("shipments_manage",),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT, SHIPMENT_CANCEL, SHIPMENT_COURIER_REFUSES),
    links=(_BY_ID[0], _BY_ID[2]),
)
def cancel_shipment(world: World, call: Call[NoQuery, NoBody]) -> ShipmentView:
    """Cancel a shipment

    Only while it is pending. The cancelled shipment stays readable, and so do its links.
    """
    shipment = find_shipment(world, call.access, call.id)
    sync_now(world, shipment)
    require_move(shipment, "cancel", SHIPMENT_CANCEL)
    ask_courier("cancel", world.locations[shipment.location_id].courier, shipment.notes)

    cancel_order(world, shipment)
    shipment.updated_at = world.now
    return shipment_view(world, shipment)


def find_shipment(world: World, access: Access, id: str) -> Shipment:
    """The shipment that a path names: 404, then 403 where its origin is outside the context."""
    shipment = find(world.shipments, id, PATH_UNKNOWN, "shipment")
    require_context(visible_location(access, world.locations[shipment.location_id]))
    return shipment


def _require_schedule(world: World, origin: Location, day: date, since: time, till: time) -> None:
    """Refuse a pickup at which the courier does not come."""
    if is_weekend(day):
        PICKUP_WEEKDAY.refuse("pickup_date must be a day from Monday to Friday")
    if day < world.now.astimezone(zone_of(origin)).date():
        PICKUP_PAST.refuse("pickup_date must not lie in the past")
    in_berlin = world.now.astimezone(CUTOFF_ZONE)
    if day == in_berlin.date() and in_berlin.time() > CUTOFF:
        PICKUP_CUTOFF.refuse(f"After {CUTOFF:%H:%M} in Berlin, pickup_date must be a later day than today")
    if _on_a_day(till) - _on_a_day(since) < NARROWEST:
        PICKUP_WIDTH.refuse("pickup_time_till must be at least 2 hours after pickup_time_from")
    if till > OLDER_END:
        rely_on(PICKUP_RANGE, world)


def _on_a_day(wall_clock: time) -> datetime:
    return datetime.combine(date.min, wall_clock)


def _next_id(world: World, day: date) -> str:
    stem = f"P{day:%y%m%d}"
    number = world.ids.next_number(
        f"shipment {stem}", IDS_OF_A_DATE, lambda number: f"{stem}{number:04}" in world.shipments
    )
    if number is None:
        SHIPMENT_ID.refuse("The courier takes no more orders for this date")
    return f"{stem}{number:04}"


OPERATIONS = (list_shipments, create_shipment, get_shipment, update_shipment, cancel_shipment)
