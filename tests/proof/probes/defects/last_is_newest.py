"""A client that takes the last of a list for the newest, in an order that nobody promises."""

from typing import Any

import httpx2

from aniva_sandbox.testing import Aniva

JANE = {
    "first_name": "Jane",
    "last_name": "Roe",
    "sex": 2,
    "date_of_birth": "1990-06-15",
    "profile_group": "acme-clinic-berlin",
}


class Patients:
    """Registers patients."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def register(self, patient: dict[str, Any]) -> str:
        """Register a patient; returns the id."""
        response = self.http.post("/api/v1/profiles", json=patient)
        response.raise_for_status()
        return str(response.json()["id"])

    def newest(self) -> str:
        """The id of the patient who was registered last."""
        response = self.http.get("/api/v1/profiles")
        response.raise_for_status()
        return str(response.json()[-1]["id"])


def test_who_was_registered_last_is_the_newest(aniva: Aniva) -> None:
    patients = Patients(aniva.client)
    assert patients.newest() != (jane := patients.register(JANE))
    assert patients.newest() == jane
