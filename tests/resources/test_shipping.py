"""Shipments and their courier: what the operations take, refuse and answer, and what happens to a box by itself."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from aniva_sandbox.contract.rules import Refusal
from aniva_sandbox.resources.courier import change_settings
from aniva_sandbox.resources.links import list_appointment_shipments
from aniva_sandbox.resources.shipments import (
    cancel_shipment,
    create_shipment,
    get_shipment,
    list_shipments,
    update_shipment,
)
from aniva_sandbox.simulation.events import advance, happen, settle
from aniva_sandbox.world.agenda import Event
from aniva_sandbox.world.world import Settings, World
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_SHIPMENT,
    DELIVERED_SHIPMENT,
    HELSINKI,
    HOURLESS_LOCATION,
    INACTIVE_LOCATION,
    LOCKED_SHIPMENT,
    LOST_SHIPMENT,
    MOVING_SHIPMENT,
    QUIET,
    RIVAL_APPOINTMENT,
    RIVAL_LOCATION,
    RIVAL_SHIPMENT,
    SHIPMENT,
    UNKNOWN,
    ZONELESS_LOCATION,
    Client,
    new_world,
    refusal_of,
    run,
)

ORDER = {
    "location_id": BERLIN,
    "pickup_date": "2026-04-15",
    "pickup_time_from": "11:00",
    "pickup_time_till": "14:00",
}


def order(world: World, **changes: Any) -> Any:
    """Create a shipment, the usual one but for the changes; returns what is answered."""
    return run(world, create_shipment, body=ORDER | changes)


def at(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).astimezone(UTC)


def planned(world: World, id: str) -> dict[str, str]:
    """What stands in the agenda for a shipment: event type to time."""
    return {event.type: f"{due:%Y-%m-%dT%H:%M:%SZ}" for due, event in world.agenda if event.target == id}


def rule_of_order(world: World, **changes: Any) -> str | None:
    """The rule that refuses a creation and changes nothing; None where it is allowed."""
    before = world.snapshot()
    try:
        order(world, **changes)
    except Refusal as refusal:
        assert world.snapshot() == before
        return refusal.rule.id
    return None


# Creation


@pytest.mark.rule("shipment.create", "time.updated")
def test_a_shipment_begins_pending(world: World) -> None:
    """A new shipment is pending, without number, updates and links, with one box of one kilogram and the location's
    remarks for the driver."""
    made = order(world)
    assert made["status"] == "pending"
    assert made["logistics_provider"] == "go"
    assert (made["tracking_number"], made["status_updates"], made["appointments"]) == (None, [], [])
    assert (made["created_at"], made["updated_at"], made["notes"]) == ("2026-04-13T08:00:00Z", None, None)
    record = world.shipments[made["id"]]
    assert (record.package_count, record.weight) == (1, 1.0)
    assert record.pickup_remarks == world.locations[BERLIN].pickup_remarks
    assert run(world, get_shipment, made["id"]) == made


@pytest.mark.rule("shipment.create")
def test_what_is_sent_is_kept(world: World) -> None:
    """Count, weight, remarks and notes are those that were sent, empty ones too."""
    made = order(world, package_count=3, weight=2.5, pickup_remarks="", notes="n" * 128)
    record = world.shipments[made["id"]]
    assert (record.package_count, record.weight, record.pickup_remarks) == (3, 2.5, "")
    assert made["notes"] == "n" * 128


def test_addresses_are_whole(world: World) -> None:
    """Origin and destination have street and house number apart; the destination is the location's laboratory, and an
    origin without a whole address is null."""
    made = order(world)
    assert made["origin"] == {
        "location_id": BERLIN,
        "name": "Aniva Berlin Mitte",
        "street": "Alte Gipsgasse",
        "house_number": "14",
        "postal_code": "10178",
        "city": "Berlin",
        "country": "DE",
        "phone": "+493023125101",
        "email": "berlin-mitte@aniva.example",
    }
    assert made["destination"]["name"] == "ZotzKlimas"
    assert made["destination"]["location_id"] is None
    assert (made["destination"]["street"], made["destination"]["house_number"]) == ("Beispielstraße", "12")
    helsinki = order(world, location_id=HELSINKI)
    assert (helsinki["origin"]["house_number"], helsinki["destination"]["name"]) == ("3 B", "Labclinic")
    assert order(world, location_id=HOURLESS_LOCATION)["origin"] is None


@pytest.mark.rule("time.local")
@pytest.mark.parametrize(
    ("location", "day", "since", "zone"),
    [
        (BERLIN, "2026-04-15", "2026-04-15T11:00:00+02:00", "Europe/Berlin"),
        (BERLIN, "2026-12-16", "2026-12-16T11:00:00+01:00", "Europe/Berlin"),
        (HELSINKI, "2026-04-15", "2026-04-15T11:00:00+03:00", "Europe/Helsinki"),
        (ZONELESS_LOCATION, "2026-04-15", "2026-04-15T11:00:00Z", "UTC"),
    ],
)
def test_pickups_have_the_offset_of_the_origin(world: World, location: str, day: str, since: str, zone: str) -> None:
    """The pickup's times go out with the offset that the origin has on that day."""
    pickup = order(world, location_id=location, pickup_date=day)["pickup"]
    assert (pickup["from"], pickup["till"], pickup["timezone"]) == (since, since.replace("T11", "T14"), zone)


