"""Operations look records up instead of going through all of them. What they answer, note and change is what going
through all of them gives."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from aniva_sandbox.api.appointments.records import Appointment, Appointments
from aniva_sandbox.api.locations import records as locations
from aniva_sandbox.api.profiles.records import Profile, Profiles
from aniva_sandbox.api.settings import Settings
from tests.support import (
    APPOINTMENT,
    BERLIN,
    DRAWN_APPOINTMENT,
    EMPTY_APPOINTMENT,
    HELSINKI,
    HOME_APPOINTMENT,
    HOURLESS_LOCATION,
    LOCKED_SHIPMENT,
    MOVING_SHIPMENT,
    PENDING_APPOINTMENT,
    PROFILE,
    RIVAL_PROFILE,
    SHIPMENT,
    UNDATED_APPOINTMENT,
    UNKNOWN,
    ZONELESS_LOCATION,
    Client,
    new_worlds,
    snapshot_of,
)


def near(table: Appointments, location_id: str, instant: datetime, minutes: int) -> Iterator[Appointment]:
    """The appointments near an instant, found among all."""
    span = timedelta(minutes=minutes)
    there = [record for record in table if record.location_id == location_id]
    return iter([each for each in there if each.scheduled_at is not None and abs(each.scheduled_at - instant) < span])


def between(table: Appointments, first: datetime, last: datetime) -> list[Appointment]:
    """The appointments between two instants, found among all."""
    return [record for record in table if record.scheduled_at is None or first <= record.scheduled_at <= last]


def with_email(table: Profiles, email: str) -> list[Profile]:
    """The profiles with an e-mail address, found among all."""
    return [record for record in table if record.email.lower() == email.lower()]


APPOINTMENTS = st.sampled_from(
    [
        APPOINTMENT,
        APPOINTMENT.upper(),
        PENDING_APPOINTMENT,
        DRAWN_APPOINTMENT,
        EMPTY_APPOINTMENT,
        HOME_APPOINTMENT,
        UNDATED_APPOINTMENT,
        UNKNOWN,
    ]
)
PROFILES = st.sampled_from([PROFILE, PROFILE.upper(), RIVAL_PROFILE, UNKNOWN])
LOCATIONS = st.sampled_from([BERLIN, HELSINKI, HOURLESS_LOCATION, ZONELESS_LOCATION])
SHIPMENTS = st.lists(
    st.sampled_from([SHIPMENT, SHIPMENT.lower(), LOCKED_SHIPMENT, MOVING_SHIPMENT, "P0000000000"]),
    min_size=1,
    max_size=3,
)
TIMES = st.one_of(
    st.integers(0, 8).map(lambda slots: f"2026-04-15T{7 + slots // 4:02}:{slots % 4 * 15:02}:00Z"),
    st.integers(-1, 90).map(lambda days: f"{datetime(2026, 4, 13, 9, tzinfo=UTC) + timedelta(days):%FT%T}+02:00"),
)
CALLS = st.one_of(
    st.just(("GET", "/appointments", None)),
    st.builds(lambda one: ("GET", f"/appointments?profile_id={one}", None), PROFILES),
    st.builds(lambda one: ("GET", f"/appointments/{one}", None), APPOINTMENTS),
    st.builds(lambda one: ("DELETE", f"/appointments/{one}", None), APPOINTMENTS),
    st.builds(
        lambda profile, location, time: (
            "POST",
            "/appointments",
            {"profile_id": profile, "location_id": location, "scheduled_at": time},
        ),
        PROFILES,
        LOCATIONS,
        TIMES,
    ),
    st.builds(lambda one, time: ("PATCH", f"/appointments/{one}", {"scheduled_at": time}), APPOINTMENTS, TIMES),
    st.builds(lambda one, place: ("PATCH", f"/appointments/{one}", {"location_id": place}), APPOINTMENTS, LOCATIONS),
    st.builds(
        lambda method, one, ids: (method, f"/appointments/{one}/shipments", {"shipment_ids": ids}),
        st.sampled_from(["POST", "DELETE"]),
        APPOINTMENTS,
        SHIPMENTS,
    ),
    st.sampled_from(["maria.schmidt@example.com", "MARIA.schmidt@example.com", "nobody@example.com"]).map(
        lambda email: ("GET", f"/profiles?email={email}", None)
    ),
    st.integers(0, 40).map(lambda days: ("advance", "", days)),
)


def told(calls: list[tuple[str, str, Any]], chosen: Settings) -> list[Any]:
    """What the calls of a new world are answered, what its journal notes of them, and the world in the end."""
    worlds = new_worlds()
    worlds.create("test", settings=chosen)
    client, found = Client(worlds), []
    for method, path, body in calls:
        if method == "advance":
            client.control("POST", "/worlds/test/clock/advance", {"seconds": body * 86_400})
        else:
            reply = client.request(method, path, body)
            found.append((reply, client.world.journal[-1].trace))
    return [*found, snapshot_of(client.world)]


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    st.lists(CALLS, min_size=1, max_size=12),
    st.builds(Settings, taken_slots=st.sampled_from(["allow", "refuse"]), outside_slots=st.just("allow")),
)
def test_looking_records_up_changes_nothing(calls: list[tuple[str, str, Any]], chosen: Settings) -> None:
    """Without indexes, and without remembered local times, every response, trace and world is the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Appointments, "near", near)
        patch.setattr(Appointments, "between", between)
        patch.setattr(Profiles, "with_email", with_email)
        patch.setattr(locations, "_local_time", locations._local_time.__wrapped__)
        plain = told(calls, chosen)
    assert told(calls, chosen) == plain
