"""Ordering the courier, letting it take steps, and what it did or will do."""

from datetime import UTC, datetime
from typing import Any

from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.events import advance, happen
from tests.support import BERLIN, Client, run

MONDAY, WEDNESDAY = "2026-04-13", "2026-04-15"
NEW: dict[str, Any] = {
    "location_id": BERLIN,
    "pickup_date": WEDNESDAY,
    "pickup_time_from": "11:00",
    "pickup_time_till": "14:00",
}
WAY = ["booked", "picked_up", "scanned", "delivered"]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def wire(moment: datetime) -> str:
    """An instant as answers show it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def order(world: World, **changes: Any) -> str:
    """Create a shipment that differs from NEW; returns its id."""
    return str(run(world, shipments.create_shipment, body=NEW | changes)["id"])


def get(world: World, id: str) -> Any:
    return run(world, shipments.get_shipment, id)


def in_list(world: World, id: str) -> Any:
    """A shipment as the list shows it."""
    return next(entry for entry in run(world, shipments.list_shipments) if entry["id"] == id)


def do(world: World, id: str, *steps: str, **details: str) -> None:
    """Let the courier do something to a shipment, by hand."""
    for step in steps:
        happen(world, Event(f"courier.{step}", id, details))


def go(world: World, to: str) -> list[Happened]:
    """Move the clock to an instant; "09:10" is one of the first day."""
    return advance(world, instant(f"{MONDAY}T{to}Z" if len(to) < 10 else to))


def switch(client: Client, **changes: bool) -> World:
    """Change settings of the client's world through the control plane; returns the world."""
    world = client.world
    assert client.control("PATCH", "/worlds/test/settings", changes).status == 200
    return world


def planned(world: World, id: str) -> list[tuple[str, datetime]]:
    """What the agenda holds for a shipment, in order."""
    return [(event.type.removeprefix("courier."), due) for due, event in world.agenda if event.target == id]


def steps(world: World, id: str) -> list[str]:
    """The kinds of what the agenda holds for a shipment, in order."""
    return [what for what, _ in planned(world, id)]
