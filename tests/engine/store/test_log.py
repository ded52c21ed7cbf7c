"""The log of a world: order, numbers, instants, who opens it, when it goes."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from valkey import Valkey

from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.store.entries import Absent, Batch, Entry, Environment, Kind, Seen
from aniva_sandbox.engine.store.log import DROPPED_KEPT, UNMATCHED_KEPT, StoreError
from aniva_sandbox.engine.store.packed import LARGEST_IN_LOG
from aniva_sandbox.engine.world.clock import Clock
from tests.engine.store.support import ENVIRONMENT, Opener, append, call, numbers, paths, read, seen

pytestmark = pytest.mark.asyncio

IDLE = 3600
LARGE = bytes(range(256)) * 257


def clock(second: int) -> Clock:
    """A clock that shows this second of an hour."""
    return Clock("frozen", datetime(2026, 4, 13, 8, 0, second, tzinfo=UTC))


# Appending and reading


async def test_entries_come_in_order_with_numbers(open_log: Opener) -> None:
    """What one process appends comes back with numbers, and another reads the same, byte for byte."""
    log, other = open_log(), open_log()
    first = await append(log, "/1", "/2")
    assert (numbers(first), paths(first), first.own, first.opened, first.snapshot) == (
        [1, 2],
        ["/1", "/2"],
        2,
        True,
        0,
    )
    second = await append(log, "/3", seen=seen(first))
    assert (numbers(second), second.own, second.opened, second.snapshot) == ([3], 1, False, None)
    assert (await read(other)).entries == first.entries + second.entries
    assert (await read(other)).snapshot == 0


async def test_an_append_returns_what_others_appended_before(open_log: Opener) -> None:
    """It comes first; only the last ones are this process's."""
    log, other = open_log(), open_log()
    first = await append(log, "/1")
    await append(other, "/2", "/3")
    batch = await append(log, "/4", "/5", seen=seen(first))
    assert (paths(batch), numbers(batch), batch.own) == (["/2", "/3", "/4", "/5"], [2, 3, 4, 5], 2)
    assert (await read(other, seen(first))).entries == batch.entries


async def test_nothing_follows_what_is_all(open_log: Opener) -> None:
    """A process that has seen all gets nothing more, and may append nothing."""
    log = open_log()
    first = await append(log, "/1")
    assert await read(log, seen(first)) == Batch(first.epoch, None, [], 0, opened=False)
    assert await append(log, seen=seen(first)) == Batch(first.epoch, None, [], 0, opened=False)


async def test_all_kinds_of_entries(open_log: Opener) -> None:
    """Entries without a request, and all fields of one, come back as they were."""
    request = Request(
        "PUT",
        "/a%20b/é",
        b"q=%FF&\xff",
        "sbx_w.reader",
        "application/json",
        None,
        "drop",
        "gzip",
        ((b"origin", b"http://a"), (b"x-sandbox-test", b"\xff\x00")),
    )
    entries = [Entry("open"), Entry("settle"), Entry("forget"), Entry("call", request), Entry("control", request)]
    log = open_log()
    batch = await log.append("w", entries, None, opens=True)
    assert isinstance(batch, Batch)
    assert [logged.entry for logged in batch.entries] == entries
    assert (await read(log)).entries == batch.entries


async def test_a_name_with_every_character(open_log: Opener) -> None:
    """Worlds do not share anything, however their names look."""
    log = open_log()
    names = ["abcdefghijklmnopqrstuvwxyz-0123456789", "-", "0" * 64, "meta", "worlds"]
    for name in names:
        await append(log, f"/{name}", name=name)
    assert await log.names() == sorted(names)
    for name in names:
        assert paths(await read(log, name=name)) == [f"/{name}"]


async def test_numbers_have_no_gaps(open_log: Opener) -> None:
    """Many tasks of two processes append to several worlds at once: each entry is in the log once, in one order."""
    logs = open_log(), open_log()

    async def work(task: int) -> None:
        known: dict[str, Seen] = {}
        for turn in range(50):
            name = f"w{(task + turn) % 5}"
            before = known.get(name)
            batch = await append(logs[task % 2], f"/{task}/{turn}", name=name, seen=before)
            assert paths(batch)[-1] == f"/{task}/{turn}"
            start = before.number if before is not None else 0
            assert numbers(batch) == list(range(start + 1, batch.entries[-1].number + 1))
            known[name] = seen(batch)

    await asyncio.gather(*(work(task) for task in range(20)))
    found = [path for name in await logs[0].names() for path in paths(await read(logs[0], name=name))]
    assert len(found) == len(set(found)) == 1000


