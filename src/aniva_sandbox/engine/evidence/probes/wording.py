"""How a report of probes is worded, in every format."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from aniva_sandbox.engine.evidence.probes.change import Change, Judgement
from aniva_sandbox.engine.evidence.probes.report import FOUND, Finding, KindName, NoteName, ProbeReport, Verdict
from aniva_sandbox.engine.texts import counted

__all__ = [
    "KIND_MEANINGS",
    "LEAD",
    "NOTES",
    "TITLE",
    "VERDICTS",
    "Entry",
    "counts_of",
    "fold",
    "held_lines",
    "results_of",
    "runs_of",
    "under",
    "verdict_of",
    "waived_in",
]

TITLE: Final = "Would the tests notice?"
LEAD: Final = (
    "Each test ran again with one change at a time. A finding is a change that the client did not handle, or that the "
    "test did not notice."
)
KIND_MEANINGS: Final[Mapping[KindName, str]] = {
    "faults": "a call meets a fault: an error status, a lost connection, a spoiled response",
    "times": "the test begins at another instant: before midnight, at a clock change, on 29 February, on a weekend",
    "responses": "a response differs as the contract allows: a new field, a null, another order, less at first",
    "rules": "a rule of the API no longer holds, or its boundary is moved",
}
"""The changes of each kind."""
VERDICTS: Final[Mapping[Verdict, str]] = {
    "duplicate": "Something took effect twice: the client repeated a call that had already taken effect.",
    "lost": "The test passed, and the world does not hold what it holds after the clean run.",
    "swallowed": "The test passed, although a call failed and nothing made up for it.",
    "unrecovered": "The test failed under a fault from which the client is expected to recover.",
    "stuck": "The client did not finish: it made too many calls, or was busy for too long.",
    "hammering": "The client repeated a call more than 10 times, although it kept failing.",
    "impatient": "The client repeated a call before the time in Retry-After was over.",
    "dated": "The test fails when it begins at a special instant, and passes at an ordinary one.",
    "brittle": "The test fails when a response differs in a way that the contract allows.",
    "unnoticed": "The test still passes when the API does not do what it should.",
}
"""What each verdict says."""
NOTES: Final[Mapping[NoteName, str]] = {
    "told": "The client raised an exception, which ended the test.",
    "fixed-dates": "The test names dates, so it fails at any other instant.",
    "fixed-value": "The test expects a value that the contract allows to be null.",
    "waits": "The client waited for longer than a probe does.",
}
"""What each note says. None of them is a finding."""
_NAMED: Final = 6
"""Changes named of one entry."""
_OF_RULE: Final = re.compile(r"(.+)(?:=\w+|[+-]1)")
"""A change of a rule, or of one of its measures: what comes instead, or a step."""
_RUNS: Final[Mapping[str, str]] = {
    "pruned": "pruned",
    "skipped": "skipped",
    "left_out": "left out",
}
_RESULTS: Final[Mapping[str, str]] = {
    "told": "told",
    "waits": "waited too long",
    "fixed_dates": "with fixed dates",
    "fixed_values": "with fixed values",
}


class Entry(NamedTuple):
    """Findings of one verdict about the same test, and the same call or rule."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding that speaks for all."""
        return self.findings[0]

    @property
    def sentence(self) -> str:
        """What happened, on one line, and under which changes."""
        changes = f" ({under(self.findings)})" if len(self.findings) > 1 else ""
        return " ".join(f"{self.first.sentence}{changes}".split())


def fold(findings: Iterable[Finding]) -> list[Entry]:
    """Findings as entries, in their order."""
    found: dict[tuple[object, ...], list[Finding]] = {}
    for each in findings:
        found.setdefault((each.verdict, each.test, each.kind, _parted(each)[0], each.waived), []).append(each)
    return [Entry(tuple(each)) for each in found.values()]


def under(findings: Sequence[Finding]) -> str:
    """What changes there were at the same call or rule, in a row: ``under 503, 429 and drop=before``."""
    names = [_parted(finding)[1] for finding in findings]
    shown, others = names[:_NAMED], len(names) - _NAMED
    *most, last = [*shown, f"{others:,} more"] if others > 0 else shown
    return f"under {', '.join(most)} and {last}" if most else f"under {last}"


def _parted(finding: Finding) -> tuple[str, str]:
    """The call or the rule that a change is at, and the change there; without either, the first is empty."""
    if finding.kind == "rules":
        rule = _OF_RULE.fullmatch(finding.change)
        return rule[1] if rule else finding.change, finding.change
    call, colon, change = finding.change.partition(":")
    return (call, change) if colon else ("", call)


def waived_in(report: ProbeReport, kind: KindName) -> int:
    """The number of findings of a kind that do not count."""
    return sum(finding.kind == kind and finding.is_waived for finding in report.findings)


def runs_of(counts: Mapping[str, int]) -> list[str]:
    """What became of the changes of a kind, without what is 0."""
    runs = [counted(counts["runs"], "run")] if counts.get("runs") else []
    return [*runs, *_worded(counts, _RUNS)]


def results_of(report: ProbeReport, kind: KindName) -> list[str]:
    """What the runs of a kind showed besides the findings, without what is 0."""
    counts = report.kinds[kind]
    waived = waived_in(report, kind)
    found = [f"{waived:,} waived"] if waived else []
    if kind == "rules" and counts.get("noticed", 0) + counts.get(FOUND[kind], 0):
        judged = counts.get("noticed", 0) + counts.get(FOUND[kind], 0)
        found.append(f"{counts.get('noticed', 0):,} of {judged:,} noticed")
    return [*found, *_worded(counts, _RESULTS)]


def counts_of(report: ProbeReport, kind: KindName) -> str:
    """The counts of a kind, on one line."""
    counts = report.kinds[kind]
    if not counts.get("changes"):
        return "no changes"
    found = counts.get(FOUND[kind], 0)
    plan = [counted(counts["changes"], "change"), *runs_of(counts)]
    results = [counted(found, "finding") if found else "no findings", *results_of(report, kind)]
    return f"{', '.join(plan)}: {', '.join(results)}"


def _worded(counts: Mapping[str, int], words: Mapping[str, str]) -> list[str]:
    return [f"{counts[name]:,} {word}" for name, word in words.items() if counts.get(name)]


def verdict_of(change: Change, judgement: Judgement) -> str:
    """What the run of one change shows, on one line."""
    otherwise = "not judged" if judgement.is_void else "noticed" if change.kind == "rules" else "no finding"
    verdict: str = judgement.verdict or judgement.note or otherwise
    return f"{verdict}: {judgement.sentence}" if judgement.sentence else verdict


def held_lines(judgement: Judgement) -> list[str]:
    """What the world holds at the end of the run of one change, where that differs."""
    lines = []
    for title, held in (
        ("Only without the change, the world holds at the end:", judgement.before),
        ("Only with it, the world holds:", judgement.after),
    ):
        if held:
            lines += [title, *(f"    {each}" for each in held)]
    return lines
