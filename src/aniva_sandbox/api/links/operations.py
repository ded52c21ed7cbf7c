"""Links between appointments and shipments, from either side. Source: the Appointments page and the partner
documentation's pages of the operations."""

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from aniva_sandbox.api.access import (
    find_appointment,
    find_appointments,
    find_shipment,
    find_shipments,
    visible_appointments,
    visible_shipments,
)
from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.appointments.wire import AppointmentId, AppointmentView, appointment_view
from aniva_sandbox.api.links import records as links
from aniva_sandbox.api.links.rules import (
    LINK_ANSWER,
    LINK_ATTACH,
    LINK_ATTACH_ORDER,
    LINK_BOUNDARY,
    LINK_CANCELLED,
    LINK_CONTEXT,
    LINK_DETACH,
    LINK_DETACH_ORDER,
    LINK_UNKNOWN,
    LINK_WINDOW,
    LINK_WINDOW_IDS,
    LINK_WINDOW_IDS_MOST,
    LINK_WINDOW_IDS_NAMES,
)
from aniva_sandbox.api.links.wire import AppointmentIds, LockedAppointments, LockedShipments, ShipmentIds
from aniva_sandbox.api.rules import AUTH_CONTEXT, PATH_UNKNOWN
from aniva_sandbox.api.shipments.courier import SHIPMENT_FRESHNESS, hint_at_news, note_hour, sync, sync_if_old
from aniva_sandbox.api.shipments.records import Shipment
from aniva_sandbox.api.shipments.wire import ShipmentId, ShipmentView, shipment_view
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.ground_rules import WORLD_FULL
from aniva_sandbox.engine.contract.operations import Call, Link, NoBody, NoQuery, Operation, operation
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.engine.world.state import require_room

__all__ = ["OPERATIONS", "LinkAnswer", "answering", "closing_of", "window_end"]

TAG = "Links"

WINDOW = timedelta(hours=24)
"""How long after a shipment's creation its links can change."""
_NO_TIME = timedelta()
_LISTED = 5000
"""The number of locked ids that a refusal lists at most: about 200 KB of them."""


@operation(
    "GET",
    "/appointments/{id}/shipments",
    tag=TAG,
    path_id=AppointmentId,
    permissions=("shipments_manage", "test_sessions_view"),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT),
    follows=(SHIPMENT_FRESHNESS,),
    links=(Link("get_shipment", {"id": "$response.body#/0/id"}),),
)
def list_appointment_shipments(world: World, call: Call[NoQuery, NoBody]) -> list[ShipmentView]:
    """List the shipments of an appointment

    Newest first, and at most 3 hours old. Shipments outside the key's access context are left out.
    """
    appointment = find_appointment(world, call, call.id)
    linked = (world.shipments[link.shipment_id] for link in world.links.of(appointment.id))
    listed = sorted(visible_shipments(world, call.access, linked), key=lambda shipment: -shipment.ordinal)
    ages = [sync_if_old(world, shipment, call.trace) for shipment in listed]
    if ages:
        call.trace.weigh_each(SHIPMENT_FRESHNESS, ages)
    hint_at_news(call.trace, listed)
    return [shipment_view(world, shipment, call) for shipment in listed]


@operation(
    "POST",
    "/appointments/{id}/shipments",
    tag=TAG,
    path_id=AppointmentId,
    assumed_permissions=("shipments_manage", "test_sessions_schedule"),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT, LINK_UNKNOWN, LINK_CONTEXT, LINK_WINDOW, WORLD_FULL),
    follows=(LINK_ATTACH, LINK_BOUNDARY, LINK_WINDOW_IDS, LINK_CANCELLED, LINK_ANSWER),
    errors={409: LockedShipments},
    links=(
        Link("list_appointment_shipments", {"id": "$request.path.id"}),
        Link("detach_shipments", {"id": "$request.path.id"}, "$request.body"),
    ),
    example={"shipment_ids": ["P2604154821"]},
)
def attach_shipments(world: World, call: Call[NoQuery, ShipmentIds]) -> AppointmentView:
    """Attach shipments to an appointment

    Attaches all of them or none. Shipments that are already attached stay as they are.
    """
    appointment = find_appointment(world, call, call.id)
    pairs = [(appointment, shipment) for shipment in _shipments(world, call)]
    _attach(world, pairs, "shipment_ids", call.trace)
    return appointment_view(world, appointment, call)


