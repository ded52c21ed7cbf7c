"""Virtual time: waits of the test's own thread take no time, and move what the thread sees of time, alone."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from time import sleep as bound_sleep
from typing import Any

import anyio
import freezegun
import pytest
import time_machine

from aniva_sandbox.testing.probing import sleeping
from aniva_sandbox.testing.probing.sleeping import VirtualTime, client_seconds

ORIGINAL_ASYNC = asyncio.sleep
ORIGINALS = {name: getattr(time, name) for name in ("sleep", "time", "monotonic", "perf_counter")}


class World:
    """By how many seconds the world was moved."""

    def __init__(self) -> None:
        self.moves: list[int] = []
        self.checks = 0
        self.ends_at: int | None = None

    def check(self) -> None:
        self.checks += 1
        if self.ends_at is not None and sum(self.moves) >= self.ends_at:
            raise KeyboardInterrupt


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def virtual(world: World) -> Iterator[VirtualTime]:
    virtual = VirtualTime(world.moves.append, world.check)
    virtual.install()
    yield virtual
    virtual.remove()


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that would be real."""
    waits: list[float] = []

    async def wait(delay: float, result: Any = None) -> Any:
        if delay:
            waits.append(delay)
        return await ORIGINAL_ASYNC(0, result)

    monkeypatch.setattr(sleeping, "_SLEEP", waits.append)
    monkeypatch.setattr(sleeping, "_SLEEP_ASYNC", wait)
    return waits


def test_waits_take_no_time(virtual: VirtualTime, world: World) -> None:
    """A wait moves every clock that the thread reads, and the world by the whole seconds so far; a short one is
    real."""
    before = {name: getattr(time, name)() for name in ("time", "monotonic", "perf_counter")}
    before_ns = {name: getattr(time, name)() for name in ("time_ns", "monotonic_ns", "perf_counter_ns")}
    client = client_seconds()
    for _ in range(10):
        time.sleep(0.3)
    time.sleep(86_400)
    assert virtual.seconds == 86_403
    assert (sum(world.moves), len(world.moves)) == (86_403, 4)
    for name, value in before.items():
        assert 86_403 <= getattr(time, name)() - value < 86_503
    for name, value in before_ns.items():
        assert 86_403 <= (getattr(time, name)() - value) / 1e9 < 86_503
    assert 86_403 <= client_seconds() - client < 86_503
    time.sleep(0.0001)
    time.sleep(0)
    assert virtual.seconds == 86_403
    with pytest.raises(ValueError, match="non-negative"):
        time.sleep(-1)
    with pytest.raises(TypeError):
        time.sleep("1")  # type: ignore[arg-type]


def test_deadlines_end(virtual: VirtualTime) -> None:
    """A loop until a deadline ends after as many turns as it would."""
    deadline, turns = time.monotonic() + 5, 0
    while time.monotonic() < deadline:
        time.sleep(1)
        turns += 1
    assert turns == 5
    assert virtual.seconds == 5


@pytest.mark.usefixtures("virtual")
def test_check_ends_waits(world: World) -> None:
    """What waits for ever can be ended while it does."""
    world.ends_at = 30

    def wait() -> None:
        while True:
            time.sleep(10)

    async def wait_async() -> None:
        while True:
            await asyncio.sleep(10)

    with pytest.raises(KeyboardInterrupt):
        wait()
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(wait_async())
    assert sum(world.moves) == 30


def test_bound_and_replaced(virtual: VirtualTime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that bound the function before waits for real, and one whose test replaced it does what the test
    says."""
    assert bound_sleep is ORIGINALS["sleep"] is not time.sleep
    waits: list[float] = []
    with monkeypatch.context() as patch:
        patch.setattr(time, "sleep", waits.append)
        time.sleep(10)
    assert (waits, virtual.seconds) == ([10], 0)
    time.sleep(10)
    assert virtual.seconds == 10


def test_removed(world: World, real: list[float]) -> None:
    """Afterwards the originals are in place, but where somebody else replaced them meanwhile; a replacement that was
    kept does as the original."""
    virtual = VirtualTime(world.moves.append, world.check)
    virtual.install()
    kept, kept_time, mine = time.sleep, time.monotonic, lambda: 1.0
    time.time = mine
    try:
        virtual.remove()
        assert time.time is mine
    finally:
        time.time = ORIGINALS["time"]
    assert {name: getattr(time, name) for name in ORIGINALS} == ORIGINALS
    kept(10)
    assert abs(kept_time() - time.monotonic()) < 100
    assert (virtual.seconds, world.moves, real) == (0, [], [10])


def test_other_threads(virtual: VirtualTime, real: list[float]) -> None:
    """Other threads wait for real, and see no virtual time; while there are any, the test's own waits leave them a
    turn."""
    time.sleep(1000)
    seen: list[float] = []
    may_end = threading.Event()

    def work() -> None:
        time.sleep(10)
        seen.append(time.monotonic())
        may_end.wait()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        time.sleep(5)
    finally:
        may_end.set()
        thread.join()
    assert sorted(real) == [0.01, 10]
    assert time.monotonic() - seen[0] >= 1000
    assert virtual.seconds == 1005


def test_waits_for_processes_are_real(virtual: VirtualTime, real: list[float]) -> None:
    """Python's own waits for a process are for something real."""
    exec("time.sleep(0.05)", {"__name__": "subprocess", "time": time})
    assert (virtual.seconds, real) == (0, [0.05])


# Tasks


async def sleeps(number: float) -> float:
    return await asyncio.sleep(number, number)


async def gathered() -> float:
    return sum(await asyncio.gather(sleeps(10), sleeps(20), sleeps(5)))


async def grouped() -> float:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(sleeps(number)) for number in (10, 20, 5)]
    return sum(task.result() for task in tasks)


