"""How the sandbox is imported into a test run."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import aniva_sandbox

PROGRAM = """
import gc, sys
if "off" in sys.argv:
    gc.disable()
imported = []
class Seen:
    def find_spec(self, name, path=None, target=None):
        imported.append(gc.isenabled())
sys.meta_path.insert(0, Seen())
from aniva_sandbox.testing import steady
imported.clear()
steady.load()
print(len(imported) > 100, any(imported), gc.isenabled())
print(gc.get_freeze_count(), len(gc.get_objects(generation=0)) < 1000)
try:
    steady.load("nothing")
except ModuleNotFoundError:
    print(gc.isenabled())
"""


@pytest.mark.parametrize(("option", "told"), [("on", "True"), ("off", "False")])
def test_garbage_is_collected_as_before(option: str, told: str) -> None:
    """While the sandbox is imported no garbage is looked for; afterwards it is if it was, also if that failed. What was
    imported is old then, and nothing is frozen."""
    ran = subprocess.run([sys.executable, "-c", PROGRAM, option], capture_output=True, text=True, check=True)
    is_young = str(option == "on")
    assert ran.stdout.split() == ["True", "False", told, "0", is_young, told]


HOOKED = """
import sys
asked = []
class Hook:
    def find_spec(self, name, path=None, target=None):
        asked.append(name.partition(".")[0])
from aniva_sandbox.testing import steady
hooks = [Hook(), *sys.meta_path]
sys.meta_path[:] = hooks
steady.load()
print("aniva_sandbox" in asked, "httpx2" in asked, sys.meta_path == hooks)
try:
    steady.load("nothing")
except ModuleNotFoundError:
    print(sys.meta_path == hooks)
import aniva_sandbox.cli
print("aniva_sandbox" in asked)
"""


def test_hooks_of_others_find_what_is_theirs() -> None:
    """An import hook, such as pytest's, is asked for every module but the sandbox's, and for these too once it is
    loaded; the hooks stay as they were, also if an import fails."""
    ran = subprocess.run([sys.executable, "-c", HOOKED], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True", "True", "True", "True"]


def test_no_assert_is_about_what_a_test_does() -> None:
    """The sandbox's modules need no rewritten asserts: those in them are about the sandbox alone."""
    source = Path(aniva_sandbox.__file__).parent
    asserting = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert asserting <= {"engine/world/entries.py"}
