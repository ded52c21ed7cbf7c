"""The courier behind the shipments: how an order moves, what the courier does by itself, and what partners see of it.
Source: the partner documentation's pages of the shipment operations."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Literal, cast, get_args

from aniva_sandbox.api.locations.records import Courier, zone_of
from aniva_sandbox.api.shipments.records import Report, ReportStatus, Shipment, ShipmentStatus
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.rules import Measure, Rule
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.clock import LATEST
from aniva_sandbox.engine.world.machines import Machine

__all__ = [
    "MACHINE",
    "MOVES",
    "NOTED",
    "REFUSABLE",
    "RULES",
    "Move",
    "Noted",
    "Order",
    "ask_courier",
    "cancel_order",
    "hint_at_news",
    "is_booked",
    "is_weekend",
    "next_sync",
    "note",
    "note_hour",
    "place_order",
    "plan_all",
    "refusal_note",
    "replace_order",
    "require_move",
    "sync",
    "sync_first",
    "sync_if_old",
    "sync_now",
]

# Rules

SHIPMENT_COURIER_REFUSES = Rule(
    id="shipment.courier-refuses",
    sentence="If the courier refuses to cancel an order, the request fails with the courier's message.",
    basis="documented",
    source="partner documentation, page Cancel Shipment",
    statuses=(502,),
)
SHIPMENT_COURIER_REFUSES_CHANGE = SHIPMENT_COURIER_REFUSES.clause(
    "change",
    "If the courier refuses to create or update an order, the request also fails with 502 and the courier's message.",
    statuses=(502,),
)
SHIPMENT_COURIER_REFUSES_NOTES = SHIPMENT_COURIER_REFUSES.clause(
    "notes",
    "The courier refuses an order only if its notes contain courier-refuses-create, courier-refuses-update or "
    "courier-refuses-cancel, or if a fault is injected.",
    pervasive="What a real courier refuses is not known.",
)
SHIPMENT_FRESHNESS = Rule(
    id="shipment.freshness",
    sentence="Partners see a copy of what the courier knows. A list shows the copy of the last hourly sync; getting "
    "one shipment syncs it first, and so does listing an appointment's shipments if the last sync is over 3 hours old.",
    basis="documented",
    source="partner documentation, pages List Shipments, Get Shipment and List Appointment Shipments",
    measures=(Measure("seconds", step=3600),),
)
SHIPMENT_FRESHNESS_HOUR = SHIPMENT_FRESHNESS.clause(
    "hour", "The hourly sync of shipments runs at every full hour, and brings what was reported before it."
)
SHIPMENT_FRESHNESS_CHANGES = SHIPMENT_FRESHNESS.clause(
    "changes",
    "Updating or cancelling a shipment syncs it first, and is refused if it turns out not to be pending.",
    statuses=(409,),
)

RULES = (
    SHIPMENT_COURIER_REFUSES,
    SHIPMENT_COURIER_REFUSES_CHANGE,
    SHIPMENT_COURIER_REFUSES_NOTES,
    SHIPMENT_FRESHNESS,
    SHIPMENT_FRESHNESS_HOUR,
    SHIPMENT_FRESHNESS_CHANGES,
)

# The state machine

Order = Literal["create", "update", "cancel"]
"""What partners request from the courier."""

Noted = Literal["booked", "picked_up", "scanned", "delivered", "lost"]
"""What the courier does and reports."""

PartnerMove = Literal["update", "cancel"]
Move = Literal[PartnerMove, Noted]

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
"""The state that each move leads to from each state; a pair that is missing is refused. Partners update and cancel; all
other moves are the courier's."""
_GOALS: Final[dict[Move, ShipmentStatus]] = {move: status for (_, move), status in MOVES.items()}
"""The state that a move leads to where no rule forbids it."""
MACHINE = Machine(
    noun="shipment",
    states=get_args(ShipmentStatus),
    moves=get_args(Move),
    table=MOVES,
    clients={"update": "update_shipment", "cancel": "cancel_shipment"},
)

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
"""The couriers' own wording. It is invented, and varies like that of real couriers."""


