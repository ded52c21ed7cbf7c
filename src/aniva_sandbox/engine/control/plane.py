"""The control plane as a whole: its operations, and what its document says of it."""

from aniva_sandbox import VERSION
from aniva_sandbox.engine.contract.document import ApiInfo
from aniva_sandbox.engine.control import faults, journal, snapshots, unmatched, worlds
from aniva_sandbox.engine.control import health as insight
from aniva_sandbox.engine.control import time as happenings
from aniva_sandbox.engine.control.ledger import LEDGER
from aniva_sandbox.engine.control.server_rules import CONTROL_HOST, CONTROL_ORIGIN, CONTROL_TOKEN

__all__ = ["INFO", "LEDGER", "OPERATIONS"]

_PARTS = (worlds, snapshots, happenings, faults, journal, unmatched, insight)

OPERATIONS = tuple(operation for part in _PARTS for operation in part.OPERATIONS)
"""Every operation of the control plane."""

INFO = ApiInfo(
    title="Sandbox control plane",
    version=VERSION,
    description="What partners cannot do, and Aniva's side does: worlds, their time, and the events in them.",
    base="/_sandbox",
    keyed=False,
    tags={
        worlds.TAG: "Isolated states, one for each API key.",
        happenings.TAG: "Clocks, and what happens in worlds.",
        faults.TAG: "What clients meet on a bad day.",
        journal.TAG: "What was asked of a world, and how it was answered.",
        insight.TAG: "What the sandbox knows.",
    },
    refuses=(CONTROL_HOST, CONTROL_ORIGIN, CONTROL_TOKEN),
    bearer=True,
)
