"""Proposed documents: served as they stand, with what the sandbox can do, and with what does not match marked."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from aniva_sandbox.api.app import build_partner_api
from aniva_sandbox.api.rules import AUTH_CONTEXT
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.document import DocumentError, dump_document
from aniva_sandbox.engine.contract.formats import FormatError
from aniva_sandbox.engine.serving.pipeline import Request, respond
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.events import settle
from tests.sandbox.serving.common import NEW_APPOINTMENT, NEW_PROFILE
from tests.support import (
    APPOINTMENT,
    BERLIN,
    DOCUMENT,
    PARTNER,
    PROFILE,
    UNKNOWN,
    Client,
    Reply,
    new_worlds,
    snapshot_of,
)

Edit = Callable[[dict[str, Any]], object]

UUID = {"type": "string", "format": "uuid"}


class Proposal:
    """The sandbox serving the committed document with a change, written to a file and read back."""

    def __init__(self, folder: Path, edit: Edit) -> None:
        document = copy.deepcopy(PARTNER.document)
        edit(document)
        file = folder / "proposal.yaml"
        file.write_text(dump_document(document), encoding="utf-8")
        self.api: Api = build_partner_api(file)
        self.worlds: Worlds = new_worlds()
        found = self.worlds.find("sbx_test")
        assert found is not None
        self.world = found[0]
        settle(self.world)

    def send(self, method: str, path: str, body: Any = None, *, query: bytes = b"", key: str = "sbx_test") -> Reply:
        """Send a request, and take the answer as it is."""
        content = b"" if body is None else msgspec.json.encode(body)
        request = Request(method, f"/api/v1{path}", query, key, "application/json", content)
        answer = respond(self.api, self.worlds, request)
        headers = {name.decode().lower(): value.decode() for name, value in answer.headers}
        return Reply(answer.status, msgspec.json.decode(answer.body), headers)


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A component of a document."""
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def add_operation(path: str, *parameters: tuple[str, dict[str, Any]], body: Any = None) -> Edit:
    """A change that adds an operation get_box under a path."""
    described = {
        "operationId": "get_box",
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": described} for name, described in parameters
        ],
        "responses": {"200": {"description": "A box."}},
    }
    if body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}

    def add(document: dict[str, Any]) -> None:
        document["paths"][f"/api/v1{path}"] = {"post" if body is not None else "get": described}

    return add


def test_an_unchanged_document_behaves_as_the_committed_one(tmp_path: Path) -> None:
    """Served as a proposal, the committed document answers as ever, and nothing is marked."""
    proposal = Proposal(tmp_path, lambda document: document)
    assert proposal.send("GET", f"/profiles/{PROFILE}").json["id"] == PROFILE
    assert proposal.send("POST", "/profiles", NEW_PROFILE).status == 201
    assert proposal.send("GET", f"/profiles/{UNKNOWN}").rules == ["path.unknown"]
    assert not proposal.worlds.mismatches


def test_proposals_come_as_json_too(tmp_path: Path) -> None:
    """A proposal may be a JSON file."""
    (tmp_path / "proposal.json").write_text(json.dumps(PARTNER.document), encoding="utf-8")
    api = build_partner_api(tmp_path / "proposal.json")
    assert api.proposal
    assert api.document == PARTNER.document


def test_a_proposal_that_cannot_be_served_says_why(tmp_path: Path) -> None:
    """An unknown keyword stops the start of a proposal too, and is named."""
    with pytest.raises(DocumentError, match="components/schemas/Profile/nullable"):
        Proposal(tmp_path, lambda document: schema(document, "Profile").update(nullable=True))


# Operations that the sandbox does not have


def test_an_operation_without_behaviour_is_not_implemented(tmp_path: Path) -> None:
    """A proposed operation answers 501 and names itself; the journal holds it, and it is no mismatch."""
    proposal = Proposal(tmp_path, add_operation("/boxes/{id}", ("id", UUID)))
    reply = proposal.send("GET", f"/boxes/{UNKNOWN}")
    assert (reply.status, reply.json) == (501, {"error": "The sandbox does not implement get_box"})
    assert reply.headers["x-sandbox-world"] == "test"
    assert "x-sandbox-mismatch" not in reply.headers
    exchange = proposal.world.journal[-1]
    assert (exchange.trace.operation, exchange.response.status, exchange.trace.mismatch) == ("get_box", 501, None)


