"""Faults injected into the responses of a world: the calls that they match, when they fire, and their effects."""

import heapq
import re
from collections.abc import Iterable, Iterator, MutableMapping
from functools import lru_cache
from itertools import product
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
from aniva_sandbox.engine.problems import FieldPath
from aniva_sandbox.engine.world.sections import Neighbours, Section
from aniva_sandbox.engine.world.state import World
from aniva_sandbox.engine.world.tables import Table

__all__ = [
    "After",
    "Fault",
    "FaultSection",
    "Faults",
    "Injected",
    "Path",
    "Times",
    "deliver",
    "faults_of",
    "find_fault",
    "inject",
    "section_of",
]

Path = Annotated[
    str, field("The path as in the document, with parameters in braces, or a concrete path.", max_length=1000)
]
Times = Annotated[int, field("The number of calls that it fires on; null means all.", ge=1, le=2**31)]
After = Annotated[int, field("The number of matching calls to let pass first.", ge=0, le=2**31)]


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """Effects on the calls of an operation, a method, a path, or a method on a path; without any of these, on all."""

    id: str
    effect: Effects
    operation: str | None = None
    method: str | None = None
    path: Path | None = None
    times: Times | None = 1
    after: After = 0
    seen: int = 0
    """The number of matching calls, including those that it fired on."""
    fired: int = 0
    """The number of calls that it fired on."""

    @property
    def is_spent(self) -> bool:
        """Whether it fired as often as it should."""
        return self.times is not None and self.fired >= self.times


_Target = tuple[str | None, str | None, str | None]
"""The operation, the method and the path of a fault; each is None where it may be any."""


class Faults(Table[Fault]):
    """Injected faults, in the order in which they are tried, indexed by their targets.

    The index holds the faults that may still fire, each with its place in the order. A fault that is spent stays so,
    and is not even counted by later calls, so leaving it out changes nothing.
    """

    def __init__(self, records: Iterable[Fault] = ()) -> None:
        self._added = 0
        self._ready: dict[_Target, dict[str, tuple[int, Fault]]] = {}
        super().__init__(records)

    def add(self, record: Fault) -> None:
        super().add(record)
        self._added += 1
        if not record.is_spent:
            self._ready.setdefault(_target(record), {})[record.id] = self._added, record

    def remove(self, id: str) -> None:
        """Remove a fault. Raises KeyError if there is none."""
        self._forget(self._records.pop(id))

    def clear(self) -> None:
        """Remove all faults."""
        self._records.clear()
        self._ready.clear()

    def fire(self, operation: str, method: str, template: str, path: str) -> Fault | None:
        """The first fault that fires on such a call, counted as fired; ``template`` is the path as in the document.
        Deferred faults do not count the call."""
        for _, fault in self._matching(operation, method, template, path):
            fault.seen += 1
            if fault.seen > fault.after:
                fault.fired += 1
                if fault.is_spent:
                    self._forget(fault)
                return fault
        return None

    def _matching(self, operation: str, method: str, template: str, path: str) -> Iterable[tuple[int, Fault]]:
        """The faults that match a call and may still fire, in order: those with one of the targets that match it."""
        ready = self._ready
        found = [ready[target].values() for target in _targets(operation, method, template, path) if target in ready]
        return heapq.merge(*found) if len(found) > 1 else found[0] if found else ()

    def _forget(self, fault: Fault) -> None:
        """Take a fault out of the index, if it is there."""
        target = _target(fault)
        ready = self._ready.get(target, {})
        ready.pop(fault.id, None)
        if not ready:
            self._ready.pop(target, None)


@lru_cache(maxsize=1024)
def _targets(operation: str, method: str, template: str, path: str) -> tuple[_Target, ...]:
    """The targets that match a call, each once."""
    return tuple({*product((None, operation), (None, method), (None, template, path))})


def _target(fault: Fault) -> _Target:
    return fault.operation, fault.method, fault.path


class Injected(NamedTuple):
    """A fault that fires on the current call."""

    effects: Effects
    name: str
    """The fault and its effects, as in the journal and the response header."""
    parts: tuple[Effect, ...]
    outcome: Outcome | None
    """The outcome in place of the call; None to let the call take effect."""
    kinds: tuple[str, ...] = ()
    """The kinds of its effects."""

    @property
    def loses_response(self) -> bool:
        """Whether the client cannot read the response."""
        return any(effect.loses_response for effect in self.parts)

    def change_body(self, body: bytes) -> bytes:
        """The body of the response, before its length is written."""
        for effect in self.parts:
            body = effect.change_body(body)
        return body


def find_fault(
    world: World, *, operation: str, method: str, template: str, path: str, header: str | None
) -> Injected | None:
    """The fault that fires on a call: that of the call's own header, otherwise the first due fault of the world. Raises
    a refusal through ``fault.effect`` for a header that cannot be read."""
    if header is not None:
        effects, name = read_header(header), HEADER
    else:
        method = "GET" if method == "HEAD" else method  # faults match HEAD as GET
        fault = world.faults.fire(operation, method, template, path)
        if fault is None:
            return None
        effects, name = fault.effect, fault.id
    return inject(effects, name)


@lru_cache(maxsize=256)  # cached: a fault may fire on every call
def inject(effects: Effects, name: str) -> Injected:
    """Effects that fire on a call; ``name`` is what injects them."""
    parts = effects.parts()
    outcomes = (effect.instead() for effect in parts)
    outcome = next((outcome for outcome in outcomes if outcome is not None), None)
    kinds = tuple(kind for effect in parts for kind in effect.met_kinds())
    return Injected(effects, f"{name}: {effects}", parts, outcome, kinds)


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
    """Send a response over ASGI with the effects. In process, where there is no connection to close, raises
    ConnectionResetError instead."""
    delivery = Delivery(body, scope, receive, send)
    for effect in effects.parts():
        await effect.deliver(delivery)
        if delivery.is_dropped:
            return
    await delivery.send(status, headers)


_ID = re.compile("fault-([1-9][0-9]{0,15})")


class FaultSection(Section, frozen=True, kw_only=True, eq=False):
    """The section of injected faults, in the order in which they are tried."""

    name: str = "faults"
    record: type[msgspec.Struct] = Fault
    table: Any = Faults
    targets: Targets
    """The operations that faults can match."""

    def require(self, fault: Fault) -> None:
        """Refuse through ``fault.target`` or ``fault.effect`` a fault that could never fire or has conflicting
        effects."""
        self.targets.require(fault.operation, fault.method, fault.path)
        require_effects(fault.effect)

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "check", self._check)

    def _check(self, fault: Fault, world: Neighbours) -> Iterator[tuple[FieldPath, str]]:
        try:
            self.require(fault)
        except Refusal as refusal:
            yield (), refusal.message
        number = _ID.fullmatch(fault.id)
        given_out = world.given_out("fault")
        if given_out is not None and not (number and int(number[1]) <= given_out):
            yield ("id",), "was not given out"
        if not 0 <= fault.fired <= fault.seen:
            yield ("fired",), "must be between 0 and seen"


def faults_of(contract: Contract) -> FaultSection:
    """The section of the faults of an API's worlds, for any of its operations."""
    operations = {operation.id: operation for operation in contract.operations}
    return FaultSection(targets=Targets(operations, contract.info.base))


def section_of(world: World) -> FaultSection:
    """The section of a world's faults."""
    return cast(FaultSection, world.domain.faults)
