"""What worlds begin from: the fixtures in the package, and world files."""

import os
from functools import cache
from pathlib import Path

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.problems import shown
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.engine.world.fixtures import load_fixture
from aniva_sandbox.engine.world.snapshot import Export
from aniva_sandbox.engine.world.state import Beginning
from aniva_sandbox.engine.yaml_file import FixtureError, Problem, YamlFile
from aniva_sandbox.files import find_file

__all__ = ["WORLD_FILES", "fixture_names", "get_fixture", "load_world", "world_path"]

WORLD_FILES = (".yaml", ".yml", ".json")
"""The suffixes of world files, in upper or lower case."""


def world_path(text: str, folder: Path = Path()) -> Path | None:
    """The path that a text means, from a folder; None if it is empty or can only be the name of a fixture.

    A path has the suffix of a world file, contains a folder, begins with ``~``, or exists.
    """
    if not text or text in fixture_names():
        return None
    is_path = (
        text.lower().endswith(WORLD_FILES)
        or text.startswith("~")
        or any(separator in text for separator in {"/", os.sep, os.altsep or os.sep})
        or os.path.exists(folder / text)  # noqa: PTH110 (a name may be too long for Path)
    )
    return folder / os.path.expanduser(text) if is_path else None  # noqa: PTH111 (a home may be unknown)


def get_fixture(name: str) -> Beginning:
    """The beginning with this name, or from the world file at this path; each is read once.

    Raises FixtureError.
    """
    path = world_path(name)
    if path is not None:
        return _read_once(path.absolute() if os.path.exists(path) else path)  # noqa: PTH110
    if name in fixture_names():
        return _read_shipped(name)
    message = f"there is no such fixture; use one of {listed(fixture_names())}, or the path of a world file"
    raise FixtureError([Problem(shown(name), None, "", message)])


def load_world(path: Path, content: bytes | None = None) -> Beginning:
    """Read a world file, or content that was already read: a fixture, or the export of a world, which has a version.
    Raises FixtureError."""
    file = YamlFile(path, content)
    if isinstance(file.data, dict) and file.data.keys() & {"version", "clock", "ids"}:
        return Export(file, path.stem, DOMAIN)
    return load_fixture(file, DOMAIN)


_read_once = cache(load_world)


@cache
def _read_shipped(name: str) -> Beginning:
    return load_world(find_file("fixtures/worlds") / f"{name}.yaml")


@cache
def fixture_names() -> tuple[str, ...]:
    """The names of the fixtures in the package."""
    return tuple(sorted(path.stem for path in find_file("fixtures/worlds").glob("*.yaml")))
