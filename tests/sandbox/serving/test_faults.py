"""What errors look like: the one shape, faults of the sandbox itself, unknown paths and methods, large bodies."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from aniva_sandbox.api.app import build_partner_api
from aniva_sandbox.api.events import EVENTS
from aniva_sandbox.api.rules import AUTH_CONTEXT, PATH_UNKNOWN
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.ground_rules import ERROR_INTERNAL, MAX_BODY
from aniva_sandbox.engine.contract.operations import Attachment, Operation
from aniva_sandbox.engine.serving.pipeline import Request, respond, respond_to_control
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.agenda import Event
from tests.sandbox.serving.common import (
    NEW_APPOINTMENT,
    NEW_PROFILE,
    NEW_SHIPMENT,
    OPERATIONS,
    PAST,
    TAKES_BODY,
    filled,
    in_vain,
)
from tests.support import (
    BERLIN,
    CANCELLED_APPOINTMENT,
    CONTROL,
    DOCUMENT,
    DRAWN_APPOINTMENT,
    LOCKED_SHIPMENT,
    MOVING_SHIPMENT,
    PARTNER,
    PENDING_APPOINTMENT,
    PROFILE,
    RIVAL_PROFILE,
    UNKNOWN,
    Client,
    Reply,
    new_worlds,
    snapshot_of,
)

# error.body


def refusals() -> Iterator[tuple[str, str, str, Any, dict[str, Any]]]:
    """A request for each status that refuses: an id, method, path, body and options."""
    yield "400", "POST", "/profiles", {}, {}
    yield "400 domain", "POST", "/appointments", NEW_APPOINTMENT | {"scheduled_at": PAST}, {}
    yield "400 not JSON", "POST", "/profiles", None, {"body": b"x"}
    yield "403 key", "GET", "/profiles", None, {"key": "nobody"}
    yield "403 permission", "POST", "/profiles", NEW_PROFILE, {"key": "sbx_test.reader"}
    yield "403 context", "GET", f"/profiles/{RIVAL_PROFILE}", None, {}
    yield "404 path", "GET", "/nope", None, {}
    yield "404 id", "GET", f"/profiles/{UNKNOWN}", None, {}
    yield "404 body", "POST", "/appointments", NEW_APPOINTMENT | {"profile_id": UNKNOWN}, {}
    yield "405", "PUT", "/profiles", None, {}
    yield "409", "DELETE", f"/appointments/{CANCELLED_APPOINTMENT}", None, {}
    yield "409 state", "DELETE", f"/appointments/{DRAWN_APPOINTMENT}", None, {}
    yield "409 shipment", "DELETE", f"/shipments/{MOVING_SHIPMENT}", None, {}
    for own, side, other in (
        (f"/appointments/{PENDING_APPOINTMENT}/shipments", "shipment_ids", LOCKED_SHIPMENT),
        (f"/shipments/{LOCKED_SHIPMENT}/appointments", "appointment_ids", PENDING_APPOINTMENT),
    ):
        yield f"409 {side}", "POST", own, {side: [other]}, {}
    yield "502", "POST", "/shipments", NEW_SHIPMENT | {"notes": "courier-refuses-create"}, {}


REFUSALS = [pytest.param(*rest, id=id) for id, *rest in refusals()]


@pytest.mark.rule("error.body", "atomic", "link.window-ids")
@pytest.mark.parametrize(("method", "path", "json", "options"), REFUSALS)
def test_every_error_has_the_one_shape(
    client: Client, method: str, path: str, json: Any, options: dict[str, Any]
) -> None:
    """An error is JSON with a sentence; details stand only with 400, each a path and a message; 403 says no more. What
    the window of links refuses is listed, and nothing else says more."""
    reply = in_vain(client, method, path, json, **options)
    assert reply.headers["content-type"] == "application/json"
    assert isinstance(reply.json["error"], str)
    assert reply.json["error"]
    named = json if reply.rules == ["link.window"] else {}
    assert {name: reply.json[name] for name in reply.json.keys() - {"error", "details"}} == named
    assert ("details" in reply.json) <= (reply.status == 400)
    for detail in reply.json.get("details", []):
        assert set(detail) == {"path", "message"}
    if reply.status == 403:
        assert reply.json == {"error": "Forbidden"}
    assert re.fullmatch(
        r"[a-z.-]+(/[a-z-]+)?; basis=(documented|assumed|conflict)(, .*)?", reply.headers["x-sandbox-rule"]
    )


@pytest.mark.rule("error.body")
def test_several_broken_rules_are_named_with_their_basis(client: Client) -> None:
    """The header lists each broken rule once, with the basis that the ledger gives it."""
    reply = in_vain(client, "PATCH", "/profiles/nope", {"first_name": "", "sex": 3, "last_name": ""})
    assert reply.headers["x-sandbox-rule"] == (
        "id.format; basis=documented, profile.name; basis=documented, profile.sex; basis=documented"
    )


# error.internal


@pytest.fixture
def api() -> Api:
    """The partner API, to be broken."""
    return build_partner_api()


def replaced(api: Api, id: str, run: Callable[[Any, Any], Any]) -> None:
    """Give an operation another behaviour."""
    operation: Operation[Any] | None = api.endpoints[id].operation
    assert operation is not None
    api.endpoints[id].operation = msgspec.structs.replace(operation, run=run)


def answered(api: Api, worlds: Worlds, method: str = "GET", path: str = f"/api/v1/profiles/{PROFILE}") -> Reply:
    """The answer to a request, whether or not it agrees with the document."""
    answer = respond(api, worlds, Request(method, path, b"", "sbx_test", "application/json", b"{}"))
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    assert all("\n" not in value and "\r" not in value and "\x00" not in value for value in headers.values())
    return Reply(answer.status, msgspec.json.decode(answer.body), headers)


@pytest.mark.rule("error.internal", "error.body")
@pytest.mark.parametrize("message", ["lost", "two\nlines", "two\r\nlines", "nul\x00", "Zoë 😀", "x" * 300])
def test_an_operation_that_breaks_answers_500_loudly(api: Api, message: str, caplog: pytest.LogCaptureFixture) -> None:
    """An exception becomes a 500 that says what broke: in the body, a header, the log, the journal and the world."""

    def run(_world: Any, _call: Any) -> Any:
        raise LookupError(message)

    replaced(api, "get_profile", run)
    worlds = new_worlds()
    reply = answered(api, worlds)
    world = worlds.get("test")
    assert world is not None
    fault = f"get_profile raised LookupError: {message}"
    assert (reply.status, reply.json) == (500, {"error": f"The sandbox has a defect: {fault}"})
    assert reply.headers["x-sandbox-rule"] == "error.internal; basis=documented"
    assert reply.headers["x-sandbox-mismatch"] == re.sub("[^ -~]", " ", fault)
    assert list(worlds.mismatches) == [("test", fault)]
    assert (world.journal[-1].response.status, world.journal[-1].trace.mismatch) == (500, fault)
    assert world.journal[-1].trace.refused_by == (ERROR_INTERNAL,)
    assert fault in caplog.text
    assert answered(api, worlds, path="/api/v1/units").status == 200
    assert list(worlds.mismatches) == [("test", fault)]


@pytest.mark.rule("error.internal")
@pytest.mark.parametrize(
    ("value", "mismatch"),
    [
        ({"id": PROFILE}, "get_profile 200: handle is required"),
        ([], "get_profile 200: body must be of type object"),
        (None, "get_profile 200: body must be of type object"),
    ],
)
def test_an_answer_against_the_document_answers_500_loudly(
    api: Api, value: Any, mismatch: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer that the document does not allow is held back, and the 500 in its place says why."""
    replaced(api, "get_profile", lambda _world, _call: value)
    worlds = new_worlds()
    reply = answered(api, worlds)
    world = worlds.get("test")
    assert world is not None
    assert (reply.status, reply.rules) == (500, ["error.internal"])
    assert reply.json == {"error": f"The sandbox has a defect: the response contradicts the document: {mismatch}"}
    assert reply.headers["x-sandbox-mismatch"] == mismatch
    assert list(worlds.mismatches) == [("test", mismatch)]
    assert (world.journal[-1].response.status, world.journal[-1].trace.mismatch) == (500, mismatch)
    assert mismatch in caplog.text


