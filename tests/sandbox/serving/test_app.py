"""The ASGI app: documents, pages and unknown paths around the two APIs, and how a request is brought to them."""

import asyncio
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from aniva_sandbox.api import partner
from aniva_sandbox.api.app import build_app, build_partner_api
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.document import DEFAULT_ADDRESS, dump_document
from aniva_sandbox.engine.contract.ground_rules import MAX_BODY
from aniva_sandbox.engine.pages import console
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.yaml_file import load_yaml
from aniva_sandbox.files import find_file
from tests.sandbox.serving.common import NEW_PROFILE
from tests.support import APPOINTMENT, BERLIN, CONTROL, PANEL, PARTNER, PROFILE, new_worlds, snapshot_of

KEY = {"x-api-key": "sbx_test"}
URL = "http://localhost:8000"


@pytest.fixture
def worlds() -> Worlds:
    """The worlds that the app serves."""
    return new_worlds()


@pytest.fixture
def app(worlds: Worlds) -> Starlette:
    """The app."""
    return build_app(worlds, PARTNER, CONTROL)


@pytest.fixture
def http(app: Starlette) -> Iterator[TestClient]:
    """A client of the app that holds a key and follows no redirect."""
    with TestClient(app, URL, headers=KEY, follow_redirects=False) as client:
        yield client


# Documents and pages


@pytest.mark.parametrize("path", ["/", "/_sandbox"])
def test_the_roots_lead_to_the_console(http: TestClient, path: str) -> None:
    """Whoever opens the address of the sandbox or of its control plane in a browser comes to the console."""
    reply = http.get(path)
    assert reply.is_redirect
    assert reply.headers["location"] == "/_sandbox/"


def test_the_console_is_served_with_all_it_loads(http: TestClient) -> None:
    """The page of the console, its style sheets, and every module that another imports are there, under a policy that
    allows nothing from elsewhere and no inline script."""
    page = http.get("/_sandbox/")
    assert page.status_code == 200
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(r"<script(?! type=\"module\" src=)|<style|\s(style|on\w+)=", page.text)
    found, missing = set[str](), set(re.findall(r'(?:href|src)="(/[^"]*)"', page.text))
    while missing:
        path = missing.pop()
        found.add(path)
        reply = http.get(path)
        assert reply.status_code == 200, path
        assert reply.headers["content-security-policy"] == page.headers["content-security-policy"]
        imported = re.findall(r'(?:from|import)\s*"\./([^"]+)"', reply.text)
        missing |= {f"/_sandbox/console/{name}" for name in imported} - found
    assert len(found) > 10
    for path in found:
        for names, module in re.findall(r'import \{ ([^}]+) \} from "\./([^"]+\.js)"', http.get(path).text):
            text = http.get(f"/_sandbox/console/{module}").text
            exported = re.findall(r"^export (?:async )?(?:const|function|class) (\w+)", text, re.MULTILINE)
            for passed_on in re.findall(r"^export \{ ([^}]+) \}", text, re.MULTILINE):
                exported += passed_on.split(", ")
            assert set(names.split(", ")) <= set(exported), (path, module)
    files = {path.name for path in (Path(console.__file__).parent / "console").iterdir()} - {"index.html"}
    assert files <= {path.rpartition("/")[2] for path in found}, "a file that nothing loads"


@pytest.mark.parametrize("page", ["/docs", "/docs/control", "/docs?world=ci-7"])
def test_the_reference_works_offline(http: TestClient, page: str) -> None:
    """The pages load nothing from another host, hold no script, and all their files are served."""
    reply = http.get(page)
    assert reply.headers["content-type"].startswith("text/html")
    assert "http://" not in reply.text
    assert "https://" not in reply.text
    assert reply.headers["content-security-policy"].startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'"
    )
    assert re.findall(r"<script[^>]*>([^<]*)", reply.text) == ["", ""]
    assert not re.search(r"\s(?:style|on\w+)=|<style", reply.text)
    for file in re.findall(r'(?:src|href)="(/docs/assets/[^"]+)"', reply.text):
        kind = {"js": "javascript", "css": "css"}[file.rpartition(".")[2]]
        assert kind in http.get(file).headers["content-type"], file
        assert "url(http" not in http.get(file).text
    (document,) = re.findall(r'data-document="([^"]+)"', reply.text)
    assert http.get(document).json()["openapi"] == "3.1.0"


