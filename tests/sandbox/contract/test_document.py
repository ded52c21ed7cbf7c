"""The OpenAPI documents: made from operations, written and read, and sound as they stand."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest

from aniva_sandbox.api import partner
from aniva_sandbox.api.app import DIGEST, build_partner_api
from aniva_sandbox.api.control import CONTROL as PLANE
from aniva_sandbox.conformance.links import add_links
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.checks import Check
from aniva_sandbox.engine.contract.document import (
    ApiInfo,
    Contract,
    DocumentError,
    build_document,
    dump_document,
    load_document,
)
from aniva_sandbox.engine.contract.known import is_known
from aniva_sandbox.engine.contract.operations import Call, Header, Link, NoBody, NoQuery, Operation, operation
from aniva_sandbox.engine.contract.rules import Ledger, Rule
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.control.metrics import TEXT
from aniva_sandbox.engine.yaml_file import load_yaml
from aniva_sandbox.files import find_file

PARTNER = load_document(find_file("openapi.yaml"))
CONTROL = build_document(PLANE)
DOCUMENTS = {
    "partner": (PARTNER, partner.OPERATIONS, partner.LEDGER),
    "control": (CONTROL, PLANE.operations, PLANE.ledger),
}
METHODS = ("get", "post", "put", "patch", "delete")


def described(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation of a document, with its path and method."""
    for path, item in document["paths"].items():
        for method, op in item.items():
            assert method in METHODS
            yield path, method, op


