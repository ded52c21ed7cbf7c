"""Ids without chance: each is a digest of the world's seed, the kind of thing and its number."""

from hashlib import blake2b

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
        digits = blake2b(f"{self.seed}/{kind}/{ordinal}".encode(), digest_size=16).hexdigest()
        variant = "89ab"[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
