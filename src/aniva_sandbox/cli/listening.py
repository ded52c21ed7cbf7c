"""The address that a server listens on, and who else uses it."""

import errno
import json
import re
import socket
import sys
from ipaddress import ip_address
from typing import Any, Final

import click

from aniva_sandbox.cli.welcome import console_url
from aniva_sandbox.engine.serving import server
from aniva_sandbox.engine.world.clock import stopwatch

__all__ = ["Address", "listen", "listen_together"]

_PATIENCE: Final = 2.0
"""Seconds in which a sandbox that uses the address can say so."""
_SECOND: Final = 1_000_000_000
"""Nanoseconds."""
_LONG_ENOUGH: Final = 4096
"""Bytes of what another server says that are read."""
_HEALTHY: Final = re.compile(rb"HTTP/1\.1 200 .*?\r\n\r\n(.*)", re.DOTALL)
_VERSION: Final = re.compile(r"[\w.+-]{1,40}", re.ASCII)
_INTERFACES: Final = "127.0.0.1 is this machine, 0.0.0.0 all of its interfaces"
_FREE: Final = "--port 0 picks a free port"


class Address:
    """The address of a server, given the host and what a socket reports for it: a host has many spellings."""

    def __init__(self, host: str, name: Any) -> None:
        """``name`` is what ``getsockname`` returns."""
        self.ip, port, *more = name
        numeric = True
        try:
            socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            numeric = False
        self.names = () if numeric else (host,)
        """The host, if it is a name."""
        self.is_any = ip_address(self.ip.partition("%")[0]).is_unspecified
        """Whether it is every interface of the machine."""
        if self.is_any:
            shown = "127.0.0.1"
        elif self.names:
            shown = host
        else:
            scope = f"%25{socket.if_indextoname(more[1])}" if more and more[1] else ""
            shown = f"[{self.ip.partition('%')[0]}{scope}]" if more else self.ip
        self.url = f"http://{shown}:{port}"
        """The URL for clients on this machine."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, as :func:`~aniva_sandbox.engine.serving.server.open_socket` opens it. Raises a ClickException
    that says why there is none, and what to do."""
    try:
        return server.open_socket(host, port)
    except OSError as error:
        raise click.ClickException(_failure(error, host, port)) from None


def listen_together(host: str, port: int, count: int) -> list[socket.socket]:
    """Listening sockets at one address, for as many processes. Raises as :func:`listen` does.

    Linux divides connections among sockets that share an address. Other systems give them to the socket that was opened
    last, so there the processes share one socket.
    """
    listener = listen(host, port)  # without sharing, as this shows whether another server is there
    if sys.platform != "linux":
        return [listener] * count
    port = listener.getsockname()[1]
    listener.close()
    listeners: list[socket.socket] = []
    try:
        for _ in range(count):
            listeners.append(server.open_socket(host, port, shares=True))  # noqa: PERF401 (those that are open count)
    except OSError as error:
        for each in listeners:
            each.close()
        raise click.ClickException(_failure(error, host, port)) from None
    return listeners


def _failure(error: OSError, host: str, port: int) -> str:
    """That a server cannot listen, why, and the way out."""
    shown = f"[{host}]" if ":" in host else host
    return f"cannot listen on {shown}:{port}: {_reason(error, host, port)}"


def _reason(error: OSError, host: str, port: int) -> str:
    """Why a server cannot listen, and the way out."""
    said = error.strerror or str(error)
    if isinstance(error, socket.gaierror):
        return f"{said}; {_INTERFACES}"
    if error.errno == errno.EADDRINUSE or (error.errno == errno.EACCES and sys.platform == "win32"):
        return f"{_occupant(host, port) or said}; {_FREE}"
    if error.errno == errno.EACCES:
        return f"{said}; ports below 1024 may need privileges, {_FREE}"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{said}; no interface of this machine has this address: {_INTERFACES}"
    return said


def _occupant(host: str, port: int) -> str:
    """Who uses an address; empty if it does not respond."""
    try:
        family, name = server.find_address(host, port)
        address = Address(host, name)
        if address.is_any:
            family, name = socket.AF_INET, ("127.0.0.1", port)
        said = _ask(family, name)
    except OSError:
        return ""
    version = _version_of(said)
    if version is None:
        return "a program that is not a sandbox uses it"
    return f"another sandbox (version {version}) is running there, with its console at {console_url(address.url)}"


def _ask(family: socket.AddressFamily, name: Any) -> bytes:
    """What a server responds when it is asked for the health of a sandbox. Raises OSError if it says nothing."""
    began = stopwatch()
    said = b""
    with socket.socket(family) as asking:
        asking.settimeout(_PATIENCE)
        asking.connect(name)
        try:
            asking.sendall(b"GET /_sandbox/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            while len(said) < _LONG_ENOUGH and (left := _PATIENCE - (stopwatch() - began) / _SECOND) > 0:
                asking.settimeout(left)
                part = asking.recv(_LONG_ENOUGH)
                said += part
                if not part or not said.startswith(b"HTTP/"[: len(said)]):
                    break
        except TimeoutError:
            if not said:
                raise
        except OSError:
            pass  # it hung up: that is a response, too
    return said


def _version_of(said: bytes) -> str | None:
    """The version of the sandbox that responded; None if it was something else."""
    found = _HEALTHY.fullmatch(said)
    try:
        health = json.loads(found[1]) if found is not None else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(health, dict) or health.get("status") != "ok":
        return None
    version = health.get("version")
    return version if isinstance(version, str) and _VERSION.fullmatch(version) else None
