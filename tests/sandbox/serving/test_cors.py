"""Pages of other origins: which may call what, and what they may send and read."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from aniva_sandbox.api.app import build_app
from aniva_sandbox.engine.serving.cors import parse_origin
from aniva_sandbox.engine.store.memory import Worlds
from tests.support import CONTROL, DOCUMENT, PARTNER, PROFILE, new_worlds

PAGE = "http://localhost:5173"
OTHER = "https://app.example"
CALLED = ["/api/v1/units", f"/api/v1/profiles/{PROFILE}", "/openapi.json", "/openapi.yaml"]
CONTROLLED = ["/_sandbox/health", "/_sandbox/worlds", "/_sandbox/openapi.json", "/_sandbox/", "/_sandbox/nope", "/docs"]
READABLE = {"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "vary"}
"""What every page may read of a response anyway, and what no page reads."""


@pytest.fixture
def worlds() -> Worlds:
    """The worlds that the app serves."""
    return new_worlds()


@pytest.fixture
def http(worlds: Worlds) -> Iterator[TestClient]:
    """A browser, nearly: a client of a server that two origins may call."""
    app = build_app(worlds, PARTNER, CONTROL, cors_origins=[PAGE, OTHER])
    with TestClient(app, "http://localhost:8000", follow_redirects=False) as client:
        yield client


def asks(origin: str, method: str = "GET", headers: str = "x-api-key,content-type") -> dict[str, str]:
    """The headers of a preflight."""
    return {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": headers,
    }


@pytest.mark.parametrize("path", [*CALLED, "/api/v1/nope", "/nope"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("origin", [PAGE, OTHER])
def test_preflights_are_answered(http: TestClient, worlds: Worlds, origin: str, method: str, path: str) -> None:
    """A page may send any method with the key, JSON, and what it asks of the sandbox; its preflights are no calls."""
    reply = http.options(path, headers=asks(origin, method, "content-type, x-api-key, x-sandbox-fault"))
    assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (200, origin)
    assert method in reply.headers["access-control-allow-methods"].split(", ")
    allowed = reply.headers["access-control-allow-headers"].lower().split(", ")
    assert {"content-type", "x-api-key", "x-sandbox-fault"} <= {*allowed}
    assert "access-control-allow-credentials" not in reply.headers
    assert list(worlds) == []
    assert len(worlds.unmatched) == 0


@pytest.mark.parametrize(
    ("method", "path", "key", "status"),
    [
        ("GET", "/api/v1/units", "sbx_test", 200),
        ("HEAD", "/api/v1/units", "sbx_test", 200),
        ("GET", f"/api/v1/documents/{DOCUMENT}", "sbx_test", 200),
        ("POST", "/api/v1/appointments/pickup", "sbx_test", 200),
        ("POST", "/api/v1/profiles", "sbx_test", 400),
        ("GET", "/api/v1/units", "nobody", 403),
        ("GET", "/api/v1/nope", "sbx_test", 404),
        ("GET", "/v1/units", "sbx_test", 404),
        ("PUT", "/api/v1/units", "sbx_test", 405),
        ("GET", "/openapi.json", "", 200),
        ("GET", "/openapi.yaml", "", 200),
    ],
)
def test_responses_can_be_read(http: TestClient, method: str, path: str, key: str, status: int) -> None:
    """Taken or refused, a page sees status, body and every header that is of use."""
    reply = http.request(method, path, headers={"origin": PAGE, "x-api-key": key})
    assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (status, PAGE)
    assert "origin" in reply.headers["vary"].lower()
    exposed = {name.lower() for name in reply.headers["access-control-expose-headers"].split(", ")}
    sent = {name for name in reply.headers if not name.startswith("access-control-")}
    assert sent - READABLE <= exposed


@pytest.mark.parametrize("fault", ["status=500", "status=503; retry_after=2", "malformed"])
def test_faults_can_be_read(http: TestClient, fault: str) -> None:
    """What is injected can be read too."""
    reply = http.get("/api/v1/units", headers={"origin": PAGE, "x-api-key": "sbx_test", "x-sandbox-fault": fault})
    assert reply.headers["access-control-allow-origin"] == PAGE
    assert {"x-sandbox-fault", "retry-after"} <= {*reply.headers["access-control-expose-headers"].lower().split(", ")}


@pytest.mark.parametrize("path", CALLED)
@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://localhost", "https://localhost:5173", "null"])
def test_other_pages_get_nothing(http: TestClient, origin: str, path: str) -> None:
    """An origin that was not named is refused its preflight, and may read nothing."""
    preflight = http.options(path, headers=asks(origin))
    assert (preflight.status_code, [*preflight.json()]) == (405, ["error"])
    assert not [name for name in preflight.headers if name.startswith("access-control-")]
    assert "access-control-allow-origin" not in http.get(path, headers={"origin": origin}).headers


def test_a_page_by_another_name_is_listed(http: TestClient, worlds: Worlds) -> None:
    """Where a page was opened as 127.0.0.1, and localhost was named, the list of unmatched calls says what to add."""
    http.options("/api/v1/units", headers=asks("http://127.0.0.1:5173"))
    (call,) = worlds.unmatched
    assert [cause.id for cause in call.causes] == ["method.preflight"]
    assert call.causes[0].message.endswith("start serve with --cors-origin http://127.0.0.1:5173")


@pytest.mark.rule("control.origin")
@pytest.mark.parametrize("path", CONTROLLED)
def test_the_control_plane_is_never_open_to_pages(http: TestClient, path: str) -> None:
    """What a page of the partner API's may call does not grow by the control plane, health included."""
    for reply in (http.get(path, headers={"origin": PAGE}), http.options(path, headers=asks(PAGE))):
        assert not [name for name in reply.headers if name.startswith("access-control-")]
    if path not in ("/_sandbox/health", "/docs"):
        assert http.get(path, headers={"origin": PAGE}).headers["x-sandbox-rule"] == "control.origin; basis=sandbox"


