"""The current runs. Schemathesis registers checks and hooks for the whole process and never removes them: ours are
registered once, and find their run here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import schemathesis

from aniva_sandbox.conformance.links import Exchange, Transition
from aniva_sandbox.conformance.subject import Subject

__all__ = ["Run", "find_run", "running"]


@dataclass
class Run:
    """A run of a document, and the state of its current scenario."""

    schema: schemathesis.BaseSchema
    subject: Subject
    transitions: list[Transition] = field(default_factory=list)
    """The transitions that a scenario can take."""
    scenario: list[Exchange] = field(default_factory=list)
    """The exchanges of the scenario so far."""
    arrivals: list[Transition] = field(default_factory=list)
    """The transitions that lead to the last exchange."""
    operation: tuple[str, str] | None = None
    """The phase and operation for which the world was last renewed."""

    def begin_scenario(self) -> None:
        """Start a new scenario in a renewed world."""
        self.scenario.clear()
        self.arrivals.clear()
        self.subject.renew()

    def add(self, exchange: Exchange) -> None:
        """Add the next exchange of the scenario."""
        self.arrivals = [
            transition
            for transition in self.transitions
            if any(transition.leads(origin=origin, target=exchange) for origin in self.scenario)
        ]
        self.scenario.append(exchange)


_RUNS: dict[int, Run] = {}


def find_run(case: schemathesis.Case[Any]) -> Run | None:
    """The run of a case; None if Schemathesis was started elsewhere."""
    return _RUNS.get(id(case.operation.schema))


@contextmanager
def running(run: Run) -> Iterator[Run]:
    """Let checks and hooks find the run, for the duration of the block."""
    _RUNS[id(run.schema)] = run
    try:
        yield run
    finally:
        del _RUNS[id(run.schema)]


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: schemathesis.Case[Any], _kwargs: dict[str, Any]) -> None:
    """Renew the world for each operation; in the stateful phase, scenarios do that."""
    run = find_run(case)
    if run is None or case.meta is None or case.meta.phase.name == "stateful":
        return
    operation = (case.meta.phase.name.value, case.operation.label)
    if run.operation != operation:
        run.operation = operation
        run.subject.renew()
