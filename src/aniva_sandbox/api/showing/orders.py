"""How lab orders are shown: as the results of their draws."""

from collections.abc import Iterable, Iterator
from typing import Final

from aniva_sandbox.api.results.events import EVENTS
from aniva_sandbox.api.results.operations import get_results
from aniva_sandbox.api.showing.common import (
    appointment_name,
    onlooker,
    order_state,
    patient_name,
    related_appointment,
    related_document,
    related_profile,
)
from aniva_sandbox.api.showing.results import draw_facts, files_of, measurements_of, patient_fact
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.showing import Column, Measurement, RecordFact, RelatedRecord, SectionShowing
from aniva_sandbox.laboratory.orders import LabOrder

__all__ = ["ORDERS"]


def _laboratories(world: World, order: LabOrder) -> str | None:
    slugs = dict.fromkeys(submission.laboratory for submission in order.submissions)
    return ", ".join(world.catalogue.laboratories[slug].name for slug in slugs) or None


def _facts(world: World, order: LabOrder) -> Iterator[RecordFact]:
    yield from draw_facts(order)
    yield patient_fact(order.patient)
    if order.failed:
        yield RecordFact("Lab order", "failed", "Nothing arrives any more.")
    elif order.outstanding and world.appointments[order.id].status == "cancelled":
        yield RecordFact("Lab order", "cancelled", "Nothing arrives any more, as the appointment is cancelled.")
    for submission in order.submissions:
        laboratory = world.catalogue.laboratories[submission.laboratory].name
        arrived = sum(id in order.results for id in submission.biomarker_ids)
        note = "When all have arrived, a report follows." if arrived < len(submission.biomarker_ids) else None
        label = f"{laboratory}, {submission.kind}"
        yield RecordFact(label, f"{arrived} of {len(submission.biomarker_ids)} arrived", note)


def _related(world: World, order: LabOrder) -> Iterator[RelatedRecord]:
    yield related_appointment(world, world.appointments[order.id])
    yield related_profile(world.profiles[order.patient.profile_id])
    for id in order.document_ids:
        yield related_document(world, world.documents[id])


def _measurements(world: World, order: LabOrder) -> Iterable[Measurement]:
    view = get_results.run(world, onlooker(world, order.id))
    return measurements_of(world.catalogue, view.clinical_results, view.genetic_results)


ORDERS: Final = SectionShowing(
    title="Results",
    columns=(
        Column("Patient", lambda world, order: patient_name(world.profiles[order.patient.profile_id])),
        Column("Drawn on", lambda _world, order: str(order.drawn_on)),
        Column("Barcode", lambda _world, order: order.barcode),
        Column("Laboratory", _laboratories),
        Column(
            "Arrived",
            lambda _world, order: f"{len(order.results)} of {len(order.biomarker_ids)}",
            lambda _world, order: len(order.results),
        ),
        Column(
            "Reports", lambda _world, order: str(len(order.document_ids)), lambda _world, each: len(each.document_ids)
        ),
    ),
    name=lambda world, order: f"Results: {appointment_name(world, world.appointments[order.id])}",
    fields=lambda world, order: get_results.run(world, onlooker(world, order.id)),
    newest_first=True,
    states=("in_progress", "completed", "failed", "cancelled"),
    state=order_state,
    facts=_facts,
    related=_related,
    measurements=_measurements,
    files=files_of,
    events=tuple(EVENTS),
)
