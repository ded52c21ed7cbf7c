"""The pytest plugin's fixture: what a test suite of a partner has in its hands."""

import subprocess
import sys
from datetime import timedelta

import pytest

from aniva_sandbox.testing import Aniva, ControlError
from tests.support import APPOINTMENT, BERLIN, DRAWN_APPOINTMENT, PENDING_APPOINTMENT, PROFILE, SHIPMENT, UNKNOWN
from tests.testing.common import QUIET
from tests.testing.partner_tests import CREATE, passes

pytest_plugins = ["pytester"]


def test_works_without_set_up(pytester: pytest.Pytester) -> None:
    """A test that names the fixture has a client with address and key set, and needs nothing else."""
    passes(
        pytester,
        """
        def test_it(aniva):
            reply = aniva.client.get("/api/v1/locations")
            assert reply.status_code == 200
            assert reply.headers["x-sandbox-world"] == aniva.world
            assert reply.headers["x-sandbox-time"] == "2026-04-13T08:00:00Z"
            assert len(reply.json()) > 5
        """,
    )


def test_works_with_any_client(aniva: Aniva) -> None:
    """Address and key are enough for a client of another making, also as a persona with fewer rights."""
    program = (
        "import sys, urllib.request as r\n"
        "print(r.urlopen(r.Request(sys.argv[1] + '/api/v1/units', headers={'x-api-key': sys.argv[2]})).status)"
    )
    for key in (aniva.api_key, aniva.key("reader")):
        ran = subprocess.run([sys.executable, "-c", program, aniva.url, key], capture_output=True, check=True)
        assert ran.stdout.split() == [b"200"]


def test_personas(aniva: Aniva) -> None:
    """The key of a persona opens the same world with fewer rights."""
    new = {"first_name": "Ada", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}
    assert aniva.key() == aniva.api_key
    made = aniva.client.post("/api/v1/profiles", json=new).json()["id"]
    reader = {"x-api-key": aniva.key("reader")}
    assert aniva.client.get(f"/api/v1/profiles/{made}", headers=reader).status_code == 200
    refused = aniva.client.post("/api/v1/profiles", json=new, headers=reader)
    assert (refused.status_code, refused.json()) == (403, {"error": "Forbidden"})
    outsider = {"x-api-key": aniva.key("outsider")}
    assert aniva.client.get(f"/api/v1/profiles/{made}", headers=outsider).status_code == 403


@pytest.mark.parametrize("persona", ["nobody", "", "Reader", "full.reader"])
def test_unknown_persona(aniva: Aniva, persona: str) -> None:
    """The key of a persona that the world does not have is told at once, with those that it has."""
    with pytest.raises(ValueError, match="there are full, reader, scheduler, courier, outsider") as caught:
        aniva.key(persona)
    assert str(caught.value).startswith(f"there is no persona {persona};")
    reply = aniva.client.get("/api/v1/units", headers={"x-api-key": aniva.key("full")})
    assert reply.status_code == 200


def test_fresh_world_for_every_test(pytester: pytest.Pytester) -> None:
    """What one test did, the next does not see; both have the same server."""
    passes(
        pytester,
        CREATE
        + """
import pytest
seen = []

@pytest.mark.parametrize("turn", range(3))
def test_it(aniva, turn):
    before = len(aniva.client.get("/api/v1/profiles").json())
    create(aniva)
    assert len(aniva.client.get("/api/v1/profiles").json()) == before + 1
    aniva.clock.advance(days=1)
    seen.append((before, aniva.world, aniva.url))

def test_all():
    assert len({before for before, _, _ in seen}) == 1
    assert len({world for _, world, _ in seen}) == 3
    assert len({url for _, _, url in seen}) == 1
""",
        passed=4,
    )


def test_worlds_are_dropped_after_their_test(pytester: pytest.Pytester) -> None:
    """No world stays behind when its test is over."""
    passes(
        pytester,
        """
        def test_one(aniva):
            aniva.client.get("/api/v1/units")

        def test_other(aniva):
            listed = aniva.client.get("/_sandbox/worlds").json()
            assert [world["name"] for world in listed] == [aniva.world]
        """,
        passed=2,
    )


