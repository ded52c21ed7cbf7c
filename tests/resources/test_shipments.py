"""Shipments: creating, changing, cancelling and listing them, and when the courier can be ordered."""

import re
from datetime import date, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest

from aniva_sandbox.contract.rules import Refusal
from aniva_sandbox.resources import appointments, shipments
from aniva_sandbox.resources.links import attach_appointments
from aniva_sandbox.serving.server import get_fixture
from aniva_sandbox.simulation.events import advance, happen
from aniva_sandbox.world.agenda import Event
from aniva_sandbox.world.catalogue import get_catalogue
from aniva_sandbox.world.shipments import ShipmentStatus
from aniva_sandbox.world.world import World
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    CANCELLED_SHIPMENT,
    DELIVERED_SHIPMENT,
    DRAWN_APPOINTMENT,
    HELSINKI,
    HOME_APPOINTMENT,
    HOURLESS_LOCATION,
    INACTIVE_LOCATION,
    LOCKED_SHIPMENT,
    LOST_SHIPMENT,
    MOVING_SHIPMENT,
    PENDING_APPOINTMENT,
    PENDING_LOCATION,
    QUIET,
    RIVAL_APPOINTMENT,
    RIVAL_LOCATION,
    RIVAL_SHIPMENT,
    SHIPMENT,
    UNKNOWN,
    UNKNOWN_SHIPMENT,
    ZONELESS_LOCATION,
    Client,
    new_world,
    quiet_client,
    refusal_of,
    run,
)

NOW = "2026-04-13T08:00:00Z"
NEW: dict[str, Any] = {
    "location_id": BERLIN,
    "pickup_date": "2026-04-15",
    "pickup_time_from": "11:00",
    "pickup_time_till": "14:00",
}
OLDEST_SHIPMENT = "P2601287306"
ZOTZKLIMAS = {
    "location_id": None,
    "name": "ZotzKlimas",
    "street": "Beispielstraße",
    "house_number": "12",
    "postal_code": "40210",
    "city": "Düsseldorf",
    "country": "DE",
    "phone": "+49 211 0000100",
    "email": "samples@zotzklimas.example",
}
LABCLINIC = {
    "location_id": None,
    "name": "Labclinic",
    "street": "Esimerkkikatu",
    "house_number": "5",
    "postal_code": "00100",
    "city": "Helsinki",
    "country": "FI",
    "phone": "+358 9 0000100",
    "email": "samples@labclinic.example",
}


def world_at(start: str) -> World:
    """A default world whose clock stands at an instant and in which nothing happens by itself."""
    return World(
        "test",
        get_fixture("default"),
        get_catalogue(),
        mode="frozen",
        start=datetime.fromisoformat(start),
        settings=QUIET,
    )


def create(world: World, **changes: Any) -> Any:
    """Create a shipment that differs from NEW."""
    return run(world, shipments.create_shipment, body=NEW | changes)


def get(world: World, id: str) -> Any:
    return run(world, shipments.get_shipment, id)


def update(world: World, id: str, **changes: Any) -> Any:
    return run(world, shipments.update_shipment, id, changes)


def cancel(world: World, id: str) -> Any:
    return run(world, shipments.cancel_shipment, id)


def listed(world: World, **options: Any) -> list[str]:
    """The ids of the list, in its order."""
    return [entry["id"] for entry in run(world, shipments.list_shipments, **options)]


def refused(world: World, *args: Any, **options: Any) -> tuple[str, int]:
    """Rule and status of the refusal of a call, which must have left the world as it was."""
    before = world.snapshot()
    refusal = refusal_of(world, *args, **options)
    assert world.snapshot() == before
    return refusal.rule.id, refusal.status


def verdict(world: World, **changes: Any) -> str:
    """What becomes of a new shipment: the rule that refuses it with 400 and changes nothing, or "taken"."""
    before = world.snapshot()
    try:
        create(world, **changes)
    except Refusal as refusal:
        refusing = refusal
    else:
        return "taken"
    assert world.snapshot() == before
    assert refusing.status == 400
    return refusing.rule.id


def agenda(world: World, id: str) -> list[tuple[str, str]]:
    """What will happen to a shipment: types and times, in order."""
    return [(event.type, f"{due:%Y-%m-%dT%H:%M:%SZ}") for due, event in world.agenda if event.target == id]


# Creating


@pytest.mark.rule("shipment.create", "time.updated", "time.instants", "time.local")
def test_new_shipment(world: World) -> None:
    """What only has the required fields begins pending, unnumbered, unlinked and never changed, and is found again."""
    made = create(world)
    id = made.pop("id")
    assert re.fullmatch(r"P260415\d{4}", id)
    assert made == {
        "status": "pending",
        "logistics_provider": "go",
        "tracking_number": None,
        "origin": {
            "location_id": BERLIN,
            "name": "Aniva Berlin Mitte",
            "street": "Alte Gipsgasse",
            "house_number": "14",
            "postal_code": "10178",
            "city": "Berlin",
            "country": "DE",
            "phone": "+493023125101",
            "email": "berlin-mitte@aniva.example",
        },
        "destination": ZOTZKLIMAS,
        "pickup": {
            "from": "2026-04-15T11:00:00+02:00",
            "till": "2026-04-15T14:00:00+02:00",
            "timezone": "Europe/Berlin",
        },
        "notes": None,
        "status_updates": [],
        "appointments": [],
        "created_at": NOW,
        "updated_at": None,
    }
    assert get(world, id) == made | {"id": id}
    assert run(world, shipments.list_shipments)[0] == made | {"id": id}


@pytest.mark.rule("shipment.create")
@pytest.mark.parametrize(
    ("location", "courier", "origin", "destination"),
    [
        (
            HELSINKI,
            "dhl",
            ["Kaivopihankuja", "3 B", "00100", "Helsinki", "FI", "+358900000101", "helsinki-central@aniva.example"],
            LABCLINIC,
        ),
        (
            PENDING_LOCATION,
            "go",
            ["Veedelsplatz", "101-103", "50823", "Köln", "DE", "+492214710104", "koeln-ehrenfeld@aniva.example"],
            LABCLINIC,
        ),
        (ZONELESS_LOCATION, "tof", ["Revontulikuja", "2", "96200", "Rovaniemi", "FI", None, None], LABCLINIC),
        (HOURLESS_LOCATION, "dhl", None, LABCLINIC),
    ],
    ids=["abroad", "another country's laboratory", "no phone", "no address"],
)
def test_addresses_are_whole(
    world: World, location: str, courier: str, origin: list[str | None] | None, destination: dict[str, Any]
) -> None:
    """Courier, origin and laboratory are the location's, house numbers apart; without an address there is no origin."""
    made = create(world, location_id=location)
    assert (made["logistics_provider"], made["destination"]) == (courier, destination)
    if origin is None:
        assert made["origin"] is None
    else:
        assert made["origin"].pop("location_id") == location
        assert made["origin"].pop("name")
        parts = ("street", "house_number", "postal_code", "city", "country", "phone", "email")
        assert made["origin"] == dict(zip(parts, origin, strict=True))


