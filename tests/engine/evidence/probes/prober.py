"""A probe for tests: it notes what it is told, and changes what it was made to change."""

from typing import Any, NamedTuple

from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.evidence.probes.standing import standing_for
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.state import World

__all__ = ["Noted", "Probe", "Tightening", "Waiving"]


class Noted(NamedTuple):
    """A call that came to its end."""

    endpoint: Endpoint | None
    values: list[str]
    outcome: Outcome
    trace: Trace
    injected: Any


class Probe:
    """Changes nothing."""

    def __init__(self) -> None:
        self.told: list[str] = []
        """The names of what was called, in order."""
        self.calls: list[Noted] = []
        self.asked: list[tuple[str, float | None, str]] = []
        """The rules that :meth:`is_in_force` was asked about, with the distance and the measure."""

    def begin(self, _world: World, endpoint: Endpoint, _request: Request) -> None:
        self.told.append(f"begin {endpoint.id}")

    def fault(self, _endpoint: Endpoint) -> Any:
        self.told.append("fault")
        return None

    def is_in_force(self, rule: Rule, distance: float | None, measure: str) -> bool:
        self.asked.append((rule.id, distance, measure))
        return not self.waives(rule)

    def waives(self, _rule: Rule) -> bool:
        return False

    def change_outcome(self, endpoint: Endpoint, _request: Request, outcome: Outcome, _trace: Trace) -> Outcome:
        self.told.append("change_outcome")
        return standing_for(endpoint) if any(map(self.waives, outcome.rules)) else outcome

    def end(
        self,
        _world: World,
        endpoint: Endpoint | None,
        values: list[str],
        _request: Request,
        outcome: Outcome,
        trace: Trace,
        injected: Any,
    ) -> None:
        self.told.append("end")
        self.calls.append(Noted(endpoint, values, outcome, trace, injected))

    def holds_back(self, _world: World, _event: Event) -> bool:
        return False

    def settle(self, _world: World) -> None:
        self.told.append("settle")


class Waiving(Probe):
    """Keeps rules from applying: the named ones, or all."""

    def __init__(self, *rules: str) -> None:
        super().__init__()
        self.rules = rules

    def waives(self, rule: Rule) -> bool:
        return rule.id in self.rules or not self.rules


class Tightening(Probe):
    """Refuses through one rule whatever is at most so far from its boundary."""

    def __init__(self, rule: str, within: float, measure: str = "") -> None:
        super().__init__()
        self.rule = rule
        self.within = within
        self.measure = measure

    def is_in_force(self, rule: Rule, distance: float | None, measure: str) -> bool:
        if rule.id == self.rule and measure == self.measure and distance is not None and abs(distance) <= self.within:
            raise rule.refusal("The boundary is elsewhere today")
        return super().is_in_force(rule, distance, measure)
