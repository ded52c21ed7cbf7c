"""Ending a run that does not end: what it may use, and an exception in the test's own thread, never in another.

Where the thread passes through the sandbox's own code, which is where it waits in virtual time and where its calls in
process end, it raises the exception itself. Elsewhere, a watch raises it there from outside.
"""

import _thread
import asyncio
import ctypes
import datetime
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import takewhile
from time import process_time
from types import BuiltinFunctionType, FrameType
from typing import Any, Final, Literal, NamedTuple

from _pytest.outcomes import OutcomeException

from aniva_sandbox.engine.world.clock import stopwatch

__all__ = ["MOST_WAITING", "REASONS", "Limit", "Limits", "Stopped", "Watch"]

Limit = Literal["", "calls", "time", "waits"]

MOST_WAITING: Final = 60.0
"""Seconds that a run may wait for real."""
_TICK: Final = 0.1
"""Seconds between two looks of a watch."""
_HINTS: Final = 2
"""The number of looks that leave it to the thread to end the run."""
_PATIENT: Final = 4
"""The number of looks after which a wait is interrupted."""
_STEPS: Final = 100
"""The number of steps of Python in which an exception that was sent arrives."""
_WALL_CLOCK: Final = frozenset({"now", "utcnow", "today"})
_CLOCKS: Final = frozenset(map(id, (datetime, datetime.datetime, datetime.date)))
"""What code calls on what, to read the time of the day."""


REASONS: Final[dict[Limit, str]] = {
    "calls": "it made too many calls",
    "time": "it was busy for too long",
    "waits": "it waited for too long",
}
"""Why a run is stopped."""


class Stopped(OutcomeException):
    """The run has to end. Not an Exception, so that no client takes it for an error; an outcome, so that pytest
    continues with the teardown."""

    limit: Limit = ""

    def __init__(self) -> None:
        super().__init__(f"stopped: {REASONS.get(self.limit, 'it has to end')}")


_KINDS: Final = {  # as outcomes of pytest are shown
    limit: type("Stopped", (Stopped,), {"__module__": "builtins", "limit": limit}) for limit in REASONS
}
"""By limit, what is raised: an exception that is raised from outside takes no arguments."""


class Limits(NamedTuple):
    """What a run may use."""

    calls: int = 10_000
    busy: float = 60.0
    """Seconds of the machine's work."""
    waits: float = MOST_WAITING
    """Seconds of real waits."""


