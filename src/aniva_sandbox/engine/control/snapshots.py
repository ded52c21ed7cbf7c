"""Snapshots: a whole world written out, and put back into the same or another world."""

from typing import Annotated, Any, ClassVar, Final

import msgspec

from aniva_sandbox.engine.contract.ground_rules import WORLD_FULL
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, operation
from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.control.names import CLOSED, WORLD_UNKNOWN, WorldName, find_world, get_world
from aniva_sandbox.engine.control.worlds import TAG, WorldView, world_view
from aniva_sandbox.engine.problems import Data, FixtureError
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.texts import MOST
from aniva_sandbox.engine.world.snapshot import VERSION, read_state, write_state
from aniva_sandbox.engine.yaml_file import MAX_FILE

__all__ = ["OPERATIONS", "RULES"]

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

_Records = list[dict[str, Any]]


class Snapshot(msgspec.Struct, frozen=True):
    """A world as it is: clock, ids, settings, who may do what, records, what will happen and has happened, faults.

    The journal is not part of it. Equal worlds have equal snapshots.
    """

    SCHEMA: ClassVar[dict[str, Any]] = CLOSED

    version: Annotated[int, field("Of this form.", rule=SNAPSHOT_VERSION, extra={"const": VERSION})]
    clock: dict[str, Any]
    ids: Annotated[dict[str, Any], field("The seed, and how many ids of each kind were given out.")]
    settings: dict[str, Any]
    profile_groups: _Records
    location_groups: _Records
    personas: _Records
    locations: _Records
    profiles: _Records
    appointments: _Records
    shipments: _Records
    links: _Records
    orders: Annotated[_Records, field("What the laboratories were asked for, and the results.")]
    documents: _Records
    begun: Annotated[bool, field("Whether the agenda was planned.")]
    hourly_since: Annotated[str, field("Since when shipments were synced every hour.")]
    agenda: _Records
    history: _Records
    faults: _Records


_SMALLEST: Final[dict[str, Any]] = {
    "version": VERSION,
    "clock": {"mode": "frozen", "now": "2026-04-13T08:00:00Z"},
    "ids": {"seed": 0, "counts": {}},
    "settings": {},
    "profile_groups": [],
    "location_groups": [],
    "personas": [
        {"persona": "full", "permissions": [], "profile_groups": [], "location_groups": [], "panels": []},
    ],
    **{
        section: []
        for section in ("locations", "profiles", "appointments", "shipments", "links", "orders", "documents")
    },
    "begun": True,
    "hourly_since": "2026-04-13T08:00:00Z",
    **{section: [] for section in ("agenda", "history", "faults")},
}
"""A world with nothing in it."""


@operation("GET", "/worlds/{world}/snapshot", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def get_snapshot(worlds: Worlds, call: Call[NoQuery, NoBody]) -> Snapshot:
    """Get a world whole, as versioned JSON"""
    world = find_world(worlds, call.id)
    world.domain.refresh(world)  # who goes on from here may have no automation that would
    return Snapshot(**write_state(world.state, world.domain))


@operation(
    "PUT",
    "/worlds/{world}/snapshot",
    tag=TAG,
    path_id=WorldName,
    refuses=(WORLD_UNKNOWN, SNAPSHOT_VALID, WORLD_FULL),
    max_body=MAX_FILE,
    example=_SMALLEST,
)
def put_snapshot(worlds: Worlds, call: Call[NoQuery, Snapshot]) -> WorldView:
    """Let a world go on from a snapshot, of itself or of another

    The journal of the world goes on.
    """
    world = get_world(worlds, call.id)
    data = Data(msgspec.structs.asdict(call.body))
    try:
        state = read_state(data, world.domain)
    except FixtureError as error:
        told = "; ".join(f"{each.field}: {each.message}" for each in error.problems[:MOST])
        rest = error.rest(MOST)
        SNAPSHOT_VALID.refuse(f"The snapshot cannot be restored: {told}{f' ({rest})' if rest else ''}")
    if state.size(world.domain) > max(world.limits.records, world.size):  # its own it can always take back
        WORLD_FULL.refuse(
            f"The snapshot holds {state.size(world.domain)} records, which is more than {world.limits.records}"
        )
    worlds.put(world, state)
    return world_view(world)


OPERATIONS = (get_snapshot, put_snapshot)
