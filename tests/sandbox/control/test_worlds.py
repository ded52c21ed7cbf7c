"""The control plane's insight and worlds: made, replaced, reset, dropped, and their settings."""

from datetime import UTC, datetime
from typing import Any

import pytest

from aniva_sandbox import VERSION
from aniva_sandbox.api.control import CONTROL as PLANE
from aniva_sandbox.engine.world import clock as clock_module
from tests.sandbox.control.bodies import START
from tests.support import BERLIN, DOCUMENT, PROFILE, Client, new_worlds, refused, snapshot_of

NEW = {"first_name": "Zoë", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}
SETTINGS = {
    "taken_slots": "allow",
    "outside_slots": "allow",
    "courier_automation": True,
    "hourly_sync": True,
    "lab_automation": True,
    "lab_quick_hours": 24,
    "lab_slow_hours": 96,
    "lab_genetic_hours": 336,
}
QUIETLY = SETTINGS | {"courier_automation": False, "lab_automation": False}
BOOKING = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-05-04T09:00:00+02:00"}


# Insight


def test_health(client: Client) -> None:
    """The server tells that it is alive, its version, and whether it collects coverage."""
    reply = client.control("GET", "/health")
    assert (reply.status, reply.json) == (200, {"status": "ok", "version": VERSION, "coverage": False, "store": None})


def test_rules(client: Client) -> None:
    """The ledger is listed whole, in its order, every rule with what it is based on."""
    listed = client.control("GET", "/rules").json
    assert [rule["id"] for rule in listed] == [rule.id for rule in PLANE.ledger]
    (window,) = [rule for rule in listed if rule["id"] == "confirm.barcode"]
    assert window == {
        "id": "confirm.barcode",
        "sentence": PLANE.ledger["confirm.barcode"].sentence,
        "basis": "documented",
        "source": PLANE.ledger["confirm.barcode"].source,
        "statuses": [400],
        "kind": "format",
        "operations": ["confirm_blood_draw"],
    }


# Worlds


def test_list_of_worlds(client: Client) -> None:
    """Worlds that were put there or whose key was used are listed, with how to open them."""
    assert client.control("GET", "/worlds").json == []
    client.get("/units")
    client.control("PUT", "/worlds/other")
    listed = client.control("GET", "/worlds").json
    assert [world["name"] for world in listed] == ["test", "other"]
    assert listed[0] == {
        "name": "test",
        "key": "sbx_test",
        "personas": ["full", "reader", "scheduler", "courier", "outsider"],
        "fixture": "default",
        "seed": 0,
        "clock": {"mode": "frozen", "now": START},
        "size": 46,
        "recorded": 1,
        "changed": 1,
        "happened": 0,
        "due": "2026-04-13T08:05:00Z",
        "waiting": {
            "courier.booked": 1,
            "courier.picked_up": 2,
            "courier.scanned": 3,
            "courier.delivered": 3,
            "lab.results_arrived": 2,
        },
        "idle_seconds": 0,
        "settings": SETTINGS,
    }
    assert client.get("/units", key=listed[1]["key"]).status == 200


@pytest.mark.parametrize("body", [None, {}])
def test_put_world_without_options(client: Client, body: dict[str, Any] | None) -> None:
    """A world is made with no body and with an empty one, as the server was started."""
    reply = client.control("PUT", "/worlds/test", body)
    assert (reply.status, reply.json["fixture"], reply.json["clock"]["now"]) == (200, "default", START)


def test_put_world_with_options(client: Client) -> None:
    """A world begins from the fixture, seed, clock and settings that were asked for."""
    options = {
        "fixture": "default",
        "seed": 7,
        "clock": "2027-02-01T10:00:00+01:00",
        "settings": {"taken_slots": "refuse"},
    }
    made = client.control("PUT", "/worlds/test", options).json
    assert (made["seed"], made["clock"], made["settings"]) == (
        7,
        {"mode": "frozen", "now": "2027-02-01T09:00:00Z"},
        SETTINGS | {"taken_slots": "refuse"},
    )
    assert client.control("GET", "/worlds/test/clock").json == made["clock"]


@pytest.mark.parametrize(("clock", "mode"), [("real", "real"), ("frozen", "frozen")])
def test_put_world_with_a_mode(monkeypatch: pytest.MonkeyPatch, client: Client, clock: str, mode: str) -> None:
    """A real clock begins at the machine's time, a frozen one where the fixture says."""
    monkeypatch.setattr(clock_module, "time", datetime(2030, 1, 1, tzinfo=UTC).timestamp)
    now = "2030-01-01T00:00:00Z" if mode == "real" else START
    assert client.control("PUT", "/worlds/test", {"clock": clock}).json["clock"] == {"mode": mode, "now": now}


