"""Probed runs are not seen: nothing is printed, logged, shown, warned of, debugged, measured or collected twice."""

import json
import sys

import pytest

from tests.testing.common import QUIET
from tests.testing.probing.plans import read_runs, write_conftest

pytest_plugins = ["pytester"]

TESTS = """
import logging
import os
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def server():
    print("WIDER")


def test_it(aniva, server):
    print("PRINTED")
    print("ERRED", file=sys.stderr)
    sys.__stdout__.write("WRITTEN\\n")
    os.write(1, b"RAW\\n")
    subprocess.run([sys.executable, "-c", "print('CHILD')"])
    logging.getLogger("mine").info("LOGGED")
    breakpoint()
    assert aniva.client.get("/api/v1/units").status_code == 200
"""
HOOKS = """

def note_breakpoint(*_arguments, **_options):
    print("BROKEN")


def pytest_exception_interact(report):
    print("INTERACTED")
"""


@pytest.mark.parametrize(
    "options", [("-s", "-v", "--log-cli-level=INFO", "--setup-show", "--pdb"), ("--capture=tee-sys",)]
)
def test_seen_once(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]) -> None:
    """Even where pytest captures nothing, shows logs live and the setup of fixtures, and debugs failures, people see
    the test's own run alone."""
    runs = write_conftest(pytester, monkeypatch, 'Planned("same"), Planned("fails", "status=503")', HOOKS)
    monkeypatch.setenv("PYTHONBREAKPOINT", "conftest.note_breakpoint")
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess(*QUIET, "--aniva-probe", f"--log-file={pytester.path}/log", *options)
    result.assert_outcomes(passed=1)
    assert [run["outcome"] for run in read_runs(runs)["fails"]] == ["failed"]
    seen = f"{result.stdout}{result.stderr}"
    once = ["WIDER", "PRINTED", "ERRED", "WRITTEN", "BROKEN"]
    once += ["RAW", "CHILD", "LOGGED", "SETUP    F aniva", "SETUP    M server"] if "-s" in options else []
    assert {word: seen.count(word) for word in once} == dict.fromkeys(once, 1)
    assert "INTERACTED" not in seen
    assert (pytester.path / "log").read_text(encoding="utf-8").count("LOGGED") == ("-s" in options)


def test_coverage_is_of_own_runs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the coverage of the API nor that of Python's code counts a probed run; the evidence at the end does not,
    either."""
    write_conftest(pytester, monkeypatch, 'Planned("same"), Planned("fails", "status=503")')
    pytester.makepyfile(
        client="""
        def get(client):
            response = client.get("/api/v1/units")
            if response.status_code == 503:
                raise ConnectionError
            return response.json()
        """,
        test_client="""
        from client import get

        def test_it(aniva):
            assert get(aniva.client)
            aniva.client.get("/api/v1/profiles", params={"limitt": "1"})
        """,
    )
    inner = [*QUIET, "--aniva-probe", "--aniva-cov-report=json:met.json", "--aniva-hints=error"]
    program = ["-m", "coverage", "run", "--include=client.py", "-m", "pytest", *inner]
    result = pytester.run(sys.executable, *program)
    result.stdout.fnmatch_lines(["*1 failed*"])
    axes = json.loads((pytester.path / "met.json").read_text(encoding="utf-8"))["axes"]
    met = {item["id"]: item for axis in axes.values() for item in axis["list"]}
    assert met["list_units 200"]["count"] == 1
    assert not met["list_units status"]["met"]
    shown = pytester.run(sys.executable, "-m", "coverage", "report", "-m")
    shown.stdout.fnmatch_lines(["client.py * 4"])
