"""Requests as a connection reads them, and the ASGI calls that respond to them if nothing else does."""

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Refusal

if TYPE_CHECKING:
    from aniva_sandbox.engine.serving.protocol import Bounded

__all__ = ["AsgiCall", "Head", "Incoming", "LateCall"]

_LARGE: Final = 64 * 1024
"""Bytes of a body that wait to be read by the app; until they are, the connection reads no more."""
_BODILESS: Final = frozenset({204, 304})


class Head:
    """The head of a request, as it was read. Requests share one that is known again; then, only ``request`` changes."""

    request: Request | None = None
    """The request as pipelines take it, without a body; noted by who first makes it."""
    length = 0
    """The bytes of the body that belongs to it, if it is one of those that are known again."""

    def __init__(
        self,
        method: str,
        path: str,
        query: bytes,
        headers: list[tuple[bytes, bytes]],
        fields: dict[bytes, bytes],
        version: str,
        keeps_alive: bool,
    ) -> None:
        """``path`` and ``query`` are not decoded; the names of headers are in lower case, and ``fields`` are their last
        values. ``keeps_alive`` says whether the connection goes on after the response."""
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.fields = fields
        self.version = version
        self.keeps_alive = keeps_alive


class Incoming:
    """A request with a complete head."""

    body: bytes | bytearray = b""
    """What has arrived of its body, and was not passed on."""
    is_whole = False
    """Whether it has arrived to its end."""
    is_begun = False
    """Whether its response has begun."""
    is_answered = False
    """Whether its response is complete."""
    awaits_word = False
    """Whether the client waits for permission to send the body."""
    refusal: Refusal | None = None
    """What refuses it as it is read."""

    def __init__(self, head: Head) -> None:
        self.head = head
        self.keeps_alive = head.keeps_alive
        """Whether the connection goes on after the response."""

    def add(self, data: bytes) -> None:
        """Add a part of its body."""
        if not self.body:
            self.body = data
        else:
            if isinstance(self.body, bytes):  # only a second part needs a buffer that grows
                self.body = bytearray(self.body)
            self.body += data


class LateCall:
    """The call that responds to a whole request as soon as it can."""

    def __init__(self, request: Incoming) -> None:
        self.request = request

    def go_on(self) -> None:
        """Nothing more of the request arrives."""

    def disconnect(self) -> None:
        """Go on although the client is gone: what was asked happens."""


class AsgiCall:
    """The call of an ASGI app that responds to a request on a connection."""

    def __init__(self, connection: "Bounded", request: Incoming) -> None:
        self.request = request
        self._connection = connection
        self._news = asyncio.Event()
        """Set when more of the request has arrived, or nothing more will."""
        if request.body or request.is_whole:
            self._news.set()
        self._is_gone = False
        """Whether the client is."""
        self._left: int | None = None
        """Bytes of the body that the head of the response promises; None if the body is sent in chunks."""

    async def run(self, app: ASGIApp) -> None:
        """Let an app respond."""
        failure = None
        try:
            await app(self._scope(), self._receive, self._send)
        except Exception as error:
            failure = error
        finally:
            if not self._is_gone and (failure is not None or not self.request.is_answered):
                self._connection.give_up(self.request, failure)

    def go_on(self) -> None:
        """Note that more of the request has arrived, or its end."""
        if len(self.request.body) > _LARGE:
            self._connection.pause_reading()
        self._news.set()

    def disconnect(self) -> None:
        """Note that the client is gone."""
        self._is_gone = True
        self._news.set()

    def _scope(self) -> Scope:
        head = self.request.head
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": head.version,
            "scheme": "http",
            "method": head.method,
            "root_path": "",
            "path": unquote(head.path),
            "raw_path": head.path.encode("ascii"),
            "query_string": head.query,
            "headers": [*head.headers],
            "state": self._connection.app_state | {"transport": self._connection.transport},
        }

    async def _receive(self) -> Message:
        request, connection = self.request, self._connection
        if request.awaits_word and not request.is_whole and not request.is_begun:
            request.awaits_word = False
            connection.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not self._is_gone and not request.is_answered:
            connection.resume_reading()
            await self._news.wait()
            self._news.clear()
        if self._is_gone or request.is_answered:
            return {"type": "http.disconnect"}
        body, request.body = bytes(request.body), b""
        return {"type": "http.request", "body": body, "more_body": not request.is_whole}

    async def _send(self, message: Message) -> None:
        request, connection = self.request, self._connection
        await connection.drain()
        if self._is_gone:
            return
        if not request.is_begun:
            headers = list(message["headers"])
            lengths = [int(value) for name, value in headers if name.lower() == b"content-length"]
            if request.head.method == "HEAD" or message["status"] in _BODILESS:
                self._left = 0
            elif lengths:
                self._left = lengths[0]
            else:
                headers.append((b"transfer-encoding", b"chunked"))
            connection.begin(request, message["status"], headers)
            return
        body, is_last = message.get("body", b""), not message.get("more_body", False)
        if request.head.method == "HEAD":
            body = b""
        if self._left is None:
            body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (b"0\r\n\r\n" if is_last else b"")
        elif len(body) > self._left or (is_last and len(body) < self._left):
            raise RuntimeError("the body of the response is not as long as its Content-Length says")
        else:
            self._left -= len(body)
        connection.transport.write(body)
        if is_last:
            self._news.set()
            connection.end(request)
