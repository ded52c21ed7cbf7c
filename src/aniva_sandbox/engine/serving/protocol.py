"""Bounds for uvicorn's connections: how much clients may send, and how long they may take to send and to read.

The connections themselves, one for each of uvicorn's HTTP protocols, are in their own modules.
"""

import asyncio
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

from starlette.types import ASGIApp, Receive, Scope, Send

from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.control.server_rules import HTTP_HEAD, HTTP_HOST, HTTP_SHUTDOWN, HTTP_SYNTAX, HTTP_TIMEOUT
from aniva_sandbox.engine.serving.responses import respond_with_refusal

__all__ = [
    "CLOSE",
    "GRACE",
    "KEEP_ALIVE",
    "MAX_HEAD",
    "MAX_REST",
    "NO_CONNECT",
    "PATIENCE",
    "STALL",
    "TOO_LONG",
    "Bounded",
    "refuse_hosts",
    "refusing",
    "split_target",
]

MAX_HEAD = 64 * 1024
"""The maximum size of a request without its body, in bytes."""

MAX_REST = 16 * 1024 * 1024
"""Bytes of a request that are skipped after an early response, so that the connection can go on."""

PATIENCE = 30.0
"""Seconds that a client may take for the rest of a request; the connection closes before twice that time."""

KEEP_ALIVE = 120
"""Seconds that an idle connection stays open: longer than usual polling intervals and than the pools of clients (90 s
in Go and reqwest), so that no request meets a closing connection."""

STALL = 60.0
"""Seconds after which the connection of a client that reads nothing is closed."""

GRACE = 0.8
"""Seconds that requests in flight may take when the server shuts down."""

CLOSE = (b"connection", b"close")
TOO_LONG = HTTP_HEAD.refusal(f"Request line and headers have more than {MAX_HEAD} bytes")
NO_CONNECT = HTTP_SYNTAX.refusal("CONNECT is not served: the sandbox is not a proxy")
_NO_HTTP = HTTP_SYNTAX.refusal("This is not an HTTP/1.1 request")
_NO_NEXT = HTTP_SYNTAX.refusal("What follows the previous request is not an HTTP/1.1 request")
_NO_NEXT_AFTER_BODY = HTTP_SYNTAX.refusal(
    "What follows the previous request is not an HTTP/1.1 request; if it is the rest of its body, the Content-Length "
    "was too small: it counts bytes, not characters"
)
_TOO_SLOW = HTTP_TIMEOUT.refusal("The request did not end in time")
_SHUTTING_DOWN = HTTP_SHUTDOWN.refusal("The server shut down before it responded to this request")

_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?]+)(.*)", re.DOTALL)


