"""Patterns of ids: exact, except that ``*`` is any text. Brackets and question marks are themselves."""

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["ANY", "find_reason", "is_match", "may_begin"]

ANY: Final = "*"


def is_match(pattern: str, text: str) -> bool:
    """Whether a pattern is of a text."""
    if ANY not in pattern:
        return pattern == text
    parts = re.split(r"\*+", pattern)
    return re.fullmatch(".*".join(map(re.escape, parts)), text, re.DOTALL) is not None


def may_begin(pattern: str, start: str) -> bool:
    """Whether a pattern may be of a text that begins so."""
    ends = [place for place, character in enumerate(pattern) if character == ANY]
    return pattern.startswith(start) or any(is_match(pattern[: end + 1], start) for end in ends)


def find_reason(id: str, waivers: Mapping[str, str]) -> str | None:
    """The reason for which an id is waived: that for the id itself, otherwise that for its longest pattern."""
    if id in waivers:
        return waivers[id]
    found = [pattern for pattern in waivers if is_match(pattern, id)]
    return waivers[min(found, key=lambda pattern: (-len(pattern), pattern))] if found else None
