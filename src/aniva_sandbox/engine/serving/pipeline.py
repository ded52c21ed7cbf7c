"""The way of a request, from its bytes to the bytes of its answer, without a socket."""

import logging
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.contract.api import JSON, Api, Endpoint
from aniva_sandbox.engine.contract.formats import FormatError
from aniva_sandbox.engine.contract.ground_rules import (
    AUTH_KEY,
    AUTH_PERMISSION,
    BODY_UNKNOWN_FIELD,
    ERROR_INTERNAL,
    FORBIDDEN,
)
from aniva_sandbox.engine.contract.operations import Attachment
from aniva_sandbox.engine.contract.pluses import PLUS, find_pluses
from aniva_sandbox.engine.contract.rules import Refusal, Rule
from aniva_sandbox.engine.control.server_rules import HTTP_MEMORY
from aniva_sandbox.engine.control.worlds import WORLD_LIMIT
from aniva_sandbox.engine.evidence.hints import NO_HINTS, Hints, find_hints
from aniva_sandbox.engine.evidence.journal import BODY_KEPT, TEXT_KEPT, Exchange, cut
from aniva_sandbox.engine.faults.effect import Outcome
from aniva_sandbox.engine.faults.faults import Injected, find_fault
from aniva_sandbox.engine.faults.record import HEADER, Effects
from aniva_sandbox.engine.serving.causes import find_causes, shown
from aniva_sandbox.engine.store.memory import FullError, Worlds
from aniva_sandbox.engine.world.agenda import Happened
from aniva_sandbox.engine.world.clock import stopwatch
from aniva_sandbox.engine.world.events import settle
from aniva_sandbox.engine.world.state import World

__all__ = ["Answer", "Request", "answer_control", "answer_no_memory", "answer_partner", "answer_refusal"]

_LOG = logging.getLogger("aniva_sandbox")
_JSON = (b"content-type", JSON.encode())
_OPERATOR = Access("operator", frozenset())
"""Who calls the control plane; no key is asked for there."""


class Request(NamedTuple):
    """A request as it came in. The path is not decoded; the body is None where it was too large to be read."""

    method: str
    path: str
    query: bytes = b""
    key: str | None = None
    content_type: str | None = None
    body: bytes | None = b""
    fault: str | None = None
    """The effect that it asks for (``X-Sandbox-Fault``)."""
    content_encoding: str | None = None
    headers: Sequence[tuple[bytes, bytes]] = ()
    """All headers, names in lower case: looked at only where the call reached no world or no operation."""