def test_ids_do_not_depend_on_the_order(pytester: pytest.Pytester) -> None:
    """A test makes the same ids alone, among others, and in another order."""
    source = (
        CREATE
        + """
def test_a(aniva):
    print("\\nA", create(aniva), create(aniva))

def test_b(aniva):
    print("\\nB", create(aniva))
"""
    )
    pytester.makepyfile(source)
    path = next(pytester.path.glob("test_*.py")).name
    printed = []
    for order in (["test_a", "test_b"], ["test_b", "test_a"], ["test_b"]):
        result = pytester.runpytest_inprocess(*QUIET, "-s", *(f"{path}::{name}" for name in order))
        result.assert_outcomes(passed=len(order))
        lines = result.outlines
        printed.append({line[0]: line.split()[1:] for line in lines if line.startswith(("A ", "B "))})
    both, reversed_, alone = printed
    assert both == reversed_
    assert alone == {"B": both["B"]}
    assert both["A"][0] == both["B"][0] != both["A"][1]


# What the fixture can do


def test_happen(aniva: Aniva) -> None:
    """An event happens, is answered, and is seen by the client; one that is not possible says why."""
    event = aniva.happen("practice.confirmed", appointment_id=PENDING_APPOINTMENT)
    assert event == {
        "time": "2026-04-13T08:00:00Z",
        "type": "practice.confirmed",
        "appointment_id": PENDING_APPOINTMENT,
    }
    assert aniva.client.get(f"/api/v1/appointments/{PENDING_APPOINTMENT}").json()["status"] == "confirmed"
    with pytest.raises(ControlError, match="The appointment is confirmed") as caught:
        aniva.happen("practice.confirmed", appointment_id=PENDING_APPOINTMENT)
    assert (caught.value.status, caught.value.rule) == (409, "event.state")


@pytest.mark.parametrize(
    ("type", "details", "rule"),
    [
        ("practice.confirmed", {"appointment_id": UNKNOWN}, "event.unknown"),
        ("practice.confirmed", {}, "event.details"),
        ("practice.confirmed", {"appointment_id": None}, "event.details"),
        ("practice.confirmed", {"appointment_id": PENDING_APPOINTMENT, "date": "2026-04-20"}, "event.details"),
        ("practice.confirmed", {"appointment": PENDING_APPOINTMENT}, "body.schema"),
        ("practice.confirmed", {"appointment_id": UNKNOWN, "time": "2026-05-01T00:00:00Z"}, "event.unknown"),
        ("weather.changed", {}, "body.schema"),
    ],
)
def test_impossible_events(aniva: Aniva, type: str, details: dict[str, str | None], rule: str) -> None:
    """An event that is not known or lacks something raises with the rule that refused it."""
    with pytest.raises(ControlError) as caught:
        aniva.happen(type, **details)
    assert caught.value.rule == rule


def test_dates_and_instants_as_values(aniva: Aniva) -> None:
    """Details may be dates and instants as Python has them."""
    now = aniva.clock.now
    aniva.happen("location.date_blocked", location_id=BERLIN, date=now.date().replace(day=20))
    later = aniva.happen("kit.ordered", profile_id=PROFILE, time=now.replace(hour=12), scheduled_at=now.replace(day=30))
    assert (later["time"], later["scheduled_at"]) == ("2026-04-13T12:00:00Z", "2026-04-30T08:00:00+00:00")


@pytest.mark.aniva(settings={"courier_automation": False, "lab_automation": False})
def test_clock(aniva: Aniva) -> None:
    """The clock stands until it is moved, by a span or to an instant, and tells what happened on the way."""
    start = aniva.clock.now
    assert start.isoformat() == "2026-04-13T08:00:00+00:00"
    assert aniva.clock.advance(days=1, hours=1, minutes=1, seconds=1.9) == []
    assert aniva.clock.now.isoformat() == "2026-04-14T09:01:01+00:00"
    aniva.happen("location.closed", location_id=BERLIN, time=start.replace(day=20))
    aniva.happen("location.opened", location_id=BERLIN, time=start.replace(day=19))
    happened = aniva.clock.travel_to("2026-04-20T10:00:00+02:00")
    assert [(event["time"], event["type"]) for event in happened] == [
        ("2026-04-19T08:00:00Z", "location.opened"),
        ("2026-04-20T08:00:00Z", "location.closed"),
    ]
    assert aniva.clock.advance(timedelta(hours=1, milliseconds=900), seconds=-3600) == []
    with pytest.raises(TypeError, match="takes a timedelta, or days, hours"):
        aniva.clock.advance(3600)  # type: ignore[arg-type]
    assert aniva.clock.travel_to(start.replace(day=21)) == []
    assert aniva.clock.now == start.replace(day=21)


