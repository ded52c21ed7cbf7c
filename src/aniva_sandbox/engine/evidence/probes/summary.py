"""Probes on a terminal: the findings, a line for each kind, and the tests that were not probed."""

from collections.abc import Iterator, Sequence
from typing import Final

from aniva_sandbox.engine.evidence.probes.demands import failing
from aniva_sandbox.engine.evidence.probes.report import ProbeReport
from aniva_sandbox.engine.evidence.probes.wording import counts_of, fold
from aniva_sandbox.engine.texts import counted, shorten

__all__ = ["render"]

_ENTRIES: Final = 50
"""Entries shown of the findings."""
_SKIPPED: Final = 10
"""Tests shown of those that were not probed, and entries of waived findings."""
_LONGEST: Final = 500
"""Characters shown of a sentence."""


def render(report: ProbeReport) -> str:
    """The summary of a report: the findings, the most severe first, each with the command that runs it again; then
    what is left to say."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: ProbeReport) -> Iterator[str]:
    entries = fold(failing(report))
    for entry in entries[:_ENTRIES]:
        yield f"{entry.first.verdict}: {_on_one_line(entry.sentence)}"
        for line in entry.first.again.splitlines():
            yield f"    {_printable(line)}"
    others = sum(len(entry.findings) for entry in entries[_ENTRIES:])
    if others:
        yield f"... and {counted(others, 'more finding')}"
    width = max(map(len, report.kinds), default=0)
    for kind in report.kinds:
        yield f"{kind:<{width}}  {counts_of(report, kind)}"
    waived = [
        f"{entry.first.verdict}: {entry.sentence}: {entry.first.waived}"
        for entry in fold(finding for finding in report.findings if finding.is_waived)
    ]
    yield from _some("waived", waived)
    yield from _some("not probed", [f"{each.test}: {each.reason}" for each in report.skipped])


def _some(title: str, texts: Sequence[str]) -> Iterator[str]:
    for text in texts[:_SKIPPED]:
        yield f"{title}: {_on_one_line(text)}"
    if len(texts) > _SKIPPED:
        yield f"{title}: ... and {len(texts) - _SKIPPED:,} more"


def _on_one_line(text: str) -> str:
    return shorten(_printable(" ".join(text.split())), _LONGEST)


def _printable(text: str) -> str:
    """A text without what a terminal would act on."""
    return "".join(character if character.isprintable() else "?" for character in text)