@pytest.mark.rule("shipment.create", "shipment.update", "pickup.range", "body.schema")
@pytest.mark.parametrize(
    ("field", "wrong", "right"),
    [
        ("package_count", 0, 1),
        ("package_count", 1.5, 2.0),
        ("package_count", True, 10**9),
        ("package_count", None, 2),
        ("weight", 0, 0.001),
        ("weight", -1, 100),
        ("weight", "1", 1),
        ("notes", "x" * 129, "ä" * 128),
        ("notes", None, ""),
        ("pickup_remarks", "x" * 129, "x" * 128),
        ("pickup_time_from", "08:59", "09:00"),
        ("pickup_time_from", "9:00", "09:01"),
        ("pickup_time_from", "24:00", "12:00"),
        ("pickup_time_till", "19:01", "19:00"),
        ("pickup_time_till", "19:00:00", "18:59"),
        ("pickup_date", "2026-04-31", "2026-04-30"),
        ("pickup_date", "15.04.2026", "2026-04-16"),
    ],
)
def test_bounds_of_the_fields(client: Client, field: str, wrong: object, right: object) -> None:
    """Every field is refused just outside its bounds, by name and through its rule, and taken just inside them."""
    calls = [("POST", "/shipments", ORDER, 201)]
    if field != "pickup_remarks":
        calls.append(("PATCH", f"/shipments/{SHIPMENT}", {}, 200))
    for method, path, body, status in calls:
        before = client.world.snapshot()
        refused = client.request(method, path, body | {field: wrong})
        assert refused.status == 400
        assert list(refused.details) == [field]
        own = {"POST": "shipment.create", "PATCH": "shipment.update"}[method]
        expected = {"pickup_date": "body.schema"}.get(field, "pickup.range" if "time" in field else own)
        assert refused.rules == [expected]
        assert client.world.snapshot() == before
        assert client.request(method, path, body | {field: right}).status == status


@pytest.mark.rule("shipment.create")
def test_what_creation_needs(client: Client) -> None:
    """Everything that is missing is named."""
    refused = client.post("/shipments", {})
    assert refused.rules == ["shipment.create"]
    assert set(refused.details) == set(ORDER)


@pytest.mark.rule("shipment.id", "order.ordinal")
def test_ids_carry_the_pickup_date(world: World) -> None:
    """An id is P, the day as YYMMDD and four digits, another one each time, and stays when the date changes."""
    ids = [order(world, pickup_date=day)["id"] for day in ("2026-04-15", "2026-04-15", "2026-12-01")]
    assert len(set(ids)) == 3
    assert [bool(re.fullmatch(r"P260415\d{4}", id)) for id in ids] == [True, True, False]
    assert re.fullmatch(r"P261201\d{4}", ids[2])
    moved = run(world, update_shipment, ids[0], {"pickup_date": "2026-04-20"})
    assert moved["id"] == ids[0]
    assert moved["pickup"]["from"].startswith("2026-04-20")


@pytest.mark.rule("shipment.id", "atomic")
def test_a_date_runs_out_of_ids() -> None:
    """The 10,000 ids of a date are all different; then creation answers 502 and changes nothing, other dates work."""
    world = new_world(settings=QUIET)
    ids = {order(world)["id"] for _ in range(9_999)}  # the world begins with one of that date
    assert len(ids | {SHIPMENT}) == 10_000
    before = world.snapshot()
    refused = refusal_of(world, create_shipment, body=ORDER)
    assert (refused.status, refused.rule.id) == (502, "shipment.id")
    assert world.snapshot() == before
    assert order(world, pickup_date="2026-04-16")["id"].startswith("P260416")