def require_move(shipment: Shipment, by: Move, refusal: Rule, trace: Trace | None = None) -> ShipmentStatus:
    """The state that a move leads to; refused through the given rule if the table does not have it. Events have no
    trace."""
    is_in_force = True
    if trace is not None:
        trace.try_move(MACHINE.noun, shipment.status, by)
        is_in_force = trace.weigh(refusal) and SHIPMENT_FRESHNESS_CHANGES not in trace.waived
    status = MOVES.get((shipment.status, by))
    if status is None:
        if is_in_force:
            refusal.refuse(f"The shipment is {shipment.status}", status=409)
        status = _GOALS[by]
    return status


# Orders


REFUSABLE: Final[dict[str, Order]] = {
    "create_shipment": "create",
    "update_shipment": "update",
    "cancel_shipment": "cancel",
}
"""The operations that need the courier."""


def refusal_note(order: Order) -> str:
    """The text in a shipment's notes that makes the courier refuse."""
    return f"courier-refuses-{order}"


def ask_courier(order: Order, courier: Courier, notes: str | None, trace: Trace) -> None:
    """Refuse if the courier does."""
    refusal = SHIPMENT_COURIER_REFUSES if order == "cancel" else SHIPMENT_COURIER_REFUSES_CHANGE
    if trace.weigh(refusal) and notes is not None and refusal_note(order) in notes:
        refusal.refuse(f"The courier {courier} refused to {order} the order")


def place_order(world: World, shipment: Shipment) -> None:
    """Place a new order with the courier."""
    _plan(world, shipment)


def replace_order(world: World, shipment: Shipment) -> None:
    """Replace the courier order; what was reported and planned for the first is dropped."""
    world.agenda.drop(shipment.id)
    shipment.cancelled = False
    shipment.reports = []
    shipment.seen = 0
    _plan(world, shipment)


def cancel_order(world: World, shipment: Shipment) -> None:
    """Cancel the courier order, and drop what was planned. Only what was not picked up is ever cancelled."""
    world.agenda.drop(shipment.id)
    shipment.cancelled = True
    shipment.reports = [report for report in shipment.reports if report.status == "pending"]
    shipment.seen = min(shipment.seen, len(shipment.reports))


def note(
    world: World, shipment: Shipment, what: Noted, refusal: Rule, wording: str | None, tracking_number: str | None
) -> Report:
    """Let the courier do something now, and report it in the given or its own words.

    An order gets its tracking number when it is booked, or at the latest when it is picked up.
    """
    status = require_move(shipment, what, refusal)
    courier = world.locations[shipment.location_id].courier
    if is_booked(shipment):
        if what == "booked":
            refusal.refuse("The order already has a tracking number", status=409)
    elif what in ("booked", "picked_up"):
        tracking_number = tracking_number or f"{courier.upper()}{world.ids.next_digits('tracking number', 12)}"
    report = Report(world.now, cast(ReportStatus, status), wording or NOTED[courier][what], tracking_number)
    shipment.reports = [*shipment.reports, report]
    _plan(world, shipment)
    return report


# Automation

BOOKED_AFTER = timedelta(minutes=5)
SCANNED_AT = time(21)
DELIVERED_AT = time(10)
"""Wall clock at the location, like ``SCANNED_AT``."""


def plan_all(world: World) -> None:
    """Plan in the agenda what the courier will do with every order."""
    for shipment in world.shipments:
        _plan(world, shipment)


def _plan(world: World, shipment: Shipment) -> None:
    """Plan in the agenda what the courier will do with an order from now on, replacing what was planned."""
    world.agenda.drop(shipment.id, automatic_only=True)
    if world.settings.courier_automation and shipment.status in ("pending", "in_transit"):
        zone = zone_of(world.locations[shipment.location_id])
        for due, what in _steps(shipment, zone, world.now):
            world.agenda.add(due, Event(f"courier.{what}", shipment.id, automatic=True))


def _steps(shipment: Shipment, zone: tzinfo, now: datetime) -> Iterator[tuple[datetime, Noted]]:
    """What the courier does next, and when.

    It books at once, comes in the middle of what is left of the window (if nothing is left, of the same window on the
    next working day), scans that evening, and delivers on the next working day.
    """
    ahead = now
    if shipment.status == "pending":
        if not is_booked(shipment):
            ahead += BOOKED_AFTER
            yield ahead, "booked"
        day = max(shipment.pickup_date, ahead.astimezone(zone).date())
        if day > LATEST.date():
            return  # beyond the latest time of a clock
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
    """Whether the courier does not work on that day; public holidays are not known."""
    return day.isoweekday() > 5