def test_the_journal_is_asked_for_a_proposed_operation(tmp_path: Path) -> None:
    """Once it was called, its exchanges can be chosen by its name like those of any other."""
    proposal = Proposal(tmp_path, add_operation("/boxes/{id}", ("id", UUID)))
    control = Client(proposal.worlds)
    assert control.control("GET", "/worlds/test/journal?operation=get_box").rules == ["journal.query"]
    proposal.send("GET", f"/boxes/{UNKNOWN}")
    chosen = control.control("GET", "/worlds/test/journal?operation=get_box").json["exchanges"]
    assert [exchange["operation"] for exchange in chosen] == ["get_box"]


@pytest.mark.rule("auth.key")
def test_an_operation_without_behaviour_still_needs_a_key(tmp_path: Path) -> None:
    """What comes before the behaviour holds for proposed operations: the key, and with it the one body of 403."""
    proposal = Proposal(tmp_path, add_operation("/boxes/{id}", ("id", UUID)))
    reply = proposal.send("GET", f"/boxes/{UNKNOWN}", key="nobody")
    assert (reply.status, reply.json, reply.rules) == (403, {"error": "Forbidden"}, ["auth.key"])


@pytest.mark.rule("id.format", "body.schema")
def test_requests_are_checked_before_behaviour_is_missed(tmp_path: Path) -> None:
    """A request that breaks the proposal is refused as any other, through body.schema where it names no rule."""
    body = {"type": "object", "required": ["size"], "properties": {"size": {"type": "integer"}}}
    proposal = Proposal(tmp_path, add_operation("/boxes/{id}", ("id", UUID | {"x-rule": "id.format"}), body=body))
    reply = proposal.send("POST", "/boxes/7", {"size": "big"})
    assert reply.status == 400
    assert reply.rules == ["id.format", "body.schema"]
    assert list(reply.details) == ["id", "size"]
    assert proposal.send("POST", f"/boxes/{UNKNOWN}", {"size": 1}).status == 501


def test_parameters_need_not_be_declared(tmp_path: Path) -> None:
    """A path with a value that the proposal does not describe takes any value there."""
    proposal = Proposal(tmp_path, add_operation("/boxes/{id}"))
    assert proposal.send("GET", "/boxes/7").status == 501
    proposal = Proposal(tmp_path, add_operation("/racks/{rack}/boxes/{id}", ("rack", UUID)))
    assert proposal.send("GET", f"/racks/{UNKNOWN}/boxes/7").status == 501


def test_parameters_go_by_name_and_not_by_order(tmp_path: Path) -> None:
    """Several values in a path are each checked by the parameter of their name, in whatever order those stand."""
    edit = add_operation("/racks/{rack}/boxes/{box}", ("box", {"type": "integer"}), ("rack", UUID))
    proposal = Proposal(tmp_path, edit)
    assert proposal.send("GET", f"/racks/{UNKNOWN}/boxes/7").status == 501
    assert sorted(proposal.send("GET", f"/racks/7/boxes/{UNKNOWN}").details) == ["box", "rack"]


@pytest.mark.rule("http.not-found", "http.method")
def test_what_a_proposal_leaves_out_is_not_there(tmp_path: Path) -> None:
    """An operation that is missing is an unknown path, or a method that the path does not have."""

    def remove(document: dict[str, Any]) -> None:
        del document["paths"]["/api/v1/panels"]
        del document["paths"]["/api/v1/profiles"]["post"]

    proposal = Proposal(tmp_path, remove)
    assert proposal.send("GET", "/panels").rules == ["http.not-found"]
    reply = proposal.send("POST", "/profiles", NEW_PROFILE)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
    assert proposal.send("GET", "/profiles").status == 200


# Paths and permissions that the proposal says


@pytest.mark.rule("http.not-found")
def test_a_proposal_may_move_all_paths(tmp_path: Path) -> None:
    """The path of the first server stands before every path of the proposal, and only there they are found."""

    def move(document: dict[str, Any]) -> None:
        document["servers"] = [{"url": "https://api.example.com/api/v1/"}, {"url": "/"}]
        document["paths"] = {
            path.removeprefix("/api/v1"): item for path, item in document["paths"].items() if "units" in path
        }

    proposal = Proposal(tmp_path, move)
    assert proposal.send("GET", "/units").status == 200
    assert proposal.send("GET", "/panels").rules == ["http.not-found"]
    answer = respond(proposal.api, proposal.worlds, Request("GET", "/units", key="sbx_test"))
    assert answer.status == 404


