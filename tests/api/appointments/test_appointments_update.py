"""Rescheduling appointments: what changes, and what is refused."""

import pytest

from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import happen
from tests.api.appointments.appointment_calls import LATER, NEW, PAST, TAKEN, get, instant, put, update
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    HELSINKI,
    HOME_APPOINTMENT,
    INACTIVE_LOCATION,
    PENDING_APPOINTMENT,
    PENDING_LOCATION,
    RIVAL_APPOINTMENT,
    RIVAL_LOCATION,
    UNDATED_APPOINTMENT,
    UNKNOWN,
    Client,
    new_world,
    refusal_of,
    snapshot_of,
    verdict_of,
)

# Taken slots. The known appointment takes 09:00 to 09:15 on 15 April in Berlin.


@pytest.mark.rule("appointment.update", "appointment.update/instant", "time.updated")
@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"scheduled_at": "2026-04-21T07:30:00Z"}, {"scheduled_at": "2026-04-21T09:30:00+02:00"}),
        ({"location_id": HELSINKI}, {"location_id": HELSINKI, "scheduled_at": "2026-04-15T10:00:00+03:00"}),
        (
            {"location_id": HELSINKI, "scheduled_at": "2026-04-21T07:30:00Z"},
            {"location_id": HELSINKI, "scheduled_at": "2026-04-21T10:30:00+03:00"},
        ),
        ({"location_id": BERLIN}, {}),
        ({"scheduled_at": TAKEN}, {}),
    ],
)
def test_update_changes_what_is_sent(world: World, changes: dict[str, str], shown: dict[str, str]) -> None:
    """Time, place or both change and nothing else; a new place alone keeps the instant; equal values are a change."""
    before = get(world)
    world.clock.move(instant(LATER))
    changed = update(world, **changes)
    assert changed == before | shown | {"updated_at": LATER}
    assert get(world) == changed


@pytest.mark.rule("appointment.update/status")
@pytest.mark.parametrize(
    ("id", "location", "status"),
    [(APPOINTMENT, PENDING_LOCATION, "confirmed"), (PENDING_APPOINTMENT, BERLIN, "pending")],
)
def test_update_never_changes_the_status(world: World, id: str, location: str, status: str) -> None:
    """The status stays, whatever the new location would let a booking begin with."""
    assert update(world, id, location_id=location, scheduled_at=NEW["scheduled_at"])["status"] == status


@pytest.mark.rule("update.empty", "appointment.update", "body.unknown-field")
@pytest.mark.parametrize("body", [{}, {"status": "cancelled", "profile_id": UNKNOWN, "panels": []}])
@pytest.mark.parametrize("id", [APPOINTMENT, PENDING_APPOINTMENT, HOME_APPOINTMENT, UNDATED_APPOINTMENT])
def test_update_without_known_fields_changes_nothing(client: Client, id: str, body: dict[str, object]) -> None:
    """An empty object is taken, unknown fields count for nothing, and the answer is the appointment as it was."""
    before = snapshot_of(client.world)
    reply = client.patch(f"/appointments/{id}", body)
    assert (reply.status, reply.json["updated_at"]) == (200, None)
    assert snapshot_of(client.world) == before


@pytest.mark.rule("update.empty")
@pytest.mark.parametrize(
    ("id", "rule", "status"),
    [
        (UNKNOWN, "path.unknown", 404),
        (RIVAL_APPOINTMENT, "auth.context", 403),
        (CANCELLED_APPOINTMENT, "appointment.editable", 409),
    ],
)
def test_empty_update_is_still_checked(world: World, id: str, rule: str, status: int) -> None:
    """An empty update changes nothing, but path, context and state are judged all the same."""
    assert verdict_of(world, appointments.update_appointment, id, {}) == (rule, status)


@pytest.mark.rule("appointment.update", "appointment.update/instant")
def test_update_checks_only_what_is_sent(world: World) -> None:
    """A booking in the past can get another place, and one at a place that has closed another time."""
    old = put(world, UNKNOWN, PAST)
    assert update(world, old, location_id=HELSINKI)["scheduled_at"] == "2026-04-12T10:00:00+03:00"
    assert (
        refusal_of(world, appointments.update_appointment, old, {"scheduled_at": PAST}).rule.id == "appointment.future"
    )

    happen(world, Event("location.closed", BERLIN))
    assert update(world, scheduled_at=NEW["scheduled_at"])["location_id"] == BERLIN
    assert refusal_of(world, appointments.update_appointment, APPOINTMENT, {"location_id": BERLIN}).status == 404


@pytest.mark.rule("appointment.update/home")
@pytest.mark.parametrize("id", [HOME_APPOINTMENT, UNDATED_APPOINTMENT])
def test_home_kit_gets_no_location(world: World, id: str) -> None:
    """A home kit can get another time, but no location."""
    body = {"location_id": BERLIN, "scheduled_at": NEW["scheduled_at"]}
    for changes in (body, {"location_id": BERLIN}):
        assert verdict_of(world, appointments.update_appointment, id, changes) == ("appointment.update/home", 400)
    assert update(world, id, scheduled_at=NEW["scheduled_at"])["location_id"] is None


@pytest.mark.rule("order.checks", "appointment.location", "location.active", "auth.context", "path.unknown")
@pytest.mark.parametrize(
    ("id", "changes", "rule"),
    [
        (UNKNOWN, {"location_id": UNKNOWN}, "path.unknown"),
        (RIVAL_APPOINTMENT, {"location_id": UNKNOWN}, "auth.context"),
        (CANCELLED_APPOINTMENT, {"location_id": UNKNOWN, "scheduled_at": PAST}, "appointment.location"),
        (CANCELLED_APPOINTMENT, {"location_id": INACTIVE_LOCATION}, "location.active"),
        (CANCELLED_APPOINTMENT, {"location_id": RIVAL_LOCATION}, "auth.context"),
        (CANCELLED_APPOINTMENT, {"location_id": BERLIN, "scheduled_at": PAST}, "appointment.editable"),
        (HOME_APPOINTMENT, {"location_id": RIVAL_LOCATION}, "auth.context"),
        (HOME_APPOINTMENT, {"location_id": BERLIN, "scheduled_at": TAKEN}, "appointment.overlap"),
        (HOME_APPOINTMENT, {"location_id": BERLIN, "scheduled_at": PAST}, "appointment.future"),
        (HOME_APPOINTMENT, {"location_id": BERLIN}, "appointment.update/home"),
    ],
)
def test_update_checks_in_order(id: str, changes: dict[str, str], rule: str) -> None:
    """The path goes first, then the location named, the state, and what only the world can say."""
    refusing = new_world(settings=Settings("refuse"))
    assert refusal_of(refusing, appointments.update_appointment, id, changes).rule.id == rule


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize("field", ["scheduled_at", "location_id"])
def test_update_refuses_null(client: Client, field: str) -> None:
    """Neither time nor place can be cleared."""
    before = snapshot_of(client.world)
    reply = client.patch(f"/appointments/{APPOINTMENT}", {field: None})
    assert (reply.status, list(reply.details)) == (400, [field])
    assert snapshot_of(client.world) == before


@pytest.mark.rule("order.checks")
def test_update_checks_formats_before_the_path(client: Client) -> None:
    """A malformed body is refused also for an appointment that does not exist; a sound one then is not found."""
    assert client.patch(f"/appointments/{UNKNOWN}", {"scheduled_at": "x"}).status == 400
    assert client.patch(f"/appointments/{UNKNOWN}", {"scheduled_at": PAST}).status == 404