def test_the_reference_leads_to_console_and_guide(http: TestClient) -> None:
    """Its header does, and so does each rule that its document tells of."""
    links = re.findall(r'<a href="([^"]+)"', http.get("/docs").text)
    assert links == ["/docs", "/docs/control", "/_sandbox/", "/guide", "/openapi.json", "/openapi.json"]
    rules = http.get("/docs/api.json").json()["x-rules"]
    assert rules["body.schema/null"]["page"] == "/_sandbox/#/rules/body.schema%2Fnull"


def test_the_reference_is_for_a_world(http: TestClient, worlds: Worlds) -> None:
    """The examples lie ahead of the world's now, in both documents the world is the one that the page is for, and
    showing them makes no world. Another name than a world can have is as good as none."""
    worlds.create("ci-7", start=datetime(2027, 1, 1, 12, tzinfo=UTC))

    def booking(query: str) -> str:
        document = http.get(f"/docs/api.json{query}").json()
        content = document["paths"]["/api/v1/appointments"]["post"]["requestBody"]["content"]["application/json"]
        return str(content["example"]["scheduled_at"])

    assert booking("?world=ci-7") == "2027-01-05T10:30:00+01:00"
    assert booking("") == booking("?world=nobody") == booking("?world=A%22") == "2026-04-15T10:30:00+02:00"
    assert 'data-key="sbx_ci-7"' in http.get("/docs?world=ci-7").text
    assert 'data-key="sbx_default"' in http.get("/docs?world=A%22").text
    document = http.get("/docs/control.json?world=ci-7").json()
    assert document["paths"]["/_sandbox/worlds/{world}/clock"]["get"]["parameters"][0]["example"] == "ci-7"
    assert [world.name for world in worlds] == ["ci-7"]


def test_the_document_is_served_as_it_is_committed(http: TestClient) -> None:
    """/openapi.yaml is the committed file, byte for byte but for the address; /openapi.json says the same."""
    committed = find_file("openapi.yaml").read_text(encoding="utf-8").replace(DEFAULT_ADDRESS, URL)
    assert f"\nservers:\n- url: {URL}\n" in committed
    text = http.get("/openapi.yaml")
    assert text.text == committed
    assert text.headers["content-type"].startswith("application/yaml")
    as_json = http.get("/openapi.json")
    assert as_json.json() == load_yaml(committed)
    assert as_json.headers["content-type"] == "application/json"


DOCUMENTS = ["/openapi.yaml", "/openapi.json", "/_sandbox/openapi.json"]


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:41234", "box.localhost", "[::1]:8000"])
def test_a_document_names_the_address_it_was_asked_at(app: Starlette, path: str, host: str) -> None:
    """The one server of a served document is this one, by the name that the client calls it by."""
    with TestClient(app, URL) as client:
        plain = load_yaml(client.get(path).text)
        named = load_yaml(client.get(path, headers={"host": host}).text)
    assert named == plain | {"servers": [{"url": f"http://{host}", "description": "This sandbox"}]}


@pytest.mark.parametrize("path", ["/openapi.yaml", "/openapi.json"])
@pytest.mark.parametrize("host", ["!evil'#,&*", "*a", 'a" x: [', "a: b", "", "a/../b", "a:99999999"])
def test_no_host_breaks_a_document(app: Starlette, path: str, host: str) -> None:
    """Whatever a Host header holds, the document is one, and but for its server as ever."""
    with TestClient(app, URL) as client:
        plain = load_yaml(client.get(path).text)
        named = load_yaml(client.get(path, headers={"host": host}).text)
    (server,) = named["servers"]
    assert server["url"].startswith("http://")
    assert named | {"servers": plain["servers"]} == plain


def test_a_document_behind_tls_names_https(app: Starlette) -> None:
    """The scheme is that of the call."""
    with TestClient(app, "https://sandbox.example") as client:
        assert client.get("/openapi.json").json()["servers"][0]["url"] == "https://sandbox.example"
        assert "\n- url: https://sandbox.example\n" in client.get("/openapi.yaml").text


