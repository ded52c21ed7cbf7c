"""Paths into plain JSON values and into schemas."""

from typing import Any

import pytest

from aniva_sandbox.engine.json_paths import change_at, schema_places, values_at

VALUE: Any = {
    "name": "list",
    "owner": {"name": "Jane", "phone": None},
    "tasks": [{"title": "a", "tags": ["x", "y"]}, {"title": "b"}, {}],
    "added": {"1": "Monday", "2": "Tuesday"},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", [VALUE]),
        ("$.name", ["list"]),
        ("$.owner.phone", [None]),
        ("$.tasks[]", VALUE["tasks"]),
        ("$.tasks[].title", ["a", "b"]),
        ("$.tasks[].tags[]", ["x", "y"]),
        ("$.added.*", ["Monday", "Tuesday"]),
        ("$.tasks[].*", ["a", ["x", "y"], "b"]),
        ("$[]", []),
        ("$.name.first", []),
        ("$.owner[]", []),
        ("$.tasks.*", []),
        ("$.owner.phone.number", []),
        ("$.none", []),
    ],
)
def test_paths_lead_to_places(path: str, found: list[Any]) -> None:
    """A path leads to every place that it describes, and to none where the value has another form."""
    assert list(values_at(VALUE, path)) == found


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("$", 1),
        ("$.name", VALUE | {"name": 1}),
        ("$.owner.phone", VALUE | {"owner": {"name": "Jane", "phone": 1}}),
        ("$.tasks[].title", VALUE | {"tasks": [{"title": 1, "tags": ["x", "y"]}, {"title": 1}, {}]}),
        ("$.added.*", VALUE | {"added": {"1": 1, "2": 1}}),
        ("$.none", VALUE),
        ("$[]", VALUE),
    ],
)
def test_changes_at_paths(path: str, changed: Any) -> None:
    """Everything at a path is changed, in a copy."""
    before = repr(VALUE)
    assert change_at(VALUE, path, lambda _: 1) == changed
    assert repr(VALUE) == before


def test_a_change_sees_the_value() -> None:
    """What is changed depends on what is there; sequences of any kind become lists."""
    assert change_at([{"n": 1}, {"n": 2}], "$[].n", lambda n: n + 1) == [{"n": 2}, {"n": 3}]
    assert change_at(({"n": 1},), "$[].n", lambda n: n + 1) == [{"n": 2}]


@pytest.mark.parametrize("path", ["", "name", "$name", "$.", "$..name", "$.a-b", "$[0]", "$.name ", "$\n"])
def test_what_is_no_path(path: str) -> None:
    """Nothing else is read as a path."""
    with pytest.raises(ValueError, match="must begin with"):
        list(values_at(VALUE, path))


def test_places_of_a_schema() -> None:
    """Every place has its path, its types, and the name of its field; alternatives are looked into, and a component
    within itself is entered once."""
    components = {
        "Task": {
            "type": "object",
            "properties": {
                "title": {"type": ["string", "null"]},
                "owner": {"anyOf": [{"$ref": "#/components/schemas/Owner"}, {"type": "null"}]},
                "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Task"}},
                "anything": {},
            },
        },
        "Owner": {"type": "object", "properties": {"phones": {"type": "array", "items": {"type": "string"}}}},
    }
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/Task"}}
    assert [(place.path, place.field, place.types) for place in schema_places(schema, components)] == [
        ("$", "", ("array",)),
        ("$[]", "", ("object",)),
        ("$[].title", "Task.title", ("null", "string")),
        ("$[].owner", "Task.owner", ("null", "object")),
        ("$[].owner.phones", "Owner.phones", ("array",)),
        ("$[].owner.phones[]", "Owner.phones", ("string",)),
        ("$[].parts", "Task.parts", ("array",)),
        ("$[].anything", "Task.anything", ()),
    ]
