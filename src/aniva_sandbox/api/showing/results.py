"""How results are shown, wherever they are: as measurements with their ranges, and as files."""

from collections.abc import Iterable, Iterator

import msgspec

from aniva_sandbox.api.results.operations import display_unit
from aniva_sandbox.api.results.wire import ClinicalResult, GeneticResult
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.showing import Measurement, RecordFact, RecordFile, write_instant
from aniva_sandbox.laboratory.catalogue import Catalogue
from aniva_sandbox.laboratory.findings import ClinicalFinding, side_of
from aniva_sandbox.laboratory.magic import MAGIC
from aniva_sandbox.laboratory.orders import LabOrder, Patient

__all__ = ["draw_facts", "files_of", "measurements_of", "patient_fact"]


def draw_facts(order: LabOrder) -> Iterator[RecordFact]:
    """What is known of a draw that was confirmed."""
    magic = next((each.description for each in MAGIC if order.barcode.startswith(each.prefix)), None)
    yield RecordFact("Barcode", order.barcode, magic and f"Magic: {magic}")
    yield RecordFact("Drawn on", str(order.drawn_on), f"Confirmed {write_instant(order.placed_at)}.")


def patient_fact(patient: Patient) -> RecordFact:
    """Whom the blood is from, as the profile was at the draw."""
    name = " ".join(filter(None, (patient.first_name, patient.last_name)))
    sex = "male" if patient.sex == 1 else "female"
    return RecordFact("Patient at the draw", name, f"{sex}, born {patient.date_of_birth}, report in {patient.language}")


def files_of(world: World, order: LabOrder) -> Iterator[RecordFile]:
    """The reports on an order."""
    for id in order.document_ids:
        yield RecordFile("documents", id, world.documents[id].file_name)


def measurements_of(
    catalogue: Catalogue, clinical: Iterable[ClinicalResult], genetic: Iterable[GeneticResult]
) -> Iterator[Measurement]:
    """Results as measurements, with the ranges of the laboratory and Aniva's optimum; genotypes as text."""
    for each in clinical:
        yield _clinical(catalogue, each)
    for found in genetic:
        biomarker = catalogue.biomarkers[found.biomarker_id]
        yield Measurement(
            name=biomarker.name,
            group=biomarker.category,
            status=found.status,
            text=found.genotype,
            verdict=found.clinical_significance,
            note=found.risk_description,
        )


def _clinical(catalogue: Catalogue, result: ClinicalResult) -> Measurement:
    biomarker = catalogue.biomarkers[result.biomarker_id]
    lab, aniva = result.reference_range_lab, result.reference_range_aniva
    unit = display_unit(catalogue, biomarker, result.value) or result.unit
    text = None
    if result.value is not None:
        measurement = catalogue.measurements[biomarker.slug]
        if measurement.positive is not None:
            text, unit = unit, None
        else:
            sign = {"lt": "< ", "gt": "> "}.get(result.value_operator or "eq", "")
            text = f"{sign}{result.value:.{measurement.decimals}f}"
    elif result.status != "planned":
        text = "–"
    return Measurement(
        name=biomarker.name,
        group=biomarker.category,
        status=result.status,
        value=result.value,
        text=text,
        unit=unit,
        low=lab.normal_min if lab else None,
        high=lab.normal_max if lab else None,
        optimal_low=aniva.optimal_min if aniva else None,
        optimal_high=aniva.optimal_max if aniva else None,
        verdict=_verdict(catalogue, msgspec.convert(result, ClinicalFinding, from_attributes=True)),
        note=result.comment,
    )


def _verdict(catalogue: Catalogue, result: ClinicalFinding) -> str | None:
    """On which side of its range a value is; None if that is not certain."""
    value, aniva = result.value, result.reference_range_aniva
    if value is None:
        return None
    if side := side_of(result, result.reference_range_lab):
        critical = catalogue.measurements[catalogue.biomarkers[result.biomarker_id].slug].critical
        return side if value in critical else f"critically {side}"
    if side := side_of(result, aniva):
        return f"{side} for Aniva"
    if result.value_operator != "eq":
        return None
    low, high = (aniva.optimal_min, aniva.optimal_max) if aniva else (None, None)
    is_optimal = (
        (low is not None or high is not None) and (low is None or value >= low) and (high is None or value <= high)
    )
    return "optimal" if is_optimal else "normal"
