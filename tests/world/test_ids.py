"""Ids: the same for the same seed, kind and ordinal, and different otherwise."""

from uuid import UUID

from aniva_sandbox.resources import profiles
from aniva_sandbox.world.ids import Ids
from tests.support import new_world, run

NEW = {"first_name": "Zoë", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}


def test_ids_are_uuids_of_version_4() -> None:
    """An id is a UUID in lower case whose bits say version 4, variant RFC 9562."""
    id = Ids(0).next_uuid("profile")
    parsed = UUID(id)
    assert str(parsed) == id
    assert (parsed.version, parsed.variant) == (4, "specified in RFC 4122")


def test_same_calls_same_ids() -> None:
    """Two sequences with the same seed give the same ids, in the same order."""
    one, other = Ids(7), Ids(7)
    assert [one.next_uuid("profile") for _ in range(5)] == [other.next_uuid("profile") for _ in range(5)]


def test_kinds_do_not_disturb_one_another() -> None:
    """How many ids of one kind were given does not change those of another."""
    alone, mixed = Ids(0), Ids(0)
    for _ in range(3):
        mixed.next_uuid("appointment")
    assert alone.next_uuid("profile") == mixed.next_uuid("profile")


def test_seed_kind_and_ordinal_all_matter() -> None:
    """No two of several seeds, kinds and ordinals share an id."""
    ids = [
        sequence.next_uuid(kind)
        for sequence in map(Ids, range(4))
        for kind in ("profile", "appointment")
        for _ in range(25)
    ]
    assert len(set(ids)) == len(ids) == 200


def test_seeds_and_ordinals_are_kept_apart() -> None:
    """Seed 1 with a kind that begins with a digit is not seed 11 with the rest of it."""
    assert Ids(1).next_uuid("1/profile") != Ids(11).next_uuid("/profile")


def test_worlds_of_one_seed_agree() -> None:
    """The same calls on two worlds give the same ids, on a world of another seed others."""
    made = [run(new_world(seed=seed), profiles.create_profile, body=NEW)["id"] for seed in (3, 3, 4)]
    assert made[0] == made[1]
    assert made[1] != made[2]
