"""Calls of one API: requests that come over ASGI or directly from a connection, and their responses."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from urllib.parse import quote

from msgspec.structs import replace
from starlette.types import ASGIApp, Receive, Scope, Send

from aniva_sandbox.engine.contract.ground_rules import KEY_HEADER
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.faults.faults import deliver
from aniva_sandbox.engine.faults.record import HEADER, Effects
from aniva_sandbox.engine.serving.incoming import Incoming
from aniva_sandbox.engine.serving.responses import Done, Response
from aniva_sandbox.engine.world.state import World

__all__ = ["Calls", "Direct", "Later", "send_response"]

_KEY_HEADER = KEY_HEADER.encode()
_FAULT_HEADER = HEADER.lower().encode()
_BODILESS = ("GET", "HEAD")
"""Methods of requests whose body is ignored."""


class Calls:
    """An ASGI app that passes HTTP requests to a pipeline, which responds synchronously, on the event loop. Bodies
    larger than ``max_body`` bytes are not read."""

    def __init__(
        self,
        respond: Callable[[Request], Response],
        max_body: int,
        world_of: Callable[[str | None, str], World | None],
        no_memory: Callable[[str], Response],
        lock: AbstractContextManager[object] | None,
        respond_later: Callable[[Request], Awaitable[Response]] | None = None,
    ) -> None:
        """``respond_later`` responds instead of ``respond``, if it is given, and may wait. ``world_of`` finds the world
        of a key and a path; ``no_memory`` gives the response to a method if memory runs out while a body is read;
        ``lock`` is held while a pipeline responds, and while requests in flight are counted."""
        self.respond = respond if lock is None else _locked(respond, lock)
        self._respond_later = respond_later
        self.max_body = max_body
        self._lock = lock or nullcontext()
        self._world_of = world_of
        self._no_memory = no_memory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        raw_path, method = scope.get("raw_path"), scope["method"]
        path = raw_path.decode("latin-1") if raw_path else quote(scope["path"])
        request = _read_request(method, path, scope["query_string"], scope["headers"], dict(scope["headers"]))
        world = None
        try:
            if method not in _BODILESS:
                world = self._hold(None, request)
                try:
                    request = replace(request, body=await _read_body(receive, self.max_body))
                except _GoneError:
                    return  # an incomplete request is ignored
                except MemoryError:
                    await send_response(self._no_memory(method), send)
                    return
            later = self._respond_later
            response = self.respond(request) if later is None else await later(request)
            if response.effect is None:
                await send_response(response, send)
            else:
                world = self._hold(world, request)  # it may have been created or replaced meanwhile
                await _deliver(response, response.effect, scope, receive, send)
        finally:
            if world is not None:
                self._hold(world, None)

    async def deliver(
        self, request: Request, response: Response, effect: Effects, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send a response with the effects of a fault."""
        world = self._hold(None, request)
        try:
            await _deliver(response, effect, scope, receive, send)
        finally:
            self._hold(world, None)

    def _hold(self, held: World | None, request: Request | None) -> World | None:
        """The world of a request, counted as in flight instead of the one held before: it cannot be dropped for a new
        world while a body is being received or a response is delayed."""
        with self._lock:
            world = self._world_of(request.key, request.path) if request is not None else None
            if world is not held:
                if world is not None:
                    world.in_flight += 1
                if held is not None:
                    held.in_flight -= 1
        return world


class Direct:
    """The way of calls past ASGI, for requests that have arrived whole."""

    def __init__(self, calls: Calls, prefix: str, begin: Callable[[Request, Done], None] | None = None) -> None:
        """``prefix`` is what all paths of the calls begin with, and no other path. ``begin`` responds later, instead of
        the calls' own ``respond``, if it is given."""
        self._calls = calls
        self._prefix = prefix
        self._begin = begin

    def respond(self, incoming: Incoming) -> "Response | Later | None":
        """The response to a request; None if it is not a call."""
        if not incoming.head.path.startswith(self._prefix):
            return None
        request = self._read(incoming)
        return self._calls.respond(request) if self._begin is None else partial(self._begin, request)

    def delivering(self, incoming: Incoming, response: Response, effect: Effects) -> ASGIApp:
        """An app that sends a response with the effects of a fault."""
        return partial(self._calls.deliver, self._read(incoming), response, effect)

    def _read(self, incoming: Incoming) -> Request:
        head, body = incoming.head, incoming.body
        request = head.request
        if request is None:
            request = head.request = _read_request(head.method, head.path, head.query, head.headers, head.fields)
        if not body or head.method in _BODILESS:
            return request
        return replace(request, body=bytes(body) if len(body) <= self._calls.max_body else None)


Later = Callable[[Done], None]
"""Responds later, to a function that does not raise."""


class _GoneError(Exception):
    """The client is gone before its request was whole."""


async def send_response(response: Response, send: Send) -> None:
    """Send a response over ASGI."""
    await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
    await send({"type": "http.response.body", "body": response.body})


def _read_request(
    method: str,
    path: str,
    query: bytes,
    headers: Sequence[tuple[bytes, bytes]],
    fields: Mapping[bytes, bytes],
) -> Request:
    """A request as pipelines take it, without its body; the names of headers are in lower case, and ``fields`` are
    their last values."""
    key = fields.get(_KEY_HEADER)
    if len(fields) < len(headers) and sum(name == _KEY_HEADER for name, _ in headers) > 1:
        key = b""  # two keys count as none
    type = fields.get(b"content-type")
    fault = fields.get(_FAULT_HEADER)
    encoding = fields.get(b"content-encoding")
    return Request(
        method,
        path,
        query,
        None if key is None else key.decode("latin-1"),
        None if type is None else type.decode("latin-1"),
        b"",
        None if fault is None else fault.decode("latin-1"),
        None if encoding is None else encoding.decode("latin-1"),
        headers,
    )


async def _deliver(response: Response, effect: Effects, scope: Scope, receive: Receive, send: Send) -> None:
    await deliver(
        effect,
        status=response.status,
        headers=response.headers,
        body=response.body,
        scope=scope,
        receive=receive,
        send=send,
    )


async def _read_body(receive: Receive, max_body: int) -> bytes | None:
    """The whole body; None, without reading on, if it is too large. Raises _GoneError."""
    body = bytearray()  # it may arrive in many small parts
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        body += message.get("body", b"")
        if len(body) > max_body:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _locked(
    respond: Callable[[Request], Response], lock: AbstractContextManager[object]
) -> Callable[[Request], Response]:
    def respond_alone(request: Request) -> Response:
        with lock:
            return respond(request)

    return respond_alone
