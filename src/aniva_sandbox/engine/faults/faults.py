"""Faults injected into the responses of a world: which calls they are for, when they fire, and with which effects."""

import re
from collections.abc import Iterator, MutableMapping
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, cast

import msgspec

from aniva_sandbox.engine.contract.document import Contract
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.faults.delivery import Delivery, Receive, Send
from aniva_sandbox.engine.faults.effect import Effect
from aniva_sandbox.engine.faults.record import HEADER, Effects, read_header, require_effects
from aniva_sandbox.engine.faults.targets import Targets
from aniva_sandbox.engine.problems import Path_
from aniva_sandbox.engine.world.sections import Neighbours, Section
from aniva_sandbox.engine.world.state import World

__all__ = [
    "After",
    "Fault",
    "FaultSection",
    "Injected",
    "Path",
    "Times",
    "deliver",
    "faults_of",
    "find_fault",
    "next_fault",
    "section_of",
]

Path = Annotated[
    str, field("The path as the document has it, with its parameters in braces, or as it is called.", max_length=1000)
]
Times = Annotated[int, field("The number of calls that it fires on; null is all.", ge=1, le=2**31)]
After = Annotated[int, field("The number of calls that pass first.", ge=0, le=2**31)]


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """Effects on the calls of an operation, a method, a path, or a method on a path."""

    id: str
    effect: Effects
    operation: str | None = None
    method: str | None = None
    path: Path | None = None
    times: Times | None = 1
    after: After = 0
    seen: int = 0
    """The calls that it could have met, including those that it met."""
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


class Injected(NamedTuple):
    """A fault that fires on the call at hand."""

    effects: Effects
    name: str
    """What the journal and the response say of it: which fault it is, and its effects."""
    parts: tuple[Effect, ...]
    outcome: Outcome | None
    """What the call comes to instead; None where it takes effect as usual."""

    def change_body(self, body: bytes) -> bytes:
        """The body of the response, before its length is written."""
        for effect in self.parts:
            body = effect.change_body(body)
        return body


def find_fault(
    world: World, *, operation: str, method: str, template: str, path: str, header: str | None
) -> Injected | None:
    """The fault that meets a call: the one that it asks for itself in the header, else the first of the world's that
    is due. Raises a refusal through ``fault.effect`` for a header that cannot be read."""
    if header is not None:
        effects, name = read_header(header), HEADER
    else:
        method = "GET" if method == "HEAD" else method  # no fault is for HEAD alone
        fault = next_fault(world.faults, operation, method, template, path)
        if fault is None:
            return None
        effects, name = fault.effect, fault.id
    return _injected(effects, name)


@lru_cache(maxsize=256)  # a fault may meet every call
def _injected(effects: Effects, name: str) -> Injected:
    parts = effects.parts()
    outcomes = (effect.instead() for effect in parts)
    outcome = next((outcome for outcome in outcomes if outcome is not None), None)
    return Injected(effects, f"{name}: {effects}", parts, outcome)


async def deliver(
    effects: Effects,
    *,
    status: int,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    scope: MutableMapping[str, Any],
    receive: Receive,
    send: Send,
) -> None:
    """Send a response over ASGI as the effects have it. Where a connection would have to close, and there is none of
    its own (in process), this raises ConnectionResetError."""
    delivery = Delivery(body, scope, receive, send)
    for effect in effects.parts():
        await effect.deliver(delivery)
        if delivery.is_dropped:
            return
    await delivery.send(status, headers)


_ID = re.compile("fault-([1-9][0-9]{0,15})")


class FaultSection(Section, frozen=True, kw_only=True, eq=False):
    """The injected faults of the worlds of an API, in the order in which they are tried."""

    name: str = "faults"
    record: type[msgspec.Struct] = Fault
    table: Any = list
    targets: Targets
    """What the faults can be for."""

    def require(self, fault: Fault) -> None:
        """Refuse through ``fault.target`` or ``fault.effect`` a fault that could never fire, or does not make sense."""
        self.targets.require(fault.operation, fault.method, fault.path)
        require_effects(fault.effect)

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "check", self._check)

    def _check(self, fault: Fault, world: Neighbours) -> Iterator[tuple[Path_, str]]:
        try:
            self.require(fault)
        except Refusal as refusal:
            yield (), refusal.message
        number = _ID.fullmatch(fault.id)
        given_out = world.given_out("fault")
        if given_out is not None and not (number and int(number[1]) <= given_out):
            yield ("id",), "was not given out"
        if not 0 <= fault.fired <= fault.seen:
            yield ("fired",), "must lie between 0 and seen"


def faults_of(contract: Contract) -> FaultSection:
    """The section of the faults of an API's worlds, for any of its operations."""
    operations = {operation.id: operation for operation in contract.operations}
    return FaultSection(targets=Targets(operations, contract.info.base))


def section_of(world: World) -> FaultSection:
    """The section of a world's faults."""
    return cast(FaultSection, world.domain.faults)
