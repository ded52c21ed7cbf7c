"""Reports on probes as files, and read from JSON again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from aniva_sandbox.engine.evidence.probes import html, junit, markdown
from aniva_sandbox.engine.evidence.probes.report import COUNTS, KINDS, ProbeReport
from aniva_sandbox.engine.evidence.reports.files import ReportFile, write_text
from aniva_sandbox.engine.evidence.reports.values import SourceError, read_value, write_value

__all__ = ["read_report", "write_file", "write_report"]


def write_report(report: ProbeReport) -> bytes:
    """A report as JSON, indented."""
    return write_value(report)


def read_report(content: bytes, source: str) -> ProbeReport:
    """A report from JSON; ``source`` is named in errors. Raises :exc:`SourceError`."""
    report = read_value(content, ProbeReport, source)
    for problem in _problems(report):
        raise SourceError(f"{source}: {problem}; was the report made by another version?")
    return report


def _problems(report: ProbeReport) -> Iterator[str]:
    """What is wrong with a report, although its form is right."""
    counted = [(f"kinds.{kind}", kind, counts) for kind, counts in report.kinds.items()]
    counted += [
        (f"tests[{test!r}].{kind}", kind, counts)
        for test, kinds in report.tests.items()
        for kind, counts in kinds.items()
    ]
    for place, kind, counts in counted:
        for name, number in counts.items():
            if name not in COUNTS[kind]:
                yield f"{place}: there is no count {name!r} here"
            elif number < 0:
                yield f"{place}.{name}: {number} is negative"
    for index, finding in enumerate(report.findings):
        if not finding.id.startswith(f"{finding.kind}:{finding.test}:"):
            yield f"findings[{index}].id: {finding.id!r} does not begin with its kind and test"
        elif finding.test not in report.tests:
            yield f"findings[{index}].test: {finding.test!r} is not among the tests"
    for index, note in enumerate(report.notes):
        if not any(note.id.startswith(f"{kind}:{note.test}:") for kind in KINDS):
            yield f"notes[{index}].id: {note.id!r} does not begin with a kind and its test"
        elif note.test not in report.tests:
            yield f"notes[{index}].test: {note.test!r} is not among the tests"


def write_file(report: ProbeReport, file: ReportFile, problems: Sequence[str] = ()) -> None:
    """Write a report as a whole, or not at all; folders that are missing are created. ``problems`` are the waivers
    that failed the run. Raises OSError."""
    write_text(file, _RENDERERS[file.kind](report, problems))


_RENDERERS: Final[Mapping[str, Callable[[ProbeReport, Sequence[str]], str]]] = {
    "html": html.render,
    "json": lambda report, _problems: write_report(report).decode(),
    "md": markdown.render,
    "junit": junit.render,
}