def test_the_document_is_not_written_anew_for_each_call(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what names the server is written: writing all of it takes a hundred times as long."""
    written = note_writing(monkeypatch)
    with TestClient(app, URL) as client:
        first = client.get("/openapi.yaml").text
        assert client.get("/openapi.yaml").text == first
    assert [list(document) for document, _ in written] == [["servers"], ["servers"]]


def test_a_document_made_anew_is_written_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written at its first use, by a thread that no other request waits for, and then kept."""
    api = build_partner_api(link_answer="list")
    written = note_writing(monkeypatch)
    with TestClient(build_app(new_worlds(), api, CONTROL), URL) as client:
        first = client.get("/openapi.yaml").text
        assert client.get("/openapi.yaml").text == first
    assert load_yaml(first) == api.document | {"servers": [{"url": URL, "description": "This sandbox"}]}
    (whole, beside), (servers, loop), (_, again) = written
    assert (len(whole) > 1, list(servers)) == (True, ["servers"])
    assert beside != loop == again


def note_writing(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], int]]:
    """What is written as YAML from here on, with the thread that does it."""
    written: list[tuple[dict[str, Any], int]] = []

    def write(document: dict[str, Any]) -> str:
        written.append((document, threading.get_ident()))
        return dump_document(document)

    monkeypatch.setattr("aniva_sandbox.engine.serving.documents.dump_document", write)
    return written


def test_the_control_plane_has_its_own_document(http: TestClient) -> None:
    """/_sandbox/openapi.json describes the control plane, and nothing of the partner API."""
    document = http.get("/_sandbox/openapi.json").json()
    assert document == CONTROL.document | {"servers": [{"url": URL, "description": "This sandbox"}]}
    assert all(path.startswith("/_sandbox/") for path in document["paths"])


@pytest.mark.parametrize("api", [PARTNER, CONTROL], ids=["partner", "control"])
def test_types_have_plain_names(api: Api) -> None:
    """No two types of an API share a name; if they did, their modules would be in the names of their schemas."""
    assert [name for name in api.document["components"]["schemas"] if not name.isalnum()] == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/docs",
        "/guide",
        "/guide/faults",
        "/openapi.json",
        "/openapi.yaml",
        "/_sandbox",
        "/_sandbox/",
        "/_sandbox/openapi.json",
        "/_sandbox/health",
    ],
)
def test_documents_and_pages_need_no_key(app: Starlette, worlds: Worlds, path: str) -> None:
    """Reading about the API needs no key, and makes no world."""
    with TestClient(app, URL, follow_redirects=False) as client:
        assert client.get(path).status_code in (200, 307)
    assert list(worlds) == []


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/openapi.yaml", "/_sandbox/openapi.json"])
def test_documents_and_pages_can_be_asked_for_their_head(http: TestClient, path: str) -> None:
    """HEAD answers what GET would, without the body."""
    reply = http.head(path)
    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["content-length"] == http.get(path).headers["content-length"]


