"""Who calls, and what they may do."""

from typing import Literal

import msgspec

from aniva_sandbox.engine.world.values import PersonaName

__all__ = ["Access", "Permission"]


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


class Access(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an API key may do, and the access context that it sees (ids of groups and panels)."""

    persona: PersonaName
    permissions: frozenset[str]
    profile_groups: frozenset[str]
    location_groups: frozenset[str]
    panels: frozenset[str]
