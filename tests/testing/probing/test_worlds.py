"""The world of a probed run: the probe that sits in it, where it begins, its clock, and what counts of it."""

import pytest

from tests.testing.common import QUIET
from tests.testing.probing.plans import probed, read_runs, write_conftest

pytest_plugins = ["pytester"]

TESTS = """
import time
from datetime import UTC, datetime

import pytest
from freezegun import freeze_time

BOOKED = "2026-04-20T10:00:00+02:00"


def get(client, path="/api/v1/units"):
    response = client.get(path)
    while response.status_code == 503:
        time.sleep(10)
        response = client.get(path)
    return response


def test_frozen(aniva):
    get(aniva.client)
    assert aniva.calls("list_units").last.status == 200


@pytest.mark.aniva(clock="2027-01-02T03:04:05Z")
def test_elsewhere(aniva):
    get(aniva.client)


@pytest.mark.aniva(clock="real")
def test_real(aniva):
    get(aniva.client)


def test_python_follows(aniva):
    with aniva.clock.freeze():
        get(aniva.client)
        assert abs(datetime.now(UTC) - aniva.clock.now).total_seconds() < 1


@freeze_time("1999-12-31T23:00:00Z")
def test_frozen_python(aniva):
    get(aniva.client)
    assert datetime.now().year == 1999


def test_events(aniva):
    order = {"profile_id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d", "scheduled_at": BOOKED,
             "location_id": "f2b7e6e2-6afc-4e2e-8a9e-cc7625c9ff4e"}
    at = aniva.clock.now.replace(second=5).isoformat()
    aniva.happen("location.closed", location_id=order["location_id"], time=at)
    status = get(aniva.client, "/api/v1/locations").json()
    assert status


def test_resets(aniva):
    get(aniva.client)
    with aniva.snapshot():
        get(aniva.client)
    aniva.reset()
    get(aniva.client)
    aniva.client.put(f"/_sandbox/worlds/{aniva.world}", json={}).raise_for_status()
    get(aniva.client)


def test_other_worlds(aniva):
    get(aniva.client)
    for name, before in (("other", 7), ("shared", 8)):
        key = {"x-api-key": f"sbx_{name}"}
        assert len(aniva.client.get("/api/v1/profiles", headers=key).json()) == before
        jane = {"first_name": "Jane", "sex": 2, "date_of_birth": "1990-06-15", "profile_group": "acme-clinic-berlin"}
        assert aniva.client.post("/api/v1/profiles", json=jane, headers=key).status_code == 201
    get(aniva.client)


def test_settings(aniva):
    get(aniva.client)
    aniva.client.patch(f"/_sandbox/worlds/{aniva.world}/settings", json={"hourly_sync": False}).raise_for_status()
    aniva.client.post("/api/v1/nothing")
    if aniva.client.get("/api/v1/units").status_code == 503:
        aniva.clock.advance(seconds=-1)


@pytest.mark.aniva(world="later.json")
def test_export(aniva):
    get(aniva.client)
"""


def test_worlds(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs begin where their change says, frozen or running as the test has it; virtual waits move the world, its
    events and what follows it; the probe stays whatever the test does to the world, and knows no other world."""
    start = 'datetime.fromisoformat("2026-10-25T00:59:00+00:00")'
    changes = f"""
        Planned("first", "status=503"), Planned("third", "status=503", 3), Planned("start", start={start}),
        Planned("early", start={start.replace("2026", "2020")}),
    """
    runs = write_conftest(pytester, monkeypatch, changes)
    pytester.makepyfile(
        test_it=TESTS,
        test_first="""
        import pytest

        @pytest.mark.aniva(clock="2026-04-13T09:00:00Z")
        def test_saves(aniva):
            aniva.snapshot().save("later.json")
            jane = {"first_name": "Jane", "sex": 2, "date_of_birth": "1990-06-15",
                    "profile_group": "acme-clinic-berlin"}
            key = {"x-api-key": "sbx_shared"}
            assert aniva.client.post("/api/v1/profiles", json=jane, headers=key).status_code == 201
        """,
    )
    result = probed(pytester, "test_first.py", "test_it.py")
    result.assert_outcomes(passed=11)
    result.stdout.no_fnmatch_line("not probed*")
    came_to = read_runs(runs)
    tests = [line.removeprefix("def test_").partition("(")[0] for line in TESTS.splitlines() if "def test_" in line]
    by_test = {id: dict(zip(tests, came_to[id], strict=True)) for id in ("clean", "first", "third", "start", "early")}

    first = by_test["first"]
    assert {test: run["outcome"] for test, run in first.items()} == dict.fromkeys(tests, "passed")
    for test in ("frozen", "elsewhere", "python_follows", "frozen_python", "events"):
        run, clean = first[test], by_test["clean"][test]
        assert [status for _, status, _ in run["calls"]] == [503, 200]
        assert run["calls"][1][2] - run["calls"][0][2] >= 10
        assert (clean["start"], clean["end"]) == (run["start"], run["start"])
        assert run["end"] == clean["end"].replace(":00+", ":10+").replace(":05+", ":15+")
    assert first["frozen"]["start"] == "2026-04-13T08:00:00+00:00"
    assert first["elsewhere"]["start"] == "2027-01-02T03:04:05+00:00"
    assert [len(run["worlds"][1]["history"]) for run in (by_test["clean"]["events"], first["events"])] == [0, 1]

    assert [status for _, status, _ in by_test["third"]["resets"]["calls"]] == [200, 200, 503, 200, 200]
    assert [status for _, status, _ in by_test["third"]["other_worlds"]["calls"]] == [200, 200]
    assert [name for name, *_ in by_test["clean"]["settings"]["calls"]] == ["list_units", "", "list_units"]
    settings = by_test["third"]["settings"]
    assert (settings["outcome"], settings["is_void"], settings["is_assertion"]) == ("failed", True, False)
    assert settings["error"].startswith("ControlError: ")

    for test, run in by_test["start"].items():
        mode = "real" if test == "real" else "frozen"
        assert [world["clock"]["mode"] for world in run["worlds"]] == [mode, mode]
        assert run["start"] == "2026-10-25T00:59:00+00:00"
    export = by_test["early"]["export"]
    assert (export["outcome"], export["is_void"], export["worlds"]) == ("failed", True, [None, None])
    assert by_test["early"]["frozen"]["start"].startswith("2020")


def test_real_sleep(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --aniva-probe-sleep=real, waits are as they are."""
    runs = write_conftest(pytester, monkeypatch, 'Planned("fails", "status=503")')
    pytester.makepyfile(
        """
        import time

        def test_it(aniva):
            assert time.sleep is sleep
            if aniva.client.get("/api/v1/units").status_code == 503:
                time.sleep(0.06)

        sleep = time.sleep
        """
    )
    result = pytester.runpytest_subprocess(*QUIET, "--aniva-probe-sleep=real")
    result.assert_outcomes(passed=1)
    (run,) = read_runs(runs)["fails"]
    assert (run["outcome"], run["end"]) == ("passed", run["start"])