@pytest.mark.rule("shipment.create")
@pytest.mark.parametrize(
    ("location", "sent", "kept"),
    [
        (BERLIN, {}, "Ring at the practice, second floor. The box stands ready at the reception."),
        (HELSINKI, {}, "Pick up through the courtyard, door B."),
        (HOURLESS_LOCATION, {}, None),
        (BERLIN, {"pickup_remarks": "Back door"}, "Back door"),
        (BERLIN, {"pickup_remarks": ""}, ""),
        (HOURLESS_LOCATION, {"pickup_remarks": "Call first"}, "Call first"),
    ],
)
def test_remarks_are_the_locations_where_none_are_sent(
    world: World, location: str, sent: dict[str, str], kept: str | None
) -> None:
    """The driver gets the remarks that were sent, also empty ones, and those of the location only without any."""
    assert world.shipments[create(world, location_id=location, **sent)["id"]].pickup_remarks == kept


@pytest.mark.rule("shipment.create")
def test_count_weight_and_notes(world: World) -> None:
    """It is one box of one kilogram unless more is said; notes are shown as they came."""
    plain = world.shipments[create(world)["id"]]
    assert (plain.package_count, plain.weight) == (1, 1)
    made = create(world, package_count=3, weight=2.5, notes="Kühl halten")
    kept = world.shipments[made["id"]]
    assert (kept.package_count, kept.weight, made["notes"]) == (3, 2.5, "Kühl halten")


LONGEST = "ä😀" * 64
BOUNDS: list[tuple[str, list[Any], list[Any]]] = [
    ("package_count", [0, -1, 1.5, True, "1", None, [1]], [1, 1.0, 2]),
    ("weight", [0, 0.0, -1, -0.1, True, "1", None], [0.1, 1, 1e6]),
    ("notes", ["x" * 129, f"{LONGEST}x", 5, None, ["x"]], ["x" * 128, LONGEST, ""]),
]
"""Of each optional field of creation and update what is refused, and what stands beside it and is taken."""


@pytest.mark.rule("shipment.create", "body.schema", "atomic")
@pytest.mark.parametrize(
    ("field", "wrong", "right"),
    [*BOUNDS, ("pickup_remarks", *BOUNDS[2][1:])],
    ids=[*(field for field, _, _ in BOUNDS), "pickup_remarks"],
)
def test_bounds_of_creation(client: Client, field: str, wrong: list[Any], right: list[Any]) -> None:
    """Every optional field has its bounds: one step beyond, it is refused by its name; null is never taken."""
    for value in wrong:
        before = client.world.snapshot()
        reply = client.post("/shipments", NEW | {field: value})
        assert (reply.status, reply.rules, list(reply.details)) == (400, ["shipment.create"], [field]), value
        assert client.world.snapshot() == before
    for value in right:
        assert client.post("/shipments", NEW | {field: value}).status == 201, value


@pytest.mark.rule("shipment.create", "shipment.update")
@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" + "0" * 400, "NaN"])
def test_weights_beyond_numbers(client: Client, number: str) -> None:
    """A weight too large for a number is refused and never a fault."""
    before = client.world.snapshot()
    body = msgspec.json.encode(NEW)[:-1] + f', "weight": {number}}}'.encode()
    assert client.post("/shipments", body=body).status == 400
    assert client.patch(f"/shipments/{SHIPMENT}", body=f'{{"weight": {number}}}'.encode()).status == 400
    assert client.world.snapshot() == before


@pytest.mark.rule("shipment.create", "body.schema")
def test_required_fields(client: Client) -> None:
    """Each of the four required fields is asked for by its name, and all that are missing at once."""
    before = client.world.snapshot()
    for missing in NEW:
        reply = client.post("/shipments", {name: value for name, value in NEW.items() if name != missing})
        assert (reply.status, reply.rules, list(reply.details)) == (400, ["shipment.create"], [missing])
    reply = client.post("/shipments", {})
    assert (reply.status, sorted(reply.details)) == (400, sorted(NEW))
    assert client.world.snapshot() == before
    assert client.post("/shipments", NEW).status == 201


@pytest.mark.rule("body.schema", "id.format")
@pytest.mark.parametrize(
    ("field", "wrong", "rule"),
    [
        ("pickup_date", ["2026-4-15", "2026-02-30", "15.04.2026", "2026-04-15T00:00:00Z", "", None, 20260415], None),
        ("location_id", ["", "x", BERLIN[:-1], f"{BERLIN}0", None, 1], "id.format"),
        ("appointment_id", ["", "x", APPOINTMENT[:-1], f"{{{APPOINTMENT}}}", None, 1], "id.format"),
    ],
)
def test_forms_of_date_and_ids(client: Client, field: str, wrong: list[Any], rule: str | None) -> None:
    """The date is one of the calendar and ids are UUIDs, or the field is refused by its name."""
    before = client.world.snapshot()
    for value in wrong:
        reply = client.post("/shipments", NEW | {field: value})
        assert (reply.status, reply.rules, list(reply.details)) == (400, [rule or "body.schema"], [field]), value
    assert client.world.snapshot() == before


@pytest.mark.rule("body.unknown-field")
def test_unknown_fields_are_ignored(world: World) -> None:
    """What creation does not know has no effect."""
    made = create(world, status="delivered", tracking_number="1", id=UNKNOWN_SHIPMENT, created_at="2020-01-01")
    assert (made["status"], made["tracking_number"], made["created_at"]) == ("pending", None, NOW)
    assert made["id"] != UNKNOWN_SHIPMENT


@pytest.mark.rule("shipment.location", "auth.context", "atomic")
@pytest.mark.parametrize(
    ("location", "rule", "status"),
    [
        (UNKNOWN, "shipment.location", 404),
        (INACTIVE_LOCATION, "shipment.location", 404),
        (RIVAL_LOCATION, "auth.context", 403),
    ],
)
def test_origin(world: World, location: str, rule: str, status: int) -> None:
    """The origin exists, is active and lies inside the context; its id may be in either case of letters."""
    body = NEW | {"location_id": location}
    assert refused(world, shipments.create_shipment, body=body) == (rule, status)
    assert create(world, location_id=BERLIN.upper())["origin"]["location_id"] == BERLIN


@pytest.mark.rule("shipment.location", "location.active")
def test_closed_location_sends_nothing_new(world: World) -> None:
    """A location that closes takes no new shipment; what it has can still be seen, changed and cancelled."""
    id = create(world)["id"]
    happen(world, Event("location.closed", BERLIN))
    assert refused(world, shipments.create_shipment, body=NEW) == ("shipment.location", 404)
    assert update(world, id, pickup_date="2026-04-16", notes="Late")["pickup"]["from"] == "2026-04-16T11:00:00+02:00"
    assert cancel(world, id)["status"] == "cancelled"
    assert id in listed(world)
    happen(world, Event("location.opened", BERLIN))
    assert create(world)["status"] == "pending"


