"""Moving the clock until an event, and the agenda of the courier, through the control plane."""

from typing import Any

import pytest

from tests.support import (
    APPOINTMENT,
    LOCKED_SHIPMENT,
    MOVING_SHIPMENT,
    NO_LABORATORY,
    PENDING_APPOINTMENT,
    SHIPMENT,
    UNKNOWN,
    Client,
    quiet_client,
    snapshot_of,
)

WORLD = "/worlds/test"


@pytest.fixture
def client() -> Client:
    """A client of a fresh default world in which the laboratories do nothing by themselves."""
    return quiet_client(NO_LABORATORY)


def move(client: Client, **how: Any) -> Any:
    """Move the clock."""
    client.world  # noqa: B018 (makes the world)
    return client.control("POST", f"{WORLD}/clock/advance", how)


def plan(client: Client, type: str, **details: str) -> None:
    """Put an event into the agenda."""
    client.world  # noqa: B018
    assert client.control("POST", f"{WORLD}/events", {"type": type, **details}).status == 200


@pytest.mark.rule("clock.until")
def test_until_the_first_of_a_type(client: Client) -> None:
    """Time goes on to the next event of the type, whatever it is about, and everything before it happens first."""
    moved = move(client, until="courier.delivered").json
    assert moved["clock"] == {"mode": "frozen", "now": "2026-04-14T08:00:00Z"}
    assert [(event["type"], event["shipment_id"]) for event in moved["events"]] == [
        ("courier.booked", LOCKED_SHIPMENT),
        ("courier.scanned", MOVING_SHIPMENT),
        ("courier.delivered", MOVING_SHIPMENT),
    ]
    assert [event["time"] for event in moved["events"]] == [
        "2026-04-13T08:05:00Z",
        "2026-04-13T19:00:00Z",
        "2026-04-14T08:00:00Z",
    ]
    assert all(event["automatic"] for event in moved["events"])


@pytest.mark.rule("clock.until")
def test_until_something_happens_to_a_target(client: Client) -> None:
    """With an id, time goes on until the event happens to that; what is due at the same instant happens, too."""
    plan(client, "location.closed", location_id="f1a2b3c4-d5e6-4f7a-8b9c-0d1e2f3a4b5c", time="2026-04-16T08:00:00Z")
    moved = move(client, until="courier.delivered", shipment_id=SHIPMENT).json
    assert moved["clock"]["now"] == "2026-04-16T08:00:00Z"
    assert {event["type"] for event in moved["events"][-2:]} == {"courier.delivered", "location.closed"}
    assert client.get(f"/shipments/{SHIPMENT}").json["status"] == "delivered"


@pytest.mark.rule("clock.until", "clock.forward", "event.details", "event.unknown")
@pytest.mark.parametrize(
    ("how", "status", "rule"),
    [
        ({"until": "kit.ordered"}, 409, "clock.until"),
        ({"until": "courier.booked", "shipment_id": SHIPMENT}, 409, "clock.until"),
        ({"until": "courier.booked", "shipment_id": "P0000000000"}, 404, "event.unknown"),
        ({"until": "practice.confirmed", "appointment_id": UNKNOWN}, 404, "event.unknown"),
        ({"until": "courier.booked", "appointment_id": APPOINTMENT}, 400, "event.details"),
        ({"until": "courier.booked", "seconds": 1}, 400, "clock.forward"),
        ({"until": "courier.booked", "to": "2026-04-14T08:00:00Z"}, 400, "clock.forward"),
        ({"seconds": 1, "shipment_id": SHIPMENT}, 400, "clock.forward"),
        ({"shipment_id": SHIPMENT}, 400, "clock.forward"),
        ({}, 400, "clock.forward"),
        ({"until": "no.such"}, 400, "body.schema"),
    ],
)
def test_what_cannot_be_waited_for(client: Client, how: dict[str, Any], status: int, rule: str) -> None:
    """Waiting for what is not in the agenda, or in two ways at once, is refused, and no time passes."""
    before = snapshot_of(client.world)
    refused = move(client, **how)
    assert (refused.status, refused.rules) == (status, [rule])
    assert snapshot_of(client.world) == before


