"""Keys, their permissions and their context, on requests that go the whole way without a socket."""

from collections import defaultdict
from typing import Any, get_args

import msgspec
import pytest

from aniva_sandbox.api.beginnings import fixture_names, get_fixture
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.permissions import Access, Permission
from aniva_sandbox.engine.serving.pipeline import Request
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.state import State
from tests.sandbox.serving.common import (
    BY_ID,
    FUTURE,
    NEW_APPOINTMENT,
    NEW_PROFILE,
    NEW_SHIPMENT,
    OPERATIONS,
    filled,
    in_vain,
    shown_body,
)
from tests.support import (
    APPOINTMENT,
    BERLIN,
    INACTIVE_LOCATION,
    PANEL,
    PROFILE,
    RIVAL_APPOINTMENT,
    RIVAL_LOCATION,
    RIVAL_PROFILE,
    RIVAL_SHIPMENT,
    SHIPMENT,
    UNKNOWN,
    UNKNOWN_SHIPMENT,
    Client,
    relied_on,
    snapshot_of,
)

# Who may call what, written down from the description of the API, apart from the code.
_SCHEDULE = {"test_sessions_schedule"}
_MANAGE = {"test_sessions_schedule", "test_sessions_manage"}
_VIEW = {"test_sessions_view", "test_sessions_schedule"}
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
    ("PATCH", "/appointments/{id}/custom-snapshot"): _MANAGE,
    ("DELETE", "/appointments/{id}/custom-snapshot"): _MANAGE,
    ("GET", "/appointments/{id}/preview"): _MANAGE,
    ("GET", "/appointments/{id}/results"): {"results_view"},
    ("GET", "/documents/{id}"): {"results_view"},
    ("PATCH", "/appointments/{id}"): _MANAGE,
    ("DELETE", "/appointments/{id}"): _MANAGE,
    ("DELETE", "/appointments/{id}/panels"): _MANAGE,
    ("GET", "/appointments/{id}"): _VIEW,
    ("GET", "/appointments"): _VIEW,
    ("POST", "/appointments/pickup"): {"test_sessions_operate", "test_sessions_manage"},
    ("GET", "/units"): {"panels_access"},
    ("GET", "/biomarkers/{id}"): {"panels_access"},
    ("GET", "/biomarkers"): {"panels_access"},
    ("GET", "/panels"): {"panels_access"},
    ("GET", "/shipments"): {"shipments_manage"},
    ("POST", "/shipments"): {"shipments_manage"},
    ("GET", "/shipments/{id}"): {"shipments_manage"},
    ("PATCH", "/shipments/{id}"): {"shipments_manage"},
    ("DELETE", "/shipments/{id}"): {"shipments_manage"},
    ("GET", "/appointments/{id}/shipments"): {"shipments_manage", "test_sessions_view"},
    ("GET", "/shipments/{id}/appointments"): {"shipments_manage", "test_sessions_view"},
    ("POST", "/appointments/{id}/shipments"): _LINK,
    ("DELETE", "/appointments/{id}/shipments"): _LINK,
    ("POST", "/shipments/{id}/appointments"): _LINK,
    ("DELETE", "/shipments/{id}/appointments"): _LINK,
}
_NAMED_IN_PART = {"test_sessions_manage"}
ASSUMED = {
    ("POST", "/appointments"): _NAMED_IN_PART,
    ("POST", "/appointments/{id}/panels"): _NAMED_IN_PART,
    ("POST", "/appointments/{id}/confirm"): _NAMED_IN_PART,
    ("PATCH", "/appointments/{id}"): _MANAGE,
    ("DELETE", "/appointments/{id}"): _MANAGE,
    ("DELETE", "/appointments/{id}/panels"): _MANAGE,
    ("PATCH", "/appointments/{id}/custom-snapshot"): _MANAGE,
    ("DELETE", "/appointments/{id}/custom-snapshot"): _MANAGE,
    ("GET", "/appointments/{id}/preview"): _MANAGE,
    ("GET", "/panels"): {"panels_access"},
    ("GET", "/biomarkers"): {"panels_access"},
    ("POST", "/appointments/{id}/shipments"): _LINK,
    ("DELETE", "/appointments/{id}/shipments"): _LINK,
    ("POST", "/shipments/{id}/appointments"): _LINK,
    ("DELETE", "/shipments/{id}/appointments"): _LINK,
}
"""Those among them that no page of the documentation names."""


