"""Each check of ours fails on a sandbox that is broken in the way the check looks for, and not on its neighbour."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import schemathesis
from msgspec import structs
from schemathesis.engine import Status

from aniva_sandbox.api import app, partner
from aniva_sandbox.conformance.checks import excuse
from aniva_sandbox.conformance.report import Failure, Report
from aniva_sandbox.conformance.run import run_schemathesis
from aniva_sandbox.conformance.subject import FULL_KEY, OUTSIDER_KEY, Subject
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.serving import app as serving
from aniva_sandbox.engine.serving.pipeline import Request, Response, respond, respond_to_control
from aniva_sandbox.engine.store.memory import Worlds
from tests.conformance.run import control_subject, on_this_machine, partner_subject
from tests.support import CONTROL, PARTNER, new_worlds

Behaviour = Callable[[Api, Worlds, Request], Response]

JSON = (b"content-type", b"application/json")
EXAMPLES = 6
"""Enough, with the seed of all runs, for each defect here to be met."""


def run_with(behaviour: Behaviour, *operations: str, phase: str = "examples", **known: Any) -> Report:
    """Run one phase on some operations of a sandbox that answers partners in another way; ``known`` is what the run
    knows of it instead of all."""
    worlds = new_worlds()
    with on_this_machine(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(serving, "respond", behaviour)
        sandbox = app.build_app(worlds, PARTNER, CONTROL, None)

        def load(config: schemathesis.Config) -> schemathesis.BaseSchema:
            schema = schemathesis.openapi.from_asgi("/openapi.json", sandbox, config=config)
            return schema.include(operation_id=list(operations))

        subject = replace(partner_subject(worlds), **known)
        return run_schemathesis(load, subject, examples=EXAMPLES, phases=(phase,))


@cache
def failed_of_sound(*operations: str, phase: str) -> set[str]:
    """The checks that fail on a sandbox that is not broken: the same each time, as runs are reproducible."""
    return failed(run_with(respond, *operations, phase=phase))


def failed(report: Report) -> set[str]:
    """The checks that failed."""
    assert not report.errors
    return {check for check, _operation in report.failures}


def refusal(status: int, rule: str | None, **fields: object) -> Response:
    """A refusal through a rule, or without one."""
    header = [(b"x-sandbox-rule", f"{rule}; basis=documented".encode())] if rule else []
    return Response(status, [JSON, *header], msgspec.json.encode({"error": "No."} | fields))


@pytest.mark.parametrize(
    ("answer", "excused"),
    [
        (refusal(400, "appointment.future"), True),
        (refusal(400, "appointment.future", details=[{"path": "x", "message": "y"}]), False),
        (refusal(400, "appointment.zone"), False),
        (refusal(400, "appointment.future; basis=documented, appointment.zone"), False),
        (refusal(400, "made.up"), False),
        (refusal(400, None), False),
    ],
)
def test_valid_input_is_refused_by_domain_rules_only(answer: Response, excused: bool) -> None:
    """A 400 to input that its schema allows is excused by domain rules without details only."""

    def refuse(api: Api, worlds: Worlds, request: Request) -> Response:
        sound = respond(api, worlds, request)
        return answer if sound.status == 201 else sound

    report = run_with(refuse, "create_appointment")

    assert ("valid_input_meets_domain_rules_only" in failed(report)) is not excused
    assert "POST /api/v1/appointments never returned 2xx" in report.problems()


@pytest.mark.parametrize(
    ("rule", "excused"),
    [("path.unknown", False), ("http.not-found", False), ("world.unknown", False), ("x.other", True)],
)
def test_known_ids_are_found(rule: str, excused: bool) -> None:
    """A 404 for an id from a link is a failure where the rule says that nothing is at the path."""

    def lose(api: Api, worlds: Worlds, request: Request) -> Response:
        sound = respond(api, worlds, request)
        return refusal(404, rule) if request.method == "PATCH" and sound.status == 200 else sound

    report = run_with(lose, "list_profiles", "get_profile", "update_profile", phase="stateful")

    assert ("known_ids_are_found" in failed(report)) is not excused


def cancel_deletes(api: Api, worlds: Worlds, request: Request) -> Response:
    """What was cancelled can no longer be read."""
    sound = respond(api, worlds, request)
    return refusal(404, "path.unknown") if b'"status":"cancelled"' in sound.body and request.method == "GET" else sound


def cancel_does_nothing(api: Api, worlds: Worlds, request: Request) -> Response:
    """DELETE answers as if, and nothing happens."""
    return respond(api, worlds, structs.replace(request, method="GET") if request.method == "DELETE" else request)


def cancel_is_not_kept(api: Api, worlds: Worlds, request: Request) -> Response:
    """What was cancelled reads as confirmed."""
    sound = respond(api, worlds, request)
    if request.method == "DELETE":
        return sound
    return structs.replace(
        sound, headers=[JSON], body=sound.body.replace(b'"status":"cancelled"', b'"status":"confirmed"')
    )


def cancel_twice(api: Api, worlds: Worlds, request: Request) -> Response:
    """A second DELETE succeeds like the first."""
    sound = respond(api, worlds, request)
    if request.method == "DELETE" and sound.status == 409:
        return respond(api, worlds, structs.replace(request, method="GET"))
    return sound


@pytest.mark.parametrize("behaviour", [cancel_deletes, cancel_does_nothing, cancel_is_not_kept, cancel_twice])
def test_cancelled_is_kept(behaviour: Behaviour) -> None:
    """A cancel that deletes, does nothing, is forgotten or can be repeated is a failure."""
    assert "cancelled_is_kept" in failed(run_with(behaviour, "cancel_appointment"))


def test_cancelled_is_not_changed() -> None:
    """An update that succeeds after the cancel is a failure, as the built-in check has it."""

    def update_anyway(api: Api, worlds: Worlds, request: Request) -> Response:
        sound = respond(api, worlds, request)
        if request.method == "PATCH" and sound.status == 409:
            return respond(api, worlds, structs.replace(request, method="GET"))
        return sound

    operations = ("create_appointment", "get_appointment", "cancel_appointment", "update_appointment")

    assert "cancelled_is_kept" in failed(run_with(update_anyway, *operations, phase="stateful"))
    assert not failed_of_sound(*operations, phase="stateful")


@pytest.mark.parametrize(
    ("deleted", "method", "path", "is_excused"),
    [
        ("/x/{id}/parts", "PATCH", "/x/{id}/parts", True),
        ("/x/{id}/parts", "GET", "/x/{id}/parts", True),
        ("/x/{id}", "GET", "/x/{id}/parts", True),
        ("/x/{id}", "PATCH", "/x/{id}/parts", False),
        ("/x/{id}", "PATCH", "/x/{id}", False),
        ("/x/{id}", "GET", "/x/{id}", False),
    ],
)
def test_what_was_taken_away_can_be_added_again(deleted: str, method: str, path: str, is_excused: bool) -> None:
    """A DELETE below a resource deletes none; what follows the DELETE of a resource is judged."""
    case = SimpleNamespace(method=method, path=path)
    response = SimpleNamespace(status_code=200, json=lambda: {"status": "pending"})
    found = excuse("ST301", f"DELETE {deleted}", response=response, case=case, subject=Subject())  # type: ignore[arg-type]
    assert found is is_excused


def outsider_sees_all(api: Api, worlds: Worlds, request: Request) -> Response:
    """The outsider's key is as good as the full one."""
    return respond(api, worlds, structs.replace(request, key=FULL_KEY) if request.key == OUTSIDER_KEY else request)


