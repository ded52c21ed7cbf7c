"""The pytest plugin: what a test suite of a partner has in its hands."""

import importlib.util
import subprocess
import sys
from datetime import timedelta

import pytest

from aniva_sandbox.testing import Aniva, ControlError
from tests.support import APPOINTMENT, BERLIN, DRAWN_APPOINTMENT, PENDING_APPOINTMENT, PROFILE, SHIPMENT, UNKNOWN
from tests.testing.common import QUIET

pytest_plugins = ["pytester"]

CREATE = """\
def create(aniva):
    reply = aniva.client.post("/api/v1/profiles", json={
        "first_name": "Ada", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"})
    assert reply.status_code == 201
    return reply.json()["id"]
"""


def passes(pytester: pytest.Pytester, source: str, *options: str, **outcomes: int) -> pytest.RunResult:
    """Run a test file with warnings as errors; it must end in these outcomes."""
    pytester.makepyfile(source)
    result = pytester.runpytest_inprocess(*QUIET, "--strict-markers", *options)
    result.assert_outcomes(**(outcomes or {"passed": 1}))
    return result


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


# Marker and options


def test_marker(pytester: pytest.Pytester) -> None:
    """The marker says how the world of its test begins; the nearest one wins, one by one."""
    passes(
        pytester,
        """
        import pytest
        pytestmark = pytest.mark.aniva(clock="2027-01-01T00:00:00Z", seed=5)

        @pytest.mark.aniva(seed=6, settings={"taken_slots": "refuse", "hourly_sync": False})
        def test_near(aniva):
            assert aniva.clock.now.isoformat() == "2027-01-01T00:00:00+00:00"
            world = aniva.client.get("/_sandbox/worlds").json()[0]
            changed = {"taken_slots": "refuse", "courier_automation": True, "hourly_sync": False}
            assert (world["seed"], world["settings"] | changed) == (6, world["settings"])

        def test_far(aniva):
            world = aniva.client.get("/_sandbox/worlds").json()[0]
            usual = {"taken_slots": "allow", "courier_automation": True, "hourly_sync": True}
            assert (world["seed"], world["settings"] | usual) == (5, world["settings"])

        @pytest.mark.aniva(world="default", clock="real")
        def test_real(aniva):
            assert aniva.client.get(f"/_sandbox/worlds/{aniva.world}/clock").json()["mode"] == "real"
        """,
        passed=3,
    )


def test_clock_of_the_marker_as_a_value(pytester: pytest.Pytester) -> None:
    """The marker's clock may be an instant as Python has it, with any offset."""
    passes(
        pytester,
        """
        from datetime import UTC, datetime, timedelta, timezone
        import pytest

        @pytest.mark.aniva(clock=datetime(2026, 5, 1, tzinfo=UTC))
        def test_utc(aniva):
            assert aniva.client.get("/_sandbox/worlds").json()[0]["clock"] == {
                "mode": "frozen", "now": "2026-05-01T00:00:00Z"}

        @pytest.mark.aniva(clock=datetime(2026, 5, 1, 2, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2))))
        def test_elsewhere(aniva):
            assert aniva.clock.now == datetime(2026, 5, 1, tzinfo=UTC)
        """,
        passed=2,
    )


def test_options(pytester: pytest.Pytester) -> None:
    """The options say how worlds begin, where no marker does."""
    passes(
        pytester,
        """
        import pytest

        def test_option(aniva):
            world = aniva.client.get("/_sandbox/worlds").json()[0]
            assert (world["seed"], world["fixture"]) == (8, "default")
            assert world["clock"] == {"mode": "frozen", "now": "2028-02-29T12:00:00Z"}

        @pytest.mark.aniva(seed=9)
        def test_marker(aniva):
            world = aniva.client.get("/_sandbox/worlds").json()[0]
            assert (world["seed"], world["clock"]["now"]) == (9, "2028-02-29T12:00:00Z")
        """,
        *("--aniva-clock", "2028-02-29T12:00:00Z", "--aniva-seed", "8", "--aniva-world", "default"),
        passed=2,
    )


def test_world_from_a_file(pytester: pytest.Pytester) -> None:
    """A world may begin from a file of one's own."""
    pytester.makefile(
        ".yaml",
        small="""
        title: Small
        start: 2026-01-01T00:00:00Z
        profile_groups: []
        location_groups: []
        personas: {full: {permissions: all, profile_groups: [], location_groups: [], panels: all}}
        locations: []
        profiles: []
        appointments: []
        """,
    )
    passes(
        pytester,
        """
        def test_it(aniva):
            assert aniva.client.get("/api/v1/locations").json() == []
            assert aniva.clock.now.year == 2026
        """,
        *("--aniva-world", str(pytester.path / "small.yaml")),
    )


