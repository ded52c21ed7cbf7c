"""API keys, and the worlds and personas they select: ``sbx_<world>`` or ``sbx_<world>.<persona>``."""

import re
from typing import Final

__all__ = ["BLANKS", "KEY_PREFIX", "WORLD_NAME", "parse_key"]

KEY_PREFIX: Final = "sbx_"
WORLD_NAME: Final = r"[a-z0-9-]{1,64}"
BLANKS: Final = " \t"
"""Characters around the value of a header that are not part of it (RFC 9110, 5.6.3)."""
_KEY = re.compile(f"{KEY_PREFIX}({WORLD_NAME})(?:\\.([a-z0-9-]+))?")


def parse_key(key: str) -> tuple[str, str] | None:
    """The world and the persona that a key names, which need not exist; None for a key of another form."""
    parsed = _KEY.fullmatch(key)
    return (parsed[1], parsed[2] or "full") if parsed is not None else None
