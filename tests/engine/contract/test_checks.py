"""Compiled checks: where they and Python disagree, what their messages say, and which rule they name."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniva_sandbox.engine.contract.checks import Check, Checks, Violation, check_keywords
from aniva_sandbox.engine.contract.document import DocumentError
from aniva_sandbox.engine.contract.formats import FORMATS

SECRET = "hunter2-hunter2"
PARTNERS = "d8f3e1a2-4c5b-6d7e-8f9a-0b1c2d3e4f5a"
NO_A = {"not": {"required": ["a"]}}


def found(schema: dict[str, Any], value: Any, **schemas: Any) -> list[Violation]:
    """The violations of a value, and a check on the way that the quick answer agrees with the long one."""
    check = Check(schema, schemas, strict_formats=True)
    violations = list(check.violations(value))
    assert check.accepts(value) is (not violations)
    return violations


def message(schema: dict[str, Any], value: Any) -> str:
    """The message of the one violation of a value."""
    (violation,) = found(schema, value)
    return violation.detail.message


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("schema", "bad", "good", "expected"),
    [
        ({"type": "integer"}, "1", 1, "must be of type integer"),
        ({"type": ["string", "null"], "format": "date"}, 1, None, f"must be of type string or null, {FORMATS['date']}"),
        ({"type": ["string", "null"]}, 1, None, "must be of type string or null"),
        ({"anyOf": [{"type": "string"}, False]}, 1, "a", "breaks anyOf"),
        ({"anyOf": [False, {"required": ["a"]}]}, {}, {"a": 1}, "breaks anyOf"),
        ({"type": "number"}, True, 1.5, "must be of type number"),
        ({"enum": [1, 2]}, 3, 2, "must be one of 1, 2"),
        ({"enum": ["en", None]}, "fr", None, 'must be one of "en", null'),
        ({"const": True}, 1, True, "must be true"),
        ({"pattern": "^a+$"}, "b", "aa", "must match ^a+$"),
        ({"pattern": "^a+$", "x-hint": "must be all a"}, "b", "a", "must be all a"),
        ({"pattern": "^a+$", "x-hint": "must be all a"}, "a\n", "a", "must be all a"),
        ({"minLength": 2}, "ä", "äö", "must have at least 2 characters"),
        ({"maxLength": 2}, "äöü", "😀😀", "must have at most 2 characters"),
        ({"minItems": 2}, [1], [1, 2], "must have at least 2 entries"),
        ({"maxItems": 2}, [1, 2, 3], [1, 2], "must have at most 2 entries"),
        ({"minimum": 1}, 0, 1, "must be at least 1"),
        ({"maximum": 500}, 500.5, 500, "must be at most 500"),
        ({"exclusiveMinimum": 0}, 0, 0.001, "must be above 0"),
        ({"exclusiveMaximum": 9}, 9, 8, "must be below 9"),
        ({"format": "uuid"}, "x", "A3F1C2D4-8B7E-4F2A-9C1D-2E3F4A5B6C7D", f"must be {FORMATS['uuid']}"),
        ({"format": "date"}, "30.1.2026", "2026-02-28", f"must be {FORMATS['date']}"),
        (
            {"format": "date-time"},
            "2026-04-15T10:30:60Z",
            "2026-04-15t10:30:00z",
            f"must be {FORMATS['date-time']}",
        ),
        ({"format": "email"}, "nobody", "nobody@example.com", f"must be {FORMATS['email']}"),
        ({"format": "uri"}, "nowhere", "https://example.com/", "must be a URI"),
        ({"uniqueItems": True}, [1, 1], [1, 2], "breaks uniqueItems"),
        ({"not": {"type": "string"}}, "a", 1, "breaks not"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, None, "must be of type string or null"),
        ({"propertyNames": {"pattern": "^a"}}, {"b": 1}, {"a": 1}, "has a name that does not fit"),
        (
            {"propertyNames": {"pattern": "^a", "x-hint": "must have names with a"}},
            {"b": 1},
            {},
            "must have names with a",
        ),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}, {"b": 1}, "must have a or b"),
        ({"if": {"minProperties": 1}, "then": {"minProperties": 2}}, {"a": 1}, {}, "breaks minProperties"),
        ({"if": NO_A, "then": {"required": ["b"], "x-hint": "must have a or b"}}, {}, {"b": 1}, "must have a or b"),
        (
            {"if": NO_A, "then": {"required": ["b"], "x-hint": "must have a or b"}},
            {"c": 1},
            {"a": 1},
            "must have a or b",
        ),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, {"a": 1, "b": 1}, "is required"),
        ({"additionalProperties": False, "properties": {"a": {}}}, {"a": 1, "b": 2}, {"a": 1}, "is not known"),
    ],
)
def test_messages_say_what_would_be_right(schema: dict[str, Any], bad: Any, good: Any, expected: str) -> None:
    """Each keyword refuses the bad value with words made from the schema alone, and takes the good one."""
    assert message(schema, bad) == expected
    assert found(schema, good) == []


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("schema", "value", "paths"),
    [
        ({"type": "object"}, 1, ["body"]),
        ({"required": ["a", "b"]}, {}, ["a", "b"]),
        ({"properties": {"a": {"type": "string"}, "b": {"type": "string"}}}, {"a": 1, "b": 2}, ["a", "b"]),
        ({"properties": {"a": {"items": {"type": "string"}}}}, {"a": ["x", 1, "y", 2]}, ["a[1]", "a[3]"]),
        ({"properties": {"a": {"properties": {"b": {"required": ["c"]}}}}}, {"a": {"b": {}}}, ["a.b.c"]),
        ({"items": {"items": {"type": "string"}}}, [["x"], [1]], ["[1][0]"]),
        ({"properties": {"a b": {"type": "string"}}}, {"a b": 1}, ["a b"]),
        ({"additionalProperties": False, "properties": {"a": {}}}, {"a": 1, "b": 2}, ["b"]),
        ({"properties": {"a": {"additionalProperties": False, "properties": {"c": {}}}}}, {"a": {"b": 2}}, ["a.b"]),
        ({"items": {"additionalProperties": False, "properties": {"c": {}}}}, [{"c": 1}, {"b": 2}], ["[1].b"]),
    ],
)
def test_paths_name_every_offending_field(schema: dict[str, Any], value: Any, paths: list[str]) -> None:
    """All violations are told at once, each with its path; the whole value is called body."""
    assert [violation.detail.path for violation in found(schema, value)] == paths


@pytest.mark.parametrize(
    ("schema", "value", "rule"),
    [
        ({"properties": {"a": {"type": "string", "x-rule": "r.a"}}}, {"a": 1}, "r.a"),
        ({"properties": {"a": {"type": "string"}}, "x-rule": "r.whole"}, {"a": 1}, None),
        ({"required": ["a"], "x-rules": {"required": "r.required"}}, {}, "r.required"),
        ({"required": ["a"], "x-rules": {"required": {"a": "r.a"}}}, {}, "r.a"),
        ({"required": ["a"], "x-rules": {"required": {"b": "r.b"}}}, {}, None),
        ({"minItems": 1, "x-rule": "r.all", "x-rules": {"minItems": "r.one"}}, [], "r.one"),
        ({"minItems": 1, "x-rule": "r.all", "x-rules": {"maxItems": "r.one"}}, [], "r.all"),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "x-rules": {"anyOf": "r.any"}}, {}, "r.any"),
        ({"if": NO_A, "then": {"required": ["b"], "x-rule": "r.then"}, "x-rule": "r.whole"}, {}, "r.then"),
        ({"additionalProperties": False, "properties": {"b": {}}, "x-rule": "r.more"}, {"a": 1}, "r.more"),
        ({"allOf": [{"type": "string", "x-rule": "r.part"}]}, 1, "r.part"),
        ({"items": {"$ref": "#/components/schemas/Thing"}}, [{}], "r.thing"),
        ({"properties": {"a": {"$ref": "#/components/schemas/Deep"}}}, {"a": {"list": ["x"]}}, "r.deep"),
    ],
)
def test_a_violation_names_the_rule_of_its_keyword(schema: dict[str, Any], value: Any, rule: str | None) -> None:
    """The rule stands beside the keyword, for one keyword or for all of them, also behind references."""
    schemas = {
        "Thing": {"required": ["id"], "x-rules": {"required": "r.thing"}},
        "Deep": {"properties": {"list": {"items": {"$ref": "#/components/schemas/Number"}}}},
        "Number": {"type": "number", "x-rule": "r.deep"},
    }
    (violation,) = found(schema, value, **schemas)
    assert violation.rule == rule


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer"},
        {"enum": ["a"]},
        {"const": "a"},
        {"pattern": "^a$"},
        {"maxLength": 3},
        {"minLength": 99},
        {"format": "uuid"},
        {"format": "date"},
        {"format": "date-time"},
        {"format": "email"},
        {"format": "uri"},
        {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        {"oneOf": [{"type": "string"}, {"minLength": 1}]},
        {"not": {"type": "string"}},
    ],
    ids=lambda schema: next(iter(schema)),
)
def test_messages_never_repeat_the_value(schema: dict[str, Any]) -> None:
    """Whatever is wrong with a password, what is said about it does not hold it."""
    violations = found({"properties": {"password": schema}}, {"password": SECRET})
    assert len(violations) == 1
    assert SECRET not in msgspec.json.encode(violations).decode()


@pytest.mark.rule("body.schema")
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", "b", "c", "x"]), inner),
        max_leaves=20,
    )
)
def test_quick_and_long_answer_agree(value: Any) -> None:
    """Any JSON value is accepted exactly where it has no violation."""
    found(
        {
            "type": "object",
            "required": ["a"],
            "properties": {
                "a": {"type": ["integer", "null"], "minimum": 0},
                "b": {"type": "array", "items": {"type": "string", "format": "uuid"}},
                "c": {"anyOf": [{"type": "number"}, {"enum": ["x"]}]},
            },
        },
        value,
    )


@pytest.mark.parametrize("value", [1.0, -0.0, 1e15, 2**63, 10**30])
def test_whole_numbers_of_any_size_and_spelling_are_integers(value: float) -> None:
    """JSON has one kind of number: 1.0 is an integer, and so is one of thirty digits."""
    assert found({"type": "integer"}, value) == []


@pytest.mark.parametrize("value", [1.5, True, "1", None, [1]])
def test_what_is_no_whole_number_is_no_integer(value: Any) -> None:
    """Neither a fraction nor a truth value nor a text of digits is an integer."""
    assert message({"type": "integer"}, value) == "must be of type integer"


@pytest.mark.parametrize(
    "text",
    [
        "a3f1c2d48b7e4f2a9c1d2e3f4a5b6c7d",
        "{a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d}",
        "urn:uuid:a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d",
        "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7",
        "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7dd",
        "a3f1c2d4-8b7e-4f2a-9c1d2-e3f4a5b6c7d",
        "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7g",
        "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d\n",
        " a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d",
        "",
    ],
)
@pytest.mark.rule("id.format")
def test_uuids_have_one_form(text: str) -> None:
    """Only 8-4-4-4-12 hexadecimal digits are a UUID: no braces, no prefix, no other grouping, nothing around it."""
    assert message({"format": "uuid"}, text).startswith("must be a UUID such as a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d")


@pytest.mark.parametrize(
    "text",
    ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-FFFFFFFFFFFF", PARTNERS],
)
@pytest.mark.rule("id.format")
def test_uuids_have_any_version_and_case(text: str) -> None:
    """Neither the version nor the case of the letters is looked at."""
    assert found({"format": "uuid"}, text) == []


def test_only_requests_are_held_to_the_stricter_formats() -> None:
    """Answers are checked with the validator's own formats, which take a leap second; requests are not."""
    leap = "2026-06-30T23:59:60Z"
    assert Check({"format": "date-time"}, {}, strict_formats=False).accepts(leap)
    assert not Check({"format": "date-time"}, {}, strict_formats=True).accepts(leap)
    assert not Check({"format": "date-time"}, {}, strict_formats=False).accepts("noon")


