"""Probes as a page of their own, or as a part of coverage's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

from aniva_sandbox.engine.evidence.probes.demands import failing
from aniva_sandbox.engine.evidence.probes.report import FOUND, KINDS, Finding, ProbeReport
from aniva_sandbox.engine.evidence.probes.wording import (
    KIND_MEANINGS,
    LEAD,
    NOTES,
    TITLE,
    VERDICTS,
    Entry,
    fold,
    results_of,
    runs_of,
    under,
    waived_in,
)
from aniva_sandbox.engine.evidence.reports.page import STYLE, code, page
from aniva_sandbox.engine.texts import counted

__all__ = ["PROBES_STYLE", "part", "render"]

PROBES_STYLE: Final = STYLE + Path(__file__).with_name("probes.css").read_text(encoding="utf-8")
"""The style of a page with probes."""
_NOTES: Final = 1000
"""Notes shown of each name; the JSON has them all."""


def render(report: ProbeReport, problems: Sequence[str] = ()) -> str:
    """The page of a report; ``problems`` are the waivers that failed the run."""
    return page(TITLE, LEAD, _Part(report, 2).content(), problems, style=PROBES_STYLE)


def part(report: ProbeReport) -> Iterator[str]:
    """A report as a section of a page that has other content too."""
    yield f'<section class="probes" aria-labelledby="probes">\n<h2 id="probes">{TITLE}</h2>\n'
    yield f'<p class="soft">{LEAD}</p>\n'
    yield from _Part(report, 3).content()
    yield "</section>\n"


class _Part:
    """The content for a report, whose headings are of a level and the one below it."""

    def __init__(self, report: ProbeReport, level: int) -> None:
        self._report = report
        self._level = level
        self._tests = {test: f"t{number}" for number, test in enumerate(sorted({f.test for f in report.findings}))}
        """The class of what is about each test."""

    def content(self) -> Iterator[str]:
        yield from self._overview()
        report = self._report
        findings = failing(report)
        if report.findings:
            yield from self._filters()
        if not findings:
            yield "<p>No findings.</p>\n"
        for verdict, meaning in VERDICTS.items():
            those = [finding for finding in findings if finding.verdict == verdict]
            yield from self._section(verdict, verdict.capitalize(), meaning, those)
        waived = [finding for finding in report.findings if finding.is_waived]
        yield from self._section("waived", "Waived", "These findings do not fail the run.", waived)
        yield from self._notes()
        yield from self._skipped()

    def _overview(self) -> Iterator[str]:
        yield '<table class="overview kinds">\n<caption class="unseen">Kinds of changes</caption>\n'
        yield '<thead><tr><th scope="col">Kind</th><th scope="col">Changes</th><th scope="col">Findings</th></tr>'
        yield "</thead>\n<tbody>\n"
        for kind, counts in self._report.kinds.items():
            found = counts.get(FOUND[kind], 0)
            yield f'<tr><th scope="row">{kind}<small>{KIND_MEANINGS[kind]}</small></th>'
            yield f"<td>{counts.get('changes', 0):,}{_small(runs_of(counts))}</td>"
            fails = found > waived_in(self._report, kind)
            yield f'<td><span class="{"some" if fails else "none"}">{found:,}</span>'
            yield f"{_small(results_of(self._report, kind))}</td></tr>\n"
        yield "</tbody>\n</table>\n"

    def _filters(self) -> Iterator[str]:
        kinds = [kind for kind in KINDS if any(finding.kind == kind for finding in self._report.findings)]
        verdicts = [verdict for verdict in VERDICTS if any(each.verdict == verdict for each in self._report.findings)]
        yield '<form id="probe-filters" class="filters" role="search" data-noun="findings" hidden>\n'
        yield '<fieldset>\n<legend class="unseen">Kind</legend>\n'
        yield '<label><input type="radio" name="kind" value="" checked> All kinds</label>\n'
        for kind in kinds:
            yield f'<label><input type="radio" name="kind" value="{kind}"> {kind.capitalize()}</label>\n'
        yield "</fieldset>\n"
        yield _select("verdict", "All verdicts", {verdict: verdict for verdict in verdicts})
        yield _select("test", "All tests", self._tests)
        yield '<input type="search" name="search" placeholder="Test, call or sentence" aria-label="Search findings" '
        yield 'autocomplete="off">\n<output for="probe-filters"></output>\n</form>\n'

    def _section(self, id: str, title: str, meaning: str, findings: Sequence[Finding]) -> Iterator[str]:
        if not findings:
            return
        yield f'<section aria-labelledby="verdict-{id}">\n'
        yield self._heading(f"verdict-{id}", title, counted(findings, "finding"))
        yield f'<p class="soft">{meaning}</p>\n'
        for entry in fold(findings):
            yield from self._entry(entry)
        yield "</section>\n"

    def _entry(self, entry: Entry) -> Iterator[str]:
        first, *others = entry.findings
        classes = (
            f"finding {first.kind} {first.verdict} {self._tests[first.test]}{' waived' if first.is_waived else ''}"
        )
        heading = f"h{self._level + 1}"
        yield f'<article class="{classes}" data-count="{len(entry.findings)}">\n'
        verdict = f" <span>{first.verdict}</span>" if first.is_waived else ""  # otherwise the section has its name
        yield f"<{heading}>{code(first.test)}{verdict}</{heading}>\n"
        yield from _finding(first)
        if others:
            yield f"<details><summary>Also {escape(under(others))}</summary>\n"
            for each in others:
                yield from _finding(each)
            yield "</details>\n"
        yield "</article>\n"

    def _notes(self) -> Iterator[str]:
        for name, meaning in NOTES.items():
            notes = [note for note in self._report.notes if note.note == name]
            lines = [f"{code(note.id)} {escape(note.sentence)}" for note in notes[:_NOTES]]
            lines += [f"and {len(notes) - _NOTES:,} more"] if len(notes) > _NOTES else []
            yield from _fold(f"{counted(notes, 'note')}: {name}", meaning, lines)

    def _skipped(self) -> Iterator[str]:
        skipped = self._report.skipped
        lines = [f"{code(each.test)} {escape(each.reason)}" for each in skipped]
        yield from _fold(f"{counted(skipped, 'test')} not probed", "", lines)

    def _heading(self, id: str, title: str, count: str) -> str:
        return f'<h{self._level} id="{id}">{title} <span class="count">{count}</span></h{self._level}>\n'


def _finding(finding: Finding) -> Iterator[str]:
    yield f"<p>{escape(finding.sentence)} {code(finding.change)}</p>\n"
    if isinstance(finding.waived, str):
        yield f'<p class="soft">Waived: {escape(finding.waived)}</p>\n'
    if finding.before or finding.after:
        yield '<dl class="held">'
        yield f"<div><dt>Only after the clean run</dt>{_held(finding.before)}</div>"
        yield f"<div><dt>Only after the changed run</dt>{_held(finding.after)}</div></dl>\n"
    whose = escape(f"the command for {finding.change} in {finding.test}")
    yield f'<div class="step" data-whose="{whose}"><pre><code>{escape(finding.again)}</code></pre></div>\n'


def _held(texts: Sequence[str]) -> str:
    return "".join(f"<dd>{escape(text)}</dd>" for text in texts) or '<dd class="soft">nothing</dd>'


def _select(name: str, every: str, classes: Mapping[str, str]) -> str:
    options = "".join(f'<option value="{value}">{escape(label)}</option>' for label, value in classes.items())
    return (
        f'<select name="{name}" aria-label="{name.capitalize()}"><option value="">{every}</option>{options}</select>\n'
    )


def _fold(title: str, meaning: str, lines: Iterable[str]) -> Iterator[str]:
    entries = "".join(f"<li>{line}</li>\n" for line in lines)
    if entries:
        yield f'<details class="notes">\n<summary>{title}</summary>\n'
        yield f'<p class="soft">{meaning}</p>\n' if meaning else ""
        yield f"<ul>\n{entries}</ul>\n</details>\n"


def _small(texts: Iterable[str]) -> str:
    return "".join(f"<small>{text}</small>" for text in texts)
