"""``--aniva-probe-only``: one test is run with one change, in public."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import pytest

from aniva_sandbox.engine.evidence.probes.change import Change, Judgement
from aniva_sandbox.engine.evidence.probes.loop import (
    Unrepeatable,
    full_id,
    judge_one,
    plan_changes,
    run_clean,
)
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.report import KINDS
from aniva_sandbox.engine.evidence.probes.wording import held_lines, verdict_of
from aniva_sandbox.engine.texts import suggest
from aniva_sandbox.testing.naming import name_of
from aniva_sandbox.testing.probing.hooks import ProbingHooks, context_of, uses_sandbox
from aniva_sandbox.testing.probing.items import ProbedItem
from aniva_sandbox.testing.probing.marks import MarkError, read_marks

__all__ = ["OnlyRun"]

_OPTION: Final = "--aniva-probe-only"


class OnlyRun(ProbingHooks):
    """Runs one test, with one change."""

    def __init__(self, config: pytest.Config) -> None:
        """Raises UsageError for an id of no kind."""
        super().__init__(config)
        self._id = str(config.getoption(_OPTION))
        kind, _, rest = self._id.partition(":")
        known = next((each for each in KINDS if each == kind), None)
        if known is None:
            raise pytest.UsageError(f"{_OPTION}: {self._id!r}: there is no kind {kind!r}{suggest(kind, KINDS)}")
        self._kind = known
        self._change: Change | None = None
        self._judgement = Judgement()
        self._reason = ""
        """Why nothing can be judged."""
        self._has_passed = False
        _stay_here(config)
        _look_only_in(config, rest.partition("::")[0])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Select the test. Raises UsageError if there is none."""
        starts = {f"{self._kind}:{name_of(item)}:": item for item in items if uses_sandbox(item)}
        found = max((start for start in starts if self._id.startswith(start)), key=len, default=None)
        if found is None:
            near = suggest(self._id, starts)
            raise pytest.UsageError(f"{_OPTION}: {self._id!r}: there is no test of this name that can be probed{near}")
        others = [item for item in items if item is not starts[found]]
        if others:
            config.hook.pytest_deselected(items=others)
        items[:] = [starts[found]]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Function) -> Generator[None, Any, Any]:
        """Judge the change first, and then let everybody run the test with it."""
        self._probed = probed = ProbedItem(item, is_virtual=self._is_virtual)
        try:
            try:
                with probed.around():
                    self._judge(probed)
            except MarkError as error:
                self._reason = f"the marker aniva_probe: {error}"
            change = self._change
            with probed.in_public(Probe(), None) if change is None else probed.in_public(change.probe(), change.start):
                return (yield)
        finally:
            self._probed = None

    def _judge(self, probed: ProbedItem) -> None:
        """Find the change, and judge it. Raises UsageError, MarkError."""
        context = context_of(read_marks(probed.item).recovers)
        try:
            clean = run_clean(probed, context)
        except Unrepeatable as reason:
            self._reason = str(reason)
            return
        if clean is None:
            raise pytest.UsageError(f"{_OPTION}: {self._id!r}: the test makes no call that could be changed")
        changes = {full_id(change, probed): change for change in plan_changes(clean, context, [self._kind])}
        change = changes.get(self._id)
        if change is None:
            shortest = len(f"{self._kind}:{probed.name}:")
            near = suggest(self._id[shortest:], [id[shortest:] for id in changes])
            raise pytest.UsageError(f"{_OPTION}: {self._id!r}: the test has no such change{near}")
        self._change = change
        self._judgement = judge_one(change, clean, probed.run(change.probe(), change.start), probed)

    # The test's own run

    def own_phase(self) -> AbstractContextManager[None]:
        """Keep it within its limits."""
        return self._probed.phase_in_public() if self._probed is not None else nullcontext()

    def set_up(self, item: pytest.Item) -> None:  # noqa: ARG002
        """Show what fixtures of wider scopes printed."""
        if self._probed is not None:
            self._probed.show_kept()

    def call(self, item: pytest.Item) -> None:  # noqa: ARG002
        """Fail a test that passed although something was found."""
        self._has_passed = True
        if self._reason:
            pytest.fail(f"nothing can be said about {self._id}: {self._reason}", pytrace=False)
        if self._change is not None and self._judgement.verdict is not None:
            pytest.fail(
                "\n".join([verdict_of(self._change, self._judgement), self._id, *held_lines(self._judgement)]),
                pytrace=False,
            )

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what the change was, and what was found."""
        if self._change is None:
            return
        terminalreporter.section("Aniva sandbox: probes")
        terminalreporter.line(f"{self._id}: {self._change.title}")
        terminalreporter.line(verdict_of(self._change, self._judgement))


def _stay_here(config: pytest.Config) -> None:
    """Run the test in this process, where it can be debugged, even if the project runs its tests under xdist."""
    if hasattr(config.option, "dist"):
        config.option.dist, config.option.tx = "no", []


def _look_only_in(config: pytest.Config, name: str) -> None:
    """Collect the file of the test only, unless the command line says where to look."""
    path = config.rootpath / name
    if config.args_source is not config.ArgsSource.ARGS and name and path.exists():
        config.args = [str(path)]