@pytest.mark.rule("clock.until")
def test_clock_until_an_event(aniva: Aniva) -> None:
    """The clock goes on until an event happens to a target, and tells it as the last; what the agenda does not hold,
    or what is prevented on the way, is an error."""
    events = aniva.clock.advance_until("courier.delivered", shipment_id=SHIPMENT)
    assert (events[-1]["type"], events[-1]["shipment_id"]) == ("courier.delivered", SHIPMENT)
    assert aniva.clock.now.isoformat() == "2026-04-16T08:00:00+00:00"
    assert aniva.client.get(f"/api/v1/shipments/{SHIPMENT}").json()["status"] == "delivered"
    with pytest.raises(ControlError, match="has no courier"):
        aniva.clock.advance_until("courier.delivered")
    for time in ("09:00", "10:00"):
        aniva.happen("practice.confirmed", appointment_id=PENDING_APPOINTMENT, time=f"2026-04-16T{time}:00Z")
    aniva.clock.advance_until("practice.confirmed")
    with pytest.raises(ControlError, match="prevented on the way; the clock is at 2026-04-16 10:00:00") as caught:
        aniva.clock.advance_until("practice.confirmed", appointment_id=PENDING_APPOINTMENT)
    assert (caught.value.status, caught.value.rule) == (409, "clock.until")


def test_agenda(aniva: Aniva) -> None:
    """The agenda shows what will happen, soonest first."""
    assert [(event["time"], event["type"]) for event in aniva.agenda if event.get("shipment_id") == SHIPMENT] == [
        ("2026-04-15T10:30:00Z", "courier.picked_up"),
        ("2026-04-15T19:00:00Z", "courier.scanned"),
        ("2026-04-16T08:00:00Z", "courier.delivered"),
    ]


def test_clock_goes_not_back(aniva: Aniva) -> None:
    """Neither a negative span nor an instant of the past moves the clock."""
    start = aniva.clock.now
    for move in (
        lambda: aniva.clock.advance(seconds=-1),
        lambda: aniva.clock.travel_to("2026-04-13T07:59:59Z"),
        lambda: aniva.clock.travel_to(start.replace(year=2025)),
    ):
        with pytest.raises(ControlError) as caught:
            move()
        assert (caught.value.status, caught.value.rule) == (400, "clock.forward")
    assert aniva.clock.now == start


def test_instant_without_an_offset(aniva: Aniva) -> None:
    """An instant without an offset is refused, as text and as a value."""
    for instant in ("2026-05-01T00:00:00", aniva.clock.now.replace(tzinfo=None, day=20)):
        with pytest.raises(ControlError) as caught:
            aniva.clock.travel_to(instant)
        assert caught.value.rule == "time.input"


def test_reset(aniva: Aniva) -> None:
    """After a reset the world is as it was at the start of the test, its clock included."""
    before = aniva.client.get(f"/api/v1/appointments/{APPOINTMENT}").json()
    aniva.client.delete(f"/api/v1/appointments/{APPOINTMENT}")
    aniva.happen("operations.cancelled", appointment_id=DRAWN_APPOINTMENT)
    aniva.clock.advance(days=3)
    aniva.reset()
    assert aniva.client.get(f"/api/v1/appointments/{APPOINTMENT}").json() == before
    assert aniva.client.get(f"/api/v1/appointments/{DRAWN_APPOINTMENT}").json()["status"] == "blood_drawn"
    assert aniva.clock.now.isoformat() == "2026-04-13T08:00:00+00:00"
    assert aniva.client.get(f"/_sandbox/worlds/{aniva.world}/events").json() == []
