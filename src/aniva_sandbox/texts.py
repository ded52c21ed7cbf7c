"""How messages name what may be long or many: each cut, and only the first ones, with how many more there are."""

from collections.abc import Collection
from typing import Final

__all__ = ["cut", "listed"]

MOST: Final = 20
"""How many items a message names."""
LONGEST: Final = 1000
"""Characters of one of them."""


def cut(text: str, longest: int = LONGEST) -> str:
    """A text, or its beginning and an ellipsis where it is longer."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def listed(items: Collection[object], separator: str = ", ") -> str:
    """Items one after the other: the first 20, and how many more there are."""
    shown = [cut(str(item)) for item, _ in zip(items, range(MOST), strict=False)]
    if len(items) > MOST:
        shown.append(f"and {len(items) - MOST:,} more")
    return separator.join(shown)
