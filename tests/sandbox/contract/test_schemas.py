"""Schemas made from wire types: what people read in the document, and what the checks are compiled from."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from aniva_sandbox.api.rules import ID_FORMAT
from aniva_sandbox.api.wire import Uuid
from aniva_sandbox.engine.contract.checks import Check, Violation
from aniva_sandbox.engine.contract.ground_rules import BODY_SCHEMA
from aniva_sandbox.engine.contract.rules import Detail
from aniva_sandbox.engine.contract.schemas import components, field, inline_schema, needs_one, rules_in, schema_name


class Leaf(msgspec.Struct, frozen=True):
    """A leaf."""

    name: str
    born: date | None


class TreeView(msgspec.Struct, frozen=True):
    """A tree."""

    SCHEMA: ClassVar[dict[str, Any]] = {"minProperties": 1, "x-rules": {"required": "tree.required"}}

    leaves: list[Leaf]
    crown: Leaf | None
    grown: Annotated[datetime, field("When it was grown.", tz=True)]
    kind: Literal["oak", "ash"]
    colour: Annotated[str | None, field(extra={"enum": ["green", "red"]})]
    height: Annotated[float, field("Metres.", rule=BODY_SCHEMA, gt=0)] | UnsetType = UNSET
    rings: int = 0
    note: str | None = None
    tags: list[str] = []


def test_a_view_is_called_by_what_it_shows() -> None:
    """The suffix View stays out of the document; any other name stays as it is."""
    assert schema_name("TreeView") == "Tree"
    assert schema_name("Overview") == "Overview"
    assert schema_name("Viewpoint") == "Viewpoint"
    assert list(components([TreeView])) == ["Leaf", "Tree"]


def test_a_struct_becomes_an_object_that_reads_well() -> None:
    """Fields keep their order, references their short names; a nullable field is a type of two names, an unset one is
    not required, an empty default is left out, and class keywords are added."""
    assert components([TreeView])["Tree"] == {
        "description": "A tree.",
        "type": "object",
        "required": ["leaves", "crown", "grown", "kind", "colour"],
        "properties": {
            "leaves": {"type": "array", "items": {"$ref": "#/components/schemas/Leaf"}},
            "crown": {"anyOf": [{"$ref": "#/components/schemas/Leaf"}, {"type": "null"}]},
            "grown": {"description": "When it was grown.", "type": "string", "format": "date-time"},
            "kind": {"type": "string", "enum": ["ash", "oak"]},
            "colour": {"type": ["string", "null"], "enum": ["green", "red", None]},
            "height": {"description": "Metres.", "type": "number", "exclusiveMinimum": 0, "x-rule": "body.schema"},
            "rings": {"type": "integer", "default": 0},
            "note": {"type": ["string", "null"]},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "minProperties": 1,
        "x-rules": {"required": "tree.required"},
    }


def test_fields_stand_in_the_order_of_the_struct() -> None:
    """Properties are not sorted: people read them as they are declared."""
    assert list(components([TreeView])["Tree"]["properties"]) == list(TreeView.__struct_fields__)


def test_keys_of_a_schema_stand_in_the_order_of_reading() -> None:
    """What it is comes first, then its form, then what is in it, then the rest."""
    assert list(components([TreeView])["Tree"]) == [
        "description",
        "type",
        "required",
        "properties",
        "minProperties",
        "x-rules",
    ]


def test_components_hold_what_types_mention_at_any_depth() -> None:
    """Structs inside lists, unions and annotations are components; plain types are not."""
    assert list(components([list[Leaf], int])) == ["Leaf"]
    assert list(components([Annotated[TreeView | None, field("x")]])) == ["Leaf", "Tree"]
    assert components([int, list[str]]) == {}


def test_an_inline_schema_refers_to_components() -> None:
    """The schema of a list of structs names the component, that of a plain type says everything itself."""
    assert inline_schema(list[TreeView]) == {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
    assert inline_schema(Uuid) == {
        "description": "A UUID.",
        "type": "string",
        "format": "uuid",
        "x-rule": ID_FORMAT.id,
    }


def test_a_plain_field_has_no_keywords() -> None:
    """field() without arguments adds nothing, and with a rule adds only that."""
    assert inline_schema(Annotated[str, field()]) == {"type": "string"}
    assert inline_schema(Annotated[str, field(rule=ID_FORMAT)]) == {"type": "string", "x-rule": "id.format"}


def test_a_further_annotation_adds_to_the_first() -> None:
    """A type that is annotated twice keeps the constraints of the first and takes the description of the second."""
    assert inline_schema(Annotated[Annotated[str, field("First.", max_length=3)], field("Second.")]) == {
        "description": "Second.",
        "type": "string",
        "maxLength": 3,
    }


@pytest.mark.parametrize("names", [("a", "b"), ("a", "b", "c")])
def test_an_object_may_need_one_of_its_fields(names: tuple[str, ...]) -> None:
    """Any of the fields will do; without all of them, the object itself is what is wrong, by the rule that is named."""
    check = Check({"type": "object", **needs_one(BODY_SCHEMA, *names)}, {}, strict_formats=True)
    assert all(check.accepts({name: 1}) for name in names)
    assert check.accepts(dict.fromkeys(names, 1))
    for value in ({}, {"other": 1}):
        assert not check.accepts(value)
        (violation,) = check.violations(value)
        assert violation == Violation(Detail("body", f"must have {' or '.join(names)}"), BODY_SCHEMA.id, "required")


@pytest.mark.parametrize(
    ("schema", "rules"),
    [
        ({}, []),
        ({"x-rule": "a"}, ["a"]),
        ({"x-rules": {"required": "a", "anyOf": "b"}}, ["a", "b"]),
        ({"x-rule": "a", "properties": {"p": {"x-rule": "b"}, "q": {"x-rule": "a"}}}, ["a", "b"]),
        ([{"schema": {"x-rule": "a"}}, {"schema": {"items": {"x-rule": "b"}}}], ["a", "b"]),
        ({"$ref": "#/components/schemas/Outer"}, ["outer", "inner"]),
        ({"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]}, ["inner"]),
        ("text", []),
    ],
)
def test_rules_in_a_schema_are_found(schema: Any, rules: list[str]) -> None:
    """Every rule that a schema or what it refers to names is found once, in order of appearance."""
    schemas = {
        "Outer": {"x-rule": "outer", "items": {"$ref": "#/components/schemas/Inner"}},
        "Inner": {"x-rules": {"pattern": "inner"}},
    }
    assert rules_in(schema, schemas) == rules
