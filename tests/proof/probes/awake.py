"""A plugin of pytest that lets no test wait."""

import asyncio
import threading
import time
from typing import Any

import pytest

LONGEST = 0.02
"""Seconds; whoever waits no longer may."""


@pytest.fixture(autouse=True)
def _awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that waits, or whose client does."""
    sleep, sleep_async = time.sleep, asyncio.sleep

    def awake(seconds: float) -> None:
        assert seconds <= LONGEST or threading.current_thread() is not threading.main_thread(), "the client waits"
        sleep(seconds)

    async def awake_async(delay: float, result: Any = None) -> Any:
        assert delay <= LONGEST or threading.current_thread() is not threading.main_thread(), "the client waits"
        return await sleep_async(delay, result)

    monkeypatch.setattr(time, "sleep", awake)
    monkeypatch.setattr(asyncio, "sleep", awake_async)