def test_put_world_replaces(opened: Client) -> None:
    """A world that is put in the place of another knows nothing of it; its keys open the new one."""
    made = opened.post("/profiles", NEW).json["id"]
    assert opened.get(f"/profiles/{made}", key="sbx_test.reader").status == 200
    opened.control("PUT", "/worlds/test", {"seed": 1})
    for key in ("sbx_test", "sbx_test.reader"):
        assert opened.get(f"/profiles/{made}", key=key).rules == ["path.unknown"]
    assert opened.post("/profiles", NEW).json["id"] != made
    assert len(opened.control("GET", "/worlds").json) == 1


@pytest.mark.rule("world.options")
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"fixture": "nothing"}, "default"),
        ({"fixture": "../worlds/default"}, "default"),
        ({"clock": "soon"}, "real, frozen"),
        ({"clock": ""}, "real, frozen"),
        ({"clock": "2026-04-13"}, "real, frozen"),
        ({"clock": "2026-04-13T08:00:00"}, "real, frozen"),
        ({"clock": "9000-01-01T00:00:01Z"}, "9000"),
        ({"clock": "1899-12-31T23:59:59Z"}, "1900"),
        ({"clock": "0001-01-03T00:00:00Z"}, "1900"),
    ],
)
def test_refused_options_of_a_world(opened: Client, options: dict[str, Any], says: str) -> None:
    """A world with an unknown fixture or clock is refused, with what there is; the one that was there stays."""
    made = opened.post("/profiles", NEW).json["id"]
    message = refused(opened.control("PUT", "/worlds/test", options), "world.options", 400)
    assert says in message
    assert opened.get(f"/profiles/{made}").status == 200


@pytest.mark.rule("world.options")
@pytest.mark.parametrize("instant", ["1900-01-01T00:00:00Z", "9000-01-01T00:00:00Z"])
def test_first_and_last_clock_that_a_world_can_have(client: Client, instant: str) -> None:
    """A world may begin at either end of time, and all its records exist there."""
    made = client.control("PUT", "/worlds/test", {"clock": instant}).json
    assert made["clock"]["now"] == instant
    assert client.get("/appointments").status == 200
    assert client.get(f"/locations/{BERLIN}/availability").status == 200


@pytest.mark.rule("body.schema/null")
@pytest.mark.parametrize(
    ("options", "path"), [({"clock": None}, "clock"), ({"settings": {"hourly_sync": None}}, "settings.hourly_sync")]
)
def test_options_that_are_null(opened: Client, options: dict[str, Any], path: str) -> None:
    """Null is refused: an option is left out instead."""
    reply = opened.control("PUT", "/worlds/test", options)
    refused(reply, "body.schema/null", 400)
    assert list(reply.details) == [path]


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": "1"}, "seed"),
        ({"seed": 2**53 + 1}, "seed"),
        ({"settings": {"taken_slots": "maybe"}}, "settings.taken_slots"),
        ({"settings": []}, "settings"),
        ({"settings": {"courier_automation": "no"}}, "settings.courier_automation"),
    ],
)
def test_options_of_the_wrong_type(opened: Client, options: dict[str, Any], path: str) -> None:
    """Options of the wrong type or range are refused and named; the world stays."""
    before = snapshot_of(opened.world)
    reply = opened.control("PUT", "/worlds/test", options)
    refused(reply, "body.schema", 400)
    assert list(reply.details) == [path]
    assert snapshot_of(opened.world) == before


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("method", "path", "body", "unknown"),
    [
        ("PUT", "/worlds/test", {"sed": 5}, "sed"),
        ("PUT", "/worlds/test", {"settings": {"taken_slot": "refuse"}}, "settings.taken_slot"),
        ("PATCH", "/worlds/test/settings", {"taken_slot": "refuse"}, "taken_slot"),
        ("PUT", "/worlds/test/clock", {"mode": "frozen", "to": "2026-05-01T00:00:00Z"}, "to"),
        ("POST", "/worlds/test/clock/advance", {"seconds": 60, "minutes": 1}, "minutes"),
        ("POST", "/worlds/test/events", {"type": "location.closed", "location_id": BERLIN, "at": START}, "at"),
    ],
)
def test_unknown_fields_are_refused(opened: Client, method: str, path: str, body: dict[str, Any], unknown: str) -> None:
    """A body with a field that the control plane does not know is refused and names it; without it, it is taken."""
    before = snapshot_of(opened.world)
    reply = opened.control(method, path, body)
    refused(reply, "body.schema", 400)
    assert reply.details == {unknown: "is not known"}
    assert snapshot_of(opened.world) == before
    outer = unknown.partition(".")[0]
    assert opened.control(method, path, {name: body[name] for name in body if name != outer}).status == 200


@pytest.mark.rule("world.name")
@pytest.mark.parametrize("name", ["UPPER", "a_b", "a.b", "x" * 65, "a%20b", "%C3%A4", "a%0A"])
def test_refused_names(client: Client, name: str) -> None:
    """A name that no key could have is refused, and makes nothing."""
    refused(client.control("PUT", f"/worlds/{name}"), "world.name", 400)
    assert client.control("GET", "/worlds").json == []