@pytest.mark.rule("http.method")
@pytest.mark.parametrize(
    "path", ["/docs", "/openapi.json", "/openapi.yaml", "/_sandbox/openapi.json", "/docs/assets/swagger_bundle.js"]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_documents_and_pages_cannot_be_written(http: TestClient, method: str, path: str) -> None:
    """Another method on a page that is there is 405 with the error body, and says which methods it has."""
    reply = http.request(method, path)
    assert (reply.status_code, list(reply.json())) == (405, ["error"])
    assert set(reply.headers["allow"].split(", ")) == {"GET", "HEAD"}


# Unknown paths


@pytest.mark.rule("http.not-found")
@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nope",
        "/api/v1/profiles/",
        f"/api/v1/profiles/{PROFILE}/",
        "/api/v1//profiles",
        "//api/v1/profiles",
        "/v1/profiles",
        "/profiles",
        "/_sandbox/nope",
        "/_sandbox/health/",
        "/_sandbox/openapi.json/",
        "/openapi.json/",
        "/openapi.yml",
        "/docs/",
        "/docs/nope",
        "/favicon.ico",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_paths_are_not_found(http: TestClient, method: str, path: str) -> None:
    """Outside the APIs as inside them, an unknown path is 404 with the error body, and no slash is a redirect."""
    reply = http.request(method, path)
    assert reply.status_code == 404
    assert list(reply.json()) == ["error"]
    assert reply.headers["content-type"] == "application/json"
    assert "location" not in reply.headers


@pytest.mark.rule("http.not-found")
@pytest.mark.parametrize(
    "path",
    [
        "/docs/assets",
        "/docs/assets/",
        "/docs/assets/nope.js",
        "/docs/assets/../../pyproject.toml",
        "/docs/assets/..%2F..%2Fpyproject.toml",
        "/docs/assets/%2Fetc%2Fpasswd",
    ],
)
def test_only_the_files_of_the_reference_are_served(http: TestClient, path: str) -> None:
    """What is no file of the reference is not found, and no path leads out of its folder."""
    reply = http.get(path)
    assert (reply.status_code, list(reply.json())) == (404, ["error"])


@pytest.mark.rule("http.not-found")
def test_partner_paths_name_the_rule(http: TestClient) -> None:
    """The header says that the path was the reason, so that a wrong address is not taken for a missing record."""
    assert http.get("/api/v1/nope").headers["x-sandbox-rule"] == "http.not-found; basis=assumed"
    assert http.get(f"/api/v1/profiles/{PROFILE[:-1]}0").headers["x-sandbox-rule"] == "path.unknown; basis=documented"


# How requests are read


@pytest.mark.rule("id.format", "http.not-found")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/api/v1/profiles/{PROFILE}", 200),
        (f"/api/v1/profiles/{PROFILE.replace('-', '%2D')}", 200),
        (f"/api/v1/profiles/%61{PROFILE[1:]}", 200),
        (f"/api/v1/profiles/{PROFILE.upper()}", 200),
        (f"/api/v1/profiles/%2561{PROFILE[1:]}", 400),
        (f"/api/v1/profiles/{PROFILE}%2F", 400),
        ("/api/v1/profiles/x%2Fy", 400),
        (f"/api/v1/profiles%2F{PROFILE}", 404),
        (f"/api/v1/profiles/{PROFILE}%20", 400),
        (f"/api/v1/profiles/{PROFILE}%0A", 400),
        ("/api/v1/profiles/%00", 400),
        ("/api/v1/profiles/%FF", 400),
        ("/api/v1/profiles/%", 400),
        ("/api/v1/profiles/%zz", 400),
        ("/api/v1/profiles/%C3%A4", 400),
        ("/api/v1/profiles/ä", 400),
        ("/api/v1/profiles/%3Flimit=1", 400),
        ("/api/v1/profiles/%2E%2E", 400),
    ],
)
def test_paths_are_split_before_they_are_decoded(http: TestClient, path: str, status: int) -> None:
    """A percent sign decodes once and inside its segment: an encoded slash never leads to another operation."""
    assert http.get(path).status_code == status


@pytest.mark.parametrize("email", ["maria.schmidt@example.com", "MARIA.SCHMIDT%40EXAMPLE.COM"])
def test_queries_are_decoded(http: TestClient, email: str) -> None:
    """A query may be encoded or not."""
    assert [profile["id"] for profile in http.get(f"/api/v1/profiles?email={email}").json()] == [PROFILE]


@pytest.mark.rule("auth.key")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 403),
        ([("x-api-key", "sbx_test")], 200),
        ([("X-API-KEY", "sbx_test")], 200),
        ([("x-api-key", "")], 403),
        ([("authorization", "sbx_test")], 403),
        ([("authorization", "Bearer sbx_test")], 403),
        ([("api-key", "sbx_test")], 403),
        ([("x-api-key", "sbx_t\xe4st")], 403),
        ([("x-api-key", " sbx_test")], 200),
        ([("x-api-key", "sbx_test \t")], 200),
        ([("x-api-key", "sbx_test sbx_test")], 403),
        ([("x-api-key", " ")], 403),
        ([("x-api-key", "sbx_test"), ("x-api-key", "nobody")], 403),
        ([("x-api-key", "nobody"), ("x-api-key", "sbx_test")], 403),
        ([("x-api-key", "sbx_test"), ("x-api-key", "sbx_test")], 403),
        ([("x-api-key", "sbx_test")] * 3, 403),
    ],
)
def test_the_key_stands_in_one_header(app: Starlette, headers: list[tuple[str, str]], status: int) -> None:
    """The key is read from x-api-key, in any case of its name, and from nowhere else; blanks around it do not count,
    and two of them are none."""
    with TestClient(app) as client:
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        assert client.get("/api/v1/units", headers=encoded).status_code == status


@pytest.mark.rule("body.json")
def test_bodies_and_their_type_come_through(http: TestClient) -> None:
    """What is sent as JSON arrives as it was sent; what is sent as a form is refused."""
    reply = http.post("/api/v1/profiles", json=NEW_PROFILE)
    assert (reply.status_code, reply.json()["first_name"]) == (201, "Zoë")
    assert http.post("/api/v1/profiles", data=NEW_PROFILE).headers["x-sandbox-rule"] == "body.json; basis=assumed"
    assert http.request("DELETE", "/api/v1/profiles", json={}).status_code == 405


