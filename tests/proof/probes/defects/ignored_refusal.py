"""A client that cancels what it can, and does not say what it could not."""

from collections.abc import Iterable

import httpx2

from aniva_sandbox.testing import Aniva

CONFIRMED = "c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a"
DRAWN = "384c87ee-390f-4b77-ad26-365f12df51f8"


def cancel_all(http: httpx2.Client, appointments: Iterable[str]) -> None:
    """Cancel appointments, as when a patient leaves."""
    for id in appointments:
        response = http.delete(f"/api/v1/appointments/{id}")
        if response.status_code != 409:
            response.raise_for_status()


def test_cancels_the_appointments_of_a_patient(aniva: Aniva) -> None:
    cancel_all(aniva.client, [DRAWN, CONFIRMED])
    assert aniva.client.get(f"/api/v1/appointments/{CONFIRMED}").json()["status"] == "cancelled"
