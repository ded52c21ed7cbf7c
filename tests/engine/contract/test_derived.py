"""Types that are made at run time, and operations that are declared with them."""

from typing import Annotated, Any

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.derived import (
    described,
    description_of,
    extended,
    list_of,
    make_struct,
    optional,
    plain,
    sent,
)
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, operation
from aniva_sandbox.engine.contract.rules import Ledger
from aniva_sandbox.engine.contract.schemas import CLOSED, components, field

Size = Annotated[int, field("How large it is.", ge=1)]


class Box(msgspec.Struct, frozen=True):
    """A box."""

    name: str


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        pytest.param(Size, int, id="constrained"),
        pytest.param(list[Size], list[int], id="list"),
        pytest.param(dict[Annotated[str, field(pattern="^a")], float | str], dict[str, float | str], id="mapping"),
        pytest.param(bool, bool, id="plain"),
    ],
)
def test_plain(type: Any, expected: Any) -> None:
    """A plain type has no constraints, at any depth."""
    assert plain(type) == expected


def test_fields_that_may_be_left_out() -> None:
    """What may be left out is of its own type where it is sent."""
    type, default = optional(Size)
    assert default is UNSET
    assert type == Size | UnsetType
    assert sent(type) == Size
    assert sent(Size) == Size
    assert sent(optional(float | str)[0]) == float | str


def test_descriptions_are_replaced() -> None:
    """A type keeps its constraints with another description; without one it keeps its own."""
    assert description_of(Size) == "How large it is."
    assert description_of(int) == ""
    assert described(Size, "") == Size
    other = described(Size, "Its size.")
    assert description_of(other) == "Its size."
    with pytest.raises(msgspec.ValidationError, match=">= 1"):
        msgspec.convert(0, other)


def test_structs_are_described() -> None:
    """What is made at run time is in a document as if it had been written down."""
    sized = extended(Box, [("sizes", list_of(Size))])
    closed = make_struct("Closed", [("box", sized), ("size", *optional(Size))], "One box.", CLOSED)
    schemas = components([closed])
    assert schemas["Box"]["description"] == "A box."
    assert list(schemas["Box"]["properties"]) == ["name", "sizes"]
    assert (schemas["Closed"]["description"], schemas["Closed"]["additionalProperties"]) == ("One box.", False)
    assert schemas["Closed"]["required"] == ["box"]


def test_operations_say_what_they_take() -> None:
    """The types of an operation are read from the annotations of its function, or given."""

    @operation("GET", "/boxes", tag="Boxes")
    def list_boxes(_subject: Any, _call: Call[NoQuery, NoBody]) -> list[Box]:
        """List boxes"""
        return []

    sized = extended(Box, [("sizes", list_of(Size))])

    @operation("POST", "/boxes", tag="Boxes", body=sized, returns=list_of(sized))
    def create_box(_subject: Any, call: Call[NoQuery, Any]) -> Any:
        """Make a box"""
        return [call.body]

    assert (list_boxes.query, list_boxes.body, list_boxes.returns) == (NoQuery, NoBody, list[Box])
    assert (create_box.query, create_box.body, create_box.returns) == (NoQuery, sized, list_of(sized))


def test_operations_are_annotated() -> None:
    """A function without a call, or that does not say what it returns, is no operation."""

    def without_call(_subject: Any) -> Box:
        """Nothing"""

    def without_answer(_subject: Any, _call: Call[NoQuery, NoBody]):  # type: ignore[no-untyped-def]
        """Nothing"""

    def with_another(_subject: Any, _call: Box) -> Box:
        """Nothing"""

    functions: list[Any] = [without_call, without_answer, with_another]
    for function in functions:
        with pytest.raises(TypeError, match=f"{function.__name__} must take a subject and a Call"):
            operation("GET", "/", tag="Boxes")(function)


@pytest.mark.parametrize(
    ("paths", "prefix", "example"),
    [
        pytest.param(["/api/v1/boxes/{id}", "/api/v1/boxes"], "/api/v1", "/api/v1/boxes", id="two segments"),
        pytest.param(["/boxes", "/lids"], "", "/boxes", id="nothing"),
        pytest.param(["/api/boxes"], "/api", "/api/boxes", id="one path"),
        pytest.param([], "", "", id="no path"),
    ],
)
def test_what_paths_have_in_common(paths: list[str], prefix: str, example: str) -> None:
    """An API knows what all of its paths begin with, and one that can be called."""
    described = {path: {"get": {"operationId": path, "responses": {}}} for path in paths}
    for path in paths:
        if "{" in path:
            id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
            described[path]["get"]["parameters"] = [id]
    api = Api({"openapi": "3.1.0", "paths": described, "components": {"schemas": {}}}, [], Ledger([]), proposal=True)
    assert (api.prefix, api.example_path) == (prefix, example)
