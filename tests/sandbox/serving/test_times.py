"""Updates without content, times as they go out and come in, and what happens in time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aniva_sandbox.engine.world.agenda import Event
from tests.sandbox.serving.common import FUTURE, NEW_APPOINTMENT, NEW_PROFILE, NEW_SHIPMENT, in_vain, later
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    CANCELLED_SHIPMENT,
    DELIVERED_SHIPMENT,
    DRAWN_APPOINTMENT,
    HELSINKI,
    LOST_SHIPMENT,
    MOVING_SHIPMENT,
    OTHER_PANEL,
    PANEL,
    PENDING_APPOINTMENT,
    PROFILE,
    RIVAL_APPOINTMENT,
    RIVAL_PROFILE,
    RIVAL_SHIPMENT,
    SHIPMENT,
    UNKNOWN,
    UNKNOWN_SHIPMENT,
    Client,
    Reply,
    quiet_client,
    snapshot_of,
)

# update.empty


@pytest.mark.rule("update.empty")
@pytest.mark.parametrize("path", [f"/profiles/{PROFILE}", f"/appointments/{APPOINTMENT}", f"/shipments/{SHIPMENT}"])
@pytest.mark.parametrize("body", [{}, {"nobody_asks": 1}])
def test_an_empty_update_changes_nothing(client: Client, path: str, body: Any) -> None:
    """Without a known field an update answers the record as it is, and it is no change."""
    later(client, 60)
    client.get(path)
    before = snapshot_of(client.world)
    reply = client.patch(path, body)
    assert (reply.status, reply.json) == (200, client.get(path).json)
    assert snapshot_of(client.world) == before


@pytest.mark.rule("update.empty")
@pytest.mark.parametrize(
    ("path", "status", "rule"),
    [
        ("/profiles/nope", 400, "id.format"),
        (f"/profiles/{UNKNOWN}", 404, "path.unknown"),
        (f"/profiles/{RIVAL_PROFILE}", 403, "auth.context"),
        (f"/appointments/{UNKNOWN}", 404, "path.unknown"),
        (f"/appointments/{RIVAL_APPOINTMENT}", 403, "auth.context"),
        (f"/appointments/{CANCELLED_APPOINTMENT}", 409, "appointment.editable"),
        (f"/appointments/{DRAWN_APPOINTMENT}", 409, "appointment.editable"),
        ("/shipments/nope", 400, "id.format"),
        (f"/shipments/{UNKNOWN_SHIPMENT}", 404, "path.unknown"),
        (f"/shipments/{RIVAL_SHIPMENT}", 403, "auth.context"),
        *(
            (f"/shipments/{id}", 409, "shipment.update-state")
            for id in (MOVING_SHIPMENT, DELIVERED_SHIPMENT, LOST_SHIPMENT, CANCELLED_SHIPMENT)
        ),
    ],
)
def test_an_empty_update_is_still_checked(client: Client, path: str, status: int, rule: str) -> None:
    """Path, context and state are checked though there is nothing to change."""
    reply = in_vain(client, "PATCH", path, {})
    assert (reply.status, reply.rules) == (status, [rule])


@pytest.mark.rule("update.empty", "time.updated")
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (f"/profiles/{PROFILE}", ["first_name"]),
        (f"/profiles/{PROFILE}", ["height", "email"]),
        (f"/appointments/{APPOINTMENT}", ["location_id"]),
        (f"/appointments/{APPOINTMENT}", ["scheduled_at"]),
    ],
)
def test_an_update_to_equal_values_is_a_change(client: Client, path: str, fields: list[str]) -> None:
    """A known field makes an update a change, also where its value is the same: updated_at is then, all else stays."""
    before = client.get(path).json
    later(client, 61)
    after = client.patch(path, {name: before[name] for name in fields}).json
    assert after == before | {"updated_at": "2026-04-13T08:01:01Z"}


@pytest.mark.rule("update.empty", "time.updated", "shipment.update")
def test_equal_notes_are_a_change_of_a_shipment(client: Client) -> None:
    """Notes that are sent again are a change; all but updated_at stays, what the courier noted included."""
    path = f"/shipments/{SHIPMENT}"
    before = client.patch(path, {"notes": "Cold"}).json
    assert (before["notes"], before["updated_at"]) == ("Cold", "2026-04-13T08:00:00Z")
    later(client, 61)
    after = client.patch(path, {"notes": "Cold"}).json
    assert after == before | {"updated_at": "2026-04-13T08:01:01Z"}


# time.instants, time.local, time.updated, order.ordinal


@pytest.mark.rule("time.instants")
def test_instants_go_out_in_utc_and_whole_seconds(client: Client) -> None:
    """created_at, added_at and updated_at are UTC with Z and without a fraction, at the world's now."""
    client.world.clock.move(datetime(2026, 4, 13, 9, 30, 15, 999_999, tzinfo=UTC))
    now = "2026-04-13T09:30:15Z"
    profile = client.post("/profiles", NEW_PROFILE).json
    assert profile["created_at"] == now
    assert client.patch(f"/profiles/{profile['id']}", {"height": 170}).json["updated_at"] == now
    appointment = client.post("/appointments", NEW_APPOINTMENT).json
    assert appointment["created_at"] == now
    path = f"/appointments/{appointment['id']}"
    client.post(f"{path}/panels", {"panel_ids": [PANEL]})
    assert client.get(path).json["panels"] == [{"panel_id": PANEL, "added_at": now}]
    assert client.get(path).headers["x-sandbox-time"] == now
    shipment = client.post("/shipments", NEW_SHIPMENT | {"appointment_id": appointment["id"]}).json
    assert (shipment["created_at"], shipment["appointments"]) == (now, [{"id": appointment["id"], "added_at": now}])
    assert client.get(path).json["shipments"] == [{"id": shipment["id"], "added_at": now}]
    event = {"type": "courier.picked_up", "shipment_id": shipment["id"]}
    assert client.control("POST", "/worlds/test/events", event).status == 200
    assert [update["time"] for update in client.get(f"/shipments/{shipment['id']}").json["status_updates"]] == [now]


