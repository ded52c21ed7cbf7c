"""Rules that a test turned on are changed one at a time, and the test should notice."""

from typing import Any

import msgspec
import pytest

from aniva_sandbox.engine.contract.ground_rules import ERROR_INTERNAL
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.evidence.probes.change import Judgement
from aniva_sandbox.engine.evidence.probes.refusals import other_status, with_status
from aniva_sandbox.engine.evidence.probes.run import Run
from tests.engine.evidence.probes.board import (
    API,
    CONTROL,
    FIRST,
    NOTHING,
    SECOND,
    Board,
    Subject,
    changes_of,
    judged,
    probed,
    run_of,
)


def changed(id: str, test: Any) -> Run:
    """The run of a test with a change."""
    change = changes_of("rules", test)[id]
    return Subject(test).run(change.probe(), change.start)


def again(*_: Any) -> Run:
    raise AssertionError("no verdict on rules needs another run")


# What is planned


def test_a_rule_that_refused_a_call_is_changed_and_one_that_let_it_pass_is_not() -> None:
    """Each refusal gives reason to two changes: it does not come, and it has another status."""

    def test(board: Board) -> None:
        assert board.get()[0] == 200  # weighed against task.unknown, too
        assert board.finish()[0] == 200
        assert board.finish()[0] == 409

    assert list(changes_of("rules", test)) == ["task.state=off", "task.state=404"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("DELETE", f"/tasks/{FIRST}", 405)],
    ids=["http.not-found", "http.method"],
)
def test_what_reaches_no_operation_is_left_out(method: str, path: str, status: int) -> None:
    """There is no success of an unknown path or method."""

    def test(board: Board) -> None:
        assert board(method, path)[0] == status

    assert changes_of("rules", test) == {}


def test_the_troubles_of_the_sandbox_are_left_out() -> None:
    """Injected faults and rules of the sandbox itself are nothing that the API refuses."""

    def test(board: Board) -> None:
        assert board.get(NOTHING, fault="status=503")[0] == 503
        assert board.get(NOTHING, fault="drop=before")[0] == 0
        assert board.get(NOTHING, fault="drop=after")[0] == 404  # which a client would not learn

    assert changes_of("rules", test) == {}


def test_permissions_and_formats_are_rules_as_any_other() -> None:
    """A key without the permission is let in, a wrong format is accepted."""

    def test(board: Board) -> None:
        assert board.get(NOTHING, key="sbx_mine.reader")[0] == 404
        assert board("POST", f"/tasks/{FIRST}/finish", key="sbx_mine.reader")[0] == 403
        assert board("POST", "/tasks", {"title": 5})[0] == 400

    ids = list(changes_of("rules", test))
    assert ids == [
        *("auth.permission=off", "auth.permission=404", "body.schema=off", "body.schema=403"),
        *("task.unknown=off", "task.unknown=403"),
    ]
    report = probed(["rules"], test)
    assert report.kinds["rules"]["noticed"] == len(ids)
    run = changed("auth.permission=off", test)
    assert [call.status for call in run.calls] == [404, 200]
    assert run.state is not None
    assert run.state["tasks"][0]["status"] == "done"


# A refusal that does not come


def test_a_call_that_is_not_refused_takes_effect() -> None:
    """Where the operation can go on without the rule, it does."""

    def test(board: Board) -> None:
        board.create(-1)

    run = changed("task.due=off", test)
    assert run.state is not None
    assert len(run.state["tasks"]) == 3
    judgement = judged("rules", "task.due=off", test)
    assert judgement.verdict == "unnoticed"
    assert judgement.sentence == "the test still passes if the API accepts create_task where task.due refuses with 400"


def test_where_an_operation_cannot_go_on_a_success_comes_all_the_same() -> None:
    """There is no task to return, so one that fits the document is made."""

    def test(board: Board) -> None:
        assert board.get(NOTHING)[0] == 404

    (call,) = changed("task.unknown=off", lambda board: board.get(NOTHING)).calls
    assert call.status == 200
    assert API.endpoints["get_task"].mismatch(200, call.value) is None
    assert judged("rules", "task.unknown=off", test).verdict is None
    assert judged("rules", "task.unknown=off", lambda board: board.get(NOTHING)).verdict == "unnoticed"


def test_other_refusals_of_the_run_still_come() -> None:
    """One rule is changed, for the whole run."""

    def test(board: Board) -> None:
        board.get(NOTHING)
        board.create(-1)
        board.get(NOTHING)

    assert [call.status for call in changed("task.unknown=off", test).calls] == [200, 400, 200]


