"""Injected faults on the way of a request: which calls meet them, what is answered, and what becomes of the world."""

import copy
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aniva_sandbox.api.app import build_partner_api
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.document import dump_document
from aniva_sandbox.engine.faults.record import Effects
from aniva_sandbox.engine.serving.pipeline import Request, Response, respond
from tests.support import APPOINTMENT, DOCUMENT, PARTNER, PROFILE, UNKNOWN, Client, quiet_client, relied_on, snapshot_of

PATH = f"/api/v1/profiles/{PROFILE}"
CHANGE = b'{"height": 150}'
KEY = "sbx_test"


def inject(client: Client, **fields: Any) -> None:
    """Inject a fault."""
    assert client.control("POST", "/worlds/test/faults", fields).status == 200


def answered(
    client: Client,
    method: str = "PATCH",
    path: str = PATH,
    body: bytes = CHANGE,
    *,
    key: str | None = KEY,
    fault: str | None = None,
    query: bytes = b"",
) -> Response:
    """The answer to a request, as it goes out."""
    return respond(client.api, client.worlds, Request(method, path, query, key, "application/json", body, fault))


def header(answer: Response, name: str) -> str | None:
    """A header of an answer."""
    return next((value.decode() for key, value in answer.headers if key.decode() == name), None)


def height(client: Client) -> Any:
    """The height of the known profile, in the world itself."""
    return client.world.profiles[PROFILE].height


# What each effect does


@pytest.mark.parametrize("status", [400, 403, 404, 409, 418, 429, 499, 500, 502, 503, 599])
def test_a_status_is_answered_in_the_place_of_the_call(opened: Client, status: int) -> None:
    """The status comes with the API's own error body, and says that it is injected (but for the one body of 403); the
    call has no effect."""
    before = snapshot_of(opened.world) | {"faults": None}
    inject(opened, operation="update_profile", status=status)
    answer = answered(opened)
    body = msgspec.json.decode(answer.body)
    assert answer.status == status
    assert list(body) == ["error"]
    assert body["error"] == "Forbidden" if status == 403 else body["error"].endswith("(injected by the sandbox)")
    assert header(answer, "content-type") == "application/json"
    assert header(answer, "x-sandbox-fault") == f"fault-1: status={status}"
    assert header(answer, "retry-after") is None
    assert header(answer, "x-sandbox-rule") == ("error.internal; basis=documented" if status == 500 else None)
    assert header(answer, "x-sandbox-mismatch") is None
    after = snapshot_of(opened.world) | {"faults": None}
    after["ids"], before["ids"] = None, None  # the ordinal of the fault
    assert after == before
    assert answered(opened).status == 200
    assert height(opened) == 150


@pytest.mark.parametrize("seconds", [0, 2, 86_400])
def test_retry_after_comes_with_the_status(opened: Client, seconds: int) -> None:
    """Retry-After holds the seconds, zero too."""
    inject(opened, operation="update_profile", status=429, retry_after=seconds)
    answer = answered(opened)
    assert header(answer, "retry-after") == str(seconds)
    assert header(answer, "x-sandbox-fault") == f"fault-1: status=429; retry_after={seconds}"


def test_dropped_before_has_no_effect_and_dropped_after_has(opened: Client) -> None:
    """Before: nobody is answered, nothing changed. After: nobody is answered either, but the change stands."""
    begun = height(opened)
    inject(opened, operation="update_profile", drop="before")
    inject(opened, operation="update_profile", drop="after")
    lost = answered(opened)
    assert (lost.effect, lost.body) == (Effects(drop="before"), b"")
    assert height(opened) == begun
    late = answered(opened)
    assert (late.effect, late.status) == (Effects(drop="after"), 200)
    assert height(opened) == 150


@pytest.mark.parametrize("effect", [{"latency_ms": 5}, {"truncate": True}, {"trickle_ms": 2}])
def test_what_is_done_on_the_way_leaves_the_answer_as_it_is(opened: Client, effect: dict[str, Any]) -> None:
    """Slowing and cutting are done where the answer is sent: the call takes effect, its answer is whole."""
    plain = answered(quiet_client())
    inject(opened, operation="update_profile", **effect)
    answer = answered(opened)
    assert (answer.status, answer.body, answer.effect) == (200, plain.body, Effects(**effect))
    assert height(opened) == 150


