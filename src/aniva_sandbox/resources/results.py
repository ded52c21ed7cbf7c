"""Results of the draws, and the reports on them. Source: the Appointments page and the pages of the two operations."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Annotated

import msgspec

from aniva_sandbox.contract.common import AUTH_CONTEXT, FORBIDDEN, PATH_UNKNOWN
from aniva_sandbox.contract.operations import Attachment, Call, Link, NoBody, NoQuery, operation
from aniva_sandbox.contract.rules import Rule
from aniva_sandbox.contract.schemas import Uuid, field
from aniva_sandbox.laboratory import report
from aniva_sandbox.laboratory.views import ClinicalResult, GeneticResult, clinical_view, genetic_view
from aniva_sandbox.resources.appointments import AppointmentId, find_appointment
from aniva_sandbox.resources.common import find, visible_profile
from aniva_sandbox.resources.orders import age_at_draw, patient_of, submissions_of
from aniva_sandbox.world.biomarkers import Biomarker
from aniva_sandbox.world.catalogue import Catalogue
from aniva_sandbox.world.orders import Document, Patient, Result, Submission
from aniva_sandbox.world.world import World

__all__ = ["OPERATIONS", "RULES", "ResultsView", "report_content"]

TAG = "Results"
_PAGE = "Appointments page"
_OPERATION = "partner documentation, page of the operation"
_NO_PAGE = "no page says"

# Rules

RESULTS_PLANNED = Rule(
    id="results.planned",
    sentence="Every biomarker that is ordered shows once, by id, as planned until its result arrives: with its name "
    "and category, or its gene, and without a value.",
    basis="documented",
    source=f"{_PAGE}; example of the operation's page",
    assumption="That they show before the draw, too, the gene, and the order.",
)
RESULTS_STATUS = Rule(
    id="results.status",
    sentence="The status is in_progress until all submissions have arrived, then completed.",
    basis="documented",
    source=_PAGE,
)
RESULTS_CORRECTED = Rule(
    id="results.corrected",
    sentence="A correction by a reviewer replaces the value and makes the status of the result corrected.",
    basis="documented",
    source=_OPERATION,
)
RESULTS_OPERATOR = Rule(
    id="results.operator",
    sentence="A value beyond what can be measured is reported as the limit, with lt or gt.",
    basis="documented",
    source=_OPERATION,
    assumption="That a ratio has no value where one of its parts cannot be measured, and a comment that says so.",
)
RESULTS_RANGES = Rule(
    id="results.ranges",
    sentence="A result carries the laboratory's range, and Aniva's own, which depends on age and sex.",
    basis="documented",
    source=_OPERATION,
    assumption="Nothing depends on pregnancy here, as no field tells of it.",
)
DOCUMENTS_BYTES = Rule(
    id="documents.bytes",
    sentence="A document is answered as the PDF itself, with its file name.",
    basis="documented",
    source=_OPERATION,
    assumption="That the file name is in Content-Disposition.",
)
DOCUMENTS_CORRECTED = Rule(
    id="documents.corrected",
    sentence="A correction of a complete submission brings a further document; an earlier one stays as it was issued.",
    basis="assumed",
    source=_NO_PAGE,
)
DOCUMENTS_CONTEXT = Rule(
    id="documents.context",
    sentence="A document belongs to a profile; a key that does not see the profile does not see the document.",
    basis="documented",
    source=_OPERATION,
    statuses=(403,),
)
RULES = (
    RESULTS_PLANNED,
    RESULTS_STATUS,
    RESULTS_CORRECTED,
    RESULTS_OPERATOR,
    RESULTS_RANGES,
    DOCUMENTS_BYTES,
    DOCUMENTS_CORRECTED,
    DOCUMENTS_CONTEXT,
)

# Wire types

DocumentId = Annotated[Uuid, field("The document's id.", examples=["8cb844b4-45fb-4557-aa8f-dacf21bb64d2"])]


class DocumentLink(msgspec.Struct, frozen=True):
    """A report; its bytes are at its own path."""

    id: DocumentId
    file_name: Annotated[str, field(examples=["zotzklimas-clinical-2026-04-19.pdf"])]


class ResultsView(msgspec.Struct, frozen=True):
    """The results of a draw. All keys are always present."""

    status: Annotated[str, field("Whether everything is there.", extra={"enum": ["in_progress", "completed"]})]
    clinical_results: Annotated[list[ClinicalResult], field("By biomarker.")]
    genetic_results: Annotated[list[GeneticResult], field("By biomarker.")]
    documents: Annotated[list[DocumentLink], field("In the order in which they were issued.")]


# Operations


@operation(
    "GET",
    "/appointments/{id}/results",
    tag=TAG,
    path_id=AppointmentId,
    permissions=("results_view",),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT),
    links=(Link("get_document", {"id": "$response.body#/documents/0/id"}),),
)
def get_results(world: World, call: Call[NoQuery, NoBody]) -> ResultsView:
    """Get the results of an appointment

    What is ordered shows from the beginning, as planned.
    """
    appointment = find_appointment(world, call.access, call.id)
    order = world.orders.get(appointment.id)
    submissions = submissions_of(world, appointment)
    results = order.results if order else {}
    done = order is not None and not order.outstanding
    patient = order.patient if order else patient_of(world.profiles[appointment.profile_id])
    age = age_at_draw(order) if order else 0
    clinical, genetic = _entries(world.catalogue, submissions, results, patient, age)
    documents = [world.documents[id] for id in order.document_ids] if order else []
    return ResultsView(
        "completed" if done else "in_progress",
        clinical,
        genetic,
        [DocumentLink(document.id, document.file_name) for document in documents],
    )


@operation(
    "GET",
    "/documents/{id}",
    tag=TAG,
    path_id=DocumentId,
    permissions=("results_view",),
    refuses=(PATH_UNKNOWN, DOCUMENTS_CONTEXT),
    media_type="application/pdf",
)
def get_document(world: World, call: Call[NoQuery, NoBody]) -> Attachment:
    """Download a report"""
    document = find(world.documents, call.id, PATH_UNKNOWN, "document")
    if not visible_profile(call.access, world.profiles[document.patient.profile_id]):
        DOCUMENTS_CONTEXT.refuse(FORBIDDEN)
    return Attachment(_pdf(report_content(world, document)), "application/pdf", document.file_name)


def _entries(
    catalogue: Catalogue, submissions: Iterable[Submission], results: Mapping[int, Result], patient: Patient, age: int
) -> tuple[list[ClinicalResult], list[GeneticResult]]:
    """What shows of everything that was ordered, by biomarker."""
    places = {id: each.laboratory for each in submissions for id in each.biomarker_ids}
    clinical, genetic = [], []
    for id, place in sorted(places.items()):
        biomarker, result = catalogue.biomarkers[id], results.get(id)
        if biomarker.type == "genetic":
            genetic.append(genetic_view(biomarker, catalogue.genes[biomarker.slug], result))
        else:
            method = catalogue.laboratories[place].methods[id]
            measurement = catalogue.measurements[biomarker.slug]
            clinical.append(clinical_view(biomarker, measurement, method, result, patient, age))
    return clinical, genetic


def report_content(world: World, document: Document) -> report.ReportContent:
    """What a report says: just what the results show."""
    catalogue = world.catalogue
    order, appointment = world.orders[document.appointment_id], world.appointments[document.appointment_id]
    location = world.locations[appointment.location_id] if appointment.location_id else None
    laboratory = catalogue.laboratories[document.submission.laboratory]
    clinical, genetic = _entries(
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
                entry,
                catalogue.measurements[biomarkers[entry.biomarker_id].slug].decimals,
                _display_unit(catalogue, biomarkers[entry.biomarker_id], entry.value),
            )
            for entry in clinical
        ),
        genetic=tuple(report.GeneticLine(entry, biomarkers[entry.biomarker_id].name) for entry in genetic),
    )


def _display_unit(catalogue: Catalogue, biomarker: Biomarker, value: float | None) -> str | None:
    """A unit as it is printed; where the value is a yes or a no, the word for it."""
    if biomarker.unit is None:
        return None
    if catalogue.measurements[biomarker.slug].positive is not None and value is not None:
        yes, _, no = biomarker.unit.title.partition("/")
        return yes if value else no
    return biomarker.unit.display_title


@lru_cache(maxsize=64)  # made when it is first asked for, and not again soon
def _pdf(content: report.ReportContent) -> bytes:
    return report.render_report(content)


OPERATIONS = (get_results, get_document)