# Instants


async def test_instants_never_go_back(open_log: Opener) -> None:
    """The instants of a log are those of the process that is ahead."""
    log, behind, ahead = (open_log(clock=clock(second)) for second in (10, 5, 20))
    for each in (log, behind, ahead, log, behind):
        await append(each, "/1")
    start = int(clock(0).now.timestamp())
    assert [logged.instant - start for logged in (await read(log)).entries] == [10, 10, 20, 20, 20]


# Large bodies


async def test_large_bodies_are_next_to_the_log(open_log: Opener, admin: Valkey) -> None:
    """A large body is stored apart; entries have it all the same, and its bytes count."""
    log, other = open_log(), open_log()
    batch = await log.append("w", [call("/1"), call("/2", body=LARGE), call("/3")], None, opens=True)
    assert isinstance(batch, Batch)
    assert admin.get("sbx:{w}:body:2") == LARGE
    assert sorted(admin.keys()) == [b"sbx:worlds", b"sbx:{w}:body:2", b"sbx:{w}:log", b"sbx:{w}:meta"]
    found = (await read(other)).entries
    assert found == batch.entries
    assert found[1].entry.request is not None
    assert found[1].entry.request.body == LARGE
    assert len(LARGE) < found[1].size < len(LARGE) + 100


@pytest.mark.parametrize(("size", "is_apart"), [(LARGEST_IN_LOG, False), (LARGEST_IN_LOG + 1, True)])
async def test_which_bodies_are_large(open_log: Opener, admin: Valkey, size: int, is_apart: bool) -> None:
    """One that is just small enough is in the log."""
    log = open_log()
    await log.append("w", [call(body=bytes(size))], None, opens=True)
    assert admin.exists("sbx:{w}:body:1") == is_apart
    (logged,) = (await read(log)).entries
    assert logged.entry == call(body=bytes(size))


async def test_bodies_of_what_is_not_appended_expire(open_log: Opener, admin: Valkey) -> None:
    """A body whose entry found no log is gone after a minute."""
    assert await open_log().append("w", [call(body=LARGE)], None, opens=False) == Absent("unknown")
    (key,) = admin.keys()
    assert 0 < admin.pttl(key) <= IDLE * 1000 + 60_000


# Who opens a log


async def test_unknown(open_log: Opener) -> None:
    """Without a log nothing is read, nor appended unless it opens one."""
    log = open_log()
    assert await log.read("w", None) == Absent("unknown")
    assert await log.append("w", [call()], None, opens=False) == Absent("unknown")
    assert await log.names() == []
    await append(log, "/1")
    assert isinstance(await log.append("w", [call()], None, opens=False), Batch)
    assert await log.names() == ["w"]


async def test_a_flushed_store(open_log: Opener, admin: Valkey) -> None:
    """What was seen of a log that is gone does not count: the next one is another."""
    log = open_log()
    first = await append(log, "/1", "/2")
    admin.flushall()
    assert await log.read("w", seen(first)) == Absent("unknown")
    again = await append(log, "/3", seen=seen(first))
    assert (again.opened, again.snapshot, paths(again), numbers(again)) == (True, 0, ["/3"], [1])
    assert again.epoch != first.epoch
    late = await append(open_log(), "/4", seen=seen(first))
    assert (late.opened, late.snapshot, paths(late)) == (False, 0, ["/3", "/4"])


async def test_a_store_that_lost_the_end(open_log: Opener, admin: Valkey) -> None:
    """A process that has seen more than there is begins anew."""
    log = open_log()
    first = await append(log, "/1", "/2")
    admin.hset("sbx:{w}:meta", "number", 1)
    admin.xdel("sbx:{w}:log", "2-1")
    assert (await read(log, seen(first))).snapshot == 0


@pytest.mark.parametrize("lost", ["log", "meta"])
async def test_a_store_that_lost_a_part(open_log: Opener, admin: Valkey, lost: str) -> None:
    """A store that evicts keys loses worlds, never parts of them."""
    log = open_log()
    await append(log, "/1", "/2")
    admin.delete(f"sbx:{{w}}:{lost}")
    assert await log.read("w", None) == Absent("unknown")
    if lost == "log":
        assert await log.append("w", [call("/3")], None, opens=True) == Absent("dropped")
    assert paths(await append(log, "/4")) == ["/4"]
    assert paths(await read(log)) == ["/4"]


