"""How the sandbox is imported into a test run."""

import gc
import subprocess
import sys

import pytest

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
    assert gc.isenabled()
