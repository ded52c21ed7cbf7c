"""Boundaries that the calls of a test came near move by a step."""

from typing import Any, Literal

import pytest

from aniva_sandbox.engine.contract.rules import Measure
from aniva_sandbox.engine.contract.trace import Distance, Trace
from aniva_sandbox.engine.evidence.probes.boundaries import Boundary, Met, find_boundaries
from aniva_sandbox.engine.evidence.probes.moves import in_words
from aniva_sandbox.engine.evidence.probes.run import Run, SeenCall
from tests.engine.evidence.probes.board import (
    API,
    DUE,
    NEAR,
    NOTHING,
    STATE,
    Board,
    Subject,
    changes_of,
    judged,
    probed,
    run_of,
)

HOUR = 3600


def changed(id: str, test: Any) -> Run:
    """The run of a test with a change."""
    change = changes_of("rules", test)[id]
    return Subject(test).run(change.probe(), change.start)


def moves(test: Any) -> list[str]:
    """The ids of the changes that move a boundary."""
    return [id for id in changes_of("rules", test) if "=" not in id or id.endswith("=strict")]


# What a step reaches


@pytest.mark.parametrize(
    ("passes", "is_open", "distance", "tight", "loose"),
    [
        (1, False, 0, True, False),
        (1, False, HOUR - 1, True, False),
        (1, False, HOUR, False, False),  # it is at the boundary then, which passes
        (1, False, HOUR + 1, False, False),
        (1, False, -1, False, True),
        (1, False, -HOUR, False, True),
        (1, False, -HOUR - 1, False, False),
        (1, True, 0, False, True),
        (1, True, HOUR, True, False),
        (1, True, HOUR + 1, False, False),
        (1, True, -HOUR, False, False),
        (1, None, HOUR, False, False),
        (1, None, -HOUR, False, True),
        (-1, False, 0, True, False),
        (-1, False, -HOUR + 1, True, False),
        (-1, False, HOUR, False, True),
        (-1, True, -HOUR, True, False),
        (0, False, 0, True, False),
        (0, False, 1, False, False),
        (0, False, -1, False, False),
    ],
)
def test_a_step_reaches_what_is_next_to_the_boundary(
    passes: Literal[-1, 0, 1], is_open: bool | None, distance: float, tight: bool, loose: bool
) -> None:
    """Which calls are refused if the boundary moves inwards, and which pass if it moves outwards."""
    boundary = Boundary(rule=DUE, measure=Measure("seconds", step=HOUR), passes=passes, is_open=is_open)
    assert boundary.is_within_reach(distance, refused=False) is tight
    assert boundary.is_within_reach(distance, refused=True) is loose


# Which side passes


def met(*calls: tuple[float, bool], rule: Any = DUE, measure: str = "") -> Met | None:
    """The boundary of a rule that calls at these distances met, of which some were refused."""
    clean = run_of(lambda board: board.create(3)).calls[0]
    seen = [
        _seen(clean, (Distance(rule.id, measure, distance),), (rule,) if refused else ()) for distance, refused in calls
    ]
    return next(find_boundaries(seen, API), None)


def _seen(call: SeenCall, distances: tuple[Distance, ...], refused_by: tuple[Any, ...]) -> SeenCall:
    fields = {name: getattr(call, name) for name in call.__struct_fields__}
    return SeenCall(**fields | {"trace": Trace(distances=distances, refused_by=refused_by)})


@pytest.mark.parametrize(
    ("calls", "passes", "is_open"),
    [
        ([(5, False)], 1, None),
        ([(-5, False)], -1, None),
        ([(-5, False), (0, False)], -1, False),
        ([(5, False), (0, True)], 1, True),
        ([(5, True)], -1, None),
        ([(-5, True)], 1, None),
        ([(-5, True), (5, False)], 1, None),
        ([(0, False)], 0, False),
        ([(0, False), (5, True)], -1, False),
    ],
)
def test_the_side_that_passes_is_seen(calls: list[tuple[float, bool]], passes: int, is_open: bool | None) -> None:
    """What passed shows a side, and so does what was refused."""
    found = met(*calls)
    assert found is not None
    assert (found.boundary.passes, found.boundary.is_open) == (passes, is_open)


@pytest.mark.parametrize(
    "calls",
    [
        [(5, False), (-5, False)],
        [(5, False), (5, True)],
        [(0, True)],
        [(0, True), (0, False)],
    ],
)
def test_where_no_side_is_seen_nothing_moves(calls: list[tuple[float, bool]]) -> None:
    """Something else decides, too, or the only call was refused at the boundary."""
    assert met(*calls) is None


def test_a_call_is_refused_at_the_last_measure_of_a_rule() -> None:
    """It passed the measures before, and of several distances the one on the wrong side counts."""
    clean = run_of(lambda board: board.create(3)).calls[0]
    last = tuple(Distance(NEAR.id, "ahead", value) for value in (-10, 20))
    call = _seen(clean, (Distance(DUE.id, "", 5), *last), (NEAR,))
    passed = _seen(clean, (Distance(NEAR.id, "ahead", -10),), ())
    due, near = find_boundaries([call, passed], API)
    assert ([each.distance for each in due.passed], due.refused) == ([5], ())
    assert ([each.distance for each in near.passed], [each.distance for each in near.refused]) == ([-10], [20])