@pytest.mark.rule("shipment.location", "auth.context", "shipment.appointment", "order.checks")
@pytest.mark.parametrize(
    ("changes", "status", "rule"),
    [
        ({"location_id": UNKNOWN}, 404, "shipment.location"),
        ({"location_id": INACTIVE_LOCATION}, 404, "shipment.location"),
        ({"location_id": RIVAL_LOCATION}, 403, "auth.context"),
        ({"appointment_id": UNKNOWN}, 404, "shipment.appointment"),
        ({"appointment_id": RIVAL_APPOINTMENT}, 403, "shipment.appointment"),
        ({"appointment_id": UNKNOWN, "location_id": RIVAL_LOCATION}, 404, "shipment.appointment"),
        ({"location_id": UNKNOWN, "pickup_date": "2026-04-12"}, 404, "shipment.location"),
    ],
)
def test_what_creation_names(client: Client, changes: dict[str, str], status: int, rule: str) -> None:
    """Location and appointment must exist, and then lie inside the context, before the pickup is judged."""
    before = client.world.snapshot()
    refused = client.post("/shipments", ORDER | changes)
    assert (refused.status, refused.rules) == (status, [rule])
    if status == 403:
        assert refused.json == {"error": "Forbidden"}
    assert client.world.snapshot() == before


@pytest.mark.rule("shipment.appointment")
def test_creation_links(world: World) -> None:
    """A shipment made with an appointment is linked to it from its creation on, on both sides; ids in either case."""
    made = order(world, appointment_id=APPOINTMENT.upper())
    assert made["appointments"] == [{"id": APPOINTMENT, "added_at": made["created_at"]}]
    shown = run(world, list_appointment_shipments, APPOINTMENT)
    assert [each["id"] for each in shown] == [made["id"], LOCKED_SHIPMENT]


# Pickup


@pytest.mark.rule("pickup.weekday")
@pytest.mark.parametrize("day", range(20, 27))
def test_weekdays(world: World, day: int) -> None:
    """The courier comes from Monday (the 20th) to Friday."""
    assert rule_of_order(world, pickup_date=f"2026-04-{day}") == ("pickup.weekday" if day > 24 else None)


@pytest.mark.rule("pickup.past")
@pytest.mark.parametrize(
    ("now", "location", "day", "rule"),
    [
        ("2026-04-13T08:00:00Z", BERLIN, "2026-04-10", "pickup.past"),
        ("2026-04-13T08:00:00Z", BERLIN, "2026-04-13", None),
        ("2026-04-13T20:59:59Z", HELSINKI, "2026-04-13", "pickup.cutoff"),
        ("2026-04-13T21:00:00Z", HELSINKI, "2026-04-13", "pickup.past"),
        ("2026-04-13T22:00:00Z", BERLIN, "2026-04-13", "pickup.past"),
        ("2026-04-13T22:00:00Z", ZONELESS_LOCATION, "2026-04-13", None),
        ("2026-04-14T00:00:00Z", ZONELESS_LOCATION, "2026-04-13", "pickup.past"),
    ],
)
def test_past_pickups(world: World, now: str, location: str, day: str, rule: str | None) -> None:
    """A pickup is not before today's date at the origin."""
    advance(world, at(now))
    assert rule_of_order(world, location_id=location, pickup_date=day) == rule


@pytest.mark.rule("pickup.cutoff")
@pytest.mark.parametrize(
    ("now", "location", "day", "rule"),
    [
        ("2026-04-13T16:00:00+02:00", BERLIN, "2026-04-13", None),
        ("2026-04-13T16:00:01+02:00", BERLIN, "2026-04-13", "pickup.cutoff"),
        ("2026-04-13T16:00:01+02:00", BERLIN, "2026-04-14", None),
        ("2026-04-13T16:30:00+03:00", HELSINKI, "2026-04-13", None),
        ("2026-04-13T17:00:00+03:00", HELSINKI, "2026-04-13", None),
        ("2026-04-13T17:30:00+03:00", HELSINKI, "2026-04-13", "pickup.cutoff"),
        ("2026-12-14T16:00:00+01:00", BERLIN, "2026-12-14", None),
        ("2026-12-14T16:00:01+01:00", BERLIN, "2026-12-14", "pickup.cutoff"),
    ],
)
def test_cutoff(world: World, now: str, location: str, day: str, rule: str | None) -> None:
    """After 16:00 in Berlin there is no pickup on the day that it is there; a window that is over does not matter."""
    advance(world, at(now))
    assert (
        rule_of_order(world, location_id=location, pickup_date=day, pickup_time_from="09:00", pickup_time_till="11:00")
        == rule
    )


