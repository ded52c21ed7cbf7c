"""Results as partners see them."""

from datetime import date
from typing import Annotated, Any, ClassVar, get_args

import msgspec

from aniva_sandbox.api.wire import Uuid
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.laboratory.biomarkers import Biomarker
from aniva_sandbox.laboratory.genes import Association, Gene, Significance, Snv, Variant
from aniva_sandbox.laboratory.laboratories import Method
from aniva_sandbox.laboratory.measurements import OPEN, Measurement, Range
from aniva_sandbox.laboratory.orders import Patient, Result

__all__ = [
    "AssociatedCondition",
    "ClinicalResult",
    "DocumentId",
    "DocumentLink",
    "GeneticResult",
    "ReferenceRange",
    "ResultsView",
    "SnvView",
    "VariantView",
    "clinical_view",
    "genetic_view",
    "range_view",
]

ResultStatus = Annotated[
    str, field("Whether it has arrived, or was corrected.", extra={"enum": ["planned", "received", "corrected"]})
]
_SIGNIFICANCE: dict[str, Any] = {"enum": list(get_args(Significance))}


class ReferenceRange(msgspec.Struct, frozen=True, kw_only=True):
    """The normal and the optimal range, in the unit of the value; null is an open end."""

    normal_min: float | None
    normal_max: float | None
    optimal_min: float | None
    optimal_max: float | None


class ClinicalResult(msgspec.Struct, frozen=True, kw_only=True):
    """A measured biomarker."""

    SCHEMA: ClassVar[dict[str, Any]] = {
        "examples": [
            {
                "status": "received",
                "biomarker_id": 60,
                "biomarker_name": "LDL Cholesterol",
                "category": "Lipids",
                "value": 3.53,
                "value_operator": "eq",
                "unit_id": 2,
                "unit": "mmol/L",
                "reference_range_lab": {
                    "normal_min": None,
                    "normal_max": 3.0,
                    "optimal_min": None,
                    "optimal_max": None,
                },
                "reference_range_aniva": {
                    "normal_min": None,
                    "normal_max": 3.0,
                    "optimal_min": None,
                    "optimal_max": 2.6,
                },
                "tested_at": "2026-01-29",
                "comment": None,
            },
            {
                "status": "planned",
                "biomarker_id": 60,
                "biomarker_name": "LDL Cholesterol",
                "category": "Lipids",
                "value": None,
                "value_operator": None,
                "unit_id": None,
                "unit": None,
                "reference_range_lab": None,
                "reference_range_aniva": None,
                "tested_at": None,
                "comment": None,
            },
        ]
    }

    status: ResultStatus
    biomarker_id: Annotated[int, field("The biomarker.", examples=[42])]
    biomarker_name: Annotated[str | None, field("Set even while it is planned.")]
    category: Annotated[str | None, field("Set even while it is planned.")]
    value: Annotated[float | None, field("In the unit of the biomarker.")]
    value_operator: Annotated[
        str | None,
        field(
            "Whether the value is exact (eq), or a limit that the true value is below (lt) or above (gt).",
            extra={"enum": ["eq", "lt", "gt"]},
        ),
    ]
    unit_id: int | None
    unit: Annotated[str | None, field("The unit's title.", examples=["nmol/L"])]
    reference_range_lab: Annotated[ReferenceRange | None, field("The laboratory's range.")]
    reference_range_aniva: Annotated[ReferenceRange | None, field("Aniva's range for this age and sex.")]
    tested_at: Annotated[date | None, field("The date at the location.")]
    comment: str | None


class AssociatedCondition(msgspec.Struct, frozen=True, kw_only=True):
    """A condition that a variant is associated with."""

    condition: str
    association_description: str
    badge: str


class SnvView(msgspec.Struct, frozen=True, kw_only=True):
    """A single nucleotide that differs."""

    rs_id: Annotated[str, field(examples=["rs7412"])]
    allele: str
    reference_allele: str
    hgvs_c: str | None
    hgvs_p: str | None


class VariantView(msgspec.Struct, frozen=True, kw_only=True):
    """A variant that was found."""

    name: str
    clinical_significance: Annotated[str, field(extra=_SIGNIFICANCE)]
    description: str
    hgvs_c: str | None
    hgvs_p: str | None
    conditions: tuple[AssociatedCondition, ...]
    snvs: tuple[SnvView, ...]


