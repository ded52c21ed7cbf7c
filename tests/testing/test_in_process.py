"""The sandbox with every kind of client: live and in process, sync and async, in one world."""

import asyncio
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from aniva_sandbox.engine.serving import pipeline
from aniva_sandbox.testing import Aniva
from tests.sandbox.serving.common import NEW_PROFILE
from tests.support import PROFILE
from tests.testing.common import QUIET

pytest_plugins = ["pytester"]

TURNS = 10

SHARED = '''
import pytest

NEW = {"first_name": "Ada", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}
PATH = "/api/v1/profiles"


@pytest.fixture
def key(aniva):
    return {"x-api-key": aniva.api_key}


@pytest.fixture
def shows(aniva):
    """Whether an answer made a profile that the live server and the others show too."""

    def shows(status, made):
        id = made["id"]
        live = aniva.client.get(f"{PATH}/{id}")
        return (status, live.status_code, live.json()["first_name"]) == (201, 200, "Ada")

    return shows
'''

SYNC = """
import json
import urllib.error
import urllib.request

import httpx
import httpx2
import pytest
import requests
import respx
from starlette.testclient import TestClient

from conftest import NEW, PATH


def test_requests(aniva, key, shows):
    reply = requests.post(aniva.url + PATH, json=NEW, headers=key)
    assert shows(reply.status_code, reply.json())


def test_urllib(aniva, key, shows):
    request = urllib.request.Request(
        aniva.url + PATH, json.dumps(NEW).encode(), key | {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as reply:
        assert shows(reply.status, json.load(reply))


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_live(aniva, key, shows, library):
    with library.Client(base_url=aniva.url, headers=key) as client:
        reply = client.post(PATH, json=NEW)
    assert shows(reply.status_code, reply.json())


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_wsgi(aniva, key, shows, library):
    transport = library.WSGITransport(app=aniva.wsgi)
    with library.Client(transport=transport, base_url="https://api.example.com", headers=key) as client:
        reply = client.post(PATH, json=NEW)
        assert shows(reply.status_code, reply.json())
        in_chunks = iter([json.dumps(NEW).encode()])
        chunked = client.post(PATH, content=in_chunks, headers={"content-type": "application/json"})
        assert shows(chunked.status_code, chunked.json())
        refused = client.get(f"{PATH}?limit=0")
        assert (refused.status_code, refused.reason_phrase) == (400, "Bad Request")
        assert refused.headers["x-sandbox-rule"] == "profile.list-page/range; basis=assumed"
        head = client.head(PATH)
        assert (head.status_code, head.headers["x-sandbox-world"], head.content) == (200, aniva.world, b"")
        assert client.get(f"{PATH}/%2F").headers["x-sandbox-rule"].startswith("http.not-found")
        assert client.get("/api/v1/units", headers={"x-api-key": "nobody"}).status_code == 403
        assert client.get(f"/_sandbox/worlds/{aniva.world}/agenda").json() == aniva.agenda
        assert client.get("/openapi.json").json()["openapi"] == "3.1.0"


def test_respx(aniva, key, shows):
    with respx.mock(base_url="https://api.example.com") as mocked:
        mocked.route(path__startswith="/api/").mock(side_effect=respx.WSGIHandler(aniva.wsgi))
        mocked.get("/other").respond(418)
        reply = httpx.post("https://api.example.com" + PATH, json=NEW, headers=key)
        other = httpx.get("https://api.example.com/other")
    assert other.status_code == 418
    assert shows(reply.status_code, reply.json())


def test_starlette(aniva, key, shows):
    reply = TestClient(aniva.asgi).post(PATH, json=NEW, headers=key)
    assert shows(reply.status_code, reply.json())
"""

BY_LOOP = """
import httpx
import httpx2
import pytest
import respx

from conftest import NEW, PATH

MARK


async def test_async_client(aniva, shows):
    reply = await aniva.async_client.post(PATH, json=NEW)
    assert shows(reply.status_code, reply.json())
    for _ in range(2):
        async with aniva.async_client as client:
            again = await client.get(f"{PATH}/{reply.json()['id']}")
    assert again.json() == reply.json()


@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_asgi(aniva, key, shows, library):
    transport = library.ASGITransport(app=aniva.asgi)
    async with library.AsyncClient(transport=transport, base_url="https://api.example.com", headers=key) as client:
        reply = await client.post(PATH, json=NEW)
        assert shows(reply.status_code, reply.json())
        refused = await client.get(f"{PATH}?limit=0")
        assert refused.headers["x-sandbox-rule"] == "profile.list-page/range; basis=assumed"
        assert (await client.get("/docs")).status_code == 200


async def test_respx(aniva, key, shows):
    async with respx.mock(base_url="https://api.example.com") as mocked:
        mocked.route(path__startswith="/api/").mock(side_effect=respx.ASGIHandler(aniva.asgi))
        async with httpx.AsyncClient(base_url="https://api.example.com", headers=key) as client:
            reply = await client.post(PATH, json=NEW)
    assert shows(reply.status_code, reply.json())


@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_wsgi(aniva, key, shows, library):
    with library.Client(transport=library.WSGITransport(app=aniva.wsgi), base_url="http://x", headers=key) as client:
        reply = client.post(PATH, json=NEW)
    assert shows(reply.status_code, reply.json())


async def test_time(aniva):
    before = (await aniva.async_client.get("/api/v1/shipments/P2604154821")).json()["status"]
    aniva.clock.advance_until("courier.delivered", shipment_id="P2604154821")
    after = (await aniva.async_client.get("/api/v1/shipments/P2604154821")).json()["status"]
    assert (before, after) == ("pending", "delivered")
"""

