"""The examples of the documents: of the default world's own records, and good to send as they are."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aniva_sandbox.api import partner
from aniva_sandbox.api.control import CONTROL as PLANE
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.pages.reference_document import ReferenceDocument
from aniva_sandbox.engine.world.clock import Mode
from tests.support import APPOINTMENT, CONTROL, GENETICS_PANEL, PARTNER, PROFILE, SHIPMENT, Client


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("Profile", f"/profiles/{PROFILE}"),
        ("Appointment", f"/appointments/{APPOINTMENT}"),
        ("Shipment", f"/shipments/{SHIPMENT}"),
    ],
)
def test_examples_are_what_is_served(client: Client, schema: str, path: str) -> None:
    """What a reader of the reference sees is what a call of the frozen default world answers."""
    assert PARTNER.document["components"]["schemas"][schema]["examples"] == [client.get(path).json]


@pytest.mark.parametrize(
    ("schema", "kind"), [("ClinicalResult", "clinical_results"), ("GeneticResult", "genetic_results")]
)
def test_examples_of_results_are_among_those_served(client: Client, schema: str, kind: str) -> None:
    """What the reference shows of a result stands among the results of the oldest draw; what it shows of a planned
    one, among those of an appointment to come."""
    received, planned = PARTNER.document["components"]["schemas"][schema]["examples"]
    assert received in client.get("/appointments/877e7253-ee68-42d5-b91d-92a76843af67/results").json[kind]
    client.post(f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [GENETICS_PANEL]})
    assert planned in client.get(f"/appointments/{APPOINTMENT}/results").json[kind]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation of a document, with its method and path."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def address(path: str, operation: dict[str, Any]) -> str:
    """The path of a call with the examples of all its parameters."""
    query = []
    for parameter in operation.get("parameters", []):
        name = parameter["name"]
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", str(parameter["example"]))
        elif "example" in parameter:
            query.append(f"{name}={parameter['example']}")
    return "?".join([path, *(["&".join(query)] if query else [])])


def body_schema(api: Api, operation: dict[str, Any]) -> dict[str, Any]:
    """The schema of a JSON body; an empty one where there is none."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema: dict[str, Any] = content.get("schema", {})
    while "$ref" in schema:
        schema = api.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def shown_bodies(operation: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The bodies that a document shows for an operation, by what they show."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if "example" in content:
        yield "", content["example"]
    for name, example in content.get("examples", {}).items():
        yield name, example["value"]


def made_body(schema: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """The body that tools make from the examples of these fields."""
    return {name: example_of(schema["properties"][name]) for name in names}


def example_of(field: dict[str, Any]) -> Any:
    if "examples" in field:
        return field["examples"][0]
    if field["type"] == "array":
        return [example_of(field["items"])]
    return field["enum"][0]


SHOWN = [
    pytest.param(api, method, path, operation, body, id=f"{operation['operationId']} {name}".rstrip())
    for api in (PARTNER, CONTROL)
    for method, path, operation in operations(api.document)
    for name, body in shown_bodies(operation)
]
WITHOUT_BODY = [
    pytest.param(method, path, operation, id=operation["operationId"])
    for method, path, operation in operations(PARTNER.document)
    if not operation.get("requestBody", {}).get("required")
]
FIELDS = [
    pytest.param(method, path, operation, body_schema(PARTNER, operation), id=operation["operationId"])
    for method, path, operation in operations(PARTNER.document)
    if body_schema(PARTNER, operation)
]


def send(api: Api, method: str, url: str, body: Any, **world: Any) -> tuple[int, list[str]]:
    """The status and the rules of a call on a fresh world, which begins as in its keywords."""
    client = Client()
    for name in ("test", "default") if world else ():
        client.worlds.create(name, **world)
    path = url.removeprefix("/api/v1" if api is PARTNER else "/_sandbox")
    if api is CONTROL:
        assert world or client.control("PUT", "/worlds/default", {}).status == 200
        assert client.get("/units", key="sbx_default").status == 200  # the first exchange in the journal
        reply = client.control(method, path, body)
    else:
        reply = client.request(method, path, body)
    return reply.status, reply.rules


@pytest.mark.parametrize(("api", "method", "path", "operation", "body"), SHOWN)
def test_bodies_that_are_shown_are_taken(
    api: Api, method: str, path: str, operation: dict[str, Any], body: Any
) -> None:
    """Each body that a document shows, sent to where its parameters' examples point, is taken in a fresh world."""
    status, rules = send(api, method, address(path, operation), body)
    assert (status in (200, 201), rules) == (True, []), status


@pytest.mark.parametrize(("method", "path", "operation"), WITHOUT_BODY)
def test_examples_of_parameters_are_taken(method: str, path: str, operation: dict[str, Any]) -> None:
    """A call without a body, made from the examples of its parameters, is taken in a fresh world."""
    status, rules = send(PARTNER, method, address(path, operation), None)
    assert (status, rules) == (200, [])


@pytest.mark.parametrize(("method", "path", "operation", "schema"), FIELDS)
def test_examples_of_fields_fit_each_other(
    method: str, path: str, operation: dict[str, Any], schema: dict[str, Any]
) -> None:
    """A tool that makes a body from the examples of fields, of all or of those that are required, makes a good one."""
    every = list(schema["properties"])
    for names in (every, schema.get("required", []) + schema.get("then", {}).get("required", [])):
        status, rules = send(PARTNER, method, address(path, operation), made_body(schema, names))
        assert (status in (200, 201), rules) == (True, []), names


# With other clocks


STRICT = Settings(taken_slots="refuse", outside_slots="refuse")
"""With these, a booked time must be a free slot."""
INSTANTS = [
    *(datetime(2026, 4, 13, 8, tzinfo=UTC) + timedelta(hours=hours) for hours in range(0, 7 * 24, 13)),
    datetime(2026, 3, 27, 15, tzinfo=UTC),  # before the clocks change
    datetime(2026, 10, 23, 12, tzinfo=UTC),
    datetime(2026, 12, 31, 22, 59, 30, tzinfo=UTC),  # the last minute of the year in Berlin
    datetime(2028, 2, 28, 23, tzinfo=UTC),
]
PARTNER_REFERENCE = ReferenceDocument(PARTNER, partner.CONTRACT, {})
CONTROL_REFERENCE = ReferenceDocument(CONTROL, PLANE, {})


def refused_examples(api: Api, document: dict[str, Any], **world: Any) -> dict[str, list[str]]:
    """The examples of a document that are refused, each in a fresh world, by operation: bodies, or the parameters
    alone; and the rules that refuse them."""
    refused = {}
    for method, path, operation in operations(document):
        for name, body in list(shown_bodies(operation)) or [("", None)]:
            status, rules = send(api, method, address(path, operation), body, **world)
            if status not in (200, 201):
                refused[f"{operation['operationId']} {name}".rstrip()] = rules
    return refused


@pytest.mark.parametrize("mode", ["real", "frozen"])
@pytest.mark.parametrize("now", INSTANTS, ids=str)
def test_the_reference_shows_requests_that_work_now(now: datetime, mode: Mode) -> None:
    """Whenever a world begins, with a running clock as with a frozen one, all that the reference shows then is taken,
    even by worlds that insist on free slots."""
    assert refused_examples(PARTNER, PARTNER_REFERENCE.at(now), mode=mode, start=now, settings=STRICT) == {}


@pytest.mark.parametrize("mode", ["real", "frozen"])
def test_the_reference_of_the_control_plane_shows_requests_that_work(mode: Mode) -> None:
    """All of them, but those about coverage, which is collected only where that was asked for."""
    now = datetime(2026, 10, 23, 12, tzinfo=UTC)
    refused = refused_examples(CONTROL, CONTROL_REFERENCE.at(now), mode=mode, start=now)
    assert refused == {"get_coverage": ["coverage.off"], "clear_coverage": ["coverage.off"]}


def test_other_examples_would_not_work() -> None:
    """Those of the document as it is are for the frozen default world: a week later, it is too late for them."""
    later = datetime(2026, 4, 20, 8, tzinfo=UTC)
    assert refused_examples(PARTNER, PARTNER.document, mode="real", start=later) == {
        "create_appointment": ["appointment.future"],
        "update_appointment": ["appointment.future"],
        "create_shipment": ["pickup.past"],
        "update_shipment": ["pickup.past"],
    }
