"""The proof of coverage: the report on the suite of a small client is what the labels say, however the suite is run."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.engine.evidence.coverage.report import AXES, AxisName, CoverageReport
from tests.proof.labels import CLOSEST, LABELS, NOT_CALLED, SIZES, TRIED_BY_THE_API, TRIED_BY_THE_CLIENT
from tests.proof.runs import by_node, by_pytest, within
from tests.proof.suite import TESTS, Step


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The JSON report of a serial run of pytest."""
    return by_pytest(tmp_path_factory.mktemp("serial"))


@pytest.fixture(scope="module")
def report(serial: bytes) -> Any:
    """The same, decoded."""
    return json.loads(serial)


# The report equals the labels


def test_every_test_is_labelled() -> None:
    """One entry each, in the order of the suite."""
    assert list(LABELS) == list(TESTS)


@pytest.mark.parametrize("axis", AXES)
def test_the_report_equals_the_labels(report: Any, axis: str) -> None:
    """Every item of the axis was met by exactly the tests that are labelled with it, or was not met."""
    found = {entry["id"]: entry for entry in report["axes"][axis]["list"]}
    expected = {id: sorted(test for test, items in LABELS.items() if id in items) for id in found}
    assert {id: entry["tests"] for id, entry in found.items()} == expected
    assert {id for id, entry in found.items() if entry["met"]} == {id for id, tests in expected.items() if tests}
    assert all((entry["count"] > 0) == entry["met"] for entry in found.values())


def test_the_report_has_every_label(report: Any) -> None:
    """No label is about an item that the report leaves out."""
    items = {entry["id"] for axis in report["axes"].values() for entry in axis["list"]}
    assert {id for labels in LABELS.values() for id in labels} <= items


def test_boundaries_and_transitions_say_how(report: Any) -> None:
    """How near the calls came to a boundary, and who tried a move."""
    boundaries = report["axes"]["boundaries"]["list"]
    assert {entry["id"]: entry["closest"] for entry in boundaries if entry["closest"] is not None} == CLOSEST
    by = {entry["id"]: entry["by"] for entry in report["axes"]["transitions"]["list"] if entry["by"]}
    assert by == {id: ["client"] for id in TRIED_BY_THE_CLIENT} | {id: ["api"] for id in TRIED_BY_THE_API}


def test_what_is_counted(report: Any) -> None:
    """Operations that were never called are listed once, and the items that only they could meet are left out."""
    assert set(report["not_called"]) == NOT_CALLED
    items = {entry["id"] for axis in report["axes"].values() for entry in axis["list"]}
    assert not [id for id in items if id.startswith(("availability.", "pickup.deprecated", "panels.remove"))]
    assert {axis: len(report["axes"][axis]["list"]) for axis in SIZES} == SIZES


# However the suite is run


def test_workers_make_the_same_report(serial: bytes, tmp_path: Path) -> None:
    """With two workers of xdist, byte for byte."""
    assert by_pytest(tmp_path, "-n", "2") == serial


def test_another_language_makes_the_same_report(serial: bytes, tmp_path: Path) -> None:
    """The same calls from Node, over HTTP, whose header names the tests: byte for byte, but for the names."""
    assert by_node(tmp_path) == serial


# Injected faults

CALLS = {
    "create_profile": ("POST", r"/profiles"),
    "create_appointment": ("POST", r"/appointments"),
    "create_shipment": ("POST", r"/shipments"),
    "get_shipment": ("GET", r"/shipments/\w+"),
    "list_profiles": ("GET", r"/profiles(\?.*)?"),
}
"""Operations that no other call of the suite depends on, and what their calls look like."""


def is_call_of(operation: str, step: Step) -> bool:
    """Whether a step of the suite calls an operation in a world."""
    method, path = CALLS[operation]
    return step[0] == method and re.fullmatch(path, step[1]) is not None and "nobody" not in step


