"""What the resources share: finding records inside the caller's context, and the answer of changes without one."""

from collections.abc import Iterable
from typing import Annotated, TypeVar

import msgspec

from aniva_sandbox.contract.common import AUTH_CONTEXT, FORBIDDEN, WORLD_FULL
from aniva_sandbox.contract.rules import Rule
from aniva_sandbox.contract.schemas import field
from aniva_sandbox.world.tables import Access, Location, Profile, Record, Table
from aniva_sandbox.world.world import World

__all__ = [
    "R",
    "Success",
    "find",
    "find_profile",
    "rely_on",
    "require_context",
    "require_room",
    "unique",
    "visible_location",
    "visible_profile",
]

R = TypeVar("R", bound=Record)


class Success(msgspec.Struct, frozen=True):
    """The answer of a change that returns no resource."""

    success: Annotated[bool, field("Always true.")]


def find(table: Table[R], id: str, unknown: Rule, what: str) -> R:
    """The record with this id, or a 404 through ``unknown`` that says what was asked for."""
    record = table.get(id)
    if record is None:
        unknown.refuse(f"There is no such {what}", status=404)
    return record


def visible_profile(access: Access, profile: Profile) -> bool:
    """Whether a profile is inside the context; so are then its appointments, results and documents."""
    return profile.group in access.profile_groups


def visible_location(access: Access, location: Location) -> bool:
    """Whether a location is inside the context."""
    return location.group in access.location_groups


def require_context(inside: bool) -> None:
    """Refuse through ``auth.context`` what is outside."""
    if not inside:
        AUTH_CONTEXT.refuse(FORBIDDEN)


def require_room(world: World) -> None:
    """Refuse through ``world.full`` a further record in a world that is full."""
    if world.is_full:
        WORLD_FULL.refuse(f"The world holds {world.limits.records} records; reset it, or raise serve --max-records")


def rely_on(rule: Rule, world: World) -> None:
    """Note that the call at hand is taken as it is because of a rule that no page settles."""
    world.relied.append(rule.id)


def find_profile(world: World, access: Access, id: str, unknown: Rule) -> Profile:
    """The profile with this id: 404 through ``unknown``, then 403 where it is outside the context."""
    profile = find(world.profiles, id, unknown, "profile")
    require_context(visible_profile(access, profile))
    return profile


def unique(ids: Iterable[str]) -> list[str]:
    """Ids in lower case, each once, in the order in which they were sent."""
    return list(dict.fromkeys(id.lower() for id in ids))
