"""The sandbox is loaded with Python's own time, and keeps it, whatever a test does to Python's.

freezegun puts classes and functions of its own in the place of Python's: into the modules ``datetime`` and ``time``,
and into every loaded module in which it finds the originals. What is imported meanwhile takes the copies for the
originals, and may keep them. So the sandbox is loaded with the originals in place, and its modules do not list them.
time-machine changes what the originals do, and those alone that read the machine's clock: ``world/clock.py`` knows the
way round it.
"""

import sys
import threading
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from aniva_sandbox.engine.own_time import PLACES, own_time
from aniva_sandbox.testing.own_files import prepare

__all__ = ["load"]

_PACKAGE = "aniva_sandbox"
_LOADED = ("laboratory", "laboratory.checking", "laboratory.report", "testing.live")
_WITH_CLIENT = "testing.sandbox"
"""What a test can come to use; it brings the rest. The last needs the extra ``pytest``."""

_lock = threading.RLock()
_done = False
_originals: set[int] = set()


class _Steady(ModuleType):
    """A module in which Python's time is not found by who looks for it to replace it."""

    def __dir__(self) -> list[str]:
        return [name for name, value in vars(self).items() if id(value) not in _originals]


def load() -> None:
    """Load the sandbox, once. Raises RuntimeError where that is not possible in a fake file system."""
    global _done
    with _lock:
        if _done:
            return
        with own_time() as copies:
            prepare()
            for name in (*_LOADED, *([_WITH_CLIENT] if find_spec("httpx2") else [])):
                import_module(f"{_PACKAGE}.{name}")
            _originals.update(id(getattr(module, name)) for module, name in PLACES)
            for name, module in list(sys.modules.items()):
                if name == _PACKAGE or name.startswith(f"{_PACKAGE}."):
                    _keep(module, copies)
            _done = True


def _keep(module: ModuleType, copies: dict[int, object]) -> None:
    for name, value in list(vars(module).items()):
        if id(value) in copies:  # it was loaded before time was frozen
            setattr(module, name, copies[id(value)])
    module.__class__ = _Steady