def test_of_several_rules_that_refuse_a_call_none_is_the_reason_alone() -> None:
    """Without one, the others would refuse with the same status; the status is that of the first."""

    def both(board: Board) -> None:
        board("POST", "/tasks", {"title": 5, "due": "2030-02-30T00:00:00Z"})

    def each(board: Board) -> None:
        both(board)
        board("POST", "/tasks", {"title": "New", "due": "2030-02-30T00:00:00Z"})

    assert list(changes_of("rules", both)) == ["body.schema=403"]
    assert list(changes_of("rules", each)) == ["body.schema=403", "time.input=off", "time.input=403"]
    assert [call.status for call in changed("time.input=403", each).calls] == [400, 403]
    assert [call.status for call in changed("time.input=off", each).calls] == [400, 201]


# A refusal with another status


@pytest.mark.parametrize(
    ("operation", "status", "other"),
    [
        ("get_task", 404, 403),
        ("get_task", 403, 404),
        ("finish_task", 409, 404),
        ("finish_task", 404, 403),
        ("create_task", 400, 403),
        ("add_labels", 400, 404),
        ("add_labels", 409, 404),
        ("create_task", 413, 400),
    ],
)
def test_the_nearest_status_that_the_document_has_comes_instead(operation: str, status: int, other: int) -> None:
    """What a client most likely handles in the same way."""
    request = Request("POST", "/", body=b'{"names": ["a"]}')
    assert other_status(API.endpoints[operation], Outcome(status, {"error": "No"}), request) == other


def test_an_operation_with_one_status_has_no_other() -> None:
    """What the document does not have does not come."""
    endpoint = CONTROL.endpoints["clear_unmatched"]
    assert [status for status in endpoint.statuses if 400 <= status < 500] == [401, 403]  # 401 is about the key alone
    assert other_status(endpoint, Outcome(403, {"error": "No"}), Request("DELETE", "/")) is None


@pytest.mark.parametrize(
    ("operation", "was", "status", "body"),
    [
        ("get_task", {"error": "There is no such task"}, 403, {"error": "Forbidden"}),
        ("get_task", {"error": "Forbidden"}, 404, {"error": "Not Found"}),
        ("add_labels", {"error": "The task is done"}, 409, {"error": "The task is done", "names": ["a"]}),
        ("add_labels", {"error": "Wrong", "details": [{"path": "a", "message": "b"}]}, 404, {"error": "Wrong"}),
    ],
    ids=["forbidden", "named", "required", "undetailed"],
)
def test_the_body_is_the_one_of_the_other_status(
    operation: str, was: dict[str, Any], status: int, body: dict[str, Any]
) -> None:
    """It fits the document, and names no rule that the document would not have there."""
    request = Request("POST", "/", body=b'{"names": ["a"]}')
    outcome = with_status(API.endpoints[operation], Outcome(400, was), request, status)
    assert outcome == Outcome(status, body)
    assert API.endpoints[operation].mismatch(status, body) is None


def test_each_operation_has_its_own_nearest_status() -> None:
    """One change for each status that comes instead; calls of other operations stay as they are."""

    def test(board: Board) -> None:
        board.label(title="A")
        board("POST", "/tasks", {})
        board.label(names=5)

    assert list(changes_of("rules", test)) == ["body.schema=off", "body.schema=403", "body.schema=404"]
    assert [call.status for call in changed("body.schema=403", test).calls] == [400, 403, 400]
    run = changed("body.schema=404", test)
    assert [call.status for call in run.calls] == [404, 400, 404]
    assert ["details" in call.value for call in run.calls] == [False, True, False]
    assert judged("rules", "body.schema=404", test).sentence == (
        "the test still passes if body.schema refuses add_labels with 404 instead of 400"
    )


def test_the_header_says_what_a_client_could_not_contradict() -> None:
    """A refusal with another status names no rule, and the operation does nothing."""

    def test(board: Board) -> None:
        board.finish()
        board.finish()

    run = changed("task.state=404", test)
    assert [call.trace.refused_by for call in run.calls] == [(), ()]
    assert [call.trace.mismatch for call in run.calls] == [None, None]
    assert [call.status for call in run.calls] == [200, 404]


# An event that does not show


def test_an_event_that_the_client_read_is_held_back() -> None:
    """Its record stays as it is, and so do later events of that record; others happen."""

    def weak(board: Board) -> None:
        board.happen("task.lapsed", FIRST)
        board.get(FIRST)
        board.happen("task.progressed", FIRST)
        board.happen("task.progressed", SECOND)
        board.get(FIRST)
        board.get(SECOND)

    def strong(board: Board) -> None:
        board.happen("task.lapsed", FIRST)
        assert board.get(FIRST)[1]["status"] == "overdue"

    assert list(changes_of("rules", weak)) == ["task.lapsed=held"]
    run = changed("task.lapsed=held", weak)
    assert [(call.value["status"], call.value["progress"]) for call in run.calls] == [
        *(("open", 0), ("open", 0), ("open", 100)),
    ]
    assert [[each.event.type for each in call.happened] for call in run.calls] == [
        *(["task.lapsed"], ["task.progressed", "task.progressed"], []),
    ]
    judgement = judged("rules", "task.lapsed=held", weak)
    assert judgement.verdict == "unnoticed"
    assert judgement.sentence == "the test still passes if a task never lapses (task.lapsed)"
    report = probed(["rules"], strong)
    assert report.findings == []
    assert report.noticed == ["task.lapsed read"]


