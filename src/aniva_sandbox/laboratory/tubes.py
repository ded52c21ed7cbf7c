"""The tubes that a draw needs."""

from collections.abc import Iterable
from math import ceil

import msgspec

from aniva_sandbox.laboratory.laboratories import Laboratory, Tube

__all__ = ["TubeCount", "count_tubes"]


class TubeCount(msgspec.Struct, frozen=True):
    """A number of tubes of one kind."""

    tube: Tube
    count: int


def count_tubes(laboratory: Laboratory, biomarker_ids: Iterable[int]) -> list[TubeCount]:
    """The tubes that a laboratory needs for these biomarkers, in its order of draw.

    The microlitres of blood for each kind of tube are added up, and as many tubes are drawn as hold the sum.
    """
    blood = {tube.type: 0.0 for tube in laboratory.tubes}
    for id in sorted(set(biomarker_ids)):
        method = laboratory.methods[id]
        blood[method.tube.type] += method.blood
    return [
        TubeCount(tube, ceil(round(blood[tube.type], 6) / tube.fill))
        for tube in laboratory.tubes
        if blood[tube.type] > 0
    ]
