"""Times of appointments: how they are read, and how they are shown."""

import pytest

from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.world import World
from tests.api.appointments.appointment_calls import NEW, NOW, PAST, book, get, update
from tests.support import (
    APPOINTMENT,
    BERLIN,
    HELSINKI,
    HOME_APPOINTMENT,
    PROFILE,
    ZONELESS_LOCATION,
    Client,
    refusal_of,
    run,
    snapshot_of,
    verdict_of,
)


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


@pytest.mark.rule("appointment.rendered/home")
def test_home_kit_is_shown_in_utc(world: World) -> None:
    """A home kit has no location, so its time is UTC, also after a change."""
    assert get(world, HOME_APPOINTMENT)["scheduled_at"] == "2026-04-20T06:00:00Z"
    changed = update(world, HOME_APPOINTMENT, scheduled_at="2026-04-21T09:00:00+02:00")
    assert changed["scheduled_at"] == "2026-04-21T07:00:00Z"


@pytest.mark.rule("appointment.future", "time.instants")
@pytest.mark.parametrize("sent", [NOW, "2026-04-13T10:00:00+02:00", "2026-04-13T08:00:00.999Z", PAST])
def test_time_must_be_later_than_now(world: World, sent: str) -> None:
    """This very second is refused, also with a fraction on top, for a new booking as for an old one."""
    assert verdict_of(world, appointments.create_appointment, body=NEW | {"scheduled_at": sent}) == (
        "appointment.future",
        400,
    )
    assert refusal_of(world, appointments.update_appointment, APPOINTMENT, {"scheduled_at": sent}).status == 400


@pytest.mark.rule("appointment.future", "appointment.future/outside-hours")
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
    before = snapshot_of(client.world)
    for reply in (
        client.post("/appointments", NEW | {"scheduled_at": sent}),
        client.patch(f"/appointments/{APPOINTMENT}", {"scheduled_at": sent}),
    ):
        assert reply.status == 400
        assert "appointment.zone" in reply.rules
        assert list(reply.details) == ["scheduled_at"]
    assert snapshot_of(client.world) == before
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
    before = snapshot_of(client.world)
    for reply in (
        client.post("/appointments", NEW | {"scheduled_at": sent}),
        client.patch(f"/appointments/{APPOINTMENT}", {"scheduled_at": sent}),
    ):
        assert (reply.status, reply.rules) == (400, ["time.input"])
        assert list(reply.details) == ["scheduled_at"]
    assert snapshot_of(client.world) == before


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
