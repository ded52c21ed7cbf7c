"""Each check of ours fails on a sandbox that is broken in the way the check looks for, and not on its neighbour."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import schemathesis
from schemathesis.engine import Status

from aniva_sandbox.contract.api import Api
from aniva_sandbox.serving import app
from aniva_sandbox.serving.pipeline import Answer, Request, answer_partner
from aniva_sandbox.world.worlds import Worlds
from tests.conformance.checks import FULL_KEY, OUTSIDER_KEY, WORLD
from tests.conformance.run import Report, build_config, run_schemathesis
from tests.support import CONTROL, PARTNER, new_worlds

Behaviour = Callable[[Api, Worlds, Request], Answer]

JSON = (b"content-type", b"application/json")


def run_with(behaviour: Behaviour, *operations: str, phase: str = "examples") -> Report:
    """Run one phase on some operations of a sandbox that answers partners in another way."""
    worlds = new_worlds()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "answer_partner", behaviour)
        schema = schemathesis.openapi.from_asgi(
            "/openapi.json", app.build_app(worlds, PARTNER, CONTROL), config=build_config(20, (phase,))
        )
        return run_schemathesis(schema.include(operation_id=list(operations)), lambda: worlds.create(WORLD))


def failed(report: Report) -> set[str]:
    """The checks that failed."""
    assert not report.errors
    return {check for check, _operation in report.failures}


def refusal(status: int, rule: str | None, **fields: object) -> Answer:
    """A refusal through a rule, or without one."""
    header = [(b"x-sandbox-rule", f"{rule}; basis=documented".encode())] if rule else []
    return Answer(status, [JSON, *header], msgspec.json.encode({"error": "No."} | fields))


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
def test_valid_input_is_refused_by_domain_rules_only(answer: Answer, excused: bool) -> None:
    """A 400 to input that its schema allows is excused by domain rules without details only."""

    def refuse(api: Api, worlds: Worlds, request: Request) -> Answer:
        sound = answer_partner(api, worlds, request)
        return answer if sound.status == 201 else sound

    report = run_with(refuse, "create_appointment")

    assert ("valid_input_meets_domain_rules_only" in failed(report)) is not excused
    assert "POST /api/v1/appointments never answered 2xx" in report.problems()


@pytest.mark.parametrize(("rule", "excused"), [("path.unknown", False), ("http.not-found", False), ("x.other", True)])
def test_known_ids_are_found(rule: str, excused: bool) -> None:
    """A 404 for an id from a link is a failure where the rule says that nothing is at the path."""

    def lose(api: Api, worlds: Worlds, request: Request) -> Answer:
        sound = answer_partner(api, worlds, request)
        return refusal(404, rule) if request.method == "PATCH" and sound.status == 200 else sound

    report = run_with(lose, "list_profiles", "get_profile", "update_profile", phase="stateful")

    assert ("known_ids_are_found" in failed(report)) is not excused


def cancel_deletes(api: Api, worlds: Worlds, request: Request) -> Answer:
    """What was cancelled can no longer be read."""
    sound = answer_partner(api, worlds, request)
    return refusal(404, "path.unknown") if b'"status":"cancelled"' in sound.body and request.method == "GET" else sound


def cancel_does_nothing(api: Api, worlds: Worlds, request: Request) -> Answer:
    """DELETE answers as if, and nothing happens."""
    return answer_partner(api, worlds, request._replace(method="GET") if request.method == "DELETE" else request)


def cancel_is_not_kept(api: Api, worlds: Worlds, request: Request) -> Answer:
    """What was cancelled reads as confirmed."""
    sound = answer_partner(api, worlds, request)
    if request.method == "DELETE":
        return sound
    return sound._replace(headers=[JSON], body=sound.body.replace(b'"status":"cancelled"', b'"status":"confirmed"'))


def cancel_twice(api: Api, worlds: Worlds, request: Request) -> Answer:
    """A second DELETE succeeds like the first."""
    sound = answer_partner(api, worlds, request)
    if request.method == "DELETE" and sound.status == 409:
        return answer_partner(api, worlds, request._replace(method="GET"))
    return sound


@pytest.mark.parametrize("behaviour", [cancel_deletes, cancel_does_nothing, cancel_is_not_kept, cancel_twice])
def test_cancelled_is_kept(behaviour: Behaviour) -> None:
    """A cancel that deletes, does nothing, is forgotten or can be repeated is a failure."""
    assert "cancelled_is_kept" in failed(run_with(behaviour, "cancel_appointment"))


def test_cancelled_is_not_changed() -> None:
    """An update that succeeds after the cancel is a failure, as the built-in check has it."""

    def update_anyway(api: Api, worlds: Worlds, request: Request) -> Answer:
        sound = answer_partner(api, worlds, request)
        if request.method == "PATCH" and sound.status == 409:
            return answer_partner(api, worlds, request._replace(method="GET"))
        return sound

    operations = ("create_appointment", "get_appointment", "cancel_appointment", "update_appointment")

    assert "cancelled_is_kept" in failed(run_with(update_anyway, *operations, phase="stateful"))
    assert not failed(run_with(answer_partner, *operations, phase="stateful"))


def outsider_sees_all(api: Api, worlds: Worlds, request: Request) -> Answer:
    """The outsider's key is as good as the full one."""
    return answer_partner(api, worlds, request._replace(key=FULL_KEY) if request.key == OUTSIDER_KEY else request)


