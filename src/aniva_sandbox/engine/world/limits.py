"""How much a server holds."""

from typing import Final

import msgspec

__all__ = ["MAX_NUMBER", "Limits"]

MAX_NUMBER: Final = 2**53
"""Up to here every reader of JSON keeps whole numbers whole: the greatest seed, and the greatest count."""


class Limits(msgspec.Struct, frozen=True):
    """How much there may be."""

    worlds: int = 1000
    """Worlds of a server; for a new one, the idle one goes that was not used for longest."""
    records: int = 250_000
    """Profiles, appointments, shipments, links, events (past and planned) and injected faults of a world."""
    journal: int = 1000
    """Exchanges that a world remembers; the oldest go."""
