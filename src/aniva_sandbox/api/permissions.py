"""Personas: their permissions, and the access context that they see."""

from typing import Annotated, Any, Literal, get_args

from msgspec import Meta

from aniva_sandbox.engine.contract import access
from aniva_sandbox.engine.contract.values import Slug, refers_to
from aniva_sandbox.engine.world.sections import Reading, persona_section

__all__ = ["PERSONAS", "Access", "Permission"]

Permission = Literal[
    "create_user",
    "profiles_view",
    "impersonate",
    "locations_view",
    "test_sessions_schedule",
    "test_sessions_view",
    "test_sessions_operate",
    "test_sessions_manage",
    "results_view",
    "shipments_manage",
    "panels_access",
]


class Access(access.Access, frozen=True, forbid_unknown_fields=True):
    """The permissions of an API key, and the access context that it sees (ids of groups and panels)."""

    permissions: frozenset[Annotated[str, refers_to("permission")]]
    profile_groups: frozenset[Annotated[str, refers_to("profile group")]]
    location_groups: frozenset[Annotated[str, refers_to("location group")]]
    panels: frozenset[Annotated[str, refers_to("panel")]]


def _read(entry: Any, reading: Reading) -> dict[str, Any]:
    """The permissions and the access context of a persona; ``all`` stands for every permission or panel."""
    groups = [reading.find("profile_groups", "slug", slug, ("profile_groups",)) for slug in entry.profile_groups]
    return {
        "permissions": frozenset(get_args(Permission) if entry.permissions == "all" else entry.permissions),
        "profile_groups": frozenset(group.id for group in groups if group is not None),
        "location_groups": frozenset(entry.location_groups),
        "panels": frozenset(reading.shared.panels if entry.panels == "all" else entry.panels),
    }


PERSONAS = persona_section(
    Access,
    further={
        "permissions": Literal["all"] | tuple[Annotated[str, refers_to("permission")], ...],
        "profile_groups": tuple[Annotated[Slug, refers_to("profile group", "slug")], ...],
        "location_groups": tuple[Annotated[Slug, refers_to("location group")], ...],
        "panels": Annotated[
            Literal["all"] | tuple[Annotated[str, refers_to("panel")], ...],
            Meta(description="The panels that it may order, custom containers among them."),
        ],
    },
    read=_read,
    description="A persona sees the records of its groups.",
)
