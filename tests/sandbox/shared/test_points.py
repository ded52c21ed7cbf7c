"""Snapshots at certain points of a log: they are the same in every process, new processes begin there, and a copy that
differs is dropped."""

import asyncio
import logging

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from aniva_sandbox.engine.store import replicas
from aniva_sandbox.engine.store.entries import Batch
from aniva_sandbox.engine.store.problems import STORE_LOADING, StoreError
from aniva_sandbox.engine.store.saved import save
from tests.sandbox.shared.processes import Opener, Process, control_request
from tests.support import APPOINTMENT, BERLIN, PROFILE

pytestmark = pytest.mark.asyncio

BOOKING = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-20T10:30:00+02:00"}


async def use(process: Process, times: int, key: str = "sbx_w") -> None:
    """Make so many calls, one after the other."""
    for _ in range(times):
        assert (await process.call("GET", "/units", key=key)).status == 200


async def settled(*processes: Process) -> None:
    """Wait for the snapshots that are being offered."""
    for process in processes:
        await process.shared.replicas.close()


async def first_number(process: Process, name: str = "w") -> tuple[int | None, list[int]]:
    """What a new process reads of a world: the number of the snapshot, and those of the entries behind it."""
    batch = await process.log.read(name, None)
    assert isinstance(batch, Batch)
    return batch.snapshot, [logged.number for logged in batch.entries]


async def test_a_snapshot_after_500_entries(one: Process, two: Process) -> None:
    """It is made at the 500th entry, not before, also in a process that applies them all at once."""
    await use(one, replicas.POINT_ENTRIES - 1)
    await settled(one)
    assert (await first_number(two))[0] == 0
    await use(one, 2)
    await settled(one)
    assert await first_number(two) == (replicas.POINT_ENTRIES, [replicas.POINT_ENTRIES + 1])
    assert await two.see() == await one.see()


async def test_a_snapshot_after_a_mebibyte(one: Process, two: Process) -> None:
    """Large bodies count, whether they stand in the log or next to it."""
    await use(one, 1)
    for process in (one, two):  # each applies it in another way: as its own, and as another's
        for size in (50_000, 300_000, 300_000, 500_000):
            body = b'{"notes": "' + b"x" * size + b'"}'
            assert (await process.call("PATCH", f"/appointments/{APPOINTMENT}", body)).status == 200
    await use(two, 1)
    await use(one, 1)
    await settled(one, two)
    assert (await first_number(two))[0] == 9
    assert await one.see() == await two.see()
    assert not one.shared.replicas._replicas["w"].is_wrong
    assert not two.shared.replicas._replicas["w"].is_wrong


