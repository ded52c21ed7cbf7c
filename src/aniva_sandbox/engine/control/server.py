"""The server itself: whether it is alive, and the rules that it keeps."""

from typing import Annotated, Final, Literal, get_args

import msgspec

from aniva_sandbox import VERSION
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Operation, operation
from aniva_sandbox.engine.contract.rules import Basis, Ledger
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.store.memory import Worlds

__all__ = ["TAG", "server_operations"]

TAG: Final = "Insight"

# Wire types


class Health(msgspec.Struct, frozen=True):
    """The server is alive."""

    status: Literal["ok"]
    version: str


class RuleView(msgspec.Struct, frozen=True):
    """A rule of the ledger."""

    id: str
    sentence: str
    basis: Annotated[str, field(extra={"enum": list(get_args(Basis))})]
    source: Annotated[str, field("Where the rule is from.")]
    statuses: Annotated[list[int], field("The statuses that it refuses with; none if it does not refuse.")]
    kind: Annotated[str | None, field("What makes its 400.", extra={"enum": ["format", "domain"]})]
    assumption: Annotated[str, field("Which part of it is this sandbox's decision.")]


# Operations


def server_operations(ledger: Ledger) -> tuple[Operation[Worlds], ...]:
    """The operations on a server that keeps the rules of this ledger."""

    @operation("GET", "/health", tag=TAG, public=True)
    def get_health(_worlds: Worlds, _call: Call[NoQuery, NoBody]) -> Health:
        """Check that the server is alive

        Takes any Host, and needs no token.
        """
        return Health("ok", VERSION)

    @operation("GET", "/rules", tag=TAG)
    def list_rules(_worlds: Worlds, _call: Call[NoQuery, NoBody]) -> list[RuleView]:
        """List the ledger

        Every rule that the sandbox keeps, with what it is based on.
        """
        return [
            RuleView(rule.id, rule.sentence, rule.basis, rule.source, list(rule.statuses), rule.kind, rule.assumption)
            for rule in ledger
        ]

    return get_health, list_rules
