"""Sending a response as a fault changes it: late, in pieces, in part, or not at all."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

__all__ = ["Delivery", "Receive", "Send"]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_DROPPED = "a fault of the sandbox dropped the connection"


def _sleep() -> Callable[[float], Awaitable[None]]:
    import anyio  # lazy: a server has its own way to wait

    return anyio.sleep


class Delivery:
    """A response on its way to the client: the pieces of its body, and the connection.

    In process, over ASGI, there is no connection to close: ConnectionResetError is raised instead.
    """

    def __init__(self, body: bytes, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """The ``state`` of the scope may hold the ``transport`` of the connection, and a replacement of ``pause``."""
        state = scope.get("state", {})
        self.pause: Callable[[float], Awaitable[None]] = state.get("pause") or _sleep()
        """Wait for a number of seconds."""
        self.has_body = scope["method"] != "HEAD"
        """Whether the response has a body: that to HEAD has none."""
        self.pieces = [body]
        """The pieces of the body as they are sent: at least one, which may be empty."""
        self.gap = 0.0
        """Seconds between two pieces."""
        self.is_cut = False
        """Whether the connection closes after the last piece, although the client expects more."""
        self.is_dropped = False
        """Whether the connection is closed, so that nothing is sent."""
        self._transport = state.get("transport")
        self._receive = receive
        self._send = send

    async def drop(self) -> None:
        """Close the connection at once, without a response."""
        self.is_dropped = True
        self._open_transport().abort()
        await self._disconnected()

    async def send(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Send the response, or the part of it that the fault leaves."""
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        for piece in self.pieces[:-1]:
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            await self.pause(self.gap)
        if self.is_cut:
            await self._send({"type": "http.response.body", "body": self.pieces[-1], "more_body": True})
            self._open_transport().close()  # bytes written before are still sent
            await self._disconnected()
        else:
            await self._send({"type": "http.response.body", "body": self.pieces[-1]})

    def _open_transport(self) -> Any:
        if self._transport is None:
            raise ConnectionResetError(_DROPPED)
        return self._transport

    async def _disconnected(self) -> None:
        """Wait until the server notices the closed connection; otherwise it would send its own response."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
