"""Probes as Markdown, for the summary of a CI job."""

from collections.abc import Iterator, Sequence
from typing import Final

from aniva_sandbox.engine.evidence.probes.demands import failing
from aniva_sandbox.engine.evidence.probes.report import FOUND, ProbeReport
from aniva_sandbox.engine.evidence.probes.wording import (
    LEAD,
    NOTES,
    TITLE,
    VERDICTS,
    Entry,
    fold,
    results_of,
    runs_of,
)
from aniva_sandbox.engine.evidence.reports.markdown import block, code, folded, plain, problems_listed
from aniva_sandbox.engine.texts import counted

__all__ = ["render"]

_PROBLEMS: Final = 50
"""Problems shown of a run."""


def render(report: ProbeReport, problems: Sequence[str] = ()) -> str:
    """The Markdown of a report: a table of the kinds, then, folded, the findings of each verdict, the notes, and the
    tests that were not probed. ``problems`` are the waivers that failed the run."""
    findings = failing(report)
    parts = []
    for verdict, meaning in VERDICTS.items():
        those = [finding for finding in findings if finding.verdict == verdict]
        entries = [_entry(entry) for entry in fold(those)]
        parts.append((f"{verdict}: {counted(those, 'finding')}", [f"{meaning}\n\n", *entries] if entries else []))
    waived = [finding for finding in report.findings if finding.is_waived]
    parts.append((f"waived: {counted(waived, 'finding')}", [_entry(entry) for entry in fold(waived)]))
    for name, meaning in NOTES.items():
        notes = [note for note in report.notes if note.note == name]
        lines = [f"- {code(note.id)}: {plain(note.sentence)}\n" for note in notes]
        parts.append((f"{name}: {counted(notes, 'note')}", [f"{meaning}\n\n", *lines] if lines else []))
    skipped = [f"- {code(each.test)}: {plain(each.reason)}\n" for each in report.skipped]
    parts.append((f"not probed: {counted(skipped, 'test')}", skipped))
    return folded("".join(_head(report, problems)), parts)


def _head(report: ProbeReport, problems: Sequence[str]) -> Iterator[str]:
    yield f"## {TITLE}\n\n{LEAD}\n\n"
    yield from problems_listed(problems, _PROBLEMS)
    yield "| kind | changes | findings | | |\n|---|--:|--:|---|---|\n"
    for kind, counts in report.kinds.items():
        yield f"| {kind} | {counts.get('changes', 0):,} | {counts.get(FOUND[kind], 0):,} "
        yield f"| {', '.join(runs_of(counts))} | {', '.join(results_of(report, kind))} |\n"


def _entry(entry: Entry) -> str:
    first = entry.first
    lines = [f"- {code(first.test)}: {plain(entry.sentence)}"]
    lines += [f"  - waived: {plain(first.waived)}"] if isinstance(first.waived, str) else []
    lines += [f"  - only after the clean run: {plain(text)}" for text in first.before]
    lines += [f"  - only after this run: {plain(text)}" for text in first.after]
    return "\n".join(lines) + "\n\n" + block(first.again, "sh")
