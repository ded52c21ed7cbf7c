"""Coverage on a terminal: a line for each axis, and where to go on."""

from collections.abc import Iterator
from typing import Final

from aniva_sandbox.engine.evidence.coverage.report import AxisName, CoverageReport, Entry
from aniva_sandbox.engine.evidence.coverage.wording import closest_of, missing_of, note_of, percent_of
from aniva_sandbox.engine.texts import shorten

__all__ = ["render"]

_LONGEST: Final = 300
"""Characters shown of a line of a next step."""
_NAMED: Final = 6
"""Operations named of those that were never called."""


def render(report: CoverageReport) -> str:
    """The summary of a report: the axes, then the first missing item of each with its next step."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: CoverageReport) -> Iterator[str]:
    width = max(map(len, report.axes), default=0)
    counts = {name: (f"{axis.met:,}", f"{axis.items:,}") for name, axis in report.axes.items()}
    most = [max((len(count[side]) for count in counts.values()), default=0) for side in (0, 1)]
    for name, axis in report.axes.items():
        met, items = counts[name]
        note = note_of(name, axis)
        share = f"{percent_of(axis):>5}{f'  {note}' if note else ''}"
        yield f"{name:<{width}}  {met:>{most[0]}} of {items:>{most[1]}}  {share}"
    if report.not_called:
        shown, others = report.not_called[:_NAMED], len(report.not_called) - _NAMED
        yield f"never called, and left out: {', '.join(shown)}{f', and {others} more' if others > 0 else ''}"
    for name, missing in missing_of(report).items():
        if missing:
            yield from _first(name, missing)


def _first(name: AxisName, items: list[Entry]) -> Iterator[str]:
    item = next((item for item in items if item.next), items[0])
    near = closest_of(item)
    yield f"next for {name}: {item.id}{f' (closest: {near})' if near else ''}"
    for line in (item.next or "").splitlines():
        yield f"    {shorten(line, _LONGEST)}"
