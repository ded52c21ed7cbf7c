"""The loop of the probes of one test: clean runs, the plan, a run for each change, the verdicts."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Final, Protocol

from aniva_sandbox.engine.evidence.probes import faults, responses, rules, times
from aniva_sandbox.engine.evidence.probes.change import Change, Context, Judgement
from aniva_sandbox.engine.evidence.probes.held import difference_of_runs
from aniva_sandbox.engine.evidence.probes.patterns import is_match
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.report import FOUND, KINDS, Finding, KindName, Note, TestReport
from aniva_sandbox.engine.evidence.probes.run import Run

__all__ = [
    "Interrupted",
    "Subject",
    "Unrepeatable",
    "full_id",
    "judge_one",
    "plan_changes",
    "probe_subject",
    "run_clean",
]

PLANS: Final[Mapping[KindName, Callable[[Run, Context], list[Change]]]] = {
    "faults": faults.plan,
    "times": times.plan,
    "responses": responses.plan,
    "rules": rules.plan,
}


class Subject(Protocol):
    """What is probed: a test, or a command."""

    @property
    def name(self) -> str:
        """Its name in reports and ids."""

    def run(self, probe: Probe, start: datetime | None) -> Run:
        """Run it once in a fresh world that holds the probe, and that begins at an instant; None is its own. May raise
        :exc:`Interrupted`."""

    def again(self, id: str) -> str:
        """The command that runs one change again."""


class Unrepeatable(Exception):
    """The subject cannot be probed; the message says why."""


class Interrupted(Exception):
    """There will be no further runs: changes that were not judged are left out."""


def run_clean(subject: Subject, context: Context | None = None) -> Run | None:
    """Run it twice without a change; None if it is skipped or makes no call. Raises Unrepeatable. With a context, what
    the runs leave behind need only be alike."""
    first = subject.run(Probe(), None)
    if first.outcome == "skipped":
        return None
    if first.outcome != "passed":
        raise Unrepeatable(f"it does not pass by itself: {first.error or first.outcome}")
    if first.state is None or not first.calls:
        return None
    second = subject.run(Probe(), None)
    if second.outcome != "passed":
        raise Unrepeatable(f"not repeatable: it passed once, then not: {second.error or second.outcome}")
    difference = difference_of_runs(first, second, context)
    if difference:
        raise Unrepeatable(f"not repeatable: {difference}")
    return second


def plan_changes(clean: Run, context: Context, kinds: Collection[KindName] = KINDS) -> Iterator[Change]:
    """The changes that a clean run gives reason to, in order."""
    for kind in KINDS:
        if kind in kinds:
            yield from PLANS[kind](clean, context)


def probe_subject(
    subject: Subject,
    context: Context,
    *,
    kinds: Collection[KindName] = KINDS,
    skip: Collection[str] = (),
    exhaustive: bool = False,
    has_time: Callable[[], bool] = lambda: True,
    on_progress: Callable[[int, int], object] = lambda _done, _planned: None,
) -> TestReport | None:
    """Probe a test; None if it is skipped or makes no call to the sandbox.

    ``skip`` are kinds, and patterns of ids. With ``exhaustive``, changes are run even if nothing new can come of them.
    After ``has_time`` says no, further changes are left out. ``on_progress`` is called before each change with the
    number of changes that are done, and of all. Raises :exc:`Interrupted` from a run without a change.
    """
    report = TestReport(test=subject.name)
    try:
        clean = run_clean(subject, context)
    except Unrepeatable as reason:
        report.skipped = str(reason)
        return report
    if clean is None:
        return None
    runs: dict[tuple[KindName, str], tuple[Run, Judgement]] = {}
    changes = list(plan_changes(clean, context, kinds))
    is_interrupted = False
    for done, change in enumerate(changes):
        on_progress(done, len(changes))
        report.count(change.kind, "changes")
        if _is_skipped(change, full_id(change, subject), skip):
            report.count(change.kind, "skipped")
            continue
        base = runs.get((change.kind, change.covered_by)) if change.covered_by else None
        is_covered = base is not None and change.is_covered(base[0])
        if is_covered and base is not None and not exhaustive:
            runs[change.kind, change.id] = base  # it covers what this one covers
            report.count(change.kind, "pruned")
            continue
        if is_interrupted or not has_time():
            report.count(change.kind, "left_out")
            continue
        try:
            run = subject.run(change.probe(), change.start)
            judgement = judge_one(change, clean, run, subject)
        except Interrupted:
            is_interrupted = True
            report.count(change.kind, "left_out")
            continue
        report.count(change.kind, "runs", judgement.runs)
        runs[change.kind, change.id] = run, judgement
        if is_covered and base is not None and _is_same(judgement, base[1]):
            continue  # the finding is that of the change that covers it
        _note(report, subject, change, judgement)
    return report


def full_id(change: Change, subject: Subject) -> str:
    """The id of a change in reports."""
    return f"{change.kind}:{subject.name}:{change.id}"


def judge_one(change: Change, clean: Run, run: Run, subject: Subject) -> Judgement:
    """What a changed run shows about the client."""
    if run.is_void:
        return Judgement(is_void=True, sentence=run.error)
    return change.judge(clean, run, subject.run)


def _is_skipped(change: Change, id: str, skip: Collection[str]) -> bool:
    return any(each == change.kind or is_match(each, change.id) or is_match(each, id) for each in skip)


def _is_same(one: Judgement, other: Judgement) -> bool:
    return (one.verdict, one.note) == (other.verdict, other.note)


_COUNTED: Final[Mapping[str, str]] = {
    "told": "told",
    "fixed-dates": "fixed_dates",
    "fixed-value": "fixed_values",
    "waits": "waits",
}


def _note(report: TestReport, subject: Subject, change: Change, judgement: Judgement) -> None:
    """Add what a change showed to the report."""
    kind, id = change.kind, full_id(change, subject)
    if judgement.is_void:
        report.count(kind, "skipped")
        return
    if judgement.verdict is not None:
        report.count(kind, FOUND[kind])
        report.findings.append(
            Finding(
                id=id,
                kind=kind,
                verdict=judgement.verdict,
                sentence=judgement.sentence,
                test=subject.name,
                operation=change.operation,
                before=judgement.before,
                after=judgement.after,
                again=subject.again(id),
            )
        )
    elif kind == "rules":
        report.count(kind, "noticed")
        report.noticed += [item for item in change.items if item not in report.noticed]
    elif judgement.note is not None:
        report.count(kind, _COUNTED[judgement.note])
        report.notes.append(Note(id=id, note=judgement.note, sentence=judgement.sentence, test=subject.name))
