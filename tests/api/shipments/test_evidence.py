"""What calls about shipments were weighed by, how near to a boundary they came, and what they lean on."""

from datetime import datetime
from typing import Any

import pytest

from aniva_sandbox.api.settings import Settings
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance, happen
from tests.api.evidence import distances, leaned, passed, tried, weighed
from tests.api.shipments.shipment_calls import NEW
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_SHIPMENT,
    DELIVERED_SHIPMENT,
    HELSINKI,
    LOCKED_SHIPMENT,
    LOST_SHIPMENT,
    MOVING_SHIPMENT,
    RIVAL_APPOINTMENT,
    SHIPMENT,
    UNKNOWN,
    ZONELESS_LOCATION,
    Client,
    quiet_client,
)

WEEKDAY, PAST, CUTOFF, WIDTH = "pickup.weekday", "pickup.past", "pickup.cutoff", "pickup.width"
SCHEDULE = [WEEKDAY, PAST, WIDTH]
STATE, FAULT, CANCEL = "shipment.update-state", "shipment.cancel/fault", "shipment.cancel"
REFUSES, CHANGE = "shipment.courier-refuses", "shipment.courier-refuses/change"
EXHAUSTED, SYNC = "shipment.id/exhausted", "shipment.freshness/changes"
TODAY = "2026-04-13"


def at(client: Client, now: str) -> Client:
    """The client, when its world's clock shows an instant."""
    advance(client.world, datetime.fromisoformat(now))
    return client


WEIGHED: list[tuple[str, str, Any, int, list[str], list[str]]] = [
    # The rules that were passed, and those that refused.
    ("POST", "", NEW, 201, [*SCHEDULE, CHANGE, EXHAUSTED], []),
    ("POST", "", NEW | {"pickup_date": TODAY}, 201, [WEEKDAY, PAST, CUTOFF, WIDTH, CHANGE, EXHAUSTED], []),
    ("POST", "", NEW | {"pickup_date": "2026-04-11"}, 400, [], [WEEKDAY]),
    ("POST", "", NEW | {"pickup_date": "2026-04-10"}, 400, [WEEKDAY], [PAST]),
    ("POST", "", NEW | {"pickup_time_from": "12:30"}, 400, [WEEKDAY, PAST], [WIDTH]),
    ("POST", "", NEW | {"notes": "courier-refuses-create"}, 502, SCHEDULE, [CHANGE]),
    ("PATCH", SHIPMENT, {}, 200, [STATE], []),
    ("PATCH", SHIPMENT, {"notes": "x"}, 200, [STATE], []),
    ("PATCH", SHIPMENT, {"weight": 2}, 200, [STATE, CHANGE], []),
    ("PATCH", SHIPMENT, {"pickup_time_till": "15:00"}, 200, [STATE, *SCHEDULE, CHANGE], []),
    ("PATCH", SHIPMENT, {"weight": 2, "notes": "courier-refuses-update"}, 502, [STATE], [CHANGE]),
    ("PATCH", MOVING_SHIPMENT, {"weight": 2}, 409, [], [STATE]),
    ("DELETE", SHIPMENT, None, 200, [FAULT, CANCEL, REFUSES], []),
    ("DELETE", MOVING_SHIPMENT, None, 409, [FAULT], [CANCEL]),
    ("DELETE", LOST_SHIPMENT, None, 409, [], [FAULT]),
    ("GET", SHIPMENT, None, 200, [], []),
    ("GET", "", None, 200, [], []),
]


@pytest.mark.parametrize(("method", "id", "body", "status", "through", "by"), WEIGHED)
def test_rules_are_noted_where_they_are_judged(
    opened: Client, method: str, id: str, body: Any, status: int, through: list[str], by: list[str]
) -> None:
    """A call notes each rule before it is judged, and none behind the one that refuses it."""
    reply = opened.request(method, f"/shipments/{id}".rstrip("/"), body)
    assert (reply.status, reply.rules) == (status, by)
    assert (weighed(opened), passed(opened)) == ([*through, *by], through)


@pytest.mark.rule("shipment.courier-refuses", "shipment.courier-refuses/change")
def test_a_refused_cancellation_is_documented_alone(opened: Client) -> None:
    """The documented rule refuses cancellations, the clause orders and updates."""
    opened.patch(f"/shipments/{SHIPMENT}", {"notes": "courier-refuses-cancel"})
    reply = opened.delete(f"/shipments/{SHIPMENT}")
    assert reply.headers["x-sandbox-rule"] == "shipment.courier-refuses; basis=documented"
    assert passed(opened) == [FAULT, CANCEL]
    reply = opened.post("/shipments", NEW | {"notes": "courier-refuses-create"})
    assert reply.headers["x-sandbox-rule"] == "shipment.courier-refuses/change; basis=assumed"


