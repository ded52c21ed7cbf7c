"""Reproducible ids: each is a digest of the world's seed, the kind of thing and its number."""

from binascii import hexlify
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from struct import Struct

__all__ = ["Ids", "fraction"]

_take_parts = Struct("8s4sx3sx3s12s").unpack
"""The digits of a digest, in the groups of a UUID, without the two that hold its version and its variant."""
_FORMS = {
    ord(digit): f"%b-%b-4%b-{variant}%b-%b".encode()
    for digit, variant in zip("0123456789abcdef", "89ab" * 4, strict=True)
}
"""The form of a UUID of version 4 around the other digits, by the digit of the digest where the variant is."""


class Ids:
    """Independent sequences of ids, one for each kind of thing."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.counts: dict[str, int] = {}

    def next_uuid(self, kind: str) -> str:
        """The next UUID (version 4 by its bits) of this kind."""
        digits = hexlify(self._next_digest(kind))
        return (_FORMS[digits[16]] % _take_parts(digits)).decode()

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
        counts = self.counts
        ordinal = counts.get(kind, 0)
        counts[kind] = ordinal + 1
        digest = _begun(self.seed, kind).copy()
        digest.update(b"%d" % ordinal)
        return digest.digest()


@lru_cache(maxsize=256)
def _begun(seed: int, kind: str) -> blake2b:
    """The digest of what all ids of a seed and a kind begin with. Only copies of it are continued: a digest of a text
    is that of its beginning, updated with its rest."""
    return blake2b(f"{seed}/{kind}/".encode(), digest_size=16)


def fraction(text: str) -> float:
    """A pseudo-random number between 0 and 1, both excluded, that depends only on the text."""
    return (int.from_bytes(_digest(text)[:6]) + 0.5) / 2**48


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
