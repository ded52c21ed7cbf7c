"""Creating shipments: fields, addresses, origin, the order of the checks, and ids."""

import re
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance, happen
from tests.api.shipments.shipment_calls import (
    BOUNDS,
    FRIDAY_BEFORE,
    NEW,
    NOW,
    SATURDAY,
    TODAY,
    cancel,
    create,
    get,
    listed,
    update,
    world_at,
)
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    DRAWN_APPOINTMENT,
    HELSINKI,
    HOME_APPOINTMENT,
    HOURLESS_LOCATION,
    INACTIVE_LOCATION,
    LOCKED_SHIPMENT,
    PENDING_APPOINTMENT,
    PENDING_LOCATION,
    RIVAL_APPOINTMENT,
    RIVAL_LOCATION,
    SHIPMENT,
    UNKNOWN,
    UNKNOWN_SHIPMENT,
    ZONELESS_LOCATION,
    Client,
    null_rule,
    quiet_client,
    refusal_of,
    run,
    snapshot_of,
    verdict_of,
)

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


@pytest.mark.rule("shipment.create/remarks", "shipment.create/names")
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


@pytest.mark.rule("shipment.create", "shipment.create/names")
def test_count_weight_and_notes(world: World) -> None:
    """It is one box of one kilogram unless more is said; notes are shown as they came."""
    plain = world.shipments[create(world)["id"]]
    assert (plain.package_count, plain.weight) == (1, 1)
    made = create(world, package_count=3, weight=2.5, notes="Kühl halten")
    kept = world.shipments[made["id"]]
    assert (kept.package_count, kept.weight, made["notes"]) == (3, 2.5, "Kühl halten")


@pytest.mark.rule("shipment.create", "body.schema", "atomic")
@pytest.mark.parametrize(
    ("field", "wrong", "right"),
    [*BOUNDS, ("pickup_remarks", *BOUNDS[2][1:])],
    ids=[*(field for field, _, _ in BOUNDS), "pickup_remarks"],
)
def test_bounds_of_creation(client: Client, field: str, wrong: list[Any], right: list[Any]) -> None:
    """Every optional field has its bounds: one step beyond, it is refused by its name; null is never taken."""
    for value in wrong:
        before = snapshot_of(client.world)
        reply = client.post("/shipments", NEW | {field: value})
        assert (reply.status, reply.rules, list(reply.details)) == (
            400,
            [null_rule(value, "shipment.create")],
            [field],
        ), value
        assert snapshot_of(client.world) == before
    for value in right:
        assert client.post("/shipments", NEW | {field: value}).status == 201, value


@pytest.mark.rule("shipment.create", "shipment.update")
@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" + "0" * 400, "NaN"])
def test_weights_beyond_numbers(client: Client, number: str) -> None:
    """A weight too large for a number is refused and never a fault."""
    before = snapshot_of(client.world)
    body = msgspec.json.encode(NEW)[:-1] + f', "weight": {number}}}'.encode()
    assert client.post("/shipments", body=body).status == 400
    assert client.patch(f"/shipments/{SHIPMENT}", body=f'{{"weight": {number}}}'.encode()).status == 400
    assert snapshot_of(client.world) == before


@pytest.mark.rule("shipment.create", "body.schema")
def test_required_fields(client: Client) -> None:
    """Each of the four required fields is asked for by its name, and all that are missing at once."""
    before = snapshot_of(client.world)
    for missing in NEW:
        reply = client.post("/shipments", {name: value for name, value in NEW.items() if name != missing})
        assert (reply.status, reply.rules, list(reply.details)) == (400, ["shipment.create"], [missing])
    reply = client.post("/shipments", {})
    assert (reply.status, sorted(reply.details)) == (400, sorted(NEW))
    assert snapshot_of(client.world) == before
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
    before = snapshot_of(client.world)
    for value in wrong:
        reply = client.post("/shipments", NEW | {field: value})
        named = null_rule(value, rule or "body.schema") if field == "appointment_id" else rule or "body.schema"
        assert (reply.status, reply.rules, list(reply.details)) == (400, [named], [field]), value
    assert snapshot_of(client.world) == before


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
    assert verdict_of(world, shipments.create_shipment, body=body) == (rule, status)
    assert create(world, location_id=BERLIN.upper())["origin"]["location_id"] == BERLIN


