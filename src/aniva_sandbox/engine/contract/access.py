"""Who calls, and what they may do."""

import msgspec

from aniva_sandbox.engine.contract.values import PersonaName

__all__ = ["Access"]


class Access(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an API key may do; an API adds what it shows to whom."""

    persona: PersonaName
    permissions: frozenset[str]
