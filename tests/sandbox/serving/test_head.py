"""HEAD: what GET answers, without the body, on every way to the sandbox."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from msgspec.structs import replace

from aniva_sandbox.api.app import build_app
from aniva_sandbox.engine.serving.pipeline import Request, respond, respond_to_control
from aniva_sandbox.testing.live import LiveServer
from aniva_sandbox.testing.wsgi import build_wsgi
from tests.sandbox.serving.common import OPERATIONS, Wire, filled
from tests.support import BERLIN, CONTROL, PARTNER, PROFILE, UNKNOWN, Client, new_worlds

READ = [filled(method, path) for method, path, _ in OPERATIONS if method == "GET"]
PAGES = ["/", "/docs", "/docs/assets/swagger_bundle.js", "/openapi.json", "/openapi.yaml"]
CONTROL_PATHS = ["/_sandbox", "/_sandbox/openapi.json", "/_sandbox/health", "/_sandbox/rules", "/_sandbox/nope"]
SENT = [(b"host", b"localhost"), (b"x-api-key", b"sbx_test")]


@pytest.mark.rule("http.method")
@pytest.mark.parametrize("path", [*READ, f"/profiles/{UNKNOWN}", "/profiles/x", "/profiles?limit=x", "/nope"])
def test_head_is_get_without_its_body(path: str) -> None:
    """Status and headers are those of GET, the length of its body included, taken or refused."""
    client = Client()
    path, _, query = path.partition("?")
    head, get = (
        respond(PARTNER, client.worlds, Request(method, f"/api/v1{path}", query.encode(), "sbx_test"))
        for method in ("HEAD", "GET")
    )
    assert head == replace(get, body=b"")
    assert dict(head.headers)[b"content-length"] == str(len(get.body)).encode()
    assert get.body


@pytest.mark.rule("http.method", "auth.key", "auth.permission", "auth.context")
@pytest.mark.parametrize(
    ("key", "rule"),
    [("nobody", "auth.key"), ("sbx_test.courier", "auth.permission"), ("sbx_test.outsider", "auth.context")],
)
def test_head_needs_what_get_needs(key: str, rule: str) -> None:
    """Key, permission and context are asked for as they are for GET."""
    reply = Client(key=key).request("HEAD", f"/profiles/{PROFILE}")
    assert (reply.status, reply.rules, reply.json) == (403, [rule], b"")


@pytest.mark.rule("http.method")
def test_head_is_noted() -> None:
    """The journal has HEAD as it came, with the operation of GET, and no body in the response."""
    client = Client()
    client.request("HEAD", f"/profiles/{PROFILE}")
    client.request("HEAD", "/profiles/x")
    taken, refused = client.control("GET", "/worlds/test/journal").json["exchanges"]
    assert (taken["method"], taken["operation"], taken["status"]) == ("HEAD", "get_profile", 200)
    assert taken["response"] == {"type": "application/json", "bytes": 0}
    assert [rule["id"] for rule in refused["rules"]] == ["id.format"]
    assert client.worlds.unmatched.recorded == 0


@pytest.mark.rule("http.method")
@pytest.mark.parametrize("target", [{"operation": "list_units"}, {"method": "GET"}, {"path": "/api/v1/units"}])
def test_faults_for_get_meet_head(target: dict[str, str]) -> None:
    """A fault for an operation, or for a method and path that name it, meets its HEAD."""
    client = Client()
    assert client.get("/units").status == 200
    assert client.control("POST", "/worlds/test/faults", target | {"status": 503}).status == 200
    reply = client.request("HEAD", "/units")
    assert (reply.status, reply.json) == (503, b"")
    assert client.request("HEAD", "/units").status == 200


@pytest.mark.rule("http.method")
def test_faults_for_other_methods_do_not_meet_head() -> None:
    """A fault for POST spares HEAD on the same path."""
    client = Client()
    assert client.get("/profiles").status == 200
    client.control("POST", "/worlds/test/faults", {"method": "POST", "status": 503})
    assert client.request("HEAD", "/profiles").status == 200


def test_the_control_plane_takes_head() -> None:
    """Its operations are asked for their head as those of partners are."""
    head, get = (
        respond_to_control(CONTROL, new_worlds(), Request(method, "/_sandbox/health")) for method in ("HEAD", "GET")
    )
    assert head == replace(get, body=b"")


# Through an app


def sent_by(app: Any, method: str, path: str) -> list[dict[str, Any]]:
    """What an app sends, as a server sees it."""
    sent: list[dict[str, Any]] = []
    coming = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not coming:
            await asyncio.get_running_loop().create_future()  # the client is still there
        return coming.pop()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": SENT,
    }
    asyncio.run(app(scope, receive, send))
    return sent


@pytest.mark.rule("http.method")
@pytest.mark.parametrize("path", [*PAGES, *CONTROL_PATHS, "/api/v1/units", "/api/v1/appointments/pickup", "/nope"])
def test_no_app_sends_the_body_of_head(path: str) -> None:
    """Below any server, too, a HEAD has the status and headers of GET, and no byte of a body."""
    app = build_app(new_worlds(), PARTNER, CONTROL)
    head, get = (sent_by(app, method, path) for method in ("HEAD", "GET"))
    assert head[0]["status"] == get[0]["status"]
    lengths = [dict(sent[0]["headers"])[b"content-length"] for sent in (head, get)]
    assert lengths[0] == lengths[1]
    assert b"".join(message.get("body", b"") for message in head) == b""


def test_a_refused_guard_sends_no_body() -> None:
    """What the guard refuses has no body either."""
    app = build_app(new_worlds(), PARTNER, CONTROL)
    sent = sent_by(
        lambda scope, *rest: app(scope | {"headers": [(b"host", b"evil.example")]}, *rest), "HEAD", "/_sandbox/rules"
    )
    assert (sent[0]["status"], sent[1]["body"]) == (403, b"")


def test_wsgi_sends_no_body() -> None:
    """In process without an event loop it is the same."""
    app = build_wsgi(build_app(new_worlds(), PARTNER, CONTROL, None))
    with httpx2.Client(transport=httpx2.WSGITransport(app=app), base_url="http://sandbox") as client:
        reply = client.head("/api/v1/units", headers={"x-api-key": "sbx_test"})
    assert (reply.status_code, reply.content) == (200, b"")
    assert int(reply.headers["content-length"]) > 0


# On a connection


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    """A running server."""
    with LiveServer() as running:
        yield running


@pytest.mark.rule("http.method")
@pytest.mark.parametrize(
    "path", ["/_sandbox/health", "/openapi.yaml", "/docs", f"/api/v1/locations/{BERLIN}/availability", "/nope"]
)
def test_a_connection_is_in_order_after_head(server: LiveServer, path: str) -> None:
    """Nothing follows the head on the wire but the next response; tools that wait for a server send HEAD."""
    request = f" {path} HTTP/1.1\r\nhost: localhost\r\nx-api-key: sbx_head\r\n".encode()
    with Wire(server.url) as wire:
        wire.send((b"HEAD" + request + b"\r\n") * 2 + b"GET" + request + b"connection: close\r\n\r\n")
        heads = []
        for _ in range(2):
            line = wire._reader.readline()
            headers = dict(iter(lambda: wire._reader.readline().rstrip().lower().partition(b": ")[::2], (b"", b"")))
            heads.append((line, int(headers[b"content-length"])))
        rest = wire._reader.read()
    assert heads[0] == heads[1]
    line, length = heads[0]
    assert rest.startswith(line)
    assert len(rest.partition(b"\r\n\r\n")[2]) == length > 0
