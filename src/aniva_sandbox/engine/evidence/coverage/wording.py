"""How a report of coverage is worded, in every format."""

from collections import Counter
from typing import Final, Literal

from aniva_sandbox.engine.evidence.coverage.report import Axis, AxisName, CoverageReport, Entry
from aniva_sandbox.engine.evidence.distances import name_distance

__all__ = [
    "FEWER",
    "LEAD",
    "MEANINGS",
    "PROBED",
    "STATES",
    "TESTS_SHOWN",
    "State",
    "closest_of",
    "first_tests",
    "missing_of",
    "note_of",
    "percent_of",
    "state_of",
    "times",
]

State = Literal["met", "missing", "not-counted", "leaned-on", "not-leaned-on"]

LEAD: Final = "What a client's tests met of this API, and what they never met. Each axis counts by itself."
MEANINGS: Final[dict[AxisName, str]] = {
    "responses": "An operation with a status: met when the client received it, other than through an injected fault.",
    "rules": "Both sides of a rule: met when a call was refused by it, and when a call was held against it and passed.",
    "boundaries": "The three sides of a boundary: met when a call fell below it, exactly at it, or above it.",
    "transitions": "A move in a state, legal or not: met when it was tried, by the client or on the side of the API.",
    "time": "Something that happens by itself: met when the client read the record before the next event changed it.",
    "words": "A value of an enumeration: met when a response showed it to the client.",
    "faults": "An operation with a kind of fault: met when the client got the injected fault.",
    "assumptions": "A decision of the sandbox that the documentation leaves open. The fewer are leaned on, the better.",
}
"""What an item of each axis is, and when it is met."""
FEWER: Final[frozenset[AxisName]] = frozenset({"assumptions"})
"""The axes where fewer is better."""
STATES: Final[dict[State, str]] = {
    "met": "met",
    "missing": "missing",
    "not-counted": "not counted",
    "leaned-on": "leaned on",
    "not-leaned-on": "not leaned on",
}
PROBED: Final = "Checked: a test noticed when the rule no longer held. Touched: none did."
"""What the marks of rules say, in a run with probes."""
TESTS_SHOWN: Final = 50
"""Tests that a report for people shows of an item; the JSON has them all."""


def state_of(axis: AxisName, item: Entry) -> State:
    """What became of an item."""
    if not item.is_counted:
        return "not-counted"
    if axis in FEWER:
        return "leaned-on" if item.met else "not-leaned-on"
    return "met" if item.met else "missing"


def missing_of(report: CoverageReport) -> dict[AxisName, list[Entry]]:
    """The missing items of each axis where more is better."""
    return {
        name: [item for item in axis.list if state_of(name, item) == "missing"]
        for name, axis in report.axes.items()
        if name not in FEWER
    }


def percent_of(axis: Axis) -> str:
    """The share of items met, rounded down, so that 100 % is only what is complete."""
    return f"{100 * axis.met // axis.items} %" if axis.items else "–"


def note_of(name: AxisName, axis: Axis) -> str:
    """What else to say of the counts of an axis."""
    if name in FEWER:
        return "leaned on; fewer is better"
    marks = Counter(item.probed for item in axis.list if isinstance(item.probed, str))
    return f"{marks['checked']:,} checked, {marks['touched']:,} touched" if marks else ""


def times(count: int) -> str:
    """How often something was met."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def first_tests(item: Entry) -> tuple[tuple[str, ...], int]:
    """The first tests of an item, and the number of others."""
    return item.tests[:TESTS_SHOWN], max(0, len(item.tests) - TESTS_SHOWN)


def closest_of(item: Entry) -> str:
    """How near the calls came to a boundary on its side; empty if none fell there, or exactly at it."""
    return name_distance(item.closest, item.unit or "") if item.closest else ""
