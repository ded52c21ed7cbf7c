"""Coverage of a run of pytest: what its tests met of the API, merged over the workers of xdist, and its reports.

The plugin imports this module only for runs with coverage.
"""

from collections.abc import Generator
from functools import partial

import msgspec
import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.evidence.coverage import summary
from aniva_sandbox.engine.evidence.coverage.collected import Collected
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.evidence.coverage.demands import Demands, parse_scope, parse_thresholds, parse_waivers
from aniva_sandbox.engine.evidence.coverage.files import write_file
from aniva_sandbox.engine.evidence.coverage.items import Items
from aniva_sandbox.engine.evidence.coverage.probed import with_probes
from aniva_sandbox.engine.evidence.coverage.report import CoverageReport
from aniva_sandbox.engine.evidence.coverage.reporting import make_report
from aniva_sandbox.engine.evidence.probes.report import ProbeReport
from aniva_sandbox.engine.evidence.reports.files import parse_report_files
from aniva_sandbox.testing.ending import Ending, parsed
from aniva_sandbox.testing.live import LiveServer, partner_api
from aniva_sandbox.testing.naming import keep_id, name_of

__all__ = ["PROBES", "CollectingRun", "ReportingRun"]

PROBES: pytest.StashKey[ProbeReport] = pytest.StashKey()
"""The report on the probes of a run, in the stash of its configuration before ``pytest_sessionfinish`` of what reports
here, which comes last."""

_COLLECTED = "aniva_collected"
"""The attribute of reports with what a test met; xdist transfers it."""


class CollectingRun:
    """What collects where tests run: in a worker of xdist, or in the only process."""

    def __init__(self) -> None:
        self._coverage: Coverage | None = None
        self._server: LiveServer | None = None
        self._unreported = Collected()
        """What tests met whose last report was not shown: those that a plugin runs again."""

    def start_server(self) -> LiveServer:
        """The sandbox of this process, which collects."""
        self._coverage = Coverage(partner_api(), DOMAIN)
        self._server = LiveServer(self._coverage)
        return self._server

    def name_test(self, item: pytest.Item, world: str) -> None:
        """Name the test that uses a world, and that sends the calls that reach none."""
        if self._server is not None and self._coverage is not None:
            for each in (world, ""):
                self._server.run(partial(self._coverage.name_world, each, name_of(item)))

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Keep the id of a test."""
        keep_id(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add to a test's last report what it met from its setup to its teardown."""
        report = yield
        if call.when == "teardown" and self._server is not None:
            collected = self._server.run(self._take)
            for met in collected.met.values():
                if not met.tests:  # in a world other than the test's own
                    met.tests.add(name_of(item))
            self._unreported.add(collected)
            if self._unreported.met:
                setattr(report, _COLLECTED, msgspec.json.encode(self._unreported).decode())
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Forget what is in a report that is shown."""
        if hasattr(report, _COLLECTED):
            self._unreported = Collected()

    def _take(self) -> Collected:
        if self._coverage is None:
            return Collected()
        collected = self._coverage.collected()
        self._coverage.clear()
        self._coverage.name_world("", "")  # the next test may not be named
        return collected


class ReportingRun(Ending):
    """What reports in the end: in the controller of xdist, or in the only process."""

    def __init__(self, config: pytest.Config) -> None:
        """Raises UsageError for options that cannot be meant."""
        super().__init__("--aniva-cov-report")
        option = config.getoption
        folder = config.invocation_params.dir
        self._items = Items(partner_api(), DOMAIN)
        self._files = parsed("--aniva-cov-report", partial(parse_report_files, option("--aniva-cov-report"), folder))
        thresholds = parsed("--aniva-cov-fail-under", partial(parse_thresholds, option("--aniva-cov-fail-under")))
        self._scope = parsed("--aniva-cov-scope", partial(parse_scope, option("--aniva-cov-scope"), self._items))
        lines = option("--aniva-cov-waive")
        waivers = parsed("--aniva-cov-waive", partial(parse_waivers, lines, self._items))
        lasting = parsed("aniva_cov_waive", partial(parse_waivers, config.getini("aniva_cov_waive"), self._items))
        self._demands = Demands(thresholds=thresholds, waivers=lasting | waivers)
        self._collected = Collected()
        self._report: CoverageReport | None = None
        self._problems: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Move what a test met out of its report: pytest keeps the report."""
        collected = vars(report).pop(_COLLECTED, None)
        if collected is not None:
            self._collected.add(msgspec.json.decode(collected, type=Collected))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the reports, and fail the run if a threshold, a waiver or a file is wrong."""
        if not self._runs_tests:
            return
        report = make_report(self._items, self._collected, scope=self._scope, waivers=self._demands.waivers)
        probes = session.config.stash.get(PROBES, None)
        if probes is not None:
            report = with_probes(report, probes)
        self._report = report
        unfulfilled = self._demands.problems(report, self._items, self._collected)
        self._problems += unfulfilled
        self._problems += self._write(self._files, lambda file: write_file(report, file, unfulfilled, probes))
        if self._problems and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the summary, the files, and why the run failed."""
        if self._report is None:
            return
        terminalreporter.section("Aniva sandbox: coverage")
        for line in summary.render(self._report).splitlines():  # one by one, because pytest may escape what it writes
            terminalreporter.line(line)
        for file in self._written:
            terminalreporter.line(f"wrote {file.name}")
        if not self._files:
            terminalreporter.line("--aniva-cov-report=html:PATH writes every item, with its tests or its next step.")
        for problem in self._problems:
            terminalreporter.line(f"FAILED {problem}", red=True)
