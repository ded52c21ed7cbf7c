"""Magic barcodes: what makes a draw end in a certain way, for those who can reach nothing but the partner API."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal

import msgspec

from aniva_sandbox.laboratory.formulas import FORMULAS
from aniva_sandbox.world.catalogue import Catalogue
from aniva_sandbox.world.measurements import Measurement
from aniva_sandbox.world.orders import LabOrder

__all__ = ["MAGIC", "Effect", "Magic", "choose_values", "find_magic", "free_values"]

Effect = Literal["complete", "partial", "high", "low", "corrected", "failed", "normal", "unmeasurable", "carrier"]


class Magic(msgspec.Struct, frozen=True):
    """What a barcode that begins with ``prefix`` brings about."""

    prefix: str
    effect: Effect
    description: str


MAGIC: Final = (
    Magic("99901", "complete", "All results are there at once."),
    Magic("99902", "partial", "Half of the results are there at once; the rest waits for an event."),
    Magic("99903", "high", "All at once, one value critically high."),
    Magic("99904", "low", "All at once, one value critically low."),
    Magic("99905", "corrected", "All at once; a day after the draw, one value is corrected."),
    Magic("99906", "failed", "The lab order fails: nothing ever arrives."),
    Magic("99907", "normal", "All at once, every value inside the laboratory's range."),
    Magic("99908", "unmeasurable", "All at once, one value below and one above what can be measured."),
    Magic("99909", "carrier", "All at once, every genotype one that carries a risk."),
)
"""Every magic barcode; whatever digits follow the prefix."""


def find_magic(barcode: str) -> Effect | None:
    """What a barcode brings about; None for an ordinary one."""
    return next((magic.effect for magic in MAGIC if barcode.startswith(magic.prefix)), None)


Values = dict[int, float | str]


def choose_values(
    catalogue: Catalogue, order: LabOrder, effect: Effect, is_possible: Callable[[Values], bool]
) -> Values:
    """The values that an effect asks for, by biomarker; none where nothing that was ordered can have such."""
    if effect == "carrier":
        return _risks(catalogue, order)
    if effect in ("high", "low"):
        ends = list(_critical_ends(catalogue, order, high=effect == "high"))
        return _first_possible({}, ends, 1.05 if effect == "high" else 0.95, is_possible)
    if effect == "unmeasurable":
        chosen = _first_possible({}, _limits(catalogue, order, high=False), 0.5, is_possible)
        return _first_possible(chosen, _limits(catalogue, order, high=True), 1.5, is_possible)
    return {}


_End = tuple[int, float, int]
"""A biomarker, an end of one of its ranges, and the decimals of its values."""


def _first_possible(
    chosen: Values, ends: Iterable[_End], factor: float, is_possible: Callable[[Values], bool]
) -> Values:
    """What was chosen, and with it a value clearly beyond the first end where that is possible."""
    for id, end, decimals in ends:
        step: float = 10**-decimals
        value = round(max(end * factor, end + step) if factor > 1 else min(end * factor, end - step), decimals)
        if value > 0 and id not in chosen and is_possible(chosen | {id: value}):
            return chosen | {id: value}
    return chosen


def _critical_ends(catalogue: Catalogue, order: LabOrder, *, high: bool) -> Iterator[_End]:
    """Where a doctor is called; after that, where what is normal ends."""
    free = list(free_values(catalogue, order))
    for ranges in (
        [(id, measurement, measurement.critical) for id, measurement in free],
        [(id, measurement, measurement.lab.of(order.patient.sex, 0)) for id, measurement in free],
    ):
        for id, measurement, range in ranges:
            end = range.high if high else range.low
            if end is not None:
                yield id, end, measurement.decimals


def _limits(catalogue: Catalogue, order: LabOrder, *, high: bool) -> Iterator[_End]:
    """Where what can be measured ends."""
    places = {id: each.laboratory for each in order.submissions for id in each.biomarker_ids}
    for id, measurement in free_values(catalogue, order):
        limits = catalogue.laboratories[places[id]].methods[id].limits
        end = limits.high if high else limits.low
        if end is not None:
            yield id, end, measurement.decimals


def _risks(catalogue: Catalogue, order: LabOrder) -> Values:
    """For each gene, a genotype that carries a risk, or the one that is least like the first."""
    risks: Values = {}
    for id in order.biomarker_ids:
        gene = catalogue.genes.get(catalogue.biomarkers[id].slug)
        if gene is not None:
            notable = [each.genotype for each in gene.genotypes.values() if each.significance in _NOTABLE]
            risks[id] = (notable or list(gene.genotypes)[::-1])[0]
    return risks


_INPUTS: Final = frozenset(slug for formula in FORMULAS.values() for slug in formula.inputs)
"""What draws other values along."""

_NOTABLE: Final = ("pathogenic", "likely_pathogenic", "high_risk", "moderate_risk")


def free_values(catalogue: Catalogue, order: LabOrder) -> list[tuple[int, Measurement]]:
    """What was ordered and can be any number, neither computed from other values nor one of a few; first what draws
    nothing along."""
    slugs = {id: catalogue.biomarkers[id].slug for id in order.biomarker_ids}
    found = [
        (id, measurement)
        for id, slug in slugs.items()
        if (measurement := catalogue.measurements.get(slug)) is not None
        and slug not in FORMULAS
        and measurement.positive is None
        and not measurement.steps
    ]
    return sorted(found, key=lambda each: slugs[each[0]] in _INPUTS)
