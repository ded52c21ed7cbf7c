"""Making a report from what was collected, and reading one."""

from collections.abc import Collection, Mapping

from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.evidence.coverage.collected import TESTS_KEPT, Collected, Met, Side
from aniva_sandbox.engine.evidence.coverage.items import Item, Items
from aniva_sandbox.engine.evidence.coverage.report import AXES, VERSION, Axis, AxisName, CoverageReport, Entry
from aniva_sandbox.engine.evidence.reports.values import SourceError, read_value, write_value

__all__ = ["collected_in", "make_report", "read_report", "write_report"]

_SIDES: tuple[Side, ...] = ("client", "api")


def make_report(
    items: Items,
    collected: Collected,
    *,
    scope: Collection[str] | None = None,
    waivers: Mapping[str, str] | None = None,
) -> CoverageReport:
    """The report on what was collected.

    ``scope`` are the operations that the client uses: items that only others could meet are left out. By default they
    are those that were called, and no item that was met is left out. ``waivers`` are reasons by item: a missing item is
    then not counted; an assumption is not counted if it was met.
    """
    called = {
        operation
        for axis in ("responses", "faults")
        for item in items.axes[axis]
        if item.id in collected
        for operation in item.operations
    }
    used = called if scope is None else set(scope)
    axes: dict[AxisName, Axis] = {}
    for axis in AXES:
        entries = tuple(
            _entry(axis, item, collected.met.get(item.id), (waivers or {}).get(item.id))
            for item in items.axes[axis]
            if not item.operations or item.operations & used or (scope is None and item.id in collected)
        )
        counted = [entry for entry in entries if entry.is_counted]
        axes[axis] = Axis(sum(entry.met for entry in counted), len(counted), entries)
    expected = items.operations if scope is None else [each for each in items.operations if each in used]
    return CoverageReport(VERSION, axes, tuple(each for each in expected if each not in called))


def _entry(axis: AxisName, item: Item, met: Met | None, waived: str | None) -> Entry:
    reason: str | UnsetType = UNSET
    if waived is not None and (met is None) != (axis == "assumptions"):
        reason = f"waived: {waived}"
    elif item.reason and met is None:
        reason = item.reason
    return Entry(
        id=item.id,
        met=met is not None,
        count=met.count if met else 0,
        tests=tuple(sorted(met.tests)[:TESTS_KEPT]) if met else (),
        next=item.next if met is None and reason is UNSET else None,
        reason=reason,
        closest=(_plain(met.closest) if met else None) if item.unit is not None else UNSET,
        unit=item.unit if item.unit is not None else UNSET,
        sentence=item.sentence if item.sentence is not None else UNSET,
        by=tuple(side for side in _SIDES if met is not None and side in met.by) if axis == "transitions" else UNSET,
    )


def _plain(distance: float | None) -> float | None:
    """A distance as it is written: without a fraction, if it has none."""
    return int(distance) if distance is not None and distance == int(distance) else distance


def write_report(report: CoverageReport) -> bytes:
    """A report as JSON, indented."""
    return write_value(report)


def read_report(content: bytes, source: str) -> CoverageReport:
    """A report from JSON; ``source`` is named in errors. Raises :exc:`SourceError`."""
    return read_value(content, CoverageReport, source)


def collected_in(report: CoverageReport, items: Items, source: str) -> Collected:
    """What was collected according to a report, to be added to other reports'. ``source`` is named in errors.

    Raises :exc:`SourceError` for an item that does not exist here.
    """
    found = Collected()
    for axis, content in report.axes.items():
        known = {item.id for item in items.axes[axis]}
        for index, entry in enumerate(content.list):
            if entry.id not in known:
                raise SourceError(
                    f"{source}: axes.{axis}.list[{index}].id: there is no item {entry.id!r} here; was the report made "
                    "by another version?"
                )
            if entry.met:
                found.entry(entry.id).add(
                    Met(
                        entry.count,
                        set(entry.tests),
                        entry.closest if isinstance(entry.closest, float) else None,
                        set(entry.by) if not isinstance(entry.by, UnsetType) else set(),
                    )
                )
    return found