OF_NOTHING = defaultdict(lambda: UNKNOWN, biomarkers="999999", shipments=UNKNOWN_SHIPMENT)
"""A well-formed id of nothing, by the first part of the path."""

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

    class Specialists:
        """The fixture with other personas."""

        def __getattr__(self, name: str) -> Any:
            return getattr(fixture, name)

        def state(self, *chosen: Any) -> State:
            state = fixture.state(*chosen)
            state.sections["personas"] = personas
            return state

    changed = Specialists()
    changed.personas = personas
    return Worlds(DOMAIN, lambda _name: changed, fixture_names(), mode="frozen")


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


def leans(method: str, path: str, permissions: set[str]) -> bool:
    """Whether a key with these permissions is admitted only because of a decision."""
    return not permissions & (PERMISSIONS[method, path] - ASSUMED.get((method, path), set()))


def refusing(method: str, path: str) -> str:
    """What refuses a key without any of the permissions."""
    return "auth.permission" + "/unnamed" * leans(method, path, PERMISSIONS[method, path])


@pytest.mark.rule("auth.permission", "auth.permission/unnamed")
@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in OPERATIONS])
def test_each_permission_alone_suffices_or_does_not(specialists: Worlds, method: str, path: str) -> None:
    """A key with one permission passes exactly where the operation lists it; else 403, the one body, no change."""
    # The id names nothing and the body is empty, so that whoever may pass is refused for something else, or reads.
    path_of_nothing = path.replace("{id}", OF_NOTHING[path.split("/")[1]])
    for permission in get_args(Permission):
        client = Client(specialists, "sbx_test." + permission.replace("_", "-"))
        before = snapshot_of(client.world)
        reply = client.request(method, path_of_nothing)
        if permission in PERMISSIONS[method, path]:
            assert not any(rule.startswith("auth.permission") for rule in reply.rules), permission
            assert reply.status != 403, permission
            if reply.status < 400:
                assert ("auth.permission/unnamed" in relied_on(client)) == leans(method, path, {permission}), permission
        else:
            refused = 403, {"error": "Forbidden"}, [refusing(method, path)]
            assert (reply.status, reply.json, reply.rules) == refused, permission
        assert snapshot_of(client.world) == before, permission


@pytest.mark.rule("auth.permission/unnamed")
def test_permissions_that_no_page_names(specialists: Worlds) -> None:
    """A key that is admitted by an assumed permission alone relies on it; one with a documented permission, or with
    all permissions, does not."""
    booking = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-20T10:30:00+02:00"}
    for method, path, body, persona, expected in (
        ("POST", "/appointments", booking, "test-sessions-manage", True),
        ("POST", "/appointments", booking, "test-sessions-schedule", False),
        ("POST", "/appointments", booking, "full", False),
        ("GET", f"/appointments/{APPOINTMENT}/preview", None, "test-sessions-schedule", True),
        ("GET", f"/appointments/{APPOINTMENT}/preview", None, "full", False),
        ("GET", "/biomarkers", None, "panels-access", True),
        ("GET", "/units", None, "panels-access", False),
    ):
        client = Client(specialists, f"sbx_test.{persona}")
        assert client.request(method, path, body).status in (200, 201)
        assert ("auth.permission/unnamed" in relied_on(client)) == expected, (method, path, persona)


@pytest.mark.rule("auth.permission", "auth.permission/unnamed")
@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in OPERATIONS])
def test_no_permission_does_not_suffice(specialists: Worlds, method: str, path: str) -> None:
    """Every operation wants some permission."""
    reply = in_vain(Client(specialists, "sbx_test.nobody"), method, filled(method, path))
    assert (reply.status, reply.json, reply.rules) == (403, {"error": "Forbidden"}, [refusing(method, path)])


@pytest.mark.rule("auth.permission")
def test_every_operation_is_in_the_table() -> None:
    """The table of permissions has a row for each operation that there is, and no other."""
    assert sorted(PERMISSIONS) == sorted((method, path) for method, path, _ in OPERATIONS)


@pytest.mark.rule("auth.permission")
@pytest.mark.parametrize(("method", "path", "described"), OPERATIONS)
def test_document_lists_the_permissions(method: str, path: str, described: dict[str, Any]) -> None:
    """The document says of each operation which permissions suffice, and which of them are assumed."""
    assert set(described["x-permissions"]) == PERMISSIONS[method, path]
    assert set(described.get("x-assumed-permissions", ())) == ASSUMED.get((method, path), set())


