"""How personas are shown: their keys, and what these may see."""

from collections.abc import Iterator
from typing import Any, Final, get_args

from aniva_sandbox.api.permissions import Access, Permission
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.keys import KEY_PREFIX
from aniva_sandbox.engine.world.showing import Column, RecordFact, SectionShowing, plain_fields

__all__ = ["PERSONAS"]


def _key(world: World, access: Access) -> str:
    key = f"{KEY_PREFIX}{world.name}"
    return key if access.persona == "full" else f"{key}.{access.persona}"


def _permissions(_world: Any, access: Access) -> str:
    return _listed(access.permissions, get_args(Permission))


def _groups(world: World, access: Access) -> str:
    return _listed(group.slug for group in world.profile_groups.values() if group.id in access.profile_groups)


def _networks(_world: Any, access: Access) -> str:
    return _listed(access.location_groups)


def _panels(world: World, access: Access) -> str:
    panels = world.catalogue.panels
    return "all" if access.panels >= panels.keys() else _listed(panels[id].name for id in access.panels)


def _listed(names: Any, all: tuple[str, ...] = ()) -> str:
    named = sorted(names)
    return "all" if all and len(named) == len(all) else ", ".join(named) or "none"


def _facts(world: World, access: Access) -> Iterator[RecordFact]:
    for column in _COLUMNS:
        yield RecordFact(column.title, column.text(world, access) or "none")


_COLUMNS: Final = (
    Column("Key", _key),
    Column("Permissions", _permissions),
    Column("Profile groups", _groups),
    Column("Location groups", _networks),
    Column("Panels", _panels),
)
PERSONAS: Final = SectionShowing(
    title="Personas",
    columns=_COLUMNS,
    name=lambda _world, access: access.persona,
    fields=plain_fields,
    facts=_facts,
)
