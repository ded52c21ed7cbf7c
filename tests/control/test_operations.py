"""The control plane: every operation, taken and refused."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aniva_sandbox import VERSION
from aniva_sandbox.control.plane import LEDGER, OPERATIONS
from aniva_sandbox.control.worlds import parse_clock
from aniva_sandbox.world import clock as clock_module
from tests.support import (
    APPOINTMENT,
    BERLIN,
    DELIVERED_SHIPMENT,
    DRAWN_APPOINTMENT,
    LOCKED_SHIPMENT,
    PENDING_APPOINTMENT,
    PROFILE,
    SHIPMENT,
    UNKNOWN,
    UNKNOWN_SHIPMENT,
    Client,
    Reply,
    new_worlds,
    quiet_client,
)

NEW = {"first_name": "Zoë", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}
START = "2026-04-13T08:00:00Z"
SETTINGS = {
    "taken_slots": "allow",
    "courier_automation": True,
    "hourly_sync": True,
    "lab_automation": True,
    "lab_quick_hours": 24,
    "lab_slow_hours": 96,
    "lab_genetic_hours": 336,
}
QUIETLY = SETTINGS | {"courier_automation": False, "lab_automation": False}
BOOKING = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-05-04T09:00:00+02:00"}


@pytest.fixture
def opened() -> Client:
    """A client whose world is there already; nothing happens in it by itself."""
    client = quiet_client()
    client.get("/units")
    return client


def refused(reply: Reply, rule: str, status: int) -> str:
    """The message of a refusal, which must come from this rule with this status."""
    assert (reply.status, reply.rules) == (status, [rule]), reply.json
    assert reply.json["error"]
    return str(reply.json["error"])


def events(client: Client) -> list[dict[str, Any]]:
    """The history of the test's world."""
    return list(client.control("GET", "/worlds/test/events").json)


# Insight


def test_health(client: Client) -> None:
    """The server tells that it is alive, and its version."""
    reply = client.control("GET", "/health")
    assert (reply.status, reply.json) == (200, {"status": "ok", "version": VERSION})


def test_rules(client: Client) -> None:
    """The ledger is listed whole, in its order, every rule with what it is based on."""
    listed = client.control("GET", "/rules").json
    assert [rule["id"] for rule in listed] == [rule.id for rule in LEDGER]
    (window,) = [rule for rule in listed if rule["id"] == "confirm.barcode"]
    assert window == {
        "id": "confirm.barcode",
        "sentence": LEDGER["confirm.barcode"].sentence,
        "basis": "documented",
        "source": LEDGER["confirm.barcode"].source,
        "statuses": [400],
        "kind": "format",
        "assumption": "The length.",
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


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": "1"}, "seed"),
        ({"seed": 2**53 + 1}, "seed"),
        ({"clock": None}, "clock"),
        ({"settings": {"taken_slots": "maybe"}}, "settings.taken_slots"),
        ({"settings": []}, "settings"),
        ({"settings": {"courier_automation": "no"}}, "settings.courier_automation"),
        ({"settings": {"hourly_sync": None}}, "settings.hourly_sync"),
    ],
)
def test_options_of_the_wrong_type(opened: Client, options: dict[str, Any], path: str) -> None:
    """Options of the wrong type or range are refused and named; the world stays."""
    before = opened.world.snapshot()
    reply = opened.control("PUT", "/worlds/test", options)
    refused(reply, "body.schema", 400)
    assert list(reply.details) == [path]
    assert opened.world.snapshot() == before


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
    before = opened.world.snapshot()
    reply = opened.control(method, path, body)
    refused(reply, "body.schema", 400)
    assert reply.details == {unknown: "is not known"}
    assert opened.world.snapshot() == before
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
    before = opened.world.snapshot()
    made = opened.post("/profiles", NEW).json
    opened.control("PATCH", "/worlds/test/settings", {"taken_slots": "allow"})
    opened.control("POST", "/worlds/test/clock/advance", {"seconds": 60})
    opened.control("POST", "/worlds/test/events", {"type": "location.closed", "location_id": BERLIN})
    assert opened.control("POST", "/worlds/test/reset").json == put
    assert opened.world.snapshot() == before
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


