"""Appointments: the whole state machine first, then booking, times, rescheduling, cancelling and the list."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aniva_sandbox.contract.rules import Refusal
from aniva_sandbox.resources import appointments, profiles
from aniva_sandbox.resources.draws import confirm_blood_draw
from aniva_sandbox.resources.panels import add_panels, remove_panels
from aniva_sandbox.serving.server import get_fixture
from aniva_sandbox.simulation.events import happen
from aniva_sandbox.world.agenda import Event
from aniva_sandbox.world.catalogue import get_catalogue
from aniva_sandbox.world.state import Settings
from aniva_sandbox.world.tables import Appointment, Status
from aniva_sandbox.world.world import World
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    EMPTY_APPOINTMENT,
    HELSINKI,
    HOME_APPOINTMENT,
    HOURLESS_LOCATION,
    INACTIVE_LOCATION,
    OTHER_PANEL,
    PANEL,
    PENDING_APPOINTMENT,
    PENDING_LOCATION,
    PROFILE,
    RIVAL_APPOINTMENT,
    RIVAL_LOCATION,
    RIVAL_PROFILE,
    UNDATED_APPOINTMENT,
    UNKNOWN,
    ZONELESS_LOCATION,
    Client,
    new_world,
    refusal_of,
    run,
)

NEW = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-20T09:00:00+02:00"}
NOW = "2026-04-13T08:00:00Z"
LATER = "2026-04-13T09:00:00Z"
PAST = "2026-04-12T09:00:00+02:00"
OLD_APPOINTMENT = "877e7253-ee68-42d5-b91d-92a76843af67"
UNBOOKED_PROFILE_BODY = {
    "first_name": "New",
    "sex": 1,
    "date_of_birth": "1990-01-02",
    "profile_group": "acme-clinic-berlin",
}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def world_at(start: str) -> World:
    """A default world whose clock stands at an instant."""
    return World("test", get_fixture("default"), get_catalogue(), mode="frozen", start=instant(start))


def put(world: World, id: str, scheduled_at: str, *, profile: str = PROFILE, status: Status = "confirmed") -> str:
    """Put an appointment in Berlin into a world, also where it could not be booked; returns its id."""
    world.appointments.add(
        Appointment(
            id=id,
            profile_id=profile,
            location_id=BERLIN,
            scheduled_at=instant(scheduled_at).astimezone(UTC),
            status=status,
            test_method="practitioner",
            created_at=world.now,
        )
    )
    return id


def book(world: World, **changes: Any) -> Any:
    """Create an appointment that differs from NEW."""
    return run(world, appointments.create_appointment, body=NEW | changes)


def get(world: World, id: str = APPOINTMENT) -> Any:
    return run(world, appointments.get_appointment, id)


def update(world: World, id: str = APPOINTMENT, **changes: Any) -> Any:
    return run(world, appointments.update_appointment, id, changes)


def cancel(world: World, id: str = APPOINTMENT) -> Any:
    return run(world, appointments.cancel_appointment, id)


def confirm(world: World, id: str = APPOINTMENT) -> Any:
    return run(world, confirm_blood_draw, id, {"barcode": "4130075218"})


def listed(world: World, **options: Any) -> list[str]:
    """The ids of a list, in its order."""
    return [entry["id"] for entry in run(world, appointments.list_appointments, **options)]


def refused(world: World, *args: Any, **options: Any) -> tuple[str, int]:
    """Rule and status of the refusal of a call, which must have left the world as it was."""
    before = world.snapshot()
    refusal = refusal_of(world, *args, **options)
    assert world.snapshot() == before
    return refusal.rule.id, refusal.status


# The state machine: what every operation does in every state. Written down by hand from the rules, not taken from the
# table that the operations use. A cell is the status afterwards, or the rule that refuses with 409.

STATES: tuple[Status, ...] = ("pending", "confirmed", "blood_drawn", "cancelled")
EDIT = "appointment.editable"
ONCE = "appointment.cancel"
DRAW = "confirm.state"
EVENT = "event.state"

#                        pending       confirmed      blood_drawn    cancelled
GRID = {
    "update":           ("pending",   "confirmed",   EDIT,          EDIT),
    "update with {}":   ("pending",   "confirmed",   EDIT,          EDIT),
    "cancel":           ("cancelled", "cancelled",   EDIT,          ONCE),
    "add panels":       ("pending",   "confirmed",   EDIT,          EDIT),
    "remove panels":    ("pending",   "confirmed",   EDIT,          EDIT),
    "confirm":          (DRAW,        "blood_drawn", DRAW,          DRAW),
    "practice confirms": ("confirmed", EVENT,         EVENT,         EVENT),
    "operations cancel": (EVENT,       EVENT,         "cancelled",   EVENT),
}  # fmt: skip

SETS_UPDATED_AT = {"update", "cancel", "confirm", "practice confirms", "operations cancel"}

ACTIONS: dict[str, Callable[[World], object]] = {
    "update": lambda world: update(world, scheduled_at="2026-04-21T09:00:00+02:00"),
    "update with {}": lambda world: update(world),
    "cancel": lambda world: cancel(world),
    "add panels": lambda world: run(world, add_panels, APPOINTMENT, {"panel_ids": [PANEL]}),
    "remove panels": lambda world: run(world, remove_panels, APPOINTMENT, {"panel_ids": [OTHER_PANEL]}),
    "confirm": lambda world: confirm(world),
    "practice confirms": lambda world: happen(world, Event("practice.confirmed", APPOINTMENT)),
    "operations cancel": lambda world: happen(world, Event("operations.cancelled", APPOINTMENT)),
}

CELLS = [
    pytest.param(state, action, outcome, id=f"{state}-{action}")
    for action, row in GRID.items()
    for state, outcome in zip(STATES, row, strict=True)
]


def in_state(world: World, state: Status) -> Appointment:
    """The known appointment, put into a state; an hour has passed since the world began."""
    appointment = world.appointments[APPOINTMENT]
    appointment.status = state
    world.clock.move(instant(LATER))
    return appointment


@pytest.mark.rule(
    "appointment.editable", "appointment.cancel", "confirm.state", "confirm.draw", "event.state", "time.updated"
)
@pytest.mark.parametrize(("state", "action", "outcome"), [cell for cell in CELLS if cell.values[2] in STATES])
def test_move_is_taken(world: World, state: Status, action: str, outcome: str) -> None:
    """A move that the lifecycle has leads to its status, and only what changes the appointment itself shows in
    updated_at."""
    appointment = in_state(world, state)
    ACTIONS[action](world)
    shown = get(world)
    assert appointment.status == shown["status"] == outcome
    assert shown["updated_at"] == (LATER if action in SETS_UPDATED_AT else None)


@pytest.mark.rule("appointment.editable", "appointment.cancel", "confirm.state", "event.state", "atomic")
@pytest.mark.parametrize(("state", "action", "rule"), [cell for cell in CELLS if cell.values[2] not in STATES])
def test_move_is_refused(world: World, state: Status, action: str, rule: str) -> None:
    """A move that the lifecycle does not have is a conflict through its own rule, and leaves the world as it was."""
    in_state(world, state)
    before = world.snapshot()
    with pytest.raises(Refusal, match=state) as caught:
        ACTIONS[action](world)
    assert (caught.value.rule.id, caught.value.status) == (rule, 409)
    assert world.snapshot() == before
    assert get(world)["updated_at"] is None


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
    before = client.world.snapshot()
    reply = client.post("/appointments", {name: value for name, value in NEW.items() if name not in missing})
    assert (reply.status, reply.rules) == (400, ["appointment.create"])
    assert sorted(reply.details) == sorted(missing)
    assert client.world.snapshot() == before
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
    assert refused(world, appointments.create_appointment, body=NEW | changes) == (rule, status)
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
    assert refused(world, appointments.create_appointment, body=NEW | changes)[0] == rule


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


# Times


@pytest.mark.rule("appointment.rendered", "time.local")
@pytest.mark.parametrize(
    ("location", "sent", "shown"),
    [
        (BERLIN, "2026-07-01T12:00:00+02:00", "2026-07-01T12:00:00+02:00"),
        (BERLIN, "2026-07-01T10:00:00Z", "2026-07-01T12:00:00+02:00"),
        (BERLIN, "2026-12-01T10:00:00Z", "2026-12-01T11:00:00+01:00"),
        (BERLIN, "2026-12-01T10:00:00+02:00", "2026-12-01T09:00:00+01:00"),
        (BERLIN, "2026-07-01T20:00:00-05:30", "2026-07-02T03:30:00+02:00"),
        (BERLIN, "2026-07-01T23:30:00+23:59", "2026-07-01T01:31:00+02:00"),
        (BERLIN, "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00"),
        (BERLIN, "2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00"),
        (BERLIN, "2027-03-28T00:59:59Z", "2027-03-28T01:59:59+01:00"),
        (BERLIN, "2027-03-28T01:00:00Z", "2027-03-28T03:00:00+02:00"),
        (HELSINKI, "2026-07-01T10:00:00+02:00", "2026-07-01T11:00:00+03:00"),
        (HELSINKI, "2026-12-01T10:00:00+01:00", "2026-12-01T11:00:00+02:00"),
        (ZONELESS_LOCATION, "2026-07-01T10:00:00+02:00", "2026-07-01T08:00:00Z"),
    ],
)
def test_time_is_shown_in_the_locations_offset(world: World, location: str, sent: str, shown: str) -> None:
    """Whatever offset comes in, every answer has the one that the location has at that instant, summer or winter."""
    created = book(world, location_id=location, scheduled_at=sent)
    by_profile = run(world, appointments.list_appointments, query={"profile_id": PROFILE})
    assert created["scheduled_at"] == shown
    assert get(world, created["id"])["scheduled_at"] == shown
    assert shown in [entry["scheduled_at"] for entry in by_profile if entry["id"] == created["id"]]
    assert update(world, created["id"], scheduled_at=sent)["scheduled_at"] == shown


@pytest.mark.rule("appointment.rendered")
def test_home_kit_is_shown_in_utc(world: World) -> None:
    """A home kit has no location, so its time is UTC, also after a change."""
    assert get(world, HOME_APPOINTMENT)["scheduled_at"] == "2026-04-20T06:00:00Z"
    changed = update(world, HOME_APPOINTMENT, scheduled_at="2026-04-21T09:00:00+02:00")
    assert changed["scheduled_at"] == "2026-04-21T07:00:00Z"


@pytest.mark.rule("appointment.future", "time.instants")
@pytest.mark.parametrize("sent", [NOW, "2026-04-13T10:00:00+02:00", "2026-04-13T08:00:00.999Z", PAST])
def test_time_must_be_later_than_now(world: World, sent: str) -> None:
    """This very second is refused, also with a fraction on top, for a new booking as for an old one."""
    assert refused(world, appointments.create_appointment, body=NEW | {"scheduled_at": sent}) == (
        "appointment.future",
        400,
    )
    assert refused(world, appointments.update_appointment, APPOINTMENT, {"scheduled_at": sent})[1] == 400


@pytest.mark.rule("appointment.future")
@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-04-13T08:00:01Z", "2026-04-13T10:00:01+02:00"),
        ("2026-04-13T09:00:01+01:00", "2026-04-13T10:00:01+02:00"),
        ("2026-04-19T03:17:42+02:00", "2026-04-19T03:17:42+02:00"),
        ("2026-12-24T09:00:00+01:00", "2026-12-24T09:00:00+01:00"),
        ("2226-04-15T10:00:00Z", "2226-04-15T12:00:00+02:00"),
    ],
)
def test_any_future_time_is_taken(world: World, sent: str, shown: str) -> None:
    """The next second is taken, and so are a Sunday night, a blocked date and another century."""
    assert book(world, scheduled_at=sent)["scheduled_at"] == shown
    assert update(world, scheduled_at=sent)["scheduled_at"] == shown


@pytest.mark.rule("appointment.zone")
@pytest.mark.parametrize("sent", ["2026-04-20T09:00:00", "2026-04-20T09:00:00.5", "2026-04-20T09:00:00+0200", ""])
def test_time_needs_a_zone(client: Client, sent: str) -> None:
    """A time without Z or an offset is refused, whether to book or to reschedule."""
    before = client.world.snapshot()
    for reply in (
        client.post("/appointments", NEW | {"scheduled_at": sent}),
        client.patch(f"/appointments/{APPOINTMENT}", {"scheduled_at": sent}),
    ):
        assert reply.status == 400
        assert "appointment.zone" in reply.rules
        assert list(reply.details) == ["scheduled_at"]
    assert client.world.snapshot() == before
    assert client.post("/appointments", NEW | {"scheduled_at": "2026-04-20T09:00:00Z"}).status == 201


@pytest.mark.rule("time.input")
@pytest.mark.parametrize(
    "sent",
    [
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-23:59",
        "9999-12-31T23:59:59+23:59",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "0001-01-01T00:00:00-23:59",
        "0000-06-01T00:00:00Z",
        "2026-04-20T09:00:60Z",
        "2026-04-20T24:00:00Z",
        "2026-04-20T09:60:00Z",
        "2026-02-29T09:00:00Z",
        "2026-13-01T09:00:00Z",
        "2026-04-20T09:00:00+24:00",
        "2026-04-20T09:00:00+02:60",
        "2026-04-20 09:00:00Z",
        "2026-04-20T09:00Z",
        "2026-04-20T09Z",
        "20260420T090000Z",
        "2026-W17-1T09:00:00Z",
        "+2026-04-20T09:00:00Z",
        "02026-04-20T09:00:00Z",
        "2026-04-20T09:00:00.Z",
        "2026-04-20T09:00:00,5Z",
        "٢٠٢٦-04-20T09:00:00Z",
        " 2026-04-20T09:00:00Z",
    ],
)
def test_time_must_be_an_instant(client: Client, sent: str) -> None:
    """What is no instant, or too near the end of the years, is refused as such and breaks nothing."""
    before = client.world.snapshot()
    for reply in (
        client.post("/appointments", NEW | {"scheduled_at": sent}),
        client.patch(f"/appointments/{APPOINTMENT}", {"scheduled_at": sent}),
    ):
        assert (reply.status, reply.rules) == (400, ["time.input"])
        assert list(reply.details) == ["scheduled_at"]
    assert client.world.snapshot() == before


@pytest.mark.rule("time.input")
@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-04-20t09:00:00z", "2026-04-20T11:00:00+02:00"),
        ("2026-04-20T09:00:00.999999999999Z", "2026-04-20T11:00:00+02:00"),
        ("2026-04-20T09:00:00-00:00", "2026-04-20T11:00:00+02:00"),
        ("2028-02-29T09:00:00Z", "2028-02-29T10:00:00+01:00"),
        ("9999-06-01T10:00:00Z", "9999-06-01T12:00:00+02:00"),
    ],
)
def test_time_may_be_written_in_other_ways(client: Client, sent: str, shown: str) -> None:
    """Lower-case T and Z are taken, a fraction is cut, and the year 9999 is reached."""
    reply = client.post("/appointments", NEW | {"scheduled_at": sent})
    assert (reply.status, reply.json.get("scheduled_at")) == (201, shown)
    assert client.get(f"/appointments?profile_id={PROFILE}").json[-1]["id"] == reply.json["id"]


# Taken slots. The known appointment takes 09:00 to 09:15 on 15 April in Berlin.

TAKEN = "2026-04-15T09:00:00+02:00"
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
    assert refused(refusing, appointments.create_appointment, body=NEW | {"scheduled_at": sent}) == overlap
    assert refused(refusing, appointments.update_appointment, other, {"scheduled_at": sent}) == overlap
    assert refused(refusing, appointments.update_appointment, away, {"location_id": BERLIN}) == overlap


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


# Rescheduling


@pytest.mark.rule("appointment.update", "time.updated")
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


@pytest.mark.rule("appointment.update")
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
    before = client.world.snapshot()
    reply = client.patch(f"/appointments/{id}", body)
    assert (reply.status, reply.json["updated_at"]) == (200, None)
    assert client.world.snapshot() == before


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
    assert refused(world, appointments.update_appointment, id, {}) == (rule, status)


@pytest.mark.rule("appointment.update")
def test_update_checks_only_what_is_sent(world: World) -> None:
    """A booking in the past can get another place, and one at a place that has closed another time."""
    old = put(world, UNKNOWN, PAST)
    assert update(world, old, location_id=HELSINKI)["scheduled_at"] == "2026-04-12T10:00:00+03:00"
    assert refused(world, appointments.update_appointment, old, {"scheduled_at": PAST})[0] == "appointment.future"

    happen(world, Event("location.closed", BERLIN))
    assert update(world, scheduled_at=NEW["scheduled_at"])["location_id"] == BERLIN
    assert refused(world, appointments.update_appointment, APPOINTMENT, {"location_id": BERLIN})[1] == 404


@pytest.mark.rule("appointment.update")
@pytest.mark.parametrize("id", [HOME_APPOINTMENT, UNDATED_APPOINTMENT])
def test_home_kit_gets_no_location(world: World, id: str) -> None:
    """A home kit can get another time, but no location."""
    body = {"location_id": BERLIN, "scheduled_at": NEW["scheduled_at"]}
    for changes in (body, {"location_id": BERLIN}):
        assert refused(world, appointments.update_appointment, id, changes) == ("appointment.update", 400)
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
        (HOME_APPOINTMENT, {"location_id": BERLIN}, "appointment.update"),
    ],
)
def test_update_checks_in_order(refusing: World, id: str, changes: dict[str, str], rule: str) -> None:
    """The path goes first, then the location named, the state, and what only the world can say."""
    assert refused(refusing, appointments.update_appointment, id, changes)[0] == rule


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize("field", ["scheduled_at", "location_id"])
def test_update_refuses_null(client: Client, field: str) -> None:
    """Neither time nor place can be cleared."""
    before = client.world.snapshot()
    reply = client.patch(f"/appointments/{APPOINTMENT}", {field: None})
    assert (reply.status, list(reply.details)) == (400, [field])
    assert client.world.snapshot() == before


@pytest.mark.rule("order.checks")
def test_update_checks_formats_before_the_path(client: Client) -> None:
    """A malformed body is refused also for an appointment that does not exist; a sound one then is not found."""
    assert client.patch(f"/appointments/{UNKNOWN}", {"scheduled_at": "x"}).status == 400
    assert client.patch(f"/appointments/{UNKNOWN}", {"scheduled_at": PAST}).status == 404


# Cancelling, and reading one


@pytest.mark.rule("appointment.cancel", "time.updated")
@pytest.mark.parametrize("id", [APPOINTMENT, PENDING_APPOINTMENT, HOME_APPOINTMENT, UNDATED_APPOINTMENT])
def test_cancelled_appointment_stays(world: World, id: str) -> None:
    """Cancelling answers the cancelled appointment, otherwise as it was, and it stays readable; only once."""
    before = get(world, id)
    world.clock.move(instant(LATER))
    cancelled = cancel(world, id)
    assert cancelled == before | {"status": "cancelled", "updated_at": LATER}
    assert get(world, id) == cancelled
    assert id in listed(world)
    assert refused(world, appointments.cancel_appointment, id) == ("appointment.cancel", 409)


@pytest.mark.rule("auth.context", "path.unknown")
@pytest.mark.parametrize("operation", [appointments.get_appointment, appointments.cancel_appointment])
def test_appointment_is_found_inside_the_context(world: World, operation: Any) -> None:
    """An id of nothing is not found; one outside the context is forbidden, and open to whom it belongs."""
    assert refused(world, operation, UNKNOWN) == ("path.unknown", 404)
    assert refused(world, operation, RIVAL_APPOINTMENT) == ("auth.context", 403)
    assert refused(world, operation, APPOINTMENT, persona="outsider") == ("auth.context", 403)
    assert run(world, operation, RIVAL_APPOINTMENT, persona="outsider")["id"] == RIVAL_APPOINTMENT


@pytest.mark.rule("auth.context")
def test_context_of_an_appointment_is_its_profiles(world: World) -> None:
    """An appointment is seen by whom its profile belongs to, wherever it takes place."""
    here = put(world, UNKNOWN, TAKEN, profile=RIVAL_PROFILE)
    assert run(world, appointments.get_appointment, here, persona="outsider")["location_id"] == BERLIN
    assert refusal_of(world, appointments.get_appointment, here).status == 403


@pytest.mark.rule("time.updated")
def test_updated_at_is_the_time_of_the_last_change(world: World) -> None:
    """updated_at moves on with every change, whoever makes it."""
    seen = []
    for change in (
        lambda: update(world, PENDING_APPOINTMENT, scheduled_at=NEW["scheduled_at"]),
        lambda: happen(world, Event("practice.confirmed", PENDING_APPOINTMENT)),
        lambda: confirm(world, PENDING_APPOINTMENT),
        lambda: happen(world, Event("operations.cancelled", PENDING_APPOINTMENT)),
    ):
        world.clock.move(world.now + timedelta(minutes=1))
        change()
        seen.append(get(world, PENDING_APPOINTMENT)["updated_at"])
    assert seen == [f"2026-04-13T08:0{minute}:00Z" for minute in (1, 2, 3, 4)]


# The list


@pytest.mark.rule("appointment.list")
@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        ("2026-04-13T08:00:00Z", "2026-02-13T08:00:00Z", "2026-05-13T08:00:00Z"),
        ("2026-03-31T12:00:00Z", "2026-01-31T12:00:00Z", "2026-04-30T12:00:00Z"),
        ("2026-05-31T23:59:59Z", "2026-03-31T23:59:59Z", "2026-06-30T23:59:59Z"),
        ("2026-04-30T00:00:00Z", "2026-02-28T00:00:00Z", "2026-05-30T00:00:00Z"),
        ("2028-04-30T00:00:00Z", "2028-02-29T00:00:00Z", "2028-05-30T00:00:00Z"),
        ("2026-01-31T06:30:00Z", "2025-11-30T06:30:00Z", "2026-02-28T06:30:00Z"),
        ("2026-02-28T06:30:00Z", "2025-12-28T06:30:00Z", "2026-03-28T06:30:00Z"),
        ("2026-12-31T06:30:00Z", "2026-10-31T06:30:00Z", "2027-01-31T06:30:00Z"),
    ],
)
def test_list_goes_from_two_months_back_to_one_ahead(now: str, first: str, last: str) -> None:
    """The window is made of calendar months at this time of day, the day clamped, and holds both of its ends."""
    world = world_at(now)
    second = timedelta(seconds=1)
    edges = {
        "before": instant(first) - second,
        "first": instant(first),
        "last": instant(last),
        "after": instant(last) + second,
    }
    for name, scheduled_at in edges.items():
        put(world, name, scheduled_at.isoformat())
    assert [id for id in listed(world) if id in edges] == ["first", "last"]
    assert [id for id in listed(world, query={"profile_id": PROFILE}) if id in edges] == list(edges)


@pytest.mark.rule("appointment.list")
def test_list_moves_with_the_clock(world: World) -> None:
    """What is too far ahead today is listed once it is near."""
    assert EMPTY_APPOINTMENT not in listed(world)
    world.clock.move(world.now + timedelta(days=30))
    assert EMPTY_APPOINTMENT in listed(world)


@pytest.mark.rule("appointment.list")
def test_list_of_a_profile_is_whole(world: World) -> None:
    """By profile, appointments are listed whatever their date and status, and nobody else's."""
    assert OLD_APPOINTMENT not in listed(world)
    assert listed(world, query={"profile_id": PROFILE}) == [OLD_APPOINTMENT, APPOINTMENT]
    cancel(world)
    assert listed(world, query={"profile_id": PROFILE}) == [OLD_APPOINTMENT, APPOINTMENT]


