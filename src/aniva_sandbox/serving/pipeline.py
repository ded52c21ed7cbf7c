"""The way of a request, from its bytes to the bytes of its answer, without a socket."""

import logging
import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from aniva_sandbox.contract.api import JSON, Api, Endpoint
from aniva_sandbox.contract.common import AUTH_KEY, AUTH_PERMISSION, ERROR_INTERNAL, FORBIDDEN
from aniva_sandbox.contract.formats import FormatError
from aniva_sandbox.contract.operations import Attachment
from aniva_sandbox.contract.rules import Refusal, Rule
from aniva_sandbox.simulation.events import settle
from aniva_sandbox.world.tables import Access
from aniva_sandbox.world.world import Exchange, World
from aniva_sandbox.world.worlds import Worlds

__all__ = ["Answer", "Request", "answer_control", "answer_partner", "answer_refusal"]

_LOG = logging.getLogger("aniva_sandbox")
_JSON = (b"content-type", JSON.encode())
_OPERATOR = Access("operator", frozenset(), frozenset(), frozenset(), frozenset())
"""Who calls the control plane; no key is asked for there."""


class Request(NamedTuple):
    """A request as it came in. The path is not decoded; the body is None where it was too large to be read."""

    method: str
    path: str
    query: bytes = b""
    key: str | None = None
    content_type: str | None = None
    body: bytes | None = b""