@pytest.mark.parametrize(
    ("mark", "says"),
    [
        ("clock='soon'", "*aniva: *instant*"),
        ("clock=__import__('datetime').datetime(2026, 5, 1)", "*aniva: clock must be *instant*"),
        ("clock=__import__('datetime').date(2026, 5, 1)", "*aniva: clock must be of type str*"),
        ("clock=5", "*aniva: clock must be of type str*"),
        ("clock='1899-12-31T23:59:59Z'", "*aniva: clock must be *of the years 1900 to 9000*"),
        ("world='nothing'", "aniva: nothing: there is no such fixture; there are default, *"),
        ("world='missing.yaml'", "aniva: */missing.yaml: cannot be read: *"),
        ("world=5", "*aniva: world must be of type str*"),
        ("settings={'taken_slots': 'maybe'}", "*aniva: settings: *"),
        ("settings={'colour': 'red'}", "*aniva: settings: colour is not known*"),
        ("settings=None", "*aniva: settings must be of type dict*"),
        ("seed='x'", "*aniva: seed must be of type int*"),
        ("seed=-1", "*aniva: seed must be at least 0*"),
        ("weather='fine'", "*the marker aniva takes world, clock, seed, settings, relies_on by name, not*weather*"),
        ("'default'", "*the marker aniva takes world, clock, seed, settings, relies_on by name, not*default*"),
    ],
)
def test_wrong_marker(pytester: pytest.Pytester, mark: str, says: str) -> None:
    """A marker that cannot be meant is an error of its test, in one line that says what is wrong; other tests run."""
    result = passes(
        pytester,
        f"""
        import pytest

        @pytest.mark.aniva({mark})
        def test_wrong(aniva):
            pass

        def test_right(aniva):
            aniva.client.get("/api/v1/units")
        """,
        passed=1,
        errors=1,
    )
    result.stdout.fnmatch_lines([f"*{says}"])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--aniva-clock", "soon"], "*aniva: *instant*"),
        (["--aniva-world", "nothing"], "aniva: nothing: there is no such fixture; there are default, *"),
        (["--aniva-seed", "-1"], "aniva: seed must be at least 0*"),
    ],
)
def test_wrong_options(pytester: pytest.Pytester, options: list[str], says: str) -> None:
    """An option that cannot be meant is told in one line."""
    result = passes(pytester, "def test_it(aniva): pass", *options, errors=1)
    result.stdout.fnmatch_lines([f"*{says}"])


def test_wrong_seed(pytester: pytest.Pytester) -> None:
    """A seed that is no number is told before any test runs."""
    pytester.makepyfile("def test_it(aniva): pass")
    result = pytester.runpytest_inprocess(*QUIET, "--aniva-seed", "x")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--aniva-seed*invalid int value*"])


def test_options_and_marker_are_listed(pytester: pytest.Pytester) -> None:
    """The help tells the options, and the list of markers the marker."""
    pytester.runpytest_inprocess(*QUIET, "--help").stdout.fnmatch_lines(
        ["Aniva sandbox:", "*--aniva-world*", "*--aniva-clock*", "*--aniva-seed*"]
    )
    pytester.runpytest_inprocess(*QUIET, "--markers").stdout.fnmatch_lines(["@pytest.mark.aniva(world=*clock=*seed=*"])
    pytester.runpytest_inprocess(*QUIET, "--fixtures").stdout.fnmatch_lines(["aniva*", "*fresh world of the sandbox*"])


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
    with pytest.raises(ControlError, match="holds no courier"):
        aniva.clock.advance_until("courier.delivered")
    for time in ("09:00", "10:00"):
        aniva.happen("practice.confirmed", appointment_id=PENDING_APPOINTMENT, time=f"2026-04-16T{time}:00Z")
    aniva.clock.advance_until("practice.confirmed")
    with pytest.raises(ControlError, match="prevented on the way; the clock stands at 2026-04-16 10:00:00") as caught:
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


# The sandbox's own faults

