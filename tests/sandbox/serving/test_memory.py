"""No memory left: a request gets 507, or the process ends; nobody waits for a response that does not come."""

import asyncio
import http.client
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from aniva_sandbox.api.app import build_app, build_control_api, build_partner_api
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.serving import memory
from aniva_sandbox.engine.serving.memory import SIZE, Reserve
from aniva_sandbox.engine.serving.pipeline import Request, Response, respond, respond_to_control
from aniva_sandbox.engine.store.memory import Worlds
from tests.support import new_worlds

MIB = 1024 * 1024
ERROR = {"error": "The sandbox has no memory left for this request"}
UNITS = Request("GET", "/api/v1/units", b"", "sbx_test")
HEALTH = Request("GET", "/_sandbox/health")


def out_of_memory(*_args: Any) -> Any:
    """What needs more memory than there is."""
    raise MemoryError


def starve(api: Api, id: str, part: str) -> None:
    """Let an operation find no memory: when it acts, or when its response is checked."""
    endpoint = api.endpoints[id]
    if part == "run":
        assert endpoint.operation is not None
        endpoint.operation = msgspec.structs.replace(endpoint.operation, run=out_of_memory)
    else:
        endpoint.mismatch = out_of_memory  # type: ignore[method-assign]


@pytest.mark.rule("http.memory")
@pytest.mark.parametrize("part", ["run", "response"])
@pytest.mark.parametrize(
    ("build", "id", "answer", "request_", "other"),
    [
        (build_partner_api, "list_units", respond, UNITS, replace(UNITS, path="/api/v1/panels")),
        (build_partner_api, "list_units", respond, replace(UNITS, method="HEAD"), replace(UNITS, path="/none")),
        (build_control_api, "get_health", respond_to_control, HEALTH, replace(HEALTH, path="/_sandbox/rules")),
    ],
)
def test_a_call_without_memory(
    build: Callable[[], Api],
    id: str,
    answer: Callable[[Api, Worlds, Request], Response],
    request_: Request,
    other: Request,
    part: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It gets 507 with the error body and the rule, and is told of; other calls are served as before."""
    heard: list[str] = []
    worlds = new_worlds(on_no_memory=lambda: heard.append("none"))
    api = build()
    starve(api, id, part)
    got = answer(api, worlds, request_)
    headers = dict(got.headers)
    body = msgspec.json.encode(ERROR)
    assert (got.status, headers[b"x-sandbox-rule"]) == (507, b"http.memory; basis=sandbox")
    assert (got.body, headers[b"content-length"]) == (b"" if request_.method == "HEAD" else body, b"%d" % len(body))
    assert heard == ["none"]
    assert [record.message for record in caplog.records] == ["out of memory: a request got 507"]
    assert answer(api, worlds, other).status in (200, 404)
    assert list(worlds.mismatches) == []


@pytest.mark.rule("http.memory")
def test_to_tell_of_it_may_fail_too() -> None:
    """Where not even a line of the log can be written, the response goes out all the same."""
    api = build_partner_api()
    starve(api, "list_units", "run")
    assert respond(api, new_worlds(on_no_memory=out_of_memory), UNITS).status == 507


@pytest.mark.rule("http.memory")
@pytest.mark.parametrize("path", ["/api/v1/profiles", "/_sandbox/worlds/test"])
def test_a_body_without_memory(path: str) -> None:
    """A body that finds no room while it is read is answered like a call that finds none, and its world is let go."""
    worlds = new_worlds()
    world = worlds.create("test")
    app = build_app(worlds, build_partner_api(), build_control_api(), None)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"x-api-key", b"sbx_test")],
    }
    asyncio.run(app(scope, out_of_memory, send))  # type: ignore[arg-type]
    assert (sent[0]["status"], msgspec.json.decode(sent[1]["body"])) == (507, ERROR)
    assert world.in_flight == 0


# What a server holds back


def test_a_reserve_is_had_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given free is taken back a moment later, once, and the server goes on."""
    monkeypatch.setattr(memory, "PAUSE", 0)
    ended: list[str] = []
    reserve = Reserve(lambda: ended.append("ended"))

    async def use() -> list[int]:
        held = []
        for _ in range(2):  # it may come again
            reserve.use()
            reserve.use()
            held.append(len(reserve._held))
            for _ in range(3):
                await asyncio.sleep(0)
            held.append(len(reserve._held))
        return held

    assert asyncio.run(use()) == [0, SIZE] * 2
    assert ended == []


def test_a_server_without_memory_ends(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Where nothing can be taken back, the server says so and ends."""
    monkeypatch.setattr(memory, "PAUSE", 0)
    ended: list[str] = []
    reserve = Reserve(lambda: ended.append("ended"))
    monkeypatch.setattr(memory.gc, "collect", out_of_memory)

    async def use() -> None:
        reserve.use()
        for _ in range(3):
            await asyncio.sleep(0)

    asyncio.run(use())
    assert ended == ["ended"]
    assert "the sandbox ends" in caplog.text


def test_what_nobody_catches_ends_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lack of memory that only the event loop hears of, or that cannot be raised, ends the process; other errors are
    left to those who heard of them before."""
    ended: list[str] = []
    heard: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda raised: heard.append(raised.exc_type))
    loop = asyncio.new_event_loop()
    monkeypatch.setattr(loop, "default_exception_handler", lambda context: heard.append(context["exception"]))
    try:
        Reserve(lambda: ended.append("ended")).watch(loop)
        for error, ends in ((ValueError(), 0), (MemoryError(), 2), (SystemError(), 4)):
            loop.call_exception_handler({"message": "", "exception": error})
            sys.unraisablehook(SimpleNamespace(exc_type=type(error)))  # type: ignore[arg-type]
            assert len(ended) == ends
        assert [repr(heard[0]), heard[1]] == ["ValueError()", ValueError]
    finally:
        loop.close()


@pytest.mark.skipif(memory.resource is None, reason="there are no limits of processes")
@pytest.mark.parametrize(
    ("limit", "room", "armed", "ended"), [(-1, True, 0, []), (2**30, True, 1, []), (2**30, False, 1, ["ended"])]
)
def test_a_watchdog_guards_a_server_with_a_limit(
    monkeypatch: pytest.MonkeyPatch, limit: int, room: bool, armed: int, ended: list[str]
) -> None:
    """Where memory is limited, each look of the event loop winds up a watchdog that ends the process; where there is
    no room even for that, the process ends at once."""
    calls: list[dict[str, Any]] = []
    ends: list[str] = []

    def arm(seconds: float, **how: Any) -> None:
        calls.append(how | {"seconds": seconds})
        if not room:
            raise RuntimeError("unable to start watchdog thread")

    monkeypatch.setattr(memory.resource, "getrlimit", lambda _what: (limit, limit))
    monkeypatch.setattr(memory.faulthandler, "dump_traceback_later", arm)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    loop = asyncio.new_event_loop()
    try:
        Reserve(lambda: ends.append("ended")).watch(loop)
        assert [(call["seconds"], call["exit"]) for call in calls] == [(memory.STUCK, True)] * armed
        assert ends == ended
    finally:
        loop.close()


@pytest.mark.rule("http.memory")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process, and keeps to it")
def test_a_process_at_its_limit_is_never_mute() -> None:
    """A server whose memory is full answers each request or closes its connection, and in the end serves on, or is
    gone: nobody waits."""
    import resource

    def serve() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "aniva_sandbox", "serve", "--port", "0", "--json", "--max-worlds", "1000000"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def address_of(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        url: str = json.loads(process.stdout.readline())["url"]
        return url.removeprefix("http://")

    with serve() as process:
        address_of(process)
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        process.kill()
    peak = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmPeak:"))
    with serve() as process:
        try:
            resource.prlimit(process.pid, resource.RLIMIT_AS, (peak + 24 * MIB, peak + 24 * MIB))
            address = address_of(process)

            def get(path: str, key: str) -> int | None:
                """The status; None for a connection that is closed or refused. A response that does not come fails."""
                connection = http.client.HTTPConnection(address, timeout=60)
                try:
                    connection.request("GET", path, headers={"x-api-key": key})
                    return connection.getresponse().status
                except (ConnectionError, http.client.RemoteDisconnected):
                    return None
                finally:
                    connection.close()

            statuses = [get("/api/v1/units", f"sbx_w{each}") for each in range(10_000) if process.poll() is None]
            assert statuses[0] == 200
            assert {*statuses} - {200}, "the limit was never met"
            if process.poll() is None and get("/_sandbox/health", "") != 200:
                process.wait(60)  # with any code: what is written in C may crash before it can be told to end
        finally:
            process.kill()
