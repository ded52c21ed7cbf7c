"""What structs agree with, found part by part and with what views remember, is what the whole check says."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET, Meta, UnsetType

from aniva_sandbox.engine.contract.checks import Check, Checks
from aniva_sandbox.engine.contract.views import View, has_views, write


class Owner(View, frozen=True, kw_only=True):
    """A view that another holds."""

    name: str
    age: Annotated[int | None, Meta(description="In years.")]
    born: date = date(2000, 2, 29)


class Item(msgspec.Struct, frozen=True):
    """What is no view."""

    at: datetime


class Thing(View, frozen=True, kw_only=True, rename={"size": "Size"}):
    """A view that holds a view, and more."""

    id: str
    size: float | None
    owner: Annotated[Owner, Meta(description="Whose it is.")]
    items: list[Item]


class Maybe(msgspec.Struct, frozen=True):
    """A struct whose properties depend on its values."""

    name: str | UnsetType = UNSET
    size: int = 0


class Tagged(View, frozen=True, tag="tagged"):
    """A view with a property that is no field."""

    name: str


class Brief(msgspec.Struct, frozen=True, omit_defaults=True):
    """A struct that leaves out what is as usual."""

    name: str = ""


owners = st.builds(Owner, name=st.sampled_from(["", "Jo", "Joanna"]), age=st.sampled_from([None, 0, 7]))
items = st.builds(Item, at=st.just(datetime(2026, 1, 2, tzinfo=UTC)))
things = st.builds(
    Thing,
    id=st.sampled_from(["", "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"]),
    size=st.sampled_from([None, -1.5, 1.0]),
    owner=owners,
    items=st.lists(items, max_size=2),
)
values = st.one_of(
    things,
    owners,
    st.lists(things, max_size=3),
    st.lists(st.one_of(things, owners, items, st.integers()), max_size=3),
    items,
    st.builds(Maybe, name=st.sampled_from([UNSET, "", "Jo"])),
    st.builds(Tagged, name=st.sampled_from(["", "Jo"])),
    st.builds(Brief, name=st.sampled_from(["", "Jo"])),
    st.sampled_from([None, 1, "Jo", b"Jo", {}, {"name": "Jo"}, [], [{}]]),
)
OWNER = {"$ref": "#/components/schemas/Owner"}
parts = st.one_of(
    st.sampled_from(
        [
            *(True, False, {}, {"type": "string"}, {"type": ["string", "null"]}, {"minLength": 3}, {"maxLength": 2}),
            *({"type": "number"}, {"type": ["integer", "null"], "minimum": 1}, {"format": "uuid"}, {"format": "date"}),
            *({"type": "object"}, {"type": "array"}, {"type": "array", "maxItems": 1}, {"format": "date-time"}),
            *({"type": "array", "items": {"type": "object", "required": ["at"]}}, {"enum": ["Jo", 1.0, None]}),
        ]
    ),
    st.sampled_from([OWNER, OWNER | {"description": "Whose."}, OWNER | {"required": ["age"]}, OWNER | {"not": {}}]),
)
names = st.sampled_from(["id", "size", "Size", "owner", "items", "name", "age", "born", "at", "type"])
spanning = st.sampled_from(
    [
        *({"additionalProperties": False}, {"maxProperties": 3}, {"minProperties": 4}, {"const": {}}, {"not": {}}),
        *({"propertyNames": {"maxLength": 4}}, {"anyOf": [{"required": ["name"]}, {"required": ["id"]}]}),
        *({"dependentRequired": {"name": ["type"]}}, {"if": {"required": ["age"]}, "then": False}, {"allOf": [OWNER]}),
        *({"$ref": "#/components/schemas/Owner"}, {"enum": [{"name": "Jo"}]}),
    ]
)
objects = st.builds(
    lambda kind, properties, required, more, note: kind | properties | required | more | note,
    st.sampled_from([{}, {"type": "object"}, {"type": ["null", "object"]}, {"type": "array"}]),
    st.one_of(st.just({}), st.dictionaries(names, parts, max_size=5).map(lambda each: {"properties": each})),
    st.one_of(st.just({}), st.lists(names, max_size=2, unique=True).map(lambda each: {"required": each})),
    st.one_of(st.just({}), st.just({}), spanning),
    st.sampled_from([{}, {"description": "What it is."}, {"x-rule": "a.rule"}]),
)
arrays = st.builds(
    lambda items, more: {"type": "array", "items": items} | more,
    st.one_of(objects, parts),
    st.sampled_from([{}, {}, {"maxItems": 1}, {"uniqueItems": True}, {"type": "object"}]),
)
schemas = st.one_of(objects, arrays, st.just(OWNER))


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(component=objects, asked=st.lists(schemas, min_size=1, max_size=3), given=st.lists(values, max_size=4))
def test_parts_agree_as_the_whole_does(component: dict[str, Any], asked: list[Any], given: list[Any]) -> None:
    """Every value, under every schema, in turn and again: what is known of its parts never changes the verdict."""
    components = {"Owner": component if component.get("$ref") is None and "allOf" not in component else {}}
    checks = Checks(components)
    for _ in range(2):
        for schema in asked:
            whole = Check(schema, components, strict_formats=False).accepts
            for value in given:
                if not isinstance(value, bytes):
                    expected = whole(msgspec.json.decode(msgspec.json.encode(value)))
                    assert checks.agreements.on(schema).accepts(value) is expected


@pytest.mark.parametrize("name", ["id", "owner"])
def test_a_contradiction_in_either_part_is_found(name: str) -> None:
    """With views that agreed before, a value that does not agree is found in the view that is held, and beside it."""
    checks = Checks({"Owner": {"type": "object", "properties": {"name": {"minLength": 1}}}})
    schema = {"type": "object", "properties": {"id": {"minLength": 1}, "owner": OWNER}}
    agreement = checks.agreements.on(schema)
    good, bad = Owner(name="Jo", age=1), Owner(name="", age=1)
    sound = Thing(id="1", size=None, owner=good, items=[])
    assert agreement.accepts(sound)
    assert agreement.accepts(sound)
    broken = msgspec.structs.replace(sound, **({"id": ""} if name == "id" else {"owner": bad}))
    assert not agreement.accepts(broken)
    assert not agreement.accepts([sound, broken])
    assert agreement.accepts(msgspec.structs.replace(sound, size=1.0))


def test_what_agreed_with_one_document_is_asked_by_another() -> None:
    """A view remembers by schema."""
    view = Owner(name="Jo", age=None)
    lenient, strict = {"type": "object"}, {"type": "object", "properties": {"age": {"type": "integer"}}}
    assert Checks({}).agreements.on(lenient).accepts(view)
    assert not Checks({}).agreements.on(strict).accepts(view)


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(value=values)
def test_views_are_written_as_everything_is(value: Any) -> None:
    """The first time and again, alone and in lists, whether or not the list holds only views."""
    expected = msgspec.json.encode(value)
    assert [write(value), write(value)] == [expected, expected]


def test_what_has_views() -> None:
    """A view, and a list that begins with one."""
    view = Owner(name="Jo", age=None)
    assert [has_views(each) for each in (view, [view], [view, 1])] == [True] * 3
    assert not any(has_views(each) for each in ([], [1, view], (view,), {"a": view}, None, Item(datetime.now(UTC))))