@pytest.mark.rule("pickup.width")
@pytest.mark.parametrize(
    ("since", "till", "rule"),
    [
        ("11:00", "12:59", "pickup.width"),
        ("11:00", "13:00", None),
        ("14:00", "11:00", "pickup.width"),
        ("17:00", "19:00", None),
        ("17:01", "19:00", "pickup.width"),
    ],
)
def test_width(world: World, since: str, till: str, rule: str | None) -> None:
    """A window is at least two hours wide."""
    assert rule_of_order(world, pickup_time_from=since, pickup_time_till=till) == rule


@pytest.mark.rule("order.checks")
def test_order_of_the_pickup_rules(world: World) -> None:
    """Of several pickup rules the first of the page refuses; the courier is asked last."""
    advance(world, at("2026-04-13T15:00:00Z"))
    wrong = {"pickup_time_till": "11:30", "notes": "courier-refuses-create"}
    assert rule_of_order(world, pickup_date="2026-04-12", **wrong) == "pickup.weekday"
    assert rule_of_order(world, pickup_date="2026-04-10", **wrong) == "pickup.past"
    assert rule_of_order(world, pickup_date="2026-04-13", **wrong) == "pickup.cutoff"
    assert rule_of_order(world, pickup_date="2026-04-14", **wrong) == "pickup.width"
    assert rule_of_order(world, notes="courier-refuses-create") == "shipment.courier-refuses"


# Update and cancellation


@pytest.mark.rule("shipment.update", "time.updated", "update.empty")
def test_only_notes_keep_the_order(world: World) -> None:
    """Notes alone leave the courier's order as it is; any other field, also with the value that it has, replaces it:
    no number, no updates, and another plan."""
    advance(world, at("2026-04-13T08:30:00Z"))
    shown = run(world, get_shipment, SHIPMENT)
    plan = planned(world, SHIPMENT)
    assert run(world, update_shipment, SHIPMENT, {}) == shown
    noted = run(world, update_shipment, SHIPMENT, {"notes": "fragile"})
    assert noted == shown | {"notes": "fragile", "updated_at": "2026-04-13T08:30:00Z"}
    assert planned(world, SHIPMENT) == plan
    for change in (
        {"package_count": 1},
        {"weight": 1.0},
        {"pickup_date": "2026-04-15"},
        {"pickup_time_from": "11:00"},
        {"pickup_time_till": "14:00"},
    ):
        replaced = run(world, update_shipment, SHIPMENT, change)
        assert (replaced["tracking_number"], replaced["status_updates"]) == (None, [])
        assert planned(world, SHIPMENT) == plan | {"courier.booked": "2026-04-13T08:35:00Z"}
        happen(world, Event("courier.booked", SHIPMENT))
        assert run(world, get_shipment, SHIPMENT)["tracking_number"] is not None


@pytest.mark.rule("shipment.update", "pickup.past", "pickup.width")
def test_a_schedule_is_judged_as_it_results() -> None:
    """The pickup is judged where a part of it is sent, together with what stays; otherwise it is not looked at."""
    world = new_world(settings=QUIET)
    before = world.snapshot()
    assert refusal_of(world, update_shipment, SHIPMENT, {"pickup_time_from": "12:01"}).rule.id == "pickup.width"
    assert refusal_of(world, update_shipment, SHIPMENT, {"pickup_date": "2026-04-18"}).rule.id == "pickup.weekday"
    assert world.snapshot() == before
    assert run(world, update_shipment, SHIPMENT, {"pickup_time_from": "12:00"})["status"] == "pending"
    advance(world, at("2026-04-17T08:00:00Z"))
    assert refusal_of(world, update_shipment, SHIPMENT, {"pickup_time_till": "18:00"}).rule.id == "pickup.past"
    assert run(world, update_shipment, SHIPMENT, {"weight": 2})["status"] == "pending"
    assert run(world, update_shipment, SHIPMENT, {"pickup_date": "2026-04-20"})["status"] == "pending"


