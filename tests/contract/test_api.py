"""A document made ready to serve: what stops the start, which path leads where, how calls are read."""

import copy
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from aniva_sandbox.contract.api import JSON, Api
from aniva_sandbox.contract.common import AUTH_KEY, MAX_BODY, PATH_UNKNOWN
from aniva_sandbox.contract.document import DocumentError
from aniva_sandbox.contract.rules import Refusal
from aniva_sandbox.resources import partner
from tests.support import BERLIN, CONTROL, PARTNER, PROFILE, new_world

Edit = Callable[[dict[str, Any]], object]

PROFILES = "/api/v1/profiles"
ONE_PROFILE = "/api/v1/profiles/{id}"


def edited(edit: Edit, *, proposal: bool = False) -> Api:
    """The partner API of a document with a change."""
    document = copy.deepcopy(PARTNER.document)
    edit(document)
    return Api(document, partner.OPERATIONS, partner.LEDGER, proposal=proposal)


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A component of a document."""
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


# Starting


def test_the_document_as_it_is_starts() -> None:
    """Without a change, every operation has its behaviour, and every behaviour its operation."""
    api = edited(lambda document: document)
    assert set(api.endpoints) == {operation.id for operation in partner.OPERATIONS}
    assert all(endpoint.operation is not None for endpoint in api.endpoints.values())
    assert not api.proposal


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        pytest.param(
            lambda d: d["paths"].update({"/api/v1/x": {"get": {"operationId": "get_x", "responses": {}}}}),
            "operations without behaviour: get_x",
            id="missing behaviour",
        ),
        pytest.param(
            lambda d: d["paths"].pop("/api/v1/panels"),
            "behaviour without an operation in the document: list_panels",
            id="surplus behaviour",
        ),
        pytest.param(
            lambda d: schema(d, "Profile").update(nullable=True),
            "components/schemas/Profile/nullable: the schema keyword 'nullable'",
            id="unknown keyword in a component",
        ),
        pytest.param(
            lambda d: d["paths"][ONE_PROFILE]["get"]["parameters"][0]["schema"].update(unevaluatedItems=True),
            "parameter id/unevaluatedItems",
            id="unknown keyword in a parameter",
        ),
        pytest.param(
            lambda d: d["paths"][PROFILES]["get"]["responses"]["200"]["content"]["application/json"]["schema"].update(
                contains={}
            ),
            "list_profiles/responses/200/contains",
            id="unknown keyword in an answer",
        ),
        pytest.param(
            lambda d: d["paths"][PROFILES]["post"]["requestBody"]["content"]["application/json"]["schema"].update(
                {"contains": {}}
            ),
            "create_profile/requestBody/contains",
            id="unknown keyword in a request",
        ),
        pytest.param(
            lambda d: schema(d, "Profile")["properties"]["email"].update(format="idn-email"),
            "Profile/properties/email/format: the format 'idn-email' is not known",
            id="unknown format",
        ),
        pytest.param(
            lambda d: schema(d, "Profile")["properties"].update(box={"$ref": "#/components/schemas/Box"}),
            "Box",
            id="reference to no schema",
        ),
        pytest.param(
            lambda d: d["components"]["schemas"].update(Unused={"$ref": "#/components/schemas/Box"}),
            "Box",
            id="reference to no schema, in a component that is not used",
        ),
        pytest.param(
            lambda d: d["paths"][PROFILES]["get"]["responses"].update({"500": {"$ref": "#/components/responses/Box"}}),
            "#/components/responses/Box points to nothing",
            id="reference to no response",
        ),
        pytest.param(
            lambda d: d["paths"][PROFILES]["get"]["parameters"].append({"$ref": "#/components/parameters/Box"}),
            "#/components/parameters/Box points to nothing",
            id="reference to no parameter",
        ),
        pytest.param(
            lambda d: schema(d, "Profile")["properties"].update(box={"$ref": "boxes.yaml#/Box"}),
            "Profile/properties/box/[$]ref: only references to #/components/schemas/",
            id="reference into another file",
        ),
        pytest.param(
            lambda d: d["paths"][PROFILES]["get"].update(operationId="get_profile"),
            "the operationId get_profile stands twice",
            id="operationId twice",
        ),
        pytest.param(
            lambda d: d["paths"][PROFILES]["get"].pop("operationId"),
            "GET /api/v1/profiles has no operationId",
            id="no operationId",
        ),
        pytest.param(
            lambda d: schema(d, "Profile")["properties"]["email"].update(type="strin"),
            'components/schemas/Profile/properties/email/type: "strin" is not valid',
            id="a type that is none",
        ),
        pytest.param(
            lambda d: schema(d, "ProfileCreate")["properties"]["weight"].update(examples={"light": 65}),
            "components/schemas/ProfileCreate/properties/weight/examples: .* is not of type",
            id="examples by name, as media types have them",
        ),
        pytest.param(
            lambda d: d["components"]["schemas"].update(Unused={"required": True}),
            "components/schemas/Unused/required: true is not of type",
            id="a keyword of another shape, in a component that is not used",
        ),
    ],
)
def test_a_fault_in_the_document_stops_the_start(edit: Edit, message: str) -> None:
    """What does not fit, or is not known, is an error that names it."""
    with pytest.raises(DocumentError, match=message):
        edited(edit)


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda d: d.update(paths=None), id="paths"),
        pytest.param(lambda d: d["paths"].update({PROFILES: None}), id="path"),
        pytest.param(lambda d: d["paths"][PROFILES].update(get=None), id="operation"),
        pytest.param(lambda d: d["paths"][PROFILES]["get"].update(responses=None), id="responses"),
        pytest.param(lambda d: d["paths"][PROFILES]["get"].update(parameters=None), id="parameters"),
        pytest.param(lambda d: d["paths"][PROFILES]["get"]["parameters"].append({"in": "query"}), id="parameter"),
        pytest.param(lambda d: schema(d, "Profile").update(properties=None), id="properties"),
        pytest.param(lambda d: schema(d, "Profile")["properties"]["email"].update(format=["email"]), id="format"),
        pytest.param(lambda d: d["paths"][PROFILES]["get"].update(operationId=["x"]), id="operationId"),
        pytest.param(lambda d: d["paths"][PROFILES]["get"]["responses"].update({"400": {"$ref": {}}}), id="reference"),
        pytest.param(lambda d: d["paths"][PROFILES]["get"].update({"x-permissions": 5}), id="permissions"),
        pytest.param(lambda d: d["paths"][PROFILES]["get"].update({"x-permissions": [{}]}), id="permission"),
        pytest.param(lambda d: d["components"]["responses"]["Forbidden"].update({"x-rules": None}), id="rules"),
        pytest.param(lambda d: schema(d, "ProfileCreate").update({"x-rules": None}), id="rules of keywords"),
        pytest.param(lambda d: schema(d, "ProfileCreate").update({"x-rule": {}}), id="rule of a schema"),
    ],
)
def test_a_gap_in_a_proposal_is_a_fault_of_the_document(edit: Edit) -> None:
    """A part that was left empty by hand, or is of another shape, is an error of the document, not of the program."""
    with pytest.raises(DocumentError):
        edited(edit, proposal=True)


def test_a_reference_in_a_circle_ends() -> None:
    """A reference that leads back to itself is an error, and not an endless search."""

    class Watched(dict[str, Any]):
        """Counts how often something in it is looked up."""

        lookups = 0

        def __getitem__(self, key: str) -> Any:
            self.lookups += 1
            assert self.lookups < 10_000, "the search does not end"
            return super().__getitem__(key)

    document = Watched(copy.deepcopy(PARTNER.document))
    document["components"]["responses"]["InternalError"] = {"$ref": "#/components/responses/InternalError"}
    with pytest.raises(DocumentError, match="InternalError"):
        Api(document, partner.OPERATIONS, partner.LEDGER, proposal=True)


@pytest.mark.parametrize(
    "circle",
    [
        {"A": {"$ref": "#/components/schemas/A"}},
        {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}},
        {"A": {"required": ["x"], "allOf": [{"not": {"$ref": "#/components/schemas/A"}}]}},
    ],
)
def test_a_schema_that_is_itself_is_a_fault(circle: dict[str, Any]) -> None:
    """A schema that applies itself to the same value ends nowhere; one that leads into its own parts is a tree."""

    def use(document: dict[str, Any], schemas: dict[str, Any]) -> None:
        document["components"]["schemas"] |= schemas
        content = document["paths"][PROFILES]["post"]["requestBody"]["content"]["application/json"]
        content["schema"] = {"$ref": "#/components/schemas/A"}

    with pytest.raises(DocumentError, match="components/schemas/A: leads back to itself"):
        edited(lambda document: use(document, circle), proposal=True)
    tree = {"A": {"properties": {"a": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]}}}}
    api = edited(lambda document: use(document, tree), proposal=True)
    assert list(api.endpoints["create_profile"].body_fields) == ["a"]


def test_what_only_looks_like_a_reference_is_none() -> None:
    """An example may hold a name that starts with a dollar: it leads nowhere, and need not."""

    def show(document: dict[str, Any]) -> None:
        schema(document, "ProfileCreate")["properties"]["weight"]["examples"] = [{"$ref": "#/nothing"}]

    assert edited(show).endpoints


@pytest.mark.parametrize(
    ("number", "page"),
    [
        ({"$ref": "#/components/schemas/Page"}, {"type": "integer", "minimum": 1}),
        ({"type": ["integer", "null"], "minimum": 1}, {}),
        ({"anyOf": [{"$ref": "#/components/schemas/Page"}, {"type": "null"}]}, {"type": "integer", "minimum": 1}),
    ],
)
def test_parameters_are_read_by_the_schema_that_they_refer_to(number: dict[str, Any], page: dict[str, Any]) -> None:
    """A number in a query is one, wherever the document says that it is: as a component, or as one of two types."""

    def share(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["Page"] = page
        for parameter in document["paths"][PROFILES]["get"]["parameters"]:
            if parameter["name"] == "limit":
                parameter["schema"] = number

    endpoint = edited(share, proposal=True).endpoints["list_profiles"]
    assert endpoint.read_call(_access(), [], b"limit=5", None, b"").query.limit == 5
    for refused in (b"limit=0", b"limit=x"):
        with pytest.raises(Refusal):
            endpoint.read_call(_access(), [], refused, None, b"")


@pytest.mark.parametrize(
    ("edit", "proposal"),
    [
        (lambda d: d["paths"].pop("/api/v1/panels"), False),
        (lambda d: d["paths"].pop("/api/v1/panels"), True),
        (lambda d: d["paths"].update({"/api/v1/x": {"get": {"operationId": "get_x", "responses": {}}}}), False),
        (lambda d: d["paths"].update({"/api/v1/x": {"get": {"operationId": "get_x", "responses": {}}}}), True),
    ],
)
def test_only_a_proposal_may_have_fewer_and_further_operations(edit: Edit, proposal: bool) -> None:
    """The same change stops the committed document and starts a proposed one."""
    if proposal:
        assert edited(edit, proposal=True).proposal
    else:
        with pytest.raises(DocumentError):
            edited(edit)


def test_parameters_and_references_of_a_path_hold_for_its_operations() -> None:
    """Parameters may stand at the path, and path items, parameters and responses may be references."""

    def share(document: dict[str, Any]) -> None:
        item = document["paths"][ONE_PROFILE]
        (parameter,) = item["get"].pop("parameters")
        item["patch"].pop("parameters")
        document["components"]["parameters"] = {"Id": parameter}
        item["parameters"] = [{"$ref": "#/components/parameters/Id"}]
        document["components"]["pathItems"] = {"Profile": item}
        document["paths"][ONE_PROFILE] = {"$ref": "#/components/pathItems/Profile"}

    endpoint, values = edited(share).route("GET", f"{PROFILES}/{PROFILE}")
    assert (endpoint.id, values) == ("get_profile", [PROFILE])
    with pytest.raises(Refusal) as caught:
        endpoint.read_call(_access(), ["nope"], b"", None, b"")
    assert caught.value.rule.id == "id.format"


@pytest.mark.parametrize(
    ("edit", "gaps"),
    [
        (lambda d: d, []),
        (
            lambda d: d["paths"].pop("/api/v1/panels"),
            ["there is behaviour without an operation in the document: list_panels"],
        ),
        (
            lambda d: d["paths"].update(
                {
                    "/api/v1/y": {"get": {"operationId": "get_y", "responses": {}}},
                    "/api/v1/x": {"get": {"operationId": "get_x", "responses": {}}},
                }
            ),
            ["the document has operations without behaviour: get_x, get_y"],
        ),
        (
            lambda d: d["paths"]["/api/v1/panels"]["get"].update(operationId="get_panels"),
            [
                "the document has operations without behaviour: get_panels",
                "there is behaviour without an operation in the document: list_panels",
            ],
        ),
    ],
)
def test_gaps_tell_where_a_proposal_and_the_behaviour_do_not_meet(edit: Edit, gaps: list[str]) -> None:
    """A proposal starts with its gaps told by name; the same gaps stop the committed document, all told at once."""
    assert edited(edit, proposal=True).gaps == gaps
    if gaps:
        with pytest.raises(DocumentError) as caught:
            edited(edit)
        assert str(caught.value) == "; ".join(gaps)
    else:
        assert edited(edit).gaps == []


@pytest.mark.parametrize(
    ("servers", "base"),
    [
        (None, ""),
        ([], ""),
        ([{}], ""),
        ([{"url": "/"}], ""),
        ([{"url": "https://api.example.com"}], ""),
        ([{"url": "https://api.example.com/"}], ""),
        ([{"url": "https://api.example.com/partners"}], "/partners"),
        ([{"url": "https://api.example.com/partners/eu/"}], "/partners/eu"),
        ([{"url": "/partners"}], "/partners"),
        ([{"url": "/partners"}, {"url": "/other"}], "/partners"),
        ([{"url": "/"}, {"url": "/other"}], ""),
    ],
)
def test_the_path_of_the_first_server_stands_before_all_others(servers: Any, base: str) -> None:
    """Paths begin with the path of the first server, where it has one, and are found with it only."""
    api = edited(lambda d: d.update(servers=servers), proposal=True)
    assert api.route("GET", f"{base}{PROFILES}/{PROFILE}")[0].id == "get_profile"
    assert api.allowed(f"{base}{PROFILES}") == ["GET", "HEAD", "POST"]
    assert bool(api.allowed(PROFILES)) is (base == "")
    assert api.allowed(f"/other{PROFILES}") == []


@pytest.mark.rule("auth.permission")
@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda op: op, {"panels_access"}),
        (lambda op: op.pop("x-permissions"), {"panels_access"}),
        (lambda op: op.update({"x-permissions": ["results_view", "profiles_view"]}), {"results_view", "profiles_view"}),
        (lambda op: op.update({"x-permissions": []}), set()),
    ],
)
def test_permissions_are_those_of_the_document(edit: Edit, expected: set[str]) -> None:
    """The document says who may call; where it does not, the behaviour does."""
    api = edited(lambda d: edit(d["paths"]["/api/v1/units"]["get"]), proposal=True)
    assert api.endpoints["list_units"].permissions == expected
    assert api.endpoints["list_panels"].permissions == {"panels_access"}


# Routing


@pytest.mark.parametrize(
    ("method", "path", "id", "values"),
    [
        ("GET", PROFILES, "list_profiles", []),
        ("POST", PROFILES, "create_profile", []),
        ("GET", f"{PROFILES}/{PROFILE}", "get_profile", [PROFILE]),
        ("GET", f"{PROFILES}/a%20b%2Fc", "get_profile", ["a b/c"]),
        ("GET", f"{PROFILES}/%7B%7D", "get_profile", ["{}"]),
        ("GET", f"{PROFILES}/{{}}", "get_profile", ["{}"]),
        ("GET", f"{PROFILES}/{{id}}", "get_profile", ["{id}"]),
        ("GET", f"{PROFILES}/..", "get_profile", [".."]),
        ("GET", f"/api/v1/locations/{BERLIN}/availability", "get_availability", [BERLIN]),
        ("POST", "/api/v1/appointments/pickup", "confirm_shipment_pickup", []),
        ("POST", "/api/v1/appointments/x/panels", "add_panels", ["x"]),
        ("DELETE", "/api/v1/appointments/x/panels", "remove_panels", ["x"]),
    ],
)
def test_a_path_leads_to_its_operation(method: str, path: str, id: str, values: list[str]) -> None:
    """Segments are told apart before they are decoded; a fixed segment goes before one with a value."""
    endpoint, found = PARTNER.route(method, path)
    assert (endpoint.id, found) == (id, values)


@pytest.mark.rule("http.not-found")
@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nope",
        "/api/v2/profiles",
        "/API/v1/profiles",
        f"{PROFILES}/",
        f"/{PROFILES}",
        "/api/v1//profiles",
        f"{PROFILES}/{PROFILE}/",
        f"{PROFILES}/{PROFILE}/nope",
        f"{PROFILES}%2F{PROFILE}",
        "/api/v1/appointments/pickup/panels",
        "/api/v1/locations/x",
        "api/v1/profiles/extra",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "BREW"])
def test_other_paths_are_not_found(method: str, path: str) -> None:
    """Only the exact path counts: no further slash, no other case; the method is not looked at."""
    with pytest.raises(Refusal) as caught:
        PARTNER.route(method, path)
    assert (caught.value.rule.id, caught.value.status) == ("http.not-found", 404)
    assert PARTNER.allowed(path) == []


@pytest.mark.rule("http.method")
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (PROFILES, ["GET", "HEAD", "POST"]),
        (f"{PROFILES}/{PROFILE}", ["GET", "HEAD", "PATCH"]),
        ("/api/v1/appointments/pickup", ["POST"]),
        (f"/api/v1/appointments/{PROFILE}", ["DELETE", "GET", "HEAD", "PATCH"]),
        (f"/api/v1/appointments/{PROFILE}/panels", ["DELETE", "POST"]),
        ("/api/v1/units", ["GET", "HEAD"]),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "head", "OPTIONS", "TRACE", "get", "post", "", "*"])
def test_other_methods_are_refused(method: str, path: str, allowed: list[str]) -> None:
    """A known path with another method is told apart from an unknown path, and says what it has."""
    with pytest.raises(Refusal) as caught:
        PARTNER.route(method, path)
    assert (caught.value.rule.id, caught.value.status) == ("http.method", 405)
    assert ", ".join(allowed) in caught.value.message
    assert PARTNER.allowed(path) == allowed


@pytest.mark.rule("http.method")
@pytest.mark.parametrize("api", [PARTNER, CONTROL], ids=["partner", "control"])
def test_every_path_allows_what_its_operations_say(api: Api) -> None:
    """For every path of a document, the allowed methods are those of its operations, and HEAD where there is GET."""
    for path, item in api.document["paths"].items():
        filled = "/".join("x" if segment.startswith("{") else segment for segment in path.split("/"))
        assert api.allowed(filled) == sorted({*map(str.upper, item), *(["HEAD"] if "get" in item else [])})


@pytest.mark.rule("http.method")
def test_head_is_taken_wherever_get_is() -> None:
    """HEAD finds the operation of GET, and none where there is no GET."""
    assert PARTNER.route("HEAD", f"{PROFILES}/{PROFILE}") == PARTNER.route("GET", f"{PROFILES}/{PROFILE}")
    with pytest.raises(Refusal) as caught:
        PARTNER.route("HEAD", "/api/v1/appointments/pickup")
    assert caught.value.rule.id == "http.method"


def test_a_head_of_its_own_goes_before_that_of_get() -> None:
    """A proposal may describe HEAD by itself."""
    api = edited(
        lambda d: d["paths"][PROFILES].update(head={"operationId": "count_profiles", "responses": {}}), proposal=True
    )
    assert api.route("HEAD", PROFILES)[0].id == "count_profiles"
    assert api.route("GET", PROFILES)[0].id == "list_profiles"
    assert api.allowed(PROFILES) == ["GET", "HEAD", "POST"]


# Reading calls


def _access() -> Any:
    return new_world().personas["full"]


def call(id: str, values: list[str], query: bytes = b"", body: bytes = b"") -> Any:
    """A call of an operation of the partner API, read."""
    return PARTNER.endpoints[id].read_call(_access(), values, query, "application/json", body)


def test_a_call_holds_typed_values() -> None:
    """A call that passes has its id as it was sent, its query typed and its defaults filled in."""
    read = call("list_profiles", [], b"limit=7&email=A%40b.example&nope=1")
    assert (read.id, read.query.limit, read.query.offset, read.query.email) == ("", 7, 0, "A@b.example")
    assert call("get_profile", [PROFILE.upper()]).id == PROFILE.upper()
    assert call("get_biomarker", ["0042"]).id == "42"


@pytest.mark.parametrize(
    ("query", "email"),
    [
        (b"email=a+b", "a b"),
        (b"email=a%2Bb", "a+b"),
        (b"email=%C3%A4", "ä"),
        (b"email=", ""),
        (b"email=a&email=b", "b"),
        (b"email=a%26limit%3D0", "a&limit=0"),
        (b"email=%FF", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_query_is_decoded_as_a_form(query: bytes, email: str) -> None:
    """Plus is a space, percent signs are UTF-8, the last of a repeated parameter counts."""
    assert call("list_profiles", [], query).query.email == email


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("500", 500), ("007", 7)])
def test_numbers_in_a_query_are_plain_digits(text: str, limit: int) -> None:
    """ASCII digits are a number."""
    assert call("list_profiles", [], f"limit={text}".encode()).query.limit == limit


@pytest.mark.rule("profile.list-page")
@pytest.mark.parametrize(
    "text",
    [
        *("", "-1", "-0", "%2B1", "%201", "1%20", "1%0A", "0x1", "1.0", "1e1", "1_0", "true", "%EF%BC%91"),
        *("9" * 4001, "-" + "9" * 4001),
    ],
)
def test_other_spellings_of_numbers_are_refused(text: str) -> None:
    """A sign, a space, a point or other digits make a text no number, or one out of range."""
    with pytest.raises(Refusal) as caught:
        call("list_profiles", [], f"limit={text}".encode())
    assert [detail.path for detail in caught.value.details] == ["limit"]


@pytest.mark.rule("http.too-large")
@pytest.mark.parametrize("id", ["create_profile", "confirm_shipment_pickup"])
def test_a_body_that_was_too_large_is_refused(id: str) -> None:
    """Where a body is taken, one that was too large to be read is refused, also where it would be ignored."""
    with pytest.raises(Refusal) as caught:
        PARTNER.endpoints[id].read_call(_access(), [], b"", "application/json", None)
    assert (caught.value.rule.id, caught.value.status) == ("http.too-large", 413)


@pytest.mark.rule("http.too-large")
def test_an_operation_may_take_larger_bodies() -> None:
    """Each operation has its own limit, and the API knows the largest."""
    larger = [
        msgspec.structs.replace(each, max_body=2 * MAX_BODY) if each.id == "create_profile" else each
        for each in partner.OPERATIONS
    ]
    api = Api(PARTNER.document, larger, partner.LEDGER)
    assert (PARTNER.max_body, api.max_body) == (MAX_BODY, 2 * MAX_BODY)
    for id, size, status in [
        ("create_profile", 2 * MAX_BODY, 400),
        ("create_profile", 2 * MAX_BODY + 1, 413),
        ("create_appointment", MAX_BODY, 400),
        ("create_appointment", MAX_BODY + 1, 413),
    ]:
        with pytest.raises(Refusal) as caught:
            api.endpoints[id].read_call(_access(), [], b"", JSON, b"{}".ljust(size))
        assert caught.value.status == status
        assert status == 400 or str(api.endpoints[id].max_body) in caught.value.message


def test_a_body_that_nobody_asked_for_is_not_looked_at() -> None:
    """An operation without a body passes over one, of whatever size and kind."""
    endpoint = PARTNER.endpoints["get_profile"]
    for body in (b"", b"nonsense", None):
        assert endpoint.read_call(_access(), [PROFILE], b"", "text/plain", body).id == PROFILE


# Checking answers


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
