"""Operations look records up instead of going through all of them. What they answer, note and change is what going
through all of them gives."""

from collections.abc import Container, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from aniva_sandbox.api import access
from aniva_sandbox.api.appointments import operations
from aniva_sandbox.api.appointments import slots as appointment_slots
from aniva_sandbox.api.appointments.records import Appointment, Appointments
from aniva_sandbox.api.locations import records as locations
from aniva_sandbox.api.locations import slots
from aniva_sandbox.api.locations.records import Location
from aniva_sandbox.api.locations.rules import LOCATION_ACTIVE
from aniva_sandbox.api.profiles.records import Profile, Profiles
from aniva_sandbox.api.rules import PATH_UNKNOWN
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.world import state
from aniva_sandbox.engine.world.limits import Limits
from aniva_sandbox.engine.world.tables import Table
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


def is_any_near(
    table: Appointments, location_id: str, instant: datetime, minutes: int, statuses: Container[str], id: str | None
) -> bool:
    """Whether an appointment is near an instant, found among all."""
    span = timedelta(minutes=minutes)
    there = [record for record in table if record.location_id == location_id and record.status in statuses]
    return any(
        each.scheduled_at is not None and abs(each.scheduled_at - instant) < span for each in there if each.id != id
    )


def size(world: World) -> int:
    """The number of records, counted where they are."""
    tables = [getattr(world, name) for name in world.domain.counted]
    return sum(len(each) for each in (world.agenda, world.history, world.faults, *tables))


def require_room(world: World) -> None:
    """Refuse if a world is full."""
    if size(world) >= world.limits.records:
        state.require_room(world)
        raise AssertionError("a full world was not refused")


def is_slot(location: Location, instant: datetime) -> bool:
    """Whether an instant is among the slots of its day."""
    return instant in slots.slots_on(location, instant.astimezone(locations.zone_of(location)).date())


def find_appointment(world: World, call: access.Caller, id: str) -> Appointment:
    """The appointment in a path, held against one rule after the other."""
    appointment = access._find(call.trace, world.appointments, id, PATH_UNKNOWN, "appointment")
    access._require(call.trace, access._sees_appointment(world, call.access, appointment))
    return appointment


def find_profile_and_location(
    world: World,
    call: access.Caller,
    *,
    profile_id: str,
    location_id: str,
    unknown_profile: Rule,
    unknown_location: Rule,
) -> tuple[Profile, Location]:
    """Profile and location, held against one rule after the other."""
    profile = access._find(call.trace, world.profiles, profile_id, unknown_profile, "profile")
    location = access._find_active(call.trace, world, location_id, unknown_location, LOCATION_ACTIVE)
    is_seen = access._sees_profile(call.access, profile) and access._sees_location(call.access, location)
    access._require(call.trace, is_seen)
    return profile, location


def between(table: Appointments, first: datetime, last: datetime) -> list[Appointment]:
    """The appointments between two instants, found among all."""
    return [record for record in table if record.scheduled_at is None or first <= record.scheduled_at <= last]


def around(table: Appointments, location_id: str, _first: datetime, _last: datetime) -> list[Appointment]:
    """All appointments at a location."""
    return [record for record in table if record.location_id == location_id]


def with_email(table: Profiles, email: str) -> list[Profile]:
    """The profiles with an e-mail address, found among all."""
    return [record for record in table if record.email.lower() == email.lower()]


def find_all(trace: Trace, table: Table[Any], ids: Iterable[str], unknown: Rule, noun: str) -> list[Any]:
    """The records that a body names, each found by itself."""
    ids = list(ids)
    records = [table.get(id) for id in ids]
    access._require_all_known(trace, {id: 0 for id in ids if table.get(id) is None}, unknown, noun)
    named = {record.id: record for record in records if record is not None}
    access.note_repetition(trace, ids, named)
    for id, record in zip(ids, records, strict=True):
        access._note_case(trace, id, record.id if record is not None else id)
    return list(named.values())


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
    st.builds(
        lambda place, day, days: (
            "GET",
            f"/locations/{place}/availability?start_date=2026-04-{day}&end_date=2026-04-{day + days}",
            None,
        ),
        LOCATIONS,
        st.integers(13, 20),
        st.integers(0, 5),
    ),
    st.integers(0, 40).map(lambda days: ("advance", "", days)),
    st.sampled_from(["reset", "restore", "recreate", "fault"]).map(lambda change: (change, "", None)),
)


def told(calls: list[tuple[str, str, Any]], chosen: Settings, records: int) -> list[Any]:
    """What the calls of a new world are answered, what its journal notes of them, and the world in the end."""
    worlds = new_worlds(limits=Limits(records=records))
    worlds.create("test", settings=chosen)
    client, found = Client(worlds), []
    for method, path, body in calls:
        match method:
            case "advance":
                client.control("POST", "/worlds/test/clock/advance", {"seconds": body * 86_400})
            case "reset":
                client.control("POST", "/worlds/test/reset")
            case "restore":
                client.control("PUT", "/worlds/test/snapshot", client.control("GET", "/worlds/test/snapshot").json)
            case "recreate":
                worlds.create("test", settings=chosen)
            case "fault":
                fault = {"operation": "list_panels", "latency_ms": 1}
                client.control("POST", "/worlds/test/faults", fault)
            case _:
                reply = client.request(method, path, body)
                found.append((reply, client.world.journal[-1].trace))
        assert client.world.size == size(client.world)
        for noun, ids in client.world.known:
            assert ids is client.world.domain.known_ids[noun](client.world).held  # type: ignore[attr-defined]
    return [*found, snapshot_of(client.world)]


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(
    st.lists(CALLS, min_size=1, max_size=12),
    st.builds(
        Settings, taken_slots=st.sampled_from(["allow", "refuse"]), outside_slots=st.sampled_from(["allow", "refuse"])
    ),
    st.sampled_from([250_000, 47, 50]),
)
def test_looking_records_up_changes_nothing(calls: list[tuple[str, str, Any]], chosen: Settings, records: int) -> None:
    """Without indexes, without remembered local times and counted records, and where each rule is noted by itself,
    every response, trace and world is the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Appointments, "is_any_near", is_any_near)
        patch.setattr(operations, "require_room", require_room)
        patch.setattr(operations, "find_appointment", find_appointment)
        patch.setattr(operations, "find_profile_and_location", find_profile_and_location)
        patch.setattr(access, "_find_all", find_all)
        patch.setattr(appointment_slots, "is_slot", is_slot)
        patch.setattr(Appointments, "between", between)
        patch.setattr(Appointments, "around", around)
        patch.setattr(Profiles, "with_email", with_email)
        patch.setattr(locations, "_local_time", locations._local_time.__wrapped__)
        plain = told(calls, chosen, records)
    assert told(calls, chosen, records) == plain
