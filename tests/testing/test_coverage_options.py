"""Coverage in pytest: its options, whose calls are whose, what fails a run, and the workers of xdist."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support import APPOINTMENT
from tests.testing.common import QUIET
from tests.testing.partner_tests import passes

pytest_plugins = ["pytester"]

CLIENT = f"""
import pytest

DRAW = "/api/v1/appointments/{APPOINTMENT}"

def test_cancels(aniva):
    assert aniva.client.delete(DRAW).status_code == 200

def test_shows(aniva):
    assert aniva.client.get(DRAW).json()["status"] == "confirmed"
"""
"""Tests that call two operations, with one status each."""


def report_in(path: Path) -> dict[str, dict[str, Any]]:
    """The items of a JSON report, by id."""
    axes = json.loads(path.read_text(encoding="utf-8"))["axes"]
    return {entry["id"]: entry for axis in axes.values() for entry in axis["list"]}


def covered(pytester: pytest.Pytester, source: str, *options: str, **outcomes: int) -> dict[str, dict[str, Any]]:
    """Run a test file with coverage; the items of its report."""
    passes(pytester, source, "--aniva-cov-report=json:cov.json", *options, **(outcomes or {"passed": 2}))
    return report_in(pytester.path / "cov.json")


def test_summary(pytester: pytest.Pytester) -> None:
    """With --aniva-cov, a run ends with a line for each axis, the operations that were never called, and where to find
    the rest; it passes, however much is missing."""
    result = passes(pytester, CLIENT, "--aniva-cov", passed=2)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "*= Aniva sandbox: coverage =*",
            "responses * of * %",
            "rules * of * %",
            "assumptions * of * %  leaned on; fewer is better",
            "never called, and left out: list_profiles, *",
            "next for responses: get_appointment 400*",
            "--aniva-cov-report=html:PATH writes every item*",
        ]
    )


def test_summary_in_ascii(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal that knows ASCII alone, the summary still has its lines."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    pytester.makepyfile("def test_it():\n    pass\n")
    result = pytester.runpytest_subprocess(*QUIET, "--aniva-cov")
    result.stdout.fnmatch_lines(["boundaries *", "transitions *"])


def test_nothing_without_it(pytester: pytest.Pytester) -> None:
    """A run without any of the options collects nothing, shows nothing, and does not even import what collects."""
    source = (
        f"{CLIENT}\nimport sys\ndef test_imports():\n    assert 'aniva_sandbox.testing.coverage' not in sys.modules\n"
    )
    pytester.makepyfile(source)
    result = pytester.runpytest_subprocess(*QUIET, "-o", "aniva_cov_waive=nothing: at all")
    result.assert_outcomes(passed=3)
    result.stdout.no_fnmatch_line("*coverage*")


def test_reports(pytester: pytest.Pytester) -> None:
    """Each report is written to its path, seen from where pytest was started; missing directories are made. The option
    implies --aniva-cov."""
    kinds = {"html": "<!doctype html>", "json": "{", "md": "## ", "junit": "<?xml"}
    options = [f"--aniva-cov-report={kind}:made/{kind}/cov" for kind in kinds]
    result = passes(pytester, CLIENT, *options, passed=2)
    for kind, start in kinds.items():
        assert (pytester.path / "made" / kind / "cov").read_text(encoding="utf-8").startswith(start)
        assert [path.name for path in (pytester.path / "made" / kind).iterdir()] == ["cov"]
    result.stdout.fnmatch_lines([f"wrote made/{kind}/cov" for kind in kinds])


def test_calls_belong_to_their_test(pytester: pytest.Pytester) -> None:
    """Whatever a test calls, from the setup of its fixtures to their teardown, and whichever world its calls reach, or
    none, is met by the test; so it is where the test fails, or only its setup or its teardown. A call that names its
    test itself belongs to that name."""
    items = covered(
        pytester,
        """
        import pytest

        @pytest.fixture
        def around(aniva):
            aniva.client.get("/api/v1/units")
            yield aniva
            aniva.client.get("/api/v1/shipments")

        def test_around(around):
            pass

        def test_fails(aniva):
            aniva.client.get("/api/v1/profiles")
            assert False

        @pytest.fixture
        def broken(aniva):
            aniva.client.get("/api/v1/panels")
            raise ValueError

        def test_broken(broken):
            pass

        def test_other_worlds(aniva):
            aniva.client.get("/api/v1/locations", headers={"x-api-key": "sbx_elsewhere"})
            aniva.client.get("/api/v1/locations", headers={"x-api-key": "no key"})

        def test_named(aniva):
            aniva.client.get("/api/v1/biomarkers", headers={"x-sandbox-test": "its own name"})
        """,
        passed=3,
        failed=1,
        errors=1,
    )
    file = "test_calls_belong_to_their_test.py"
    met = {
        "list_units 200": "test_around",
        "list_shipments 200": "test_around",
        "list_profiles 200": "test_fails",
        "list_panels 200": "test_broken",
        "list_locations 200": "test_other_worlds",
        "list_locations 403": "test_other_worlds",
        "auth.key refused": "test_other_worlds",
    }
    assert {id: items[id]["tests"] for id in met} == {id: [f"{file}::{name}"] for id, name in met.items()}
    assert items["list_biomarkers 200"]["tests"] == ["its own name"]
    assert items["list_profiles 200"]["count"] == 1


def test_workers(pytester: pytest.Pytester) -> None:
    """The report of a run with several workers of xdist equals that of a run without, byte for byte, also where tests
    are in groups; thresholds are those of the whole run."""
    pytester.makepyfile(
        f"{CLIENT}"
        """
