"""What was asked of a world, and how it was answered."""

from datetime import datetime

import msgspec

from aniva_sandbox.engine.world.agenda import Happened

__all__ = ["BODY_KEPT", "TEXT_KEPT", "Exchange", "cut"]

BODY_KEPT = 8192
"""Bytes that are remembered of a body."""
TEXT_KEPT = 2048
"""Characters that are remembered of a path, of a query, and of any other text."""


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """One request to a world and how it was answered. Bodies are as they travelled, cut to :data:`BODY_KEPT` bytes,
    texts to :data:`TEXT_KEPT` characters."""

    number: int
    """Counted from 1, for as long as the world lives."""
    time: datetime
    """The world's now."""
    elapsed_ns: int
    """Nanoseconds of the machine's clock from the request to its answer, an injected wait not included."""
    method: str
    path: str
    query: str
    target_size: int
    """Characters that path and query had together."""
    persona: str | None
    """Whose rights the key had; None for a key without any."""
    operation: str | None
    request_type: str | None
    request_body: bytes
    request_size: int
    status: int | None
    """None where the connection was dropped before the call took effect."""
    rules: tuple[str, ...]
    """What refused it."""
    relied: tuple[str, ...]
    """Rules that are no documented ones, and on which it hung that the call was taken as it was."""
    error: str | None
    mismatch: str | None
    """Where the answer contradicts the document, or what broke inside the sandbox."""
    fault: str | None
    """What was injected, and by which fault."""
    hints: tuple[str, ...]
    events: tuple[Happened, ...]
    """What happened in it, what was due at its beginning included."""
    answer_type: str
    answer_body: bytes
    answer_size: int


def cut(text: str) -> str:
    """A text as it is remembered: whole, or its beginning and how long it was."""
    return text if len(text) <= TEXT_KEPT else f"{text[:TEXT_KEPT]}... ({len(text)} characters)"
