"""Injected faults: what a client meets on a bad day, on chosen calls."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.api import partner
from aniva_sandbox.engine.contract.ground_rules import WORLD_FULL
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Success, operation, sent_fields
from aniva_sandbox.engine.contract.rules import SOURCE, Refusal, Rule
from aniva_sandbox.engine.contract.schemas import CLOSED, field
from aniva_sandbox.engine.control.names import WORLD_UNKNOWN, WorldName, find_world
from aniva_sandbox.engine.faults.injected import Effect, Fault
from aniva_sandbox.engine.problems import Path_, misfits
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.texts import listed, suggest
from aniva_sandbox.engine.world.state import require_room

__all__ = ["HEADER", "OPERATIONS", "RULES", "TAG", "read_header", "wrong_with"]

TAG = "Faults"
HEADER = "X-Sandbox-Fault"
"""In a request it asks for an effect on this one call; in an answer it says what was injected."""

# Rules

FAULT_TARGET = Rule(
    id="fault.target",
    sentence="A fault is for an operation, or for a method, a path or both, and the partner API has such an operation.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)
FAULT_EFFECT = Rule(
    id="fault.effect",
    sentence="A fault has at least one effect, and only such as go together: a dropped connection has no body to spoil "
    "and no status, a truncated body is not malformed besides, and Retry-After comes with a status.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)
FAULT_UNKNOWN = Rule(
    id="fault.unknown",
    sentence="The fault that is to go must be there.",
    basis="sandbox",
    source=SOURCE,
    statuses=(404,),
)

RULES = (FAULT_TARGET, FAULT_EFFECT, FAULT_UNKNOWN)

# Wire types

_LATENCY = field("Milliseconds that the answer waits; the call takes effect at once.", ge=1, le=600_000)
_STATUS = field("Answered instead, with the API's own error body; the call has no effect.", ge=400, le=599)
_RETRY = field("Seconds in the header Retry-After.", ge=0, le=86_400)
_DROP = field(
    "The connection is closed without an answer, before or after the call took effect.",
    extra={"enum": ["before", "after"]},
)
_TRICKLE = field("The body comes in ten pieces, so many milliseconds apart.", ge=1, le=60_000)
_AFTER = field("So many calls are spared first.", ge=0, le=2**31)
_TIMES = field("On so many calls; null is on all.", ge=1, le=2**31)


class FaultRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A fault to inject: for which calls, when, and what."""

    SCHEMA: ClassVar[dict[str, Any]] = CLOSED

    operation: Annotated[str, field("An operationId of the partner API.")] | UnsetType = UNSET
    method: (
        Annotated[str, field("Any call with it.", extra={"enum": ["GET", "POST", "PATCH", "DELETE"]})] | UnsetType
    ) = UNSET
    path: (
        Annotated[
            str,
            field("As the document has it, such as `/api/v1/appointments/{id}`, or as it is called.", max_length=1000),
        ]
        | UnsetType
    ) = UNSET
    times: Annotated[int, _TIMES] | None = 1
    after: Annotated[int, _AFTER] = 0
    latency_ms: Annotated[int, _LATENCY] | UnsetType = UNSET
    status: Annotated[int, _STATUS] | UnsetType = UNSET
    retry_after: Annotated[int, _RETRY] | UnsetType = UNSET
    drop: Annotated[str, _DROP] | UnsetType = UNSET
    truncate: Annotated[bool, field("The connection is closed after half of the body.")] | UnsetType = UNSET
    malformed: Annotated[bool, field("The body is no JSON.")] | UnsetType = UNSET
    trickle_ms: Annotated[int, _TRICKLE] | UnsetType = UNSET


class FaultView(msgspec.Struct, frozen=True, omit_defaults=True):
    """An injected fault, and how often it fired."""

    id: str
    times: Annotated[int | None, field("On so many calls; null is on all.")]
    after: Annotated[int, field("So many calls are spared first.")]
    fired: Annotated[int, field("The calls that it met so far.")]
    operation: Annotated[str, field("The operation that it is for.")] | UnsetType = UNSET
    method: Annotated[str, field("The method that it is for.")] | UnsetType = UNSET
    path: Annotated[str, field("The path that it is for.")] | UnsetType = UNSET
    latency_ms: int | UnsetType = UNSET
    status: int | UnsetType = UNSET
    retry_after: int | UnsetType = UNSET
    drop: Annotated[str, field(extra={"enum": ["before", "after"]})] | UnsetType = UNSET
    truncate: bool | UnsetType = UNSET
    malformed: bool | UnsetType = UNSET
    trickle_ms: int | UnsetType = UNSET


class FaultQuery(msgspec.Struct, frozen=True):
    """Which fault goes."""

    id: Annotated[str, field("Only this one.")] | UnsetType = UNSET


# Operations