def test_a_malformed_body_is_no_json(opened: Client) -> None:
    """The body is no JSON although its header says so, its length is told rightly, and the call took effect."""
    inject(opened, operation="update_profile", malformed=True)
    answer = answered(opened)
    assert (answer.status, header(answer, "content-type")) == (200, "application/json")
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(answer.body)
    assert header(answer, "content-length") == str(len(answer.body))
    assert height(opened) == 150


def test_effects_add_up(opened: Client) -> None:
    """A status can be late, malformed and slow at once."""
    inject(opened, operation="update_profile", status=502, malformed=True, latency_ms=1, trickle_ms=1)
    answer = answered(opened)
    assert (answer.status, answer.body[:6]) == (502, b"<html>")
    assert header(answer, "x-sandbox-fault") == "fault-1: latency_ms=1; status=502; malformed; trickle_ms=1"


def test_a_report_can_be_spoilt(opened: Client) -> None:
    """Faults work on files too: cut and slowed they are files, malformed they are none."""
    whole = answered(opened, "GET", f"/api/v1/documents/{DOCUMENT}", b"")
    for effect in ({"truncate": True}, {"trickle_ms": 1}):
        inject(opened, path="/api/v1/documents/{id}", **effect)
        spoilt = answered(opened, "GET", f"/api/v1/documents/{DOCUMENT}", b"")
        assert (spoilt.status, spoilt.body) == (200, whole.body)
    inject(opened, path="/api/v1/documents/{id}", malformed=True)
    assert answered(opened, "GET", f"/api/v1/documents/{DOCUMENT}", b"").body.startswith(b"<html>")


# Which calls meet faults


def test_a_call_meets_a_fault_before_its_permissions_and_its_body_are_judged(opened: Client) -> None:
    """A known key at a known path meets faults, whatever else is wrong with the call."""
    inject(opened, operation="update_profile", status=503, times=None)
    for options in (
        {"key": "sbx_test.reader"},
        {"key": "sbx_test.outsider"},
        {"body": b"x"},
        {"path": "/api/v1/profiles/nope"},
        {"path": f"/api/v1/profiles/{UNKNOWN}"},
    ):
        assert answered(opened, **options).status == 503  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"key": None}, 403),
        ({"key": "nobody"}, 403),
        ({"key": "sbx_test.nobody"}, 403),
        ({"path": "/api/v1/nope"}, 404),
        ({"path": "/api/v1/profiles/"}, 404),
        ({"method": "PUT"}, 405),
        ({"method": "OPTIONS"}, 405),
    ],
)
@pytest.mark.parametrize("by_header", [False, True])
def test_unknown_keys_paths_and_methods_meet_none(
    opened: Client, options: dict[str, Any], status: int, by_header: bool
) -> None:
    """Without a world there are no faults, and without an operation there is nothing to have one."""
    for method in ("GET", "PATCH"):
        inject(opened, method=method, status=503, times=None)
    answer = answered(opened, fault="status=503" if by_header else None, **options)
    assert answer.status == status
    assert answer.effect is None
    assert header(answer, "x-sandbox-fault") is None
    assert [fault.seen for fault in opened.world.faults] == [0, 0]


def test_a_fault_says_in_the_journal_that_it_fired(opened: Client) -> None:
    """The exchange tells which fault, and what it did; the one after it tells nothing."""
    inject(opened, operation="update_profile", drop="after", latency_ms=7)
    answered(opened)
    answered(opened)
    told = [exchange["fault"] for exchange in opened.control("GET", "/worlds/test/journal").json["exchanges"]]
    assert told == ["fault-1: latency_ms=7; drop=after", None]


def test_the_journal_shows_what_a_dropped_call_came_to(opened: Client) -> None:
    """Dropped before, there was no answer at all; dropped after, the journal knows the one that was lost."""
    inject(opened, method="PATCH", drop="before")
    inject(opened, method="PATCH", drop="after")
    answered(opened)
    answered(opened)
    before, after = opened.control("GET", "/worlds/test/journal").json["exchanges"]
    assert (before["status"], before["error"], before["response"]) == (None, None, {"type": None, "bytes": 0})
    assert (before["operation"], before["request"]["json"]) == ("update_profile", {"height": 150})
    assert (after["status"], after["response"]["json"]["height"]) == (200, 150)


