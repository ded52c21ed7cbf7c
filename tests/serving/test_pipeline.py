"""The rules across all operations, proven on requests that go the whole way without a socket."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest

from aniva_sandbox.contract.api import Api
from aniva_sandbox.contract.common import AUTH_CONTEXT, MAX_BODY, PATH_UNKNOWN
from aniva_sandbox.contract.operations import Operation
from aniva_sandbox.serving.app import build_partner_api
from aniva_sandbox.serving.pipeline import Request, answer_control, answer_partner
from aniva_sandbox.serving.server import fixture_names, get_catalogue, get_fixture
from aniva_sandbox.simulation import events
from aniva_sandbox.simulation.events import EventType
from aniva_sandbox.world.agenda import Event
from aniva_sandbox.world.tables import Access, Permission
from aniva_sandbox.world.world import Settings
from aniva_sandbox.world.worlds import Worlds
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    CONTROL,
    CUSTOM_PANEL,
    DRAWN_APPOINTMENT,
    HELSINKI,
    HOME_APPOINTMENT,
    INACTIVE_LOCATION,
    OTHER_PANEL,
    PANEL,
    PARTNER,
    PENDING_APPOINTMENT,
    PROFILE,
    RIVAL_APPOINTMENT,
    RIVAL_LOCATION,
    RIVAL_PROFILE,
    UNKNOWN,
    Client,
    Reply,
    new_worlds,
)

NEW_PROFILE = {"first_name": "Zoë", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}
NEW_APPOINTMENT = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-15T10:30:00+02:00"}
PAST = "2026-04-01T10:30:00+02:00"
FUTURE = "2026-04-20T10:30:00+02:00"

# Who may call what, written down from the description of the API, apart from the code. Operations that the sandbox does
# not have yet stand here too.
_SCHEDULE = {"test_sessions_schedule"}
_MANAGE = {"test_sessions_schedule", "test_sessions_manage"}
_VIEW = {"test_sessions_view", "test_sessions_schedule"}
_LINKED = {"shipments_manage", "test_sessions_view"}
_LINK = {"shipments_manage", "test_sessions_schedule"}
PERMISSIONS = {
    ("POST", "/profiles"): {"create_user"},
    ("PATCH", "/profiles/{id}"): {"create_user"},
    ("GET", "/profiles/{id}"): {"profiles_view", "impersonate"},
    ("GET", "/profiles"): {"profiles_view", "impersonate"},
    ("GET", "/locations"): {"locations_view", "test_sessions_schedule"},
    ("GET", "/locations/{id}/availability"): _SCHEDULE,
    ("POST", "/appointments"): _MANAGE,
    ("POST", "/appointments/{id}/panels"): _MANAGE,
    ("POST", "/appointments/{id}/confirm"): _MANAGE,
    ("PATCH", "/appointments/{id}"): _MANAGE,
    ("DELETE", "/appointments/{id}"): _MANAGE,
    ("DELETE", "/appointments/{id}/panels"): _MANAGE,
    ("PATCH", "/appointments/{id}/custom-snapshot"): _MANAGE,
    ("DELETE", "/appointments/{id}/custom-snapshot"): _MANAGE,
    ("GET", "/appointments/{id}/preview"): _MANAGE,
    ("GET", "/appointments/{id}"): _VIEW,
    ("GET", "/appointments"): _VIEW,
    ("POST", "/appointments/pickup"): {"test_sessions_operate", "test_sessions_manage"},
    ("GET", "/appointments/{id}/results"): {"results_view"},
    ("GET", "/documents/{id}"): {"results_view"},
    ("GET", "/units"): {"panels_access"},
    ("GET", "/biomarkers/{id}"): {"panels_access"},
    ("GET", "/biomarkers"): {"panels_access"},
    ("GET", "/panels"): {"panels_access"},
    ("POST", "/shipments"): {"shipments_manage"},
    ("GET", "/shipments/{id}"): {"shipments_manage"},
    ("GET", "/shipments"): {"shipments_manage"},
    ("PATCH", "/shipments/{id}"): {"shipments_manage"},
    ("DELETE", "/shipments/{id}"): {"shipments_manage"},
    ("GET", "/appointments/{id}/shipments"): _LINKED,
    ("GET", "/shipments/{id}/appointments"): _LINKED,
    ("POST", "/appointments/{id}/shipments"): _LINK,
    ("DELETE", "/appointments/{id}/shipments"): _LINK,
    ("POST", "/shipments/{id}/appointments"): _LINK,
    ("DELETE", "/shipments/{id}/appointments"): _LINK,
}

OPERATIONS = [
    (method.upper(), path.removeprefix("/api/v1"), described)
    for path, item in PARTNER.document["paths"].items()
    for method, described in item.items()
]
BY_ID = [(method, path) for method, path, _ in OPERATIONS if "{id}" in path]
TAKES_BODY = [
    (method, path) for method, path, described in OPERATIONS if described.get("requestBody", {}).get("required")
]


def filled(method: str, path: str) -> str:
    """A path with the example of its id in it."""
    described = next(found for m, p, found in OPERATIONS if (m, p) == (method, path))
    for parameter in described.get("parameters", []):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
    return path


def refused(client: Client, method: str, path: str, json: Any = None, **options: Any) -> Reply:
    """The refusal that a request is answered with; fails where it is taken, or where it changes anything."""
    before = client.world.snapshot()
    reply = client.request(method, path, json, **options)
    assert reply.status >= 400
    assert client.world.snapshot() == before
    return reply


def later(client: Client, seconds: int) -> None:
    """Let time pass in the client's world."""
    client.world.clock.move(client.world.now + timedelta(seconds=seconds))


# auth.key


@pytest.mark.rule("auth.key")
@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "nobody",
        "sbx_",
        "sbx_Test",
        "sbx_te st",
        "sbx_test ",
        "SBX_test",
        "sbx_test.",
        "sbx_test.nobody",
        "sbx_test.full.full",
        "sbx_" + "a" * 65,
        "sbx_test\n",
        "sbx_tést",
        "Bearer sbx_test",
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/profiles"), ("POST", "/appointments"), ("GET", "/units")])
def test_a_missing_or_unknown_key_is_forbidden(method: str, path: str, key: str | None) -> None:
    """Without a known key the answer is 403 with the one body, names no world, and makes none."""
    client = Client()
    reply = client.send(Request(method, f"/api/v1{path}", key=key))
    assert (reply.status, reply.json, reply.rules) == (403, {"error": "Forbidden"}, ["auth.key"])
    assert "x-sandbox-world" not in reply.headers
    assert list(client.worlds) == []


@pytest.mark.rule("auth.key")
@pytest.mark.parametrize("key", ["sbx_test", "sbx_test.full", "sbx_a", "sbx_" + "a-9" * 21 + "z"])
def test_a_known_key_opens_its_world(key: str) -> None:
    """A key of the right form picks the world that it names, which is made at first use."""
    reply = Client().get("/units", key=key)
    assert reply.status == 200
    assert reply.headers["x-sandbox-world"] == key.removeprefix("sbx_").partition(".")[0]
    assert reply.headers["x-sandbox-time"] == "2026-04-13T08:00:00Z"


# auth.permission


@pytest.fixture(scope="module")
def specialists() -> Worlds:
    """Worlds whose personas hold a single permission each, in the full access context; `nobody` holds none."""
    fixture = get_fixture("default")
    full = fixture.personas["full"]
    personas = {
        permission.replace("_", "-"): msgspec.structs.replace(full, permissions=frozenset({permission}))
        for permission in get_args(Permission)
    }
    personas |= {"full": full, "nobody": msgspec.structs.replace(full, permissions=frozenset())}
    changed = msgspec.structs.replace(fixture, personas=personas)
    return Worlds(get_catalogue(), lambda _name: changed, fixture_names(), mode="frozen")