def outsider_gets_404(api: Api, worlds: Worlds, request: Request) -> Response:
    """What is outside the context seems not to exist."""
    sound = respond(api, worlds, request)
    return refusal(404, "path.unknown") if request.key == OUTSIDER_KEY else sound


def outsider_gets_another_body(api: Api, worlds: Worlds, request: Request) -> Response:
    """The refusal tells what is there."""
    sound = respond(api, worlds, request)
    return refusal(403, "auth.context") if request.key == OUTSIDER_KEY else sound


def outsider_lacks_permission(api: Api, worlds: Worlds, request: Request) -> Response:
    """The outsider is refused before the context is looked at."""
    sound = respond(api, worlds, request)
    return refusal(403, "auth.permission", error="Forbidden") if request.key == OUTSIDER_KEY else sound


@pytest.mark.parametrize(
    ("behaviour", "operation"),
    [
        (outsider_sees_all, "get_appointment"),
        (outsider_gets_404, "create_appointment"),
        (outsider_gets_another_body, "cancel_appointment"),
        (outsider_lacks_permission, "list_profiles"),
    ],
)
def test_outsiders_are_refused(behaviour: Behaviour, operation: str) -> None:
    """Reading, creating, changing or listing what belongs to another context is a failure unless it is a plain 403."""
    assert "outsiders_are_refused" in failed(run_with(behaviour, operation, phase="coverage"))
    assert not failed_of_sound(operation, phase="coverage")


def any_key_opens(api: Api, worlds: Worlds, request: Request) -> Response:
    """No key is checked."""
    return respond(api, worlds, structs.replace(request, key=FULL_KEY))