def test_an_event_that_nobody_read_is_not_held_back() -> None:
    """No test can notice what its client never looked at; nor is an event held that always shows."""

    def unread(board: Board) -> None:
        board.get(FIRST)
        board.happen("task.lapsed", FIRST)
        board.get(SECOND)
        board.finish(FIRST)

    def refused(board: Board) -> None:
        board.happen("task.lapsed", FIRST)
        board.get(NOTHING)

    def always(board: Board) -> None:
        board.happen("task.progressed", FIRST)
        board.get(FIRST)

    assert changes_of("rules", unread) == {}
    assert list(changes_of("rules", refused)) == ["task.unknown=off", "task.unknown=403"]
    assert changes_of("rules", always) == {}


def test_what_was_due_before_a_call_is_read_by_that_call() -> None:
    """An event in the agenda happens as the first step of the call that shows it."""

    def test(board: Board) -> None:
        board.advance(3)
        assert board.get(FIRST)[1]["progress"] == 100

    (call,) = run_of(test).calls
    assert [each.event.target for each in call.happened] == [FIRST, SECOND]


def test_what_happened_before_a_reset_did_not_happen() -> None:
    """What a world begins with is no event of the run, and each event belongs to one call."""

    def test(board: Board) -> None:
        board.happen("task.lapsed", FIRST)
        board.reset()
        board.get(FIRST)
        board.happen("task.lapsed", SECOND)
        board.happen("task.progressed", SECOND)
        board("GET", "/nothing")
        board.get(FIRST)

    assert [[(each.event.type, each.event.target) for each in call.happened] for call in run_of(test).calls] == [
        *([], [("task.lapsed", SECOND), ("task.progressed", SECOND)], []),
    ]


# Verdicts


def test_a_run_that_does_not_show_the_change_says_nothing() -> None:
    """Neither does one that ends in a defect of the sandbox, or that is skipped."""

    def test(board: Board) -> None:
        board.happen("task.lapsed", SECOND)
        board.get(SECOND)
        board.get(NOTHING)

    clean = run_of(test)
    for id, change in changes_of("rules", test).items():
        run = changed(id, test)
        assert change.judge(clean, run, again).verdict == "unnoticed"
        assert change.judge(clean, msgspec.structs.replace(run, outcome="failed"), again).verdict is None
        assert change.judge(clean, msgspec.structs.replace(run, outcome="stopped"), again).verdict is None
        assert not change.judge(clean, msgspec.structs.replace(run, outcome="stopped"), again).is_void
        assert change.judge(clean, msgspec.structs.replace(run, outcome="skipped"), again).is_void
        assert change.judge(clean, msgspec.structs.replace(run, calls=()), again).is_void
        broken = msgspec.structs.replace(run.calls[0], trace=Trace(refused_by=(ERROR_INTERNAL,)))
        failed = msgspec.structs.replace(run, outcome="failed", calls=(broken, *run.calls[1:]))
        assert change.judge(clean, failed, again) == Judgement(is_void=True, sentence="the sandbox broke")
    off = changes_of("rules", test)["task.unknown=off"]
    assert off.judge(clean, clean, again) == Judgement(is_void=True, sentence="the change did not show in the run")


def test_a_weak_test_notices_nothing_and_a_strong_one_everything() -> None:
    """The same calls, with and without assertions."""

    def calls(board: Board) -> list[int]:
        found = [
            board.get(NOTHING),
            board.finish(),
            board.finish(),
            board.create(-1),
            board.label(names=["aa", "bb", "cc"]),
        ]
        board.happen("task.lapsed", SECOND)
        return [*(status for status, _ in found), board.get(SECOND)[1]["status"] == "overdue"]

    def strong(board: Board) -> None:
        assert calls(board) == [404, 200, 409, 400, 409, True]

    weak, full = probed(["rules"], calls), probed(["rules"], strong)
    assert weak.kinds["rules"] | {"changes": 9, "runs": 9, "unnoticed": 9, "noticed": 0} == weak.kinds["rules"]
    assert full.kinds["rules"] | {"changes": 9, "runs": 9, "unnoticed": 0, "noticed": 9} == full.kinds["rules"]
    assert (weak.noticed, weak.skipped, full.skipped) == ([], "", "")
    assert full.noticed == [
        *("task.unknown refused", "get_task 404", "task.state refused", "finish_task 409", "task.due refused"),
        *("create_task 400", "task.labels refused", "add_labels 409", "task.lapsed read"),
    ]
    assert {finding.operation for finding in weak.findings} == {"get_task", "finish_task", "create_task", "add_labels"}
    assert weak.findings[0].id == "rules:test:task.unknown=off"