def test_components_may_refer_to_each_other_and_themselves() -> None:
    """A schema reaches the components it needs at any depth, in a circle too."""
    schemas = {
        "Tree": {
            "properties": {
                "left": {"$ref": "#/components/schemas/Leaf"},
                "right": {"$ref": "#/components/schemas/Tree"},
            }
        },
        "Leaf": {"type": "string"},
    }
    root = {"$ref": "#/components/schemas/Tree"}
    assert found(root, {"right": {"right": {"left": "x"}}}, **schemas) == []
    (violation,) = found(root, {"right": {"right": {"left": 1}}}, **schemas)
    assert violation.detail.path == "right.right.left"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "strin"},
        {"pattern": "("},
        {"required": "id"},
        {"minLength": -1},
        {"enum": 5},
        {"items": {"type": 5}},
    ],
    ids=str,
)
def test_a_schema_that_is_none_cannot_be_compiled(schema: dict[str, Any]) -> None:
    """A keyword with a value that it cannot have stops the start with an error that shows the value."""
    with pytest.raises(DocumentError, match="cannot be compiled"):
        Checks({}).compiled(schema, strict_formats=True)


def test_a_reference_to_no_component_names_it() -> None:
    """A missing component is an error with its name; one that is there is none."""
    with pytest.raises(DocumentError, match="at the top/items/\\$ref: there is no schema Missing"):
        check_keywords({"items": {"$ref": "#/components/schemas/Missing"}}, "at the top", {"Here": {}})
    check_keywords({"items": {"$ref": "#/components/schemas/Here"}}, "at the top", {"Here": {}})


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"nullable": True}, "at the top/nullable: the schema keyword 'nullable' is not known"),
        ({"if": {"contains": {}}}, "at the top/if/contains: the schema keyword 'contains' is not known"),
        ({"then": {"contains": {}}}, "at the top/then/contains"),
        ({"else": {"contains": {}}}, "at the top/else/contains"),
        ({"properties": {"a": {"maximun": 1}}}, "at the top/properties/a/maximun: the schema keyword 'maximun'"),
        ({"items": {"dependentSchemas": {}}}, "at the top/items/dependentSchemas"),
        ({"anyOf": [{}, {"prefixItems": []}]}, "at the top/anyOf/1/prefixItems"),
        ({"additionalProperties": {"contains": {}}}, "at the top/additionalProperties/contains"),
        ({"format": "int64"}, "at the top/format: the format 'int64' is not known"),
        ({"not": {"format": "hostname"}}, "at the top/not/format: the format 'hostname' is not known"),
        ({"$ref": "other.yaml#/Thing"}, r"at the top/\$ref: only references to #/components/schemas/"),
        ({"$ref": "#/components/schemas/A/properties/b"}, r"at the top/\$ref: only references"),
        ({"items": []}, "at the top/items: a schema must be an object"),
        ("string", "at the top: a schema must be an object"),
        (None, "at the top: a schema must be an object"),
    ],
)
def test_what_the_checks_do_not_know_stops_the_start(schema: Any, expected: str) -> None:
    """An unknown keyword, format or kind of reference is an error that names it and says where it stands."""
    with pytest.raises(DocumentError, match=expected):
        check_keywords(schema, "at the top", {"Box": {}})


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"x-anything": {"nullable": True}},
        {"properties": {"nullable": {"type": "boolean"}, "format": {"type": "string"}, "$ref": {}}},
        {"items": False},
        {"oneOf": [{"type": "string"}, True], "not": {"const": ""}, "propertyNames": {"maxLength": 3}},
        {"default": {"nullable": 1}, "examples": [{"if": 1}], "enum": [{"then": 1}]},
    ],
    ids=str,
)
def test_what_the_checks_know_passes(schema: Any) -> None:
    """Known keywords, own extensions, fields that are called like keywords, and values that look like schemas pass."""
    check_keywords(schema, "at the top", {"Box": {}})