def require(path: str, method: str, *permissions: str) -> Edit:
    """A change that asks for other permissions."""
    return lambda document: document["paths"][f"/api/v1{path}"][method].update({"x-permissions": list(permissions)})


@pytest.mark.rule("auth.permission")
@pytest.mark.parametrize(
    ("permissions", "persona", "status"),
    [
        (["results_view"], "scheduler", 403),
        (["results_view", "test_sessions_schedule"], "scheduler", 200),
        (["shipments_manage"], "courier", 200),
        (["nobody_has_this"], "full", 403),
        ([], "courier", 200),
    ],
)
def test_a_proposal_may_ask_for_other_permissions(
    tmp_path: Path, permissions: list[str], persona: str, status: int
) -> None:
    """The permissions of the proposal hold for what the sandbox can do: any one suffices, and none needs none."""
    proposal = Proposal(tmp_path, require("/units", "get", *permissions))
    reply = proposal.send("GET", "/units", key=f"sbx_test.{persona}")
    assert (reply.status, reply.rules) == (status, [] if status == 200 else ["auth.permission"])


@pytest.mark.rule("auth.permission")
def test_a_proposal_without_permissions_keeps_those_of_the_behaviour(tmp_path: Path) -> None:
    """Where the proposal does not say who may call, it is as ever."""
    proposal = Proposal(tmp_path, lambda d: d["paths"]["/api/v1/units"]["get"].pop("x-permissions"))
    assert proposal.send("GET", "/units", key="sbx_test.courier").rules == ["auth.permission"]
    assert proposal.send("GET", "/units").status == 200


@pytest.mark.rule("auth.permission", "order.checks")
@pytest.mark.parametrize(
    ("permissions", "persona", "status"),
    [
        (["shipments_manage"], "courier", 501),
        (["shipments_manage"], "full", 501),
        (["shipments_manage"], "reader", 403),
        (["boxes_manage"], "full", 403),
        ([], "reader", 501),
        (None, "reader", 501),
    ],
)
def test_permissions_hold_for_operations_without_behaviour_too(
    tmp_path: Path, permissions: list[str] | None, persona: str, status: int
) -> None:
    """Who may not call a proposed operation is told so, and only who may, that the sandbox does not have it."""

    def add(document: dict[str, Any]) -> None:
        add_operation("/boxes/{id}", ("id", UUID))(document)
        document["paths"]["/api/v1/boxes/{id}"]["get"]["responses"]["403"] = {"description": "Forbidden."}
        if permissions is not None:
            require("/boxes/{id}", "get", *permissions)(document)

    proposal = Proposal(tmp_path, add)
    reply = proposal.send("GET", f"/boxes/{UNKNOWN}", key=f"sbx_test.{persona}")
    assert (reply.status, reply.rules) == (status, ["auth.permission"] if status == 403 else [])
    assert status == 501 or reply.json == {"error": "Forbidden"}
    assert not proposal.worlds.mismatches


# Answers that do not match


@pytest.mark.parametrize(
    ("edit", "mismatch"),
    [
        pytest.param(
            lambda d: schema(d, "Profile")["properties"]["first_name"].update(type="integer"),
            "get_profile 200: first_name must be of type integer",
            id="another type",
        ),
        pytest.param(
            lambda d: schema(d, "Profile")["required"].append("middle_name"),
            "get_profile 200: middle_name is required",
            id="a further field",
        ),
        pytest.param(
            lambda d: (
                schema(d, "Profile").update(additionalProperties=False)
                or schema(d, "Profile")["properties"].pop("handle")
            ),
            "get_profile 200: handle is not known",
            id="a field less",
        ),
        pytest.param(
            lambda d: d["paths"]["/api/v1/profiles/{id}"]["get"]["responses"].pop("200"),
            "get_profile does not describe the status 200",
            id="another status",
        ),
        pytest.param(
            lambda d: d["paths"]["/api/v1/profiles/{id}"]["get"]["responses"]["200"].update(
                headers={"ETag": {"required": True, "schema": {"type": "string"}}}
            ),
            "get_profile 200: the header etag is required",
            id="a further header",
        ),
    ],
)
def test_an_answer_that_does_not_match_is_delivered_and_marked(tmp_path: Path, edit: Edit, mismatch: str) -> None:
    """The answer goes out as it is, with a header that says what does not match; the journal says it too."""
    proposal = Proposal(tmp_path, edit)
    reply = proposal.send("GET", f"/profiles/{PROFILE}")
    as_ever = Proposal(tmp_path, lambda document: document).send("GET", f"/profiles/{PROFILE}")
    assert (reply.status, reply.json) == (200, as_ever.json)
    assert reply.headers["x-sandbox-mismatch"] == mismatch
    assert proposal.world.journal[-1].trace.mismatch == mismatch
    assert list(proposal.worlds.mismatches) == [("test", mismatch)]


