"""Import the sandbox with Python's own time, which it keeps, whatever a test does to Python's.

freezegun replaces classes and functions of the modules ``datetime`` and ``time``, and of every loaded module in which
it finds the originals. Modules imported meanwhile get the copies, and may keep them. So the sandbox is imported with
the originals in place, and its modules hide them from ``dir``. time-machine patches only the originals that read the
machine's clock; ``world/clock.py`` works around it.
"""

import gc
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType

from aniva_sandbox.engine.own_time import PLACES, own_time
from aniva_sandbox.testing.own_files import prepare

__all__ = ["load"]

_PACKAGE = "aniva_sandbox"
_LOADED = ("laboratory", "laboratory.checking", "laboratory.report", "testing.live")
_WITH_CLIENT = "testing.sandbox"
"""The modules that tests can use; they import the rest. The last needs the extra ``pytest``."""

_lock = threading.RLock()
_loaded: set[str] = set()
_originals: set[int] = set()


class _Steady(ModuleType):
    """A module that hides Python's time from freezegun."""

    def __dir__(self) -> list[str]:
        return [name for name, value in vars(self).items() if id(value) not in _originals]


def load(*more: str) -> None:
    """Import the sandbox, once, and with it modules that few runs need. Raises RuntimeError if a fake file system
    prevents it."""
    with _lock:
        if _loaded and _loaded.issuperset(more):
            return
        with own_time() as copies, _without_collections(), _without_hooks():
            if not _loaded:
                prepare()
            for name in (*_LOADED, *([_WITH_CLIENT] if find_spec("httpx2") else []), *more):
                import_module(f"{_PACKAGE}.{name}")
            _originals.update(id(getattr(module, name)) for module, name in PLACES)
            for name, module in list(sys.modules.items()):
                if name == _PACKAGE or name.startswith(f"{_PACKAGE}."):
                    _keep(module, copies)
            _loaded.update(_LOADED, more)


@contextmanager
def _without_collections() -> Iterator[None]:
    """What is imported stays: looking for garbage in it, and in all that a test run holds, takes longer than to import
    it. Afterwards all of that counts as old, so that the next collections need not look at it either."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if not gc.get_freeze_count():  # else the test run has frozen objects of its own
                gc.freeze()
                gc.unfreeze()  # into the oldest generation
            gc.enable()


class _OwnFinder:
    """Finds the modules of the sandbox as Python does."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path, target) if name.startswith(f"{_PACKAGE}.") else None


@contextmanager
def _without_hooks() -> Iterator[None]:
    """Find the sandbox's modules before the import hooks of others are asked; all other modules are found as ever.
    pytest's hook matches each name with the names of test files, and rewrites the asserts in all modules of an
    installed plugin, which is slow. Of the sandbox's modules none is a test file, and no assert in them is about what a
    test does, so a test run meets no difference."""
    finder = _OwnFinder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def _keep(module: ModuleType, copies: dict[int, object]) -> None:
    for name, value in list(vars(module).items()):
        if id(value) in copies:  # imported before time was frozen
            setattr(module, name, copies[id(value)])
    module.__class__ = _Steady
