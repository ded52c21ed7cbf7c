"""What probes add to coverage: whether the tests that met a rule would notice if it no longer held."""

from collections.abc import Collection, Iterable
from typing import Final

from msgspec import UNSET, structs

from aniva_sandbox.engine.evidence.coverage.report import AxisName, CoverageReport
from aniva_sandbox.engine.evidence.probes.report import ProbeReport

__all__ = ["with_marks", "with_probes"]

_AXIS: Final[AxisName] = "rules"


def with_probes(report: CoverageReport, probes: ProbeReport) -> CoverageReport:
    """A report whose met rules are marked: *checked*, if a test noticed a change of them, otherwise *touched*. It is
    as it was if no rule was probed."""
    return _marked(report, probes.noticed) if _AXIS in probes.kinds else report


def with_marks(report: CoverageReport, sources: Iterable[CoverageReport]) -> CoverageReport:
    """A report merged from others, with the marks of those: a rule is checked if it is in one of them."""
    entries = [entry for source in sources if _AXIS in source.axes for entry in source.axes[_AXIS].list]
    if all(entry.probed is UNSET for entry in entries):
        return report
    return _marked(report, {entry.id for entry in entries if entry.probed == "checked"})


def _marked(report: CoverageReport, checked: Collection[str]) -> CoverageReport:
    axis = report.axes[_AXIS]
    entries = tuple(
        structs.replace(entry, probed="checked" if entry.id in checked else "touched") if entry.met else entry
        for entry in axis.list
    )
    return structs.replace(report, axes=report.axes | {_AXIS: structs.replace(axis, list=entries)})
