"""An item of pytest as what is probed: it is run again and again, its own fixtures anew, those of wider scopes kept."""

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from math import inf
from typing import Any

import pytest
from _pytest.outcomes import Exit
from _pytest.runner import runtestprotocol

from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.run import Run
from aniva_sandbox.engine.world.clock import stopwatch
from aniva_sandbox.testing.live import LiveServer
from aniva_sandbox.testing.naming import name_of
from aniva_sandbox.testing.probing.others import OtherWorlds
from aniva_sandbox.testing.probing.probed_run import ProbedRun
from aniva_sandbox.testing.probing.quiet import Quiet
from aniva_sandbox.testing.probing.sleeping import VirtualTime
from aniva_sandbox.testing.probing.stopping import MOST_WAITING, Limits, Watch
from aniva_sandbox.testing.probing.traces import Traces

__all__ = ["ProbedItem"]

LEAST_CALLS = 100
"""The number of calls that a run may make, however few the test makes."""
LEAST_BUSY = 5.0
"""The seconds that it may be busy, however quick the test is."""
FACTOR = 10
"""By how much a run may make more calls, and be longer at work, than one without a change."""


class _Next(pytest.Item):
    """An item that is never run: a neighbour of another, so that only what is that other's own is torn down."""

    def runtest(self) -> None:
        """Nothing."""


