"""How fresh the copy is that partners see of what the courier knows."""

from typing import Any

import pytest

from aniva_sandbox.api.links.operations import attach_appointments, detach_appointments, list_appointment_shipments
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.world import World
from tests.api.shipments.courier_steps import MONDAY, do, get, go, in_list, order, switch
from tests.support import (
    APPOINTMENT,
    DRAWN_APPOINTMENT,
    LOCKED_SHIPMENT,
    NO_LABORATORY,
    QUIET,
    Client,
    new_world,
    new_worlds,
    quiet_client,
    refusal_of,
    run,
    verdict_of,
)

STALE = Settings(courier_automation=False, hourly_sync=False, lab_automation=False)


@pytest.fixture
def quiet() -> World:
    """A world in which nothing happens by itself, with its hourly sync."""
    return new_world(settings=QUIET)


@pytest.mark.rule("shipment.freshness", "shipment.freshness/hour", "time.updated")
@pytest.mark.parametrize("read", ["09:00:00", "09:00:01", "09:59:59", "10:00:00", "2026-04-20T12:34:56Z"])
@pytest.mark.parametrize("noted", ["08:00:00", "08:00:01", "08:59:59"])
def test_list_is_as_the_last_full_hour_left_it(quiet: World, noted: str, read: str) -> None:
    """The list shows nothing new before a full hour has passed; then it does, changed at that hour, whenever it is
    read for the first time."""
    go(quiet, noted)
    id = order(quiet)
    before = in_list(quiet, id)
    do(quiet, id, "picked_up")
    assert in_list(quiet, id) == before
    go(quiet, "08:59:59")
    assert in_list(quiet, id) == before
    go(quiet, read)
    shown = in_list(quiet, id)
    assert (shown["status"], shown["updated_at"]) == ("in_transit", "2026-04-13T09:00:00Z")
    assert [entry["time"] for entry in shown["status_updates"]] == [f"{MONDAY}T{noted}Z"]
    assert shown["tracking_number"]


@pytest.mark.rule("shipment.freshness/hour", "time.updated")
def test_noted_at_the_full_hour(quiet: World) -> None:
    """What the courier notes at a full hour is found by the sync of the next one, and by getting it at once."""
    go(quiet, "09:00:00")
    listed, fetched = order(quiet), order(quiet)
    for id in (listed, fetched):
        do(quiet, id, "picked_up")
    assert get(quiet, fetched)["updated_at"] == "2026-04-13T09:00:00Z"
    for now in ("09:00:00", "09:59:59"):
        go(quiet, now)
        assert (in_list(quiet, listed)["status"], in_list(quiet, fetched)["status"]) == ("pending", "in_transit")
    go(quiet, "10:00:00")
    assert (in_list(quiet, listed)["status"], in_list(quiet, listed)["updated_at"]) == (
        "in_transit",
        "2026-04-13T10:00:00Z",
    )
    assert in_list(quiet, fetched)["updated_at"] == "2026-04-13T09:00:00Z"


@pytest.mark.rule("shipment.freshness", "time.updated")
def test_each_hour_brings_what_it_found(quiet: World) -> None:
    """Where several hours passed unread, the copy changed at the last that brought something."""
    id = order(quiet)
    for now, what in (("08:30:00", "booked"), ("09:30:00", "picked_up"), ("12:10:00", "scanned")):
        go(quiet, now)
        do(quiet, id, what)
    assert [entry["time"][11:16] for entry in in_list(quiet, id)["status_updates"]] == ["08:30", "09:30"]
    assert in_list(quiet, id)["updated_at"] == "2026-04-13T10:00:00Z"
    go(quiet, "20:00:00")
    assert in_list(quiet, id)["updated_at"] == "2026-04-13T13:00:00Z"


@pytest.mark.rule("shipment.freshness", "time.updated")
def test_getting_one_syncs_it(quiet: World) -> None:
    """Getting a shipment shows what the courier knows now, and the list then shows it too; only what is new counts as
    a change, and only of the shipment that was got."""
    id, other = order(quiet), order(quiet)
    go(quiet, "08:20:00")
    assert get(quiet, id)["updated_at"] is None
    do(quiet, id, "booked")
    do(quiet, other, "booked")
    go(quiet, "08:21:00")
    fetched = get(quiet, id)
    assert (len(fetched["status_updates"]), fetched["updated_at"]) == (1, "2026-04-13T08:21:00Z")
    assert in_list(quiet, id) == fetched
    assert in_list(quiet, other)["status_updates"] == []
    go(quiet, "15:00:00")
    assert get(quiet, id) == in_list(quiet, id) == fetched
    assert in_list(quiet, other)["updated_at"] == "2026-04-13T09:00:00Z"


