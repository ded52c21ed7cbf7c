"""Listing appointments: which, in what order, and of whom."""

from datetime import timedelta

import pytest

from aniva_sandbox.api.beginnings import get_fixture
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import happen
from tests.api.appointments.appointment_calls import TAKEN, book, cancel, instant, listed, put
from tests.support import (
    APPOINTMENT,
    EMPTY_APPOINTMENT,
    HELSINKI,
    PROFILE,
    RIVAL_APPOINTMENT,
    RIVAL_PROFILE,
    UNDATED_APPOINTMENT,
    UNKNOWN,
    Client,
)

OLD_APPOINTMENT = "877e7253-ee68-42d5-b91d-92a76843af67"
UNBOOKED_PROFILE_BODY = {
    "first_name": "New",
    "sex": 1,
    "date_of_birth": "1990-01-02",
    "profile_group": "acme-clinic-berlin",
}


def world_at(start: str) -> World:
    """A default world whose clock stands at an instant."""
    return World("test", get_fixture("default"), DOMAIN, mode="frozen", start=instant(start))


@pytest.mark.rule("appointment.list", "appointment.list/months", "appointment.list/ends")
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


@pytest.mark.rule("appointment.list/undated", "appointment.list-order")
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
