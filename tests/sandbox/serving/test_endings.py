"""How connections end: behind what is no request, in silence, when nobody reads, and when the server ends."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from aniva_sandbox.engine.serving import server
from aniva_sandbox.engine.serving.connection import Connection
from aniva_sandbox.engine.serving.h11_connection import H11Connection
from aniva_sandbox.engine.serving.protocol import KEEP_ALIVE, MAX_HEAD, Bounded
from aniva_sandbox.engine.serving.server import SEND_BUFFER
from aniva_sandbox.testing.live import LiveServer
from tests.cli.test_commands import serving
from tests.sandbox.serving.common import Fed, Wire, look, on_loop, until, uvicorn_of
from tests.support import PROFILE

KINDS = pytest.mark.parametrize("kind", [Connection, H11Connection], ids=["httptools", "h11"])
KEY = b"host: localhost\r\nx-api-key: sbx_ends\r\n"
GET = b"GET /api/v1/units HTTP/1.1\r\n" + KEY + b"\r\n"
LATE = b"GET /api/v1/units HTTP/1.1\r\n" + KEY + b"x-sandbox-fault: latency_ms=50\r\n\r\n"
NEVER = LATE.replace(b"=50", b"=600000")
PATCH = f"PATCH /api/v1/profiles/{PROFILE} HTTP/1.1\r\ncontent-type: application/json\r\n".encode() + KEY


def update(text: str, length: int | None = None) -> bytes:
    """An update, whose Content-Length may be wrong."""
    body = text.encode()
    return PATCH + b"content-length: %d\r\n\r\n" % (len(body) if length is None else length) + body


# Behind what is no request


@pytest.mark.rule("http.syntax")
def test_a_length_counted_in_characters(wire: Wire) -> None:
    """The request is read as far as its length goes, and answered; then the connection ends with the likely cause."""
    text = '{"first_name": "Jürgen"}'
    wire.send(update(text, len(text)))
    assert wire.status() == 400
    status, headers, body = wire.answer()
    assert (status, headers["x-sandbox-rule"]) == (400, "http.syntax; basis=sandbox")
    assert body["error"].endswith("the Content-Length was too small: it counts bytes, not characters")
    assert headers["connection"] == "close"
    assert wire.rest() == []


JUNK = [
    b"}",
    b"\x00",
    b"nonsense\r\n\r\n",
    b'any"}',
    b"A" * 100,
    b'"}' * 5000,
    b"GET /a HTTP/1.1 x\r\n\r\n" + GET,
    b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
]


@pytest.mark.rule("http.syntax")
@pytest.mark.parametrize("apart", [False, True], ids=["at once", "apart"])
@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize(
    ("requests", "statuses", "says_length"),
    [
        ([update('{"height": 151}')], [200], True),
        ([GET], [200], False),
        ([LATE], [200], False),
        ([GET, update("{}"), GET], [200] * 3, False),
        ([LATE, LATE, update("{}")], [200] * 3, True),
        ([update('{"height": "x"}'), GET.replace(b"units", b"unit")], [400, 404], False),
        ([update("{}").replace(b"\r\n\r\n", b"\r\nx-sandbox-fault: latency_ms=50\r\n\r\n")], [200], True),
        ([PATCH + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"], [200], False),
    ],
)
def test_junk_behind_requests_is_refused_after_them(
    wire: Wire, requests: list[bytes], statuses: list[int], says_length: bool, junk: bytes, apart: bool
) -> None:
    """Whole requests are answered in their order, then one refusal ends the connection: what follows it is not read."""
    if apart:
        for request in requests:
            wire.send(request)
        wire.send(junk)
    else:
        wire.send(b"".join(requests) + junk)
    for expected in statuses:
        status, headers, _ = wire.answer()
        assert (status, "http.syntax" in headers.get("x-sandbox-rule", "")) == (expected, False)
    status, headers, body = wire.answer()
    assert (status, headers["x-sandbox-rule"]) == (400, "http.syntax; basis=sandbox")
    assert "What follows the previous request" in body["error"]
    assert ("Content-Length" in body["error"]) == says_length
    assert wire.rest() == []


@pytest.mark.rule("http.syntax")
@pytest.mark.parametrize("before", [[GET], [LATE], [LATE, GET, update("{}")]])
def test_a_body_that_cannot_be_read_is_refused_in_its_turn(served: LiveServer, wire: Wire, before: list[bytes]) -> None:
    """A broken chunk refuses its request, and does nothing else, also where others are answered first."""
    wire.send(b"".join(before) + PATCH + b'transfer-encoding: chunked\r\n\r\ne\r\n{"height": 99}\r\nx\r\n')
    for _ in before:
        assert wire.status() == 200
    status, headers, body = wire.answer()
    assert (status, headers["x-sandbox-rule"]) == (400, "http.syntax; basis=sandbox")
    assert body == {"error": "This is not an HTTP/1.1 request"}
    assert wire.rest() == []
    assert served.run(lambda: served.worlds.find("sbx_ends")[0].profiles[PROFILE].height) != 99  # type: ignore[index]


@pytest.mark.rule("http.head")
def test_a_head_that_never_ends_behind_a_request_in_flight(wire: Wire) -> None:
    """The request is answered, and what followed it is refused."""
    wire.send(LATE + GET[:-2] + b"x-long: ")
    for _ in range(3 * MAX_HEAD // 8192):
        wire.send(b"x" * 8192)
    assert wire.status() == 200
    assert wire.rest() in ([431], [400], [])


# In silence


def test_an_idle_connection_is_kept(served: LiveServer, wire: Wire) -> None:
    """It is kept for longer than usual polls, whenever the server looks; also where a body ended after its response."""
    assert uvicorn_of(served).config.timeout_keep_alive == KEEP_ALIVE >= 75
    for request in (GET, update("{}"), GET[:-2] + b"content-length: 2\r\n\r\n", b"{}" + GET, GET):
        wire.send(request)
        assert wire.status() == 200
        look(served, 1)
    look(served, 9)
    wire.send(GET)
    assert wire.status() == 200


def test_an_idle_connection_ends_in_time(served: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time, it is closed without a word."""
    monkeypatch.setattr(uvicorn_of(served).config, "timeout_keep_alive", 0.05)
    monkeypatch.setattr(Bounded, "patience", 0.02)
    for request in (GET, update("{}")):
        with Wire(served.url) as wire:
            wire.send(request)
            assert wire.rest() == [200]


