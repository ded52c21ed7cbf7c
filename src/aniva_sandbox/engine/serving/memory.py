"""A server that runs out of memory."""

import asyncio
import faulthandler
import gc
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

try:
    import resource
except ImportError:  # Windows, which has no such limits
    resource = None  # type: ignore[assignment]

__all__ = ["Reserve"]

_LOG = logging.getLogger("aniva_sandbox")

SIZE = 4 * 1024 * 1024
"""Bytes that are reserved. ``bytes`` does not write to them, so they take addresses, not memory."""
PAUSE = 0.2
"""Seconds until a server tries to get memory again; by then its last responses have been sent."""
TICK = 1.0
"""Seconds between signs of life of a server with limited memory."""
STUCK = 30.0
"""Seconds without a sign of life after which the watchdog ends such a server."""

_BARE = (MemoryError, SystemError)  # C code that fails to report a lack of memory causes the second


class Reserve:
    """Memory that a server reserves to respond with when there is no other. If it cannot be reserved again afterwards,
    the server ends: it would only accept connections without responding."""

    def __init__(self, end: Callable[[], None]) -> None:
        """``end`` ends the process."""
        self._end = end
        self._held = bytes(SIZE)
        self._looks = False

    def use(self) -> None:
        """Free the memory; called on the event loop when a request runs out of memory."""
        self._held = b""
        if not self._looks:
            asyncio.get_running_loop().call_later(PAUSE, self._refill)
            self._looks = True  # only now, as the call may fail too

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the process if the event loop, or a callback of it, runs out of memory, as the connection concerned would
        never get a response; and if the loop of a server with limited memory gives no sign of life."""
        unraisable = sys.unraisablehook

        def judge(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            if isinstance(context.get("exception"), _BARE):
                self._end()
            loop.default_exception_handler(context)

        def judge_unraisable(raised: "sys.UnraisableHookArgs") -> None:
            if issubclass(raised.exc_type, _BARE):
                self._end()
            unraisable(raised)

        loop.set_exception_handler(judge)
        sys.unraisablehook = judge_unraisable
        if resource is not None:
            self._live(loop, os.open(os.devnull, os.O_WRONLY))

    def _live(self, loop: asyncio.AbstractEventLoop, nowhere: int) -> None:
        # CPython can loop forever in an `except` for which it has no memory, without letting other threads run. The
        # watchdog is in C. It writes to the null device: a standard stream that nobody reads would block it.
        if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
            try:
                faulthandler.dump_traceback_later(STUCK, exit=True, file=nowhere)
            except (MemoryError, RuntimeError):  # no memory for its thread
                self._end()
        loop.call_later(TICK, self._live, loop, nowhere)

    def _refill(self) -> None:
        self._looks = False
        try:
            gc.collect()  # failed calls may hold memory in cycles
            self._held = bytes(SIZE)
        except MemoryError:
            with suppress(MemoryError):
                _LOG.critical("out of memory, and none could be freed: the sandbox ends")
            self._end()