def parts(value: Any, at: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a document, with the place it stands at."""
    if isinstance(value, dict):
        yield at, value
        for key, inner in value.items():
            yield from parts(inner, f"{at}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from parts(inner, f"{at}/{index}")


def resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """What a part is, or what it refers to."""
    if "$ref" not in part:
        return part
    target: Any = document
    for step in part["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    assert isinstance(target, dict)
    return target


EVERY = [
    pytest.param(document, path, method, op, id=op["operationId"])
    for document, _, _ in DOCUMENTS.values()
    for path, method, op in described(document)
]
every_operation = pytest.mark.parametrize(("document", "path", "method", "op"), EVERY)
every_document = pytest.mark.parametrize("name", DOCUMENTS)


# The committed document


def test_committed_document_is_fresh() -> None:
    """openapi.yaml is what the operations say today."""
    text = dump_document(build_document(partner.CONTRACT))
    assert find_file("openapi.yaml").read_text(encoding="utf-8") == text


def test_committed_document_was_checked() -> None:
    """Its digest is kept, so a start does not check it again; here it is checked. With any change it is not known, and
    neither is one without a digest."""
    path = find_file("openapi.yaml")
    text = path.read_text(encoding="utf-8")
    Api(load_document(path), partner.OPERATIONS, partner.LEDGER)
    Api.of(PLANE)
    assert is_known(DIGEST, text)
    assert not any(is_known(DIGEST, other) for other in (text[1:], f"{text} ", text.replace("uuid", "date", 1)))
    assert not is_known(DIGEST.with_name("other.sha256"), text)


def test_an_edited_document_is_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What was changed by hand since stops the start as a proposal would; what was not is served as it is."""
    committed = find_file("openapi.yaml")
    path = tmp_path / committed.name
    monkeypatch.setattr("aniva_sandbox.api.app.find_file", lambda _name: path)
    text = committed.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    assert build_partner_api().document == load_document(committed)
    path.write_text(text.replace("maxLength: 64", "maxLenght: 64", 1), encoding="utf-8")
    with pytest.raises(DocumentError, match="the schema keyword 'maxLenght' is not known"):
        build_partner_api()
    path.unlink()
    with pytest.raises(DocumentError, match="cannot be read"):
        build_partner_api()


@every_document
def test_writing_and_reading_a_document_loses_nothing(name: str) -> None:
    """A document reads back from its YAML as it was, texts that look like dates or numbers included."""
    document = DOCUMENTS[name][0]
    assert load_yaml(dump_document(document)) == json.loads(json.dumps(document))


# What stands in the documents


@every_document
def test_every_reference_resolves(name: str) -> None:
    """Each $ref points to something in the same document."""
    document = DOCUMENTS[name][0]
    references = [part["$ref"] for _, part in parts(document) if isinstance(part.get("$ref"), str)]
    assert references
    for reference in references:
        assert reference.startswith("#/components/")
        assert resolved(document, {"$ref": reference})


@every_document
def test_every_component_is_used(name: str) -> None:
    """Nothing stands among the components that nothing refers to."""
    document = DOCUMENTS[name][0]
    references = {part["$ref"] for _, part in parts(document) if isinstance(part.get("$ref"), str)}
    for kind in ("schemas", "responses", "headers"):
        assert {f"#/components/{kind}/{key}" for key in document["components"][kind]} <= references


@every_document
def test_operations_are_those_of_the_code(name: str) -> None:
    """Every operation stands in the document once, under its method and path, by the name of its function."""
    document, operations, _ = DOCUMENTS[name]
    found = [(op["operationId"], method, path) for path, method, op in described(document)]
    base = {"partner": "/api/v1", "control": "/_sandbox"}[name]
    assert sorted(found) == sorted((op.id, op.method.lower(), base + op.path) for op in operations)
    assert len({id for id, _, _ in found}) == len(found)


@every_operation
def test_every_operation_is_described(document: dict[str, Any], path: str, method: str, op: dict[str, Any]) -> None:
    """An operation has a summary, a tag that the document describes, and one success; only creation answers 201."""
    assert op["summary"]
    (tag,) = op["tags"]
    assert tag in [described["name"] for described in document["tags"]]
    (success,) = [status for status in op["responses"] if status.startswith("2")]
    if document is PARTNER:
        creates = method == "post" and path in ("/api/v1/profiles", "/api/v1/appointments", "/api/v1/shipments")
        assert success == ("201" if creates else "200")


@every_operation
def test_path_parameters_are_those_of_the_path(
    document: dict[str, Any],  # noqa: ARG001
    path: str,
    method: str,  # noqa: ARG001
    op: dict[str, Any],
) -> None:
    """Each parameter in a path is declared, required and shown with an example; no name stands twice."""
    parameters = op.get("parameters", [])
    in_path = [parameter for parameter in parameters if parameter["in"] == "path"]
    assert [parameter["name"] for parameter in in_path] == re.findall(r"\{(\w+)\}", path)
    assert all(parameter["required"] and "example" in parameter for parameter in in_path)
    assert len({(parameter["in"], parameter["name"]) for parameter in parameters}) == len(parameters)


@every_operation
def test_every_operation_may_fail(
    document: dict[str, Any],
    path: str,  # noqa: ARG001
    method: str,  # noqa: ARG001
    op: dict[str, Any],
) -> None:
    """Each operation declares 500, and every refusal of each has a body with the field error."""
    responses = {status: resolved(document, response) for status, response in op["responses"].items()}
    assert responses["500"]["x-rules"] == ["error.internal"]
    for status, response in responses.items():
        if int(status) >= 400:
            schema = resolved(document, response["content"]["application/json"]["schema"])
            assert "error" in schema["required"]
            assert "X-Sandbox-Rule" in response["headers"]


@every_operation
def test_declared_rules_are_in_the_ledger_with_their_status(
    document: dict[str, Any],
    path: str,  # noqa: ARG001
    method: str,  # noqa: ARG001
    op: dict[str, Any],
) -> None:
    """A rule listed under a status is one of the ledger, can refuse with that status, and is told in words there."""
    ledger = next(ledger for known, _, ledger in DOCUMENTS.values() if known is document)
    for status, response in op["responses"].items():
        response = resolved(document, response)
        if int(status) < 400:
            assert "x-rules" not in response
            continue
        assert response["x-rules"]
        for id in response["x-rules"]:
            assert id in ledger
            assert int(status) in ledger[id].statuses
            assert f"`{id}` ({ledger[id].basis}): {ledger[id].sentence}" in response["description"]


@every_document
def test_rules_in_schemas_are_format_rules_of_the_ledger(name: str) -> None:
    """A rule that a schema names is one of the ledger that answers 400."""
    document, _, ledger = DOCUMENTS[name]
    named = {
        id
        for _, part in parts(document)
        for rules in [part.get("x-rule"), *(part["x-rules"].values() if isinstance(part.get("x-rules"), dict) else [])]
        for id in (rules.values() if isinstance(rules, dict) else [rules])
        if id is not None
    }
    assert named
    for id in named:
        assert id in ledger
        assert 400 in ledger[id].statuses


@every_document
def test_documents_have_no_links(name: str) -> None:
    """Links belong to conformance runs: generators of clients refuse a document that has some."""
    assert not [at for at, part in parts(DOCUMENTS[name][0]) if "links" in part and "description" in part]


LINKED = deepcopy(PARTNER)
add_links(LINKED, partner.OPERATIONS)


@pytest.mark.parametrize(
    ("document", "path", "op"),
    [pytest.param(LINKED, path, op, id=op["operationId"]) for path, _method, op in described(LINKED)],
)
def test_links_name_operations_and_parameters_that_exist(
    document: dict[str, Any], path: str, op: dict[str, Any]
) -> None:
    """A link leads to an operation, fills parameters that it has and all that it requires, with a body that fits, and
    takes them from where there is something to take."""
    operations = {found["operationId"]: found for _, _, found in described(document)}
    for response in op["responses"].values():
        for link in response.get("links", {}).values():
            target = operations[link["operationId"]]
            names = {parameter["name"] for parameter in target.get("parameters", [])}
            required = {parameter["name"] for parameter in target.get("parameters", []) if parameter["required"]}
            filled = link.get("parameters", {})
            assert required <= set(filled) <= names
            taken = {}
            if "requestBody" in link:
                wanted = target["requestBody"]["content"]["application/json"]["schema"]
                if link["requestBody"] == "$request.body":
                    assert op["requestBody"]["content"]["application/json"]["schema"] == wanted
                else:
                    body = link["requestBody"]
                    taken = {name: value for name, value in body.items() if str(value).startswith("$")}
                    check = Check(wanted, document["components"]["schemas"], strict_formats=True)
                    assert {violation.detail.path for violation in check.violations(body)} <= set(taken)
            for expression in (*filled.values(), *taken.values()):
                found = re.fullmatch(r"\$response\.body#(/\S+)|\$request\.path\.(\w+)", expression)
                assert found, expression
                if found[2]:
                    assert f"{{{found[2]}}}" in path
                else:
                    schema = response["content"]["application/json"]["schema"]
                    assert pointed(document, schema, found[1].split("/")[1:])


def pointed(document: dict[str, Any], schema: dict[str, Any], steps: list[str]) -> dict[str, Any]:
    """The schema that a JSON pointer into a value of a schema leads to."""
    schema = resolved(document, schema)
    if not steps:
        return schema
    inner = schema["items"] if schema.get("type") == "array" else schema["properties"][steps[0]]
    return pointed(document, inner, steps[1:])


@every_operation
def test_examples_are_accepted_by_their_own_schemas(
    document: dict[str, Any],
    path: str,  # noqa: ARG001
    method: str,  # noqa: ARG001
    op: dict[str, Any],
) -> None:
    """Whatever stands as an example of a parameter, a request or an answer passes the compiled check."""
    schemas = document["components"]["schemas"]
    examples = [
        (parameter["schema"], parameter["example"]) for parameter in op.get("parameters", []) if "example" in parameter
    ]
    contents = [resolved(document, part).get("content", {}) for part in op["responses"].values()]
    contents.append(op.get("requestBody", {}).get("content", {}))
    for media in [content.get("application/json", {}) for content in contents]:
        shown = [example["value"] for example in media.get("examples", {}).values()]
        shown += [media["example"]] if "example" in media else []
        examples += [(media["schema"], example) for example in shown]
    for schema, example in examples:
        assert list(Check(schema, schemas, strict_formats=True).violations(example)) == []


@every_document
def test_examples_of_fields_are_accepted(name: str) -> None:
    """Whatever stands as an example of a field passes that field's schema."""
    document = DOCUMENTS[name][0]
    schemas = document["components"]["schemas"]
    shown = [part for _, part in parts(schemas) if isinstance(part.get("examples"), list)]
    assert shown or name == "control"
    for schema in shown:
        check = Check(schema, schemas, strict_formats=True)
        assert all(check.accepts(example) for example in schema["examples"])


@every_operation
def test_every_required_body_has_an_example(
    document: dict[str, Any],  # noqa: ARG001
    path: str,  # noqa: ARG001
    method: str,  # noqa: ARG001
    op: dict[str, Any],
) -> None:
    """A reader never has to make up a body: where one is required, one is shown."""
    body = op.get("requestBody")
    if body and body["required"]:
        assert {"example", "examples"} & body["content"]["application/json"].keys()


@pytest.mark.rule("body.unknown-field")
def test_no_schema_forbids_unknown_fields() -> None:
    """What partners send may have unknown fields, which are ignored, so no schema refuses them."""
    for at, part in parts(PARTNER["components"]["schemas"]):
        assert part.get("additionalProperties", True) is True, at
        assert part.get("unevaluatedProperties", True) is True, at


@pytest.mark.rule("body.schema")
def test_control_plane_forbids_unknown_fields_in_requests_only() -> None:
    """Every object in a body for the control plane refuses unknown fields; its answers may get further ones."""
    bodies = [
        op["requestBody"]["content"]["application/json"]["schema"]
        for _, _, op in described(CONTROL)
        if "requestBody" in op
    ]
    schemas = CONTROL["components"]["schemas"]
    sent = {part["$ref"].rpartition("/")[2] for body in bodies for _, part in parts(body) if "$ref" in part}
    for name in list(sent):
        sent |= {part["$ref"].rpartition("/")[2] for _, part in parts(schemas[name]) if "$ref" in part}
    assert {name for name, schema in schemas.items() if schema.get("additionalProperties") is False} == sent
    closed = {
        "WorldOptions",
        "SettingsChange",
        "Snapshot",
        "ClockChange",
        "ClockAdvance",
        "EventRequest",
        "HappenNow",
        "RepeatCall",
    }
    assert closed | {"FaultRequest"} == sent


@every_operation
def test_requests_allow_null_only_by_type(
    document: dict[str, Any],
    path: str,  # noqa: ARG001
    method: str,  # noqa: ARG001
    op: dict[str, Any],
) -> None:
    """In requests, only what an update of a profile can clear takes null."""
    body = op.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    nullable = [
        name
        for name, part in resolved(document, body).get("properties", {}).items()
        if Check(part, document["components"]["schemas"], strict_formats=True).accepts(None)
    ]
    if document is PARTNER:
        clearable = ["last_name", "phone", "height", "weight"]
        assert nullable == (clearable if op["operationId"] == "update_profile" else [])


@pytest.mark.rule("time.instants", "time.local")
def test_instants_are_declared_as_such() -> None:
    """Each instant in an answer has the format date-time, so that clients and checks know it for one."""
    instants = {
        f"{schema_name}.{name}": part.get("items", part).get("format")
        for schema_name, schema in PARTNER["components"]["schemas"].items()
        for name, part in schema.get("properties", {}).items()
        if name in ("slots", "time") or (name.endswith("_at") and name != "tested_at")
    }
    assert {"Profile.created_at", "Appointment.scheduled_at", "DaySlots.slots"} <= set(instants)
    assert {name for name, format in instants.items() if format != "date-time"} == set()


@pytest.mark.rule("auth.key", "auth.permission", "auth.permission/unnamed")
def test_partner_document_asks_for_the_key() -> None:
    """The key is a security scheme of the whole document; every operation declares the one body of 403, never 401."""
    assert PARTNER["security"] == [{"apiKey": []}]
    scheme = PARTNER["components"]["securitySchemes"]["apiKey"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "x-api-key")
    assert PARTNER["components"]["schemas"]["Forbidden"]["properties"]["error"]["const"] == "Forbidden"
    for _, _, op in described(PARTNER):
        assert "401" not in op["responses"]
        forbidden = resolved(PARTNER, op["responses"]["403"])
        assert forbidden["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Forbidden"}
        assumed = op.get("x-assumed-permissions", [])
        unnamed = "/unnamed" if assumed == op["x-permissions"] else ""
        assert forbidden["x-rules"][:2] == ["auth.key", f"auth.permission{unnamed}"]
        for permission in op["x-permissions"]:
            assert f"`{permission}`{' (assumed)' if permission in assumed else ''}" in op["description"]


def test_control_document_asks_for_no_key() -> None:
    """The control plane has neither a key nor a header that names a world; who may not call it at all is told by
    every operation but the public one, in the one form of its errors."""
    assert "X-Sandbox-World" not in CONTROL["components"]["headers"]
    for _, _, op in described(CONTROL):
        if op["operationId"] == "get_health":
            assert op["responses"].keys() == {"200", "400", "500", "503"}
            continue
        responses = {status: resolved(CONTROL, response) for status, response in op["responses"].items()}
        assert responses["401"]["x-rules"] == ["control.token"]
        assert responses["403"]["x-rules"] == ["control.host", "control.origin"]
        for status in ("401", "403"):
            content = responses[status]["content"]["application/json"]
            assert content == {"schema": {"$ref": "#/components/schemas/Error"}}


@pytest.mark.rule("control.token")
def test_control_document_declares_its_token() -> None:
    """The token is a bearer scheme that a server may or may not want; health wants none, ever."""
    assert CONTROL["security"] == [{}, {"bearer": []}]
    ((name, scheme),) = CONTROL["components"]["securitySchemes"].items()
    assert (name, scheme["type"], scheme["scheme"]) == ("bearer", "http", "bearer")
    assert {op["operationId"] for _, _, op in described(CONTROL) if "security" in op} == {"get_health"}
    assert CONTROL["paths"]["/_sandbox/health"]["get"]["security"] == []


def test_partner_document_tells_the_states() -> None:
    """The two lifecycles stand in the description, row by row as the documentation has them."""
    text = PARTNER["info"]["description"]
    rows = re.findall(r"^\| (\w+) \| ([\w ]+) \| (\w+) \|$", text, flags=re.MULTILINE)
    assert {row for row in rows if row[0] != "from"} == {
        ("pending", "practice confirms", "confirmed"),
        ("confirmed", "confirm draw", "blood_drawn"),
        ("pending", "cancel", "cancelled"),
        ("confirmed", "cancel", "cancelled"),
        ("blood_drawn", "operations cancel", "cancelled"),
        ("pending", "update", "pending"),
        ("pending", "booked", "pending"),
        ("pending", "picked_up", "in_transit"),
        ("in_transit", "scanned", "in_transit"),
        ("in_transit", "delivered", "delivered"),
        ("in_transit", "lost", "fault"),
        ("pending", "lost", "fault"),
    }
    assert rows.count(("pending", "cancel", "cancelled")) == 2
    assert len(rows) == 2 + 13


def test_profile_answers_hold_neither_group_nor_password() -> None:
    """What a profile's answers must not tell is not in their schema."""
    assert not {"password", "profile_group", "profile_group_slug", "group"} & set(
        PARTNER["components"]["schemas"]["Profile"]["properties"]
    )


# What generators of clients stumble over


@every_document
def test_no_schema_has_what_generators_stumble_over(name: str) -> None:
    """No type is null alone, no truth value a constant, no union one of what is required; a pattern is anchored at its
    start and does not look around."""
    for at, part in parts(DOCUMENTS[name][0]["components"]["schemas"]):
        if at.rpartition("/")[2] in ("properties", "x-rules") or "/if/" in at:
            continue
        in_union = at.split("/")[-2:-1] == ["anyOf"]
        assert in_union or part.get("type") != "null", at
        assert not in_union or "required" not in part, at
        assert not isinstance(part.get("const"), bool), at
        assert "oneOf" not in part, at
        assert part.get("pattern", "^").startswith("^"), at
        assert "(?" not in part.get("pattern", ""), at


@every_operation
def test_every_content_has_a_schema(
    document: dict[str, Any],
    path: str,  # noqa: ARG001
    method: str,  # noqa: ARG001
    op: dict[str, Any],
) -> None:
    """JSON has the schema of a component, or of a list of one; what is none is a file of bytes. Only the journal has
    another JSON format, and only the journal and the metrics have one of text."""
    for status, response in op["responses"].items():
        for media_type, content in resolved(document, response)["content"].items():
            schema = content["schema"]
            if media_type == "application/har+json":
                assert (op["operationId"], status) == ("list_journal", "200")
                assert schema == {"$ref": "#/components/schemas/Har"}
            elif media_type == "text/x-python":
                assert (op["operationId"], status, schema) == ("list_journal", "200", {"type": "string"})
            elif media_type == TEXT:
                assert (op["operationId"], status, schema) == ("get_metrics", "200", {"type": "string"})
            elif media_type != "application/json":
                assert (op["operationId"], status) in (("get_document", "200"), ("get_record_file", "200"))
                assert schema == {"type": "string", "format": "binary"}
            elif document is PARTNER:
                assert list(schema.get("items", schema)) == ["$ref"]


def test_errors_say_what_their_operation_can_say() -> None:
    """Every refusal has the plain body, but for the one body of 403 and the three that name what is in the way."""
    bodies: dict[str, set[tuple[str, str]]] = {}
    for _path, _method, op in described(PARTNER):
        for status, response in op["responses"].items():
            if int(status) >= 400:
                schema = resolved(PARTNER, response)["content"]["application/json"]["schema"]
                bodies.setdefault(schema["$ref"].rpartition("/")[2], set()).add((op["operationId"], status))
    assert list(PARTNER["components"]["schemas"]["Error"]["properties"]) == ["error", "details"]
    assert {status for _, status in bodies.pop("Forbidden")} == {"403"}
    bodies.pop("Error")
    assert bodies == {
        "SnapshotRefusal": {("add_biomarkers", "400"), ("remove_biomarkers", "400")},
        "LockedShipments": {("attach_shipments", "409"), ("detach_shipments", "409")},
        "LockedAppointments": {("attach_appointments", "409"), ("detach_appointments", "409")},
    }


@pytest.mark.rule("snapshot.coherent")
@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ([], []),
        (["details"], []),
        (["lab", "panel_id", "stranded"], []),
        (["lab"], ["panel_id", "stranded"]),
        (["lab", "stranded"], ["panel_id"]),
        (["panel_id"], ["lab", "stranded"]),
        (["panel_id", "stranded"], ["lab"]),
    ],
)
def test_a_refused_snapshot_says_all_or_nothing(fields: list[str], missing: list[str]) -> None:
    """What tells why a laboratory cannot take an order is in the body as a whole, or not at all."""
    stranded = {"biomarker_id": 1, "biomarker_name": "x", "candidates": []}
    known = {"details": [], "lab": "x", "panel_id": "00000000-0000-0000-0000-000000000aff", "stranded": [stranded]}
    body = {"error": "x"} | {name: known[name] for name in fields}
    check = Check(
        {"$ref": "#/components/schemas/SnapshotRefusal"}, PARTNER["components"]["schemas"], strict_formats=False
    )
    assert {violation.detail.path for violation in check.violations(body)} == set(missing)


