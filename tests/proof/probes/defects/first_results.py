"""A client that waits until any result is there, and takes what it gets for all of them."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from aniva_sandbox.testing import Aniva

MARIA = "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"
BERLIN = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"
CONTAINER = "00000000-0000-0000-0000-000000000aff"
LIPIDS = [58, 60, 61]

pytestmark = pytest.mark.aniva(settings={"lab_quick_hours": 12, "courier_automation": False})


class Lab:
    """Orders single biomarkers and waits for their values."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def draw(self, appointment: str, biomarkers: list[int]) -> None:
        """Order biomarkers and confirm the draw."""
        order = {"panel_id": CONTAINER, "biomarker_ids": biomarkers}
        self.call("PATCH", f"/api/v1/appointments/{appointment}/custom-snapshot", order)
        self.call("POST", f"/api/v1/appointments/{appointment}/confirm", {"barcode": "4130075220"})

    def wait(self, appointment: str, sleep: Callable[[float], Any] = lambda seconds: time.sleep(seconds)) -> set[int]:
        """Wait until results have arrived, up to two weeks; returns which."""
        for _ in range(56):
            results = self.call("GET", f"/api/v1/appointments/{appointment}/results")["clinical_results"]
            if arrived := {entry["biomarker_id"] for entry in results if entry["status"] != "planned"}:
                return arrived
            sleep(6 * 3600)
        raise TimeoutError("no results in two weeks")

    def call(self, method: str, path: str, body: Any = None) -> Any:
        response = self.http.request(method, path, json=body)
        response.raise_for_status()
        return response.json()


@pytest.fixture
def appointment(aniva: Aniva) -> str:
    """An appointment whose time has come."""
    at = aniva.clock.now + timedelta(hours=3)
    booking = {"profile_id": MARIA, "location_id": BERLIN, "scheduled_at": at.isoformat()}
    booked = aniva.client.post("/api/v1/appointments", json=booking).raise_for_status()
    aniva.clock.travel_to(at)
    return str(booked.json()["id"])


def test_results_have_arrived(aniva: Aniva, appointment: str) -> None:
    lab = Lab(aniva.client)
    lab.draw(appointment, LIPIDS)
    aniva.happen("lab.results_arrived", appointment_id=appointment)
    assert lab.wait(appointment) == set(LIPIDS)


def test_results_take_half_a_day(aniva: Aniva, appointment: str) -> None:
    lab = Lab(aniva.client)
    lab.draw(appointment, LIPIDS)
    assert lab.wait(appointment, sleep=lambda seconds: aniva.clock.advance(seconds=seconds)) == set(LIPIDS)
