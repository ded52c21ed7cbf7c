"""Who calls, with which permissions, and the access context that they see."""

from typing import Literal

from aniva_sandbox.engine.contract import access

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


class Access(access.Access, frozen=True, forbid_unknown_fields=True):
    """What an API key may do, and the access context that it sees (ids of groups and panels)."""

    profile_groups: frozenset[str]
    location_groups: frozenset[str]
    panels: frozenset[str]
