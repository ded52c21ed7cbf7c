"""Shipments: boxes of samples that a courier collects at a location and brings to its laboratory. Source: the partner
documentation's pages of the operations."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from aniva_sandbox.api.access import find_location_and_appointment, find_shipment, visible_shipments
from aniva_sandbox.api.links import records as links
from aniva_sandbox.api.links.rules import LINK_CANCELLED
from aniva_sandbox.api.locations.records import Location, zone_of
from aniva_sandbox.api.rules import AUTH_CONTEXT, PATH_UNKNOWN, UPDATE_EMPTY
from aniva_sandbox.api.shipments.courier import (
    SHIPMENT_COURIER_REFUSES,
    SHIPMENT_COURIER_REFUSES_CHANGE,
    SHIPMENT_FRESHNESS,
    SHIPMENT_FRESHNESS_CHANGES,
    ask_courier,
    cancel_order,
    hint_at_news,
    is_weekend,
    note_hour,
    place_order,
    replace_order,
    require_move,
    sync,
    sync_first,
    sync_now,
)
from aniva_sandbox.api.shipments.records import Shipment
from aniva_sandbox.api.shipments.rules import (
    PICKUP_CUTOFF,
    PICKUP_CUTOFF_BEGUN,
    PICKUP_CUTOFF_EXACTLY,
    PICKUP_CUTOFF_TODAY,
    PICKUP_PAST,
    PICKUP_RANGE,
    PICKUP_WEEKDAY,
    PICKUP_WIDTH,
    SHIPMENT_APPOINTMENT,
    SHIPMENT_APPOINTMENT_STATUS,
    SHIPMENT_CANCEL,
    SHIPMENT_CANCEL_FAULT,
    SHIPMENT_CREATE_NAMES,
    SHIPMENT_ID,
    SHIPMENT_ID_EXHAUSTED,
    SHIPMENT_LOCATION,
    SHIPMENT_ORDER,
    SHIPMENT_STATES,
    SHIPMENT_UPDATE_BOXES,
    SHIPMENT_UPDATE_STATE,
    SHIPMENT_UPDATE_TRACKING,
)
from aniva_sandbox.api.shipments.wire import (
    ShipmentCreate,
    ShipmentId,
    ShipmentUpdate,
    ShipmentView,
    shipment_view,
)
from aniva_sandbox.api.wire import EXAMPLE_ZONE
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.ahead import Ahead
from aniva_sandbox.engine.contract.formats import parse_date
from aniva_sandbox.engine.contract.ground_rules import WORLD_FULL
from aniva_sandbox.engine.contract.operations import Call, Link, NoBody, NoQuery, operation, sent_fields
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.world.state import require_room

__all__ = ["CUTOFF", "CUTOFF_ZONE", "OPERATIONS"]

TAG = "Shipments"

NARROWEST = timedelta(hours=2)
"""The minimum length of a pickup window."""
CUTOFF, CUTOFF_ZONE = time(16), ZoneInfo("Europe/Berlin")
"""When the courier stops accepting orders for the same day."""
IDS_OF_A_DATE = 10_000
OLDER_END = time(17)
"""When pickups end according to older pages."""

_TO_GET = Link("get_shipment", {"id": "$response.body#/id"})
_TO_CANCEL = Link("cancel_shipment", {"id": "$response.body#/id"})
_TO_CHANGE = (
    Link("update_shipment", {"id": "$response.body#/id"}),
    _TO_CANCEL,
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
    follows=(SHIPMENT_FRESHNESS, SHIPMENT_STATES, SHIPMENT_ORDER),
    links=(Link("get_shipment", {"id": "$response.body#/0/id"}),),
)
def list_shipments(world: World, call: Call[NoQuery, NoBody]) -> list[ShipmentView]:
    """List shipments

    The shipments from the locations in the key's access context, newest first, as of the last hourly sync with the
    courier.
    """
    listed = visible_shipments(world, call.access, reversed(world.shipments))
    for shipment in listed:
        sync(world, shipment)
        note_hour(world, shipment, call.trace)
    hint_at_news(call.trace, listed)
    return [shipment_view(world, shipment, call) for shipment in listed]


@operation(
    "POST",
    "/shipments",
    tag=TAG,
    status=201,
    permissions=("shipments_manage",),
    refuses=(
        SHIPMENT_LOCATION,
        SHIPMENT_APPOINTMENT_STATUS,
        AUTH_CONTEXT,
        PICKUP_WEEKDAY,
        PICKUP_PAST,
        PICKUP_CUTOFF,
        PICKUP_WIDTH,
        SHIPMENT_COURIER_REFUSES_CHANGE,
        SHIPMENT_ID_EXHAUSTED,
        WORLD_FULL,
    ),
    follows=(SHIPMENT_ID, SHIPMENT_APPOINTMENT),
    links=(_TO_GET, *_TO_CHANGE),
    example={
        "location_id": "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b",
        "pickup_date": Ahead(2, EXAMPLE_ZONE),
        "pickup_time_from": "11:00",
        "pickup_time_till": "14:00",
        "appointment_id": "c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a",
    },
)
def create_shipment(world: World, call: Call[NoQuery, ShipmentCreate]) -> ShipmentView:
    """Create a shipment

    Orders the courier to a location to take boxes to the location's laboratory.
    """
    body = call.body
    location, appointment = find_location_and_appointment(
        world,
        call,
        location_id=body.location_id,
        appointment_id=None if body.appointment_id is UNSET else body.appointment_id,
        location_rule=SHIPMENT_LOCATION,
        appointment_rule=SHIPMENT_APPOINTMENT_STATUS,
    )
    day = parse_date(body.pickup_date)
    since, till = time.fromisoformat(body.pickup_time_from), time.fromisoformat(body.pickup_time_till)
    _require_schedule(world, location, day, since, till, call.trace)
    notes = None if body.notes is UNSET else body.notes
    require_room(world)
    ask_courier("create", location.courier, notes, call.trace)
    if body.pickup_remarks is not UNSET or body.weight != 1:
        call.trace.lean_on(SHIPMENT_CREATE_NAMES)

    shipment = Shipment(
        id=_next_id(world, day, call.trace),
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
        world.links.add(links.Link(appointment_id=appointment.id, shipment_id=shipment.id, added_at=world.now))
    place_order(world, shipment)
    return shipment_view(world, shipment, call)


@operation(
    "GET",
    "/shipments/{id}",
    tag=TAG,
    path_id=ShipmentId,
    permissions=("shipments_manage",),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT),
    follows=(SHIPMENT_FRESHNESS, SHIPMENT_STATES),
    links=_TO_CHANGE,
)
def get_shipment(world: World, call: Call[NoQuery, NoBody]) -> ShipmentView:
    """Get a shipment

    Synced with the courier first.
    """
    shipment = find_shipment(world, call, call.id)
    sync_now(world, shipment)
    return shipment_view(world, shipment, call)


@operation(
    "PATCH",
    "/shipments/{id}",
    tag=TAG,
    path_id=ShipmentId,
    permissions=("shipments_manage",),
    refuses=(
        PATH_UNKNOWN,
        AUTH_CONTEXT,
        SHIPMENT_FRESHNESS_CHANGES,
        SHIPMENT_UPDATE_STATE,
        PICKUP_WEEKDAY,
        PICKUP_PAST,
        PICKUP_CUTOFF,
        PICKUP_WIDTH,
        SHIPMENT_COURIER_REFUSES_CHANGE,
    ),
    follows=(UPDATE_EMPTY,),
    links=(_TO_GET, _TO_CANCEL),
    example={"pickup_date": Ahead(3, EXAMPLE_ZONE), "pickup_time_from": "12:00", "pickup_time_till": "17:30"},
)
def update_shipment(world: World, call: Call[NoQuery, ShipmentUpdate]) -> ShipmentView:
    """Update a shipment

    Only while it is pending. Every change except notes replaces the courier order, under the same id.
    """
    shipment = find_shipment(world, call, call.id)
    found_news = sync_first(world, shipment, "update", call.trace)
    require_move(shipment, "update", SHIPMENT_UPDATE_STATE, call.trace)
    sent = sent_fields(call.body)
    if "pickup_date" in sent:
        sent["pickup_date"] = parse_date(sent["pickup_date"])
    for name in sent.keys() & {"pickup_time_from", "pickup_time_till"}:
        sent[name] = time.fromisoformat(sent[name])
    updated = msgspec.structs.replace(shipment, **sent)
    location = world.locations[shipment.location_id]
    if sent.keys() & {"pickup_date", "pickup_time_from", "pickup_time_till"}:
        _require_schedule(
            world, location, updated.pickup_date, updated.pickup_time_from, updated.pickup_time_till, call.trace
        )
    replaces = bool(sent.keys() - {"notes"})
    if replaces:
        ask_courier("update", location.courier, updated.notes, call.trace)

    for name, value in sent.items():
        setattr(shipment, name, value)
    if replaces and shipment.reports:
        call.trace.lean_on(SHIPMENT_UPDATE_TRACKING)
    elif found_news:
        call.trace.lean_on(SHIPMENT_FRESHNESS_CHANGES)
    if replaces:
        replace_order(world, shipment)
    if sent:
        shipment.updated_at = world.now
    else:
        call.trace.lean_on(UPDATE_EMPTY)
    if sent.keys() & {"package_count", "weight"}:
        call.trace.lean_on(SHIPMENT_UPDATE_BOXES)
    return shipment_view(world, shipment, call)


@operation(
    "DELETE",
    "/shipments/{id}",
    tag=TAG,
    path_id=ShipmentId,
    permissions=("shipments_manage",),
    refuses=(
        PATH_UNKNOWN,
        AUTH_CONTEXT,
        SHIPMENT_FRESHNESS_CHANGES,
        SHIPMENT_CANCEL_FAULT,
        SHIPMENT_CANCEL,
        SHIPMENT_COURIER_REFUSES,
    ),
    follows=(LINK_CANCELLED,),
    links=(_TO_GET, _TO_CANCEL),
)
def cancel_shipment(world: World, call: Call[NoQuery, NoBody]) -> ShipmentView:
    """Cancel a shipment

    Only while it is pending. The cancelled shipment and its links stay readable.
    """
    shipment = find_shipment(world, call, call.id)
    found_news = sync_first(world, shipment, "cancel", call.trace)
    refusal = SHIPMENT_CANCEL_FAULT
    if shipment.status != "fault":
        call.trace.weigh(SHIPMENT_CANCEL_FAULT)
        refusal = SHIPMENT_CANCEL
    require_move(shipment, "cancel", refusal, call.trace)
    ask_courier("cancel", world.locations[shipment.location_id].courier, shipment.notes, call.trace)

    if found_news:
        call.trace.lean_on(SHIPMENT_FRESHNESS_CHANGES)
    cancel_order(world, shipment)
    shipment.updated_at = world.now
    if world.links.of(shipment.id):
        call.trace.lean_on(LINK_CANCELLED)
    return shipment_view(world, shipment, call)


def _require_schedule(world: World, origin: Location, day: date, since: time, till: time, trace: Trace) -> None:
    """Refuse a pickup at a time when the courier does not come."""
    if trace.weigh(PICKUP_WEEKDAY) and is_weekend(day):
        PICKUP_WEEKDAY.refuse("pickup_date must be a day from Monday to Friday")
    at_origin = world.now.astimezone(zone_of(origin))
    if trace.weigh(PICKUP_PAST, (day - at_origin.date()).days) and day < at_origin.date():
        PICKUP_PAST.refuse("pickup_date must not be in the past")
    in_berlin = world.now.astimezone(CUTOFF_ZONE)
    if day == in_berlin.date():
        late = _on_a_day(in_berlin.time()) - _on_a_day(CUTOFF)
        if trace.weigh(PICKUP_CUTOFF, late.total_seconds()) and late > timedelta():
            PICKUP_CUTOFF.refuse(f"After {CUTOFF:%H:%M} in Berlin, pickup_date must be later than today")
        if not late:
            trace.lean_on(PICKUP_CUTOFF_EXACTLY)
    elif day == at_origin.date():
        trace.lean_on(PICKUP_CUTOFF_TODAY)
    width = _on_a_day(till) - _on_a_day(since)
    is_in_force = trace.weigh(PICKUP_WIDTH, (width - NARROWEST) // timedelta(minutes=1))
    if width < NARROWEST and (is_in_force or width <= timedelta()):
        PICKUP_WIDTH.refuse("pickup_time_till must be at least 2 hours after pickup_time_from")
    if day == at_origin.date() and since <= at_origin.time():
        trace.lean_on(PICKUP_CUTOFF_BEGUN)
    if till > OLDER_END:
        trace.lean_on(PICKUP_RANGE)


def _on_a_day(wall_clock: time) -> datetime:
    return datetime.combine(date.min, wall_clock)


def _next_id(world: World, day: date, trace: Trace) -> str:
    stem = f"P{day:%y%m%d}"
    number = world.ids.next_number(
        f"shipment {stem}", IDS_OF_A_DATE, lambda number: f"{stem}{number:04}" in world.shipments
    )
    trace.weigh(SHIPMENT_ID_EXHAUSTED)
    if number is None:
        SHIPMENT_ID_EXHAUSTED.refuse("The courier accepts no more orders for this date")
    return f"{stem}{number:04}"


OPERATIONS = (list_shipments, create_shipment, get_shipment, update_shipment, cancel_shipment)
