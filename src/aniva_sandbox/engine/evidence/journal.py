"""The journal of a world: its requests, their responses, and the trace of each call."""

from datetime import datetime

import msgspec

from aniva_sandbox.engine.contract.ground_rules import HTTP_TOO_LARGE
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.faults.record import Effects, read_header
from aniva_sandbox.engine.world.state import World

__all__ = [
    "BODY_KEPT",
    "TEXT_KEPT",
    "Exchange",
    "SentRequest",
    "SentResponse",
    "cut",
    "effects_on",
    "is_cut_off",
    "is_readable",
    "record",
    "why_not_again",
    "why_not_whole",
]

BODY_KEPT = 8192
"""The number of bytes kept of a body."""
TEXT_KEPT = 2048
"""The number of characters kept of a path, a query, or any other text."""


class SentRequest(msgspec.Struct, frozen=True, gc=False):
    """A request as it was received, cut to what is kept."""

    method: str
    path: str
    query: str
    target_size: int
    """The number of characters of path and query together."""
    type: str | None
    body: bytes
    size: int
    """Bytes of the whole body."""


class SentResponse(msgspec.Struct, frozen=True, gc=False):
    """A response as it was sent, cut to what is kept."""

    status: int | None
    """None if the connection was dropped before the call took effect."""
    error: str | None
    type: str
    body: bytes
    size: int
    """Bytes of the whole body."""


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """One request to a world, its response, and the trace of the call."""

    number: int
    """Counted from 1 while the world exists."""
    time: datetime
    """The world's time."""
    elapsed_ns: int
    """Nanoseconds of the machine's clock from request to response, without injected latency."""
    request: SentRequest
    response: SentResponse
    trace: Trace
    happened: int
    """The number of events in the world's history afterwards."""


def record(world: World, request: Request, outcome: Outcome, body: bytes, trace: Trace, elapsed_ns: int) -> None:
    """Add an exchange to the journal of a world, and its undocumented rules to the world's ``relied_on``. ``body`` is
    the body of the response.

    Bodies are kept as they are, and decoded only when the journal is read.
    """
    status, error = outcome.status, None
    if status >= 400:
        error = cut(outcome.value["error"])
    if trace.refused_by:
        for rule in trace.refused_by:
            if not rule.is_settled:
                world.relied_on[rule.id] = None
    if trace.leaned_on:
        for rule in trace.leaned_on:
            world.relied_on[rule.id] = None
    path, query, type, sent = request.path, request.query, request.content_type, request.body or b""
    target_size = len(path) + len(query)
    if target_size > TEXT_KEPT:
        path, query = path[:TEXT_KEPT], query[:TEXT_KEPT]
    if type is not None and len(type) > TEXT_KEPT:
        type = cut(type)
    text = query.decode("latin-1") if query else ""
    size, sent_size, journal = len(body), len(sent), world.journal
    entry = Exchange(
        journal.recorded + 1,
        world.clock.now,
        elapsed_ns,
        SentRequest(
            request.method,
            path,
            text,
            target_size,
            type,
            sent if sent_size <= BODY_KEPT else sent[:BODY_KEPT],
            sent_size,
        ),
        SentResponse(status or None, error, outcome.media_type, body if size <= BODY_KEPT else body[:BODY_KEPT], size),
        trace,
        len(world.history),
    )
    journal.add(entry)


def why_not_whole(exchange: Exchange) -> str:
    """Why the journal does not have the whole request of an exchange, as a clause; empty if it has."""
    sent = exchange.request
    if sent.size > len(sent.body) or HTTP_TOO_LARGE in exchange.trace.refused_by:
        return "the journal does not have its whole body"
    if sent.target_size > len(sent.path) + len(sent.query):
        return "the journal does not have its whole path and query"
    if sent.type is not None and len(sent.type) > TEXT_KEPT:
        return "the journal does not have its whole content type"
    return ""


def why_not_again(exchange: Exchange, world: World) -> str:
    """Why a test cannot make a call again, as a clause; empty if it can."""
    if exchange.number <= world.start.recorded:
        return "the world was restored from a snapshot since"
    return why_not_whole(exchange)


def effects_on(exchange: Exchange) -> Effects | None:
    """The effects of the fault that fired on a call; None if none did."""
    fault = exchange.trace.fault
    return read_header(fault.partition(": ")[2]) if fault else None


def is_readable(exchange: Exchange) -> bool:
    """Whether the client could read the response, and the journal has the whole of it."""
    effects = effects_on(exchange)
    return exchange.response.size == len(exchange.response.body) and (
        effects is None or not any(effect.loses_response for effect in effects.parts())
    )


def is_cut_off(exchange: Exchange) -> bool:
    """Whether the connection was closed before the client had the whole response."""
    effects = effects_on(exchange)
    return effects is not None and any(effect.closes(exchange.response.size) for effect in effects.parts())


def cut(text: str) -> str:
    """A text as it is kept: whole, or its beginning and its length."""
    return text if len(text) <= TEXT_KEPT else f"{text[:TEXT_KEPT]}... ({len(text)} characters)"