@pytest.mark.rule("shipment.freshness/changes", "shipment.update-state", "shipment.cancel", "atomic")
@pytest.mark.parametrize("chosen", [QUIET, STALE])
@pytest.mark.parametrize(
    ("operation", "body", "rule"),
    [
        (shipments.update_shipment, {"weight": 2}, "shipment.update-state"),
        (shipments.update_shipment, {}, "shipment.update-state"),
        (shipments.cancel_shipment, None, "shipment.cancel"),
    ],
)
def test_update_and_cancel_sync_first(chosen: Settings, operation: Any, body: Any, rule: str) -> None:
    """A pickup that partners have not seen refuses update and cancellation, by the clause that these sync first; they
    have seen it then, and the documented rule refuses."""
    world = new_world(settings=chosen)
    id = order(world)
    do(world, id, "picked_up")
    go(world, "08:10:00")
    assert in_list(world, id)["status"] == "pending"
    refusal = refusal_of(world, operation, id, body, syncs=True)
    assert (refusal.rule.id, refusal.status) == ("shipment.freshness/changes", 409)
    shown = in_list(world, id)
    assert (shown["status"], shown["updated_at"]) == ("in_transit", "2026-04-13T08:10:00Z")
    assert verdict_of(world, operation, id, body) == (rule, 409)


@pytest.mark.rule("shipment.freshness/changes", "update.empty")
@pytest.mark.parametrize(
    ("operation", "body"),
    [
        (shipments.update_shipment, {"notes": "x"}),
        (shipments.update_shipment, {}),
        (shipments.update_shipment, {"notes": "courier-refuses-cancel", "pickup_time_till": "12:00"}),
        (shipments.cancel_shipment, None),
    ],
)
def test_answers_of_changes_are_fresh(quiet: World, operation: Any, body: Any) -> None:
    """What update and cancellation answer has the booking that partners have not seen; a refused update, too, leaves
    the copy synced."""
    id = order(quiet)
    do(quiet, id, "booked", tracking_number="NEW")
    go(quiet, "08:10:00")
    assert in_list(quiet, id)["tracking_number"] is None
    if body and "pickup_time_till" in body:
        assert refusal_of(quiet, operation, id, body, syncs=True).rule.id == "pickup.width"
        shown = in_list(quiet, id)
    else:
        shown = run(quiet, operation, id, body)
    assert (shown["tracking_number"], shown["updated_at"]) == ("NEW", "2026-04-13T08:10:00Z")
    assert in_list(quiet, id) == shown


@pytest.mark.rule("shipment.freshness")
def test_appointments_list_is_synced_after_three_hours() -> None:
    """Without the hourly sync the list of an appointment's shipments syncs what was synced more than 3 hours ago, but
    not at exactly 3; the list of all shipments never does."""
    world = new_world(settings=STALE)
    id = order(world, appointment_id=APPOINTMENT)
    fresh = order(world, appointment_id=APPOINTMENT)
    for each in (id, fresh):
        do(world, each, "picked_up")
    go(world, "08:00:01")
    get(world, fresh)
    do(world, fresh, "delivered")

    go(world, "11:00:00")
    assert linked(world) == {id: "pending", fresh: "in_transit"}
    go(world, "11:00:01")
    assert in_list(world, id)["status"] == "pending"
    assert linked(world) == {id: "in_transit", fresh: "in_transit"}
    assert (in_list(world, id)["status"], in_list(world, id)["updated_at"]) == ("in_transit", "2026-04-13T11:00:01Z")
    do(world, id, "delivered")
    go(world, "11:00:02")
    assert linked(world) == {id: "in_transit", fresh: "delivered"}
    go(world, "14:00:01")
    assert linked(world) == {id: "in_transit", fresh: "delivered"}
    go(world, "14:00:02")
    assert linked(world) == {id: "delivered", fresh: "delivered"}
    do(world, order(world), "picked_up")
    go(world, "2026-04-20T00:00:00Z")
    assert run(world, shipments.list_shipments)[0]["status"] == "pending"


def linked(world: World) -> dict[str, str]:
    """The statuses that the list of an appointment's shipments shows, but for those of the world's start."""
    shown = run(world, list_appointment_shipments, APPOINTMENT)
    return {entry["id"]: entry["status"] for entry in reversed(shown) if entry["id"] != LOCKED_SHIPMENT}