def key_comes_last(api: Api, worlds: Worlds, request: Request) -> Response:
    """What is wrong with the request is told before the key is looked at."""
    if request.key == FULL_KEY:
        return respond(api, worlds, request)
    return refusal(400, "id.format", details=[{"path": "id", "message": "must be digits"}])


def unknown_key_gets_401(api: Api, worlds: Worlds, request: Request) -> Response:
    """Unknown keys get the status that this API does not have."""
    sound = respond(api, worlds, request)
    return structs.replace(sound, status=401) if sound.status == 403 else sound


def full_key_is_refused(_api: Api, _worlds: Worlds, _request: Request) -> Response:
    """No key is good enough."""
    return refusal(403, "auth.permission", error="Forbidden")


@pytest.mark.parametrize("behaviour", [any_key_opens, key_comes_last, unknown_key_gets_401, full_key_is_refused])
def test_key_comes_first(behaviour: Behaviour) -> None:
    """A key that is not checked, checked late, refused with 401 or wrongly refused is a failure."""
    assert "key_comes_first" in failed(run_with(behaviour, "get_biomarker", phase="coverage"))
    assert not failed_of_sound("get_biomarker", phase="coverage")


def delete_does_nothing(api: Api, worlds: Worlds, request: Request) -> Response:
    """DELETE of a world answers as if, and nothing happens."""
    if request.method == "DELETE" and not request.path.endswith("/journal"):
        sound = respond_to_control(api, worlds, structs.replace(request, method="GET", path=f"{request.path}/clock"))
        return sound if sound.status >= 400 else Response(200, [JSON], b'{"success":true}')
    return respond_to_control(api, worlds, request)


@pytest.mark.parametrize(("behaviour", "fails"), [(delete_does_nothing, True), (respond_to_control, False)])
def test_deleted_is_gone(behaviour: Behaviour, fails: bool) -> None:
    """On the control plane, a DELETE of a resource that leaves it there is a failure."""
    worlds = new_worlds()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serving, "respond_to_control", behaviour)
        sandbox = app.build_app(worlds, PARTNER, CONTROL, None)

        def load(config: schemathesis.Config) -> schemathesis.BaseSchema:
            schema = schemathesis.openapi.from_asgi("/_sandbox/openapi.json", sandbox, config=config)
            return schema.include(operation_id=["delete_world", "clear_journal"])

        report = run_schemathesis(load, control_subject(worlds), examples=EXAMPLES, phases=("examples",))
    assert failed(report) == ({"deleted_is_gone"} if fails else set())


# Servers that name no rules


def without_rules(behaviour: Behaviour) -> Behaviour:
    """The same server, but nobody learns why it refuses."""

    def answer(api: Api, worlds: Worlds, request: Request) -> Response:
        told = behaviour(api, worlds, request)
        return structs.replace(
            told, headers=[(name, value) for name, value in told.headers if name != b"x-sandbox-rule"]
        )

    return answer


@pytest.mark.parametrize(
    ("answer", "fails"),
    [
        (refusal(400, None), False),
        (refusal(400, None, details=[{"path": "x", "message": "y"}]), True),
        (Response(400, [(b"content-type", b"text/html")], b"<p>No.</p>"), False),
        (refusal(413, None), True),
    ],
)
def test_without_rules_a_plain_400_is_not_judged(answer: Response, fails: bool) -> None:
    """Valid input that gets a 400 may have met a domain rule: that is counted, and no failure. One with details of a
    format is a failure, and so is any other refusal. (A body that is no JSON fails another check.)"""

    def refuse(api: Api, worlds: Worlds, request: Request) -> Response:
        sound = respond(api, worlds, request)
        return answer if sound.status == 201 else sound

    report = run_with(without_rules(refuse), "create_appointment", ledger=None, outsider=None)

    assert ("valid_input_meets_domain_rules_only" in failed(report)) is fails
    assert any(what.startswith("400 without details") for what in report.subject.unjudged) is not fails


@pytest.mark.parametrize(("method", "fails"), [("GET", True), ("PATCH", False)])
def test_without_rules_a_404_counts_where_only_the_path_names_ids(method: str, fails: bool) -> None:
    """A 404 for an id from a link is a failure, unless it may be about something named in the body."""

    def lose(api: Api, worlds: Worlds, request: Request) -> Response:
        sound = respond(api, worlds, request)
        lost = request.method == method and request.path.count("/") == 4 and sound.status == 200
        return refusal(404, None) if lost else sound

    operations = ("list_profiles", "get_profile", "update_profile")
    report = run_with(without_rules(lose), *operations, phase="stateful", ledger=None, outsider=None)

    assert ("known_ids_are_found" in failed(report)) is fails
    assert any(what.startswith("404 to a call") for what in report.subject.unjudged) is not fails