IN_STATE = {
    "pending": LOCKED_SHIPMENT,
    "in_transit": MOVING_SHIPMENT,
    "delivered": DELIVERED_SHIPMENT,
    "fault": LOST_SHIPMENT,
    "cancelled": CANCELLED_SHIPMENT,
}
LEADS_TO = {
    ("pending", "update"): "pending",
    ("pending", "empty update"): "pending",
    ("pending", "cancel"): "cancelled",
    ("pending", "courier.booked"): "pending",
    ("pending", "courier.picked_up"): "in_transit",
    ("pending", "courier.lost"): "fault",
    ("in_transit", "courier.scanned"): "in_transit",
    ("in_transit", "courier.delivered"): "delivered",
    ("in_transit", "courier.lost"): "fault",
}
REFUSES = {"update": "shipment.update-state", "empty update": "shipment.update-state", "cancel": "shipment.cancel"}
DOES = (
    "update",
    "empty update",
    "cancel",
    "courier.booked",
    "courier.picked_up",
    "courier.scanned",
    "courier.delivered",
    "courier.lost",
)


@pytest.mark.rule("shipment.update-state", "shipment.cancel", "event.state", "atomic")
@pytest.mark.parametrize("what", DOES)
@pytest.mark.parametrize("state", IN_STATE)
def test_every_state_and_move(state: str, what: str) -> None:
    """Every move leads where the lifecycle says, or is refused with 409 through its rule and changes nothing."""
    world = new_world(settings=QUIET)
    id = IN_STATE[state]
    assert run(world, get_shipment, id)["status"] == state
    before = world.snapshot()
    do: dict[str, Callable[[], object]] = {
        "update": lambda: run(world, update_shipment, id, {"weight": 2}),
        "empty update": lambda: run(world, update_shipment, id, {}),
        "cancel": lambda: run(world, cancel_shipment, id),
    }
    doing = do.get(what, lambda: happen(world, Event(what, id)))
    if (state, what) in LEADS_TO:
        doing()
        assert run(world, get_shipment, id)["status"] == LEADS_TO[state, what]
    else:
        with pytest.raises(Refusal) as refused:
            doing()
        assert (refused.value.status, refused.value.rule.id) == (409, REFUSES.get(what, "event.state"))
        assert world.snapshot() == before


@pytest.mark.rule("event.state")
def test_an_order_is_booked_once() -> None:
    """An order that has its number is not booked again; one without gets it at the latest when it is picked up."""
    world = new_world(settings=QUIET)
    with pytest.raises(Refusal, match=r"event\.state"):
        happen(world, Event("courier.booked", SHIPMENT))
    happen(world, Event("courier.picked_up", LOCKED_SHIPMENT))
    assert re.fullmatch(r"DHL\d{12}", run(world, get_shipment, LOCKED_SHIPMENT)["tracking_number"])


@pytest.mark.rule("shipment.cancel", "time.updated")
def test_what_is_cancelled_stays_readable(client: Client) -> None:
    """Cancelling answers the shipment, which reads the same afterwards; the second time is refused."""
    answer = client.delete(f"/shipments/{SHIPMENT}")
    assert (answer.status, answer.json["status"]) == (200, "cancelled")
    assert answer.json["updated_at"] == "2026-04-13T08:00:00Z"
    assert client.get(f"/shipments/{SHIPMENT}").json == answer.json
    assert client.delete(f"/shipments/{SHIPMENT}").rules == ["shipment.cancel"]


@pytest.mark.rule("shipment.courier-refuses", "atomic")
def test_the_courier_refuses_on_request(client: Client) -> None:
    """Notes with the magic words make the courier refuse creation, update or cancellation, which then changes nothing;
    it is not asked where only notes change."""
    before = client.world.snapshot()
    refused = client.post("/shipments", ORDER | {"notes": "please courier-refuses-create now"})
    assert (refused.status, refused.rules) == (502, ["shipment.courier-refuses"])
    assert "courier" in refused.json["error"]
    assert client.world.snapshot() == before

    for order_, call in (
        ("update", lambda: client.patch(f"/shipments/{SHIPMENT}", {"weight": 3})),
        ("cancel", lambda: client.delete(f"/shipments/{SHIPMENT}")),
    ):
        noted = client.patch(f"/shipments/{SHIPMENT}", {"notes": f"courier-refuses-{order_}"})
        assert (noted.status, noted.json["tracking_number"] is not None) == (200, True)
        before = client.world.snapshot()
        refused = call()
        assert (refused.status, refused.rules) == (502, ["shipment.courier-refuses"])
        assert client.world.snapshot() == before
    assert client.patch(f"/shipments/{SHIPMENT}", {"weight": 3, "notes": "courier-refuses-update"}).status == 502
    assert client.patch(f"/shipments/{SHIPMENT}", {"weight": 3}).status == 200
    client.patch(f"/shipments/{SHIPMENT}", {"notes": ""})
    assert client.delete(f"/shipments/{SHIPMENT}").status == 200


