"""The standard streams of commands: no command ends with a traceback because its output cannot be written, and no
server waits for a reader."""

import atexit
import errno
import io
import os
import select
import sys
import threading
from typing import Any, Final

import click

__all__ = [
    "MAX_WAITING",
    "OutputError",
    "Unhurried",
    "WriteThrough",
    "finish_streams",
    "open_streams",
    "queue_streams",
    "write_document",
]

MAX_WAITING: Final = 256 * 1024
"""Bytes that wait for the reader of a stream, before lines are dropped."""

_LAST_WORDS = 0.3
"""Seconds that an ending process waits for the readers of its streams, all together."""


class OutputError(click.ClickException):
    """The output of a command could not be written."""

    exit_code = 2  # 1 is a verdict of the commands that check

    def __init__(self, error: OSError) -> None:
        super().__init__(f"cannot write to standard output: {error.strerror or error}")


class WriteThrough(io.RawIOBase):
    """The lower end of a standard stream, unbuffered: nothing is left for the end of the process to fail at.

    Where a reader stops reading (a pipe into ``head``), the rest is discarded, and the command goes on to its own exit
    code. Where a write fails for another reason it raises :exc:`OutputError`, once; with ``errors``, which is for
    standard error, nothing is raised.
    """

    def __init__(self, stream: Any, *, errors: bool = False) -> None:
        self.name: str = stream.name
        self._stream = stream  # kept, for it would close what is under it
        self._raw = getattr(stream.buffer, "raw", stream.buffer)
        self._errors = errors
        self._lost = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        number: int = self._raw.fileno()
        return number

    def isatty(self) -> bool:
        terminal: bool = self._raw.isatty()
        return terminal

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        if not self._lost:
            try:
                _write_all(self._raw, data)
            except OSError as error:
                self._lost = True
                if not (self._errors or _is_unread(error)):
                    raise OutputError(error) from None
        return size


class Unhurried(WriteThrough):
    """The lower end of a server's stream: a thread of its own writes, so that the server waits for no reader. When
    :data:`MAX_WAITING` is exceeded, lines are dropped, and their number is written in their place. Nothing is raised.
    """

    def __init__(self, stream: Any) -> None:
        super().__init__(stream, errors=True)
        self._changed = threading.Condition()
        self._waiting: list[bytes] = []
        self._size = 0
        self._dropped = 0
        self._busy = False
        # A daemon: a write that nobody reads has no end, and must not keep the process from its own.
        threading.Thread(target=self._run, name=f"aniva-sandbox {self.name}", daemon=True).start()

    def write(self, data: Any) -> int:
        said = bytes(data)
        with self._changed:
            if self._waiting and self._size + len(said) > MAX_WAITING:
                self._dropped += said.count(b"\n")
            else:
                self._waiting.append(said)
                self._size += len(said)
                self._changed.notify_all()
        return len(said)

    def finish(self, seconds: float) -> None:
        """Wait until all is written, but no longer than this."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._busy or self._waiting), seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting)
                # All of it at once: what was dropped came after it, and before whatever comes now.
                said, dropped = b"".join(self._waiting), self._dropped
                self._waiting.clear()
                self._size = self._dropped = 0
                self._busy = True
            if dropped:
                said += f"{dropped} lines were dropped: nobody read them\n".encode()
            try:
                _write_all(self._raw, said)
            except (OSError, ValueError):  # no space, no terminal any more, closed at the end of the process
                continue


def open_streams() -> None:
    """Prepare the standard streams of this process; streams that somebody put in their place stay.

    The descriptor of a stream that is closed is taken, so that no file or socket opened later is written to instead.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # The wrong way round, so that its use fails as that of a closed one does.
            opened = os.open(os.devnull, os.O_RDONLY if number else os.O_WRONLY)
            mode = "w" if number else "r"
            setattr(sys, name, open(opened, mode, encoding="utf-8", errors="replace", closefd=False))  # noqa: SIM115
            setattr(sys, f"__{name}__", getattr(sys, name))
    if sys.stdout is sys.__stdout__ and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = _text(WriteThrough(sys.stdout), sys.stdout.encoding, "replace")
    if sys.stderr is sys.__stderr__ and isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _text(WriteThrough(sys.stderr, errors=True), sys.stderr.encoding, sys.stderr.errors)


def queue_streams() -> None:
    """From here on, no write to a standard stream of this process waits for its reader."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(getattr(stream, "buffer", None), WriteThrough):
            setattr(sys, name, _text(Unhurried(getattr(sys, f"__{name}__")), stream.encoding, stream.errors))
            atexit.register(finish_streams)  # also after the traceback of what ended the process


def finish_streams() -> None:
    """Wait a moment for the readers of what is still queued."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(lower := getattr(stream, "buffer", None), Unhurried):
            lower.finish(_LAST_WORDS / 2)


def write_document(text: str) -> None:
    """Print what programs read: UTF-8 with the line ends it has, whatever the locale writes."""
    click.echo(text.encode(), nl=False)


def _text(lower: WriteThrough, encoding: str, errors: str | None) -> io.TextIOWrapper:
    return io.TextIOWrapper(lower, encoding, errors, write_through=True)


def _write_all(raw: Any, data: Any) -> None:
    """Write to a raw stream until all is written, also to one that does not block."""
    rest = memoryview(data).cast("B")
    while rest:
        written = raw.write(rest)
        if written is None:
            select.select([], [raw], [])
        else:
            rest = rest[written:]


def _is_unread(error: OSError) -> bool:
    """Whether a write failed because its reader is gone, for which Windows has a name of its own."""
    return isinstance(error, BrokenPipeError | ConnectionResetError) or (
        sys.platform == "win32" and error.errno == errno.EINVAL
    )
