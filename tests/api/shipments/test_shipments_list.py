"""Listing shipments, finding one, and the times that they show."""

from datetime import timedelta
from typing import Any

import pytest

from aniva_sandbox.api.links.operations import attach_appointments
from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance, happen
from tests.api.shipments.shipment_calls import NEW, NOW, cancel, create, get, listed, update
from tests.support import (
    APPOINTMENT,
    CANCELLED_SHIPMENT,
    DELIVERED_SHIPMENT,
    DRAWN_APPOINTMENT,
    HELSINKI,
    LOCKED_SHIPMENT,
    LOST_SHIPMENT,
    MOVING_SHIPMENT,
    QUIET,
    RIVAL_LOCATION,
    RIVAL_SHIPMENT,
    SHIPMENT,
    UNKNOWN_SHIPMENT,
    Client,
    new_world,
    run,
    snapshot_of,
)

OLDEST_SHIPMENT = "P2601287306"


# Lists, and who sees what


@pytest.mark.rule("shipment.order", "order.ordinal", "auth.context")
def test_list_is_newest_first(world: World) -> None:
    """The newest created stand first, also within a second, whenever they are to be collected or were changed."""
    start = [
        SHIPMENT,
        LOCKED_SHIPMENT,
        MOVING_SHIPMENT,
        CANCELLED_SHIPMENT,
        DELIVERED_SHIPMENT,
        LOST_SHIPMENT,
        OLDEST_SHIPMENT,
    ]
    assert listed(world) == start
    made = [create(world, pickup_date=day)["id"] for day in ("2026-05-04", "2026-04-14", "2026-04-20")]
    advance(world, world.now + timedelta(seconds=1))
    made.append(create(world)["id"])
    update(world, made[0], weight=5)
    cancel(world, made[1])
    assert listed(world) == [*reversed(made), *start]


@pytest.mark.rule("auth.context")
def test_list_leaves_out_what_is_outside(world: World) -> None:
    """Each key lists what starts from the locations of its context, and nothing else."""
    assert listed(world, persona="outsider") == [RIVAL_SHIPMENT]
    assert RIVAL_SHIPMENT not in listed(world)
    assert listed(world, persona="courier") == listed(world)
    mine = create(world)["id"]
    theirs = run(world, shipments.create_shipment, body=NEW | {"location_id": RIVAL_LOCATION}, persona="outsider")["id"]
    assert listed(world, persona="outsider") == [theirs, RIVAL_SHIPMENT]
    assert (mine in listed(world), theirs in listed(world)) == (True, False)


@pytest.mark.rule("auth.context", "path.unknown", "order.checks", "atomic")
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {}), ("PATCH", {"weight": 2}), ("DELETE", None)])
def test_shipment_is_found_inside_the_context(client: Client, method: str, body: dict[str, Any] | None) -> None:
    """An id of nothing is not found, and one outside the context is forbidden whatever its state; the copy of what is
    forbidden is not synced."""
    happen(client.world, Event("courier.booked", LOCKED_SHIPMENT))
    before = snapshot_of(client.world)
    for id, key, status, rule in (
        (UNKNOWN_SHIPMENT, "sbx_test", 404, "path.unknown"),
        (UNKNOWN_SHIPMENT, "sbx_test.outsider", 404, "path.unknown"),
        (RIVAL_SHIPMENT, "sbx_test", 403, "auth.context"),
        (SHIPMENT, "sbx_test.outsider", 403, "auth.context"),
        (LOCKED_SHIPMENT, "sbx_test.outsider", 403, "auth.context"),
        (CANCELLED_SHIPMENT, "sbx_test.outsider", 403, "auth.context"),
    ):
        reply = client.request(method, f"/shipments/{id}", body, key=key)
        assert (reply.status, reply.rules) == (status, [rule])
        assert status == 404 or reply.json == {"error": "Forbidden"}
    assert snapshot_of(client.world) == before
    assert client.request(method, f"/shipments/{SHIPMENT}", body).status == 200
    own = client.request(method, f"/shipments/{RIVAL_SHIPMENT}", body, key="sbx_test.outsider")
    assert own.status == (200 if method == "GET" else 409)


@pytest.mark.rule("id.format", "order.checks")
@pytest.mark.parametrize(
    "id", ["p2604154821", "P260415482", "P26041548210", "2604154821", "P26041548%EF%BC%92%EF%BC%91", "P2604154821%20"]
)
def test_form_of_ids(client: Client, id: str) -> None:
    """An id is a capital P and ten ASCII digits; anything else is refused before it is looked for."""
    for method, body in (("GET", None), ("PATCH", {"weight": 2}), ("DELETE", None)):
        reply = client.request(method, f"/shipments/{id}", body)
        assert (reply.status, reply.rules) == (400, ["id.format"])
    assert client.get(f"/shipments/{UNKNOWN_SHIPMENT}").status == 404


# Times


@pytest.mark.rule("time.instants", "time.updated")
def test_instants_are_utc(world: World) -> None:
    """All instants are whole seconds of UTC, also from a place with another zone; only the pickup is local."""
    made = create(world, location_id=HELSINKI, appointment_id=APPOINTMENT)
    advance(world, world.now + timedelta(hours=3, seconds=7))
    shown = get(world, made["id"])
    assert shown["created_at"] == shown["appointments"][0]["added_at"] == NOW
    assert [entry["time"] for entry in shown["status_updates"]] == ["2026-04-13T08:05:00Z"]
    assert shown["updated_at"] == "2026-04-13T09:00:00Z"
    assert shown["pickup"]["from"] == "2026-04-15T11:00:00+03:00"


@pytest.mark.rule("time.updated")
def test_updated_at_is_the_time_of_the_last_change() -> None:
    """Every change that partners make moves updated_at on; links do not."""
    world = new_world(settings=QUIET)
    id = create(world)["id"]
    seen = []
    for operation, body in (
        (attach_appointments, {"appointment_ids": [APPOINTMENT]}),
        (shipments.update_shipment, {"notes": "x"}),
        (shipments.update_shipment, {"weight": 3}),
        (attach_appointments, {"appointment_ids": [DRAWN_APPOINTMENT]}),
        (shipments.update_shipment, {}),
        (shipments.cancel_shipment, None),
        (shipments.get_shipment, None),
    ):
        advance(world, world.now + timedelta(minutes=1))
        seen.append(run(world, operation, id, body)["updated_at"])
    assert seen == [None, *(f"2026-04-13T08:0{minute}:00Z" for minute in (2, 3, 3, 3, 6, 6))]
