"""Copies of records: equal, and with nothing in common that can change."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType

from aniva_sandbox.engine.world.copies import copies

NOON = datetime(2026, 4, 13, 12, tzinfo=UTC)


class Fixed(msgspec.Struct, frozen=True):
    """It never changes."""

    name: Annotated[str, Meta(min_length=1, extra={"a": {}})]
    kind: Literal["a", "b"] = "a"
    sizes: tuple[int, ...] = ()
    days: frozenset[date] = frozenset()
    at: datetime | time | None = None
    more: bytes | UnsetType = UNSET


class Frozen(msgspec.Struct, frozen=True):
    """It can change inside."""

    parts: dict[str, Fixed]


class Record(msgspec.Struct):
    """It can change."""

    name: str
    fixed: Fixed
    frozen: Frozen
    days: set[date]
    lists: list[list[int]]
    deep: dict[int, dict[str, Frozen]]
    pair: tuple[Fixed, list[int]]
    maybe: list[int] | None
    details: dict[str, Any]


FIXED = Fixed("x", "b", (1, 2), frozenset([date(2026, 4, 13)]), NOON, b"z")


def record(maybe: list[int] | None = None) -> Record:
    """A record with something everywhere."""
    return Record(
        "r",
        FIXED,
        Frozen({"a": FIXED}),
        {date(2026, 4, 13)},
        [[1], []],
        {1: {"a": Frozen({})}},
        (FIXED, [1]),
        maybe,
        {"a": [{"b": [1]}]},
    )


def changeable(value: Any) -> dict[int, Any]:
    """Everything in a value that can change, by identity."""
    found: dict[int, Any] = {}
    inner: list[Any] = []
    if isinstance(value, msgspec.Struct):
        inner = [getattr(value, name) for name in value.__struct_fields__]
        if not value.__struct_config__.frozen:
            found[id(value)] = value
    elif isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        inner = list(value)
    if isinstance(value, dict | list | set):
        found[id(value)] = value
    for each in inner:
        found |= changeable(each)
    return found


@pytest.mark.parametrize("maybe", [None, [1]])
def test_copies_are_equal_and_apart(maybe: list[int] | None) -> None:
    """A copy is equal to the record, to the types inside, and holds nothing of it that can change."""
    one = record(maybe)
    (other,) = copies(Record, [one])
    assert other == one
    assert repr(other) == repr(one)
    assert changeable(one).keys().isdisjoint(changeable(other).keys())
    assert len(changeable(other)) == len(changeable(one))


def test_what_never_changes_is_shared() -> None:
    """A value that never changes is its own copy."""
    (copy,) = copies(Fixed, [FIXED])
    assert copy is FIXED
    assert copies(Record, [record()])[0].fixed is FIXED
