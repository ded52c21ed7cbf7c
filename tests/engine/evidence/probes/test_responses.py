"""Responses vary as the contract allows, and a client should get on with them."""

from typing import Any

import msgspec
import pytest

from aniva_sandbox.engine.evidence.probes.run import Run
from tests.engine.evidence.probes.board import (
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

PLAIN = {"added_later": "later"}
NESTED = {"added_later_too": {"since": "later", "parts": [{"number": 1}]}}


def changed(id: str, test: Any) -> Run:
    """The run of a test with a change."""
    change = changes_of("responses", test)[id]
    return Subject(test).run(change.probe(), change.start)


def ids(test: Any) -> list[str]:
    return list(changes_of("responses", test))


def again(*_: Any) -> Run:
    raise AssertionError("the verdict needs no other run")


def read(board: Board) -> None:
    """A test that makes nothing of a response."""
    board.get()


# Fields that are added


def test_a_field_is_added_to_each_object_that_was_seen() -> None:
    """With a plain value and with a nested one, once for each path."""

    def lists(board: Board) -> None:
        board.all()
        board.all("?most=1")

    assert [id for id in ids(read) if "+" in id] == [
        "every-object+fields",
        *("get_task:$+plain", "get_task:$+nested", "get_task:$.owner+plain", "get_task:$.owner+nested"),
        *("get_task:$.steps[]+plain", "get_task:$.steps[]+nested"),
    ]
    assert [id for id in ids(lists) if "+plain" in id] == [
        *("list_tasks:$[]+plain", "list_tasks:$[].owner+plain", "list_tasks:$[].steps[]+plain"),
    ]
    assert [id for id in ids(lambda board: board.get(SECOND)) if "steps" in id] == []  # it has none


@pytest.mark.parametrize(("kind", "added"), [("plain", PLAIN), ("nested", NESTED)])
def test_all_calls_of_the_operation_have_the_field(kind: str, added: dict[str, Any]) -> None:
    """Other operations and refusals stay as they are, and so does all else in the response."""

    def test(board: Board) -> None:
        board.get()
        board.get(NOTHING)
        board.finish()
        board.get(SECOND)

    clean = run_of(test)
    run = changed(f"get_task:$.owner+{kind}", test)
    first, refused, other, second = (call.value for call in clean.calls)
    assert [call.value for call in run.calls] == [
        *(first | {"owner": first["owner"] | added}, refused, other),
        second | {"owner": second["owner"] | added},
    ]
    assert [call.status for call in run.calls] == [200, 404, 200, 200]
    assert run.state == clean.state  # it is a response that varies, not what the world holds


def test_a_mapping_and_what_the_document_closes_get_no_field() -> None:
    """A key is no field, and a variation that contradicts the document would be the sandbox's defect."""
    assert ids(lambda board: board("GET", "/rules")) == [
        *("every-object+fields", "get_rules:$+plain", "get_rules:$+nested"),
    ]


def test_a_client_that_fails_because_of_a_field_is_brittle() -> None:
    """The sentence names the operation, the place and the error; the nested value adds no second finding."""

    def strict(board: Board) -> None:
        owner = board.all()[1][0]["owner"]
        if set(owner) != {"name", "phone"}:
            raise TypeError("unexpected argument added_later")

    def tolerant(board: Board) -> None:
        assert board.all()[1][0]["owner"]["name"] == "Jo"

    report = probed(["responses"], strict)
    assert [(finding.id, finding.verdict, finding.operation) for finding in report.findings] == [
        ("responses:test:list_tasks:$[].owner+plain", "brittle", "list_tasks")
    ]
    assert report.findings[0].sentence == (
        "list_tasks returned one more field in owner of each entry, with a plain value: the client failed with "
        "TypeError: unexpected argument added_later"
    )
    assert report.kinds["responses"]["pruned"] == 1
    assert probed(["responses"], tolerant).findings == []
    everything = probed(["responses"], strict, exhaustive=True)
    assert (everything.findings, everything.kinds["responses"]["pruned"]) == (report.findings, 0)


def test_a_client_that_gets_on_with_fields_everywhere_is_not_tried_with_each() -> None:
    """One run shows it for all objects of all operations; a run that shows less has no verdict."""

    def tolerant(board: Board) -> None:
        assert board.all()[1][0]["owner"]["name"] == board.get()[1]["owner"]["name"]

    run = changed("every-object+fields", tolerant)
    assert [call.value["owner"].keys() - {"name", "phone"} for call in run.calls if call.operation == "get_task"] == [
        {"added_later", "added_later_too"}
    ]
    report = probed(["responses"], tolerant)
    added = [id for id in ids(tolerant) if "+" in id]
    assert (len(added), report.kinds["responses"]["pruned"]) == (13, 12)
    assert report.findings == []
    everything = probed(["responses"], tolerant, exhaustive=True)
    assert (everything.findings, everything.kinds["responses"]["pruned"]) == ([], 0)
    change = changes_of("responses", tolerant)["every-object+fields"]
    failed = msgspec.structs.replace(run, outcome="failed")
    judgement = change.judge(run_of(tolerant), failed, again)
    assert (judgement.verdict, judgement.is_void) == (None, False)
    assert change.judge(run_of(tolerant), run_of(tolerant), again).is_void


def test_a_test_that_compares_responses_with_each_other_is_not_brittle() -> None:
    """An API that has a new field has it wherever it shows the object; also if only one change is run."""

    def compares(board: Board) -> None:
        assert board.finish()[1] == board.get()[1]

    assert changed("get_task:$+plain", compares).outcome == "failed"
    assert judged("responses", "get_task:$+plain", compares).verdict is None
    assert judged("responses", "get_task:$+plain", compares).runs == 2
    for exhaustive in (False, True):
        assert probed(["responses"], compares, exhaustive=exhaustive, skip=["*=null", "*-reversed"]).findings == []


def test_a_client_may_fail_because_of_a_nested_value_alone() -> None:
    """Then the plain one does not cover it."""

    def flat(board: Board) -> None:
        for name, value in board.get()[1].items():
            assert not isinstance(value, dict) or name == "owner", name

    (finding,) = probed(["responses"], flat).findings
    assert finding.sentence == (
        "get_task returned one more field, with a nested value: the test failed with AssertionError: added_later_too"
    )


# Values that are null


def test_a_value_is_null_where_the_document_allows_it_and_any_record_may_lack_it() -> None:
    """Not where it was null all along."""
    assert [id for id in ids(read) if "=null" in id] == ["get_task:owner.phone=null"]  # not the title
    assert [id for id in ids(lambda board: board.get(SECOND)) if "=null" in id] == []
    assert [id for id in ids(lambda board: board.all()) if "=null" in id] == ["list_tasks:$[].owner.phone=null"]
    (call,) = changed("get_task:owner.phone=null", read).calls
    assert call.value["owner"] == {"name": "Jo", "phone": None}


def test_what_the_test_sent_itself_is_not_null() -> None:
    """An API that forgot it would break its promise."""

    def test(board: Board) -> None:
        made = board.create(2, phone="456")[1]
        assert board.get(made["id"])[1]["owner"]["phone"] == "456"

    def both(board: Board) -> None:
        test(board)
        board.all()

    assert [id for id in ids(test) if "=null" in id] == []
    (call,) = [
        call for call in changed("list_tasks:$[].owner.phone=null", both).calls if call.operation == "list_tasks"
    ]
    assert [task["owner"]["phone"] for task in call.value] == [None, None, "456"]


def test_a_client_that_fails_because_of_null_is_brittle_and_a_test_that_names_the_value_is_not() -> None:
    """A test may fix a value of the fixture; a crash is the client's."""

    def crash(board: Board) -> None:
        board.get()[1]["owner"]["phone"].upper()

    def fixed(board: Board) -> None:
        assert board.get()[1]["owner"]["phone"] == "123", "wrong phone"

    brittle, noted = (judged("responses", "get_task:owner.phone=null", test) for test in (crash, fixed))
    assert (brittle.verdict, brittle.note) == ("brittle", None)
    assert brittle.sentence == (
        "get_task returned owner.phone null, which the document allows: the client failed with AttributeError: "
        "'NoneType' object has no attribute 'upper'"
    )
    assert (noted.verdict, noted.note) == (None, "fixed-value")
    assert noted.sentence == (
        "get_task returned owner.phone null, which the document allows: the test failed with AssertionError: "
        "wrong phone"
    )
    assert judged("responses", "get_task:owner.phone=null", read).verdict is None
    assert probed(["responses"], fixed).kinds["responses"]["fixed_values"] == 1


# Lists that come reversed


def test_a_list_without_a_promised_order_comes_reversed() -> None:
    """Not one with a single entry, and not the others."""

    def trusting(board: Board) -> None:
        assert board.all()[1][0]["id"] == FIRST

    def careful(board: Board) -> None:
        assert FIRST in [task["id"] for task in board.all()[1]]

    assert [id for id in ids(trusting) if "-reversed" in id] == ["list_tasks:$-reversed"]  # not the steps in it
    assert [id for id in ids(read) if "-reversed" in id] == ["get_task:steps-reversed"]
    assert [id for id in ids(lambda board: board.all("?most=1")) if "-reversed" in id] == []
    judgement = judged("responses", "list_tasks:$-reversed", trusting)
    assert judgement.verdict == "brittle"
    assert judgement.sentence.startswith(
        "list_tasks returned its list in reverse order, and no order is documented: the test failed with AssertionError"
    )
    assert judged("responses", "list_tasks:$-reversed", careful).verdict is None
    (call,) = changed("get_task:steps-reversed", read).calls
    assert [step["name"] for step in call.value["steps"]] == ["end", "begin"]


# What happens in another way


def test_what_happens_by_itself_may_happen_in_more_parts() -> None:
    """The client that takes the first part for the whole fails."""

    def hasty(board: Board) -> None:
        while not (progress := board.get()[1]["progress"]):
            board.advance(0.25)
        assert progress == 100, "it was not done"

    def patient(board: Board) -> None:
        while board.get()[1]["progress"] != 100:
            board.advance(0.25)

    id = "task.progressed:halfway"
    assert id in ids(hasty)
    judgement = judged("responses", id, hasty)
    assert judgement.verdict == "brittle"
    assert judgement.sentence == (
        "a task shows half of its progress: the test failed with AssertionError: it was not done"
    )
    assert [call.value["progress"] for call in changed(id, patient).calls][-4:] == [0, 50, 50, 100]
    judgement = judged("responses", id, patient)
    assert (judgement.verdict, judgement.is_void) == (None, False)
    assert changed(id, patient).state == run_of(patient).state


def test_nothing_varies_that_did_not_happen_by_itself_or_that_nobody_read() -> None:
    """What a test makes happen is as the test says."""

    def made(board: Board) -> None:
        board.happen("task.progressed")
        board.get()

    def unread(board: Board) -> None:
        board.get()
        board.advance(3)

    def jumped(board: Board) -> None:
        board.advance(3)
        board.get()

    assert "task.progressed:halfway" not in [*ids(made), *ids(unread)]
    assert "task.progressed:halfway" in ids(jumped)
    assert judged("responses", "task.progressed:halfway", jumped).is_void  # it did not look in between


# What varies at all


def test_refusals_and_lost_responses_do_not_vary() -> None:
    """Nor do responses to HEAD, which have no body."""
    assert ids(lambda board: board.get(NOTHING)) == []
    assert ids(lambda board: board("HEAD", f"/tasks/{FIRST}")) == []
    assert ids(lambda board: board("GET", f"/tasks/{FIRST}", fault="drop=after")) == []
    assert ids(lambda board: board("GET", f"/tasks/{FIRST}", fault="status=503")) == []


def test_a_run_in_which_nothing_varied_says_nothing() -> None:
    """Neither does one that was cut because it waited, or that the sandbox ended."""
    clean = run_of(read)
    changes = changes_of("responses", read)
    everywhere = changes.pop("every-object+fields")
    everywhere.judge(clean, msgspec.structs.replace(changed(everywhere.id, read), outcome="failed"), again)
    for id, change in changes.items():
        run = msgspec.structs.replace(changed(id, read), outcome="failed", error="ValueError: wrong")
        assert change.judge(clean, run, again).verdict == "brittle"
        assert change.judge(clean, msgspec.structs.replace(run, calls=clean.calls), again).is_void
        assert change.judge(clean, msgspec.structs.replace(run, outcome="skipped"), again).is_void
        waited = change.judge(clean, msgspec.structs.replace(run, outcome="stopped", limit="waits"), again)
        assert (waited.is_void, waited.sentence) == (True, "the client waited for longer than a probe does")
        endless = change.judge(clean, msgspec.structs.replace(run, outcome="stopped", limit="calls"), again)
        assert endless.verdict == "brittle"
        assert endless.sentence.endswith(": the client did not come to an end")
        silent = change.judge(clean, msgspec.structs.replace(run, error=""), again)
        assert silent.sentence.endswith(": the client failed")
