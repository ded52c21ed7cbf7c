"""The limits of a server."""

from typing import Final

import msgspec

__all__ = ["MAX_NUMBER", "Limits"]

MAX_NUMBER: Final = 2**53
"""The largest seed and the largest count: up to here, every JSON reader keeps integers exact."""


class Limits(msgspec.Struct, frozen=True):
    """The limits of a server and its worlds."""

    worlds: int = 1000
    """Worlds in a server. When exceeded, the least recently used idle world is dropped."""
    records: int = 250_000
    """Records of counted sections, events (past and planned) and injected faults in a world."""
    journal: int = 1000
    """Exchanges in the journal of a world. When exceeded, the oldest are dropped."""
