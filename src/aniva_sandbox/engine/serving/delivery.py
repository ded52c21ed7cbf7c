"""Carrying out an injected fault on the way of an answer: waiting, dropping the connection, cutting and slowing."""

from collections.abc import Iterator
from typing import Any

import anyio
from starlette.types import Receive, Scope, Send

from aniva_sandbox.engine.faults.injected import Effect
from aniva_sandbox.engine.serving.responses import Response

__all__ = ["PIECES", "send_spoilt"]

_DROPPED = "the connection was dropped, as a fault of the sandbox asks"
PIECES = 10
"""A body that trickles comes in so many."""


async def send_spoilt(answer: Response, effect: Effect, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer as a fault would have it.

    Without a connection of its own (in process), there is none to be dropped: then this raises ConnectionResetError in
    the place of an answer, or of the rest of one. The state of a scope may bring another way to ``pause``.
    """
    state: dict[str, Any] = scope.get("state", {})
    transport = state.get("transport")
    pause = state.get("pause", anyio.sleep)
    if effect.latency_ms:
        await pause(effect.latency_ms / 1000)
    if effect.drop is not None:
        if transport is None:
            raise ConnectionResetError(_DROPPED)
        transport.abort()
        await _closed(receive)
        return
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    is_cut = effect.truncate and scope["method"] != "HEAD"  # to which no body is sent
    body = answer.body[: len(answer.body) // 2] if is_cut else answer.body
    pieces = list(_pieces(body)) if effect.trickle_ms else [body]
    for piece in pieces[:-1]:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await pause(effect.trickle_ms / 1000)
    if is_cut:
        await send({"type": "http.response.body", "body": pieces[-1], "more_body": True})
        if transport is None:
            raise ConnectionResetError(_DROPPED)
        transport.close()  # what was sent still goes out
        await _closed(receive)
    else:
        await send({"type": "http.response.body", "body": pieces[-1]})


async def _closed(receive: Receive) -> None:
    """Wait until the server knows that the connection is gone; it would answer for us otherwise."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _pieces(body: bytes) -> Iterator[bytes]:
    step = max(1, -(-len(body) // PIECES))
    return (body[at : at + step] for at in range(0, max(len(body), 1), step))
