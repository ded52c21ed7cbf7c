"""The whole ledger: the rules of the partner API and of the control plane."""

from aniva_sandbox.api.partner import LEDGER as PARTNER_LEDGER
from aniva_sandbox.engine.contract.rules import Ledger
from aniva_sandbox.engine.control import faults, snapshots, worlds
from aniva_sandbox.engine.control import names as common
from aniva_sandbox.engine.control import server_rules as access
from aniva_sandbox.engine.control import time as happenings

__all__ = ["LEDGER"]

_PARTS = (access, common, worlds, snapshots, happenings, faults)

LEDGER = Ledger([*PARTNER_LEDGER, *(rule for part in _PARTS for rule in part.RULES)])
"""Every rule of the sandbox."""
