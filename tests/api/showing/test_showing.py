"""Records as people look at them: complete, as the API returns them, and without an effect."""

from typing import Any

import msgspec
import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.partner import CONTRACT
from aniva_sandbox.api.showing import SHOWING
from aniva_sandbox.engine.world.machines import Machine
from tests.api.showing.looks import SECTIONS, everything, ids, look, table
from tests.sandbox.serving.common import NEW_SHIPMENT
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    DOCUMENT,
    MOVING_SHIPMENT,
    RIVAL_APPOINTMENT,
    SHIPMENT,
    UNKNOWN,
    Client,
    new_worlds,
    refused,
    snapshot_of,
)

PLAIN = {"profile_groups", "location_groups"}
"""Sections that are shown with the fields of their records."""
BY_OTHERS = {"links"}
"""Sections whose records other records show."""

FACTS = {
    "profiles": {"group": "Group", "ordinal": ""},
    "locations": {
        "street": "",
        "house_number": "",
        "active": "state",
        "group": "related",
        "initial_status": "New appointments start as",
        "laboratory": "Laboratory",
        "courier": "Courier",
        "slot_minutes": "Slots",
        "interval_minutes": "Slots",
        "blocked_dates": "Blocked dates",
        "pickup_remarks": "Courier",
    },
    "appointments": {"snapshot": "Custom snapshot", "barcode": "Barcode"},
    "shipments": {
        "location_id": "related",
        "pickup_date": "Pickup",
        "pickup_time_from": "Pickup",
        "pickup_time_till": "Pickup",
        "package_count": "Boxes",
        "weight": "Boxes",
        "pickup_remarks": "Pickup",
        "synced_at": "Last sync",
        "cancelled": "state",
        "reports": "Report",
        "seen": "Report",
        "ordinal": "",
    },
    "orders": {
        "id": "related",
        "barcode": "Barcode",
        "placed_at": "Drawn on",
        "drawn_on": "Drawn on",
        "patient": "Patient at the draw",
        "submissions": "ZotzKlimas, clinical",
        "failed": "state",
        "results": "measurements",
        "document_ids": "files",
    },
    "documents": {
        "appointment_id": "related",
        "submission": "Laboratory",
        "patient": "Patient at the draw",
        "issued_at": "Issued",
        "corrected": "Issued",
        "results": "measurements",
    },
    "personas": {},
}
"""Where the fields of records are shown that the API does not return by their name: in a fact with this label, or in
this part of what is shown. Without either, another field of the API has it, or it is only a position in a list."""


@pytest.fixture
def client() -> Client:
    """A client of the default world."""
    client = Client(new_worlds())
    assert client.get("/locations").status == 200
    return client


# Nothing is forgotten


def test_every_section_is_shown() -> None:
    """Each section is shown as the API says, or is one of those that are meant to be shown otherwise."""
    assert {section.name for section in DOMAIN.sections} == {*SHOWING.sections, *PLAIN, *BY_OTHERS}
    assert set(FACTS) == set(SHOWING.sections)
    assert set(SECTIONS) == {*SHOWING.sections, *PLAIN}
    assert SECTIONS[: len(SHOWING.sections)] == tuple(SHOWING.sections)


@pytest.mark.parametrize("name", SHOWING.sections)
def test_every_field_is_shown(client: Client, name: str) -> None:
    """Each field of a record is among those that the API returns, in a fact, or in another part of what is shown."""
    shown = [look(client, name, id) for id in ids(client, name)]
    returned = {field for record in shown for field in record["fields"]}
    labels = {fact["label"] for record in shown for fact in record["facts"]}
    parts = {part for record in shown for part, value in record.items() if value}
    section = next(section for section in DOMAIN.sections if section.name == name)
    fields = set(section.record.__struct_fields__)
    assert fields - returned == set(FACTS[name]) & fields == set(FACTS[name])
    assert set(FACTS[name].values()) <= {"", *labels, *parts}


def test_every_record_is_shown(client: Client) -> None:
    """Each record of the default world is shown, under the id and with the state that its table has."""
    for section in SECTIONS:
        page = table(client, section, "&limit=200")
        assert page["total"] == len(page["records"]) == len(getattr(client.world, section))
        for row in page["records"]:
            record = look(client, section, row["id"])
            assert (record["section"], record["id"]) == (section, row["id"])
            assert row["state"] == (record["state"] and record["state"]["now"])
            assert len(row["cells"]) == len(page["columns"])
            assert record["name"]