async def test_a_new_process_begins_from_a_snapshot(
    start: Opener, one: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the same world, byte for byte, and its calls get the same responses, though the log is cut."""
    monkeypatch.setattr(replicas, "POINT_ENTRIES", 5)
    made = (await one.call("POST", "/appointments", BOOKING)).json["id"]
    for _ in range(4):
        await use(one, 5)
        await settled(one)
    new = start()
    assert (await first_number(new))[0] == 20
    batch = await new.log.read("w", None)
    assert isinstance(batch, Batch)
    assert await new.see() == await one.see()
    assert (await new.call("GET", f"/appointments/{made}")).json["id"] == made
    journal = [(await process.control("GET", "/worlds/w/journal")).json for process in (one, new)]
    for each in journal:
        for exchange in each["exchanges"]:
            exchange.pop("elapsed_ms", None)
    assert journal[0] == journal[1]


async def test_points_of_processes_agree(start: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a process begins, its points are those of the others, so it compares what it has with theirs."""
    monkeypatch.setattr(replicas, "POINT_ENTRIES", 3)
    verdicts = []
    processes = [start() for _ in range(3)]
    for process in processes:
        offer = process.log.offer

        async def noting(name: str, epoch: str, number: int, *rest: bytes, offer=offer) -> str:
            verdict = await offer(name, epoch, number, *rest)
            verdicts.append((number, verdict))
            return verdict

        monkeypatch.setattr(process.log, "offer", noting)
    for at in range(20):
        await use(processes[at % 3 if at < 10 else at % 2], 1)
        await settled(*processes)
    await processes[2].see()
    await settled(*processes)
    assert {number % 3 for number, _ in verdicts} == {0}
    assert "differs" not in {verdict for _, verdict in verdicts}
    assert [verdict for _, verdict in verdicts].count("kept") == 20 // 3


async def test_a_copy_that_differs(
    one: Process, two: Process, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A defect that makes a copy differ is logged as an error at the next point; the copy is dropped, and what is then
    there is what the other process has."""
    monkeypatch.setattr(replicas, "POINT_ENTRIES", 6)
    await use(one, 2)
    await use(two, 1)
    world = two.worlds.get("w")
    assert world is not None
    world.appointments[APPOINTMENT].status = "cancelled"
    assert (await two.call("GET", f"/appointments/{APPOINTMENT}")).json["status"] == "cancelled"
    assert save(two.worlds, "w") != await one.see()
    await use(one, 3)
    await settled(one)
    with caplog.at_level(logging.ERROR, "aniva_sandbox"):
        await use(two, 1)
        await settled(two)
    (record,) = caplog.records
    assert "the world 'w' after entry 6 differs from what another process has" in record.getMessage()
    assert (await two.call("GET", f"/appointments/{APPOINTMENT}")).json["status"] == "confirmed"
    assert await two.see() == await one.see()
    assert len(caplog.records) == 1


async def test_a_snapshot_that_is_replaced_while_it_is_read(
    one: Process, start: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that comes too late for a snapshot takes the next one; its call is done once."""
    monkeypatch.setattr(replicas, "POINT_ENTRIES", 4)
    await use(one, 5)
    await settled(one)
    new = start()
    snapshot = new.log.snapshot
    late = iter(range(2))

    async def too_late(name: str, number: int) -> bytes | None:
        if next(late, None) is not None:
            return None
        return await snapshot(name, number)

    monkeypatch.setattr(new.log, "snapshot", too_late)
    reply = await new.call("DELETE", f"/appointments/{APPOINTMENT}")
    assert reply.status == 200
    assert (await one.control("GET", "/worlds/w")).json["recorded"] == 6
    assert await new.see() == await one.see()


async def test_a_snapshot_that_cannot_be_read(one: Process, start: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that is in the log, but has no response as the store went away just then, may be done: the refusal says
    so. The next one goes on, and the first one was done once."""
    monkeypatch.setattr(replicas, "POINT_ENTRIES", 4)
    await use(one, 5)
    await settled(one)
    new = start()
    snapshot = new.log.snapshot

    async def away(_name: str, _number: int) -> bytes | None:
        raise StoreError(STORE_LOADING, "it is loading")

    monkeypatch.setattr(new.log, "snapshot", away)
    assert (await new.control("GET", "/worlds/w")).rules == ["store.loading"]
    reply = await new.call("DELETE", f"/appointments/{APPOINTMENT}")
    assert (reply.status, reply.rules, "retry-after" in reply.headers) == (503, ["store.unconfirmed"], False)
    monkeypatch.setattr(new.log, "snapshot", snapshot)
    assert (await new.call("GET", f"/appointments/{APPOINTMENT}")).json["status"] == "cancelled"
    assert (await one.control("GET", "/worlds/w")).json["recorded"] == 7
    assert await new.see() == await one.see()


async def test_copies_that_are_dropped_for_room(start: Opener) -> None:
    """A process that holds as many copies as it may drops the one that was not used for longest; the world is as it
    was when it is used again, and nothing counts twice."""
    one, two = start(most=3, covers=True), start(most=3, covers=True)
    await use(one, 2, "sbx_a")
    await use(two, 1, "sbx_a")
    one.shared.replicas._most = 2
    for name in ("b", "c"):
        await use(one, 1, f"sbx_{name}")
    assert one.worlds.get("a") is None
    await use(one, 1, "sbx_a")
    assert await one.see("a") == await two.see("a")
    assert (await one.control("GET", "/worlds/a")).json["recorded"] == 4


async def test_calls_at_once_with_mixed_openings(start: Opener) -> None:
    """Calls that open a world and those that do not wait for the same world, and are done in the order in which they
    came."""
    one = start()
    replies = await asyncio.gather(
        one.control("GET", "/worlds/w/clock"),
        one.call("GET", "/units", key="sbx_w.unknown"),
        one.call("GET", "/units"),
        one.call("GET", "/units"),
        one.control("GET", "/worlds/w/clock"),
        one.control("GET", "/worlds/w"),
        one.call("GET", "/units", key="sbx_w.unknown"),
        one.control("DELETE", "/worlds/w"),
        one.control("GET", "/worlds/w/clock"),
        one.call("GET", "/units"),
    )
    assert [reply.status for reply in replies] == [404, 403, 200, 200, 200, 200, 403, 200, 404, 200]


async def test_large_bodies(one: Process, two: Process) -> None:
    """A body of more than 64 KiB does its work in both processes."""
    await use(one, 1)
    snapshot = (await one.control("GET", "/worlds/w/snapshot")).json
    padded = msgspec.json.encode(snapshot) + b" " * 200_000
    assert (await two.control("PUT", "/worlds/w/snapshot", padded)).status == 200
    await use(one, 1)
    assert await one.see() == await two.see()


async def test_metrics(start: Opener) -> None:
    """Metrics say what a process has had to do with the store."""
    one, two = start(), start()
    for _ in range(3):
        assert (await one.call("GET", "/units")).status == 200
    assert (await two.call("GET", "/units")).status == 200
    found = await _metrics(two)
    assert found["sandbox_store_latency_seconds_count", ""] == 1
    assert found["sandbox_store_latency_seconds_sum", ""] > 0
    assert found["sandbox_store_catch_up_seconds_count", ""] == 1
    assert found["sandbox_store_entries_total", "own"] == 1
    assert found["sandbox_store_entries_total", "other"] == 3
    assert found["sandbox_store_log_entries", ""] == 4
    assert found["sandbox_store_snapshots_total", "loaded"] == 0
    assert found["sandbox_requests_total", "list_units"] == 1  # the others are counted where they came from


async def _metrics(process: Process) -> dict[tuple[str, str], float]:
    """The metrics of a process by name and first label."""
    response = await process.shared.control(control_request("GET", "/metrics"))
    families = text_string_to_metric_families(response.body.decode())
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in families
        for sample in family.samples
    }