@pytest.mark.rule("shipment.freshness")
def test_appointments_list_with_the_hourly_sync(quiet: World) -> None:
    """With the hourly sync nothing gets three hours old: the list of an appointment shows what the list of all does."""
    id = order(quiet, appointment_id=APPOINTMENT)
    go(quiet, "12:59:59")
    do(quiet, id, "picked_up")
    assert linked(quiet) == {id: "pending"}
    go(quiet, "13:00:00")
    assert linked(quiet) == {id: "in_transit"}
    assert in_list(quiet, id)["updated_at"] == "2026-04-13T13:00:00Z"


@pytest.mark.rule("shipment.freshness")
def test_switching_the_hourly_sync_off() -> None:
    """What the hourly sync has brought stays when it is switched off, also where nobody had read it; what comes later
    waits for another sync."""
    client = quiet_client(NO_LABORATORY)
    world = switch(client, courier_automation=False)
    id = order(world)
    do(world, id, "booked")
    go(world, "09:30:00")
    do(world, id, "picked_up")
    switch(client, hourly_sync=False)
    for now in ("09:30:00", "10:00:00", "2026-04-20T00:00:00Z"):
        go(world, now)
        shown = in_list(world, id)
        assert (shown["status"], len(shown["status_updates"])) == ("pending", 1)
        assert shown["updated_at"] == "2026-04-13T09:00:00Z"
    assert get(world, id)["status"] == "in_transit"


@pytest.mark.rule("shipment.freshness", "time.updated")
def test_switching_the_hourly_sync_on() -> None:
    """The hourly sync that is switched on begins at the next full hour; it has not run in the hours before."""
    client = quiet_client(NO_LABORATORY)
    world = switch(client, courier_automation=False, hourly_sync=False)
    id = order(world)
    do(world, id, "picked_up")
    go(world, "10:30:00")
    before = in_list(world, id)
    switch(client, hourly_sync=True)
    for now in ("10:30:00", "10:59:59"):
        go(world, now)
        assert in_list(world, id) == before
    go(world, "11:00:00")
    shown = in_list(world, id)
    assert (shown["status"], shown["updated_at"]) == ("in_transit", "2026-04-13T11:00:00Z")


@pytest.mark.rule("shipment.freshness")
def test_freshness_begins_anew_after_a_reset() -> None:
    """A reset brings back the setting that the world was made with."""
    worlds = new_worlds()
    worlds.create("test", settings=STALE)
    client = Client(worlds)
    switch(client, hourly_sync=True)
    client.control("POST", "/worlds/test/reset")
    id = order(client.world)
    do(client.world, id, "picked_up")
    go(client.world, "12:00:00")
    assert in_list(client.world, id)["status"] == "pending"


@pytest.mark.rule("shipment.freshness", "time.updated")
@pytest.mark.parametrize("operation", [attach_appointments, detach_appointments])
def test_changes_of_links_do_not_sync(quiet: World, operation: Any) -> None:
    """A change of links shows the copy as the hourly sync left it."""
    id = order(quiet, appointment_id=DRAWN_APPOINTMENT)
    do(quiet, id, "booked")
    go(quiet, "09:10:00")
    do(quiet, id, "picked_up")
    shown = run(quiet, operation, id, {"appointment_ids": [APPOINTMENT]})
    assert (shown["status"], len(shown["status_updates"])) == ("pending", 1)
    assert shown["updated_at"] == "2026-04-13T09:00:00Z"
    go(quiet, "10:00:00")
    again = run(quiet, operation, id, {"appointment_ids": [APPOINTMENT]})
    assert (again["status"], again["updated_at"]) == ("in_transit", "2026-04-13T10:00:00Z")


@pytest.mark.rule("shipment.freshness", "time.updated")
def test_replacement_starts_the_copy_anew(quiet: World) -> None:
    """What was noted of the order before is in no later sync; a cancelled shipment is changed by no sync at all."""
    id = order(quiet)
    do(quiet, id, "booked", tracking_number="ONE")
    go(quiet, "08:30:00")
    replaced = run(quiet, shipments.update_shipment, id, {"weight": 2})
    go(quiet, "09:30:00")
    assert in_list(quiet, id) == get(quiet, id) == replaced
    do(quiet, id, "booked", tracking_number="TWO")
    assert in_list(quiet, id) == replaced
    cancelled = run(quiet, shipments.cancel_shipment, id)
    assert (cancelled["status"], cancelled["tracking_number"]) == ("cancelled", "TWO")
    go(quiet, "2026-04-20T00:00:00Z")
    assert in_list(quiet, id) == get(quiet, id) == cancelled
