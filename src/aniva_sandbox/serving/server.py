"""Starting the server: reading fixtures, opening the socket, running uvicorn."""

import socket
from functools import cache
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from aniva_sandbox.control.snapshots import JUDGE
from aniva_sandbox.files import find_file
from aniva_sandbox.serving.protocol import MAX_HEAD, Connection
from aniva_sandbox.world.catalogue import get_catalogue
from aniva_sandbox.world.fixtures import load_fixture
from aniva_sandbox.world.snapshot import Export
from aniva_sandbox.world.state import Beginning
from aniva_sandbox.yaml_file import Fault, FixtureError, YamlFile

__all__ = ["WORLD_FILES", "build_server", "fixture_names", "get_fixture", "load_world", "open_socket"]

WORLD_FILES = (".yaml", ".yml", ".json")
"""How the names of world files end."""


@cache
def get_fixture(name: str) -> Beginning:
    """What worlds can begin from, by its name or by the path of a world file. Raises FixtureError."""
    if name.endswith(WORLD_FILES):
        return load_world(Path(name))
    if name not in fixture_names():
        there = ", ".join(fixture_names())
        raise FixtureError(
            [Fault(name, None, "", f"there is no such fixture; there are {there}, and world files by path")]
        )
    return load_world(find_file("fixtures/worlds") / f"{name}.yaml")


def load_world(path: Path) -> Beginning:
    """Read a world file: a fixture, or what was exported from a world, which says its version. Raises FixtureError."""
    file = YamlFile(path)
    if isinstance(file.data, dict) and file.data.keys() & {"version", "clock", "ids"}:
        return Export(file, path.stem, get_catalogue(), JUDGE)
    return load_fixture(file, get_catalogue())


def fixture_names() -> list[str]:
    """The names of the fixtures that ship with the package."""
    return sorted(path.stem for path in find_file("fixtures/worlds").glob("*.yaml"))


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


def build_server(
    app: ASGIApp, config: type[uvicorn.Config] = uvicorn.Config, server: type[uvicorn.Server] = uvicorn.Server
) -> uvicorn.Server:
    """A uvicorn server for the app: no access log, no WebSockets, no long wait for clients at its end.

    It says nothing of its own but the worst: the pipeline tells of its faults itself.
    """
    settings = config(
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
    return server(settings)