class Bounded(asyncio.Protocol):
    """A mixin for uvicorn's HTTP protocols.

    The app finds the connection's transport in ``scope["state"]["transport"]``. In both of uvicorn's protocols,
    ``cycle`` is the last request with a complete head, and its ``more_body`` is true until its body is complete.
    """

    patience = PATIENCE
    stall = STALL
    grace = GRACE

    if TYPE_CHECKING:
        app: ASGIApp
        app_state: dict[str, Any]
        cycle: Any
        flow: Any
        loop: asyncio.AbstractEventLoop
        pipeline: Any
        timeout_keep_alive: int
        timeout_keep_alive_task: asyncio.TimerHandle | None
        transport: asyncio.Transport

        def _unset_keepalive_if_required(self) -> None: ...
        def timeout_keep_alive_handler(self) -> None: ...

    _judged = False
    _refused = False
    """Whether the connection ends with a refusal, after which nothing is read."""
    _rest = 0
    """Bytes read since the last complete head, by reads that completed none."""
    _seen: tuple[Any, bool] | None = None
    """What the last look waited for."""
    _sent: tuple[Any, ...] = ()
    """What was left to send at the last look that found a change."""
    _sent_at = 0.0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.app_state = self.app_state | {"transport": transport}
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()  # on an error, uvicorn would keep it and this connection alive
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        # Most reads are one whole request, and end here.
        cycle = self.cycle
        if len(data) >= MAX_HEAD // 2:
            self._judge_heads()
        self._parse(data)
        if self.cycle is cycle:
            self._go_on(len(data))
        elif self._rest:
            self._start_again()

    def shutdown(self) -> None:
        """Called by uvicorn when the server shuts down: an idle connection closes at once, any other after its
        response."""
        if self.transport.is_closing():
            return
        super().shutdown()  # type: ignore[misc]  # uvicorn's
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(self.grace, self._end)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (uvicorn's words)
        """Called by uvicorn for input that is not HTTP."""
        self._refuse(self._misread())

    def _parse(self, data: bytes) -> None:
        if not self._refused:
            super().data_received(data)

    def _begun(self) -> bool:
        """Whether part of a head has arrived."""
        raise NotImplementedError

    def _go_on(self, size: int) -> None:
        """A read completed no head: a request arrives in several reads, or something else came."""
        self._judge_heads()
        self._rest += size
        if self._rest > MAX_REST and (self._refused or self._answered()):
            self.transport.close()

    def _start_again(self) -> None:
        """A head is complete, after reads that completed none."""
        self._rest = 0

    def _judge_heads(self) -> None:
        """Measure heads from here on. A head within a single short read, as nearly all are, need not be."""
        if not self._judged:
            self._judged = True
            self.app = _refuse_long_heads(self.app)

    def _look(self) -> None:
        """Close the connection if the client is still late since the last look, or does not read."""
        self._timer = self.loop.call_later(self.patience, self._look)
        cycle, answered = self.cycle, self._answered()
        left, now = self.transport.get_write_buffer_size(), self.loop.time()
        if self._sent != (left, cycle, answered):  # growth counts too: writing pauses at a high-water mark
            self._sent, self._sent_at = (left, cycle, answered), now
        elif left and now - self._sent_at >= self.stall:
            self.transport.abort()
            return
        if self.transport.is_closing():
            return
        if answered:
            owed = cycle is None or cycle.more_body or self._begun()
            if not owed and self.timeout_keep_alive_task is None:  # more came after the response
                self.timeout_keep_alive_task = self.loop.call_later(
                    self.timeout_keep_alive, self.timeout_keep_alive_handler
                )
        else:
            owed = cycle.more_body and not cycle.response_started and not self.flow.read_paused
        if not owed or self._seen != (cycle, answered):
            self._seen = (cycle, answered) if owed else None
        elif cycle is None and not self._begun():
            self.transport.close()
        else:
            self._refuse(_TOO_SLOW)

    def _answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _misread(self) -> Refusal:
        """The refusal of input that is not HTTP."""
        cycle = self.cycle
        if cycle is None or cycle.more_body:
            return _NO_HTTP
        has_length = any(name == b"content-length" for name, _ in cycle.scope["headers"])
        return _NO_NEXT_AFTER_BODY if has_length else _NO_NEXT

    def _refuse(self, refusal: Refusal) -> None:
        """Refuse the last input, after the responses to earlier requests, and close the connection."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        cycle = self.cycle
        if self._answered():
            if cycle is None or not cycle.more_body:  # otherwise it has its response already
                self.transport.write(_written(refusal))
            self.transport.close()
        elif not self._refuse_in_turn(refusal):
            if cycle.response_started:
                cycle.keep_alive = False
            else:
                self.transport.write(_written(refusal))
                self.transport.close()

    def _refuse_in_turn(self, refusal: Refusal) -> bool:  # noqa: ARG002
        """Queue a refusal behind the responses to other requests; False if there are none."""
        return False

    def _end(self) -> None:
        """Refuse the request in flight, before uvicorn cancels it and responds with its own text."""
        cycle = self.cycle
        if self.transport.is_closing() or self._answered():
            self.transport.close()
            return
        if self.pipeline:
            self.transport.abort()  # the next response is another request's
        else:
            if not cycle.response_started:
                self.transport.write(_written(_SHUTTING_DOWN))
            self.transport.close()
        cycle.disconnected = True
        cycle.message_event.set()


def split_target(target: bytes) -> tuple[bytes, bytes]:
    """The authority of a request target in absolute form, and the path and query after it. Raises a refusal through
    ``http.syntax``."""
    found = _ABSOLUTE.fullmatch(target.partition(b"#")[0])
    if found is None:
        HTTP_SYNTAX.refuse("The request target must be a path that begins with /, or a URL with a host")
    return found[1], found[2] if found[2].startswith(b"/") else b"/" + found[2]


def refuse_hosts() -> NoReturn:
    """Raise a refusal through ``http.host``."""
    HTTP_HOST.refuse("A request must have exactly one Host header")


def refusing(refusal: Refusal, *headers: tuple[bytes, bytes]) -> ASGIApp:
    """An app that refuses every request."""

    async def refuse(_scope: Scope, _receive: Receive, send: Send) -> None:
        response = respond_with_refusal(refusal, *headers)
        await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
        await send({"type": "http.response.body", "body": response.body})

    return refuse


def _refuse_long_heads(app: ASGIApp) -> ASGIApp:
    refuse = refusing(TOO_LONG)

    async def judged(scope: Scope, receive: Receive, send: Send) -> None:
        line = len(scope["method"]) + len(scope["raw_path"]) + len(scope["query_string"])
        weight = line + sum(len(name) + len(value) + 4 for name, value in scope["headers"])
        await (app if weight <= MAX_HEAD else refuse)(scope, receive, send)

    return judged


def _written(refusal: Refusal) -> bytes:
    """The bytes of a response with this refusal, after which the connection closes."""
    response = respond_with_refusal(refusal, CLOSE)
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}".encode()]
    lines += [name + b": " + value for name, value in response.headers]
    return b"\r\n".join([*lines, b"", response.body])