@pytest.mark.rule("world.unknown")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        (op.method, op.path.replace("{world}", "missing"), op.example)
        for op in OPERATIONS
        if "{world}" in op.path and op.id != "put_world"
    ],
)
def test_world_must_exist(client: Client, method: str, path: str, body: Any) -> None:
    """Every operation on a world that is not there is refused, and makes none; on one that is there it is taken."""
    refused(client.control(method, path, body), "world.unknown", 404)
    assert client.control("GET", "/worlds").json == []
    client.control("PUT", "/worlds/missing")
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


# Time


@pytest.mark.parametrize(
    ("body", "now"),
    [
        ({"seconds": 0}, START),
        ({"seconds": 90}, "2026-04-13T08:01:30Z"),
        ({"seconds": 90.0}, "2026-04-13T08:01:30Z"),
        ({"to": START}, START),
        ({"to": "2026-04-14t00:00:00.999+02:00"}, "2026-04-13T22:00:00Z"),
        ({"to": "9000-01-01T00:00:00Z"}, "9000-01-01T00:00:00Z"),
    ],
)
def test_advance(opened: Client, body: dict[str, Any], now: str) -> None:
    """A clock is moved by whole seconds or to an instant, and the next answer is from then."""
    reply = opened.control("POST", "/worlds/test/clock/advance", body)
    assert (reply.status, reply.json) == (200, {"clock": {"mode": "frozen", "now": now}, "events": []})
    assert opened.get("/units").headers["x-sandbox-time"] == now


@pytest.mark.rule("clock.forward")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"seconds": -1},
        {"seconds": 60, "to": "2026-04-14T00:00:00Z"},
        {"to": "2026-04-13T07:59:59Z"},
        {"to": "9000-01-01T00:00:01Z"},
        {"seconds": 10**12},
        {"seconds": 10**40},
    ],
)
def test_refused_advance(opened: Client, body: dict[str, Any]) -> None:
    """Neither or both of seconds and instant, the past, and what lies beyond the end of time are refused; the clock
    stays."""
    refused(opened.control("POST", "/worlds/test/clock/advance", body), "clock.forward", 400)
    assert opened.control("GET", "/worlds/test/clock").json["now"] == START


@pytest.mark.rule("time.input", "clock.forward")
@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"to": "tomorrow"}, "time.input"),
        ({"to": "2026-04-14T00:00:60Z"}, "time.input"),
        ({"to": "2026-04-14T00:00:00"}, "time.input"),
        ({"to": None}, "time.input"),
        ({"seconds": "60"}, "clock.forward"),
        ({"seconds": 0.5}, "clock.forward"),
    ],
)
def test_advance_of_the_wrong_type(opened: Client, body: dict[str, Any], rule: str) -> None:
    """What is no instant and no whole number is refused, and named."""
    reply = opened.control("POST", "/worlds/test/clock/advance", body)
    refused(reply, rule, 400)
    assert list(reply.details) == list(body)


@pytest.mark.rule("clock.forward")
@pytest.mark.parametrize("seconds", [1e15, 1e300])
def test_advance_by_a_float_beyond_all_time(opened: Client, seconds: float) -> None:
    """A number of seconds that is whole but was written as a float is refused like any other that is too large."""
    refused(opened.control("POST", "/worlds/test/clock/advance", {"seconds": seconds}), "clock.forward", 400)


