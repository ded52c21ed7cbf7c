"""Starting the server: opening the socket, running uvicorn."""

import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from aniva_sandbox.engine.serving.protocol import KEEP_ALIVE

try:
    from aniva_sandbox.engine.serving.connection import Connection
except ImportError:  # not CPython: there is no httptools
    from aniva_sandbox.engine.serving.h11_connection import H11Connection as Connection  # type: ignore[assignment]

__all__ = [
    "SEND_BUFFER",
    "Server",
    "build_server",
    "open_socket",
]

SEND_BUFFER = 128 * 1024
"""Bytes that the kernel is asked to hold for a client that does not read."""

_HOST = re.compile(r"[\w.:%-]+")


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
