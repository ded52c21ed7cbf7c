"""The report on probes: one JSON value, whatever ran them."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from aniva_sandbox.engine.evidence.probes.patterns import find_reason

__all__ = [
    "COUNTS",
    "FOUND",
    "KINDS",
    "SEVERITY",
    "VERSION",
    "Finding",
    "KindName",
    "Note",
    "NoteName",
    "ProbeReport",
    "Skipped",
    "TestReport",
    "Verdict",
    "kind_of",
    "merge",
    "merge_reports",
]

VERSION: Final = 1

KindName = Literal["faults", "times", "responses", "rules"]
Verdict = Literal[
    "duplicate",
    "lost",
    "swallowed",
    "unrecovered",
    "stuck",
    "hammering",
    "impatient",
    "dated",
    "brittle",
    "unnoticed",
]
NoteName = Literal["told", "fixed-dates", "fixed-value", "waits"]

KINDS: Final[tuple[KindName, ...]] = ("faults", "times", "responses", "rules")
SEVERITY: Final[Mapping[str, int]] = {
    name: place
    for place, name in enumerate(
        (
            *("duplicate", "lost", "swallowed", "unrecovered", "stuck", "hammering", "impatient"),
            *("dated", "brittle", "unnoticed"),
        )
    )
}
"""The verdicts, the most severe first."""
COUNTS: Final[Mapping[KindName, tuple[str, ...]]] = {
    "faults": ("changes", "runs", "pruned", "findings", "told", "waits", "skipped", "left_out"),
    "times": ("changes", "runs", "pruned", "findings", "fixed_dates", "skipped", "left_out"),
    "responses": ("changes", "runs", "pruned", "findings", "fixed_values", "skipped", "left_out"),
    "rules": ("changes", "runs", "pruned", "noticed", "unnoticed", "skipped", "left_out"),
}
"""What is counted of each kind. ``skipped`` are changes that a marker leaves out, or whose run said nothing about the
client; ``left_out`` are those for which the budget did not suffice."""


FOUND: Final[Mapping[KindName, str]] = {kind: "unnoticed" if kind == "rules" else "findings" for kind in KINDS}
"""The name of the count of findings."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a client, or its tests, should do better."""

    id: str
    kind: KindName
    verdict: Verdict
    sentence: str
    test: str
    operation: str
    """The operationId; empty if it is about no single operation."""
    before: tuple[str, ...]
    """What the world held after the clean run and did not after the changed one, in words."""
    after: tuple[str, ...]
    """What it held after the changed run, and did not after the clean one."""
    again: str
    """The command that runs it again."""
    waived: str | UnsetType = UNSET
    """Why it does not count."""

    @property
    def is_waived(self) -> bool:
        """Whether it does not count."""
        return self.waived is not UNSET

    @property
    def change(self) -> str:
        """The id of its change within the kind and the test, such as ``create_list#1:drop=after``."""
        return self.id.removeprefix(f"{self.kind}:{self.test}:")


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What is worth knowing, and no finding."""

    id: str
    note: NoteName
    sentence: str
    test: str


def kind_of(id: str) -> KindName:
    """The kind of the change with an id."""
    name = id.partition(":")[0]
    return next(kind for kind in KINDS if kind == name)


class Skipped(msgspec.Struct, frozen=True):
    """A test that was not probed, or not wholly."""

    test: str
    reason: str


class TestReport(msgspec.Struct, kw_only=True):
    """What the probes of one test showed."""

    __test__ = False

    test: str
    kinds: dict[KindName, dict[str, int]] = {}
    findings: list[Finding] = []
    notes: list[Note] = []
    skipped: str = ""
    """Why it was not probed; empty if it was."""
    noticed: list[str] = []
    """The items of coverage, such as ``list.full refused``, whose change the test noticed."""

    def count(self, kind: KindName, what: str, number: int = 1) -> None:
        """Add to a count."""
        counts = self.kinds.setdefault(kind, dict.fromkeys(COUNTS[kind], 0))
        counts[what] += number


class ProbeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the probes of all tests showed. Equal suites give equal reports, byte for byte."""

    version: Annotated[int, Meta(ge=VERSION, le=VERSION)] = VERSION
    kinds: dict[KindName, dict[str, int]]
    findings: tuple[Finding, ...]
    """The most severe first; those of one verdict by test."""
    notes: tuple[Note, ...]
    skipped: tuple[Skipped, ...]
    noticed: dict[str, tuple[str, ...]]
    """By item of coverage, the tests that noticed its change."""
    tests: dict[str, dict[KindName, dict[str, int]]]
    """By test that was probed, its own counts of each kind; those that are 0 are left out."""


def merge(
    reports: Iterable[TestReport], kinds: Iterable[KindName] = KINDS, waivers: Mapping[str, str] | None = None
) -> ProbeReport:
    """One report of those of the tests, whatever their order; ``kinds`` are those that were asked for. ``waivers`` are
    reasons by the id of a finding, or by a pattern."""
    asked = set(kinds)
    nothing = ProbeReport(
        kinds={kind: {} for kind in KINDS if kind in asked}, findings=(), notes=(), skipped=(), noticed={}, tests={}
    )
    return merge_reports([nothing, *map(_of_test, reports)], waivers)


