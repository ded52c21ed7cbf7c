"""Hints in pytest: in the hands of a test, at the end of the run, and as failures."""

import pytest

from aniva_sandbox.testing import Aniva, Hint
from aniva_sandbox.testing.summary import HINTS_SHOWN
from tests.support import APPOINTMENT, UNKNOWN
from tests.testing.common import QUIET
from tests.testing.partner_tests import passes

pytest_plugins = ["pytester"]

X = "the query parameter 'x' is not read by list_units; known names: none"
OTHER = f"the path: {APPOINTMENT} is the id of an appointment; the id of a profile was expected"

HINTED = f"""
import pytest

def test_two_fields(aniva):
    for _ in range(3):
        aniva.client.get("/api/v1/units?x=1")
    aniva.client.get("/api/v1/profiles/{APPOINTMENT}")

def test_the_same_again(aniva):
    aniva.client.get("/api/v1/units?x=1")

def test_none(aniva):
    aniva.client.get("/api/v1/units")
"""


def test_hints_of_a_test(aniva: Aniva) -> None:
    """A test has the hints of its calls in order, each with its call, field and text; a reset clears them."""
    aniva.client.get("/api/v1/units")
    assert aniva.hints == []
    aniva.client.get("/api/v1/units?x=1")
    aniva.client.get(f"/api/v1/profiles/{APPOINTMENT}")
    assert aniva.hints == [Hint(2, "list_units", "x", X), Hint(3, "get_profile", "", OTHER)]
    assert [hint.text for hint in aniva.hints] == [text for call in aniva.calls() for text in call.hints]
    assert str(aniva.hints[0]) == f"#2 list_units: {X}"
    aniva.reset()
    assert aniva.hints == []


def test_hints_show_no_key(aniva: Aniva) -> None:
    """A key that was sent where no key is expected is hidden, as in the journal."""
    aniva.client.get(f"/api/v1/units?{aniva.api_key}=1")
    (hint,) = aniva.hints
    assert (hint.field, aniva.calls().last.hints) == ("[hidden]", [hint.text])


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        (Hint(1, "list_profiles", "limit", "limit is deprecated"), "#1 list_profiles: limit is deprecated"),
        (Hint(1, "list_profiles", "limit", "there may be more"), "#1 list_profiles: limit: there may be more"),
        (Hint(1, None, "", "no operation has this path"), "#1 no operation: no operation has this path"),
    ],
)
def test_a_hint_names_its_field(hint: Hint, told: str) -> None:
    """A hint in a line names the call, and the field once."""
    assert str(hint) == told


def test_hints_that_were_withdrawn(aniva: Aniva) -> None:
    """Hints are read when they are asked for, so that what a later call withdraws is gone."""
    aniva.client.get("/api/v1/units?x=1")
    world = aniva._server.worlds.get(aniva.world)
    assert world is not None
    world.journal[0].trace.hints = ()
    assert aniva.hints == []