def test_related_records_show_each_other(client: Client) -> None:
    """Whatever a record is related to is there, and is related to it."""
    shown = {(section, id): record for section, id, record in everything(client)}
    pairs = {(key, (each["section"], each["id"])) for key, record in shown.items() for each in record["related"]}
    assert {other for _, other in pairs} <= set(shown)
    assert {(other, one) for one, other in pairs} == pairs
    assert {key for key, _ in pairs} >= {key for key in shown if key[0] in ("appointments", "orders", "documents")}


# As the API returns it


def read(client: Client, path: str) -> Any:
    """What the API returns to the first persona that may see it."""
    for key in ("sbx_test", "sbx_test.outsider"):
        reply = client.get(path, key=key)
        if reply.status == 200:
            return reply.json
    return None


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ("profiles", "/profiles/{}"),
        ("appointments", "/appointments/{}"),
        ("locations", "/locations/{}"),
        ("orders", "/appointments/{}/results"),
        ("shipments", "/shipments/{}"),
    ],
)
def test_fields_are_those_of_the_api(client: Client, section: str, path: str) -> None:
    """The fields of a record are what a GET returns, to the letter."""
    for id in ids(client, section):
        fields, returned = look(client, section, id)["fields"], read(client, path.format(id))
        if section != "locations" or returned is not None:  # an inactive location is not found
            assert msgspec.json.encode(fields) == msgspec.json.encode(returned)


def test_fields_of_shipments_are_those_of_a_list(client: Client) -> None:
    """A shipment with news is shown as lists show it, until it is synced."""
    client.control("POST", "/worlds/test/clock/advance", {"to": "2026-04-13T08:20:00Z"})
    client.control("POST", "/worlds/test/events", {"type": "courier.picked_up", "shipment_id": SHIPMENT})
    for now in ("2026-04-13T08:59:59Z", "2026-04-13T09:00:00Z"):
        client.control("POST", "/worlds/test/clock/advance", {"to": now})
        for shipment in client.get("/shipments").json:
            assert look(client, "shipments", shipment["id"])["fields"] == shipment


# Without an effect


def test_looking_changes_nothing(client: Client) -> None:
    """Whatever is looked at, the world stays as it is: no shipment is synced, no call is recorded, no rule noted."""
    client.control("POST", "/worlds/test/clock/advance", {"to": "2026-04-13T08:20:00Z"})
    for type, id in (("courier.picked_up", SHIPMENT), ("courier.scanned", MOVING_SHIPMENT)):
        client.control("POST", "/worlds/test/events", {"type": type, "shipment_id": id})
    client.control("POST", "/worlds/test/clock/advance", {"to": "2026-04-13T09:30:00Z"})
    world = client.world
    before = snapshot_of(world), world.journal.recorded, dict(world.relied_on)
    assert any(len(each.reports) > each.seen for each in world.shipments)
    for section, id, _record in everything(client):
        client.control("GET", f"/worlds/test/record/file?section={section}&id={id}")
    assert (snapshot_of(world), world.journal.recorded, dict(world.relied_on)) == before


def test_what_is_due_happens_first(client: Client) -> None:
    """A record is shown as it is after the events that are due, as to any call."""
    world = client.world
    world.clock.move(world.agenda.next_due())
    due = next(iter(world.agenda))[1]
    record = look(client, DOMAIN.events[due.type].section, due.target)
    assert record["history"][-1]["type"] == due.type


# Refusals


@pytest.mark.rule("record.unknown")
@pytest.mark.parametrize("section", SECTIONS)
def test_records_must_exist(client: Client, section: str) -> None:
    """A record that does not exist is refused; one that does is found, in either case of its id."""
    unknown = client.control("GET", f"/worlds/test/record?section={section}&id={UNKNOWN}")
    assert refused(unknown, "record.unknown", 404).startswith("There is no such ")
    id = ids(client, section)[0]
    assert look(client, section, id)["id"] == id


def test_ids_in_either_case(client: Client) -> None:
    """Ids of records are found as the API finds them."""
    assert look(client, "appointments", APPOINTMENT.upper())["id"] == APPOINTMENT


@pytest.mark.rule("record.unknown")
def test_only_reports_have_a_file(client: Client) -> None:
    """The file of a report is what the API returns; other records have none."""
    named = f"/worlds/test/record/file?section=documents&id={DOCUMENT}"
    shown, returned = client.control("GET", named), client.get(f"/documents/{DOCUMENT}")
    assert (shown.status, shown.json[:5], shown.json) == (200, b"%PDF-", returned.json)
    for name in ("content-type", "content-disposition"):
        assert shown.headers[name] == returned.headers[name]
    none = client.control("GET", f"/worlds/test/record/file?section=locations&id={BERLIN}")
    refused(none, "record.unknown", 404)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("record?section=links&id=x", "section must be one of"),
        ("record?section=appointments", "id is required"),
        ("records?section=beds", "section must be one of"),
        ("records?limit=0", "limit must be at least 1"),
        ("records?limit=201", "limit must be at most 200"),
        ("records?offset=-1", "offset must be at least 0"),
        ("records?page=2", "page is not known"),
    ],
)
def test_queries_must_follow_the_document(client: Client, query: str, says: str) -> None:
    """A section that is not shown, and anything else that the document does not allow, is refused by its name."""
    assert says in refused(client.control("GET", f"/worlds/test/{query}"), "body.schema", 400)