def _of_test(report: TestReport) -> ProbeReport:
    try:
        msgspec.json.encode(report)
    except UnicodeEncodeError:  # a test's name, or a message, may have anything in it
        report = msgspec.convert(_encodable(msgspec.to_builtins(report)), TestReport)
    kinds = {kind: _not_zero(report.kinds[kind]) for kind in KINDS if kind in report.kinds}
    return ProbeReport(
        kinds=kinds,
        findings=tuple(report.findings),
        notes=tuple(report.notes),
        skipped=(Skipped(report.test, report.skipped),) if report.skipped else (),
        noticed=dict.fromkeys(report.noticed, (report.test,)),
        tests={} if report.skipped and not kinds else {report.test: kinds},
    )


def merge_reports(reports: Iterable[ProbeReport], waivers: Mapping[str, str] | None = None) -> ProbeReport:
    """One report of several, whatever their order. Where more than one has probes of the same kind for a test, the
    counts are those of the report that left out the fewest changes, and what any of them found is found."""
    reports = list(reports)
    found: dict[tuple[str, KindName], list[_Part]] = {}
    for report in reports:
        for key, part in _parts_of(report).items():
            found.setdefault(key, []).append(part)
    parts = [_joined(found[key]) for key in sorted(found, key=lambda key: (key[0], KINDS.index(key[1])))]
    ran = {part.kind for part in parts}.union(*(report.kinds for report in reports))
    kinds = {kind: dict.fromkeys(COUNTS[kind], 0) for kind in KINDS if kind in ran}
    tests: dict[str, dict[KindName, dict[str, int]]] = {
        test: {} for test in sorted({part.test for part in parts}.union(*(report.tests for report in reports)))
    }
    for part in parts:
        if part.counts:
            tests[part.test][part.kind] = part.counts
        for what, number in part.counts.items():
            kinds[part.kind][what] += number
    noticed: dict[str, set[str]] = {}
    for report in reports:
        for item, names in report.noticed.items():
            noticed.setdefault(item, set()).update(names)
    findings = [_waived(finding, waivers or {}) for part in parts for finding in part.findings]
    return ProbeReport(
        kinds=kinds,
        findings=tuple(sorted(findings, key=lambda finding: SEVERITY[finding.verdict])),  # stable: by test, and plan
        notes=tuple(note for part in parts for note in part.notes),
        skipped=tuple(sorted({each for report in reports for each in report.skipped}, key=msgspec.structs.astuple)),
        noticed={item: tuple(sorted(noticed[item])) for item in sorted(noticed)},
        tests=tests,
    )


class _Part(msgspec.Struct, kw_only=True):
    """What a report has on the probes of one kind for one test."""

    test: str
    kind: KindName
    counts: dict[str, int] = {}
    findings: list[Finding] = []
    notes: list[Note] = []

    @property
    def rank(self) -> tuple[int, int, bytes]:
        """What decides which of several counts: the first in this order."""
        return self.counts.get("left_out", 0), -self.counts.get("changes", 0), msgspec.json.encode(self)


def _joined(parts: list[_Part]) -> _Part:
    """One part of those of several reports."""
    if len(parts) == 1:
        return parts[0]
    parts = sorted(parts, key=lambda part: part.rank)
    findings: dict[str, Finding] = {}
    notes: dict[str, Note] = {}
    for part in parts:
        for finding in part.findings:
            findings.setdefault(finding.id, finding)
    for part in parts:
        for note in part.notes:
            if note.id not in findings:
                notes.setdefault(note.id, note)
    best = parts[0]
    return _Part(
        test=best.test,
        kind=best.kind,
        counts=best.counts | ({FOUND[best.kind]: len(findings)} if findings else {}),
        findings=list(findings.values()),
        notes=list(notes.values()),
    )


def _parts_of(report: ProbeReport) -> dict[tuple[str, KindName], _Part]:
    found: dict[tuple[str, KindName], _Part] = {}

    def part(test: str, kind: KindName) -> _Part:
        return found.setdefault((test, kind), _Part(test=test, kind=kind))

    for test, kinds in report.tests.items():
        for kind, counts in kinds.items():
            part(test, kind).counts = {what: counts[what] for what in COUNTS[kind] if counts.get(what)}
    for finding in report.findings:
        part(finding.test, finding.kind).findings.append(finding)
    for note in report.notes:
        part(note.test, kind_of(note.id)).notes.append(note)
    return found


def _encodable(value: Any) -> Any:
    """A plain value whose texts can be encoded."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_encodable(name): _encodable(part) for name, part in value.items()}
    return [_encodable(part) for part in value] if isinstance(value, list | tuple) else value


def _waived(finding: Finding, waivers: Mapping[str, str]) -> Finding:
    reason = find_reason(finding.id, waivers)
    return finding if reason is None else msgspec.structs.replace(finding, waived=reason)


def _not_zero(counts: Mapping[str, int]) -> dict[str, int]:
    return {what: number for what, number in counts.items() if number}
