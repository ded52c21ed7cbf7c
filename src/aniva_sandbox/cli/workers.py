"""A server of several processes: one that supervises, and its workers, which respond at the same address."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from aniva_sandbox.cli.wakeups import Wakeups, describe_end
from aniva_sandbox.engine.world.clock import stopwatch

__all__ = ["Worker", "start_workers"]

_PAUSE: Final = 1_000_000_000
"""The least nanoseconds between two starts of a worker."""
_PATIENCE: Final = 10_000_000_000
"""Nanoseconds that workers have to end."""
_SECOND: Final = 1e9
_SIGNALS: Final = frozenset({signal.SIGINT, signal.SIGTERM})


class Worker(NamedTuple):
    """What a worker is to do."""

    listener: socket.socket
    is_first: bool
    """Whether it is the first one of all."""
    replaces: str
    """How the worker that it replaces ended; empty if it replaces none."""


def start_workers(listeners: Sequence[socket.socket], end: Callable[[], None]) -> Worker | None:
    """Start a worker for each listener: this function returns in each of them. A worker that dies is replaced by one
    with the same listener, so connections that wait there are served.

    In this process, it returns None when a signal has come and all workers have ended. When this process has got a
    signal, or is gone for any other reason, each worker calls ``end`` in a thread. A second signal ends the workers at
    once. Workers ignore SIGINT: on a terminal, Ctrl-C reaches all processes.
    """
    worker = _Supervisor(listeners).run()
    if worker is not None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        threading.Thread(
            target=_end_with_supervisor, args=(worker.alive, end), name="aniva-sandbox supervisor", daemon=True
        ).start()
        return worker.worker
    return None


class _Started(NamedTuple):
    """What a worker has from its supervisor."""

    worker: Worker
    alive: int
    """The end of a pipe that can be read when the supervisor is gone."""


def _end_with_supervisor(alive: int, end: Callable[[], None]) -> None:
    os.read(alive, 1)
    end()
    threading.Event().wait(_PATIENCE / _SECOND)
    os._exit(1)  # it hangs


class _Supervisor:
    def __init__(self, listeners: Sequence[socket.socket]) -> None:
        self._listeners = listeners
        self._workers: dict[int, int] = {}
        """The place of each worker in the list of listeners, by process id."""
        self._due = dict.fromkeys(range(len(listeners)), 0)
        """When the next worker of a place may start."""
        self._ended: dict[int, str] = {}
        """How the last worker of a place ended."""
        # Nothing is written to it: it closes when this process says so, or is gone.
        self._alive, self._hold = os.pipe()
        self._end_by: int | None = None
        """When workers must have ended; None as long as they are to run."""

    def run(self) -> _Started | None:
        with Wakeups(*_SIGNALS, signal.SIGCHLD) as wakeups:
            while self._end_by is None:
                missing = self._due.keys() - self._workers.values()
                for place in sorted(missing):
                    if self._due[place] <= stopwatch() and (started := self._start(place)):
                        return started
                missing -= set(self._workers.values())
                self._wait(wakeups, min((self._due[place] for place in missing), default=None))
            while self._workers:
                self._wait(wakeups, self._end_by)
                if stopwatch() > self._end_by:
                    self._kill()
        return None

    def _start(self, place: int) -> _Started | None:
        """Start a worker. Returns something in the worker only."""
        is_first = not self._due[place] and not place
        self._due[place] = stopwatch() + _PAUSE
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # until it is clear whom a signal reaches
        try:
            worker = os.fork()
        except OSError:  # no memory, or too many processes: again after the pause
            worker = -1
        if worker == 0:
            os.close(self._hold)
            for other, listener in enumerate(self._listeners):
                if other != place and listener is not self._listeners[place]:
                    listener.close()
            return _Started(Worker(self._listeners[place], is_first, self._ended.get(place, "")), self._alive)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        if worker > 0:
            self._workers[worker] = place
        return None

    def _wait(self, wakeups: Wakeups, until: int | None) -> None:
        """Wait until something happens, and note it."""
        seconds = None if until is None else max((until - stopwatch()) / _SECOND, 0.0)
        for number in wakeups.wait(seconds=seconds)[0]:
            if number == signal.SIGCHLD:
                continue
            if self._end_by is None:
                self._end_by = stopwatch() + _PATIENCE
                os.close(self._hold)
            else:
                self._kill()
        for worker, place in list(self._workers.items()):
            ended, status = os.waitpid(worker, os.WNOHANG)
            if ended:
                del self._workers[worker]
                self._ended[place] = describe_end(os.waitstatus_to_exitcode(status))

    def _kill(self) -> None:
        for worker in self._workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
