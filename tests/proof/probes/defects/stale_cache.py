"""A client that remembers the status of an appointment as it first saw it."""

import httpx2

from aniva_sandbox.testing import Aniva

WAITING = "76aaf46a-d193-483d-a45b-9ce4e3388287"
CANCELLED = "27d4b2af-ecc5-46cb-92f7-7f4e6960ecf4"


class Diary:
    """Knows which appointments are still ahead."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http
        self.status: dict[str, str] = {}

    def update(self) -> None:
        """Look for new appointments."""
        response = self.http.get("/api/v1/appointments")
        response.raise_for_status()
        for each in response.json():
            self.status.setdefault(each["id"], each["status"])

    def ahead(self) -> set[str]:
        """The appointments to which patients still have to come."""
        self.update()
        return {id for id, status in self.status.items() if status in ("pending", "confirmed")}


def test_an_appointment_is_ahead_before_and_after_it_is_confirmed(aniva: Aniva) -> None:
    diary = Diary(aniva.client)
    assert WAITING in diary.ahead()
    aniva.happen("practice.confirmed", appointment_id=WAITING)
    assert WAITING in diary.ahead()


def test_a_cancelled_appointment_is_not_ahead(aniva: Aniva) -> None:
    assert CANCELLED not in Diary(aniva.client).ahead()