@pytest.mark.rule("auth.permission")
def test_there_are_eleven_permissions() -> None:
    """The permissions are those that the description of the API lists."""
    assert set(get_args(Permission)) == {
        "create_user",
        "profiles_view",
        "impersonate",
        "locations_view",
        "test_sessions_schedule",
        "test_sessions_view",
        "test_sessions_operate",
        "test_sessions_manage",
        "results_view",
        "shipments_manage",
        "panels_access",
    }


@pytest.mark.rule("auth.permission")
@pytest.mark.parametrize("permission", get_args(Permission))
@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in OPERATIONS])
def test_each_permission_alone_suffices_or_does_not(
    specialists: Worlds, method: str, path: str, permission: str
) -> None:
    """A key with one permission passes exactly where the operation lists it; else 403, the one body, no change."""
    client = Client(specialists, "sbx_test." + permission.replace("_", "-"))
    before = client.world.snapshot()
    # The id names nothing and the body is empty, so that whoever may pass is refused for something else, or reads.
    path_of_nothing = path.replace("{id}", "999999" if "biomarkers" in path else UNKNOWN)
    reply = client.request(method, path_of_nothing)
    if permission in PERMISSIONS[method, path]:
        assert "auth.permission" not in reply.rules
        assert reply.status != 403
    else:
        assert (reply.status, reply.json, reply.rules) == (403, {"error": "Forbidden"}, ["auth.permission"])
    assert client.world.snapshot() == before


@pytest.mark.rule("auth.permission")
@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in OPERATIONS])
def test_no_permission_does_not_suffice(specialists: Worlds, method: str, path: str) -> None:
    """Every operation wants some permission."""
    reply = refused(Client(specialists, "sbx_test.nobody"), method, filled(method, path))
    assert (reply.status, reply.json, reply.rules) == (403, {"error": "Forbidden"}, ["auth.permission"])


@pytest.mark.rule("auth.permission")
@pytest.mark.parametrize(("method", "path", "described"), OPERATIONS)
def test_document_lists_the_permissions(method: str, path: str, described: dict[str, Any]) -> None:
    """The document says of each operation which permissions suffice."""
    assert set(described["x-permissions"]) == PERMISSIONS[method, path]


# auth.context and path.unknown


@pytest.mark.rule("auth.context")
@pytest.mark.parametrize(
    ("method", "path", "json"),
    [
        ("GET", f"/profiles/{RIVAL_PROFILE}", None),
        ("PATCH", f"/profiles/{RIVAL_PROFILE}", {"height": 170}),
        ("GET", f"/appointments/{RIVAL_APPOINTMENT}", None),
        ("PATCH", f"/appointments/{RIVAL_APPOINTMENT}", {"scheduled_at": FUTURE}),
        ("DELETE", f"/appointments/{RIVAL_APPOINTMENT}", None),
        ("POST", f"/appointments/{RIVAL_APPOINTMENT}/panels", {"panel_ids": [PANEL]}),
        ("DELETE", f"/appointments/{RIVAL_APPOINTMENT}/panels", {"panel_ids": [PANEL]}),
        ("POST", f"/appointments/{RIVAL_APPOINTMENT}/confirm", {"barcode": "1"}),
        ("GET", f"/locations/{RIVAL_LOCATION}/availability", None),
        ("POST", "/appointments", NEW_APPOINTMENT | {"profile_id": RIVAL_PROFILE}),
        ("POST", "/appointments", NEW_APPOINTMENT | {"location_id": RIVAL_LOCATION}),
        ("PATCH", f"/appointments/{APPOINTMENT}", {"location_id": RIVAL_LOCATION}),
    ],
)
def test_what_is_outside_the_context_is_forbidden(client: Client, method: str, path: str, json: Any) -> None:
    """By id, in a path or in a body, what belongs to others answers 403 with the one body."""
    reply = refused(client, method, path, json)
    assert (reply.status, reply.json, reply.rules) == (403, {"error": "Forbidden"}, ["auth.context"])


@pytest.mark.rule("auth.context")
@pytest.mark.parametrize(
    ("path", "inside"),
    [
        (f"/profiles/{PROFILE}", "full"),
        (f"/profiles/{RIVAL_PROFILE}", "outsider"),
        (f"/appointments/{APPOINTMENT}", "full"),
        (f"/appointments/{RIVAL_APPOINTMENT}", "outsider"),
        (f"/locations/{BERLIN}/availability", "full"),
        (f"/locations/{RIVAL_LOCATION}/availability", "outsider"),
    ],
)
def test_each_key_sees_its_own_context(client: Client, path: str, inside: str) -> None:
    """The same id is there for one key and forbidden for the other, whichever of the two it is."""
    for persona in ("full", "outsider"):
        assert client.get(path, key=f"sbx_test.{persona}").status == (200 if persona == inside else 403)


@pytest.mark.rule("auth.context")
@pytest.mark.parametrize(
    ("path", "own", "other"),
    [
        ("/profiles", PROFILE, RIVAL_PROFILE),
        ("/locations", BERLIN, RIVAL_LOCATION),
        ("/appointments", APPOINTMENT, RIVAL_APPOINTMENT),
    ],
)
def test_lists_leave_out_what_is_outside(client: Client, path: str, own: str, other: str) -> None:
    """Lists hold what is inside the context and say nothing of the rest, for either key."""
    mine = {entry["id"] for entry in client.get(path).json}
    theirs = {entry["id"] for entry in client.get(path, key="sbx_test.outsider").json}
    assert own in mine
    assert other in theirs
    assert not mine & theirs


@pytest.mark.rule("path.unknown")
@pytest.mark.parametrize(("method", "path"), BY_ID)
def test_an_id_of_nothing_is_not_found(client: Client, method: str, path: str) -> None:
    """Whoever asks, an id in a path that names nothing answers 404, and not 403; the example's id is there."""
    described = next(found for m, p, found in OPERATIONS if (m, p) == (method, path))
    content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    of_nothing = path.replace(
        "{id}", {"biomarkers": "999999", "shipments": "P9912319999"}.get(path.split("/")[1], UNKNOWN)
    )
    for key in ("sbx_test", "sbx_test.outsider"):
        reply = refused(client, method, of_nothing, content.get("example"), key=key)
        assert (reply.status, reply.rules) == (404, ["path.unknown"])
    assert client.request(method, filled(method, path), content.get("example")).rules != ["path.unknown"]


# id.format


@pytest.mark.rule("id.format")
@pytest.mark.parametrize(
    "id", ["nope", "%20", "..%2F..", "%00", "%FF", "{}", "{id}", "null", PROFILE + "0", PROFILE[:-1]]
)
@pytest.mark.parametrize(("method", "path"), BY_ID)
def test_an_id_that_is_not_of_its_kind_is_refused(client: Client, method: str, path: str, id: str) -> None:
    """Whatever stands in the place of an id and is none of its kind answers 400 and names the field."""
    reply = refused(client, method, path.replace("{id}", id), {})
    assert reply.status == 400
    assert reply.rules[0] == "id.format"
    assert "id" in reply.details


