"""Snapshots: a whole world written out, and put back into the same or another world."""

from datetime import UTC, date, datetime, time
from functools import cache
from typing import Annotated, Any, Final

import msgspec

from aniva_sandbox.engine.contract.derived import described, make_struct
from aniva_sandbox.engine.contract.ground_rules import WORLD_FULL
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Operation, operation
from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.contract.schemas import CLOSED, field
from aniva_sandbox.engine.control.names import WORLD_UNKNOWN, WorldName, find_world, get_world
from aniva_sandbox.engine.control.worlds import TAG, world_view, world_view_type
from aniva_sandbox.engine.problems import Data, FixtureError
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.texts import MOST
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.snapshot import VERSION, read_state, write_state
from aniva_sandbox.engine.yaml_file import MAX_FILE

__all__ = ["RULES", "snapshot_operations"]

SNAPSHOT_VERSION = Rule(
    id="snapshot.version",
    sentence="A snapshot is of the version that this sandbox writes; no other is read.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="format",
)
SNAPSHOT_VALID = Rule(
    id="snapshot.valid",
    sentence="A snapshot is of a world that can be: every field holds what a request could bring, every reference "
    "leads somewhere, every id appears once, every record is in a state that there is. Any other changes nothing.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)

RULES = (SNAPSHOT_VERSION, SNAPSHOT_VALID)

_RECORDS = list[dict[str, Any]]
_WRITTEN: Final = {datetime: str, date: str, time: str}
"""The types that JSON writes otherwise."""


@cache
def _snapshot_type(domain: Domain) -> Any:
    """The type of the snapshots of a domain, from top to bottom."""
    return make_struct(
        "Snapshot",
        [
            ("version", Annotated[int, field("Of this form.", rule=SNAPSHOT_VERSION, extra={"const": VERSION})]),
            ("clock", dict[str, Any]),
            ("ids", Annotated[dict[str, Any], field("The seed, and how many ids of each kind were given out.")]),
            ("settings", dict[str, Any]),
            *((section.name, described(_RECORDS, section.description)) for section in domain.sections),
            ("begun", Annotated[bool, field("Whether the agenda was planned.")]),
            *((fact.name, described(_WRITTEN.get(fact.type, fact.type), fact.description)) for fact in domain.facts),
            ("agenda", _RECORDS),
            ("history", _RECORDS),
            ("faults", _RECORDS),
        ],
        "A world as it is: clock, ids, settings, who may do what, records, what will happen and has happened, "
        "faults.\n\nThe journal is not part of it. Equal worlds have equal snapshots.",
        CLOSED,
    )


_START: Final = datetime(2026, 4, 13, 8, tzinfo=UTC)


def _smallest(domain: Domain) -> dict[str, Any]:
    """A snapshot of a world with nothing in it, but for a persona who may do nothing and see nothing."""
    personas = next(section for section in domain.sections if section.name == "personas")
    persona: dict[str, Any] = {each.name: [] for each in msgspec.structs.fields(personas.record)} | {
        personas.key: "full"
    }
    smallest = {
        "version": VERSION,
        "clock": {"mode": "frozen", "now": _START},
        "ids": {"seed": 0, "counts": {}},
        "settings": {},
        **{section.name: [persona] if section is personas else [] for section in domain.sections},
        "begun": True,
        **{fact.name: fact.initial(_START) for fact in domain.facts},
        "agenda": [],
        "history": [],
        "faults": [],
    }
    plain: dict[str, Any] = msgspec.to_builtins(smallest)
    return plain


def snapshot_operations(domain: Domain) -> tuple[Operation[Worlds], ...]:
    """The operations on snapshots of worlds of this domain."""
    snapshot = _snapshot_type(domain)

    @operation(
        "GET",
        "/worlds/{world}/snapshot",
        tag=TAG,
        path_id=WorldName,
        returns=snapshot,
        refuses=(WORLD_UNKNOWN,),
    )
    def get_snapshot(worlds: Worlds, call: Call[NoQuery, NoBody]) -> Any:
        """Get a world whole, as versioned JSON"""
        world = find_world(worlds, call.id)
        domain.refresh(world)  # who goes on from here may have no automation that would
        return snapshot(**write_state(world.state, domain))

    @operation(
        "PUT",
        "/worlds/{world}/snapshot",
        tag=TAG,
        path_id=WorldName,
        body=snapshot,
        returns=world_view_type(domain),
        refuses=(WORLD_UNKNOWN, SNAPSHOT_VALID, WORLD_FULL),
        max_body=MAX_FILE,
        example=_smallest(domain),
    )
    def put_snapshot(worlds: Worlds, call: Call[NoQuery, Any]) -> Any:
        """Let a world go on from a snapshot, of itself or of another

        The journal of the world goes on.
        """
        world = get_world(worlds, call.id)
        data = Data(msgspec.structs.asdict(call.body))
        try:
            state = read_state(data, domain)
        except FixtureError as error:
            told = "; ".join(f"{each.field}: {each.message}" for each in error.problems[:MOST])
            rest = error.rest(MOST)
            SNAPSHOT_VALID.refuse(f"The snapshot cannot be restored: {told}{f' ({rest})' if rest else ''}")
        size = state.size(domain)
        if size > max(world.limits.records, world.size):  # its own it can always take back
            WORLD_FULL.refuse(f"The snapshot holds {size} records, which is more than {world.limits.records}")
        worlds.put(world, state)
        return world_view(world)

    return get_snapshot, put_snapshot
