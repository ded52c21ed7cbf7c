"""Coverage as a page: one file that loads nothing, with filters, for light and dark, wide and narrow screens."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final

from aniva_sandbox.engine.evidence.coverage.report import Axis, AxisName, CoverageReport, Entry
from aniva_sandbox.engine.evidence.coverage.wording import (
    FEWER,
    LEAD,
    MEANINGS,
    STATES,
    closest_of,
    first_tests,
    percent_of,
    state_of,
    times,
)

__all__ = ["render"]

_FOLDED: Final = 3
"""More tests than these are folded."""
_TRIERS: Final = {"client": "the client", "api": "the API"}
_STYLE: Final = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
_SCRIPT: Final = Path(__file__).with_name("report.js").read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


_POLICY: Final = (
    f"default-src 'none'; style-src {_digest(_STYLE)}; script-src {_digest(_SCRIPT)}; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""Only the page's own style and script run, whatever the names of tests contain."""
_HEAD: Final = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>What the tests never met</title>
<link rel="icon" href="data:,">
<style>{_STYLE}</style>
</head>
<body>
<h1>What the tests never met</h1>
<p class="soft">{LEAD}</p>
"""
_FILTERS: Final = """<form id="filters" class="filters" role="search" hidden>
<fieldset>
<legend class="unseen">Show</legend>
<label><input type="radio" name="state" value="" checked> All items</label>
<label><input type="radio" name="state" value="missing"> Missing</label>
<label><input type="radio" name="state" value="leaned-on"> Leaned on</label>
</fieldset>
<input type="search" name="search" placeholder="Item, test or next step" aria-label="Search" autocomplete="off">
<output id="shown" for="filters"></output>
</form>
"""
_END: Final = f"<script>{_SCRIPT}</script>\n</body>\n</html>\n"


def render(report: CoverageReport, problems: Sequence[str] = ()) -> str:
    """The page of a report; ``problems`` are the thresholds and waivers that failed the run."""
    return "".join(_page(report, problems))


def _page(report: CoverageReport, problems: Sequence[str]) -> Iterator[str]:
    yield _HEAD
    if problems:
        yield f'<div class="failed" role="alert"><strong>The run failed</strong>\n{_listed(problems)}</div>\n'
    yield '<main>\n<table class="overview">\n<caption class="unseen">Axes</caption>\n'
    yield '<thead><tr><th scope="col">Axis</th><th scope="col">Met</th><th scope="col">Share</th>'
    yield '<td class="bar"></td><th scope="col">Missing</th></tr></thead>\n<tbody>\n'
    for name, axis in report.axes.items():
        yield _overview(name, axis)
    yield "</tbody>\n</table>\n"
    if report.not_called:
        called = ", ".join(f"<code>{escape(operation)}</code>" for operation in report.not_called)
        yield f"<p>Operations that were never called, whose items are left out: {called}.</p>\n"
    yield _FILTERS
    for name, axis in report.axes.items():
        yield from _section(name, axis)
    yield "</main>\n"
    yield _END


def _overview(name: AxisName, axis: Axis) -> str:
    fewer = name in FEWER
    missing = sum(state_of(name, item) == "missing" for item in axis.list)
    width = 100 * axis.met / axis.items if axis.items else 0
    return (
        f'<tr{_class("fewer" if fewer else "")}><th scope="row"><a href="#{name}">{name}</a></th>'
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
    yield f'<p class="soft">{MEANINGS[name]}</p>\n'
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
    count = f" {times(item.count)}" if item.met else ""
    notes = [f"closest: {near}" for near in filter(None, [closest_of(item)])]
    notes += [f"by {' and '.join(_TRIERS[side] for side in item.by)}"] if item.by else []
    sentence = f"<small>{escape(item.sentence)}</small>" if item.sentence else ""
    told = "".join(f"<small>{escape(note)}</small>" for note in notes)
    return (
        f'<tr class="{state}"><th scope="row"><code>{escape(item.id)}</code>{sentence}</th>'
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
    lines = [f"<code>{escape(test)}</code>" for test in shown]
    lines += [f"and {others:,} more"] if others else []
    entries = "".join(f"<li>{line}</li>" for line in lines)
    tests = f'<ul class="tests">{entries}</ul>'
    count = len(item.tests)
    return tests if count <= _FOLDED else f"<details><summary>{count:,} tests</summary>{tests}</details>"


def _listed(texts: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>\n"


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""
