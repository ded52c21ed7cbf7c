"""What a function of nothing but its argument came to, kept for the next time that the argument comes."""

from types import NoneType
from typing import Final, TypeVar

import msgspec
from msgspec import UnsetType

__all__ = ["Kept", "never_changes"]

K = TypeVar("K", str, bytes)
V = TypeVar("V")

_MOST: Final = 128
"""The most entries that are kept; with one more, it begins anew."""
_LONGEST: Final = 8192
"""Longer arguments are not kept."""
_SCALARS: Final = (str, int, float, NoneType, UnsetType)


class Kept(dict[K, V]):
    """Values by argument, bounded in number and length, so that what is sent cannot fill the memory."""

    def keep(self, argument: K, value: V) -> None:
        """Keep a value, unless its argument is long."""
        if len(argument) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[argument] = value


def never_changes(value: msgspec.Struct) -> bool:
    """Whether neither a struct nor what it holds can be changed, so that several calls can share it."""
    return value.__struct_config__.frozen and all(
        isinstance(getattr(value, name), _SCALARS) for name in value.__struct_fields__
    )
