"""A run that does not end is ended, whatever it does, and the next one is as if nothing had been."""

import pytest

from tests.testing.probing.plans import probed, read_runs, write_conftest

pytest_plugins = ["pytester"]

CLIENTS = """
import asyncio
import threading
import time
from asyncio import sleep as bound_sleep_async
from datetime import datetime, timedelta
from time import sleep as bound_sleep

import httpx2
import pytest

UNITS = "/api/v1/units"


def in_process(aniva):
    return httpx2.Client(transport=aniva.transport(), base_url="http://sandbox", headers={"x-api-key": aniva.api_key})


def test_calls_retries(aniva):
    while aniva.client.get(UNITS).status_code == 503:
        pass


def test_calls_retries_in_process(aniva):
    with in_process(aniva) as client:
        while client.get(UNITS).status_code == 503:
            pass


def test_calls_catches_exceptions(aniva):
    while True:
        try:
            aniva.client.get(UNITS).raise_for_status()
            return
        except Exception:
            continue


def test_calls_polls(aniva):
    with in_process(aniva) as client:
        while client.get(UNITS).status_code == 503:
            time.sleep(60)


@pytest.mark.asyncio
async def test_calls_retries_async(aniva):
    async with aniva.async_client as client:
        while (await client.get(UNITS)).status_code == 503:
            pass


@pytest.mark.asyncio(loop_scope="module")
async def test_calls_retries_async_over_a_socket(aniva):
    async with httpx2.AsyncClient(base_url=aniva.url, headers={"x-api-key": aniva.api_key}) as client:
        while (await client.get(UNITS)).status_code == 503:
            pass


@pytest.mark.anyio
async def test_calls_polls_async(aniva, anyio_backend_name):
    async with aniva.async_client as client:
        while (await client.get(UNITS)).status_code == 503:
            await asyncio.sleep(60) if anyio_backend_name == "asyncio" else None


@pytest.mark.asyncio
async def test_calls_polls_in_tasks(aniva):
    async def poll():
        async with aniva.async_client as client:
            while (await client.get(UNITS)).status_code == 503:
                await asyncio.sleep(60)

    async with asyncio.TaskGroup() as group:
        group.create_task(poll())
        group.create_task(poll())


@pytest.fixture
def tidy(aniva):
    yield
    while in_process(aniva).get(UNITS).status_code == 503:
        pass


def test_calls_never_torn_down(tidy):
    pass


@pytest.fixture
def ready(aniva):
    while in_process(aniva).get(UNITS).status_code == 503:
        pass


def test_calls_never_set_up(ready):
    pass


def test_time_works_for_ever(aniva):
    if aniva.client.get(UNITS).status_code == 503:
        while True:
            sum(range(100))


@pytest.mark.asyncio
async def test_time_works_for_ever_async(aniva):
    async with aniva.async_client as client:
        if (await client.get(UNITS)).status_code == 503:
            while True:
                sum(range(100))


def test_waits_for_real(aniva):
    if aniva.client.get(UNITS).status_code == 503:
        bound_sleep(10_000)


def test_waits_for_an_event(aniva):
    if aniva.client.get(UNITS).status_code == 503:
        threading.Event().wait()


@pytest.mark.asyncio(loop_scope="module")
async def test_waits_for_real_async(aniva):
    async with aniva.async_client as client:
        if (await client.get(UNITS)).status_code == 503:
            await bound_sleep_async(10_000)


def test_waits_until_a_time_of_the_day(aniva):
    with in_process(aniva) as client:
        deadline = datetime.now() + timedelta(hours=1)
        while client.get(UNITS).status_code == 503:
            assert datetime.now() < deadline
            time.sleep(60)
"""

LIMITS = """

from aniva_sandbox.testing.probing import items, stopping

items.LEAST_BUSY = 0.2
items.FACTOR = 1
items.LEAST_CALLS = 20
items.MOST_WAITING = 1.0
stopping._TICK = 0.02
"""


def test_limits(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Endless calls, polling, work and real waits are stopped, in threads and in event loops, in the setup, the call
    and the teardown; what catches exceptions does not keep it. Afterwards locks, loops and fixtures are as before."""
    changes = 'Planned("always", "status=503", always=True), Planned("same")'
    runs = write_conftest(pytester, monkeypatch, changes, LIMITS)
    pytester.makepyfile(CLIENTS)
    result = probed(pytester, "-x")
    assert result.ret == 0, result.stdout
    result.stdout.no_fnmatch_line("not probed*")
    came_to = read_runs(runs)
    names = [line.partition("def test_")[2].partition("_")[0] for line in CLIENTS.splitlines() if "def test_" in line]
    names.insert(names.index("calls"), "calls")  # anyio's test runs twice
    assert [run["limit"] for run in came_to["always"]] == names
    assert {(run["outcome"], run["is_assertion"]) for run in came_to["always"]} == {("stopped", False)}
    assert {run["error"] for run in came_to["always"]} == {
        "stopped: it made too many calls",
        "stopped: it was busy for too long",
        "stopped: it waited for too long",
    }
    assert {len(run["calls"]) for run in came_to["always"] if run["limit"] == "calls"} == {21}
    assert {run["outcome"] for run in came_to["same"]} == {"passed"}
    assert len(came_to["same"]) == len(names)
