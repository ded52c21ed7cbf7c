"""Calls that no journal of a world explains: their key opened no world, or no operation has their path or method."""

from typing import Annotated, get_args

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Success, operation
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.control.journal import TAG, RuleName, rule_names
from aniva_sandbox.engine.evidence.unmatched import CALLS_KEPT, CauseId, UnmatchedCall
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.limits import MAX_NUMBER

__all__ = ["OPERATIONS"]

# Wire types


class UnmatchedQuery(msgspec.Struct, frozen=True):
    """Which calls are shown; what is left out selects nothing."""

    after: Annotated[int, field("Those with a higher number.", ge=0, le=MAX_NUMBER)] | UnsetType = UNSET
    last: Annotated[int, field("The newest, at most this many.", ge=1, le=2**31)] | UnsetType = UNSET


class CauseView(msgspec.Struct, frozen=True):
    """One reason why a call matched nothing."""

    id: Annotated[str, field(extra={"enum": list(get_args(CauseId))})]
    message: Annotated[
        str, field("What was wrong, and what would be right; a key that is not the sandbox's own is never shown whole.")
    ]


class UnmatchedCallView(msgspec.Struct, frozen=True):
    """A call to the API that reached no world or no operation."""

    number: Annotated[int, field("Counted from 1 for as long as the server runs.")]
    method: str
    path: Annotated[str, field("Its beginning, without the query.")]
    status: int
    rules: Annotated[list[RuleName], field("The rules that refused it.")]
    world: Annotated[str | None, field("The world that its key opened, whose journal has the call too; null for none.")]
    causes: list[CauseView]


class UnmatchedView(msgspec.Struct, frozen=True):
    """Calls that reached no world or no operation, oldest first."""

    dropped: Annotated[int, field("Number of older calls that are gone, as the list is limited.")]
    calls: Annotated[list[UnmatchedCallView], field(f"The last {CALLS_KEPT} at most.")]


# Operations


@operation("GET", "/unmatched", tag=TAG)
def list_unmatched(worlds: Worlds, call: Call[UnmatchedQuery, NoBody]) -> UnmatchedView:
    """List the calls that reached no world or no operation, newest last

    Each says what was wrong with its key or its path, and what would be right.
    """
    query = call.query
    chosen = [each for each in worlds.unmatched if query.after is UNSET or each.number > query.after]
    if query.last is not UNSET:
        chosen = chosen[-query.last :]
    return UnmatchedView(worlds.unmatched.dropped, [_view(each) for each in chosen])


@operation("DELETE", "/unmatched", tag=TAG)
def clear_unmatched(worlds: Worlds, _call: Call[NoQuery, NoBody]) -> Success:
    """Forget the calls that reached no world or no operation"""
    worlds.unmatched.clear()
    return Success(success=True)


def _view(call: UnmatchedCall) -> UnmatchedCallView:
    causes = [CauseView(cause.id, cause.message) for cause in call.causes]
    return UnmatchedCallView(
        call.number, call.method, call.path, call.status, rule_names(call.rules), call.world, causes
    )


OPERATIONS = (list_unmatched, clear_unmatched)
