"""The server itself: its health, and the rules it enforces."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox import VERSION
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Operation, operation
from aniva_sandbox.engine.contract.rules import Basis, Ledger, Rule
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.store.problems import STORE_AWAY

__all__ = ["TAG", "RuleView", "rule_view", "server_operations"]

TAG: Final = "Insight"

# Wire types


class Health(msgspec.Struct, frozen=True):
    """The server is alive."""

    status: Literal["ok"]
    version: str
    coverage: Annotated[bool, field("Whether coverage is collected.")]
    store: Annotated[
        str | None,
        field(
            "What the store is like that holds the worlds for several processes: `ok`, or the rule that says what is "
            "wrong with it; null without a store."
        ),
    ]


class HealthQuery(msgspec.Struct, frozen=True):
    """What is asked of the health."""

    ready: Annotated[str, field("If it is sent, with any value, a server whose store is away refuses.")] | UnsetType = (
        UNSET
    )


class RuleView(msgspec.Struct, frozen=True):
    """A rule of the ledger, or a clause: a part of a rule with another basis."""

    id: Annotated[str, field("The id; that of a clause is `rule/clause`.")]
    sentence: str
    basis: Annotated[str, field(extra={"enum": list(get_args(Basis))})]
    source: Annotated[str, field("Where the rule is from.")]
    statuses: Annotated[list[int], field("The statuses it refuses with; empty if it never refuses.")]
    kind: Annotated[
        str | None,
        field(
            "Whether its 400 concerns the format of a value or a domain rule; null if it has no 400.",
            extra={"enum": ["format", "domain"]},
        ),
    ]
    operations: Annotated[
        list[str], field("The operations that it may refuse; if it never refuses, those that it has to do with.")
    ]


# Operations


def server_operations(ledger: Ledger, operations_of: Callable[[Rule], Sequence[str]]) -> tuple[Operation[Worlds], ...]:
    """The operations on a server that enforces the rules of this ledger; ``operations_of`` a rule are those that it has
    to do with."""

    @operation("GET", "/health", tag=TAG, public=True, refuses=(STORE_AWAY,))
    def get_health(worlds: Worlds, call: Call[HealthQuery, NoBody]) -> Health:
        """Check that the server is alive

        Accepts any Host, and requires no token. `?ready` asks whether it can respond to calls, too: with a store that
        is away, it cannot.
        """
        if call.query.ready is not UNSET and worlds.store not in (None, "ok"):
            STORE_AWAY.refuse(f"The store does not respond as it should: {worlds.store}")
        return Health("ok", VERSION, worlds.coverage is not None, worlds.store)

    @operation("GET", "/rules", tag=TAG)
    def list_rules(_worlds: Worlds, _call: Call[NoQuery, NoBody]) -> list[RuleView]:
        """List the ledger

        Every rule that the sandbox enforces, with its basis and source; each rule is followed by its clauses.
        """
        return [rule_view(rule, operations_of(rule)) for rule in ledger]

    return get_health, list_rules


def rule_view(rule: Rule, operations: Sequence[str]) -> RuleView:
    """A rule or a clause as clients see it, with the operations that it has to do with."""
    return RuleView(rule.id, rule.sentence, rule.basis, rule.source, list(rule.statuses), rule.kind, list(operations))
