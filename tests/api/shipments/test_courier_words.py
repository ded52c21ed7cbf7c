"""The words, numbers and bookings that the courier's steps bring."""

import pytest

from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.rules import Refusal
from tests.api.shipments.courier_steps import do, get, go, order, planned
from tests.support import BERLIN, HELSINKI, NO_LABORATORY, ZONELESS_LOCATION, quiet_client, run, snapshot_of

WORDS = {
    BERLIN: [
        "Order accepted",
        "Collected by the driver",
        "Arrived at the night hub",
        "Handed over to the recipient",
        "Whereabouts unknown, search started",
    ],
    HELSINKI: [
        "The order data has been sent to DHL electronically",
        "The shipment has been collected from the sender",
        "The shipment has been processed in the parcel centre",
        "The shipment has been delivered",
        "The shipment cannot be located",
    ],
    ZONELESS_LOCATION: ["BOOKED", "PICKED UP", "HUB SCAN", "DELIVERED - SIGNED", "EXCEPTION - LOST"],
}


@pytest.mark.parametrize("location", WORDS)
def test_couriers_have_words_of_their_own(world: World, location: str) -> None:
    """Each of the three couriers tells in its own words what it does, by itself and by hand."""
    ids = [order(world, location_id=location) for _ in range(2)]
    go(world, "2026-04-14T00:00:00Z")
    do(world, ids[1], "lost")
    go(world, "2026-05-01T00:00:00Z")
    told = [[entry["status"] for entry in get(world, id)["status_updates"]] for id in ids]
    assert told == [WORDS[location][:4], [WORDS[location][0], WORDS[location][4]]]


@pytest.mark.rule("time.instants")
def test_events_can_have_their_own_words() -> None:
    """The wording of an event is shown as it came, oldest first, each with its time; the booking may bring a number."""
    client = quiet_client(NO_LABORATORY)
    id = order(client.world)
    for seconds, (what, details) in enumerate(
        [
            ("booked", {"status": "Angenommen", "tracking_number": "ÄB 1"}),
            ("picked_up", {"status": "x" * 128}),
            ("scanned", {"status": "Nachtsprung"}),
            ("scanned", {}),
            ("lost", {"status": "Weg"}),
        ]
    ):
        event = {"type": f"courier.{what}", "shipment_id": id, **details}
        assert client.control("POST", "/worlds/test/events", event).status == 200
        assert client.control("POST", "/worlds/test/clock/advance", {"seconds": seconds}).status == 200
    shown = client.get(f"/shipments/{id}").json
    assert (shown["status"], shown["tracking_number"]) == ("fault", "ÄB 1")
    assert shown["status_updates"] == [
        {"status": "Angenommen", "time": "2026-04-13T08:00:00Z"},
        {"status": "x" * 128, "time": "2026-04-13T08:00:00Z"},
        {"status": "Nachtsprung", "time": "2026-04-13T08:00:01Z"},
        {"status": "Arrived at the night hub", "time": "2026-04-13T08:00:03Z"},
        {"status": "Weg", "time": "2026-04-13T08:00:06Z"},
    ]


def test_number_comes_with_the_booking(world: World) -> None:
    """An order has no number before it is booked, gets one then or at the latest when it is collected, keeps it, and
    shares it with no other."""
    booked, collected = order(world), order(world)
    do(world, collected, "picked_up")
    assert (get(world, booked)["tracking_number"], planned(world, collected)[0][0]) == (None, "scanned")
    numbers = {get(world, collected)["tracking_number"]}
    go(world, "08:05:00")
    numbers.add(get(world, booked)["tracking_number"])
    assert len(numbers) == 2
    assert all(numbers)
    go(world, "2026-05-01T00:00:00Z")
    assert {get(world, id)["tracking_number"] for id in (booked, collected)} == numbers


@pytest.mark.rule("event.state", "atomic")
def test_order_is_booked_once(world: World) -> None:
    """A booked order is not booked again, with another number or without; one that was replaced is."""
    id = order(world)
    do(world, id, "booked", tracking_number="ONE")
    before = snapshot_of(world)
    for details in ({}, {"tracking_number": "TWO"}):
        with pytest.raises(Refusal) as caught:
            do(world, id, "booked", **details)
        assert (caught.value.rule.id, caught.value.status) == ("event.state", 409)
    assert snapshot_of(world) == before
    run(world, shipments.update_shipment, id, {"weight": 2})
    do(world, id, "booked", tracking_number="TWO")
    assert get(world, id)["tracking_number"] == "TWO"
