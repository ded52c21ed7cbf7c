"""The journal of a world: every exchange, why it was refused, and hints for developers."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Annotated, Any, get_args
from urllib.parse import quote

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.contract.derived import described, extended, list_of
from aniva_sandbox.engine.contract.formats import parse_instant
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Operation, Rendered, Success, operation
from aniva_sandbox.engine.contract.rules import SOURCE, Basis, Ledger, Rule
from aniva_sandbox.engine.contract.schemas import Timestamp, field
from aniva_sandbox.engine.control.clock import Instant
from aniva_sandbox.engine.control.events import event_view, event_view_type
from aniva_sandbox.engine.control.har import HAR, Har, write_har
from aniva_sandbox.engine.control.names import WORLD_UNKNOWN, WorldName, get_world
from aniva_sandbox.engine.evidence.journal import BODY_KEPT, TEXT_KEPT, Exchange
from aniva_sandbox.engine.evidence.secrets import (
    HIDDEN,
    hide_in_json,
    hide_in_path,
    hide_in_query,
    hide_in_text,
    hide_keys,
)
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.texts import suggest
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.limits import MAX_NUMBER

__all__ = ["RULES", "TAG", "RuleName", "exchange_type", "journal_operations", "rule_names"]

TAG = "Journal"

# Rules

JOURNAL_QUERY = Rule(
    id="journal.query",
    sentence="The journal can be filtered only by operations and rules that exist.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)

RULES = (JOURNAL_QUERY,)

# Wire types


class JournalQuery(msgspec.Struct, frozen=True):
    """Filters; all that are sent must match."""

    operation: Annotated[str, field("Exchanges of this operationId.")] | UnsetType = UNSET
    status: Annotated[int, field("Exchanges with this response status.", ge=100, le=599)] | UnsetType = UNSET
    rule: Annotated[str, field("Exchanges that this rule refused, or that relied on it.")] | UnsetType = UNSET
    since: Annotated[Instant, field("Exchanges at or after this instant of the world's time.")] | UnsetType = UNSET
    after: Annotated[int, field("Exchanges with a higher number.", ge=0, le=MAX_NUMBER)] | UnsetType = UNSET
    last: Annotated[int, field("At most this many of the newest exchanges.", ge=1, le=2**31)] | UnsetType = UNSET
    format: (
        Annotated[
            str,
            field(
                "`har` for an HTTP archive, which the developer tools of browsers open.",
                extra={"enum": ["json", "har"], "default": "json"},
            ),
        ]
        | UnsetType
    ) = UNSET


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
    relied_on: Annotated[list[RuleName], field("Undocumented rules that a successful call relied on.")]
    error: str | None
    mismatch: Annotated[str | None, field("How the response contradicts the document.")]
    fault: Annotated[str | None, field("The injected fault.", examples=["drop=after"])]
    hints: Annotated[
        list[str],
        field("Possible mistakes: unknown and deprecated fields, ids of another kind, a + that was read as a space."),
    ]


@cache
def exchange_type(domain: Domain) -> Any:
    """The type of exchanges in responses: with the events that happened."""
    events = described(
        list_of(event_view_type(domain)), "Events that happened during the call, including those that had become due."
    )
    return extended(ExchangeView, [("events", events)])


class JournalView(msgspec.Struct, frozen=True):
    """The exchanges of a world, oldest first."""

    dropped: Annotated[int, field("Number of older exchanges that were dropped because the journal is limited.")]
    recorded: Annotated[int, field("Number of the newest exchange, whether it is listed or not; 0 if there was none.")]


# Operations


def journal_operations(domain: Domain, operations: Collection[str], ledger: Ledger) -> tuple[Operation[Worlds], ...]:
    """The operations on the journals of worlds of this domain. ``operations`` are the ids of the client API's
    operations, ``ledger`` has its rules."""
    exchange = exchange_type(domain)
    journal_type = extended(JournalView, [("exchanges", list_of(exchange))])

    @operation(
        "GET",
        "/worlds/{world}/journal",
        tag=TAG,
        path_id=WorldName,
        returns=journal_type,
        others={HAR: Har},
        refuses=(WORLD_UNKNOWN, JOURNAL_QUERY),
    )
    def list_journal(worlds: Worlds, call: Call[JournalQuery, NoBody]) -> Any:
        """List the exchanges of a world, newest last"""
        world = get_world(worlds, call.id)  # as it is: reading what has happened makes nothing happen
        journal = world.journal
        query = call.query
        if query.operation is not UNSET:
            known = {*operations, *(exchange.trace.operation for exchange in journal)}
            if query.operation not in known:
                JOURNAL_QUERY.refuse(f"There is no such operation{suggest(query.operation, operations)}")
        if query.rule is not UNSET and query.rule not in ledger:
            JOURNAL_QUERY.refuse("There is no such rule")
        chosen = _chosen(journal, query)
        views = [_exchange_view(each, domain) for each in chosen]
        if query.format == "har":
            pairs = zip(chosen, views, strict=True)
            return Rendered(write_har(world.name, worlds.address, pairs, journal.dropped), HAR)
        return journal_type(dropped=journal.dropped, recorded=journal.recorded, exchanges=views)

    @operation("DELETE", "/worlds/{world}/journal", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
    def clear_journal(worlds: Worlds, call: Call[NoQuery, NoBody]) -> Success:
        """Clear the journal of a world"""
        get_world(worlds, call.id).journal.clear()
        return Success(success=True)

    return list_journal, clear_journal


def _chosen(journal: Iterable[Exchange], query: JournalQuery) -> list[Exchange]:
    chosen = list(journal)
    if query.operation is not UNSET:
        chosen = [exchange for exchange in chosen if exchange.trace.operation == query.operation]
    if query.rule is not UNSET:
        chosen = [exchange for exchange in chosen if query.rule in _rules_met(exchange)]
    if query.status is not UNSET:
        chosen = [exchange for exchange in chosen if exchange.response.status == query.status]
    if query.since is not UNSET:
        since = parse_instant(query.since)
        chosen = [exchange for exchange in chosen if exchange.time >= since]
    if query.after is not UNSET:
        chosen = [exchange for exchange in chosen if exchange.number > query.after]
    return chosen if query.last is UNSET else chosen[-query.last :]


def _rules_met(exchange: Exchange) -> list[str]:
    return [rule.id for rule in (*exchange.trace.refused_by, *exchange.trace.leaned_on)]


def _exchange_view(exchange: Exchange, domain: Domain) -> Any:
    """The view of an exchange: bodies decoded, secrets hidden."""
    request, response, trace = exchange.request, exchange.response, exchange.trace
    path = hide_in_path(request.path)
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in hide_in_query(request.query))
    target = f"{path}?{query}" if query else path
    if len(request.path) + len(request.query) < request.target_size:
        target += f"... ({request.target_size} characters)"
    return exchange_type(domain)(
        number=exchange.number,
        time=exchange.time,
        elapsed_ms=exchange.elapsed_ns // 1000 / 1000,
        method=request.method,
        path=target,
        persona=trace.persona,
        operation=trace.operation,
        request=_body(request.type, request.body, request.size),
        status=response.status,
        response=_body(response.type or None, response.body, response.size),
        rules=rule_names(trace.refused_by),
        relied_on=rule_names(trace.leaned_on),
        error=response.error,
        mismatch=trace.mismatch,
        fault=trace.fault,
        hints=[hide_keys(hint.text) for hint in trace.hints],
        events=[event_view(domain, event) for event in trace.events],
    )


def _quoted(text: str) -> str:
    return text if text == HIDDEN else quote(text)


def _body(type: str | None, body: bytes, size: int) -> BodyView:
    if not body or (type is not None and type.lower().startswith("application/pdf")):
        return BodyView(type, size)
    try:
        return BodyView(type, size, json=hide_in_json(msgspec.json.decode(body)))
    except (ValueError, RecursionError):
        return BodyView(type, size, text=hide_in_text(body.decode(errors="replace")))


def rule_names(rules: Iterable[Rule]) -> list[RuleName]:
    """Rules of the ledger, in brief."""
    return [RuleName(rule.id, rule.basis, rule.sentence) for rule in rules]