class Watch:
    """Watches one thread: that in which it is created."""

    def __init__(self) -> None:
        self.limit: Limit = ""
        """The limit that the run came to."""
        self._thread = threading.get_ident()
        self._limits = Limits()
        self._is_open = False
        self._is_sent = False
        self._guard = _thread.allocate_lock()
        self._looks = 0
        self._busy = self._waited = 0.0
        self._since: tuple[float, float] = (0.0, 0.0)
        self._signals = 0
        self._before: Any = None
        self._ended: Any = None

    # The watch as a whole

    def start(self) -> None:
        """Watch from another thread, until :meth:`end`; none that Python's ``threading`` lists."""
        if isinstance(_thread.start_new_thread, BuiltinFunctionType):  # gevent replaces it
            self._ended = _thread.allocate_lock()
            self._ended.acquire()
            _thread.start_new_thread(self._run, (self._ended,))

    def end(self) -> None:
        """Watch no longer."""
        if self._ended is not None:
            self._ended.release()
            self._ended = None

    def _run(self, ended: Any) -> None:
        while not ended.acquire(timeout=_TICK):
            self.look()

    # A run

    def begin(self, limits: Limits) -> None:
        """A run begins."""
        self._limits, self.limit, self._looks = limits, "", 0
        self._busy = self._waited = 0.0

    def open(self) -> None:
        """From here on, the thread may be stopped."""
        if not self._is_open:
            self._since = process_time(), _seconds()
            self._is_open = True

    def close(self) -> None:
        """From here on, the thread is not stopped."""
        while True:
            try:
                with self._guard:
                    if self._is_open:
                        self._busy, self._waited = self._used()
                    self._is_open = False
                if self._is_sent:
                    self._is_sent = False
                    for _ in range(_STEPS):
                        pass  # an exception that is on its way arrives here at the latest; it cannot be taken back
            except Stopped:
                continue
            return

    @property
    def seconds(self) -> float:
        """The machine's time in the run so far."""
        return sum(self._used() if self._is_open else (self._busy, self._waited))

    def _used(self) -> tuple[float, float]:
        """The seconds of work and of waits so far."""
        busy, began = self._since
        worked = process_time() - busy
        return self._busy + worked, self._waited + max(_seconds() - began - worked, 0.0)

    # Stopping

    def request(self, limit: Limit) -> None:
        """Stop the run; called in any thread."""
        if not self.limit:
            if limit == "calls" and self._reads_wall_clock():
                limit = "waits"
            self.limit = limit

    def stop(self, limit: Limit) -> None:
        """Stop the run at once; called in any thread."""
        self.request(limit)
        self.check()
        self._looks = _HINTS
        self.look()

    def check(self) -> None:
        """Raise :exc:`Stopped` if this is the watched thread, and its run has to end."""
        if self.limit and self._is_open and threading.get_ident() == self._thread:
            raise _KINDS[self.limit]

    def look(self) -> None:
        """Compare with the limits, and stop a run that came to one."""
        with self._guard:
            if not self._is_open:
                return
            if not self.limit:
                busy, waited = self._used()
                if busy >= self._limits.busy:
                    self.request("time")
                elif waited >= self._limits.waits:
                    self.request("waits")
                return
            self._looks += 1
            if self._looks > _HINTS:
                self._interrupt()

    def _interrupt(self) -> None:
        frames = list(_frames(self._thread))
        modules = [_module(frame) for frame in takewhile(_is_in_run, frames)]
        if not modules or modules[0].partition(".")[0] in ("_pytest", "pluggy"):
            return  # between two steps of the run
        if any(name.startswith("aniva_sandbox.") for name in modules):
            return  # in a call, at whose end it is stopped
        loop = _idle_loop(frames)
        if loop is not None:
            with suppress(RuntimeError):  # it was closed meanwhile
                loop.call_soon_threadsafe(_cancel_all, loop)
        else:
            self._is_sent = True
            _raise_in(self._thread, _KINDS[self.limit])
        if self._looks > _PATIENT and signal.getsignal(signal.SIGINT) == self.handle_signal:
            self._signals += 1
            signal.pthread_kill(self._thread, signal.SIGINT)  # ends a wait of the system

    def _reads_wall_clock(self) -> bool:
        """Whether the code in which the thread is reads the time of the day, which no wait in virtual time moves: what
        looks endless may then have an end."""
        return any(map(_has_wall_clock, takewhile(_is_in_run, _frames(self._thread))))

    # Signals: waits of the system end only for these

    def take_signals(self) -> Callable[[], None]:
        """Handle the signal that the watch sends, if this is possible here; returns what undoes it."""
        if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_kill"):
            return lambda: None
        before = signal.getsignal(signal.SIGINT)
        if before is None:  # not from Python
            return lambda: None
        self._before = before
        signal.signal(signal.SIGINT, self.handle_signal)

        def undo() -> None:
            if signal.getsignal(signal.SIGINT) == self.handle_signal:
                signal.signal(signal.SIGINT, before)

        return undo

    def handle_signal(self, number: int, frame: FrameType | None) -> None:
        """Stop the run for a signal of the watch; pass on any other."""
        if self._signals:
            self._signals -= 1
            self.check()
        elif callable(self._before):
            self._before(number, frame)
        elif self._before == signal.SIG_DFL:
            signal.default_int_handler(number, frame)


def _seconds() -> float:
    return stopwatch() / 1e9


def _frames(thread: int) -> Iterator[FrameType]:
    """The frames of a thread, the innermost first."""
    frame = sys._current_frames().get(thread)
    while frame is not None:
        yield frame
        frame = frame.f_back


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _is_in_run(frame: FrameType) -> bool:
    """Whether a frame, and all further in, is of the run, not of what runs it."""
    return _module(frame) != "_pytest.runner"


def _has_wall_clock(frame: FrameType) -> bool:
    """Whether a function reads the time of the day."""
    names = frame.f_code.co_names
    used = {id(frame.f_globals.get(name)) for name in names}
    return not _WALL_CLOCK.isdisjoint(names) and not used.isdisjoint(_CLOCKS)


def _raise_in(thread: int, error: type[BaseException]) -> None:
    """Raise an exception in a thread at its next step. CPython does not recover from taking it back."""
    python: Any = getattr(ctypes, "pythonapi", None)
    if python is not None:
        python.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def _idle_loop(frames: list[FrameType]) -> asyncio.AbstractEventLoop | None:
    """The event loop that a thread runs, if none of its tasks is at work right now."""
    for place, frame in enumerate(frames):
        name, module = frame.f_code.co_name, _module(frame)
        if module == "asyncio.events" and name == "_run":
            return None
        if module == "asyncio.runners" and name == "run" and not place:  # uvloop has no frames
            return _as_loop(getattr(frame.f_locals.get("self"), "_loop", None))
        if module == "asyncio.base_events" and name in ("run_forever", "_run_once"):
            return _as_loop(frame.f_locals.get("self"))
    return None


def _as_loop(value: Any) -> asyncio.AbstractEventLoop | None:
    return value if isinstance(value, asyncio.AbstractEventLoop) else None


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
