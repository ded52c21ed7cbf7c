"""A client that books again when a response is lost, without looking whether it has booked already."""

import time
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from aniva_sandbox.testing import Aniva

MARIA = "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"
BERLIN = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"


class Calendar:
    """Books blood draws."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def book(self, profile: str, location: str, at: datetime) -> dict[str, Any]:
        """Book a draw; where the connection breaks, up to three times."""
        booking = {"profile_id": profile, "location_id": location, "scheduled_at": at.isoformat()}
        for pause in (0.2, 0.4, None):
            try:
                response = self.http.post("/api/v1/appointments", json=booking)
                break
            except httpx2.TransportError:
                if pause is None:
                    raise
                time.sleep(pause)
        response.raise_for_status()
        return dict(response.json())


def test_books_a_draw(aniva: Aniva) -> None:
    booked = Calendar(aniva.client).book(MARIA, BERLIN, aniva.clock.now + timedelta(days=7))
    shown = aniva.client.get(f"/api/v1/appointments/{booked['id']}").json()
    assert (shown["status"], shown["profile_id"], shown["location_id"]) == ("confirmed", MARIA, BERLIN)


def test_does_not_book_in_the_past(aniva: Aniva) -> None:
    with pytest.raises(httpx2.HTTPStatusError) as refused:
        Calendar(aniva.client).book(MARIA, BERLIN, aniva.clock.now - timedelta(days=1))
    assert refused.value.response.status_code == 400
