"""Reports on coverage as files."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from aniva_sandbox.engine.evidence.coverage import html, junit, markdown
from aniva_sandbox.engine.evidence.coverage.report import CoverageReport
from aniva_sandbox.engine.evidence.coverage.reporting import write_report
from aniva_sandbox.engine.evidence.probes.report import ProbeReport
from aniva_sandbox.engine.evidence.reports.files import ReportFile, write_text

__all__ = ["write_file"]


def write_file(
    report: CoverageReport, file: ReportFile, problems: Sequence[str] = (), probes: ProbeReport | None = None
) -> None:
    """Write a report as a whole, or not at all; folders that are missing are created. ``problems`` are the thresholds
    and waivers that failed the run. A page shows the report on the probes of the same run, too. Raises OSError."""
    write_text(file, _RENDERERS[file.kind](report, problems, probes))


_RENDERERS: Final[Mapping[str, Callable[[CoverageReport, Sequence[str], ProbeReport | None], str]]] = {
    "html": html.render,
    "json": lambda report, _problems, _probes: write_report(report).decode(),
    "md": lambda report, problems, _probes: markdown.render(report, problems),
    "junit": lambda report, problems, _probes: junit.render(report, problems),
}