@pytest.mark.parametrize("behaviour", [any_key_opens, key_comes_last, unknown_key_gets_401])
def test_without_rules_the_key_still_comes_first(behaviour: Behaviour) -> None:
    """A key that is not checked, checked late, or refused with 401 is a failure, whoever tells no rules."""
    known: dict[str, Any] = {"ledger": None, "outsider": None}
    report = run_with(without_rules(behaviour), "get_biomarker", phase="coverage", **known)
    assert "key_comes_first" in failed(report)
    assert not failed(run_with(without_rules(respond), "get_biomarker", phase="coverage", **known))


def test_without_rules_a_403_to_the_key_is_not_judged() -> None:
    """Whether a key is not good enough, or what it asks for outside its context, is counted as not known; where that
    is all that it gets, the run has tested nothing."""
    report = run_with(without_rules(full_key_is_refused), "get_biomarker", phase="coverage", ledger=None, outsider=None)
    assert not failed(report)
    assert any(what.startswith("403 to the key") for what in report.subject.unjudged)
    assert report.problems() == ["no operation returned 2xx: check the key and the address"]


@pytest.mark.parametrize("behaviour", [outsider_sees_all, outsider_gets_404, outsider_gets_another_body])
def test_without_rules_outsiders_are_refused_all_the_same(behaviour: Behaviour) -> None:
    """What another context gets is judged by status and body."""
    report = run_with(without_rules(behaviour), "get_appointment", phase="coverage", ledger=None)
    assert "outsiders_are_refused" in failed(report)
    sound = run_with(without_rules(respond), "get_appointment", phase="coverage", ledger=None)
    assert not failed(sound)
    assert any(what.startswith("403 to the outsider") for what in sound.subject.unjudged)


# The verdict


SOUND = Report(
    Subject(key=FULL_KEY, outsider=OUTSIDER_KEY, ledger=partner.LEDGER),
    operations={"GET /x"},
    succeeded={"GET /x"},
    links={"x"},
    followed=Counter({"x": 1}),
    steps=1,
    outsider_refused=1,
    planned=2,
    scenarios=2,
    phases={"stateful": Status.SUCCESS},
)
FAILURE = {("some_check", "GET /x"): Failure("wrong", "curl -H 'x-api-key: 12345' -H 'A: b' http://x")}


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({}, []),
        ({"succeeded": set()}, ["GET /x never returned 2xx"]),
        ({"followed": Counter()}, ["no link was followed"]),
        ({"steps": 0}, ["no link was followed"]),
        ({"links": set(), "followed": Counter()}, []),
        ({"scenarios": 1}, ["only 1 of 2 stateful scenarios ran"]),
        ({"outsider_refused": 0}, ["the outsider was never refused"]),
        ({"phases": {"fuzzing": Status.SKIP}}, ["phase fuzzing: skip"]),
        ({"errors": ["no answer"]}, ["error: no answer"]),
        ({"failures": FAILURE}, [f"some_check failed on GET /x\nwrong\n\n{FAILURE['some_check', 'GET /x'].curl}"]),
    ],
)
def test_a_run_that_tests_nothing_is_no_success(change: dict[str, Any], problems: list[str]) -> None:
    """A run fails by a failure, an error, or a part that had nothing to do."""
    assert replace(SOUND, **change).problems() == problems


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({"operations": {"GET /x", "GET /y"}, "steps": 0, "scenarios": 0, "phases": {"stateful": Status.SKIP}}, []),
        ({"succeeded": set()}, ["no operation returned 2xx: check the key and the address"]),
        ({"errors": ["no answer"]}, ["error: no answer"]),
        (
            {"failures": FAILURE},
            ["some_check failed on GET /x\nwrong\n\ncurl -H 'x-api-key: [hidden]' -H 'A: [hidden]' http://x"],
        ),
    ],
)
def test_of_another_server_only_its_answers_count(change: dict[str, Any], problems: list[str]) -> None:
    """What a server whose state is not ours did not let us reach is told, and no problem; its secrets are hidden."""
    report = replace(SOUND, subject=Subject(key="12345", headers={"A": "b"}), **change)
    assert report.problems() == problems
    assert [told for told in report.not_judged() if told.startswith("not reached")] == [
        f"not reached: {operation}" for operation in sorted(report.operations - report.succeeded)
    ]
    assert report.values()["passed"] is not bool(problems)