@pytest.mark.rule("clock.forward")
def test_put_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock is frozen where it is, let run on from there, or set to a later instant; an earlier one is refused."""
    machine = [datetime(2030, 1, 1, tzinfo=UTC).timestamp()]
    monkeypatch.setattr(clock_module, "time", lambda: machine[0])
    client = Client()
    client.get("/units")

    def put(**body: str) -> Any:
        return client.control("PUT", "/worlds/test/clock", body).json["clock"]

    assert put(mode="real") == {"mode": "real", "now": START}
    machine[0] += 60
    assert put(mode="frozen") == {"mode": "frozen", "now": "2026-04-13T08:01:00Z"}
    machine[0] += 60
    assert put(mode="frozen", now="2026-04-14T00:00:00Z") == {"mode": "frozen", "now": "2026-04-14T00:00:00Z"}
    assert put(mode="real", now="2026-04-15T00:00:00Z") == {"mode": "real", "now": "2026-04-15T00:00:00Z"}
    machine[0] += 5
    assert client.control("GET", "/worlds/test/clock").json == {"mode": "real", "now": "2026-04-15T00:00:05Z"}
    for past in ("2026-04-15T00:00:04Z", "9000-01-01T00:00:01Z"):
        body = {"mode": "frozen", "now": past}
        refused(client.control("PUT", "/worlds/test/clock", body), "clock.forward", 400)
    assert client.control("GET", "/worlds/test/clock").json["mode"] == "real"
    refused(client.control("PUT", "/worlds/test/clock", {"mode": "slow"}), "body.schema", 400)


# Events


@pytest.mark.rule("appointment.home-kit", "location.active")
@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ({"type": "practice.confirmed", "appointment_id": PENDING_APPOINTMENT}, f"/appointments/{PENDING_APPOINTMENT}"),
        ({"type": "operations.cancelled", "appointment_id": DRAWN_APPOINTMENT}, f"/appointments/{DRAWN_APPOINTMENT}"),
        ({"type": "kit.ordered", "profile_id": PROFILE}, "/appointments"),
        ({"type": "kit.ordered", "profile_id": PROFILE, "scheduled_at": "2026-05-01T08:00:00Z"}, "/appointments"),
        ({"type": "location.closed", "location_id": BERLIN}, "/locations"),
        ({"type": "location.opened", "location_id": "8d0dd7ed-aab1-4f34-baba-0808cd399e81"}, "/locations"),
        (
            {"type": "location.date_blocked", "location_id": BERLIN, "date": "2026-04-20"},
            f"/locations/{BERLIN}/availability",
        ),
        ({"type": "courier.booked", "shipment_id": LOCKED_SHIPMENT}, f"/shipments/{LOCKED_SHIPMENT}"),
        ({"type": "courier.picked_up", "shipment_id": LOCKED_SHIPMENT}, f"/shipments/{LOCKED_SHIPMENT}"),
        ({"type": "courier.picked_up", "shipment_id": SHIPMENT}, f"/shipments/{SHIPMENT}"),
        ({"type": "courier.lost", "shipment_id": SHIPMENT, "status": "Gone"}, f"/shipments/{SHIPMENT}"),
    ],
)
def test_events_happen_now(opened: Client, body: dict[str, Any], changed: str) -> None:
    """Every kind of event happens at once, is answered as it happened, changes what partners see, and is in the
    history."""
    before = opened.get(changed).json
    reply = opened.control("POST", "/worlds/test/events", body)
    assert reply.status == 200
    made = {name: value for name, value in reply.json.items() if name not in body}
    assert made.pop("time") == START
    assert {name: reply.json[name] for name in body} == body
    came_out = {"kit.ordered": {"appointment_id"}}
    if body.get("shipment_id"):  # the words of the update, and the number, where it has none yet
        came_out |= {type: {"status", "tracking_number"} for type in ("courier.booked", "courier.picked_up")}
        if body["shipment_id"] == SHIPMENT:
            came_out["courier.picked_up"] = {"status"}
    assert set(made) == came_out.get(body["type"], set())
    assert opened.get(changed).json != before
    assert events(opened) == [reply.json]
    assert opened.control("GET", "/worlds/test/agenda").json == []


def test_ids_of_events_in_either_case(opened: Client) -> None:
    """What an event is about is found in either case of its id."""
    body = {"type": "practice.confirmed", "appointment_id": PENDING_APPOINTMENT.upper()}
    assert opened.control("POST", "/worlds/test/events", body).json["appointment_id"] == PENDING_APPOINTMENT
    assert opened.get(f"/appointments/{PENDING_APPOINTMENT}").json["status"] == "confirmed"


@pytest.mark.rule("event.details")
@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"type": "practice.confirmed"}, "appointment_id"),
        ({"type": "practice.confirmed", "location_id": BERLIN}, "appointment_id"),
        ({"type": "kit.ordered"}, "profile_id"),
        ({"type": "location.closed", "appointment_id": APPOINTMENT}, "location_id"),
        ({"type": "location.date_blocked", "location_id": BERLIN}, "date"),
        ({"type": "location.date_blocked"}, "location_id and date"),
        ({"type": "courier.lost"}, "shipment_id"),
        ({"type": "courier.lost", "appointment_id": APPOINTMENT}, "shipment_id"),
        ({"type": "location.closed", "location_id": BERLIN, "time": "2026-04-13T07:59:59Z"}, "past"),
        ({"type": "location.closed", "location_id": BERLIN, "time": "9000-01-01T00:00:01Z"}, "9000"),
    ],
)
def test_refused_details(opened: Client, body: dict[str, Any], says: str) -> None:
    """An event without what it needs, in the past or beyond all time is refused with the reason; nothing happens."""
    before = opened.world.snapshot()
    assert says in refused(opened.control("POST", "/worlds/test/events", body), "event.details", 400)
    assert opened.world.snapshot() == before


DATE = {"date": "2026-04-20"}
CONFIRMED = {"type": "practice.confirmed", "appointment_id": PENDING_APPOINTMENT}
CLOSED = {"type": "location.closed", "location_id": BERLIN}
BLOCKED = {"type": "location.date_blocked", "location_id": BERLIN} | DATE
ORDERED = {"type": "kit.ordered", "profile_id": PROFILE}
BOOKED = {"type": "courier.booked", "shipment_id": LOCKED_SHIPMENT}
COLLECTED = {"type": "courier.picked_up", "shipment_id": SHIPMENT}


@pytest.mark.rule("event.details")
@pytest.mark.parametrize(
    ("body", "surplus"),
    [
        (CONFIRMED, DATE),
        (CONFIRMED, {"profile_id": PROFILE}),
        (CONFIRMED, {"location_id": BERLIN}),
        (CLOSED, DATE),
        (CLOSED, {"scheduled_at": "2026-05-01T08:00:00Z"}),
        (CLOSED, DATE | {"appointment_id": APPOINTMENT}),
        (BLOCKED, {"scheduled_at": "2026-05-01T08:00:00Z"}),
        (ORDERED, DATE),
        (ORDERED, {"appointment_id": APPOINTMENT}),
        ({"type": "operations.cancelled", "appointment_id": DRAWN_APPOINTMENT}, DATE),
        ({"type": "location.opened", "location_id": BERLIN}, DATE),
        (CONFIRMED, {"status": "Gone"}),
        (CLOSED, {"shipment_id": SHIPMENT}),
        (BOOKED, DATE),
        (COLLECTED, {"tracking_number": "GO1"}),
        (COLLECTED, {"appointment_id": APPOINTMENT, "profile_id": PROFILE}),
    ],
)
@pytest.mark.parametrize("time", [{}, {"time": "2026-04-14T00:00:00Z"}])
def test_details_that_the_type_does_not_take(
    opened: Client, body: dict[str, Any], surplus: dict[str, Any], time: dict[str, str]
) -> None:
    """An event with a detail that is none of its type's is refused now and for later, and names it; without it, it is
    taken."""
    before = opened.world.snapshot()
    message = refused(opened.control("POST", "/worlds/test/events", body | surplus | time), "event.details", 400)
    assert message == f"{body['type']} takes no {' and no '.join(sorted(surplus))}"
    assert opened.world.snapshot() == before
    assert opened.control("POST", "/worlds/test/events", body | time).status == 200


@pytest.mark.rule("event.unknown")
@pytest.mark.parametrize(
    ("body", "what"),
    [
        (CONFIRMED | {"appointment_id": UNKNOWN}, "appointment"),
        (ORDERED | {"profile_id": UNKNOWN}, "profile"),
        (BLOCKED | {"location_id": UNKNOWN}, "location"),
        (COLLECTED | {"shipment_id": UNKNOWN_SHIPMENT}, "shipment"),
    ],
)
@pytest.mark.parametrize("time", [{}, {"time": START}, {"time": "2026-04-14T00:00:00Z"}])
def test_events_about_nothing(opened: Client, body: dict[str, Any], what: str, time: dict[str, str]) -> None:
    """An event about what is not there is refused at once, also where its time has not come, and says what it
    misses."""
    before = opened.world.snapshot()
    message = refused(opened.control("POST", "/worlds/test/events", body | time), "event.unknown", 404)
    assert message == f"There is no such {what}"
    assert opened.world.snapshot() == before


def test_later_event_may_not_be_possible_yet(opened: Client) -> None:
    """A later event about what is there is taken though the state does not allow it now; it may do so by then."""
    body = {"type": "operations.cancelled", "appointment_id": PENDING_APPOINTMENT, "time": "2026-04-13T09:00:00Z"}
    assert opened.control("POST", "/worlds/test/events", body).status == 200
    assert opened.control("POST", "/worlds/test/events", CONFIRMED).status == 200
    assert opened.post(f"/appointments/{PENDING_APPOINTMENT}/confirm", {"barcode": "1"}).status == 200
    (happened,) = opened.control("POST", "/worlds/test/clock/advance", {"seconds": 3600}).json["events"]
    assert happened == body


@pytest.mark.rule("event.unknown", "event.state", "id.format", "body.schema", "time.input")
@pytest.mark.parametrize(
    ("body", "rule", "status"),
    [
        ({"type": "practice.confirmed", "appointment_id": UNKNOWN}, "event.unknown", 404),
        ({"type": "kit.ordered", "profile_id": UNKNOWN}, "event.unknown", 404),
        ({"type": "location.closed", "location_id": UNKNOWN}, "event.unknown", 404),
        ({"type": "practice.confirmed", "appointment_id": APPOINTMENT}, "event.state", 409),
        ({"type": "operations.cancelled", "appointment_id": APPOINTMENT}, "event.state", 409),
        ({"type": "courier.scanned", "shipment_id": SHIPMENT}, "event.state", 409),
        ({"type": "courier.booked", "shipment_id": SHIPMENT}, "event.state", 409),
        ({"type": "courier.lost", "shipment_id": DELIVERED_SHIPMENT}, "event.state", 409),
        ({"type": "courier.lost", "shipment_id": SHIPMENT, "status": ""}, "body.schema", 400),
        ({"type": "courier.lost", "shipment_id": SHIPMENT, "status": "x" * 129}, "body.schema", 400),
        (BOOKED | {"tracking_number": "x" * 65}, "body.schema", 400),
        ({"type": "courier.lost", "shipment_id": "P1"}, "id.format", 400),
        ({"type": "practice.confirmed", "appointment_id": "x"}, "id.format", 400),
        ({"type": "weather.changed", "location_id": BERLIN}, "body.schema", 400),
        ({"location_id": BERLIN}, "body.schema", 400),
        ({"type": "location.closed", "location_id": BERLIN, "time": "noon"}, "time.input", 400),
        ({"type": "kit.ordered", "profile_id": PROFILE, "scheduled_at": "2026-05-01"}, "time.input", 400),
        ({"type": "location.date_blocked", "location_id": BERLIN, "date": "2026-02-30"}, "body.schema", 400),
    ],
)
def test_refused_events(opened: Client, body: dict[str, Any], rule: str, status: int) -> None:
    """What is not there, not possible, or not well-formed is refused and changes nothing."""
    before = opened.world.snapshot()
    refused(opened.control("POST", "/worlds/test/events", body), rule, status)
    assert opened.world.snapshot() == before


@pytest.mark.rule("event.values")
@pytest.mark.parametrize(
    ("details", "says"),
    [
        ({"values": {"999999": 1}}, "There is no biomarker 999999"),
        ({"biomarker_ids": [60, 999999]}, "There is no biomarker 999999"),
        ({"values": {"60": "x" * 100_000}}, "must be a number"),
        ({"values": {"201": "x" * 100_000}}, "must be one of"),
        ({"values": {str(number): 1 for number in range(50_000)}}, "There is no biomarker 0"),
    ],
)
def test_a_later_event_can_only_bring_what_there_is(opened: Client, details: dict[str, Any], says: str) -> None:
    """Results of biomarkers that there are not, or that they cannot have, are refused before they take room in the
    agenda; what an order may have one day is taken, each biomarker once."""
    body = {"type": "lab.results_arrived", "appointment_id": APPOINTMENT, "time": "2026-05-01T00:00:00Z"}
    before = opened.world.snapshot()
    message = refused(opened.control("POST", "/worlds/test/events", body | details), "event.values", 400)
    assert says in message
    assert len(message) < 1000
    assert opened.world.snapshot() == before
    reply = opened.control("POST", "/worlds/test/events", body | {"biomarker_ids": [60, 58] * 1000})
    assert (reply.status, reply.json["biomarker_ids"]) == (200, [60, 58])


def test_events_stand_in_the_agenda_until_their_time(opened: Client) -> None:
    """A later event stands in the agenda, soonest first, and changes nothing; when the clock moves past it, it
    happens at its own time, in order, and is told in the answer."""
    later = [
        {"type": "location.opened", "location_id": BERLIN, "time": "2026-04-13T12:00:00Z"},
        {"type": "kit.ordered", "profile_id": PROFILE, "time": "2026-04-13T13:00:00+02:00"},
        {"type": "location.closed", "location_id": BERLIN, "time": "2026-04-13T10:00:00Z"},
        {"type": "practice.confirmed", "appointment_id": PENDING_APPOINTMENT, "time": "2026-04-13T10:00:00Z"},
    ]
    for body in later:
        reply = opened.control("POST", "/worlds/test/events", body)
        assert (reply.status, reply.json["type"]) == (200, body["type"])
    agenda = opened.control("GET", "/worlds/test/agenda").json
    assert [(event["time"][11:16], event["type"]) for event in agenda] == [
        ("10:00", "location.closed"),
        ("10:00", "practice.confirmed"),
        ("11:00", "kit.ordered"),
        ("12:00", "location.opened"),
    ]
    assert events(opened) == []
    assert opened.get(f"/locations/{BERLIN}/availability").status == 200

    moved = opened.control("POST", "/worlds/test/clock/advance", {"to": "2026-04-13T11:30:00Z"}).json
    assert [(event["time"], event["type"]) for event in moved["events"]] == [
        ("2026-04-13T10:00:00Z", "location.closed"),
        ("2026-04-13T10:00:00Z", "practice.confirmed"),
        ("2026-04-13T11:00:00Z", "kit.ordered"),
    ]
    assert events(opened) == moved["events"]
    assert opened.get(f"/locations/{BERLIN}/availability").rules == ["location.active"]
    assert opened.get(f"/appointments/{PENDING_APPOINTMENT}").json["updated_at"] == "2026-04-13T10:00:00Z"
    kit = opened.get(f"/appointments/{moved['events'][2]['appointment_id']}").json
    assert (kit["test_method"], kit["created_at"]) == ("home", "2026-04-13T11:00:00Z")

    rest = opened.control("PUT", "/worlds/test/clock", {"mode": "frozen", "now": "2026-04-13T12:00:00Z"}).json
    assert [event["type"] for event in rest["events"]] == ["location.opened"]
    assert opened.control("GET", "/worlds/test/agenda").json == []


def test_event_at_exactly_now_happens_now(opened: Client) -> None:
    """An event whose time is now, also by a cut fraction, happens at once."""
    body = {"type": "location.closed", "location_id": BERLIN, "time": "2026-04-13T10:00:00.9+02:00"}
    assert opened.control("POST", "/worlds/test/events", body).json["time"] == START
    assert len(events(opened)) == 1


@pytest.mark.rule("event.skipped")
def test_skipped_event(opened: Client) -> None:
    """An event that is not possible any more when its time comes says so in the history, and changes nothing."""
    body = {"type": "practice.confirmed", "appointment_id": PENDING_APPOINTMENT, "time": "2026-04-13T10:00:00Z"}
    opened.control("POST", "/worlds/test/events", body)
    cancelled = opened.delete(f"/appointments/{PENDING_APPOINTMENT}").json
    moved = opened.control("POST", "/worlds/test/clock/advance", {"seconds": 7200}).json["events"]
    assert moved == [body | {"skipped": "The appointment is cancelled"}]
    assert opened.get(f"/appointments/{PENDING_APPOINTMENT}").json == cancelled
    assert events(opened) == moved


@pytest.mark.parametrize(
    ("method", "path", "see"),
    [
        ("GET", "/worlds/test/events", lambda value: value[0]["type"]),
        ("GET", "/worlds/test/agenda", lambda value: "location.closed" if value == [] else value),
    ],
)
def test_due_events_come_before_the_control_plane_answers(
    monkeypatch: pytest.MonkeyPatch, method: str, path: str, see: Callable[[Any], Any]
) -> None:
    """Under a running clock, agenda and history show what is due as having happened."""
    machine = [datetime(2030, 1, 1, tzinfo=UTC).timestamp()]
    monkeypatch.setattr(clock_module, "time", lambda: machine[0])
    client = quiet_client(mode="real")
    body = {"type": "location.closed", "location_id": BERLIN, "time": "2030-01-01T00:00:10Z"}
    client.control("POST", "/worlds/test/events", body)
    machine[0] += 60
    assert see(client.control(method, path).json) == "location.closed"
    assert events(client)[0]["time"] == "2030-01-01T00:00:10Z"


def test_events_of_one_world_stay_there(opened: Client) -> None:
    """An event of one world is neither seen in another nor does it change it."""
    opened.control("PUT", "/worlds/other")
    opened.control("POST", "/worlds/other/events", {"type": "location.closed", "location_id": BERLIN})
    assert events(opened) == []
    assert opened.get(f"/locations/{BERLIN}/availability").status == 200
    assert opened.get(f"/locations/{BERLIN}/availability", key="sbx_other").status == 404


def test_broken_event_breaks_loudly(opened: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks inside the sandbox is a 500 that says so, not a refusal."""

    def breaks(*_args: object) -> None:
        raise RuntimeError("a fault for this test")

    monkeypatch.setattr(opened.worlds, "get", breaks)
    with pytest.raises(AssertionError, match="get_clock broke: RuntimeError: a fault for this test"):
        opened.control("GET", "/worlds/test/clock")


