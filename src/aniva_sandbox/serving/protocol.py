"""A connection: uvicorn's, with an end to what a client may send, and how long it may take."""

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp, Receive, Scope, Send

from aniva_sandbox.contract.rules import Refusal
from aniva_sandbox.control.access import HTTP_HEAD, HTTP_SYNTAX, HTTP_TIMEOUT
from aniva_sandbox.serving.pipeline import answer_refusal

__all__ = ["MAX_HEAD", "MAX_REST", "PATIENCE", "Bounded", "Connection"]

MAX_HEAD = 64 * 1024
"""Bytes that a request may have beside its body."""

MAX_REST = 16 * 1024 * 1024
"""Bytes that are passed over when a request was answered before its end, so that the connection can go on."""

PATIENCE = 30.0
"""Seconds after which, and before twice of which, a client is given up that owes the rest of a request."""

_CLOSE = (b"connection", b"close")
_TOO_LONG = HTTP_HEAD.refusal(f"Request line and headers have more than {MAX_HEAD} bytes")
_NO_HTTP = HTTP_SYNTAX.refusal("This is no HTTP/1.1")
_TOO_SLOW = HTTP_TIMEOUT.refusal("The request did not end in time")


class Bounded(asyncio.Protocol):
    """Goes before one of uvicorn's HTTP protocols.

    The app finds the connection's transport in ``scope["state"]["transport"]``. What is said of the protocols below
    holds for both of uvicorn's: ``cycle`` is the last request whose head has ended.
    """

    patience = PATIENCE

    if TYPE_CHECKING:
        app: ASGIApp
        app_state: dict[str, Any]
        cycle: Any
        loop: asyncio.AbstractEventLoop
        transport: asyncio.Transport

    _judged = False
    _rest = 0
    """Bytes of reads that no head ended in, since one did."""
    _seen: tuple[Any, bool] = (None, True)
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.app_state = self.app_state | {"transport": transport}
        self._read = super().data_received
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        del self._read  # it holds this connection
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        # Most reads are one whole request, and end here.
        cycle = self.cycle
        if len(data) >= MAX_HEAD // 2:
            self._judge_heads()
        self._read(data)
        if self.cycle is cycle:
            self._go_on(len(data))
        elif self._rest:
            self._start_again()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (uvicorn's words)
        """Called by uvicorn where what came is no HTTP."""
        self._refuse(_NO_HTTP)

    def _go_on(self, size: int) -> None:
        """No head ended with what was read: a request was not read whole at once, or something else came."""
        self._judge_heads()
        self._rest += size
        if self._rest > MAX_REST and self._answered():
            self.transport.close()

    def _start_again(self) -> None:
        """A head ended, and some before it had not been read at once."""
        self._rest = 0

    def _judge_heads(self) -> None:
        """From here on heads are weighed: one that came within a single short read, as nearly all do, need not be."""
        if not self._judged:
            self._judged = True
            self.app = _refuse_long_heads(self.app)

    def _look(self) -> None:
        """Give up a client that was already waited for when this last looked, and still is."""
        if self.transport.is_closing():
            return
        cycle, answered = self.cycle, self._answered()
        owed = answered or (cycle.more_body and not cycle.response_started)
        if not owed or self._seen != (cycle, answered):
            self._seen = cycle, answered
            self._timer = self.loop.call_later(self.patience, self._look)
        elif answered and self._rest == 0:
            self.transport.close()
        else:
            self._refuse(_TOO_SLOW)

    def _answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, refusal: Refusal) -> None:
        """Close the connection; say why, unless that would be taken for the answer to an earlier request."""
        if not self.transport.is_closing():
            waiting = getattr(self, "pipeline", None)  # only one of the protocols has it
            if not waiting and (self._answered() or (self.cycle.more_body and not self.cycle.response_started)):
                self.transport.write(_written(refusal))
            self.transport.close()


try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
except ImportError:  # not CPython
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Connection(Bounded, H11Protocol):  # h11 itself has an end to what is no body
        """A connection of the sandbox."""
else:

    class Connection(Bounded, HttpToolsProtocol):  # type: ignore[no-redef]
        """A connection of the sandbox."""

        _body_came = False
        _silence = 0
        """Bytes of those reads since a part of a body came: of a head, of empty lines before one, or of what stands
        among the chunks of a body and after them."""

        def on_body(self, body: bytes) -> None:
            self._body_came = True
            HttpToolsProtocol.on_body(self, body)

        def _start_again(self) -> None:
            self._silence = 0
            super()._start_again()

        def _go_on(self, size: int) -> None:
            self._silence = 0 if self._body_came else self._silence + size
            self._body_came = False
            if self._silence > MAX_HEAD:
                self._refuse(_TOO_LONG)
            super()._go_on(size)


def _refuse_long_heads(app: ASGIApp) -> ASGIApp:
    async def judged(scope: Scope, receive: Receive, send: Send) -> None:
        line = len(scope["method"]) + len(scope["raw_path"]) + len(scope["query_string"])
        if line + sum(len(name) + len(value) + 4 for name, value in scope["headers"]) <= MAX_HEAD:
            await app(scope, receive, send)
            return
        answer = answer_refusal(_TOO_LONG)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    return judged


def _written(refusal: Refusal) -> bytes:
    """A whole answer that says this, and that the connection ends."""
    answer = answer_refusal(refusal, _CLOSE)
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}".encode()]
    lines += [name + b": " + value for name, value in answer.headers]
    return b"\r\n".join([*lines, b"", answer.body])
