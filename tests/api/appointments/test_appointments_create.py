"""Booking appointments, and slots that are taken."""

import pytest

from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.appointments.records import Status
from aniva_sandbox.api.profiles import operations as profiles
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import happen
from tests.api.appointments.appointment_calls import (
    NEW,
    NOW,
    PAST,
    STATES,
    TAKEN,
    book,
    cancel,
    get,
    listed,
    put,
    update,
)
from tests.support import (
    APPOINTMENT,
    BERLIN,
    HELSINKI,
    HOME_APPOINTMENT,
    HOURLESS_LOCATION,
    INACTIVE_LOCATION,
    PENDING_LOCATION,
    PROFILE,
    RIVAL_LOCATION,
    RIVAL_PROFILE,
    UNDATED_APPOINTMENT,
    UNKNOWN,
    Client,
    new_world,
    refusal_of,
    run,
    snapshot_of,
    verdict_of,
)

# Booking


@pytest.mark.rule("appointment.create", "appointment.initial-status", "time.instants", "time.updated")
def test_booking_answers_the_whole_appointment(world: World) -> None:
    """A new appointment is confirmed, by a practitioner, without panels, shipments and changes."""
    created = book(world)
    assert created == {
        "id": created["id"],
        "profile_id": PROFILE,
        "location_id": BERLIN,
        "scheduled_at": "2026-04-20T09:00:00+02:00",
        "status": "confirmed",
        "test_method": "practitioner",
        "created_at": NOW,
        "updated_at": None,
        "profile": run(world, profiles.get_profile, PROFILE),
        "panels": [],
        "shipments": [],
    }
    assert get(world, created["id"]) == created
    assert created["id"] in listed(world)


def test_booking_is_created_over_http(client: Client) -> None:
    """Creating answers 201, every change 200."""
    reply = client.post("/appointments", NEW)
    assert reply.status == 201
    assert client.patch(f"/appointments/{reply.json['id']}", {}).status == 200
    assert client.delete(f"/appointments/{reply.json['id']}").status == 200


def test_booking_shows_the_profile_as_it_is_now(world: World) -> None:
    """The embedded profile follows changes of the profile."""
    run(world, profiles.update_profile, PROFILE, {"weight": 80})
    shown = get(world)
    assert shown["profile"] == run(world, profiles.get_profile, PROFILE)
    assert shown["profile"]["weight"] == 80
    assert shown["updated_at"] is None


@pytest.mark.rule("appointment.initial-status")
@pytest.mark.parametrize(("location", "status"), [(PENDING_LOCATION, "pending"), (HOURLESS_LOCATION, "confirmed")])
def test_location_says_where_bookings_begin(world: World, location: str, status: str) -> None:
    """A booking begins pending where its location says so, and confirmed elsewhere."""
    assert book(world, location_id=location)["status"] == status


@pytest.mark.rule("appointment.create")
@pytest.mark.parametrize("missing", [["profile_id"], ["location_id"], ["scheduled_at"], list(NEW)])
def test_booking_needs_its_fields(client: Client, missing: list[str]) -> None:
    """Every missing field is named in one refusal."""
    before = snapshot_of(client.world)
    reply = client.post("/appointments", {name: value for name, value in NEW.items() if name not in missing})
    assert (reply.status, reply.rules) == (400, ["appointment.create"])
    assert sorted(reply.details) == sorted(missing)
    assert snapshot_of(client.world) == before
    assert client.post("/appointments", NEW).status == 201


@pytest.mark.rule("appointment.profile", "appointment.location", "location.active", "auth.context")
@pytest.mark.parametrize(
    ("changes", "rule", "status"),
    [
        ({"profile_id": UNKNOWN}, "appointment.profile", 404),
        ({"location_id": UNKNOWN}, "appointment.location", 404),
        ({"location_id": INACTIVE_LOCATION}, "location.active", 404),
        ({"profile_id": RIVAL_PROFILE}, "auth.context", 403),
        ({"location_id": RIVAL_LOCATION}, "auth.context", 403),
    ],
)
def test_booking_needs_profile_and_location(world: World, changes: dict[str, str], rule: str, status: int) -> None:
    """Profile and location must exist, be active and lie inside the context."""
    assert verdict_of(world, appointments.create_appointment, body=NEW | changes) == (rule, status)
    assert book(world)["profile_id"] == PROFILE


