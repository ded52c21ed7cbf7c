"""A client that tries again, waits as long as it is asked to, and looks before it repeats a booking."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from aniva_sandbox.testing import Aniva

MARIA = "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"
BERLIN = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"
CONFIRMED = "c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a"
WAITING = "76aaf46a-d193-483d-a45b-9ce4e3388287"
DRAWN = "384c87ee-390f-4b77-ad26-365f12df51f8"

Record = dict[str, Any]


class Refused(Exception):
    """The API refuses a request; repeating it does not help."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__(f"{response.status_code}: {response.text}")
        self.status = response.status_code


class Busy(Exception):
    """The API cannot take a request now."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__(f"{response.status_code}: {response.text}")
        self.wait = float(response.headers.get("retry-after", 0))


class Calendar:
    """Books, moves and cancels blood draws."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def get(self, id: str) -> Record:
        """An appointment."""
        return dict(self.send("GET", f"/api/v1/appointments/{id}"))

    def book(self, profile: str, location: str, at: datetime) -> Record:
        """Book a draw, once."""
        booking = {"profile_id": profile, "location_id": location, "scheduled_at": at.isoformat()}

        def find() -> Record | None:
            for each in self.send("GET", f"/api/v1/appointments?profile_id={profile}"):
                if each["status"] != "cancelled" and (each["location_id"], instant_of(each)) == (location, at):
                    return dict(each)
            return None

        return dict(self.send("POST", "/api/v1/appointments", booking, find))

    def move(self, id: str, at: datetime) -> Record:
        """Move an appointment to another time, which may be repeated."""
        return dict(self.send("PATCH", f"/api/v1/appointments/{id}", {"scheduled_at": at.isoformat()}))

    def cancel(self, id: str) -> Record:
        """Cancel an appointment."""

        def find() -> Record | None:
            return shown if (shown := self.get(id))["status"] == "cancelled" else None

        return dict(self.send("DELETE", f"/api/v1/appointments/{id}", None, find))

    def send(self, method: str, path: str, body: Any = None, find: Callable[[], Record | None] | None = None) -> Any:
        """Send a request up to four times; where a response is lost, ``find`` may find what became of the request."""
        for pause in (0.5, 1, 2):
            try:
                return self.once(method, path, body)
            except Busy as busy:
                time.sleep(max(pause, busy.wait))
            except (httpx2.TransportError, ValueError):
                time.sleep(pause)
                if find is not None and (found := find()) is not None:
                    return found
        return self.once(method, path, body)

    def once(self, method: str, path: str, body: Any) -> Any:
        response = self.http.request(method, path, json=body)
        if response.status_code in (429, 503):
            raise Busy(response)
        if response.is_error:
            raise Refused(response)
        return response.json()


def instant_of(appointment: Record) -> datetime | None:
    """The time of an appointment, if it has one."""
    at = appointment["scheduled_at"]
    return at and datetime.fromisoformat(at)


@pytest.fixture
def calendar(aniva: Aniva) -> Calendar:
    return Calendar(aniva.client)


def test_books(aniva: Aniva, calendar: Calendar) -> None:
    at = aniva.clock.now + timedelta(days=7)
    shown = calendar.get(calendar.book(MARIA, BERLIN, at)["id"])
    assert (shown["status"], shown["profile_id"], shown["location_id"]) == ("confirmed", MARIA, BERLIN)
    assert instant_of(shown) == at


def test_does_not_book_what_has_begun(aniva: Aniva, calendar: Calendar) -> None:
    with pytest.raises(Refused) as refused:
        calendar.book(MARIA, BERLIN, aniva.clock.now)
    assert refused.value.status == 400
    assert calendar.book(MARIA, BERLIN, aniva.clock.now + timedelta(minutes=15))["status"] == "confirmed"


def test_moves(calendar: Calendar) -> None:
    before = instant_of(calendar.get(CONFIRMED))
    assert before is not None
    calendar.move(CONFIRMED, before + timedelta(days=1))
    assert instant_of(calendar.get(CONFIRMED)) == before + timedelta(days=1)


def test_cancels_once(calendar: Calendar) -> None:
    assert calendar.cancel(CONFIRMED)["status"] == "cancelled"
    with pytest.raises(Refused) as refused:
        calendar.cancel(CONFIRMED)
    assert refused.value.status == 409
    assert calendar.get(CONFIRMED)["status"] == "cancelled"


def test_does_not_cancel_after_the_draw(calendar: Calendar) -> None:
    with pytest.raises(Refused) as refused:
        calendar.cancel(DRAWN)
    assert refused.value.status == 409
    assert calendar.get(DRAWN)["status"] == "blood_drawn"


def test_the_practice_confirms(aniva: Aniva, calendar: Calendar) -> None:
    assert calendar.get(WAITING)["status"] == "pending"
    aniva.happen("practice.confirmed", appointment_id=WAITING)
    assert calendar.get(WAITING)["status"] == "confirmed"