@pytest.mark.parametrize(
    ("edit", "mismatch"),
    [
        pytest.param(
            lambda d: d["paths"]["/api/v1/profiles/{id}"]["get"]["responses"].pop("404"),
            "get_profile does not describe the status 404",
            id="another status",
        ),
        pytest.param(
            lambda d: d["components"]["responses"]["NotFoundPathUnknown"].update({"x-rules": [AUTH_CONTEXT.id]}),
            "get_profile does not declare the rule path.unknown for 404",
            id="another rule",
        ),
        pytest.param(
            lambda d: schema(d, "Error")["required"].append("code"),
            "get_profile 404: code is required",
            id="another body",
        ),
    ],
)
def test_a_refusal_that_does_not_match_is_delivered_and_marked(tmp_path: Path, edit: Edit, mismatch: str) -> None:
    """A refusal keeps its status, body and rule, and is marked as any answer."""
    proposal = Proposal(tmp_path, edit)
    reply = proposal.send("GET", f"/profiles/{UNKNOWN}")
    assert (reply.status, reply.json, reply.rules) == (404, {"error": "There is no such profile"}, ["path.unknown"])
    assert reply.headers["x-sandbox-mismatch"] == mismatch
    assert proposal.world.journal[-1].trace.mismatch == mismatch


def test_rules_need_not_be_listed(tmp_path: Path) -> None:
    """A proposal without our lists of rules is taken as it is: any rule may refuse."""

    def forget(document: dict[str, Any]) -> None:
        for response in document["components"]["responses"].values():
            del response["x-rules"]

    reply = Proposal(tmp_path, forget).send("GET", f"/profiles/{UNKNOWN}")
    assert reply.rules == ["path.unknown"]
    assert "x-sandbox-mismatch" not in reply.headers


def test_a_stricter_request_is_refused(tmp_path: Path) -> None:
    """A field that the proposal requires is asked for, though the sandbox would do without it."""
    proposal = Proposal(tmp_path, lambda d: schema(d, "ProfileCreate")["required"].append("consent"))
    reply = proposal.send("POST", "/profiles", NEW_PROFILE)
    assert (reply.status, reply.details) == (400, {"consent": "is required"})
    assert proposal.send("POST", "/profiles", NEW_PROFILE | {"consent": True}).status == 201


def test_a_header_that_the_proposal_does_not_require_may_be_missing(tmp_path: Path) -> None:
    """Only what is required is missed: an optional header is not, nor one that the sandbox has."""

    def describe(document: dict[str, Any]) -> None:
        answers = document["paths"]["/api/v1/locations/{id}/availability"]["get"]["responses"]
        assert answers["200"]["headers"]["Cache-Control"]["required"]
        answers["200"]["headers"]["ETag"] = {"schema": {"type": "string"}}

    reply = Proposal(tmp_path, describe).send("GET", f"/locations/{BERLIN}/availability")
    assert (reply.status, "cache-control" in reply.headers) == (200, True)
    assert "x-sandbox-mismatch" not in reply.headers


def test_headers_and_responses_may_be_components(tmp_path: Path) -> None:
    """A required header is missed where the response and the header are shared too."""

    def describe(document: dict[str, Any]) -> None:
        answers = document["paths"]["/api/v1/units"]["get"]["responses"]
        document["components"]["headers"]["ETag"] = {"required": True, "schema": {"type": "string"}}
        document["components"]["responses"]["Units"] = answers["200"] | {
            "headers": {"ETag": {"$ref": "#/components/headers/ETag"}}
        }
        answers["200"] = {"$ref": "#/components/responses/Units"}

    reply = Proposal(tmp_path, describe).send("GET", "/units")
    assert (reply.status, reply.headers["x-sandbox-mismatch"]) == (200, "list_units 200: the header etag is required")


