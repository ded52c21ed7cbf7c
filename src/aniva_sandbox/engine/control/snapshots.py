"""Snapshots: writing out a whole world, and restoring it into the same or another world."""

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
    sentence="A snapshot must have the version that this sandbox writes.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="format",
)
SNAPSHOT_VALID = Rule(
    id="snapshot.valid",
    sentence="A snapshot must be of a possible world: each field has a valid value, each reference names a record that "
    "exists, each id is unique, each record is in a possible state. A snapshot that is refused changes nothing.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)

RULES = (SNAPSHOT_VERSION, SNAPSHOT_VALID)

_RECORDS = list[dict[str, Any]]
_WRITTEN: Final = {datetime: str, date: str, time: str}
"""The JSON types of values that JSON does not have."""


@cache
def _snapshot_type(domain: Domain) -> Any:
    """The type of a domain's snapshots, in the order of their fields."""
    return make_struct(
        "Snapshot",
        [
            (
                "version",
                Annotated[
                    int, field("The version of the snapshot format.", rule=SNAPSHOT_VERSION, extra={"const": VERSION})
                ],
            ),
            ("clock", dict[str, Any]),
            ("ids", Annotated[dict[str, Any], field("The seed, and the number of ids generated of each kind.")]),
            ("settings", dict[str, Any]),
            *((section.name, described(_RECORDS, section.description)) for section in domain.sections),
            ("begun", Annotated[bool, field("Whether automatic events were planned for the records of the start.")]),
            *((fact.name, described(_WRITTEN.get(fact.type, fact.type), fact.description)) for fact in domain.facts),
            ("agenda", _RECORDS),
            ("history", _RECORDS),
            ("faults", _RECORDS),
        ],
        "The state of a world: clock, ids, settings, personas, records, agenda, history and faults.\n\n"
        "The journal is not included. Equal worlds have equal snapshots.",
        CLOSED,
    )


_START: Final = datetime(2026, 4, 13, 8, tzinfo=UTC)


def _smallest(domain: Domain) -> dict[str, Any]:
    """A snapshot of an empty world, with one persona that has no permissions."""
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
        """Get the snapshot of a world, as versioned JSON"""
        world = find_world(worlds, call.id)
        domain.refresh(world)  # a world restored from it may not have the automation that would
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
        """Restore a world from a snapshot of itself or of another world

        The journal of the world is kept.
        """
        world = get_world(worlds, call.id)
        data = Data(msgspec.structs.asdict(call.body))
        try:
            state = read_state(data, domain)
        except FixtureError as error:
            problems = "; ".join(f"{each.field}: {each.message}" for each in error.problems[:MOST])
            rest = error.rest(MOST)
            SNAPSHOT_VALID.refuse(f"The snapshot cannot be restored: {problems}{f' ({rest})' if rest else ''}")
        size = state.size(domain)
        if size > max(world.limits.records, world.size):  # a world can always be restored from its own snapshot
            WORLD_FULL.refuse(f"The snapshot has {size} records; at most {world.limits.records} are allowed")
        worlds.put(world, state)
        return world_view(world)

    return get_snapshot, put_snapshot
