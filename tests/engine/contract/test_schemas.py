"""Schemas that are made from types."""

from typing import Annotated, Any

import msgspec
import pytest

from aniva_sandbox.engine.contract.schemas import inline_schema


class PartView(msgspec.Struct):
    """A part."""

    size: int


REFERENCE = {"$ref": "#/components/schemas/Part"}


@pytest.mark.parametrize(
    ("type", "schema"),
    [
        (PartView, REFERENCE),
        (list[PartView], {"type": "array", "items": REFERENCE}),
        (list[list[PartView]], {"type": "array", "items": {"type": "array", "items": REFERENCE}}),
        (PartView | None, {"anyOf": [REFERENCE, {"type": "null"}]}),
        (Annotated[str, msgspec.Meta(max_length=3)], {"type": "string", "maxLength": 3}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
    ],
)
def test_a_schema_refers_to_components(type: Any, schema: dict[str, Any]) -> None:
    """Structs at any depth are references."""
    assert inline_schema(type) == schema


@pytest.mark.parametrize("type", [PartView, list[PartView]])
def test_a_reference_needs_no_component(type: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No schema of a component is made for it: there are hundreds of them when a server starts."""
    monkeypatch.delattr(msgspec.json, "schema_components")
    assert "Part" in str(inline_schema(type))
