"""Ids: the same for the same seed, kind and ordinal, and different otherwise."""

from hashlib import blake2b
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import given

from aniva_sandbox.api.profiles import operations as profiles
from aniva_sandbox.engine.world.ids import Ids
from tests.support import new_world, run

NEW = {"first_name": "Zoë", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}


def test_ids_are_uuids_of_version_4() -> None:
    """An id is a UUID in lower case whose bits say version 4, variant RFC 9562."""
    id = Ids(0).next_uuid("profile")
    parsed = UUID(id)
    assert str(parsed) == id
    assert (parsed.version, parsed.variant) == (4, "specified in RFC 4122")


@given(st.integers(), st.text(st.characters(exclude_categories=["Cs"]), max_size=9), st.integers(0, 10**9))
def test_ids_are_digests(seed: int, kind: str, ordinal: int) -> None:
    """An id is the digest of its seed, kind and ordinal, whatever was given out before."""
    ids = Ids(seed)
    ids.next_uuid(kind)
    ids.counts[kind] = ordinal
    digits = blake2b(f"{seed}/{kind}/{ordinal}".encode(), digest_size=16).hexdigest()
    variant = "89ab"[int(digits[16], 16) % 4]
    expected = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
    assert ids.next_uuid(kind) == expected
    assert ids.counts == {kind: ordinal + 1}
    ids.seed, ids.counts = seed + 1, {kind: ordinal}
    assert ids.next_uuid(kind) != expected


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


@pytest.mark.parametrize("length", [1, 12, 32])
def test_digits(length: int) -> None:
    """Digits are as many as were asked for, the same for the same seed, kind and ordinal, and others otherwise."""
    one, other = Ids(7), Ids(7)
    given = [one.next_digits("number", length) for _ in range(30)]
    assert given == [other.next_digits("number", length) for _ in range(30)]
    assert all(len(digits) == length and digits.isdecimal() and digits.isascii() for digits in given)
    assert given != [Ids(8).next_digits("number", length) for _ in range(30)]
    assert len(set(given)) == 30 or length == 1


@pytest.mark.parametrize("limit", [1, 2, 10, 10_000])
def test_numbers_are_each_given_once(limit: int) -> None:
    """Every number below the limit is given once, then none; which ones come first depends on seed and kind."""
    ids = Ids(7)
    given = [ids.next_number("box", limit, lambda _number: False) for _ in range(limit)]
    assert sorted(given) == list(range(limit))
    before = dict(ids.counts)
    assert ids.next_number("box", limit, lambda _number: False) is None
    assert ids.counts == before
    assert ids.next_number("crate", limit, lambda _number: False) is not None


def test_taken_numbers_are_left_out() -> None:
    """A number that is taken already is passed over, and is none that is left where all others are given."""
    ids = Ids(7)
    taken = set(range(0, 10, 2))
    assert {ids.next_number("box", 10, taken.__contains__) for _ in range(5)} == {1, 3, 5, 7, 9}
    assert ids.next_number("box", 10, taken.__contains__) is None
    assert Ids(7).next_number("box", 10, lambda _number: True) is None


def test_numbers_depend_on_seed_and_kind() -> None:
    """Worlds of one seed give the same numbers, others differ, and so do kinds."""
    first = {
        (seed, kind): Ids(seed).next_number(kind, 10_000, lambda _number: False) for seed in (1, 2) for kind in "ab"
    }
    assert len(set(first.values())) == 4
    assert first[1, "a"] == Ids(1).next_number("a", 10_000, lambda _number: False)
