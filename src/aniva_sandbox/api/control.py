"""The control plane of the sandbox: the engine's, for the Aniva Partner API."""

from typing import Final

from aniva_sandbox.api import magic, partner
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.control.plane import build_control

__all__ = ["CONTROL"]

CONTROL: Final = build_control(DOMAIN, partner.CONTRACT, further=magic.OPERATIONS)
"""Its operations, and its ledger: every rule of the sandbox."""
