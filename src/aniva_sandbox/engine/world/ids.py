"""Reproducible ids: each is a digest of the world's seed, the kind of thing and its number."""

from collections.abc import Callable
from hashlib import blake2b

__all__ = ["Ids", "fraction"]


_VARIANTS = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
"""The digit of a UUID that holds its variant, by the digit of the digest."""


class Ids:
    """Independent sequences of ids, one for each kind of thing."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.counts: dict[str, int] = {}

    def next_uuid(self, kind: str) -> str:
        """The next UUID (version 4 by its bits) of this kind."""
        digits = self._next_digest(kind).hex()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{_VARIANTS[digits[16]]}{digits[17:20]}-{digits[20:]}"

    def next_digits(self, kind: str, length: int) -> str:
        """``count`` decimal digits, at most 32, for the next thing of this kind."""
        return f"{int.from_bytes(self._next_digest(kind)) % 10**length:0{length}}"

    def next_number(self, kind: str, limit: int, taken: Callable[[int], bool]) -> int | None:
        """The next number below ``limit`` of this kind. Each number comes once, in an order without a visible pattern.

        Skips ``taken`` numbers. Returns None, and changes nothing, if no number is left.
        """
        first = int.from_bytes(_digest(f"{self.seed}/{kind}"))
        for ordinal in range(self.counts.get(kind, 0), limit):
            # As 7919 is a prime that does not divide the limit, its multiples reach every number.
            number = (first + ordinal * 7919) % limit
            if not taken(number):
                self.counts[kind] = ordinal + 1
                return number
        return None

    def next_ordinal(self, kind: str) -> int:
        """The next ordinal of this kind, counted from 1."""
        ordinal = self.counts.get(kind, 0) + 1
        self.counts[kind] = ordinal
        return ordinal

    def _next_digest(self, kind: str) -> bytes:
        return _digest(f"{self.seed}/{kind}/{self.next_ordinal(kind) - 1}")


def fraction(text: str) -> float:
    """A pseudo-random number between 0 and 1, both excluded, that depends only on the text."""
    return (int.from_bytes(_digest(text)[:6]) + 0.5) / 2**48


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