def test_schemas_are_compiled_once() -> None:
    """What is referred to twice is compiled once; another schema, other formats or another type of value is another
    check."""
    checks = Checks({"Name": {"type": "string"}})
    name = checks.compiled({"$ref": "#/components/schemas/Name"}, strict_formats=True)
    assert checks.compiled({"$ref": "#/components/schemas/Name"}, strict_formats=True) is name
    others = [
        checks.compiled({"$ref": "#/components/schemas/Name"}, strict_formats=False),
        checks.compiled({"const": 1}, strict_formats=True),
        checks.compiled({"const": True}, strict_formats=True),
        checks.compiled({"const": "1"}, strict_formats=True),
    ]
    assert len({id(check) for check in [name, *others]}) == 5
    assert [check.accepts("1") for check in others] == [True, False, False, True]


# Work that ends


@pytest.mark.rule("body.schema")
def test_violations_are_found_when_they_are_asked_for() -> None:
    """Of a long list the first violations cost no look at the others, and none of them holds the list."""
    check = Check({"items": {"type": "string"}}, {}, strict_formats=True)
    seen = []

    class Watched(list[Any]):
        def __iter__(self) -> Any:
            for item in super().__iter__():
                seen.append(item)
                yield item

    found = check.violations(Watched(range(1000)))
    assert [next(found).detail.path for _ in range(3)] == ["[0]", "[1]", "[2]"]
    assert len(seen) == 3


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"propertyNames": {"pattern": "^a"}}, {f"b{n}": n for n in range(5000)}),
        ({"anyOf": [{"items": {"type": "string"}}, {"items": {"type": "null"}}]}, list(range(5000))),
        ({"not": {"items": {"type": "integer"}}}, list(range(5000))),
        ({"enum": ["a"]}, list(range(5000))),
    ],
)
def test_what_judges_the_whole_is_one_violation(schema: dict[str, Any], value: Any) -> None:
    """A keyword that accepts or refuses a value as a whole is broken once, however much is wrong in it."""
    assert len(found(schema, value)) == 1


