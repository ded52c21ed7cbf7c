"""Injecting faults through the control plane: what is taken, what is refused, and what becomes of them."""

import itertools
from typing import Any

import pytest

from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.faults.record import Effects, read_header
from tests.support import APPOINTMENT, PARTNER, Client, null_rule, refused

FAULTS = "/worlds/test/faults"
CALL = f"/appointments/{APPOINTMENT}"
TARGET = {"operation": "get_appointment"}
EFFECTS: dict[str, Any] = {
    "latency_ms": 5,
    "status": 429,
    "retry_after": 2,
    "drop": "after",
    "truncate": True,
    "malformed": True,
    "trickle_ms": 3,
}


def ids(client: Client) -> list[str]:
    """The ids of the faults of the world."""
    return [fault["id"] for fault in client.control("GET", FAULTS).json]


# What is taken


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, v in EFFECTS.items() if n != "retry_after"])
def test_each_effect_is_taken_and_shown(opened: Client, name: str, value: Any) -> None:
    """A fault is answered as it is listed: with its defaults, how often it fired, and only the effects that it has."""
    shown = opened.control("POST", FAULTS, TARGET | {name: value})
    assert shown.status == 200
    assert shown.json == {"id": "fault-1", "times": 1, "after": 0, "fired": 0, "operation": "get_appointment"} | {
        name: value
    }
    assert opened.control("GET", FAULTS).json == [shown.json]


def goes_together(names: tuple[str, ...]) -> bool:
    """Whether effects go together, said anew."""
    if "drop" in names and {"status", "truncate", "malformed", "trickle_ms"} & set(names):
        return False
    if "retry_after" in names and "status" not in names:
        return False
    return not {"truncate", "malformed"} <= set(names) and len(names) > 0


COMBINATIONS = [names for n in range(len(EFFECTS) + 1) for names in itertools.combinations(EFFECTS, n)]


@pytest.mark.rule("fault.effect")
def test_effects_go_together_or_are_refused(opened: Client) -> None:
    """Of all combinations, those are refused that contradict themselves: an answer that is dropped and spoilt, a body
    that is cut and no JSON, a Retry-After without a status, nothing at all. The header judges the same."""
    for names in COMBINATIONS:
        effect = {name: EFFECTS[name] for name in names}
        reply = opened.control("POST", FAULTS, TARGET | effect)
        header = "; ".join(name if value is True else f"{name}={value}" for name, value in effect.items())
        if goes_together(names):
            assert reply.status == 200, names
            assert read_header(header) == Effects(**effect)
        else:
            refused(reply, "fault.effect", 400)
            with pytest.raises(Refusal):
                read_header(header)
    assert len(ids(opened)) == sum(map(goes_together, COMBINATIONS))


@pytest.mark.rule("fault.effect")
@pytest.mark.parametrize("effect", [{"truncate": False}, {"malformed": False, "truncate": False}])
def test_what_is_false_is_no_effect(opened: Client, effect: dict[str, Any]) -> None:
    """False is as if it had not been sent: alone it is nothing, beside another effect it does no harm."""
    assert "latency_ms" in refused(opened.control("POST", FAULTS, TARGET | effect), "fault.effect", 400)
    shown = opened.control("POST", FAULTS, TARGET | effect | {"drop": "before"}).json
    assert shown["drop"] == "before"
    assert not shown.keys() & effect.keys()


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    "field",
    [
        {"status": 399},
        {"status": 600},
        {"latency_ms": 0},
        {"latency_ms": 600_001},
        {"latency_ms": 1.5},
        {"trickle_ms": 0},
        {"trickle_ms": 60_001},
        {"status": 503, "retry_after": -1},
        {"drop": "sometimes"},
        {"drop": None},
        {"truncate": 1},
        {"times": 0},
        {"times": "all"},
        {"after": -1},
        {"after": None},
        {"probability": 0.5},
        {"method": "PUT"},
        {"operation": 1},
    ],
)
def test_what_no_fault_can_be_is_refused(opened: Client, field: dict[str, Any]) -> None:
    """Values out of range and fields that there are not (chance among them) are refused; nothing is injected."""
    rule = null_rule(next(iter(field.values())), "body.schema")
    refused(opened.control("POST", FAULTS, TARGET | {"drop": "after"} | field), rule, 400)
    assert ids(opened) == []


