"""The control plane as a whole: its ledger and what its document says of it."""

from aniva_sandbox import VERSION
from aniva_sandbox.contract.document import ApiInfo
from aniva_sandbox.contract.rules import Ledger
from aniva_sandbox.control.operations import OPERATIONS, RULES, TAG_INSIGHT, TAG_TIME, TAG_WORLDS
from aniva_sandbox.resources.partner import LEDGER as PARTNER_LEDGER

__all__ = ["INFO", "LEDGER", "OPERATIONS"]

LEDGER = Ledger([*PARTNER_LEDGER, *RULES])
"""Every rule of the sandbox: the partner API's and the control plane's."""

INFO = ApiInfo(
    title="Sandbox control plane",
    version=VERSION,
    description="What partners cannot do, and Aniva's side does: worlds, their time, and the events in them.",
    base="/_sandbox",
    keyed=False,
    tags={
        TAG_WORLDS: "Isolated states, one for each API key.",
        TAG_TIME: "Clocks, and what happens in worlds.",
        TAG_INSIGHT: "What the sandbox knows and did.",
    },
)
