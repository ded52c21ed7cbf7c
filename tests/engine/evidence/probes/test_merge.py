"""One report of many: whatever their order, and however they were divided."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniva_sandbox.engine.evidence.probes.files import read_report, write_report
from aniva_sandbox.engine.evidence.probes.report import (
    COUNTS,
    FOUND,
    KINDS,
    SEVERITY,
    Finding,
    ProbeReport,
    TestReport,
    merge,
    merge_reports,
)
from aniva_sandbox.engine.evidence.reports.values import SourceError
from tests.engine.evidence.probes.examples import ADDS, LONG, REPORT, TESTS, VERDICT_NAMES, finding, note, report_of

CALLS = ("faults:get_task#1:503", "faults:get_task#2:drop=after", "times:dst-start", "responses:get_task:title=null")
NAMES = ("test_a", "test_b[x:y]", "test_c", "test_ü")


@st.composite
def reports(draw: st.DrawFn, names: tuple[str, ...] = NAMES) -> list[TestReport]:
    """Reports of tests; of the same test, there may be several."""
    found = []
    for name in draw(st.lists(st.sampled_from(names), max_size=6)):
        findings = [
            finding(change, draw(st.sampled_from(VERDICT_NAMES)), name)
            for change in draw(st.lists(st.sampled_from(CALLS), unique=True))
        ]
        known = {each.change for each in findings}
        notes = [note("faults:get_task#1:429", "told", name)] if draw(st.booleans()) else []
        counts = draw(st.dictionaries(st.sampled_from(["changes", "runs", "pruned", "left_out"]), st.integers(0, 9)))
        skipped = draw(st.sampled_from(["", "", "not repeatable: it differs"])) if not known else ""
        items = tuple(draw(st.lists(st.sampled_from(["task.open refused", "task.form passed"]), unique=True)))
        found.append(
            report_of(name, *findings, *notes, skipped=skipped, noticed=items, rules=counts)
            if not skipped
            else report_of(name, skipped=skipped)
        )
    return found


@given(reports(), st.randoms(use_true_random=False))
def test_the_order_does_not_matter(given: list[TestReport], random: object) -> None:
    """Tests end in any order, and several may have one name: the report is the same, byte for byte."""
    shuffled = list(given)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert write_report(merge(shuffled)) == write_report(merge(given))


@given(st.lists(reports(), max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_runs_does_not_matter(given: list[list[TestReport]], random: object) -> None:
    """So it is with the reports of several runs, by way of JSON; and merging one with itself changes nothing."""
    parts = [merge(each) for each in given]
    expected = write_report(merge_reports(parts))
    shuffled = [read_report(write_report(part), "x") for part in [*parts, *parts]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert write_report(merge_reports(shuffled)) == expected
    assert write_report(merge_reports([read_report(expected, "x")])) == expected


@given(reports(names=("test_a", "test_b")), reports(names=("test_c", "test_d")))
def test_a_divided_suite_is_the_whole(one: list[TestReport], other: list[TestReport]) -> None:
    """Two runs of half the suite each give the report of one run."""
    assert write_report(merge_reports([merge(one), merge(other)])) == write_report(merge([*one, *other]))


@given(reports())
def test_counts_agree(given: list[TestReport]) -> None:
    """The counts of a kind are the sums of its tests', and findings are as many as are listed. They are sorted by
    severity, then by test."""
    report = merge(given)
    for kind, counts in report.kinds.items():
        assert tuple(counts) == COUNTS[kind]
        assert counts[FOUND[kind]] == sum(each.kind == kind for each in report.findings)
        for what, number in counts.items():
            assert number == sum(kinds.get(kind, {}).get(what, 0) for kinds in report.tests.values())
    order = [(SEVERITY[each.verdict], each.test) for each in report.findings]
    assert order == sorted(order)
    assert tuple(report.kinds) == KINDS


# Parts


def test_findings_keep_the_order_of_the_plan() -> None:
    """Of one test and verdict."""
    report = merge([report_of("a", *(finding(f"faults:x#{number}:503", "lost", "a") for number in (2, 1, 3)))])
    assert [each.change for each in report.findings] == ["x#2:503", "x#1:503", "x#3:503"]


def test_kinds_that_were_not_asked_for_are_left_out() -> None:
    """Those that were are there, even if nothing was to be probed."""
    assert list(merge([], ["rules", "faults"]).kinds) == ["faults", "rules"]
    assert merge([], ["rules"]).kinds == {"rules": dict.fromkeys(COUNTS["rules"], 0)}


def test_what_was_probed_most_counts() -> None:
    """Where two runs have the same test, the counts are those of the run that left out less; findings are those of
    both, each once, and a note gives way to a finding."""
    same = finding("faults:x#1:503", "lost", "a")
    short = report_of("a", same, finding("faults:x#2:503", "lost", "a"), faults={"changes": 7, "left_out": 7})
    whole = report_of("a", same, note("faults:x#2:503", "told", "a"), faults={"changes": 7, "runs": 7})
    report = merge_reports([merge([short]), merge([whole])])
    assert [each.change for each in report.findings] == ["x#1:503", "x#2:503"]
    assert report.notes == ()
    assert report.tests == {"a": {"faults": {"changes": 9, "runs": 9, "findings": 2, "told": 1}}}


def test_other_kinds_of_a_test_are_added() -> None:
    """A run of some kinds and a run of others are one of all."""
    one, other = finding("faults:x#1:503", "lost", "a"), finding("rules:x=off", "unnoticed", "a")
    report = merge_reports([merge([report_of("a", one)], ["faults"]), merge([report_of("a", other)], ["rules"])])
    assert list(report.kinds) == ["faults", "rules"]
    assert report.findings == (one, other)
    assert list(report.tests) == ["a"]


def test_who_noticed() -> None:
    """Items are sorted, and so are the tests that noticed."""
    assert list(REPORT.noticed.items()) == [("task.form refused", (ADDS,)), ("task.open refused", (ADDS, LONG))]


def test_tests_that_were_not_probed() -> None:
    """They are listed with the reason, and are not among the tests that were; a test that was in part is both."""
    part = report_of("b", skipped="the rest was too slow", faults={"changes": 1, "runs": 1})
    report = merge([report_of("c", skipped="not repeatable"), part, report_of("a")])
    assert [msgspec.structs.astuple(each) for each in report.skipped] == [
        ("b", "the rest was too slow"),
        ("c", "not repeatable"),
    ]
    assert report.tests == {"a": {}, "b": {"faults": {"changes": 1, "runs": 1}}}


def test_waivers_are_noted_in_findings() -> None:
    """By id, or by pattern; the counts stay."""
    waived = {each.id: each.waived for each in REPORT.findings if isinstance(each.waived, str)}
    assert sorted(waived.values()) == ["known, see #12", "the batch job may", "the batch job may"]
    assert all("get_task#2" in id for id, reason in waived.items() if reason == "the batch job may")
    assert REPORT.kinds == merge(TESTS).kinds
    again = merge_reports([REPORT], {f"times:{ADDS}:dst-start": "fixed next week"})
    assert sum(each.is_waived for each in again.findings) == 4


# JSON


def test_the_form_of_the_report() -> None:
    """The fields are in a fixed order; a finding has its waiver only if there is one."""
    found = msgspec.json.decode(write_report(REPORT))
    assert list(found) == ["version", "kinds", "findings", "notes", "skipped", "noticed", "tests"]
    assert found["version"] == 1
    assert found["kinds"]["rules"] == {
        "changes": 10,
        "runs": 10,
        "pruned": 0,
        "noticed": 8,
        "unnoticed": 2,
        "skipped": 0,
        "left_out": 0,
    }
    assert found["findings"][0] == {
        "id": f"faults:{ADDS}:create_task#1:drop=after",
        "kind": "faults",
        "verdict": "duplicate",
        "sentence": REPORT.findings[0].sentence,
        "test": ADDS,
        "operation": "create_task",
        "before": ["1 task for Jane at 2030-01-01 10:00"],
        "after": ["2 tasks for Jane at 2030-01-01 10:00"],
        "again": f"run --only 'faults:{ADDS}:create_task#1:drop=after'",
    }
    assert [each["waived"] for each in found["findings"] if "waived" in each] == [
        *("known, see #12", "the batch job may", "the batch job may")
    ]
    assert found["tests"]["test_c.py::test_sound"] == {
        "faults": {"changes": 4, "runs": 4},
        "rules": {"changes": 1, "runs": 1, "noticed": 1},
    }
    assert read_report(write_report(REPORT), "x") == REPORT


def changed(**fields: object) -> bytes:
    """A small report, with some fields changed."""
    report = merge([report_of("a", finding("faults:x#1:503", "lost", "a"), note("faults:x#2:503", "told", "a"))])
    return msgspec.json.encode(msgspec.to_builtins(report) | fields)


LOST: Finding = finding("faults:x#1:503", "lost", "a")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "x: is not valid JSON: "),
        (b"[]", "x: the whole: expected `object`, got `array`"),
        (changed(version=2), "x: version: expected `int` <= 1"),
        (changed(kinds={"odd": {}}), "x: kinds: invalid enum value 'odd'"),
        (
            changed(kinds={"faults": {"odd": 1}}),
            "x: kinds.faults: there is no count 'odd' here; was the report made by another version?",
        ),
        (changed(kinds={"faults": {"runs": -1}}), "x: kinds.faults.runs: -1 is negative"),
        (changed(tests={"a": {"rules": {"told": 1}}}), "x: tests['a'].rules: there is no count 'told' here"),
        (changed(tests={}), "x: findings[0].test: 'a' is not among the tests"),
        (changed(findings=[], tests={}), "x: notes[0].test: 'a' is not among the tests"),
        (
            changed(findings=[msgspec.structs.replace(LOST, kind="times")]),
            "x: findings[0].id: 'faults:a:x#1:503' does not begin with its kind and test",
        ),
        (
            changed(notes=[{"id": "odd:a:x", "note": "told", "sentence": "", "test": "a"}]),
            "x: notes[0].id: 'odd:a:x' does not begin with a kind and its test",
        ),
        (changed(findings=[{"id": "faults:a:x"}]), "x: findings[0]: object missing required field `kind`"),
    ],
)
def test_a_source_that_cannot_be_used(content: bytes, message: str) -> None:
    """The message names the source and the field."""
    with pytest.raises(SourceError) as caught:
        read_report(content, "x")
    assert str(caught.value).startswith(message)


def test_a_small_report_can_be_read() -> None:
    """The one that the others are made of."""
    assert isinstance(read_report(changed(), "x"), ProbeReport)
