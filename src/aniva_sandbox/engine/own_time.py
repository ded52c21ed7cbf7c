"""Python's own time, which freezegun may have replaced with its own classes and functions."""

import datetime
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["PLACES", "own_time"]

PLACES = (
    *((datetime, name) for name in ("date", "datetime")),
    *((time, name) for name in ("localtime", "gmtime", "strftime")),
    *((time, f"{name}{unit}") for name in ("time", "monotonic", "perf_counter") for unit in ("", "_ns")),
)
"""What freezegun replaces, by module and name."""


@contextmanager
def own_time() -> Iterator[dict[int, object]]:
    """Put Python's own time back for the duration of the block; yields the originals by the ids of their copies."""
    freezegun = sys.modules.get("freezegun.api")
    copies: dict[int, object] = {}
    replaced = []
    for module, name in PLACES:
        there, original = getattr(module, name), getattr(freezegun, f"real_{name}", None)
        if original is not None and there is not original:
            copies[id(there)] = original
            replaced.append((module, name, there))
            setattr(module, name, original)
    try:
        yield copies
    finally:
        for module, name, there in replaced:
            setattr(module, name, there)
