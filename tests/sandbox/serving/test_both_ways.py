"""Calls that are answered where their bytes arrive, at once or later, are answered as through ASGI, to the byte."""

import asyncio
import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from starlette.types import ASGIApp, Receive, Scope, Send

from aniva_sandbox.api.app import build_app
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.serving.calls import Direct
from aniva_sandbox.engine.serving.connection import Connection
from aniva_sandbox.engine.serving.responses import Done
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.testing.live import LiveServer
from tests.sandbox.serving.common import NEW_APPOINTMENT, Fed, Swallowing, Wire, on_loop, uvicorn_of
from tests.sandbox.serving.conversations import ALONE, PAGE, TYPES, Conversation, Step, around, conversations, shown
from tests.support import CONTROL, PARTNER, Client, new_worlds, snapshot_of

DATE = re.compile(rb"(?m)^date: [^\r]*")
GET = b"GET /api/v1/units HTTP/1.1\r\nhost: localhost\r\nx-api-key: sbx_life\r\n\r\n"
HEAD = GET.replace(b"GET", b"HEAD")
LAST = GET.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
BODY = msgspec.json.encode(NEW_APPOINTMENT)
BOOK = b"POST /api/v1/appointments HTTP/1.1\r\nhost: localhost\r\nx-api-key: sbx_life\r\n" + TYPES[0]
CHUNKED = (
    BOOK + b"transfer-encoding: chunked\r\n\r\n" + b"%x;a=b\r\n%s\r\n0\r\nx-trailer: 1\r\n\r\n" % (len(BODY), BODY)
)
WHOLE = BOOK + b"content-length: %d\r\n\r\n" % len(BODY) + BODY


def with_header(request: bytes, header: bytes) -> bytes:
    """A request with one more header."""
    return request.replace(b"host: localhost\r\n", b"host: localhost\r\n" + header + b"\r\n", 1)


class Talk:
    """A connection that is led through a conversation as a socket and a loop would lead it: what arrives while reading
    is paused waits, a closed connection is lost, and a pause lasts until its time is said to have passed."""

    def __init__(self, kind: type[Any], app: ASGIApp) -> None:
        self.transport = _Transport(self._lose)
        self.connection = Fed(kind, app, self.transport, pause=self._pause).connection
        self.connection.server_state.default_headers = [(b"date", b"today")]
        self._coming: list[bytes] = []
        """What has not been read; an empty piece is the end."""
        self._pauses: list[asyncio.Future[None]] = []
        self._is_lost = False

    async def take(self, step: bytes | Step) -> None:
        """Let a step happen, and everything that follows from it."""
        if step not in (Step.LATER, Step.STALL) and not isinstance(step, bytes):
            await self._drain()
        match step:
            case bytes():
                self._coming.append(step)
            case Step.LATER:
                pauses, self._pauses = self._pauses, []
                for pause in pauses:
                    if not pause.done():
                        pause.set_result(None)
            case Step.STALL if not self._is_lost and not self.transport.stalled:
                self.transport.stalled = True
                self.connection.pause_writing()
            case Step.LOOK if not self._is_lost:
                self.connection._look()
            case Step.SHUTDOWN | Step.OVER if not self._is_lost:
                self.connection.shutdown()
                if step is Step.OVER:
                    self.connection._end()
            case Step.END:
                self._coming.append(b"")
            case Step.LOST if not self._is_lost:
                self.transport.abort()
                self._lose(ConnectionResetError())
        await self._go_on()

    async def end(self) -> None:
        """Let the time pass that anything waits for."""
        await self._drain()
        while self._pauses:
            await self.take(Step.LATER)

    async def _drain(self) -> None:
        if self.transport.stalled:
            self.transport.stalled = False
            if self.transport.closed:
                self._lose()
            else:
                self.connection.resume_writing()
            await self._go_on()

    async def _go_on(self) -> None:
        """Let the loop run until nothing is left to do but to wait."""
        loop: Any = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0)
            if loop._ready:
                continue
            if not self._coming or self.transport.paused or self.transport.closed:
                return
            if piece := self._coming.pop(0):
                self.connection.data_received(piece)
            elif not self.connection.eof_received():
                self.transport.close()

    async def _pause(self, _seconds: float) -> None:
        pause = asyncio.get_running_loop().create_future()
        self._pauses.append(pause)
        await pause

    def _lose(self, error: Exception | None = None) -> None:
        if not self._is_lost and (self.transport.aborted or not self.transport.stalled):
            self._is_lost = True
            self.connection.connection_lost(error)