class GeneticResult(msgspec.Struct, frozen=True, kw_only=True):
    """A genotype, and what it means."""

    SCHEMA: ClassVar[dict[str, Any]] = {
        "examples": [
            {
                "status": "received",
                "biomarker_id": 201,
                "gene": "APOE",
                "genotype": "ε3/ε4",
                "clinical_significance": "moderate_risk",
                "risk_description": "One copy of ε4 goes with higher LDL cholesterol and a risk of Alzheimer disease "
                "about two to three times the average.",
                "tested_at": "2026-02-11",
                "comment": None,
                "variants": [
                    {
                        "name": "APOE ε4 (p.Cys130Arg)",
                        "clinical_significance": "moderate_risk",
                        "description": "This form of apolipoprotein E goes with higher LDL cholesterol and with "
                        "deposits of amyloid in the brain.",
                        "hgvs_c": "NM_000041.4:c.388T>C",
                        "hgvs_p": "NP_000032.1:p.Cys130Arg",
                        "conditions": [
                            {
                                "condition": "Alzheimer disease, late onset",
                                "association_description": "More frequent and earlier in carriers",
                                "badge": "Risk factor",
                            },
                            {
                                "condition": "Coronary heart disease",
                                "association_description": "Slightly more frequent in carriers",
                                "badge": "Risk factor",
                            },
                        ],
                        "snvs": [
                            {
                                "rs_id": "rs429358",
                                "allele": "C",
                                "reference_allele": "T",
                                "hgvs_c": "NM_000041.4:c.388T>C",
                                "hgvs_p": "NP_000032.1:p.Cys130Arg",
                            }
                        ],
                    }
                ],
            },
            {
                "status": "planned",
                "biomarker_id": 201,
                "gene": "APOE",
                "genotype": None,
                "clinical_significance": None,
                "risk_description": None,
                "tested_at": None,
                "comment": None,
                "variants": [],
            },
        ]
    }

    status: ResultStatus
    biomarker_id: Annotated[int, field("The biomarker.", examples=[201])]
    gene: Annotated[str | None, field("Set even while it is planned.", examples=["APOE"])]
    genotype: Annotated[str | None, field("The two alleles.", examples=["ε3/ε4"])]
    clinical_significance: Annotated[str | None, field("An ACMG class, or a class of risk.", extra=_SIGNIFICANCE)]
    risk_description: str | None
    tested_at: Annotated[date | None, field("The date at the location.")]
    comment: str | None
    variants: Annotated[tuple[VariantView, ...], field("The variants found; empty while it is planned.")]


DocumentId = Annotated[Uuid, field("The document's id.", examples=["8cb844b4-45fb-4557-aa8f-dacf21bb64d2"])]


class DocumentLink(msgspec.Struct, frozen=True):
    """A report; its bytes are at its own path."""

    id: DocumentId
    file_name: Annotated[str, field(examples=["zotzklimas-clinical-2026-04-19.pdf"])]


class ResultsView(msgspec.Struct, frozen=True):
    """The results of a draw. All keys are always present."""

    status: Annotated[str, field("Whether all results have arrived.", extra={"enum": ["in_progress", "completed"]})]
    clinical_results: Annotated[list[ClinicalResult], field("One entry for each biomarker, by id.")]
    genetic_results: Annotated[list[GeneticResult], field("One entry for each biomarker, by id.")]
    documents: Annotated[list[DocumentLink], field("In order of issue.")]


def clinical_view(
    biomarker: Biomarker, result: Result | None, *, measurement: Measurement, method: Method, patient: Patient, age: int
) -> ClinicalResult:
    """The result of a measured biomarker; None if it has not arrived."""
    if result is None:
        return ClinicalResult(
            status="planned",
            biomarker_id=biomarker.id,
            biomarker_name=biomarker.name,
            category=biomarker.category,
            value=None,
            value_operator=None,
            unit_id=None,
            unit=None,
            reference_range_lab=None,
            reference_range_aniva=None,
            tested_at=None,
            comment=None,
        )
    optimal = measurement.optimal.of(patient.sex, age) if measurement.optimal else OPEN
    return ClinicalResult(
        status=result.status,
        biomarker_id=biomarker.id,
        biomarker_name=biomarker.name,
        category=biomarker.category,
        value=result.value,
        value_operator=result.operator,
        unit_id=biomarker.unit.id if biomarker.unit else None,
        unit=biomarker.unit.title if biomarker.unit else None,
        reference_range_lab=range_view(method.lab.of(patient.sex, age)) if method.lab else None,
        reference_range_aniva=range_view(measurement.aniva.of(patient.sex, age), optimal),
        tested_at=result.tested_on,
        comment=result.comment,
    )


def range_view(normal: Range, optimal: Range = OPEN) -> ReferenceRange:
    """A reference range, with the optimal range."""
    return ReferenceRange(
        normal_min=normal.low, normal_max=normal.high, optimal_min=optimal.low, optimal_max=optimal.high
    )


def genetic_view(biomarker: Biomarker, result: Result | None, *, gene: Gene) -> GeneticResult:
    """The result of a genetic biomarker; None if it has not arrived."""
    if result is None or result.genotype is None:
        return GeneticResult(
            status="planned",
            biomarker_id=biomarker.id,
            gene=gene.gene,
            genotype=None,
            clinical_significance=None,
            risk_description=None,
            tested_at=None,
            comment=None,
            variants=(),
        )
    genotype = gene.genotypes[result.genotype]
    return GeneticResult(
        status=result.status,
        biomarker_id=biomarker.id,
        gene=gene.gene,
        genotype=genotype.genotype,
        clinical_significance=genotype.significance,
        risk_description=genotype.risk,
        tested_at=result.tested_on,
        comment=result.comment,
        variants=tuple(_variant_view(variant) for variant in gene.carried(genotype.genotype)),
    )


def _variant_view(variant: Variant) -> VariantView:
    return VariantView(
        name=variant.name,
        clinical_significance=variant.significance,
        description=variant.description,
        hgvs_c=variant.hgvs_c,
        hgvs_p=variant.hgvs_p,
        conditions=tuple(_condition_view(each) for each in variant.conditions),
        snvs=tuple(_snv_view(each) for each in variant.snvs),
    )


def _condition_view(association: Association) -> AssociatedCondition:
    return AssociatedCondition(
        condition=association.condition, association_description=association.association, badge=association.badge
    )


def _snv_view(snv: Snv) -> SnvView:
    return SnvView(
        rs_id=snv.rs_id,
        allele=snv.allele,
        reference_allele=snv.reference_allele,
        hgvs_c=snv.hgvs_c,
        hgvs_p=snv.hgvs_p,
    )
