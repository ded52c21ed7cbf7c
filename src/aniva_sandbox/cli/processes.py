"""A command that runs with everything that it starts, and ends with it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, NamedTuple

from aniva_sandbox.engine.world.clock import stopwatch

__all__ = ["Processes"]

_GRACE: Final = 1.0
"""Seconds that processes have to end after SIGTERM."""
_PATIENCE: Final = 10.0
"""Seconds that the system has to end them after SIGKILL."""
_STEP: Final = 0.02
"""Seconds between two looks at whether they have."""
_SECOND: Final = 1e9
_ACCOUNTS: Final = Path("/proc")


class Processes:
    """A running command and what it starts: its process group, and what descends from that. It reads no input.

    On Windows, what outlives the command is not found, and CPU time is not known.
    """

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        output: IO[bytes] | int | None,
        on_exit: threading.Event,
    ) -> None:
        """Start it. ``output`` is for both of its streams, None is this process's; ``on_exit`` is set when the command
        exits. Raises OSError."""
        self._began = stopwatch()
        self._on_exit = on_exit
        # A group, so that all of it can be ended. Ctrl-C does not reach it: whoever started it ends it.
        self._process = subprocess.Popen(  # noqa: S603 - it is the user's command
            words,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self._waiting = threading.Thread(target=self._wait, name="aniva-sandbox command", daemon=True)
        self._waiting.start()

    def _wait(self) -> None:
        self._process.wait()
        self._on_exit.set()

    @property
    def code(self) -> int | None:
        """The exit code, or the negative number of the signal that ended it; None while it runs."""
        return self._process.returncode

    @property
    def seconds(self) -> float:
        """Seconds since it started."""
        return (stopwatch() - self._began) / _SECOND

    def cpu_seconds(self) -> float | None:
        """The CPU time that its processes have used so far; None if that is not known."""
        return None if sys.platform == "win32" else sum(each.cpu for each in self._members())

    def end(self) -> None:
        """End its processes: with SIGTERM, and a second later with SIGKILL."""
        if sys.platform == "win32":
            if self.code is None:
                _output_of("taskkill", "/F", "/T", "/PID", str(self._process.pid))
        elif self._signal(0):
            members = {each.identity for each in self._members()}  # now: when one ends, its children get another parent
            try:
                rest = self._signal_all(signal.SIGTERM, members, _GRACE)
            except KeyboardInterrupt:
                self._signal_all(signal.SIGKILL, members, 0)
                raise
            self._signal_all(signal.SIGKILL, rest, _PATIENCE)
        self._waiting.join()

    def _signal_all(self, number: int, members: set[tuple[int, int]], seconds: float) -> set[tuple[int, int]]:
        """Send a signal to the process group and to its members, and wait until they have ended; those that have
        not."""
        self._signal(number, *(pid for pid, _ in members))
        began = stopwatch()
        while members and (stopwatch() - began) / _SECOND < seconds:
            threading.Event().wait(_STEP)
            members = members & {each.identity for each in _processes()}
        return members

    def _signal(self, number: int, *pids: int) -> bool:
        """Send a signal, 0 for none, to the process group and to some of its processes; False if the group is
        empty."""
        if sys.platform == "win32":
            return False
        for pid in pids:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS permits no signal to what has just ended
            return False
        return True

    def _members(self) -> list["_Process"]:
        """The processes of the group, and those that descend from them."""
        found, pids = list[_Process](), {self._process.pid}
        others = list(_processes())
        while True:
            more = [each for each in others if each.group == self._process.pid or {each.pid, each.parent} & pids]
            if not more:
                return found
            found += more
            pids.update(each.pid for each in more)
            others = [each for each in others if each not in more]


class _Process(NamedTuple):
    """A process of this machine that has not ended."""

    pid: int
    parent: int
    group: int
    cpu: float
    """Seconds of CPU time; on Linux, with that of its children that have ended."""

    @property
    def identity(self) -> tuple[int, int]:
        """What tells it from a later process with the same id."""
        return self.pid, self.group


def _processes() -> Iterator[_Process]:
    """All processes."""
    if sys.platform == "linux":
        ticks = os.sysconf("SC_CLK_TCK")
        for folder in _ACCOUNTS.iterdir():
            if folder.name.isdecimal():
                with suppress(OSError):  # it has ended
                    _, _, told = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
                    state, parent, group, *rest = told.split()
                    if state not in "ZX":
                        cpu = sum(map(int, rest[8:12])) / ticks
                        yield _Process(int(folder.name), int(parent), int(group), cpu)
    else:
        for line in _output_of("ps", "-A", "-o", "pid=,ppid=,pgid=,stat=,time=").splitlines():
            pid, parent, group, state, time = line.split()
            if not state.startswith("Z"):
                yield _Process(int(pid), int(parent), int(group), _seconds(time))


def _seconds(time: str) -> float:
    """Seconds of a time such as ``1-02:03:04`` or ``3:04.05``."""
    days, _, clock = time.rpartition("-")
    total = 0.0
    for part in clock.split(":"):
        total = total * 60 + float(part)
    return total + int(days or 0) * 86_400


def _output_of(*words: str) -> str:
    """What a command of the system prints; empty if it cannot run."""
    try:
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout  # noqa: S603
    except OSError:
        return ""