# The section


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_hints_are_listed(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """At the end of a run in which all is green, the hints are listed by test and field; equal ones once, counted."""
    pytester.makepyfile(HINTED)
    run = pytester.runpytest_subprocess if workers else pytester.runpytest_inprocess
    result = run(*QUIET, *workers)
    result.assert_outcomes(passed=3)
    lines = result.outlines[next(i for i, line in enumerate(result.outlines) if "Aniva sandbox: hints" in line) + 1 :]
    assert lines[:5] == [
        "test_hints_are_listed.py::test_the_same_again",
        f"    {X} [list_units × 4, 2 tests]",
        "test_hints_are_listed.py::test_two_fields",
        f"    {OTHER} [get_profile]",
        "--aniva-hints=error fails the tests that get them, and shows the calls.",
    ]


def test_hints_of_fixtures_are_listed(pytester: pytest.Pytester) -> None:
    """What a fixture earned before or after the test is listed, too, and what a failed set-up did."""
    result = passes(
        pytester,
        """
        import pytest

        @pytest.fixture
        def around(aniva):
            aniva.client.get("/api/v1/units?before=1")
            yield
            aniva.client.get("/api/v1/units?after=1")

        @pytest.fixture
        def broken(aniva):
            aniva.client.get("/api/v1/units?broken=1")
            raise RuntimeError

        def test_around(around):
            pass

        def test_broken(broken):
            pass
        """,
        passed=1,
        errors=1,
    )
    result.stdout.fnmatch_lines(
        [
            "*Aniva sandbox: hints*",
            "test_hints_of_fixtures_are_listed.py::test_around",
            "    the query parameter 'after' *",
            "    the query parameter 'before' *",
            "test_hints_of_fixtures_are_listed.py::test_broken",
            "    the query parameter 'broken' *",
        ]
    )


def test_the_list_is_bounded(pytester: pytest.Pytester) -> None:
    """Of very many hints the first are listed, and the number of the others."""
    result = passes(
        pytester,
        """
        import pytest

        @pytest.mark.parametrize("turn", range(10, 90))
        def test_it(aniva, turn):
            aniva.client.get(f"/api/v1/units?x{turn}=1")
        """,
        passed=80,
    )
    listed = [line for line in result.outlines if line.startswith(("test_the_list_is_bounded.py::", "    "))]
    assert len(listed) == HINTS_SHOWN
    assert listed[-2].endswith("test_it[34]")
    result.stdout.fnmatch_lines(["... and 55 more", "--aniva-hints=error fails *"])


def test_a_test_is_not_named_without_a_hint(pytester: pytest.Pytester) -> None:
    """Where the list ends, no test is named whose hints have no room."""
    result = passes(
        pytester,
        """
        def test_first(aniva):
            for turn in range(10, 58):
                aniva.client.get(f"/api/v1/units?x{turn}=1")

        def test_second(aniva):
            aniva.client.get("/api/v1/units?a=1")
        """,
        passed=2,
    )
    assert "::test_second" not in result.stdout.str()
    result.stdout.fnmatch_lines(["... and 1 more"])


def test_hints_can_be_off(pytester: pytest.Pytester) -> None:
    """With the option there is no section, and no test fails; neither is there without hints."""
    result = passes(pytester, HINTED, "--aniva-hints=off", passed=3)
    result.stdout.no_fnmatch_line("*Aniva sandbox: hints*")
    result = passes(pytester, HINTED, "-k", "none", passed=1)
    result.stdout.no_fnmatch_line("*Aniva sandbox: hints*")


# As failures


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_hints_as_errors(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """With the option a test that earned a hint fails, and shows the text and the call; one without hints passes."""
    pytester.makepyfile(HINTED)
    run = pytester.runpytest_subprocess if workers else pytester.runpytest_inprocess
    result = run(*QUIET, *workers, "--aniva-hints=error")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*_ test_two_fields _*",
            f"--aniva-hints=error: {X}",
            "    #1 list_units  GET /api/v1/units?x=1  200, and 2 more",
            f"--aniva-hints=error: {OTHER}",
            f"    #4 get_profile  GET /api/v1/profiles/{APPOINTMENT}  404 path.unknown (documented)",
        ]
    )


def test_a_failed_test_shows_its_hints_too(pytester: pytest.Pytester) -> None:
    """A test that fails by itself has the hints next to its own words."""
    result = passes(
        pytester,
        """
        def test_it(aniva):
            aniva.client.get("/api/v1/units?x=1")
            assert 1 == 2
        """,
        "--aniva-hints=error",
        failed=1,
    )
    result.stdout.fnmatch_lines(["E*assert 1 == 2", f"E*--aniva-hints=error: {X}", "E * #1 list_units *"])


def test_late_hints_as_errors(pytester: pytest.Pytester) -> None:
    """A hint that a fixture earned after the test is an error of the test's end; one that failed the test is not told
    again."""
    result = passes(
        pytester,
        """
        import pytest

        @pytest.fixture
        def late(aniva):
            yield
            aniva.client.get("/api/v1/units?late=1")

        def test_late(late):
            pass

        def test_both(aniva, late):
            aniva.client.get("/api/v1/units?x=1")
        """,
        "--aniva-hints=error",
        passed=1,
        failed=1,
        errors=2,
    )
    told = [line for line in result.stdout.lines if f"--aniva-hints=error: {X}" in line]
    assert [line for line in told if not line.startswith("FAILED")] == [f"--aniva-hints=error: {X}"]


