"""Coverage of a run of pytest: what its tests met of the API, merged over the workers of xdist, and its reports.

The plugin imports this module only for runs with coverage.
"""

from collections.abc import Generator, Sequence
from typing import Any

import msgspec
import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.evidence.coverage import summary
from aniva_sandbox.engine.evidence.coverage.collected import Collected
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.evidence.coverage.demands import (
    DemandError,
    Demands,
    parse_scope,
    parse_thresholds,
    parse_waivers,
)
from aniva_sandbox.engine.evidence.coverage.files import ReportFile, parse_report_file, write_file
from aniva_sandbox.engine.evidence.coverage.report import CoverageReport
from aniva_sandbox.engine.evidence.coverage.reporting import make_report
from aniva_sandbox.testing.live import LiveServer, partner_api

__all__ = ["CollectingRun", "ReportingRun"]

_COLLECTED = "aniva_collected"
"""The attribute of reports with what a test met; xdist transfers it."""
_SECTION = "Aniva sandbox: coverage"


class CollectingRun:
    """The part of a run that runs tests: a worker of xdist, or the only process."""

    def __init__(self, config: pytest.Config) -> None:
        self.coverage = Coverage(partner_api(), DOMAIN)
        self._groups = getattr(config.option, "loadgroup", False)
        self._server: LiveServer | None = None

    def start_server(self) -> LiveServer:
        """The sandbox of this process, which collects."""
        self._server = LiveServer(self.coverage)
        return self._server

    def name_test(self, item: pytest.Item, world: str) -> None:
        """Name the test that uses a world, and those calls that reach none."""
        assert self._server is not None
        for each in (world, ""):
            self._server.run(lambda each=each: self.coverage.name_world(each, self._name(item)))  # type: ignore[misc]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add what a test met, from its setup to its teardown, to its last report."""
        report = yield
        if call.when == "teardown" and self._server is not None:
            collected = self._server.run(self._take)
            for met in collected.met.values():
                if not met.tests:  # in a world other than the test's own
                    met.tests.add(self._name(item))
            if collected.met:
                setattr(report, _COLLECTED, msgspec.json.encode(collected).decode())
        return report

    def _take(self) -> Collected:
        collected = self.coverage.collected()
        self.coverage.clear()
        return collected

    def _name(self, item: pytest.Item) -> str:
        """The id of a test, without what xdist adds for its group."""
        name = item.nodeid
        if self._groups and item.get_closest_marker("xdist_group"):
            name = name.rpartition("@")[0]
        return name.encode("utf-8", "backslashreplace").decode()


class ReportingRun:
    """The part of a run that reports: the controller of xdist, or the only process."""

    def __init__(self, config: pytest.Config) -> None:
        """Raises UsageError for options that cannot be meant."""
        folder = config.invocation_params.dir
        self._items = Coverage(partner_api(), DOMAIN).items
        self._collected = Collected()
        self._report: CoverageReport | None = None
        self._problems: list[str] = []
        self._written: list[ReportFile] = []
        self._is_off = config.option.collectonly
