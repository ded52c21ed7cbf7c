"""Strict mode in a suite that grew: the ini key, markers that add up, entries that nothing uses, and the calls."""

import pytest

from tests.support import APPOINTMENT, EMPTY_APPOINTMENT, PANEL
from tests.testing.common import QUIET
from tests.testing.partner_tests import passes

pytest_plugins = ["pytester"]

CALLS = f"""
import pytest

def draw(aniva):
    aniva.client.post("/api/v1/appointments/{EMPTY_APPOINTMENT}/confirm", json={{"barcode": "1"}})

def add_twice(aniva):
    for _ in range(2):
        aniva.client.post("/api/v1/appointments/{APPOINTMENT}/panels", json={{"panel_ids": ["{PANEL}"]}})

def get_nothing(aniva):
    aniva.client.get("/api/v1/nothing")
"""

UNUSED = "*is not used in this run*"


def write_ini(pytester: pytest.Pytester, *lines: str) -> None:
    """Write the ini key."""
    pytester.makeini("[pytest]\naniva_relies_on =\n" + "".join(f"    {line}\n" for line in lines))


# The calls


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_the_failure_shows_the_call(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """The failure of a test says which call relied on the rule, and how many more did, whatever was called later."""
    pytester.makepyfile(
        CALLS
        + """
def test_it(aniva):
    aniva.client.get("/api/v1/units")
    draw(aniva)
    get_nothing(aniva)
    for turn in range(20):
        aniva.client.get(f"/api/v1/profiles?limit={turn + 1}")
    get_nothing(aniva)
"""
    )
    run = pytester.runpytest_subprocess if workers else pytester.runpytest_inprocess
    result = run(*QUIET, *workers, "--aniva-strict")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "--aniva-strict: the test relied on confirm.empty (assumed): *",
            f"    #2 confirm_blood_draw  POST /api/v1/appointments/{EMPTY_APPOINTMENT}/confirm  200",
            "--aniva-strict: the test relied on http.not-found (assumed): *",
            "    #3 no operation  GET /api/v1/nothing  404 http.not-found (assumed), and 1 more",
            "To let tests rely on a rule, list it in relies_on of their marker, or in the ini key aniva_relies_on.",
            "*- Aniva sandbox -*",
            "#2 at *: confirm_blood_draw *",
            "#3 at *: no operation *",
        ]
    )


def test_a_call_that_the_journal_no_longer_has(pytester: pytest.Pytester) -> None:
    """A test that cleared its journal fails all the same, and the failure says why it cannot show the call."""
    result = passes(
        pytester,
        CALLS
        + """
def test_it(aniva):
    draw(aniva)
    aniva.reset()
""",
        "--aniva-strict",
        failed=1,
    )
    result.stdout.fnmatch_lines(["*relied on confirm.empty *", "    by a call that the journal no longer has"])


# Markers


def test_markers_add_up(pytester: pytest.Pytester) -> None:
    """A test may rely on the rules of its own marker, of its class's, of its module's and of the ini key."""
    write_ini(pytester, "body.unknown-field: we send more than the API reads")
    passes(
        pytester,
        CALLS
        + """
pytestmark = pytest.mark.aniva(relies_on=["http.not-found", "error.body/sentence"])

@pytest.mark.aniva(relies_on=("panels.add-twice",))
class TestIt:
    @pytest.mark.aniva(relies_on={"confirm.empty"}, clock="2026-04-13T09:00:00Z")
    def test_all(self, aniva):
        draw(aniva)
        add_twice(aniva)
        get_nothing(aniva)
        aniva.client.get("/api/v1/units?x=1")
        module = {"http.not-found", "error.body/sentence"}
        assert aniva.relies_on == {"body.unknown-field", "confirm.empty", "panels.add-twice", *module}

    def test_without_its_own(self, aniva):
        draw(aniva)

def test_outside_the_class(aniva):
    add_twice(aniva)
""",
        "--aniva-strict",
        passed=1,
        failed=2,
    )


