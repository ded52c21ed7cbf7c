"""A client that compares the status of an appointment to a word that the API does not have."""

from typing import Any

import httpx2
import pytest

from aniva_sandbox.testing import Aniva

WAITING = "76aaf46a-d193-483d-a45b-9ce4e3388287"
UNKNOWN = "11111111-2222-4333-8444-555555555555"


class Appointments:
    """Knows which appointments patients may be told."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def get(self, id: str) -> dict[str, Any]:
        """An appointment."""
        response = self.http.get(f"/api/v1/appointments/{id}")
        response.raise_for_status()
        return dict(response.json())

    def is_settled(self, id: str) -> bool:
        """Whether an appointment no longer waits for the practice."""
        return bool(self.get(id)["status"] != "requested")


def test_the_practice_settles_an_appointment(aniva: Aniva) -> None:
    aniva.happen("practice.confirmed", appointment_id=WAITING)
    assert Appointments(aniva.client).is_settled(WAITING)


def test_an_appointment_may_not_exist(aniva: Aniva) -> None:
    with pytest.raises(httpx2.HTTPStatusError) as refused:
        Appointments(aniva.client).is_settled(UNKNOWN)
    assert refused.value.response.status_code == 404