@pytest.mark.parametrize(
    "field",
    [
        {"status": 400},
        {"status": 599},
        {"latency_ms": 600_000},
        {"trickle_ms": 60_000},
        {"status": 503, "retry_after": 0},
        {"status": 429, "retry_after": 86_400},
        {"drop": "before", "times": None},
        {"drop": "before", "after": 0},
        {"drop": "before", "after": 7, "times": 3},
    ],
)
def test_the_widest_values_are_taken(opened: Client, field: dict[str, Any]) -> None:
    """The bounds themselves are taken."""
    shown = opened.control("POST", FAULTS, TARGET | field)
    assert shown.status == 200
    assert field.items() <= shown.json.items()


def test_a_path_has_a_longest(opened: Client) -> None:
    """A path of 1,000 characters is taken, a longer one is not."""
    fault = {"path": f"/api/v1/appointments/{'a' * 979}", "status": 500}
    assert opened.control("POST", FAULTS, fault).json["path"] == fault["path"]
    message = refused(opened.control("POST", FAULTS, fault | {"path": f"{fault['path']}a"}), "body.schema", 400)
    assert message == "Validation failed: path must have at most 1000 characters"


# What it is for


@pytest.mark.rule("fault.target")
@pytest.mark.parametrize(
    ("target", "told"),
    [
        ({"operation": "confirm_blood_drawn"}, "did you mean confirm_blood_draw?"),
        ({"operation": "zzz"}, "There is no such operation"),
        ({"operation": "create_fault"}, "There is no such operation"),
        ({"operation": "get_appointment", "method": "GET"}, "Give operation, or method and path"),
        ({"operation": "get_appointment", "path": "/api/v1/units"}, "Give operation, or method and path"),
        ({"path": "/api/v1/nope"}, "No operation has such a path"),
        ({"path": "/appointments"}, "No operation has such a path"),
        ({"path": "/api/v1/appointments/"}, "No operation has such a path"),
        ({"path": "/api/v1/appointments/{appointment_id}"}, "No operation has such a path"),
        ({"path": "/api/v1/appointments/abc?x=1"}, "No operation has such a path"),
        ({"path": "/api/v1/appointments/abc#x"}, "No operation has such a path"),
        ({"path": "/_sandbox/health"}, "No operation has such a path"),
        ({"path": ""}, "No operation has such a path"),
        ({"method": "PATCH", "path": "/api/v1/units"}, "No operation has such a path with this method"),
    ],
)
def test_a_fault_that_could_never_fire_is_refused(opened: Client, target: dict[str, str], told: str) -> None:
    """A fault is for something that the partner API has; a name that is nearly one is helped."""
    assert told in refused(opened.control("POST", FAULTS, target | {"drop": "after"}), "fault.target", 400)
    assert ids(opened) == []


@pytest.mark.parametrize("operation", list(PARTNER.endpoints))
def test_every_operation_can_have_a_fault(opened: Client, operation: str) -> None:
    """Each operation can be named, and so can its path, with its method or alone."""
    endpoint = PARTNER.endpoints[operation]
    described = endpoint.operation
    assert described is not None
    for target in (
        {"operation": operation},
        {"path": endpoint.path},
        {"method": described.method, "path": endpoint.path},
        {"path": endpoint.path.replace("{id}", "any-id")},
    ):
        shown = opened.control("POST", FAULTS, target | {"drop": "after"})
        assert shown.status == 200
        assert target.items() <= shown.json.items()


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_a_method_alone_is_a_target(opened: Client, method: str) -> None:
    """A fault can be for every call with a method."""
    shown = opened.control("POST", FAULTS, {"method": method, "latency_ms": 1})
    assert shown.json["method"] == method
    assert "path" not in shown.json


