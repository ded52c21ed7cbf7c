"""What Aniva's side may do otherwise: results that arrive in one more part, and events that never show."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from aniva_sandbox.api.results.events import find_results
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.domain import Variation
from aniva_sandbox.laboratory.orders import LabOrder

__all__ = ["HELD", "VARIATIONS", "bring_earlier_parts", "take_back"]

HELD: Final[Mapping[str, str]] = {
    "practice.confirmed": "the practice never confirms the appointment",
    "operations.cancelled": "operations never cancel the appointment",
    "courier.booked": "the courier never books the shipment",
    "courier.picked_up": "the courier never picks up the shipment",
    "courier.scanned": "the courier never scans the shipment",
    "courier.delivered": "the courier never delivers the shipment",
    "courier.lost": "the courier never loses the shipment",
    "lab.results_arrived": "results never arrive",
    "lab.corrected": "results are never corrected",
    "lab.order_failed": "the lab order never fails",
    "location.closed": "the location never closes",
    "location.opened": "the location never opens",
    "location.date_blocked": "the date is never blocked",
}
"""All types of events except `kit.ordered`, which returns the id of the appointment that it creates."""

# Results in one more part

_ARRIVAL: Final = "lab.results_arrived"
_Planned = Mapping[str, list[tuple[datetime, Event]]]
"""What the laboratories will do with each order, soonest first."""


def bring_earlier_parts(world: World, until: datetime) -> None:
    """Bring half of the next part of each draw's results earlier, if it is time.

    The half is there from the middle between the draw, or the part before, and the instant at which the part is due.
    Then the whole part arrives as it does otherwise, so that afterwards nothing is different. Until then, neither the
    history nor the agenda nor a report says anything of the half. What is due in the same second as the draw, and what
    a test planned, is not split.
    """
    for id, planned in _planned(world).items():
        order = world.orders[id]
        _take_back(order, (event for _, event in planned))
        arrivals = [(due, event) for due, event in planned if _is_split(event)]
        if not arrivals or planned[0][0] <= until:  # what happens now finds the order as it is otherwise
            continue
        due = arrivals[0][0]
        since = _last_part(world, order)
        middle = since + (due - since) // 2
        if since < middle <= until:
            for at, event in arrivals:
                if at == due:
                    ids = event.details["biomarker_ids"]
                    order.results = order.results | find_results(world, order, ids[: len(ids) // 2], middle)


def take_back(world: World, event: Event) -> None:
    """Take the half of a part back before an event of the laboratories happens to its order."""
    order = world.orders.get(event.target)
    if order is not None and event.type.startswith("lab."):
        _take_back(order, [event, *(each for _, each in _planned(world).get(order.id, ()))])


def _take_back(order: LabOrder, planned: Iterable[Event]) -> None:
    """Only outstanding results are planned to arrive, so those that are already there are the half of a part."""
    early = {id for event in planned if _is_split(event) for id in event.details["biomarker_ids"]}
    if not early.isdisjoint(order.results):
        order.results = {id: result for id, result in order.results.items() if id not in early}


def _planned(world: World) -> _Planned:
    planned: dict[str, list[tuple[datetime, Event]]] = {}
    for due, event in world.agenda:
        if event.type.startswith("lab.") and event.target in world.orders:
            planned.setdefault(event.target, []).append((due, event))
    return planned


def _is_split(event: Event) -> bool:
    return event.automatic and event.type == _ARRIVAL and "values" not in event.details


def _last_part(world: World, order: LabOrder) -> datetime:
    """When the last part of an order arrived, or the blood was drawn. What a world starts with is given, so it counts
    as of the start; a later change of the hourly sync does no harm."""
    arrived = (
        each.time
        for each in reversed(world.history)
        if each.event.type == _ARRIVAL and each.event.target == order.id and "skipped" not in each.event.details
    )
    return max(order.placed_at, world.hourly_since, next(arrived, order.placed_at))


VARIATIONS: Final[Mapping[str, Variation]] = {
    f"{_ARRIVAL}:earlier-part": Variation(
        event=_ARRIVAL,
        sentence="results arrive in one more part",
        apply=bring_earlier_parts,
        undo=take_back,
    )
}
