"""Connections: what a client may send beside a body, how long it may take, and what the app learns of them."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from aniva_sandbox.engine.serving.protocol import MAX_HEAD, MAX_REST, Bounded
from aniva_sandbox.engine.serving.responses import Response
from aniva_sandbox.testing.live import LiveServer
from tests.sandbox.serving.common import Wire, look, settled, uvicorn_of
from tests.support import PROFILE

GET = b"GET /api/v1/units HTTP/1.1\r\nhost: localhost\r\nx-api-key: sbx_wire\r\n"
PATCH = (
    f"PATCH /api/v1/profiles/{PROFILE} HTTP/1.1\r\nx-api-key: sbx_wire\r\ncontent-type: application/json\r\n".encode()
)
PATCH += b"host: localhost\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n\r\n"


def head_of(size: int) -> bytes:
    """A GET whose request line and headers weigh so many bytes as they are weighed."""
    weight = (
        len("GET") + len("/api/v1/units") + sum(len(line) - len(b": ") + 4 for line in GET.split(b"\r\n")[1:] if line)
    )
    return GET + b"x-long: " + b"x" * (size - weight - len("x-long") - 4) + b"\r\n\r\n"


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    """Data in pieces of a size."""
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.rule("http.head")
@pytest.mark.parametrize("piece", [2 * MAX_HEAD, 40_000, 30_000, 1000])
def test_a_head_of_up_to_64_kibibytes_is_taken(wire: Wire, piece: int) -> None:
    """Exactly 64 KiB of request line and headers are taken, and one byte more is not, in however many pieces they
    come; what was read whole leaves the connection in order."""
    for part in in_pieces(head_of(MAX_HEAD), piece):
        wire.send(part)
    assert wire.status() == 200
    for part in in_pieces(head_of(MAX_HEAD + 1), piece):
        wire.send(part)
    assert wire.status() in (431, 400)
    with Wire(wire.url) as other:
        other.send(GET + b"\r\n")
        assert other.status() == 200


@pytest.mark.rule("http.head")
def test_a_refused_head_names_the_rule(wire: Wire) -> None:
    """The answer to a head that is too long has the error body and the rule, and the connection serves what follows."""
    wire.send(head_of(MAX_HEAD + 1) + GET + b"\r\n")
    status, headers, body = wire.answer()
    assert (status, headers["x-sandbox-rule"], list(body)) == (431, "http.head; basis=sandbox", ["error"])
    assert wire.status() == 200


@pytest.mark.rule("http.head")
def test_a_refused_head_of_head_has_no_body(wire: Wire) -> None:
    """The response to HEAD has none, whatever it is; what follows it is another response."""
    wire.send(head_of(MAX_HEAD + 1).replace(b"GET", b"HEAD", 1).replace(b"x-long: x", b"x-long: xx"))
    wire.send(GET + b"connection: close\r\n\r\n")
    first, second = wire.everything().split(b"HTTP/1.1 ")[1:]
    assert first.startswith(b"431 ")
    assert first.endswith(b"\r\n\r\n")
    assert second.startswith(b"200 ")


def endless_header() -> Iterator[bytes]:
    yield GET + b"x-long: "
    while True:
        yield b"x" * 8192


def endless_headers() -> Iterator[bytes]:
    yield GET
    while True:
        yield b"x-more: 1\r\n" * 800


def endless_line() -> Iterator[bytes]:
    yield b"GET /api/v1/units?"
    while True:
        yield b"x" * 8192


def endless_trailers() -> Iterator[bytes]:
    yield PATCH + CHUNKED + b"2\r\n{}\r\n0\r\n"
    while True:
        yield b"x-more: 1\r\n" * 800


def endless_extension() -> Iterator[bytes]:
    yield PATCH + CHUNKED + b"2;"
    while True:
        yield b"x" * 8192


def endless_empty_lines() -> Iterator[bytes]:
    yield GET + b"\r\n"
    while True:
        yield b"\r\n" * 4096


@pytest.mark.rule("http.head")
@pytest.mark.parametrize(
    "pieces",
    [endless_header, endless_headers, endless_line, endless_trailers, endless_extension, endless_empty_lines],
)
def test_what_is_no_body_and_never_ends_is_cut_off(wire: Wire, pieces: Callable[[], Iterator[bytes]]) -> None:
    """The connection is closed before much more than 64 KiB have come, wherever in a request they stand."""
    sent = 0
    for piece in pieces():
        if not wire.send(piece):
            break
        sent += len(piece)
        assert sent < 512 * MAX_HEAD  # what the kernel holds is beyond the server
    assert set(wire.rest()) <= {200, 400, 431}


@pytest.mark.rule("http.too-large")
def test_a_body_that_never_ends_is_cut_off(wire: Wire) -> None:
    """A body that goes on is refused at 1 MiB, and its rest passed over so that the answer can be read; but not for
    ever."""
    wire.send(PATCH + CHUNKED)
    sent = 0
    while wire.send(b"10000\r\n" + b" " * 0x10000 + b"\r\n"):
        sent += 0x10000
        assert sent < 4 * MAX_REST
    assert set(wire.rest()) <= {413}
    assert sent > MAX_REST // 2


@pytest.mark.rule("http.timeout")
@pytest.mark.parametrize("sent", [b"G", GET, PATCH + CHUNKED, PATCH + CHUNKED + b"9\r\n{"])
def test_a_request_that_does_not_end_is_given_up(served: LiveServer, wire: Wire, sent: bytes) -> None:
    """Who begins a request, and sends no more, is told so and loses the connection."""
    wire.send(sent)
    look(served)
    status, headers, body = wire.answer()
    assert (status, headers["x-sandbox-rule"], list(body)) == (408, "http.timeout; basis=sandbox", ["error"])
    assert headers["connection"] == "close"
    assert wire.rest() == []


@pytest.mark.rule("http.timeout")
def test_a_request_that_goes_on_is_waited_for(served: LiveServer, wire: Wire) -> None:
    """Between two looks a client may take its time, and each request has its own."""
    for _ in range(3):
        wire.send(PATCH + CHUNKED)
        look(served, 1)
        wire.send(b"2\r\n{}\r\n0\r\n\r\n")
        assert wire.status() == 200
        look(served, 1)


@pytest.mark.rule("http.timeout")
def test_a_body_that_comes_too_slowly_is_given_up(served: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the end of the request that is waited for: bytes that drip in do not prolong it."""
    monkeypatch.setattr(Bounded, "patience", 0.2)
    with Wire(served.url) as wire:
        wire.send(PATCH + CHUNKED)
        dripped = 0
        while wire.send(b"1\r\n \r\n") and not wire.readable(0.005):
            dripped += 1
        assert dripped > 2
        assert wire.rest() in ([408], [])


