"""A client of httpx that books, ships and links, with dates as the calendar at the location has them."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from aniva_sandbox.testing import Aniva

JANE = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
HELSINKI = "f1a2b3c4-d5e6-4f7a-8b9c-0d1e2f3a4b5c"
BERLIN = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"
CONFIRMED = "c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a"
CUT_OFF = time(15, 45)
"""A quarter of an hour before the courier's, in the courier's zone."""
COURIER = ZoneInfo("Europe/Berlin")

Record = dict[str, Any]

pytestmark = pytest.mark.aniva(settings={"courier_automation": False, "lab_automation": False})


class Refused(Exception):
    """The API did not do what it was asked to."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"{response.status_code}: {response.text}")
        self.status = response.status_code


class Courier:
    """Books draws and sends boxes."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def zone(self, location: str) -> ZoneInfo:
        """The time zone of a location."""
        (found,) = (each for each in self.call("GET", "/locations") if each["id"] == location)
        return ZoneInfo(found["timezone"] or "UTC")

    def book(self, profile: str, location: str, day: date, at: time) -> Record:
        """Book a draw at a time of the location's clock."""
        start = datetime.combine(day, at, self.zone(location))
        booking = {"profile_id": profile, "location_id": location, "scheduled_at": start.isoformat()}
        return dict(self.call("POST", "/appointments", booking))

    def send_box(self, location: str, now: datetime) -> Record:
        """Order the courier for the next day on which it comes."""
        order = {
            "location_id": location,
            "pickup_date": next_pickup(now, self.zone(location)).isoformat(),
            "pickup_time_from": "12:00",
            "pickup_time_till": "17:00",
        }
        return dict(self.call("POST", "/shipments", order))

    def link(self, appointment: str, box: str) -> Record:
        """Link an appointment to a box; a refusal does not matter if they are linked."""
        try:
            return dict(self.call("POST", f"/appointments/{appointment}/shipments", {"shipment_ids": [box]}))
        except Refused as refused:
            shown = self.call("GET", f"/appointments/{appointment}")
            if refused.status != 409 or box not in links_of(shown):
                raise
            return dict(shown)

    def postpone(self, box: str, day: date) -> Record:
        """Move a pickup to another day; a box that is on its way is returned as it is."""
        try:
            return dict(self.call("PATCH", f"/shipments/{box}", {"pickup_date": day.isoformat()}))
        except Refused as refused:
            if refused.status != 409:
                raise
            return dict(self.call("GET", f"/shipments/{box}"))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        response = self.http.request(method, f"/api/v1{path}", json=body)
        if response.is_error:
            raise Refused(response)
        return response.json()


def next_pickup(now: datetime, zone: ZoneInfo) -> date:
    """The first weekday at the location for which the courier still takes orders."""
    day = now.astimezone(zone).date()
    there = now.astimezone(COURIER)
    if day == there.date() and there.time() >= CUT_OFF:
        day += timedelta(days=1)
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return day


def links_of(appointment: Record) -> set[str]:
    """The boxes that an appointment is linked to."""
    return {link["id"] for link in appointment["shipments"]}


def pickup_of(box: Record) -> date | None:
    """The day of a pickup, if it is known."""
    return box["pickup"] and datetime.fromisoformat(box["pickup"]["from"]).date()


@pytest.fixture
def courier(aniva: Aniva) -> Iterator[Courier]:
    headers = {"x-api-key": aniva.api_key}
    with httpx.Client(transport=aniva.transport(httpx), base_url="https://api.example.com", headers=headers) as http:
        yield Courier(http)


def test_books_by_the_clock_at_the_location(aniva: Aniva, courier: Courier) -> None:
    day = next_pickup(aniva.clock.now + timedelta(days=7), COURIER)
    booked = courier.book(JANE, HELSINKI, day, time(10, 30))
    shown = courier.call("GET", f"/appointments/{booked['id']}")
    assert shown["status"] == "confirmed"
    assert str(shown["scheduled_at"]).startswith(f"{day}T10:30:00+0")


def test_sends_a_box_and_links_it(aniva: Aniva, courier: Courier) -> None:
    box = courier.send_box(BERLIN, aniva.clock.now)
    assert (box["status"], pickup_of(box)) == ("pending", next_pickup(aniva.clock.now, COURIER))
    assert box["id"] in links_of(courier.link(CONFIRMED, box["id"]))


def test_links_until_a_day_has_passed(aniva: Aniva, courier: Courier) -> None:
    late, later = (courier.send_box(BERLIN, aniva.clock.now)["id"] for _ in range(2))
    aniva.clock.advance(hours=23, minutes=59)
    assert late in links_of(courier.link(CONFIRMED, late))
    aniva.clock.advance(minutes=1)
    assert late in links_of(courier.link(CONFIRMED, late))
    with pytest.raises(Refused) as refused:
        courier.link(CONFIRMED, later)
    assert refused.value.status == 409


def test_a_box_on_its_way_is_not_postponed(aniva: Aniva, courier: Courier) -> None:
    box = courier.send_box(BERLIN, aniva.clock.now)
    day = next_pickup(aniva.clock.now + timedelta(days=7), COURIER)
    assert pickup_of(courier.postpone(box["id"], day)) == day
    aniva.happen("courier.picked_up", shipment_id=box["id"])
    shown = courier.postpone(box["id"], day + timedelta(days=7))
    assert (shown["status"], pickup_of(shown)) == ("in_transit", day)
