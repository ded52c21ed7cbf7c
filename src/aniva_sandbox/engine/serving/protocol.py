"""Connections: what is read and written, and what guards the server from clients.

A request that has arrived whole, and that needs no ASGI, gets its response at once, or as soon as a store has what it
asks; all others get it from an ASGI call. Other modules read requests from bytes: one for each library that does.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from aniva_sandbox.engine.contract.ground_rules import ERROR_INTERNAL
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.control.server_rules import HTTP_HEAD, HTTP_SHUTDOWN, HTTP_SYNTAX, HTTP_TIMEOUT
from aniva_sandbox.engine.serving.calls import Direct
from aniva_sandbox.engine.serving.guards import GUARDS, Stage, Step
from aniva_sandbox.engine.serving.incoming import AsgiCall, Head, Incoming, LateCall
from aniva_sandbox.engine.serving.responses import Response, respond_with_refusal
from aniva_sandbox.engine.serving.wire import CLOSE, refuse_hosts, split_target, write_head, write_lines

__all__ = ["GRACE", "KEEP_ALIVE", "MAX_HEAD", "MAX_REST", "NO_CONNECT", "PATIENCE", "STALL", "TOO_LONG", "Bounded"]

_LOG = logging.getLogger("aniva_sandbox")

MAX_HEAD = 64 * 1024
"""The maximum size of a request without its body, in bytes."""

MAX_REST = 16 * 1024 * 1024
"""Bytes of a request that are skipped after an early response, so that the connection can go on."""

PATIENCE = 30.0
"""Seconds that a client may take for the rest of a request; the connection closes before twice that time."""

KEEP_ALIVE = 120
"""Seconds that an idle connection stays open at least: longer than usual polling intervals and than the pools of
clients (90 s in Go and reqwest), so that no request meets a closing connection."""

STALL = 60.0
"""Seconds after which the connection of a client that reads nothing is closed."""

GRACE = 0.8
"""Seconds that requests in flight may take when the server shuts down."""

TOO_LONG = HTTP_HEAD.refusal(f"Request line and headers have more than {MAX_HEAD} bytes")
NO_CONNECT = HTTP_SYNTAX.refusal("CONNECT is not served: the sandbox is not a proxy")
_NO_HTTP = HTTP_SYNTAX.refusal("This is not an HTTP/1.1 request")
_NO_NEXT = HTTP_SYNTAX.refusal("What follows the previous request is not an HTTP/1.1 request")
_NO_NEXT_AFTER_BODY = HTTP_SYNTAX.refusal(
    "What follows the previous request is not an HTTP/1.1 request; if it is the rest of its body, the Content-Length "
    "was too small: it counts bytes, not characters"
)
_TOO_SLOW = HTTP_TIMEOUT.refusal("The request did not end in time")
_BROKEN = ERROR_INTERNAL.refusal("The sandbox has a defect: the request got no response")
_SHUTTING_DOWN = HTTP_SHUTDOWN.refusal("The server shut down before it responded to this request")


class Bounded(asyncio.Protocol):
    """A connection, without what reads its requests.

    uvicorn's server creates it for each client and calls :meth:`shutdown`; it registers in the server's ``connections``
    and ``tasks``, and sends the ``default_headers``, which uvicorn renews each second. The app finds the transport in
    ``scope["state"]["transport"]``.
    """

    patience = PATIENCE
    stall = STALL
    grace = GRACE

    transport: asyncio.Transport
    _timer: asyncio.TimerHandle
    _last: Incoming | None = None
    """The last request with a complete head."""
    _active: AsgiCall | LateCall | None = None
    """The call whose response is next."""
    _is_refused = False
    """Whether the connection ends with a refusal, after which nothing is read."""
    _measures = False
    """Whether heads are measured. One within a single short read, as nearly all are, need not be."""
    _rest = 0
    """Bytes read since the last complete head, by reads that completed none."""
    _silence = 0
    """Bytes of those reads since the last part of a body: of a head, of empty lines before it, or of chunk headers and
    trailers."""
    _has_moved = False
    """Whether part of a body has arrived since."""
    _is_paused = False
    """Whether nothing is read at the moment."""
    _is_full = False
    """Whether the client should read before more is written."""
    _seen: tuple[Incoming | None, Stage] | None = None
    """What the last look waited for."""
    _sent: tuple[Any, ...] = ()
    """What was left to send at the last look that found a change."""
    _since = 0.0
    """When that was."""
    _dated: list[tuple[bytes, bytes]] | None = None
    """The default headers of which ``_date`` are the lines."""
    _date = b""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.app: ASGIApp = config.loaded_app
        self.loop = _loop or asyncio.get_running_loop()
        self.tasks = server_state.tasks
        self.pipeline: deque[Incoming] = deque()
        """Requests that wait for their turn: all but the last are complete."""
        self._direct: Direct | None = getattr(self.app, "direct", None)
        self.server_state = server_state
        self.app_state = app_state
        self._keep_alive = config.timeout_keep_alive
        self._writable = asyncio.Event()

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # that of a stream
        self.server_state.connections.add(self)  # type: ignore[arg-type]  # it names uvicorn's own
        self._timer = self.loop.call_later(self.patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.server_state.connections.discard(self)
        self._timer.cancel()
        self.pipeline.clear()
        if self._active is not None:
            self._active.disconnect()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        last = self._last
        if len(data) >= MAX_HEAD // 2:
            self._measures = True
        if not self._is_refused:
            self._feed(data)
        if self.pipeline:
            self._serve()
        if self._last is last:
            self._go_on(len(data))
        elif self._rest or self._has_moved:
            self._rest = self._silence = 0
            self._has_moved = False

    def pause_writing(self) -> None:
        self._is_full = True
        self._writable.clear()

    def resume_writing(self) -> None:
        self._is_full = False
        self._writable.set()

    # Called by uvicorn's server

    def shutdown(self) -> None:
        """Close after the response, or at once if there is none to send."""
        if self.transport.is_closing():
            return
        self._do(GUARDS[self._stage()].ending)
        self._timer.cancel()
        self._timer = self.loop.call_later(self.grace, self._end)

    # Called by the reader

    def _feed(self, data: bytes) -> None:
        """Read bytes as far as they are requests."""
        raise NotImplementedError

    def _has_begun(self) -> bool:
        """Whether part of a head has arrived."""
        raise NotImplementedError

    def _take_head(
        self,
        method: bytes,
        target: bytes,
        headers: list[tuple[bytes, bytes]],
        fields: dict[bytes, bytes],
        version: str,
        keeps_alive: bool,
    ) -> None:
        """Take the head of a request; the names of headers are in lower case, and ``fields`` are their last values.
        Raises a refusal."""
        if (b"host" not in fields and version != "1.0") or len(fields) < len(headers):
            _require_host(headers, version)
        if target[:1] != b"/":
            authority, target = split_target(target)
            headers = [(b"host", authority), *(header for header in headers if header[0] != b"host")]
        path, _, query = target.partition(b"#")[0].partition(b"?")
        head = Head(method.decode("ascii"), path.decode("ascii"), query, headers, fields, version, keeps_alive)
        request = Incoming(head)
        request.awaits_word = b"expect" in fields and fields[b"expect"].lower() == b"100-continue"
        if self._measures:
            weight = len(method) + len(path) + len(query) + sum(len(name) + len(value) + 4 for name, value in headers)
            request.refusal = TOO_LONG if weight > MAX_HEAD else None
        self._last = request
        self.pipeline.append(request)

    def _take_known(self, head: Head, body: bytes) -> None:
        """Take a whole request, whose head was read before."""
        self._last = request = Incoming(head)
        request.body = body
        request.is_whole = True
        self.pipeline.append(request)

    def _take_body(self, data: bytes) -> None:
        """Take a part of the body of the last request."""
        request, active = self._last, self._active
        self._has_moved = True
        if request is not None and not request.is_answered:
            request.add(data)
            if active is not None and active.request is request:
                active.go_on()

    def _take_end(self) -> None:
        """Take the end of the last request."""
        request, active = self._last, self._active
        if request is not None:
            request.is_whole = True
            if active is not None and active.request is request:
                active.go_on()

    def _misread(self) -> None:
        """Refuse what is not HTTP."""
        last = self._last
        if last is None or not last.is_whole:
            self._refuse(_NO_HTTP)
        else:
            self._refuse(_NO_NEXT_AFTER_BODY if b"content-length" in last.head.fields else _NO_NEXT)

    def _refuse(self, refusal: Refusal) -> None:
        """Refuse what has arrived last, after the responses to earlier requests, and close the connection."""
        if not self._is_refused:
            self._do(GUARDS[self._stage()].unread, refusal)

    # Called by the ASGI call

    def begin(self, request: Incoming, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Write the head of a response."""
        if CLOSE in headers:
            request.keeps_alive = False
        elif not request.keeps_alive:
            headers = [*headers, CLOSE]
        self.transport.write(write_head(status, self._lines(), headers))
        request.is_begun = True

    def end(self, request: Incoming) -> None:
        """Note that a response is complete."""
        request.is_answered = True
        if not request.keeps_alive:
            self.transport.close()

    def give_up(self, request: Incoming, error: Exception | None) -> None:
        """End the connection, because a request got no response, or half of one; with the error that is the reason."""
        _LOG.error("a request got no response", exc_info=error)
        self._is_refused = True
        if not request.is_begun:
            self._write_refusal(_BROKEN)
        self.transport.close()

    async def drain(self) -> None:
        """Wait until the client has read most of what was written."""
        if self._is_full:
            await self._writable.wait()

    def pause_reading(self) -> None:
        """Read nothing for now."""
        if not self._is_paused:
            self._is_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        if self._is_paused:
            self._is_paused = False
            self.transport.resume_reading()

    # Responses

    def _serve(self) -> None:
        """Respond to the requests that have arrived, in their order, up to one whose response takes its time."""
        pipeline, direct = self.pipeline, self._direct
        while pipeline and self._active is None and not self.transport.is_closing():
            request = pipeline.popleft()
            try:
                if request.refusal is not None:
                    self._write(request, respond_with_refusal(request.refusal))
                elif (
                    direct is None
                    or not request.is_whole
                    or self._is_full
                    or (response := direct.respond(request)) is None
                ):
                    self._start(request, self.app)
                elif isinstance(response, Response):
                    self._write(request, response)
                else:
                    self._active = LateCall(request)
                    response(partial(self._take_response, request))
            except Exception as error:
                self.give_up(request, error)
        if pipeline:
            self.pause_reading()
        elif self._is_paused:
            self.resume_reading()

    def _start(self, request: Incoming, app: ASGIApp) -> None:
        """Let an app respond."""
        self._active = call = AsgiCall(self, request)
        task = self.loop.create_task(call.run(app))
        self.tasks.add(task)
        task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        self._active = None
        self._serve()

    def _take_response(self, request: Incoming, response: Response | Exception) -> None:
        """Take the response that came later, or the error because of which there is none."""
        self._active = None
        if self.transport.is_closing():
            return
        if isinstance(response, Exception):
            self.give_up(request, response)
            return
        try:
            self._write(request, response)
        except Exception as error:
            self.give_up(request, error)
        self._serve()

    def _write(self, request: Incoming, response: Response) -> None:
        """Write a whole response, or let an app send it with the effects of a fault."""
        if response.effect is not None and self._direct is not None:
            self._start(request, self._direct.delivering(request, response, response.effect))
            return
        body = response.body if request.head.method != "HEAD" else b""
        headers = response.headers if request.keeps_alive else [*response.headers, CLOSE]
        self.transport.write(write_head(response.status, self._lines(), headers, body))
        request.is_begun = request.is_answered = True
        if not request.keeps_alive:
            self.transport.close()

    def _write_refusal(self, refusal: Refusal) -> None:
        response = respond_with_refusal(refusal, CLOSE)
        self.transport.write(write_head(response.status, self._lines(), response.headers, response.body))

    def _lines(self) -> bytes:
        """The lines of the default headers."""
        headers = self.server_state.default_headers
        if headers is not self._dated:
            self._dated, self._date = headers, write_lines(headers)
        return self._date

    # Guards

    def _stage(self) -> Stage:
        last = self._last
        if last is None:
            return Stage.HEAD if self._has_begun() else Stage.NEW
        if last.is_whole:
            if not last.is_answered:
                return Stage.WHOLE
            return Stage.HEAD if self._has_begun() else Stage.IDLE
        if last.is_answered:
            return Stage.REST
        return Stage.BEGUN if last.is_begun else Stage.BODY

    def _do(self, step: Step, refusal: Refusal | None = None) -> None:
        """Take a step; with a refusal, nothing more is read."""
        last = self._last
        if step is Step.WAIT or self.transport.is_closing():
            return
        self._is_refused = self._is_refused or refusal is not None
        if step is Step.FOLLOW:
            self.pipeline.append(_refused(refusal))
        elif step is Step.FINISH and last is not None:
            last.keeps_alive = False
        elif step is Step.REFUSE and last is not None and self.pipeline:
            last.refusal, last.keeps_alive = refusal, False
        else:
            if step is Step.REFUSE and refusal is not None and (last is None or last.is_begun is last.is_answered):
                self._write_refusal(refusal)
            self._close()

    def _close(self) -> None:
        self.transport.close()
        if self._active is not None:
            self._active.disconnect()

    def _go_on(self, size: int) -> None:
        """A read completed no head: a request arrives in several reads, or something else came."""
        self._measures = True
        self._rest += size
        self._silence = 0 if self._has_moved else self._silence + size
        self._has_moved = False
        if self._silence > MAX_HEAD:
            self._refuse(TOO_LONG)
        if self._rest > MAX_REST and (self._is_refused or self._last is None or self._last.is_answered):
            self.transport.close()

    def _look(self) -> None:
        """Close the connection if the client is still late since the last look, does not read, or asks nothing."""
        self._timer = self.loop.call_later(self.patience, self._look)
        last, stage, now = self._last, self._stage(), self.loop.time()
        left = self.transport.get_write_buffer_size()
        if self._sent != (left, last, stage):  # growth counts too: writing pauses at a high-water mark
            self._sent, self._since = (left, last, stage), now
        elif left and now - self._since >= self.stall:
            self.transport.abort()
        elif stage is Stage.IDLE and now - self._since >= self._keep_alive:
            self._close()
        late = Step.WAIT if self._is_paused else GUARDS[stage].late
        if late is Step.WAIT:
            self._seen = None
        elif self._seen != (last, stage):
            self._seen = (last, stage)
        else:
            self._do(late, _TOO_SLOW)

    def _end(self) -> None:
        """Refuse the request in flight, before uvicorn cancels it."""
        if self.pipeline and not self.transport.is_closing():
            self.transport.abort()  # the next response is another request's
        else:
            self._do(GUARDS[self._stage()].ended, _SHUTTING_DOWN)


def _require_host(headers: Sequence[tuple[bytes, bytes]], version: str) -> None:
    """Refuse a request that does not have exactly one host; one of HTTP/1.0 may have none."""
    hosts = sum(name == b"host" for name, _ in headers)
    if hosts != 1 and (hosts or version != "1.0"):
        refuse_hosts()


def _refused(refusal: Refusal | None) -> Incoming:
    """What stands for input that is not a request, so that it is refused in its turn."""
    request = Incoming(Head("", "", b"", [], {}, "1.1", keeps_alive=False))
    request.refusal = refusal
    return request
