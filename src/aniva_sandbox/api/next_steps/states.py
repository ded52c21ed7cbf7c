"""Every move in every state, and every event with a read after it, in the default world."""

from typing import Final

from aniva_sandbox.api.next_steps.calls import EXAMPLE_CALLS
from aniva_sandbox.api.next_steps.texts import (
    APPOINTMENTS,
    BERLIN,
    PROFILE,
    SHIPMENTS,
    call,
    happen,
    lines,
    suppressed,
)

__all__ = ["TIME", "TRANSITIONS"]

_UNBOOKED: Final = "P2604148873"
"""A pending shipment that the courier has not booked yet."""
_DRAWN: Final = APPOINTMENTS["blood_drawn"]


def _appointment(state: str, move: str) -> str:
    id = APPOINTMENTS[state]
    match move:
        case "cancel":
            return call("DELETE", f"/appointments/{id}")
        case "confirm draw":
            return call("POST", f"/appointments/{id}/confirm", {"barcode": "4130075218"})
        case "practice confirms":
            event = happen("practice.confirmed", appointment_id=id)
            return event if state == "pending" else suppressed(event)
    event = happen("operations.cancelled", appointment_id=id)
    return event if state == "blood_drawn" else suppressed(event)


_ON_THE_WAY: Final = {"pending": ("booked", "picked_up", "lost"), "in_transit": ("scanned", "delivered", "lost")}
"""What the courier may do."""


def _shipment(state: str, move: str) -> str:
    id = SHIPMENTS[state]
    match move:
        case "cancel":
            return call("DELETE", f"/shipments/{id}")
        case "update":
            return call("PATCH", f"/shipments/{id}", {"notes": "Two boxes"})
    event = happen(f"courier.{move}", shipment_id=_UNBOOKED if (state, move) == ("pending", "booked") else id)
    return event if move in _ON_THE_WAY.get(state, ()) else suppressed(event)


TRANSITIONS: Final = {
    f"appointment {state}: {move}": _appointment(state, move)
    for state in APPOINTMENTS
    for move in ("cancel", "confirm draw", "practice confirms", "operations cancel")
} | {
    f"shipment {state}: {move}": _shipment(state, move)
    for state in SHIPMENTS
    for move in ("update", "cancel", "booked", "picked_up", "scanned", "delivered", "lost")
}
"""Items of the axis ``transitions``."""


def _after(event: str, read: str) -> str:
    return lines(event, read)


def _of_shipment(id: str) -> str:
    return call("GET", f"/shipments/{id}")


def _of_draw(id: str) -> str:
    return call("GET", f"/appointments/{id}/results")


_SLOTS: Final = EXAMPLE_CALLS["get_availability"]

TIME: Final = {
    f"{event} read": text
    for event, text in {
        "practice.confirmed": _after(
            happen("practice.confirmed", appointment_id=APPOINTMENTS["pending"]),
            call("GET", f"/appointments/{APPOINTMENTS['pending']}"),
        ),
        "operations.cancelled": _after(
            happen("operations.cancelled", appointment_id=_DRAWN), call("GET", f"/appointments/{_DRAWN}")
        ),
        "kit.ordered": _after(
            f"kit = {happen('kit.ordered', profile_id=PROFILE)}", call("GET", "/appointments/{kit['appointment_id']}")
        ),
        "courier.booked": _after('aniva.clock.advance_until("courier.booked")', _of_shipment(_UNBOOKED)),
        "courier.picked_up": _after(
            happen("courier.picked_up", shipment_id=SHIPMENTS["pending"]), _of_shipment(SHIPMENTS["pending"])
        ),
        "courier.scanned": _after(
            happen("courier.scanned", shipment_id=SHIPMENTS["in_transit"]), _of_shipment(SHIPMENTS["in_transit"])
        ),
        "courier.delivered": _after(
            happen("courier.delivered", shipment_id=SHIPMENTS["in_transit"]), _of_shipment(SHIPMENTS["in_transit"])
        ),
        "courier.lost": _after(
            happen("courier.lost", shipment_id=SHIPMENTS["in_transit"]), _of_shipment(SHIPMENTS["in_transit"])
        ),
        "lab.results_arrived": _after(happen("lab.results_arrived", appointment_id=_DRAWN), _of_draw(_DRAWN)),
        "lab.corrected": _after(happen("lab.corrected", appointment_id=_DRAWN, values={"87": 2.5}), _of_draw(_DRAWN)),
        "lab.order_failed": lines(
            EXAMPLE_CALLS["confirm_blood_draw"],
            happen("lab.order_failed", appointment_id=APPOINTMENTS["confirmed"]),
            _of_draw(APPOINTMENTS["confirmed"]),
        ),
        "location.closed": _after(happen("location.closed", location_id=BERLIN), EXAMPLE_CALLS["list_locations"]),
        "location.opened": lines(
            happen("location.closed", location_id=BERLIN), happen("location.opened", location_id=BERLIN), _SLOTS
        ),
        "location.date_blocked": _after(happen("location.date_blocked", location_id=BERLIN, date="2026-04-15"), _SLOTS),
    }.items()
}
"""Items of the axis ``time``."""