def test_documents_of_earlier_versions_are_served(tmp_path: Path) -> None:
    """Links, constants of booleans, a type that is only null, a PDF without a schema and the options of a group, as
    documents had them once, mean what they meant."""

    def date_back(document: dict[str, Any]) -> None:
        document["servers"] = [{"url": "/"}]
        create = schema(document, "ProfileCreate")
        del create["if"], create["then"]
        create["anyOf"] = [{"required": ["profile_group"]}, {"required": ["profile_group_slug"]}]
        create["x-rules"]["anyOf"] = "profile.group"
        schema(document, "Success")["properties"]["success"]["const"] = True
        schema(document, "Preview")["properties"]["routing"] = {"type": "null"}
        get = document["paths"]["/api/v1/documents/{id}"]["get"]
        get["responses"]["200"]["content"] = {"application/pdf": {}}
        get["responses"]["200"]["links"] = {"get_units": {"operationId": "list_units"}}

    proposal = Proposal(tmp_path, date_back)
    reply = proposal.send("POST", "/profiles", {"first_name": "Zoë", "sex": 2, "date_of_birth": "1990-01-02"})
    assert (reply.rules, reply.details) == (
        ["profile.group"],
        {"body": "must have profile_group or profile_group_slug"},
    )
    assert proposal.send("GET", f"/appointments/{APPOINTMENT}/preview").json["routing"] is None
    confirmed = proposal.send("POST", f"/appointments/{APPOINTMENT}/confirm", {"barcode": "4130075218"})
    assert confirmed.json == {"success": True}
    client = Client(proposal.worlds, api=proposal.api)
    assert client.get(f"/documents/{DOCUMENT}").json.startswith(b"%PDF")
    assert not proposal.worlds.mismatches


# Requests that the behaviour cannot read


def loosen(name: str, property: str, **keywords: Any) -> Edit:
    """A change that gives a field of a request another schema."""
    return lambda document: schema(document, name)["properties"].update({property: keywords})


def loosen_parameter(path: str, name: str, **keywords: Any) -> Edit:
    """A change that gives a parameter another schema."""

    def change(document: dict[str, Any]) -> None:
        for parameter in document["paths"][path]["get"]["parameters"]:
            if parameter["name"] == name:
                parameter["schema"] = keywords

    return change


@pytest.mark.parametrize(
    ("edit", "method", "path", "query", "body"),
    [
        pytest.param(
            lambda d: schema(d, "ProfileCreate")["required"].remove("first_name"),
            "POST", "/profiles", b"", {name: NEW_PROFILE[name] for name in ("sex", "date_of_birth", "profile_group")},
            id="a required field is not required any more",
        ),
        pytest.param(
            loosen("ProfileCreate", "sex", type="string"), "POST", "/profiles", b"", NEW_PROFILE | {"sex": "female"},
            id="a field has another type",
        ),
        pytest.param(
            loosen("ProfileCreate", "date_of_birth", type="string"),
            "POST", "/profiles", b"", NEW_PROFILE | {"date_of_birth": "2 January 1990"},
            id="a date is any text",
        ),
        pytest.param(
            loosen("AppointmentCreate", "scheduled_at", type="string"),
            "POST", "/appointments", b"", NEW_APPOINTMENT | {"scheduled_at": "tomorrow"},
            id="an instant is any text",
        ),
        pytest.param(
            loosen("AppointmentCreate", "scheduled_at", type="string"),
            "POST", "/appointments", b"", NEW_APPOINTMENT | {"scheduled_at": "2026-02-30T10:00:00Z"},
            id="an instant is no longer a real one",
        ),
        pytest.param(
            loosen("PanelIds", "panel_ids", type="string"),
            "POST", f"/appointments/{APPOINTMENT}/panels", b"", {"panel_ids": "all"},
            id="a list is a text",
        ),
        pytest.param(
            lambda d: d["paths"]["/api/v1/appointments"]["post"].pop("requestBody"),
            "POST", "/appointments", b"", NEW_APPOINTMENT,
            id="the body is gone",
        ),
        pytest.param(
            lambda d: d["paths"]["/api/v1/appointments"]["post"]["requestBody"].update(required=False),
            "POST", "/appointments", b"", None,
            id="the body is optional",
        ),
        pytest.param(
            loosen_parameter("/api/v1/profiles", "limit", type="string"), "GET", "/profiles", b"limit=all", None,
            id="a parameter has another type",
        ),
        pytest.param(
            loosen_parameter("/api/v1/profiles", "limit", type="integer"), "GET", "/profiles", b"limit=0", None,
            id="a parameter has a wider range",
        ),
        pytest.param(
            loosen_parameter("/api/v1/locations/{id}/availability", "start_date", type="string"),
            "GET", f"/locations/{BERLIN}/availability", b"start_date=today", None,
            id="a parameter has no format any more",
        ),
        pytest.param(
            loosen_parameter("/api/v1/biomarkers/{id}", "id", type="string"), "GET", "/biomarkers/vitamin-d", b"", None,
            id="an id is of another kind",
        ),
    ],
)  # fmt: skip
def test_a_request_that_the_behaviour_cannot_read_is_not_implemented(
    tmp_path: Path, edit: Edit, method: str, path: str, query: bytes, body: Any
) -> None:
    """What only the proposal allows is answered with 501, changes nothing, and is no fault of the sandbox."""
    proposal = Proposal(tmp_path, edit)
    before = snapshot_of(proposal.world)
    reply = proposal.send(method, path, body, query=query)
    assert reply.status == 501
    assert "sandbox" in reply.json["error"]
    assert snapshot_of(proposal.world) == before
    assert not proposal.worlds.mismatches