class _Transport(Swallowing):
    """A transport to nowhere that says when it is closed."""

    def __init__(self, lose: Callable[[], None]) -> None:
        super().__init__()
        self._lose = lose
        self.paused = self.stalled = False

    def close(self) -> None:
        if not self.closed:
            super().close()
            asyncio.get_running_loop().call_soon(self._lose)

    def abort(self) -> None:
        if not self.aborted:
            super().abort()
            asyncio.get_running_loop().call_soon(self._lose)

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class Told(NamedTuple):
    """What came of a conversation: what was written at each step and whether the connection was open then, and what is
    in the worlds in the end."""

    steps: list[str]
    written: bytes
    end: dict[str, Any]


def tell(app: ASGIApp, worlds: Worlds, conversation: Conversation, kind: type[Any] = Connection) -> Told:
    """Have a conversation with an app, over a connection of a kind."""

    async def main() -> tuple[list[str], bytes]:
        talk = Talk(kind, app)
        written = 0
        steps = []

        def note(step: str) -> None:
            nonlocal written
            transport = talk.transport
            new = DATE.sub(b"date: ...", bytes(transport.written[written:]))
            written = len(transport.written)
            state = "aborted" if transport.aborted else "closed" if transport.closed else "open"
            calls = ", ".join(
                f"{world.name}: {len(world.journal)} calls, {world.in_flight} waiting" for world in worlds
            )
            steps.append(f"{step}\n  -> {new!r}, {state}; {calls}")

        for step in conversation.steps:
            await talk.take(step)
            note(shown(step))
        await talk.end()
        note("in the end")
        await talk.take(Step.END)
        await talk.end()
        assert not talk.connection.tasks
        return steps, DATE.sub(b"date: ...", bytes(talk.transport.written))

    return Told(*asyncio.run(main()), contents(worlds))


def contents(worlds: Worlds) -> dict[str, Any]:
    """All that is in worlds, without the machine's time."""
    client = Client(worlds)
    found: dict[str, Any] = {"/unmatched": client.control("GET", "/unmatched").json, "made": list(worlds.made)}
    assert not worlds.mismatches
    for world in worlds:
        journal = client.control("GET", f"/worlds/{world.name}/journal").json
        for exchange in journal["exchanges"]:
            del exchange["elapsed_ms"]
        found[world.name] = snapshot_of(world), journal, world.last_use
        assert world.in_flight == 0
    return found


def all_ways(conversation: Conversation) -> dict[str, Told]:
    """What comes of a conversation directly, at once and later, with heads that were read before, and through ASGI,
    with each head parsed."""
    told = {}
    for way in ("at once", "later", "through ASGI"):
        worlds = new_worlds()
        worlds.create("a")
        app = build_app(worlds, PARTNER, CONTROL, cors_origins=[PAGE] if conversation.cors else [])
        match way:
            case "later":
                put_off(app, lambda respond: asyncio.get_running_loop().call_soon(respond))
                told[way] = tell(app, worlds, conversation)
            case "through ASGI":
                told[way] = tell(_hidden(app), worlds, conversation, Parsing)
            case _:
                told[way] = tell(app, worlds, conversation)
    return told


def put_off(app: Any, later: Callable[[Callable[[], object]], object]) -> None:
    """Have an app respond directly only when a function lets it, as where worlds are in a store."""
    direct: Direct | None = app.direct
    if direct is not None:
        calls = direct._calls

        def begin(request: Request, done: Done) -> None:
            later(lambda: done(calls.respond(request)))

        app.direct = Direct(calls, direct._prefix, begin)


class Parsing(Connection):
    """A connection that parses each head, whether it was read before or not."""

    _feed = Connection._parse


