"""Updating shipments, what is judged and in which order; and cancelling them."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance, happen
from tests.api.shipments.shipment_calls import (
    BOUNDS,
    FRIDAY_BEFORE,
    SATURDAY,
    TODAY,
    agenda,
    cancel,
    create,
    get,
    listed,
    update,
    world_at,
)
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_SHIPMENT,
    DELIVERED_SHIPMENT,
    HELSINKI,
    RIVAL_SHIPMENT,
    SHIPMENT,
    UNKNOWN_SHIPMENT,
    Client,
    null_rule,
    refusal_of,
    run,
    snapshot_of,
    verdict_of,
)


@pytest.fixture
def booked(world: World) -> str:
    """The id of a shipment that the courier has booked, and that partners have seen so, ten minutes after the start."""
    made = create(world, package_count=2, weight=1.5, notes="Fragile", appointment_id=APPOINTMENT)
    advance(world, world.now + timedelta(minutes=10))
    seen = get(world, made["id"])
    assert seen["tracking_number"]
    assert len(seen["status_updates"]) == 1
    return str(made["id"])


@pytest.mark.rule(
    "shipment.update", "shipment.update/boxes", "shipment.update/tracking", "time.updated", "update.empty"
)
@pytest.mark.parametrize(
    ("changes", "pickup"),
    [
        ({"pickup_date": "2026-04-16"}, {"from": "2026-04-16T11:00:00+02:00", "till": "2026-04-16T14:00:00+02:00"}),
        ({"pickup_time_from": "12:00"}, {"from": "2026-04-15T12:00:00+02:00"}),
        ({"pickup_time_till": "13:00"}, {"till": "2026-04-15T13:00:00+02:00"}),
        (
            {"pickup_date": "2026-12-01", "pickup_time_from": "16:00", "pickup_time_till": "18:30", "weight": 4},
            {"from": "2026-12-01T16:00:00+01:00", "till": "2026-12-01T18:30:00+01:00"},
        ),
        ({"package_count": 7}, {}),
        ({"weight": 0.5}, {}),
        ({"weight": 0.5, "notes": "Now heavy"}, {}),
        ({"pickup_date": "2026-04-15"}, {}),
        ({"pickup_time_from": "11:00"}, {}),
        ({"pickup_time_till": "14:00"}, {}),
        ({"package_count": 2}, {}),
        ({"weight": 1.5}, {}),
    ],
    ids=lambda value: "-".join(value),
)
def test_update_replaces_the_order(world: World, booked: str, changes: dict[str, Any], pickup: dict[str, str]) -> None:
    """Schedule, count and weight, also with equal values, make a new order under the same id: no number, no updates
    and an agenda of its own. What is not sent stays."""
    before, record = get(world, booked), msgspec.structs.asdict(world.shipments[booked])
    old = agenda(world, booked)
    assert [type for type, _ in old] == ["courier.picked_up", "courier.scanned", "courier.delivered"]
    assert update(world, booked, **changes) == before | {
        "tracking_number": None,
        "status_updates": [],
        "pickup": before["pickup"] | pickup,
        "notes": changes.get("notes", "Fragile"),
        "updated_at": "2026-04-13T08:10:00Z",
    }
    after = msgspec.structs.asdict(world.shipments[booked])
    for name in ("package_count", "weight", "pickup_remarks", "location_id"):
        assert after[name] == changes.get(name, record[name])
    new = agenda(world, booked)
    assert new[0] == ("courier.booked", "2026-04-13T08:15:00Z")
    assert [type for type, _ in new[1:]] == [type for type, _ in old]

    advance(world, world.now + timedelta(minutes=5))
    again = get(world, booked)
    assert again["tracking_number"] not in (None, before["tracking_number"])
    assert [entry["time"] for entry in again["status_updates"]] == ["2026-04-13T08:15:00Z"]


@pytest.mark.rule("shipment.update", "time.updated")
@pytest.mark.parametrize("notes", ["Fragile", "Other", "", "courier-refuses-update"])
def test_notes_alone_keep_the_order(world: World, booked: str, notes: str) -> None:
    """Notes alone, equal ones too, are a change but no new order: number, updates and agenda stay."""
    before, planned = get(world, booked), agenda(world, booked)
    advance(world, world.now + timedelta(seconds=30))
    assert update(world, booked, notes=notes) == before | {"notes": notes, "updated_at": "2026-04-13T08:10:30Z"}
    assert agenda(world, booked) == planned


@pytest.mark.rule("shipment.update", "pickup.past", "pickup.cutoff", "pickup.weekday", "pickup.width", "atomic")
@pytest.mark.parametrize(
    ("now", "changes", "rule"),
    [
        # The day of the pickup is over: whatever schedule results must be possible, and nothing else is looked at.
        ("2026-04-16T08:00:00Z", {"weight": 2}, None),
        ("2026-04-16T08:00:00Z", {"package_count": 2}, None),
        ("2026-04-16T08:00:00Z", {"notes": "x"}, None),
        ("2026-04-16T08:00:00Z", {"pickup_time_till": "15:00"}, "pickup.past"),
        ("2026-04-16T08:00:00Z", {"pickup_time_from": "11:00"}, "pickup.past"),
        ("2026-04-16T08:00:00Z", {"pickup_date": "2026-04-15", "weight": 2}, "pickup.past"),
        ("2026-04-16T08:00:00Z", {"pickup_date": "2026-04-17"}, None),
        ("2026-04-16T08:00:00Z", {"pickup_date": "2026-04-18", "pickup_time_from": "13:00"}, "pickup.weekday"),
        # The day of the pickup, around the cut-off.
        ("2026-04-15T14:00:00Z", {"pickup_time_till": "15:00"}, None),
        ("2026-04-15T14:00:01Z", {"pickup_time_till": "15:00"}, "pickup.cutoff"),
        ("2026-04-15T14:00:01Z", {"pickup_date": "2026-04-15", "pickup_time_till": "12:00"}, "pickup.cutoff"),
        ("2026-04-15T14:00:01Z", {"pickup_date": "2026-04-16"}, None),
        ("2026-04-15T14:00:01Z", {"weight": 2, "package_count": 3, "notes": "x"}, None),
        # Before: the window that results, from 11:00 to 14:00 where nothing else is sent.
        ("2026-04-13T08:00:00Z", {"pickup_time_from": "12:00"}, None),
        ("2026-04-13T08:00:00Z", {"pickup_time_from": "12:01"}, "pickup.width"),
        ("2026-04-13T08:00:00Z", {"pickup_time_from": "15:00"}, "pickup.width"),
        ("2026-04-13T08:00:00Z", {"pickup_time_till": "13:00"}, None),
        ("2026-04-13T08:00:00Z", {"pickup_time_till": "12:59"}, "pickup.width"),
        ("2026-04-13T08:00:00Z", {"pickup_time_from": "15:00", "pickup_time_till": "17:00"}, None),
    ],
)
def test_resulting_schedule_is_judged(now: str, changes: dict[str, Any], rule: str | None) -> None:
    """Where a part of the schedule is sent, all that results is judged; otherwise the schedule is not looked at."""
    world = world_at("2026-04-13T08:00:00Z")
    id = create(world)["id"]
    advance(world, datetime.fromisoformat(now))
    get(world, id)
    if rule is None:
        assert update(world, id, **changes)["updated_at"] == now
    else:
        assert verdict_of(world, shipments.update_shipment, id, changes) == (rule, 400)


@pytest.mark.rule("pickup.past", "pickup.cutoff", "shipment.update")
def test_update_goes_by_the_origins_clock() -> None:
    """Updates, too, know today from the origin, and the cut-off from Berlin."""
    world = world_at("2026-04-14T21:30:00Z")
    ids = {location: create(world, location_id=location)["id"] for location in (HELSINKI, BERLIN)}
    for location, rule in ((HELSINKI, "pickup.past"), (BERLIN, "pickup.cutoff")):
        changes = {"pickup_date": "2026-04-14"}
        assert verdict_of(world, shipments.update_shipment, ids[location], changes) == (rule, 400)
        assert update(world, ids[location], pickup_date="2026-04-15")["status"] == "pending"


@pytest.mark.rule("shipment.update", "order.checks", "atomic")
@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"pickup_date": SATURDAY, "pickup_time_from": "13:00"}, "pickup.weekday"),
        ({"pickup_date": FRIDAY_BEFORE, "pickup_time_from": "13:00"}, "pickup.past"),
        ({"pickup_date": TODAY, "pickup_time_from": "13:00"}, "pickup.cutoff"),
        ({"pickup_time_from": "13:00"}, "pickup.width"),
        ({"weight": 2}, "shipment.courier-refuses/change"),
    ],
)
def test_update_checks_in_order(changes: dict[str, Any], rule: str) -> None:
    """State first, then the pickup rules one by one, and the courier last."""
    world = world_at("2026-04-13T15:00:00Z")
    id = create(world, notes="courier-refuses-update")["id"]
    assert refusal_of(world, shipments.update_shipment, id, changes).rule.id == rule
    happen(world, Event("courier.picked_up", id))
    get(world, id)
    assert verdict_of(world, shipments.update_shipment, id, changes) == ("shipment.update-state", 409)


@pytest.mark.rule("update.empty", "shipment.update", "body.unknown-field")
@pytest.mark.parametrize("body", [{}, {"status": "delivered", "location_id": HELSINKI, "pickup_remarks": "Back door"}])
def test_update_without_known_fields(world: World, booked: str, body: dict[str, str]) -> None:
    """An empty object, or one of unknown fields, is taken, changes nothing and answers the shipment as it was; it does
    so also where the schedule could no longer be chosen, or the courier would refuse."""
    update(world, booked, notes="courier-refuses-update")
    shown = get(world, booked)
    before = snapshot_of(world)
    assert update(world, booked, **body) == shown
    assert snapshot_of(world) == before

    late = world_at("2026-04-13T08:00:00Z")
    id = create(late)["id"]
    advance(late, late.now + timedelta(days=9))
    assert update(late, id, **body)["updated_at"] is None


@pytest.mark.rule("update.empty", "auth.context", "path.unknown", "shipment.update-state")
@pytest.mark.parametrize(
    ("id", "rule", "status"),
    [
        (UNKNOWN_SHIPMENT, "path.unknown", 404),
        (RIVAL_SHIPMENT, "auth.context", 403),
        (CANCELLED_SHIPMENT, "shipment.update-state", 409),
        (DELIVERED_SHIPMENT, "shipment.update-state", 409),
    ],
)
def test_empty_update_is_still_checked(world: World, id: str, rule: str, status: int) -> None:
    """Path, context and state are judged though there is nothing to change."""
    listed(world)
    if status == 409:
        get(world, id)
    assert verdict_of(world, shipments.update_shipment, id, {}) == (rule, status)


@pytest.mark.rule("shipment.update", "shipment.update/boxes", "body.schema", "atomic")
@pytest.mark.parametrize(("field", "wrong", "right"), BOUNDS, ids=[field for field, _, _ in BOUNDS])
def test_bounds_of_updates(client: Client, field: str, wrong: list[Any], right: list[Any]) -> None:
    """What an update takes has the bounds that it has in creation, and cannot be cleared with null."""
    client.get(f"/shipments/{SHIPMENT}")
    before = snapshot_of(client.world)
    for value in wrong:
        reply = client.patch(f"/shipments/{SHIPMENT}", {field: value})
        rule = null_rule(value, "shipment.update" if field == "notes" else "shipment.update/boxes")
        assert (reply.status, reply.rules, list(reply.details)) == (400, [rule], [field]), value
    assert snapshot_of(client.world) == before
    for value in right:
        assert client.patch(f"/shipments/{SHIPMENT}", {field: value}).status == 200, value


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize("wrong", [None, "", "2026-04-31", "16.04.2026"])
def test_update_wants_a_real_date(client: Client, wrong: str | None) -> None:
    """The date of an update is one of the calendar."""
    before = snapshot_of(client.world)
    reply = client.patch(f"/shipments/{SHIPMENT}", {"pickup_date": wrong})
    assert (reply.status, reply.rules, list(reply.details)) == (400, [null_rule(wrong, "body.schema")], ["pickup_date"])
    assert snapshot_of(client.world) == before


# Cancelling


@pytest.mark.rule("shipment.cancel", "time.updated")
def test_cancelled_shipment_stays(world: World, booked: str) -> None:
    """Cancelling answers the cancelled shipment, otherwise as it was, links too; it stays readable, and nothing is to
    happen to it any more. A second time is refused."""
    before = get(world, booked)
    advance(world, world.now + timedelta(seconds=5))
    cancelled = cancel(world, booked)
    assert cancelled == before | {"status": "cancelled", "updated_at": "2026-04-13T08:10:05Z"}
    assert agenda(world, booked) == []
    advance(world, world.now + timedelta(days=30))
    assert get(world, booked) == cancelled
    assert cancelled in run(world, shipments.list_shipments)
    assert verdict_of(world, shipments.cancel_shipment, booked) == ("shipment.cancel", 409)