class Answer(NamedTuple):
    """What goes out, and what is done to it on its way."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    effect: Effects | None = None


class _Outcome(msgspec.Struct, frozen=True):
    """What a call came to: the rules are those that refused it, the mismatch is how the sandbox is at fault."""

    status: int
    value: Any
    rules: tuple[Rule, ...] = ()
    headers: tuple[tuple[bytes, bytes], ...] = ()
    mismatch: str | None = None
    media_type: str = JSON


def answer_partner(api: Api, worlds: Worlds, request: Request) -> Answer:
    """Answer a partner; 507 where there is no memory to do so."""
    try:
        return _answer_partner(api, worlds, request)
    except MemoryError:
        return answer_no_memory(worlds, request.method)


def _answer_partner(api: Api, worlds: Worlds, request: Request) -> Answer:
    """Each step stands here in order; the first refusal ends the way."""
    began = stopwatch()
    found = world = access = endpoint = described = injected = None
    values: list[str] = []
    past = 0
    is_odd = False
    try:
        found = _find(worlds, request.key)
        if found is not None:
            world, access = found
            world.relied.clear()
            past = len(world.history)
            settle(world)
        endpoint, values = api.route(request.method, request.path)
        if world is not None and (world.faults or request.fault is not None):
            injected = _injected(world, endpoint, request)
        if injected is not None and injected.outcome is not None:
            outcome = _instead(injected.outcome)
        else:
            described = endpoint  # from here on the document says what is answered
            world, access = _authorized(found, endpoint)
            call = endpoint.read_call(
                access, values, request.query, request.content_type, request.body, request.content_encoding
            )
            is_odd = call.is_odd
            outcome = _run(endpoint, world, call)
    except Refusal as refusal:
        outcome = _refused(api, request, endpoint, refusal)
    except Exception as error:
        outcome = _broken(api, endpoint, error)
    outcome = _checked(api, described, outcome)
    answer = _written(request.method, outcome, world, injected)
    if world is not None:
        hints = NO_HINTS
        if endpoint is None:
            hints = Hints(_note_unmatched(api, worlds, request, world, outcome), unknown_field=False)
        elif (
            is_odd
            or outcome.status in _MISTAKES
            or endpoint.is_deprecated
            or (request.query and (world.relied or b"+" in request.query))
        ):
            hints = find_hints(world, endpoint, values, request.query, request.body)
            if hints.unknown_field and described is not None and outcome.status < 400:
                world.relied.append(BODY_UNKNOWN_FIELD.id)
        events = tuple(world.history[past:]) if len(world.history) > past else ()
        who = access.persona if access is not None else None
        _remember(world, request, endpoint, who, outcome, answer, injected, hints.texts, events, stopwatch() - began)
        if outcome.mismatch is not None:
            worlds.mismatches.append((world.name, outcome.mismatch))
    else:
        _note_unmatched(api, worlds, request, None, outcome)
    return answer


_MISTAKES = frozenset({400, 403, 404})
"""The statuses of calls that may hold a mistake worth a hint."""


def answer_control(api: Api, worlds: Worlds, request: Request) -> Answer:
    """Answer a call of the control plane: as for partners, but without key, world and journal."""
    try:
        return _answer_control(api, worlds, request)
    except MemoryError:
        return answer_no_memory(worlds, request.method)


def _answer_control(api: Api, worlds: Worlds, request: Request) -> Answer:
    endpoint = None
    try:
        endpoint, values = api.route(request.method, request.path)
        call = endpoint.read_call(
            _OPERATOR, values, request.query, request.content_type, request.body, request.content_encoding
        )
        outcome = _run(endpoint, worlds, call)
    except Refusal as refusal:
        outcome = _refused(api, request, endpoint, refusal)
    except Exception as error:
        outcome = _broken(api, endpoint, error)
    return _written(request.method, _checked(api, endpoint, outcome), None, None)


def _find(worlds: Worlds, key: str | None) -> tuple[World, Access] | None:
    """The world and rights of a key; None for an unknown one."""
    try:
        return worlds.find(key) if key else None
    except FullError as error:
        WORLD_LIMIT.refuse(str(error))


def answer_refusal(refusal: Refusal, *headers: tuple[bytes, bytes]) -> Answer:
    """What goes out where a request is refused before it comes to any API."""
    return _written("", _Outcome(refusal.status, refusal.body(), refusal.rules, headers), None, None)


def answer_no_memory(worlds: Worlds, method: str) -> Answer:
    """What goes out where there is no memory left for more; it was made ahead."""
    with suppress(MemoryError):
        worlds.on_no_memory()
        _LOG.error("out of memory: a request got 507")
    return _NO_MEMORY if method != "HEAD" else _NO_MEMORY._replace(body=b"")


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
        named = (b"content-disposition", _disposition(value.file_name))
        return _Outcome(operation.status, value.content, (), (*endpoint.headers, named), media_type=value.media_type)
    return _Outcome(operation.status, msgspec.to_builtins(value), (), endpoint.headers)


def _disposition(file_name: str) -> bytes:
    """A file name as RFC 6266 writes it, whatever it is made of: what ASCII has no letter for, or what would end the
    quotes, is an underscore there, and the whole name follows in UTF-8."""
    plain = _NOT_QUOTED.sub("_", file_name)
    header = f'attachment; filename="{plain}"'
    if plain != file_name:
        header += f"; filename*=UTF-8''{quote(file_name, safe='', errors='replace')}"
    return header.encode()


_NOT_QUOTED = re.compile(r"[^ !#-\[\]-~]")


def _refused(api: Api, request: Request, endpoint: Endpoint | None, refusal: Refusal) -> _Outcome:
    body = refusal.body()
    if refusal.status == 400 and endpoint is not None and not refusal.details:
        # A domain rule's message begins with the field that it is about.
        field = refusal.message.partition(" ")[0].rstrip(":")
        if field in find_pluses(request.query, endpoint.query_fields):
            body["error"] += f": {PLUS}"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if refusal.status == 405:
        headers = ((b"allow", ", ".join(api.allowed(request.path)).encode()),)
    return _Outcome(refusal.status, body, refusal.rules, headers)


def _broken(api: Api, endpoint: Endpoint | None, error: Exception) -> _Outcome:
    """A fault of the sandbox itself; or of a proposed document, whose request the behaviour cannot read. Raises a
    MemoryError again: to tell of it would take memory."""
    if isinstance(error, MemoryError):
        raise error
    if api.proposal and isinstance(error, msgspec.ValidationError | FormatError):
        return _Outcome(501, {"error": f"The sandbox's behaviour cannot read this request: {error}"})
    fault = cut(f"{endpoint.id if endpoint else 'what was due, or routing,'} broke: {type(error).__name__}: {error}")
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
    mismatch = cut(mismatch)
    if api.proposal:
        return msgspec.structs.replace(outcome, mismatch=mismatch)
    _LOG.error("an answer contradicts the document: %s", mismatch)
    return _at_fault(f"its answer contradicts its document: {mismatch}", mismatch)


def _injected(world: World, endpoint: Endpoint, request: Request) -> Injected | None:
    """The fault that meets this call."""
    return find_fault(
        world,
        operation=endpoint.id,
        method=request.method,
        template=endpoint.path,
        path=request.path,
        header=request.fault,
    )


def _instead(outcome: Outcome) -> _Outcome:
    """What a fault brings about in place of a call that does not take effect."""
    return _Outcome(outcome.status, outcome.value, outcome.rules, outcome.headers, media_type=outcome.media_type)


def _remember(
    world: World,
    request: Request,
    endpoint: Endpoint | None,
    persona: str | None,
    outcome: _Outcome,
    answer: Answer,
    injected: Injected | None,
    hints: tuple[str, ...],
    events: tuple[Happened, ...],
    elapsed_ns: int,
) -> None:
    """Note an exchange. Bodies are kept as they are, which costs nothing; they are read when somebody looks."""
    journal = world.journal
    body = request.body or b""
    path, query, content_type = request.path, request.query, request.content_type
    target_size = len(path) + len(query)
    if target_size > TEXT_KEPT:
        path, query = path[:TEXT_KEPT], query[:TEXT_KEPT]
    if content_type is not None and len(content_type) > TEXT_KEPT:
        content_type = cut(content_type)
    relied: tuple[str, ...] = ()
    if outcome.rules:
        world.relied_on |= {rule.id: None for rule in outcome.rules if rule.basis in ("assumed", "conflict")}
    elif world.relied:
        relied = tuple(dict.fromkeys(world.relied))
        world.relied_on |= dict.fromkeys(relied)
    journal.add(
        Exchange(
            journal.next_number,
            world.now,
            elapsed_ns,
            request.method,
            path,
            query.decode("latin-1") if query else "",
            target_size,
            persona,
            endpoint.id if endpoint else None,
            content_type,
            body[:BODY_KEPT],
            len(body),
            outcome.status or None,
            _ids(outcome.rules),
            relied,
            cut(outcome.value["error"]) if outcome.status >= 400 else None,
            outcome.mismatch,
            injected.name if injected else None,
            hints,
            events,
            outcome.media_type,
            answer.body[:BODY_KEPT],
            len(answer.body),
        )
    )


def _note_unmatched(
    api: Api, worlds: Worlds, request: Request, world: World | None, outcome: _Outcome
) -> tuple[str, ...]:
    """Note a call that found no world or no operation; returns what was wrong with it."""
    causes = find_causes(api, worlds, request, known=world is not None, error=outcome.value["error"])
    if causes:  # there are none where something broke before the operation was looked for
        name = world.name if world is not None else None
        worlds.unmatched.note(
            method=shown(request.method),
            path=shown(request.path),
            status=outcome.status,
            rules=_ids(outcome.rules),
            world=name,
            causes=causes,
        )
    return tuple(cause.message for cause in causes)


def _written(method: str, outcome: _Outcome, world: World | None, injected: Injected | None) -> Answer:
    body = outcome.value if isinstance(outcome.value, bytes) else msgspec.json.encode(outcome.value)
    if injected is not None:
        body = injected.change_body(body)
    headers = [_JSON if outcome.media_type == JSON else (b"content-type", outcome.media_type.encode())]
    headers += [(b"content-length", b"%d" % len(body)), *outcome.headers]
    if world is not None:
        headers += _world_headers(world.name, world.now)
    if outcome.rules:
        headers.append((b"x-sandbox-rule", _named(outcome.rules).encode()))
    if outcome.mismatch is not None:
        headers.append((b"x-sandbox-mismatch", re.sub("[^ -~]", " ", outcome.mismatch).encode()))
    if method == "HEAD":
        body = b""
    if injected is None:
        return Answer(outcome.status, headers, body)
    headers.append((HEADER.lower().encode(), injected.name.encode()))
    return Answer(outcome.status, headers, body, injected.effects)


def _named(rules: Iterable[Rule]) -> str:
    """Rules as a structured header: `link.window; basis=documented`."""
    return ", ".join(f"{rule.id}; basis={rule.basis}" for rule in rules)


def _ids(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    return tuple(rule.id for rule in rules) if rules else ()


@lru_cache(maxsize=256)  # a world answers many requests in one second
def _world_headers(name: str, now: datetime) -> tuple[tuple[bytes, bytes], ...]:
    return (b"x-sandbox-world", name.encode()), (b"x-sandbox-time", f"{now.isoformat()[:19]}Z".encode())


_NO_MEMORY = answer_refusal(HTTP_MEMORY.refusal("The sandbox has no memory left for this request"))