class ProbedItem:
    """A test, for the time of its probes: :meth:`around` is around all of its runs."""

    def __init__(self, item: pytest.Function, *, is_virtual: bool) -> None:
        """``is_virtual`` is whether waits take no time."""
        self.item = item
        self.progress: ProbedRun | None = None
        """The run that is in progress."""
        self.has_waited = False
        """Whether virtual time passed in a run."""
        self._is_virtual = is_virtual
        parent: Any = item.parent
        self._next: pytest.Item = _Next.from_parent(parent, name="next")
        self._watch = Watch()
        self._limits = Limits()
        self._clean: Run | None = None
        self._traces = Traces(item)
        self._quiet = Quiet(item, self._traces.note_folder)
        self._time: VirtualTime | None = None
        self._others: OtherWorlds | None = None
        self._resume_coverage: Callable[[], None] = _nothing
        self.is_in_phase = False
        """Whether the setup, the call or the teardown of a run is in progress."""
        self.kept_seconds = 0.0
        """How long the setup of fixtures of wider scopes took."""

    @property
    def name(self) -> str:
        """Its name in reports and ids."""
        return name_of(self.item)

    def again(self, id: str) -> str:
        """The command that runs one change again."""
        return f"pytest --aniva-probe-only {shlex.quote(id)}"

    def show_kept(self) -> None:
        """Print what fixtures of wider scopes printed in the first run: the setup of the test's own run begins."""
        sys.stdout.write(self._quiet.out)
        sys.stderr.write(self._quiet.err)

    # The runs

    @contextmanager
    def around(self) -> Iterator[None]:
        """Around all runs."""
        self._watch.start()
        try:
            with self._quiet.around():
                try:
                    self._traces.begin()
                    yield
                finally:
                    self._quiet.begin()
                    self._traces.end()
        finally:
            self._watch.end()

    def run(self, probe: Probe, start: datetime | None) -> Run:
        """Run it once, in silence."""
        run = self.progress = ProbedRun(probe, start, self._watch, self._limits, is_quiet=True)
        self._watch.begin(self._limits)
        if self._is_virtual:
            self._time = VirtualTime(run.pass_time, self._watch.check)
        error: BaseException | None = None
        if self._clean is not None:  # all that is not the test's own is there
            self.begin()
        try:
            with self._interruptible():
                runtestprotocol(self.item, log=False, nextitem=self._next)
        except Exit as ended:  # the test ended the whole run
            error = ended
        finally:
            try:
                is_torn_down = self._tear_down()
                self.pause()
            finally:
                self.has_waited |= self._time is not None and self._time.seconds > 0
                self.progress = self._time = None
                self._resume_coverage()
                run.release()
                if self._others is not None:
                    self._others.restore()
            self._traces.clear(has_failed=run.has_failed, is_torn_down=is_torn_down)
        if run.interruption is not None:
            raise run.interruption
        result = run.result(error)
        if self._clean is None:
            self._clean = result
            self._limits = Limits(
                calls=max(FACTOR * len(result.calls), LEAST_CALLS),
                busy=max(FACTOR * result.seconds, LEAST_BUSY),
                waits=MOST_WAITING,
            )
        return result

    @contextmanager
    def in_public(self, probe: Probe, start: datetime | None) -> Iterator[None]:
        """Around the test's own run, with a probe."""
        limits = self._limits._replace(waits=inf)  # in a debugger, somebody thinks
        run = self.progress = ProbedRun(probe, start, self._watch, limits, is_quiet=False)
        self._watch.begin(limits)
        self._watch.start()
        if self._is_virtual:
            self._time = VirtualTime(run.pass_time, self._watch.check)
            self._time.install()
        try:
            yield
        finally:
            self.progress = None
            self.pause()
            self._watch.end()
            self._resume_coverage()
            run.release()

    def _tear_down(self) -> bool:
        """Tear down what an exception kept from being torn down; returns whether there was nothing."""
        setup = self.item.session._setupstate
        if self.item not in setup.stack:
            return True
        with suppress(BaseException):
            setup.teardown_exact(self._next)
        return False

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        undo = self._watch.take_signals()
        try:
            yield
        finally:
            undo()

    def use(self, server: LiveServer) -> None:
        """The run in progress is about to create its world: its calls do not count for coverage, and what it does to
        other worlds is undone."""
        if self._others is None:
            self._others = OtherWorlds(server)
        coverage, server.worlds.coverage = server.worlds.coverage, None

        def resume() -> None:
            self._resume_coverage, server.worlds.coverage = _nothing, coverage

        if coverage is not None:
            self._resume_coverage = resume

    # Within a run: what is the test's own, and what is not

    def begin(self) -> None:
        """What is the test's own begins: it is quiet, in virtual time, and can be stopped."""
        if self.progress is None or self._quiet.is_quiet:
            return
        self._quiet.begin()
        if self._time is not None:
            self._time.install()
        if self.is_in_phase:
            self._watch.open()

    def pause(self) -> None:
        """What is not the test's own begins."""
        self._watch.close()
        if self._time is not None:
            self._time.remove()
        self._quiet.pause()

    @contextmanager
    def wider(self) -> Iterator[None]:
        """Around the setup of a fixture of a wider scope."""
        was_quiet, began = self._quiet.is_quiet, stopwatch()
        self.pause()
        try:
            yield
        finally:
            self.kept_seconds += (stopwatch() - began) / 1e9
            if was_quiet:
                self.begin()

    @contextmanager
    def phase_in_public(self) -> Iterator[None]:
        """Around the setup, the call or the teardown of the test's own run."""
        self._watch.open()
        try:
            yield
        finally:
            self._watch.close()

    @contextmanager
    def phase(self) -> Iterator[None]:
        """Around the setup, the call or the teardown of a run."""
        with self._quiet.phase():
            self.is_in_phase = True
            if self._quiet.is_quiet:
                self._watch.open()
            try:
                yield
            finally:
                self._watch.close()
                self.is_in_phase = False

    def note_report(self, report: pytest.TestReport, error: BaseException | None) -> None:
        """Note the report of a phase, or of a subtest."""
        if self.progress is not None:
            instance = getattr(self.item, "_instance", None)
            failure = getattr(instance, "failureException", AssertionError)
            self.progress.note_report(report, error, failure)

    def reporting(self) -> Any:
        """Around what reports on a phase."""
        return self._quiet.report()


def _nothing() -> None:
    pass
