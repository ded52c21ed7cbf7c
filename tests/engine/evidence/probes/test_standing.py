"""Responses that are made from the schemas of a document."""

from typing import Any

import pytest

from aniva_sandbox.engine.contract.api import Api, Endpoint
from aniva_sandbox.engine.contract.operations import Attachment, Call, NoBody, NoQuery, operation
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.rules import Ledger
from aniva_sandbox.engine.evidence.probes.standing import completed, standing_for


def endpoint_of(schema: Any, *, status: str = "200", media_type: str = "application/json", **schemas: Any) -> Endpoint:
    """An operation whose response has this schema."""

    @operation("GET", "/thing", tag="Things")
    def get_thing(_subject: Any, _call: Call[NoQuery, NoBody]) -> dict[str, Any]:
        """Get the thing"""
        return {}

    content = {media_type: {"schema": schema}} if schema is not None else {}
    response: dict[str, Any] = {"description": "", "content": content}
    described = {"operationId": "get_thing", "responses": {status: response, "409": response}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/thing": {"get": described}},
        "components": {"schemas": schemas},
    }
    return Api(document, [get_thing], Ledger([])).endpoints["get_thing"]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "examples": ["blue"]}, "blue"),
        ({"type": "string", "example": "red", "examples": ["blue"]}, "red"),
        ({"type": "integer", "examples": ["blue", 3]}, 3),
        ({"type": "string", "minLength": 6}, "textxx"),
        ({"type": "string", "maxLength": 2}, "te"),
        ({"type": "string", "format": "date"}, "2030-01-01"),
        ({"type": "string", "format": "date-time"}, "2030-01-01T12:00:00Z"),
        ({"type": "string", "format": "email"}, "jane.doe@example.com"),
        ({"type": "string", "pattern": "^[0-9]+$"}, "1"),
        ({"type": "string", "enum": ["open", "done"]}, "open"),
        ({"const": 7}, 7),
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 18}, 18),
        ({"type": "integer", "maximum": -2}, -2),
        ({"type": "number", "exclusiveMinimum": 5}, 6),
        ({"type": "number", "exclusiveMaximum": 0}, -1),
        ({"type": "integer", "multipleOf": 10}, 10),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"type": ["string", "null"]}, "text"),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "text"),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [True, True]),
        ({"type": "array", "items": {"type": "boolean"}}, [True]),
        ({"type": "array"}, [None]),
        ({"type": "object"}, {}),
        ({"properties": {"id": {"type": "integer"}}}, {"id": 1}),
        ({"$ref": "#/components/schemas/Named"}, {"name": "text"}),
        (
            {"allOf": [{"$ref": "#/components/schemas/Named"}], "properties": {"id": {"type": "integer"}}},
            {"name": "text", "id": 1},
        ),
        ({}, None),
    ],
)
def test_a_value_fits_its_schema(schema: Any, value: Any) -> None:
    """It is an example, if there is one that fits, or is made from the keywords, with all properties."""
    named = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    endpoint = endpoint_of(schema, Named=named)
    assert standing_for(endpoint) == Outcome(200, value)
    assert endpoint.mismatch(200, value) is None


def test_a_schema_may_contain_itself() -> None:
    """The value ends where nothing more is required."""
    tree = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "child": {"$ref": "#/components/schemas/Tree"}},
        "required": ["name"],
    }
    endpoint = endpoint_of({"$ref": "#/components/schemas/Tree"}, Tree=tree)
    value = standing_for(endpoint).value
    assert endpoint.mismatch(200, value) is None
    depth = 0
    while "child" in value:
        value, depth = value["child"], depth + 1
    assert (value, depth) == ({"name": "text"}, 20)


def test_the_status_is_that_of_a_success() -> None:
    """Of the first that has a body in JSON, or 204."""
    assert standing_for(endpoint_of({"type": "boolean"}, status="201")) == Outcome(201, True)
    assert standing_for(endpoint_of(None, status="204")).status == 204


def test_a_file_comes_to_a_file() -> None:
    """With its media type and a name."""

    @operation("GET", "/thing", tag="Things", media_type="application/pdf")
    def get_thing(_subject: Any, _call: Call[NoQuery, NoBody]) -> Attachment:
        """Get the thing"""
        return Attachment(b"", "application/pdf", "thing.pdf")

    endpoint = endpoint_of({"type": "string", "format": "uri"}, media_type="application/pdf")
    endpoint.operation = get_thing
    outcome = standing_for(endpoint)
    assert (outcome.status, outcome.media_type) == (200, "application/pdf")
    assert outcome.value.startswith(b"%PDF")
    assert dict(outcome.headers).keys() == {b"content-disposition"}


def test_a_refusal_is_completed() -> None:
    """It gets what the document requires of its body, and keeps what it has; a success stays as it is."""
    body = {
        "type": "object",
        "properties": {"error": {"type": "string"}, "ids": {"type": "array", "items": {"type": "integer"}}, "more": {}},
        "required": ["error", "ids"],
    }
    endpoint = endpoint_of(body)
    assert completed(endpoint, Outcome(409, {"error": "Locked"})).value == {"error": "Locked", "ids": [1]}
    for whole in (
        Outcome(409, {"error": "Locked", "ids": []}),
        Outcome(409, b""),
        Outcome(404, {"error": "Unknown"}),
        Outcome(200, {"error": "Locked"}),
    ):
        assert completed(endpoint, whole) is whole
