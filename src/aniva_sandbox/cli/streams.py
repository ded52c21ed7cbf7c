"""The standard streams of commands: output that cannot be written never causes a traceback, and a server never waits
for a reader."""

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
    "has_reader",
    "open_streams",
    "queue_streams",
    "write_document",
]

MAX_WAITING: Final = 256 * 1024
"""Bytes that may wait for the reader of a stream before lines are dropped."""

_LAST_WORDS = 0.3
"""Seconds that an ending process waits for the readers of all its streams."""


class OutputError(click.ClickException):
    """The output of a command could not be written."""

    exit_code = 2  # 1 is the verdict of a check

    def __init__(self, error: OSError) -> None:
        super().__init__(f"cannot write to standard output: {error.strerror or error}")


class WriteThrough(io.RawIOBase):
    """The unbuffered lower end of a standard stream: nothing is left to write when the process ends.

    If a reader stops reading (a pipe into ``head``), the rest is discarded, and the command keeps its own exit code. If
    a write fails for another reason, it raises :exc:`OutputError`, once; with ``errors``, meant for standard error, it
    raises nothing.
    """

    def __init__(self, stream: Any, *, errors: bool = False) -> None:
        self.name: str = stream.name
        self._stream = stream  # kept alive: it would close the file descriptor
        self._raw = getattr(stream.buffer, "raw", stream.buffer)
        self._errors = errors
        self._lost = False

    @property
    def is_lost(self) -> bool:
        """Whether a write failed, so that the rest is discarded."""
        return self._lost

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
    """The lower end of a server's stream: a separate thread writes, so that the server never waits for a reader. When
    :data:`MAX_WAITING` is exceeded, lines are dropped, and a line with their number takes their place. Raises nothing.
    """

    def __init__(self, stream: Any) -> None:
        super().__init__(stream, errors=True)
        self._changed = threading.Condition()
        self._waiting: list[bytes] = []
        self._size = 0
        self._dropped = 0
        self._busy = False
        # A daemon: a write that nobody reads never ends, and must not keep the process alive.
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
        """Wait until everything is written, or until the timeout."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._busy or self._waiting), seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting)
                # All at once: the dropped lines come between these and the next ones.
                said, dropped = b"".join(self._waiting), self._dropped
                self._waiting.clear()
                self._size = self._dropped = 0
                self._busy = True
            if dropped:
                said += f"{dropped} lines were dropped: nobody read them\n".encode()
            try:
                _write_all(self._raw, said)
            except (OSError, ValueError):  # disk full, terminal gone, or closed at the end of the process
                continue


def open_streams() -> None:
    """Prepare the standard streams of this process, unless they have been replaced.

    The descriptor of a closed stream is occupied, so that output never goes to a file or socket opened later.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # Opened the wrong way round, so that using it fails as on a closed stream.
            opened = os.open(os.devnull, os.O_RDONLY if number else os.O_WRONLY)
            mode = "w" if number else "r"
            setattr(sys, name, open(opened, mode, encoding="utf-8", errors="replace", closefd=False))  # noqa: SIM115
            setattr(sys, f"__{name}__", getattr(sys, name))
    if sys.stdout is sys.__stdout__ and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = _text(WriteThrough(sys.stdout), sys.stdout.encoding, "replace")
    if sys.stderr is sys.__stderr__ and isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _text(WriteThrough(sys.stderr, errors=True), sys.stderr.encoding, sys.stderr.errors)


def queue_streams() -> None:
    """Stop writes to the standard streams of this process from waiting for a reader."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(getattr(stream, "buffer", None), WriteThrough):
            setattr(sys, name, _text(Unhurried(getattr(sys, f"__{name}__")), stream.encoding, stream.errors))
            atexit.register(finish_streams)  # including the traceback of a crash


def has_reader() -> bool:
    """Whether standard output can still be written to, as far as is known from the last write."""
    lower = getattr(sys.stdout, "buffer", None)
    return not (isinstance(lower, WriteThrough) and lower.is_lost)


def finish_streams() -> None:
    """Give readers a moment to read what is still queued."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(lower := getattr(stream, "buffer", None), Unhurried):
            lower.finish(_LAST_WORDS / 2)


def write_document(text: str) -> None:
    """Print text for programs: in UTF-8 and with its own line ends, whatever the locale."""
    click.echo(text.encode(), nl=False)


def _text(lower: WriteThrough, encoding: str, errors: str | None) -> io.TextIOWrapper:
    return io.TextIOWrapper(lower, encoding, errors, write_through=True)


def _write_all(raw: Any, data: Any) -> None:
    """Write all bytes to a raw stream, even a non-blocking one."""
    rest = memoryview(data).cast("B")
    while rest:
        written = raw.write(rest)
        if written is None:
            select.select([], [raw], [])
        else:
            rest = rest[written:]


def _is_unread(error: OSError) -> bool:
    """Whether a write failed because its reader is gone; Windows has its own error for that."""
    return isinstance(error, BrokenPipeError | ConnectionResetError) or (
        sys.platform == "win32" and error.errno == errno.EINVAL
    )