def _hidden(app: ASGIApp) -> ASGIApp:
    async def only_asgi(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    return only_asgi


def compare(conversation: Conversation) -> None:
    """Fail where a conversation comes to something else in one way than in another."""
    told = all_ways(conversation)
    asgi = told.pop("through ASGI")
    for way, direct in told.items():
        for number, (step, other) in enumerate(zip(direct.steps, asgi.steps, strict=True)):
            so_far = "\n".join(direct.steps[: number + 1])
            assert step == other, f"{conversation}\n\n{way}:\n{so_far}\n\nThe last step through ASGI:\n{other}"
        assert direct.end == asgi.end, (way, conversation)


@pytest.mark.parametrize("part", list(ALONE))
def test_same_bytes_for_each_part(part: str) -> None:
    """Each part that conversations are made of is met with all else sound, when it is new and when its head was read
    before."""
    for sent in ALONE[part]:
        compare(around(sent))
        compare(around(sent))


@settings(
    max_examples=1000, derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(conversations())
def test_same_bytes_both_ways(conversation: Conversation) -> None:
    """Whatever a client sends, however it arrives, and whatever happens meanwhile: what is written after each piece,
    how the connection ends, and what is in the worlds then are the same."""
    compare(conversation)


def test_calls_are_answered_at_once() -> None:
    """Directly, a call is answered when its last byte has arrived and before anything else happens; what is hidden goes
    through ASGI, and is not. Otherwise the same way would be compared with itself."""

    async def main() -> None:
        app = build_app(new_worlds(), PARTNER, CONTROL)
        at_once = []
        for each in (app, _hidden(app)):
            talk = Talk(Connection, each)
            talk.connection.data_received(GET + WHOLE)
            at_once.append(talk.transport.written.count(b"HTTP/1.1 20"))
        assert at_once == [2, 0]

    asyncio.run(main())


def test_a_call_that_has_to_wait() -> None:
    """While a call waits, nothing behind it is answered; a late answer is written only if the client is still to get
    it, and an error ends the connection."""
    waiting: list[Callable[[], object]] = []

    async def main(*steps: bytes | Step, error: Exception | None = None) -> list[bytes]:
        app: Any = build_app(new_worlds(), PARTNER, CONTROL)
        put_off(app, waiting.append)
        if error is not None:
            direct = app.direct
            app.direct = Direct(direct._calls, direct._prefix, lambda _, done: waiting.append(partial(done, error)))
        talk = Talk(Connection, app)
        for step in steps:
            await talk.take(step)
        assert not talk.transport.written or Step.OVER in steps
        late: list[bytes] = []
        if talk.transport.closed:
            talk.transport.write = late.append
        while waiting:
            waiting.pop()()
            await talk.take(Step.LOOK)
        assert late == []
        return re.findall(rb"HTTP/1.1 (\d+)", talk.transport.written)

    assert asyncio.run(main(GET, WHOLE)) == [b"200", b"201"]
    assert asyncio.run(main(GET, WHOLE, Step.SHUTDOWN)) == [b"200", b"201"]
    assert asyncio.run(main(GET, Step.OVER)) == [b"503"]
    assert asyncio.run(main(GET, WHOLE, Step.OVER)) == []
    assert asyncio.run(main(GET, WHOLE, Step.LOST)) == []
    assert asyncio.run(main(GET, WHOLE, error=ValueError("defect"))) == [b"500"]


def test_a_head_that_was_read_before_is_not_parsed() -> None:
    """A request that arrives alone and whole is parsed once; another body of the same length, or none, needs no parser
    either. Anything else does: another length, a second request, a part. Otherwise parsing would be compared with
    itself."""
    parsed = []

    class Watched(Connection):
        def _parse(self, data: bytes | memoryview) -> None:
            parsed.append(bytes(data))
            super()._parse(data)

    async def main() -> None:
        talk = Talk(Watched, build_app(new_worlds(), PARTNER, CONTROL))
        new = with_header(GET, b"x-known: 1"), with_header(WHOLE, b"x-known: 1")
        later = new[1].replace(b"T10:", b"T11:")
        shorter = new[1][:-1]
        assert later != new[1]
        for piece in (*new, *new, later, new[0] * 2, new[0], shorter):
            talk.connection.data_received(piece)
        assert parsed == [*new, new[0] * 2, shorter]
        assert talk.transport.written.count(b"HTTP/1.1 20") == 8

    asyncio.run(main())


@pytest.mark.parametrize(
    "lone", [b"\r\n" + GET, CHUNKED, GET.replace(b"\r\n", b"\n"), LAST, WHOLE.replace(b"1.1", b"1.0")]
)
def test_what_surrounds_a_head_is_no_part_of_it(lone: bytes) -> None:
    """Whatever came with a head the first time, what follows it later is read as it is."""
    for behind in (b"", GET, BODY, WHOLE, b"\r\n" + GET):
        compare(Conversation([lone, lone + behind, behind]))


@pytest.mark.parametrize("effect", [b"drop=after", b"truncate", b"trickle_ms=5"])
@pytest.mark.parametrize("behind", [GET, WHOLE[:-1], WHOLE + GET, b"nonsense"])
def test_a_lost_connection_leaves_nothing_behind(effect: bytes, behind: bytes) -> None:
    """Where it is lost while a response waits, or by that response, no task is left of it and no request in flight,
    whatever has arrived behind the request."""
    faulty = with_header(WHOLE, b"x-sandbox-fault: latency_ms=5; " + effect)

    async def main(*steps: bytes | Step) -> None:
        worlds = new_worlds()
        talk = Talk(Connection, build_app(worlds, PARTNER, CONTROL))
        for step in steps:
            await talk.take(step)
        await talk.end()
        await talk.take(Step.LOST)
        assert not talk.connection.tasks
        assert [world.in_flight for world in worlds] == [0]

    asyncio.run(main(faulty, behind))
    asyncio.run(main(faulty + behind))
    asyncio.run(main(faulty + behind, Step.LOST))
    asyncio.run(main(faulty + behind, Step.LATER, Step.LOST))


# True to life

LIVES = {
    "one": [LAST],
    "one after the other": [GET, WHOLE, HEAD, CHUNKED, LAST],
    "at once": [GET + WHOLE + HEAD + CHUNKED + LAST],
    "in pieces": [CHUNKED[:100], CHUNKED[100:200], CHUNKED[200:-3], CHUNKED[-3:] + LAST[:9], LAST[9:]],
    "byte by byte": [(WHOLE + LAST)[at : at + 1] for at in range(len(WHOLE + LAST))],
    "HTTP/1.0": [GET.replace(b"1.1", b"1.0")],
    "refused": [GET.replace(b"units", b"nope"), WHOLE.replace(b"sbx_life", b"nobody"), LAST],
    "an offer": [with_header(WHOLE, b"connection: upgrade\r\nupgrade: h2c") + LAST],
    "expects": [with_header(WHOLE, b"expect: 100-continue")[: -len(BODY)], BODY, LAST],
    "no HTTP": [GET, b"nonsense\r\n\r\n"],
    "no host": [GET, GET.replace(b"host", b"x-host")],
    "dropped": [WHOLE, with_header(GET, b"x-sandbox-fault: drop=after")],
    "truncated": [WHOLE, with_header(GET, b"x-sandbox-fault: truncate")],
    "slow": [with_header(WHOLE, b"x-sandbox-fault: latency_ms=1; trickle_ms=1"), LAST],
    "a page": [LAST.replace(b"/api/v1/units", b"/_sandbox/openapi.json")],
}


@pytest.mark.parametrize("life", list(LIVES))
def test_a_real_connection_tells_the_same(served: LiveServer, life: str) -> None:
    """What is written to a connection that is led through a conversation comes out of a socket in life."""
    kind = uvicorn_of(served).config.http_protocol_class
    steps = LIVES[life]
    worlds = new_worlds()
    expected = tell(build_app(worlds, PARTNER, CONTROL), worlds, Conversation([*steps]), kind).written
    served.run(lambda: served.worlds.drop("life"))
    with Wire(served.url) as wire:
        for step in steps:
            wire.send(step)
            for _ in range(3):
                on_loop(served, lambda: None)
        received = wire.everything()
    assert DATE.sub(b"date: ...", received) == expected