BROKEN = """\
import pytest
from aniva_sandbox.world.world import World

@pytest.fixture
def broken(aniva, monkeypatch):
    assert aniva.agenda  # what the world plans at its first use
    monkeypatch.setattr(World, "locations", property(breaks, lambda world, value: None), raising=False)

def breaks(world):
    raise RuntimeError("a fault for this test")
"""


def test_fault_of_the_sandbox_fails_its_test(pytester: pytest.Pytester) -> None:
    """A test in which the sandbox broke fails, also if it did not look at the answer; the others pass."""
    result = passes(
        pytester,
        BROKEN
        + """
def test_before(aniva):
    assert aniva.client.get("/api/v1/locations").status_code == 200

def test_broken(aniva, broken):
    aniva.client.get("/api/v1/locations")

def test_after(aniva):
    assert aniva.client.get("/api/v1/locations").status_code == 200
""",
        passed=2,
        failed=1,
    )
    result.stdout.fnmatch_lines(
        [
            "*_ test_broken _*",
            "The sandbox was at fault: list_locations broke: RuntimeError: a fault for this test",
        ]
    )


def test_failing_test_tells_the_fault_too(pytester: pytest.Pytester) -> None:
    """Where the test fails by itself over the sandbox's fault, the fault is told beside the test's own words."""
    result = passes(
        pytester,
        BROKEN
        + """
def test_broken(aniva, broken):
    assert aniva.client.get("/api/v1/locations").status_code == 200
""",
        failed=1,
    )
    result.stdout.fnmatch_lines(
        ["E*assert 500 == 200", "E*The sandbox was at fault: list_locations broke: RuntimeError: a fault for this test"]
    )


def test_fault_in_the_set_up_fails_its_test(pytester: pytest.Pytester) -> None:
    """A fault of the sandbox in a fixture before the test fails the test."""
    passes(
        pytester,
        BROKEN
        + """
@pytest.fixture
def prepared(aniva, broken):
    aniva.client.get("/api/v1/locations")

def test_broken(prepared):
    pass
""",
        failed=1,
    )


def test_fault_in_the_tear_down_is_told(pytester: pytest.Pytester) -> None:
    """A fault of the sandbox in a fixture after the test is an error of that test."""
    passes(
        pytester,
        BROKEN
        + """
@pytest.fixture
def tidied(aniva, broken):
    yield
    aniva.client.get("/api/v1/locations")

def test_broken(tidied):
    pass
""",
        passed=1,
        errors=1,
    )


@pytest.mark.parametrize("strict", [False, True])
def test_fault_in_a_test_that_is_expected_to_fail(pytester: pytest.Pytester, strict: bool) -> None:
    """A fault of the sandbox is not what a test may be expected to fail for: it is an error at the test's end. One
    that fails for its own reasons is as expected."""
    result = passes(
        pytester,
        BROKEN
        + f"""
@pytest.mark.xfail(strict={strict})
def test_broken(aniva, broken):
    assert aniva.client.get("/api/v1/locations").status_code == 200

@pytest.mark.xfail(strict={strict})
def test_expected(aniva):
    assert aniva.client.get("/api/v1/locations").status_code == 500
""",
        xfailed=2,
        errors=1,
    )
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_broken*",
            "The sandbox was at fault: list_locations broke: RuntimeError: a fault for this test",
        ]
    )


def test_taken_faults_are_not_told_again(pytester: pytest.Pytester) -> None:
    """A test that takes the faults of its world has dealt with them: it gets each once, and is not failed for it."""
    passes(
        pytester,
        BROKEN
        + """
def test_broken(aniva, broken):
    aniva.client.get("/api/v1/locations")
    assert aniva.take_mismatches() == ["list_locations broke: RuntimeError: a fault for this test"]
    assert aniva.take_mismatches() == []
""",
    )


def test_fault_is_told_once(pytester: pytest.Pytester) -> None:
    """A fault that failed its test is not an error at its end too."""
    result = passes(
        pytester,
        BROKEN
        + """
def test_broken(aniva, broken):
    aniva.client.get("/api/v1/locations")
""",
        failed=1,
    )
    assert "ERROR at teardown" not in result.stdout.str()


def test_reset_does_not_hide_a_fault(pytester: pytest.Pytester) -> None:
    """A fault of the sandbox fails its test also if the world was reset afterwards."""
    passes(
        pytester,
        BROKEN
        + """
def test_broken(aniva, broken):
    aniva.client.get("/api/v1/locations")
    aniva.reset()
""",
        failed=1,
    )


