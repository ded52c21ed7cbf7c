"""The courier behind the shipments: how an order moves, what the courier will do by itself, and what partners see of
it. Source: the partner documentation's pages of the shipment operations."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Literal

from aniva_sandbox.api.locations.records import Courier, zone_of
from aniva_sandbox.api.shipments.records import Report, Shipment, ShipmentStatus
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.clock import LATEST

__all__ = [
    "MOVES",
    "NOTED",
    "REFUSABLE",
    "RULES",
    "Move",
    "Noted",
    "Order",
    "ask_courier",
    "cancel_order",
    "is_weekend",
    "note",
    "place_order",
    "plan_all",
    "refusal_note",
    "replace_order",
    "require_move",
    "sync",
    "sync_if_old",
    "sync_now",
]

_PAGE = "partner documentation"

# Rules

SHIPMENT_COURIER_REFUSES = Rule(
    id="shipment.courier-refuses",
    sentence="Where the courier refuses to create, update or cancel an order, the call fails with the courier's words.",
    basis="documented",
    source=f"{_PAGE}, page of the cancellation",
    statuses=(502,),
    assumption="The status of create and update. Here the courier refuses on request only: notes that contain "
    "courier-refuses-create, courier-refuses-update or courier-refuses-cancel make it refuse that.",
)
SHIPMENT_FRESHNESS = Rule(
    id="shipment.freshness",
    sentence="Partners see what the courier knows through a copy. A list shows the copy of the last hourly sync; "
    "reading one shipment syncs it first, and so does an appointment's list where the last sync is over 3 hours ago.",
    basis="documented",
    source=_PAGE,
    assumption="That update and cancel sync first, too, and that the sync runs at every full hour and finds what was "
    "noted before it.",
)

RULES = (SHIPMENT_COURIER_REFUSES, SHIPMENT_FRESHNESS)

# The state machine

Order = Literal["create", "update", "cancel"]
"""What partners ask of the courier."""

Noted = Literal["booked", "picked_up", "scanned", "delivered", "lost"]
"""What the courier does, and notes."""

Move = Literal["update", "cancel", Noted]

MOVES: Final[dict[tuple[ShipmentStatus, Move], ShipmentStatus]] = {
    ("pending", "update"): "pending",
    ("pending", "cancel"): "cancelled",
    ("pending", "booked"): "pending",
    ("pending", "picked_up"): "in_transit",
    ("pending", "lost"): "fault",
    ("in_transit", "scanned"): "in_transit",
    ("in_transit", "delivered"): "delivered",
    ("in_transit", "lost"): "fault",
}
"""Where each move leads from each state; a pair that is missing is refused. Partners update and cancel, all other moves
are the courier's."""

NOTED: Final[dict[Courier, dict[Noted, str]]] = {
    "go": {
        "booked": "Order accepted",
        "picked_up": "Collected by the driver",
        "scanned": "Arrived at the night hub",
        "delivered": "Handed over to the recipient",
        "lost": "Whereabouts unknown, search started",
    },
    "dhl": {
        "booked": "The order data has been sent to DHL electronically",
        "picked_up": "The shipment has been collected from the sender",
        "scanned": "The shipment has been processed in the parcel centre",
        "delivered": "The shipment has been delivered",
        "lost": "The shipment cannot be located",
    },
    "tof": {
        "booked": "BOOKED",
        "picked_up": "PICKED UP",
        "scanned": "HUB SCAN",
        "delivered": "DELIVERED - SIGNED",
        "lost": "EXCEPTION - LOST",
    },
}
"""The couriers' own words for what they do. They are invented, and as unlike as those of real couriers."""


def require_move(shipment: Shipment, by: Move, refusal: Rule) -> ShipmentStatus:
    """Where a move leads; refused through the given rule where the table does not have it."""
    status = MOVES.get((shipment.status, by))
    if status is None:
        refusal.refuse(f"The shipment is {shipment.status}", status=409)
    return status


# Orders


REFUSABLE: Final[dict[str, Order]] = {
    "create_shipment": "create",
    "update_shipment": "update",
    "cancel_shipment": "cancel",
}
"""The operations that ask the courier."""


def refusal_note(order: Order) -> str:
    """What the notes of a shipment contain that the courier refuses."""
    return f"courier-refuses-{order}"


def ask_courier(order: Order, courier: Courier, notes: str | None) -> None:
    """Refuse what the courier refuses."""
    if notes is not None and refusal_note(order) in notes:
        SHIPMENT_COURIER_REFUSES.refuse(f"The courier {courier} refused to {order} the order")


def place_order(world: World, shipment: Shipment) -> None:
    """Let the courier have a new order."""
    _plan(world, shipment)


def replace_order(world: World, shipment: Shipment) -> None:
    """Give the courier another order in the place of the first; what was known and planned of that is gone."""
    world.agenda.drop(shipment.id)
    shipment.reports = []
    shipment.seen = 0
    _plan(world, shipment)


