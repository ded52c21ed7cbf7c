"""Virtual time: waits of the client under test take no time, and move its clocks and the world's instead.

While a probed run is at work, the attributes ``sleep`` of the modules ``time``, ``asyncio`` and ``anyio``, and the
functions of ``time`` that read clocks, are replaced. What replaces them does something else than the originals only for
the thread of the test; so code that keeps it beyond the run has the originals. Event loops of asyncio read ``time``.
What bound an original before waits for real.
"""

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from types import BuiltinFunctionType
from typing import Any, Final

import anyio

from aniva_sandbox.engine.own_time import PLACES
from aniva_sandbox.engine.world.clock import stopwatch

__all__ = ["SHORTEST", "VirtualTime", "client_seconds"]

SHORTEST: Final = 0.05
"""Seconds of the shortest wait that takes no time."""
_LONGEST: Final = 1e9
"""Seconds; longer waits are for ever."""
_TURN: Final = 0.01
"""Seconds of real time that others get for each wait, if the test may wait for them."""
_SCALE: Final = 1_000_000
"""Virtual time is counted in microseconds, so that sums are exact."""
_SERVER: Final = "aniva-sandbox"
"""The name of the server's thread, for which no test waits."""
_WAITING: Final = frozenset({"subprocess"})
"""Modules that sleep while they wait for something real."""

# They must see Python's own time when they are imported, not the virtual one.
freezegun: Any = import_module("freezegun.api") if find_spec("freezegun") else None
time_machine: Any = import_module("time_machine") if find_spec("time_machine") else None

_active: "VirtualTime | None" = None


def client_seconds() -> float:
    """The client's time in seconds since any instant: the machine's, and the waits that took no time."""
    return stopwatch() / 1e9 + (_active.seconds if _active is not None else 0.0)


class VirtualTime:
    """The virtual time of one run, in the thread that creates it."""

    def __init__(self, pass_time: Callable[[int], object], check: Callable[[], None]) -> None:
        """``pass_time`` moves the world by whole seconds; ``check`` raises if the run has to end."""
        self.thread = threading.get_ident()
        self._pass_time = pass_time
        self._check = check
        self._threads = set(threading.enumerate())
        self._passed = 0
        self._owed = 0
        """Of what passed, what the world was not moved by: less than a second."""
        self._sleepers: dict[Any, int] = {}
        """By task, when it wakes."""

    @property
    def seconds(self) -> float:
        """The virtual time that passed."""
        return self._passed / _SCALE

    def install(self) -> None:
        """Replace the functions, as far as nobody else has replaced them."""
        global _active
        _active = self
        for module, name, original, replacement in _REPLACEMENTS:
            if getattr(module, name, None) is original:
                setattr(module, name, replacement)

    def remove(self) -> None:
        """Put the originals back, if nobody has replaced the replacements."""
        global _active
        _active = None
        for module, name, original, replacement in _REPLACEMENTS:
            if getattr(module, name, None) is replacement:
                setattr(module, name, original)

    def covers(self, delay: Any) -> bool:
        """Whether a wait is virtual."""
        return (
            threading.get_ident() == self.thread
            and isinstance(delay, int | float)
            and SHORTEST <= delay <= _LONGEST
            and sys._getframe(2).f_globals.get("__name__") not in _WAITING
        )

    def wait(self, delay: float, *, moves_world: bool) -> None:
        """Wait in the thread."""
        self._check()
        self._pass(round(delay * _SCALE), moves_world=moves_world)
        if self._has_others():
            _SLEEP(min(delay, _TURN))
        self._check()

    async def wait_async(self, delay: float, *, moves_world: bool) -> None:
        """Wait in a task: until all other tasks wait, too, and all that wake before it did."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        self._sleepers[task] = self._passed + round(delay * _SCALE)
        try:
            while (left := self._sleepers[task] - self._passed) > 0:
                self._check()
                others = [other for other in asyncio.all_tasks(loop) if other not in self._sleepers]
                if any(map(_is_at_work, others)):
                    await _SLEEP_ASYNC(0)
                elif all(map(_waits_for_tasks, others)):
                    self._pass(min(*self._until_next(loop), left), moves_world=moves_world)
                    await _SLEEP_ASYNC(0)
                    await _SLEEP_ASYNC(0)  # timers that are due run before this task goes on
                else:
                    real = min(left / _SCALE, _TURN)
                    await _SLEEP_ASYNC(real)
                    self._sleepers[task] -= round(real * _SCALE)
            self._check()
        finally:
            del self._sleepers[task]

    def _until_next(self, loop: Any) -> Iterator[int]:
        """How long it is until others wake, and until a timer of the loop is due."""
        for wakes in self._sleepers.values():
            yield max(wakes - self._passed, 0)
        now = loop.time()
        for timer in getattr(loop, "_scheduled", ()):
            if not timer.cancelled():
                yield max(int((timer.when() - now) * _SCALE) + 1, 0)

    def _pass(self, passed: int, *, moves_world: bool) -> None:
        self._passed += passed
        _pass_ticking_fakes(passed / _SCALE)
        if moves_world:
            self._owed += passed
            whole, self._owed = divmod(self._owed, _SCALE)
            if whole:
                self._pass_time(whole)

    def _has_others(self) -> bool:
        """Whether the test has other threads, which may be what it waits for."""
        return any(thread not in self._threads and thread.name != _SERVER for thread in threading.enumerate())


def _is_at_work(task: Any) -> bool:
    """Whether a task has its turn without waiting."""
    waiter = task._fut_waiter
    return waiter is None or waiter.done()


def _waits_for_tasks(task: Any) -> bool:
    """Whether a task waits for nothing but other tasks."""
    waiter = task._fut_waiter
    if isinstance(waiter, asyncio.Task) or type(waiter).__name__ == "_GatheringFuture":
        return True
    running = task.get_coro()
    while getattr(getattr(running, "cr_await", None), "cr_frame", None) is not None:
        running = running.cr_await
    frame = getattr(running, "cr_frame", None)
    if frame is None:
        return False
    module, name = frame.f_globals.get("__name__"), frame.f_code.co_name
    if module == "anyio._backends._asyncio":
        return name in ("__aexit__", "_call_in_runner_task")  # of a task group, and of its plugin for pytest
    return module in ("asyncio.tasks", "asyncio.taskgroups")


def _is_own(name: str | None) -> bool:
    """Whether a module is the sandbox's, whose waits in process stand for those of the network."""
    return name is not None and name.startswith("aniva_sandbox.")


