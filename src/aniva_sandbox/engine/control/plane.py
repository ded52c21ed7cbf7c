"""The control plane as a whole, built from what an API declares."""

from collections.abc import Sequence
from typing import Any

from aniva_sandbox import VERSION
from aniva_sandbox.engine.contract.concerned import Concerned
from aniva_sandbox.engine.contract.document import ApiInfo, Contract
from aniva_sandbox.engine.contract.operations import Operation
from aniva_sandbox.engine.contract.rules import Ledger
from aniva_sandbox.engine.control import (
    clock,
    coverage,
    events,
    faults,
    journal,
    metrics,
    names,
    records,
    repeating,
    server,
    server_rules,
    snapshots,
    unmatched,
    worlds,
)
from aniva_sandbox.engine.control.server_rules import CONTROL_HOST, CONTROL_ORIGIN, CONTROL_TOKEN
from aniva_sandbox.engine.store import problems as store
from aniva_sandbox.engine.world.domain import Domain

__all__ = ["INFO", "build_control"]

INFO = ApiInfo(
    title="Sandbox control plane",
    version=VERSION,
    description="Controls what the API does not expose: worlds, their time, and the events in them.",
    base="/_sandbox",
    keyed=False,
    tags={
        worlds.TAG: "Isolated states, one per API key.",
        events.TAG: "The clocks of worlds, and the events in them.",
        records.TAG: "What worlds hold, as people look at it.",
        faults.TAG: "Failures to inject: errors, latency, dropped connections.",
        journal.TAG: "The requests to a world and their responses.",
        server.TAG: "The server's health, and the rules it enforces.",
    },
    refuses=(CONTROL_HOST, CONTROL_ORIGIN, CONTROL_TOKEN),
    bearer=True,
)

_RULES = (server_rules, names, journal, repeating, worlds, snapshots, clock, events, records, faults, coverage, store)


def build_control(domain: Domain, api: Contract, extra: Sequence[Operation[Any]] = ()) -> Contract:
    """The control plane for the worlds of a domain and the API that acts on them. ``extra`` are further operations
    that the API adds. The ledger includes the rules of the API.

    Raises ValueError if event types disagree on the type of a field.
    """
    rules = [*api.ledger, *(rule for part in _RULES for rule in part.RULES), *events.event_rules(domain)]
    ledger = Ledger(rules)
    contracts = [api]
    concerned = Concerned(contracts)
    operations = (
        *worlds.world_operations(domain),
        *snapshots.snapshot_operations(domain),
        *clock.clock_operations(domain),
        *events.event_operations(domain),
        *records.record_operations(domain),
        *faults.OPERATIONS,
        *journal.journal_operations(domain, [operation.id for operation in api.operations], ledger),
        *unmatched.OPERATIONS,
        *coverage.OPERATIONS,
        *metrics.OPERATIONS,
        *server.server_operations(ledger, concerned.operations_of),
        *extra,
    )
    control = Contract(INFO, operations, ledger)
    contracts.append(control)
    return control