def test_an_idle_connection_ends_after_empty_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty line behind a body, as old clients send it, begins nothing: the connection is kept, and not for ever;
    each request prolongs it."""

    async def main() -> None:
        loop, now = asyncio.get_running_loop(), 1000.0
        monkeypatch.setattr(loop, "time", lambda: now)
        fed = Fed(Connection, _empty)
        for sent in (GET + b"\r\n", GET):
            await fed.feed(sent)
            await fed.feed(b"\r\n")
            fed.connection._look()
            now += KEEP_ALIVE - 1
            fed.connection._look()
            assert not fed.transport.closed
        now += 1
        fed.connection._look()
        assert fed.transport.closed
        assert [status for status, *_ in fed.answers()] == [204, 204]

    asyncio.run(main())


@KINDS
def test_half_a_head_behind_an_idle_time_has_its_own(kind: type[Any]) -> None:
    """A request that begins just before a look is waited for until the look after the next."""

    async def main() -> None:
        fed = Fed(kind, _empty)
        await fed.feed(GET)
        fed.connection._look()
        await fed.feed(GET[:9])
        fed.connection._look()
        assert not fed.transport.closed
        fed.connection._look()
        assert fed.transport.closed
        assert [status for status, *_ in fed.answers()] == [204, 408]

    asyncio.run(main())


def test_who_is_not_read_is_not_waited_for() -> None:
    """Where the server reads on only when an earlier request was answered, the client owes nothing."""

    async def main() -> None:
        go = asyncio.Event()

        async def late(_scope: Any, receive: Any, send: Any) -> None:
            await go.wait()
            await _empty(_scope, receive, send)

        fed = Fed(Connection, late)
        fed.connection.data_received(GET + PATCH + b"content-length: 2\r\n\r\n{")
        for _ in range(4):
            fed.connection._look()
        go.set()
        await fed.feed(b"}")
        assert [status for status, *_ in fed.answers()] == [204, 204]

    asyncio.run(main())


@KINDS
def test_a_lost_connection_leaves_no_timer(kind: type[Any]) -> None:
    """Also one that broke leaves nothing that would hold it."""

    async def main() -> None:
        fed = Fed(kind, _empty)
        await fed.feed(GET)
        fed.connection.connection_lost(ConnectionResetError())
        assert fed.connection._timer.cancelled()

    asyncio.run(main())


# When nobody reads


@KINDS
@pytest.mark.parametrize("closing", [False, True])
def test_who_does_not_read_is_given_up(kind: type[Any], closing: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as some of what is left goes out the connection stays, also where it is closing; not when none does."""

    async def main() -> None:
        monkeypatch.setattr(Bounded, "stall", 0.0)
        fed = Fed(kind, _empty)
        await fed.feed(GET[:-2] + b"connection: close\r\n\r\n" if closing else GET)
        assert fed.transport.closed is closing
        for fed.transport.left in range(20_000, 0, -1000):
            fed.connection._look()
        assert not fed.transport.aborted
        fed.connection._look()
        assert fed.transport.aborted
        fed.connection.connection_lost(None)
        assert fed.connection._timer.cancelled()

    asyncio.run(main())