async def test_forget(open_log: Opener, admin: Valkey) -> None:
    """A world is no longer listed, unless something follows in its log or it is another; the log goes on if the world
    is used again, and expires otherwise."""
    log = open_log()
    first = await append(log, "/1")
    await append(log, "/2", seen=seen(first))
    await log.forget("w", first.epoch, 1)
    await log.forget("w", "another", 2)
    assert await log.names() == ["w"]
    await log.forget("w", first.epoch, 2)
    assert await log.names() == []
    assert admin.pttl("sbx:{w}:log") > 0
    again = await append(log, "/3", seen=Seen(first.epoch, 2))
    assert (again.opened, paths(again)) == (False, ["/3"])
    assert await log.names() == ["w"]


# Room


async def test_a_new_log_replaces_the_least_recently_used(open_log: Opener, admin: Valkey) -> None:
    """Its next call is refused once; reading is no use of a world."""
    log = open_log(most=2)
    first = await append(log, "/1", name="a")
    await log.append("b", [call(body=LARGE)], None, opens=True)
    await append(log, "/2", name="a", seen=seen(first))
    await read(log, name="b")
    await append(log, "/3", name="c")
    assert await log.names() == ["a", "c"]
    assert not admin.keys("sbx:{b}*")
    assert await log.read("b", None) == Absent("unknown")
    assert await log.append("b", [call()], None, opens=False) == Absent("unknown")
    assert await log.append("b", [call()], None, opens=True) == Absent("dropped")
    assert await log.names() == ["a", "c"]
    assert (await append(log, "/4", name="b")).opened
    assert await log.names() == ["b", "c"]


async def test_the_control_plane_is_not_refused(open_log: Opener) -> None:
    """Whoever creates a dropped world gets it, and its calls are not refused then."""
    log = open_log(most=1)
    await append(log, "/1", name="a")
    await append(log, "/2", name="b")
    batch = await log.append("a", [call(kind="control")], None, opens=True)
    assert isinstance(batch, Batch)
    assert isinstance(await log.append("a", [call()], None, opens=True), Batch)


async def test_expired_logs_take_no_room(open_log: Opener, admin: Valkey) -> None:
    """Where a log has expired, no other is dropped for a new one."""
    log = open_log(most=2)
    await append(log, "/1", name="a")
    await append(log, "/2", name="b")
    admin.delete("sbx:{a}:meta", "sbx:{a}:log")
    await append(log, "/3", name="c")
    assert await log.names() == ["b", "c"]
    assert (await append(log, "/4", name="a")).opened


async def test_dropped_worlds_are_not_remembered_without_limit(open_log: Opener, admin: Valkey) -> None:
    """Beyond the limit another name is forgotten."""
    admin.sadd("sbx:dropped", *(f"w{number}" for number in range(DROPPED_KEPT)))
    log = open_log(most=1)
    await append(log, "/1", name="a")
    await append(log, "/2", name="b")
    assert admin.scard("sbx:dropped") == DROPPED_KEPT
    assert admin.sismember("sbx:dropped", "a")


# Expiry


async def test_all_keys_expire(open_log: Opener, admin: Valkey) -> None:
    """Nothing remains in the store of worlds that nobody uses, and nothing goes too early."""
    log = open_log(idle=IDLE, most=2)
    for name in ("u", "v", "w"):
        first = await append(log, "/1", name=name)
    await log.append("w", [call(body=LARGE)], None, opens=True)
    for number in (1, 2):
        assert await log.offer("w", first.epoch, number, b"1", b"saved") == "kept"
    await log.append("w", [call(body=LARGE)], None, opens=True)
    await log.note_unmatched(b"note")
    keys = admin.keys()
    everything = {"worlds", "dropped", "unmatched", "unmatched:number", "{v}:meta", "{v}:log", "{w}:meta", "{w}:log"}
    everything |= {"{w}:snapshot:1", "{w}:snapshot:2", "{w}:body:2", "{w}:body:3"}
    assert {key.decode().removeprefix("sbx:") for key in keys} == everything
    for key in keys:
        assert IDLE * 1000 - 5000 < admin.pttl(key) <= IDLE * 1000 + 60_000, key


