"""The control plane as a whole: made from what an API declares."""

from collections.abc import Sequence
from typing import Any

from aniva_sandbox import VERSION
from aniva_sandbox.engine.contract.document import ApiInfo, Contract
from aniva_sandbox.engine.contract.operations import Operation
from aniva_sandbox.engine.contract.rules import Ledger
from aniva_sandbox.engine.control import (
    clock,
    events,
    faults,
    journal,
    names,
    server,
    server_rules,
    snapshots,
    unmatched,
    worlds,
)
from aniva_sandbox.engine.control.server_rules import CONTROL_HOST, CONTROL_ORIGIN, CONTROL_TOKEN
from aniva_sandbox.engine.world.domain import Domain

__all__ = ["INFO", "build_control"]

INFO = ApiInfo(
    title="Sandbox control plane",
    version=VERSION,
    description="What clients of the API cannot do: worlds, their time, and the events in them.",
    base="/_sandbox",
    keyed=False,
    tags={
        worlds.TAG: "Isolated states, one for each API key.",
        events.TAG: "Clocks, and what happens in worlds.",
        faults.TAG: "What clients meet on a bad day.",
        journal.TAG: "What was asked of a world, and how it was answered.",
        server.TAG: "What the sandbox knows.",
    },
    refuses=(CONTROL_HOST, CONTROL_ORIGIN, CONTROL_TOKEN),
    bearer=True,
)

_RULES = (server_rules, names, journal, worlds, snapshots, clock, events, faults)


def build_control(domain: Domain, api: Contract, further: Sequence[Operation[Any]] = ()) -> Contract:
    """The control plane of the worlds of a domain, for an API that acts on them. ``further`` are operations that the
    API brings along. Its ledger holds the rules of the API, too.

    Raises ValueError where types of events disagree on the type of a field.
    """
    rules = [*api.ledger, *(rule for part in _RULES for rule in part.RULES), *events.event_rules(domain)]
    ledger = Ledger(rules)
    operations = (
        *worlds.world_operations(domain),
        *snapshots.snapshot_operations(domain),
        *clock.clock_operations(domain),
        *events.event_operations(domain),
        *faults.OPERATIONS,
        *journal.journal_operations(domain, [operation.id for operation in api.operations], ledger),
        *unmatched.OPERATIONS,
        *server.server_operations(ledger),
        *further,
    )
    return Contract(INFO, operations, ledger)
