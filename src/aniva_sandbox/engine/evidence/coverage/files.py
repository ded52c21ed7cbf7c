"""Reports on coverage as files."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from aniva_sandbox.engine.evidence.coverage import html, junit, markdown
from aniva_sandbox.engine.evidence.coverage.report import CoverageReport
from aniva_sandbox.engine.evidence.coverage.reporting import write_report
from aniva_sandbox.engine.evidence.reports.files import ReportFile, write_text

__all__ = ["write_file"]


def _json(report: CoverageReport, _problems: Sequence[str]) -> str:
    return write_report(report).decode()


_RENDERERS: Final[Mapping[str, Callable[[CoverageReport, Sequence[str]], str]]] = {
    "html": html.render,
    "json": _json,
    "md": markdown.render,
    "junit": junit.render,
}


def write_file(report: CoverageReport, file: ReportFile, problems: Sequence[str] = ()) -> None:
    """Write a report as a whole, or not at all; folders that are missing are created. ``problems`` are the thresholds
    and waivers that failed the run. Raises OSError."""
    write_text(file, _RENDERERS[file.kind](report, problems))