@pytest.mark.rule("shipment.appointment/status")
@pytest.mark.parametrize(("id", "status"), [(UNKNOWN, 404), (RIVAL_APPOINTMENT, 403), (APPOINTMENT, 201)])
def test_the_status_of_an_unlinkable_appointment_is_assumed(opened: Client, id: str, status: int) -> None:
    """The clause refuses, as no page has the status; other appointments are linked."""
    reply = opened.post("/shipments", NEW | {"appointment_id": id})
    assert (reply.status, reply.rules) == (status, ["shipment.appointment/status"] if status != 201 else [])


# Distances


@pytest.mark.rule("pickup.past")
@pytest.mark.parametrize(
    ("day", "location", "now", "days"),
    [
        ("2026-04-13", BERLIN, "2026-04-13T08:00:00Z", 0),
        ("2026-04-10", BERLIN, "2026-04-13T08:00:00Z", -3),
        ("2026-04-14", BERLIN, "2026-04-13T08:00:00Z", 1),
        ("2026-04-14", HELSINKI, "2026-04-13T21:00:00Z", 0),  # tomorrow, there
        ("2026-04-13", HELSINKI, "2026-04-13T21:00:00Z", -1),
    ],
)
def test_how_near_a_pickup_is_to_today(opened: Client, day: str, location: str, now: str, days: int) -> None:
    """The distance is in days from today at the origin."""
    at(opened, now).post("/shipments", NEW | {"location_id": location, "pickup_date": day})
    assert [value for rule, value in distances(opened) if rule == PAST] == [days]


@pytest.mark.rule("pickup.cutoff")
@pytest.mark.parametrize(
    ("now", "day", "seconds"),
    [
        ("2026-04-13T13:59:59Z", "2026-04-13", [-1]),
        ("2026-04-13T14:00:00Z", "2026-04-13", [0]),
        ("2026-04-13T14:00:01Z", "2026-04-13", [1]),
        ("2026-04-13T08:00:00Z", "2026-04-13", [-6 * 3600]),
        ("2026-04-13T14:00:01Z", "2026-04-14", []),
    ],
)
def test_how_near_an_order_is_to_the_cutoff(opened: Client, now: str, day: str, seconds: list[float]) -> None:
    """The distance is in seconds from 16:00 in Berlin; the rule judges orders for today alone."""
    reply = at(opened, now).post("/shipments", NEW | {"pickup_date": day})
    assert reply.rules == ([CUTOFF] if seconds == [1] else [])
    assert [value for rule, value in distances(opened) if rule == CUTOFF] == seconds
    assert (CUTOFF in weighed(opened)) == bool(seconds)


@pytest.mark.rule("pickup.width")
@pytest.mark.parametrize(
    ("since", "till", "minutes"),
    [("11:00", "13:00", 0), ("11:00", "12:59", -1), ("11:00", "13:01", 1), ("13:00", "11:00", -240)],
)
def test_how_near_a_window_is_to_two_hours(opened: Client, since: str, till: str, minutes: int) -> None:
    """The distance is in minutes more than two hours."""
    opened.post("/shipments", NEW | {"pickup_time_from": since, "pickup_time_till": till})
    assert [value for rule, value in distances(opened) if rule == WIDTH] == [minutes]


@pytest.mark.rule("pickup.range")
def test_the_document_has_the_range_of_the_times(opened: Client) -> None:
    """The bounds of both times stand in their schemas, for whatever measures them."""
    schemas = opened.api.document["components"]["schemas"]
    for name in ("ShipmentCreate", "ShipmentUpdate"):
        for field in ("pickup_time_from", "pickup_time_till"):
            schema = schemas[name]["properties"][field]
            assert (schema["x-minimum"], schema["x-maximum"]) == ("09:00", "19:00")


