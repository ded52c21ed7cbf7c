"""Injecting, listing and removing faults through the control plane."""

from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

import msgspec
from msgspec import UNSET, Meta, UnsetType

from aniva_sandbox.engine.contract.ground_rules import WORLD_FULL
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Success, operation, sent_fields
from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.contract.schemas import CLOSED, field
from aniva_sandbox.engine.control.names import WORLD_UNKNOWN, WorldName, find_world
from aniva_sandbox.engine.faults.faults import After, Fault, Path, Times, section_of
from aniva_sandbox.engine.faults.record import FAULT_EFFECT, FIELDS, Effects
from aniva_sandbox.engine.faults.targets import FAULT_TARGET
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.engine.world.state import require_room

__all__ = ["OPERATIONS", "RULES", "TAG"]

TAG = "Faults"

FAULT_UNKNOWN = Rule(
    id="fault.unknown",
    sentence="A fault can be removed only if it exists.",
    basis="sandbox",
    source=SOURCE,
    statuses=(404,),
)

RULES = (FAULT_TARGET, FAULT_EFFECT, FAULT_UNKNOWN)

# Wire types: which calls a fault applies to, when it fires, and the fields of all effects


class _Target(msgspec.Struct, frozen=True, kw_only=True):
    operation: Annotated[str, field("An operationId of the API.")] | UnsetType = UNSET
    method: (
        Annotated[str, field("Calls with this method.", extra={"enum": ["GET", "POST", "PATCH", "DELETE"]})] | UnsetType
    ) = UNSET
    path: Path | UnsetType = UNSET
    times: Times | None = 1
    after: After = 0


def _effect_fields(*, bounded: bool) -> list[tuple[str, Any, Any]]:
    """The fields of all effects, all optional; in requests with their bounds and descriptions."""
    fields = []
    for name, type in FIELDS.items():
        plain, *metas = get_args(type)
        if get_origin(plain) is Literal:  # msgspec would sort its values in the schema
            plain = Annotated[str, Meta(extra_json_schema={"enum": list(get_args(plain))})]
        for meta in metas if bounded else ():
            plain = Annotated[plain, meta]
        fields.append((name, plain | UnsetType, UNSET))
    return fields


_Request: Any = msgspec.defstruct("_Request", _effect_fields(bounded=True), bases=(_Target,), kw_only=True)


class FaultRequest(_Request):  # type: ignore[misc]
    """A fault to inject: the calls it applies to (all, unless one of `operation`, `method` and `path` is given), when
    it fires, and its effect."""

    SCHEMA: ClassVar[dict[str, Any]] = CLOSED


class _ViewBase(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    times: Annotated[int | None, field("Number of calls the fault fires on; null for all.")]
    after: Annotated[int, field("Number of matching calls that pass first.")]
    fired: Annotated[int, field("Number of calls the fault has fired on.")]
    operation: Annotated[str, field("The operation it applies to.")] | UnsetType = UNSET
    method: Annotated[str, field("The method it applies to.")] | UnsetType = UNSET
    path: Annotated[str, field("The path it applies to.")] | UnsetType = UNSET


_View: Any = msgspec.defstruct("_View", _effect_fields(bounded=False), bases=(_ViewBase,))


class FaultView(_View):  # type: ignore[misc]
    """An injected fault, and how often it has fired."""


class FaultQuery(msgspec.Struct, frozen=True):
    """Which fault to remove."""

    id: Annotated[str, field("Remove only the fault with this id.")] | UnsetType = UNSET


# Operations


@operation("GET", "/worlds/{world}/faults", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def list_faults(worlds: Worlds, call: Call[NoQuery, NoBody]) -> list[FaultView]:
    """List the injected faults of a world, in the order they are tried"""
    return [_fault_view(fault) for fault in find_world(worlds, call.id).faults]


@operation(
    "POST",
    "/worlds/{world}/faults",
    tag=TAG,
    path_id=WorldName,
    refuses=(WORLD_UNKNOWN, FAULT_TARGET, FAULT_EFFECT, WORLD_FULL),
    example={"method": "GET", "status": 503, "retry_after": 2},
    examples={
        "The response is lost, the call is not": {"method": "POST", "drop": "after"},
        "Every call is slow": {"times": None, "latency_ms": 1},
    },
)
def create_fault(worlds: Worlds, call: Call[NoQuery, FaultRequest]) -> FaultView:
    """Inject a fault

    The first matching fault that is due fires; later faults do not count the call. Nothing is random: the same calls
    meet the same faults.
    """
    world = find_world(worlds, call.id)
    sent = sent_fields(call.body)
    effects = {name: sent.pop(name) for name in FIELDS if name in sent}
    fault = Fault("", Effects(**effects), **sent)
    section_of(world).require(fault)
    require_room(world)
    fault.id = f"fault-{world.ids.next_ordinal('fault')}"
    world.faults.add(fault)
    return _fault_view(fault)


@operation("DELETE", "/worlds/{world}/faults", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN, FAULT_UNKNOWN))
def delete_faults(worlds: Worlds, call: Call[FaultQuery, NoBody]) -> Success:
    """Remove the injected faults of a world, or one of them"""
    world = find_world(worlds, call.id)
    chosen = call.query.id
    if chosen is UNSET:
        world.faults.clear()
    elif chosen in world.faults:
        world.faults.remove(chosen)
    else:
        FAULT_UNKNOWN.refuse(
            f"There is no such fault; the faults are: {listed([f.id for f in world.faults]) or 'none'}"
        )
    return Success(success=True)


def _fault_view(fault: Fault) -> FaultView:
    target = {name: getattr(fault, name) for name in ("operation", "method", "path")}
    return FaultView(
        id=fault.id,
        times=fault.times,
        after=fault.after,
        fired=fault.fired,
        **{name: value for name, value in target.items() if value is not None},
        **msgspec.to_builtins(fault.effect),
    )


OPERATIONS = (list_faults, create_fault, delete_faults)
