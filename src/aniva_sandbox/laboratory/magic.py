"""Magic barcodes: what makes a draw end in a certain way, for those who can reach nothing but the partner API."""

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from aniva_sandbox.laboratory.formulas import FORMULAS
from aniva_sandbox.world.catalogue import Catalogue
from aniva_sandbox.world.measurements import Measurement, Range
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


def choose_values(catalogue: Catalogue, order: LabOrder, effect: Effect) -> dict[int, float | str]:
    """The values that an effect asks for; none where nothing that was ordered can have such."""
    free = list(free_values(catalogue, order))
    if effect in ("high", "low"):
        high = effect == "high"
        watched = [(id, measurement) for id, measurement in free if _end(measurement.critical, high)]
        watched.sort(key=lambda each: catalogue.biomarkers[each[0]].slug in _INPUTS)
        for id, measurement in watched or free:
            critical = _end(measurement.critical if watched else measurement.lab.of(order.patient.sex, 0), high)
            value = _beyond(critical, measurement, 1.05 if high else 0.95) if critical else 0
            if value:
                return {id: value}
    if effect == "unmeasurable":
        chosen: dict[int, float | str] = {}
        for low in (True, False):
            for id, measurement in free:
                limit = _end(catalogue.laboratories[_place(order, id)].methods[id].limits, not low)
                value = _beyond(limit, measurement, 0.5 if low else 1.5) if limit else 0
                if value and id not in chosen:
                    chosen[id] = value
                    break
        return chosen
    if effect == "carrier":
        return {
            id: next(
                (each.genotype for each in gene.genotypes.values() if each.significance in _NOTABLE),
                list(gene.genotypes)[-1],
            )
            for id in order.biomarker_ids
            if (gene := catalogue.genes.get(catalogue.biomarkers[id].slug)) is not None
        }
    return {}


_INPUTS: Final = frozenset(slug for formula in FORMULAS.values() for slug in formula.inputs)
"""What draws other values along."""

_NOTABLE: Final = ("pathogenic", "likely_pathogenic", "high_risk", "moderate_risk")


def free_values(catalogue: Catalogue, order: LabOrder) -> Iterator[tuple[int, Measurement]]:
    """What was ordered and can be any number: neither computed from other values nor one of a few."""
    for id in order.biomarker_ids:
        slug = catalogue.biomarkers[id].slug
        measurement = catalogue.measurements.get(slug)
        if measurement and slug not in FORMULAS and measurement.positive is None and not measurement.steps:
            yield id, measurement


def _place(order: LabOrder, id: int) -> str:
    return next(submission.laboratory for submission in order.submissions if id in submission.biomarker_ids)


def _end(range: Range, high: bool) -> float | None:
    return range.high if high else range.low


def _beyond(end: float, measurement: Measurement, factor: float) -> float:
    """Clearly beyond the end of a range, by a step of the last digit at least; 0 where there is no room for it."""
    step: float = 10**-measurement.decimals
    value = end * factor
    return round(max(value, end + step) if factor > 1 else max(min(value, end - step), 0.0), measurement.decimals)