@pytest.mark.rule("shipment.appointment", "time.updated")
@pytest.mark.parametrize(
    "appointment", [APPOINTMENT, PENDING_APPOINTMENT, DRAWN_APPOINTMENT, CANCELLED_APPOINTMENT, HOME_APPOINTMENT]
)
def test_linked_from_the_start(world: World, appointment: str) -> None:
    """The appointment named is linked with the time of creation, on both sides, whatever its status."""
    advance(world, world.now + timedelta(seconds=61))
    before = run(world, appointments.get_appointment, appointment)
    made = create(world, appointment_id=appointment.upper())
    assert made["appointments"] == [{"id": appointment, "added_at": "2026-04-13T08:01:01Z"}]
    assert (made["created_at"], made["updated_at"]) == ("2026-04-13T08:01:01Z", None)
    link = {"id": made["id"], "added_at": "2026-04-13T08:01:01Z"}
    after = run(world, appointments.get_appointment, appointment)
    assert after == before | {"shipments": [*before["shipments"], link]}


@pytest.mark.rule("shipment.appointment", "atomic")
@pytest.mark.parametrize(("appointment", "status"), [(UNKNOWN, 404), (RIVAL_APPOINTMENT, 403)])
def test_appointment_that_cannot_be_linked(client: Client, appointment: str, status: int) -> None:
    """An appointment that does not exist, or lies outside the context, leaves no shipment behind."""
    before = client.world.snapshot()
    reply = client.post("/shipments", NEW | {"appointment_id": appointment})
    assert (reply.status, reply.rules) == (status, ["shipment.appointment"])
    assert status == 404 or reply.json == {"error": "Forbidden"}
    assert client.world.snapshot() == before


SATURDAY, FRIDAY_BEFORE, TODAY = "2026-04-11", "2026-04-10", "2026-04-13"
NARROW = {"pickup_time_from": "12:30"}
MAGIC = {"notes": "please courier-refuses-create it"}


@pytest.mark.rule("order.checks", "shipment.location", "shipment.appointment", "shipment.courier-refuses", "atomic")
@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"location_id": UNKNOWN, "appointment_id": UNKNOWN, "pickup_date": SATURDAY}, "shipment.location"),
        ({"location_id": UNKNOWN, "appointment_id": RIVAL_APPOINTMENT}, "shipment.location"),
        ({"location_id": RIVAL_LOCATION, "appointment_id": UNKNOWN}, "shipment.appointment"),
        ({"location_id": RIVAL_LOCATION, "appointment_id": RIVAL_APPOINTMENT}, "auth.context"),
        ({"location_id": RIVAL_LOCATION, "pickup_date": SATURDAY, **NARROW, **MAGIC}, "auth.context"),
        ({"appointment_id": RIVAL_APPOINTMENT, "pickup_date": SATURDAY, **MAGIC}, "shipment.appointment"),
        ({"pickup_date": SATURDAY, **NARROW, **MAGIC}, "pickup.weekday"),
        ({"pickup_date": FRIDAY_BEFORE, **NARROW, **MAGIC}, "pickup.past"),
        ({"pickup_date": TODAY, **NARROW, **MAGIC}, "pickup.cutoff"),
        ({**NARROW, **MAGIC}, "pickup.width"),
        ({**MAGIC}, "shipment.courier-refuses"),
    ],
)
def test_creation_checks_in_order(changes: dict[str, str], rule: str) -> None:
    """What is named goes first, not found before forbidden, then the pickup rules one by one; the courier last."""
    world = world_at("2026-04-13T15:00:00Z")
    assert refused(world, shipments.create_shipment, body=NEW | changes)[0] == rule


@pytest.mark.rule("order.checks", "pickup.range")
def test_formats_come_before_the_world(client: Client) -> None:
    """All faults of form are named together, before anything is looked up."""
    faults = {"location_id": UNKNOWN, "pickup_time_from": "08:59", "pickup_date": "x", "package_count": 0}
    reply = client.post("/shipments", NEW | faults)
    assert (reply.status, sorted(reply.details)) == (400, ["package_count", "pickup_date", "pickup_time_from"])
    assert sorted(reply.rules) == ["body.schema", "pickup.range", "shipment.create"]
    assert client.post("/shipments", NEW | {"location_id": UNKNOWN}).rules == ["shipment.location"]
    assert client.patch(f"/shipments/{UNKNOWN_SHIPMENT}", {"weight": 0}).status == 400
    assert client.patch(f"/shipments/{UNKNOWN_SHIPMENT}", {"weight": 1}).status == 404


# Ids


@pytest.mark.rule("shipment.id")
def test_ids(world: World) -> None:
    """Ids carry the pickup date and never repeat; they stay when the date changes."""
    before = set(listed(world))
    days = [date(2026, 4, 15), date(2026, 12, 31), date(2027, 1, 1), date(2100, 3, 1)]
    made = [(day, create(world, pickup_date=f"{day}")["id"]) for day in days * 50]
    for day, id in made:
        assert re.fullmatch(rf"P{day.strftime('%y%m%d')}\d{{4}}", id)
    assert len({id for _, id in made} | before) == len(made) + len(before)
    id = made[0][1]
    assert update(world, id, pickup_date="2026-04-20")["id"] == id
    assert get(world, id)["pickup"]["from"] == "2026-04-20T11:00:00+02:00"
    assert create(world)["id"] != id


@pytest.mark.rule("shipment.id", "atomic")
def test_ids_of_a_date_can_run_out() -> None:
    """A date has 10,000 ids, those of the start among them; then nothing is created for it, as if the courier had
    refused. Moving shipments away gives no id back, and other dates go on."""
    client = quiet_client()
    world = client.world
    ids = {create(world)["id"] for _ in range(9_999)}
    assert ids | {SHIPMENT} == {f"P260415{number:04}" for number in range(10_000)}
    assert SHIPMENT not in ids
    update(world, min(ids), pickup_date="2026-04-16")
    cancel(world, max(ids))

    before = world.snapshot()
    reply = client.post("/shipments", NEW | {"appointment_id": APPOINTMENT})
    assert (reply.status, reply.rules, list(reply.json)) == (502, ["shipment.id"], ["error"])
    assert client.world.snapshot() == before
    assert create(world, pickup_date="2026-04-16")["id"].startswith("P260416")
    assert update(world, LOCKED_SHIPMENT, pickup_date="2026-04-15")["id"] == LOCKED_SHIPMENT


# When the courier comes