@pytest.mark.rule("clock.until", "event.skipped")
def test_what_is_prevented_ends_the_wait(client: Client) -> None:
    """Where a loss comes before the delivery, time stops at the loss; where the event is skipped, at its own time."""
    plan(client, "courier.lost", shipment_id=MOVING_SHIPMENT, time="2026-04-13T20:00:00Z")
    moved = move(client, until="courier.delivered", shipment_id=MOVING_SHIPMENT).json
    assert moved["clock"]["now"] == "2026-04-13T20:00:00Z"
    assert moved["events"][-1]["type"] == "courier.lost"
    plan(client, "operations.cancelled", appointment_id=PENDING_APPOINTMENT, time="2026-04-13T21:00:00Z")
    moved = move(client, until="operations.cancelled").json
    assert moved["clock"]["now"] == "2026-04-13T21:00:00Z"
    assert moved["events"][-1]["skipped"] == "The appointment is pending"


def test_courier_events_have_details(client: Client) -> None:
    """The courier's events take the words of the update, the booking the number; the history shows them."""
    plan(client, "courier.booked", shipment_id=LOCKED_SHIPMENT, status="Angenommen", tracking_number="X-1")
    shown = client.get(f"/shipments/{LOCKED_SHIPMENT}").json
    assert shown["tracking_number"] == "X-1"
    assert shown["status_updates"] == [{"status": "Angenommen", "time": "2026-04-13T08:00:00Z"}]
    assert client.control("GET", f"{WORLD}/events").json == [
        {
            "time": "2026-04-13T08:00:00Z",
            "type": "courier.booked",
            "shipment_id": LOCKED_SHIPMENT,
            "status": "Angenommen",
            "tracking_number": "X-1",
        }
    ]
    refused = client.control(
        "POST", f"{WORLD}/events", {"type": "courier.lost", "shipment_id": LOCKED_SHIPMENT, "tracking_number": "X"}
    )
    assert refused.rules == ["event.details"]


def test_ids_in_capitals_are_kept_as_they_are_known(client: Client) -> None:
    """An event about an id in capitals stands in the agenda under the id as it is kept."""
    plan(client, "practice.confirmed", appointment_id=PENDING_APPOINTMENT.upper(), time="2026-04-13T08:01:00Z")
    first = client.control("GET", f"{WORLD}/agenda").json[0]
    assert (first["appointment_id"], "automatic" in first) == (PENDING_APPOINTMENT, False)


def test_a_running_clock_moves_shipments(client: Client) -> None:
    """With a clock that runs, what is due happens before the next request is handled."""
    client.worlds.create("test", mode="real")
    client.world.clock.move(client.world.now.replace(year=client.world.now.year + 1))
    statuses = {each["id"]: each["status"] for each in client.get("/shipments").json}
    assert statuses[SHIPMENT] == "delivered"
    assert client.control("GET", f"{WORLD}/agenda").json == []


def test_settings_of_the_courier(client: Client) -> None:
    """Automation and hourly sync are settings that the control plane shows and changes; a reset plans anew."""
    assert client.world.settings.courier_automation
    changed = client.control("PATCH", f"{WORLD}/settings", {"courier_automation": False, "hourly_sync": False}).json
    assert (changed["courier_automation"], changed["hourly_sync"], changed["taken_slots"]) == (False, False, "allow")
    assert client.control("GET", f"{WORLD}/agenda").json == []
    assert client.control("POST", f"{WORLD}/reset").json["settings"]["courier_automation"] is True
    assert len(client.control("GET", f"{WORLD}/agenda").json) == 9
    made = client.control("PUT", "/worlds/other", {"settings": {"courier_automation": False}}).json
    assert (made["settings"]["courier_automation"], made["settings"]["hourly_sync"]) == (False, True)


def test_a_year_of_many_shipments_settles(client: Client) -> None:
    """A year with 10,000 orders ends with all of them delivered, everything in the order of its time."""
    from tests.performance.filled import ship

    ship(client.world, 10_000)
    events = move(client, seconds=366 * 24 * 60 * 60).json["events"]
    assert sum(event["type"] == "courier.delivered" for event in events) == 10_003
    times = [event["time"] for event in events]
    assert times == sorted(times)
    assert {shipment.status for shipment in client.world.shipments} == {"delivered", "fault", "cancelled"}
