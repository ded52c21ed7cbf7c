"""Magic barcodes: they make a draw end in a certain way, for clients that reach only the partner API."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal

import msgspec

from aniva_sandbox.laboratory.catalogue import Catalogue
from aniva_sandbox.laboratory.formulas import FORMULAS, inputs_of
from aniva_sandbox.laboratory.genes import Gene
from aniva_sandbox.laboratory.laboratories import Method
from aniva_sandbox.laboratory.measurements import OPEN, Measurement
from aniva_sandbox.laboratory.orders import LabOrder

__all__ = ["MAGIC", "Effect", "Magic", "choose_values", "find_magic", "free_values"]

Effect = Literal["complete", "partial", "high", "low", "corrected", "failed", "normal", "unmeasurable", "carrier"]


class Magic(msgspec.Struct, frozen=True):
    """A prefix of barcodes and its effect."""

    prefix: str
    effect: Effect
    description: str


MAGIC: Final = (
    Magic("99901", "complete", "All results arrive at once."),
    Magic("99902", "partial", "Half of the results arrive at once; the rest wait for an event."),
    Magic("99903", "high", "All arrive at once; one value is far above its range, critically if possible."),
    Magic("99904", "low", "All arrive at once; one value is far below its range, critically if possible."),
    Magic("99905", "corrected", "All arrive at once; a day after the draw, one value is corrected."),
    Magic("99906", "failed", "The lab order fails: nothing ever arrives."),
    Magic("99907", "normal", "All arrive at once; every value of an adult is inside the laboratory's range."),
    Magic("99908", "unmeasurable", "All arrive at once; one value is below and one above the measurable range."),
    Magic("99909", "carrier", "All arrive at once; every genotype carries a risk, if its gene has one."),
)
"""Every magic barcode; any digits may follow the prefix."""


def find_magic(barcode: str) -> Effect | None:
    """The effect of a barcode; None for an ordinary one."""
    return next((magic.effect for magic in MAGIC if barcode.startswith(magic.prefix)), None)


Values = dict[int, float | str]


def choose_values(
    catalogue: Catalogue, order: LabOrder, effect: Effect, is_possible: Callable[[Values], bool]
) -> Values:
    """The values that an effect requires, by biomarker; empty if nothing that was ordered can have such values."""
    if effect == "carrier":
        return _risks(catalogue, order)
    if effect in ("high", "low"):
        return _first_possible({}, _remarkable(catalogue, order, high=effect == "high"), is_possible)
    if effect == "unmeasurable":
        chosen = _first_possible({}, _unmeasurable(catalogue, order, high=False), is_possible)
        return _first_possible(chosen, _unmeasurable(catalogue, order, high=True), is_possible)
    return {}


_Choice = tuple[int, float]
"""A biomarker, and a value that achieves the effect."""


def _first_possible(chosen: Values, choices: Iterable[_Choice], is_possible: Callable[[Values], bool]) -> Values:
    """The chosen values, together with the first choice that is consistent with everything."""
    for id, value in choices:
        if value > 0 and id not in chosen and is_possible(chosen | {id: value}):
            return chosen | {id: value}
    return chosen


def _remarkable(catalogue: Catalogue, order: LabOrder, *, high: bool) -> Iterator[_Choice]:
    """Critical values; if nothing has any, values far outside the laboratory's range; finally the highest titres and
    positive findings."""
    free = free_values(catalogue, order)
    for id, measurement in free:
        end = measurement.critical.high if high else measurement.critical.low
        if end is not None:
            yield id, _beyond(end, 1.05 if high else 0.95, measurement)
    methods = _methods(catalogue, order)
    for factor in (2, 1.2) if high else (0.5, 0.8):
        for id, measurement in free:
            lab = methods[id].lab
            range = lab.of(order.patient.sex, 0) if lab else OPEN
            end = range.high if high else range.low
            if end is not None:
                yield id, _beyond(end, factor, measurement)
    for id in order.biomarker_ids if high else ():
        few = catalogue.measurements.get(catalogue.biomarkers[id].slug)
        if few and (few.steps or few.positive):
            yield id, few.steps[-1] if few.steps else 1.0


def _unmeasurable(catalogue: Catalogue, order: LabOrder, *, high: bool) -> Iterator[_Choice]:
    """Values outside the measurable range."""
    methods = _methods(catalogue, order)
    for id, measurement in free_values(catalogue, order):
        end = methods[id].limits.high if high else methods[id].limits.low
        if end is not None:
            yield id, _beyond(end, 1.5 if high else 0.5, measurement)


def _methods(catalogue: Catalogue, order: LabOrder) -> dict[int, Method]:
    """The method of each biomarker of an order at its laboratory."""
    return {
        id: catalogue.laboratories[submission.laboratory].methods[id]
        for submission in order.submissions
        for id in submission.biomarker_ids
    }


def _beyond(end: float, factor: float, measurement: Measurement) -> float:
    """A value beyond an end by a factor, and by at least one step of the last digit."""
    step: float = 10**-measurement.decimals
    return round(max(end * factor, end + step) if factor > 1 else min(end * factor, end - step), measurement.decimals)


def _risks(catalogue: Catalogue, order: LabOrder) -> Values:
    """The genotypes with the highest risks that people can have; genes that are inherited together are chosen
    together."""
    ids = {catalogue.biomarkers[id].slug: id for id in order.biomarker_ids}
    risks: Values = {}
    for together in catalogue.haplotypes:
        genes = [catalogue.genes[slug] for slug in together.biomarkers]
        ordered = [slug in ids for slug in together.biomarkers]

        def severity(genotypes: tuple[str, ...], genes: list[Gene] = genes, ordered: list[bool] = ordered) -> int:
            found = [gene.genotypes[its].significance for gene, its in zip(genes, genotypes, strict=True)]
            return sum(_SEVERITY.get(each, 0) for each, wanted in zip(found, ordered, strict=True) if wanted)

        worst = max((genotypes for genotypes, _ in together.genotypes), key=severity)
        risks |= {ids[slug]: its for slug, its in zip(together.biomarkers, worst, strict=True) if slug in ids}
    return risks


_SEVERITY: Final[dict[str, int]] = {
    "pathogenic": 6,
    "likely_pathogenic": 5,
    "high_risk": 4,
    "moderate_risk": 3,
    "uncertain_significance": 2,
    "low_risk": 1,
}


_INPUTS: Final = frozenset(slug for formula in FORMULAS.values() for slug in formula.inputs)
"""The biomarkers that other values are computed from."""


def free_values(catalogue: Catalogue, order: LabOrder) -> list[tuple[int, Measurement]]:
    """The ordered biomarkers that can have any number: not one of a few values, and not computed from other ordered
    biomarkers. Those that no other value is computed from come first."""
    slugs = {id: catalogue.biomarkers[id].slug for id in order.biomarker_ids}
    found = [
        (id, measurement)
        for id, slug in slugs.items()
        if (measurement := catalogue.measurements.get(slug)) is not None
        and inputs_of(slug).isdisjoint(slugs.values())
        and measurement.positive is None
        and not measurement.steps
    ]
    return sorted(found, key=lambda each: slugs[each[0]] in _INPUTS)
