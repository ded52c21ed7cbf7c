"""A document made ready to serve: what stops the start, and where a proposal and the behaviour do not meet."""

import copy
from typing import Any

import msgspec
import pytest

from aniva_sandbox.api import partner
from aniva_sandbox.engine.contract.api import Api, Endpoint
from aniva_sandbox.engine.contract.document import DocumentError
from aniva_sandbox.engine.contract.rules import Refusal
from tests.sandbox.contract.edited_documents import PROFILES, Edit, edited, read_call, schema
from tests.support import PARTNER, PROFILE

ONE_PROFILE = "/api/v1/profiles/{id}"


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
            "the operationId get_profile appears twice",
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
        pytest.param(
            lambda d: d["components"]["responses"]["ForbiddenAuthPermission"].update({"x-rules": None}), id="rules"
        ),
        pytest.param(lambda d: schema(d, "ProfileCreate").update({"x-rules": None}), id="rules of keywords"),
        pytest.param(lambda d: schema(d, "ProfileCreate").update({"x-rule": {}}), id="rule of a schema"),
    ],
)
def test_a_gap_in_a_proposal_is_a_fault_of_the_document(edit: Edit) -> None:
    """A part that was left empty by hand, or is of another shape, is an error of the document, not of the program."""
    with pytest.raises(DocumentError):
        edited(edit, proposal=True)


ODD = (None, True, "x", 1.5, [], [{}], {"error": 1}, [None], {"id": PROFILE, "email": 1})
"""Values that most schemas refuse."""


def test_a_known_document_judges_as_a_checked_one() -> None:
    """Checks that are compiled at first use accept and refuse what those compiled at the start do, in the same words;
    and one that cannot be compiled is found there."""
    document = PARTNER.document
    checked, known = (Api(document, partner.OPERATIONS, partner.LEDGER, known=each) for each in (False, True))
    judged = 0
    for id, endpoint in checked.endpoints.items():
        fields = {**endpoint.body_fields, "unknown": {}}
        queries = [
            f"{name}={text}".encode() for name in endpoint.query_fields for text in ("", "x", "1", "-1", PROFILE)
        ]
        bodies = [msgspec.json.encode(each) for each in ({}, *({name: 1} for name in fields), *ODD)]
        for values in (["nope"], [PROFILE]) if "{" in endpoint.path else ([],):
            for query, body in [*((query, b"{}") for query in (b"", *queries)), *((b"", body) for body in bodies)]:
                found = [_outcome(api.endpoints[id], values, query, body) for api in (checked, known)]
                assert found[0] == found[1]
                judged += 1
        for status in endpoint.statuses:
            for value in ODD:
                assert endpoint.mismatch(status, value) == known.endpoints[id].mismatch(status, value)
    assert judged > 500
    broken = copy.deepcopy(document)
    schema(broken, "Profile")["properties"]["email"]["pattern"] = "("
    api = Api(broken, partner.OPERATIONS, partner.LEDGER, known=True)
    with pytest.raises(DocumentError, match="cannot be compiled"):
        api.endpoints["get_profile"].mismatch(200, {})


def _outcome(endpoint: Endpoint, values: list[str], query: bytes, body: bytes) -> Any:
    """What an endpoint makes of a request: its query and body, or the refusal in full."""
    try:
        call = read_call(endpoint, values, query, body)
    except Refusal as refusal:
        return refusal.rules, str(refusal), refusal.details
    return call.id, call.query, call.body


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
    ("number", "shared"),
    [
        ({"$ref": "#/components/schemas/Page"}, {"type": "integer", "minimum": 1}),
        ({"type": ["integer", "null"], "minimum": 1}, {}),
        ({"anyOf": [{"$ref": "#/components/schemas/Page"}, {"type": "null"}]}, {"type": "integer", "minimum": 1}),
    ],
)
def test_parameters_are_read_by_the_schema_that_they_refer_to(number: dict[str, Any], shared: dict[str, Any]) -> None:
    """A number in a query is one, wherever the document says that it is: as a component, or as one of two types."""

    def share(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["Page"] = shared
        for parameter in document["paths"][PROFILES]["get"]["parameters"]:
            if parameter["name"] == "limit":
                parameter["schema"] = number

    endpoint = edited(share, proposal=True).endpoints["list_profiles"]
    assert read_call(endpoint, [], b"limit=5").query.limit == 5
    for refused in (b"limit=0", b"limit=x"):
        with pytest.raises(Refusal):
            read_call(endpoint, [], refused)


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
        read_call(endpoint, ["nope"])
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
