"""A real server on a free port: large and chunked bodies, connections that stay, and many callers at once."""

import http.client
import json
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from aniva_sandbox.engine.contract.ground_rules import MAX_BODY
from aniva_sandbox.engine.contract.pluses import PLUS
from aniva_sandbox.testing.live import LiveServer
from tests.support import BERLIN, HELSINKI, PROFILE

JSON = {"content-type": "application/json"}
PATH = f"/api/v1/profiles/{PROFILE}"
CALLERS = 50
CALLS = 6


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    """A running server."""
    with LiveServer() as running:
        yield running


@pytest.fixture
def client(server: LiveServer) -> Iterator[httpx2.Client]:
    """A client of the running server, with a key to a world of its own."""
    with httpx2.Client(base_url=server.url, headers={"x-api-key": "sbx_live"}, timeout=60) as client:
        yield client
    server.run(lambda: server.worlds.drop("live"))


def body_of(size: int) -> bytes:
    """A valid update of a profile, blown up to so many bytes by a field that nobody asks for."""
    shell = b'{"height": 181, "nobody_asks": ""}'
    return shell[:-2] + b"x" * (size - len(shell)) + shell[-2:]


def in_chunks(body: bytes) -> Iterator[bytes]:
    """A body in parts, for a client that does not know its length."""
    return (body[at : at + 50_000] for at in range(0, len(body), 50_000))


@pytest.mark.rule("body.json")
def test_a_compressed_body_is_said_to_be_one(client: httpx2.Client) -> None:
    """The header that declares an encoding comes through, and its name goes back, to partners and operators."""
    headers = JSON | {"content-encoding": "deflate"}
    for path in (PATH, "/_sandbox/worlds/live/settings"):
        reply = client.patch(path, content=zlib.compress(b'{"height": 181}')[2:], headers=headers)
        assert (reply.status_code, reply.headers["x-sandbox-rule"].partition(";")[0]) == (400, "body.json")
        assert "has the Content-Encoding deflate, which is not supported" in reply.json()["error"]


@pytest.mark.rule("time.input")
def test_a_plus_in_a_query_comes_through(client: httpx2.Client) -> None:
    """A + arrives as it was sent, so that it can be told from a space; escaped, it is what was meant."""
    journal = "/_sandbox/worlds/live/journal?since=2026-04-13T10:00:00"
    client.get(PATH)
    refused = client.get(f"{journal}+02:00")
    assert (refused.status_code, refused.json()["error"].endswith(PLUS)) == (400, True)
    assert client.get(f"{journal}%2B02:00").status_code == 200


SIZES = [(1000, 200), (MAX_BODY, 200), (MAX_BODY + 1, 413), (5 * MAX_BODY, 413)]


@pytest.mark.rule("http.too-large")
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize(("size", "status"), SIZES)
def test_bodies_of_up_to_one_mebibyte_are_taken(client: httpx2.Client, size: int, status: int, chunked: bool) -> None:
    """Exactly 1 MiB is taken and one byte more is not, with a length in the header and without; the client goes on."""
    body = body_of(size)
    assert len(body) == size
    reply = client.patch(PATH, content=in_chunks(body) if chunked else body, headers=JSON)
    assert reply.status_code == status
    if status == 413:
        assert reply.headers["x-sandbox-rule"] == "http.too-large; basis=assumed"
        assert list(reply.json()) == ["error"]
    assert client.get(PATH).json()["height"] == (181 if status == 200 else 168)


