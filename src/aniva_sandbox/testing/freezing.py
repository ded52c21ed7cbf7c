"""Freezing Python's time at a world's now, with the library that is installed."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

__all__ = ["freeze_python"]

_LIBRARIES = ("time_machine", "freezegun")
"""In order of preference: the former does not affect the clock of event loops."""


@contextmanager
def freeze_python(now: datetime) -> Iterator[Callable[[datetime], Any]]:
    """Freeze Python's time at ``now`` for the duration of the block; yields a function that moves it. Raises
    ImportError if neither library is installed."""
    installed = [name for name in _LIBRARIES if find_spec(name) is not None]
    if not installed:
        raise ImportError("aniva.clock.freeze() needs a library that freezes Python's time: pip install time-machine")
    if "freezegun" in installed and _freezegun_is_active():  # the two cannot be combined
        installed = ["freezegun"]
    library: Any = import_module(installed[0])
    if library.__name__ == "freezegun":
        with library.freeze_time(now, real_asyncio=True) as frozen:
            yield frozen.move_to
    else:
        with library.travel(now.timestamp(), tick=False) as travelling:  # a number does not affect the time zone
            yield lambda to: travelling.move_to(to.timestamp())


def _freezegun_is_active() -> bool:
    freezegun: Any = sys.modules.get("freezegun.api")
    return freezegun is not None and bool(freezegun.freeze_factories)
