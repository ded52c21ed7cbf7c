"""What a refusal costs: work and memory are linear in the body, and the response is small, whatever is wrong and in
whatever number."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.engine.contract.ground_rules import MAX_BODY
from aniva_sandbox.testing.live import LiveServer
from tests.sandbox.serving.common import Wire
from tests.support import APPOINTMENT

KIB = 1024
RESPONSE = 300_000
"""Bytes of a response at most."""
SECONDS = 4.0
"""Of the processor, for one request: about 0.3 are measured where nothing else runs."""
GROWTH = 96 * KIB * KIB
"""Bytes by which one request may make the process grow: about 40 MiB are measured."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of a process's memory")


def costs(chosen: str, *sizes: int) -> list[dict[str, Any]]:
    """What a set of requests costs, in a process of its own, for one size after the other."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.sandbox.serving.bounds", chosen, *map(str, sizes)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=570,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return [json.loads(line) for line in run.stdout.splitlines()]


def beyond(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The requests that cost too much, or found a defect of the sandbox."""
    return [
        cost
        for cost in found
        if cost["received"] >= RESPONSE
        or cost["seconds"] >= SECONDS
        or cost["grown"] >= GROWTH
        or cost["status"] >= 500
    ]


@pytest.mark.rule("body.schema", "body.json")
def test_every_operation_refuses_cheaply() -> None:
    """Each operation of both documents, with each kind of field and of parameter wrong in each way: what took the
    square of so many items would take too long, too."""
    found = costs("requests", 32 * KIB)
    assert len(found) > 1500
    assert beyond(found) == []


@pytest.mark.rule("body.schema")
def test_a_mebibyte_of_anything_is_refused_cheaply() -> None:
    """Bodies as large as they may be, in the fields that hold lists, cost about four times what a quarter costs."""
    largest = MAX_BODY - KIB
    found = costs("lists", largest, MAX_BODY // 4)  # the larger ones first: memory that was freed does not grow
    whole, quarter = ([cost for cost in found if (cost["size"] == largest) is is_whole] for is_whole in (True, False))
    assert len(whole) == len(quarter) > 50
    assert {cost["operation"].split()[0] for cost in whole} == {"POST", "PATCH", "PUT"}
    assert beyond(whole) == []
    by_shape = {(cost["operation"], cost["shape"]): cost["seconds"] for cost in quarter}
    slower = [cost for cost in whole if cost["seconds"] > 8 * by_shape[cost["operation"], cost["shape"]] + SECONDS / 8]
    assert slower == []


@pytest.mark.rule("event.values", "event.details")
def test_large_events_are_refused_cheaply() -> None:
    """Results that nobody could get, now and later, are refused, and take no room in the agenda. (Of the largest
    bodies, events are among those above.)"""
    found = costs("events", MAX_BODY // 4)
    assert beyond(found) == []
    assert all(cost["received"] < 10_000 for cost in found)


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/api/v1/appointments/{APPOINTMENT}/panels", {"panel_ids": [1] * 340_000}),
        ("/_sandbox/worlds/hostile/events", {"values": {f"name{number}": 1 for number in range(2000)}}),
        ("/_sandbox/worlds/hostile/events", {"values": {f"name{number}": 1 for number in range(60_000)}}),
    ],
)
def test_a_server_refuses_and_goes_on(path: str, body: Any) -> None:
    """Over a connection the refusal is as short, and the next request is served."""
    content = json.dumps(body, separators=(",", ":")).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\nx-api-key: sbx_hostile\r\ncontent-type: application/json\r\n"
    with LiveServer() as server, Wire(server.url) as wire:
        wire.send(f"{head}content-length: {len(content)}\r\n\r\n".encode() + content)
        status, headers, refusal = wire.answer()
        assert (status, headers["x-sandbox-rule"].partition(";")[0][-6:]) in ((400, "format"), (400, "schema"))
        assert len(refusal["details"]) <= 100
        assert int(headers["content-length"]) < 30_000
        wire.send(b"GET /api/v1/units HTTP/1.1\r\nhost: localhost\r\nx-api-key: sbx_hostile\r\n\r\n")
        assert wire.answer()[0] == 200