@pytest.mark.rule("order.checks")
@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"profile_id": UNKNOWN, "location_id": UNKNOWN, "scheduled_at": PAST}, "appointment.profile"),
        ({"profile_id": RIVAL_PROFILE, "location_id": UNKNOWN, "scheduled_at": PAST}, "appointment.location"),
        ({"profile_id": RIVAL_PROFILE, "location_id": INACTIVE_LOCATION}, "location.active"),
        ({"profile_id": UNKNOWN, "location_id": RIVAL_LOCATION}, "appointment.profile"),
        ({"profile_id": RIVAL_PROFILE, "scheduled_at": PAST}, "auth.context"),
        ({"location_id": RIVAL_LOCATION, "scheduled_at": PAST}, "auth.context"),
        ({"scheduled_at": PAST}, "appointment.overlap"),
        ({"location_id": HELSINKI, "scheduled_at": PAST}, "appointment.future"),
    ],
)
def test_booking_checks_in_order(changes: dict[str, str], rule: str) -> None:
    """What does not exist goes before what is outside, then what is taken, then the time."""
    world = new_world(settings=Settings("refuse"))
    put(world, UNKNOWN, PAST)
    assert refusal_of(world, appointments.create_appointment, body=NEW | changes).rule.id == rule


@pytest.mark.rule("order.checks")
def test_booking_checks_formats_first(client: Client) -> None:
    """A format refusal names all faults, and goes before anything is looked up."""
    reply = client.post("/appointments", {"profile_id": UNKNOWN, "location_id": "x", "scheduled_at": "soon"})
    assert (reply.status, set(reply.rules)) == (400, {"id.format", "appointment.zone"})
    assert sorted(reply.details) == ["location_id", "scheduled_at"]


def test_booking_takes_ids_in_either_case(world: World) -> None:
    """Ids are taken in upper case and answered in lower case."""
    created = book(world, profile_id=PROFILE.upper(), location_id=HELSINKI.upper())
    assert (created["profile_id"], created["location_id"]) == (PROFILE, HELSINKI)
    assert get(world, created["id"].upper()) == created
    assert update(world, created["id"].upper(), location_id=BERLIN.upper())["location_id"] == BERLIN
    assert created["id"] in listed(world, query={"profile_id": PROFILE.upper()})
    assert cancel(world, created["id"].upper())["status"] == "cancelled"


@pytest.mark.rule("appointment.home-kit")
@pytest.mark.parametrize(
    ("details", "scheduled_at"),
    [({}, None), ({"scheduled_at": "2026-07-01T10:00:00+02:00"}, "2026-07-01T08:00:00Z")],
)
def test_home_kit_comes_from_the_control_plane(
    client: Client, details: dict[str, str], scheduled_at: str | None
) -> None:
    """Partners cannot book a home kit, neither without a location nor by its method; Aniva's side can."""
    assert client.post("/appointments", NEW | {"location_id": None}).status == 400
    assert client.post("/appointments", NEW | {"test_method": "home"}).json["test_method"] == "practitioner"

    happened = happen(client.world, Event("kit.ordered", PROFILE, details))
    kit = client.get(f"/appointments/{happened.event.details['appointment_id']}").json
    assert (kit["test_method"], kit["location_id"], kit["scheduled_at"]) == ("home", None, scheduled_at)


# Taken slots. The known appointment takes 09:00 to 09:15 on 15 April in Berlin.

OVERLAPPING = [TAKEN, "2026-04-15T08:45:01+02:00", "2026-04-15T09:14:59+02:00"]
BESIDE = ["2026-04-15T08:45:00+02:00", "2026-04-15T09:15:00+02:00"]


@pytest.fixture
def refusing() -> World:
    """A world that refuses to book taken slots."""
    return new_world(settings=Settings("refuse"))


@pytest.mark.rule("appointment.overlap")
@pytest.mark.parametrize("sent", OVERLAPPING)
def test_taken_slot_can_be_booked(world: World, sent: str) -> None:
    """Without the setting, a slot may be booked as often as one likes."""
    assert book(world, scheduled_at=sent)["scheduled_at"] == sent
    assert book(world, scheduled_at=sent)["scheduled_at"] == sent


