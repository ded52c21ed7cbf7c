"""The transports in process: what a fault does to a client is what it does over a socket."""

import asyncio
import time
from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx
import httpx2
import pytest

from aniva_sandbox.testing import Aniva
from tests.sandbox.serving.common import NEW_PROFILE

UNITS = "/api/v1/units"
LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
FAULTS: list[dict[str, Any]] = [
    {"drop": "before"},
    {"drop": "after"},
    {"truncate": True},
    {"truncate": True, "trickle_ms": 1},
    {"status": 503, "retry_after": 2},
    {"malformed": True},
    {"latency_ms": 5},
    {"latency_ms": 700},
    {"trickle_ms": 700},
    {"trickle_ms": 700, "truncate": True},
]
PATIENCE = 0.5
"""Seconds that the clients wait; only the real ones do."""


def seen(client: Any) -> list[object]:
    """What a client is told of a call, whole and in parts."""
    told: list[object] = []
    try:
        with client.stream("GET", UNITS) as reply:
            told += [
                reply.status_code,
                dict(reply.headers) | {"date": "", "x-sandbox-hint": ""},
            ]  # the second call is early
            told += [b"".join(reply.iter_raw())]
    except Exception as error:
        told += [type(error), str(error), error.request.url.path]  # type: ignore[attr-defined]
    return told


async def seen_async(client: Any) -> list[object]:
    """As :func:`seen`, by an async client."""
    told: list[object] = []
    try:
        async with client.stream("GET", UNITS) as reply:
            told += [
                reply.status_code,
                dict(reply.headers) | {"date": "", "x-sandbox-hint": ""},
            ]  # the second call is early
            told += [b"".join([part async for part in reply.aiter_raw()])]
    except Exception as error:
        told += [type(error), error.request.url.path]  # type: ignore[attr-defined]
    return told


@LIBRARIES
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_faults_come_as_over_a_socket(aniva: Aniva, library: ModuleType, fault: dict[str, Any]) -> None:
    """Status, headers, body and exception (its class, words and request) are those of a real connection."""
    options = {"headers": {"x-api-key": aniva.api_key}, "timeout": PATIENCE}
    aniva.faults.add("list_units", times=2, **fault)
    with library.Client(base_url=aniva.url, **options) as live:
        expected = seen(live)
    with library.Client(transport=aniva.transport(library), base_url="https://api.example.com", **options) as client:
        assert seen(client) == expected
    aniva.reset()
    aniva.faults.add("list_units", times=2, **fault)

    async def both() -> tuple[list[object], list[object]]:
        async with library.AsyncClient(base_url=aniva.url, **options) as live:
            expected = await seen_async(live)
        transport = aniva.async_transport(library)
        async with library.AsyncClient(transport=transport, base_url="https://api.example.com", **options) as client:
            return await seen_async(client), expected

    told, expected = asyncio.run(both())
    assert told == expected


@LIBRARIES
def test_head_is_never_cut(aniva: Aniva, library: ModuleType) -> None:
    """HEAD has no body that a fault could cut off, in process or over a socket."""
    aniva.faults.add("list_units", truncate=True, times=None)
    for transport in (None, aniva.transport(library)):
        client = library.Client(transport=transport, base_url=aniva.url, headers={"x-api-key": aniva.api_key})
        with client:
            for _ in range(2):
                assert client.head(UNITS).headers["x-sandbox-fault"] == "fault-1: truncate"


@LIBRARIES
def test_a_timeout_takes_no_time(aniva: Aniva, library: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait longer than the client's patience is told at once, and the call took effect; a shorter one is waited for,
    and so is every one where the client has endless patience."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    aniva.faults.add("create_profile", latency_ms=300_000, times=None)
    client = library.Client(
        transport=aniva.transport(library), base_url="http://x", headers={"x-api-key": aniva.api_key}
    )
    with client:
        before = len(client.get("/api/v1/profiles").json())
        for patience, waits in ((299, []), (301, [300.0]), (None, [300.0, 300.0])):
            if len(waits) > len(waited):
                assert client.post("/api/v1/profiles", json=NEW_PROFILE, timeout=patience).status_code == 201
            else:
                with pytest.raises(library.ReadTimeout):
                    client.post("/api/v1/profiles", json=NEW_PROFILE, timeout=patience)
            assert waited == waits
        assert len(client.get("/api/v1/profiles").json()) == before + 3


@LIBRARIES
def test_requests_arrive_whole(aniva: Aniva, library: ModuleType) -> None:
    """Bodies, also in chunks, paths and queries arrive as they were sent; HEAD brings no body; pages are there for
    async clients."""
    options = {"base_url": "https://api.example.com", "headers": {"x-api-key": aniva.api_key}}
    with library.Client(transport=aniva.transport(library), **options) as client:
        made = client.post("/api/v1/profiles", json=NEW_PROFILE)
        chunked = client.post(
            "/api/v1/profiles", content=iter([made.request.content]), headers={"content-type": "application/json"}
        )
        assert (made.status_code, chunked.status_code) == (201, 201)
        assert client.get("/api/v1/profiles?limit=0").status_code == 400
        assert client.get("/api/v1/profiles/%2F").headers["x-sandbox-rule"] == "id.format; basis=documented"
        head = client.head("/api/v1/profiles")
        assert head.content == b""
        assert client.get("/openapi.json").json()["openapi"] == "3.1.0"

    async def page() -> int:
        async with library.AsyncClient(transport=aniva.async_transport(library), **options) as client:
            status: int = (await client.get("/docs/assets/swagger_style.css")).status_code
            return status

    assert asyncio.run(page()) == 200


def test_default_library(aniva: Aniva) -> None:
    """Without a library they are for httpx2; what is none is refused by name."""
    assert isinstance(aniva.transport(), httpx2.BaseTransport)
    assert isinstance(aniva.async_transport(), httpx2.AsyncBaseTransport)
    for build in (aniva.transport, aniva.async_transport):
        with pytest.raises(TypeError, match="for the modules httpx and httpx2, not for 'requests'"):
            build("requests")  # type: ignore[operator]


def test_spans_of_faults(aniva: Aniva) -> None:
    """What faults take in milliseconds and seconds may be a timedelta."""
    aniva.faults.add("list_units", latency_ms=timedelta(seconds=1.5), trickle_ms=timedelta(milliseconds=3))
    aniva.faults.add("list_units", status=429, retry_after=timedelta(minutes=2))
    first, second = aniva.client.get(f"/_sandbox/worlds/{aniva.world}/faults").json()
    assert (first["latency_ms"], first["trickle_ms"], second["retry_after"]) == (1500, 3, 120)