@pytest.mark.parametrize("query", ["records?limit=1", "records?limit=200", "records?offset=1000"])
def test_queries_up_to_their_bounds(client: Client, query: str) -> None:
    """The smallest and the largest page are served, and one behind the end is empty."""
    reply = client.control("GET", f"/worlds/test/{query}")
    assert (reply.status, reply.json["total"]) == (200, 8)


@pytest.mark.parametrize("path", ["records", "record?section=profiles&id=x", "record/file?section=profiles&id=x"])
def test_worlds_must_exist(client: Client, path: str) -> None:
    """The records of a world that does not exist are refused; looking makes no world."""
    refused(client.control("GET", f"/worlds/nowhere/{path}"), "world.unknown", 404)


# Moves


@pytest.mark.parametrize("machine", [pytest.param(each, id=each.noun) for each in DOMAIN.machines])
def test_moves_of_clients_name_their_operation(client: Client, machine: Machine) -> None:
    """The operation that a machine names for a move of clients tries this move, on a record of its kind."""
    paths = {operation.id: (operation.method, operation.path) for operation in CONTRACT.operations}
    id = {"appointment": APPOINTMENT, "shipment": SHIPMENT}[machine.noun]
    bodies = {"confirm_blood_draw": {"barcode": "4130075218"}, "update_shipment": {}}
    for move, operation in machine.clients.items():
        method, path = paths[operation]
        client.request(method, path.format(id=id), bodies.get(operation))
        exchange = client.world.journal[-1]
        assert exchange.trace.operation == operation
        assert [(each.machine, each.move) for each in exchange.trace.tried] == [(machine.noun, move)]
        client.control("POST", "/worlds/test/reset")


def test_open_moves_are_those_of_the_state(client: Client) -> None:
    """What is open to whom follows from the state; nothing is open at an end."""
    moves = {move["move"]: move for move in look(client, "appointments", APPOINTMENT)["state"]["open"]}
    assert set(moves) == {"cancel", "confirm draw"}
    assert moves["cancel"] == {
        "move": "cancel",
        "to": "cancelled",
        "by": "client",
        "event": None,
        "operation": "cancel_appointment",
    }
    assert look(client, "appointments", CANCELLED_APPOINTMENT)["state"]["open"] == []
    pending = {each["event"] or each["operation"] for each in look(client, "shipments", SHIPMENT)["state"]["open"]}
    clients = {"update_shipment", "cancel_shipment"}
    assert pending == clients | {"courier.picked_up", "courier.lost"}  # it was booked


@pytest.mark.parametrize(("section", "noun"), [("appointments", "appointment"), ("shipments", "shipment")])
def test_events_are_possible_if_they_are_open(client: Client, section: str, noun: str) -> None:
    """On every record, each event with a move can happen exactly if its move is open."""
    client.post("/shipments", NEW_SHIPMENT)
    types = [name for name, type in DOMAIN.events.items() if type.move and type.section == section]
    before = client.control("GET", "/worlds/test/snapshot").json
    met = set()
    for id in [record.id for record in getattr(client.world, section)]:
        moves = look(client, section, id)["state"]["open"]
        for type in types:
            event = {"type": type, f"{noun}_id": id}
            is_possible = client.control("POST", "/worlds/test/events", event).status == 200
            assert is_possible == (type in [move["event"] for move in moves]), (id, type)
            met.add((type, is_possible))
            if is_possible:
                assert client.control("PUT", "/worlds/test/snapshot", before).status == 200
    assert met == {(type, is_possible) for type in types for is_possible in (True, False)}


def test_a_kit_is_in_the_history_of_both(client: Client) -> None:
    """The event that makes a record is in its history, and in that of the record it is about."""
    profile = look(client, "appointments", RIVAL_APPOINTMENT)["fields"]["profile_id"]
    event = client.control("POST", "/worlds/test/events", {"type": "kit.ordered", "profile_id": profile}).json
    assert look(client, "profiles", profile)["history"] == [event]
    assert look(client, "appointments", event["appointment_id"])["history"] == [event]