@pytest.mark.rule("fault.target")
def test_without_a_target_a_fault_applies_to_all_calls(opened: Client) -> None:
    """It fires on whichever call comes next, once; with a method, only on calls with it."""
    shown = opened.control("POST", FAULTS, {"status": 503})
    assert shown.status == 200
    assert shown.json.keys().isdisjoint({"operation", "method", "path"})
    opened.control("POST", FAULTS, {"method": "POST", "status": 504})
    assert [opened.get(CALL).status, opened.get("/units").status] == [503, 200]
    assert [fault["fired"] for fault in opened.control("GET", FAULTS).json] == [1, 0]


# Listing and taking out


@pytest.mark.rule("fault.unknown")
def test_one_fault_is_taken_out_or_all(opened: Client) -> None:
    """By id one goes, without an id all go. What is not there is refused, with what is; ids are never used again."""
    for _ in range(3):
        opened.control("POST", FAULTS, TARGET | {"drop": "after"})
    assert ids(opened) == ["fault-1", "fault-2", "fault-3"]
    assert opened.control("DELETE", f"{FAULTS}?id=fault-2").json == {"success": True}
    assert ids(opened) == ["fault-1", "fault-3"]
    told = refused(opened.control("DELETE", f"{FAULTS}?id=fault-2"), "fault.unknown", 404)
    assert "fault-1, fault-3" in told
    assert ids(opened) == ["fault-1", "fault-3"]
    assert opened.control("DELETE", FAULTS).status == 200
    assert ids(opened) == []
    assert opened.control("DELETE", FAULTS).status == 200  # none is all that there are
    assert "none" in refused(opened.control("DELETE", f"{FAULTS}?id=fault-1"), "fault.unknown", 404)
    assert opened.control("POST", FAULTS, TARGET | {"drop": "after"}).json["id"] == "fault-4"


def test_a_spent_fault_stays_listed(opened: Client) -> None:
    """How often a fault fired is shown, also when it is spent."""
    opened.control("POST", FAULTS, TARGET | {"status": 503})
    assert opened.get(CALL).status == 503
    assert opened.get(CALL).status == 200
    (shown,) = opened.control("GET", FAULTS).json
    assert shown["fired"] == 1


def test_faults_are_of_one_world(opened: Client) -> None:
    """A fault of one world is not met in another."""
    opened.control("POST", FAULTS, TARGET | {"status": 503})
    assert opened.get(CALL, key="sbx_other").status == 200
    assert opened.get(CALL).status == 503


@pytest.mark.rule("world.unknown")
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_faults_are_of_a_world_that_there_is(opened: Client, method: str) -> None:
    """A world that does not exist has no faults and gets none."""
    body = TARGET | {"drop": "after"} if method == "POST" else None
    refused(opened.control(method, "/worlds/nobody/faults", body), "world.unknown", 404)


# Snapshots and resets


def test_a_snapshot_keeps_faults_and_how_far_they_are(opened: Client) -> None:
    """Restored, here or in another world, a fault goes on where it was: so many calls spared, so many met."""
    opened.control("POST", FAULTS, TARGET | {"status": 503, "after": 1, "times": 2})
    assert [opened.get(CALL).status for _ in range(2)] == [200, 503]
    taken = opened.control("GET", "/worlds/test/snapshot").json
    assert [opened.get(CALL).status for _ in range(2)] == [503, 200]
    opened.control("DELETE", FAULTS)
    opened.control("PUT", "/worlds/other")
    for world in ("test", "other"):
        assert opened.control("PUT", f"/worlds/{world}/snapshot", taken).status == 200
        assert opened.control("GET", f"/worlds/{world}/snapshot").json == taken
        assert [opened.get(CALL, key=f"sbx_{world}").status for _ in range(2)] == [503, 200]
    added = opened.control("POST", FAULTS, TARGET | {"drop": "after"}).json
    assert added["id"] == "fault-2"