@pytest.mark.rule("appointment.list", "appointment.list-order")
def test_list_has_those_without_a_date_last(world: World) -> None:
    """Appointments without a date are always listed, after all others, by id."""
    ordered = [happen(world, Event("kit.ordered", PROFILE)) for _ in range(3)]
    kits = [UNDATED_APPOINTMENT, *(happened.event.details["appointment_id"] for happened in ordered)]
    put(world, "a-late-one", "2026-05-13T08:00:00Z")
    assert listed(world)[-5:] == ["a-late-one", *sorted(kits)]
    assert listed(world, query={"profile_id": PROFILE})[-3:] == sorted(kits[1:])


@pytest.mark.rule("appointment.list-order")
def test_list_is_ordered_by_instant_then_id(world: World) -> None:
    """The instant decides, not how it is written, and among equal ones the id, not the order of creation."""
    helsinki = book(world, location_id=HELSINKI, scheduled_at="2026-04-15T09:59:59+03:00")["id"]
    for id in ("e", "d", "f"):
        put(world, id, TAKEN)
    ids = listed(world)
    assert ids.index(helsinki) + 1 == ids.index(APPOINTMENT)
    assert [id for id in ids if id in (APPOINTMENT, "d", "e", "f")] == [APPOINTMENT, "d", "e", "f"]


