"""Results of the draws, and the reports on them. Source: the Appointments page, and Get Results and Get Document in the
reference."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache

import msgspec

from aniva_sandbox.api.access import find_appointment, find_document
from aniva_sandbox.api.appointments.wire import AppointmentId
from aniva_sandbox.api.results.orders import (
    RESULTS_ARRIVAL,
    RESULTS_ARRIVAL_CANCELLED,
    RESULTS_ARRIVAL_SUBMISSIONS,
    RESULTS_LAB_FAILURE,
    RESULTS_LAB_FAILURE_RESULTS,
    age_at_draw,
    patient_of,
    submissions_of,
)
from aniva_sandbox.api.results.rules import (
    DOCUMENTS_BYTES,
    DOCUMENTS_BYTES_FILE_NAME,
    DOCUMENTS_CONTEXT,
    DOCUMENTS_CORRECTED,
    RESULTS_CORRECTED,
    RESULTS_OPERATOR,
    RESULTS_OPERATOR_RATIO,
    RESULTS_PLANNED,
    RESULTS_PLANNED_BEFORE_DRAW,
    RESULTS_PLANNED_GENE,
    RESULTS_RANGES,
    RESULTS_SIGNIFICANCE,
    RESULTS_SIGNIFICANCE_CLASSES,
    RESULTS_STATUS,
    SHOWN_CLASSES,
)
from aniva_sandbox.api.results.wire import (
    ClinicalResult,
    DocumentId,
    DocumentLink,
    GeneticResult,
    ResultsView,
    clinical_view,
    genetic_view,
)
from aniva_sandbox.api.rules import AUTH_CONTEXT, PATH_UNKNOWN
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.operations import Attachment, Call, Link, NoBody, NoQuery, operation
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.laboratory import report
from aniva_sandbox.laboratory.biomarkers import Biomarker
from aniva_sandbox.laboratory.catalogue import Catalogue
from aniva_sandbox.laboratory.findings import ClinicalFinding, GeneticFinding
from aniva_sandbox.laboratory.orders import Document, LabOrder, Patient, Result, Submission

__all__ = ["OPERATIONS", "display_unit", "get_document", "get_results", "report_content", "result_entries"]

TAG = "Results"


@operation(
    "GET",
    "/appointments/{id}/results",
    tag=TAG,
    path_id=AppointmentId,
    permissions=("results_view",),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT),
    follows=(
        RESULTS_PLANNED,
        RESULTS_STATUS,
        RESULTS_ARRIVAL,
        RESULTS_CORRECTED,
        DOCUMENTS_CORRECTED,
        RESULTS_OPERATOR,
        RESULTS_SIGNIFICANCE,
        RESULTS_RANGES,
        RESULTS_LAB_FAILURE,
    ),
    links=(Link("get_document", {"id": "$response.body#/documents/0/id"}),),
)
def get_results(world: World, call: Call[NoQuery, NoBody]) -> ResultsView:
    """Get the results of an appointment

    Every ordered biomarker is listed from the start, as planned.
    """
    appointment = find_appointment(world, call, call.id)
    order = world.orders.get(appointment.id)
    submissions = submissions_of(world, appointment)
    results = order.results if order else {}
    done = order is not None and not order.outstanding
    patient = order.patient if order else patient_of(world.profiles[appointment.profile_id])
    age = age_at_draw(order) if order else 0
    clinical, genetic = result_entries(world.catalogue, submissions, results, patient, age)
    documents = [world.documents[id] for id in order.document_ids] if order else []
    view = ResultsView(
        status="completed" if done else "in_progress",
        clinical_results=clinical,
        genetic_results=genetic,
        documents=[DocumentLink(document.id, document.file_name) for document in documents],
    )
    _note_clauses(call.trace, view, order, documents, stopped=appointment.status == "cancelled")
    return view


@operation(
    "GET",
    "/documents/{id}",
    tag=TAG,
    path_id=DocumentId,
    permissions=("results_view",),
    refuses=(PATH_UNKNOWN, DOCUMENTS_CONTEXT),
    follows=(DOCUMENTS_BYTES, DOCUMENTS_CORRECTED),
    media_type="application/pdf",
)
def get_document(world: World, call: Call[NoQuery, NoBody]) -> Attachment:
    """Download a report"""
    document = find_document(world, call, call.id, outside=DOCUMENTS_CONTEXT)
    call.trace.lean_on(DOCUMENTS_BYTES_FILE_NAME)
    if document.corrected:
        call.trace.lean_on(DOCUMENTS_CORRECTED)
    return Attachment(_pdf(report_content(world, document)), "application/pdf", document.file_name)


def _note_clauses(
    trace: Trace, view: ResultsView, order: LabOrder | None, documents: Collection[Document], *, stopped: bool
) -> None:
    """The undocumented rules without which other results might be shown."""
    if order is None and (view.clinical_results or view.genetic_results):
        trace.lean_on(RESULTS_PLANNED_BEFORE_DRAW)
    if any(each.status == "planned" for each in view.genetic_results):
        trace.lean_on(RESULTS_PLANNED_GENE)
    if any(each.status != "planned" and each.value is None for each in view.clinical_results):
        trace.lean_on(RESULTS_OPERATOR_RATIO)
    if any(named not in SHOWN_CLASSES for named in _classes(view.genetic_results)):
        trace.lean_on(RESULTS_SIGNIFICANCE_CLASSES)
    if order is not None and documents and len(order.submissions) > 1:
        trace.lean_on(RESULTS_ARRIVAL_SUBMISSIONS)
    if any(document.corrected for document in documents):
        trace.lean_on(DOCUMENTS_CORRECTED)
    if order is not None and order.failed:
        trace.lean_on(RESULTS_LAB_FAILURE_RESULTS)
    elif order is not None and order.outstanding and stopped:
        trace.lean_on(RESULTS_ARRIVAL_CANCELLED)


def _classes(results: Iterable[GeneticResult]) -> Iterator[str]:
    """The classes of results that have arrived, and of their variants."""
    for result in results:
        if result.clinical_significance is not None:
            yield result.clinical_significance
        for variant in result.variants:
            yield variant.clinical_significance


def result_entries(
    catalogue: Catalogue, submissions: Iterable[Submission], results: Mapping[int, Result], patient: Patient, age: int
) -> tuple[list[ClinicalResult], list[GeneticResult]]:
    """The entries of everything that was ordered, by biomarker."""
    places = {id: each.laboratory for each in submissions for id in each.biomarker_ids}
    clinical, genetic = [], []
    for id, place in sorted(places.items()):
        biomarker, result = catalogue.biomarkers[id], results.get(id)
        if biomarker.type == "genetic":
            genetic.append(genetic_view(biomarker, result, gene=catalogue.genes[biomarker.slug]))
        else:
            view = clinical_view(
                biomarker,
                result,
                measurement=catalogue.measurements[biomarker.slug],
                method=catalogue.laboratories[place].methods[id],
                patient=patient,
                age=age,
            )
            clinical.append(view)
    return clinical, genetic


def report_content(world: World, document: Document) -> report.ReportContent:
    """The content of a report: exactly what the results show."""
    catalogue = world.catalogue
    order, appointment = world.orders[document.appointment_id], world.appointments[document.appointment_id]
    location = world.locations[appointment.location_id] if appointment.location_id else None
    laboratory = catalogue.laboratories[document.submission.laboratory]
    clinical, genetic = result_entries(
        catalogue, [document.submission], document.results, document.patient, age_at_draw(order)
    )
    biomarkers = {id: catalogue.biomarkers[id] for id in document.results}
    return report.ReportContent(
        report_id=document.id,
        file_name=document.file_name,
        issued_at=document.issued_at,
        corrected=document.corrected,
        patient=document.patient,
        laboratory=laboratory.name,
        address=laboratory.address,
        appointment_id=appointment.id,
        drawn_on=order.drawn_on,
        barcode=order.barcode,
        location=location.name if location else None,
        clinical=tuple(
            report.ClinicalLine(
                msgspec.convert(entry, ClinicalFinding, from_attributes=True),
                catalogue.measurements[biomarkers[entry.biomarker_id].slug].decimals,
                display_unit(catalogue, biomarkers[entry.biomarker_id], entry.value),
            )
            for entry in clinical
        ),
        genetic=tuple(
            report.GeneticLine(
                msgspec.convert(entry, GeneticFinding, from_attributes=True),
                biomarkers[entry.biomarker_id].name,
            )
            for entry in genetic
        ),
    )


def display_unit(catalogue: Catalogue, biomarker: Biomarker, value: float | None) -> str | None:
    """A unit as it is printed; if the value is a yes or a no, the word for it."""
    if biomarker.unit is None:
        return None
    if catalogue.measurements[biomarker.slug].positive is not None and value is not None:
        yes, _, no = biomarker.unit.title.partition("/")
        return yes if value else no
    return biomarker.unit.display_title


@lru_cache(maxsize=64)  # made when first requested, then kept for a while
def _pdf(content: report.ReportContent) -> bytes:
    return report.render_report(content)


OPERATIONS = (get_results, get_document)