@pytest.mark.rule("id.format")
@pytest.mark.parametrize(
    ("path", "key"),
    [
        (f"/profiles/{PROFILE.upper()}", "id"),
        (f"/appointments/{APPOINTMENT.upper()}", "id"),
        (f"/locations/{BERLIN.upper()}/availability", "location_id"),
    ],
)
def test_ids_are_taken_in_either_case(client: Client, path: str, key: str) -> None:
    """Upper-case letters in a UUID mean the same record, which answers in its own spelling."""
    assert client.get(path).json[key] in (PROFILE, APPOINTMENT, BERLIN)


@pytest.mark.rule("id.format")
def test_ids_in_bodies_and_queries_are_taken_in_either_case(client: Client) -> None:
    """A body and a query may spell ids in upper case; what is stored and answered is not."""
    body = NEW_APPOINTMENT | {"profile_id": PROFILE.upper(), "location_id": BERLIN.upper()}
    made = client.post("/appointments", body).json
    assert (made["profile_id"], made["location_id"]) == (PROFILE, BERLIN)
    assert client.post(f"/appointments/{made['id']}/panels", {"panel_ids": [PANEL.upper()]}).status == 200
    (found,) = [a for a in client.get(f"/appointments?profile_id={PROFILE.upper()}").json if a["id"] == made["id"]]
    assert [panel["panel_id"] for panel in found["panels"]] == [PANEL]


@pytest.mark.rule("id.format")
@pytest.mark.parametrize(
    ("id", "status"),
    [
        ("42", 200),
        ("0042", 200),
        ("999999", 404),
        ("9" * 20, 404),
        ("9" * 400, 404),
        ("9" * 5000, 400),
        ("-42", 400),
        ("%2B42", 400),
        ("42.0", 400),
        ("4e1", 400),
        ("%EF%BC%94%EF%BC%92", 400),
        ("42%0A", 400),
        ("0x2a", 400),
    ],
)
def test_biomarkers_have_ids_of_ascii_digits(client: Client, id: str, status: int) -> None:
    """Digits are an id, of something or of nothing; anything else is none."""
    assert client.get(f"/biomarkers/{id}").status == status


# body.json


NO_OBJECTS = [
    b"",
    b" ",
    b"\n\t ",
    b"nonsense",
    b"{",
    b"{}}",
    b"{} {}",
    b"{'a': 1}",
    b'{"a": 1,}',
    b'{"a": 01}',
    b'{"a": +1}',
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\x00}\x00",
    b'{"a": "\xff"}',
    b'{"a": "\xc0\x80"}',
    b'{"a": "\xed\xa0\x80"}',
    b'{"a": "\\ud800"}',
    b'{"a": "\\udc00\\ud800"}',
    b'{"a": "\x00"}',
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": -Infinity}',
    b'{"a": 1e400}',
    b'{"a": -1e400}',
    b'{"a": 1' + b"0" * 5000 + b"}",
    b"[]",
    b"[{}]",
    b'"{}"',
    b"1",
    b"null",
    b"true",
]


@pytest.mark.rule("body.json")
@pytest.mark.parametrize("body", NO_OBJECTS, ids=lambda body: repr(body[:24]))
@pytest.mark.parametrize(("method", "path"), TAKES_BODY)
def test_a_body_that_is_no_json_object_is_refused(client: Client, method: str, path: str, body: bytes) -> None:
    """Zero bytes, what is no JSON, and JSON that is no object answer 400 for every operation that needs a body."""
    reply = refused(client, method, filled(method, path), body=body)
    assert (reply.status, reply.rules, list(reply.details)) == (400, ["body.json"], ["body"])


@pytest.mark.rule("body.json")
@pytest.mark.parametrize("depth", [10, 100, 254, 255, 256, 400, 700, 900, 1000, 10_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_deeply_nested_body_breaks_nothing(client: Client, depth: int, opening: bytes, closing: bytes) -> None:
    """However deep a value is nested, the answer is never 500: refused, or taken where nobody asks for the value."""
    nested = opening * depth + b"1" + closing * depth
    ignored = client.patch(f"/profiles/{PROFILE}", body=b'{"nobody_asks": ' + nested + b"}")
    assert ignored.status == 200 or (ignored.status == 400 and depth > 100)
    wrong = refused(client, "PATCH", f"/profiles/{PROFILE}", body=b'{"height": ' + nested + b"}")
    assert wrong.status == 400


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json-seq",
        "application/xml",
        "application/json, text/plain",
        "application",
        "json",
        "*/*",
    ],
)
@pytest.mark.parametrize(("method", "path"), TAKES_BODY)
def test_a_body_of_another_media_type_is_refused(
    client: Client, method: str, path: str, content_type: str | None
) -> None:
    """A body must be declared as JSON, by every operation that needs one."""
    reply = refused(client, method, filled(method, path), {}, content_type=content_type)
    assert (reply.status, reply.rules, list(reply.details)) == (400, ["body.json"], ["body"])
    assert "application/json" in reply.json["error"]


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json ; q=1",
        "Application/JSON",
        "application/problem+json",
        "application/merge-patch+json; charset=utf-8",
    ],
)
def test_json_may_be_declared_in_many_ways(client: Client, content_type: str) -> None:
    """Parameters, case and the +json suffix do not matter."""
    assert client.post("/profiles", NEW_PROFILE, content_type=content_type).status == 201


@pytest.mark.rule("body.json")
def test_where_no_body_is_needed_none_is_looked_at(client: Client) -> None:
    """A GET, and a DELETE without a body of its own, pass over whatever is sent along."""
    for body in (b"", b"nonsense", b"[]"):
        assert client.get("/units", body=body, content_type="text/plain").status == 200
    assert client.delete(f"/appointments/{APPOINTMENT}", body=b"nonsense", content_type=None).status == 200


@pytest.mark.rule("body.json")
def test_the_last_of_a_field_that_stands_twice_counts(client: Client) -> None:
    """A JSON object that names a field twice is read as if only the last were there."""
    body = b'{"height": 1, "height": 180}'
    assert client.patch(f"/profiles/{PROFILE}", body=body).json["height"] == 180


# body.schema


