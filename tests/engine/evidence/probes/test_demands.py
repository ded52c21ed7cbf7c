"""Waivers of findings: how they are written, what they match, and when they fail a run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniva_sandbox.engine.evidence.probes.demands import failing, parse_waivers, problems
from aniva_sandbox.engine.evidence.probes.patterns import find_reason, is_match, may_begin
from aniva_sandbox.engine.evidence.probes.report import ProbeReport, TestReport, merge
from aniva_sandbox.engine.evidence.reports.waivers import DemandError
from tests.engine.evidence.probes.examples import REPORT, finding, report_of

EXAMPLE = "faults:test_tasks.py::test_adds:create_task#1:drop=after: the reason"

# Writing


@pytest.mark.parametrize(
    ("line", "id", "reason"),
    [
        ("faults:t.py::test_a:get#1:503: no retries", "faults:t.py::test_a:get#1:503", "no retries"),
        ("  rules:t.py::test_a:task.open=off:   ours: later  ", "rules:t.py::test_a:task.open=off", "ours: later"),
        ("faults:t.py::T::test[a: b]:get#1:503: see: 12", "faults:t.py::T::test[a: b]:get#1:503", "see: 12"),
        ("faults:t.py::test[New York]:get#1:503: no", "faults:t.py::test[New York]:get#1:503", "no"),
        ("faults:t.py::test[a[: b]:get#1:503: no", "faults:t.py::test[a[: b]:get#1:503", "no"),
        ("responses:t:list:$[]+plain: no", "responses:t:list:$[]+plain", "no"),
        ("times:npm run a: b:dst-start: x", "times:npm run a: b:dst-start", "x"),
        ("faults:*: we do not retry", "faults:*", "we do not retry"),
        ("*: nothing counts", "*", "nothing counts"),
        ("*:test_a[New York]*: flaky: see 12", "*:test_a[New York]*", "flaky: see 12"),
        ("rules:test a b*: x", "rules:test a b*", "x"),
    ],
)
def test_waivers_are_read(line: str, id: str, reason: str) -> None:
    """An id ends at the colon with a space after it, which may be in a test's name too."""
    assert parse_waivers([line]) == {id: reason}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["faults:a:x#1:503"], f"'faults:a:x#1:503': write the id of a finding and the reason, such as {EXAMPLE!r}"),
        (["faults:a:x#1:503:"], f"'faults:a:x#1:503:': write the id of a finding and the reason, such as {EXAMPLE!r}"),
        ([": why"], f"': why': write the id of a finding and the reason, such as {EXAMPLE!r}"),
        (["faults:a:x: one", "faults:a:x: two"], "'faults:a:x: two': faults:a:x is waived twice"),
        (["fault:a:x#1:503: no"], "'fault:a:x#1:503': there is no kind 'fault'; did you mean faults?"),
        (["odd*: no"], "'odd*': there is no kind 'odd*'"),
        (["faults: no"], "'faults': write the id of a finding, or a pattern such as faults:*"),
    ],
)
def test_waivers_that_cannot_be_read(lines: list[str], message: str) -> None:
    """The message names the line, or the id, and what is wrong with it."""
    with pytest.raises(DemandError) as caught:
        parse_waivers(lines)
    assert str(caught.value) == message


def test_waivers_are_in_their_order() -> None:
    """Several lines, whose ids differ."""
    assert list(parse_waivers(["rules:b:x: 1", "faults:a:*: 2", "faults:a:x: 3"])) == [
        *("rules:b:x", "faults:a:*", "faults:a:x")
    ]


# Patterns


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("faults:a:x", "faults:a:x", True),
        ("faults:a:x", "faults:a:xy", False),
        ("faults:a*:x", "faults:a[1]:x", True),
        ("faults:a[1]:x", "faults:a[1]:x", True),
        ("faults:a[1]:x", "faults:a1:x", False),
        ("faults:a?*", "faults:a?b", True),
        ("faults:a?*", "faults:abc", False),
        ("*503", "faults:a\nb:x#1:503", True),
        ("faults:**:503", "faults:a:503", True),
    ],
)
def test_patterns(pattern: str, text: str, matches: bool) -> None:
    """Only an asterisk is special; the whole text is matched."""
    assert is_match(pattern, text) is matches