@pytest.mark.rule("shipment.freshness")
def test_how_old_the_copies_of_a_list_are() -> None:
    """The distance is in seconds from 3 hours, of the copies that are closest to it on either side."""
    client = quiet_client(Settings(courier_automation=False, hourly_sync=False, lab_automation=False))
    where = f"/appointments/{APPOINTMENT}/shipments"
    for now in ("2026-04-13T08:00:00Z", "2026-04-13T09:00:00Z", "2026-04-13T10:00:00Z"):
        assert at(client, now).post("/shipments", NEW | {"appointment_id": APPOINTMENT}).status == 201
    at(client, "2026-04-13T11:00:00Z").get(where)
    assert distances(client) == [("shipment.freshness", -3600.0), ("shipment.freshness", 0.0)]
    at(client, "2026-04-13T12:30:00Z").get(where)
    assert distances(client) == [("shipment.freshness", -1800.0), ("shipment.freshness", 1800.0)]
    client.get(where)
    assert distances(client) == [("shipment.freshness", -1800.0)]
    client.get("/appointments/638ccc3e-5e5e-4acf-a151-6d97600b34e9/shipments")
    assert (distances(client), weighed(client)) == ([], [])


# Moves


@pytest.mark.rule("shipment.update-state", "shipment.cancel")
@pytest.mark.parametrize(
    ("id", "state"),
    [
        (SHIPMENT, "pending"),
        (MOVING_SHIPMENT, "in_transit"),
        (DELIVERED_SHIPMENT, "delivered"),
        (LOST_SHIPMENT, "fault"),
        (CANCELLED_SHIPMENT, "cancelled"),
    ],
)
def test_moves_are_noted_with_the_state_before(opened: Client, id: str, state: str) -> None:
    """Updates and cancellations are tried whatever the state, each once."""
    opened.patch(f"/shipments/{id}", {})
    assert tried(opened) == [("shipment", state, "update")]
    opened.delete(f"/shipments/{id}")
    assert tried(opened) == [("shipment", state, "cancel")]
    opened.get(f"/shipments/{id}")
    assert tried(opened) == []


@pytest.mark.rule("shipment.freshness/changes")
@pytest.mark.parametrize(("method", "body", "move"), [("PATCH", {}, "update"), ("DELETE", None, "cancel")])
def test_a_move_from_an_unseen_state(opened: Client, method: str, body: Any, move: str) -> None:
    """A change that finds the shipment picked up is refused by the clause, and tries its move from the true state; the
    next one is refused by the rule. A change that finds it booked only leans on the clause."""
    assert opened.request("PATCH", f"/shipments/{LOCKED_SHIPMENT}", {}).status == 200
    assert (weighed(opened), leaned(opened, "shipment")) == ([STATE], [])
    happen(opened.world, Event("courier.booked", LOCKED_SHIPMENT))
    assert opened.request("PATCH", f"/shipments/{LOCKED_SHIPMENT}", {}).status == 200
    assert (passed(opened), leaned(opened, "shipment")) == ([SYNC, STATE], [SYNC])
    happen(opened.world, Event("courier.picked_up", LOCKED_SHIPMENT))
    reply = opened.request(method, f"/shipments/{LOCKED_SHIPMENT}", body)
    assert (reply.status, reply.headers["x-sandbox-rule"]) == (409, f"{SYNC}; basis=assumed")
    assert (weighed(opened), tried(opened)) == ([SYNC], [("shipment", "in_transit", move)])
    assert opened.request(method, f"/shipments/{LOCKED_SHIPMENT}", body).rules == [
        STATE if move == "update" else CANCEL
    ]


# Reliance

TAKEN: list[tuple[str, dict[str, Any], list[str]]] = [
    ("2026-04-13T08:00:00Z", {}, []),
    ("2026-04-13T08:00:00Z", {"pickup_remarks": "Ring twice"}, ["shipment.create/names"]),
    ("2026-04-13T08:00:00Z", {"weight": 2}, ["shipment.create/names"]),
    ("2026-04-13T08:00:00Z", {"weight": 1, "package_count": 3}, []),
    ("2026-04-13T08:00:00Z", {"pickup_time_till": "17:00"}, []),
    ("2026-04-13T08:00:00Z", {"pickup_time_till": "17:01"}, ["pickup.range"]),
    ("2026-04-13T08:59:59Z", {"pickup_date": TODAY}, []),  # before 11:00 in Berlin
    ("2026-04-13T09:00:00Z", {"pickup_date": TODAY}, ["pickup.cutoff/begun"]),
    ("2026-04-13T14:00:00Z", {"pickup_date": TODAY}, ["pickup.cutoff/exactly", "pickup.cutoff/begun"]),
    (
        "2026-04-13T14:00:00Z",
        {"pickup_date": TODAY, "pickup_time_from": "17:00", "pickup_time_till": "19:00"},
        ["pickup.cutoff/exactly", "pickup.range"],
    ),
    ("2026-04-13T14:00:00Z", {}, []),
    ("2026-04-13T21:30:00Z", {"location_id": HELSINKI, "pickup_date": "2026-04-14"}, ["pickup.cutoff/today"]),
    ("2026-04-13T20:30:00Z", {"location_id": HELSINKI, "pickup_date": "2026-04-14"}, []),
    (
        "2026-04-13T22:00:00Z",
        {"location_id": ZONELESS_LOCATION, "pickup_date": "2026-04-13"},
        ["pickup.cutoff/today", "pickup.cutoff/begun"],
    ),
]