@pytest.mark.rule("pickup.weekday")
def test_days_of_the_week(world: World) -> None:
    """From Monday to Friday the courier comes, at weekends not; public holidays are days like others."""
    week = [verdict(world, pickup_date=f"2026-04-{day}") for day in range(13, 20)]
    assert week == ["taken"] * 5 + ["pickup.weekday"] * 2
    assert verdict(world, pickup_date="2026-12-25") == "taken"
    id = create(world)["id"]
    for day in ("2026-04-18", "2026-04-19"):
        assert refused(world, shipments.update_shipment, id, {"pickup_date": day}) == ("pickup.weekday", 400)
    assert update(world, id, pickup_date="2026-04-17")["pickup"]["till"] == "2026-04-17T14:00:00+02:00"


@pytest.mark.rule("pickup.past", "pickup.cutoff")
@pytest.mark.parametrize(
    ("now", "location", "days"),
    [
        # Summer: Helsinki's day begins at 21:00, Berlin's at 22:00.
        ("2026-04-14T20:59:59Z", HELSINKI, {"13": "pickup.past", "14": "pickup.cutoff", "15": "taken"}),
        ("2026-04-14T21:00:00Z", HELSINKI, {"14": "pickup.past", "15": "taken"}),
        ("2026-04-14T21:59:59Z", BERLIN, {"13": "pickup.past", "14": "pickup.cutoff", "15": "taken"}),
        ("2026-04-14T22:00:00Z", BERLIN, {"14": "pickup.past", "15": "taken"}),
        # Without a zone it is UTC's day, and still today where Berlin has gone on to tomorrow.
        ("2026-04-14T21:59:59Z", ZONELESS_LOCATION, {"13": "pickup.past", "14": "pickup.cutoff", "15": "taken"}),
        ("2026-04-14T22:00:00Z", ZONELESS_LOCATION, {"13": "pickup.past", "14": "taken", "15": "taken"}),
        ("2026-04-14T23:59:59Z", ZONELESS_LOCATION, {"13": "pickup.past", "14": "taken"}),
        ("2026-04-15T00:00:00Z", ZONELESS_LOCATION, {"14": "pickup.past", "15": "taken"}),
        # Winter: an hour later.
        ("2026-01-14T21:59:59Z", HELSINKI, {"13": "pickup.past", "14": "pickup.cutoff", "15": "taken"}),
        ("2026-01-14T22:00:00Z", HELSINKI, {"14": "pickup.past", "15": "taken"}),
        ("2026-01-14T22:59:59Z", BERLIN, {"14": "pickup.cutoff", "15": "taken"}),
        ("2026-01-14T23:00:00Z", BERLIN, {"14": "pickup.past", "15": "taken"}),
    ],
)
def test_today_is_the_origins(now: str, location: str, days: dict[str, str]) -> None:
    """A day is past when it is over at the origin; what is Berlin's today comes under the cut-off there."""
    world = world_at(now)
    seen = {day: verdict(world, location_id=location, pickup_date=f"{now[:8]}{day}") for day in days}
    assert seen == days


@pytest.mark.rule("pickup.cutoff")
@pytest.mark.parametrize(
    ("now", "location", "today"),
    [
        ("2026-04-13T14:00:00Z", BERLIN, "taken"),
        ("2026-04-13T14:00:01Z", BERLIN, "pickup.cutoff"),
        ("2026-01-12T14:00:01Z", BERLIN, "taken"),
        ("2026-01-12T15:00:00Z", BERLIN, "taken"),
        ("2026-01-12T15:00:01Z", BERLIN, "pickup.cutoff"),
        ("2026-04-13T13:30:00Z", HELSINKI, "taken"),
        ("2026-04-13T14:00:00Z", HELSINKI, "taken"),
        ("2026-04-13T14:00:01Z", HELSINKI, "pickup.cutoff"),
        ("2026-04-13T14:30:00Z", HELSINKI, "pickup.cutoff"),
        ("2026-01-12T15:00:00Z", HELSINKI, "taken"),
        ("2026-01-12T15:30:00Z", HELSINKI, "pickup.cutoff"),
        ("2026-04-13T14:00:00Z", ZONELESS_LOCATION, "taken"),
        ("2026-04-13T14:00:01Z", ZONELESS_LOCATION, "pickup.cutoff"),
    ],
)
@pytest.mark.parametrize("window", [("09:00", "11:00"), ("09:00", "19:00"), ("17:00", "19:00")])
def test_cutoff_is_at_four_in_berlin(now: str, location: str, today: str, window: tuple[str, str]) -> None:
    """Until 16:00:00 in Berlin today is taken, whatever the hour at the origin and though its window may be over;
    afterwards only later days are."""
    world = world_at(now)
    times = {"location_id": location, "pickup_time_from": window[0], "pickup_time_till": window[1]}
    tomorrow = date.fromisoformat(now[:10]) + timedelta(days=1)
    assert verdict(world, pickup_date=now[:10], **times) == today
    assert verdict(world, pickup_date=f"{tomorrow}", **times) == "taken"


@pytest.mark.rule("pickup.range", "atomic")
@pytest.mark.parametrize(
    "wrong",
    [
        "08:59", "19:01", "9:00", "09:0", "24:00", "00:00", "19:59", "20:00", "09:60", "09:00:00", "0900", "09.00",
        "09:00Z", " 09:00", "09:00 ", "09:00\n", "٠٩:٠٠", "", "x", None, 9,
    ],
)  # fmt: skip
def test_times_outside_the_range(client: Client, wrong: Any) -> None:
    """Times are HH:MM and lie between nine and seven; each one that does not is named, in creation and update."""
    before = client.world.snapshot()
    for sent in (["pickup_time_from"], ["pickup_time_till"], ["pickup_time_from", "pickup_time_till"]):
        changes = dict.fromkeys(sent, wrong)
        for reply in (client.post("/shipments", NEW | changes), client.patch(f"/shipments/{SHIPMENT}", changes)):
            assert (reply.status, reply.rules, sorted(reply.details)) == (400, ["pickup.range"], sent)
    assert client.world.snapshot() == before


@pytest.mark.rule("pickup.range", "pickup.width")
@pytest.mark.parametrize(
    ("since", "till", "expected"),
    [
        ("09:00", "19:00", "taken"),
        ("09:00", "11:00", "taken"),
        ("09:00", "10:59", "pickup.width"),
        ("09:01", "11:00", "pickup.width"),
        ("09:01", "11:01", "taken"),
        ("17:00", "19:00", "taken"),
        ("17:01", "19:00", "pickup.width"),
        ("12:00", "12:00", "pickup.width"),
        ("14:00", "11:00", "pickup.width"),
        ("19:00", "09:00", "pickup.width"),
    ],
)
def test_windows(world: World, since: str, till: str, expected: str) -> None:
    """From nine to seven every window of two hours or more is taken; narrower and reversed ones are not."""
    assert verdict(world, pickup_time_from=since, pickup_time_till=till) == expected