def _next_working_day(day: date) -> date:
    following = day + timedelta(days=1)
    return _next_working_day(following) if is_weekend(following) else following


def _instant(day: date, wall_clock: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, wall_clock, zone).astimezone(UTC)


def is_booked(shipment: Shipment) -> bool:
    """Whether the courier gave its order a tracking number."""
    return any(report.tracking_number for report in shipment.reports)


# The copy that partners see

STALE_AFTER = timedelta(hours=3)
_HOUR = timedelta(hours=1)


def sync(world: World, shipment: Shipment) -> None:
    """Sync the copy up to the last hourly sync, if it is on."""
    if not world.settings.hourly_sync:
        return
    full_hour = world.now.replace(minute=0, second=0)
    if full_hour <= max(shipment.synced_at, world.hourly_since):
        return
    shipment.synced_at = full_hour
    found = sum(report.time < full_hour for report in shipment.reports)
    if found > shipment.seen:
        # The last sync that brought something new was at the full hour after the newest report.
        newest = max(shipment.reports[found - 1].time, world.hourly_since)
        shipment.updated_at = newest.replace(minute=0, second=0) + timedelta(hours=1)
        shipment.seen = found


def next_sync(world: World) -> datetime | None:
    """When the copies are synced next; None if only single ones are, when they are read."""
    if not world.settings.hourly_sync:
        return None
    return world.now.replace(minute=0, second=0) + _HOUR


def sync_now(world: World, shipment: Shipment) -> None:
    """Sync the copy with what the courier knows now."""
    sync(world, shipment)
    shipment.synced_at = world.now
    if len(shipment.reports) > shipment.seen:
        shipment.updated_at = world.now
        shipment.seen = len(shipment.reports)


def sync_if_old(world: World, shipment: Shipment, trace: Trace) -> float:
    """Sync the copy with what the courier knows now if the last sync is too old. Returns by how many seconds it is."""
    sync(world, shipment)
    over = (world.now - shipment.synced_at - STALE_AFTER).total_seconds()
    if over > 0 and trace.is_in_force(SHIPMENT_FRESHNESS, over):
        sync_now(world, shipment)
    else:
        note_hour(world, shipment, trace)
    return over


def sync_first(world: World, shipment: Shipment, by: PartnerMove, trace: Trace) -> bool:
    """Sync the copy before a change; refused if the shipment is pending in the copy alone. Returns whether the sync
    brought something new."""
    sync(world, shipment)
    shown, seen = shipment.shown_status, shipment.seen
    sync_now(world, shipment)
    if shipment.seen == seen:
        return False
    if shown == "pending" != shipment.status:
        require_move(shipment, by, SHIPMENT_FRESHNESS_CHANGES, trace)
    trace.weigh(SHIPMENT_FRESHNESS_CHANGES)
    return True


def note_hour(world: World, shipment: Shipment, trace: Trace) -> None:
    """Note if the copy would be another one if the hourly sync ran at another minute: the courier reported something in
    the past hour, and either it is not in the copy yet, or the hourly sync brought it."""
    if not shipment.reports or not world.settings.hourly_sync:
        return
    newest = shipment.reports[-1].time
    if newest > world.now - _HOUR:
        sync_after = newest.replace(minute=0, second=0) + _HOUR
        if shipment.seen < len(shipment.reports) or world.hourly_since < sync_after == shipment.updated_at:
            trace.lean_on(SHIPMENT_FRESHNESS_HOUR)


MOST_NAMED: Final = 5
"""Shipments that a hint names."""


def hint_at_news(trace: Trace, listed: Iterable[Shipment]) -> None:
    """Hint at the shipments in a list whose copy is older than the courier's last report."""
    old = [shipment.id for shipment in listed if len(shipment.reports) > shipment.seen]
    if old:
        named = ", ".join(old[:MOST_NAMED])
        more = f" and {len(old) - MOST_NAMED} more" if len(old) > MOST_NAMED else ""
        trace.hint("", f"the courier has newer reports on {named}{more} than this list shows; get each by its id")
