"""What the courier does with shipments."""

from collections.abc import Callable
from typing import Any

from aniva_sandbox.api.shipments.courier import Noted, note
from aniva_sandbox.api.shipments.records import Shipment
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.domain import EventType
from aniva_sandbox.engine.world.events import EVENT_STATE

__all__ = ["EVENTS"]


def _note(what: Noted) -> Callable[[World, Shipment, dict[str, Any]], dict[str, Any]]:
    def happen(world: World, shipment: Shipment, details: dict[str, Any]) -> dict[str, Any]:
        given = details.get("status"), details.get("tracking_number")
        report = note(world, shipment, what, EVENT_STATE, *given)
        number = {"tracking_number": report.tracking_number} if report.tracking_number else {}
        return {"status": report.wording} | number

    return happen


def _event(what: Noted, *optional: str) -> EventType:
    return EventType(section="shipments", target="shipment_id", happen=_note(what), optional=("status", *optional))


EVENTS = {
    "courier.booked": _event("booked", "tracking_number"),
    "courier.picked_up": _event("picked_up"),
    "courier.scanned": _event("scanned"),
    "courier.delivered": _event("delivered"),
    "courier.lost": _event("lost"),
}