LIVE = """

async def test_live(aniva, key, shows):
    async with httpx2.AsyncClient(base_url=aniva.url, headers=key) as client:
        reply = await client.post(PATH, json=NEW)
    assert shows(reply.status_code, reply.json())
"""

AIOHTTP = """
import aiohttp


async def test_aiohttp(aniva, key, shows):
    async with aiohttp.ClientSession(aniva.url, headers=key) as session, session.post(PATH, json=NEW) as reply:
        assert shows(reply.status, await reply.json())
"""

ANYIO = BY_LOOP.replace("MARK", "pytestmark = pytest.mark.anyio") + LIVE
STRICT = BY_LOOP.replace("MARK", "pytestmark = pytest.mark.asyncio") + LIVE + AIOHTTP
AUTO = BY_LOOP.replace("MARK", "") + LIVE + AIOHTTP


def test_every_client_has_the_same_world(pytester: pytest.Pytester) -> None:
    """Whatever the client, live or in process, sync or async, under asyncio or trio: what it makes, the live server
    shows; all of it in parallel too."""
    pytester.makeconftest(SHARED)
    pytester.makepyfile(test_sync=SYNC, test_anyio=ANYIO, test_strict=STRICT)
    result = pytester.runpytest_subprocess(*QUIET, "-n", "2")
    result.assert_outcomes(passed=8 + 2 * 8 + 9)


def test_async_tests_without_a_mark(pytester: pytest.Pytester) -> None:
    """The fixture works in async tests that pytest-asyncio finds by itself."""
    pytester.makeconftest(SHARED)
    pytester.makepyfile(AUTO)
    result = pytester.runpytest_subprocess(*QUIET, "-o", "asyncio_mode=auto")
    result.assert_outcomes(passed=9)


def test_in_process_opens_no_socket(pytester: pytest.Pytester) -> None:
    """A run that stays in the process opens no socket and starts no thread, from the first test on."""
    pytester.makepyfile(
        """
        import socket
        import threading
        from contextlib import contextmanager

        import httpx2
        import pytest

        @pytest.fixture
        def no_sockets(monkeypatch):
            def refuse(*_args, **_options):
                raise RuntimeError("a socket is opened")

            monkeypatch.setattr(socket.socket, "__init__", refuse)

        def test_sync(no_sockets, aniva):
            with httpx2.Client(transport=httpx2.WSGITransport(app=aniva.wsgi), base_url="http://x") as client:
                assert client.get("/api/v1/units", headers={"x-api-key": aniva.api_key}).status_code == 200
            aniva.clock.advance(days=3)
            aniva.reset()
            assert aniva.agenda

        @pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
        @pytest.mark.anyio
        async def test_async(aniva, monkeypatch):
            monkeypatch.setattr(socket.socket, "__init__", None)  # only now: the loop itself has two
            assert (await aniva.async_client.get("/api/v1/units")).status_code == 200
            monkeypatch.undo()

        def test_none_is_left():
            assert "aniva-sandbox" not in [thread.name for thread in threading.enumerate()]

        def test_address(no_sockets, aniva):
            with pytest.raises(RuntimeError, match="a socket is opened"):
                aniva.url
        """
    )
    pytester.runpytest_subprocess(*QUIET).assert_outcomes(passed=5)


def post(client: httpx2.Client) -> None:
    with client:
        assert client.post("/api/v1/profiles", json=NEW_PROFILE | {"first_name": "Ada"}).status_code == 201


async def post_async(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/api/v1/profiles", json=NEW_PROFILE | {"first_name": "Ada"})).status_code == 201


CALLERS: list[Callable[[Aniva], object]] = [
    lambda aniva: post(httpx2.Client(base_url=aniva.url, headers={"x-api-key": aniva.api_key})),
    lambda aniva: post(
        httpx2.Client(
            transport=httpx2.WSGITransport(app=aniva.wsgi), base_url=aniva.url, headers={"x-api-key": aniva.api_key}
        )
    ),
    lambda aniva: asyncio.run(post_async(aniva.async_client)),
    lambda aniva: aniva.clock.advance(minutes=1),
    lambda aniva: aniva.happen("kit.ordered", profile_id=PROFILE),
    lambda aniva: aniva.agenda,
]


def test_threads_take_turns(aniva: Aniva, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls live and in process, moves of the clock and events, from many threads at once, are as if made one after
    the other: no two operations are ever under way."""
    inside: list[object] = []
    most = 0
    act = pipeline.act

    def watched(*arguments: Any) -> Any:
        nonlocal most
        inside.append(None)
        for _ in range(1000):  # long enough for others to come in, where they are not kept out
            most = max(most, len(inside))
        outcome = act(*arguments)
        inside.pop()
        return outcome

    monkeypatch.setattr(pipeline, "act", watched)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    start = threading.Barrier(len(CALLERS))

    def call(caller: Callable[[Aniva], object]) -> None:
        start.wait()
        for _ in range(TURNS):
            caller(aniva)

    try:
        with ThreadPoolExecutor(len(CALLERS)) as pool:
            list(pool.map(call, CALLERS))
    finally:
        sys.setswitchinterval(interval)
    assert most == 1
    assert aniva.clock.now.isoformat() == "2026-04-13T08:10:00+00:00"
    profiles = aniva.client.get("/api/v1/profiles?limit=500").json()
    assert [profile["first_name"] for profile in profiles].count("Ada") == 3 * TURNS
