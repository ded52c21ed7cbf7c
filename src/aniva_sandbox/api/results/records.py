"""The sections of lab orders and reports; the records are the laboratory's."""

from collections.abc import Iterable, Iterator, Mapping

from aniva_sandbox.engine.problems import FieldPath
from aniva_sandbox.engine.world.sections import Neighbours, Section
from aniva_sandbox.engine.world.tables import Table
from aniva_sandbox.laboratory.catalogue import Catalogue
from aniva_sandbox.laboratory.orders import Document, LabOrder, Result, Submission

__all__ = ["DOCUMENTS", "ORDERS", "Orders"]


class Orders(Table[LabOrder]):
    """Lab orders, indexed by barcode."""

    def __init__(self, records: Iterable[LabOrder] = ()) -> None:
        self._by_barcode: dict[str, str] = {}
        super().__init__(records)

    def add(self, record: LabOrder) -> None:
        super().add(record)
        self._by_barcode.setdefault(record.barcode, record.id)

    def with_barcode(self, barcode: str) -> str | None:
        """The appointment of the oldest order with a barcode."""
        return self._by_barcode.get(barcode)


def _check_order(order: LabOrder, world: Neighbours) -> Iterator[tuple[FieldPath, str]]:
    drawn = world.get("appointments", order.id)
    if drawn is not None and drawn.status not in ("blood_drawn", "cancelled"):
        yield ("id",), f"the appointment is {drawn.status}"
    yield from _check_submissions(("submissions",), order.submissions, world.shared)
    ordered = set(order.biomarker_ids)
    for id in order.results:
        if id not in ordered:
            yield ("results",), f"biomarker {id} was not ordered"
    yield from _check_results(order.results, world.shared)


def _check_document(document: Document, world: Neighbours) -> Iterator[tuple[FieldPath, str]]:
    yield from _check_submissions(("submission",), [document.submission], world.shared)
    if document.results.keys() != set(document.submission.biomarker_ids):
        yield ("results",), "must be those of the submission"
    yield from _check_results(document.results, world.shared)


def _check_submissions(
    at: FieldPath, submissions: Iterable[Submission], catalogue: Catalogue
) -> Iterator[tuple[FieldPath, str]]:
    seen: set[int] = set()
    for submission in submissions:
        for id in submission.biomarker_ids:
            biomarker = catalogue.biomarkers.get(id)
            if biomarker is not None and biomarker.type != submission.kind:
                yield at, f"biomarker {id} is {biomarker.type}"
            if id in seen:
                yield at, f"biomarker {id} is ordered twice"
            seen.add(id)


def _check_results(results: Mapping[int, Result], catalogue: Catalogue) -> Iterator[tuple[FieldPath, str]]:
    for id, result in results.items():
        biomarker = catalogue.biomarkers.get(id)
        gene = catalogue.genes.get(biomarker.slug) if biomarker is not None else None
        if gene is None and result.genotype is not None:
            yield ("results", str(id), "genotype"), "belongs to a genetic biomarker"
        if gene is not None and result.genotype not in gene.genotypes:
            yield ("results", str(id), "genotype"), f"must be one of {', '.join(gene.genotypes)}"


ORDERS = Section(
    name="orders",
    record=LabOrder,
    noun="lab order",
    table=Orders,
    check=_check_order,
    description="What was ordered from the laboratories, and the results.",
)
DOCUMENTS = Section(
    hinted=True,
    name="documents",
    record=Document,
    noun="document",
    ids="document",
    check=_check_document,
    example="8cb844b4-45fb-4557-aa8f-dacf21bb64d2",
)