@pytest.mark.rule("world.name")
@pytest.mark.parametrize("name", ["a", "0", "-", "x" * 64])
def test_taken_names(client: Client, name: str) -> None:
    """The shortest and the longest name are taken."""
    assert client.control("PUT", f"/worlds/{name}").json["name"] == name


def test_delete_world(opened: Client) -> None:
    """A dropped world is gone with everything in it; the next use of its key makes a new one."""
    made = opened.post("/profiles", NEW).json["id"]
    assert opened.get("/units", key="sbx_test.reader").status == 200
    assert opened.control("DELETE", "/worlds/test").json == {"success": True}
    assert opened.control("GET", "/worlds").json == []
    refused(opened.control("DELETE", "/worlds/test"), "world.unknown", 404)
    assert opened.get(f"/profiles/{made}", key="sbx_test.reader").rules == ["path.unknown"]
    assert [world["name"] for world in opened.control("GET", "/worlds").json] == ["test"]


@pytest.mark.rule("auth.key")
def test_keys_of_dropped_worlds_under_strict_worlds() -> None:
    """Where worlds must be put there, the key of a dropped one is unknown, also if it was in use."""
    client = Client(new_worlds(strict=True))
    assert client.get("/units").rules == ["auth.key"]
    client.control("PUT", "/worlds/test")
    assert client.get("/units").status == client.get("/units", key="sbx_test.reader").status == 200
    client.control("DELETE", "/worlds/test")
    assert client.get("/units").rules == client.get("/units", key="sbx_test.reader").rules == ["auth.key"]


def test_reset_world(opened: Client) -> None:
    """A reset world is as it was put there, its options included, and tells how it is."""
    put = opened.control("PUT", "/worlds/test", {"seed": 4, "settings": {"taken_slots": "refuse"}}).json
    before = snapshot_of(opened.world)
    made = opened.post("/profiles", NEW).json
    opened.control("PATCH", "/worlds/test/settings", {"taken_slots": "allow"})
    opened.control("POST", "/worlds/test/clock/advance", {"seconds": 60})
    opened.control("POST", "/worlds/test/events", {"type": "location.closed", "location_id": BERLIN})
    passing = {"recorded": 1, "changed": opened.worlds.changes + 1, "idle_seconds": 0}
    assert opened.control("POST", "/worlds/test/reset").json == put | passing
    assert snapshot_of(opened.world) == before
    assert opened.post("/profiles", NEW).json == made


@pytest.mark.rule("appointment.overlap")
def test_settings(opened: Client) -> None:
    """Whether taken slots can be booked over can be read and changed; an empty change changes nothing."""
    refusing = QUIETLY | {"taken_slots": "refuse"}
    assert opened.control("GET", "/worlds/test/settings").json == QUIETLY
    assert [opened.post("/appointments", BOOKING).status for _ in range(2)] == [201, 201]
    assert opened.control("PATCH", "/worlds/test/settings", {"taken_slots": "refuse"}).json == refusing
    assert opened.control("PATCH", "/worlds/test/settings", {}).json == refusing
    refused(opened.post("/appointments", BOOKING), "appointment.overlap", 409)
    refused(opened.control("PATCH", "/worlds/test/settings", {"taken_slots": "x"}), "body.schema", 400)
    assert opened.control("GET", "/worlds/test/settings").json == refusing


QUERIES = {
    "get_record": f"?section=locations&id={BERLIN}",
    "get_record_file": f"?section=documents&id={DOCUMENT}",
}
"""What operations cannot do without."""


@pytest.mark.rule("world.unknown")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        (op.method, op.path.replace("{world}", "missing") + QUERIES.get(op.id, ""), op.example)
        for op in PLANE.operations
        if "{world}" in op.path and op.id != "put_world"
    ],
)
def test_world_must_exist(client: Client, method: str, path: str, body: Any) -> None:
    """Every operation on a world that is not there is refused, and makes none; on one that is there it is taken."""
    refused(client.control(method, path, body), "world.unknown", 404)
    assert client.control("GET", "/worlds").json == []
    client.control("PUT", "/worlds/missing")
    client.get("/units", key="sbx_missing")
    assert client.control(method, path, body).status == 200


@pytest.mark.rule("body.json", "http.not-found", "http.method")
def test_control_plane_refuses_like_the_partner_api(client: Client) -> None:
    """Unknown paths, wrong methods and bodies that are missing are refused with the error body."""
    refused(client.control("GET", "/nothing"), "http.not-found", 404)
    wrong = client.control("POST", "/worlds/test/clock")
    refused(wrong, "http.method", 405)
    assert sorted(wrong.headers["allow"].split(", ")) == ["GET", "HEAD", "PUT"]
    client.get("/units")
    refused(client.control("POST", "/worlds/test/clock/advance"), "body.json", 400)