@pytest.mark.rule("auth.context")
def test_list_leaves_out_what_is_outside(world: World) -> None:
    """Each key lists the appointments of its own profiles, and no others."""
    assert listed(world, persona="outsider") == [RIVAL_APPOINTMENT]
    mine = listed(world)
    assert APPOINTMENT in mine
    assert RIVAL_APPOINTMENT not in mine


@pytest.mark.rule("appointment.list-profile")
def test_list_of_another_profile(client: Client) -> None:
    """A profile that does not exist or has no appointment gives an empty list; one outside the context is forbidden."""
    new = client.post("/profiles", UNBOOKED_PROFILE_BODY).json["id"]
    for id in (UNKNOWN, new):
        reply = client.get(f"/appointments?profile_id={id}")
        assert (reply.status, reply.json) == (200, [])
    reply = client.get(f"/appointments?profile_id={RIVAL_PROFILE}")
    assert (reply.status, reply.rules, reply.json) == (403, ["appointment.list-profile"], {"error": "Forbidden"})
    own = client.get(f"/appointments?profile_id={RIVAL_PROFILE}", key="sbx_test.outsider")
    assert [entry["id"] for entry in own.json] == [RIVAL_APPOINTMENT]


@pytest.mark.rule("appointment.list-profile")
@pytest.mark.parametrize("value", ["", "x", PROFILE[:-1], f"{PROFILE}0", PROFILE.replace("-", ""), f"{{{PROFILE}}}"])
def test_list_refuses_a_malformed_profile(client: Client, value: str) -> None:
    """A profile_id that is no UUID is refused by its name."""
    reply = client.get(f"/appointments?profile_id={value}")
    assert (reply.status, reply.rules, list(reply.details)) == (400, ["appointment.list-profile"], ["profile_id"])
    assert client.get(f"/appointments?profile_id={PROFILE}").status == 200
