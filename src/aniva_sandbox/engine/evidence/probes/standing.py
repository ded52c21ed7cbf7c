"""Responses made from nothing but the schemas of a document: a success where an operation can only refuse."""

from functools import lru_cache
from math import ceil, floor, inf
from typing import Any, Final

import msgspec

from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.contract.checks import Checks, followed
from aniva_sandbox.engine.contract.outcomes import Outcome

__all__ = ["completed", "standing_for"]

_FORMATS: Final = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date": "2030-01-01",
    "date-time": "2030-01-01T12:00:00Z",
    "email": "jane.doe@example.com",
    "uri": "https://example.com",
}
"""A valid string of each format."""
_TEXTS: Final = (*_FORMATS.values(), "1", "+14155552671", "12:00", "1.0", "a", "A", "#B5651D", "en", "GET")
"""What usual patterns accept."""
_DEEPEST: Final = 20
"""The depth of a value below which only what is required is added: a schema may contain itself."""
_FILE: Final = b"%PDF-1.4\n%%EOF\n"
_FILE_HEADER: Final = (b"content-disposition", b'attachment; filename="document"')


@lru_cache(maxsize=256)
def standing_for(endpoint: Endpoint) -> Outcome:
    """A success of an operation that fits its document, with the examples of the document where it has them.

    A text with an unusual pattern and no example may not fit; the check of responses says so.
    """
    operation = endpoint.operation
    if operation is not None and operation.media_type != "application/json":
        headers = (*endpoint.headers, _FILE_HEADER)
        return Outcome(operation.status, _FILE, headers=headers, media_type=operation.media_type)
    status, schema = next(iter(endpoint.success_schemas.items()), (204, {}))
    return Outcome(status, _Maker(endpoint.schemas).value(schema), headers=endpoint.headers)


def completed(endpoint: Endpoint, outcome: Outcome) -> Outcome:
    """The outcome of a refusal, with everything that the document requires of its body."""
    schema = followed(endpoint.response_schemas.get(outcome.status, {}), endpoint.schemas)
    body = outcome.value
    if outcome.status < 400 or not isinstance(body, dict) or body.keys() >= set(schema.get("required", ())):
        return outcome
    made = _Maker(endpoint.schemas).value(schema)
    return msgspec.structs.replace(outcome, value={name: made[name] for name in schema["required"]} | body)


class _Maker:
    """Makes values from schemas; ``schemas`` are the components of the document."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas
        self._checks = Checks(schemas)

    def value(self, schema: Any, depth: int = 0) -> Any:
        """A value that fits a schema."""
        schema = followed(schema, self._schemas)
        for example in (*([schema["example"]] if "example" in schema else ()), *schema.get("examples", ())):
            if self._checks.compiled(schema, strict_formats=False).accepts(example):
                return example
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            if followed(part, self._schemas).get("type") != "null":
                return self.value(part, depth)
        named = schema.get("type", "object" if "properties" in schema or "allOf" in schema else "null")
        match named if isinstance(named, str) else named[0]:
            case "object":
                return self._object(schema, depth)
            case "array":
                least = max(schema.get("minItems", 0), 1 if depth < _DEEPEST else 0)
                return [self.value(schema.get("items", {}), depth + 1) for _ in range(least)]
            case "string":
                text = _FORMATS.get(schema.get("format", ""), "text")
                text = text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]
                return next(filter(self._checks.compiled(schema, strict_formats=False).accepts, (text, *_TEXTS)), text)
            case "integer" | "number":
                return _number(schema)
            case "boolean":
                return True
            case _:
                return None

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for part in schema.get("allOf", ()):
            fields |= self._object(followed(part, self._schemas), depth)
        required = schema.get("required", ())
        for name, each in schema.get("properties", {}).items():
            if each is not False and (depth < _DEEPEST or name in required):
                fields[name] = self.value(each, depth + 1)
        return fields


def _number(schema: dict[str, Any]) -> float:
    """The number next to 1 that a schema allows."""
    step: float = schema.get("multipleOf", 1)
    lowest: float = schema.get("minimum", schema.get("exclusiveMinimum", -inf) + step)
    highest: float = schema.get("maximum", schema.get("exclusiveMaximum", inf) - step)
    if step < lowest:
        return ceil(lowest / step) * step
    return floor(highest / step) * step if step > highest else step
