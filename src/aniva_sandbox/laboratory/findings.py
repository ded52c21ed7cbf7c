"""The findings of laboratories as results and reports show them: plain values, complete without the catalogue.

Their fields are those of ``GET /api/v1/appointments/{id}/results``, so its JSON converts to them.
"""

from datetime import date
from typing import Literal

import msgspec

__all__ = [
    "ClinicalFinding",
    "FoundCondition",
    "FoundSnv",
    "FoundVariant",
    "GeneticFinding",
    "ReferenceRange",
    "side_of",
]


class ReferenceRange(msgspec.Struct, frozen=True):
    """The normal and the optimal range, in the unit of the value; None is an open end."""

    normal_min: float | None
    normal_max: float | None
    optimal_min: float | None
    optimal_max: float | None


class ClinicalFinding(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a measured biomarker; ``planned`` until it arrives."""

    status: str
    biomarker_id: int
    biomarker_name: str | None
    category: str | None
    value: float | None
    value_operator: str | None
    unit_id: int | None
    unit: str | None
    reference_range_lab: ReferenceRange | None
    reference_range_aniva: ReferenceRange | None
    tested_at: date | None
    comment: str | None


class FoundCondition(msgspec.Struct, frozen=True):
    """A condition that a variant is associated with."""

    condition: str
    association_description: str
    badge: str


class FoundSnv(msgspec.Struct, frozen=True):
    """A single nucleotide that differs."""

    rs_id: str
    allele: str
    reference_allele: str
    hgvs_c: str | None
    hgvs_p: str | None


class FoundVariant(msgspec.Struct, frozen=True, kw_only=True):
    """A variant of a gene."""

    name: str
    clinical_significance: str
    description: str
    hgvs_c: str | None
    hgvs_p: str | None
    conditions: tuple[FoundCondition, ...]
    snvs: tuple[FoundSnv, ...]


class GeneticFinding(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a genetic biomarker; ``planned`` until it arrives."""

    status: str
    biomarker_id: int
    gene: str | None
    genotype: str | None
    clinical_significance: str | None
    risk_description: str | None
    tested_at: date | None
    comment: str | None
    variants: tuple[FoundVariant, ...]


def side_of(result: ClinicalFinding, range: ReferenceRange | None) -> Literal["", "low", "high"]:
    """The side on which the value is certainly outside the normal range: a value reported as less than the lower end
    is low, but one reported as less than a higher number may be anywhere."""
    value, operator = result.value, result.value_operator
    low, high = (range.normal_min, range.normal_max) if range else (None, None)
    if value is None:
        return ""
    if low is not None and operator != "gt" and (value < low or (operator == "lt" and value == low)):
        return "low"
    if high is not None and operator != "lt" and (value > high or (operator == "gt" and value == high)):
        return "high"
    return ""
