"""What the control plane's operations share: naming and finding worlds, and how time is shown."""

from typing import Annotated, Final

import msgspec

from aniva_sandbox.engine.contract.ground_rules import TIME_INPUT
from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.contract.schemas import Timestamp, field
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.events import settle
from aniva_sandbox.engine.world.keys import KEY_PREFIX, WORLD_NAME
from aniva_sandbox.engine.world.state import World

__all__ = [
    "CLOSED",
    "JOURNAL_QUERY",
    "RULES",
    "WORLD_UNKNOWN",
    "ClockView",
    "Instant",
    "WorldName",
    "clock_view",
    "find_world",
    "get_world",
]

WORLD_NAMED = Rule(
    id="world.name",
    sentence="A world's name has 1 to 64 of a-z, 0-9 and hyphen.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="format",
)
WORLD_UNKNOWN = Rule(
    id="world.unknown",
    sentence="The world must exist: it was put there, or its key was used.",
    basis="sandbox",
    source=SOURCE,
    statuses=(404,),
)

JOURNAL_QUERY = Rule(  # here, as the journal needs the ledger, which it is part of
    id="journal.query",
    sentence="The journal is asked only for operations and rules that there are.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)

RULES = (WORLD_NAMED, WORLD_UNKNOWN, JOURNAL_QUERY)

# What the control plane does not know is a mistake of the caller; only partners' unknown fields are ignored.
CLOSED: Final = {"additionalProperties": False}

WorldName = Annotated[
    str,
    field(
        "The world's name.",
        rule=WORLD_NAMED,
        pattern=f"^{WORLD_NAME}$",
        examples=["default"],
        extra={"x-hint": "must be 1 to 64 of a-z, 0-9 and hyphen", "x-characters": "a-z0-9-"},
    ),
]
Instant = Annotated[str, field("An RFC 3339 instant.", rule=TIME_INPUT, extra={"format": "date-time"})]


class ClockView(msgspec.Struct, frozen=True):
    """A world's time."""

    mode: Annotated[str, field(extra={"enum": ["real", "frozen"]})]
    now: Annotated[Timestamp, field("UTC, whole seconds.")]


def get_world(worlds: Worlds, name: str) -> World:
    """The world of a path as it is."""
    world = worlds.get(name)
    if world is None:
        WORLD_UNKNOWN.refuse(f"There is no such world; PUT it, or use the key {KEY_PREFIX}<name>")
    return world


def find_world(worlds: Worlds, name: str) -> World:
    """The world of a path, with everything that is due in it done."""
    world = get_world(worlds, name)
    settle(world)
    return world


def clock_view(world: World) -> ClockView:
    """The time of a world as it is shown."""
    return ClockView(world.clock.mode, world.now)
