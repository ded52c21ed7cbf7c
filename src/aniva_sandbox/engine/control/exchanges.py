"""Exchanges as the control plane shows them."""

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Literal, get_args
from urllib.parse import quote

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.contract.derived import described, extended, list_of
from aniva_sandbox.engine.contract.rules import Basis, Rule
from aniva_sandbox.engine.contract.schemas import Timestamp, field
from aniva_sandbox.engine.contract.trace import Distance, Trace
from aniva_sandbox.engine.control.events import event_view, event_view_type
from aniva_sandbox.engine.evidence.distances import name_distance
from aniva_sandbox.engine.evidence.journal import BODY_KEPT, TEXT_KEPT, Exchange, SentRequest
from aniva_sandbox.engine.evidence.secrets import (
    HIDDEN,
    hide_in_json,
    hide_in_path,
    hide_in_query,
    hide_in_text,
    hide_keys,
    open_text,
)
from aniva_sandbox.engine.world.domain import Domain

__all__ = ["RuleName", "exchange_type", "exchange_view", "mentions", "rule_names"]


class RuleName(msgspec.Struct, frozen=True):
    """A rule of the ledger, in brief."""

    id: str
    basis: Annotated[str, field(extra={"enum": list(get_args(Basis))})]
    sentence: str


class BodyView(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a request or a response: as JSON if it is valid and was kept whole, otherwise as text."""

    type: Annotated[str | None, field("The media type.")]
    bytes: Annotated[int, field("The size of the whole body in bytes.")]
    json: Any = UNSET
    text: Annotated[str, field(f"The text; cut if the body has more than {BODY_KEPT} bytes.")] | UnsetType = UNSET
    raw: (
        Annotated[
            str,
            field(
                "The text exactly as it was sent, if it was kept whole, is UTF-8, and has neither a secret nor a name "
                "twice in an object. Only of an exchange that was requested by its number."
            ),
        ]
        | UnsetType
    ) = UNSET


class DistanceView(msgspec.Struct, frozen=True):
    """How far a call was from the boundary of a rule."""

    measure: Annotated[str, field("What was measured; empty for the only measure of the rule.")]
    value: Annotated[float, field("Negative below the boundary, 0 at it.")]
    text: Annotated[str, field("In words.", examples=["2 hours below the boundary"])]


class WeighedView(msgspec.Struct, frozen=True):
    """A rule that a call was held against, and what came of it."""

    rule: RuleName
    outcome: Annotated[
        Literal["passed", "refused", "waived"], field("`waived` if a probe kept the rule from applying to the call.")
    ]
    distances: list[DistanceView]


class TriedMoveView(msgspec.Struct, frozen=True):
    """A move that was tried on a record with states; it may have been refused."""

    machine: Annotated[str, field("The noun of the record.")]
    state: Annotated[str, field("The state before the move.")]
    move: str


class ExchangeView(msgspec.Struct, frozen=True):
    """A request to the world and its response. Keys and passwords are hidden."""

    number: Annotated[int, field("Counted from 1 while the world exists.")]
    time: Annotated[Timestamp, field("The world's time.")]
    elapsed_ms: Annotated[float, field("From request to response, by the machine's clock, without injected latency.")]
    method: str
    path: Annotated[str, field(f"With the query; path and query are each cut to {TEXT_KEPT} characters.")]
    persona: Annotated[str | None, field("The persona of the key; null for an unknown key.")]
    operation: Annotated[str | None, field("The operationId; null for an unknown path or method.")]
    request: BodyView
    status: Annotated[int | None, field("Null if the connection was dropped before the call took effect.")]
    response: BodyView
    rules: Annotated[list[RuleName], field("The rules that refused the call.")]
    relied_on: Annotated[list[RuleName], field("Undocumented rules and clauses that the call relied on.")]
    error: str | None
    mismatch: Annotated[str | None, field("How the response contradicts the document.")]
    fault: Annotated[str | None, field("The injected fault.", examples=["drop=after"])]
    hints: Annotated[
        list[str],
        field("Possible mistakes in the request, such as an unknown field, or in how the client uses the API."),
    ]
    target: (
        Annotated[
            str,
            field(
                "Path and query exactly as they were sent, if they were kept whole and have no secret. Only of an "
                "exchange that was requested by its number."
            ),
        ]
        | UnsetType
    ) = UNSET
    weighed: (
        Annotated[
            list[WeighedView],
            field(
                "The rules that the call was held against, in order; those on keys only if they refused it, those on "
                "the form of requests also while coverage is collected. Not in brief."
            ),
        ]
        | UnsetType
    ) = UNSET
    moves: (
        Annotated[list[TriedMoveView], field("The moves that the call tried on records with states. Not in brief.")]
        | UnsetType
    ) = UNSET


@cache
def exchange_type(domain: Domain) -> Any:
    """The type of exchanges in responses: with the events that happened."""
    events = described(
        list_of(event_view_type(domain)), "Events that happened during the call, including those that had become due."
    )
    return extended(ExchangeView, [("events", events)])


def exchange_view(exchange: Exchange, domain: Domain, *, brief: bool = False, exact: bool = False) -> Any:
    """The view of an exchange: bodies decoded, secrets hidden. In brief, without the content of bodies and without what
    the call was held against. An exact view also has the request and the response as they were sent."""
    request, response, trace = exchange.request, exchange.response, exchange.trace
    is_whole = len(request.path) + len(request.query) == request.target_size
    target = _shown_target(request)
    return exchange_type(domain)(
        number=exchange.number,
        time=exchange.time,
        elapsed_ms=exchange.elapsed_ns // 1000 / 1000,
        method=request.method,
        path=target if is_whole else f"{target}... ({request.target_size} characters)",
        persona=trace.persona,
        operation=trace.operation,
        request=_body(request.type, b"" if brief else request.body, request.size, exact=exact),
        status=response.status,
        response=_body(response.type or None, b"" if brief else response.body, response.size, exact=exact),
        rules=rule_names(trace.refused_by),
        relied_on=rule_names(trace.leaned_on),
        error=response.error,
        mismatch=trace.mismatch,
        fault=trace.fault,
        hints=[hide_keys(hint.text) for hint in trace.hints],
        events=[event_view(domain, event) for event in trace.events],
        target=_target(request) if exact and is_whole and HIDDEN not in target else UNSET,
        weighed=UNSET if brief else _weighed(trace),
        moves=UNSET if brief else [TriedMoveView(tried.machine, tried.state, tried.move) for tried in trace.tried],
    )


def mentions(exchange: Exchange, text: str) -> bool:
    """Whether a text is in what is shown of the path, the query or the bodies of an exchange, in either case."""
    text = text.lower()
    request, response = exchange.request, exchange.response
    return text in _shown_target(request).lower() or any(
        text.encode() in body.lower() and text in _shown_body(body).lower() for body in (request.body, response.body)
    )


def _shown_target(request: SentRequest) -> str:
    path = hide_in_path(request.path)
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in hide_in_query(request.query))
    return f"{path}?{query}" if query else path


def _shown_body(body: bytes) -> str:
    try:
        return msgspec.json.encode(hide_in_json(msgspec.json.decode(body))).decode()
    except (ValueError, RecursionError):
        return hide_in_text(body.decode(errors="replace"))


def _weighed(trace: Trace) -> list[WeighedView]:
    """The rules that a call was held against, each once, with those that refused it."""
    distances: dict[str, list[Distance]] = {}
    for distance in trace.distances:
        distances.setdefault(distance.rule, []).append(distance)
    views = []
    for rule in {each.id: each for each in (*trace.weighed, *trace.refused_by)}.values():
        outcome: Literal["passed", "refused", "waived"] = "passed"
        if rule in trace.refused_by:
            outcome = "refused"
        elif rule in trace.waived:
            outcome = "waived"
        views.append(
            WeighedView(rule_name(rule), outcome, [_distance(rule, each) for each in distances.get(rule.id, ())])
        )
    return views


def _distance(rule: Rule, distance: Distance) -> DistanceView:
    units = {measure.name: measure.unit for measure in rule.measures}
    text = name_distance(distance.value, distance.unit or units.get(distance.measure, ""))
    return DistanceView(distance.measure, distance.value, f"{text} the boundary")


def _quoted(text: str) -> str:
    return text if text == HIDDEN else quote(text)


def _target(request: SentRequest) -> str:
    return f"{request.path}?{request.query}" if request.query else request.path


def _body(type: str | None, body: bytes, size: int, *, exact: bool) -> BodyView:
    if not body or (type is not None and type.lower().startswith("application/pdf")):
        return BodyView(type, size)
    raw = open_text(body) if exact and len(body) == size else None
    sent = UNSET if raw is None else raw
    try:
        return BodyView(type, size, json=hide_in_json(msgspec.json.decode(body)), raw=sent)
    except (ValueError, RecursionError):
        return BodyView(type, size, text=hide_in_text(body.decode(errors="replace")), raw=sent)


def rule_names(rules: Iterable[Rule]) -> list[RuleName]:
    """Rules of the ledger, in brief."""
    return [rule_name(rule) for rule in rules]


def rule_name(rule: Rule) -> RuleName:
    """A rule of the ledger, in brief."""
    return RuleName(rule.id, rule.basis, rule.sentence)
