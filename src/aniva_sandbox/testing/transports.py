"""Transports of httpx and httpx2 that reach the sandbox in process, and fail like those with a connection."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import cache
from typing import Any, Protocol, TypeVar, cast

import anyio
from starlette.types import ASGIApp, Message

from aniva_sandbox.testing.wsgi import finish

__all__ = ["Library", "build_async_transport", "build_transport"]

Sync = TypeVar("Sync")
Async = TypeVar("Async")


class Library(Protocol[Sync, Async]):
    """The module ``httpx`` or ``httpx2``."""

    BaseTransport: type[Sync]
    AsyncBaseTransport: type[Async]


def build_transport(library: Library[Sync, Any], app: ASGIApp) -> Sync:
    """A transport for this library's clients. It needs no event loop, as :func:`build_wsgi` does not. Raises TypeError
    for another library."""
    base: Any = _known(library).BaseTransport

    class Transport(base):  # type: ignore[misc]
        def handle_request(self, request: Any) -> Any:
            conversation = _Conversation(library, request)
            body = request.read()

            async def wait(seconds: float) -> None:
                time.sleep(seconds)

            finish(conversation.hold(app, body, wait))
            return conversation.response()

    return cast("Sync", Transport())


def build_async_transport(library: Library[Any, Async], app: ASGIApp) -> Async:
    """A transport for this library's async clients, in any event loop. Raises TypeError for another library."""
    base: Any = _known(library).AsyncBaseTransport

    class AsyncTransport(base):  # type: ignore[misc]
        async def handle_async_request(self, request: Any) -> Any:
            conversation = _Conversation(library, request)
            body = await request.aread()
            await conversation.hold(app, body, anyio.sleep)
            return conversation.response()

    return cast("Async", AsyncTransport())


def _known(library: Any) -> Any:
    if not hasattr(library, "BaseTransport") or not hasattr(library, "AsyncBaseTransport"):
        raise TypeError(f"transports are for the modules httpx and httpx2, not for {library!r}")
    return library


class _Conversation:
    """A request and its outcome: messages and, if the sandbox spoils the response, the client's error."""

    def __init__(self, library: Any, request: Any) -> None:
        self._library = library
        self._request = request
        self._messages: list[Message] = []
        self._error: Exception | None = None

    async def hold(self, app: ASGIApp, body: bytes, wait: Callable[[float], Awaitable[None]]) -> None:
        """Let the app respond. A wait longer than the client's timeout raises the timeout at once."""
        patience = self._request.extensions.get("timeout", {}).get("read")
        request = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Message:
            return next(request, {"type": "http.disconnect"})

        async def send(message: Message) -> None:
            self._messages.append(message)

        async def pause(seconds: float) -> None:
            if patience is not None and seconds > patience:
                raise self._library.ReadTimeout("timed out", request=self._request)
            await wait(seconds)

        try:
            await app(self._scope({"pause": pause}), receive, send)
        except ConnectionResetError:
            self._error = self._library.RemoteProtocolError(self._cut(), request=self._request)
        except self._library.ReadTimeout as error:
            self._error = error

    def response(self) -> Any:
        """The response, as far as it came; raises if nothing came."""
        if self._error is not None and not self._messages:
            raise self._error
        start, *parts = self._messages
        pieces = [] if self._request.method == "HEAD" else [part.get("body", b"") for part in parts]
        stream = _stream_of(self._library)(pieces, self._error)
        return self._library.Response(start["status"], headers=start["headers"], stream=stream)

    def _cut(self) -> str:
        """The message of httpcore and h11."""
        if not self._messages:
            return "Server disconnected without sending a response."
        start, *parts = self._messages
        length = dict(start["headers"])[b"content-length"].decode()
        received = sum(len(part.get("body", b"")) for part in parts)
        return (
            "peer closed connection without sending complete message body "
            f"(received {received} bytes, expected {length})"
        )

    def _scope(self, state: dict[str, Any]) -> dict[str, Any]:
        url = self._request.url
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self._request.method,
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.partition(b"?")[0],
            "query_string": url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in self._request.headers.raw],
            "server": (url.host, url.port),
            "client": None,
            "state": state,
        }


@cache
def _stream_of(library: Any) -> Any:
    sync: Any = library.SyncByteStream
    asynchronous: Any = library.AsyncByteStream

    class Stream(sync, asynchronous):  # type: ignore[misc]
        """A body, and the error that ends it."""

        def __init__(self, pieces: list[bytes], error: Exception | None) -> None:
            self._pieces = pieces
            self._error = error

        def __iter__(self) -> Iterator[bytes]:
            yield from self._pieces
            if self._error is not None:
                raise self._error

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in self:
                yield piece

    return Stream
