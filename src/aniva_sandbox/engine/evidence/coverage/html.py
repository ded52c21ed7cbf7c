"""Coverage as a page: one file that loads nothing, with filters, for light and dark, wide and narrow screens."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from aniva_sandbox.engine.evidence.coverage.report import Axis, AxisName, CoverageReport, Entry
from aniva_sandbox.engine.evidence.coverage.wording import (
    FEWER,
    LEAD,
    MEANINGS,
    PROBED,
    STATES,
    closest_of,
    first_tests,
    percent_of,
    state_of,
    times,
)
from aniva_sandbox.engine.evidence.probes.html import PROBES_STYLE, part
from aniva_sandbox.engine.evidence.probes.report import ProbeReport
from aniva_sandbox.engine.evidence.reports.page import STYLE, attribute, code, page

__all__ = ["render"]

_FOLDED: Final = 3
"""More tests than these are folded."""
_TRIERS: Final = {"client": "the client", "api": "the API"}


def render(report: CoverageReport, problems: Sequence[str] = (), probes: ProbeReport | None = None) -> str:
    """The page of a report; ``problems`` are the thresholds and waivers that failed the run. The report on the probes
    of the same run is a part of the page."""
    style = STYLE if probes is None else PROBES_STYLE
    return page("What the tests never met", LEAD, _main(report, probes), problems, style=style)


def _main(report: CoverageReport, probes: ProbeReport | None) -> Iterator[str]:
    yield '<table class="overview">\n<caption class="unseen">Axes</caption>\n'
    yield '<thead><tr><th scope="col">Axis</th><th scope="col">Met</th><th scope="col">Share</th>'
    yield '<td class="bar"></td><th scope="col">Missing</th></tr></thead>\n<tbody>\n'
    for name, axis in report.axes.items():
        yield _overview(name, axis)
    yield "</tbody>\n</table>\n"
    if report.not_called:
        called = ", ".join(map(code, report.not_called))
        yield f"<p>Operations that were never called, whose items are left out: {called}.</p>\n"
    if probes is not None:
        yield from part(probes)
        yield '<div class="axes">\n'  # each form filters what is in its element
    yield from _filters(report)
    for name, axis in report.axes.items():
        yield from _section(name, axis)
    if probes is not None:
        yield "</div>\n"


def _filters(report: CoverageReport) -> Iterator[str]:
    yield """<form id="filters" class="filters" role="search" hidden>
<fieldset>
<legend class="unseen">Show</legend>
<label><input type="radio" name="state" value="" checked> All items</label>
<label><input type="radio" name="state" value="missing"> Missing</label>
<label><input type="radio" name="state" value="leaned-on"> Leaned on</label>
"""
    if any(map(_is_probed, report.axes.values())):
        yield '<label><input type="radio" name="state" value="touched"> Touched</label>\n'
    yield """</fieldset>
<input type="search" name="search" placeholder="Item, test or next step" aria-label="Search" autocomplete="off">
<output id="shown" for="filters"></output>
</form>
"""


def _is_probed(axis: Axis) -> bool:
    return any(isinstance(item.probed, str) for item in axis.list)


def _overview(name: AxisName, axis: Axis) -> str:
    fewer = name in FEWER
    missing = sum(state_of(name, item) == "missing" for item in axis.list)
    width = 100 * axis.met / axis.items if axis.items else 0
    return (
        f'<tr{attribute("fewer" if fewer else "")}><th scope="row"><a href="#{name}">{name}</a></th>'
        f"<td>{axis.met:,} of {axis.items:,}</td><td>{percent_of(axis)}</td>"
        '<td class="bar"><svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{width:.4g}" height="1"/></svg></td>'
        f"<td>{'fewer is better' if fewer else f'{missing:,}'}</td></tr>\n"
    )


def _section(name: AxisName, axis: Axis) -> Iterator[str]:
    verb = "leaned on" if name in FEWER else "met"
    count = f"{axis.met:,} of {axis.items:,} {verb}"
    yield f'<section aria-labelledby="{name}">\n'
    yield f'<h2 id="{name}">{name.capitalize()} <span class="count">{count}</span></h2>\n'
    yield f'<p class="soft">{MEANINGS[name]}{f" {PROBED}" if _is_probed(axis) else ""}</p>\n'
    if axis.list:
        yield f'<table class="items">\n<caption class="unseen">Items of {name}</caption>\n<thead><tr>'
        details = "Tests" if name in FEWER else "Tests or next step"
        yield f'<th scope="col">Item</th><th scope="col">State</th><th scope="col">{details}</th>'
        yield "</tr></thead>\n<tbody>\n"
        for item in axis.list:
            yield _row(name, item)
        yield "</tbody>\n</table>\n"
    yield "</section>\n"


def _row(name: AxisName, item: Entry) -> str:
    state = state_of(name, item)
    marks = [item.probed] if isinstance(item.probed, str) else []
    count = f" {times(item.count)}" if item.met else ""
    notes = [f"closest: {near}" for near in filter(None, [closest_of(item)])]
    notes += marks
    notes += [f"by {' and '.join(_TRIERS[side] for side in item.by)}"] if item.by else []
    sentence = f"<small>{escape(item.sentence)}</small>" if item.sentence else ""
    told = "".join(f"<small>{escape(note)}</small>" for note in notes)
    return (
        f'<tr class="{" ".join([state, *marks])}"><th scope="row">{code(item.id)}{sentence}</th>'
        f'<td><span class="state">{STATES[state]}</span>{count}{told}</td><td>{_details(item)}</td></tr>\n'
    )


def _details(item: Entry) -> str:
    reason = escape(item.reason) if item.reason else ""
    if item.tests:
        return reason + _tests(item)
    if item.next:
        return f'<div class="step"><pre><code>{escape(item.next)}</code></pre></div>'
    return reason


def _tests(item: Entry) -> str:
    shown, others = first_tests(item)
    lines = [code(test) for test in shown]
    lines += [f"and {others:,} more"] if others else []
    entries = "".join(f"<li>{line}</li>" for line in lines)
    tests = f'<ul class="tests">{entries}</ul>'
    count = len(item.tests)
    return tests if count <= _FOLDED else f"<details><summary>{count:,} tests</summary>{tests}</details>"
