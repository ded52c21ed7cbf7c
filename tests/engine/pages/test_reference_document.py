"""The documents that the reference shows, of a double of another API."""

import re
from datetime import UTC, datetime, time
from typing import Any

import pytest
from starlette.testclient import TestClient

from aniva_sandbox.engine.contract.ahead import Ahead
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.document import Contract, build_document
from aniva_sandbox.engine.contract.refused import RefusedCall
from aniva_sandbox.engine.pages.reference_document import ReferenceDocument
from tests.engine import toy

NOW = datetime(2030, 1, 4, 9, tzinfo=UTC)
"""A Friday."""
CREATED = ("paths", "/api/v1/tasks", "post")
CALL = RefusedCall(method="POST", path="/", status=400, rules="task.due; basis=documented", response={"error": "No"})


def contract() -> Contract:
    """The to-do API with an example."""
    create, *others = toy.TODO.contract.operations
    example = {"title": "Read", "due": Ahead(1, "Europe/Berlin", time(9))}
    operations = (replace(create, example=example), *others)
    return replace(toy.TODO.contract, operations=operations)


def replace(struct: Any, **changes: Any) -> Any:
    return type(struct)(**{name: getattr(struct, name) for name in struct.__struct_fields__} | changes)


def at(document: dict[str, Any], *place: Any) -> Any:
    """The value at a place."""
    for step in place:
        document = document[step]
    return document


@pytest.fixture
def shown() -> dict[str, Any]:
    """The document as it is shown on a Friday, with pages about rules and one example."""
    declared = contract()
    return ReferenceDocument(Api.of(declared), declared, {"task.due": CALL}, "/rules#").at(NOW)


def test_refusals_are_listed_by_rule(shown: dict[str, Any]) -> None:
    """In place of a response for each status there are its rules, each with its clauses; limits and defects are
    folded. Each rule is described once."""
    operation = at(shown, *CREATED)
    assert list(operation["responses"]) == ["201"]
    assert {each["status"]: [rule["id"] for rule in each["rules"]] for each in operation["x-refusals"]} == {
        400: ["body.json", "body.schema", "time.input", "task.due"],
        403: ["auth.key", "auth.permission"],
    }
    assert operation["x-refusals"][0]["rules"][1]["clauses"] == [
        "body.schema/details",
        "body.schema/null",
        "body.schema/nul",
        "body.schema/duplicates",
    ]
    assert [each["status"] for each in operation["x-folded"]] == [413, 500, 507]
    assert shown["x-rules"]["task.due"] == {
        "basis": "documented",
        "sentence": "The due date is ahead.",
        "page": "/rules#task.due",
        "example": {
            "method": "POST",
            "path": "/",
            "status": 400,
            "rules": "task.due; basis=documented",
            "response": {"error": "No"},
        },
    }
    assert shown["x-rules"]["body.schema/nul"]["page"] == "/rules#body.schema%2Fnul"
    assert "example" not in shown["x-rules"]["body.schema/nul"]
    assert "headers" not in operation["responses"]["201"]


def test_dates_lie_ahead_of_the_worlds_now(shown: dict[str, Any]) -> None:
    """The document as it is has those of its own instant."""
    body = "requestBody", "content", "application/json", "example", "due"
    assert at(shown, *CREATED, *body) == "2030-01-07T09:00:00+01:00"
    assert at(build_document(contract()), *CREATED, *body) == "2026-04-14T09:00:00+02:00"


def test_a_proposed_document_keeps_its_own_examples() -> None:
    """An example that is not the contract's is shown as it is, and so is a response without rules."""
    declared = contract()
    document = build_document(declared)
    at(document, *CREATED, "requestBody", "content", "application/json", "example")["due"] = "2031-01-01T00:00:00Z"
    plain = {"description": "Refused"}
    at(document, *CREATED, "responses")["400"] = plain
    api = Api(document, declared.operations, declared.ledger, proposal=True)
    shown = ReferenceDocument(api, declared, {}).at(NOW)
    body = at(shown, *CREATED, "requestBody", "content", "application/json", "example")
    assert body["due"] == "2031-01-01T00:00:00Z"
    assert at(shown, *CREATED, "responses", "400") == plain
    assert "page" not in shown["x-rules"]["auth.key"]


def test_the_description_is_an_introduction_and_sections() -> None:
    """Each part under a heading is a section, and the ids of rules lead to their pages."""
    info = replace(toy.TODO.contract.info, description="See `task.due`, not `task.nope`.\n\n### More\n\nOf it.\n")
    declared = replace(toy.TODO.contract, info=info)
    shown = ReferenceDocument(Api.of(declared), declared, {}, "/rules#").at(NOW)
    assert shown["info"]["description"] == "See [`task.due`](/rules#task.due), not `task.nope`.\n\n"
    assert shown["x-sections"] == [{"title": "More", "text": "Of it.\n"}]


def test_a_double_has_a_reference() -> None:
    """Of its API and of the control plane. What it does not have, such as a guide, the page does not link to."""
    with TestClient(toy.TODO.app(mode="frozen"), "http://localhost") as client:
        page = client.get("/docs").text
        links = re.findall(r'<a href="([^"]+)"', page.partition("</header>")[0])
        assert links == ["/docs", "/docs/control", "/_sandbox/", "/openapi.json"]
        document = client.get("/docs/api.json").json()
        assert document["x-rules"]["task.due"]["page"] == "/_sandbox/#/rules/task.due"
        assert document["servers"] == [{"url": "/"}]
        assert "/_sandbox/worlds" in client.get("/docs/control.json").json()["paths"]