def test_rules_that_refuse_nothing_have_no_boundary() -> None:
    """Nor have those of the sandbox, and measures that no rule declares."""
    assert met((5, False), rule=STATE) is None
    assert met((5, False), rule=DUE.clause("else", "…")) is None


# Changes


def test_a_call_that_passed_within_a_step_is_refused() -> None:
    """An hour is a step here; a call further away gives no reason to a change."""

    def weak(board: Board) -> None:
        board.create(0.5)
        board.create(2)

    def strong(board: Board) -> None:
        assert board.create(0.5)[0] == 201

    assert moves(weak) == ["task.due+1"]
    assert moves(lambda board: board.create(2)) == []
    run = changed("task.due+1", weak)
    assert [(call.status, call.value.get("error")) for call in run.calls] == [(400, "task.due is kept."), (201, None)]
    assert [[rule.id for rule in call.trace.refused_by] for call in run.calls] == [["task.due"], []]
    judgement = judged("rules", "task.due+1", weak)
    assert judgement.verdict == "unnoticed"
    assert judgement.sentence == (
        "the test still passes if the boundary of task.due moves by 1 hour, so that create_task, which passes it by "
        "30 minutes, is refused"
    )
    report = probed(["rules"], strong)
    assert report.findings == []
    assert report.noticed == ["task.due passed", "task.due above"]


def test_a_call_that_another_rule_refuses_is_not_refused_by_the_boundary_too() -> None:
    """What the test expects of the call is a refusal. A call of the same operation that passes gives reason to it."""

    def refused(board: Board) -> None:
        assert board("POST", f"/tasks/{NOTHING}/labels", {"names": ["aa"]})[0] >= 400

    def both(board: Board) -> None:
        refused(board)
        board.label(names=["aa"])

    (id,) = moves(both)
    assert id.startswith("body.schema@names_")
    assert moves(refused) == []


def test_a_call_that_was_refused_within_a_step_passes() -> None:
    """Only where others are still refused: otherwise it is as without the rule."""

    def test(board: Board) -> None:
        board.create(24.5)
        board.create(30)

    assert list(changes_of("rules", test)) == ["task.near=off", "task.near=403", "task.near@ahead+1"]
    assert moves(lambda board: board.create(24.5)) == []
    assert moves(lambda board: board.create(30)) == []
    assert [call.status for call in changed("task.near@ahead+1", test).calls] == [201, 400]
    assert judged("rules", "task.near@ahead+1", test).sentence == (
        "the test still passes if the boundary of task.near (ahead) moves by 1 hour, so that create_task, which misses "
        "it by 30 minutes, is accepted"
    )
    assert changes_of("rules", test)["task.near@ahead+1"].items == ("task.near ahead above",)


def test_exactly_at_the_boundary_is_next_to_it() -> None:
    """If nothing else shows which side passes, only the boundary itself no longer does."""

    def alone(board: Board) -> None:
        board.create(24)

    def both(board: Board) -> None:
        board.create(24)
        board.create(20)

    assert moves(alone) == ["task.near@ahead=strict"]
    assert judged("rules", "task.near@ahead=strict", alone).sentence == (
        "the test still passes if the boundary of task.near (ahead) no longer belongs to what passes, so that "
        "create_task, which is exactly at it, is refused"
    )
    assert moves(both) == ["task.near@ahead-1"]
    assert [call.status for call in changed("task.near@ahead-1", both).calls] == [400, 201]


def test_a_refusal_at_a_boundary_has_all_that_the_document_requires() -> None:
    """The body of the 409 names the labels, as in the request."""

    def test(board: Board) -> None:
        board.label(names=["aa", "bb"])
        board.label(names=["aa"])

    assert moves(test) == ["body.schema@names_1+1", "task.labels@labels-1"]
    first, second = changed("task.labels@labels-1", test).calls
    assert (first.status, first.value) == (409, {"error": "task.labels is kept.", "names": ["aa", "bb"]})
    assert second.status == 200


def test_bounds_of_schemas_move() -> None:
    """Which side passes, the schema says; the refusal names the field."""

    def test(board: Board) -> None:
        board.all("?most=5")
        board.all("?most=6")
        board.all("?most=7")

    assert moves(test) == ["task.paging@most_5-1", "task.paging@most_5+1"]
    run = changed("task.paging@most_5-1", test)
    assert [call.status for call in run.calls] == [400, 400, 400]
    assert run.calls[0].value == {
        "error": "Validation failed: most is out of range",
        "details": [{"path": "most", "message": "is out of range"}],
    }
    assert [call.status for call in changed("task.paging@most_5+1", test).calls] == [200, 200, 400]
    assert moves(lambda board: board.all("?most=3")) == []
    assert moves(lambda board: board.all("?most=1")) == ["task.paging@most_1+1"]
    assert moves(lambda board: board.all("?most=0")) == []


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (3600, "seconds", "1 hour"),
        (-7200, "seconds", "2 hours"),
        (5400, "seconds", "90 minutes"),
        (1, "seconds", "1 second"),
        (60, "minutes", "1 hour"),
        (61, "minutes", "61 minutes"),
        (1, "days", "1 day"),
        (1, "entries", "1 entry"),
        (2, "entries", "2 entries"),
        (1, "characters", "1 character"),
        (-0.5, "", "0.5"),
        (1, "", "1"),
        (0, "seconds", "0 seconds"),
    ],
)
def test_amounts_are_written_in_words(value: float, unit: str, text: str) -> None:
    """In the largest unit that is whole, without a sign."""
    assert in_words(value, unit) == text