# Faked time. Python's frozen time stays frozen; one that ticks passes.


def _is_travelling() -> bool:
    """Whether time-machine has replaced the time of the day."""
    return bool(getattr(time_machine, "traveller_stack", ()))


def _pass_ticking_fakes(seconds: float) -> None:
    with suppress(Exception):  # other versions of the libraries
        if _is_travelling():
            traveller = time_machine.traveller_stack[-1]
            if traveller._tick:
                traveller.shift(seconds)
        if freezegun is not None and freezegun.freeze_factories and freezegun.tick_flags[-1]:
            freezegun.freeze_factories[-1].tick(timedelta(seconds=seconds))


# The replacements

_SLEEP: Final = time.sleep
_SLEEP_ASYNC: Final = asyncio.sleep
_SLEEP_ANYIO: Final = anyio.sleep


def _sleep(seconds: float, /) -> None:
    """As time.sleep()."""
    active = _active
    if active is not None and active.covers(seconds):
        active.wait(seconds, moves_world=not _is_own(sys._getframe(1).f_globals.get("__name__")))
    else:
        _SLEEP(seconds)


async def _sleep_async(delay: float, result: Any = None) -> Any:
    """As asyncio.sleep()."""
    active = _active
    if active is None or not active.covers(delay) or not _has_movable_time():
        return await _SLEEP_ASYNC(delay, result)
    await active.wait_async(delay, moves_world=True)
    return result


async def _sleep_anyio(delay: float) -> None:
    """As anyio.sleep()."""
    active = _active
    if active is None or not active.covers(delay) or not _has_movable_time():
        await _SLEEP_ANYIO(delay)
    else:
        await active.wait_async(delay, moves_world=not _is_own(sys._getframe(1).f_globals.get("__name__")))


def _has_movable_time() -> bool:
    """Whether an event loop of asyncio runs here that reads Python's clock: not uvloop's, and not trio's."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return False
    return isinstance(loop, asyncio.BaseEventLoop) and type(loop).time is asyncio.BaseEventLoop.time


_stop: Callable[[Any], None] = getattr(getattr(freezegun, "_freeze_time", None), "stop", lambda _self: None)


def _stop_freezing(self: Any) -> None:
    """As freezegun's: it puts the originals in place."""
    _stop(self)
    if _active is not None:
        _active.install()


def _moved(name: str, read: Callable[[], Any]) -> Callable[[], Any]:
    """The function of ``time`` of this name, with the virtual time that passed."""
    is_wall, unit = name.startswith("time"), 1000 if name.endswith("_ns") else 0

    def moved() -> Any:
        active = _active
        value = read()
        if active is None or threading.get_ident() != active.thread or (is_wall and _is_travelling()):
            return value
        return value + (active._passed * unit if unit else active._passed / _SCALE)

    moved.__name__ = moved.__qualname__ = name
    return moved


def _replacements() -> Iterator[tuple[Any, str, Any, Any]]:
    if isinstance(_SLEEP, BuiltinFunctionType):  # not that of gevent, with which others run meanwhile
        yield time, "sleep", _SLEEP, _sleep
    yield asyncio, "sleep", _SLEEP_ASYNC, _sleep_async
    yield asyncio.tasks, "sleep", _SLEEP_ASYNC, _sleep_async
    yield anyio, "sleep", _SLEEP_ANYIO, _sleep_anyio
    if freezegun is not None:
        yield freezegun._freeze_time, "stop", freezegun._freeze_time.stop, _stop_freezing
    for module, name in PLACES:
        if module is time and name.removesuffix("_ns") in ("time", "monotonic", "perf_counter"):
            original = getattr(time, name)
            yield time, name, original, _moved(name, original)


_REPLACEMENTS: Final[Sequence[tuple[Any, str, Any, Any]]] = tuple(_replacements())