@pytest.mark.parametrize("times", range(6))
@pytest.mark.xdist_group("a@b")
def test_group(aniva, times):
    for number in range(times):
        aniva.client.get("/api/v1/profiles", params={"limit": 500 - number})
    aniva.clock.advance(days=times)
    aniva.client.delete(DRAW)
    aniva.client.patch(DRAW, json={"scheduled_at": "2026-04-20T10:00:00+02:00"})

@pytest.mark.parametrize("name", ["ü", "<b>", "a\\nb"])
def test_name(aniva, name):
    aniva.client.get("/api/v1/units", headers={"x-api-key": "sbx_elsewhere"})
"""
    )
    for name, *options in (["serial.json"], ["parallel.json", "-n", "2", "--dist", "loadgroup"]):
        result = pytester.runpytest_subprocess(
            *QUIET, f"--aniva-cov-report=json:{name}", "--aniva-cov-fail-under=words:1", *options
        )
        result.assert_outcomes(passed=11)
        assert result.ret == 0
    serial, parallel = (pytester.path.joinpath(f"{name}.json").read_bytes() for name in ("serial", "parallel"))
    assert parallel == serial
    items = report_in(pytester.path / "serial.json")
    assert items["list_profiles 200"]["count"] == 15
    assert items["list_profiles 200"]["tests"] == [f"test_workers.py::test_group[{times}]" for times in range(1, 6)]


def test_probes(pytester: pytest.Pytester) -> None:
    """What probes of the run reported is in the page, and marks rules, also in the other reports and the summary."""
    pytester.makeconftest("""
        import pytest
        from aniva_sandbox.engine.evidence.probes.report import TestReport, merge
        from aniva_sandbox.testing.coverage import PROBES

        @pytest.hookimpl(tryfirst=True)
        def pytest_sessionfinish(session):
            tests = [TestReport(test="test_cancels", noticed=["auth.key passed"])]
            session.config.stash[PROBES] = merge(tests, ["rules"])
    """)
    items = covered(pytester, CLIENT, "--aniva-cov-report=html:cov.html")
    assert items["auth.key passed"]["probed"] == "checked"
    assert items["auth.permission passed"]["probed"] == "touched"
    assert "probed" not in items["auth.key refused"]
    assert "Would the tests notice?" in (pytester.path / "cov.html").read_text(encoding="utf-8")
    result = pytester.runpytest_inprocess(*QUIET, "--aniva-cov")
    result.stdout.fnmatch_lines(["rules * of * %  1 checked, * touched"])


# What fails a run


def test_thresholds(pytester: pytest.Pytester) -> None:
    """A run in which every test passed fails where less of an axis is met than it must, and says which and how much;
    the reports say so too. One in which enough is met passes."""
    result = passes(
        pytester, CLIENT, "--aniva-cov-fail-under=rules:99.5,words:1", "--aniva-cov-report=md:cov.md", passed=2
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["FAILED rules: * of * items were met (* %), fewer than 99.5 %"])
    result.stdout.no_fnmatch_line("FAILED words*")
    assert "fewer than 99.5 %" in (pytester.path / "cov.md").read_text(encoding="utf-8")

    result = pytester.runpytest_inprocess(*QUIET, "--aniva-cov-fail-under=rules:1", "--aniva-cov-fail-under=words:1")
    assert result.ret == 0


def test_a_test_without_the_fixture_has_its_own_calls(pytester: pytest.Pytester) -> None:
    """Calls of a test to an address that another left, which reach no world, are not those of the other."""
    source = """
