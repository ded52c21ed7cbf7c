"""The state machine of shipments and the courier's refusals."""

from typing import Any, get_args

import pytest

from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.shipments.records import ShipmentStatus
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import happen
from tests.api.shipments.shipment_calls import NEW, create, get
from tests.support import (
    APPOINTMENT,
    CANCELLED_SHIPMENT,
    DELIVERED_SHIPMENT,
    LOST_SHIPMENT,
    MOVING_SHIPMENT,
    QUIET,
    Client,
    new_world,
    run,
    snapshot_of,
)

# Updating


# The state machine: what each operation and each of the courier's events does in every state. Written down by hand from
# the rules, not taken from the table that the code uses. A cell is the status afterwards, or the rule that refuses.

WAYS: dict[str, list[str]] = {
    "pending": [],
    "in_transit": ["picked_up"],
    "delivered": ["picked_up", "delivered"],
    "fault": ["lost"],
    "cancelled": ["cancel"],
}
"""How a new shipment gets into each state."""
MOVE, EDIT, CALL, LOST = "event.state", "shipment.update-state", "shipment.cancel", "shipment.cancel/fault"
CELLS: dict[str, dict[str, str]] = {
    "get": {status: status for status in WAYS},
    "update": {"pending": "pending", "in_transit": EDIT, "delivered": EDIT, "fault": EDIT, "cancelled": EDIT},
    "notes": {"pending": "pending", "in_transit": EDIT, "delivered": EDIT, "fault": EDIT, "cancelled": EDIT},
    "empty": {"pending": "pending", "in_transit": EDIT, "delivered": EDIT, "fault": EDIT, "cancelled": EDIT},
    "cancel": {"pending": "cancelled", "in_transit": CALL, "delivered": CALL, "fault": LOST, "cancelled": CALL},
    "booked": {"pending": "pending", "in_transit": MOVE, "delivered": MOVE, "fault": MOVE, "cancelled": MOVE},
    "picked_up": {"pending": "in_transit", "in_transit": MOVE, "delivered": MOVE, "fault": MOVE, "cancelled": MOVE},
    "scanned": {"pending": MOVE, "in_transit": "in_transit", "delivered": MOVE, "fault": MOVE, "cancelled": MOVE},
    "delivered": {"pending": MOVE, "in_transit": "delivered", "delivered": MOVE, "fault": MOVE, "cancelled": MOVE},
    "lost": {"pending": "fault", "in_transit": "fault", "delivered": MOVE, "fault": MOVE, "cancelled": MOVE},
}
CALLS: dict[str, tuple[Any, dict[str, Any] | None]] = {
    "get": (shipments.get_shipment, None),
    "update": (shipments.update_shipment, {"weight": 2}),
    "notes": (shipments.update_shipment, {"notes": "x"}),
    "empty": (shipments.update_shipment, {}),
    "cancel": (shipments.cancel_shipment, None),
}


def act(world: World, id: str, what: str) -> Any:
    """Let a partner's operation or a courier's event come to a shipment."""
    if what in CALLS:
        operation, body = CALLS[what]
        return run(world, operation, id, body)
    return happen(world, Event(f"courier.{what}", id))


def without_copies(world: World) -> dict[str, Any]:
    """The world but for what the sync of a shipment's copy may change."""
    state = snapshot_of(world)
    for entry in state["shipments"]:
        for name in ("seen", "synced_at", "updated_at"):
            del entry[name]
    return state


@pytest.mark.rule(
    "shipment.update", "shipment.update-state", "shipment.cancel", "shipment.cancel/fault", "event.state", "atomic"
)
@pytest.mark.rule("shipment.freshness", "shipment.freshness/changes")
@pytest.mark.parametrize(("what", "status"), [(what, status) for what in CELLS for status in WAYS])
@pytest.mark.parametrize("seen", [True, False])
def test_every_state_and_move(what: str, status: str, seen: bool) -> None:
    """In every state each operation and event leads where the rules say, or is refused with 409 and changes nothing;
    partners' calls then have seen where the courier stands. What partners have not seen yet is refused by the clause
    that their calls sync first."""
    assert set(WAYS) == set(get_args(ShipmentStatus)) == set(CELLS[what])
    world = new_world(settings=QUIET)
    id = create(world)["id"]
    for step in WAYS[status]:
        act(world, id, step)
    if seen:
        get(world, id)
    expected = CELLS[what][status]
    if not seen and what in CALLS and expected not in WAYS and status != "cancelled":
        expected = "shipment.freshness/changes"
    before = without_copies(world)
    if expected in WAYS:
        act(world, id, what)
    else:
        with pytest.raises(Refusal) as caught:
            act(world, id, what)
        assert (caught.value.rule.id, caught.value.status) == (expected, 409)
        assert without_copies(world) == before
    if what in CALLS:
        shown = next(entry for entry in run(world, shipments.list_shipments) if entry["id"] == id)
        assert shown["status"] == (expected if expected in WAYS else status)
    assert get(world, id)["status"] == (expected if expected in WAYS else status)


