"""How personas are shown: their keys, and what these may see."""

from collections.abc import Collection, Iterator
from typing import Any, Final, get_args

from aniva_sandbox.api.access import visible_panels
from aniva_sandbox.api.permissions import Access, Permission
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.keys import KEY_PREFIX
from aniva_sandbox.engine.world.showing import Column, RecordFact, SectionShowing, plain_fields

__all__ = ["PERSONAS"]


def _key(world: World, access: Access) -> str:
    key = f"{KEY_PREFIX}{world.name}"
    return key if access.persona == "full" else f"{key}.{access.persona}"


def _permissions(_world: Any, access: Access) -> str:
    return _listed(access.permissions, len(get_args(Permission)))


def _profile_groups(world: World, access: Access) -> str:
    slugs = {group.id: group.slug for group in world.profile_groups.values()}
    return _listed([slugs[id] for id in access.profile_groups])


def _location_groups(_world: Any, access: Access) -> str:
    return _listed(access.location_groups)


def _panels(world: World, access: Access) -> str:
    return _listed([panel.name for panel in visible_panels(world, access)], len(world.catalogue.panels))


def _listed(names: Collection[str], most: int | None = None) -> str:
    """Names as text; ``most`` is the number of all names."""
    return "all" if len(names) == most else ", ".join(sorted(names)) or "none"


def _facts(world: World, access: Access) -> Iterator[RecordFact]:
    for column in _COLUMNS:
        yield RecordFact(column.title, column.text(world, access) or "none")


_COLUMNS: Final = (
    Column("Key", _key),
    Column("Permissions", _permissions),
    Column("Profile groups", _profile_groups),
    Column("Location groups", _location_groups),
    Column("Panels", _panels),
)
PERSONAS: Final = SectionShowing(
    title="Personas",
    columns=_COLUMNS,
    name=lambda _world, access: access.persona,
    fields=plain_fields,
    facts=_facts,
)
