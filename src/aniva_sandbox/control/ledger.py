"""The whole ledger: the rules of the partner API and of the control plane."""

from aniva_sandbox.contract.rules import Ledger
from aniva_sandbox.control import access, common, faults, happenings, snapshots, worlds
from aniva_sandbox.resources.partner import LEDGER as PARTNER_LEDGER

__all__ = ["LEDGER"]

_PARTS = (access, common, worlds, snapshots, happenings, faults)

LEDGER = Ledger([*PARTNER_LEDGER, *(rule for part in _PARTS for rule in part.RULES)])
"""Every rule of the sandbox."""
