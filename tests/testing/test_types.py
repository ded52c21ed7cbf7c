"""What an editor and a type checker know of the fixture: all of it, and when it is used wrongly."""

import re
import subprocess
import sys
from pathlib import Path

from tests.testing.common import ROOT

RIGHT = """
from datetime import UTC, date, datetime, timedelta
from typing import Literal, assert_type

import httpx
import httpx2
import pytest

from aniva_sandbox import Sandbox
from aniva_sandbox.testing import (
    Aniva,
    Clock,
    ControlError,
    EventDict,
    EventType,
    Exchange,
    Exchanges,
    Fault,
    Faults,
    Hint,
    LiveServer,
    RuleName,
    Snapshot,
    Undo,
)


@pytest.mark.aniva(clock="2026-12-24T12:00:00Z", seed=7, settings={"taken_slots": "refuse"})
def test_right(aniva: Aniva) -> None:
    assert_type(aniva.url, str)
    assert_type(aniva.world, str)
    assert_type(aniva.api_key, str)
    assert_type(aniva.key("reader"), str)
    assert_type(aniva.client, httpx2.Client)
    assert_type(aniva.async_client, httpx2.AsyncClient)
    httpx2.AsyncClient(transport=httpx2.ASGITransport(app=aniva.asgi))
    httpx2.Client(transport=httpx2.WSGITransport(app=aniva.wsgi))
    assert_type(aniva.transport(), httpx2.BaseTransport)
    assert_type(aniva.transport(httpx), httpx.BaseTransport)
    assert_type(aniva.async_transport(), httpx2.AsyncBaseTransport)
    assert_type(aniva.async_transport(httpx), httpx.AsyncBaseTransport)

    assert_type(aniva.clock, Clock)
    assert_type(aniva.clock.now, datetime)
    assert_type(aniva.clock.advance(days=1, hours=1, minutes=1, seconds=1.5), list[EventDict])
    assert_type(aniva.clock.advance(timedelta(hours=1), minutes=1), list[EventDict])
    with aniva.clock.freeze():
        pass
    assert_type(aniva.clock.travel_to("2026-12-28T00:00:00Z"), list[EventDict])
    assert_type(aniva.clock.travel_to(datetime(2026, 12, 29, tzinfo=UTC)), list[EventDict])
    assert_type(aniva.clock.advance_until("courier.delivered", shipment_id="P2604154821"), list[EventDict])

    event = aniva.happen("lab.results_arrived", appointment_id="1", values={"60": 6.2, "61": "AA"}, comment="high")
    assert_type(event, EventDict)
    assert_type(event["time"], str)
    assert_type(event["type"], EventType)
    assert_type(event["values"], dict[str, float | str])
    assert_type(event["automatic"], Literal[True])
    aniva.happen("location.date_blocked", location_id="1", date=date(2026, 12, 30), time=datetime.now(UTC))
    assert_type(aniva.agenda, list[EventDict])
    assert_type(aniva.take_mismatches(), list[str])
    assert_type(aniva.relied_on, list[RuleName])
    assert_type(aniva.hints, list[Hint])
    assert_type([(hint.number, hint.operation) for hint in aniva.hints], list[tuple[int, str | None]])
    assert_type([(hint.field, hint.text, hint.sentence) for hint in aniva.hints], list[tuple[str, str, str]])
    assert_type(aniva.story(), str)

    calls = aniva.calls("create_appointment", status=201, rule="appointment.future", since=aniva.clock.now)
    assert_type(calls, Exchanges)
    assert_type(calls.last, Exchange)
    assert_type(calls[1:], Exchanges)
    assert_type(calls.last.rules[0].basis, str)
    assert_type(calls.last.events, list[EventDict])
    assert_type(aniva.assert_called("cancel_appointment", times=1, json={"a": 1}), Exchanges)
    aniva.assert_not_called("get_profile")
    with aniva.faults.add("confirm_blood_draw", drop="after", times=1) as fault:
        assert_type(fault, Fault)
        assert_type(fault.fired, int)
    aniva.faults.add("get_profile", latency_ms=timedelta(seconds=1))
    aniva.faults.add(method="GET", path="/api/v1/units", status=503, retry_after=1, after=2, times=None)
    assert_type(aniva.faults, Faults)
    with aniva.snapshot() as snapshot:
        assert_type(snapshot, Snapshot)
    with aniva.restore(snapshot) as undo:
        assert_type(undo, Undo)
    with aniva.reset():
        pass


def test_server() -> None:
    with LiveServer() as server:
        assert_type(server.url, str)
    with Sandbox(world="default", clock=datetime.now(UTC), seed=1, settings={"taken_slots": "refuse"}) as sandbox:
        assert_type(sandbox, Sandbox)
        assert_type(sandbox.client, httpx2.Client)
    refusal = ControlError(409, "event.state", "no")
    assert_type((refusal.status, refusal.rule), tuple[int, str])
"""

WRONG = """
from aniva_sandbox.testing import Aniva
from aniva_sandbox.testing import Anniva  # attr-defined


def test_wrong(aniva: Aniva) -> None:
    aniva.address  # attr-defined
    aniva.key(1)  # arg-type
    aniva.clock.advance(weeks=1)  # call-arg
    aniva.clock.advance(5)  # arg-type
    aniva.transport("httpx")  # call-overload
    aniva.clock.travel_to(1)  # arg-type
    aniva.clock.advance_until("courier.arrived")  # arg-type
    aniva.clock.advance_until("courier.delivered", shipment="1")  # call-arg
    aniva.happen("practice.confirms", appointment_id="1")  # arg-type
    aniva.happen("practice.confirmed", appointment="1")  # call-arg
    aniva.happen("practice.confirmed", appointment_id=1)  # arg-type
    aniva.agenda[0]["when"]  # typeddict-item
    aniva.url = "http://elsewhere"  # misc
    aniva.faults.add("confirm_draw", status=503)  # arg-type
    aniva.faults.add("confirm_blood_draw", drop="now")  # arg-type
    aniva.faults.add("confirm_blood_draw", wait=1)  # call-arg
    aniva.assert_called("get_appointments")  # arg-type
    aniva.calls("get_appointment").last.code  # attr-defined
    aniva.hints[0].path  # attr-defined
    aniva.restore({})  # arg-type
"""


def test_types_are_known_to_users(tmp_path: Path) -> None:
    """A strict type checker takes a test that uses everything there is, knows the type of each part, and finds each
    wrong use in its line."""
    (tmp_path / "right.py").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(WRONG, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", ROOT / ".mypy_cache" / "users", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^(\w+\.py):(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.MULTILINE)
    marked = [
        ("wrong.py", str(number), line.partition("  # ")[2])
        for number, line in enumerate(WRONG.splitlines(), 1)
        if "  # " in line
    ]
    assert found == marked, done.stdout
    assert done.stderr == ""
