"""The pytest plugin's marker and options, taken and refused."""

import pytest

from tests.testing.common import QUIET
from tests.testing.partner_tests import passes

pytest_plugins = ["pytester"]


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


WRONG_MARKERS = [
    ("clock='soon'", "*aniva: *instant*"),
    ("clock=__import__('datetime').datetime(2026, 5, 1)", "*aniva: clock must be *instant*"),
    ("clock=__import__('datetime').date(2026, 5, 1)", "*aniva: clock must be of type str*"),
    ("clock=5", "*aniva: clock must be of type str*"),
    ("clock='1899-12-31T23:59:59Z'", "*aniva: clock must be *of the years 1900 to 9000*"),
    ("world='nothing'", "aniva: nothing: there is no such fixture; use one of default, *"),
    ("world='missing.yaml'", "aniva: */missing.yaml: cannot be read: *"),
    ("world=5", "*aniva: world must be of type str*"),
    ("settings={'taken_slots': 'maybe'}", "*aniva: settings: *"),
    ("settings={'colour': 'red'}", "*aniva: settings: colour is not known*"),
    ("settings=None", "*aniva: settings must be of type dict*"),
    ("relies_on='confirm.empty'", "*aniva: relies_on must be of type list*"),
    ("hints='none'", "*aniva: hints must be one of show, error, off*"),
    ("hints=None", "*aniva: hints must be of type str*"),
    ("seed='x'", "*aniva: seed must be of type int*"),
    ("seed=-1", "*aniva: seed must be at least 0*"),
    ("weather='fine'", "the marker aniva takes world, *, relies_on, hints by name, not weather"),
    ("'default'", "the marker aniva takes world, clock, seed, settings, relies_on, hints by name, not default"),
]
"""What stands in a marker, and what is said of it."""


def test_wrong_markers(pytester: pytest.Pytester) -> None:
    """A marker that cannot be meant is an error of its test, in one line that says what is wrong; other tests run."""
    wrong = "".join(
        f"@pytest.mark.aniva({mark})\ndef test_wrong_{number}(aniva):\n    pass\n\n"
        for number, (mark, _) in enumerate(WRONG_MARKERS)
    )
    right = "def test_right(aniva):\n    aniva.client.get('/api/v1/units')\n"
    result = passes(pytester, f"import pytest\n\n{wrong}{right}", passed=1, errors=len(WRONG_MARKERS))
    told = str(result.stdout).split(" ERROR at setup of ")[1:]
    assert len(told) == len(WRONG_MARKERS)
    for of_test, (_, says) in zip(told, WRONG_MARKERS, strict=True):
        pytest.LineMatcher(of_test.splitlines()).fnmatch_lines([f"*{says}"])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--aniva-clock", "soon"], "*aniva: *instant*"),
        (["--aniva-world", "nothing"], "aniva: nothing: there is no such fixture; use one of default, *"),
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
        ["Aniva sandbox:", *(f"*--aniva-{name}*" for name in ("world", "clock", "seed", "hints")), "*aniva_relies_on*"]
    )
    pytester.runpytest_inprocess(*QUIET, "--markers").stdout.fnmatch_lines(["@pytest.mark.aniva(world=*clock=*seed=*"])
    pytester.runpytest_inprocess(*QUIET, "--fixtures").stdout.fnmatch_lines(["aniva*", "*fresh world of the sandbox*"])