@pytest.mark.rule("http.too-large")
@pytest.mark.parametrize("size", [MAX_BODY + 1, 5 * MAX_BODY])
def test_a_connection_lives_on_after_a_refused_body(server: LiveServer, size: int) -> None:
    """After 413 the same connection serves the next requests, large and small."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    connection.connect()
    try:
        used = connection.sock
        for _ in range(3):
            connection.request("PATCH", PATH, body_of(size), JSON | {"x-api-key": "sbx_kept"})
            reply = connection.getresponse()
            assert (reply.status, list(json.loads(reply.read()))) == (413, ["error"])
            connection.request("GET", "/api/v1/units", headers={"x-api-key": "sbx_kept"})
            reply = connection.getresponse()
            assert (reply.status, json.loads(reply.read())[0]["id"]) == (200, 1)
        assert connection.sock is used
    finally:
        connection.close()


@pytest.mark.rule("auth.key", "http.too-large")
def test_a_large_body_without_a_key_is_forbidden(client: httpx2.Client) -> None:
    """The key comes before the size, and the connection still serves the next request."""
    reply = client.patch(PATH, content=body_of(MAX_BODY + 1), headers=JSON | {"x-api-key": "nobody"})
    assert (reply.status_code, reply.json()) == (403, {"error": "Forbidden"})
    assert client.get(PATH).status_code == 200


@pytest.mark.rule("http.method")
@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/api/v1/profiles", "GET, HEAD, POST"), (PATH, "GET, HEAD, PATCH"), ("/api/v1/appointments/pickup", "POST")],
)
@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT"])
def test_other_methods_are_refused(client: httpx2.Client, method: str, path: str, allowed: str) -> None:
    """OPTIONS is a method like any other; the connection is in order afterwards."""
    reply = client.request(method, path)
    assert (reply.status_code, reply.headers["allow"]) == (405, allowed)
    assert client.get(PATH).status_code == 200


@pytest.mark.rule("id.format")
@pytest.mark.parametrize("id", ["{}", "{id}", "%7B%7D", "%00", "|", "^"])
def test_odd_ids_are_refused_as_ids(server: LiveServer, id: str) -> None:
    """What a forgotten template or a clumsy client puts on the wire in the place of an id is a wrong id."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    try:
        connection.request("GET", f"/api/v1/profiles/{id}", headers={"x-api-key": "sbx_odd"})
        reply = connection.getresponse()
        assert (reply.status, reply.headers["x-sandbox-rule"]) == (400, "id.format; basis=documented")
        reply.read()
    finally:
        connection.close()


def test_parallel_callers_lose_nothing_and_stay_apart(server: LiveServer) -> None:
    """Fifty threads book in two worlds at once: each world ends with exactly its own bookings, each with its own id,
    and is as if its bookings had been made one after the other."""
    places = {"sbx_north": HELSINKI, "sbx_south": BERLIN}
    start = threading.Barrier(CALLERS)

    def book(caller: int) -> list[tuple[str, str, dict[str, Any]]]:
        key = list(places)[caller % 2]
        made = []
        with httpx2.Client(base_url=server.url, headers={"x-api-key": key}, timeout=60) as client:
            start.wait()
            for call in range(CALLS):
                body = {
                    "profile_id": PROFILE,
                    "location_id": places[key],
                    "scheduled_at": f"2026-05-{call + 1:02}T10:{caller:02}:00Z",
                }
                reply = client.post("/api/v1/appointments", json=body)
                assert reply.status_code == 201
                made.append((key, reply.headers["x-sandbox-world"], reply.json()))
        return made

    with ThreadPoolExecutor(CALLERS) as pool:
        booked = [entry for made in pool.map(book, range(CALLERS)) for entry in made]

    assert len(booked) == CALLERS * CALLS
    ids = {}
    for key, place in places.items():
        mine = {entry["id"]: entry for caller, _, entry in booked if caller == key}
        assert len(mine) == CALLERS * CALLS // 2
        assert {world for caller, world, _ in booked if caller == key} == {key.removeprefix("sbx_")}
        with httpx2.Client(base_url=server.url, headers={"x-api-key": key}, timeout=60) as client:
            listed = {entry["id"]: entry for entry in client.get(f"/api/v1/appointments?profile_id={PROFILE}").json()}
        assert mine.items() <= listed.items()
        assert {entry["location_id"] for entry in mine.values()} == {place}
        world = server.worlds.get(key.removeprefix("sbx_"))
        assert world is not None
        untouched = server.run(lambda: server.worlds.create("untouched"))
        assert len(world.appointments) == len(untouched.appointments) + len(mine)
        assert len(world.journal) == len(mine) + 1
        assert world.name not in [name for name, _ in server.worlds.mismatches]
        ids[key] = set(mine)
    # The same seed gives the same ids in both worlds, in whatever order the calls came in.
    assert ids["sbx_north"] == ids["sbx_south"]
