"""What schemas hold a value against, and how far it is from their bounds."""

from typing import Any

import pytest

from aniva_sandbox.engine.contract.ground_rules import BODY_SCHEMA
from aniva_sandbox.engine.contract.judged import Judged, Noted
from aniva_sandbox.engine.contract.rules import Ledger, Rule


def rule(id: str) -> Rule:
    return Rule(id=id, sentence="…", basis="documented", source="the page", statuses=(400,), kind="format")


LEDGER = Ledger([BODY_SCHEMA, *map(rule, ("name", "name.length", "size", "first", "second", "one-of"))])
SCHEMAS: dict[str, Any] = {
    "Node": {
        "type": "object",
        "required": ["name", "size"],
        "x-rules": {"required": {"name": "first"}},
        "properties": {
            "name": {"type": "string", "maxLength": 3, "x-rule": "name", "x-rules": {"maxLength": "name.length"}},
            "size": {"type": ["integer", "null"], "exclusiveMinimum": 0, "x-rule": "size"},
            "flag": {"type": "boolean"},
            "ids": {"type": "array", "minItems": 1, "items": {"type": "integer", "maximum": 9, "x-rule": "second"}},
            "within": {"$ref": "#/components/schemas/Node"},
        },
        "if": {"not": {"required": ["flag"]}},
        "then": {"required": ["ids"], "x-rule": "one-of"},
    }
}
NODE = Judged({"$ref": "#/components/schemas/Node"}, SCHEMAS, LEDGER)


def noted(value: Any) -> Noted:
    found = Noted()
    NODE.note(value, found)
    return found


@pytest.mark.parametrize(
    ("value", "rules"),
    [
        ({}, {"first", "body.schema", "one-of"}),
        ({"name": "a"}, {"first", "body.schema", "one-of", "name", "name.length"}),
        ({"name": 3}, {"first", "body.schema", "one-of", "name"}),
        ({"size": None}, {"first", "body.schema", "one-of"}),
        ({"size": 1.5}, {"first", "body.schema", "one-of", "size"}),
        ({"size": True}, {"first", "body.schema", "one-of", "size"}),
        ({"ids": []}, {"first", "body.schema", "one-of"}),
        ({"ids": [1]}, {"first", "body.schema", "one-of", "second"}),
        ({"within": {"name": "a"}}, {"first", "body.schema", "one-of"}),
        (3, set()),
    ],
)
def test_the_rules_of_what_was_sent(value: Any, rules: set[str]) -> None:
    """Required fields always; the others if they are there. A value of the wrong type is held against the type alone,
    a null that is allowed against nothing. Within a schema that contains itself, values are not looked into."""
    assert set(noted(value).rules) == rules


@pytest.mark.parametrize(
    ("value", "distances"),
    [
        ({"name": "abc"}, {("name.length", "name 3", 0)}),
        ({"name": ""}, {("name.length", "name 3", -3)}),
        ({"size": 0}, {("size", "size 0", 0)}),
        ({"size": -(10**400)}, {("size", "size 0", -(2**53))}),
        ({"ids": [8, 7, 9, 9, 30, 12]}, {("body.schema", "ids 1", 5), *(("second", "ids[] 9", n) for n in (-1, 0, 3))}),
        ({"ids": "many"}, set()),
    ],
)
def test_the_distances_of_what_was_sent(value: Any, distances: set[tuple[str, str, float]]) -> None:
    """Signed, in the unit of the bound; of a list, the closest on each side."""
    assert set(noted(value).distances.values()) == distances


def test_bounds_are_listed_once_for_each_type() -> None:
    """In the order of the schema, with their units and the smallest distances there are."""
    bounds = {bound.measure.name: (bound.rule.id, bound.measure.unit, bound.lowest) for bound in NODE.bounds()}
    assert bounds == {
        "name 3": ("name.length", "characters", -3),
        "size 0": ("size", "", None),
        "ids 1": ("body.schema", "entries", -1),
        "ids[] 9": ("second", "", None),
    }
