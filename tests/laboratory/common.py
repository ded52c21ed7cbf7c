"""What the tests of results share: a draw with its order, and its results as they are answered."""

from typing import Any

from aniva_sandbox.api.appointments.custom_snapshot import add_biomarkers
from aniva_sandbox.api.appointments.draw import confirm_blood_draw
from aniva_sandbox.api.appointments.operations import create_appointment
from aniva_sandbox.api.appointments.panels import add_panels
from aniva_sandbox.api.profiles.operations import create_profile
from aniva_sandbox.api.results.operations import get_results
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.events import settle
from aniva_sandbox.laboratory.measurements import Sex
from tests.support import BERLIN, CUSTOM_PANEL, GENETICS_PANEL, OTHER_PANEL, PANEL, run

EVERY_PANEL = [
    PANEL,
    OTHER_PANEL,
    "e5f6a7b8-c9d0-4e2f-b3a4-c5d6e7f8a9b0",
    "6623f285-afb0-48f8-9286-200c5895b73f",
    "1a90709b-2925-48a8-9199-041e7e8303b8",
    "ec6f8fe8-9f35-46d8-97d4-52aab172b637",
    "3207aa83-8a16-4d61-afd8-66e7e87cc32d",
    GENETICS_PANEL,
    "9b5b3ca2-187e-4f12-a3b9-1b159c0a778f",
    "e21a0725-fddc-47cb-8161-d8dc84a76cb3",
    "8a148b23-03e0-4d3e-9370-4ae702c62ddb",
    "0720af00-8ac8-445d-92ea-91000f312e37",
    "84620cf0-1910-46f3-bc2e-1fc79292e607",
    "2fdf63ea-a44d-49c4-b5e7-637b65ad5331",
    "a50638b9-eb4f-4f81-b07f-f253458952bc",
]
COMPLETE, PARTIAL, HIGH, LOW, CORRECTED, FAILED, NORMAL, UNMEASURABLE, CARRIER = (
    f"9990{number}75218" for number in range(1, 10)
)
"""Magic barcodes, by what they bring about."""
PLAIN = "4130075218"


def book(world: World, *panels: str, location: str = BERLIN, sex: Sex = 2, born: str = "1990-06-15") -> str:
    """Book a draw for a new profile, with these panels; returns its id."""
    person = {"first_name": "Jane", "sex": sex, "date_of_birth": born, "profile_group": "acme-clinic-berlin"}
    profile = run(world, create_profile, body=person)["id"]
    booking = {"profile_id": profile, "location_id": location, "scheduled_at": "2030-04-15T10:30:00Z"}
    id: str = run(world, create_appointment, body=booking)["id"]
    if panels:
        run(world, add_panels, id, {"panel_ids": list(panels)})
    return id


def draw(world: World, *panels: str, barcode: str = PLAIN, biomarkers: tuple[int, ...] = (), **person: Any) -> str:
    """Book a draw as :func:`book` does, with single biomarkers too, and confirm it; returns its id."""
    id = book(world, *panels, **person)
    if biomarkers:
        run(world, add_biomarkers, id, {"panel_id": CUSTOM_PANEL, "biomarker_ids": list(biomarkers)})
    run(world, confirm_blood_draw, id, {"barcode": barcode})
    settle(world)
    return id


def results(world: World, id: str) -> dict[str, Any]:
    """The results of a draw, as they are answered."""
    answer: dict[str, Any] = run(world, get_results, id)
    return answer


def values(answer: dict[str, Any]) -> dict[int, float]:
    """The values of clinical results that are there, by biomarker."""
    return {e["biomarker_id"]: e["value"] for e in answer["clinical_results"] if e["status"] != "planned"}