@pytest.mark.rule("time.local")
@pytest.mark.parametrize(
    ("location", "day", "offset", "zone"),
    [
        (BERLIN, "2026-07-01", "+02:00", "Europe/Berlin"),
        (BERLIN, "2026-12-01", "+01:00", "Europe/Berlin"),
        (BERLIN, "2026-10-23", "+02:00", "Europe/Berlin"),
        (BERLIN, "2026-10-26", "+01:00", "Europe/Berlin"),
        (HELSINKI, "2026-07-01", "+03:00", "Europe/Helsinki"),
        (HELSINKI, "2026-12-01", "+02:00", "Europe/Helsinki"),
        (ZONELESS_LOCATION, "2026-07-01", "Z", "UTC"),
        (ZONELESS_LOCATION, "2026-12-01", "Z", "UTC"),
        (BERLIN, "9999-12-31", "+01:00", "Europe/Berlin"),
    ],
)
def test_pickup_has_the_offset_of_its_day(client: Client, location: str, day: str, offset: str, zone: str) -> None:
    """The window is shown on the origin's wall clock with the offset in force on that day; without a zone, in UTC."""
    shown = {"from": f"{day}T11:00:00{offset}", "till": f"{day}T14:00:00{offset}", "timezone": zone}
    made = client.post("/shipments", NEW | {"location_id": location, "pickup_date": day})
    assert (made.status, made.json["pickup"]) == (201, shown)
    moved = client.post("/shipments", NEW | {"location_id": location}).json["id"]
    assert client.patch(f"/shipments/{moved}", {"pickup_date": day}).json["pickup"] == shown


# Updating


@pytest.fixture
def booked(world: World) -> str:
    """The id of a shipment that the courier has booked, and that partners have seen so, ten minutes after the start."""
    made = create(world, package_count=2, weight=1.5, notes="Fragile", appointment_id=APPOINTMENT)
    advance(world, world.now + timedelta(minutes=10))
    seen = get(world, made["id"])
    assert seen["tracking_number"]
    assert len(seen["status_updates"]) == 1
    return str(made["id"])


@pytest.mark.rule("shipment.update", "time.updated", "update.empty")
@pytest.mark.parametrize(
    ("changes", "pickup"),
    [
        ({"pickup_date": "2026-04-16"}, {"from": "2026-04-16T11:00:00+02:00", "till": "2026-04-16T14:00:00+02:00"}),
        ({"pickup_time_from": "12:00"}, {"from": "2026-04-15T12:00:00+02:00"}),
        ({"pickup_time_till": "13:00"}, {"till": "2026-04-15T13:00:00+02:00"}),
        (
            {"pickup_date": "2026-12-01", "pickup_time_from": "16:00", "pickup_time_till": "18:30", "weight": 4},
            {"from": "2026-12-01T16:00:00+01:00", "till": "2026-12-01T18:30:00+01:00"},
        ),
        ({"package_count": 7}, {}),
        ({"weight": 0.5}, {}),
        ({"weight": 0.5, "notes": "Now heavy"}, {}),
        ({"pickup_date": "2026-04-15"}, {}),
        ({"pickup_time_from": "11:00"}, {}),
        ({"pickup_time_till": "14:00"}, {}),
        ({"package_count": 2}, {}),
        ({"weight": 1.5}, {}),
    ],
    ids=lambda value: "-".join(value),
)
def test_update_replaces_the_order(world: World, booked: str, changes: dict[str, Any], pickup: dict[str, str]) -> None:
    """Schedule, count and weight, also with equal values, make a new order under the same id: no number, no updates
    and an agenda of its own. What is not sent stays."""
    before, record = get(world, booked), msgspec.structs.asdict(world.shipments[booked])
    old = agenda(world, booked)
    assert [type for type, _ in old] == ["courier.picked_up", "courier.scanned", "courier.delivered"]
    assert update(world, booked, **changes) == before | {
        "tracking_number": None,
        "status_updates": [],
        "pickup": before["pickup"] | pickup,
        "notes": changes.get("notes", "Fragile"),
        "updated_at": "2026-04-13T08:10:00Z",
    }
    after = msgspec.structs.asdict(world.shipments[booked])
    for name in ("package_count", "weight", "pickup_remarks", "location_id"):
        assert after[name] == changes.get(name, record[name])
    new = agenda(world, booked)
    assert new[0] == ("courier.booked", "2026-04-13T08:15:00Z")
    assert [type for type, _ in new[1:]] == [type for type, _ in old]

    advance(world, world.now + timedelta(minutes=5))
    again = get(world, booked)
    assert again["tracking_number"] not in (None, before["tracking_number"])
    assert [entry["time"] for entry in again["status_updates"]] == ["2026-04-13T08:15:00Z"]


@pytest.mark.rule("shipment.update", "time.updated")
@pytest.mark.parametrize("notes", ["Fragile", "Other", "", "courier-refuses-update"])
def test_notes_alone_keep_the_order(world: World, booked: str, notes: str) -> None:
    """Notes alone, equal ones too, are a change but no new order: number, updates and agenda stay."""
    before, planned = get(world, booked), agenda(world, booked)
    advance(world, world.now + timedelta(seconds=30))
    assert update(world, booked, notes=notes) == before | {"notes": notes, "updated_at": "2026-04-13T08:10:30Z"}
    assert agenda(world, booked) == planned


