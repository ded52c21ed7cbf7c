"""What a function of nothing but its argument came to, kept for the next time that the argument comes."""

from collections.abc import Hashable
from typing import Final, TypeVar

__all__ = ["Kept"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_MOST: Final = 128
"""The most entries that are kept; with one more, it begins anew."""
_LONGEST: Final = 8192
"""Longer arguments are not kept."""


class Kept(dict[K, V]):
    """Values by argument, bounded in number and size, so that what is sent cannot fill the memory."""

    def keep(self, argument: K, value: V, size: int) -> None:
        """Keep a value, unless its argument, with this number of characters or bytes, is long."""
        if size <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[argument] = value