def test_a_call_that_never_took_place_relies_on_nothing(opened: Client) -> None:
    """A call that a fault took the place of turned on no rule, whatever was sent with it."""
    inject(opened, method="POST", drop="before")
    inject(opened, method="POST", status=503)
    for _ in range(2):
        answered(opened, "POST", "/api/v1/appointments/pickup", b"{}", query=b"unknown=1")
    answered(opened, "POST", "/api/v1/profiles", b'{"unknown": 1}', fault="drop=before")
    assert [exchange.trace.leaned_on for exchange in opened.world.journal] == [(), (), ()]
    assert opened.world.relied_on == {}
    answered(opened, "POST", "/api/v1/appointments/pickup", b"{}", query=b"unknown=1")
    assert relied_on(opened) == ["body.unknown-field", "pickup.deprecated/body"]


# The header


def test_a_request_asks_for_its_own_fault(opened: Client) -> None:
    """The header works on its own request alone, wins over the world's faults, and does not use them up."""
    inject(opened, operation="update_profile", status=503)
    answer = answered(opened, fault="status=418; retry_after=1")
    assert (answer.status, header(answer, "retry-after")) == (418, "1")
    assert header(answer, "x-sandbox-fault") == "X-Sandbox-Fault: status=418; retry_after=1"
    assert opened.world.journal[-1].trace.fault == "X-Sandbox-Fault: status=418; retry_after=1"
    assert (opened.world.faults["fault-1"].seen, answered(opened).status, answered(opened).status) == (0, 503, 200)


@pytest.mark.rule("fault.effect")
@pytest.mark.parametrize("text", ["", "nonsense", "drop=never", "status=" + "9" * 5000, "ä\x00", "drop=after;"])
@pytest.mark.parametrize("path", [PATH, "/api/v1/profiles/nope"])
def test_a_header_that_says_none_is_refused(opened: Client, text: str, path: str) -> None:
    """A mistake in the header is a 400 that says so, before the call takes effect; never the sandbox's own fault."""
    begun = height(opened)
    answer = answered(opened, path=path, fault=text)
    assert answer.status == 400
    assert header(answer, "x-sandbox-rule") == "fault.effect; basis=sandbox"
    assert header(answer, "x-sandbox-mismatch") is None
    assert (answer.effect, height(opened), list(opened.worlds.mismatches)) == (None, begun, [])
    (shown,) = opened.control("GET", "/worlds/test/journal").json["exchanges"]
    assert (shown["fault"], [rule["id"] for rule in shown["rules"]]) == (None, ["fault.effect"])


def test_the_first_request_to_a_world_can_ask_for_a_fault() -> None:
    """The header works with a key that makes its world."""
    client = Client()
    assert answered(client, key="sbx_new", fault="status=503").status == 503
    assert answered(client, key="sbx_new").status == 200


# Under a proposed document


@pytest.fixture
def proposal(tmp_path: Path, opened: Client) -> Client:
    """A client of a proposal that says that heights are texts, which the sandbox's answers contradict."""
    document = copy.deepcopy(PARTNER.document)
    document["components"]["schemas"]["Profile"]["properties"]["height"] = {"type": "string"}
    file = tmp_path / "proposal.yaml"
    file.write_text(dump_document(document), encoding="utf-8")
    return Client(opened.worlds, api=build_partner_api(file))


def test_only_what_the_sandbox_answers_itself_is_held_against_the_document(proposal: Client) -> None:
    """An injected answer is nobody's contradiction, under a proposal neither; a real one that is spoilt still is."""
    assert header(answered(proposal), "x-sandbox-mismatch") is not None
    for fault, marked in (("status=418", False), ("drop=before", False), ("malformed", True), ("drop=after", True)):
        answer = answered(proposal, fault=fault)
        assert (header(answer, "x-sandbox-mismatch") is not None) is marked, fault
        assert (proposal.world.journal[-1].trace.mismatch is not None) is marked


def test_the_world_s_faults_are_met_under_a_proposal(proposal: Client) -> None:
    """The same faults, with the document that is tried."""
    inject(proposal, operation="update_profile", status=503)
    assert answered(proposal).status == 503
    assert answered(proposal).status == 200


