"""Calls about shipments, and the values that their tests begin with."""

from datetime import datetime
from typing import Any

from aniva_sandbox.api.beginnings import get_fixture
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.world import World
from tests.support import BERLIN, QUIET, run

NOW = "2026-04-13T08:00:00Z"
NEW: dict[str, Any] = {
    "location_id": BERLIN,
    "pickup_date": "2026-04-15",
    "pickup_time_from": "11:00",
    "pickup_time_till": "14:00",
}


def world_at(start: str) -> World:
    """A default world whose clock stands at an instant and in which nothing happens by itself."""
    return World(
        "test",
        get_fixture("default"),
        DOMAIN,
        mode="frozen",
        start=datetime.fromisoformat(start),
        settings=QUIET,
    )


def create(world: World, **changes: Any) -> Any:
    """Create a shipment that differs from NEW."""
    return run(world, shipments.create_shipment, body=NEW | changes)


def get(world: World, id: str) -> Any:
    return run(world, shipments.get_shipment, id)


def update(world: World, id: str, **changes: Any) -> Any:
    return run(world, shipments.update_shipment, id, changes)


def cancel(world: World, id: str) -> Any:
    return run(world, shipments.cancel_shipment, id)


def listed(world: World, **options: Any) -> list[str]:
    """The ids of the list, in its order."""
    return [entry["id"] for entry in run(world, shipments.list_shipments, **options)]


def agenda(world: World, id: str) -> list[tuple[str, str]]:
    """What will happen to a shipment: types and times, in order."""
    return [(event.type, f"{due:%Y-%m-%dT%H:%M:%SZ}") for due, event in world.agenda if event.target == id]


LONGEST = "ä😀" * 64
BOUNDS: list[tuple[str, list[Any], list[Any]]] = [
    ("package_count", [0, -1, 1.5, True, "1", None, [1]], [1, 1.0, 2]),
    ("weight", [0, 0.0, -1, -0.1, True, "1", None], [0.1, 1, 1e6]),
    ("notes", ["x" * 129, f"{LONGEST}x", 5, None, ["x"]], ["x" * 128, LONGEST, ""]),
]
"""Of each optional field of creation and update what is refused, and what stands beside it and is taken."""
SATURDAY, FRIDAY_BEFORE, TODAY = "2026-04-11", "2026-04-10", "2026-04-13"
