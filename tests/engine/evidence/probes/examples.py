"""Reports on probes to be shown: findings of every verdict, notes, waivers, tests that were not probed."""

from typing import Any, get_args

from aniva_sandbox.engine.evidence.probes.report import (
    FOUND,
    Finding,
    KindName,
    Note,
    NoteName,
    ProbeReport,
    TestReport,
    Verdict,
    kind_of,
    merge,
)

NASTY = "test_x.py::test[<script>alert('1')</script>&amp;`|`]"
"""The name of a test that would be markup everywhere."""
OF_NOTE = {"told": "told", "fixed-dates": "fixed_dates", "fixed-value": "fixed_values", "waits": "waits"}
VERDICT_NAMES: tuple[Verdict, ...] = get_args(Verdict)


def finding(change: str, verdict: Verdict, test: str = "test_a.py::test_adds", **more: Any) -> Finding:
    """A finding of ``KIND:CHANGE``."""
    kind, _, rest = change.partition(":")
    id = f"{kind}:{test}:{rest}"
    values: dict[str, Any] = {
        "sentence": f"{rest} ended {verdict}",
        "operation": rest.partition("#")[0] if "#" in rest else "",
        "before": (),
        "after": (),
        "again": f"run --only '{id}'",
    }
    return Finding(id=id, kind=kind_of(id), verdict=verdict, test=test, **(values | more))


def note(change: str, name: NoteName, test: str = "test_a.py::test_adds") -> Note:
    """A note on ``KIND:CHANGE``."""
    kind, _, rest = change.partition(":")
    return Note(id=f"{kind}:{test}:{rest}", note=name, sentence=f"ended by {name}", test=test)


def report_of(
    test: str, *found: Finding | Note, skipped: str = "", noticed: tuple[str, ...] = (), **counts: dict[str, int]
) -> TestReport:
    """The report of a test, with counts that agree with what was found; ``counts`` are others by kind."""
    report = TestReport(test=test, skipped=skipped, noticed=list(noticed))
    for each in found:
        kind: KindName = kind_of(each.id)
        for what in ("changes", "runs", FOUND[kind] if isinstance(each, Finding) else OF_NOTE[each.note]):
            report.count(kind, what)
        (report.findings if isinstance(each, Finding) else report.notes).append(each)  # type: ignore[arg-type]
    for name, more in counts.items():
        for what, number in more.items():
            report.count(kind_of(name), what, number)
    return report


ADDS = "test_a.py::test_adds"
LONG = "test_b.py::TestTasks::test_lists_what_is_there[Europe/Helsinki-with a very long name for its parameters]"
TWO = {"before": ("1 task for Jane at 2030-01-01 10:00",), "after": ("2 tasks for Jane at 2030-01-01 10:00",)}
DUPLICATE = "create_task took effect, its response was lost, the client repeated it: 2 tasks, the clean run has 1"
TESTS = [
    report_of(
        ADDS,
        finding("faults:create_task#1:drop=after", "duplicate", sentence=DUPLICATE, **TWO),
        finding("faults:create_task#1:truncate", "duplicate", sentence=DUPLICATE, **TWO),
        finding("faults:create_task#1:malformed", "duplicate", sentence=DUPLICATE, **TWO),
        finding("faults:get_task#2:503-always", "hammering", sentence="get_task was repeated 24 times"),
        finding("faults:get_task#2:429", "impatient", sentence="get_task came again after 1 s, before 10 s were over"),
        finding("times:dst-start", "dated", sentence="the test fails at 2030-03-31 00:59: AssertionError: 3 != 2"),
        note("faults:get_task#1:503", "told"),
        note("faults:get_task#1:drop=before", "told"),
        note("times:year-end", "fixed-dates"),
        note("responses:get_task:title=null", "fixed-value"),
        faults={"changes": 9, "pruned": 6, "left_out": 3},
        rules={"changes": 5, "runs": 5, "noticed": 5},
        noticed=("task.open refused", "task.form refused"),
    ),
    report_of(
        LONG,
        finding("rules:task.open=off", "unnoticed", LONG, sentence="it passes although task.open refuses nothing"),
        finding("rules:task.due+1", "unnoticed", LONG, sentence="it passes although task.due is one hour later"),
        finding("responses:list_tasks:$[]+plain", "brittle", LONG, sentence="an unknown field ends the client"),
        rules={"changes": 2, "runs": 2, "noticed": 2},
        noticed=("task.open refused",),
    ),
    report_of(
        NASTY,
        finding("faults:create_task#1:503", "swallowed", NASTY, before=("<b>1</b> `x` | y",), sentence="<i>no</i>"),
        finding("faults:create_task#2:503", "lost", NASTY, before=("1 task",)),
        finding("faults:create_task#3:503", "unrecovered", NASTY),
        finding("faults:create_task#4:503-always", "stuck", NASTY),
    ),
    report_of("test_c.py::test_sound", faults={"changes": 4, "runs": 4}, rules={"changes": 1, "runs": 1, "noticed": 1}),
    report_of("test_c.py::test_late", faults={"changes": 4, "left_out": 4}),
    report_of("test_c.py::test_random", skipped="not repeatable: get_task#1 was sent with <other> values"),
]
WAIVERS = {"faults:*:get_task#2:*": "the batch job may", f"faults:{NASTY}:create_task#4:503-always": "known, see #12"}
REPORT: ProbeReport = merge(TESTS, waivers=WAIVERS)
