"""A world with a request in flight: it is counted, it is never dropped for another, and the count comes back to 0."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from starlette.types import ASGIApp

from aniva_sandbox.api.app import build_app
from aniva_sandbox.engine.store.memory import FullError, Worlds
from aniva_sandbox.engine.world.limits import Limits
from tests.support import CONTROL, PARTNER, PROFILE, new_worlds

PATH = f"/api/v1/profiles/{PROFILE}"
Message = dict[str, Any]
WHOLE = {"type": "http.request", "body": b'{"height": 150}', "more_body": False}
PART = {"type": "http.request", "body": b'{"height"', "more_body": True}
GONE = {"type": "http.disconnect"}


class Server:
    """The app with room for two worlds, and one request to it that can be held where it is."""

    def __init__(self) -> None:
        self.worlds: Worlds = new_worlds(limits=Limits(worlds=2))
        self.app: ASGIApp = build_app(self.worlds, PARTNER, CONTROL)
        self.held = asyncio.Event()
        """Set when the request has come to where it is held."""
        self.go = asyncio.Event()
        """Lets it go on."""
        self.sent: list[Message] = []

    async def wait(self, *_args: object) -> None:
        """Hold the request."""
        self.held.set()
        await self.go.wait()

    def request(
        self,
        *messages: Message,
        key: str = "sbx_busy",
        fault: str | None = None,
        hold_body: bool = False,
        send: Callable[[Message], Awaitable[None]] | None = None,
        method: str = "PATCH",
        path: str = PATH,
    ) -> asyncio.Task[None]:
        """Send a request whose body comes in these messages; the last can be held."""
        headers = [
            (b"host", b"localhost"),
            (b"x-api-key", key.encode()),
            (b"content-type", b"application/json"),
        ]
        if fault is not None:
            headers.append((b"x-sandbox-fault", fault.encode()))
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
        coming = list(messages)

        async def receive() -> Message:
            if hold_body and len(coming) == 1:
                await self.wait()
            return coming.pop(0) if coming else GONE

        async def keep(message: Message) -> None:
            self.sent.append(message)

        async def run() -> None:
            await self.app(scope, receive, send or keep)  # type: ignore[arg-type]

        return asyncio.create_task(run())

    def in_flight(self, name: str = "busy") -> int:
        """The requests in flight to a world."""
        world = next(world for world in self.worlds if world.name == name)
        return world.in_flight

    def names(self) -> set[str]:
        """The worlds that there are."""
        return {world.name for world in self.worlds}

    def crowd(self) -> None:
        """Make more worlds than there is room for."""
        for number in range(3):
            self.worlds.create(f"other-{number}")


def test_a_world_stays_while_a_body_is_on_its_way() -> None:
    """The body of a request to it is half there: others go, it does not; then it is answered."""

    async def main() -> None:
        server = Server()
        server.worlds.create("busy")
        task = server.request(PART, WHOLE | {"body": b": 150}"}, hold_body=True)
        await server.held.wait()
        assert server.in_flight() == 1
        server.crowd()
        assert server.names() == {"busy", "other-2"}
        server.go.set()
        await task
        assert server.sent[0]["status"] == 200
        assert server.in_flight() == 0
        server.crowd()
        assert "busy" not in server.names()

    asyncio.run(main())


@pytest.mark.parametrize(
    "effect", ["latency_ms=5", "trickle_ms=5", "latency_ms=5; status=503", "malformed; latency_ms=5"]
)
@pytest.mark.parametrize("exists", [False, True])
def test_a_world_stays_while_an_answer_waits(effect: str, exists: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """An injected wait counts, also where the very request made the world."""

    async def main() -> None:
        server = Server()
        monkeypatch.setattr(anyio, "sleep", server.wait)
        if exists:
            server.worlds.create("busy")
        task = server.request(WHOLE, fault=effect)
        await server.held.wait()
        assert server.in_flight() == 1
        server.crowd()
        assert server.names() == {"busy", "other-2"}
        server.go.set()
        await task
        assert server.in_flight() == 0

    asyncio.run(main())


def test_a_world_that_is_replaced_meanwhile_counts_for_the_old() -> None:
    """Replaced while the body was on its way, the new world is the one that is called, and both end with 0."""

    async def main() -> None:
        server = Server()
        old = server.worlds.create("busy")
        task = server.request(WHOLE, hold_body=True)
        await server.held.wait()
        assert old.in_flight == 1
        new = server.worlds.create("busy")
        server.go.set()
        await task
        assert (old.in_flight, new.in_flight) == (0, 0)
        assert (old.profiles[PROFILE].height, new.profiles[PROFILE].height) == (168, 150)

    asyncio.run(main())


def test_the_new_world_is_held_while_the_answer_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the call on it is the world that was called which stays."""

    async def main() -> None:
        server = Server()
        old = server.worlds.create("busy")
        task = server.request(WHOLE, hold_body=True, fault="latency_ms=5")
        await server.held.wait()
        new = server.worlds.create("busy")
        waiting = asyncio.Event()

        async def sleep(_seconds: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(anyio, "sleep", sleep)
        server.go.set()
        await waiting.wait()
        assert (old.in_flight, new.in_flight) == (0, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert new.in_flight == 0

    asyncio.run(main())


@pytest.mark.rule("world.limit")
def test_where_each_world_is_busy_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a request in flight to every world, a further world is refused; afterwards there is room."""

    async def main() -> None:
        server = Server()
        monkeypatch.setattr(anyio, "sleep", server.wait)
        tasks = [server.request(WHOLE, key=key, fault="latency_ms=5") for key in ("sbx_busy", "sbx_busier")]
        tasks.append(server.request(WHOLE, fault="latency_ms=5"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (server.in_flight(), server.in_flight("busier")) == (2, 1)
        with pytest.raises(FullError):
            server.worlds.create("another")
        await server.request(WHOLE, key="sbx_another")
        assert server.sent[0]["status"] == 507
        assert (b"x-sandbox-rule", b"world.limit; basis=sandbox") in server.sent[0]["headers"]
        server.go.set()
        await asyncio.gather(*tasks)
        assert (server.in_flight(), server.in_flight("busier")) == (0, 0)
        server.worlds.create("another")

    asyncio.run(main())


ENDS: dict[str, dict[str, Any]] = {
    "a disconnect before the body": {"messages": [GONE]},
    "a disconnect within the body": {"messages": [PART, GONE]},
    "a body that is too large": {"messages": [{"type": "http.request", "body": b"x" * 2**21, "more_body": True}]},
    "a refusal": {"messages": [WHOLE], "key": "sbx_busy.reader"},
    "an unknown persona": {"messages": [WHOLE], "key": "sbx_busy.nobody"},
    "a status": {"messages": [WHOLE], "fault": "status=500"},
    "a spoilt body": {"messages": [WHOLE], "fault": "malformed"},
    "a header that says none": {"messages": [WHOLE], "fault": "nonsense"},
    "a call": {"messages": [WHOLE]},
    "a GET": {"messages": [], "method": "GET"},
}


@pytest.mark.parametrize("end", list(ENDS))
def test_the_count_comes_back(end: str) -> None:
    """However a request ends, nothing of it is in flight afterwards."""

    async def main() -> None:
        server = Server()
        server.worlds.create("busy")
        options = dict(ENDS[end])
        await server.request(*options.pop("messages"), **options)
        assert server.in_flight() == 0
        assert bool(server.sent) is not end.startswith("a disconnect")

    asyncio.run(main())


@pytest.mark.parametrize("fault", ["drop=before", "drop=after"])
def test_the_count_comes_back_after_a_drop(fault: str) -> None:
    """A dropped connection is an error in process; its request is over."""

    async def main() -> None:
        server = Server()
        with pytest.raises(ConnectionResetError):
            await server.request(WHOLE, fault=fault)
        assert server.in_flight() == 0
        assert server.sent == []

    asyncio.run(main())


@pytest.mark.parametrize("fault", [None, "trickle_ms=1"])
def test_the_count_comes_back_where_sending_breaks(fault: str | None) -> None:
    """So is one whose client cannot be reached any more."""

    async def main() -> None:
        server = Server()

        async def send(_message: Message) -> None:
            raise BrokenPipeError

        with pytest.raises(BrokenPipeError):
            await server.request(WHOLE, fault=fault, send=send)
        assert server.in_flight() == 0

    asyncio.run(main())


def test_a_world_stays_while_the_control_plane_is_sent_a_body() -> None:
    """Also a call of the control plane counts for the world in its path, as long as its body is on its way."""

    async def scenario() -> None:
        server = Server()
        server.worlds.create("busy")
        settings = "/_sandbox/worlds/busy/settings"
        task = server.request(PART, WHOLE, hold_body=True, path=settings)
        await server.held.wait()
        assert server.in_flight() == 1
        server.worlds.create("other")
        server.worlds.create("third")
        assert server.worlds.get("busy") is not None
        server.go.set()
        await task
        assert server.in_flight() == 0

    asyncio.run(scenario())