def cancel_order(world: World, shipment: Shipment) -> None:
    """Take the order back from the courier, with what was planned."""
    world.agenda.drop(shipment.id)
    shipment.cancelled = True


def note(
    world: World, shipment: Shipment, what: Noted, refusal: Rule, wording: str | None, tracking_number: str | None
) -> Report:
    """Let the courier do something now, and note it in the given or its own words.

    An order has its tracking number when it is booked, or at the latest when it is picked up.
    """
    status = require_move(shipment, what, refusal)
    courier = world.locations[shipment.location_id].courier
    if _is_booked(shipment):
        if what == "booked":
            refusal.refuse("The order has a tracking number already", status=409)
    elif what in ("booked", "picked_up"):
        tracking_number = tracking_number or f"{courier.upper()}{world.ids.next_digits('tracking number', 12)}"
    report = Report(world.now, status, wording or NOTED[courier][what], tracking_number)
    shipment.reports = [*shipment.reports, report]
    _plan(world, shipment)
    return report


# Automation

BOOKED_AFTER = timedelta(minutes=5)
SCANNED_AT = time(21)
DELIVERED_AT = time(10)
"""Wall clock at the location, as is ``SCANNED_AT``."""


def plan_all(world: World) -> None:
    """Put into the agenda what the courier will do with every order."""
    for shipment in world.shipments:
        _plan(world, shipment)


def _plan(world: World, shipment: Shipment) -> None:
    """Put into the agenda what the courier will do with an order from now on, in the place of what stood there."""
    world.agenda.drop(shipment.id, automatic_only=True)
    if world.settings.courier_automation and shipment.status in ("pending", "in_transit"):
        zone = zone_of(world.locations[shipment.location_id])
        for due, what in _steps(shipment, zone, world.now):
            world.agenda.add(due, Event(f"courier.{what}", shipment.id, automatic=True))


def _steps(shipment: Shipment, zone: tzinfo, now: datetime) -> Iterator[tuple[datetime, Noted]]:
    """What the courier does next and when: books at once, comes in the middle of what is left of the window (where
    nothing is left, of the same window on the next working day), scans that evening, delivers on the next working day.
    """
    ahead = now
    if shipment.status == "pending":
        if not _is_booked(shipment):
            ahead += BOOKED_AFTER
            yield ahead, "booked"
        day = max(shipment.pickup_date, ahead.astimezone(zone).date())
        if day > LATEST.date():
            return  # no clock gets there
        if is_weekend(day):
            day = _next_working_day(day)
        if _instant(day, shipment.pickup_time_till, zone) <= ahead:
            day = _next_working_day(day)
        begin = max(ahead, _instant(day, shipment.pickup_time_from, zone))
        ahead = begin + timedelta(seconds=(_instant(day, shipment.pickup_time_till, zone) - begin).seconds // 2)
        yield ahead, "picked_up"
        scanned = False
    else:
        travelled = [report.time for report in shipment.reports if report.status == "in_transit"]
        day = travelled[0].astimezone(zone).date()
        scanned = len(travelled) > 1
    if not scanned:
        ahead = max(ahead, _instant(day, SCANNED_AT, zone))
        yield ahead, "scanned"
    yield max(ahead, _instant(_next_working_day(day), DELIVERED_AT, zone)), "delivered"


def is_weekend(day: date) -> bool:
    """Whether the courier rests on that day; public holidays are not known."""
    return day.isoweekday() > 5


def _next_working_day(day: date) -> date:
    following = day + timedelta(days=1)
    return _next_working_day(following) if is_weekend(following) else following


def _instant(day: date, wall_clock: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, wall_clock, zone).astimezone(UTC)


def _is_booked(shipment: Shipment) -> bool:
    return any(report.tracking_number for report in shipment.reports)


# The copy that partners see

STALE_AFTER = timedelta(hours=3)


def sync(world: World, shipment: Shipment) -> None:
    """Bring the copy to where the last hourly sync left it, if there is one."""
    if not world.settings.hourly_sync:
        return
    full_hour = world.now.replace(minute=0, second=0)
    if full_hour <= max(shipment.synced_at, world.hourly_since):
        return
    shipment.synced_at = full_hour
    found = sum(report.time < full_hour for report in shipment.reports)
    if found > shipment.seen:
        # Of all the full hours since, the one after the newest report was the last to bring anything.
        newest = max(shipment.reports[found - 1].time, world.hourly_since)
        shipment.updated_at = newest.replace(minute=0, second=0) + timedelta(hours=1)
        shipment.seen = found


def sync_now(world: World, shipment: Shipment) -> None:
    """Bring the copy to what the courier knows now."""
    sync(world, shipment)
    shipment.synced_at = world.now
    if len(shipment.reports) > shipment.seen:
        shipment.updated_at = world.now
        shipment.seen = len(shipment.reports)


def sync_if_old(world: World, shipment: Shipment) -> None:
    """Bring the copy to what the courier knows now, where the last sync is too long ago."""
    sync(world, shipment)
    if world.now - shipment.synced_at > STALE_AFTER:
        sync_now(world, shipment)
