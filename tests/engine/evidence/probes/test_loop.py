"""The loop of probes leaves out what it is to skip, says how far it is, and reports what was judged before it was
interrupted."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from aniva_sandbox.engine.evidence.probes import loop
from aniva_sandbox.engine.evidence.probes.change import Again, Change, Judgement
from aniva_sandbox.engine.evidence.probes.loop import Interrupted, probe_subject
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.run import Run

START = datetime(2026, 4, 13, 8, tzinfo=UTC)


class Numbered(Change):
    """A change that finds nothing, or that needs another run."""

    kind = "times"
    needs_another = False

    def probe(self) -> Probe:
        return Probe()

    def judge(self, clean: Run, changed: Run, again: Again) -> Judgement:  # noqa: ARG002
        if self.needs_another:
            again(Probe(), START)
        return Judgement()


class Subject:
    """Runs so often until it is interrupted."""

    name = "test_tasks.py::test_adds[1]"

    def __init__(self, runs: int) -> None:
        self._left = runs

    def run(self, probe: Probe, start: datetime | None) -> Run:  # noqa: ARG002
        if not self._left:
            raise Interrupted
        self._left -= 1
        calls: Any = (None,)
        outcome: Literal["passed"] = "passed"
        return Run(outcome=outcome, calls=calls, start=START, end=START, began_with={}, state={}, seconds=0)

    def again(self, id: str) -> str:
        return id


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch) -> Sequence[Numbered]:
    """Three changes."""
    changes = [Numbered(str(number), "") for number in range(3)]
    plans: Any = {"faults": lambda *_: [], "times": lambda *_: changes, "responses": lambda *_: []}
    monkeypatch.setattr(loop, "PLANS", plans | {"rules": lambda *_: []})
    monkeypatch.setattr(loop, "difference_of_runs", lambda *_: "")
    return changes


def counts(runs: int) -> dict[str, int]:
    """The counts that are not 0, of a subject that can be run so often."""
    context: Any = None
    report = probe_subject(Subject(runs), context)
    assert report is not None
    return {name: count for name, count in report.kinds["times"].items() if count}


def test_changes_after_an_interruption_are_left_out(changes: Sequence[Numbered]) -> None:
    """What was judged before is counted as ever; so is a change that was judged in part."""
    assert counts(5) == {"changes": 3, "runs": 3}
    assert counts(3) == {"changes": 3, "runs": 1, "left_out": 2}
    changes[1].needs_another = True
    assert counts(4) == {"changes": 3, "runs": 1, "left_out": 2}


def test_an_interruption_without_a_change_is_passed_on(changes: Sequence[Numbered]) -> None:  # noqa: ARG001
    """Nothing can be judged then."""
    for runs in (0, 1):
        with pytest.raises(Interrupted):
            counts(runs)


def test_progress(changes: Sequence[Numbered]) -> None:
    """Before each change, it is said how many are done, and how many there are."""
    said: list[tuple[int, int]] = []
    context: Any = None
    probe_subject(Subject(5), context, on_progress=lambda *numbers: said.append(numbers))
    assert said == [(number, len(changes)) for number in range(3)]


@pytest.mark.parametrize(
    ("skip", "skipped"),
    [
        ("times", 3),
        ("1", 1),
        ("times:test_tasks.py::test_adds[1]:2", 1),
        ("*test_adds[1]:*", 3),
        ("*test_adds1:*", 0),
        ("?", 0),
        ("faults", 0),
    ],
)
@pytest.mark.usefixtures("changes")
def test_what_is_skipped(skip: str, skipped: int) -> None:
    """A kind, an id, or a pattern, in which only an asterisk is special: ids have brackets."""
    context: Any = None
    report = probe_subject(Subject(5), context, skip=[skip])
    assert report is not None
    assert report.kinds["times"]["skipped"] == skipped
    assert report.kinds["times"]["runs"] == 3 - skipped