def outsider_gets_404(api: Api, worlds: Worlds, request: Request) -> Answer:
    """What is outside the context seems not to exist."""
    sound = answer_partner(api, worlds, request)
    return refusal(404, "path.unknown") if request.key == OUTSIDER_KEY else sound


def outsider_gets_another_body(api: Api, worlds: Worlds, request: Request) -> Answer:
    """The refusal tells what is there."""
    sound = answer_partner(api, worlds, request)
    return refusal(403, "auth.context") if request.key == OUTSIDER_KEY else sound


def outsider_lacks_permission(api: Api, worlds: Worlds, request: Request) -> Answer:
    """The outsider is refused before the context is looked at."""
    sound = answer_partner(api, worlds, request)
    return refusal(403, "auth.permission", error="Forbidden") if request.key == OUTSIDER_KEY else sound


@pytest.mark.parametrize(
    "behaviour", [outsider_sees_all, outsider_gets_404, outsider_gets_another_body, outsider_lacks_permission]
)
@pytest.mark.parametrize("operation", ["get_appointment", "create_appointment", "cancel_appointment", "list_profiles"])
def test_outsiders_are_refused(behaviour: Behaviour, operation: str) -> None:
    """Reading, creating, changing or listing what belongs to another context is a failure unless it is a plain 403."""
    assert "outsiders_are_refused" in failed(run_with(behaviour, operation, phase="coverage"))
    assert not failed(run_with(answer_partner, operation, phase="coverage"))


def any_key_opens(api: Api, worlds: Worlds, request: Request) -> Answer:
    """No key is checked."""
    return answer_partner(api, worlds, request._replace(key=FULL_KEY))


def key_comes_last(api: Api, worlds: Worlds, request: Request) -> Answer:
    """What is wrong with the request is told before the key is looked at."""
    if request.key == FULL_KEY:
        return answer_partner(api, worlds, request)
    return refusal(400, "id.format", details=[{"path": "id", "message": "must be digits"}])


def unknown_key_gets_401(api: Api, worlds: Worlds, request: Request) -> Answer:
    """Unknown keys get the status that this API does not have."""
    sound = answer_partner(api, worlds, request)
    return sound._replace(status=401) if sound.status == 403 else sound


def full_key_is_refused(_api: Api, _worlds: Worlds, _request: Request) -> Answer:
    """No key is good enough."""
    return refusal(403, "auth.permission", error="Forbidden")


@pytest.mark.parametrize("behaviour", [any_key_opens, key_comes_last, unknown_key_gets_401, full_key_is_refused])
def test_key_comes_first(behaviour: Behaviour) -> None:
    """A key that is not checked, checked late, refused with 401 or wrongly refused is a failure."""
    assert "key_comes_first" in failed(run_with(behaviour, "get_biomarker", phase="coverage"))
    assert not failed(run_with(answer_partner, "get_biomarker", phase="coverage"))


SOUND = Report(
    operations={"GET /x"},
    succeeded={"GET /x"},
    followed=Counter({"x": 1}),
    outsider_refused=1,
    planned=2,
    scenarios=2,
    phases={"stateful": Status.SUCCESS},
)


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({}, []),
        ({"succeeded": set()}, ["GET /x never answered 2xx"]),
        ({"followed": Counter()}, ["no link was followed"]),
        ({"scenarios": 1}, ["only 1 of 2 stateful scenarios ran"]),
        ({"outsider_refused": 0}, ["the outsider was never refused"]),
        ({"phases": {"fuzzing": Status.SKIP}}, ["phase fuzzing: skip"]),
        ({"errors": ["no answer"]}, ["error: no answer"]),
        ({"failures": {("some_check", "GET /x"): "wrong"}}, ["some_check failed on GET /x\nwrong"]),
    ],
)
def test_a_run_that_tests_nothing_is_no_success(change: dict[str, Any], problems: list[str]) -> None:
    """A run fails by a failure, an error, or a part that had nothing to do."""
    assert replace(SOUND, **change).problems() == problems
