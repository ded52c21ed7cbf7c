"""How reports are shown."""

from collections.abc import Iterable, Iterator
from typing import Final

from aniva_sandbox.api.results.operations import get_document, result_entries
from aniva_sandbox.api.results.orders import age_at_draw
from aniva_sandbox.api.results.wire import DocumentLink
from aniva_sandbox.api.showing.common import (
    document_name,
    onlooker,
    patient_name,
    related_appointment,
    related_document,
    related_order,
    related_profile,
)
from aniva_sandbox.api.showing.results import measurements_of, patient_fact
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.operations import Attachment
from aniva_sandbox.engine.world.showing import (
    Column,
    Measurement,
    RecordFact,
    RecordFile,
    RelatedRecord,
    SectionShowing,
    write_instant,
)
from aniva_sandbox.laboratory.orders import Document

__all__ = ["DOCUMENTS"]


def _laboratory(world: World, document: Document) -> str:
    return world.catalogue.laboratories[document.submission.laboratory].name


def _facts(world: World, document: Document) -> Iterator[RecordFact]:
    yield RecordFact("Laboratory", _laboratory(world, document), document.submission.kind)
    yield RecordFact("Issued", write_instant(document.issued_at), "corrected" if document.corrected else None)
    yield patient_fact(document.patient)


def _related(world: World, document: Document) -> Iterator[RelatedRecord]:
    order = world.orders[document.appointment_id]
    yield related_order(world, order)
    yield related_appointment(world, world.appointments[order.id])
    yield related_profile(world.profiles[document.patient.profile_id])
    for id in order.document_ids:
        if id != document.id:
            yield related_document(world, world.documents[id])


def _measurements(world: World, document: Document) -> Iterable[Measurement]:
    """Those that the report shows: as they were when it was issued."""
    age = age_at_draw(world.orders[document.appointment_id])
    entries = result_entries(world.catalogue, [document.submission], document.results, document.patient, age)
    return measurements_of(world.catalogue, *entries)


def _read(world: World, document: Document) -> Attachment:
    file: Attachment = get_document.run(world, onlooker(world, document.id))
    return file


DOCUMENTS: Final = SectionShowing(
    title="Documents",
    columns=(
        Column("File", lambda _world, document: document.file_name),
        Column("Patient", lambda world, document: patient_name(world.profiles[document.patient.profile_id])),
        Column("Laboratory", _laboratory),
        Column("Kind", lambda _world, document: document.submission.kind),
        Column(
            "Issued",
            lambda _world, document: write_instant(document.issued_at),
            lambda _world, document: document.issued_at,
        ),
        Column("Corrected", lambda _world, document: "yes" if document.corrected else "no"),
    ),
    name=document_name,
    fields=lambda _world, document: DocumentLink(document.id, document.file_name),
    newest_first=True,
    facts=_facts,
    related=_related,
    measurements=_measurements,
    files=lambda _world, document: [RecordFile("documents", document.id, document.file_name)],
    read_file=_read,
)
