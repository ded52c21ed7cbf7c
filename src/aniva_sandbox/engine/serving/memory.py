"""What a server does that has no memory left."""

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
"""Bytes that are held back. ``bytes`` writes nothing to them, so that they cost addresses, not memory."""
PAUSE = 0.2
"""Seconds after which a server looks whether there is memory again; by then its last responses are on their way."""
TICK = 1.0
"""Seconds between two signs of life of a server whose memory is limited."""
STUCK = 30.0
"""Seconds without a sign of life after which such a server is ended from outside Python."""

_BARE = (MemoryError, SystemError)  # the second is what C code says that found none and did not say so


class Reserve:
    """Memory that a server holds back: room to answer with when there is no other. Where it cannot be had back after
    that, the server is of no more use, and ends: it would take connections, and answer none."""

    def __init__(self, end: Callable[[], None]) -> None:
        """``end`` ends the process."""
        self._end = end
        self._held = bytes(SIZE)
        self._looks = False

    def use(self) -> None:
        """Give the memory free; called on the event loop where a request found none."""
        self._held = b""
        if not self._looks:
            asyncio.get_running_loop().call_later(PAUSE, self._refill)
            self._looks = True  # only now: that may have failed, too

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the process where the event loop itself, or what it calls, finds no memory, for nobody answers then for
        the connection that it was about; and where memory is limited and the loop gives no sign of life."""
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
        # CPython can loop for ever in an `except` for which it finds no memory, and lets no other thread in. The
        # watchdog is in C. It writes to nowhere: a standard stream that nobody reads would keep it from its end.
        if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
            try:
                faulthandler.dump_traceback_later(STUCK, exit=True, file=nowhere)
            except (MemoryError, RuntimeError):  # there is no room for its thread
                self._end()
        loop.call_later(TICK, self._live, loop, nowhere)

    def _refill(self) -> None:
        self._looks = False
        try:
            gc.collect()  # what failed may hold memory in cycles
            self._held = bytes(SIZE)
        except MemoryError:
            with suppress(MemoryError):
                _LOG.critical("there is no memory left, and none comes back: the sandbox ends")
            self._end()
