"""Which path and method lead to which operation."""

import pytest

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.rules import Refusal
from tests.sandbox.contract.edited_documents import PROFILES, edited
from tests.support import BERLIN, CONTROL, PARTNER, PROFILE


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
