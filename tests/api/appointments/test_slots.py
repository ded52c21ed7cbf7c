"""Times that are not slots of the location: taken with a hint, or refused."""

from datetime import date
from typing import Any

import pytest

from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.locations.records import Hours, WeekHours
from aniva_sandbox.api.settings import Settings
from tests.api.appointments.appointment_calls import NEW
from tests.support import (
    APPOINTMENT,
    BERLIN,
    HELSINKI,
    HOME_APPOINTMENT,
    HOURLESS_LOCATION,
    PENDING_APPOINTMENT,
    ZONELESS_LOCATION,
    Client,
    hints_of,
    new_world,
    quiet_client,
    refused,
    relied_on,
    run,
    verdict_of,
)

REFUSING = Settings(outside_slots="refuse", courier_automation=False, lab_automation=False)
AROUND_NOON = "the nearest: 2026-04-15T11:45:00+02:00 and 2026-04-15T13:00:00+02:00"


def hint(client: Client, **changes: str) -> str:
    """The hint on a booking, which is taken; empty if there is none."""
    assert client.post("/appointments", NEW | changes).status == 201
    found = hints_of(client)
    assert len(found) <= 1
    assert all(each.field == "scheduled_at" and len(each.text) <= 300 for each in found)
    assert ("appointment.slot" in relied_on(client)) == bool(found)
    return found[0].text if found else ""


@pytest.mark.rule("appointment.slot")
@pytest.mark.parametrize(
    ("sent", "nearest"),
    [
        ("2026-04-15T10:20:00+02:00", "2026-04-15T10:15:00+02:00 and 2026-04-15T10:30:00+02:00"),
        ("2026-04-15T10:30:01+02:00", "2026-04-15T10:30:00+02:00 and 2026-04-15T10:45:00+02:00"),
        ("2026-04-15T12:00:00+02:00", "2026-04-15T11:45:00+02:00 and 2026-04-15T13:00:00+02:00"),
        ("2026-04-18T10:30:00+02:00", "2026-04-17T11:45:00+02:00 and 2026-04-20T08:00:00+02:00"),
        ("2026-04-13T03:07:00-05:00", "2026-04-13T10:15:00+02:00 and 2026-04-13T10:30:00+02:00"),
        ("2026-04-13T10:00:01+02:00", "2026-04-13T10:15:00+02:00 and 2026-04-13T10:30:00+02:00"),
        ("2026-10-25T02:30:00+02:00", "2026-10-23T11:45:00+02:00 and 2026-10-26T08:00:00+01:00"),
    ],
)
def test_another_time_is_taken_and_hinted_at(opened: Client, sent: str, nearest: str) -> None:
    """The last slot before and the first after it are named, both in the future, in the location's offset."""
    assert f" is not a slot; the nearest: {nearest}" in hint(opened, scheduled_at=sent)


@pytest.mark.rule("appointment.slot")
@pytest.mark.parametrize(
    ("location", "sent"),
    [
        (BERLIN, "2026-04-15T10:30:00+02:00"),
        (BERLIN, "2026-04-15T08:30:00Z"),
        (BERLIN, "2026-04-15t11:45:00.999+02:00"),
        (BERLIN, "2026-10-26T08:00:00+01:00"),
        (HELSINKI, "2026-04-15T10:50:00+03:00"),
        (ZONELESS_LOCATION, "2026-04-15T06:20:00Z"),
    ],
)
def test_a_slot_gets_no_hint(opened: Client, location: str, sent: str) -> None:
    """Whatever offset or fraction it is sent with."""
    assert hint(opened, location_id=location, scheduled_at=sent) == ""


def test_a_taken_slot_is_a_slot(opened: Client) -> None:
    """Whether it is free is another matter."""
    opened.post("/appointments", NEW)
    opened.post("/appointments", NEW)
    assert hints_of(opened) == []
    assert relied_on(opened) == ["appointment.overlap"]


WRONG = "so the zone of scheduled_at looks wrong"


@pytest.mark.parametrize(
    ("location", "sent", "local"),
    [
        (BERLIN, "2026-04-15T10:30:00Z", "10:30 in Europe/Berlin"),
        (BERLIN, "2026-04-15t13:00:00z", ""),  # 15:00 in Berlin is a slot
        (BERLIN, "2026-04-15T10:37:00Z", ""),
        (BERLIN, "2026-04-18T10:30:00Z", ""),
        (BERLIN, "2026-04-15T12:30:00+02:00", ""),
        (BERLIN, "2026-04-15t16:30:00z", "16:30 in Europe/Berlin"),
        (BERLIN, "2026-04-15T08:00:00.5-05:00", ""),  # 15:00 in Berlin is a slot
        (BERLIN, "2026-04-15T11:00:00-06:00", "11:00 in Europe/Berlin"),
        (ZONELESS_LOCATION, "2026-04-15T09:00:00-04:00", "09:00 in UTC"),
    ],
)
def test_a_wrong_zone_is_guessed(opened: Client, location: str, sent: str, local: str) -> None:
    """Where the clock as it was sent would be a slot in the location's zone, the zone looks wrong."""
    text = hint(opened, location_id=location, scheduled_at=sent)
    assert text.endswith(f"; {local} is one, {WRONG}") if local else WRONG not in text


def test_a_location_without_hours_has_no_slots(opened: Client) -> None:
    """It can be booked at any time, and is hinted at."""
    text = hint(opened, location_id=HOURLESS_LOCATION)
    assert text.endswith(" is not a slot: the location has no open hours")


