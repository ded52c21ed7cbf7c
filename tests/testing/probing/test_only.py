"""``--aniva-probe-only``: one change in public, as an ordinary run of an ordinary test."""

import pytest

from tests.testing.common import QUIET
from tests.testing.probing.plans import write_conftest

pytest_plugins = ["pytester"]

TESTS = """
import time

import pytest


@pytest.fixture(scope="module")
def server():
    print("the server starts")


def get(aniva):
    for _ in range(3):
        response = aniva.client.get("/api/v1/units")
        if response.status_code != 503:
            break
        time.sleep(1000)
    return response.status_code


def test_other(aniva):
    raise RuntimeError


@pytest.mark.parametrize("name", ["a", "a:found"])
def test_it(aniva, server, name):
    print("it runs")
    assert get(aniva) == 200


def test_makes_no_call(aniva):
    pass


changes = []


def test_changes(aniva):
    get(aniva)
    changes.append(1)
    assert len(changes) != 2


def test_retries(aniva):
    while aniva.client.get("/api/v1/units").status_code == 503:
        pass
"""
CHANGES = """
    Planned("same"), Planned("found"), Planned("found:fails", "status=503", always=True),
    Planned("fails", "status=503"), Planned("void", start=datetime.fromisoformat("1800-01-01T00:00:00+00:00")),
    Planned("endless", "status=503", always=True),
"""
FILE = "faults:test_it.py::"


def one(pytester: pytest.Pytester, id: str, *options: str) -> pytest.RunResult:
    run = pytester.runpytest_subprocess if {"-n", "--pdb"} & {*options} else pytester.runpytest_inprocess
    return run(*QUIET, f"--aniva-probe-only={id}", *options)


def test_one_change(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test of the change is run alone, with it. If it fails, that is its report; if it passes and there is a
    finding, it fails for that, with what the world held and the story; otherwise it passes. Waits take no time, and its
    endless loops have an end. It runs where pytest was started, even if the project has workers, and collects its file
    alone."""
    write_conftest(pytester, monkeypatch, CHANGES)
    pytester.makepyfile(test_it=TESTS, test_broken="raise ValueError")

    result = one(pytester, f"{FILE}test_it[a]:found", "-n", "2", "--junitxml=junit.xml")
    result.assert_outcomes(failed=1, deselected=5)
    result.stdout.fnmatch_lines(
        [
            "*_ test_it?a? _*",
            "swallowed: it was found",
            "faults:test_it.py::test_it?a?:found",
            "Only without the change, the world holds at the end:",
            "    a task",
            "Only with it, the world holds:",
            "    no task",
            "*- Captured stdout setup -*",
            "the server starts",
            "*- Captured stdout call -*",
            "it runs",
            "*- Aniva sandbox -*",
            "#1 at *: list_units  GET /api/v1/units  200",
            "*= Aniva sandbox: probes =*",
            "faults:test_it.py::test_it?a?:found: found",
            "swallowed: it was found",
        ],
        consecutive=False,
    )
    result.stdout.no_fnmatch_line("*found (*")
    assert (pytester.path / "junit.xml").read_text(encoding="utf-8").count("<testcase") == 1

    result = one(pytester, f"{FILE}test_it[a:found]:found:fails", "-s")
    result.assert_outcomes(failed=1, deselected=5)
    result.stdout.fnmatch_lines(["*E * assert 503 == 200", "#1 to #3 *: list_units × 3 * 503", "    injected: *503*"])
    assert [line for line in result.outlines if line.endswith("it runs")] == ["test_it.py it runs"]

    result = one(pytester, f"{FILE}test_it[a]:fails")
    result.assert_outcomes(passed=1, deselected=5)
    result.stdout.fnmatch_lines(["faults:test_it.py::test_it?a?:fails: fails", "no finding"])
    assert result.ret == 0

    result = one(pytester, f"{FILE}test_changes:same")
    result.assert_outcomes(failed=1, deselected=5)
    result.stdout.fnmatch_lines(
        ["nothing can be said about *:same: not repeatable: it passed once, then not: Assertion*"]
    )

    result = one(pytester, f"{FILE}test_it[a]:void")
    result.stdout.fnmatch_lines(["aniva: a clock starts between *", "not judged: *"])

    result = one(pytester, f"{FILE}test_retries:endless", "--pdb")
    result.assert_outcomes(failed=1, deselected=5)
    result.stdout.fnmatch_lines(["E * Stopped: stopped: it made too many calls", "*entering PDB*"])


def test_unknown_ids(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """An id of no test, or of no change of its test, ends the run in a sentence that names the nearest."""
    write_conftest(pytester, monkeypatch, CHANGES)
    pytester.makepyfile(test_it=TESTS)
    for id, said in (
        (
            "test_itt[a]:found",
            "there is no test of this name that can be probed; did you mean faults:test_it.py::test_it?*",
        ),
        ("test_it[a]:fail", "the test has no such change; did you mean fails?"),
        ("test_makes_no_call:found", "the test makes no call that could be changed"),
    ):
        result = one(pytester, f"{FILE}{id}")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(
            [f"ERROR: --aniva-probe-only: '{FILE}{id}': {said}".replace("[", "?").replace("]", "?")]
        )
