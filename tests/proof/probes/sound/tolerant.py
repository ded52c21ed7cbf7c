"""A typed client that ignores fields it does not know, expects null, and waits until results are complete."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

import httpx2
import msgspec
import pytest

from aniva_sandbox.testing import Aniva

MARIA = "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"
BERLIN = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"
CONTAINER = "00000000-0000-0000-0000-000000000aff"
VITAMIN_D = 42
HDL = 58
LDL = 60

pytestmark = pytest.mark.aniva(settings={"courier_automation": False, "lab_quick_hours": 6, "lab_slow_hours": 12})


class Clinical(msgspec.Struct):
    """A result with a number; planned until it arrives."""

    status: Literal["planned", "received", "corrected"]
    biomarker_id: int
    value: float | None
    unit: str | None


class Document(msgspec.Struct):
    """A report."""

    id: str
    file_name: str


class Results(msgspec.Struct):
    """The results of a draw so far."""

    status: Literal["in_progress", "completed"]
    clinical_results: list[Clinical]
    documents: list[Document]

    def of(self, biomarker: int) -> Clinical:
        """The result of a biomarker."""
        (entry,) = (entry for entry in self.clinical_results if entry.biomarker_id == biomarker)
        return entry


class Refused(Exception):
    """The API did not do what it was asked to."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__(f"{response.status_code}: {response.text}")
        self.status = response.status_code


class Lab:
    """Orders single biomarkers and waits for their results."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def order(self, appointment: str, *biomarkers: int) -> None:
        """Order biomarkers."""
        order = {"panel_id": CONTAINER, "biomarker_ids": biomarkers}
        self.call("PATCH", f"/api/v1/appointments/{appointment}/custom-snapshot", order)

    def draw(self, appointment: str, barcode: str) -> None:
        """Confirm that the blood is drawn."""
        self.call("POST", f"/api/v1/appointments/{appointment}/confirm", {"barcode": barcode})

    def results(self, appointment: str) -> Results:
        """The results so far."""
        body = self.call("GET", f"/api/v1/appointments/{appointment}/results")
        return msgspec.json.decode(body, type=Results)

    def wait(self, appointment: str, sleep: Callable[[float], Any] = lambda seconds: time.sleep(seconds)) -> Results:
        """The results once they are complete; requests them every three hours, up to two weeks."""
        for _ in range(112):
            if (results := self.results(appointment)).status == "completed":
                return results
            sleep(3 * 3600)
        raise TimeoutError(f"the results of {appointment} are not complete")

    def call(self, method: str, path: str, body: Any = None) -> bytes:
        response = self.http.request(method, path, json=body)
        if response.is_error:
            raise Refused(response)
        return response.content


@pytest.fixture
def lab(aniva: Aniva) -> Lab:
    return Lab(aniva.client)


@pytest.fixture
def appointment(aniva: Aniva) -> str:
    """An appointment whose time has come."""
    at = aniva.clock.now + timedelta(hours=3)
    booking = {"profile_id": MARIA, "location_id": BERLIN, "scheduled_at": at.isoformat()}
    booked = aniva.client.post("/api/v1/appointments", json=booking).raise_for_status()
    aniva.clock.travel_to(at)
    return str(booked.json()["id"])


def test_waits_until_results_are_complete(aniva: Aniva, lab: Lab, appointment: str) -> None:
    lab.order(appointment, VITAMIN_D, HDL, LDL)
    lab.draw(appointment, "4130075220")
    results = lab.wait(appointment, sleep=lambda seconds: aniva.clock.advance(seconds=seconds))
    assert [results.of(biomarker).status for biomarker in (VITAMIN_D, HDL, LDL)] == ["received"] * 3
    assert len(results.documents) == 1


def test_a_reviewer_corrects_a_value(aniva: Aniva, lab: Lab, appointment: str) -> None:
    lab.order(appointment, VITAMIN_D)
    lab.draw(appointment, "4130075221")
    aniva.happen("lab.results_arrived", appointment_id=appointment, values={VITAMIN_D: 41})
    assert lab.wait(appointment).of(VITAMIN_D).value == 41
    aniva.happen("lab.corrected", appointment_id=appointment, values={VITAMIN_D: 48})
    corrected = lab.wait(appointment).of(VITAMIN_D)
    assert (corrected.status, corrected.value) == ("corrected", 48)


def test_nothing_is_ordered_after_the_draw(lab: Lab, appointment: str) -> None:
    lab.order(appointment, HDL)
    lab.draw(appointment, "4130075222")
    with pytest.raises(Refused) as refused:
        lab.order(appointment, VITAMIN_D)
    assert refused.value.status == 409
    assert [entry.biomarker_id for entry in lab.results(appointment).clinical_results] == [HDL]


@pytest.mark.parametrize("barcode", ["", "7" * 65, "413007522O"], ids=["empty", "long", "letter"])
def test_a_barcode_has_1_to_64_digits(lab: Lab, appointment: str, barcode: str) -> None:
    with pytest.raises(Refused) as refused:
        lab.draw(appointment, barcode)
    assert refused.value.status == 400