async def test_a_use_sets_expiry_anew(open_log: Opener, admin: Valkey) -> None:
    """Where a minute of it is over, the next use sets the expiry of all keys anew; reading does not."""
    log = open_log(idle=IDLE)
    first = await append(log, "/1")
    await log.append("w", [call(body=LARGE)], None, opens=True)
    await log.offer("w", first.epoch, 1, b"1", b"saved")
    keys = admin.keys()
    for key in keys:
        admin.pexpire(key, 1000_000)
    await append(log, "/2")
    assert all(admin.pttl(key) <= 1000_000 for key in keys)
    admin.hincrby("sbx:{w}:meta", "kept", -60_000_000)
    await read(log)
    assert all(admin.pttl(key) <= 1000_000 for key in keys)
    await append(log, "/3")
    assert all(admin.pttl(key) > IDLE * 1000 for key in keys)


@pytest.mark.parametrize("kind", ["settle", "forget"])
async def test_what_is_asked_of_all_worlds_is_no_use(open_log: Opener, admin: Valkey, kind: Kind) -> None:
    """A world that nobody uses goes, and makes room, even if what is due in it happens again and again. With a call
    that is appended together with this, it is a use."""
    log = open_log(idle=IDLE, most=2)
    first = await append(log, "/1", name="a")
    await append(log, "/1", name="b")
    keys = admin.keys("sbx:{a}*")
    for key in keys:
        admin.pexpire(key, 1000_000)
    admin.hincrby("sbx:{a}:meta", "kept", -60_000_000)
    batch = await log.append("a", [Entry(kind)], seen(first), opens=False)
    assert isinstance(batch, Batch)
    assert [logged.entry.kind for logged in batch.entries] == [kind]
    assert all(admin.pttl(key) <= 1000_000 for key in keys)
    assert admin.zrange("sbx:worlds", 0, -1) == [b"a", b"b"]
    await log.append("a", [Entry(kind), call()], seen(batch), opens=False)
    assert all(admin.pttl(key) > IDLE * 1000 for key in keys)
    assert admin.zrange("sbx:worlds", 0, -1) == [b"b", b"a"]


# Environments


@pytest.mark.rule("store.version")
@pytest.mark.parametrize("known", [False, True])
async def test_another_version(open_log: Opener, known: bool) -> None:
    """The log of another version is neither read nor appended to."""
    log = open_log()
    first = await append(log, "/1")
    newer = open_log(environment=Environment("1.3", {}))
    for again in range(2):
        with pytest.raises(StoreError, match=r"world w is of version 1\.2, and this process of 1\.3") as raised:
            await (append if again else read)(newer, seen=Seen("another", 1) if known else None)  # type: ignore[operator]
        assert (raised.value.rule.id, raised.value.retry_after) == ("store.version", None)
    assert (await read(log, seen(first))).entries == []


@pytest.mark.rule("store.differs")
async def test_another_environment(open_log: Opener) -> None:
    """The log of a process that differs is neither read nor appended to, and it is said in what."""
    await append(open_log(), "/1")
    parts = {**ENVIRONMENT.parts, "seed": "1", "limit": "2"}
    log = open_log(environment=Environment(ENVIRONMENT.version, parts))
    with pytest.raises(StoreError, match=r"differs from this one in: limit, seed$") as raised:
        await read(log)
    assert raised.value.rule.id == "store.differs"
    with pytest.raises(StoreError, match="limit, seed"):
        await append(log, "/2")
    assert (await append(log, "/3", name="v")).opened


# Unmatched calls


async def test_unmatched_calls(open_log: Opener) -> None:
    """The last hundred are kept for all processes; numbers go on when they are cleared."""
    log, other = open_log(), open_log()
    assert await log.unmatched() == []
    for number in range(1, UNMATCHED_KEPT + 3):
        assert await log.note_unmatched(b"\xff%d" % number) == number
    notes = await other.unmatched()
    assert notes[0] == (3, b"\xff3")
    assert len(notes) == UNMATCHED_KEPT
    await other.clear_unmatched()
    assert await log.unmatched() == []
    assert await log.note_unmatched(b"") == UNMATCHED_KEPT + 3


# The module


async def test_ping(open_log: Opener) -> None:
    """The store is there."""
    assert 0 < await open_log().ping() < 5


async def test_only_those_who_use_a_store_load_it() -> None:
    """The app and the command line do without the library."""
    program = "import aniva_sandbox.api.app, aniva_sandbox.cli.serve, sys; print('valkey' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "False\n"


async def test_a_missing_library() -> None:
    """The error says how to install it."""
    program = "import sys; sys.modules['valkey'] = None; import aniva_sandbox.engine.store.log"
    done = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True, check=False)
    assert "ImportError: Shared worlds need valkey: pip install " in done.stderr.splitlines()[-1]
