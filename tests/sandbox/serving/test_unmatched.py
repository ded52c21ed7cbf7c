"""Calls that reached no world or no operation: what is said of them, where, and how little of it."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from aniva_sandbox.api import partner
from aniva_sandbox.api.app import build_app
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.evidence.unmatched import CALLS_KEPT, UnmatchedCall, UnmatchedCalls
from aniva_sandbox.engine.serving.causes import find_causes
from aniva_sandbox.engine.serving.pipeline import Request
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.testing.live import LiveServer
from tests.support import CONTROL, PARTNER, PROFILE, SHIPMENT, Client, new_worlds

SECRET = "live_9f8e7d6c5b4a39281706f5e4d3c2b1a0"
UNITS = "/api/v1/units"
ALLOWED = [(b"x-api-key", b"sbx_test")]


def causes(request: Request, worlds: Worlds | None = None) -> dict[str, str]:
    """What the control plane says of why this call matched nothing, by the id of each cause."""
    client = Client(worlds)
    client.send(request)
    listed = client.control("GET", "/unmatched").json["calls"]
    assert len(listed) <= 1
    return {cause["id"]: cause["message"] for call in listed for cause in call["causes"]}


@pytest.mark.parametrize(
    ("key", "query", "headers", "cause", "says"),
    [
        (None, b"", [], "key.missing", "the x-api-key header is missing; send x-api-key: sbx_<world>"),
        (None, b"", [(b"authorization", b"Bearer sbx_test")], "key.elsewhere", "sent as Authorization: Bearer; send"),
        (None, b"", [(b"authorization", b"bearer " + SECRET.encode())], "key.elsewhere", "Authorization: Bearer"),
        (None, b"", [(b"authorization", b"Basic c2J4Og==")], "key.elsewhere", "sent as Authorization: Basic"),
        (None, b"", [(b"authorization", SECRET.encode())], "key.elsewhere", "the key was sent as Authorization; send"),
        (None, b"", [(b"api-key", b"sbx_test")], "key.elsewhere", "sent as the header api-key"),
        (None, b"", [(b"x-auth-token", b"sbx_test")], "key.elsewhere", "sent as the header x-auth-token"),
        (None, b"limit=1&api_key=sbx_test", [], "key.elsewhere", "sent as the query parameter api_key"),
        (None, b"keys=1", [(b"x-request-key-id", b"1")], "key.missing", "is missing"),
        ("", b"", [(b"x-api-key", b"")], "key.empty", "the x-api-key header is empty"),
        (" \t", b"", [(b"x-api-key", b" \t")], "key.empty", "the x-api-key header is empty"),
        ("", b"", ALLOWED * 2, "key.repeated", "sent more than once"),
        (
            SECRET,
            b"",
            [],
            "key.form",
            "the key live... (37 characters) is not a key of the sandbox; keys look like sbx_<",
        ),
        ("abc", b"", [], "key.form", "the key ... (3 characters) is not a key"),
        ("n\xf6_\x1b" + SECRET, b"", [], "key.form", "the key n?_?... (41 characters)"),
        ("Bearer sbx_test", b"", [], "key.form", "the key begins with Bearer"),
        ("sbx_Test", b"", [], "key.form", "begins with sbx_, but the rest of it is not valid"),
        ("sbx_" + SECRET, b"", [], "key.form", "begins with sbx_, but the rest of it is not valid"),
        ("sbx_test.nobody", b"", [], "key.persona", "the world test has no persona nobody; it has full, reader"),
    ],
)
@pytest.mark.rule("auth.key")
def test_what_was_wrong_with_the_key(
    key: str | None, query: bytes, headers: list[tuple[bytes, bytes]], cause: str, says: str
) -> None:
    """A key that is missing, came elsewhere, or has another form is told apart; the response is the one 403."""
    request = Request("GET", UNITS, query, key, headers=headers)
    reply = Client().send(request)
    assert (reply.status, reply.json, reply.rules) == (403, {"error": "Forbidden"}, ["auth.key"])
    found = causes(request)
    assert list(found) == [cause]
    assert says in found[cause]
    assert SECRET[5:] not in found[cause]


@pytest.mark.rule("auth.key")
def test_worlds_and_personas_that_are_not_there() -> None:
    """A world that strict worlds do not make, and a persona that a world does not have, are named."""
    strict = new_worlds(strict=True)
    told = causes(Request("GET", UNITS, b"", "sbx_job-17"), strict)
    assert told == {
        "key.world": "there is no world job-17, and --strict-worlds is on; create it with PUT /_sandbox/worlds/job-17"
    }
    strict.unmatched.clear()
    strict.create("job-17")
    assert list(causes(Request("GET", UNITS, b"", "sbx_job-17.boss"), strict)) == ["key.persona"]
    strict.unmatched.clear()
    assert causes(Request("GET", UNITS, b"", "sbx_job-17.reader"), strict) == {}


@pytest.mark.rule("world.limit")
def test_a_world_that_there_was_no_room_for() -> None:
    """A key whose world could not be made is noted with what its caller was told."""
    worlds = new_worlds()
    worlds.limits = type(worlds.limits)(worlds=1)
    worlds.create("busy").in_flight = 1
    request = Request("GET", UNITS, b"", "sbx_test")
    assert Client(worlds).send(request).status == 507
    worlds.unmatched.clear()
    assert causes(request, worlds) == {"key.refused": "There are 1 worlds, and each has a request in flight"}


@pytest.mark.rule("http.not-found")
@pytest.mark.parametrize(
    ("path", "cause", "says"),
    [
        ("/units", "path.prefix", "the path does not begin with /api/v1; it should be /api/v1/units"),
        ("/v1/units", "path.prefix", "begins with /v1 instead of /api/v1; it should be /api/v1/units"),
        ("/api/units", "path.prefix", "begins with /api instead of /api/v1"),
        ("/api/v2/units", "path.prefix", "begins with /api/v2 instead"),
        (
            "/api/v1/api/v1/units",
            "path.prefix",
            "begins with /api/v1/api/v1 instead of /api/v1; it should be /api/v1/un",
        ),
        ("/API/V1/units", "path.prefix", "it should be /api/v1/units"),
        (f"/v1/profiles/{PROFILE}", "path.prefix", f"it should be /api/v1/profiles/{PROFILE}"),
        ("/api/v1/units/", "path.spelling", "should be /api/v1/units: in lower case, without extra slashes"),
        ("//api/v1//units", "path.spelling", "should be /api/v1/units"),
        ("/api/v1/Units", "path.spelling", "should be /api/v1/units"),
        (f"/api/v1/shipments/{SHIPMENT}/", "path.spelling", f"should be /api/v1/shipments/{SHIPMENT}:"),
        ("/api/v1/unit", "path.unknown", "no operation has this path; paths look like /api/v1/profiles"),
        ("/apiary", "path.unknown", "no operation has this path"),
        ("/docs/assets/nope.js", "path.unknown", "no operation has this path"),
        ("/favicon.ico", "path.unknown", "no operation has this path"),
        ("/", "path.unknown", "no operation has this path"),
        ("", "path.unknown", "no operation has this path"),
    ],
)
def test_what_was_wrong_with_the_path(path: str, cause: str, says: str) -> None:
    """A base that is missing, or another, and a path that is nearly one are told apart; the response is the one 404."""
    request = Request("GET", path, b"", "sbx_test")
    reply = Client().send(request)
    assert (reply.status, reply.json) == (404, {"error": "There is no such path"})
    found = causes(request)
    assert list(found) == [cause]
    assert says in found[cause]


@pytest.mark.parametrize(
    ("servers", "path", "cause", "says"),
    [
        ([], "/v1/units", "path.prefix", "the path begins with /v1, but paths have no prefix; it should be /units"),
        ([], "/units/", "path.spelling", "the path should be /units"),
        ([], "/unit", "path.unknown", "paths look like /profiles"),
        ([{"url": "/shop"}], "/units", "path.prefix", "the path does not begin with /shop; it should be /shop/units"),
        ([{"url": "/shop"}], "/v1/units", "path.prefix", "the path begins with /v1 instead of /shop"),
        ([{"url": "/shop"}], "/shop/Units", "path.spelling", "the path should be /shop/units"),
        ([{"url": "/shop"}], "/unit", "path.unknown", "paths look like /shop/profiles"),
    ],
)
@pytest.mark.rule("http.not-found")
def test_paths_of_another_api(servers: list[dict[str, str]], path: str, cause: str, says: str) -> None:
    """What paths begin with is what the document says, if anything."""
    paths = {path.removeprefix("/api/v1"): item for path, item in PARTNER.document["paths"].items()}
    api = Api(PARTNER.document | {"paths": paths, "servers": servers}, partner.OPERATIONS, partner.LEDGER)
    (found,) = find_causes(api, new_worlds(), Request("GET", path), known=True, error="")
    assert found.id == cause
    assert says in found.message


@pytest.mark.rule("http.method")
def test_what_was_wrong_with_the_method() -> None:
    """A method that the path does not have is named with those that it has; a preflight, with the option it wants."""
    assert causes(Request("PUT", UNITS, b"", "sbx_test")) == {
        "method.unknown": "the path does not support PUT; it supports GET, HEAD"
    }
    asking = [(b"origin", b"http://localhost:5173"), (b"access-control-request-method", b"GET")]
    told = causes(Request("OPTIONS", UNITS, b"", None, headers=asking))
    assert told["method.preflight"].endswith("start serve with --cors-origin http://localhost:5173")
    assert [*told] == ["method.preflight"]  # browsers send no key with it
    for headers in (asking[:1], asking[1:], [(b"origin", b"null"), asking[1]]):
        assert "method.unknown" in causes(Request("OPTIONS", UNITS, b"", "sbx_test", headers=headers))


def test_all_that_was_wrong_is_said() -> None:
    """Of a call with a wrong path and a wrong key both are told, the path first, which refused it."""
    client = Client()
    client.send(Request("GET", "/v1/units", b"token=x", None))
    (call,) = client.control("GET", "/unmatched").json["calls"]
    assert [cause["id"] for cause in call["causes"]] == ["path.prefix", "key.elsewhere"]
    assert (call["number"], call["method"], call["path"], call["status"]) == (1, "GET", "/v1/units", 404)
    assert [rule["id"] for rule in call["rules"]] == ["http.not-found"]
    assert call["world"] is None


def test_a_key_in_a_path_is_hidden() -> None:
    """As in the journal, also where it is written with escapes; the rest of the path is shown."""
    client = Client()
    client.get("/none/sbx_test/%73bx_other.full/end")
    (call,) = client.control("GET", "/unmatched").json["calls"]
    assert call["path"].endswith("/none/[hidden]/[hidden]/end")


def test_calls_that_match_are_not_listed() -> None:
    """Refused for other reasons, a call has its place in the journal only; one of a wrong path stands in both."""
    client = Client()
    for path in ("/units", "/profiles/x", f"/profiles/{SHIPMENT}"):
        client.get(path)
    client.post("/profiles", {}, key="sbx_test.reader")
    assert client.control("GET", "/unmatched").json == {"dropped": 0, "calls": []}
    client.get("/unit")
    (call,) = client.control("GET", "/unmatched").json["calls"]
    assert call["world"] == "test"
    exchange = client.control("GET", "/worlds/test/journal?last=1").json["exchanges"][0]
    assert exchange["hints"] == [call["causes"][0]["message"]]


# The list


def test_the_list_is_bounded() -> None:
    """Of very many calls the last are kept, and of each, little: no more than a line or two."""
    client = Client()
    long = "\x1b" + "x" * 60_000
    for each in range(CALLS_KEPT + 5):
        headers = [(b"authorization", long.encode()), (b"origin", long.encode())]
        client.send(Request(long, f"/{each}/{long}", long.encode(), f"sbx_a.{'x' * 60_000}", headers=headers))
    shown = client.control("GET", "/unmatched").json
    assert (shown["dropped"], len(shown["calls"])) == (5, CALLS_KEPT)
    assert shown["calls"][0]["number"] == 6
    assert len(json.dumps(shown)) < CALLS_KEPT * 2500
    assert "\x1b" not in str(list(client.worlds.unmatched))


def test_the_list_can_be_asked_in_parts_and_cleared() -> None:
    """By number, the newest only, and anew; what is not known is refused."""
    client = Client()
    for each in range(4):
        client.get(f"/none/{each}")

    def numbers(query: str) -> list[int]:
        return [call["number"] for call in client.control("GET", f"/unmatched{query}").json["calls"]]

    assert numbers("") == [1, 2, 3, 4]
    assert numbers("?after=2") == [3, 4]
    assert numbers("?last=1") == [4]
    assert numbers("?after=1&last=2") == [3, 4]
    assert client.control("GET", "/unmatched?last=0").status == 400
    assert client.control("GET", "/unmatched?limit=1").status == 400
    assert client.control("DELETE", "/unmatched").json == {"success": True}
    assert numbers("") == []
    client.get("/none")
    assert numbers("") == [5]


def test_each_cause_is_said_once() -> None:
    """Whoever listens hears of the first call with each cause, so that a loop of them is one line."""
    heard: list[UnmatchedCall] = []
    client = Client(new_worlds(on_unmatched=heard.append))
    for _ in range(3):
        client.get("/none")
        client.get("/units", key=SECRET)
        client.get("/none", key=SECRET)
    client.control("DELETE", "/unmatched")
    client.get("/none")
    assert [call.number for call in heard] == [1, 2]
    assert str(heard[0]) == "GET /api/v1/none 404: no operation has this path; paths look like /api/v1/profiles"


def test_a_list_without_a_listener() -> None:
    """The list works by itself."""
    calls = UnmatchedCalls()
    calls.note(method="GET", path="/", status=404, rules=(), world=None, causes=())
    assert ([call.number for call in calls], len(calls), calls.dropped) == ([1], 1, 0)


# Over HTTP


def test_the_app_hands_on_what_came() -> None:
    """Through the app, headers that no operation reads are looked at where the key is missing; pages that are not there
    are noted too."""
    worlds = new_worlds()
    with TestClient(build_app(worlds, PARTNER, CONTROL), "http://localhost:8000") as http:
        assert http.get(UNITS, headers={"authorization": f"Bearer {SECRET}"}).json() == {"error": "Forbidden"}
        assert http.get("/docs/assets/nope.js").status_code == 404
        assert http.get(UNITS, headers=[("x-api-key", "sbx_a"), ("x-api-key", "sbx_b")]).status_code == 403
        body: Any = http.get("/_sandbox/unmatched")
    assert SECRET not in body.text
    assert [[cause["id"] for cause in call["causes"]] for call in body.json()["calls"]] == [
        ["key.elsewhere"],
        ["path.unknown", "key.missing"],
        ["key.repeated"],
    ]


def test_made_worlds_are_remembered() -> None:
    """The sandbox in process knows which worlds were made by first use, as no line of a log says so there."""
    server = LiveServer()
    server.worlds.find("sbx_first")
    server.worlds.create("put")
    assert list(server.worlds.made) == ["first"]
