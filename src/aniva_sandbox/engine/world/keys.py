"""API keys: ``sbx_<world>`` or ``sbx_<world>.<persona>``."""

import re
from typing import Final

__all__ = ["BLANKS", "DEFAULT_WORLD", "KEY_PREFIX", "WORLD_NAME", "parse_key", "write_key"]

KEY_PREFIX: Final = "sbx_"
WORLD_NAME: Final = r"[a-z0-9-]{1,64}"
DEFAULT_WORLD: Final = "default"
"""The name of the world of the first key."""
BLANKS: Final = " \t"
"""The whitespace around the value of a header that is not part of it (RFC 9110, 5.6.3)."""
_FULL: Final = "full"
"""The persona of keys that name none."""
_KEY = re.compile(f"{KEY_PREFIX}({WORLD_NAME})(?:\\.([a-z0-9-]+))?")


def parse_key(key: str) -> tuple[str, str] | None:
    """The world and the persona that a key names, whether they exist or not; None for a key of another form."""
    parsed = _KEY.fullmatch(key)
    return (parsed[1], parsed[2] or _FULL) if parsed is not None else None


def write_key(world: str, persona: str) -> str:
    """The key of a world and one of its personas."""
    return f"{KEY_PREFIX}{world}" if persona == _FULL else f"{KEY_PREFIX}{world}.{persona}"
