"""Coverage as a JUnit file: a test suite for each axis, a test case for each item.

A missing item is a skipped test case, not a failed one: a CI viewer would count hundreds of failures in a run that
passed. What fails a run, a threshold or a waiver, is a failed test case of the suite ``thresholds``.

- met: passed, with the tests in ``system-out``
- missing: skipped, with the next step as the text
- cannot be met, or waived: skipped, with the reason as the message
- an assumption: skipped if it was leaned on, otherwise passed
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from aniva_sandbox.engine.evidence.coverage.report import AxisName, CoverageReport, Entry
from aniva_sandbox.engine.evidence.coverage.wording import closest_of, first_tests, state_of, times

__all__ = ["render"]

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that an XML document cannot have in any spelling."""


def render(report: CoverageReport, problems: Sequence[str] = ()) -> str:
    """The JUnit file of a report; ``problems`` are the thresholds and waivers that failed the run."""
    suites = [_suite(name, [_case(name, item) for item in axis.list]) for name, axis in report.axes.items()]
    suites.append(_suite("thresholds", [_failed(problem) for problem in problems] or [_element("thresholds", "kept")]))
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="coverage">\n{"".join(suites)}</testsuites>\n'


def _suite(name: str, cases: Sequence[str]) -> str:
    skipped = sum("<skipped" in case for case in cases)
    failed = sum("<failure" in case for case in cases)
    return (
        f'<testsuite name={_quoted(name)} tests="{len(cases)}" failures="{failed}" errors="0" skipped="{skipped}" '
        f'time="0">\n{"".join(cases)}</testsuite>\n'
    )


def _case(axis: AxisName, item: Entry) -> str:
    return _element(axis, item.id, "".join(_outcome(axis, item)))


def _outcome(axis: AxisName, item: Entry) -> Iterator[str]:
    match state_of(axis, item):
        case "not-counted":
            yield _skipped(f"not counted: {item.reason}")
        case "missing":
            near = closest_of(item)
            yield _skipped(f"never met{f'; closest: {near}' if near else ''}", item.next or "")
        case "leaned-on":
            yield _skipped(f"leaned on {times(item.count)}")
    if item.tests:
        shown, others = first_tests(item)
        lines = [*shown, f"and {others:,} more"] if others else shown
        yield f"<system-out>{_text(chr(10).join(lines))}</system-out>"


def _failed(problem: str) -> str:
    return _element("thresholds", problem, f"<failure message={_quoted(problem)}/>")


def _skipped(message: str, text: str = "") -> str:
    return f"<skipped message={_quoted(message)}>{_text(text)}</skipped>"


def _element(suite: str, name: str, inner: str = "") -> str:
    return f'<testcase classname={_quoted(suite)} name={_quoted(name)} time="0">{inner}</testcase>\n'


def _quoted(text: str) -> str:
    return quoteattr(_possible(text))


def _text(text: str) -> str:
    return escape(_possible(text))


def _possible(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