@pytest.mark.rule("http.method")
@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT"])
def test_partner_paths_have_no_hidden_methods(http: TestClient, method: str) -> None:
    """OPTIONS is not made up where the API has none."""
    reply = http.request(method, "/api/v1/profiles")
    assert (reply.status_code, reply.headers["allow"]) == (405, "GET, HEAD, POST")


def test_answers_of_operations_carry_their_headers(http: TestClient) -> None:
    """The headers of an operation, the world and its time go out with the answer, and its length is right."""
    reply = http.get(f"/api/v1/locations/{BERLIN}/availability")
    assert reply.headers["cache-control"] == "private, max-age=30, stale-while-revalidate=60"
    assert reply.headers["x-sandbox-world"] == "test"
    assert reply.headers["x-sandbox-time"] == "2026-04-13T08:00:00Z"
    assert int(reply.headers["content-length"]) == len(reply.content)


@pytest.mark.parametrize("path", ["/api/v1/profiles", "/_sandbox/health", "/docs", "/docs/assets/x", "/nope", "/"])
def test_websockets_are_closed(http: TestClient, worlds: Worlds, path: str) -> None:
    """There is no WebSocket anywhere: one is closed before it opens, and nothing else happens."""
    with pytest.raises(WebSocketDisconnect), http.websocket_connect(path):
        pass
    assert list(worlds) == []


# Below the client: what servers may send


def exchange(app: Starlette, scope: dict[str, Any], messages: list[dict[str, Any]]) -> tuple[int, Any, int]:
    """Send the app an HTTP request as a server would. Returns status, body, and how many messages it did not read."""
    sent: list[Any] = []
    waiting = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(waiting)

    async def send(message: Any) -> None:
        sent.append(message)

    whole = {"type": "http", "http_version": "1.1", "query_string": b"", "headers": [], "root_path": ""} | scope
    asyncio.run(app(whole, receive, send))
    if not sent:
        return 0, None, len(list(waiting))
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], msgspec.json.decode(body) if body else None, len(list(waiting))


