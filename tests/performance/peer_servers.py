"""What is measured beside the sandbox: how each server is started, what it serves, and what is sent to it."""

import json
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from tests.performance.load import Load
from tests.performance.run import BOOKING, LOADS
from tests.performance.servers import ROOT, sandbox
from tests.support import APPOINTMENT, Client

APPS = str(ROOT / "tests/performance/peer_apps.py")
PRISM = "node_modules/@stoplight/prism-cli/dist/index.js"
PYTHON = "venv/bin/python"


class Calls(NamedTuple):
    """The two requests that a server is measured by."""

    get: Load
    post: Load


def appointment_calls(_port: int) -> Calls:
    """The calls of those that serve appointments."""
    return Calls(LOADS["GET one appointment"], LOADS["POST appointment"])


def wiremock_calls(port: int) -> Calls:
    """The same; the journal, which has no bound, is emptied."""
    send(port, Load("DELETE", "/__admin/requests"))
    return appointment_calls(port)


def mockserver_calls(port: int) -> Calls:
    """The same; its log is emptied."""
    send(port, Load("PUT", "/mockserver/clear?type=log"))
    return appointment_calls(port)


def localstripe_calls(port: int) -> Calls:
    """GET and POST a customer; there is only one at first, because each change writes all of them to a file."""
    key = (("authorization", "Bearer sk_test_1"),)
    post = Load(
        "POST", "/v1/customers", b'{"email": "maria.schmidt@example.com", "name": "Maria Schmidt"}', headers=key
    )
    send(port, Load("DELETE", "/_config/data", headers=key))
    return Calls(Load("GET", f"/v1/customers/{json.loads(send(port, post))['id']}", headers=key), post)


def moto_calls(port: int) -> Calls:
    """GetItem and PutItem of DynamoDB, with the appointment's JSON in one attribute of the item."""
    credential = "Credential=test/20260413/us-east-1/dynamodb/aws4_request"

    def call(operation: str, body: dict[str, Any]) -> Load:
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"DynamoDB_20120810.{operation}",
            "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=none",
        }
        return Load(
            "POST", "/", msgspec.json.encode({"TableName": "appointments"} | body), headers=tuple(headers.items())
        )

    key = {"id": {"S": APPOINTMENT}}
    table = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    put = call("PutItem", {"Item": key | {"appointment": {"S": appointment().decode()}}})
    for request in (Load("POST", "/moto-api/reset"), call("CreateTable", table), put):
        send(port, request)
    return Calls(call("GetItem", {"Key": key}), put)


class Server(NamedTuple):
    """A server to measure."""

    name: str
    command: tuple[str, ...]
    """``{port}`` is filled in; a word with a star is a file of the folder."""
    does: str
    """What it does for a call."""
    package: str = ""
    """``npm:NAME`` or ``pypi:REQUIREMENT``."""
    calls: Callable[[int], Calls] = appointment_calls
    """Makes the server ready for a round, and says what to send."""
    refuses: bool = True
    """Whether it refuses a booking without fields."""
    warms_up: bool = False
    """Whether its runtime compiles what runs often, and is slow before that."""


def java(jar: str, *options: str) -> tuple[str, ...]:
    """The command of a server that npm delivers as a jar."""
    return "java", "-Duser.home=.", *options, "-jar", f"node_modules/{jar}"


