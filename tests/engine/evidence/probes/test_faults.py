"""Probes of the kind faults: what is injected where, what needs no run, and what clients make of it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.evidence.probes.course import RETRY_AFTER
from aniva_sandbox.engine.evidence.probes.faults import KINDS, MOST_REPEATS
from tests.engine.evidence.probes.subjects import Client, Function, Lost, Refused, Spoiled, judged, planned, probed
from tests.engine.evidence.probes.todo import MILK, READ, SOON, TODO

API = Api.of(TODO.contract)
FAILURES = (Refused, Lost, Spoiled)


def subject(test: Callable[[Client], None], **options: Any) -> Function:
    """A test of a client of the to-do list."""
    return Function(test, API, TODO.domain, TODO.fixture, **options)


def findings(test: Callable[[Client], None], **options: Any) -> dict[str, str]:
    """The verdicts on a test, by id of the change."""
    report = probed(subject(test), "faults", **options)
    return {each.id.split(":", 2)[2]: each.verdict for each in report.findings}


def sentence(test: Callable[[Client], None], id: str) -> str:
    """What a finding says."""
    return judged(subject(test), "faults", id).sentence


def retried(send: Callable[[], Any], client: Client, *, times: int = 2, wait: float = 10) -> Any:
    """The response to the first of several requests that succeeds."""
    for _ in range(times):
        try:
            return send()
        except FAILURES:
            client.sleep(wait)
    return send()


def find_or_create(client: Client, task: dict[str, str]) -> Any:
    """A task of this title: the one that there is, or else a new one."""
    found = retried(lambda: client("GET", f"/tasks?title={task['title'].replace(' ', '%20')}"), client)
    return found[0] if found else client("POST", "/tasks", task)


# Plan


def test_each_call_meets_each_kind_of_fault() -> None:
    """The plan has each call that reached an operation, in order, and each kind that its response can meet."""

    def test(client: Client) -> None:
        client("POST", "/tasks", READ)
        client("HEAD", f"/tasks/{MILK}")
        with pytest.raises(Refused):
            client("GET", "/nothing")
        with pytest.raises(Refused):
            client("GET", f"/tasks/{MILK}", fault="status=500")
        client("GET", f"/tasks/{MILK}")

    runs = probed(subject(test), "faults", exhaustive=True).kinds["faults"]
    assert runs["changes"] == runs["runs"] == 7 + 5 + 7
    every = [f"create_task#1:{kind}" for kind in KINDS]
    without_body = [f"get_task#1:{kind}" for kind in ("503", "503-always", "429", "drop=before", "drop=after")]
    plan = [change.id for change in planned(subject(test), "faults")]
    assert plan == every + without_body + [f"get_task#3:{kind}" for kind in KINDS]


# Duplicates


@pytest.mark.parametrize("kind", ["drop=after", "truncate", "malformed"])
def test_a_repeated_write_takes_effect_twice(kind: str) -> None:
    """A client that repeats a write after its response was lost or spoiled leaves two records."""

    def test(client: Client) -> None:
        retried(lambda: client("POST", "/tasks", READ), client)

    found = judged(subject(test), "faults", f"create_task#1:{kind}")
    became = {"drop=after": "lost", "truncate": "cut off", "malformed": "not JSON"}[kind]
    assert found.verdict == "duplicate"
    assert found.sentence == (
        f"create_task took effect, its response was {became}, the client repeated it: "
        "2 tasks for 'Read', the clean run has 1"
    )
    assert (found.before, found.after) == (("1 task for 'Read'",), ("2 tasks for 'Read'",))


def test_who_looks_first_finds_what_took_effect() -> None:
    """A client that looks for the record before it repeats the write has no finding."""

    def test(client: Client) -> None:
        task = retried(lambda: find_or_create(client, READ), client)
        assert task["title"] == "Read"

    assert findings(test) == {}


def test_a_write_may_be_repeated_if_it_leaves_one_record() -> None:
    """What takes effect twice, and changes nothing the second time, is no duplicate."""

    def test(client: Client) -> None:
        task = client("POST", "/tasks", READ)
        retried(lambda: client("POST", f"/tasks/{task['id']}/order", {"before_id": MILK}), client)

    assert findings(test) == {}


def test_a_duplicate_counts_however_the_test_ends() -> None:
    """A test that fails afterwards does not undo what took effect twice."""

    def test(client: Client) -> None:
        retried(lambda: client("POST", "/tasks", READ), client)
        assert len(client("GET", "/tasks")) == 2

    assert findings(test) == {f"create_task#1:{kind}": "duplicate" for kind in ("drop=after", "truncate", "malformed")}
    assert sentence(test, "create_task#1:drop=after") == (
        "create_task took effect, its response was lost, the client repeated it, an assertion of the test failed: "
        "2 tasks for 'Read', the clean run has 1"
    )


def test_a_failed_look_up_is_no_empty_one() -> None:
    """A client that takes a failed look-up for an empty one creates what is there from the beginning."""

    def test(client: Client) -> None:
        try:
            found = client("GET", "/tasks?title=Buy%20milk")
        except FAILURES:
            found = []
        if not found:
            client("POST", "/tasks", READ | {"title": "Buy milk"})

    found = findings(test)
    assert set(found.values()) == {"duplicate"}
    assert set(found) == {
        f"list_tasks#1:{kind}" for kind in ("503", "429", "drop=before", "truncate", "malformed")
    }  # the others are covered
    assert sentence(test, "list_tasks#1:truncate") == (
        "the response of list_tasks was cut off, the client went on: 2 tasks for 'Buy milk', the clean run has 1"
    )


def test_what_a_test_would_have_removed_is_no_duplicate() -> None:
    """A test that ends early leaves behind what it takes back otherwise."""

    def test(client: Client) -> None:
        client("POST", f"/tasks/{MILK}/order", {"before_id": MILK})
        client("GET", f"/tasks/{MILK}")
        client("DELETE", f"/tasks/{MILK}/order")

    assert findings(test) == {}


def test_what_a_test_would_have_removed_is_no_duplicate_after_a_repeat() -> None:
    """That a call was repeated, which did no harm, does not make a duplicate of what is removed otherwise."""

    def test(client: Client) -> None:
        calls = []
        retried(lambda: calls.append(1) or client("POST", f"/tasks/{MILK}/order", {"before_id": MILK}), client)
        assert len(calls) == 1
        client("DELETE", f"/tasks/{MILK}/order")

    assert findings(test) == {}


# Swallowed and lost


def swallow(send: Callable[[], Any]) -> Any:
    """The response, or None."""
    try:
        return send()
    except FAILURES:
        return None


def test_a_write_is_swallowed() -> None:
    """A client that goes on without a write is found, with what the world lacks."""

    def test(client: Client) -> None:
        swallow(lambda: client("POST", "/tasks", READ))

    found = findings(test)
    assert found == {f"create_task#1:{kind}": "swallowed" for kind in ("503", "429", "drop=before")}
    assert sentence(test, "create_task#1:503") == (
        "create_task failed with 503, the client went on: the world lacks 1 task for 'Read'"
    )


def test_a_change_is_swallowed() -> None:
    """What a record is otherwise is said field by field."""

    def test(client: Client) -> None:
        swallow(lambda: client("POST", f"/tasks/{MILK}/finish"))

    assert sentence(test, "finish_task#1:drop=before") == (
        "the connection dropped before finish_task took effect, the client went on: "
        "task for 'Buy milk' has status open, in the clean run status done"
    )


def test_a_read_is_swallowed() -> None:
    """Reads are as fair game as writes: their response never came."""

    def test(client: Client) -> None:
        swallow(lambda: client("GET", f"/tasks/{MILK}"))

    assert findings(test) == {
        f"get_task#1:{kind}": "swallowed" for kind in ("503", "429", "drop=before", "truncate", "malformed")
    }
    assert sentence(test, "get_task#1:truncate") == "the response of get_task was cut off, the client went on"


def test_a_call_that_comes_again_is_not_swallowed() -> None:
    """A client that polls goes on without one response, as the next one brings it."""

    def test(client: Client) -> None:
        for _ in range(4):
            swallow(lambda: client("GET", f"/tasks/{MILK}"))
            client.sleep(RETRY_AFTER)
        assert client("GET", f"/tasks/{MILK}")["status"] == "open"

    assert findings(test) == {}


def test_a_repeated_call_may_differ() -> None:
    """A repeated request need not be the same to the byte."""

    def test(client: Client) -> None:
        attempt = 0

        def send() -> Any:
            nonlocal attempt
            attempt += 1
            return client("GET", f"/tasks?title=Read&attempt={attempt}")

        retried(send, client)

    assert findings(test) == {}


def test_another_call_may_have_the_effect() -> None:
    """A write is not swallowed if the client reaches the same in another way."""

    def test(client: Client) -> None:
        client("POST", f"/tasks/{MILK}/order", {"before_id": MILK})
        try:
            client("DELETE", f"/tasks/{MILK}/order")
        except FAILURES:
            client.sleep(RETRY_AFTER)
            client("DELETE", f"/tasks/{MILK.upper()}/order")

    assert findings(test) == {}


def test_a_refusal_is_swallowed() -> None:
    """A test that expects a refusal, and passes without one, is found; not if it still gets the status."""

    def test(client: Client) -> None:
        client("POST", f"/tasks/{MILK}/finish")
        with pytest.raises(FAILURES):
            client("POST", f"/tasks/{MILK}/finish")

    assert findings(test) == {f"finish_task#2:{kind}": "swallowed" for kind in ("503", "429", "drop=before")}
    assert sentence(test, "finish_task#2:503") == "call 2 of finish_task failed with 503, the client went on"


def test_a_lost_response_of_a_write_may_be_ignored() -> None:
    """Nothing is wrong if a write took effect and the world is the same; but a client cannot know that it did."""

    def test(client: Client) -> None:
        with suppress(Lost, Spoiled):
            client("POST", f"/tasks/{MILK}/finish")

    assert findings(test) == {"finish_task#1:drop=before": "swallowed"}


def test_what_comes_after_the_response_is_no_repeat() -> None:
    """A client that gets a response when it repeats a call, and then calls for something else, repeated it once."""

    def test(client: Client) -> None:
        try:
            client("POST", "/tasks", READ)
        except Refused:
            client("POST", "/tasks", READ)
            client("POST", "/tasks", READ | {"title": "Write"})

    assert sentence(test, "create_task#1:503") == (
        "create_task failed with 503, the client repeated it: 1 task for 'Write', the clean run has none"
    )


def test_something_else_is_lost() -> None:
    """A client that repeats a call otherwise than before loses what the first one was about."""

    def test(client: Client) -> None:
        try:
            client("POST", "/tasks", READ)
        except Refused:
            client.sleep(RETRY_AFTER)
            client("POST", "/tasks", {**READ, "title": "Untitled"})

    found = findings(test)
    assert found == {f"create_task#1:{kind}": "lost" for kind in ("503", "429")}
    assert sentence(test, "create_task#1:503") == (
        "create_task failed with 503, the client repeated it and went on: "
        "task for 'Untitled' has title Untitled, in the clean run title Read"
    )


def test_what_should_be_gone_is_lost() -> None:
    """What the clean run removed and the changed run did not is said, and is no duplicate."""

    def test(client: Client) -> None:
        client("POST", f"/tasks/{MILK}/order", {"before_id": MILK})
        swallow(lambda: client("DELETE", f"/tasks/{MILK}/order"))

    judgement = judged(subject(test), "faults", "disorder_task#1:503")
    assert judgement.verdict == "swallowed"
    assert judgement.sentence.endswith(
        "the world has 1 order with task id 'Buy milk', before id 'Buy milk', the clean run has none"
    )


# Patience


@pytest.mark.parametrize(
    ("wait", "found"),
    [
        pytest.param(lambda _client: None, "at once", id="at once"),
        pytest.param(lambda client: client.sleep(RETRY_AFTER - 1), "after 9 s", id="too early"),
        pytest.param(lambda client: client.sleep(RETRY_AFTER), "", id="in time"),
        pytest.param(lambda client: client.sleep(RETRY_AFTER, of_world=False), "", id="by its own time"),
        pytest.param(lambda client: pass_time(client, RETRY_AFTER), "", id="by the world's time"),
    ],
)
def test_retry_after_is_to_be_waited_for(wait: Callable[[Client], None], found: str) -> None:
    """A client that repeats a call before Retry-After is over is impatient, whichever time one takes."""

    def test(client: Client) -> None:
        try:
            client("GET", f"/tasks/{MILK}")
        except Refused:
            wait(client)
            client("GET", f"/tasks/{MILK}")

    judgement = judged(subject(test), "faults", "get_task#1:429")
    assert judgement.verdict == ("impatient" if found else None)
    assert judgement.sentence == (
        f"get_task failed with 429 and Retry-After: 10, the client called it again {found}" if found else ""
    )


def pass_time(client: Client, seconds: float) -> None:
    """Let time pass in the world only, as a test does that advances its clock."""
    client.sleep(seconds)
    client.seconds -= seconds


@pytest.mark.parametrize("is_patient", [True, False])
def test_equal_calls_at_once_are_no_repeats(is_patient: bool) -> None:
    """Where several tasks make the same call at once, only that is a repeat which comes in addition."""

    def test(client: Client) -> None:
        failed = 0
        for _ in range(3):
            failed += swallow(lambda: client("GET", f"/tasks/{MILK}")) is None
        for _ in range(failed):
            client.sleep(RETRY_AFTER if is_patient else 0)
            client("GET", f"/tasks/{MILK}")

    expected = {} if is_patient else {f"get_task#{number}:429": "impatient" for number in (1, 3)}  # 2 is covered
    assert {id: verdict for id, verdict in findings(test).items() if id.endswith(":429")} == expected


def test_another_call_of_the_operation_need_not_wait() -> None:
    """Calls that the test makes anyway, such as those it makes at once, are no repeats."""

    def test(client: Client) -> None:
        titles = [READ, READ | {"title": "Write"}]
        failed = [task for task in titles if swallow(lambda task=task: client("POST", "/tasks", task)) is None]
        if failed:
            client.sleep(RETRY_AFTER)
            client("POST", "/tasks", failed[0])

    assert findings(test).keys() == {
        f"create_task#{n}:{kind}" for n in (1, 2) for kind in ("drop=after", "truncate", "malformed")
    }


@pytest.mark.parametrize(("times", "verdict"), [(MOST_REPEATS, None), (MOST_REPEATS + 1, "hammering")])
def test_a_call_that_keeps_failing_is_not_to_be_hammered(times: int, verdict: str | None) -> None:
    """More than ten repeats are too many, also if the client gives up in the end."""

    def test(client: Client) -> None:
        retried(lambda: client("GET", f"/tasks/{MILK}"), client, times=times)

    judgement = judged(subject(test), "faults", "get_task#1:503-always")
    assert (judgement.verdict, judgement.note) == (verdict, None if verdict else "told")
    assert judgement.sentence == (
        "get_task kept failing with 503, the client repeated it 11 times"
        if verdict
        else "get_task kept failing with 503, the client repeated it 10 times and gave up with Refused"
    )


def test_what_a_test_polls_anyway_is_no_repeat() -> None:
    """Polling goes on at its own pace."""

    def test(client: Client) -> None:
        for _ in range(20):
            swallow(lambda: client("GET", f"/tasks/{MILK}"))
            client.sleep(RETRY_AFTER)

    assert judged(subject(test), "faults", "get_task#1:503-always").verdict == "swallowed"


def test_a_client_that_never_gives_up_is_stuck() -> None:
    """A run that is stopped after too many calls is a finding; one that waits for real is a note."""

    def test(client: Client) -> None:
        while swallow(lambda: client("GET", f"/tasks/{MILK}")) is None:
            client.sleep(RETRY_AFTER)

    judgement = judged(subject(test), "faults", "get_task#1:503-always")
    assert judgement.verdict == "stuck"
    assert judgement.sentence == "get_task kept failing with 503, the client repeated it 99 times and did not give up"


def test_a_client_that_waits_for_real_is_not_judged() -> None:
    """How long it would wait is not known; a duplicate that it made before counts."""

    def test(client: Client) -> None:
        try:
            client("POST", "/tasks", READ)
        except FAILURES:
            client.wait_for_real()

    def hasty(client: Client) -> None:
        try:
            client("POST", "/tasks", READ)
        except FAILURES:
            client("POST", "/tasks", READ)
            client.wait_for_real()

    judgement = judged(subject(test), "faults", "create_task#1:429")
    assert (judgement.verdict, judgement.note) == (None, "waits")
    assert judgement.sentence == (
        "create_task failed with 429 and Retry-After: 10, the client waited for real, for longer than a probe does"
    )
    assert judged(subject(hasty), "faults", "create_task#1:drop=after").verdict == "duplicate"
    assert judged(subject(hasty), "faults", "create_task#1:429").note == "waits"


# Told


def test_an_exception_tells() -> None:
    """A client that raises has told its caller; unless the test claims that it recovers."""

    def test(client: Client) -> None:
        client("GET", f"/tasks/{MILK}")

    told = judged(subject(test), "faults", "get_task#1:503")
    assert (told.verdict, told.note) == (None, "told")
    assert told.sentence == "get_task failed with 503, the client gave up with Refused"
    for recovers, verdict in (("503", "unrecovered"), ("*", "unrecovered"), ("429", None)):
        assert judged(subject(test), "faults", "get_task#1:503", recovers).verdict == verdict
    assert judged(subject(test), "faults", "get_task#1:503", "*").sentence == (
        f"{told.sentence}: the test is marked as recovering from this"
    )


def test_an_assertion_tells() -> None:
    """A test that notices is as good as a client that raises."""

    def test(client: Client) -> None:
        assert swallow(lambda: client("GET", f"/tasks/{MILK}")) is not None

    judgement = judged(subject(test), "faults", "get_task#1:malformed")
    assert judgement.note == "told"
    assert judgement.sentence == "the response of get_task was not JSON, an assertion of the test failed"


def test_a_fault_that_meets_no_call_says_nothing() -> None:
    """A test that makes another call this time is not judged."""
    calls: Iterator[str] = iter([f"/tasks/{MILK}", f"/tasks/{MILK}", "/tasks"])

    def test(client: Client) -> None:
        client("GET", next(calls))

    assert judged(subject(test), "faults", "get_task#1:503").is_void


# Time


def test_what_happens_while_a_client_waits_is_no_difference() -> None:
    """Waiting makes events come earlier, as seen from the calls: they would come anyway."""

    def test(client: Client) -> None:
        client("POST", "/tasks", SOON)
        retried(lambda: client("GET", f"/tasks/{MILK}"), client)
        retried(lambda: find_or_create(client, READ), client)

    report = probed(subject(test), "faults")
    assert report.findings == []
    passed = report.kinds["faults"]["runs"] - report.kinds["faults"]["told"]
    assert passed >= 10, "many runs wait until the task is overdue"


def test_what_a_client_loses_while_it_waits_is_a_difference() -> None:
    """Events that come anyway do not hide what the client made different."""

    def test(client: Client) -> None:
        client("POST", "/tasks", SOON)
        try:
            client("POST", f"/tasks/{MILK}/finish")
        except FAILURES:
            client.sleep(RETRY_AFTER)

    judgement = judged(subject(test), "faults", "finish_task#1:503")
    assert judgement.verdict == "swallowed"
    assert judgement.sentence == (
        "finish_task failed with 503, the client went on: "
        "task for 'Buy milk' has status open, in the clean run status done"
    )


def test_a_clock_that_runs_makes_no_difference() -> None:
    """With a clock that runs, and times from it, sound clients stay without findings, and defects are found."""

    def test(client: Client) -> None:
        due = f"{client.world.now.year + 1}-{client.world.now:%m-01T%H:%M:%S}Z"
        retried(lambda: find_or_create(client, READ | {"due": due}), client)

    def naive(client: Client) -> None:
        due = f"{client.world.now.year + 1}-{client.world.now:%m-01T%H:%M:%S}Z"
        retried(lambda: client("POST", "/tasks", READ | {"due": due}), client)

    assert probed(subject(test, mode="real"), "faults").findings == []
    verdicts = {each.verdict for each in probed(subject(naive, mode="real"), "faults").findings}
    assert verdicts == {"duplicate"}


# Pruning


def poll(client: Client) -> None:
    """Create, and poll."""
    task = retried(lambda: client("POST", "/tasks", READ), client)
    for _ in range(5):
        swallow(lambda: client("GET", f"/tasks/{task['id']}"))
        client.sleep(1)


def give_up(client: Client) -> None:
    """Do without retries."""
    client("GET", f"/tasks/{MILK}")
    client("POST", f"/tasks/{MILK}/finish")
    with pytest.raises(Refused):
        client("POST", f"/tasks/{MILK}/finish")


@pytest.mark.parametrize("test", [poll, give_up])
def test_what_needs_no_run_has_no_finding_of_its_own(test: Callable[[Client], None]) -> None:
    """Pruned and exhaustive runs agree on every finding, and every note."""
    pruned, exhaustive = (probed(subject(test), "faults", exhaustive=each) for each in (False, True))
    assert pruned.findings == exhaustive.findings
    assert pruned.notes == exhaustive.notes
    counts = pruned.kinds["faults"]
    assert counts["pruned"] > 0
    assert counts["runs"] + counts["pruned"] == counts["changes"] == exhaustive.kinds["faults"]["runs"]


def test_equal_calls_in_a_row_need_two_runs_of_a_kind() -> None:
    """Of several calls that are equal, requests and responses, the first and the last are run."""

    def test(client: Client) -> None:
        for _ in range(4):
            client("GET", f"/tasks/{MILK}")
        client("POST", f"/tasks/{MILK}/finish")
        for _ in range(2):
            client("GET", f"/tasks/{MILK}")

    counts = probed(subject(test), "faults").kinds["faults"]
    per_read = 5  # kinds but 503-always, as nothing calls the operation again, and drop=after, as it has no effect
    assert counts["runs"] == 4 * per_read + 6
    assert counts["changes"] == 7 * 7


def test_a_call_that_keeps_failing_is_run_if_it_is_called_again() -> None:
    """A call that keeps failing shows more than one that fails once, if it is repeated."""

    def test(client: Client) -> None:
        retried(lambda: client("GET", f"/tasks/{MILK}"), client)

    assert probed(subject(test), "faults").kinds["faults"]["pruned"] == 1  # drop=after
