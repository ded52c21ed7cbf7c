"""The caller of a request, and its permissions."""

import msgspec

from aniva_sandbox.engine.contract.values import PersonaName

__all__ = ["Access"]


class Access(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The permissions of an API key. APIs extend it with the records that the key may see."""

    persona: PersonaName
    permissions: frozenset[str]