class Answer(NamedTuple):
    """What goes out."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class _Outcome(msgspec.Struct, frozen=True):
    """What a call came to: the rules are those that refused it, the mismatch is how the sandbox is at fault."""

    status: int
    value: Any
    rules: tuple[Rule, ...] = ()
    headers: tuple[tuple[bytes, bytes], ...] = ()
    mismatch: str | None = None
    media_type: str = JSON


def answer_partner(api: Api, worlds: Worlds, request: Request) -> Answer:
    """Answer a partner. Each step stands here in order; the first refusal ends the way."""
    found = worlds.find(request.key) if request.key else None
    world = found[0] if found else None
    endpoint = None
    try:
        if world is not None:
            settle(world)
        endpoint, values = api.route(request.method, request.path)
        world, access = _authorized(found, endpoint)
        call = endpoint.read_call(access, values, request.query, request.content_type, request.body)
        outcome = _run(endpoint, world, call)
    except Refusal as refusal:
        outcome = _refused(api, request, refusal)
    except Exception as error:
        outcome = _broken(api, endpoint, error)
    outcome = _checked(api, endpoint, outcome)
    if world is not None:
        _remember(world, request, endpoint, outcome)
        if outcome.mismatch is not None:
            worlds.mismatches.append((world.name, outcome.mismatch))
    return _written(outcome, world)


def answer_control(api: Api, worlds: Worlds, request: Request) -> Answer:
    """Answer a call of the control plane: as for partners, but without key, world and journal."""
    endpoint = None
    try:
        endpoint, values = api.route(request.method, request.path)
        call = endpoint.read_call(_OPERATOR, values, request.query, request.content_type, request.body)
        outcome = _run(endpoint, worlds, call)
    except Refusal as refusal:
        outcome = _refused(api, request, refusal)
    except Exception as error:
        outcome = _broken(api, endpoint, error)
    return _written(_checked(api, endpoint, outcome), None)


def answer_refusal(refusal: Refusal, *headers: tuple[bytes, bytes]) -> Answer:
    """What goes out where a request is refused before it comes to any API."""
    return _written(_Outcome(refusal.status, refusal.body(), refusal.rules, headers), None)


def _authorized(found: tuple[World, Access] | None, endpoint: Endpoint) -> tuple[World, Access]:
    """The world and rights of a known key that holds a permission of the operation."""
    if found is None:
        AUTH_KEY.refuse(FORBIDDEN)
    if endpoint.permissions and found[1].permissions.isdisjoint(endpoint.permissions):
        AUTH_PERMISSION.refuse(FORBIDDEN)
    return found


def _run(endpoint: Endpoint, subject: Any, call: Any) -> _Outcome:
    """Let the operation act; 501 where a proposed document has one that the sandbox does not."""
    operation = endpoint.operation
    if operation is None:
        return _Outcome(501, {"error": f"The sandbox has no behaviour for {endpoint.id}"})
    value = operation.run(subject, call)
    if isinstance(value, Attachment):
        named = (b"content-disposition", f'attachment; filename="{value.file_name}"'.encode())
        return _Outcome(operation.status, value.content, (), (*endpoint.headers, named), media_type=value.media_type)
    return _Outcome(operation.status, msgspec.to_builtins(value), (), endpoint.headers)


def _refused(api: Api, request: Request, refusal: Refusal) -> _Outcome:
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if refusal.status == 405:
        headers = ((b"allow", ", ".join(api.allowed(request.path)).encode()),)
    return _Outcome(refusal.status, refusal.body(), refusal.rules, headers)


def _broken(api: Api, endpoint: Endpoint | None, error: Exception) -> _Outcome:
    """A fault of the sandbox itself; or of a proposed document, whose request the behaviour cannot read."""
    if api.proposal and isinstance(error, msgspec.ValidationError | FormatError):
        return _Outcome(501, {"error": f"The sandbox's behaviour cannot read this request: {error}"})
    fault = f"{endpoint.id if endpoint else 'what was due, or routing,'} broke: {type(error).__name__}: {error}"
    _LOG.error(fault, exc_info=error)
    return _at_fault(fault, fault)


def _at_fault(message: str, mismatch: str) -> _Outcome:
    return _Outcome(500, {"error": f"The sandbox is at fault: {message}"}, (ERROR_INTERNAL,), mismatch=mismatch)


def _checked(api: Api, endpoint: Endpoint | None, outcome: _Outcome) -> _Outcome:
    """Hold an answer against the document. One that contradicts it becomes a loud 500; under a proposed document it
    is delivered as it is, and marked."""
    if endpoint is None or outcome.status == 501 or outcome.mismatch is not None:
        return outcome
    try:
        mismatch = endpoint.mismatch(
            outcome.status, outcome.value, _ids(outcome.rules), outcome.headers, outcome.media_type
        )
    except Exception as error:
        return _broken(api, endpoint, error)
    if mismatch is None:
        return outcome
    if api.proposal:
        return msgspec.structs.replace(outcome, mismatch=mismatch)
    _LOG.error("an answer contradicts the document: %s", mismatch)
    return _at_fault(f"its answer contradicts its document: {mismatch}", mismatch)


def _remember(world: World, request: Request, endpoint: Endpoint | None, outcome: _Outcome) -> None:
    world.journal.append(
        Exchange(
            world.now,
            request.method,
            f"{request.path}?{request.query.decode('latin-1')}" if request.query else request.path,
            endpoint.id if endpoint else None,
            outcome.status,
            _ids(outcome.rules),
            outcome.value["error"] if outcome.status >= 400 else None,
            outcome.mismatch,
        )
    )


def _written(outcome: _Outcome, world: World | None) -> Answer:
    body = outcome.value if isinstance(outcome.value, bytes) else msgspec.json.encode(outcome.value)
    headers = [_JSON if outcome.media_type == JSON else (b"content-type", outcome.media_type.encode())]
    headers += [(b"content-length", b"%d" % len(body)), *outcome.headers]
    if world is not None:
        headers += _world_headers(world.name, world.now)
    if outcome.rules:
        headers.append((b"x-sandbox-rule", _named(outcome.rules).encode()))
    if outcome.mismatch is not None:
        headers.append((b"x-sandbox-mismatch", re.sub("[^ -~]", " ", outcome.mismatch).encode()))
    return Answer(outcome.status, headers, body)


def _named(rules: Iterable[Rule]) -> str:
    """Rules as a structured header: `link.window; basis=documented`."""
    return ", ".join(f"{rule.id}; basis={rule.basis}" for rule in rules)


def _ids(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    return tuple(rule.id for rule in rules) if rules else ()


@lru_cache(maxsize=256)  # a world answers many requests in one second
def _world_headers(name: str, now: datetime) -> tuple[tuple[bytes, bytes], ...]:
    return (b"x-sandbox-world", name.encode()), (b"x-sandbox-time", f"{now.isoformat()[:19]}Z".encode())
