"""Python's time along with the world's."""

import sys
from datetime import datetime

import pytest

from aniva_sandbox.testing import Aniva
from tests.testing.common import QUIET

pytest_plugins = ["pytester"]

FROZEN = """
import asyncio
import sys
import time
from datetime import UTC, date, datetime, timedelta

import pytest

sys.modules["HIDDEN"] = None  # as if it were not installed


def both(aniva, text):
    then = datetime.fromisoformat(text)
    return (datetime.now(UTC), time.time(), date.today(), aniva.clock.now) == (
        then, then.timestamp(), then.date(), then)


def test_moves(aniva):
    before = datetime.now(UTC), time.tzname, time.timezone
    with aniva.clock.freeze():
        assert both(aniva, "2026-04-13T08:00:00Z")
        aniva.clock.advance(timedelta(hours=1), minutes=30)
        assert both(aniva, "2026-04-13T09:30:00Z")
        aniva.clock.travel_to(datetime.now(UTC) + timedelta(days=1))
        assert both(aniva, "2026-04-14T09:30:00Z")
        with aniva.snapshot():
            aniva.clock.advance_until("courier.delivered", shipment_id="P2604154821")
            assert both(aniva, "2026-04-16T08:00:00Z")
        assert both(aniva, "2026-04-14T09:30:00Z")
        with pytest.raises(Exception, match="clock.forward"):
            aniva.clock.advance(seconds=-1)
        with aniva.reset():
            assert both(aniva, "2026-04-13T08:00:00Z")
        assert both(aniva, "2026-04-14T09:30:00Z")
        with aniva.clock.freeze():
            aniva.clock.advance(seconds=1)
            assert both(aniva, "2026-04-14T09:30:01Z")
        aniva.clock.advance(seconds=1)
        assert both(aniva, "2026-04-14T09:30:02Z")
        assert (time.tzname, time.timezone) == before[1:]
        booked = aniva.client.post("/api/v1/appointments", json={
            "profile_id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d",
            "location_id": "f2b7e6e2-6afc-4e2e-8a9e-cc7625c9ff4e",
            "scheduled_at": (datetime.now(UTC) + timedelta(days=7)).isoformat()})
        assert booked.json()["created_at"] == "2026-04-14T09:30:02Z"
        asyncio.run(asyncio.sleep(0.001))
    assert datetime.now(UTC) >= before[0]
    aniva.clock.advance(days=1)
    assert datetime.now(UTC) < before[0] + timedelta(hours=1)


@pytest.mark.aniva(clock="real")
def test_real(aniva):
    with aniva.clock.freeze():
        now = datetime.now(UTC)
        aniva.clock.advance(days=400)
        assert (datetime.now(UTC), aniva.clock.now) == (now + timedelta(days=400),) * 2
    assert aniva.client.get(f"/_sandbox/worlds/{aniva.world}/clock").json()["mode"] == "real"


def test_raises(aniva):
    before = datetime.now(UTC)
    with pytest.raises(ZeroDivisionError), aniva.clock.freeze():
        aniva.close()
        1 / 0
    assert datetime.now(UTC) >= before
"""


@pytest.mark.parametrize("hidden", ["freezegun", "time_machine", "neither"])
def test_python_goes_with_the_world(pytester: pytest.Pytester, hidden: str) -> None:
    """Through either library, Python's time stands where the world's does, and goes with it, forwards by moves and back
    by what puts the world back; afterwards it is the machine's, and the world's goes on alone."""
    pytester.makepyfile(FROZEN.replace("HIDDEN", hidden))
    result = pytester.runpytest_subprocess(*QUIET, "-p", "no:time_machine")
    result.assert_outcomes(passed=3)


def test_within_freezegun(pytester: pytest.Pytester) -> None:
    """Where freezegun has frozen time already, it is what takes Python's time along."""
    pytester.makepyfile(
        """
        from datetime import datetime
        from freezegun import freeze_time

        @freeze_time("1999-12-31T12:00:00Z")
        def test_it(aniva):
            with aniva.clock.freeze():
                assert datetime.now().year == 2026
            assert datetime.now().year == 1999
        """
    )
    pytester.runpytest_subprocess(*QUIET).assert_outcomes(passed=1)


def test_without_a_library(aniva: Aniva, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no library for it, it says which to install, and nothing has changed."""
    for name in ("freezegun", "time_machine"):
        monkeypatch.setitem(sys.modules, name, None)
    before = datetime.now().astimezone()
    with pytest.raises(ImportError, match="pip install time-machine"), aniva.clock.freeze():
        pass
    assert datetime.now().astimezone() >= before
    assert aniva.clock.advance(seconds=1) == []
