"""What clients meet on the wire when a fault fires: connections that end, bodies that are cut, are no JSON, or drip."""

import asyncio
import json
import socket
from collections.abc import Iterator
from typing import Any

import anyio
import httpx2
import pytest

from aniva_sandbox.engine.faults.effects import PIECES
from aniva_sandbox.engine.faults.faults import deliver
from aniva_sandbox.engine.faults.record import Effects
from aniva_sandbox.testing.live import LiveServer
from tests.sandbox.serving.common import until
from tests.support import DOCUMENT, PROFILE

PATH = f"/api/v1/profiles/{PROFILE}"
FAULTS = "/worlds/spoilt/faults"


# Step by step, without a socket


class Connection:
    """A connection and its server as an app sees them: it writes down what is done, and is gone when it was told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[Any] = []
        self.gone = False
        monkeypatch.setattr(anyio, "sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.done.append(seconds)

    def abort(self) -> None:
        self.done.append("abort")
        self.gone = True

    def close(self) -> None:
        self.done.append("close")
        self.gone = True

    async def receive(self) -> dict[str, Any]:
        self.done.append("receive")
        return {"type": "http.disconnect"} if self.gone else {"type": "http.request"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.done.append((message["status"], message["headers"]))
        else:
            self.done.append((message["body"], message.get("more_body", False)))

    def answer(self, body: bytes, *, in_process: bool = False, method: str = "GET", **effect: Any) -> list[Any]:
        """What is done to send a body with an effect."""
        scope = {"type": "http", "method": method} | ({} if in_process else {"state": {"transport": self}})
        sending = deliver(
            Effects(**effect),
            status=200,
            headers=[(b"a", b"b")],
            body=body,
            scope=scope,
            receive=self.receive,
            send=self.send,
        )
        asyncio.run(sending)
        return self.done


START = (200, [(b"a", b"b")])


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Connection:
    """A connection on which no time passes."""
    return Connection(monkeypatch)


@pytest.mark.parametrize("in_process", [False, True])
def test_latency_comes_before_everything(connection: Connection, in_process: bool) -> None:
    """The answer waits, then it goes out as it is."""
    assert connection.answer(b"whole", in_process=in_process, latency_ms=5) == [0.005, START, (b"whole", False)]


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_dropped_connection_is_aborted(connection: Connection, drop: str) -> None:
    """Nothing is sent, the connection is cut, and the app waits until the server knows: it would answer otherwise."""
    assert connection.answer(b"whole", drop=drop, latency_ms=2) == [0.002, "abort", "receive"]


@pytest.mark.parametrize("drop", ["before", "after"])
def test_in_process_a_dropped_connection_raises(connection: Connection, drop: str) -> None:
    """Without a connection to cut, the client meets the error that a reset brings."""
    with pytest.raises(ConnectionResetError):
        connection.answer(b"whole", in_process=True, drop=drop, latency_ms=2)
    assert connection.done == [0.002]


@pytest.mark.parametrize(("body", "half"), [(b"123456", b"123"), (b"1234567", b"123"), (b"1", b""), (b"", b"")])
def test_a_truncated_body_is_half_of_it(connection: Connection, body: bytes, half: bytes) -> None:
    """Half is sent as if more came, then the connection closes; what was sent still goes out."""
    assert connection.answer(body, truncate=True) == [START, (half, True), "close", "receive"]


@pytest.mark.parametrize("in_process", [True, False], ids=["in process", "connection"])
def test_head_has_no_body_to_truncate(connection: Connection, in_process: bool) -> None:
    """The response to HEAD is whole, in process as over a connection."""
    assert connection.answer(b"123456", in_process=in_process, method="HEAD", truncate=True) == [
        START,
        (b"123456", False),
    ]


def test_in_process_a_truncated_body_is_an_error(connection: Connection) -> None:
    """Without a connection to close, half of the body comes, and an error in the place of the rest."""
    with pytest.raises(ConnectionResetError):
        connection.answer(b"123456", in_process=True, truncate=True)


@pytest.mark.parametrize("length", [0, 1, 9, 10, 11, 99, 100, 101, 12345])
def test_a_body_trickles_in_pieces(connection: Connection, length: int) -> None:
    """It comes in ten pieces, or in fewer where it is short, with a wait between two, and is whole."""
    body = bytes(number % 251 for number in range(length))
    start, *rest = connection.answer(body, trickle_ms=3)
    pieces, waits = rest[::2], rest[1::2]
    assert start == START
    assert waits == [0.003] * (len(pieces) - 1)
    assert b"".join(piece for piece, _ in pieces) == body
    assert [more for _, more in pieces] == [True] * (len(pieces) - 1) + [False]
    assert 1 <= len(pieces) <= PIECES
    assert len(pieces) >= min(length, PIECES // 2)
    assert all(piece for piece, _ in pieces) or length == 0


def test_effects_follow_each_other(connection: Connection) -> None:
    """Late, then half of the body in pieces, then the end."""
    done = connection.answer(b"0123456789" * 4, latency_ms=1, truncate=True, trickle_ms=2)
    pieces = [(b"01", True), (b"23", True), (b"45", True), (b"67", True), (b"89", True)] * 2
    expected: list[Any] = [0.001, START]
    for piece in pieces[:-1]:
        expected += [piece, 0.002]
    assert done == [*expected, pieces[-1], "close", "receive"]


# On the wire


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    """A running server."""
    with LiveServer() as running:
        yield running


@pytest.fixture
def client(server: LiveServer) -> Iterator[httpx2.Client]:
    """A client of a fresh world of the running server."""
    server.run(lambda: server.worlds.create("spoilt"))
    with httpx2.Client(base_url=server.url, headers={"x-api-key": "sbx_spoilt"}, timeout=30, trust_env=False) as client:
        yield client
    world = server.worlds.get("spoilt")
    assert world is not None
    until(lambda: server.run(lambda: world.in_flight) == 0)  # a client may see the drop before the server lets go
    assert server.run(lambda: server.worlds.take_mismatches("spoilt")) == []


def on_the_wire(server: LiveServer, height: int = 150, *, fault: str | None = None, method: str = "PATCH") -> bytes:
    """All bytes that come back for an update of the known profile, until the connection ends."""
    body = json.dumps({"height": height}).encode() if method == "PATCH" else b""
    lines = [
        f"{method} {PATH} HTTP/1.1",
        "host: localhost",
        "x-api-key: sbx_spoilt",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *([f"x-sandbox-fault: {fault}"] if fault is not None else []),
    ]
    received = b""
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionResetError:
            pass
    return received


@pytest.mark.parametrize("method", ["PATCH", "GET"])
@pytest.mark.parametrize("by_header", [False, True])
@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_dropped_connection_says_nothing(
    server: LiveServer, client: httpx2.Client, drop: str, by_header: bool, method: str
) -> None:
    """Not a byte comes back. Before, the call had no effect; after, it had. The server goes on."""
    height = client.get(PATH).json()["height"]
    if not by_header:
        server.control("POST", FAULTS, {"path": "/api/v1/profiles/{id}", "method": method, "drop": drop})
    assert on_the_wire(server, fault=f"drop={drop}" if by_header else None, method=method) == b""
    changed = drop == "after" and method == "PATCH"
    assert client.get(PATH).json()["height"] == (150 if changed else height)


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_client_meets_a_dropped_connection_as_an_error(client: httpx2.Client, drop: str) -> None:
    """An HTTP client raises, on a connection that it had used before too; the next call opens another."""
    assert client.get(PATH).status_code == 200
    with pytest.raises(httpx2.TransportError):
        client.get(PATH, headers={"x-sandbox-fault": f"drop={drop}"})
    assert client.get(PATH).status_code == 200


@pytest.mark.parametrize(
    "extra", ["", "; trickle_ms=1", "; latency_ms=1", "; status=503", "; trickle_ms=1; latency_ms=1"]
)
def test_a_truncated_body_ends_early(server: LiveServer, client: httpx2.Client, extra: str) -> None:
    """The length that is told is that of the whole body; half of it comes, and the connection ends. The call took
    effect, unless a status stood in its place."""
    received = on_the_wire(server, 151, fault=f"truncate{extra}")
    head, _, body = received.partition(b"\r\n\r\n")
    told = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")).split(b":")[1])
    assert head.startswith(b"HTTP/1.1 503" if "status" in extra else b"HTTP/1.1 200")
    assert len(body) == told // 2 > 0
    assert (client.get(PATH).json()["height"] == 151) is ("status" not in extra)


def test_a_client_meets_a_truncated_body_as_an_error(client: httpx2.Client) -> None:
    """An HTTP client notices that there is less than was told, for a file too."""
    for path in (PATH, f"/api/v1/documents/{DOCUMENT}"):
        with pytest.raises(httpx2.RemoteProtocolError):
            client.get(path, headers={"x-sandbox-fault": "truncate"})
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("effect", ["latency_ms=1", "trickle_ms=1", "latency_ms=2; trickle_ms=5"])
def test_a_slow_answer_is_whole(client: httpx2.Client, effect: str) -> None:
    """However slowly it comes, it is the answer, and the connection stays."""
    slow = client.get(PATH, headers={"x-sandbox-fault": effect})
    assert slow.json() == client.get(PATH).json()
    assert slow.headers["x-sandbox-fault"] == f"X-Sandbox-Fault: {effect}"


def test_a_malformed_body_is_no_json(client: httpx2.Client) -> None:
    """It is whole, and cannot be decoded."""
    reply = client.get(PATH, headers={"x-sandbox-fault": "malformed"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json")
    with pytest.raises(ValueError, match="Expecting value"):
        reply.json()


def test_a_status_stands_in_the_place_of_the_call(server: LiveServer, client: httpx2.Client) -> None:
    """With its Retry-After, for as many calls as were asked for."""
    server.control("POST", FAULTS, {"operation": "get_profile", "status": 429, "retry_after": 3, "times": 2})
    replies = [client.get(PATH) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [429, 429, 200]
    assert [reply.headers.get("retry-after") for reply in replies] == ["3", "3", None]
    assert replies[0].json() == {"error": "Too Many Requests (injected by the sandbox)"}


@pytest.mark.rule("fault.effect")
@pytest.mark.parametrize("text", ["", "nonsense", "drop=never", "status=999", b"\xe4\xff", "x" * 5000])
def test_a_header_that_says_none_is_refused(client: httpx2.Client, text: Any) -> None:
    """Whatever the header holds, the answer is a 400 that tells how it is written."""
    reply = client.patch(PATH, json={"height": 150}, headers={"x-sandbox-fault": text})
    assert (reply.status_code, reply.headers["x-sandbox-rule"]) == (400, "fault.effect; basis=sandbox")
    assert client.get(PATH).json()["height"] == 168


def test_the_control_plane_meets_no_faults(client: httpx2.Client) -> None:
    """Neither by header nor by rule."""
    reply = client.get("/_sandbox/health", headers={"x-sandbox-fault": "status=503"})
    assert reply.status_code == 200