def met(report: CoverageReport, *axes: AxisName) -> dict[str, tuple[int, tuple[str, ...]]]:
    """The items that were met, with how often and by whom."""
    return {item.id: (item.count, item.tests) for axis in axes for item in report.axes[axis].list if item.met}


@pytest.mark.parametrize(
    ("operation", "kind", "effect"),
    [
        ("create_profile", "status", {"status": 503}),
        ("create_appointment", "drop=before", {"drop": "before"}),
        ("create_shipment", "drop=after", {"drop": "after"}),
        ("get_shipment", "malformed", {"malformed": True}),
        ("list_profiles", "trickle_ms", {"trickle_ms": 1}),
        ("create_appointment", "drop=after", {"drop": "after"}),
        ("create_profile", "malformed", {"malformed": True}),
        ("create_shipment", "trickle_ms", {"trickle_ms": 1}),
    ],
)
def test_injected_faults_meet_nothing_but_themselves(operation: str, kind: str, effect: dict[str, Any]) -> None:
    """With a fault on every call of an operation, the report says the same of everything else as if these calls were
    left out, also where they took effect and the client got a whole response."""
    concerned = {name: steps for name, steps in TESTS.items() if any(is_call_of(operation, step) for step in steps)}
    fault = ("fault", {"operation": operation, "times": None} | effect)
    faulty = within(concerned, before=[fault])
    without = {name: [step for step in steps if not is_call_of(operation, step)] for name, steps in concerned.items()}
    axes: tuple[AxisName, ...] = ("responses", "rules", "boundaries", "words", "assumptions")
    assert met(faulty, *axes) == met(within(without), *axes)
    count, tests = met(faulty, "faults")[f"{operation} {kind}"]
    assert count == sum(is_call_of(operation, step) for steps in concerned.values() for step in steps)
    assert set(tests) == set(concerned)


# Both sides of a rule


@pytest.mark.parametrize(
    ("rule", "refused", "passed"),
    [
        ("link.window", "links_too_late", "links_in_time"),
        ("pickup.cutoff", "ships_after_the_cutoff", "ships_at_the_cutoff"),
        ("profile.birth-date", "a_profile_cannot_be_born_today", "a_profile_can_be_born_yesterday"),
        ("appointment.future", "books_in_the_past", "books_at_night"),
        ("confirm.state", "draws_what_is_pending", "draws"),
    ],
)
def test_each_side_of_a_rule_can_be_lost(rule: str, refused: str, passed: str) -> None:
    """With two tests, both sides are met. Without either of them, its side is missing, with a next step, and the other
    is met as before."""
    pair = {name: TESTS[name] for name in (refused, passed)}
    sides = {"refused": refused, "passed": passed}
    assert side_of(within(pair), rule) == {side: ((test,), False) for side, test in sides.items()}
    for lost in sides:
        left = {name: steps for name, steps in pair.items() if name != sides[lost]}
        expected = {side: ((), True) if side == lost else ((test,), False) for side, test in sides.items()}
        assert side_of(within(left), rule) == expected


@pytest.mark.parametrize("lost", ["links_too_late", "links_in_time", "ships_after_the_cutoff", "ships_at_the_cutoff"])
def test_what_only_one_test_meets_is_lost_without_it(lost: str) -> None:
    """Of the whole suite: the rest meets what the labels of the others say."""
    report = within({name: steps for name, steps in TESTS.items() if name != lost})
    rest = frozenset().union(*(items for test, items in LABELS.items() if test != lost))
    assert met(report, *AXES).keys() == rest
    assert LABELS[lost] - rest


def side_of(report: CoverageReport, rule: str) -> dict[str, tuple[tuple[str, ...], bool]]:
    """The tests that met each side of a rule, and whether it has a next step."""
    return {
        item.id.removeprefix(f"{rule} "): (item.tests, item.next is not None)
        for item in report.axes["rules"].list
        if item.id.startswith(f"{rule} ")
    }