@pytest.mark.rule("shipment.location", "location.active")
def test_closed_location_sends_nothing_new(world: World) -> None:
    """A location that closes takes no new shipment; what it has can still be seen, changed and cancelled."""
    id = create(world)["id"]
    happen(world, Event("location.closed", BERLIN))
    assert verdict_of(world, shipments.create_shipment, body=NEW) == ("shipment.location", 404)
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


@pytest.mark.rule("shipment.appointment", "shipment.appointment/status", "atomic")
@pytest.mark.parametrize(("appointment", "status"), [(UNKNOWN, 404), (RIVAL_APPOINTMENT, 403)])
def test_appointment_that_cannot_be_linked(client: Client, appointment: str, status: int) -> None:
    """An appointment that does not exist, or lies outside the context, leaves no shipment behind."""
    before = snapshot_of(client.world)
    reply = client.post("/shipments", NEW | {"appointment_id": appointment})
    assert (reply.status, reply.rules) == (status, ["shipment.appointment/status"])
    assert status == 404 or reply.json == {"error": "Forbidden"}
    assert snapshot_of(client.world) == before


NARROW = {"pickup_time_from": "12:30"}
MAGIC = {"notes": "please courier-refuses-create it"}


@pytest.mark.rule("order.checks", "shipment.location", "shipment.appointment/status", "atomic")
@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"location_id": UNKNOWN, "appointment_id": UNKNOWN, "pickup_date": SATURDAY}, "shipment.location"),
        ({"location_id": UNKNOWN, "appointment_id": RIVAL_APPOINTMENT}, "shipment.location"),
        ({"location_id": RIVAL_LOCATION, "appointment_id": UNKNOWN}, "shipment.appointment/status"),
        ({"location_id": RIVAL_LOCATION, "appointment_id": RIVAL_APPOINTMENT}, "auth.context"),
        ({"location_id": RIVAL_LOCATION, "pickup_date": SATURDAY, **NARROW, **MAGIC}, "auth.context"),
        ({"appointment_id": RIVAL_APPOINTMENT, "pickup_date": SATURDAY, **MAGIC}, "shipment.appointment/status"),
        ({"pickup_date": SATURDAY, **NARROW, **MAGIC}, "pickup.weekday"),
        ({"pickup_date": FRIDAY_BEFORE, **NARROW, **MAGIC}, "pickup.past"),
        ({"pickup_date": TODAY, **NARROW, **MAGIC}, "pickup.cutoff"),
        ({**NARROW, **MAGIC}, "pickup.width"),
        ({**MAGIC}, "shipment.courier-refuses/change"),
    ],
)
def test_creation_checks_in_order(changes: dict[str, str], rule: str) -> None:
    """What is named goes first, not found before forbidden, then the pickup rules one by one; the courier last."""
    world = world_at("2026-04-13T15:00:00Z")
    assert refusal_of(world, shipments.create_shipment, body=NEW | changes).rule.id == rule


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


@pytest.mark.rule("shipment.id", "shipment.id/exhausted", "atomic")
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

    before = snapshot_of(world)
    reply = client.post("/shipments", NEW | {"appointment_id": APPOINTMENT})
    assert (reply.status, reply.rules, list(reply.json)) == (502, ["shipment.id/exhausted"], ["error"])
    assert snapshot_of(client.world) == before
    assert create(world, pickup_date="2026-04-16")["id"].startswith("P260416")
    assert update(world, LOCKED_SHIPMENT, pickup_date="2026-04-15")["id"] == LOCKED_SHIPMENT
