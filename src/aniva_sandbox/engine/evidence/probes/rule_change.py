"""A change of what a test turned on: the test should notice it."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from aniva_sandbox.engine.contract.ground_rules import ERROR_INTERNAL
from aniva_sandbox.engine.contract.outcomes import UNFINISHED
from aniva_sandbox.engine.evidence.probes.change import Again, Change, Judgement
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.report import KindName
from aniva_sandbox.engine.evidence.probes.run import Run, SeenCall

__all__ = ["RuleChange", "is_defect", "is_probed", "why_void"]


def is_probed(call: SeenCall) -> bool:
    """Whether a call reached its operation and came to its end, and the client could see that."""
    return bool(call.operation) and call.took_effect and not call.is_lost and call.status not in UNFINISHED


class RuleChange(Change):
    """A change that the test should notice."""

    kind: ClassVar[KindName] = "rules"

    def __init__(
        self,
        id: str,
        title: str,
        *,
        calls: Iterable[SeenCall] = (),
        probe: Callable[[], Probe],
        items: tuple[str, ...],
        operation: str | None = None,
    ) -> None:
        """``title`` continues a sentence: "the test still passes if …". ``calls`` are those of the clean run that meet
        the change."""
        calls = tuple(calls)
        operations = {call.operation for call in calls}
        if operation is None:
            operation = operations.pop() if len(operations) == 1 else ""
        super().__init__(id, title, operation=operation)
        self.items = items
        self._probe = probe
        self._calls = {(call.operation, call.ordinal): call.status for call in calls}

    def probe(self) -> Probe:
        """What sits in the world of one run."""
        return self._probe()

    def judge(self, clean: Run, changed: Run, again: Again) -> Judgement:  # noqa: ARG002
        """Noticed if the test does not pass. A run in which the change did not show says nothing."""
        if reason := why_void(changed, shows=self.took_hold(changed)):
            return Judgement(is_void=True, sentence=reason)
        if changed.outcome == "passed":
            return Judgement(verdict="unnoticed", sentence=f"the test still passes if {self.title}")
        return Judgement()

    def took_hold(self, changed: Run) -> bool:
        """Whether the change showed: a call that meets it came to another status."""
        return any(
            call.status != self._calls.get((call.operation, call.ordinal), call.status) for call in changed.calls
        )


def is_defect(call: SeenCall) -> bool:
    """Whether a call failed because of the sandbox."""
    return call.took_effect and any(rule.id == ERROR_INTERNAL.id for rule in call.trace.refused_by)


def why_void(changed: Run, *, shows: bool) -> str:
    """Why a run with a change says nothing about the client; empty if it does. ``shows`` says whether the client could
    see the change."""
    if any(map(is_defect, changed.calls)):
        return "the sandbox broke"
    if changed.outcome == "skipped":
        return "the test was skipped"
    return "" if shows else "the change did not show in the run"
