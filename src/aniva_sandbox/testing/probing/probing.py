"""Probing where tests run, in a worker of xdist or in the only process, and what a run with probes registers."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import msgspec
import pytest

from aniva_sandbox.engine.evidence.probes.loop import probe_subject
from aniva_sandbox.engine.evidence.probes.report import TestReport
from aniva_sandbox.engine.world.clock import stopwatch
from aniva_sandbox.testing.naming import name_of
from aniva_sandbox.testing.probing.hooks import ProbingHooks, context_of, is_repeatable, uses_sandbox
from aniva_sandbox.testing.probing.items import ProbedItem
from aniva_sandbox.testing.probing.marks import Marked, MarkError, read_marks
from aniva_sandbox.testing.probing.only import OnlyRun
from aniva_sandbox.testing.probing.reporting import PROBED, ReportingRun, kinds_of

__all__ = ["ProbingRun", "register"]

_MADE_UP = "it makes up its inputs, so no run is like another"
_LATE = "it asks for the fixture aniva only while it runs; name it among the arguments of the test"
_SPENT = "the budget was spent before it"
_VIRTUAL = "its waits took no time: see --aniva-probe-sleep=real"


class ProbingRun(ProbingHooks):
    """Probes each test before its own run."""

    def __init__(self, config: pytest.Config) -> None:
        super().__init__(config)
        self._kinds = kinds_of(config)
        self._exhaustive = bool(config.getoption("--aniva-probe-exhaustive"))
        self._budget: float | None = config.getoption("--aniva-probe-budget")
        if self._budget is not None and not self._budget > 0:
            raise pytest.UsageError("--aniva-probe-budget: must be more than 0 seconds")
        self._began = stopwatch()
        self._report: TestReport | None = None
        self._kept: ProbedItem | None = None
        """The item whose own run is about to begin."""
        self._wrong = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Probe a test, and then let everybody run it."""
        self._report, self._kept, self._wrong = None, None, ""
        option = item.config.getoption
        if (
            isinstance(item, pytest.Function)
            and uses_sandbox(item)
            and not any(option(name, False) for name in ("setuponly", "trace"))
        ):
            try:
                self._report = self._probe(item, read_marks(item))
            except MarkError as error:
                self._wrong = f"the marker aniva_probe: {error}"
        return (yield)

    def _probe(self, item: pytest.Function, marked: Marked) -> TestReport | None:
        if not is_repeatable(item):
            return TestReport(test=name_of(item), skipped=_MADE_UP)
        if not self._has_time():
            return TestReport(test=name_of(item), skipped=_SPENT)
        self._probed = self._kept = probed = ProbedItem(item, is_virtual=self._is_virtual)
        try:
            with probed.around():
                report = probe_subject(
                    probed,
                    context_of(marked.recovers),
                    kinds=self._kinds,
                    skip=marked.skip,
                    exhaustive=self._exhaustive,
                    has_time=self._has_time,
                )
        except Exception as error:
            report = TestReport(test=name_of(item), skipped=f"the sandbox failed: {type(error).__name__}: {error}")
        finally:
            self._probed = None
        if report is not None and report.skipped and probed.has_waited:
            report.skipped += f"; {_VIRTUAL}"
        return report

    def _has_time(self) -> bool:
        return self._budget is None or (stopwatch() - self._began) / 1e9 < self._budget

    def note_use(self, item: pytest.Item) -> None:
        """A test uses the sandbox in its own run."""
        if isinstance(item, pytest.Function) and "aniva" not in item.fixturenames:
            self._report = TestReport(test=name_of(item), skipped=_LATE)

    # The test's own run

    def set_up(self, item: pytest.Item) -> None:  # noqa: ARG002
        """Show what fixtures of wider scopes printed, and fail a test with a wrong marker."""
        if self._kept is not None:
            self._kept.show_kept()
        if self._wrong:
            pytest.fail(self._wrong, pytrace=False)

    def report(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:  # noqa: ARG002
        """Add what the probes showed to a test's last report."""
        if call.when == "setup" and self._kept is not None:
            report.duration += self._kept.kept_seconds
            self._kept = None
        if call.when == "teardown" and self._report is not None:
            setattr(report, PROBED, msgspec.json.encode(self._report).decode())


def register(config: pytest.Config) -> ProbingHooks:
    """Register what probes where tests run, and what reports, unless this is a worker of xdist. Raises UsageError."""
    if config.getoption("--aniva-probe-only"):
        only = OnlyRun(config)
        config.pluginmanager.register(only, "aniva_sandbox_probing")
        return only
    probing = ProbingRun(config)
    config.pluginmanager.register(probing, "aniva_sandbox_probing")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ReportingRun(config), "aniva_sandbox_probes")
    return probing