@pytest.mark.parametrize("sent", ["9999-12-28T12:07:00Z", "9000-01-01T00:00:00Z", "2026-04-15T10:20:00+02:00"])
def test_no_slot_far_and_wide(opened: Client, sent: str) -> None:
    """Slots are looked for in two weeks to both sides, to the end of the calendar."""
    location = opened.world.locations[BERLIN]
    location.open_hours = WeekHours()
    assert hint(opened, scheduled_at=sent).endswith(" is not a slot, and there is none within two weeks")


def test_slots_at_the_end_of_the_calendar(opened: Client) -> None:
    """Times that a clock cannot reach can be booked, and have slots."""
    opened.world.locations[BERLIN].open_hours = WeekHours(*[(Hours("00:00", "23:59"),)] * 7)
    assert hint(opened, scheduled_at="9999-12-28T12:00:00Z") == ""
    assert "; the nearest: 9999-12-28T14:00:00+01:00 and " in hint(opened, scheduled_at="9999-12-28T13:07:00Z")


def test_two_weeks_are_looked_at(opened: Client) -> None:
    """A slot after two weeks without one is found, one after that is not; a blocked date has none."""
    location = opened.world.locations[BERLIN]
    location.open_hours = WeekHours(monday=(Hours("08:00", "08:15"),))
    location.blocked_dates = {date(2026, 4, day) for day in (13, 20)}
    assert hint(opened, scheduled_at="2026-04-13T12:00:00Z").endswith("; the nearest: 2026-04-27T08:00:00+02:00")
    location.blocked_dates.add(date(2026, 4, 27))
    assert hint(opened, scheduled_at="2026-04-13T14:00:00Z").endswith(" none within two weeks")
    assert hint(opened, scheduled_at="2026-04-20T08:00:00+02:00").endswith(" the nearest: 2026-05-04T08:00:00+02:00")


def test_without_an_earlier_slot_the_next_two_are_named(opened: Client) -> None:
    """The other slot of the day comes after it; a gap of the night is no matter."""
    opened.world.locations[BERLIN].open_hours = WeekHours(tuesday=(Hours("08:00", "08:30"),))
    text = hint(opened, scheduled_at="2026-04-14T07:00:00+02:00")
    assert text.endswith("; the nearest: 2026-04-14T08:00:00+02:00 and 2026-04-14T08:15:00+02:00")


@pytest.mark.rule("appointment.slot")
@pytest.mark.parametrize(
    ("id", "changes", "hinted"),
    [
        (APPOINTMENT, {"scheduled_at": "2026-04-15T12:30:00+02:00"}, AROUND_NOON),
        (APPOINTMENT, {"scheduled_at": "2026-04-15T10:30:00Z"}, f"{AROUND_NOON}; 10:30 in Europe/Berlin is one"),
        (APPOINTMENT, {"scheduled_at": "2026-04-15T10:30:00+02:00"}, ""),
        (APPOINTMENT, {"location_id": HELSINKI}, "the nearest: 2026-04-15T09:50:00+03:00"),
        (APPOINTMENT, {"location_id": BERLIN}, ""),
        (APPOINTMENT, {"location_id": HOURLESS_LOCATION}, "the location has no open hours"),
        (HOME_APPOINTMENT, {"scheduled_at": "2026-04-19T03:07:00+02:00"}, ""),
    ],
)
def test_a_change_is_hinted_at_too(opened: Client, id: str, changes: dict[str, str], hinted: str) -> None:
    """With a new time or a new location; a home kit has no slots."""
    assert opened.patch(f"/appointments/{id}", changes).status == 200
    texts = [each.text for each in hints_of(opened)]
    assert texts == [] if not hinted else len(texts) == 1 and hinted in texts[0]


def test_a_change_of_neither_is_not_judged(opened: Client) -> None:
    """What was booked outside the slots stays as it is."""
    opened.world.appointments.change_time(opened.world.appointments[APPOINTMENT], opened.world.now)
    assert opened.patch(f"/appointments/{APPOINTMENT}", {}).status == 200
    assert hints_of(opened) == []


@pytest.mark.rule("appointment.slot")
@pytest.mark.parametrize("location", [BERLIN, HOURLESS_LOCATION])
def test_another_time_is_refused_where_the_world_says_so(location: str) -> None:
    """With the setting, a time that is not a slot is 400, and the message says what the hint would."""
    client = quiet_client(REFUSING)
    body: dict[str, Any] = NEW | {"location_id": location, "scheduled_at": "2026-04-15T12:30:00+02:00"}
    message = refused(client.post("/appointments", body), "appointment.slot", 400)
    assert message.startswith("scheduled_at, 2026-04-15T1")
    assert (AROUND_NOON in message) == (location == BERLIN)
    assert hints_of(client) == []
    body["location_id"] = PENDING_APPOINTMENT
    assert refused(client.post("/appointments", body), "appointment.location", 404)


@pytest.mark.rule("appointment.slot", "appointment.update")
def test_a_change_to_another_time_is_refused_too() -> None:
    """By its time or by its location; the appointment stays as it is, and a slot can be had."""
    world = new_world(settings=REFUSING)
    for changes in ({"scheduled_at": "2026-04-15T12:30:00+02:00"}, {"location_id": HELSINKI}):
        assert verdict_of(world, appointments.update_appointment, APPOINTMENT, changes) == ("appointment.slot", 400)
    moved = run(world, appointments.update_appointment, APPOINTMENT, {"scheduled_at": "2026-04-15T11:45:00+02:00"})
    assert moved["scheduled_at"] == "2026-04-15T11:45:00+02:00"
    assert run(world, appointments.create_appointment, body=NEW)["scheduled_at"] == NEW["scheduled_at"]