@operation(
    "DELETE",
    "/appointments/{id}/shipments",
    tag=TAG,
    path_id=AppointmentId,
    assumed_permissions=("shipments_manage", "test_sessions_schedule"),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT, LINK_UNKNOWN, LINK_CONTEXT, LINK_WINDOW),
    follows=(LINK_DETACH, LINK_BOUNDARY, LINK_WINDOW_IDS, LINK_CANCELLED, LINK_ANSWER),
    errors={409: LockedShipments},
    links=(Link("list_appointment_shipments", {"id": "$request.path.id"}),),
    example={"shipment_ids": ["P2604154821"]},
)
def detach_shipments(world: World, call: Call[NoQuery, ShipmentIds]) -> AppointmentView:
    """Detach shipments from an appointment

    Detaches all of them or none. Shipments that are not attached are ignored.
    """
    appointment = find_appointment(world, call, call.id)
    pairs = [(appointment, shipment) for shipment in _shipments(world, call)]
    _detach(world, pairs, "shipment_ids", call.trace)
    return appointment_view(world, appointment, call)


@operation(
    "GET",
    "/shipments/{id}/appointments",
    tag=TAG,
    path_id=ShipmentId,
    permissions=("shipments_manage", "test_sessions_view"),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT),
    links=(Link("get_appointment", {"id": "$response.body#/0/id"}),),
)
def list_shipment_appointments(world: World, call: Call[NoQuery, NoBody]) -> list[AppointmentView]:
    """List the appointments of a shipment

    In the order of linking. Appointments outside the key's access context are left out.
    """
    shipment = find_shipment(world, call, call.id)
    linked = (world.appointments[link.appointment_id] for link in world.links.of(shipment.id))
    listed = visible_appointments(world, call.access, linked)
    return [appointment_view(world, appointment, call) for appointment in listed]


@operation(
    "POST",
    "/shipments/{id}/appointments",
    tag=TAG,
    path_id=ShipmentId,
    assumed_permissions=("shipments_manage", "test_sessions_schedule"),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT, LINK_UNKNOWN, LINK_CONTEXT, LINK_WINDOW, WORLD_FULL),
    follows=(LINK_ATTACH, LINK_BOUNDARY, LINK_WINDOW_IDS, LINK_CANCELLED, LINK_ANSWER),
    errors={409: LockedAppointments},
    links=(
        Link("list_shipment_appointments", {"id": "$request.path.id"}),
        Link("detach_appointments", {"id": "$request.path.id"}, "$request.body"),
    ),
    example={"appointment_ids": ["c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a"]},
)
def attach_appointments(world: World, call: Call[NoQuery, AppointmentIds]) -> ShipmentView:
    """Attach appointments to a shipment

    Attaches all of them or none. Appointments that are already attached stay as they are.
    """
    shipment = find_shipment(world, call, call.id)
    _attach(
        world, [(appointment, shipment) for appointment in _appointments(world, call)], "appointment_ids", call.trace
    )
    sync(world, shipment)
    note_hour(world, shipment, call.trace)
    return shipment_view(world, shipment, call)


@operation(
    "DELETE",
    "/shipments/{id}/appointments",
    tag=TAG,
    path_id=ShipmentId,
    assumed_permissions=("shipments_manage", "test_sessions_schedule"),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT, LINK_UNKNOWN, LINK_CONTEXT, LINK_WINDOW),
    follows=(LINK_DETACH, LINK_BOUNDARY, LINK_WINDOW_IDS, LINK_CANCELLED, LINK_ANSWER),
    errors={409: LockedAppointments},
    links=(Link("list_shipment_appointments", {"id": "$request.path.id"}),),
    example={"appointment_ids": ["c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a"]},
)
def detach_appointments(world: World, call: Call[NoQuery, AppointmentIds]) -> ShipmentView:
    """Detach appointments from a shipment

    Detaches all of them or none. Appointments that are not attached are ignored.
    """
    shipment = find_shipment(world, call, call.id)
    _detach(
        world, [(appointment, shipment) for appointment in _appointments(world, call)], "appointment_ids", call.trace
    )
    sync(world, shipment)
    note_hour(world, shipment, call.trace)
    return shipment_view(world, shipment, call)


_Pair = tuple[Appointment, Shipment]
_Side = Literal["shipment_ids", "appointment_ids"]


def _shipments(world: World, call: Call[NoQuery, ShipmentIds]) -> list[Shipment]:
    return find_shipments(world, call, call.body.shipment_ids, unknown=LINK_UNKNOWN, outside=LINK_CONTEXT)


def _appointments(world: World, call: Call[NoQuery, AppointmentIds]) -> list[Appointment]:
    return find_appointments(world, call, call.body.appointment_ids, unknown=LINK_UNKNOWN, outside=LINK_CONTEXT)


