"""Snapshots: which are kept, where the log is cut, and who needs one."""

import pytest
from valkey import Valkey

from aniva_sandbox.engine.store.entries import Absent, Seen
from aniva_sandbox.engine.store.log import Log
from tests.engine.store.support import Opener, append, call, numbers, read, seen

pytestmark = pytest.mark.asyncio


async def ten(log: Log) -> str:
    """The epoch of a log with ten entries."""
    return (await append(log, *(f"/{number}" for number in range(1, 11)))).epoch


async def test_verdicts(open_log: Opener) -> None:
    """The first is kept; another is the same or differs; behind the end or in another log there is none to compare."""
    log, other = open_log(), open_log()
    epoch = await ten(log)
    assert await log.offer("w", epoch, 5, b"\xffa", b"saved") == "kept"
    assert await other.offer("w", epoch, 5, b"\xffa", b"saved") == "same"
    assert await other.offer("w", epoch, 5, b"\xffb", b"other") == "differs"
    assert await other.snapshot("w", 5) == b"saved"
    assert await log.offer("w", epoch, 11, b"a", b"saved") == "gone"
    assert await log.offer("w", "another", 6, b"a", b"saved") == "gone"
    assert await log.offer("v", epoch, 6, b"a", b"saved") == "gone"
    assert await log.offer("w", epoch, 4, b"a", b"saved") == "gone"


async def test_the_two_newest_are_kept(open_log: Opener, admin: Valkey) -> None:
    """The log is cut behind the older one, and both can be compared with."""
    log = open_log()
    epoch = await ten(log)
    for number in (2, 5, 8):
        assert await log.offer("w", epoch, number, b"%d" % number, b"saved %d" % number) == "kept"
    assert sorted(admin.keys("*:snapshot:*")) == [b"sbx:{w}:snapshot:5", b"sbx:{w}:snapshot:8"]
    assert [await log.snapshot("w", number) for number in (2, 5, 8)] == [None, b"saved 5", b"saved 8"]
    assert [id for id, _ in admin.xrange("sbx:{w}:log")] == [b"%d-1" % number for number in range(6, 11)]
    assert await log.offer("w", epoch, 5, b"5", b"") == "same"
    assert await log.offer("w", epoch, 5, b"6", b"") == "differs"
    assert await log.offer("w", epoch, 7, b"7", b"") == "gone"
    assert await log.offer("w", epoch, 2, b"2", b"") == "gone"


@pytest.mark.parametrize(
    ("known", "snapshot", "first"),
    [(None, 8, 9), (4, 8, 9), (5, None, 6), (6, None, 7), (9, None, 10), (10, None, None), (11, 8, 9)],
)
async def test_who_needs_a_snapshot(
    open_log: Opener, known: int | None, snapshot: int | None, first: int | None
) -> None:
    """Who has not seen all that is cut away begins with the newest one."""
    log = open_log()
    epoch = await ten(log)
    for number in (5, 8):
        await log.offer("w", epoch, number, b"1", b"saved")
    before = None if known is None else Seen(epoch, known)
    batch = await read(log, before)
    expected = [] if first is None else list(range(first, 11))
    assert (batch.snapshot, numbers(batch)) == (snapshot, expected)
    batch = await append(log, "/11", seen=before)
    assert (batch.snapshot, numbers(batch), batch.own) == (snapshot, [*expected, 11], 1)


async def test_one_snapshot_cuts_nothing(open_log: Opener) -> None:
    """With one only, those behind go on; who begins takes it."""
    log = open_log()
    epoch = await ten(log)
    await log.offer("w", epoch, 10, b"1", b"saved")
    assert numbers(await read(log, Seen(epoch, 0))) == list(range(1, 11))
    batch = await read(log)
    assert (batch.snapshot, numbers(batch)) == (10, [])


async def test_bodies_go_with_the_cut(open_log: Opener, admin: Valkey) -> None:
    """Those behind the cut remain, also after several."""
    log = open_log()
    entries = [call(f"/{number}", body=bytes(70_000) if number % 2 else b"") for number in range(1, 11)]
    await log.append("w", entries, None, opens=True)
    epoch = (await read(log)).epoch
    for number in (3, 6, 7):
        await log.offer("w", epoch, number, b"1", b"saved")
    assert sorted(admin.keys("*:body:*")) == [b"sbx:{w}:body:7", b"sbx:{w}:body:9"]
    batch = await read(log, Seen(epoch, 6))
    assert [logged.entry for logged in batch.entries] == entries[6:]
    await log.offer("w", epoch, 10, b"1", b"saved")
    assert admin.keys("*:body:*") == [b"sbx:{w}:body:9"]


async def test_a_snapshot_is_not_sent_in_vain(open_log: Opener, admin: Valkey) -> None:
    """One that is not the first stays here, and nothing of it remains in the store."""
    log = open_log()
    epoch = await ten(log)
    await log.offer("w", epoch, 5, b"1", b"saved")
    admin.config_resetstat()
    await log.offer("w", epoch, 5, b"1", b"saved")
    assert "cmdstat_set" not in admin.info("commandstats")
    assert sorted(admin.keys("sbx:{w}*")) == [b"sbx:{w}:log", b"sbx:{w}:meta", b"sbx:{w}:snapshot:5"]


async def test_a_lost_snapshot(open_log: Opener, admin: Valkey) -> None:
    """A store that evicts the newest leaves the older one; without both, the world is lost."""
    log = open_log()
    epoch = await ten(log)
    for number in (5, 8):
        await log.offer("w", epoch, number, b"1", b"saved")
    admin.delete("sbx:{w}:snapshot:8")
    batch = await read(log)
    assert (batch.snapshot, numbers(batch)) == (5, [6, 7, 8, 9, 10])
    admin.delete("sbx:{w}:snapshot:5")
    assert await log.read("w", None) == Absent("unknown")
    assert await log.append("w", [call()], None, opens=True) == Absent("dropped")
    assert seen(await append(log, "/1")).number == 1
