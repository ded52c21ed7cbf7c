"""How responses are held against the document."""

from typing import Any

import pytest

from aniva_sandbox.api.rules import PATH_UNKNOWN
from aniva_sandbox.engine.contract.ground_rules import AUTH_KEY
from aniva_sandbox.engine.contract.outcomes import JSON
from tests.sandbox.contract.edited_documents import edited
from tests.support import PARTNER


@pytest.mark.parametrize(
    ("id", "status", "value", "rules", "expected"),
    [
        ("add_panels", 200, {"success": True}, [], None),
        ("add_panels", 200, {"success": True, "more": 1}, [], None),
        ("add_panels", 200, {"success": "yes"}, [], "add_panels 200: success must be of type boolean"),
        ("add_panels", 200, {}, [], "add_panels 200: success is required"),
        ("add_panels", 200, [], [], "add_panels 200: body must be of type object"),
        ("add_panels", 201, {"success": True}, [], "add_panels does not describe the status 201"),
        ("add_panels", 404, {"error": "Not found"}, ["path.unknown"], None),
        ("add_panels", 404, {"error": "Not found"}, ["auth.context"], "does not declare the rule auth.context for 404"),
        ("add_panels", 404, {}, ["path.unknown"], "add_panels 404: error is required"),
        ("add_panels", 403, {"error": "Forbidden"}, [AUTH_KEY.id], None),
        ("add_panels", 403, {"error": "forbidden"}, [AUTH_KEY.id], 'add_panels 403: error must be "Forbidden"'),
        ("list_units", 404, {"error": "Not found"}, [PATH_UNKNOWN.id], "list_units does not describe the status 404"),
        ("list_units", 200, [{"id": 1}], [], "list_units 200: [0].title is required"),
    ],
)
def test_an_answer_is_held_against_the_document(
    id: str, status: int, value: Any, rules: list[str], expected: str | None
) -> None:
    """Status, body and rules of an answer must all stand in the document; the first contradiction is told."""
    found = PARTNER.endpoints[id].mismatch(status, value, rules)
    assert found == expected if expected is None else found is not None and found.endswith(expected)


@pytest.mark.parametrize(
    ("described", "sent", "expected"),
    [
        ({"X-Box": {"required": True}}, [], "list_units 200: the header x-box is required"),
        ({"X-Box": {"required": True}}, [(b"x-other", b"1")], "list_units 200: the header x-box is required"),
        ({"X-Box": {"required": True}}, [(b"x-box", b"")], None),
        ({"x-box": {"required": True}}, [(b"x-box", b"1"), (b"x-other", b"1")], None),
        ({"X-Box": {"required": False}}, [], None),
        ({"X-Box": {}}, [], None),
        (
            {"X-Box": {"required": True}, "X-Crate": {"required": True}},
            [(b"x-box", b"1")],
            "list_units 200: the header x-crate is required",
        ),
    ],
)
def test_required_headers_must_be_there(
    described: dict[str, Any], sent: list[tuple[bytes, bytes]], expected: str | None
) -> None:
    """A header that the document requires of an answer must be there, in any case of its name; others need not."""
    api = edited(lambda d: d["paths"]["/api/v1/units"]["get"]["responses"]["200"].update(headers=described))
    assert api.endpoints["list_units"].mismatch(200, [], [], tuple(sent)) == expected


def test_headers_of_a_success_are_those_of_its_operation() -> None:
    """What the document requires of an answer, the endpoint brings along; an operation without headers brings none."""
    availability = PARTNER.endpoints["get_availability"]
    assert availability.headers == ((b"cache-control", b"private, max-age=30, stale-while-revalidate=60"),)
    assert PARTNER.endpoints["list_units"].headers == ()


@pytest.mark.parametrize(("status", "expected"), [(404, True), (409, True), (302, False)])
def test_a_proposal_may_describe_statuses_by_class_or_default(status: int, expected: bool) -> None:
    """Where a document writes 4XX, any status of that class is described; the others are by default, where there
    is one."""

    def by_class(document: dict[str, Any]) -> None:
        document["paths"]["/api/v1/units"]["get"]["responses"] = {"4XX": {"description": "No."}}

    def by_default(document: dict[str, Any]) -> None:
        document["paths"]["/api/v1/units"]["get"]["responses"] = {"default": {"description": "Anything."}}

    found = edited(by_class, proposal=True).endpoints["list_units"].mismatch(status, {}, [])
    assert (found is None) is expected
    assert edited(by_default, proposal=True).endpoints["list_units"].mismatch(status, {}, []) is None


PDF = "application/pdf"


@pytest.mark.rule("documents.bytes")
@pytest.mark.parametrize(
    ("id", "status", "value", "media_type", "headers", "expected"),
    [
        ("get_document", 200, b"%PDF", PDF, [(b"content-disposition", b"attachment")], None),
        ("get_document", 200, b"%PDF", PDF, [], "get_document 200: the header content-disposition is required"),
        ("get_document", 200, {}, JSON, [], "get_document 200: the content is application/json, not application/pdf"),
        (
            "get_document",
            200,
            b"",
            "text/plain",
            [],
            "get_document 200: the content is text/plain, not application/pdf",
        ),
        ("get_document", 404, {"error": "There is no such document"}, JSON, [], None),
        ("get_document", 404, b"", PDF, [], "get_document 404: the content is application/pdf, not application/json"),
        ("list_units", 200, b"[]", PDF, [], "list_units 200: the content is application/pdf, not application/json"),
    ],
)
def test_the_media_type_is_that_of_the_document(
    id: str, status: int, value: Any, media_type: str, headers: list[tuple[bytes, bytes]], expected: str | None
) -> None:
    """What an answer is made of must be what the document says of its status."""
    rules = ["path.unknown"] if status == 404 else []
    assert PARTNER.endpoints[id].mismatch(status, value, rules, tuple(headers), media_type) == expected


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (None, JSON, None),
        ({}, JSON, None),
        ({}, PDF, None),
        ({"application/problem+json": {"schema": {"type": "array"}}}, JSON, None),
        ({"text/csv": {}, PDF: {}}, PDF, None),
        (
            {"text/csv": {}, PDF: {}},
            JSON,
            "list_units 200: the content is application/json, not application/pdf, text/csv",
        ),
        (
            {"text/csv": {}, JSON: {}},
            PDF,
            "list_units 200: the content is application/pdf, not application/json, text/csv",
        ),
    ],
)
def test_media_types_of_a_proposal(content: Any, media_type: str, expected: str | None) -> None:
    """A document that says nothing of the content takes any, one that says another kind of JSON takes JSON, and of
    several any is right."""

    def edit(document: dict[str, Any]) -> None:
        response = document["paths"]["/api/v1/units"]["get"]["responses"]["200"]
        response.pop("content")
        if content is not None:
            response["content"] = content

    assert edited(edit, proposal=True).endpoints["list_units"].mismatch(200, [], [], (), media_type) == expected
