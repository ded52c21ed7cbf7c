"""Which tubes a draw takes."""

from collections.abc import Iterable
from math import ceil

import msgspec

from aniva_sandbox.laboratory.laboratories import Laboratory, Tube

__all__ = ["TubeCount", "count_tubes"]


class TubeCount(msgspec.Struct, frozen=True):
    """So many tubes of one kind."""

    tube: Tube
    count: int


def count_tubes(laboratory: Laboratory, biomarker_ids: Iterable[int]) -> list[TubeCount]:
    """The tubes that a laboratory needs for these biomarkers, in its order of draw.

    What one kind of tube has to give adds up, in microlitres of blood; as many are drawn as hold that.
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