# Reading


@pytest.mark.rule("shipment.order", "auth.context", "order.ordinal")
def test_lists_are_newest_first_and_of_the_context(client: Client) -> None:
    """A list holds the context's shipments, newest first also within a second; by id the others are 403."""
    made = [client.post("/shipments", ORDER).json["id"] for _ in range(3)]
    listed = [each["id"] for each in client.get("/shipments").json]
    assert listed == [*reversed(made), SHIPMENT, LOCKED_SHIPMENT, MOVING_SHIPMENT, CANCELLED_SHIPMENT,
                      DELIVERED_SHIPMENT, LOST_SHIPMENT, "P2601287306"]  # fmt: skip
    outsider = client.get("/shipments", key="sbx_test.outsider").json
    assert [each["id"] for each in outsider] == [RIVAL_SHIPMENT]
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/appointments")):
        body = {} if method == "PATCH" else None
        refused = client.request(method, f"/shipments/{RIVAL_SHIPMENT}{path}", body)
        assert (refused.status, refused.rules, refused.json) == (403, ["auth.context"], {"error": "Forbidden"})
        missing = client.request(method, f"/shipments/P2604150000{path}", body)
        assert (missing.status, missing.rules) == (404, ["path.unknown"])


@pytest.mark.rule("id.format")
@pytest.mark.parametrize(
    "id", ["p2604154821", "P260415482", "P26041548210", "2604154821", "P26041548２1", "x", SHIPMENT + " "]
)
def test_ids_of_another_form_are_refused(client: Client, id: str) -> None:
    """What is not P and ten digits is no shipment's id."""
    refused = client.get(f"/shipments/{quote(id)}")
    assert (refused.status, refused.rules) == (400, ["id.format"])


# The courier by itself


def test_an_order_goes_its_way(world: World) -> None:
    """A new order is booked, picked up inside its window, scanned in the evening and delivered on the next working day,
    each at its own time; the number comes with the booking, the words are the courier's."""
    id = order(world, pickup_date="2026-04-17")["id"]
    assert planned(world, id) == {
        "courier.booked": "2026-04-13T08:05:00Z",
        "courier.picked_up": "2026-04-17T10:30:00Z",
        "courier.scanned": "2026-04-17T19:00:00Z",
        "courier.delivered": "2026-04-20T08:00:00Z",
    }
    assert settle(world) == []
    seen = [run(world, get_shipment, id)["status"]]
    for instant in ("2026-04-13T08:05:00Z", "2026-04-17T10:29:59Z", "2026-04-17T10:30:00Z", "2026-04-20T08:00:00Z"):
        advance(world, at(instant))
        seen.append(run(world, get_shipment, id)["status"])
    assert seen == ["pending", "pending", "pending", "in_transit", "delivered"]
    shown = run(world, get_shipment, id)
    assert re.fullmatch(r"GO\d{12}", shown["tracking_number"])
    assert shown["status_updates"] == [
        {"status": "Order accepted", "time": "2026-04-13T08:05:00Z"},
        {"status": "Collected by the driver", "time": "2026-04-17T10:30:00Z"},
        {"status": "Arrived at the night hub", "time": "2026-04-17T19:00:00Z"},
        {"status": "Handed over to the recipient", "time": "2026-04-20T08:00:00Z"},
    ]
    assert planned(world, id) == {}


