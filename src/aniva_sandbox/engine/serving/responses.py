"""Responses: status, headers and bytes."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import lru_cache

import msgspec

from aniva_sandbox.engine.contract.outcomes import JSON, Outcome
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.control.server_rules import HTTP_MEMORY
from aniva_sandbox.engine.evidence.headers import in_ascii, name_rules, write_hints, write_time
from aniva_sandbox.engine.faults.faults import Injected
from aniva_sandbox.engine.faults.record import HEADER, Effects
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.state import World

__all__ = ["Done", "Response", "respond_with_refusal", "respond_without_memory", "write_response"]

_LOG = logging.getLogger("aniva_sandbox")
_JSON = (b"content-type", JSON.encode())


class Response(msgspec.Struct, frozen=True, gc=False):
    """A response, and the effects of a fault on its delivery."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    effect: Effects | None = None


Done = Callable[[Response | Exception], object]
"""Takes a response, or the error because of which there is none. It does not raise."""


def write_response(
    method: str,
    outcome: Outcome,
    body: bytes,
    trace: Trace,
    world: World | None = None,
    injected: Injected | None = None,
) -> Response:
    """Write an outcome, whose body is written, as a response to a request with this method; headers report rules,
    mismatch and fault."""
    if injected is not None:
        body = injected.change_body(body)
    type = _JSON if outcome.media_type == JSON else (b"content-type", outcome.media_type.encode())
    length = b"content-length", b"%d" % len(body)
    if world is not None:
        name, now = _world_headers(world.name, world.clock.now)
        headers = [type, length, name, now]
    else:
        headers = [type, length]
    if outcome.headers:
        headers[2:2] = outcome.headers
    if trace.refused_by:
        headers.append((b"x-sandbox-rule", name_rules(trace.refused_by).encode()))
    if trace.hints:
        headers.append((b"x-sandbox-hint", write_hints([hint.text for hint in trace.hints]).encode()))
    if trace.mismatch is not None:
        headers.append((b"x-sandbox-mismatch", in_ascii(trace.mismatch).encode()))
    if method == "HEAD":
        body = b""
    if trace.fault is not None:
        headers.append((HEADER.lower().encode(), trace.fault.encode()))
    return Response(outcome.status, headers, body, injected.effects if injected is not None else None)


@lru_cache(maxsize=256)  # a world sends many responses in one second
def _world_headers(name: str, now: datetime) -> tuple[tuple[bytes, bytes], ...]:
    return (b"x-sandbox-world", name.encode()), (b"x-sandbox-time", write_time(now).encode())


def respond_with_refusal(refusal: Refusal, *headers: tuple[bytes, bytes]) -> Response:
    """The response to a request that is refused before it reaches an API."""
    outcome = Outcome(refusal.status, refusal.body(), refusal.rules, headers)
    return write_response("", outcome, msgspec.json.encode(outcome.value), Trace(refused_by=refusal.rules))


def respond_without_memory(worlds: Worlds, method: str) -> Response:
    """The response if memory runs out; it was created in advance."""
    with suppress(MemoryError):
        worlds.tally.without_memory += 1
        worlds.on_no_memory()
        _LOG.error("out of memory: a request got 507")
    return _NO_MEMORY if method != "HEAD" else msgspec.structs.replace(_NO_MEMORY, body=b"")


_NO_MEMORY = respond_with_refusal(HTTP_MEMORY.refusal("The sandbox has no memory left for this request"))
