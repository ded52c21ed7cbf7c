"""A client that reads today's date in UTC, where the courier's calendar is that of Berlin."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest

from aniva_sandbox.testing import Aniva

BERLIN = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"
COURIER = ZoneInfo("Europe/Berlin")


def pickup_day(now: datetime) -> date:
    """The next day on which the courier comes: today until a quarter to four, and never at a weekend."""
    day = now.date()
    if now.astimezone(COURIER).time() >= time(15, 45):
        day += timedelta(days=1)
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return day


def order_box(http: httpx2.Client, location: str, now: datetime) -> dict[str, Any]:
    """Order the courier to a location as soon as possible."""
    order = {
        "location_id": location,
        "pickup_date": pickup_day(now).isoformat(),
        "pickup_time_from": "12:00",
        "pickup_time_till": "17:00",
    }
    response = http.post("/api/v1/shipments", json=order)
    response.raise_for_status()
    return dict(response.json())


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 4, 16, 9, tzinfo=UTC), date(2026, 4, 16)),
        (datetime(2026, 4, 16, 13, 50, tzinfo=UTC), date(2026, 4, 17)),
        (datetime(2026, 4, 17, 13, 50, tzinfo=UTC), date(2026, 4, 20)),
        (datetime(2026, 4, 18, 9, tzinfo=UTC), date(2026, 4, 20)),
    ],
)
def test_the_next_pickup(now: datetime, day: date) -> None:
    assert pickup_day(now) == day


def test_orders_a_box(aniva: Aniva) -> None:
    box = order_box(aniva.client, BERLIN, aniva.clock.now)
    assert (box["status"], box["logistics_provider"]) == ("pending", "go")
