"""The journal of a world: every exchange, why it was refused, and hints for developers."""

from collections.abc import Collection, Iterable
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.contract.derived import extended, list_of
from aniva_sandbox.engine.contract.formats import parse_instant
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Operation, Rendered, Success, operation
from aniva_sandbox.engine.contract.rules import SOURCE, Ledger, Rule
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.control.clock import Instant
from aniva_sandbox.engine.control.exchanges import exchange_type, exchange_view, mentions
from aniva_sandbox.engine.control.har import HAR, Har, write_har
from aniva_sandbox.engine.control.names import WORLD_UNKNOWN, WorldName, get_world
from aniva_sandbox.engine.control.repeating import TAG, repeat_call
from aniva_sandbox.engine.evidence.journal import Exchange, why_not_again
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.texts import suggest
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.limits import MAX_NUMBER
from aniva_sandbox.engine.world.state import World

__all__ = ["RULES", "TAG", "journal_operations"]

# Rules

JOURNAL_QUERY = Rule(
    id="journal.query",
    sentence="The journal can be filtered only by operations and rules that exist.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)

JOURNAL_TEST = Rule(
    id="journal.test",
    sentence="A test can be written only from exchanges that the journal has, one of them at least with its whole "
    "request and since the world was last restored.",
    basis="sandbox",
    source=SOURCE,
    statuses=(409,),
)

RULES = (JOURNAL_QUERY, JOURNAL_TEST)

PYTHON: Final = "text/x-python"
"""The media type of a test."""

# Wire types


Number = Annotated[int, field(ge=1, le=MAX_NUMBER)]


class JournalQuery(msgspec.Struct, frozen=True):
    """Filters; all that are sent must match."""

    operation: Annotated[str, field("Exchanges of this operationId.")] | UnsetType = UNSET
    status: Annotated[int, field("Exchanges with this response status.", ge=100, le=599)] | UnsetType = UNSET
    rule: Annotated[str, field("Exchanges that this rule refused, or that relied on it.")] | UnsetType = UNSET
    since: Annotated[Instant, field("Exchanges at or after this instant of the world's time.")] | UnsetType = UNSET
    after: Annotated[int, field("Exchanges with a higher number.", ge=0, le=MAX_NUMBER)] | UnsetType = UNSET
    number: (
        Annotated[list[Number], field("The exchange with this number; repeated, the exchanges with these numbers.")]
        | UnsetType
    ) = UNSET
    last: Annotated[int, field("At most this many of the newest exchanges.", ge=1, le=2**31)] | UnsetType = UNSET
    fault: Annotated[bool, field("Exchanges that met a fault, or that met none.")] | UnsetType = UNSET
    search: (
        Annotated[str, field("Exchanges with this text in their path or bodies, such as an id.", min_length=1)]
        | UnsetType
    ) = UNSET
    brief: Annotated[bool, field("Leave out the content of bodies, and what the call was held against.")] = False
    format: (
        Annotated[
            str,
            field(
                "`har` for an HTTP archive, which the developer tools of browsers open; `pytest` for a test that makes "
                "the same calls; with `number`, also those before it that it needs.",
                extra={"enum": ["json", "har", "pytest"], "default": "json"},
            ),
        ]
        | UnsetType
    ) = UNSET


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
        others={HAR: Har, PYTHON: str},
        refuses=(WORLD_UNKNOWN, JOURNAL_QUERY, JOURNAL_TEST),
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
        is_one = query.number is not UNSET and len(query.number) == 1
        if query.format == "pytest":
            return Rendered(_test(worlds, world, chosen, alone=is_one), PYTHON)
        views = [exchange_view(each, domain, brief=query.brief, exact=is_one and not query.brief) for each in chosen]
        if query.format == "har":
            pairs = zip(chosen, views, strict=True)
            return Rendered(write_har(world.name, worlds.address, pairs, journal.dropped), HAR)
        return journal_type(dropped=journal.dropped, recorded=journal.recorded, exchanges=views)

    @operation("DELETE", "/worlds/{world}/journal", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
    def clear_journal(worlds: Worlds, call: Call[NoQuery, NoBody]) -> Success:
        """Clear the journal of a world"""
        get_world(worlds, call.id).clear_journal()
        return Success(success=True)

    return list_journal, repeat_call, clear_journal


def _test(worlds: Worlds, world: World, chosen: list[Exchange], *, alone: bool) -> str:
    """The test that makes the chosen calls."""
    from aniva_sandbox.engine.evidence.as_test.module import write_test  # lazy: few servers write one

    if not chosen:
        JOURNAL_TEST.refuse("The journal has no such exchange")
    reasons = [why_not_again(each, world) for each in chosen]
    if all(reasons):
        JOURNAL_TEST.refuse(f"No test can be written from call {chosen[-1].number}: {reasons[-1]}")
    name = world.beginning.name
    if name not in worlds.fixture_names and worlds.fixtures(worlds.fixture) is world.beginning:
        name = worlds.fixture  # the path of a world file
    return write_test(world, name, chosen, alone=alone)


def _chosen(journal: Iterable[Exchange], query: JournalQuery) -> list[Exchange]:
    chosen = list(journal)
    if query.operation is not UNSET:
        chosen = [exchange for exchange in chosen if exchange.trace.operation == query.operation]
    if query.rule is not UNSET:
        chosen = [exchange for exchange in chosen if query.rule in _rules_met(exchange)]
    if query.status is not UNSET:
        chosen = [exchange for exchange in chosen if exchange.response.status == query.status]
    if query.fault is not UNSET:
        chosen = [exchange for exchange in chosen if (exchange.trace.fault is not None) is query.fault]
    if query.since is not UNSET:
        since = parse_instant(query.since)
        chosen = [exchange for exchange in chosen if exchange.time >= since]
    if query.after is not UNSET:
        chosen = [exchange for exchange in chosen if exchange.number > query.after]
    if query.number is not UNSET:
        numbers = frozenset(query.number)
        chosen = [exchange for exchange in chosen if exchange.number in numbers]
    if query.search is not UNSET:
        chosen = [exchange for exchange in chosen if mentions(exchange, query.search)]
    return chosen if query.last is UNSET else chosen[-query.last :]


def _rules_met(exchange: Exchange) -> list[str]:
    return [rule.id for rule in (*exchange.trace.refused_by, *exchange.trace.leaned_on)]
