"""How appointments are shown."""

from collections.abc import Iterable, Iterator
from typing import Final

from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.appointments.states import EDITABLE
from aniva_sandbox.api.appointments.wire import appointment_view
from aniva_sandbox.api.results.operations import get_results
from aniva_sandbox.api.showing.common import (
    access_fact,
    appointment_name,
    link_note,
    onlooker,
    patient_name,
    place_name,
    related_document,
    related_location,
    related_order,
    related_profile,
    related_shipment,
    time_text,
)
from aniva_sandbox.api.showing.results import draw_facts, files_of, measurements_of
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.showing import (
    Column,
    Measurement,
    RecordFact,
    RecordFile,
    RelatedRecord,
    SectionShowing,
    write_instant,
)

__all__ = ["APPOINTMENTS"]


def _panels(world: World, appointment: Appointment) -> str | None:
    """The names of the panels, and those of single biomarkers by their number."""
    panels = [world.catalogue.panels[id] for id in appointment.panels]
    names = [panel.name for panel in panels if not panel.is_custom]
    single = sum(map(len, appointment.snapshot.values()))
    if single:
        names.append(f"{single} single biomarker{'' if single == 1 else 's'}")
    return ", ".join(names) or None


def _facts(world: World, appointment: Appointment) -> Iterator[RecordFact]:
    editable = appointment.status in EDITABLE
    yield RecordFact(
        "Can be changed",
        "yes" if editable else "no",
        f"Only while it is {' or '.join(EDITABLE)}; it is {appointment.status}.",
    )
    yield RecordFact("Panels", _panels(world, appointment) or "none")
    for panel_id, ids in appointment.snapshot.items():
        panel = world.catalogue.panels[panel_id]
        laboratory = world.catalogue.laboratories[panel.laboratory or ""].name  # every container has one
        names = ", ".join(world.catalogue.biomarkers[id].name for id in ids)
        yield RecordFact("Custom snapshot", names, f"Measured by {laboratory}.")
    order = world.orders.get(appointment.id)
    if order is not None:
        yield from draw_facts(order)
    yield access_fact(world, appointment)


def _related(world: World, appointment: Appointment) -> Iterator[RelatedRecord]:
    yield related_profile(world.profiles[appointment.profile_id])
    if appointment.location_id:
        yield related_location(world.locations[appointment.location_id], "where the blood is drawn")
    order = world.orders.get(appointment.id)
    if order is not None:
        yield related_order(world, order)
        for id in order.document_ids:
            yield related_document(world, world.documents[id])
    for link in world.links.of(appointment.id):
        shipment = world.shipments[link.shipment_id]
        yield related_shipment(world, shipment, link_note(world, appointment, shipment))


def _measurements(world: World, appointment: Appointment) -> Iterable[Measurement]:
    """Those that the results show, also before the draw."""
    view = get_results.run(world, onlooker(world, appointment.id))
    return measurements_of(world.catalogue, view.clinical_results, view.genetic_results)


def _files(world: World, appointment: Appointment) -> Iterable[RecordFile]:
    order = world.orders.get(appointment.id)
    return files_of(world, order) if order else ()


APPOINTMENTS: Final = SectionShowing(
    title="Appointments",
    columns=(
        Column("Time", time_text, lambda _world, appointment: appointment.scheduled_at),
        Column("Patient", lambda world, appointment: patient_name(world.profiles[appointment.profile_id])),
        Column("Location", place_name),
        Column("Ordered", _panels),
        Column(
            "Created",
            lambda _world, appointment: write_instant(appointment.created_at),
            lambda _world, appointment: appointment.created_at,
        ),
    ),
    name=appointment_name,
    fields=lambda world, appointment: appointment_view(world, appointment, onlooker(world)),
    newest_first=True,
    facts=_facts,
    related=_related,
    measurements=_measurements,
    files=_files,
)
