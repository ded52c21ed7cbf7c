"""A test's own run is as it would be without probes, and so is all that pytest reports on it."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.testing.common import QUIET
from tests.testing.probing.plans import read_runs, write_conftest

pytest_plugins = ["pytester"]

SUITE = """
import logging
import random
import sys
import unittest
import warnings

import pytest

UNITS = "/api/v1/units"


@pytest.fixture(scope="module")
def server():
    print("the server starts")
    print("it says so", file=sys.stderr)
    logging.getLogger("mine").warning("the server starts")
    warnings.warn("an old server")
    yield
    print("the server stops")


@pytest.fixture(scope="module")
def broken():
    print("it breaks")
    raise RuntimeError("broken")


@pytest.fixture
def status(aniva, record_property, record_testsuite_property, server):
    print("set up")
    record_property("calls", 1)
    record_testsuite_property("suite", "mine")
    yield aniva.client.get(UNITS).status_code
    print("torn down")


def test_passes(status):
    print("it passes")
    warnings.warn("a warning of the test")
    assert status == 200


def test_fails(status, tmp_path, record_xml_attribute):
    record_xml_attribute("kind", "failing")
    print("it fails in", tmp_path.name, random.random())
    logging.getLogger("mine").warning("it fails")
    assert status == 404


def test_fails_later(status, tmp_path, request):
    print("it fails in", tmp_path.name, random.random())
    request.addfinalizer(lambda: (tmp_path / "file").read_text())


def test_needs_what_is_broken(aniva, broken):
    pass


def test_is_skipped(aniva):
    aniva.client.get(UNITS)
    pytest.skip("not today")


@pytest.mark.xfail(reason="it is known", strict=True)
def test_is_expected_to_fail(aniva):
    assert aniva.client.get(UNITS).status_code == 404


@pytest.mark.skipif("False", reason="never")
@pytest.mark.xfail("False", reason="never")
def test_has_conditions(aniva):
    assert aniva.client.get(UNITS).status_code == 200


def test_adds_a_mark(aniva, request):
    assert aniva.client.get(UNITS).status_code == 200
    assert not list(request.node.iter_markers("slow"))
    request.applymarker(pytest.mark.slow)
    request.node.user_properties.append(("mine", 1))


def test_knows_its_reports(aniva, request):
    assert not hasattr(request.node, "rep_setup") or request.node.rep_setup.passed
    assert aniva.client.get(UNITS).status_code == 200


class TestFields:
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def prepare(cls):
        cls.prepared = True

    def test_it(self, aniva, subtests):
        assert self.prepared and not hasattr(self, "seen")
        self.seen = aniva.client.get(UNITS).status_code
        for status in (200, 404):
            with subtests.test(status=status):
                assert self.seen == status


class TestCase(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _sandbox(self, aniva):
        self.aniva = aniva

    def test_parts(self):
        for status in (200, 404):
            with self.subTest(status=status):
                self.assertEqual(self.aniva.client.get(UNITS).status_code, status)
"""

REPORTS = """

import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    print("a report")
    setattr(item, f"rep_{report.when}", report)
    return report


def pytest_runtest_logreport(report):
    with open("reports.txt", "a") as file:
        sections = [(name, text) for name, text in report.sections if name != "Aniva sandbox"]
        file.write(f"{report.nodeid} {report.when} {report.outcome} {sections} {report.user_properties}\\n")
"""

CHANGES = 'Planned("same"), Planned("fails", "status=503"), Planned("drops", "drop=after")'


def what_is_seen(pytester: pytest.Pytester, *options: str) -> tuple[list[str], str, str]:
    """What a run shows, its JUnit file, and what its reports say, without durations and what differs anyway."""
    result = pytester.runpytest_subprocess(
        *QUIET[2:], "-rA", "-p", "cacheprovider", "--junitxml=junit.xml", "-p", "no:randomly", *options
    )
    shown = [re.sub(r"\d+\.\d+s|0x[0-9a-f]+|pytest-\d+/\S+|world test-\S+", "", line) for line in result.outlines]
    if "--aniva-probe" in options:
        start = next(place for place, line in enumerate(shown) if "Aniva sandbox: probes" in line)
        end = next(place for place, line in enumerate(shown) if line.startswith("=") and place > start)
        del shown[start:end]
    suite = ET.parse(pytester.path / "junit.xml").getroot()
    for element in suite.iter():
        for name in ("time", "timestamp"):
            element.attrib.pop(name, None)
    reports = Path("reports.txt").read_text(encoding="utf-8")
    Path("reports.txt").unlink()
    failed = (pytester.path / ".pytest_cache/v/cache/lastfailed").read_text(encoding="utf-8")
    junit = re.sub(r"\d+\.\d+s|0x[0-9a-f]+|pytest-\d+/\S+", "", ET.tostring(suite, encoding="unicode"))
    return [line for line in shown if "the random" not in line], junit, reports + failed


def test_same_reports(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal, the JUnit file, the cache and all that hooks see are the same with and without probes: outcomes,
    output, logs, warnings, properties, subtests, names of temporary folders."""
    runs = write_conftest(pytester, monkeypatch, CHANGES, REPORTS + "\nimport random; random.seed(1)\n")
    pytester.makepyfile(SUITE)
    (pytester.path / "pytest.ini").write_text("[pytest]\nmarkers = slow\n", encoding="utf-8")
    plain = what_is_seen(pytester)
    with_probes = what_is_seen(pytester, "--aniva-probe")
    assert plain[2] == with_probes[2]
    assert plain[1] == with_probes[1]
    assert plain[0] == with_probes[0]
    assert [run["outcome"] for run in read_runs(runs)["same"]] == ["passed"] * 4