def test_personas_are_read_from_the_fixture() -> None:
    """A persona has the rights that its fixture gives it, and no other key has them."""
    client = Client()
    reader: Access = client.world.personas["reader"]
    assert "create_user" not in reader.permissions
    assert client.post("/profiles", NEW_PROFILE, key="sbx_test.reader").rules == ["auth.permission"]
    assert client.post("/profiles", NEW_PROFILE, key="sbx_test").status == 201


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
        ("GET", f"/shipments/{RIVAL_SHIPMENT}", None),
        ("PATCH", f"/shipments/{RIVAL_SHIPMENT}", {"notes": "x"}),
        ("DELETE", f"/shipments/{RIVAL_SHIPMENT}", None),
        ("GET", f"/shipments/{RIVAL_SHIPMENT}/appointments", None),
        ("GET", f"/appointments/{RIVAL_APPOINTMENT}/shipments", None),
        *(
            (method, path, body)
            for method in ("POST", "DELETE")
            for path, body in (
                (f"/shipments/{RIVAL_SHIPMENT}/appointments", {"appointment_ids": [APPOINTMENT]}),
                (f"/appointments/{RIVAL_APPOINTMENT}/shipments", {"shipment_ids": [SHIPMENT]}),
            )
        ),
        ("POST", "/shipments", NEW_SHIPMENT | {"location_id": RIVAL_LOCATION}),
    ],
)
def test_what_is_outside_the_context_is_forbidden(client: Client, method: str, path: str, json: Any) -> None:
    """By id, in a path or in a body, what belongs to others answers 403 with the one body."""
    reply = in_vain(client, method, path, json)
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
        (f"/shipments/{SHIPMENT}", "full"),
        (f"/shipments/{RIVAL_SHIPMENT}", "outsider"),
        (f"/shipments/{SHIPMENT}/appointments", "full"),
        (f"/appointments/{RIVAL_APPOINTMENT}/shipments", "outsider"),
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
        ("/shipments", SHIPMENT, RIVAL_SHIPMENT),
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
    body = shown_body(described)
    kind = path.split("/")[1].removesuffix("s")
    of_nothing = path.replace("{id}", OF_NOTHING[f"{kind}s"])
    for key in ("sbx_test", "sbx_test.outsider"):
        reply = in_vain(client, method, of_nothing, body, key=key)
        assert (reply.status, reply.rules) == (404, ["path.unknown"])
        assert reply.json == {"error": f"There is no such {kind}"}
    assert client.request(method, filled(method, path), body).rules != ["path.unknown"]


@pytest.mark.rule("path.unknown", "appointment.profile", "appointment.location", "location.active")
@pytest.mark.rule("shipment.location", "shipment.appointment", "shipment.appointment/status")
@pytest.mark.parametrize(
    ("method", "path", "json", "rule", "what"),
    [
        ("POST", "/appointments", NEW_APPOINTMENT | {"profile_id": UNKNOWN}, "appointment.profile", "profile"),
        ("POST", "/appointments", NEW_APPOINTMENT | {"location_id": UNKNOWN}, "appointment.location", "location"),
        ("POST", "/appointments", NEW_APPOINTMENT | {"location_id": INACTIVE_LOCATION}, "location.active", "location"),
        ("PATCH", f"/appointments/{APPOINTMENT}", {"location_id": UNKNOWN}, "appointment.location", "location"),
        ("GET", f"/locations/{INACTIVE_LOCATION}/availability", None, "location.active", "location"),
        ("POST", "/shipments", NEW_SHIPMENT | {"location_id": UNKNOWN}, "shipment.location", "location"),
        ("POST", "/shipments", NEW_SHIPMENT | {"location_id": INACTIVE_LOCATION}, "shipment.location", "location"),
        (
            "POST",
            "/shipments",
            NEW_SHIPMENT | {"appointment_id": UNKNOWN},
            "shipment.appointment/status",
            "appointment",
        ),
    ],
)
def test_a_404_says_what_there_is_not(client: Client, method: str, path: str, json: Any, rule: str, what: str) -> None:
    """What a body names and is not there is told by its kind, and what is not active like what is not there."""
    reply = in_vain(client, method, path, json)
    assert (reply.status, reply.json, reply.rules) == (404, {"error": f"There is no such {what}"}, [rule])