@KINDS
def test_who_does_not_read_has_a_minute(kind: type[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted from the last that went out; with nothing left to be sent it is not counted at all."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        now = 1000.0  # exact in all that is added to it
        monkeypatch.setattr(loop, "time", lambda: now)
        fed = Fed(kind, _empty)
        await fed.feed(GET)
        for seconds, left in [(0, 0), (99, 0), (30, 9000), (59, 9000), (30, 8000), (30, 8000), (29.5, 8000)]:
            now += seconds
            fed.transport.left = left
            fed.connection._look()
            assert not fed.transport.aborted
        now += 0.5
        fed.connection._look()
        assert fed.transport.aborted

    asyncio.run(main())


def test_a_large_response_that_nobody_reads(served: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server lets go of it, and of none that is read; meanwhile the kernel holds little of it."""
    running = uvicorn_of(served)
    monkeypatch.setattr(running.config, "loaded_app", _large)
    monkeypatch.setattr(Bounded, "patience", 0.05)
    connections = running.server_state.connections
    with Wire(served.url) as reader, Wire(served.url) as idler:
        for wire in (reader, idler):
            wire.send(GET)
            assert wire.readable(60)
        assert len(connections) == 2
        for connection in connections:
            kernels = connection.transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
            assert kernels <= 2 * SEND_BUFFER  # Linux takes it twice
        assert len(reader.answer()[2]) == LARGE
        monkeypatch.setattr(Bounded, "stall", 0.1)
        until(lambda: len(connections) == 1)
        monkeypatch.undo()
        with pytest.raises((EOFError, msgspec.DecodeError)):
            idler.answer()
        reader.send(GET)
        assert reader.status() == 200


# When the server ends


@contextlib.contextmanager
def live(kind: type[Any]) -> Iterator[LiveServer]:
    """A server of its own, with connections of a kind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "Connection", kind)
        with LiveServer() as running:
            yield running


HALF = PATCH + b"content-length: 99\r\n\r\n{"


SLOW_UPDATE = update("{}").replace(b"\r\n\r\n", b"\r\nx-sandbox-fault: latency_ms=600000\r\n\r\n")
LEFT = [
    (HALF, [503]),
    (PATCH + b"transfer-encoding: chunked\r\n\r\n", [503]),
    (NEVER, [503]),
    (SLOW_UPDATE, [503]),
    (GET + NEVER, [200, 503]),
    (GET, [200]),
    (GET[:-2], []),
    (b"", []),
]


@KINDS
@pytest.mark.rule("http.shutdown")
def test_what_is_not_answered_when_the_server_ends(kind: type[Any]) -> None:
    """What is in flight has a moment to be answered; then it gets 503 with the error body and the rule. Where there is
    nothing, or half a head, the connection is closed without a word."""
    with live(kind) as running, contextlib.ExitStack() as stack:
        state = uvicorn_of(running).server_state
        wires = [stack.enter_context(Wire(running.url)) for _ in LEFT]
        for wire, (sent, _) in zip(wires, LEFT, strict=True):
            wire.send(sent)
        until(lambda: len(state.connections) == len(LEFT))
        settle(running)
        thread = stop(running)
        for wire, (_, statuses) in zip(wires, LEFT, strict=True):
            found = list(answers(wire))
            assert [status for status, *_ in found] == statuses
            for _, headers, body in found[statuses.index(503) :] if 503 in statuses else []:
                assert headers["x-sandbox-rule"] == "http.shutdown; basis=sandbox"
                assert body == {"error": "The server shut down before it responded to this request"}
                assert headers["connection"] == "close"
        thread.join(30)
        assert not thread.is_alive()


@KINDS
def test_a_body_that_ends_in_time_is_answered(kind: type[Any]) -> None:
    """A request whose body is on its way when the server ends is still taken, where it ends in time."""
    with live(kind) as running, Wire(running.url) as wire, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Bounded, "grace", 60)
        patch.setattr(uvicorn_of(running).config, "timeout_graceful_shutdown", 60)
        wire.send(update("{}", 3))
        settle(running)
        thread = stop(running)
        assert not wire.readable(0.3)
        wire.send(b" ")
        assert wire.rest() == [200]
        thread.join(30)
        assert not thread.is_alive()


@KINDS
def test_the_server_never_ends_with_a_text_of_uvicorns(kind: type[Any]) -> None:
    """A response that was begun is cut off, and behind a request in flight there may be no word at all."""
    trickle = GET[:-2] + b"x-sandbox-fault: trickle_ms=60000\r\n\r\n"
    with live(kind) as running, Wire(running.url) as pipeline, Wire(running.url) as cut:
        pipeline.send(NEVER + GET)
        cut.send(trickle)
        assert cut.readable(60)
        settle(running)
        thread = stop(running)
        assert cut.everything().startswith(b"HTTP/1.1 200 OK")
        assert pipeline.rest() in ([], [503])
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.rule("http.shutdown")
def test_the_process_ends_with_requests_in_flight() -> None:
    """A polite end is a clean one, long before an injected wait is over."""
    with serving("--clock", "frozen") as (process, facts), contextlib.ExitStack() as stack:
        wires = [stack.enter_context(Wire(facts["url"])) for _ in range(3)]
        for wire, sent in zip(wires, (HALF, NEVER, GET[:9]), strict=True):
            wire.send(GET)
            assert wire.status() == 200
            wire.send(sent)
        with Wire(facts["url"]) as other:
            other.send(GET)
            assert other.status() == 200
        process.send_signal(signal.SIGTERM)
        assert [wire.rest() for wire in wires] == [[503], [503], []]
        said = process.communicate(timeout=15)
    assert (process.returncode, said[0]) == (0, "")
    assert "Traceback" not in said[1]


# Helpers


LARGE = 7 * 1024 * 1024


async def _empty(_scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _large(_scope: Any, _receive: Any, send: Any) -> None:
    length = (b"content-length", b"%d" % (LARGE + 2))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": b'"%s"' % (b"x" * LARGE)})


def settle(running: LiveServer) -> None:
    """Let a server read and begin what was sent to it."""
    for _ in range(5):
        on_loop(running, lambda: None)


def stop(running: LiveServer) -> threading.Thread:
    """Tell a server to end. Returns the thread that it ends with."""
    assert running._listening is not None
    running._listening._server.should_exit = True
    return running._listening._thread


def answers(wire: Wire) -> Iterator[tuple[int, dict[str, str], Any]]:
    """All answers until the connection is closed."""
    with contextlib.suppress(EOFError):
        while True:
            yield wire.answer()