@operation("GET", "/worlds/{world}/faults", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def list_faults(worlds: Worlds, call: Call[NoQuery, NoBody]) -> list[FaultView]:
    """List the injected faults of a world, in the order in which they are tried"""
    return [_fault_view(fault) for fault in find_world(worlds, call.id).faults]


@operation(
    "POST",
    "/worlds/{world}/faults",
    tag=TAG,
    path_id=WorldName,
    refuses=(WORLD_UNKNOWN, FAULT_TARGET, FAULT_EFFECT, WORLD_FULL),
    example={"operation": "get_appointment", "status": 503, "retry_after": 2},
    examples={
        "The answer is lost, the call is not": {"operation": "confirm_blood_draw", "drop": "after"},
        "Every call is slow": {"method": "GET", "times": None, "latency_ms": 1},
    },
)
def create_fault(worlds: Worlds, call: Call[NoQuery, FaultRequest]) -> FaultView:
    """Inject a fault

    A call meets the first fault that is for it and due; those behind it do not see the call. Nothing is left to
    chance: the same calls meet the same faults.
    """
    world = find_world(worlds, call.id)
    sent = sent_fields(call.body)
    effect = _effect(call.body)
    fault = Fault(
        "",
        effect,
        sent.get("operation"),
        sent.get("method"),
        sent.get("path"),
        call.body.times,
        call.body.after,
    )
    _require_target(fault)
    _require_effect(effect)
    require_room(world)
    fault.id = f"fault-{world.ids.next_ordinal('fault')}"
    world.faults.append(fault)
    return _fault_view(fault)


@operation("DELETE", "/worlds/{world}/faults", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN, FAULT_UNKNOWN))
def delete_faults(worlds: Worlds, call: Call[FaultQuery, NoBody]) -> Success:
    """Take injected faults out: all of a world, or one"""
    world = find_world(worlds, call.id)
    chosen = call.query.id
    if chosen is not UNSET and chosen not in {fault.id for fault in world.faults}:
        FAULT_UNKNOWN.refuse(f"There is no such fault; there are {listed([f.id for f in world.faults]) or 'none'}")
    world.faults[:] = [fault for fault in world.faults if chosen is not UNSET and fault.id != chosen]
    return Success(success=True)


def read_header(text: str) -> Effect:
    """The effect that a request asks for: ``drop=after``, ``status=503; retry_after=2``, ``malformed``.

    Raises a refusal through ``fault.effect``.
    """
    given: dict[str, Any] = {}
    for part in text.split(";"):
        name, given_one, value = (piece.strip() for piece in part.partition("="))
        if name not in Effect.__struct_fields__:
            FAULT_EFFECT.refuse(f"{HEADER}: effects are {', '.join(Effect.__struct_fields__)}")
        if name in given:
            FAULT_EFFECT.refuse(f"{HEADER}: {name} stands twice")
        given[name] = value if given_one else True
    try:
        effect = _effect(msgspec.convert(given, FaultRequest, strict=False))
    except msgspec.ValidationError:
        FAULT_EFFECT.refuse(f"{HEADER}: write effects as drop=after, or as status=503; retry_after=2; {_BOUNDS}")
    _require_effect(effect)
    return effect


def wrong_with(fault: Fault) -> Iterator[tuple[Path_, str]]:
    """What is wrong with a fault of a snapshot, and where."""
    found = False
    for path, message in misfits(_fault_fields(fault), FaultRequest):
        found = True
        yield ("effect", *path) if path[0] in Effect.__struct_fields__ else path, message
    if not found:
        try:
            _require_target(fault)
            _require_effect(fault.effect)
        except Refusal as refusal:
            yield (), refusal.message


_BOUNDS = "drop is before or after, a status lies between 400 and 599, times are whole milliseconds"


def _effect(request: FaultRequest) -> Effect:
    sent = sent_fields(request)
    return msgspec.convert({name: value for name, value in sent.items() if name in Effect.__struct_fields__}, Effect)


def _require_target(fault: Fault) -> None:
    if fault.operation is not None and (fault.method is not None or fault.path is not None):
        FAULT_TARGET.refuse("Give operation, or method and path")
    if (fault.operation, fault.method, fault.path) == (None, None, None):
        FAULT_TARGET.refuse("Give operation, method or path")
    if fault.operation is not None and fault.operation not in _OPERATIONS:
        FAULT_TARGET.refuse(f"There is no such operation{suggest(fault.operation, _OPERATIONS)}")
    if not any(
        fault.method in (None, op.method) and (fault.path is None or _leads_to(fault.path, op.path))
        for op in _OPERATIONS.values()
    ):
        FAULT_TARGET.refuse("No operation has such a path" + (" with this method" if fault.method else ""))


def _leads_to(path: str, template: str) -> bool:
    """Whether a path is a template of the document, or one of those it stands for."""
    given, wanted = path.split("/"), f"{partner.INFO.base}{template}".split("/")
    return len(given) == len(wanted) and all(
        one == other or (other.startswith("{") and _VALUE.fullmatch(one))
        for one, other in zip(given, wanted, strict=True)
    )


_VALUE = re.compile("[^{}?#]+")
"""What a parameter may be in a path that is called."""


def _require_effect(effect: Effect) -> None:
    if effect == Effect():
        FAULT_EFFECT.refuse(f"Give an effect: {', '.join(Effect.__struct_fields__)}")
    if effect.drop is not None:
        for name in ("status", "truncate", "malformed", "trickle_ms"):
            if getattr(effect, name):
                FAULT_EFFECT.refuse(f"A dropped connection has no answer; drop and {name} do not go together")
    if effect.truncate and effect.malformed:
        FAULT_EFFECT.refuse("truncate and malformed do not go together")
    if effect.retry_after is not None and effect.status is None:
        FAULT_EFFECT.refuse("retry_after goes with a status")


def _fault_fields(fault: Fault) -> dict[str, Any]:
    return {
        "id": fault.id,
        "times": fault.times,
        "after": fault.after,
        "fired": fault.fired,
        **{name: value for name in ("operation", "method", "path") if (value := getattr(fault, name)) is not None},
        **msgspec.to_builtins(fault.effect),
    }


def _fault_view(fault: Fault) -> FaultView:
    return FaultView(**_fault_fields(fault))


_OPERATIONS = {op.id: op for op in partner.OPERATIONS}

OPERATIONS = (list_faults, create_fault, delete_faults)