def part(body: bytes, *, more: bool) -> dict[str, Any]:
    """A part of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


POST: dict[str, Any] = {
    "method": "POST",
    "path": "/api/v1/profiles",
    "raw_path": b"/api/v1/profiles",
    "headers": [(b"host", b"localhost"), (b"x-api-key", b"sbx_test"), (b"content-type", b"application/json")],
}


def test_a_body_may_come_in_parts(app: Starlette) -> None:
    """Parts are put together, also in the middle of a letter, and empty ones in between do not matter."""
    body = msgspec.json.encode(NEW_PROFILE)
    middle = body.index("ë".encode()) + 1
    parts = [
        part(body[:middle], more=True),
        part(b"", more=True),
        part(body[middle:], more=True),
        part(b"", more=False),
    ]
    status, answer, _ = exchange(app, POST, parts)
    assert (status, answer["first_name"]) == (201, "Zoë")


@pytest.mark.rule("body.json")
@pytest.mark.parametrize("announced", ["", "length", "chunks"])
@pytest.mark.parametrize(
    ("method", "path", "body", "status", "unread"),
    [
        ("POST", "/api/v1/profiles", NEW_PROFILE, 201, 0),
        ("PATCH", f"/api/v1/profiles/{PROFILE}", {"height": 170}, 200, 0),
        ("DELETE", f"/api/v1/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL]}, 200, 0),
        ("PUT", "/_sandbox/worlds/other", {"seed": 7}, 200, 0),
        ("GET", f"/api/v1/profiles/{PROFILE}", {"height": 170}, 200, 2),
        ("HEAD", f"/api/v1/profiles/{PROFILE}", {"height": 170}, 200, 2),
        ("OPTIONS", f"/api/v1/profiles/{PROFILE}", {"height": 170}, 405, 0),
    ],
)
def test_bodies_are_read_whether_announced_or_not(
    app: Starlette, announced: str, method: str, path: str, body: dict[str, Any], status: int, unread: int
) -> None:
    """The body of every method but GET and HEAD is read to its end, whatever the headers say of it."""
    content = msgspec.json.encode(body)
    header = {
        "": [],
        "length": [(b"content-length", str(len(content)).encode())],
        "chunks": [(b"transfer-encoding", b"chunked")],
    }[announced]
    scope = POST | {"method": method, "path": path, "raw_path": path.encode(), "headers": POST["headers"] + header}
    parts = [part(content, more=True), part(b"", more=False)]
    assert exchange(app, scope, parts)[::2] == (status, unread)


@pytest.mark.rule("http.too-large")
@pytest.mark.parametrize("size", [MAX_BODY, MAX_BODY + 1])
def test_a_body_is_read_up_to_its_limit(app: Starlette, size: int) -> None:
    """Exactly 1 MiB is read; one byte more is refused, without reading on."""
    body = msgspec.json.encode(NEW_PROFILE).ljust(size)
    parts = [part(body[at : at + 65536], more=True) for at in range(0, size, 65536)]
    status, answer, unread = exchange(app, POST, [*parts, part(b"", more=True), part(b"", more=False)])
    if size == MAX_BODY:
        assert (status, unread) == (201, 0)
    else:
        assert (status, unread) == (413, 2)
        assert list(answer) == ["error"]


@pytest.mark.rule("http.too-large")
@pytest.mark.parametrize("size", [2 * MAX_BODY, 2 * MAX_BODY + 1])
def test_a_body_is_read_up_to_the_limit_of_the_operation_that_takes_most(worlds: Worlds, size: int) -> None:
    """Where one operation takes more, so much is read, and the others still refuse what is too large for them."""
    larger = [
        msgspec.structs.replace(each, max_body=2 * MAX_BODY) if each.id == "create_profile" else each
        for each in partner.OPERATIONS
    ]
    app = build_app(worlds, Api(PARTNER.document, larger, partner.LEDGER), CONTROL)
    parts = [part(msgspec.json.encode(NEW_PROFILE).ljust(size), more=True), part(b"", more=False)]
    status, _, unread = exchange(app, POST, parts)
    assert (status, unread) == ((201, 0) if size == 2 * MAX_BODY else (413, 1))
    other = POST | {"path": "/api/v1/appointments", "raw_path": b"/api/v1/appointments"}
    assert exchange(app, other, [part(b"{}".ljust(MAX_BODY + 1), more=False)])[0] == 413


@pytest.mark.rule("atomic")
@pytest.mark.parametrize("sent", [b"", msgspec.json.encode(NEW_PROFILE)])
def test_a_client_that_goes_away_in_the_middle_of_its_body_has_asked_for_nothing(
    app: Starlette, worlds: Worlds, sent: bytes
) -> None:
    """A body that was cut off is not acted upon, though what came of it may look whole."""
    worlds.create("test")
    world = worlds.get("test")
    assert world is not None
    before = snapshot_of(world)
    exchange(app, POST, [part(sent, more=True), {"type": "http.disconnect"}])
    assert snapshot_of(world) == before


def test_a_server_need_not_give_the_raw_path(app: Starlette) -> None:
    """Where a server gives only the decoded path, that is used, letters outside ASCII included."""
    scope: dict[str, Any] = {
        "method": "GET",
        "path": f"/api/v1/profiles/{PROFILE}",
        "headers": [(b"x-api-key", b"sbx_test")],
    }
    status, answer, _ = exchange(app, scope, [part(b"", more=False)])
    assert (status, answer["id"]) == (200, PROFILE)
    status, answer, _ = exchange(app, scope | {"path": "/api/v1/profiles/ä b"}, [part(b"", more=False)])
    assert (status, answer["details"][0]["path"]) == (400, "id")


def test_a_path_of_bytes_that_are_no_text_is_refused(app: Starlette) -> None:
    """Bytes that no client should send are a wrong id, and no fault of the sandbox."""
    scope = POST | {"method": "GET", "path": "/api/v1/profiles/\xff", "raw_path": b"/api/v1/profiles/\xff"}
    assert exchange(app, scope, [part(b"", more=False)])[0] == 400


def test_operations_have_places_in_the_reference(http: TestClient) -> None:
    """The console knows where the reference shows each operation of both APIs: under its tag, on its API's page."""
    places = http.get("/_sandbox/console/operations.json").json()
    expected = {}
    for page, document in (("/docs", "/openapi.json"), ("/docs/control", "/_sandbox/openapi.json")):
        for operations in http.get(document).json()["paths"].values():
            for operation in operations.values():
                expected[operation["operationId"]] = f"{page}#/{quote(operation['tags'][0])}/{operation['operationId']}"
    assert places == expected
