"""Starting the server: opening the socket, running uvicorn."""

import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

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
    "find_address",
    "open_socket",
]

SEND_BUFFER = 128 * 1024
"""The size of the kernel's send buffer, in bytes."""

_HOST = re.compile(r"[\w.:%-]+")


def find_address(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    """The family and the address of an interface, given by address or name; IPv4 is preferred. Raises gaierror for an
    unknown host."""
    try:
        if not _HOST.fullmatch(host):  # some resolvers accept these
            raise UnicodeError
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:  # an empty or overlong label in a name
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
    family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    return family, address


def open_socket(host: str, port: int, *, shares: bool = False) -> socket.socket:
    """A listening socket on an interface, found as :func:`find_address` does. Port 0 picks a free one. One that
    ``shares`` its address gets its part of the connections, as others that do; that needs Linux. Raises OSError;
    gaierror for an unknown host."""
    family, address = find_address(host, port)
    listener = socket.socket(family)
    # So that a server can follow another at once. Windows allows that anyway; there, the option would let both listen.
    listener.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR), 1)
    if shares:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    # Connections inherit it. By default the kernel buffers megabytes, and it takes minutes to notice a stalled reader.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if family == socket.AF_INET6 and socket.has_dualstack_ipv6():
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # :: includes IPv4 on every system
    try:
        listener.bind(address)
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


class Server(uvicorn.Server):
    """A server that leaves signals to its process. uvicorn would raise them again for the previous handlers, and only
    some would hurry it."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_start: Callable[[asyncio.AbstractEventLoop], object] = lambda _loop: None,
        on_ready: Callable[[], object] = lambda: None,
    ) -> None:
        """``on_start`` is called with the event loop of the server, ``on_ready`` once it takes requests."""
        super().__init__(config)
        self._on_start = on_start
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_start(asyncio.get_running_loop())
        await super().startup(sockets)
        self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def build_server(
    app: ASGIApp,
    config: type[uvicorn.Config] = uvicorn.Config,
    server: Callable[[uvicorn.Config], uvicorn.Server] = Server,
) -> uvicorn.Server:
    """A uvicorn server for the app: no access log, no WebSockets, a short graceful shutdown.

    It logs only critical errors: the pipeline reports defects itself.
    """
    settings = config(
        app,
        http=Connection,
        ws="none",
        log_level="critical",
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=1,  # longer than GRACE
    )
    return server(settings)
