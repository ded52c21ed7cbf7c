"""The sandbox's sections at the end of a run of pytest: undocumented rules, hints, and what could not be reported."""

from collections.abc import Iterator, Sequence
from typing import Final, TypedDict

import pytest

from aniva_sandbox.testing.reliance import INI, ini_entries

__all__ = ["EVIDENCE", "UNREPORTED", "Evidence", "HintCount", "Relied", "Summary", "is_narrowed"]

EVIDENCE: Final = "aniva_evidence"
"""The attribute of reports with what a test met; xdist transfers it."""
UNREPORTED: Final = "aniva_unreported"
"""The attribute of reports with the reasons why the sandbox could not report something."""

HINTS_SHOWN: Final = 50
"""The number of lines of the section on hints."""
UNUSED_SHOWN: Final = 20
"""The number of unused entries in the section on undocumented rules."""
PLACES_SHOWN: Final = 3
"""The number of places of one of these."""
UNREPORTED_SHOWN: Final = 10
"""The number of reasons in the section on missing reports."""


class Relied(TypedDict):
    """An undocumented rule that a test relied on."""

    id: str
    basis: str
    sentence: str
    is_declared: bool


class HintCount(TypedDict):
    """Equal hints of a test."""

    field: str
    operation: str
    sentence: str
    count: int


class Evidence(TypedDict):
    """What a test met."""

    passed: bool
    relied: list[Relied]
    declared: dict[str, list[str]]
    """The rules that its markers list, and the places of the markers."""
    hints: list[HintCount]


class Summary:
    """Collects the evidence of all tests, and writes the sections."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._evidence: dict[str, Evidence] = {}
        """By the id of the test."""
        self._unreported: list[str] = []
        self._is_stopped = False
        """Whether the run ended before its last test."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Move the summary's part out of a report: pytest keeps the report."""
        evidence = vars(report).pop(EVIDENCE, None)
        if evidence is not None:
            self._evidence[report.nodeid] = evidence
        self._unreported += [f"{report.nodeid}: {why}" for why in vars(report).pop(UNREPORTED, ())]

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Note how the run ended."""
        self._is_stopped = bool(session.shouldfail or session.shouldstop) or exitstatus == pytest.ExitCode.INTERRUPTED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the sections that are not empty."""
        tests = [self._evidence[test] for test in sorted(self._evidence)]
        sections = {
            "undocumented rules": [*_rules(tests), *self._unused(tests)],
            "hints": list(_hints(self._evidence)),
            "missing reports": _cut(self._unreported, UNREPORTED_SHOWN),
        }
        for title, lines in sections.items():
            if lines:
                terminalreporter.section(f"Aniva sandbox: {title}")
                for line in lines:
                    terminalreporter.line(line)

    def _unused(self, tests: Sequence[Evidence]) -> list[str]:
        """The entries of the ini key and of markers that no test of this run used; none if other tests may use them."""
        if self._is_stopped or is_narrowed(self._config):
            return []
        used = {rule["id"] for test in tests for rule in test["relied"]}
        places: dict[str, list[str]] = {}
        if any(test["passed"] for test in tests):
            places |= {entry.rule: [INI] for entry in ini_entries(self._config) if entry.rule not in used}
        for rule, place in _unused_markers(tests):
            places.setdefault(rule, []).append(f"the marker of {place}")
        lines = [f"{rule} is not used in this run: {', '.join(_cut(places[rule], PLACES_SHOWN))}" for rule in places]
        return _cut(lines, UNUSED_SHOWN)


def _rules(tests: Sequence[Evidence]) -> Iterator[str]:
    """The undocumented rules that tests relied on."""
    relied: dict[str, list[Relied]] = {}
    for test in tests:
        for rule in test["relied"]:
            relied.setdefault(rule["id"], []).append(rule)
    for id, rules in sorted(relied.items()):
        undeclared = sum(not rule["is_declared"] for rule in rules)
        rest = "" if undeclared == len(rules) else f", {undeclared} undeclared" if undeclared else ", declared"
        yield f"{id} ({rules[0]['basis']}): {rules[0]['sentence']} [{_tests(len(rules))}{rest}]"
    if any(not rule["is_declared"] for rules in relied.values() for rule in rules):
        yield "--aniva-strict fails the tests that rely on them, and names the rules."


def _unused_markers(tests: Sequence[Evidence]) -> list[tuple[str, str]]:
    """The entries of markers, rule and place, that none of their tests used; none of a test that did not pass."""
    entries: dict[tuple[str, str], bool] = {}
    for test in tests:
        used = {rule["id"] for rule in test["relied"]}
        for rule, places in test["declared"].items():
            for place in places:
                entries[rule, place] = entries.get((rule, place), True) and test["passed"] and rule not in used
    return sorted(entry for entry, is_unused in entries.items() if is_unused)


def is_narrowed(config: pytest.Config) -> bool:
    """Whether the command line selects single tests."""
    option = config.option
    return any(getattr(option, name, None) for name in ("keyword", "markexpr", "deselect", "lf", "stepwise")) or any(
        "::" in argument for argument in config.args
    )


def _hints(evidence: dict[str, Evidence]) -> Iterator[str]:
    """The hints, by test and field. What several tests earned is shown for the first of them."""
    earned: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    for test in sorted(evidence):
        for hint in evidence[test]["hints"]:
            key = hint["field"], hint["operation"], hint["sentence"]
            earned.setdefault(key, []).append((test, hint["count"]))
    lines: dict[str, list[str]] = {}
    for (_, operation, sentence), tests in sorted(earned.items(), key=lambda entry: (entry[1][0][0], entry[0])):
        calls = sum(count for _, count in tests)
        times = f" × {calls}" if calls > 1 else ""
        others = f", {_tests(len(tests))}" if len(tests) > 1 else ""
        lines.setdefault(tests[0][0], []).append(f"    {sentence} [{operation}{times}{others}]")
    blocks = [(line,) if number else (test, line) for test, of in lines.items() for number, line in enumerate(of)]
    written = 0
    for shown, block in enumerate(blocks):
        written += len(block)
        if written > HINTS_SHOWN:
            yield f"... and {len(blocks) - shown} more"
            break
        yield from block
    if blocks:
        yield "--aniva-hints=error fails the tests that get them, and shows the calls."


def _cut(lines: Sequence[str], most: int) -> list[str]:
    """Lines, or the first of them and the number of others."""
    return [*lines] if len(lines) <= most else [*lines[:most], f"... and {len(lines) - most} more"]


def _tests(number: int) -> str:
    return f"{number} test{'s' * (number != 1)}"
