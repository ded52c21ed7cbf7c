"""The names of worlds, and finding a world by its name."""

from typing import Annotated, NoReturn

from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.events import settle
from aniva_sandbox.engine.world.keys import KEY_PREFIX, WORLD_NAME
from aniva_sandbox.engine.world.state import World

__all__ = ["RULES", "WORLD_UNKNOWN", "WorldName", "find_world", "get_world"]

WORLD_NAMED = Rule(
    id="world.name",
    sentence="A world's name consists of 1 to 64 characters from a-z, 0-9 and hyphen.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="format",
)
WORLD_UNKNOWN = Rule(
    id="world.unknown",
    sentence="The world must exist: it was created with PUT, or by the first use of its key.",
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
        extra={"x-hint": "must be 1 to 64 characters from a-z, 0-9 and hyphen", "x-characters": "a-z0-9-"},
    ),
]


def get_world(worlds: Worlds, name: str) -> World:
    """The world of this name, as it is."""
    return worlds.get(name) or _refuse()


def find_world(worlds: Worlds, name: str) -> World:
    """The world of this name, after all events that are due have happened."""
    world = get_world(worlds, name)
    settle(world)
    return world


def _refuse() -> NoReturn:
    WORLD_UNKNOWN.refuse(f"There is no such world; create it with PUT, or use the key {KEY_PREFIX}<name>")
