"""How messages name what may be long or many: each cut, and only the first ones, with how many more there are."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final

__all__ = ["MOST", "cut", "listed", "suggest"]

MOST: Final = 20
"""How many items a message names."""
LONGEST: Final = 1000
"""Characters of one of them."""
_COMPARED: Final = 64
"""Characters of a name for which a similar one is looked for; the time grows with the square of them."""


def cut(text: str, longest: int = LONGEST) -> str:
    """A text, or its beginning and an ellipsis where it is longer."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def listed(items: Collection[object], separator: str = ", ") -> str:
    """Items one after the other: the first 20, and how many more there are."""
    shown = [cut(str(item)) for item, _ in zip(items, range(MOST), strict=False)]
    if len(items) > MOST:
        shown.append(f"and {len(items) - MOST:,} more")
    return separator.join(shown)


def suggest(name: str, known: Iterable[str]) -> str:
    """What to add to a message about a name that is not known: the known one that is most like it; empty for none."""
    near = get_close_matches(name[:_COMPARED], list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""