@pytest.mark.rule("time.instants")
@pytest.mark.parametrize(
    ("scheduled_at", "status"), [("2026-04-13T09:30:15.999Z", 400), ("2026-04-13T09:30:16.000Z", 201)]
)
def test_now_is_compared_in_whole_seconds(client: Client, scheduled_at: str, status: int) -> None:
    """Both now and what is compared with it are cut to whole seconds first."""
    client.world.clock.move(datetime(2026, 4, 13, 9, 30, 15, 500_000, tzinfo=UTC))
    reply = client.post("/appointments", NEW_APPOINTMENT | {"scheduled_at": scheduled_at})
    assert reply.status == status
    assert reply.rules == (["appointment.future"] if status == 400 else [])


@pytest.mark.rule("time.local")
@pytest.mark.parametrize(
    ("location", "sent", "shown"),
    [
        (BERLIN, "2026-07-01T08:00:00Z", "2026-07-01T10:00:00+02:00"),
        (BERLIN, "2026-12-01T08:00:00Z", "2026-12-01T09:00:00+01:00"),
        (BERLIN, "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00"),
        (BERLIN, "2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00"),
        (HELSINKI, "2026-07-01T10:00:00+02:00", "2026-07-01T11:00:00+03:00"),
        (HELSINKI, "2026-12-01T10:00:00-05:00", "2026-12-01T17:00:00+02:00"),
    ],
)
def test_local_times_carry_the_offset_of_their_instant(client: Client, location: str, sent: str, shown: str) -> None:
    """Summer and winter time differ in their offset, also across the repeated hour, whatever offset was sent."""
    body = NEW_APPOINTMENT | {"location_id": location, "scheduled_at": sent}
    assert client.post("/appointments", body).json["scheduled_at"] == shown


@pytest.mark.rule("time.updated")
def test_updated_at_is_null_until_the_first_change(client: Client) -> None:
    """A new record was never changed; panels and links do not change it, an update does, and then its cancellation."""
    appointment = client.post("/appointments", NEW_APPOINTMENT).json
    path = f"/appointments/{appointment['id']}"
    assert appointment["updated_at"] is None
    later(client, 10)
    client.post(f"{path}/panels", {"panel_ids": [PANEL, OTHER_PANEL]})
    client.delete(f"{path}/panels", {"panel_ids": [PANEL]})
    shipment = f"/shipments/{client.post('/shipments', NEW_SHIPMENT).json['id']}"
    for own, body in (
        (f"{path}/shipments", {"shipment_ids": [shipment.rpartition("/")[2]]}),
        (f"{shipment}/appointments", {"appointment_ids": [appointment["id"]]}),
    ):
        for change in (client.post, client.delete):
            assert change(own, body).json["updated_at"] is None
    assert client.get(path).json["updated_at"] is None
    assert client.get(shipment).json["updated_at"] is None
    assert client.patch(path, {"scheduled_at": FUTURE}).json["updated_at"] == "2026-04-13T08:00:10Z"
    later(client, 10)
    assert client.delete(path).json["updated_at"] == "2026-04-13T08:00:20Z"