def test_a_test_that_is_run_again(pytester: pytest.Pytester) -> None:
    """A test that a plugin runs again fails again, for the same hints."""
    pytester.makeconftest(
        """
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            for _ in range(2):
                item._initrequest()
                for report in runtestprotocol(item, nextitem=nextitem, log=False):
                    item.ihook.pytest_runtest_logreport(report=report)
            return True
        """
    )
    passes(pytester, "def test_it(aniva): aniva.client.get('/api/v1/units?x=1')", "--aniva-hints=error", failed=2)


def test_expected_failures_are_left_alone(pytester: pytest.Pytester) -> None:
    """A test that is expected to fail, and does, or that is skipped on its way, is not failed for what it met, nor is
    its end."""
    passes(
        pytester,
        f"""
        import pytest

        @pytest.mark.xfail(strict=True)
        def test_it(aniva):
            assert aniva.client.get("/api/v1/profiles/{APPOINTMENT}").status_code == 200

        @pytest.mark.parametrize("stop", [pytest.xfail, pytest.skip])
        def test_stopping(aniva, stop):
            aniva.client.get("/api/v1/profiles/{APPOINTMENT}?x=1")
            stop("not today")
        """,
        *("--aniva-hints=error", "--aniva-strict"),
        xfailed=2,
        skipped=1,
    )


def test_a_test_that_its_set_up_skips(pytester: pytest.Pytester) -> None:
    """A fixture may call the sandbox and then skip the test: it did not run, so its end is no error."""
    passes(
        pytester,
        """
        import pytest

        @pytest.fixture
        def prepared(aniva):
            aniva.client.get("/api/v1/units?x=1")
            pytest.skip("not today")

        def test_it(prepared):
            pass
        """,
        *("--aniva-hints=error", "--aniva-strict"),
        skipped=1,
    )


def test_a_marker_decides_for_its_test(pytester: pytest.Pytester) -> None:
    """A test that makes a mistake on purpose says so; the nearest marker takes precedence over the option."""
    source = """
        import pytest
        pytestmark = pytest.mark.aniva(hints=MODULE)

        @pytest.mark.aniva(hints=TEST)
        def test_near(aniva):
            aniva.client.get("/api/v1/units?near=1")

        def test_far(aniva):
            aniva.client.get("/api/v1/units?far=1")
        """
    near, far = source.replace("MODULE", "'error'"), source.replace("MODULE", "'off'")
    result = passes(pytester, near.replace("TEST", "'show'"), passed=1, failed=1)
    result.stdout.fnmatch_lines(["*_ test_far _*", "*::test_far", "*::test_near", "    the query parameter 'near' *"])
    result = passes(pytester, far.replace("TEST", "'error'"), "--aniva-hints=show", passed=1, failed=1)
    result.stdout.fnmatch_lines(["*_ test_near _*"])
    result.stdout.no_fnmatch_line("*'far'*")


def test_unknown_choices_are_refused(pytester: pytest.Pytester) -> None:
    """The option takes one of its choices."""
    pytester.makepyfile("def test_it(aniva): pass")
    result = pytester.runpytest_inprocess(*QUIET, "--aniva-hints=none")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--aniva-hints*invalid choice: 'none'*"])


def test_hints_of_a_call_that_a_reset_cleared(pytester: pytest.Pytester) -> None:
    """A reset clears the journal, and with it the hints: they do not fail the test."""
    passes(
        pytester,
        f"""
        def test_it(aniva):
            aniva.client.get("/api/v1/units?x=1")
            aniva.reset()
            aniva.client.get("/api/v1/profiles/{UNKNOWN}")
        """,
        "--aniva-hints=error",
    )