@pytest.mark.rule("body.schema")
def test_long_names_are_cut() -> None:
    """A path shows 64 characters of a name that was sent, and 300 in all."""
    nested: dict[str, Any] = {"additionalProperties": False}
    value: dict[str, Any] = {"a" * 100_000: 1}
    for _ in range(10):
        nested = {"additionalProperties": nested}
        value = {"b" * 100_000: value}
    (violation,) = found(nested, value)
    assert violation.detail.path == f"{'.'.join(['b' * 63 + '…'] * 10)}"[:299] + "…"


@pytest.mark.parametrize(
    ("schema", "value", "told"),
    [
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1}, ["b is required"]),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {}, []),
        ({"if": {"required": ["a"]}, "else": {"required": ["b"]}}, {}, ["b is required"]),
        ({"properties": {"a": False}}, {"a": 1}, ["a must not be there"]),
        ({"properties": {"a": False}}, {}, []),
        (
            {"properties": {"a": {"pattern": "^a", "minLength": 1}}},
            {"a": ""},
            ["a must have at least 1 character", "a must match ^a"],
        ),
        ({"dependentRequired": {"a": ["b", "c"], "c": ["b"]}}, {"a": 1, "c": 1}, ["b is required"]),
        ({"dependentRequired": {"a": ["b"]}}, {"c": 1}, []),
        ({"contains": {"type": "string"}}, [1], ["body breaks its schema"]),
        ({"propertyNames": False}, {"a": 1}, ["body has a name that does not fit"]),
    ],
)
def test_keywords_that_lead_to_others(schema: dict[str, Any], value: Any, told: list[str]) -> None:
    """Conditions lead to the branch that counts; a false schema takes nothing; the verdict on the whole always counts,
    also where no part can be blamed."""
    assert [f"{each.detail.path} {each.detail.message}" for each in found(schema, value)] == told
