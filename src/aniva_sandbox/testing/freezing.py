"""Python's time, made to stand where a world's does, through the library that is installed for it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

__all__ = ["freeze_python"]

_LIBRARIES = ("time_machine", "freezegun")
"""In the order of preference: the former leaves alone what event loops go by."""


@contextmanager
def freeze_python(now: datetime) -> Iterator[Callable[[datetime], Any]]:
    """Let Python's time stand at ``now`` as long as this lasts; gives what moves it. Raises ImportError where no
    library is installed that can do it."""
    installed = [name for name in _LIBRARIES if find_spec(name) is not None]
    if not installed:
        raise ImportError("aniva.clock.freeze() needs a library that freezes Python's time: pip install time-machine")
    if "freezegun" in installed and _freezegun_is_active():  # the two do not go together
        installed = ["freezegun"]
    library: Any = import_module(installed[0])
    if library.__name__ == "freezegun":
        with library.freeze_time(now, real_asyncio=True) as frozen:
            yield frozen.move_to
    else:
        with library.travel(now.timestamp(), tick=False) as travelling:  # a number leaves the time zone alone
            yield lambda to: travelling.move_to(to.timestamp())


def _freezegun_is_active() -> bool:
    freezegun: Any = sys.modules.get("freezegun.api")
    return freezegun is not None and bool(freezegun.freeze_factories)
