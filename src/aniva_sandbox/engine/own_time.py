"""Python's own time, where freezegun may have put classes and functions of its own in its place."""

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
"""What freezegun replaces: in which module, and by which name."""


@contextmanager
def own_time() -> Iterator[dict[int, object]]:
    """Python's own time where it belongs, as long as this lasts; gives the originals by the ids of their copies."""
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