@pytest.mark.parametrize(
    ("edit", "body"),
    [
        (loosen("ProfileCreate", "sex", type="string"), NEW_PROFILE | {"sex": "2"}),
        (loosen("ProfileCreate", "sex", type=["string", "integer"]), NEW_PROFILE),
        (lambda d: schema(d, "ProfileCreate")["required"].remove("first_name"), NEW_PROFILE),
    ],
)
def test_a_request_that_the_behaviour_can_read_is_served(tmp_path: Path, edit: Edit, body: Any) -> None:
    """Under the same proposals, what still can be read is acted upon."""
    assert Proposal(tmp_path, edit).send("POST", "/profiles", body).status == 201


@pytest.mark.rule("error.internal")
@pytest.mark.parametrize("error", [LookupError, ValueError, KeyError, TypeError], ids=lambda error: error.__name__)
def test_a_broken_behaviour_is_loud_under_a_proposal_too(tmp_path: Path, error: type[Exception]) -> None:
    """Where the sandbox itself breaks, a proposal is no excuse: 500, marked, and in the journal."""
    proposal = Proposal(tmp_path, lambda document: document)
    endpoint = proposal.api.endpoints["get_profile"]
    assert endpoint.operation is not None

    def run(_world: Any, _call: Any) -> Any:
        raise error("lost")

    endpoint.operation = msgspec.structs.replace(endpoint.operation, run=run)
    reply = proposal.send("GET", f"/profiles/{PROFILE}")
    fault = f"get_profile raised {error.__name__}: {error('lost')}"
    assert (reply.status, reply.rules) == (500, ["error.internal"])
    assert reply.json == {"error": f"The sandbox has a defect: {fault}"}
    assert reply.headers["x-sandbox-mismatch"] == fault
    assert list(proposal.worlds.mismatches) == [("test", fault)]
    assert (proposal.world.journal[-1].response.status, proposal.world.journal[-1].trace.mismatch) == (500, fault)


@pytest.mark.parametrize("error", [FormatError("no date"), msgspec.ValidationError("no number")], ids=repr)
def test_what_the_behaviour_cannot_read_is_not_broken(tmp_path: Path, error: Exception) -> None:
    """Where the behaviour says that it cannot read the request, the proposal is not implemented, and no fault; under
    the committed document the same is one."""

    def run(_world: Any, _call: Any) -> Any:
        raise error

    proposal = Proposal(tmp_path, lambda document: document)
    committed = build_partner_api()
    for api in (proposal.api, committed):
        operation = api.endpoints["get_profile"].operation
        assert operation is not None
        api.endpoints["get_profile"].operation = msgspec.structs.replace(operation, run=run)
    reply = proposal.send("GET", f"/profiles/{PROFILE}")
    assert (reply.status, str(error) in reply.json["error"]) == (501, True)
    assert not proposal.worlds.mismatches
    proposal.api = committed
    assert proposal.send("GET", f"/profiles/{PROFILE}").status == 500
    assert len(proposal.worlds.mismatches) == 1
