"""Texts of messages: long values are shortened, only the first items are listed, numbers have their noun."""

from collections.abc import Collection, Iterable, Sized
from typing import Final

__all__ = ["MOST", "counted", "listed", "shorten", "suggest"]

MOST: Final = 20
"""The number of items that a message lists."""
LONGEST: Final = 1000
"""The maximum length of an item."""
_COMPARED: Final = 64
"""Characters of a name that are compared with known names; the time grows with the square of this."""


def shorten(text: str, longest: int = LONGEST) -> str:
    """A text of at most ``longest`` characters: the text itself, or its start and an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def listed(items: Collection[object], separator: str = ", ") -> str:
    """Items in a row: the first 20, and the number of others."""
    shown = [shorten(str(item)) for item, _ in zip(items, range(MOST), strict=False)]
    if len(items) > MOST:
        shown.append(f"and {len(items) - MOST:,} more")
    return separator.join(shown)


def counted(items: Sized | int, noun: str) -> str:
    """The number of items with their noun: ``1 task``, ``8 tasks``. The items, or how many there are."""
    count = items if isinstance(items, int) else len(items)
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def suggest(name: str, known: Iterable[str]) -> str:
    """What to add to a message about an unknown name: the most similar known name; empty if none is similar."""
    from difflib import get_close_matches  # lazy: most names are known

    near = get_close_matches(name[:_COMPARED], list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""
