"""Profiles: rules below HTTP first, then format rules through the pipeline."""

import pytest

from aniva_sandbox.resources import profiles
from aniva_sandbox.world.world import World
from tests.support import Client, refusal_of, run

NEW = {"first_name": "Zoë", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}


@pytest.mark.rule("profile.group-unknown")
def test_group_must_exist(world: World) -> None:
    """A slug of no group is refused; the neighbouring one is taken."""
    assert refusal_of(world, profiles.create_profile, body=NEW | {"profile_group": "no-such"}).status == 404
    assert run(world, profiles.create_profile, body=NEW)["first_name"] == "Zoë"


@pytest.mark.rule("profile.sex")
@pytest.mark.parametrize("sex", [0, 3, 1.5, "1", None, True])
def test_sex_is_one_or_two(client: Client, sex: object) -> None:
    """Everything but 1 and 2 is refused, and says which field."""
    reply = client.post("/profiles", NEW | {"sex": sex})
    assert (reply.status, reply.rules) == (400, ["profile.sex"])
    assert list(reply.details) == ["sex"]
    assert client.post("/profiles", NEW | {"sex": 1.0}).json["sex"] == 1
