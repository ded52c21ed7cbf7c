"""Events of shipments, made by the courier."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.api.shipments.courier import Noted, note
from aniva_sandbox.api.shipments.records import Shipment
from aniva_sandbox.api.shipments.wire import ShipmentId
from aniva_sandbox.api.values import TRACKING_LENGTH, WORDING_LENGTH
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.world.event_types import EventType
from aniva_sandbox.engine.world.events import EVENT_STATE

__all__ = ["EVENTS"]

Wording = Annotated[str, field("The courier's wording of the update.", min_length=1, max_length=WORDING_LENGTH)]
TrackingNumber = Annotated[str, field("The order's tracking number.", min_length=1, max_length=TRACKING_LENGTH)]


class Update(msgspec.Struct, frozen=True):
    """A courier's report on a shipment."""

    status: Wording | UnsetType = UNSET


class Booking(Update, frozen=True):
    """A courier's report on a shipment that has, or gets, its tracking number."""

    tracking_number: TrackingNumber | UnsetType = UNSET


def _note(what: Noted) -> Callable[[World, Shipment, dict[str, Any]], dict[str, Any]]:
    def happen(world: World, shipment: Shipment, details: dict[str, Any]) -> dict[str, Any]:
        given = details.get("status"), details.get("tracking_number")
        report = note(world, shipment, what, EVENT_STATE, *given)
        number = {"tracking_number": report.tracking_number} if report.tracking_number else {}
        return {"status": report.wording} | number

    return happen


def _event(what: Noted, *, details: type[msgspec.Struct] = Update, outcome: type[msgspec.Struct] = Update) -> EventType:
    return EventType(
        section="shipments",
        target="shipment_id",
        target_type=ShipmentId,
        details=details,
        outcome=outcome,
        happen=_note(what),
        move=what,
        shown_by=("list_shipments", "get_shipment", "list_appointment_shipments"),
    )


EVENTS = {
    "courier.booked": _event("booked", details=Booking, outcome=Booking),
    "courier.picked_up": _event("picked_up", outcome=Booking),
    "courier.scanned": _event("scanned"),
    "courier.delivered": _event("delivered"),
    "courier.lost": _event("lost"),
}