def _attach(world: World, pairs: list[_Pair], side: _Side, trace: Trace) -> None:
    """Link the pairs that are not linked yet."""
    held = world.links.held
    loose = [pair for pair in pairs if (pair[0].id, pair[1].id) not in held]
    if loose:
        _require_window(world, loose, side, trace)
        require_room(world)
    if len(loose) < len(pairs) and _is_any_locked(world, pairs):  # none of those that change
        trace.lean_on(LINK_ATTACH_ORDER)
    _note_reliance(trace, loose)
    for appointment, shipment in loose:
        world.links.add(links.Link(appointment_id=appointment.id, shipment_id=shipment.id, added_at=world.clock.now))


def _detach(world: World, pairs: list[_Pair], side: _Side, trace: Trace) -> None:
    """Unlink the pairs that are linked."""
    held = world.links.held
    linked = [pair for pair in pairs if (pair[0].id, pair[1].id) in held]
    if linked:
        _require_window(world, linked, side, trace)
    if len(linked) < len(pairs) and _is_any_locked(world, pairs):
        trace.lean_on(LINK_DETACH_ORDER)
    _note_reliance(trace, linked)
    for appointment, shipment in linked:
        world.links.remove(appointment_id=appointment.id, shipment_id=shipment.id)


def _note_reliance(trace: Trace, pairs: list[_Pair]) -> None:
    """What the response to a change contains is disputed; links to cancelled records are not documented."""
    trace.lean_on(LINK_ANSWER)
    for appointment, shipment in pairs:
        if appointment.status == "cancelled" or shipment.status == "cancelled":
            trace.lean_on(LINK_CANCELLED)
            return


def closing_of(shipment: Shipment) -> datetime:
    """From when links of a shipment can no longer be changed, unless the blood is drawn."""
    return shipment.created_at + WINDOW


def window_end(appointment: Appointment, shipment: Shipment) -> datetime | None:
    """From when the link of a pair can no longer be changed; None if it always can, because the blood is drawn. No
    other function decides this."""
    return None if appointment.status == "blood_drawn" else closing_of(shipment)


def _past_window(world: World, appointment: Appointment, shipment: Shipment) -> timedelta | None:
    """How long ago the window of a pair closed, negative while it is open; None if there is no window."""
    end = window_end(appointment, shipment)
    return None if end is None else world.clock.now - end


def _is_any_locked(world: World, pairs: list[_Pair]) -> bool:
    for appointment, shipment in pairs:
        past = _past_window(world, appointment, shipment)
        if past is not None and past >= _NO_TIME:
            return True
    return False


def _require_window(world: World, pairs: list[_Pair], side: _Side, trace: Trace) -> None:
    """Refuse to change links after the window. ``side`` is the field of the body."""
    weighed = []
    for appointment, shipment in pairs:
        past = _past_window(world, appointment, shipment)
        if past is not None:
            weighed.append((past.total_seconds(), shipment.id if side == "shipment_ids" else appointment.id))
    trace.weigh_each(LINK_WINDOW, [past for past, _ in weighed])
    locked = [id for past, id in weighed if trace.is_in_force(LINK_WINDOW, past) and past >= 0]
    if locked:
        message = "Links are locked 24 hours after the shipment's creation, unless the blood is drawn"
        fields: dict[str, Any] = {side: locked[:_LISTED]}
        leans_on = (LINK_WINDOW_IDS_NAMES, LINK_WINDOW_IDS_MOST) if len(locked) > _LISTED else (LINK_WINDOW_IDS_NAMES,)
        LINK_WINDOW.refuse(f"{message}: {listed(locked)}", leans_on=leans_on, **fields)


# Each change, with the operation that lists the other side.
_LISTINGS = {
    attach_shipments.id: list_appointment_shipments,
    detach_shipments.id: list_appointment_shipments,
    attach_appointments.id: list_shipment_appointments,
    detach_appointments.id: list_shipment_appointments,
}

LinkAnswer = Literal["parent", "list"]
"""What the response to a change of links holds: the resource in the path, or the other side's resources."""


def answering(operation: Operation[World], answer: LinkAnswer) -> Operation[World]:
    """The operation, with the chosen response if it changes links."""
    listing = _LISTINGS.get(operation.id)
    if answer == "parent" or listing is None:
        return operation

    def run(world: World, call: Call[NoQuery, Any]) -> Any:
        operation.run(world, call)
        return listing.run(world, call)

    return msgspec.structs.replace(operation, run=run, returns=listing.returns)


OPERATIONS = (
    list_appointment_shipments,
    attach_shipments,
    detach_shipments,
    list_shipment_appointments,
    attach_appointments,
    detach_appointments,
)