@pytest.mark.parametrize("sent", [b"", GET + CHUNKED])
def test_a_silent_connection_is_closed_without_a_word(served: LiveServer, wire: Wire, sent: bytes) -> None:
    """Who has begun nothing, or was answered before the end, is told no more."""
    wire.send(sent)
    if sent:
        assert wire.status() == 200
    look(served)
    assert wire.rest() == []


def test_patience_is_for_clients_only(served: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the sandbox takes to answer a whole request, the connection stays."""
    monkeypatch.setattr(Bounded, "patience", 0.01)
    config = uvicorn_of(served).config
    app = config.loaded_app

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        loop = asyncio.get_running_loop()
        late = loop.create_future()
        loop.call_later(0.1, late.set_result, None)
        await late
        await app(scope, receive, send)

    monkeypatch.setattr(config, "loaded_app", slow)
    with Wire(served.url) as wire:
        wire.send(GET + b"\r\n")
        assert wire.status() == 200


@pytest.mark.rule("http.syntax")
@pytest.mark.parametrize("sent", [b"nonsense\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", GET + b"x\r\n\r\n"])
def test_what_is_no_http_is_refused(wire: Wire, sent: bytes) -> None:
    """What cannot be read answers 400 with the error body and the rule, and the connection is closed."""
    wire.send(sent)
    status, headers, body = wire.answer()
    assert (status, headers["x-sandbox-rule"], list(body)) == (400, "http.syntax; basis=sandbox", ["error"])
    assert wire.rest() == []


def test_nonsense_is_not_the_answer_to_an_earlier_request(wire: Wire) -> None:
    """Where requests before the nonsense are not answered yet, it only ends the connection."""
    wire.send(GET + b"\r\n" + b"nonsense\r\n\r\n")
    assert wire.rest() in ([], [200], [200, 400])


def test_the_app_knows_the_transport(served: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the app is told of a request names the connection, so that it can be dropped; each has its own."""
    seen = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        transport = scope["state"]["transport"]
        seen.append(transport)
        transport.abort()

    monkeypatch.setattr(uvicorn_of(served).config, "loaded_app", app)
    for _ in range(2):
        with Wire(served.url) as wire:
            wire.send(GET + b"\r\n")
            assert wire.rest() == []
    assert seen[0] is not seen[1]


@pytest.mark.parametrize("fault", [b"", b"x-sandbox-fault: latency_ms=1\r\n"])
def test_what_follows_the_last_request_is_not_read(
    served: LiveServer, wire: Wire, fault: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The last request of a connection has its response, and what came along behind it is dropped without an error."""
    wire.send(GET + fault + b"connection: close\r\n\r\n" + (GET + b"\r\n") * 3)
    assert wire.rest() == [200]
    assert settled(served) == (0, 0)
    assert not caplog.records


def test_who_leaves_while_others_wait_leaves_no_error(served: LiveServer, caplog: pytest.LogCaptureFixture) -> None:
    """The client goes while its first request waits and others wait behind it, so that nothing is read."""
    with Wire(served.url) as wire:
        wire.send(GET + b"x-sandbox-fault: latency_ms=20; drop=after\r\n\r\n" + (GET + b"\r\n") * 3)
        assert wire.rest() == []
    assert settled(served) == (0, 0)
    assert not caplog.records


def test_a_response_that_cannot_be_written(served: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header with a line break, which only a defect could make, never reaches a client: it gets 500, whichever way
    its response goes."""

    class App:
        """An app, directly or through ASGI, with such a header."""

        def __init__(self, direct: Any) -> None:
            self.direct = direct

        async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"1\r\nx-b: 2")]})

    class Broken:
        """Calls that are answered so."""

        def respond(self, _request: Any) -> Response:
            return Response(200, [(b"x-a", b"1\r\nx-b: 2")], b"")

    for direct in (None, Broken()):
        monkeypatch.setattr(uvicorn_of(served).config, "loaded_app", App(direct))
        with Wire(served.url) as wire:
            wire.send((GET + b"\r\n") * 2)
            status, headers, body = wire.answer()
            assert (status, headers["x-sandbox-rule"]) == (500, "error.internal; basis=documented")
            assert body == {"error": "The sandbox has a defect: the request got no response"}
            assert "x-b" not in headers
            assert wire.rest() == []
        monkeypatch.undo()


def test_connections_leave_nothing_behind(served: LiveServer) -> None:
    """When clients have gone, the server holds no connection and no task, whatever they left unfinished."""
    for sent in (b"", b"G", GET, GET + b"\r\n", PATCH + CHUNKED, PATCH + CHUNKED + b"9\r\n{", head_of(2 * MAX_HEAD)):
        with Wire(served.url) as wire:
            wire.send(sent)
    assert settled(served) == (0, 0)