@pytest.mark.rule("shipment.update-state", "shipment.cancel", "shipment.cancel/fault", "atomic")
@pytest.mark.parametrize("id", [MOVING_SHIPMENT, DELIVERED_SHIPMENT, LOST_SHIPMENT, CANCELLED_SHIPMENT])
def test_only_what_is_pending_can_be_changed(client: Client, id: str) -> None:
    """Collected, delivered, lost and cancelled shipments are neither updated nor cancelled."""
    client.get(f"/shipments/{id}")
    before = snapshot_of(client.world)
    updated, cancelled = client.patch(f"/shipments/{id}", {"notes": "x"}), client.delete(f"/shipments/{id}")
    assert (updated.status, updated.rules) == (409, ["shipment.update-state"])
    clause = "shipment.cancel/fault" if id == LOST_SHIPMENT else "shipment.cancel"
    assert (cancelled.status, cancelled.rules) == (409, [clause])
    assert snapshot_of(client.world) == before


# The courier's refusals


@pytest.mark.rule("shipment.courier-refuses/change", "shipment.courier-refuses/notes", "atomic")
def test_courier_refuses_a_new_order(client: Client) -> None:
    """Creation fails with the courier's message and leaves nothing behind."""
    before = snapshot_of(client.world)
    for notes in ("courier-refuses-create", "see: courier-refuses-create!"):
        reply = client.post("/shipments", NEW | {"notes": notes, "appointment_id": APPOINTMENT})
        assert (reply.status, reply.rules, list(reply.json)) == (502, ["shipment.courier-refuses/change"], ["error"])
        assert reply.json["error"]
    assert snapshot_of(client.world) == before
    for notes in ("courier-refuses", "courier-refuses-update", "courier-refuses-cancel", ""):
        assert client.post("/shipments", NEW | {"notes": notes}).status == 201


@pytest.mark.rule("shipment.courier-refuses/change", "shipment.courier-refuses/notes", "shipment.update", "atomic")
def test_courier_refuses_another_order(client: Client) -> None:
    """An update fails where the courier must take another order and refuses it; notes alone do not ask the courier,
    and the notes that result are what counts."""
    id = client.post("/shipments", NEW).json["id"]
    assert client.patch(f"/shipments/{id}", {"notes": "courier-refuses-update"}).status == 200
    before = snapshot_of(client.world)
    for change in ({"weight": 2}, {"package_count": 1}, {"pickup_date": "2026-04-16"}, {"pickup_time_till": "15:00"}):
        reply = client.patch(f"/shipments/{id}", change)
        assert (reply.status, reply.rules, list(reply.json)) == (502, ["shipment.courier-refuses/change"], ["error"])
    assert snapshot_of(client.world) == before
    assert client.patch(f"/shipments/{id}", {"notes": "fine", "weight": 2}).status == 200
    assert client.patch(f"/shipments/{id}", {"notes": "courier-refuses-update", "weight": 3}).status == 502
    assert client.get(f"/shipments/{id}").json["notes"] == "fine"
    assert client.patch(f"/shipments/{id}", {"notes": "courier-refuses-create", "weight": 3}).status == 200


@pytest.mark.rule("shipment.courier-refuses", "shipment.cancel", "order.checks", "atomic")
def test_courier_refuses_a_cancellation(client: Client) -> None:
    """A cancellation that the courier refuses leaves the order as it is; state is judged before the courier."""
    id = client.post("/shipments", NEW | {"notes": "courier-refuses-cancel"}).json["id"]
    before = snapshot_of(client.world)
    reply = client.delete(f"/shipments/{id}")
    assert (reply.status, reply.rules, list(reply.json)) == (502, ["shipment.courier-refuses"], ["error"])
    assert snapshot_of(client.world) == before
    assert client.patch(f"/shipments/{id}", {"notes": "go ahead", "weight": 2}).status == 200
    assert client.delete(f"/shipments/{id}").json["status"] == "cancelled"

    moving = client.post("/shipments", NEW | {"notes": "courier-refuses-cancel"}).json["id"]
    happen(client.world, Event("courier.picked_up", moving))
    client.get(f"/shipments/{moving}")
    assert client.delete(f"/shipments/{moving}").rules == ["shipment.cancel"]