@pytest.mark.rule("error.internal")
def test_an_answer_without_a_required_header_answers_500_loudly(api: Api) -> None:
    """A header that the document requires of an answer must go out with it; with it, the answer is no fault."""
    path = f"/api/v1/locations/{BERLIN}/availability"
    worlds = new_worlds()
    reply = answered(api, worlds, path=path)
    assert (reply.status, "cache-control" in reply.headers) == (200, True)
    assert not worlds.mismatches
    api.endpoints["get_availability"].headers = ()
    reply = answered(api, worlds, path=path)
    mismatch = "get_availability 200: the header cache-control is required"
    assert (reply.status, reply.rules, reply.headers["x-sandbox-mismatch"]) == (500, ["error.internal"], mismatch)
    assert list(worlds.mismatches) == [("test", mismatch)]


@pytest.mark.rule("error.internal")
def test_a_check_that_breaks_answers_500_loudly(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an answer cannot even be judged, it does not go out; the journal has it all the same."""

    def judge(*_args: object) -> None:
        raise ValueError("no verdict")

    monkeypatch.setattr(api.endpoints["get_profile"], "mismatch", judge)
    worlds = new_worlds()
    reply = answered(api, worlds)
    fault = "get_profile raised ValueError: no verdict"
    assert (reply.status, reply.rules, reply.headers["x-sandbox-mismatch"]) == (500, ["error.internal"], fault)
    world = worlds.get("test")
    assert world is not None
    assert [exchange.trace.mismatch for exchange in world.journal] == [fault]


@pytest.mark.rule("error.internal")
@pytest.mark.parametrize(
    ("id", "method", "path", "refuse", "mismatch"),
    [
        ("list_units", "GET", "/api/v1/units", PATH_UNKNOWN, "list_units does not describe the status 404"),
        (
            "list_units",
            "GET",
            "/api/v1/units",
            AUTH_CONTEXT,
            "list_units does not declare the rule auth.context for 403",
        ),
    ],
)
def test_a_refusal_through_an_undeclared_rule_answers_500_loudly(
    api: Api, id: str, method: str, path: str, refuse: Any, mismatch: str
) -> None:
    """A refusal that the operation does not list is a fault of the sandbox, even where its body would pass."""

    def run(_world: Any, _call: Any) -> Any:
        refuse.refuse("Forbidden")

    replaced(api, id, run)
    worlds = new_worlds()
    reply = answered(api, worlds, method, path)
    assert (reply.status, reply.headers["x-sandbox-mismatch"]) == (500, mismatch)
    assert list(worlds.mismatches) == [("test", mismatch)]
    assert reply.rules == ["error.internal"]
    assert reply.json == {"error": f"The sandbox has a defect: the response contradicts the document: {mismatch}"}


@pytest.mark.rule("error.internal")
def test_a_refusal_through_a_declared_rule_is_no_fault(api: Api) -> None:
    """The same refusal is passed on where the operation lists the rule."""

    def run(_world: Any, _call: Any) -> Any:
        PATH_UNKNOWN.refuse("Gone")

    replaced(api, "get_profile", run)
    worlds = new_worlds()
    assert answered(api, worlds)[:2] == (404, {"error": "Gone"})
    assert not worlds.mismatches


@pytest.mark.rule("error.internal")
def test_a_due_event_that_breaks_answers_500_loudly(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an event breaks that is due with the request, that too is a 500 that says so, and is remembered."""

    def broken(_world: Any, _location: Any, _details: Any) -> Any:
        raise LookupError("lost")

    kind = msgspec.structs.replace(EVENTS["location.closed"], happen=broken)
    monkeypatch.setitem(EVENTS, "location.closed", kind)
    worlds = new_worlds()
    world = worlds.create("test")
    world.agenda.add(world.now, Event("location.closed", BERLIN))
    reply = answered(api, worlds)
    fault = "a due event or routing raised LookupError: lost"
    assert (reply.status, reply.rules) == (500, ["error.internal"])
    assert reply.headers["x-sandbox-mismatch"] == fault
    assert list(worlds.mismatches) == [("test", fault)]


@pytest.mark.rule("error.internal")
def test_an_operation_of_the_control_plane_that_breaks_answers_500_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control plane is as loud as the partner API."""
    operation = CONTROL.endpoints["get_health"].operation
    assert operation is not None

    def run(_worlds: Any, _call: Any) -> Any:
        raise LookupError("lost")

    monkeypatch.setattr(CONTROL.endpoints["get_health"], "operation", msgspec.structs.replace(operation, run=run))
    answer = respond_to_control(CONTROL, new_worlds(), Request("GET", "/_sandbox/health"))
    assert answer.status == 500
    assert dict(answer.headers)[b"x-sandbox-mismatch"] == b"get_health raised LookupError: lost"
    assert dict(answer.headers)[b"x-sandbox-rule"] == b"error.internal; basis=documented"


# http.not-found, http.method, http.too-large


@pytest.mark.rule("http.not-found")
@pytest.mark.parametrize(
    "path", ["/nope", "", "/", "/profiles/", f"/profiles/{PROFILE}/", "/profiles/a/b", "//profiles"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS"])
def test_an_unknown_path_is_not_found(client: Client, method: str, path: str) -> None:
    """What is no path of the API answers 404 with the error body, whatever the method, and never a redirect."""
    reply = in_vain(client, method, path)
    body = b"" if method == "HEAD" else {"error": "There is no such path"}
    assert (reply.status, reply.json, reply.rules) == (404, body, ["http.not-found"])
    assert "location" not in reply.headers


@pytest.mark.rule("http.method")
@pytest.mark.parametrize("path", PARTNER.document["paths"])
def test_an_unknown_method_names_those_that_there_are(client: Client, path: str) -> None:
    """A method that a path does not have answers 405 with exactly the methods that it has; those it has do not."""
    path = path.removeprefix("/api/v1")
    methods = sorted(m for m, p, _ in OPERATIONS if p == path)
    methods = sorted([*methods, *(["HEAD"] if "GET" in methods else [])])
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
        reply = client.request(method, path.replace("{id}", UNKNOWN), {})
        if method in methods:
            assert reply.status != 405, method
            assert "allow" not in reply.headers, method
        else:
            assert (method, reply.status, reply.rules) == (method, 405, ["http.method"])
            assert reply.headers["allow"] == ", ".join(methods)
            assert method == "HEAD" or list(reply.json) == ["error"]


@pytest.mark.rule("http.method", "pickup.deprecated")
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_pickup_is_a_path_of_its_own(client: Client, method: str) -> None:
    """The deprecated pickup takes POST only, and is never read as the id of an appointment."""
    reply = in_vain(client, method, "/appointments/pickup")
    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert client.post("/appointments/pickup").status == 200


@pytest.mark.rule("http.too-large")
@pytest.mark.parametrize(("method", "path"), [*TAKES_BODY, ("POST", "/appointments/pickup")])
def test_a_body_that_is_too_large_is_refused(client: Client, method: str, path: str) -> None:
    """Every operation that takes a body refuses one that was too large to be read, also the one that ignores it."""
    before = snapshot_of(client.world)
    request = Request(method, f"/api/v1{filled(method, path)}", b"", "sbx_test", "application/json", None)
    reply = client.send(request)
    assert (reply.status, reply.rules) == (413, ["http.too-large"])
    assert list(reply.json) == ["error"]
    assert str(MAX_BODY) in reply.json["error"]
    assert snapshot_of(client.world) == before


@pytest.mark.rule("error.internal", "documents.bytes")
def test_a_file_where_json_is_promised_answers_500_loudly(api: Api) -> None:
    """A file is held against the document as any answer is: its media type must be the one that is described."""
    worlds = new_worlds()
    path = f"/api/v1/documents/{DOCUMENT}"
    replaced(api, "get_document", lambda _world, _call: Attachment(b"a,b", "text/csv", "a.csv"))
    reply = answered(api, worlds, path=path)
    mismatch = "get_document 200: the content is text/csv, not application/pdf"
    assert (reply.status, reply.rules, reply.headers["x-sandbox-mismatch"]) == (500, ["error.internal"], mismatch)