@pytest.mark.rule("appointment.overlap")
@pytest.mark.parametrize("sent", OVERLAPPING)
def test_taken_slot_can_be_refused(refusing: World, sent: str) -> None:
    """With the setting, a booking that shares a second with another one at the location is refused."""
    other = book(refusing)["id"]
    away = book(refusing, location_id=HELSINKI, scheduled_at=sent)["id"]
    overlap = ("appointment.overlap", 409)
    assert verdict_of(refusing, appointments.create_appointment, body=NEW | {"scheduled_at": sent}) == overlap
    assert verdict_of(refusing, appointments.update_appointment, other, {"scheduled_at": sent}) == overlap
    assert verdict_of(refusing, appointments.update_appointment, away, {"location_id": BERLIN}) == overlap


@pytest.mark.rule("appointment.overlap")
@pytest.mark.parametrize("sent", BESIDE)
def test_slot_beside_a_taken_one_is_free(refusing: World, sent: str) -> None:
    """Bookings may stand back to back, and at the same time elsewhere."""
    assert book(refusing, scheduled_at=sent)["scheduled_at"] == sent
    assert book(refusing, scheduled_at=TAKEN, location_id=HELSINKI)["location_id"] == HELSINKI


@pytest.mark.rule("appointment.overlap")
@pytest.mark.parametrize("state", STATES)
def test_only_a_cancelled_booking_frees_its_slot(refusing: World, state: Status) -> None:
    """Pending, confirmed and drawn bookings take their slot; a cancelled one gives it back."""
    refusing.appointments[APPOINTMENT].status = state
    if state == "cancelled":
        assert book(refusing, scheduled_at=TAKEN)["scheduled_at"] == TAKEN
    else:
        assert refusal_of(refusing, appointments.create_appointment, body=NEW | {"scheduled_at": TAKEN}).rule.id == (
            "appointment.overlap"
        )


@pytest.mark.rule("appointment.overlap")
def test_cancelling_frees_the_slot_and_moving_too(refusing: World) -> None:
    """The slot that a booking leaves, by cancelling or by moving, can be booked at once."""
    cancel(refusing)
    second = book(refusing, scheduled_at=TAKEN)["id"]
    update(refusing, second, scheduled_at="2026-04-15T10:00:00+02:00")
    third = book(refusing, scheduled_at=TAKEN)["id"]
    update(refusing, third, location_id=HELSINKI)
    assert book(refusing, scheduled_at=TAKEN)["scheduled_at"] == TAKEN


@pytest.mark.rule("appointment.overlap")
@pytest.mark.parametrize(
    "changes",
    [
        {"scheduled_at": TAKEN},
        {"scheduled_at": "2026-04-15T09:05:00+02:00"},
        {"location_id": BERLIN},
        {"scheduled_at": TAKEN, "location_id": BERLIN},
        {},
    ],
)
def test_booking_never_stands_in_its_own_way(refusing: World, changes: dict[str, str]) -> None:
    """An appointment can be moved onto and over its own slot."""
    assert update(refusing, **changes)["scheduled_at"] == changes.get("scheduled_at", TAKEN)


@pytest.mark.rule("appointment.overlap")
def test_home_kits_take_no_slot(refusing: World) -> None:
    """A home kit is at no location, so two may have the same time."""
    assert update(refusing, HOME_APPOINTMENT, scheduled_at=TAKEN)["location_id"] is None
    assert update(refusing, UNDATED_APPOINTMENT, scheduled_at=TAKEN)["scheduled_at"] == "2026-04-15T07:00:00Z"


@pytest.mark.rule("appointment.overlap")
def test_overlapping_bookings_can_still_be_left_as_they_are(world: World) -> None:
    """An empty update looks at no slot, also where one would be refused by now."""
    book(world, scheduled_at=TAKEN)
    world.settings = Settings("refuse")
    assert update(world)["scheduled_at"] == TAKEN
    assert refusal_of(world, appointments.update_appointment, APPOINTMENT, {"scheduled_at": TAKEN}).status == 409