@pytest.mark.rule("pickup.cutoff/exactly", "pickup.cutoff/today", "pickup.cutoff/begun", "shipment.create/names")
@pytest.mark.parametrize(("now", "changes", "clauses"), TAKEN)
def test_orders_lean_on_the_clauses_that_took_them(
    opened: Client, now: str, changes: dict[str, Any], clauses: list[str]
) -> None:
    """An order leans on what another reading would refuse or read otherwise, and on nothing else."""
    assert at(opened, now).post("/shipments", NEW | changes).status == 201
    assert sorted(leaned(opened, "pickup", "shipment")) == sorted(clauses)


@pytest.mark.rule("shipment.update/boxes", "shipment.update/tracking")
@pytest.mark.parametrize(
    ("id", "changes", "clauses"),
    [
        (SHIPMENT, {"notes": "x"}, []),
        (SHIPMENT, {"pickup_time_till": "15:00"}, ["tracking"]),
        (SHIPMENT, {"weight": 2}, ["tracking", "boxes"]),
        (LOCKED_SHIPMENT, {"pickup_date": "2026-04-16"}, []),  # not booked yet
        (LOCKED_SHIPMENT, {"package_count": 2}, ["boxes"]),
    ],
)
def test_updates_lean_on_the_clauses_of_the_new_order(
    opened: Client, id: str, changes: dict[str, Any], clauses: list[str]
) -> None:
    """Other fields than those of the schedule are disputed; that a booked order is new again is not documented."""
    assert opened.patch(f"/shipments/{id}", changes).status == 200
    assert leaned(opened, "shipment") == [f"shipment.update/{name}" for name in clauses]


@pytest.mark.rule("shipment.freshness/hour")
@pytest.mark.parametrize(
    ("now", "leans"),
    [
        ("2026-04-13T08:30:00Z", True),  # the report is not in the copy yet
        ("2026-04-13T08:59:59Z", True),
        ("2026-04-13T09:00:00Z", True),  # the sync brought it; one at half past the hour would not have
        ("2026-04-13T09:19:59Z", True),
        ("2026-04-13T09:20:00Z", False),
    ],
)
def test_lists_lean_on_the_minute_of_the_sync(opened: Client, now: str, leans: bool) -> None:
    """For an hour after a report, what a list shows of it depends on when the hourly sync runs; not if another call has
    synced the shipment in between."""
    seen, unseen = (opened.post("/shipments", NEW | {"appointment_id": APPOINTMENT}).json["id"] for _ in range(2))
    at(opened, "2026-04-13T08:20:00Z")
    happen(opened.world, Event("courier.booked", seen))
    opened.get(f"/shipments/{seen}")
    opened.get("/shipments")
    assert leaned(opened, "shipment") == []
    happen(opened.world, Event("courier.booked", unseen))
    clauses = ["shipment.freshness/hour"] if leans else []
    for where in ("/shipments", f"/appointments/{APPOINTMENT}/shipments"):
        at(opened, now).get(where)
        assert leaned(opened, "shipment") == clauses
    opened.post(f"/shipments/{unseen}/appointments", {"appointment_ids": [APPOINTMENT]})
    assert leaned(opened, "shipment") == clauses
    opened.get(f"/shipments/{unseen}")
    assert leaned(opened, "shipment") == []


@pytest.mark.rule("shipment.freshness/hour")
def test_without_the_hourly_sync_no_minute_counts() -> None:
    """A world whose hourly sync is off has none to lean on."""
    client = quiet_client(Settings(courier_automation=False, hourly_sync=False, lab_automation=False))
    happen(client.world, Event("courier.booked", LOCKED_SHIPMENT))
    client.get("/shipments")
    assert leaned(client, "shipment") == []
