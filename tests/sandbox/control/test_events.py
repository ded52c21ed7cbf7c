"""Events through the control plane: now, later, refused and skipped."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aniva_sandbox.engine.world import clock as clock_module
from tests.sandbox.control.bodies import CLOSED, CONFIRMED, ORDERED, START, events
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
    quiet_client,
    refused,
    snapshot_of,
)


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
    before = snapshot_of(opened.world)
    assert says in refused(opened.control("POST", "/worlds/test/events", body), "event.details", 400)
    assert snapshot_of(opened.world) == before


DATE = {"date": "2026-04-20"}
BLOCKED = {"type": "location.date_blocked", "location_id": BERLIN} | DATE
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
    before = snapshot_of(opened.world)
    message = refused(opened.control("POST", "/worlds/test/events", body | surplus | time), "event.details", 400)
    assert message == f"{body['type']} does not accept {' or '.join(sorted(surplus))}"
    assert snapshot_of(opened.world) == before
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
    before = snapshot_of(opened.world)
    message = refused(opened.control("POST", "/worlds/test/events", body | time), "event.unknown", 404)
    assert message == f"There is no such {what}"
    assert snapshot_of(opened.world) == before


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
    before = snapshot_of(opened.world)
    refused(opened.control("POST", "/worlds/test/events", body), rule, status)
    assert snapshot_of(opened.world) == before


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
    before = snapshot_of(opened.world)
    message = refused(opened.control("POST", "/worlds/test/events", body | details), "event.values", 400)
    assert says in message
    assert len(message) < 1000
    assert snapshot_of(opened.world) == before
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
    with pytest.raises(AssertionError, match="get_clock raised RuntimeError: a fault for this test"):
        opened.control("GET", "/worlds/test/clock")