@pytest.mark.rule("shipment.update", "pickup.past", "pickup.cutoff", "pickup.weekday", "pickup.width", "atomic")
@pytest.mark.parametrize(
    ("now", "changes", "rule"),
    [
        # The day of the pickup is over: whatever schedule results must be possible, and nothing else is looked at.
        ("2026-04-16T08:00:00Z", {"weight": 2}, None),
        ("2026-04-16T08:00:00Z", {"package_count": 2}, None),
        ("2026-04-16T08:00:00Z", {"notes": "x"}, None),
        ("2026-04-16T08:00:00Z", {"pickup_time_till": "15:00"}, "pickup.past"),
        ("2026-04-16T08:00:00Z", {"pickup_time_from": "11:00"}, "pickup.past"),
        ("2026-04-16T08:00:00Z", {"pickup_date": "2026-04-15", "weight": 2}, "pickup.past"),
        ("2026-04-16T08:00:00Z", {"pickup_date": "2026-04-17"}, None),
        ("2026-04-16T08:00:00Z", {"pickup_date": "2026-04-18", "pickup_time_from": "13:00"}, "pickup.weekday"),
        # The day of the pickup, around the cut-off.
        ("2026-04-15T14:00:00Z", {"pickup_time_till": "15:00"}, None),
        ("2026-04-15T14:00:01Z", {"pickup_time_till": "15:00"}, "pickup.cutoff"),
        ("2026-04-15T14:00:01Z", {"pickup_date": "2026-04-15", "pickup_time_till": "12:00"}, "pickup.cutoff"),
        ("2026-04-15T14:00:01Z", {"pickup_date": "2026-04-16"}, None),
        ("2026-04-15T14:00:01Z", {"weight": 2, "package_count": 3, "notes": "x"}, None),
        # Before: the window that results, from 11:00 to 14:00 where nothing else is sent.
        ("2026-04-13T08:00:00Z", {"pickup_time_from": "12:00"}, None),
        ("2026-04-13T08:00:00Z", {"pickup_time_from": "12:01"}, "pickup.width"),
        ("2026-04-13T08:00:00Z", {"pickup_time_from": "15:00"}, "pickup.width"),
        ("2026-04-13T08:00:00Z", {"pickup_time_till": "13:00"}, None),
        ("2026-04-13T08:00:00Z", {"pickup_time_till": "12:59"}, "pickup.width"),
        ("2026-04-13T08:00:00Z", {"pickup_time_from": "15:00", "pickup_time_till": "17:00"}, None),
    ],
)
def test_resulting_schedule_is_judged(now: str, changes: dict[str, Any], rule: str | None) -> None:
    """Where a part of the schedule is sent, all that results is judged; otherwise the schedule is not looked at."""
    world = world_at("2026-04-13T08:00:00Z")
    id = create(world)["id"]
    advance(world, datetime.fromisoformat(now))
    get(world, id)
    if rule is None:
        assert update(world, id, **changes)["updated_at"] == now
    else:
        assert refused(world, shipments.update_shipment, id, changes) == (rule, 400)


@pytest.mark.rule("pickup.past", "pickup.cutoff", "shipment.update")
def test_update_goes_by_the_origins_clock() -> None:
    """Updates, too, know today from the origin, and the cut-off from Berlin."""
    world = world_at("2026-04-14T21:30:00Z")
    ids = {location: create(world, location_id=location)["id"] for location in (HELSINKI, BERLIN)}
    for location, rule in ((HELSINKI, "pickup.past"), (BERLIN, "pickup.cutoff")):
        changes = {"pickup_date": "2026-04-14"}
        assert refused(world, shipments.update_shipment, ids[location], changes) == (rule, 400)
        assert update(world, ids[location], pickup_date="2026-04-15")["status"] == "pending"


@pytest.mark.rule("shipment.update", "order.checks", "atomic")
@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"pickup_date": SATURDAY, "pickup_time_from": "13:00"}, "pickup.weekday"),
        ({"pickup_date": FRIDAY_BEFORE, "pickup_time_from": "13:00"}, "pickup.past"),
        ({"pickup_date": TODAY, "pickup_time_from": "13:00"}, "pickup.cutoff"),
        ({"pickup_time_from": "13:00"}, "pickup.width"),
        ({"weight": 2}, "shipment.courier-refuses"),
    ],
)
def test_update_checks_in_order(changes: dict[str, Any], rule: str) -> None:
    """State first, then the pickup rules one by one, and the courier last."""
    world = world_at("2026-04-13T15:00:00Z")
    id = create(world, notes="courier-refuses-update")["id"]
    assert refused(world, shipments.update_shipment, id, changes)[0] == rule
    happen(world, Event("courier.picked_up", id))
    get(world, id)
    assert refused(world, shipments.update_shipment, id, changes) == ("shipment.update-state", 409)


@pytest.mark.rule("update.empty", "shipment.update", "body.unknown-field")
@pytest.mark.parametrize("body", [{}, {"status": "delivered", "location_id": HELSINKI, "pickup_remarks": "Back door"}])
def test_update_without_known_fields(world: World, booked: str, body: dict[str, str]) -> None:
    """An empty object, or one of unknown fields, is taken, changes nothing and answers the shipment as it was; it does
    so also where the schedule could no longer be chosen, or the courier would refuse."""
    update(world, booked, notes="courier-refuses-update")
    shown = get(world, booked)
    before = world.snapshot()
    assert update(world, booked, **body) == shown
    assert world.snapshot() == before

    late = world_at("2026-04-13T08:00:00Z")
    id = create(late)["id"]
    advance(late, late.now + timedelta(days=9))
    assert update(late, id, **body)["updated_at"] is None


@pytest.mark.rule("update.empty", "auth.context", "path.unknown", "shipment.update-state")
@pytest.mark.parametrize(
    ("id", "rule", "status"),
    [
        (UNKNOWN_SHIPMENT, "path.unknown", 404),
        (RIVAL_SHIPMENT, "auth.context", 403),
        (CANCELLED_SHIPMENT, "shipment.update-state", 409),
        (DELIVERED_SHIPMENT, "shipment.update-state", 409),
    ],
)
def test_empty_update_is_still_checked(world: World, id: str, rule: str, status: int) -> None:
    """Path, context and state are judged though there is nothing to change."""
    listed(world)
    if status == 409:
        get(world, id)
    assert refused(world, shipments.update_shipment, id, {}) == (rule, status)


@pytest.mark.rule("shipment.update", "body.schema", "atomic")
@pytest.mark.parametrize(("field", "wrong", "right"), BOUNDS, ids=[field for field, _, _ in BOUNDS])
def test_bounds_of_updates(client: Client, field: str, wrong: list[Any], right: list[Any]) -> None:
    """What an update takes has the bounds that it has in creation, and cannot be cleared with null."""
    client.get(f"/shipments/{SHIPMENT}")
    before = client.world.snapshot()
    for value in wrong:
        reply = client.patch(f"/shipments/{SHIPMENT}", {field: value})
        assert (reply.status, reply.rules, list(reply.details)) == (400, ["shipment.update"], [field]), value
    assert client.world.snapshot() == before
    for value in right:
        assert client.patch(f"/shipments/{SHIPMENT}", {field: value}).status == 200, value


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize("wrong", [None, "", "2026-04-31", "16.04.2026"])
def test_update_wants_a_real_date(client: Client, wrong: str | None) -> None:
    """The date of an update is one of the calendar."""
    before = client.world.snapshot()
    reply = client.patch(f"/shipments/{SHIPMENT}", {"pickup_date": wrong})
    assert (reply.status, reply.rules, list(reply.details)) == (400, ["body.schema"], ["pickup_date"])
    assert client.world.snapshot() == before


# The state machine: what each operation and each of the courier's events does in every state. Written down by hand from
# the rules, not taken from the table that the code uses. A cell is the status afterwards, or the rule that refuses.

WAYS: dict[str, list[str]] = {
    "pending": [],
    "in_transit": ["picked_up"],
    "delivered": ["picked_up", "delivered"],
    "fault": ["lost"],
    "cancelled": ["cancel"],
}
"""How a new shipment gets into each state."""

