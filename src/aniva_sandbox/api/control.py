"""The control plane of the sandbox: the engine's, for the Aniva Partner API."""

from typing import Final

from aniva_sandbox.api import magic, partner
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.control.plane import build_control

__all__ = ["CONTROL"]

CONTROL: Final = build_control(DOMAIN, partner.CONTRACT, extra=magic.OPERATIONS)
"""The operations of the control plane, and the ledger of all rules of the sandbox."""
