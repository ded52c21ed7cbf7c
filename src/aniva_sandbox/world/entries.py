"""What may stand in the files of fixtures."""

from typing import Annotated

import msgspec
from msgspec import Meta

__all__ = ["Entry", "Slug", "Text", "UuidText"]

UuidText = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Slug = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
Text = Annotated[str, Meta(min_length=1)]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of a file: unknown fields are faults."""
