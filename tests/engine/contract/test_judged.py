"""What schemas hold a value against, and how far it is from their bounds."""

from typing import Any

import pytest

from aniva_sandbox.engine.contract.ground_rules import BODY_SCHEMA
from aniva_sandbox.engine.contract.judged import Judged, Noted, RequestRules
from aniva_sandbox.engine.contract.rules import Kind, Ledger, Rule
from aniva_sandbox.engine.contract.trace import Trace


def rule(id: str, *statuses: int, kind: Kind = "format") -> Rule:
    return Rule(id=id, sentence="…", basis="documented", source="the page", statuses=statuses or (400,), kind=kind)


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
    found = noted(value).distances.values()
    assert {(each.rule, each.measure, each.value) for each in found} == distances


def test_bounds_are_listed_once_for_each_type() -> None:
    """In the order of the schema, with their units and the smallest distances there are."""
    bounds = {bound.measure.name: (bound.rule.id, bound.measure.unit, bound.lowest) for bound in NODE.bounds()}
    assert bounds == {
        "name 3": ("name.length", "characters", -3),
        "size 0": ("size", "", None),
        "ids 1": ("body.schema", "entries", -1),
        "ids[] 9": ("second", "", None),
    }


def test_rules_that_operations_judge_are_theirs_to_note() -> None:
    """A date that must be in the past, or an id that the key must see, has not passed its rule when its format is
    sound; its bounds are measured all the same."""
    ledger = Ledger([BODY_SCHEMA, rule("date", kind="domain"), rule("id", 400, 403)])
    schema = {
        "type": "object",
        "required": ["id"],
        "x-rules": {"required": "id"},
        "properties": {
            "date": {"type": "string", "format": "date", "maxLength": 10, "x-rule": "date"},
            "id": {"type": "string", "x-rule": "id"},
            "size": {"type": "integer"},
        },
    }
    found = Noted()
    Judged(schema, {}, ledger).note({"date": "2030-01-01", "id": 3, "size": 1}, found)
    assert list(found.rules) == ["body.schema"]
    assert [each.measure for each in found.distances.values()] == ["date 10"]


@pytest.mark.parametrize(
    ("query", "body", "rules"),
    [
        ({}, {}, {"body.json"}),
        ({}, {"size": None}, {"body.json", "body.schema/null"}),
        ({}, {"size": 1, "ids": [[2]]}, {"body.json", "body.schema/null"}),
        ({}, {"ids": [{"name": ""}]}, {"body.json", "body.schema/null", "body.schema/nul"}),
        ({"page": 1}, None, set()),
        ({"name": "a"}, None, {"body.schema/nul"}),
    ],
)
def test_the_rules_of_every_request(query: dict[str, Any], body: Any, rules: set[str]) -> None:
    """A body is held against the rule on JSON, its fields against that on null, strings against that on NUL, also those
    of the query; where there are none, there is nothing to hold against them."""
    trace = Trace()
    RequestRules(None, {"properties": {}}, {}, {}, LEDGER).note({}, query, body, [], trace)
    assert {rule.id for rule in trace.weighed} == rules
