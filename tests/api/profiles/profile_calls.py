"""Calls about profiles, and the values that their tests begin with."""

from typing import Any

from aniva_sandbox.api.profiles import operations as profiles
from aniva_sandbox.api.world import World
from tests.support import PROFILE, run

NEW: dict[str, Any] = {
    "first_name": "Zoë",
    "sex": 2,
    "date_of_birth": "1990-01-02",
    "profile_group": "acme-clinic-berlin",
}
KEYS = {
    *("id", "handle", "first_name", "last_name", "email", "phone", "sex", "date_of_birth", "height", "weight"),
    *("language", "created_at", "updated_at"),
}
ACME = "1ecb13f7-d3c9-42eb-87db-aea03467eeae"


def create(world: World, persona: str = "full", **fields: Any) -> Any:
    """Create a profile; the fields stand in for those of NEW."""
    return run(world, profiles.create_profile, body=NEW | fields, persona=persona)


def update(world: World, **fields: Any) -> Any:
    """Update the known profile."""
    return run(world, profiles.update_profile, PROFILE, fields)


def listed(world: World, persona: str = "full", **query: Any) -> Any:
    """The list of profiles."""
    return run(world, profiles.list_profiles, query=query, persona=persona)