import httpx2

kept = []

def test_one(aniva):
    kept.append(aniva.url)

def test_other():
    assert httpx2.get(f"{kept[0]}/api/v1/units", headers={"x-api-key": "unknown"}).status_code == 403
"""
    items = covered(pytester, source)
    assert [id.partition("::")[2] for id in items["auth.key refused"]["tests"]] == ["test_other"]


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_a_test_that_a_plugin_runs_again(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """What the first attempt met counts, although the plugin shows no report of its teardown."""
    pytester.makeconftest("""
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for report in runtestprotocol(item, nextitem=nextitem, log=False)[:2]:
        report.outcome = "rerun"
        item.ihook.pytest_runtest_logreport(report=report)
    runtestprotocol(item, nextitem=nextitem)
    return True
""")
    source = (
        CLIENT
        + """
first = []

def test_again(aniva):
    path = "locations" if first else "units"
    first.append(path)
    aniva.client.get(f"/api/v1/{path}")
"""
    )
    items = covered(pytester, source, *workers, passed=3)
    assert items["list_units 200"]["tests"] == items["list_locations 200"]["tests"]
    assert [items[f"list_{path} 200"]["count"] for path in ("units", "locations")] == [1, 1]
    assert items["cancel_appointment 200"]["count"] == 2


def test_failed_tests_keep_their_code(pytester: pytest.Pytester) -> None:
    """Where no test ran, the exit code stays what it was."""
    pytester.makepyfile("")
    result = pytester.runpytest_inprocess(*QUIET, "--aniva-cov-fail-under=rules:100")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_waivers(pytester: pytest.Pytester) -> None:
    """Waived items are not counted and say why, whether the option or the configuration names them."""
    pytester.makeini("[pytest]\naniva_cov_waive =\n    cancel_appointment 404: we have the id\n")
    option = "--aniva-cov-waive=appointment confirmed: cancel: there is no button"
    before = covered(pytester, CLIENT.replace("aniva.client.delete(DRAW)", "aniva.client.get(DRAW)"), "--aniva-cov")
    assert "reason" not in before["get_appointment 200"]
    items = covered(pytester, CLIENT, "--aniva-cov-waive=get_appointment 404: so have we")
    assert items["cancel_appointment 404"]["reason"] == "waived: we have the id"
    assert items["get_appointment 404"]["reason"] == "waived: so have we"
    assert items["get_appointment 404"]["next"] is None
    result = passes(pytester, CLIENT.replace("aniva.client.delete(DRAW)", "aniva.client.get(DRAW)"), option, passed=2)
    assert result.ret == 0


@pytest.mark.parametrize(
    ("waiver", "says"),
    [
        (
            "cancel_appointment 200: we never cancel",
            "the waiver 'cancel_appointment 200' is not needed: the item was met",
        ),
        (
            "cancel_apointment 404: we never do",
            "*'cancel_apointment 404' names no item; did you mean cancel_appointment 404*",
        ),
    ],
)
@pytest.mark.parametrize("place", ["option", "configuration"])
def test_stale_waivers(pytester: pytest.Pytester, place: str, waiver: str, says: str) -> None:
    """A waiver of an item that was met, or that does not exist, fails the run."""
    if place == "option":
        options = [f"--aniva-cov-waive={waiver}"]
    else:
        pytester.makeini(f"[pytest]\naniva_cov_waive =\n    {waiver}\n")
        options = ["--aniva-cov"]
    result = passes(pytester, CLIENT, *options, passed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"FAILED {says}"])


def test_scope(pytester: pytest.Pytester) -> None:
    """With a scope, only what its operations can meet is counted, called or not; without, only what was called."""
    items = covered(pytester, CLIENT)
    assert "cancel_appointment 200" in items
    assert "list_units 200" not in items
    items = covered(pytester, CLIENT, "--aniva-cov-scope=list_units,get_appointment")
    assert "cancel_appointment 200" not in items
    assert items["get_appointment 200"]["met"]
    assert not items["list_units 200"]["met"]


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--aniva-cov-report=html", "--aniva-cov-report: 'html' must be KIND:PATH, such as html:coverage.html"),
        (
            "--aniva-cov-report=htm:x",
            "--aniva-cov-report: 'htm' must be one of html, json, md, junit; did you mean html?",
        ),
        ("--aniva-cov-report=html:", "--aniva-cov-report: 'html:' must name a file after the colon"),
        ("--aniva-cov-report=html:.", "--aniva-cov-report: '.' is a directory; it must be a file"),
        (
            "--aniva-cov-report=html:x --aniva-cov-report=md:x",
            "--aniva-cov-report: 'x' is given for html and for md; each needs its own file",
        ),
        ("--aniva-cov-fail-under=ruls:80", "--aniva-cov-fail-under: *no axis 'ruls'; did you mean rules?"),
        ("--aniva-cov-fail-under=rules:101", "--aniva-cov-fail-under: *must be a percentage from 0 to 100"),
        ("--aniva-cov-fail-under=rules", "--aniva-cov-fail-under: *write an axis and a number*"),
        ("--aniva-cov-scope=list_unit", "--aniva-cov-scope: *no operation 'list_unit'; did you mean list_units?"),
        ("--aniva-cov-waive=list_units 200", "--aniva-cov-waive: *write an item and the reason*"),
    ],
)
def test_wrong_options(pytester: pytest.Pytester, option: str, says: str) -> None:
    """An option that cannot be meant is a usage error, before any test runs; it names the option and what is wrong."""
    pytester.makepyfile("def test_it():\n    open('ran', 'w')\n")
    result = pytester.runpytest_inprocess(*QUIET, *re.split(" (?=--)", option))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {says}"])
    assert not (pytester.path / "ran").exists()


def test_wrong_configuration(pytester: pytest.Pytester) -> None:
    """A line of the configuration that is no waiver is a usage error that names the key."""
    pytester.makeini("[pytest]\naniva_cov_waive =\n    list_units 200\n")
    pytester.makepyfile("def test_it():\n    pass\n")
    result = pytester.runpytest_inprocess(*QUIET, "--aniva-cov")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: aniva_cov_waive: *write an item and the reason*"])


def test_reports_that_cannot_be_written(pytester: pytest.Pytester) -> None:
    """A report that cannot be written fails the run, in a line that says why; the others are written."""
    (pytester.path / "file").write_text("as it was", encoding="utf-8")
    result = passes(
        pytester, CLIENT, "--aniva-cov-report=html:file/cov.html", "--aniva-cov-report=json:cov.json", passed=2
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["wrote cov.json", "FAILED --aniva-cov-report: file/cov.html cannot be written: *"])
    assert (pytester.path / "file").read_text(encoding="utf-8") == "as it was"


@pytest.mark.parametrize("option", ["--collect-only", "--fixtures", "--setup-only", "--setup-plan"])
def test_only_collecting(pytester: pytest.Pytester, option: str) -> None:
    """A run that runs no test by intent writes no report over that of another, and fails nothing."""
    pytester.makepyfile(CLIENT)
    result = pytester.runpytest_inprocess(
        *QUIET, option, "--aniva-cov-report=json:cov.json", "--aniva-cov-fail-under=rules:100"
    )
    assert result.ret == 0
    assert not (pytester.path / "cov.json").exists()


def test_the_help_lists_the_options(pytester: pytest.Pytester) -> None:
    """The help has every option, and the key of the configuration."""
    result = pytester.runpytest_inprocess(*QUIET, "--help")
    options = ("", "-report=KIND:PATH", "-fail-under=AXIS:PERCENT,...", "-scope=OPERATION,...", "-waive=ITEM: REASON")
    result.stdout.fnmatch_lines([f"*--aniva-cov{option}*" for option in options])
    result.stdout.fnmatch_lines(["*aniva_cov_waive (linelist):*"])
