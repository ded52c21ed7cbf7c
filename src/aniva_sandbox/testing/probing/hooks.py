"""The hooks of pytest around the runs of a probed item."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from _pytest.skipping import evaluate_xfail_marks

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.evidence.probes.change import Context
from aniva_sandbox.testing.live import LiveServer, partner_api
from aniva_sandbox.testing.naming import keep_id
from aniva_sandbox.testing.probing.items import ProbedItem
from aniva_sandbox.testing.probing.probed_run import ProbedRun

__all__ = ["ProbingHooks", "context_of", "is_repeatable", "uses_sandbox"]


class ProbingHooks:
    """Around the runs of the item that is being probed; in an item's own run, they do nothing."""

    def __init__(self, config: pytest.Config) -> None:
        self._is_virtual = config.getoption("--aniva-probe-sleep") != "real"
        self._probed: ProbedItem | None = None

    @property
    def progress(self) -> ProbedRun | None:
        """The run of a test with a probe that is in progress."""
        return self._probed.progress if self._probed is not None else None

    @property
    def probed(self) -> ProbedItem | None:
        """The item of which such a run is in progress, if it is one that nobody is to see."""
        run = self.progress
        return self._probed if run is not None and run.is_quiet else None

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Keep the id of a test."""
        keep_id(item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, request: Any) -> Generator[None, Any, Any]:
        """Set up fixtures of wider scopes as without probes."""
        probed = self.probed
        if probed is None:
            return (yield)
        if request.scope == "function":
            probed.begin()
            return (yield)
        with probed.wider():
            return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """Around the setup, within what captures it."""
        __tracebackhide__ = True
        probed = self.probed
        if probed is None:
            self.set_up(item)
            with self.own_phase():
                return (yield)
        with probed.phase():
            return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Around the call, within what captures it."""
        __tracebackhide__ = True
        probed = self.probed
        if probed is None:
            with self.own_phase():
                yield
            return self.call(item)
        with probed.phase():
            probed.begin()
            return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_teardown(self) -> Iterator[None]:
        """Around the teardown, within what captures it."""
        __tracebackhide__ = True
        probed = self.probed
        if probed is None:
            with self.own_phase():
                return (yield)
        with probed.phase():
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Take the outcome from a report that nobody is to see."""
        probed = self.probed
        if probed is None:
            report = yield
            self.report(item, call, report)
            return report
        if probed.is_in_phase:
            report = yield
            probed.note_report(report, call.excinfo and call.excinfo.value)
            report.outcome = "passed"  # that of a subtest, which pytest would count
        else:
            with probed.reporting():
                report = yield
            probed.note_report(report, call.excinfo and call.excinfo.value)
        return report

    def use(self, item: pytest.Item, server: LiveServer) -> ProbedRun | None:
        """The run with a probe that is about to create its world; None in an item's own run."""
        if self._probed is None or self.progress is None:
            self.note_use(item)
            return None
        self._probed.use(server)
        return self.progress

    # What subclasses do in an item's own run

    def note_use(self, item: pytest.Item) -> None:
        """An item uses the sandbox."""

    def own_phase(self) -> AbstractContextManager[None]:
        """Around the setup, the call and the teardown of an item."""
        return nullcontext()

    def set_up(self, item: pytest.Item) -> None:
        """The setup of an item begins."""

    def call(self, item: pytest.Item) -> None:
        """An item passed."""

    def report(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        """A phase of an item has a report."""


def context_of(recovers: frozenset[str]) -> Context:
    """What the probes of a test need to know."""
    return Context(api=partner_api(), domain=DOMAIN, recovers=recovers)


def uses_sandbox(item: pytest.Item) -> bool:
    """Whether a test uses the fixture ``aniva``, and is expected to pass."""
    if not isinstance(item, pytest.Function) or "aniva" not in item.fixturenames:
        return False
    if item.config.getoption("runxfail", False) or not item.get_closest_marker("xfail"):
        return True
    try:
        return evaluate_xfail_marks(item) is None
    except (Exception, pytest.fail.Exception):  # its condition is wrong, as its report will say
        return False


def is_repeatable(item: Any) -> bool:
    """Whether a test has the same inputs in each run."""
    return not getattr(item.obj, "is_hypothesis_test", False)