MOVE, EDIT, CALL = "event.state", "shipment.update-state", "shipment.cancel"
CELLS: dict[str, dict[str, str]] = {
    "get": {status: status for status in WAYS},
    "update": {"pending": "pending", "in_transit": EDIT, "delivered": EDIT, "fault": EDIT, "cancelled": EDIT},
    "notes": {"pending": "pending", "in_transit": EDIT, "delivered": EDIT, "fault": EDIT, "cancelled": EDIT},
    "empty": {"pending": "pending", "in_transit": EDIT, "delivered": EDIT, "fault": EDIT, "cancelled": EDIT},
    "cancel": {"pending": "cancelled", "in_transit": CALL, "delivered": CALL, "fault": CALL, "cancelled": CALL},
    "booked": {"pending": "pending", "in_transit": MOVE, "delivered": MOVE, "fault": MOVE, "cancelled": MOVE},
    "picked_up": {"pending": "in_transit", "in_transit": MOVE, "delivered": MOVE, "fault": MOVE, "cancelled": MOVE},
    "scanned": {"pending": MOVE, "in_transit": "in_transit", "delivered": MOVE, "fault": MOVE, "cancelled": MOVE},
    "delivered": {"pending": MOVE, "in_transit": "delivered", "delivered": MOVE, "fault": MOVE, "cancelled": MOVE},
    "lost": {"pending": "fault", "in_transit": "fault", "delivered": MOVE, "fault": MOVE, "cancelled": MOVE},
}
CALLS: dict[str, tuple[Any, dict[str, Any] | None]] = {
    "get": (shipments.get_shipment, None),
    "update": (shipments.update_shipment, {"weight": 2}),
    "notes": (shipments.update_shipment, {"notes": "x"}),
    "empty": (shipments.update_shipment, {}),
    "cancel": (shipments.cancel_shipment, None),
}


def act(world: World, id: str, what: str) -> Any:
    """Let a partner's operation or a courier's event come to a shipment."""
    if what in CALLS:
        operation, body = CALLS[what]
        return run(world, operation, id, body)
    return happen(world, Event(f"courier.{what}", id))


def without_copies(world: World) -> dict[str, Any]:
    """The world but for what the sync of a shipment's copy may change."""
    state = world.snapshot()
    for entry in state["shipments"]:
        for name in ("seen", "synced_at", "updated_at"):
            del entry[name]
    return state


@pytest.mark.rule(
    "shipment.update", "shipment.update-state", "shipment.cancel", "event.state", "atomic", "shipment.freshness"
)
@pytest.mark.parametrize(("what", "status"), [(what, status) for what in CELLS for status in WAYS])
def test_every_state_and_move(what: str, status: str) -> None:
    """In every state each operation and event leads where the rules say, or is refused with 409 and changes nothing;
    partners' calls then have seen where the courier stands."""
    assert set(WAYS) == set(get_args(ShipmentStatus)) == set(CELLS[what])
    world = new_world(settings=QUIET)
    id = create(world)["id"]
    for step in WAYS[status]:
        act(world, id, step)
    expected = CELLS[what][status]
    before = without_copies(world)
    if expected in WAYS:
        act(world, id, what)
    else:
        with pytest.raises(Refusal) as caught:
            act(world, id, what)
        assert (caught.value.rule.id, caught.value.status) == (expected, 409)
        assert without_copies(world) == before
    if what in CALLS:
        shown = next(entry for entry in run(world, shipments.list_shipments) if entry["id"] == id)
        assert shown["status"] == (expected if expected in WAYS else status)
    assert get(world, id)["status"] == (expected if expected in WAYS else status)


@pytest.mark.rule("shipment.update-state", "shipment.cancel", "atomic")
@pytest.mark.parametrize("id", [MOVING_SHIPMENT, DELIVERED_SHIPMENT, LOST_SHIPMENT, CANCELLED_SHIPMENT])
def test_only_what_is_pending_can_be_changed(client: Client, id: str) -> None:
    """Collected, delivered, lost and cancelled shipments are neither updated nor cancelled."""
    client.get(f"/shipments/{id}")
    before = client.world.snapshot()
    updated, cancelled = client.patch(f"/shipments/{id}", {"notes": "x"}), client.delete(f"/shipments/{id}")
    assert (updated.status, updated.rules) == (409, ["shipment.update-state"])
    assert (cancelled.status, cancelled.rules) == (409, ["shipment.cancel"])
    assert client.world.snapshot() == before


# Cancelling


@pytest.mark.rule("shipment.cancel", "time.updated")
def test_cancelled_shipment_stays(world: World, booked: str) -> None:
    """Cancelling answers the cancelled shipment, otherwise as it was, links too; it stays readable, and nothing is to
    happen to it any more. A second time is refused."""
    before = get(world, booked)
    advance(world, world.now + timedelta(seconds=5))
    cancelled = cancel(world, booked)
    assert cancelled == before | {"status": "cancelled", "updated_at": "2026-04-13T08:10:05Z"}
    assert agenda(world, booked) == []
    advance(world, world.now + timedelta(days=30))
    assert get(world, booked) == cancelled
    assert cancelled in run(world, shipments.list_shipments)
    assert refused(world, shipments.cancel_shipment, booked) == ("shipment.cancel", 409)


# The courier's refusals


@pytest.mark.rule("shipment.courier-refuses", "atomic")
def test_courier_refuses_a_new_order(client: Client) -> None:
    """Creation fails with the courier's message and leaves nothing behind."""
    before = client.world.snapshot()
    for notes in ("courier-refuses-create", "see: courier-refuses-create!"):
        reply = client.post("/shipments", NEW | {"notes": notes, "appointment_id": APPOINTMENT})
        assert (reply.status, reply.rules, list(reply.json)) == (502, ["shipment.courier-refuses"], ["error"])
        assert reply.json["error"]
    assert client.world.snapshot() == before
    for notes in ("courier-refuses", "courier-refuses-update", "courier-refuses-cancel", ""):
        assert client.post("/shipments", NEW | {"notes": notes}).status == 201


@pytest.mark.rule("shipment.courier-refuses", "shipment.update", "atomic")
def test_courier_refuses_another_order(client: Client) -> None:
    """An update fails where the courier must take another order and refuses it; notes alone do not ask the courier,
    and the notes that result are what counts."""
    id = client.post("/shipments", NEW).json["id"]
    assert client.patch(f"/shipments/{id}", {"notes": "courier-refuses-update"}).status == 200
    before = client.world.snapshot()
    for change in ({"weight": 2}, {"package_count": 1}, {"pickup_date": "2026-04-16"}, {"pickup_time_till": "15:00"}):
        reply = client.patch(f"/shipments/{id}", change)
        assert (reply.status, reply.rules, list(reply.json)) == (502, ["shipment.courier-refuses"], ["error"])
    assert client.world.snapshot() == before
    assert client.patch(f"/shipments/{id}", {"notes": "fine", "weight": 2}).status == 200
    assert client.patch(f"/shipments/{id}", {"notes": "courier-refuses-update", "weight": 3}).status == 502
    assert client.get(f"/shipments/{id}").json["notes"] == "fine"
    assert client.patch(f"/shipments/{id}", {"notes": "courier-refuses-create", "weight": 3}).status == 200