def test_refusals_are_no_faults(pytester: pytest.Pytester) -> None:
    """A test whose calls are refused, as the API would, is not failed for it."""
    passes(
        pytester,
        """
        def test_it(aniva):
            assert aniva.client.get("/api/v1/nowhere").status_code == 404
            assert aniva.client.get("/api/v1/units", headers={"x-api-key": "no"}).status_code == 403
            assert aniva.client.post("/api/v1/profiles", json={}).status_code == 400
            assert aniva.take_mismatches() == []
        """,
    )


# Cost


def test_plugin_loads_nothing_by_itself() -> None:
    """A run that does not use the fixture does not load the server and its libraries."""
    program = (
        "import sys, aniva_sandbox.testing.plugin\n"
        "print(sorted({'starlette', 'uvicorn', 'msgspec', 'httpx2', 'jsonschema_rs', 'yaml'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ran.stdout.split() == [b"[]"]


def test_server_starts_at_first_use_only(pytester: pytest.Pytester) -> None:
    """Neither a run that does not use the fixture nor one that uses it in process has a thread of the sandbox; one that
    asks for its address has a single one."""
    passes(
        pytester,
        """
        import threading

        def running():
            return [thread.name for thread in threading.enumerate()].count("aniva-sandbox")

        before = running()

        def test_before():
            assert running() == before

        def test_in_process(aniva):
            assert aniva.agenda
            assert running() == before

        def test_first(aniva):
            assert aniva.url
            assert running() == before + 1

        def test_second(aniva):
            assert aniva.client.get("/api/v1/units").status_code == 200
            assert running() == before + 1
        """,
        passed=4,
    )


@pytest.mark.parametrize("begin", ["enable", "disable", "freeze"])
def test_garbage_collection_stays_as_it_was(pytester: pytest.Pytester, begin: str) -> None:
    """The first use of the fixture leaves the garbage collector on or off, and what is frozen, as it found them; what a
    test leaves behind is collected."""
    passes(
        pytester,
        f"""
        import gc, weakref

        class Ring:
            def __init__(self):
                self.ring = self

        def test_it(request):
            gc.{begin}()
            left = weakref.ref(Ring())
            before = gc.isenabled(), gc.get_freeze_count() > 0
            request.getfixturevalue("aniva")
            assert (gc.isenabled(), gc.get_freeze_count() > 0) == before
            gc.unfreeze()
            gc.collect()
            assert left() is None
            gc.enable()
        """,
    )


def test_runs_in_parallel(pytester: pytest.Pytester) -> None:
    """Under several workers every test still has a world of its own."""
    pytester.makepyfile(
        CREATE
        + """
import pytest

@pytest.mark.parametrize("turn", range(8))
def test_it(aniva, turn):
    before = len(aniva.client.get("/api/v1/profiles").json())
    for _ in range(turn):
        create(aniva)
    assert len(aniva.client.get("/api/v1/profiles").json()) == before + turn
"""
    )
    result = pytester.runpytest_subprocess(*QUIET, "-n", "2")
    result.assert_outcomes(passed=8)


@pytest.mark.parametrize("use", ["aniva.client.get('/api/v1/units')", "assert aniva.url", "assert aniva.agenda"])
def test_quiet_end(pytester: pytest.Pytester, use: str) -> None:
    """A run ends without warnings and with nothing on stderr, every socket closed, whether or not the server was used
    or even started."""
    pytester.makepyfile(f"def test_it(aniva): {use}")
    result = pytester.runpytest_subprocess(*QUIET)
    result.assert_outcomes(passed=1)
    assert result.ret == 0
    assert result.errlines == []


def test_later_events(aniva: Aniva) -> None:
    """An event with a later time stands in the agenda of the test's world."""
    aniva.happen("location.closed", location_id=BERLIN, time="2026-04-14T00:00:00Z")
    agenda = aniva.client.get(f"/_sandbox/worlds/{aniva.world}/agenda").json()
    assert [event["location_id"] for event in agenda if event["type"] == "location.closed"] == [BERLIN]
    assert agenda == aniva.agenda


def test_says_what_to_install(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the client of its extra, the fixture says in a line how to install it, and from what is in a registry."""
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "aniva_sandbox.testing.plugin.find_spec", lambda name: None if name == "httpx2" else found(name)
    )
    pytester.makepyfile("def test_it(aniva): pass")
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["the fixture aniva needs httpx2: pip install 'httpx2>=2' *"])