@given(st.text("ab:*[", max_size=6), st.text("ab:[", max_size=6), st.text("ab:[", max_size=4))
def test_what_matches_a_text_may_match_its_beginning(pattern: str, start: str, rest: str) -> None:
    """No text is matched whose beginning is said not to be."""
    assert is_match(pattern, start + rest) <= may_begin(pattern, start)


@pytest.mark.parametrize(
    ("pattern", "start"), [("faults:a:x", "faults:b:"), ("f*s:x", "rules:"), ("faults", "faults:")]
)
def test_what_cannot_begin_so(pattern: str, start: str) -> None:
    """A pattern that begins otherwise, or ends before."""
    assert not may_begin(pattern, start)


def test_the_reason_is_that_of_the_closest_waiver() -> None:
    """The id itself, then the longest pattern; whatever their order."""
    waivers = {"faults:*": "any", "faults:a:*": "of a", "faults:a:x": "x"}
    for ordered in (waivers, dict(reversed(waivers.items()))):
        assert [find_reason(id, ordered) for id in ("faults:a:x", "faults:a:y", "faults:b:x", "rules:a:x")] == [
            *("x", "of a", "any", None)
        ]


# Judging


def run(*tests: TestReport, waivers: dict[str, str]) -> ProbeReport:
    """The report of a run."""
    return merge(tests, waivers=waivers)


ONE = report_of("t.py::test_a", finding("faults:get_task#1:503", "lost", "t.py::test_a"))
LINE = "the waiver {!r} is not needed: it matches no finding"


def test_findings_that_are_not_waived_fail() -> None:
    """Waived ones do not, whatever their verdict."""
    assert len(failing(REPORT)) == len(REPORT.findings) - 3
    assert not any(each.is_waived for each in failing(REPORT))
    assert failing(run(ONE, waivers={"faults:*": "no"})) == ()


def test_waivers_that_are_needed() -> None:
    """An id or a pattern that matches a finding, even if another waiver does too."""
    waivers = {"faults:t.py::test_a:get_task#1:503": "x", "faults:*": "y", "*": "z"}
    assert problems(run(ONE, waivers=waivers), waivers) == []


@pytest.mark.parametrize(
    ("waiver", "suggestion"),
    [
        ("faults:t.py::test_a:get_task#2:503", "; did you mean faults:t.py::test_a:get_task#1:503?"),
        ("faults:t.py::test_b:get_task#1:503", "; did you mean faults:t.py::test_a:get_task#1:503?"),
        ("rules:other", ""),
        ("*:drop_task#*", ""),
    ],
)
def test_waivers_that_are_not_needed(waiver: str, suggestion: str) -> None:
    """They fail the run, with the finding that was meant, perhaps."""
    waivers = {waiver: "x"}
    assert problems(run(ONE, waivers=waivers), waivers) == [LINE.format(waiver) + suggestion]
    assert problems(run(ONE, waivers=waivers), waivers, is_whole=False) == []


def test_a_budget_excuses_waivers() -> None:
    """Those of a kind of which changes were left out, and no others."""
    report = run(ONE, report_of("b", faults={"changes": 1, "left_out": 1}), waivers={})
    waivers = {"faults:t.py::test_c:x": "x", "rules:t.py::test_c:x": "y", "*:test_c:x": "z"}
    assert problems(report, waivers) == [LINE.format("rules:t.py::test_c:x")]


def test_a_kind_that_was_not_run_excuses_its_waivers() -> None:
    """A pattern of several kinds is excused by any of them."""
    report = merge([ONE], ["faults"])
    waivers = {"rules:a:x": "x", "*:test_c": "y", "faults:a:x": "z"}
    assert problems(report, waivers) == [LINE.format("faults:a:x")]


def test_a_test_that_was_skipped_excuses_its_waivers() -> None:
    """Exact ones, and patterns that might match; those of other tests are not needed all the same."""
    report = run(ONE, report_of("t.py::test_b[x]", skipped="not repeatable"), waivers={})
    waivers = {
        "faults:t.py::test_b[x]:get#1:503": "a",
        "faults:t.py::test_b*:get#1:503": "b",
        "*drop=after": "c",
        "faults:t.py::test_bx:get#1:503": "d",
        "rules:t.py::test_c*": "e",
    }
    found = problems(report, waivers)
    assert [each.partition(" is not")[0] for each in found] == [
        "the waiver 'faults:t.py::test_bx:get#1:503'",
        "the waiver 'rules:t.py::test_c*'",
    ]
