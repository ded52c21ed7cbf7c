"""Unmatched calls: their key opened no world, or no operation matches their path and method."""

from typing import Annotated, get_args

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Success, operation
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.control.exchanges import RuleName, rule_names
from aniva_sandbox.engine.control.journal import TAG
from aniva_sandbox.engine.evidence.unmatched import CALLS_KEPT, CauseId, UnmatchedCall
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.limits import MAX_NUMBER

__all__ = ["OPERATIONS"]

# Wire types


class UnmatchedQuery(msgspec.Struct, frozen=True):
    """Filters; all that are sent must match."""

    after: Annotated[int, field("Calls with a higher number.", ge=0, le=MAX_NUMBER)] | UnsetType = UNSET
    last: Annotated[int, field("At most this many of the newest calls.", ge=1, le=2**31)] | UnsetType = UNSET


class CauseView(msgspec.Struct, frozen=True):
    """One reason why a call is unmatched."""

    id: Annotated[str, field(extra={"enum": list(get_args(CauseId))})]
    message: Annotated[str, field("What is wrong and how to fix it; a foreign key is never shown in full.")]


class UnmatchedCallView(msgspec.Struct, frozen=True):
    """A call to the API that matched no world or no operation."""

    number: Annotated[int, field("Counted from 1 since the server started.")]
    method: str
    path: Annotated[str, field("The beginning of the path, without the query.")]
    status: int
    rules: Annotated[list[RuleName], field("The rules that refused the call.")]
    world: Annotated[str | None, field("The world that the key opened, whose journal has the call too; null if none.")]
    causes: list[CauseView]


class UnmatchedView(msgspec.Struct, frozen=True):
    """Unmatched calls, oldest first."""

    dropped: Annotated[int, field("Number of older calls that were dropped because the list is limited.")]
    calls: Annotated[list[UnmatchedCallView], field(f"At most the last {CALLS_KEPT}.")]


# Operations


@operation("GET", "/unmatched", tag=TAG)
def list_unmatched(worlds: Worlds, call: Call[UnmatchedQuery, NoBody]) -> UnmatchedView:
    """List the unmatched calls, newest last

    These calls reached no world or no operation. Each says what is wrong with its key or path and how to fix it.
    """
    query = call.query
    chosen = [each for each in worlds.unmatched if query.after is UNSET or each.number > query.after]
    if query.last is not UNSET:
        chosen = chosen[-query.last :]
    return UnmatchedView(worlds.unmatched.dropped, [_view(each) for each in chosen])


@operation("DELETE", "/unmatched", tag=TAG)
def clear_unmatched(worlds: Worlds, _call: Call[NoQuery, NoBody]) -> Success:
    """Clear the list of unmatched calls"""
    worlds.unmatched.clear()
    return Success(success=True)


def _view(call: UnmatchedCall) -> UnmatchedCallView:
    causes = [CauseView(cause.id, cause.message) for cause in call.causes]
    return UnmatchedCallView(
        call.number, call.method, call.path, call.status, rule_names(call.rules), call.world, causes
    )


OPERATIONS = (list_unmatched, clear_unmatched)