@pytest.mark.rule("body.schema", "error.body")
def test_every_fault_is_told_at_once(client: Client) -> None:
    """All offending fields of body, path and query stand in details, and all broken rules in the header."""
    faults = {"first_name": "", "sex": 3, "date_of_birth": "1990-02-30", "email": "nobody", "height": -1, "phone": None}
    reply = refused(client, "POST", "/profiles", faults | {"language": "fr", "weight": "heavy"})
    assert reply.status == 400
    assert set(reply.details) == {*faults, "language", "weight", "body"}
    assert {"profile.sex", "profile.group", "profile.email", "profile.measures", "body.schema"} & set(reply.rules)
    assert len(reply.rules) == len(set(reply.rules))
    reply = refused(client, "PATCH", "/profiles/nope", {"sex": 3, "height": -1})
    assert reply.rules == ["id.format", "profile.sex", "profile.measures"]
    assert set(reply.details) == {"id", "sex", "height"}
    for path, message in reply.details.items():
        assert f"{path} {message}" in reply.json["error"]


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("/appointments", {}, ["profile_id", "location_id", "scheduled_at"]),
        ("/appointments", {"profile_id": PROFILE}, ["location_id", "scheduled_at"]),
        ("/appointments", NEW_APPOINTMENT | {"profile_id": 5, "location_id": "x"}, ["profile_id", "location_id"]),
        (f"/appointments/{APPOINTMENT}/panels", {"panel_ids": []}, ["panel_ids"]),
        (f"/appointments/{APPOINTMENT}/panels", {"panel_ids": PANEL}, ["panel_ids"]),
        (f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL, "x", 5]}, ["panel_ids[1]", "panel_ids[2]"]),
        (f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [None]}, ["panel_ids[0]"]),
        (f"/appointments/{APPOINTMENT}/confirm", {"barcode": 4130075218}, ["barcode"]),
    ],
)
def test_paths_lead_into_the_body(client: Client, path: str, body: Any, fields: list[str]) -> None:
    """A fault is told by the path of its field, and by its place in an array."""
    assert list(refused(client, "POST", path, body).details) == fields


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(("method", "path"), TAKES_BODY)
def test_null_is_refused(client: Client, method: str, path: str) -> None:
    """In every request, each known field refuses null, but for the four of a profile that an update can clear."""
    described = next(found for m, p, found in OPERATIONS if (m, p) == (method, path))
    name = described["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    fields = set(PARTNER.document["components"]["schemas"][name]["properties"])
    clearable = {"last_name", "phone", "height", "weight"} if (method, path) == ("PATCH", "/profiles/{id}") else set()
    reply = refused(client, method, filled(method, path), dict.fromkeys(fields))
    assert set(reply.details) == fields - clearable


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize("password", ["Secr3t!", "p" * 129, 90817263, ["Secr3t!Secr3t!"], {"Secr3t!": 1}, None])
def test_a_password_is_never_repeated(client: Client, password: Any) -> None:
    """A password that is refused appears neither in the answer nor in the journal; nor does one that is taken."""
    reply = refused(client, "PATCH", f"/profiles/{PROFILE}", {"password": password})
    assert list(reply.details) == ["password"]
    assert client.patch(f"/profiles/{PROFILE}", {"password": "Secr3t!Secr3t!"}).status == 200
    told = msgspec.json.encode([reply, list(client.world.journal), client.world.snapshot()]).decode()
    assert "Secr3t!" not in told
    assert "90817263" not in told
    assert "pppp" not in told


@pytest.mark.rule("body.schema", "error.body")
def test_values_are_never_repeated(client: Client) -> None:
    """No message holds what was sent, whichever keyword it broke."""
    secret = "Kq7-secret"
    body = dict.fromkeys(["last_name", "email", "phone", "language", "date_of_birth", "sex", "height"], secret)
    reply = refused(client, "POST", "/profiles", NEW_PROFILE | body)
    assert len(reply.details) == 7
    assert secret not in msgspec.json.encode(reply.json).decode()
    assert secret not in refused(client, "GET", f"/profiles/{secret}").json["error"]
    assert secret not in refused(client, "GET", f"/profiles?limit={secret}").json["error"]


@pytest.mark.rule("body.schema")
def test_an_id_that_repeats_counts_once(client: Client) -> None:
    """The same panel twice in an array, in either case of its letters, is added once and removed once."""
    appointment = client.post("/appointments", NEW_APPOINTMENT).json["id"]
    path = f"/appointments/{appointment}"
    twice = {"panel_ids": [PANEL, PANEL.upper(), PANEL]}
    assert client.post(f"{path}/panels", twice).json == {"success": True}
    assert [panel["panel_id"] for panel in client.get(path).json["panels"]] == [PANEL]
    assert client.delete(f"{path}/panels", twice).json == {"success": True}
    assert client.get(path).json["panels"] == []


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("field", "text", "taken"),
    [
        ("sex", b"1.0", 1),
        ("sex", b"2e0", 2),
        ("sex", b"20e-1", 2),
        ("sex", b"1.5", None),
        ("sex", b"-0", None),
        ("sex", b"true", None),
        ("sex", b'"1"', None),
        ("sex", b"1" + b"0" * 30, None),
        ("sex", b"1e300", None),
        ("height", b"180", 180.0),
        ("height", b"1.8e2", 180.0),
        ("height", b"1000", 1000.0),
        ("height", b"1000.0000000001", None),
        ("height", b"1" + b"0" * 400, None),
        ("height", b"1e308", None),
        ("height", b"0", None),
        ("height", b"-0.0", None),
        ("height", b"false", None),
    ],
)
def test_numbers_are_judged_by_their_value(client: Client, field: str, text: bytes, taken: float | None) -> None:
    """1.0 is an integer, 1.5, true and "1" are none, and a number of any size is compared, never a fault."""
    reply = client.patch(f"/profiles/{PROFILE}", body=b'{"' + field.encode() + b'": ' + text + b"}")
    if taken is None:
        assert (reply.status, list(reply.details)) == (400, [field])
    else:
        assert reply.json[field] == taken


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize("offset", ["0", "9" * 19, "9" * 100, "9" * 4000])
def test_a_huge_offset_is_an_offset(client: Client, offset: str) -> None:
    """A number in a query may be larger than any machine word."""
    reply = client.get(f"/profiles?offset={offset}")
    assert reply.status == 200
    assert bool(reply.json) is (offset == "0")


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize("name", ["Zoë\\n", "\\u0000", "Zo\\u00eb\\u2028", "\\ud83d\\ude00", " ", "'", ""])
def test_texts_are_judged_to_their_end(client: Client, name: str) -> None:
    """A line break at the end, a control character or a lone mark is not passed over."""
    reply = refused(client, "PATCH", f"/profiles/{PROFILE}", body=f'{{"first_name": "{name}"}}'.encode())
    assert list(reply.details) == ["first_name"]


# body.unknown-field


@pytest.mark.rule("body.unknown-field")
@pytest.mark.parametrize("value", [None, 1, "x", [], {"sex": 9}, [[[]]]])
def test_an_unknown_field_is_ignored(client: Client, value: Any) -> None:
    """A field that nobody asks for may hold anything, and leaves no trace."""
    with_it = client.post("/profiles", NEW_PROFILE | {"favourite_colour": value, "id": UNKNOWN, "created_at": PAST})
    without = Client().post("/profiles", NEW_PROFILE)
    assert (with_it.status, with_it.json) == (201, without.json)
    assert client.get("/units?favourite_colour=blue").status == 200


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


REFUSALS = [pytest.param(*rest, id=id) for id, *rest in refusals()]


@pytest.mark.rule("error.body", "atomic")
@pytest.mark.parametrize(("method", "path", "json", "options"), REFUSALS)
def test_every_error_has_the_one_shape(
    client: Client, method: str, path: str, json: Any, options: dict[str, Any]
) -> None:
    """An error is JSON with a sentence; details stand only with 400, each a path and a message; 403 says no more."""
    reply = refused(client, method, path, json, **options)
    assert reply.headers["content-type"] == "application/json"
    assert isinstance(reply.json["error"], str)
    assert reply.json["error"]
    assert set(reply.json) <= {"error", "details"}
    assert ("details" in reply.json) <= (reply.status == 400)
    for detail in reply.json.get("details", []):
        assert set(detail) == {"path", "message"}
    if reply.status == 403:
        assert reply.json == {"error": "Forbidden"}
    assert re.fullmatch(r"[a-z.-]+; basis=(documented|assumed|conflict)(, .*)?", reply.headers["x-sandbox-rule"])