def broken_api() -> Api:
    """The partner API with an operation whose answer contradicts its document."""
    api = build_partner_api()
    operation = api.endpoints["get_profile"].operation
    assert operation is not None
    api.endpoints["get_profile"].operation = msgspec.structs.replace(operation, run=lambda _world, _call: {"id": 1})
    return api


def test_a_fault_does_not_hide_what_the_sandbox_does_wrong(opened: Client, caplog: pytest.LogCaptureFixture) -> None:
    """A real answer that contradicts the document is the sandbox's fault also on a call that is spoilt; an injected one
    is not."""
    client = Client(opened.worlds, api=broken_api())
    assert answered(client, "GET", fault="status=503").status == 503
    assert list(client.worlds.mismatches) == []
    answer = answered(client, "GET", fault="truncate")
    assert (answer.status, len(client.worlds.mismatches)) == (500, 1)
    assert "contradicts" in caplog.text


# All of it against a model

CALLS = {
    "get_profile": ("GET", PATH, "/api/v1/profiles/{id}"),
    "update_profile": ("PATCH", PATH, "/api/v1/profiles/{id}"),
    "list_units": ("GET", "/api/v1/units", "/api/v1/units"),
    "get_appointment": ("GET", f"/api/v1/appointments/{APPOINTMENT}", "/api/v1/appointments/{id}"),
}
TARGETS = [
    *({"operation": operation} for operation in CALLS),
    {"method": "GET"},
    {"method": "PATCH"},
    {"path": PATH},
    {"path": "/api/v1/profiles/{id}"},
    {"method": "GET", "path": "/api/v1/profiles/{id}"},
]
EFFECTS = [{"status": 503}, {"drop": "before"}, {"drop": "after"}, {"malformed": True}, {"latency_ms": 1}]
FAULTS = st.builds(
    lambda target, effect, times, after: target | effect | {"times": times, "after": after},
    st.sampled_from(TARGETS),
    st.sampled_from(EFFECTS),
    st.none() | st.integers(1, 3),
    st.integers(0, 3),
)
MODEL_CLIENT = quiet_client()


def expected(faults: list[dict[str, Any]], calls: list[str]) -> list[int | None]:
    """For each call the place of the fault that it meets, worked out from each fault's own list of what it may do."""
    plans = [
        [False] * fault["after"] + [True] * (len(calls) if fault["times"] is None else fault["times"])
        for fault in faults
    ]
    found: list[int | None] = []
    for call in calls:
        method, path, template = CALLS[call]
        found.append(None)
        for index, (fault, plan) in enumerate(zip(faults, plans, strict=True)):
            wanted = {"operation": {call}, "method": {method}, "path": {path, template}}
            if plan and all(fault[name] in values for name, values in wanted.items() if name in fault) and plan.pop(0):
                found[-1] = index
                break
    return found


@settings(max_examples=50, deadline=None)
@given(st.lists(FAULTS, max_size=5), st.lists(st.sampled_from(list(CALLS)), max_size=12))
def test_calls_meet_faults_as_a_model_says(faults: list[dict[str, Any]], calls: list[str]) -> None:
    """Whatever faults there are and whatever is called: each call meets the fault that a model says, is answered as its
    effect is, and changes the world only where it took place."""
    client = MODEL_CLIENT
    client.control("POST", "/worlds/test/reset")
    for fault in faults:
        inject(client, **fault)
    for number, (call, meets) in enumerate(zip(calls, expected(faults, calls), strict=True)):
        method, path, _ = CALLS[call]
        begun = height(client)
        answer = answered(
            client, method, path, msgspec.json.encode({"height": 100 + number}) if call[0] == "u" else b""
        )
        effect = {} if meets is None else {name: faults[meets][name] for name in EFFECT_NAMES & faults[meets].keys()}
        assert answer.effect == (Effects(**effect) if effect else None)
        assert header(answer, "x-sandbox-mismatch") is None
        named = client.world.journal[-1].trace.fault
        assert (named is None) if meets is None else (named or "").startswith(f"fault-{meets + 1}: ")
        replaced = "status" in effect or effect.get("drop") == "before"
        assert answer.status == (effect.get("status", 0) if replaced else 200)
        assert height(client) == (100 + number if call == "update_profile" and not replaced else begun)
        assert (answer.body[:6] == b"<html>") is ("malformed" in effect)


EFFECT_NAMES = frozenset(Effects.__struct_fields__)
