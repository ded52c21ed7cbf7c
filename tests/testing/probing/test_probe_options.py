"""Probes in pytest: options, the marker, the budget, waivers, what fails a run, reports, and the workers of xdist."""

import json
from pathlib import Path

import pytest

from tests.testing.common import QUIET
from tests.testing.probing.plans import probed, read_runs, write_conftest

pytest_plugins = ["pytester"]

VIRTUAL = "its waits took no time: see --aniva-probe-sleep=real"
GET = 'assert aniva.client.get("/api/v1/units").status_code == 200'
TESTS = f"""
import pytest

def test_one(aniva):
    {GET}

def test_two(aniva):
    {GET}
"""
FOUND = 'Planned("same"), Planned("found")'


def report_in(path: Path) -> dict[str, object]:
    report: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return report


def test_findings_fail_the_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in which all tests pass fails for a finding, which it shows with the line that runs it again. It does not
    with --aniva-probe-advisory, nor if each finding is waived; a waiver that is not needed fails it, but not a run of
    single tests."""
    write_conftest(pytester, monkeypatch, FOUND)
    path = pytester.makepyfile(test_it=TESTS)
    result = pytester.runpytest_inprocess(*QUIET, "--aniva-probe=faults", "--aniva-probe-report=json:made/probes.json")
    result.assert_outcomes(passed=2)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "*= Aniva sandbox: probes =*",
            "swallowed: it was found*",
            "    pytest --aniva-probe-only faults:test_it.py::test_one:found",
            "faults  4 changes, 4 runs: 2 findings*",
            "wrote made/probes.json",
            "FAILED 2 findings",
        ]
    )
    report = report_in(pytester.path / "made" / "probes.json")
    assert list(report["kinds"]) == ["faults"]  # type: ignore[call-overload]
    ids = ["faults:test_it.py::test_one:found", "faults:test_it.py::test_two:found"]
    assert [finding["id"] for finding in report["findings"]] == ids  # type: ignore[attr-defined]

    result = pytester.runpytest_inprocess(*QUIET, "--aniva-probe-advisory")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["advisory: 2 findings"])

    waived = ["-o", "aniva_probe_waive=*:test_it.py::test_one:*: we know", f"--aniva-probe-waive={ids[1]}: as well"]
    result = pytester.runpytest_inprocess(*QUIET, *waived)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["waived: swallowed: it was found*"])

    stale = ["--aniva-probe-waive=faults:test_it.py::gone:found: no longer", "--aniva-probe-waive=*:found: all"]
    result = pytester.runpytest_inprocess(*QUIET, *stale)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["FAILED the waiver 'faults:test_it.py::gone:found' is not needed*"])
    assert pytester.runpytest_inprocess(*QUIET, *stale, f"{path.name}::test_one").ret == 0


def test_failed_tests_and_reports(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that fails is not probed, and its own report stays; a report that cannot be written fails the run."""
    write_conftest(pytester, monkeypatch, 'Planned("same")')
    pytester.makepyfile(f"def test_it(aniva):\n    {GET}\ndef test_fails(aniva):\n    {GET.replace('200', '404')}\n")
    (pytester.path / "file").touch()
    result = pytester.runpytest_inprocess(*QUIET, "--aniva-probe-report=json:file/in/it")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "faults *1 change, 1 run*",
            "not probed: *::test_fails: it does not pass by itself: AssertionError: assert 200 == 404",
            "FAILED --aniva-probe-report: file/in/it cannot be written*",
            "FAILED *::test_fails*",
        ]
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--aniva-probe=faulst"], "--aniva-probe: there is no kind 'faulst'; did you mean faults?"),
        (["--aniva-probe="], "--aniva-probe: must name kinds, such as faults,times,responses,rules"),
        (["--aniva-probe-report=htm:x"], "--aniva-probe-report: 'htm' must be one of html, *; did you mean html?"),
        (["--aniva-probe-waive=faults"], "--aniva-probe-waive: *"),
        (["-o", "aniva_probe_waive=faults: x", "--aniva-probe"], "aniva_probe_waive: *"),
        (["--aniva-probe-budget=0"], "--aniva-probe-budget: must be more than 0 seconds"),
        (["--aniva-probe-only=fault:x:y"], "--aniva-probe-only: 'fault:x:y': there is no kind 'fault'; did you mean *"),
    ],
)
def test_wrong_options(pytester: pytest.Pytester, options: list[str], said: str) -> None:
    """An option that cannot be meant ends the run before it begins, in a sentence."""
    result = pytester.runpytest_inprocess(*QUIET, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*ERROR: {said}"])


def test_without_value(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """--aniva-probe without a value does not take the path after it for one."""
    runs = write_conftest(pytester, monkeypatch, 'Planned("same")')
    pytester.makepyfile(test_a=TESTS, test_b="def test_b(aniva): pass")
    result = pytester.runpytest_inprocess(*QUIET, "--aniva-probe", "test_a.py")
    result.assert_outcomes(passed=2)
    assert len(read_runs(runs)["same"]) == 2


def test_nothing_without_options(pytester: pytest.Pytester) -> None:
    """A run without any of the options does not import what probes, whatever the ini key and the markers say."""
    pytester.makepyfile(
        f"""
        import sys
        import pytest

        @pytest.mark.aniva_probe(skip=["nothing"])
        def test_it(aniva):
            {GET}
            assert not [name for name in sys.modules if name.startswith("aniva_sandbox.testing.probing.i")]
            assert "aniva_sandbox.engine.evidence.probes.loop" not in sys.modules
        """
    )
    result = pytester.runpytest_subprocess(*QUIET, "--strict-markers", "-o", "aniva_probe_waive=nothing: at all")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*probe*")


def test_without_plugins_of_pytest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project may do without parts of pytest, whose options are then missing; what a probed run prints is not seen
    even where nothing captures."""
    runs = write_conftest(pytester, monkeypatch, 'Planned("same"), Planned("fails", "status=503")')
    pytester.makepyfile(f"def test_it(aniva):\n    print('PRINTED')\n    {GET}\n")
    parts = ("capture", "debugging", "logging", "setuponly", "skipping", "tmpdir", "warnings")
    result = probed(pytester, *(f"-pno:{part}" for part in parts))
    result.assert_outcomes(passed=1)
    assert [run["outcome"] for run in read_runs(runs)["fails"]] == ["failed"]
    assert result.stdout.str().count("PRINTED") == 1


@pytest.mark.parametrize("option", ["--collect-only", "--setup-only", "--setup-plan", "--fixtures"])
def test_runs_without_tests(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    """Where tests are not called, nothing is probed and nothing reported."""
    runs = write_conftest(pytester, monkeypatch, FOUND)
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_inprocess(*QUIET, "--aniva-probe", "--aniva-probe-report=json:probes.json", option)
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*probes =*")
    assert not runs.exists()
    assert not (pytester.path / "probes.json").exists()


MARKED = f"""
import pytest

@pytest.mark.aniva_probe(skip=["faults"], reason="it never fails")
def test_kind(aniva):
    {GET}

@pytest.mark.aniva_probe(skip=["503", "*dropped"], reason="it never fails")
class TestClass:
    @pytest.mark.aniva_probe(recovers=["429"])
    def test_ids(self, aniva):
        {GET}

@pytest.mark.aniva_probe(skip=["503"])
def test_no_reason(aniva):
    pass

@pytest.mark.aniva_probe(skip=["fault"], reason="it has a typo")
def test_no_kind(aniva):
    pass

@pytest.mark.aniva_probe(recovers=["drop-after"])
def test_no_fault(aniva):
    pass

@pytest.mark.aniva_probe(recover=["503"])
def test_no_part(aniva):
    pass

@pytest.mark.aniva_probe("503")
def test_no_name(aniva):
    pass

@pytest.mark.aniva_probe(recovers="503")
def test_no_list(aniva):
    pass

@pytest.mark.aniva_probe(skip=["503"], reason=3)
def test_no_text(aniva):
    pass
"""


def test_markers(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Markers of a test and its class leave out kinds, faults and ids, with a reason; what they claim is known to
    verdicts. A wrong one fails its test in a sentence."""
    changes = 'Planned("one:503"), Planned("is-dropped"), Planned(f"other-{sorted(context.recovers)}")'
    runs = write_conftest(pytester, monkeypatch, changes)
    pytester.makepyfile(MARKED)
    result = pytester.runpytest_inprocess(*QUIET, "--strict-markers", "--aniva-probe")
    result.assert_outcomes(passed=2, errors=7)
    said = [line for line in result.outlines if line.startswith("the marker aniva_probe: ")]
    assert [line.removeprefix("the marker aniva_probe: ") for line in said] == [
        "skip needs a reason",
        "skip: there is no kind 'fault'; did you mean faults?",
        "recovers: there is no fault 'drop-after'; did you mean drop=after?",
        "takes skip, recovers, reason by name, not recover; did you mean recovers?",
        "takes skip, recovers, reason by name, not '503'",
        "recovers must be a list of texts",
        "reason must be text",
    ]
    assert [id for id in read_runs(runs) if id != "clean"] == ["other-['429']"]
    result.stdout.fnmatch_lines(["faults *6 changes, 1 run*5 skipped*"])


def test_budget(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the budget, no further run begins; the rest of a test's changes is counted, other tests are listed. Their
    own runs are not affected."""
    more = """
from aniva_sandbox.testing.probing import probing

spent = iter([0, 0, 1, 2, 1e18, 1e18, 1e18])
probing.stopwatch = lambda: next(spent)
"""
    runs = write_conftest(pytester, monkeypatch, 'Planned("one"), Planned("two"), Planned("three")', more)
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess(*QUIET, "--aniva-probe-budget=60", "--aniva-probe-report=json:probes.json")
    result.assert_outcomes(passed=2)
    assert list(read_runs(runs)) == ["clean", "one", "two"]
    report = report_in(pytester.path / "probes.json")
    assert report["kinds"]["faults"]["left_out"] == 1  # type: ignore[index]
    result.stdout.fnmatch_lines(["not probed: *::test_two: the budget was spent before it"])


SUITE = f"""
import pytest

@pytest.mark.parametrize("number", range(6))
def test_it(aniva, number):
    {GET}

def test_fails(aniva):
    {GET.replace("200", "404")}

@pytest.mark.xdist_group("one")
def test_grouped(aniva):
    {GET}
"""


def test_workers(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reports of a run with several workers equal those of one without, byte for byte; so do ids with groups of
    xdist."""
    write_conftest(pytester, monkeypatch, FOUND)
    pytester.makepyfile(SUITE)
    for name, options in (("one", ()), ("many", ("-n", "2", "--dist=loadgroup"))):
        files = [f"--aniva-probe-report={kind}:{name}.{kind}" for kind in ("json", "md", "junit", "html")]
        run = pytester.runpytest_subprocess if options else pytester.runpytest_inprocess
        result = run(*QUIET, "--strict-markers", "--aniva-probe", *files, *options, "--aniva-cov")
        result.assert_outcomes(passed=7, failed=1)
        result.stdout.fnmatch_lines(["faults * 14 changes, 14 runs: 7 findings*", "not probed: *::test_fails: *"])
    for kind in ("json", "md", "junit", "html"):
        one, many = ((pytester.path / f"{name}.{kind}").read_bytes() for name in ("one", "many"))
        assert one == many


def test_not_probed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that cannot be probed are listed with the reason; those that are no concern of probes are not."""
    write_conftest(pytester, monkeypatch, 'Planned("same")')
    pytester.makepyfile(
        f"""
        import time

        import pytest
        from hypothesis import HealthCheck, given, settings, strategies

        def test_asks_late(request):
            aniva = request.getfixturevalue("aniva")
            {GET}

        @settings(max_examples=1, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
        @given(strategies.integers())
        def test_makes_up(aniva, number):
            {GET}

        def test_relies_on_the_clock(aniva):
            before = aniva.clock.now
            if not hasattr(time.sleep, "__self__"):  # virtual
                time.sleep(5)
            passed = aniva.clock.now - before
            assert passed.seconds == 0
            {GET}

        def test_makes_no_call(aniva):
            pass

        def test_is_no_concern():
            pass
        """
    )
    result = probed(pytester, "-p", "hypothesispytest")
    result.assert_outcomes(passed=5)
    assert [line.partition("::")[2] for line in result.outlines if line.startswith("not probed")] == [
        "test_asks_late: it asks for the fixture aniva only while it runs; name it among the arguments of the test",
        "test_makes_up: it makes up its inputs, so no run is like another",
        "test_relies_on_the_clock: it does not pass by itself: AssertionError: assert 5 == 0; " + VIRTUAL,
    ]