def test_an_ini_key_is_enough(pytester: pytest.Pytester) -> None:
    """A rule with a reason in the ini key fails no test; the list of rules says that it is declared."""
    write_ini(pytester, "confirm.empty: our clinic draws first: the order follows")
    result = passes(
        pytester,
        CALLS
        + """
def test_drawn(aniva):
    draw(aniva)
""",
        "--aniva-strict",
    )
    result.stdout.fnmatch_lines(["confirm.empty (assumed): * [[]1 test, declared[]]"])
    result.stdout.no_fnmatch_line("*--aniva-strict fails*")
    result.stdout.no_fnmatch_line(UNUSED)


def test_the_list_counts_undeclared_tests(pytester: pytest.Pytester) -> None:
    """A rule that some tests may rely on, and others not, says how many must not."""
    result = passes(
        pytester,
        CALLS
        + """
@pytest.mark.aniva(relies_on=["confirm.empty"])
def test_declared(aniva):
    draw(aniva)

def test_undeclared(aniva):
    draw(aniva)
""",
        passed=2,
    )
    result.stdout.fnmatch_lines(["confirm.empty (assumed): * [[]2 tests, 1 undeclared[]]", "--aniva-strict fails*"])


# Entries that nothing uses


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_unused_entries_are_listed(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """An entry of the ini key, or of a marker, that no test of the run relied on is listed, and fails nothing; one that
    any of its tests used is not, also if that was in a fixture."""
    write_ini(pytester, "http.not-found: used", "error.body/sentence: used", "link.cancelled: not used")
    pytester.makepyfile(
        CALLS
        + """
@pytest.fixture
def late(aniva):
    yield
    draw(aniva)

@pytest.mark.aniva(relies_on=["panels.add-twice", "update.empty"])
class TestIt:
    def test_one(self, aniva):
        get_nothing(aniva)

    def test_other(self, aniva):
        add_twice(aniva)

@pytest.mark.aniva(relies_on=["confirm.empty", "link.cancelled"])
def test_late(late):
    pass

@pytest.mark.parametrize("is_drawn", [True, False])
@pytest.mark.aniva(relies_on=["confirm.empty", "update.empty"])
def test_each(aniva, is_drawn):
    if is_drawn:
        draw(aniva)
"""
    )
    run = pytester.runpytest_subprocess if workers else pytester.runpytest_inprocess
    result = run(*QUIET, *workers, "--aniva-strict")
    result.assert_outcomes(passed=5)
    name = "test_unused_entries_are_listed.py::test"
    assert [line for line in result.outlines if "not used" in line] == [
        f"link.cancelled is not used in this run: aniva_relies_on, the marker of {name}_late",
        f"update.empty is not used in this run: the marker of {name[:-4]}TestIt, the marker of {name}_each",
    ]


def test_unused_entries_of_tests_that_did_not_pass(pytester: pytest.Pytester) -> None:
    """Nothing is said of markers of tests that failed or were skipped: they may not have come that far."""
    result = passes(
        pytester,
        CALLS
        + """
@pytest.mark.aniva(relies_on=["confirm.empty"])
class TestIt:
    def test_failing(self, aniva):
        assert False

    def test_passing(self, aniva):
        pass

@pytest.mark.aniva(relies_on=["panels.add-twice"])
def test_skipped(aniva):
    pytest.skip("not today")

@pytest.fixture
def broken():
    raise RuntimeError

@pytest.mark.aniva(relies_on=["panels.add-twice"])
class TestNotRun:
    @pytest.mark.skip
    def test_marked(self, aniva):
        add_twice(aniva)

    def test_passing(self, aniva):
        pass

@pytest.mark.aniva(relies_on=["panels.add-twice"])
class TestNotSetUp:
    def test_broken(self, broken, aniva):
        add_twice(aniva)

    def test_passing(self, aniva):
        pass
""",
        failed=1,
        passed=3,
        skipped=2,
        errors=1,
    )
    result.stdout.no_fnmatch_line(UNUSED)


@pytest.mark.parametrize("options", [["-k", "drawn"], ["test_it.py::test_drawn"], ["--deselect", "test_it.py::test_b"]])
def test_a_part_of_a_suite(pytester: pytest.Pytester, options: list[str]) -> None:
    """In a run of selected tests, no entry of the ini key or of a marker is said to be unused: the other tests may use
    it."""
    write_ini(pytester, "confirm.empty: used", "http.not-found: used elsewhere")
    marked = "pytestmark = pytest.mark.aniva(relies_on=['error.body/sentence'])"
    pytester.makepyfile(
        test_it=f"{CALLS}\n{marked}\ndef test_drawn(aniva): draw(aniva)\ndef test_b(aniva): get_nothing(aniva)\n"
    )
    result = pytester.runpytest_inprocess(*QUIET, "--aniva-strict", *options)
    result.assert_outcomes(passed=1, deselected=0 if "::test_drawn" in options[0] else 1)
    result.stdout.no_fnmatch_line(UNUSED)


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_a_run_that_stops_early(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """In a run that a failure stopped, no entry is said to be unused: the tests after it may use it."""
    write_ini(pytester, "confirm.empty: used later")
    later = "".join(f"def test_c{each}(): pass\n" for each in range(5)) + "def test_d(aniva): draw(aniva)"
    pytester.makepyfile(f"{CALLS}\ndef test_a(aniva): pass\ndef test_b(aniva): assert False\n{later}")
    run = pytester.runpytest_subprocess if workers else pytester.runpytest_inprocess
    result = run(*QUIET, *workers, "--maxfail=1")
    assert result.ret in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
    result.stdout.no_fnmatch_line(UNUSED)


def test_a_run_without_the_sandbox_says_nothing(pytester: pytest.Pytester) -> None:
    """A run in which no test uses the fixture lists no entry."""
    write_ini(pytester, "confirm.empty: used elsewhere", "nothing.known: not looked at")
    result = passes(pytester, "def test_it(): pass")
    result.stdout.no_fnmatch_line("*Aniva sandbox*")


def test_the_list_of_unused_entries_is_bounded(pytester: pytest.Pytester) -> None:
    """A rule that many markers list names the first of them."""
    result = passes(
        pytester,
        "import pytest\n"
        + "".join(
            f"@pytest.mark.aniva(relies_on=['confirm.empty'])\ndef test_{number}(aniva): pass\n" for number in range(5)
        ),
        passed=5,
    )
    result.stdout.fnmatch_lines(["confirm.empty is not used in this run: *_0, *_1, *_2, ... and 2 more"])


# Wrong entries


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("confirm.empty", "(confirm.empty): must be a rule and the reason*"),
        ("confirm.empty:", "(confirm.empty:): must be a rule and the reason*"),
        (": why", "(: why): must be a rule and the reason*"),
        ("http.method: again", "(http.method: again): http.method already has an entry"),
        ("confirm.emty: why", "(confirm.emty: why): there is no rule confirm.emty; did you mean confirm.empty[?]"),
        ("x: " + "why " * 50, "(x: why *...): there is no rule x"),
    ],
)
def test_wrong_lines(pytester: pytest.Pytester, line: str, says: str) -> None:
    """A line that cannot be meant is a usage error that names it, before any test runs."""
    write_ini(pytester, "http.method: why", line)
    pytester.makepyfile("def test_it(aniva): pass")
    result = pytester.runpytest_inprocess(*QUIET)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: aniva_relies_on, line 2 {says}"])
    result.stdout.no_fnmatch_line("*test_wrong_lines.py*")


def test_unknown_rules_under_xdist(pytester: pytest.Pytester) -> None:
    """Under xdist each test that uses the fixture says which line is wrong; the others run."""
    write_ini(pytester, "confirm.emty: why")
    pytester.makepyfile("def test_it(aniva): pass\ndef test_other(): pass")
    result = pytester.runpytest_subprocess(*QUIET, "-n", "2")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["aniva: aniva_relies_on, line 1 (confirm.emty: why): there is no rule *"])


def test_clauses_are_rules(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The id of a clause is the id of a rule."""
    from aniva_sandbox.api.control import CONTROL

    ledger = CONTROL.ledger
    clause = ledger["confirm.draw"].clause("kept", "A sentence.")
    monkeypatch.setitem(ledger._rules, clause.id, clause)
    write_ini(pytester, "confirm.draw/kept: why")
    result = passes(
        pytester,
        """
        import pytest

        @pytest.mark.aniva(relies_on=["confirm.draw/kept"])
        def test_it(aniva):
            assert aniva.relies_on == {"confirm.draw/kept"}
        """,
    )
    result.stdout.fnmatch_lines(["confirm.draw/kept is not used in this run: aniva_relies_on, the marker of *"])