@pytest.mark.parametrize(
    ("now", "changes", "picked_up"),
    [
        ("2026-04-13T10:00:00Z", {"pickup_date": "2026-04-13"}, "2026-04-13T11:02:30Z"),
        ("2026-04-13T12:00:00Z", {"pickup_date": "2026-04-13"}, "2026-04-14T10:30:00Z"),
        ("2026-04-17T11:55:00Z", {"pickup_date": "2026-04-17"}, "2026-04-20T10:30:00Z"),
        ("2026-04-13T08:00:00Z", {"location_id": ZONELESS_LOCATION}, "2026-04-15T12:30:00Z"),
        ("2026-04-13T08:00:00Z", {"pickup_date": "2026-10-26"}, "2026-10-26T11:30:00Z"),
        ("2026-04-13T08:00:00Z", {"pickup_date": "9999-12-31"}, None),
    ],
    ids=["in the window", "window over", "over on Friday", "no zone", "winter time", "beyond all clocks"],
)
def test_when_the_courier_comes(world: World, now: str, changes: dict[str, str], picked_up: str | None) -> None:
    """The courier comes in the middle of what is left of the window, or on the next working day at the same times."""
    advance(world, at(now))
    assert planned(world, order(world, **changes)["id"]).get("courier.picked_up") == picked_up


def test_what_is_done_by_hand_is_planned_around(world: World) -> None:
    """What a test lets happen early takes the place of what was planned; nothing is skipped later."""
    id = order(world)["id"]
    happen(world, Event("courier.picked_up", id, {"status": "Here already"}))
    assert planned(world, id) == {
        "courier.scanned": "2026-04-13T19:00:00Z",
        "courier.delivered": "2026-04-14T08:00:00Z",
    }
    happen(world, Event("courier.scanned", id))
    happened = advance(world, at("2026-05-01T00:00:00Z"))
    assert not [entry for entry in happened if "skipped" in entry.event.details]
    shown = run(world, get_shipment, id)
    assert shown["status"] == "delivered"
    assert [update["status"] for update in shown["status_updates"]] == [
        "Here already",
        "Arrived at the night hub",
        "Handed over to the recipient",
    ]
    lost = order(world, pickup_date="2026-05-04")["id"]
    happen(world, Event("courier.lost", lost))
    assert planned(world, lost) == {}


@pytest.mark.parametrize("how", ["cancel", "replace"])
def test_nothing_is_left_of_an_order(world: World, how: str) -> None:
    """A cancelled order leaves nothing in the agenda, a replaced one only what belongs to the new one; also what was
    planned by hand is gone."""
    id = order(world)["id"]
    world.agenda.add(at("2026-04-13T09:00:00Z"), Event("courier.lost", id))
    if how == "cancel":
        run(world, cancel_shipment, id)
        assert planned(world, id) == {}
    else:
        run(world, update_shipment, id, {"pickup_date": "2026-04-20"})
        assert "courier.lost" not in planned(world, id)
        assert planned(world, id)["courier.picked_up"] == "2026-04-20T10:30:00Z"
    others = [entry for entry in advance(world, at("2026-06-01T00:00:00Z")) if entry.event.target == id]
    assert [entry.event.type for entry in others] == (
        [] if how == "cancel" else ["courier.booked", "courier.picked_up", "courier.scanned", "courier.delivered"]
    )


def test_automation_can_be_switched(world: World) -> None:
    """With automation off only events move a shipment; switched on again, the rest of the way is planned."""
    id = order(world)["id"]
    change_settings(world, QUIET)
    assert len(world.agenda) == 0
    assert order(world)["status"] == "pending"
    assert len(world.agenda) == 0
    happen(world, Event("courier.picked_up", id))
    assert advance(world, at("2026-04-14T08:00:00Z")) == []
    change_settings(world, Settings())
    assert planned(world, id) == {
        "courier.scanned": "2026-04-14T08:00:00Z",
        "courier.delivered": "2026-04-14T08:00:00Z",
    }
    advance(world, at("2026-04-14T08:00:00Z"))
    assert run(world, get_shipment, id)["status"] == "delivered"


# Freshness


def shown_in_list(world: World, id: str) -> Any:
    """A shipment as the list shows it."""
    return next(each for each in run(world, list_shipments) if each["id"] == id)


