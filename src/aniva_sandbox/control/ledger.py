"""The whole ledger: the rules of the partner API and of the control plane."""

from aniva_sandbox.contract.rules import Ledger
from aniva_sandbox.control import access, common, happenings, worlds
from aniva_sandbox.resources.partner import LEDGER as PARTNER_LEDGER

__all__ = ["LEDGER"]

LEDGER = Ledger([*PARTNER_LEDGER, *access.RULES, *common.RULES, *worlds.RULES, *happenings.RULES])
"""Every rule of the sandbox."""
