"""The limits of a server and its worlds."""

from typing import Final

import msgspec

__all__ = ["MAX_NUMBER", "Limits"]

MAX_NUMBER: Final = 2**53
"""The greatest seed and count: every JSON reader keeps integers up to here exact."""


class Limits(msgspec.Struct, frozen=True):
    """Limits of a server and its worlds."""

    worlds: int = 1000
    """Worlds per server; when exceeded, the least recently used idle world is dropped."""
    records: int = 250_000
    """Records per world: those of the counted sections, events (past and planned) and injected faults."""
    journal: int = 1000
    """Exchanges per journal; when exceeded, the oldest is dropped."""
