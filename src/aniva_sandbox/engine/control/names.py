"""How calls name a world, and how it is found."""

from typing import Annotated

from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.events import settle
from aniva_sandbox.engine.world.keys import KEY_PREFIX, WORLD_NAME
from aniva_sandbox.engine.world.state import World

__all__ = ["RULES", "WORLD_UNKNOWN", "WorldName", "find_world", "get_world"]

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

RULES = (WORLD_NAMED, WORLD_UNKNOWN)

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