async def grouped_by_anyio() -> float:
    total = []

    async def add(number: float) -> None:
        await anyio.sleep(number)
        total.append(number)

    async with anyio.create_task_group() as group:
        for number in (10, 20, 5):
            group.start_soon(add, number)
    return sum(total) if total == [5, 10, 20] else 0


async def waited_for() -> float:
    done, pending = await asyncio.wait([asyncio.ensure_future(sleeps(number)) for number in (10, 20, 5)])
    return 0 if pending else sum(task.result() for task in done)


async def timed_out() -> float:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(20):
            await sleeps(1000)
    return 35


async def timed_out_by_wait_for() -> float:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(sleeps(1000), 20)
    return 35


async def timed_out_by_anyio() -> float:
    with anyio.move_on_after(20):
        await anyio.sleep(1000)
    return 35


async def until_deadline() -> float:
    loop = asyncio.get_running_loop()
    deadline, turns = loop.time() + 20, 0
    while loop.time() < deadline:
        await asyncio.sleep(4)
        turns += 1
    return 35 if turns == 5 else 0


async def beside_a_ticker() -> float:
    ticks = []

    async def tick() -> None:
        while True:
            await asyncio.sleep(9)
            ticks.append(1)

    ticker = asyncio.create_task(tick())
    await sleeps(20)
    ticker.cancel()
    return 35 if len(ticks) == 2 else 0


@pytest.mark.parametrize(
    "wait",
    [
        *(gathered, grouped, grouped_by_anyio, waited_for, timed_out, timed_out_by_wait_for, timed_out_by_anyio),
        *(until_deadline, beside_a_ticker),
    ],
)
def test_tasks(virtual: VirtualTime, world: World, wait: Callable[[], Awaitable[float]]) -> None:
    """Tasks wake in their order, also by timeouts, and what waits at the same time passes once."""

    async def run() -> float:
        return await wait()

    assert asyncio.run(run()) == 35
    assert 19.9 <= virtual.seconds <= 20.1
    assert 19 <= sum(world.moves) <= 20


def test_exact_sums(virtual: VirtualTime, world: World) -> None:
    """The waits of tasks add up exactly, so that runs repeat."""

    async def wait() -> None:
        for _ in range(10):
            await asyncio.sleep(0.3)

    asyncio.run(wait())
    assert (virtual.seconds, sum(world.moves)) == (3, 3)


def test_tasks_beside_real_work(virtual: VirtualTime, real: list[float]) -> None:
    """While a task waits for something real, those that wait in virtual time do not run away with it."""

    async def run() -> int:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(60)
                ticks += 1

        ticker = asyncio.create_task(tick())
        done = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.005, done.set_result, None)  # as what another thread answers
        await done
        ticker.cancel()
        return ticks

    assert asyncio.run(run()) == 0
    assert virtual.seconds == 0
    assert set(real) == {0.01}


@pytest.mark.parametrize("backend", ["trio", "asyncio with uvloop"])
def test_other_loops(virtual: VirtualTime, backend: str, real: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops whose time cannot be moved wait for real."""

    async def note(delay: float) -> None:
        real.append(delay)

    monkeypatch.setattr(sleeping, "_SLEEP_ANYIO", note)

    async def wait() -> None:
        await anyio.sleep(10)
        if uvloop:
            await asyncio.sleep(20)

    name, _, uvloop = backend.partition(" with ")
    anyio.run(wait, backend=name, backend_options={"use_uvloop": True} if uvloop else {})
    assert (virtual.seconds, real) == (0, [10, 20] if uvloop else [10])


def test_loop_in_another_thread(virtual: VirtualTime, real: list[float]) -> None:
    """A loop of another thread waits for real."""
    thread = threading.Thread(target=lambda: asyncio.run(sleeps(10)))  # type: ignore[arg-type]
    thread.start()
    thread.join()
    assert (virtual.seconds, real) == (0, [10])


# Faked time


def test_frozen_time(virtual: VirtualTime, world: World) -> None:
    """Time that a test has frozen stays frozen; one that ticks passes. Afterwards it is virtual as before."""
    for library in (freezegun.freeze_time, time_machine.travel):
        before = virtual.seconds
        with library("2026-04-13T08:00:00Z", tick=False):
            frozen = time.time()
            time.sleep(100)
            assert time.time() == frozen
        with library("2026-04-13T08:00:00Z", tick=True):
            ticking = time.time()
            time.sleep(100)
            assert 99 <= time.time() - ticking < 200  # freezegun forgets what ticked before
        now = time.monotonic()
        time.sleep(100)
        assert 100 <= time.monotonic() - now < 200
        assert virtual.seconds - before == 300
    assert sum(world.moves) == 600


def test_frozen_around() -> None:
    """Where a test is frozen before, it stays so."""
    with freezegun.freeze_time("2026-04-13T08:00:00Z"):
        frozen = time.time
        virtual = VirtualTime(lambda _seconds: None, lambda: None)
        virtual.install()
        time.sleep(100)
        assert time.time is frozen
        virtual.remove()
        assert time.time is frozen
    assert time.time is ORIGINALS["time"]


def test_own_waits_leave_the_world(virtual: VirtualTime, world: World) -> None:
    """The sandbox's own waits in process, which stand for those of the network, move the client's time alone."""
    own = {"__name__": "aniva_sandbox.testing.transports", "time": time}
    exec("time.sleep(5)", own)
    assert (virtual.seconds, world.moves) == (5, [])
    assert sleeping.SHORTEST == 0.05