@pytest.mark.rule("time.updated")
@pytest.mark.parametrize(
    ("appointment", "change"),
    [
        (APPOINTMENT, lambda client: client.post(f"/appointments/{APPOINTMENT}/confirm", {"barcode": "1"})),
        (
            PENDING_APPOINTMENT,
            lambda client: client.control(
                "POST",
                "/worlds/test/events",
                {"type": "practice.confirmed", "appointment_id": PENDING_APPOINTMENT},
            ),
        ),
        (
            DRAWN_APPOINTMENT,
            lambda client: client.control(
                "POST",
                "/worlds/test/events",
                {"type": "operations.cancelled", "appointment_id": DRAWN_APPOINTMENT},
            ),
        ),
    ],
)
def test_every_move_of_the_state_is_a_change(
    client: Client, appointment: str, change: Callable[[Client], Reply]
) -> None:
    """The draw, and what Aniva's side does, count as changes at their time."""
    later(client, 30)
    assert change(client).status in (200, 201)
    assert client.get(f"/appointments/{appointment}").json["updated_at"] == "2026-04-13T08:00:30Z"


@pytest.mark.rule("order.ordinal")
def test_equal_times_stand_in_order_of_creation(client: Client) -> None:
    """Records made in the same second are listed in the order in which they were made, whatever their ids."""
    made = [client.post("/profiles", NEW_PROFILE).json for _ in range(20)]
    assert len({profile["created_at"] for profile in made}) == 1
    ids = [profile["id"] for profile in made]
    assert ids != sorted(ids)
    assert [profile["id"] for profile in client.get("/profiles").json][-20:] == ids


# What is due


def test_what_is_due_happens_before_the_request() -> None:
    """A running clock that passed an event's time lets it happen as the first step of the next request."""
    client = quiet_client()
    world = client.world
    world.agenda.add(world.now + timedelta(hours=1), Event("location.closed", BERLIN))
    path = f"/locations/{BERLIN}/availability"
    assert client.get(path).status == 200
    world.clock.move(world.now + timedelta(hours=2))
    assert client.get(path).rules == ["location.active"]
    assert [happened.time for happened in world.history] == [world.now - timedelta(hours=1)]


# time.input


@pytest.mark.rule("time.input")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-05-15T10:00:00Z", "2026-05-15T12:00:00+02:00"),
        ("2026-05-15t10:00:00z", "2026-05-15T12:00:00+02:00"),
        ("2026-05-15T10:00:00.999999999Z", "2026-05-15T12:00:00+02:00"),
        ("2026-05-15T10:00:00-00:00", "2026-05-15T12:00:00+02:00"),
        ("2026-05-15T10:00:00+23:59", "2026-05-14T12:01:00+02:00"),
        ("9999-12-29T00:00:00Z", "9999-12-29T01:00:00+01:00"),
    ],
)
def test_instants_come_in_as_rfc_3339(client: Client, text: str, shown: str) -> None:
    """Letters in either case are taken, a fraction is cut, and any offset is read."""
    reply = client.post("/appointments", NEW_APPOINTMENT | {"scheduled_at": text})
    assert (reply.status, reply.json["scheduled_at"]) == (201, shown)


@pytest.mark.rule("time.input")
@pytest.mark.parametrize(
    "text",
    [
        "2026-05-15T10:00:60Z",
        "2026-06-30T23:59:60Z",
        "0000-05-15T10:00:00Z",
        "2026-02-29T10:00:00Z",
        "2026-05-15T24:00:00Z",
        "2026-05-15T10:00:00+24:00",
        "2026-05-15T10:00:00-24:00",
        "2026-05-15T10:00:00+02:60",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59Z",
        "2026-05-15 10:00:00Z",
        "2026-05-15T10:00Z",
        "2026-05-15T10:00:00.Z",
        "2026-05-15T10:00:00,5Z",
    ],
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/appointments", NEW_APPOINTMENT), ("PATCH", f"/appointments/{APPOINTMENT}", {})],
)
def test_what_is_no_instant_is_refused(client: Client, method: str, path: str, body: Any, text: str) -> None:
    """No such day, second 60, the year 0000, an offset of a day, and what overflows: 400 and never 500."""
    reply = in_vain(client, method, path, body | {"scheduled_at": text})
    assert (reply.status, reply.rules, list(reply.details)) == (400, ["time.input"], ["scheduled_at"])