@pytest.mark.parametrize(
    "change",
    [
        {"operation": "get_appointmnt"},
        {"operation": None, "method": "PUT"},
        {"operation": None, "path": "/api/v1/nope"},
        {"times": 0},
        {"after": -1},
        {"effect": {}},
        {"effect": {"drop": "after", "truncate": True}},
        {"effect": {"status": 200}},
        {"effect": {"latency_ms": 600_001}},
        {"effect": {"retry_after": 1}},
    ],
)
def test_a_snapshot_with_an_impossible_fault_is_refused(opened: Client, change: dict[str, Any]) -> None:
    """What could not be injected cannot be restored either; the refusal says where it stands, and nothing changes."""
    opened.control("POST", FAULTS, TARGET | {"drop": "after"})
    taken = opened.control("GET", "/worlds/test/snapshot").json
    assert opened.control("PUT", "/worlds/test/snapshot", taken).status == 200
    spoilt = taken | {"faults": [taken["faults"][0] | change]}
    reply = opened.control("PUT", "/worlds/test/snapshot", spoilt)
    assert reply.status == 400
    assert "faults" in reply.json["error"]
    assert opened.control("GET", "/worlds/test/snapshot").json == taken


def test_a_reset_removes_faults(opened: Client) -> None:
    """After a reset there are none, and ids begin again."""
    opened.control("POST", FAULTS, TARGET | {"status": 503, "times": None})
    opened.control("POST", "/worlds/test/reset")
    assert ids(opened) == []
    assert opened.get(CALL).status == 200
    assert opened.control("POST", FAULTS, TARGET | {"drop": "after"}).json["id"] == "fault-1"


# The header


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("drop=after", Effects(drop="after")),
        ("status=503; retry_after=2", Effects(status=503, retry_after=2)),
        (" malformed ;trickle_ms = 4 ", Effects(malformed=True, trickle_ms=4)),
        ("truncate=true", Effects(truncate=True)),
        ("truncate=false; status=500", Effects(status=500)),
    ],
)
def test_a_header_says_an_effect(text: str, effect: Effects) -> None:
    """Effects are written name=value, those that are on or off by their name alone, with semicolons between."""
    assert read_header(text) == effect


@pytest.mark.rule("fault.effect")
@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "latency_ms=1; latency_ms=2",
        "drop",
        "drop=",
        "drop=never",
        "drop=null",
        "drop=before;",
        "Drop=after",
        "status",
        "status=",
        "status=200",
        "status=399",
        "status=600",
        "status=abc",
        "status=5e2x",
        "status=" + "9" * 5000,
        "status=null",
        "status=NaN",
        "latency_ms=-1",
        "latency_ms=0",
        "latency_ms=1.5",
        "latency_ms=600001",
        "trickle_ms=60001",
        "retry_after=1",
        "retry_after=0; latency_ms=1",
        "truncate=",
        "truncate=perhaps",
        "truncate=false",
        "truncate; malformed",
        "times=2; drop=after",
        "operation=get_profile; drop=after",
        "Status=503; drop=after",
        "schlecht=ä\x00\udcff",
        "=",
        "status==503",
    ],
)
def test_a_header_that_says_none_is_refused(text: str) -> None:
    """Anything else is refused through the rule, by the name of the header and without repeating what was sent."""
    with pytest.raises(Refusal) as refusal:
        read_header(text)
    assert [rule.id for rule in refusal.value.rules] == ["fault.effect"]
    assert "perhaps" not in refusal.value.message


@pytest.mark.rule("fault.effect")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("status=200", "status must be a whole number from 400 to 599; write effects as drop=after, "),
        ("drop=never", "drop must be before or after; "),
        ("truncate=", "truncate must be true or false; "),
        ("drop=after; drop=after", "drop is given twice"),
        ("delay=1", "effects are latency_ms, status, retry_after, drop, truncate, malformed, trickle_ms"),
    ],
)
def test_a_refused_header_says_what_would_be_right(text: str, told: str) -> None:
    """The message names the field, and the values that it takes."""
    with pytest.raises(Refusal) as refusal:
        read_header(text)
    assert refusal.value.message.startswith(f"X-Sandbox-Fault: {told}")
