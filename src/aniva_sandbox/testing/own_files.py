"""The sandbox's own files where pyfakefs has put a fake file system in the place of the machine's.

What is read once is read from the machine's. What is read when it is needed (fonts of reports, time zones, pages of
the reference and the guide) is shown in the fake one: that is paused for nobody, because other threads of the test may
write.
"""

import builtins
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import BuiltinFunctionType
from typing import Any

from aniva_sandbox.files import find_file

__all__ = ["fakes_are_possible", "prepare", "real_files", "show_own_files"]

_FAKER = "pyfakefs.fake_filesystem_unittest"
_PACKAGES = ("aniva_sandbox.guide", "font_source_sans_pro", "offapi", "tzdata")
_seen: list[object] = []
"""The last fake file system that shows them."""


@contextmanager
def real_files() -> Iterator[None]:
    """The machine's files, as long as this lasts."""
    fake = _fake()
    if fake is None or isinstance(builtins.open, BuiltinFunctionType):  # none, or it is paused already
        yield
    else:
        with sys.modules[_FAKER].Pause(fake):
            yield


def show_own_files() -> None:
    """Let a fake file system, where there is one, have the sandbox's own files."""
    fake = _fake()
    if fake is None or _seen == [fake]:
        return
    _seen[:] = [fake]
    for folder in _own_folders():
        if not fake.exists(folder):
            fake.add_real_directory(folder)


def fakes_are_possible() -> bool:
    """Whether pyfakefs is loaded."""
    return _FAKER in sys.modules


def prepare() -> None:
    """To be called before the sandbox is loaded. Where pyfakefs is, it loads what reports are made with, too: pyfakefs
    only gets along with what it finds loaded. Raises RuntimeError where it is too late."""
    if _fake() is not None:
        raise RuntimeError(
            "the sandbox cannot be loaded while pyfakefs fakes the file system: let the test name the fixture aniva "
            "among its arguments, or write `from aniva_sandbox import Sandbox` at the top of its file"
        )
    _own_folders()
    if fakes_are_possible():
        import_module("fpdf")


@cache
def _own_folders() -> list[Path]:
    """Where they are."""
    specs = [find_spec(package) for package in _PACKAGES]
    return [find_file("fixtures"), *(Path(spec.origin).parent for spec in specs if spec and spec.origin)]


def _fake() -> Any:
    faker: Any = sys.modules.get(_FAKER)
    patcher = None if faker is None else faker.Patcher.PATCHER
    return None if patcher is None or not patcher.REF_COUNT else patcher.fs
