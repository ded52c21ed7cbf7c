"""Processes without an event loop: waiting for signals and for files at once, and how other processes end."""

import os
import select
import signal
from types import FrameType
from typing import Any, Self

__all__ = ["Wakeups", "describe_end"]


class Wakeups:
    """As a context manager: the given signals only wake :meth:`wait`; afterwards, they do what they did before."""

    def __init__(self, *numbers: int) -> None:
        self._numbers = numbers
        self._before: dict[int, Any] = {}
        self._wakeup_before = -1
        self._came = self._come = -1

    def __enter__(self) -> Self:
        self._came, self._come = os.pipe()
        for end in (self._came, self._come):
            os.set_blocking(end, False)
        self._wakeup_before = signal.set_wakeup_fd(self._come, warn_on_full_buffer=False)
        for number in self._numbers:
            self._before[number] = signal.signal(number, _note)
        return self

    def __exit__(self, *_exc: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before or signal.SIG_DFL)
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self._came)
        os.close(self._come)

    def wait(self, *files: int, seconds: float | None = None) -> tuple[bytes, list[int]]:
        """Wait until a signal comes, one of the files can be read, or the timeout. Returns the signals, in their order,
        a byte each, and the files."""
        ready, _, _ = select.select([self._came, *files], [], [], seconds)
        came = b""
        if self._came in ready:
            ready.remove(self._came)
            came = os.read(self._came, 4096)
        return came, ready


def describe_end(code: int) -> str:
    """How a process ended, given its exit code, or the negative number of the signal that ended it."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def _note(_number: int, _frame: FrameType | None) -> None:
    return None  # the number is in the pipe
