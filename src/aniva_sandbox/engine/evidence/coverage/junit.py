"""Coverage as a JUnit file: a test suite for each axis, a test case for each item.

A missing item is a skipped test case, not a failed one: a CI viewer would count hundreds of failures in a run that
passed. What fails a run, a threshold or a waiver, is a failed test case of the suite ``thresholds``.

- met: passed, with the tests in ``system-out``
- missing: skipped, with the next step as the text
- cannot be met, or waived: skipped, with the reason as the message
- an assumption: skipped if it was leaned on, otherwise passed
"""

from collections.abc import Iterator, Sequence

from aniva_sandbox.engine.evidence.coverage.report import AxisName, CoverageReport, Entry
from aniva_sandbox.engine.evidence.coverage.wording import closest_of, first_tests, state_of, times
from aniva_sandbox.engine.evidence.reports import xml

__all__ = ["render"]


def render(report: CoverageReport, problems: Sequence[str] = ()) -> str:
    """The JUnit file of a report; ``problems`` are the thresholds and waivers that failed the run."""
    suites = [xml.suite(name, [_case(name, item) for item in axis.list]) for name, axis in report.axes.items()]
    suites.append(xml.demands("thresholds", problems))
    return xml.file("coverage", suites)


def _case(axis: AxisName, item: Entry) -> str:
    return xml.case(axis, item.id, "".join(_outcome(axis, item)))


def _outcome(axis: AxisName, item: Entry) -> Iterator[str]:
    match state_of(axis, item):
        case "not-counted":
            yield xml.skipped(f"not counted: {item.reason}")
        case "missing":
            near = closest_of(item)
            yield xml.skipped(f"never met{f'; closest: {near}' if near else ''}", item.next or "")
        case "leaned-on":
            yield xml.skipped(f"leaned on {times(item.count)}")
    if item.tests:
        shown, others = first_tests(item)
        lines = [*shown, f"and {others:,} more"] if others else shown
        yield xml.output(lines)
