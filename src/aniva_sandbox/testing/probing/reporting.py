"""The end of a run with probes: in the controller of xdist, or in the only process, what all tests showed is merged."""

from functools import partial

import msgspec
import pytest

from aniva_sandbox.engine.evidence.probes import summary
from aniva_sandbox.engine.evidence.probes.demands import failing, parse_kinds, parse_waivers, problems
from aniva_sandbox.engine.evidence.probes.files import write_file
from aniva_sandbox.engine.evidence.probes.report import KindName, ProbeReport, TestReport, merge
from aniva_sandbox.engine.evidence.reports.files import parse_report_files
from aniva_sandbox.engine.texts import counted
from aniva_sandbox.testing.coverage import PROBES
from aniva_sandbox.testing.ending import Ending, parsed
from aniva_sandbox.testing.probing.options import INI
from aniva_sandbox.testing.summary import is_narrowed

__all__ = ["PROBED", "ReportingRun", "kinds_of"]

PROBED = "aniva_probed"
"""The attribute of reports with what the probes of a test showed; xdist transfers it."""


class ReportingRun(Ending):
    """What reports in the end."""

    def __init__(self, config: pytest.Config) -> None:
        """Raises UsageError for options that cannot be meant."""
        super().__init__("--aniva-probe-report")
        option = config.getoption
        folder = config.invocation_params.dir
        self._config = config
        self._kinds = kinds_of(config)
        lines = option("--aniva-probe-waive")
        waivers = parsed("--aniva-probe-waive", partial(parse_waivers, lines))
        self._waivers = parsed(INI, partial(parse_waivers, config.getini(INI))) | waivers
        self._is_advisory = bool(option("--aniva-probe-advisory"))
        others = parsed("--aniva-cov-report", partial(parse_report_files, option("--aniva-cov-report"), folder))
        files = partial(parse_report_files, option("--aniva-probe-report"), folder, others)
        self._files = parsed("--aniva-probe-report", files)
        self._reports: dict[str, TestReport] = {}
        self._report: ProbeReport | None = None
        self._problems: list[str] = []
        """What fails the run, unless it is advisory."""
        self._failures: list[str] = []
        """What fails it in any case."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Move what the probes of a test showed out of its report: pytest keeps the report."""
        probed = vars(report).pop(PROBED, None)
        if probed is not None:
            decoded = msgspec.json.decode(probed, type=TestReport)
            self._reports[decoded.test] = decoded

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the reports, and fail the run if there are findings, or if a waiver or a file is wrong."""
        if not self._runs_tests:
            return
        report = self._config.stash[PROBES] = self._report = merge(self._reports.values(), self._kinds, self._waivers)
        is_stopped = session.shouldfail or session.shouldstop or exitstatus == pytest.ExitCode.INTERRUPTED
        is_whole = not (is_stopped or is_narrowed(self._config))
        unfulfilled = problems(report, self._waivers, is_whole=is_whole)
        found = failing(report)
        self._problems = [*unfulfilled, *([counted(found, "finding")] if found else [])]
        self._failures = self._write(self._files, lambda file: write_file(report, file, unfulfilled))
        has_failed = self._failures or (self._problems and not self._is_advisory)
        if has_failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the summary, the files, and why the run failed."""
        if self._report is None:
            return
        terminalreporter.section("Aniva sandbox: probes")
        for line in summary.render(self._report).splitlines():  # one by one, because pytest may escape what it writes
            terminalreporter.line(line)
        for file in self._written:
            terminalreporter.line(f"wrote {file.name}")
        if not self._files and self._report.findings:
            terminalreporter.line("--aniva-probe-report=html:PATH writes every finding, with what the world held.")
        for problem in self._problems if self._is_advisory else ():
            terminalreporter.line(f"advisory: {problem}")
        for problem in [*(() if self._is_advisory else self._problems), *self._failures]:
            terminalreporter.line(f"FAILED {problem}", red=True)


def kinds_of(config: pytest.Config) -> tuple[KindName, ...]:
    """The kinds that a run asks for. Raises UsageError."""
    named = config.getoption("--aniva-probe")
    return parsed("--aniva-probe", partial(parse_kinds, [] if named is None else [named]))
