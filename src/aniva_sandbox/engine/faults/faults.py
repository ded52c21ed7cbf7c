"""Faults that are injected into the answers of a world: for which calls, when, and what they do."""

from typing import Literal

import msgspec

from aniva_sandbox.engine.world.sections import Section

__all__ = ["FAULTS", "Effect", "Fault", "next_fault"]


class Effect(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a fault does to an answer. Times are milliseconds of the machine's clock, whatever the world's does."""

    latency_ms: int = 0
    """So long the answer waits; the call takes effect at once."""
    status: int | None = None
    """This status is answered instead, and the call has no effect."""
    retry_after: int | None = None
    """Seconds in the header Retry-After."""
    drop: Literal["before", "after"] | None = None
    """The connection is closed without an answer, before or after the call took effect."""
    truncate: bool = False
    """The connection is closed after half of the body."""
    malformed: bool = False
    """The body is no JSON."""
    trickle_ms: int = 0
    """The body comes in pieces, each so long after the one before."""


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """An effect on the calls of an operation, a method, a path, or a method on a path."""

    id: str
    effect: Effect
    operation: str | None = None
    method: str | None = None
    path: str | None = None
    """As the document has it, such as ``/api/v1/appointments/{id}``, or as it is called."""
    times: int | None = 1
    """On so many calls; None is on all."""
    after: int = 0
    """So many calls are spared before."""
    seen: int = 0
    """The calls that it could have met, those it met included."""
    fired: int = 0
    """The calls that it met."""

    def matches(self, operation: str, method: str, template: str, path: str) -> bool:
        """Whether it is for such a call; ``template`` is the path as the document has it."""
        return (
            self.operation in (None, operation)
            and self.method in (None, method)
            and self.path in (None, template, path)
        )


def next_fault(faults: list[Fault], operation: str, method: str, template: str, path: str) -> Fault | None:
    """The first fault that meets this call, counted as fired. Those behind it do not see the call."""
    for fault in faults:
        if fault.times is not None and fault.fired >= fault.times:
            continue
        if fault.matches(operation, method, template, path):
            fault.seen += 1
            if fault.seen > fault.after:
                fault.fired += 1
                return fault
    return None


FAULTS = Section(name="faults", record=Fault, table=list)
"""The injected faults of a world, in the order in which they are tried."""
