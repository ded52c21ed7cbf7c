"""Probes as a JUnit file: a test suite for each kind, a test case for each test.

- probed, without findings: passed
- with findings: failed, with their sentences and the commands that run them again; waived findings are in
  ``system-out``, and do not fail it
- not probed, or no change of it because the budget did not suffice: skipped, with the reason

Waivers that are not needed are failed test cases of the suite ``waivers``.
"""

from collections.abc import Iterator, Sequence

from aniva_sandbox.engine.evidence.probes.report import Finding, KindName, ProbeReport
from aniva_sandbox.engine.evidence.probes.wording import runs_of
from aniva_sandbox.engine.evidence.reports import xml
from aniva_sandbox.engine.texts import counted

__all__ = ["render"]


def render(report: ProbeReport, problems: Sequence[str] = ()) -> str:
    """The JUnit file of a report; ``problems`` are the waivers that failed the run."""
    suites = [xml.suite(kind, list(_cases(report, kind))) for kind in report.kinds]
    return xml.file("probes", [*suites, xml.demands("waivers", problems)])


def _cases(report: ProbeReport, kind: KindName) -> Iterator[str]:
    reasons = {each.test: each.reason for each in report.skipped}
    findings: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.kind == kind:
            findings.setdefault(finding.test, []).append(finding)
    for test in sorted({*report.tests, *reasons}):
        counts = report.tests.get(test, {}).get(kind)
        if counts:
            yield xml.case(kind, test, "".join(_outcome(counts, findings.get(test, []), reasons.get(test, ""))))
        elif test in reasons:
            yield xml.case(kind, test, xml.skipped(reasons[test]))


def _outcome(counts: dict[str, int], findings: list[Finding], reason: str) -> Iterator[str]:
    failing = [finding for finding in findings if not finding.is_waived]
    if failing:
        verdicts = ", ".join(dict.fromkeys(finding.verdict for finding in failing))
        yield xml.failure(f"{counted(failing, 'finding')}: {verdicts}", "\n".join(map(_described, failing)))
    elif not counts.get("runs"):
        yield xml.skipped("; ".join(filter(None, [reason, *runs_of(counts)])))
    lines = [f"{_described(finding)}\n    waived: {finding.waived}" for finding in findings if finding.is_waived]
    lines += [reason] if reason and counts.get("runs") else []
    if lines:
        yield xml.output(lines)


def _described(finding: Finding) -> str:
    return f"{finding.verdict}: {finding.sentence} ({finding.change})\n    {finding.again}"
