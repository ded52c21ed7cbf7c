"""Ids and other chance that is none: derived from (seed, kind, ordinal), so the same calls give the same ids."""

from hashlib import blake2b
from uuid import UUID

__all__ = ["Ids"]


class Ids:
    """A sequence of ids for every kind of thing, independent of one another."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.counts: dict[str, int] = {}

    def next_uuid(self, kind: str) -> str:
        """The next UUID (version 4 by its bits) for things of this kind."""
        ordinal = self.counts.get(kind, 0)
        self.counts[kind] = ordinal + 1
        digest = blake2b(f"{self.seed}/{kind}/{ordinal}".encode(), digest_size=16).digest()
        return str(UUID(bytes=digest, version=4))