SANDBOX = Server(
    "the sandbox",
    sandbox(),
    "Checks key, permission, request and rules; POST books the appointment in its world. Checks the response against "
    "its document, and keeps request and response in its journal.",
)
BARE = Server("bare Starlette", (), "Returns a constant. Checks and keeps nothing.", refuses=False)
PEERS = (
    Server(
        "Prism",
        ("node", PRISM, "mock", str(ROOT / "openapi.yaml"), "--port", "{port}", "--verboseLevel", "error"),
        "Serves the sandbox's document: checks key and request against it, and returns its example. Keeps nothing.",
        "npm:@stoplight/prism-cli",
        warms_up=True,
    ),
    Server(
        "WireMock",
        (*java("wiremock/build/*.jar"), "--port", "{port}", "--bind-address", "127.0.0.1", "--root-dir", "served"),
        "Returns the JSON of a stub. For GET, the path must match a template; for POST, the body must equal the stub's "
        "as JSON. Does not check the key. Keeps requests and responses in its journal.",
        "npm:wiremock",
        wiremock_calls,
        warms_up=True,
    ),
    Server(
        "MockServer",
        (
            *java("mockserver-node/*.jar", "-Dmockserver.localBoundIP=127.0.0.1", "-Dmockserver.disableLogging=true"),
            *("--port", "{port}", "--log-level", "WARN", "--init", "served/expectations.json"),
        ),
        "Returns the JSON of an expectation. For GET, the path must match a template, and its id a schema; for POST, "
        "the body must match the expectation's as JSON. Does not check the key. Keeps the latest requests and "
        "responses.",
        "npm:mockserver-node",
        mockserver_calls,
        warms_up=True,
    ),
    Server(
        "Specmatic",
        (
            *java(
                "specmatic/specmatic.jar",
            ),
            *("stub", str(ROOT / "openapi.yaml"), "--host", "127.0.0.1", "--port", "{port}", "--noConsoleLog"),
        ),
        "Serves the sandbox's document: checks key and request against it, and generates a response that matches it. "
        "Keeps nothing.",
        "npm:specmatic",
        warms_up=True,
    ),
    Server(
        "connexion",
        (PYTHON, APPS, "connexion", "{port}"),
        "Serves both operations of the sandbox's document: checks the request against it, except that it takes any "
        "string for a UUID, and calls a function that returns a constant. Does not check the key. Keeps nothing.",
        "pypi:connexion[uvicorn]",
    ),
    Server(
        "localstripe",
        (PYTHON, APPS, "localstripe", "{port}"),
        "GET returns a customer, POST creates one. Checks that a key is sent, and the types of the fields. Keeps the "
        "customers, and writes all of them to a file at each change.",
        "pypi:localstripe",
        localstripe_calls,
        refuses=False,
    ),
    Server(
        "moto",
        ("venv/bin/moto_server", "-H", "127.0.0.1", "-p", "{port}"),
        "Emulates DynamoDB: GET is a GetItem, POST a PutItem with the appointment as one string. Checks the item "
        "against the table's key, but no signature. Keeps the item.",
        "pypi:moto[dynamodb,server]",
        moto_calls,
        refuses=False,
    ),
)


def appointment() -> bytes:
    """The appointment that every constant response holds."""
    return msgspec.json.encode(Client().get(f"/appointments/{APPOINTMENT}").json)


def write_files(served: Path) -> None:
    """What the peers serve."""
    body, booking = json.loads(appointment()), json.loads(BOOKING)
    document = yaml.safe_load((ROOT / "openapi.yaml").read_bytes())
    one, all = "/api/v1/appointments/{id}", "/api/v1/appointments"
    stubs = {
        "get": {
            "request": {"method": "GET", "urlPathTemplate": one},
            "response": {"status": 200, "jsonBody": body},
        },
        "post": {
            "request": {"method": "POST", "urlPath": all, "bodyPatterns": [{"equalToJson": booking}]},
            "response": {"status": 201, "jsonBody": body},
        },
    }
    uuid = {"schema": {"type": "string", "format": "uuid"}}
    expectations = [
        {
            "httpRequest": {"method": "GET", "path": one, "pathParameters": {"id": [uuid]}},
            "httpResponse": {"statusCode": 200, "body": body},
        },
        {
            "httpRequest": {"method": "POST", "path": all, "body": {"type": "JSON", "json": booking}},
            "httpResponse": {"statusCode": 201, "body": body},
        },
    ]
    files = {
        "appointment.json": body,
        "openapi-3.0.json": as_openapi_30(document, {one: "get", all: "post"}),
        "expectations.json": expectations,
        **{f"mappings/{name}.json": stub for name, stub in stubs.items()},
    }
    (served / "mappings").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (served / name).write_text(json.dumps(content), encoding="utf-8")


def as_openapi_30(document: Mapping[str, Any], operations: Mapping[str, str]) -> dict[str, Any]:
    """The requests of some operations, as a method by path, in a document of OpenAPI 3.0, the newest that connexion
    reads."""
    schemas = document["components"]["schemas"]

    def older(value: Any) -> Any:
        if isinstance(value, list):
            return [older(part) for part in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            return older(schemas[value["$ref"].rpartition("/")[2]])
        return {key: older(part) for key, part in value.items() if key != "examples" and not key.startswith("x-")}

    paths: dict[str, Any] = {}
    for path, method in operations.items():
        operation = document["paths"][path][method]
        kept = {key: older(operation[key]) for key in ("parameters", "requestBody") if key in operation}
        success = next(status for status in operation["responses"] if status.startswith("2"))
        responses = {success: {"description": "The appointment.", "content": {"application/json": {}}}}
        paths[path] = {method: {"operationId": operation["operationId"], **kept, "responses": responses}}
    return {"openapi": "3.0.3", "info": {"title": "Appointments", "version": "1"}, "paths": paths}


def send(port: int, load: Load) -> bytes:
    """Send a request once; the body of its response."""
    headers = ({"content-type": "application/json"} if load.body else {}) | dict(load.headers)
    url = f"http://127.0.0.1:{port}{load.path}"
    request = urllib.request.Request(url, load.body or None, headers, method=load.method)
    with urllib.request.urlopen(request, timeout=60) as response:
        return bytes(response.read())
