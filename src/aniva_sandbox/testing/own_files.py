"""The sandbox's own files while pyfakefs fakes the file system.

Files that are read once are read from the machine's file system. Files that are read on demand (fonts of reports, time
zones, pages of the reference and the guide) are added to the fake one, which is never paused for them, because other
threads of the test may write.
"""

import builtins
import sys
from contextlib import AbstractContextManager, nullcontext
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
_LATER = (
    "fpdf",
    "aniva_sandbox.api.control",
    "aniva_sandbox.engine.serving.site",
    "aniva_sandbox.engine.yaml_text",
)
_UNCHANGED = nullcontext()
_seen: list[object] = []
"""The last fake file system that has them."""


def real_files() -> AbstractContextManager[object]:
    """The machine's files, for the duration of the block."""
    fake = _fake()
    if fake is None or isinstance(builtins.open, BuiltinFunctionType):  # none, or already paused
        return _UNCHANGED
    paused: AbstractContextManager[object] = sys.modules[_FAKER].Pause(fake)
    return paused


def show_own_files() -> None:
    """Add the sandbox's own files to the fake file system, if there is one."""
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
    """Prepare for pyfakefs; called before the sandbox is loaded. Also imports the modules that it loads when they are
    needed, as pyfakefs only works with modules loaded before it. Raises RuntimeError if it is too late."""
    if _fake() is not None:
        raise RuntimeError(
            "the sandbox cannot be loaded while pyfakefs fakes the file system: let the test name the fixture aniva "
            "among its arguments, or write `from aniva_sandbox import Sandbox` at the top of its file"
        )
    _own_folders()
    if fakes_are_possible():
        for name in _LATER:
            import_module(name)


@cache
def _own_folders() -> list[Path]:
    """The folders of the sandbox's own files."""
    specs = [find_spec(package) for package in _PACKAGES]
    return [find_file("fixtures"), *(Path(spec.origin).parent for spec in specs if spec and spec.origin)]


def _fake() -> Any:
    faker: Any = sys.modules.get(_FAKER)
    patcher = None if faker is None else faker.Patcher.PATCHER
    return None if patcher is None or not patcher.REF_COUNT else patcher.fs
