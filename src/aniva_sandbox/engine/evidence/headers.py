"""What a call met, as the headers of its response say it."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

__all__ = ["in_ascii", "name_rules", "write_hints", "write_time"]

_HINT_LENGTH: Final = 300
"""The number of characters of hints in a header."""


def name_rules(rules: Iterable[Any]) -> str:
    """Rules, each with ``id`` and ``basis``, as a structured header: `link.window; basis=documented`."""
    return ", ".join([f"{rule.id}; basis={rule.basis}" for rule in rules])


def write_hints(texts: Iterable[str]) -> str:
    """The texts of hints, in ASCII and cut."""
    return in_ascii("; ".join(texts)[:_HINT_LENGTH])


def write_time(now: datetime) -> str:
    """A world's time, which is in UTC and has whole seconds."""
    return f"{now.isoformat()[:19]}Z"


def in_ascii(text: str) -> str:
    """A text that a header can carry."""
    return text if text.isascii() and text.isprintable() else re.sub("[^ -~]", " ", text)
