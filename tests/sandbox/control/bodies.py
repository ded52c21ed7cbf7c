"""Bodies that the control plane and the Partner API take, and what comes of them."""

from typing import Any

from tests.support import BERLIN, PENDING_APPOINTMENT, PROFILE, Client

START = "2026-04-13T08:00:00Z"


def events(client: Client) -> list[dict[str, Any]]:
    """The history of the test's world."""
    return list(client.control("GET", "/worlds/test/events").json)


CONFIRMED = {"type": "practice.confirmed", "appointment_id": PENDING_APPOINTMENT}
CLOSED = {"type": "location.closed", "location_id": BERLIN}
ORDERED = {"type": "kit.ordered", "profile_id": PROFILE}