@pytest.mark.parametrize("path", CALLED)
def test_without_the_option_there_is_no_cors(path: str) -> None:
    """By default no page of another origin may call, and a preflight is a method like any other."""
    with TestClient(build_app(new_worlds(), PARTNER, CONTROL), "http://localhost:8000") as http:
        for reply in (http.get(path, headers={"origin": PAGE}), http.options(path, headers=asks(PAGE))):
            assert not [name for name in reply.headers if name.startswith("access-control-")]
        assert http.options(path, headers=asks(PAGE)).status_code == 405


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("http://localhost:5173", "http://localhost:5173"),
        ("HTTP://LocalHost:5173", "http://localhost:5173"),
        ("http://localhost:80", "http://localhost"),
        ("https://app.example:443", "https://app.example"),
        ("https://app.example:80", "https://app.example:80"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("http://192.0.2.7", "http://192.0.2.7"),
        ("capacitor://localhost", "capacitor://localhost"),
    ],
)
def test_origins_are_read_as_browsers_send_them(text: str, origin: str) -> None:
    """Case and default port do not matter; webviews have schemes of their own."""
    assert parse_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        *("", "*", "null", "localhost:5173", "//localhost", "://localhost", "http:localhost", "http://", "http://*"),
        *("http://localhost:5173/", "http://localhost/app", "http://a?b", "http://me@a", "http://a b", "http://a:x"),
        *("http://a:65536", "http://0.0.0.0", "http://*.example", "http://a,http://b", "1http://a"),
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    """Neither all origins nor part of a URL is one; the message says what an origin has."""
    with pytest.raises(ValueError, match=r"is not an origin: give a scheme, a host and perhaps a port") as caught:
        parse_origin(text)
    assert repr(text) in str(caught.value)
