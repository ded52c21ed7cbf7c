"""What may stand in the files of fixtures."""

import msgspec

from aniva_sandbox.engine.contract.values import Slug, Text, UuidText

__all__ = ["Entry", "Slug", "Text", "UuidText"]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of a file: unknown fields are problems."""