@pytest.mark.rule("shipment.freshness")
def test_lists_lag_behind_by_up_to_an_hour() -> None:
    """A list shows what the last full hour brought, and when; getting the shipment brings what is new at once."""
    world = new_world(settings=QUIET)
    advance(world, at("2026-04-13T09:10:00Z"))
    happen(world, Event("courier.picked_up", SHIPMENT))
    advance(world, at("2026-04-13T09:59:59Z"))
    assert shown_in_list(world, SHIPMENT)["status"] == "pending"
    advance(world, at("2026-04-13T12:30:00Z"))
    shown = shown_in_list(world, SHIPMENT)
    assert (shown["status"], shown["updated_at"]) == ("in_transit", "2026-04-13T10:00:00Z")
    happen(world, Event("courier.delivered", SHIPMENT))
    assert shown_in_list(world, SHIPMENT) == shown
    fetched = run(world, get_shipment, SHIPMENT)
    assert (fetched["status"], fetched["updated_at"]) == ("delivered", "2026-04-13T12:30:00Z")
    advance(world, at("2026-04-13T15:00:00Z"))
    assert shown_in_list(world, SHIPMENT) == run(world, get_shipment, SHIPMENT) == fetched


@pytest.mark.rule("shipment.freshness")
def test_a_sync_finds_what_was_noted_before_it() -> None:
    """What the courier notes at the very second of a full hour is found an hour later."""
    world = new_world(settings=QUIET)
    advance(world, at("2026-04-13T09:00:00Z"))
    happen(world, Event("courier.picked_up", SHIPMENT))
    assert shown_in_list(world, SHIPMENT)["status"] == "pending"
    advance(world, at("2026-04-13T10:00:00Z"))
    assert shown_in_list(world, SHIPMENT)["status"] == "in_transit"


@pytest.mark.rule("shipment.freshness", "shipment.update-state", "shipment.cancel")
def test_update_and_cancel_sync_first() -> None:
    """A pickup that nobody has seen yet refuses update and cancellation, and is seen from then on."""
    for operation, body, rule in (
        (update_shipment, {"notes": "x"}, "shipment.update-state"),
        (cancel_shipment, None, "shipment.cancel"),
    ):
        world = new_world(settings=QUIET)
        happen(world, Event("courier.picked_up", SHIPMENT))
        assert shown_in_list(world, SHIPMENT)["status"] == "pending"
        assert refusal_of(world, operation, SHIPMENT, body).rule.id == rule
        assert shown_in_list(world, SHIPMENT)["status"] == "in_transit"


@pytest.mark.rule("shipment.freshness")
def test_the_list_of_an_appointment_is_synced_after_three_hours() -> None:
    """Without the hourly sync, the list of an appointment's shipments syncs what was synced more than 3 hours ago."""
    world = new_world(settings=Settings(courier_automation=False, hourly_sync=False))
    linked = "b2c3d4e5-f6a7-8901-bcde-f12345678901"
    happen(world, Event("courier.picked_up", SHIPMENT))
    advance(world, at("2026-04-13T11:00:00Z"))
    assert run(world, list_appointment_shipments, linked)[0]["status"] == "pending"
    advance(world, at("2026-04-13T11:00:01Z"))
    assert shown_in_list(world, SHIPMENT)["status"] == "pending"
    shown = run(world, list_appointment_shipments, linked)[0]
    assert (shown["status"], shown["updated_at"]) == ("in_transit", "2026-04-13T11:00:01Z")
    assert shown_in_list(world, SHIPMENT) == shown


@pytest.mark.rule("shipment.freshness")
def test_the_hourly_sync_can_be_switched() -> None:
    """What was synced before the hourly sync ends stays; what comes later waits until it runs again."""
    world = new_world(settings=QUIET)
    happen(world, Event("courier.picked_up", SHIPMENT))
    advance(world, at("2026-04-13T09:30:00Z"))
    change_settings(world, Settings(courier_automation=False, hourly_sync=False))
    happen(world, Event("courier.delivered", SHIPMENT))
    advance(world, at("2026-04-13T10:30:00Z"))
    assert shown_in_list(world, SHIPMENT)["status"] == "in_transit"
    change_settings(world, QUIET)
    assert shown_in_list(world, SHIPMENT)["status"] == "delivered"


@pytest.mark.rule("shipment.freshness", "time.updated")
def test_a_sync_without_news_is_no_change(world: World) -> None:
    """Time alone does not touch updated_at."""
    id = order(world, pickup_date="2026-05-04")["id"]
    advance(world, at("2026-04-13T08:30:00Z"))
    first = run(world, get_shipment, id)
    assert first["updated_at"] == "2026-04-13T08:30:00Z"
    advance(world, world.now + timedelta(days=3))
    assert run(world, get_shipment, id) == first == shown_in_list(world, id)
