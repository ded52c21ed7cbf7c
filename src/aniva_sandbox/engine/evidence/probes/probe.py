"""The probe that sits in a world during one run: it notes each call. Subclasses change one thing."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.evidence.probes.run import SeenCall
from aniva_sandbox.engine.faults.faults import Injected
from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.clock import stopwatch
from aniva_sandbox.engine.world.state import World

__all__ = ["Probe"]

_SECOND: Final = 1e9


def _machine_seconds() -> float:
    return stopwatch() / _SECOND


class Probe:
    """Notes the calls of one run, and changes nothing."""

    def __init__(self) -> None:
        self.calls: list[SeenCall] = []
        self.client_seconds: Callable[[], float] = _machine_seconds
        """The client's time in seconds, since any instant; what runs the client replaces it if waits take no time."""
        self.on_call: Callable[[], None] = lambda: None
        """Called after each call; what runs the client replaces it to keep to its limits."""
        self.injected = ""
        """The kind of the fault that the change injects into the current call, as in its id."""
        self._counts: Counter[str] = Counter()
        self._at = 0.0
        self._time: datetime | None = None
        self._history: list[Happened] | None = None
        self._known = 0
        """The number of events in the history that a call was noted with, or that the world began with."""

    @property
    def ordinal(self) -> int:
        """The number of the current call among those of its operation, from 1."""
        return self._ordinal

    def begin(self, world: World, endpoint: Endpoint, request: Request) -> None:  # noqa: ARG002
        """Note that a call reached an operation."""
        self._follow(world)
        self.injected = ""
        self._counts[endpoint.id] += 1
        self._ordinal = self._counts[endpoint.id]
        self._at = self.client_seconds()
        self._time = world.clock.now

    def fault(self, endpoint: Endpoint) -> Injected | None:  # noqa: ARG002
        """The fault to inject into the current call."""
        return None

    def is_in_force(self, rule: Rule, distance: float | None, measure: str) -> bool:  # noqa: ARG002
        """Whether a rule applies to the current call. Raises a refusal if it does more than usual."""
        return True

    def waives(self, rule: Rule) -> bool:  # noqa: ARG002
        """Whether refusals through a rule do not come."""
        return False

    def change_outcome(self, endpoint: Endpoint, request: Request, outcome: Outcome, trace: Trace) -> Outcome:  # noqa: ARG002
        """The outcome of the current call, as the client gets it."""
        return outcome

    def holds_back(self, world: World, event: Event) -> bool:  # noqa: ARG002
        """Whether an event leaves its record as it is."""
        self._follow(world)
        return False

    def settle(self, world: World) -> None:
        """Act before events happen that are due in a world."""
        self._follow(world)

    def end(
        self,
        world: World,
        endpoint: Endpoint | None,
        values: list[str],
        request: Request,
        outcome: Outcome,
        trace: Trace,
        injected: Injected | None,
    ) -> None:
        """Note what a call came to."""
        self._follow(world)
        happened = tuple(world.history[self._known :])
        self._known = len(world.history)
        if endpoint is None:  # it began nothing
            self.injected, self._ordinal, self._at, self._time = "", 0, self.client_seconds(), world.clock.now
        self.calls.append(
            SeenCall(
                operation=endpoint.id if endpoint is not None else "",
                ordinal=self._ordinal,
                request=request,
                values=tuple(values),
                status=outcome.status,
                value=_plain(outcome.value),
                trace=trace,
                fault=self.injected,
                took_effect=injected is None or injected.outcome is None,
                is_lost=injected is not None and injected.loses_response,
                at=self._at,
                time=self._time or world.clock.now,
                happened=happened,
            )
        )
        self.on_call()

    def _follow(self, world: World) -> None:
        """Leave out what a world began with, and begins with again after a reset, from what happens in it."""
        if world.history is not self._history:
            self._history, self._known = world.history, len(world.history)


def _plain(value: Any) -> Any:
    """A body, if it is JSON."""
    return None if isinstance(value, bytes) else value