@pytest.mark.rule("error.body")
def test_several_broken_rules_are_named_with_their_basis(client: Client) -> None:
    """The header lists each broken rule once, with the basis that the ledger gives it."""
    reply = refused(client, "PATCH", "/profiles/nope", {"first_name": "", "sex": 3, "last_name": ""})
    assert reply.headers["x-sandbox-rule"] == (
        "id.format; basis=documented, profile.name; basis=conflict, profile.sex; basis=documented"
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
    answer = answer_partner(api, worlds, Request(method, path, b"", "sbx_test", "application/json", b"{}"))
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
    fault = f"get_profile broke: LookupError: {message}"
    assert (reply.status, reply.json) == (500, {"error": f"The sandbox is at fault: {fault}"})
    assert reply.headers["x-sandbox-mismatch"].startswith("get_profile broke: LookupError: ")
    assert list(worlds.mismatches) == [("test", fault)]
    assert (world.journal[-1].status, world.journal[-1].mismatch) == (500, fault)
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
    assert reply.status == 500
    assert reply.json["error"].endswith(mismatch)
    assert reply.headers["x-sandbox-mismatch"] == mismatch
    assert list(worlds.mismatches) == [("test", mismatch)]
    assert (world.journal[-1].status, world.journal[-1].mismatch) == (500, mismatch)
    assert mismatch in caplog.text


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
    assert reply.rules == []


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

    def broken(_world: Any, _event: Any) -> Any:
        raise LookupError("lost")

    monkeypatch.setitem(events.EVENTS, "location.closed", EventType("location_id", (), broken))
    worlds = new_worlds()
    world = worlds.create("test")
    world.agenda.add(world.now, Event("location.closed", BERLIN))
    reply = answered(api, worlds)
    assert reply.status == 500
    assert "lost" in reply.headers["x-sandbox-mismatch"]
    assert worlds.mismatches


@pytest.mark.rule("error.internal")
def test_an_operation_of_the_control_plane_that_breaks_answers_500_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control plane is as loud as the partner API."""
    operation = CONTROL.endpoints["get_health"].operation
    assert operation is not None

    def run(_worlds: Any, _call: Any) -> Any:
        raise LookupError("lost")

    monkeypatch.setattr(CONTROL.endpoints["get_health"], "operation", msgspec.structs.replace(operation, run=run))
    answer = answer_control(CONTROL, new_worlds(), Request("GET", "/_sandbox/health"))
    assert answer.status == 500
    assert dict(answer.headers)[b"x-sandbox-mismatch"] == b"get_health broke: LookupError: lost"


# http.not-found, http.method, http.too-large


@pytest.mark.rule("http.not-found")
@pytest.mark.parametrize(
    "path", ["/nope", "", "/", "/profiles/", f"/profiles/{PROFILE}/", "/profiles/a/b", "//profiles"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS"])
def test_an_unknown_path_is_not_found(client: Client, method: str, path: str) -> None:
    """What is no path of the API answers 404 with the error body, whatever the method, and never a redirect."""
    reply = refused(client, method, path)
    assert (reply.status, reply.json, reply.rules) == (404, {"error": "There is no such path"}, ["http.not-found"])
    assert "location" not in reply.headers


@pytest.mark.rule("http.method")
@pytest.mark.parametrize("path", PARTNER.document["paths"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_an_unknown_method_names_those_that_there_are(client: Client, method: str, path: str) -> None:
    """A method that a path does not have answers 405 with exactly the methods that it has; those it has do not."""
    path = path.removeprefix("/api/v1")
    methods = sorted(m for m, p, _ in OPERATIONS if p == path)
    reply = client.request(method, path.replace("{id}", UNKNOWN), {})
    if method in methods:
        assert reply.status != 405
        assert "allow" not in reply.headers
    else:
        assert (reply.status, reply.rules) == (405, ["http.method"])
        assert reply.headers["allow"] == ", ".join(methods)
        assert list(reply.json) == ["error"]


@pytest.mark.rule("http.method", "pickup.deprecated")
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_pickup_is_a_path_of_its_own(client: Client, method: str) -> None:
    """The deprecated pickup takes POST only, and is never read as the id of an appointment."""
    reply = refused(client, method, "/appointments/pickup")
    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert client.post("/appointments/pickup").status == 200


@pytest.mark.rule("http.too-large")
@pytest.mark.parametrize(("method", "path"), [*TAKES_BODY, ("POST", "/appointments/pickup")])
def test_a_body_that_is_too_large_is_refused(client: Client, method: str, path: str) -> None:
    """Every operation that takes a body refuses one that was too large to be read, also the one that ignores it."""
    before = client.world.snapshot()
    request = Request(method, f"/api/v1{filled(method, path)}", b"", "sbx_test", "application/json", None)
    reply = client.send(request)
    assert (reply.status, reply.rules) == (413, ["http.too-large"])
    assert list(reply.json) == ["error"]
    assert str(MAX_BODY) in reply.json["error"]
    assert client.world.snapshot() == before


# order.checks


def cancel_rival(client: Client) -> None:
    """Let the other partner cancel its appointment."""
    client.world.appointments[RIVAL_APPOINTMENT].status = "cancelled"


def refuse_taken_slots(client: Client) -> None:
    """Set the world so that a taken slot cannot be booked, and let one of the past be taken."""
    client.world.settings = Settings(taken_slots="refuse")
    client.world.appointments[APPOINTMENT].scheduled_at = datetime.fromisoformat(PAST).astimezone(UTC)
    client.world.appointments[APPOINTMENT].status = "confirmed"


FUTURE_BIRTH = {"date_of_birth": "2031-01-01"}
READER = "sbx_test.reader"

A = "/appointments"
DRAWN_PANEL = next(iter(new_worlds().create("test").appointments[DRAWN_APPOINTMENT].panels))

# The rule that answers, and the request with both faults; then the rule that answers where only the second fault is
# left, and that request. A request may name a key, a pair a step that prepares the world.
PAIRS: list[Any] = [
    ("http.not-found", ("GET", "/nope", None, "nobody"), "auth.key", ("GET", "/units", None, "nobody")),
    ("http.method", ("PUT", "/units", None, "nobody"), "auth.key", ("GET", "/units", None, "nobody")),
    ("http.not-found", ("POST", "/nope", None, READER), "auth.permission", ("POST", "/profiles", None, READER)),
    ("auth.key", ("POST", "/profiles", {}, "nobody"), "profile.required", ("POST", "/profiles", {}, "sbx_test")),
    ("auth.key", ("GET", "/profiles/x", None, "nobody"), "id.format", ("GET", "/profiles/x", None, "sbx_test")),
    ("auth.permission", ("POST", "/profiles", {}, READER), "profile.required", ("POST", "/profiles", {}, "sbx_test")),
    (
        "auth.permission",
        ("DELETE", f"{A}/{UNKNOWN}", None, READER),
        "path.unknown",
        ("DELETE", f"{A}/{UNKNOWN}", None, "sbx_test"),
    ),
    (
        "auth.permission",
        ("DELETE", f"{A}/{RIVAL_APPOINTMENT}", None, READER),
        "auth.context",
        ("DELETE", f"{A}/{RIVAL_APPOINTMENT}", None, "sbx_test"),
    ),
    (
        "auth.permission",
        ("DELETE", f"{A}/{CANCELLED_APPOINTMENT}", None, READER),
        "appointment.editable",
        ("DELETE", f"{A}/{CANCELLED_APPOINTMENT}", None, "sbx_test"),
    ),
    (
        "profile.sex",
        ("PATCH", f"/profiles/{UNKNOWN}", {"sex": 3}),
        "path.unknown",
        ("PATCH", f"/profiles/{UNKNOWN}", {"sex": 2}),
    ),
    (
        "profile.sex",
        ("PATCH", f"/profiles/{RIVAL_PROFILE}", {"sex": 3}),
        "auth.context",
        ("PATCH", f"/profiles/{RIVAL_PROFILE}", {"sex": 2}),
    ),
    (
        "body.json",
        ("PATCH", f"/profiles/{UNKNOWN}", None),
        "path.unknown",
        ("PATCH", f"/profiles/{UNKNOWN}", {}),
    ),
    (
        "body.schema",
        ("GET", f"/locations/{UNKNOWN}/availability?start_date=x", None),
        "path.unknown",
        ("GET", f"/locations/{UNKNOWN}/availability", None),
    ),
    (
        "confirm.barcode",
        ("POST", f"{A}/{CANCELLED_APPOINTMENT}/confirm", {"barcode": "x"}),
        "confirm.state",
        ("POST", f"{A}/{CANCELLED_APPOINTMENT}/confirm", {"barcode": "1"}),
    ),
    (
        "appointment.create",
        ("POST", A, {"profile_id": UNKNOWN, "location_id": BERLIN}),
        "appointment.profile",
        ("POST", A, NEW_APPOINTMENT | {"profile_id": UNKNOWN}),
    ),
    (
        "profile.sex",
        ("POST", "/profiles", NEW_PROFILE | FUTURE_BIRTH | {"sex": 3}),
        "profile.birth-date",
        ("POST", "/profiles", NEW_PROFILE | FUTURE_BIRTH),
    ),
    (
        "path.unknown",
        ("POST", f"{A}/{UNKNOWN}/panels", {"panel_ids": [UNKNOWN]}),
        "panels.unknown",
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [UNKNOWN]}),
    ),
    (
        "auth.context",
        ("POST", f"{A}/{RIVAL_APPOINTMENT}/panels", {"panel_ids": [UNKNOWN]}),
        "panels.unknown",
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [UNKNOWN]}),
    ),
    (
        "path.unknown",
        ("PATCH", f"{A}/{UNKNOWN}", {"location_id": RIVAL_LOCATION}),
        "auth.context",
        ("PATCH", f"{A}/{APPOINTMENT}", {"location_id": RIVAL_LOCATION}),
    ),
    (
        "path.unknown",
        ("PATCH", f"/profiles/{UNKNOWN}", FUTURE_BIRTH),
        "profile.birth-date",
        ("PATCH", f"/profiles/{PROFILE}", FUTURE_BIRTH),
    ),
    (
        "appointment.location",
        ("POST", A, NEW_APPOINTMENT | {"profile_id": RIVAL_PROFILE, "location_id": UNKNOWN}),
        "auth.context",
        ("POST", A, NEW_APPOINTMENT | {"profile_id": RIVAL_PROFILE}),
    ),
    (
        "appointment.profile",
        ("POST", A, NEW_APPOINTMENT | {"profile_id": UNKNOWN, "location_id": RIVAL_LOCATION}),
        "auth.context",
        ("POST", A, NEW_APPOINTMENT | {"location_id": RIVAL_LOCATION}),
    ),
    (
        "location.active",
        ("POST", A, NEW_APPOINTMENT | {"profile_id": RIVAL_PROFILE, "location_id": INACTIVE_LOCATION}),
        "auth.context",
        ("POST", A, NEW_APPOINTMENT | {"profile_id": RIVAL_PROFILE}),
    ),
    (
        "appointment.location",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"location_id": UNKNOWN}),
        "appointment.editable",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"location_id": HELSINKI}),
    ),
    (
        "location.active",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"location_id": INACTIVE_LOCATION}),
        "appointment.editable",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"location_id": HELSINKI}),
    ),
    (
        "auth.context",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"location_id": RIVAL_LOCATION}),
        "appointment.editable",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"location_id": HELSINKI}),
    ),
    (
        "auth.context",
        ("DELETE", f"{A}/{RIVAL_APPOINTMENT}", None),
        "appointment.editable",
        ("DELETE", f"{A}/{RIVAL_APPOINTMENT}", None, "sbx_test.outsider"),
        cancel_rival,
    ),
    (
        "panels.unknown",
        ("POST", f"{A}/{DRAWN_APPOINTMENT}/panels", {"panel_ids": [UNKNOWN]}),
        "appointment.editable",
        ("POST", f"{A}/{DRAWN_APPOINTMENT}/panels", {"panel_ids": [PANEL]}),
    ),
    (
        "panels.remove",
        ("DELETE", f"{A}/{DRAWN_APPOINTMENT}/panels", {"panel_ids": [DRAWN_PANEL, UNKNOWN]}),
        "appointment.editable",
        ("DELETE", f"{A}/{DRAWN_APPOINTMENT}/panels", {"panel_ids": [DRAWN_PANEL]}),
    ),
    (
        "panels.unknown",
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL, UNKNOWN]}),
        "panels.custom",
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL]}),
    ),
    (
        "panels.remove",
        ("DELETE", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL]}),
        "panels.custom",
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL]}),
    ),
    (
        "appointment.editable",
        ("POST", f"{A}/{DRAWN_APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL]}),
        "panels.custom",
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL]}),
    ),
    (
        "appointment.editable",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"scheduled_at": PAST}),
        "appointment.future",
        ("PATCH", f"{A}/{APPOINTMENT}", {"scheduled_at": PAST}),
    ),
    (
        "appointment.overlap",
        ("POST", A, NEW_APPOINTMENT | {"scheduled_at": PAST}),
        "appointment.future",
        ("POST", A, NEW_APPOINTMENT | {"scheduled_at": "2026-04-01T18:30:00+02:00"}),
        refuse_taken_slots,
    ),
    (
        "auth.context",
        ("POST", A, NEW_APPOINTMENT | {"location_id": RIVAL_LOCATION, "scheduled_at": PAST}),
        "appointment.future",
        ("POST", A, NEW_APPOINTMENT | {"scheduled_at": PAST}),
    ),
    (
        "appointment.future",
        ("PATCH", f"{A}/{HOME_APPOINTMENT}", {"location_id": BERLIN, "scheduled_at": PAST}),
        "appointment.update",
        ("PATCH", f"{A}/{HOME_APPOINTMENT}", {"location_id": BERLIN, "scheduled_at": FUTURE}),
    ),
    (
        "profile.group-unknown",
        ("POST", "/profiles", NEW_PROFILE | FUTURE_BIRTH | {"profile_group": "nope"}),
        "profile.birth-date",
        ("POST", "/profiles", NEW_PROFILE | FUTURE_BIRTH),
    ),
    (
        "profile.group-context",
        ("POST", "/profiles", NEW_PROFILE | FUTURE_BIRTH | {"profile_group": "rival-clinic"}),
        "profile.birth-date",
        ("POST", "/profiles", NEW_PROFILE | FUTURE_BIRTH),
    ),
    (
        "location.active",
        ("GET", f"/locations/{INACTIVE_LOCATION}/availability?start_date=2026-05-01&end_date=2026-04-30", None),
        "availability.bounds",
        ("GET", f"/locations/{BERLIN}/availability?start_date=2026-05-01&end_date=2026-04-30", None),
    ),
    (
        "auth.context",
        ("GET", f"/locations/{RIVAL_LOCATION}/availability?timezone=Mars", None),
        "availability.timezone",
        ("GET", f"/locations/{BERLIN}/availability?timezone=Mars", None),
    ),
]


@pytest.mark.rule("order.checks", "atomic")
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]} before {pair[2]}")
def test_the_earlier_check_answers(client: Client, pair: Any) -> None:
    """Of two faults at once the earlier check answers; with that one mended, the later does. Nothing changes."""
    first, both, second, mended, *prepare = pair
    for step in prepare:
        step(client)
    for rule, (method, path, json, *key) in ((first, both), (second, mended)):
        reply = refused(client, method, path, json, key=key[0] if key else "sbx_test")
        assert rule in reply.rules


@pytest.mark.rule("order.checks", "http.too-large")
@pytest.mark.parametrize(
    ("path", "key", "rule"),
    [
        ("/nope", "sbx_test", "http.not-found"),
        ("/units", "sbx_test", "http.method"),
        ("/profiles", "nobody", "auth.key"),
        ("/profiles", "sbx_test.reader", "auth.permission"),
        ("/profiles", "sbx_test", "http.too-large"),
        ("/appointments/nope/panels", "sbx_test", "http.too-large"),
        (f"/appointments/{UNKNOWN}/panels", "sbx_test", "http.too-large"),
    ],
)
def test_the_size_of_a_body_comes_after_the_key(client: Client, path: str, key: str, rule: str) -> None:
    """Who may not call learns nothing of the size; who may learns it before anything else of the request."""
    reply = client.send(Request("POST", f"/api/v1{path}", b"", key, "text/plain", None))
    assert reply.rules == [rule]


@pytest.mark.rule("order.checks", "body.json")
def test_format_rules_are_all_told_at_once(client: Client) -> None:
    """An id that is none is told beside a body that is no JSON, since both are format rules."""
    reply = refused(client, "PATCH", "/profiles/nope", body=b"nonsense")
    assert set(reply.details) == {"id", "body"}
    assert set(reply.rules) == {"id.format", "body.json"}


# atomic


@pytest.mark.rule("atomic")
@pytest.mark.parametrize(
    ("method", "path", "json", "rule"),
    [
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [OTHER_PANEL, UNKNOWN]}, "panels.unknown"),
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [OTHER_PANEL, CUSTOM_PANEL]}, "panels.custom"),
        ("DELETE", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [PANEL, UNKNOWN]}, "panels.remove"),
        ("PATCH", f"/profiles/{PROFILE}", {"height": 150} | FUTURE_BIRTH, "profile.birth-date"),
        ("PATCH", f"/profiles/{PROFILE}", {"height": 150, "sex": 3}, "profile.sex"),
        ("PATCH", f"{A}/{APPOINTMENT}", {"location_id": HELSINKI, "scheduled_at": PAST}, "appointment.future"),
        ("PATCH", f"{A}/{APPOINTMENT}", {"location_id": UNKNOWN, "scheduled_at": FUTURE}, "appointment.location"),
        ("PATCH", f"{A}/{HOME_APPOINTMENT}", {"location_id": BERLIN, "scheduled_at": FUTURE}, "appointment.update"),
        ("POST", A, NEW_APPOINTMENT | {"scheduled_at": PAST}, "appointment.future"),
        ("POST", "/profiles", NEW_PROFILE | {"profile_group": "rival-clinic"}, "profile.group-context"),
        ("POST", f"{A}/{PENDING_APPOINTMENT}/confirm", {"barcode": "1"}, "confirm.state"),
    ],
)
def test_a_refused_call_changes_nothing(client: Client, method: str, path: str, json: Any, rule: str) -> None:
    """A call that is half right changes nothing, not even which ids come next."""
    reply = refused(client, method, path, json)
    assert reply.rules == [rule]
    assert client.post("/profiles", NEW_PROFILE).json["id"] == Client().post("/profiles", NEW_PROFILE).json["id"]


@pytest.mark.rule("atomic")
@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in OPERATIONS if method == "GET"])
def test_reading_changes_nothing(client: Client, method: str, path: str) -> None:
    """A GET that is answered leaves the world as it was."""
    before = client.world.snapshot()
    assert client.request(method, filled(method, path)).status == 200
    assert client.world.snapshot() == before


# update.empty


@pytest.mark.rule("update.empty")
@pytest.mark.parametrize("path", [f"/profiles/{PROFILE}", f"/appointments/{APPOINTMENT}"])
@pytest.mark.parametrize("body", [{}, {"nobody_asks": 1}])
def test_an_empty_update_changes_nothing(client: Client, path: str, body: Any) -> None:
    """Without a known field an update answers the record as it is, and it is no change."""
    later(client, 60)
    before = client.world.snapshot()
    reply = client.patch(path, body)
    assert (reply.status, reply.json) == (200, client.get(path).json)
    assert client.world.snapshot() == before


@pytest.mark.rule("update.empty")
@pytest.mark.parametrize(
    ("path", "status", "rule"),
    [
        ("/profiles/nope", 400, "id.format"),
        (f"/profiles/{UNKNOWN}", 404, "path.unknown"),
        (f"/profiles/{RIVAL_PROFILE}", 403, "auth.context"),
        (f"/appointments/{UNKNOWN}", 404, "path.unknown"),
        (f"/appointments/{RIVAL_APPOINTMENT}", 403, "auth.context"),
        (f"/appointments/{CANCELLED_APPOINTMENT}", 409, "appointment.editable"),
        (f"/appointments/{DRAWN_APPOINTMENT}", 409, "appointment.editable"),
    ],
)
def test_an_empty_update_is_still_checked(client: Client, path: str, status: int, rule: str) -> None:
    """Path, context and state are checked though there is nothing to change."""
    reply = refused(client, "PATCH", path, {})
    assert (reply.status, reply.rules) == (status, [rule])


@pytest.mark.rule("update.empty", "time.updated")
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (f"/profiles/{PROFILE}", ["first_name"]),
        (f"/profiles/{PROFILE}", ["height", "email"]),
        (f"/appointments/{APPOINTMENT}", ["location_id"]),
        (f"/appointments/{APPOINTMENT}", ["scheduled_at"]),
    ],
)
def test_an_update_to_equal_values_is_a_change(client: Client, path: str, fields: list[str]) -> None:
    """A known field makes an update a change, also where its value is the same: updated_at is then, all else stays."""
    before = client.get(path).json
    later(client, 61)
    after = client.patch(path, {name: before[name] for name in fields}).json
    assert after == before | {"updated_at": "2026-04-13T08:01:01Z"}


# time.instants, time.local, time.updated, order.ordinal


@pytest.mark.rule("time.instants")
def test_instants_go_out_in_utc_and_whole_seconds(client: Client) -> None:
    """created_at, added_at and updated_at are UTC with Z and without a fraction, at the world's now."""
    client.world.clock.move(datetime(2026, 4, 13, 9, 30, 15, 999_999, tzinfo=UTC))
    now = "2026-04-13T09:30:15Z"
    profile = client.post("/profiles", NEW_PROFILE).json
    assert profile["created_at"] == now
    assert client.patch(f"/profiles/{profile['id']}", {"height": 170}).json["updated_at"] == now
    appointment = client.post("/appointments", NEW_APPOINTMENT).json
    assert appointment["created_at"] == now
    path = f"/appointments/{appointment['id']}"
    client.post(f"{path}/panels", {"panel_ids": [PANEL]})
    assert client.get(path).json["panels"] == [{"panel_id": PANEL, "added_at": now}]
    assert client.get(path).headers["x-sandbox-time"] == now


@pytest.mark.rule("time.instants")
@pytest.mark.parametrize(
    ("scheduled_at", "status"), [("2026-04-13T09:30:15.999Z", 400), ("2026-04-13T09:30:16.000Z", 201)]
)
def test_now_is_compared_in_whole_seconds(client: Client, scheduled_at: str, status: int) -> None:
    """Both now and what is compared with it are cut to whole seconds first."""
    client.world.clock.move(datetime(2026, 4, 13, 9, 30, 15, 500_000, tzinfo=UTC))
    reply = client.post("/appointments", NEW_APPOINTMENT | {"scheduled_at": scheduled_at})
    assert reply.status == status
    assert reply.rules == (["appointment.future"] if status == 400 else [])


@pytest.mark.rule("time.local")
@pytest.mark.parametrize(
    ("location", "sent", "shown"),
    [
        (BERLIN, "2026-07-01T08:00:00Z", "2026-07-01T10:00:00+02:00"),
        (BERLIN, "2026-12-01T08:00:00Z", "2026-12-01T09:00:00+01:00"),
        (BERLIN, "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00"),
        (BERLIN, "2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00"),
        (HELSINKI, "2026-07-01T10:00:00+02:00", "2026-07-01T11:00:00+03:00"),
        (HELSINKI, "2026-12-01T10:00:00-05:00", "2026-12-01T17:00:00+02:00"),
    ],
)
def test_local_times_carry_the_offset_of_their_instant(client: Client, location: str, sent: str, shown: str) -> None:
    """Summer and winter time differ in their offset, also across the repeated hour, whatever offset was sent."""
    body = NEW_APPOINTMENT | {"location_id": location, "scheduled_at": sent}
    assert client.post("/appointments", body).json["scheduled_at"] == shown


@pytest.mark.rule("time.updated")
def test_updated_at_is_null_until_the_first_change(client: Client) -> None:
    """A new record was never changed; panels do not change it, an update does, and then its cancellation."""
    appointment = client.post("/appointments", NEW_APPOINTMENT).json
    path = f"/appointments/{appointment['id']}"
    assert appointment["updated_at"] is None
    later(client, 10)
    client.post(f"{path}/panels", {"panel_ids": [PANEL, OTHER_PANEL]})
    client.delete(f"{path}/panels", {"panel_ids": [PANEL]})
    assert client.get(path).json["updated_at"] is None
    assert client.patch(path, {"scheduled_at": FUTURE}).json["updated_at"] == "2026-04-13T08:00:10Z"
    later(client, 10)
    assert client.delete(path).json["updated_at"] == "2026-04-13T08:00:20Z"


@pytest.mark.rule("time.updated")
@pytest.mark.parametrize(
    ("appointment", "change"),
    [
        (APPOINTMENT, lambda client: client.post(f"{A}/{APPOINTMENT}/confirm", {"barcode": "1"})),
        (
            PENDING_APPOINTMENT,
            lambda client: client.control(
                "POST",
                "/worlds/test/events",
                {"type": "practice.confirmed", "appointment_id": PENDING_APPOINTMENT},
            ),
        ),
        (
            DRAWN_APPOINTMENT,
            lambda client: client.control(
                "POST",
                "/worlds/test/events",
                {"type": "operations.cancelled", "appointment_id": DRAWN_APPOINTMENT},
            ),
        ),
    ],
)
def test_every_move_of_the_state_is_a_change(
    client: Client, appointment: str, change: Callable[[Client], Reply]
) -> None:
    """The draw, and what Aniva's side does, count as changes at their time."""
    later(client, 30)
    assert change(client).status in (200, 201)
    assert client.get(f"{A}/{appointment}").json["updated_at"] == "2026-04-13T08:00:30Z"


@pytest.mark.rule("order.ordinal")
def test_equal_times_stand_in_order_of_creation(client: Client) -> None:
    """Records made in the same second are listed in the order in which they were made, whatever their ids."""
    made = [client.post("/profiles", NEW_PROFILE).json for _ in range(20)]
    assert len({profile["created_at"] for profile in made}) == 1
    ids = [profile["id"] for profile in made]
    assert ids != sorted(ids)
    assert [profile["id"] for profile in client.get("/profiles").json][-20:] == ids


# time.input


@pytest.mark.rule("time.input")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-05-15T10:00:00Z", "2026-05-15T12:00:00+02:00"),
        ("2026-05-15t10:00:00z", "2026-05-15T12:00:00+02:00"),
        ("2026-05-15T10:00:00.999999999Z", "2026-05-15T12:00:00+02:00"),
        ("2026-05-15T10:00:00-00:00", "2026-05-15T12:00:00+02:00"),
        ("2026-05-15T10:00:00+23:59", "2026-05-14T12:01:00+02:00"),
        ("9999-12-29T00:00:00Z", "9999-12-29T01:00:00+01:00"),
    ],
)
def test_instants_come_in_as_rfc_3339(client: Client, text: str, shown: str) -> None:
    """Letters in either case are taken, a fraction is cut, and any offset is read."""
    reply = client.post("/appointments", NEW_APPOINTMENT | {"scheduled_at": text})
    assert (reply.status, reply.json["scheduled_at"]) == (201, shown)


