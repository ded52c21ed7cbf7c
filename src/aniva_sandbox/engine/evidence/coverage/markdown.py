"""Coverage as Markdown, for the summary of a CI job: GitHub shows at most 1 MiB of it."""

from collections.abc import Iterator, Sequence

from aniva_sandbox.engine.evidence.coverage.report import CoverageReport, Entry
from aniva_sandbox.engine.evidence.coverage.wording import (
    FEWER,
    LEAD,
    TESTS_SHOWN,
    closest_of,
    first_tests,
    missing_of,
    note_of,
    percent_of,
    state_of,
)
from aniva_sandbox.engine.evidence.reports.markdown import block, code, folded, plain, problems_listed

__all__ = ["render"]


def render(report: CoverageReport, problems: Sequence[str] = ()) -> str:
    """The Markdown of a report: a table of the axes, then the missing items with their next steps, folded.
    ``problems`` are the thresholds and waivers that failed the run."""
    parts = [
        (f"{name}: {len(items):,} missing", [_missing(item) for item in items])
        for name, items in missing_of(report).items()
    ]
    for name, axis in report.axes.items():
        if name in FEWER:
            leaned_on = [_leaned_on(item) for item in axis.list if state_of(name, item) == "leaned-on"]
            parts.append((f"{name}: {len(leaned_on):,} leaned on", leaned_on))
    return folded("".join(_head(report, problems)), parts)


def _head(report: CoverageReport, problems: Sequence[str]) -> Iterator[str]:
    yield f"## What the tests never met\n\n{LEAD}\n\n"
    yield from problems_listed(problems, TESTS_SHOWN)
    yield "| axis | met | items | share | |\n|---|--:|--:|--:|---|\n"
    for name, axis in report.axes.items():
        yield f"| {name} | {axis.met:,} | {axis.items:,} | {percent_of(axis)} | {note_of(name, axis)} |\n"
    if report.not_called:
        yield f"\nNever called, and left out: {', '.join(map(code, report.not_called))}.\n"


def _missing(item: Entry) -> str:
    near = closest_of(item)
    line = f"- {code(item.id)}{f' (closest: {near})' if near else ''}\n"
    return line + block(item.next, "python") if item.next else line


def _leaned_on(item: Entry) -> str:
    shown, others = first_tests(item)
    sentence = f": {plain(item.sentence)}" if item.sentence else ""
    lines = [f"- {code(item.id)}{sentence}", *(f"  - {code(test)}" for test in shown)]
    lines += [f"  - and {others:,} more"] if others else []
    return "\n".join(lines) + "\n"
