"""The report on probes: one JSON value, whatever ran them."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

__all__ = [
    "COUNTS",
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
    "merge",
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


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What is worth knowing, and no finding."""

    id: str
    note: NoteName
    sentence: str
    test: str


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


def merge(
    reports: Iterable[TestReport], kinds: Iterable[KindName] = KINDS, waivers: Mapping[str, str] | None = None
) -> ProbeReport:
    """One report of those of the tests, whatever their order; ``waivers`` are reasons by the id of a finding."""
    tests = sorted(reports, key=lambda each: each.test)
    counts = {kind: dict.fromkeys(COUNTS[kind], 0) for kind in KINDS if kind in set(kinds)}
    noticed: dict[str, list[str]] = {}
    findings: list[Finding] = []
    for test in tests:
        for kind, of in test.kinds.items():
            for what, number in of.items():
                counts.setdefault(kind, dict.fromkeys(COUNTS[kind], 0))[what] += number
        for item in test.noticed:
            noticed.setdefault(item, []).append(test.test)
        findings += test.findings
    if waivers:
        findings = [
            msgspec.structs.replace(each, waived=waivers[each.id]) if each.id in waivers else each for each in findings
        ]
    findings.sort(key=lambda each: SEVERITY[each.verdict])  # stable: by test, and in the order of its plan
    return ProbeReport(
        kinds=counts,
        findings=tuple(findings),
        notes=tuple(note for test in tests for note in test.notes),
        skipped=tuple(Skipped(test.test, test.skipped) for test in tests if test.skipped),
        noticed={item: tuple(noticed[item]) for item in sorted(noticed)},
    )
