"""Starting the server: reading fixtures, opening the socket, running uvicorn."""

import os
import socket
from functools import cache
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from aniva_sandbox.control.snapshots import JUDGE
from aniva_sandbox.files import find_file
from aniva_sandbox.problems import shown
from aniva_sandbox.serving.protocol import MAX_HEAD, Connection
from aniva_sandbox.world.catalogue import get_catalogue
from aniva_sandbox.world.fixtures import load_fixture
from aniva_sandbox.world.snapshot import Export
from aniva_sandbox.world.state import Beginning
from aniva_sandbox.yaml_file import FixtureError, Problem, YamlFile

__all__ = ["WORLD_FILES", "build_server", "fixture_names", "get_fixture", "load_world", "open_socket", "world_path"]

WORLD_FILES = (".yaml", ".yml", ".json")
"""How the names of world files end, in any case of their letters."""


def world_path(text: str) -> Path | None:
    """The path that a text means; None where it is the name of a fixture, or can only be one.

    A path ends as world files do, or has a folder in it, begins with ``~``, or leads to something that is there.
    """
    if text in fixture_names():
        return None
    is_path = (
        text.lower().endswith(WORLD_FILES)
        or text.startswith("~")
        or any(separator in text for separator in {"/", os.sep, os.altsep or os.sep})
        or os.path.exists(text)  # noqa: PTH110 (a name may be too long for Path)
    )
    return Path(os.path.expanduser(text)) if is_path else None  # noqa: PTH111 (a home may be unknown)


def get_fixture(name: str) -> Beginning:
    """What worlds can begin from, by its name or by the path of a world file; each is read once.

    Raises FixtureError.
    """
    path = world_path(name)
    if path is not None:
        return _read_once(path.absolute() if os.path.exists(path) else path)  # noqa: PTH110
    if name in fixture_names():
        return _read_shipped(name)
    there = ", ".join(fixture_names())
    wrong = f"there is no such fixture; there are {there}, and world files by path"
    raise FixtureError([Problem(shown(name), None, "", wrong)])


def load_world(path: Path, content: bytes | None = None) -> Beginning:
    """Read a world file, or what was read as such elsewhere: a fixture, or what was exported from a world, which says
    its version. Raises FixtureError."""
    file = YamlFile(path, content)
    if isinstance(file.data, dict) and file.data.keys() & {"version", "clock", "ids"}:
        return Export(file, path.stem, get_catalogue(), JUDGE)
    return load_fixture(file, get_catalogue())


_read_once = cache(load_world)


@cache
def _read_shipped(name: str) -> Beginning:
    return load_world(find_file("fixtures/worlds") / f"{name}.yaml")


@cache
def fixture_names() -> tuple[str, ...]:
    """The names of the fixtures that ship with the package."""
    return tuple(sorted(path.stem for path in find_file("fixtures/worlds").glob("*.yaml")))


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def build_server(app: ASGIApp) -> uvicorn.Server:
    """A uvicorn server for the app: no access log, no WebSockets, no long wait for clients at its end.

    It says nothing of its own but the worst: the pipeline tells of its faults itself.
    """
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        h11_max_incomplete_event_size=MAX_HEAD,
        log_level="critical",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)
