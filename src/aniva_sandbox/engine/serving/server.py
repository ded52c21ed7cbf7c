"""Starting the server: reading fixtures, opening the socket, running uvicorn."""

import asyncio
import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from aniva_sandbox.api.fixtures import load_fixture
from aniva_sandbox.engine.control.snapshots import JUDGE
from aniva_sandbox.engine.problems import shown
from aniva_sandbox.engine.serving.protocol import KEEP_ALIVE
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.engine.world.snapshot import Export
from aniva_sandbox.engine.world.state import Beginning
from aniva_sandbox.engine.yaml_file import FixtureError, Problem, YamlFile
from aniva_sandbox.files import find_file
from aniva_sandbox.laboratory.catalogue import get_catalogue

try:
    from aniva_sandbox.engine.serving.connection import Connection
except ImportError:  # not CPython: there is no httptools
    from aniva_sandbox.engine.serving.h11_connection import H11Connection as Connection  # type: ignore[assignment]

__all__ = [
    "SEND_BUFFER",
    "WORLD_FILES",
    "Server",
    "build_server",
    "fixture_names",
    "get_fixture",
    "load_world",
    "open_socket",
    "world_path",
]

SEND_BUFFER = 128 * 1024
"""Bytes that the kernel is asked to hold for a client that does not read."""

_HOST = re.compile(r"[\w.:%-]+")

WORLD_FILES = (".yaml", ".yml", ".json")
"""How the names of world files end, in any case of their letters."""


def world_path(text: str, folder: Path = Path()) -> Path | None:
    """The path that a text means, from a folder; None where it is empty, the name of a fixture, or can only be one.

    A path ends as world files do, or has a folder in it, begins with ``~``, or leads to something that is there.
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
    """What worlds can begin from, by its name or by the path of a world file; each is read once.

    Raises FixtureError.
    """
    path = world_path(name)
    if path is not None:
        return _read_once(path.absolute() if os.path.exists(path) else path)  # noqa: PTH110
    if name in fixture_names():
        return _read_shipped(name)
    there = listed(fixture_names())
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
    """A listening socket on an interface, by one of its addresses or a name; of several, an IPv4 one is taken. Port 0
    picks a free one. Raises OSError, of which gaierror says that the host is not known."""
    try:
        if not _HOST.fullmatch(host):  # some resolvers find something for these, too
            raise UnicodeError
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:  # a label of a name that is empty, or too long
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
    family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    listener = socket.socket(family)
    # So that a server can follow another at once; on Windows, where that is so anyway, it would let both listen.
    listener.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR), 1)
    # Connections inherit it. Left alone, the kernel takes megabytes, and what a slow reader read shows only in minutes.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if family == socket.AF_INET6 and socket.has_dualstack_ipv6():
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # :: is all of IPv4, too, on every system
    try:
        listener.bind(address)
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


class Server(uvicorn.Server):
    """Leaves signals to the process that it runs in: uvicorn would raise them again at its end, for whatever the
    process did with them before, and lets only some of them hurry it."""

    def __init__(
        self, config: uvicorn.Config, on_start: Callable[[asyncio.AbstractEventLoop], object] = lambda _loop: None
    ) -> None:
        """``on_start`` is given the event loop that the server runs in."""
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_start(asyncio.get_running_loop())
        await super().startup(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def build_server(
    app: ASGIApp,
    config: type[uvicorn.Config] = uvicorn.Config,
    server: Callable[[uvicorn.Config], uvicorn.Server] = Server,
) -> uvicorn.Server:
    """A uvicorn server for the app: no access log, no WebSockets, no long wait for clients at its end.

    It says nothing of its own but the worst: the pipeline tells of its faults itself.
    """
    settings = config(
        app,
        http=Connection,
        ws="none",
        log_level="critical",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=1,  # longer than GRACE
    )
    return server(settings)
