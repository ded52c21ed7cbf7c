"""What a server does that has no memory left."""

import asyncio
import gc
import logging
from collections.abc import Callable
from contextlib import suppress

__all__ = ["Reserve"]

_LOG = logging.getLogger("aniva_sandbox")

SIZE = 4 * 1024 * 1024
"""Bytes that are held back. Nothing is written to them, so that they cost addresses, not memory."""
PAUSE = 0.2
"""Seconds after which a server looks whether there is memory again; by then its last responses are on their way."""


class Reserve:
    """Memory that a server holds back: room to answer with when there is no other. Where it cannot be had back after
    that, the server is of no more use, and ends: it would take connections, and answer none."""

    def __init__(self, end: Callable[[], None]) -> None:
        """``end`` ends the process."""
        self._end = end
        self._held = bytearray(SIZE)
        self._looks = False

    def use(self) -> None:
        """Give the memory free; called on the event loop where a request found none."""
        self._held = bytearray()
        if not self._looks:
            asyncio.get_running_loop().call_later(PAUSE, self._refill)
            self._looks = True  # only now: that may have failed, too

    def _refill(self) -> None:
        self._looks = False
        try:
            gc.collect()  # what failed may hold memory in cycles
            self._held = bytearray(SIZE)
        except MemoryError:
            with suppress(MemoryError):
                _LOG.critical("out of memory, and none was freed: the sandbox ends")
            self._end()