@pytest.mark.rule("time.input")
@pytest.mark.parametrize(
    "text",
    [
        "2026-05-15T10:00:60Z",
        "2026-06-30T23:59:60Z",
        "0000-05-15T10:00:00Z",
        "2026-02-29T10:00:00Z",
        "2026-05-15T24:00:00Z",
        "2026-05-15T10:00:00+24:00",
        "2026-05-15T10:00:00-24:00",
        "2026-05-15T10:00:00+02:60",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59Z",
        "2026-05-15 10:00:00Z",
        "2026-05-15T10:00Z",
        "2026-05-15T10:00:00.Z",
        "2026-05-15T10:00:00,5Z",
    ],
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/appointments", NEW_APPOINTMENT), ("PATCH", f"/appointments/{APPOINTMENT}", {})],
)
def test_what_is_no_instant_is_refused(client: Client, method: str, path: str, body: Any, text: str) -> None:
    """No such day, second 60, the year 0000, an offset of a day, and what overflows: 400 and never 500."""
    reply = refused(client, method, path, body | {"scheduled_at": text})
    assert (reply.status, reply.rules, list(reply.details)) == (400, ["time.input"], ["scheduled_at"])


# The journal


def test_the_journal_holds_every_exchange(client: Client) -> None:
    """What was asked, by which operation it was answered and which rules refused it stand in the journal in order."""
    client.get("/profiles?limit=0")
    client.get("/nope")
    client.get(f"/profiles/{PROFILE}")
    client.get("/units", key="sbx_test.courier")
    client.get("/units", key="nobody")
    told = [(e.method, e.path, e.operation, e.status, e.rules) for e in client.world.journal]
    assert told == [
        ("GET", "/api/v1/profiles?limit=0", "list_profiles", 400, ("profile.list-page",)),
        ("GET", "/api/v1/nope", None, 404, ("http.not-found",)),
        ("GET", f"/api/v1/profiles/{PROFILE}", "get_profile", 200, ()),
        ("GET", "/api/v1/units", "list_units", 403, ("auth.permission",)),
    ]
    assert all(exchange.time == client.world.now for exchange in client.world.journal)
    assert client.world.journal[0].error is not None
    assert client.world.journal[2].error is None


def test_what_is_due_happens_before_the_request(client: Client) -> None:
    """A running clock that passed an event's time lets it happen as the first step of the next request."""
    world = client.world
    world.agenda.add(world.now + timedelta(hours=1), Event("location.closed", BERLIN))
    path = f"/locations/{BERLIN}/availability"
    assert client.get(path).status == 200
    world.clock.move(world.now + timedelta(hours=2))
    assert client.get(path).rules == ["location.active"]
    assert [happened.time for happened in world.history] == [world.now - timedelta(hours=1)]


def test_personas_are_read_from_the_fixture() -> None:
    """A persona has the rights that its fixture gives it, and no other key has them."""
    client = Client()
    fixture = client.world.fixture
    reader: Access = fixture.personas["reader"]
    assert "create_user" not in reader.permissions
    assert client.post("/profiles", NEW_PROFILE, key="sbx_test.reader").rules == ["auth.permission"]
    assert client.post("/profiles", NEW_PROFILE, key="sbx_test").status == 201