# One instant a request


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client of a world with a running clock, on a machine whose time goes on by a second whenever it is read."""
    seconds = itertools.count(datetime(2030, 1, 1, tzinfo=UTC).timestamp())
    monkeypatch.setattr(clock_module, "time", lambda: next(seconds))
    client = quiet_client(mode="real")
    client.get("/units")
    return client


@pytest.mark.rule("clock.forward")
def test_advance_by_nothing_under_a_running_clock(ticking: Client) -> None:
    """No seconds are not backwards, though time goes on while the request is answered; a second less than now is."""
    before = ticking.control("GET", "/worlds/test/clock").json["now"]
    reply = ticking.control("POST", "/worlds/test/clock/advance", {"seconds": 0})
    assert (reply.status, reply.json["events"]) == (200, [])
    assert reply.json["clock"]["mode"] == "real"
    assert reply.json["clock"]["now"] > before
    refused(ticking.control("POST", "/worlds/test/clock/advance", {"to": before}), "clock.forward", 400)


@pytest.mark.parametrize("body", [CLOSED, CONFIRMED, ORDERED])
def test_event_without_a_time_under_a_running_clock(ticking: Client, body: dict[str, Any]) -> None:
    """An event without a time happens now and does not fall into the past, though time goes on while it happens."""
    reply = ticking.control("POST", "/worlds/test/events", body)
    assert reply.status == 200
    assert events(ticking) == [reply.json]
    assert ticking.control("GET", "/worlds/test/agenda").json == []


def test_freezing_a_running_clock(ticking: Client) -> None:
    """A clock that is frozen in a request stands at the instant that its answer tells."""
    frozen = ticking.control("PUT", "/worlds/test/clock", {"mode": "frozen"}).json["clock"]
    assert ticking.control("GET", "/worlds/test/clock").json == frozen
    assert ticking.get("/units").headers["x-sandbox-time"] == frozen["now"]


# Clocks as they are written


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("real", ("real", None)),
        ("frozen", ("frozen", None)),
        ("2026-04-13T10:00:00.5+02:00", ("frozen", datetime(2026, 4, 13, 8, tzinfo=UTC))),
        ("1900-01-01T00:00:00Z", ("frozen", datetime(1900, 1, 1, tzinfo=UTC))),
        ("9000-01-01T00:00:00Z", ("frozen", datetime(9000, 1, 1, tzinfo=UTC))),
    ],
)
def test_clock_as_it_is_written(text: str, read: tuple[str, datetime | None]) -> None:
    """A clock is real, frozen, or stands at an instant."""
    assert parse_clock(text) == read


@pytest.mark.parametrize(
    "text",
    [
        *("", "REAL", "now", "2026-04-13", "2026-04-13T08:00:00", "9000-01-01T00:00:01Z"),
        *("1899-12-31T23:59:59Z", "1900-01-01T00:00:00+00:01", "0001-01-03T00:00:00Z"),
    ],
)
def test_no_clock(text: str) -> None:
    """Anything else is no clock."""
    with pytest.raises(ValueError, match="an RFC 3339 instant of the years 1900 to 9000"):
        parse_clock(text)
