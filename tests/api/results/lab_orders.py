"""Orders in a world whose laboratories wait, and what a test lets happen to them."""

from typing import Any

from aniva_sandbox.api.appointments.draw import confirm_blood_draw
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance, happen
from tests.laboratory.common import EVERY_PANEL, results
from tests.support import run

TOTAL, HDL, TRIGLYCERIDES, LDL, RATIO, GLUCOSE, HBA1C, VITAMIN_D, APOE, HIV, ANA = (
    *(57, 58, 59, 60, 61),
    *(150, 151, 42, 201, 263, 250),
)


def arrive(world: World, id: str, **details: Any) -> dict[str, Any]:
    """Let results arrive now; returns the details of what happened."""
    return happen(world, Event("lab.results_arrived", id, details)).event.details


def skipped(world: World) -> list[dict[str, Any]]:
    """The events of the past that were not possible."""
    return [entry.event.details for entry in world.history if "skipped" in entry.event.details]


def received(world: World, id: str) -> set[int]:
    """The biomarkers whose results are there."""
    answer = results(world, id)
    return {e["biomarker_id"] for k in ("clinical_results", "genetic_results") for e in answer[k] if e["tested_at"]}


def draw_booked(world: World, id: str, barcode: str) -> str:
    """Confirm the draw of a booking."""
    run(world, confirm_blood_draw, id, {"barcode": barcode})
    advance(world, world.now)
    return id


CARDIOMETABOLIC = EVERY_PANEL[1]
NON_HDL, TSH = 62, 87


def planned(world: World) -> list[str]:
    """What the laboratories will do by themselves."""
    return [event.type for _, event in world.agenda if event.type.startswith("lab.")]


def shown(world: World, id: str) -> dict[int, dict[str, Any]]:
    """The results of a draw by biomarker."""
    answer = results(world, id)
    return {e["biomarker_id"]: e for kind in ("clinical_results", "genetic_results") for e in answer[kind]}