@every_document
def test_what_operations_share_stands_once(name: str) -> None:
    """A refusal that is said twice is a component; one that is said once stands where it belongs."""
    document = DOCUMENTS[name][0]
    inline = [
        (status, json.dumps(response))
        for _, _, op in described(document)
        for status, response in op["responses"].items()
        if "$ref" not in response and int(status) >= 400
    ]
    assert len(set(inline)) == len(inline)
    shared = [json.dumps(response) for response in document["components"]["responses"].values()]
    assert len(set(shared)) == len(shared) > 5
    assert not {text for _, text in inline} & set(shared)


# Making a document

GONE = Rule(id="box.gone", sentence="The box must be there.", basis="assumed", source="here", statuses=(404, 410))
COLOUR = Rule(
    id="box.colour", sentence="Red or green.", basis="documented", source="here", statuses=(400,), kind="format"
)


class BoxView(msgspec.Struct, frozen=True):
    """A box."""

    id: int


class BoxQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which boxes."""

    colour: Annotated[str, field("Of this colour.", rule=COLOUR, extra={"enum": ["red", "green"]}, examples=["red"])]
    limit: int = 10


class BoxCreate(msgspec.Struct, frozen=True, kw_only=True):
    """A new box."""

    size: int


@operation("GET", "/boxes", tag="Boxes", permissions=("panels_access",), links=(Link("list_boxes", {"colour": "red"}),))
def list_boxes(_subject: None, _call: Call[BoxQuery, NoBody]) -> list[BoxView]:
    """List boxes."""
    return []


@operation(
    "POST",
    "/boxes/{box}/open",
    tag="Boxes",
    path_id=Annotated[int, field("Which.", examples=[7])],
    status=201,
    refuses=(GONE,),
    headers={"Warning": Header("299", "Mind the lid.")},
    example={"size": 1},
    body_required=False,
    deprecated=True,
)
def open_box(_subject: None, call: Call[NoQuery, BoxCreate]) -> BoxView:
    """Open
    a box

    And look inside.
    """
    return BoxView(call.body.size)


@operation("POST", "/boxes/shake", tag="Boxes", ignores_body=True)
def shake(_subject: None, _call: Call[NoQuery, NoBody]) -> BoxView:
    """Shake"""
    return BoxView(1)


def boxes(*operations: Operation[Any], keyed: bool = True) -> dict[str, Any]:
    """A document of a few operations on boxes."""
    info = ApiInfo("Boxes", "1", "About boxes.", "/b", keyed, {"Boxes": "Many."})
    return build_document(Contract(info, operations, Ledger([*partner.LEDGER, GONE, COLOUR])))


def test_an_operation_is_described_by_its_function() -> None:
    """Name, docstring and types of the function become operationId, summary, description, parameters and schemas."""
    described = boxes(open_box)["paths"]["/b/boxes/{box}/open"]["post"]
    assert described["operationId"] == "open_box"
    assert (described["summary"], described["description"]) == ("Open a box", "And look inside.")
    assert described["deprecated"] is True
    assert described["parameters"] == [
        {"name": "box", "in": "path", "required": True, "description": "Which.", "schema": {"type": "integer"}}
        | {"example": 7}
    ]
    content = {"schema": {"$ref": "#/components/schemas/BoxCreate"}, "example": {"size": 1}}
    assert described["requestBody"] == {"required": False, "content": {"application/json": content}}
    assert list(described["responses"]) == ["201", "400", "403", "404", "410", "413", "500"]
    assert described["responses"]["201"]["headers"]["Warning"]["description"] == "Mind the lid."


def test_a_query_becomes_parameters_and_their_rules_refusals() -> None:
    """A field of the query is a parameter, required or with its default; its rule stands under 400."""
    described = boxes(list_boxes)["paths"]["/b/boxes"]["get"]
    colour, limit = described["parameters"]
    assert (colour["name"], colour["in"], colour["required"], colour["example"]) == ("colour", "query", True, "red")
    assert colour["schema"] == {"type": "string", "enum": ["red", "green"], "x-rule": "box.colour"}
    assert (limit["required"], limit["schema"]) == (False, {"type": "integer", "default": 10})
    assert described["responses"]["400"]["x-rules"] == ["body.schema", "body.schema/nul", "box.colour"]
    assert described["description"] == "Needs `panels_access`."
    assert "links" not in described["responses"]["200"]


def test_an_ignored_body_may_be_anything() -> None:
    """Where no body is read, the document takes any and requires none, and no rule refuses one but its size."""
    described = boxes(shake)["paths"]["/b/boxes/shake"]["post"]
    assert described["requestBody"] == {"required": False, "content": {"application/json": {"schema": {}}}}
    assert list(described["responses"]) == ["200", "403", "413", "500"]


def test_a_document_without_keys_says_nothing_of_them() -> None:
    """Where no key is asked for, there is neither a security scheme nor a 403."""
    document = boxes(shake, keyed=False)
    assert "security" not in document
    assert list(document["paths"]["/b/boxes/shake"]["post"]["responses"]) == ["200", "413", "500"]


def test_documents_are_written_the_same_way_every_time() -> None:
    """The same operations give the same text, without anchors; their order is kept."""
    text = dump_document(boxes(open_box, list_boxes, shake))
    assert text == dump_document(boxes(open_box, list_boxes, shake))
    assert not re.search(r"[&*]id\d", text)
    assert text.index("open_box") < text.index("list_boxes") < text.index("shake")


# Reading a document


def test_documents_are_read_as_yaml_and_json(tmp_path: Path) -> None:
    """Both forms of the same document read as equal values."""
    document = boxes(open_box)
    (tmp_path / "a.yaml").write_text(dump_document(document), encoding="utf-8")
    (tmp_path / "a.json").write_text(json.dumps(document), encoding="utf-8")
    assert load_document(tmp_path / "a.yaml") == load_document(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", b"openapi: [3.1.0"),
        ("a.yaml", b"openapi: 3.0.3\npaths: {}\n"),
        ("a.yaml", b"swagger: '2.0'\n"),
        ("a.yaml", b"- openapi: 3.1.0\n"),
        ("a.yaml", b""),
        ("a.yaml", b"openapi: 3.1.0\ninfo: \xff\n"),
        ("a.yaml", b"openapi: 3.1.0\npaths: {}\npaths: {}\n"),
        ("a.yaml", b"openapi: !!python/object/apply:os.getcwd []\n"),
        ("a.json", b"openapi: 3.1.0\n"),
        ("a.json", b"[]"),
        ("a.json", b'{"openapi": "3.1.0"'),
    ],
)
def test_what_is_no_openapi_document_is_refused_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    """A file that is not OpenAPI 3.1 in YAML or JSON is an error that names the file."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DocumentError, match=re.escape(str(tmp_path / name))):
        load_document(tmp_path / name)


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path, name: str) -> None:
    """A missing file or a folder is an error that names it."""
    with pytest.raises(DocumentError, match="cannot be read"):
        load_document(tmp_path / name)
