"""What the tests of the pipeline share: known requests, the operations there are, and refusals."""

import asyncio
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Self, TypeVar

import msgspec
import uvicorn
from uvicorn.server import ServerState

from aniva_sandbox.engine.serving.server import build_server
from aniva_sandbox.testing.live import LiveServer
from tests.support import BERLIN, PARTNER, PROFILE, Client, Reply, snapshot_of

T = TypeVar("T")

NEW_PROFILE = {"first_name": "Zoë", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}
NEW_APPOINTMENT = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-15T10:30:00+02:00"}
NEW_SHIPMENT = {
    "location_id": BERLIN,
    "pickup_date": "2026-04-15",
    "pickup_time_from": "11:00",
    "pickup_time_till": "14:00",
}
PAST = "2026-04-01T10:30:00+02:00"
FUTURE = "2026-04-20T10:30:00+02:00"

OPERATIONS = [
    (method.upper(), path.removeprefix("/api/v1"), described)
    for path, item in PARTNER.document["paths"].items()
    for method, described in item.items()
]
BY_ID = [(method, path) for method, path, _ in OPERATIONS if "{id}" in path]
TAKES_BODY = [
    (method, path) for method, path, described in OPERATIONS if described.get("requestBody", {}).get("required")
]


def filled(method: str, path: str) -> str:
    """A path with the example of its id in it."""
    described = next(found for m, p, found in OPERATIONS if (m, p) == (method, path))
    for parameter in described.get("parameters", []):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
    return path


def shown_body(described: dict[str, Any]) -> Any:
    """The first body that the document shows for an operation; None where it takes none."""
    content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    return next((example["value"] for example in content.get("examples", {}).values()), content.get("example"))


def in_vain(client: Client, method: str, path: str, json: Any = None, **options: Any) -> Reply:
    """The reply to a request that is refused, whatever by; fails where it is taken, or where it changes anything."""
    before = snapshot_of(client.world)
    reply = client.request(method, path, json, **options)
    assert reply.status >= 400
    assert snapshot_of(client.world) == before
    return reply


def later(client: Client, seconds: int) -> None:
    """Let time pass in the client's world."""
    client.world.clock.move(client.world.now + timedelta(seconds=seconds))


class Wire:
    """A connection to a live server, for what no client would send."""

    def __init__(self, url: str) -> None:
        self.url = url
        host, port = url.removeprefix("http://").split(":")
        self._socket = socket.create_connection((host, int(port)), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._reader.close()
        self._socket.close()

    def send(self, data: bytes) -> bool:
        """Send bytes; False where the server has closed the connection."""
        try:
            self._socket.sendall(data)
        except OSError:
            return False
        return True

    def end(self) -> None:
        """Tell the server that no more will come."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def readable(self, seconds: float) -> bool:
        """Whether something can be read within this time, or the server has closed the connection."""
        return bool(select.select([self._socket], [], [], seconds)[0])

    def answer(self) -> tuple[int, dict[str, str], Any]:
        """The next answer: status, headers and decoded body. Raises EOFError where the connection is closed."""
        try:
            line = self._reader.readline()
            headers = {}
            while (header := self._reader.readline()).strip():
                name, _, value = header.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            body = self._reader.read(int(headers.get("content-length", 0)))
        except OSError:
            raise EOFError from None
        if not line:
            raise EOFError
        return int(line.split()[1]), headers, msgspec.json.decode(body) if body else None

    def status(self) -> int:
        """The status of the next answer."""
        return self.answer()[0]

    def rest(self) -> list[int]:
        """The statuses of all answers until the server closes the connection."""
        found = []
        with suppress(EOFError):
            while True:
                found.append(self.status())
        return found

    def everything(self) -> bytes:
        """What comes until the server closes the connection."""
        read = b""
        with suppress(OSError):
            while part := self._reader.read1():
                read += part
        return read


def uvicorn_of(server: LiveServer) -> uvicorn.Server:
    """The server behind a live one, once it serves."""
    with Wire(server.url) as wire:
        wire.send(b"GET /api/v1/units HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        assert wire.rest() == [403]
    assert server._listening is not None
    return server._listening._server


def on_loop(server: LiveServer, do: Callable[[], T]) -> T:
    """Do something on the event loop of a live server, and return what it returns."""

    async def doing() -> T:
        return do()

    loop = uvicorn_of(server).servers[0].get_loop()
    return asyncio.run_coroutine_threadsafe(doing(), loop).result(60)


def look(served: LiveServer, times: int = 2) -> None:
    """Let the server look for clients to be given up, as it does from time to time, when it has read what was sent."""
    state = uvicorn_of(served).server_state
    for _ in range(3):
        on_loop(served, lambda: None)
    for _ in range(times):
        on_loop(served, lambda: [connection._look() for connection in [*state.connections]])


def until(holds: Callable[[], bool]) -> None:
    """Wait for something; fails where it never comes."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def settled(server: LiveServer) -> tuple[int, int]:
    """How many connections and tasks a live server holds when its loop has come round to the end of what was closed."""
    state = uvicorn_of(server).server_state
    loop = uvicorn_of(server).servers[0].get_loop()

    async def count() -> tuple[int, int]:
        return len(state.connections), len(state.tasks)

    left = (-1, -1)
    for _ in range(1000):
        left = asyncio.run_coroutine_threadsafe(count(), loop).result(60)
        if left == (0, 0):
            break
    return left


class Fed:
    """A connection without a socket: it is fed by hand, and what it writes is kept. Made inside a running loop."""

    def __init__(self, kind: type[Any], app: Any, transport: "Swallowing | None" = None, **state: Any) -> None:
        """``state`` is what the app is told with every request."""
        config = build_server(app).config
        config.load()
        self.transport = transport or Swallowing()
        self.connection = kind(config=config, server_state=ServerState(), app_state=state)
        self.connection.connection_made(self.transport)

    async def feed(self, data: bytes) -> None:
        """Let bytes come in, as long as the connection is open, and the app answer."""
        if not self.transport.closed:
            self.connection.data_received(data)
        tasks = self.connection.tasks
        before = None
        while before != (before := (len(self.transport.written), len(tasks))) or self.connection.pipeline:
            for _ in range(5):
                await asyncio.sleep(0)

    def answers(self) -> list[tuple[int, dict[str, str], bytes]]:
        """What was answered: statuses, headers and bodies."""
        found = []
        rest = bytes(self.transport.written)
        while rest:
            head, _, rest = rest.partition(b"\r\n\r\n")
            line, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
            length = int(headers.get("content-length", 0))
            found.append((int(line.split()[1]), headers, rest[:length]))
            rest = rest[length:]
        return found


class Swallowing(asyncio.Transport):
    """A transport to nowhere; ``left`` is what it says of its buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.closed = self.aborted = False
        self.left = 0

    def write(self, data: Any) -> None:
        if not self.closed:
            self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True

    def get_write_buffer_size(self) -> int:
        return self.left

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass
