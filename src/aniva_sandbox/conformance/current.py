"""The runs that are under way. What Schemathesis registers, it registers for the whole process and never takes back:
our checks and hooks are registered once, and find out here which run they are asked for."""

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
    """A document that is being run, and how far a scenario got."""

    schema: schemathesis.BaseSchema
    subject: Subject
    transitions: list[Transition] = field(default_factory=list)
    """What can follow what in a scenario."""
    scenario: list[Exchange] = field(default_factory=list)
    """The exchanges of the scenario up to now."""
    arrivals: list[Transition] = field(default_factory=list)
    """The transitions that lead to the last of them."""
    operation: tuple[str, str] | None = None
    """The phase and operation that the world was last renewed for."""

    def begin_scenario(self) -> None:
        """Forget what happened, and renew the world."""
        self.scenario.clear()
        self.arrivals.clear()
        self.subject.renew()

    def add(self, exchange: Exchange) -> None:
        """Take in the next exchange of the scenario."""
        self.arrivals = [
            transition
            for transition in self.transitions
            if any(transition.leads(origin=origin, target=exchange) for origin in self.scenario)
        ]
        self.scenario.append(exchange)


_RUNS: dict[int, Run] = {}


def find_run(case: schemathesis.Case[Any]) -> Run | None:
    """The run that a case belongs to; None where somebody else runs Schemathesis."""
    return _RUNS.get(id(case.operation.schema))


@contextmanager
def running(run: Run) -> Iterator[Run]:
    """Let checks and hooks find the run."""
    _RUNS[id(run.schema)] = run
    try:
        yield run
    finally:
        del _RUNS[id(run.schema)]


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: schemathesis.Case[Any], _kwargs: dict[str, Any]) -> None:
    """Renew the world when the next operation begins; in the stateful phase each scenario does."""
    run = find_run(case)
    if run is None or case.meta is None or case.meta.phase.name == "stateful":
        return
    operation = (case.meta.phase.name.value, case.operation.label)
    if run.operation != operation:
        run.operation = operation
        run.subject.renew()