@pytest.mark.rule("shipment.courier-refuses", "shipment.cancel", "order.checks", "atomic")
def test_courier_refuses_a_cancellation(client: Client) -> None:
    """A cancellation that the courier refuses leaves the order as it is; state is judged before the courier."""
    id = client.post("/shipments", NEW | {"notes": "courier-refuses-cancel"}).json["id"]
    before = client.world.snapshot()
    reply = client.delete(f"/shipments/{id}")
    assert (reply.status, reply.rules, list(reply.json)) == (502, ["shipment.courier-refuses"], ["error"])
    assert client.world.snapshot() == before
    assert client.patch(f"/shipments/{id}", {"notes": "go ahead", "weight": 2}).status == 200
    assert client.delete(f"/shipments/{id}").json["status"] == "cancelled"

    moving = client.post("/shipments", NEW | {"notes": "courier-refuses-cancel"}).json["id"]
    happen(client.world, Event("courier.picked_up", moving))
    assert client.delete(f"/shipments/{moving}").rules == ["shipment.cancel"]


# Lists, and who sees what


@pytest.mark.rule("shipment.order", "order.ordinal", "auth.context")
def test_list_is_newest_first(world: World) -> None:
    """The newest created stand first, also within a second, whenever they are to be collected or were changed."""
    start = [
        SHIPMENT,
        LOCKED_SHIPMENT,
        MOVING_SHIPMENT,
        CANCELLED_SHIPMENT,
        DELIVERED_SHIPMENT,
        LOST_SHIPMENT,
        OLDEST_SHIPMENT,
    ]
    assert listed(world) == start
    made = [create(world, pickup_date=day)["id"] for day in ("2026-05-04", "2026-04-14", "2026-04-20")]
    advance(world, world.now + timedelta(seconds=1))
    made.append(create(world)["id"])
    update(world, made[0], weight=5)
    cancel(world, made[1])
    assert listed(world) == [*reversed(made), *start]


@pytest.mark.rule("auth.context")
def test_list_leaves_out_what_is_outside(world: World) -> None:
    """Each key lists what starts from the locations of its context, and nothing else."""
    assert listed(world, persona="outsider") == [RIVAL_SHIPMENT]
    assert RIVAL_SHIPMENT not in listed(world)
    assert listed(world, persona="courier") == listed(world)
    mine = create(world)["id"]
    theirs = run(world, shipments.create_shipment, body=NEW | {"location_id": RIVAL_LOCATION}, persona="outsider")["id"]
    assert listed(world, persona="outsider") == [theirs, RIVAL_SHIPMENT]
    assert (mine in listed(world), theirs in listed(world)) == (True, False)


@pytest.mark.rule("auth.context", "path.unknown", "order.checks", "atomic")
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {}), ("PATCH", {"weight": 2}), ("DELETE", None)])
def test_shipment_is_found_inside_the_context(client: Client, method: str, body: dict[str, Any] | None) -> None:
    """An id of nothing is not found, and one outside the context is forbidden whatever its state; the copy of what is
    forbidden is not synced."""
    happen(client.world, Event("courier.booked", LOCKED_SHIPMENT))
    before = client.world.snapshot()
    for id, key, status, rule in (
        (UNKNOWN_SHIPMENT, "sbx_test", 404, "path.unknown"),
        (UNKNOWN_SHIPMENT, "sbx_test.outsider", 404, "path.unknown"),
        (RIVAL_SHIPMENT, "sbx_test", 403, "auth.context"),
        (SHIPMENT, "sbx_test.outsider", 403, "auth.context"),
        (LOCKED_SHIPMENT, "sbx_test.outsider", 403, "auth.context"),
        (CANCELLED_SHIPMENT, "sbx_test.outsider", 403, "auth.context"),
    ):
        reply = client.request(method, f"/shipments/{id}", body, key=key)
        assert (reply.status, reply.rules) == (status, [rule])
        assert status == 404 or reply.json == {"error": "Forbidden"}
    assert client.world.snapshot() == before
    assert client.request(method, f"/shipments/{SHIPMENT}", body).status == 200
    own = client.request(method, f"/shipments/{RIVAL_SHIPMENT}", body, key="sbx_test.outsider")
    assert own.status == (200 if method == "GET" else 409)


@pytest.mark.rule("id.format", "order.checks")
@pytest.mark.parametrize(
    "id", ["p2604154821", "P260415482", "P26041548210", "2604154821", "P26041548%EF%BC%92%EF%BC%91", "P2604154821%20"]
)
def test_form_of_ids(client: Client, id: str) -> None:
    """An id is a capital P and ten ASCII digits; anything else is refused before it is looked for."""
    for method, body in (("GET", None), ("PATCH", {"weight": 2}), ("DELETE", None)):
        reply = client.request(method, f"/shipments/{id}", body)
        assert (reply.status, reply.rules) == (400, ["id.format"])
    assert client.get(f"/shipments/{UNKNOWN_SHIPMENT}").status == 404


# Times


@pytest.mark.rule("time.instants", "time.updated")
def test_instants_are_utc(world: World) -> None:
    """All instants are whole seconds of UTC, also from a place with another zone; only the pickup is local."""
    made = create(world, location_id=HELSINKI, appointment_id=APPOINTMENT)
    advance(world, world.now + timedelta(hours=3, seconds=7))
    shown = get(world, made["id"])
    assert shown["created_at"] == shown["appointments"][0]["added_at"] == NOW
    assert [entry["time"] for entry in shown["status_updates"]] == ["2026-04-13T08:05:00Z"]
    assert shown["updated_at"] == "2026-04-13T09:00:00Z"
    assert shown["pickup"]["from"] == "2026-04-15T11:00:00+03:00"


@pytest.mark.rule("time.updated")
def test_updated_at_is_the_time_of_the_last_change() -> None:
    """Every change that partners make moves updated_at on; links do not."""
    world = new_world(settings=QUIET)
    id = create(world)["id"]
    seen = []
    for operation, body in (
        (attach_appointments, {"appointment_ids": [APPOINTMENT]}),
        (shipments.update_shipment, {"notes": "x"}),
        (shipments.update_shipment, {"weight": 3}),
        (attach_appointments, {"appointment_ids": [DRAWN_APPOINTMENT]}),
        (shipments.update_shipment, {}),
        (shipments.cancel_shipment, None),
        (shipments.get_shipment, None),
    ):
        advance(world, world.now + timedelta(minutes=1))
        seen.append(run(world, operation, id, body)["updated_at"])
    assert seen == [None, *(f"2026-04-13T08:0{minute}:00Z" for minute in (2, 3, 3, 3, 6, 6))]
