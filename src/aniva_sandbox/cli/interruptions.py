"""Ctrl-C, and other requests to end, for commands that end what they began."""

import signal
from types import FrameType
from typing import Any, Self

__all__ = ["Interruptions"]


class Interruptions:
    """As a context manager: notes the first request to end, which the block is to look for. The next one raises
    KeyboardInterrupt."""

    def __init__(self) -> None:
        self.signal = 0
        """The number of the signal that came; 0 if none did."""
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):  # as nohup does
                continue
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_exc: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before or signal.SIG_DFL)

    @property
    def exit_code(self) -> int:
        """The exit code of a process that a signal ended, as shells give it."""
        return 128 + self.signal

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal:
            signal.default_int_handler(number, frame)
        self.signal = number
