"""Links between appointments and shipments, from both sides."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aniva_sandbox.cli import main
from aniva_sandbox.contract.document import build_document
from aniva_sandbox.resources import partner
from aniva_sandbox.serving.app import build_partner_api
from aniva_sandbox.simulation.events import advance
from aniva_sandbox.world.shipments import Link, Report, Shipment
from aniva_sandbox.world.world import World
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    DRAWN_APPOINTMENT,
    LOCKED_SHIPMENT,
    PENDING_APPOINTMENT,
    RIVAL_APPOINTMENT,
    RIVAL_SHIPMENT,
    SHIPMENT,
    UNKNOWN,
    Client,
    quiet_client,
)

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
AGES = (timedelta(), SECOND, DAY - SECOND, DAY, DAY + SECOND, 75 * DAY)
COURSES = {
    "pending": [],
    "in_transit": ["in_transit"],
    "delivered": ["in_transit", "delivered"],
    "fault": ["in_transit", "fault"],
    "cancelled": [],
}
STATUSES = ("pending", "confirmed", "blood_drawn", "cancelled before the draw", "cancelled after the draw")
SIDES = ("appointment", "shipment")
METHODS = ("POST", "DELETE")


def ship(world: World, id: str, age: timedelta = timedelta(), status: str = "pending") -> str:
    """Put a shipment of this age and status into the world."""
    created = world.now - age
    world.shipments.add(
        Shipment(
            id=id,
            location_id=BERLIN,
            pickup_date=date(2026, 4, 15),
            pickup_time_from=time(11),
            pickup_time_till=time(14),
            package_count=1,
            weight=1.0,
            pickup_remarks=None,
            notes=None,
            created_at=created,
            synced_at=created,
            cancelled=status == "cancelled",
            reports=[Report(created, step, step) for step in COURSES[status]],  # type: ignore[arg-type]
        )
    )
    return id


def change(client: Client, method: str, side: str, appointments: list[str], shipments: list[str]) -> Any:
    """Attach or detach from one side; the other side's ids go into the body."""
    if side == "appointment":
        return client.request(method, f"/appointments/{appointments[0]}/shipments", {"shipment_ids": shipments})
    return client.request(method, f"/shipments/{shipments[0]}/appointments", {"appointment_ids": appointments})


def linked(world: World) -> list[tuple[str, str]]:
    """All links, oldest first."""
    return [(link.appointment_id, link.shipment_id) for link in world.links]


@pytest.mark.rule(
    "link.window", "link.boundary", "link.window-ids", "link.attach", "link.detach", "link.cancelled", "atomic"
)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("status", STATUSES)
def test_the_window(status: str, side: str, method: str) -> None:
    """For every state of the appointment, age and state of the shipment, linked or not, and from both sides: a link
    changes where the blood is drawn or the shipment is less than 24 hours old, and what needs no change is skipped."""
    client = quiet_client()
    world = client.world
    appointment = world.appointments[APPOINTMENT]
    appointment.status = status.split()[0]  # type: ignore[assignment]
    appointment.barcode = "1" if status in ("blood_drawn", "cancelled after the draw") else None
    number = 0
    for age in AGES:
        for state in COURSES:
            for is_linked in (False, True):
                number += 1
                id = ship(world, f"P{number:010}", age, state)
                if is_linked:
                    world.links.add(Link(APPOINTMENT, id, world.now - SECOND))
                before = world.snapshot()
                reply = change(client, method, side, [APPOINTMENT], [id])
                needed = is_linked == (method == "DELETE")
                open = status == "blood_drawn" or age < DAY
                if needed and not open:
                    assert (reply.status, reply.rules) == (409, ["link.window"])
                    named = {"appointment": ("shipment_ids", id), "shipment": ("appointment_ids", APPOINTMENT)}[side]
                    assert reply.json[named[0]] == [named[1]]
                    assert set(reply.json) == {"error", named[0]}
                    assert world.snapshot() == before
                else:
                    assert reply.status == 200
                    assert ((APPOINTMENT, id) in linked(world)) == (method == "POST")
                    kept = [link.added_at for link in world.links.of(id)]
                    assert kept == ([world.now - SECOND * is_linked] if method == "POST" else [])


@pytest.mark.rule("link.window", "link.window-ids", "link.attach", "link.detach", "atomic")
@pytest.mark.parametrize("method", METHODS)
def test_one_locked_pair_refuses_the_call(method: str) -> None:
    """Pairs are judged one by one; what needs no change is not judged, what is locked is listed, nothing happens."""
    client = quiet_client()
    world = client.world
    young, old, older, done = (
        ship(world, f"P000000000{n}", age) for n, age in enumerate((SECOND, DAY, 2 * DAY, 9 * DAY))
    )
    for id in [done] if method == "POST" else [young, old, older]:
        world.links.add(Link(APPOINTMENT, id, world.now))
    before = world.snapshot()
    refused = change(client, method, "appointment", [APPOINTMENT], [older, young, done, old, older])
    assert (refused.status, refused.json["shipment_ids"]) == (409, [older, old])
    assert world.snapshot() == before
    assert change(client, method, "appointment", [APPOINTMENT], [young, done]).status == 200

    client.post(f"/appointments/{PENDING_APPOINTMENT}/shipments", {"shipment_ids": [young]})
    drawn = [DRAWN_APPOINTMENT, APPOINTMENT, PENDING_APPOINTMENT]
    refused = change(client, "POST", "shipment", drawn, [older if method == "POST" else done])
    assert refused.json["appointment_ids"] == [APPOINTMENT, PENDING_APPOINTMENT]
    assert change(client, "POST", "shipment", [DRAWN_APPOINTMENT], [done]).status == 200


@pytest.mark.rule("link.boundary")
def test_the_window_closes_while_time_passes() -> None:
    """A second before 24 hours a link can be made, at 24 hours it can no longer be removed."""
    client = quiet_client()
    world = client.world
    id = ship(world, "P0000000001")
    advance(world, world.now + DAY - SECOND)
    assert change(client, "POST", "shipment", [APPOINTMENT], [id]).status == 200
    advance(world, world.now + SECOND)
    assert change(client, "DELETE", "appointment", [APPOINTMENT], [id]).status == 409
    assert client.post(f"/appointments/{APPOINTMENT}/confirm", {"barcode": "1"}).status == 200
    assert change(client, "DELETE", "appointment", [APPOINTMENT], [id]).status == 200


@pytest.mark.rule("link.unknown", "link.context", "auth.context", "order.checks", "body.schema", "id.format")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("path", "body", "status", "rule"),
    [
        (f"/appointments/{UNKNOWN}/shipments", {"shipment_ids": ["P0000000000"]}, 404, "path.unknown"),
        (f"/appointments/{RIVAL_APPOINTMENT}/shipments", {"shipment_ids": ["P0000000000"]}, 403, "auth.context"),
        (f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": [RIVAL_SHIPMENT, "P0000000000"]}, 404,
         "link.unknown"),
        (f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": [LOCKED_SHIPMENT, RIVAL_SHIPMENT]}, 403,
         "link.context"),
        ("/shipments/P0000000000/appointments", {"appointment_ids": [UNKNOWN]}, 404, "path.unknown"),
        (f"/shipments/{RIVAL_SHIPMENT}/appointments", {"appointment_ids": [UNKNOWN]}, 403, "auth.context"),
        (f"/shipments/{LOCKED_SHIPMENT}/appointments", {"appointment_ids": [RIVAL_APPOINTMENT, UNKNOWN]}, 404,
         "link.unknown"),
        (f"/shipments/{LOCKED_SHIPMENT}/appointments", {"appointment_ids": [APPOINTMENT, RIVAL_APPOINTMENT]}, 403,
         "link.context"),
        (f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": []}, 400, "body.schema"),
        (f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": ["p2604154821"]}, 400, "id.format"),
        (f"/shipments/{SHIPMENT}/appointments", {"appointment_ids": [SHIPMENT]}, 400, "id.format"),
        (f"/shipments/{SHIPMENT}/appointments", {}, 400, "body.schema"),
    ],
)  # fmt: skip
def test_what_a_change_names(
    client: Client, path: str, body: dict[str, Any], status: int, rule: str, method: str
) -> None:
    """First the path's resource, then those of the body: missing ones, then those outside the context."""
    before = client.world.snapshot()
    refused = client.request(method, path, body)
    assert (refused.status, refused.rules) == (status, [rule])
    if status == 403:
        assert refused.json == {"error": "Forbidden"}
    assert client.world.snapshot() == before


@pytest.mark.rule("link.answer", "order.ordinal", "time.updated", "body.schema")
def test_both_sides_show_the_links(client: Client) -> None:
    """A change answers with the parent; both arrays are oldest link first, an id counts once in either case of its
    letters, and no updated_at moves."""
    world = client.world
    ids = [ship(world, f"P000000000{n}") for n in (3, 1, 2)]
    updated = client.get(f"/appointments/{APPOINTMENT}").json["updated_at"]
    answer = change(client, "POST", "appointment", [APPOINTMENT], [*ids, ids[0]])
    shown = [link["id"] for link in answer.json["shipments"]]
    assert (answer.json["id"], shown) == (APPOINTMENT, [LOCKED_SHIPMENT, *ids])
    other = change(client, "POST", "shipment", [CANCELLED_APPOINTMENT, APPOINTMENT.upper(), APPOINTMENT], [ids[0]])
    assert (other.json["id"], other.json["updated_at"]) == (ids[0], None)
    assert [link["id"] for link in other.json["appointments"]] == [APPOINTMENT, CANCELLED_APPOINTMENT]
    assert other.json["appointments"][0]["added_at"] == answer.json["shipments"][1]["added_at"]
    assert client.get(f"/appointments/{APPOINTMENT}").json["updated_at"] == updated
    gone = change(client, "DELETE", "appointment", [APPOINTMENT], ids[:1])
    assert [link["id"] for link in gone.json["shipments"]] == [LOCKED_SHIPMENT, *ids[1:]]


@pytest.mark.rule("auth.context", "order.ordinal")
def test_lists_of_linked_resources(client: Client) -> None:
    """The linked resources come whole: shipments newest first, appointments oldest link first. What is outside the
    context is left out, though the inline array shows its id."""
    drawn = "877e7253-ee68-42d5-b91d-92a76843af67"
    inline = client.get(f"/appointments/{drawn}").json["shipments"]
    assert [link["id"] for link in inline] == ["P2601287306", RIVAL_SHIPMENT]
    listed = client.get(f"/appointments/{drawn}/shipments").json
    assert listed == [client.get("/shipments/P2601287306").json]
    rival = client.get(f"/shipments/{RIVAL_SHIPMENT}", key="sbx_test.outsider").json
    assert [link["id"] for link in rival["appointments"]] == [drawn]
    assert client.get(f"/shipments/{RIVAL_SHIPMENT}/appointments", key="sbx_test.outsider").json == []

    ids = [ship(client.world, f"P000000000{n}") for n in (3, 1, 2)]
    change(client, "POST", "appointment", [APPOINTMENT], [ids[1], ids[0], ids[2]])
    listed = client.get(f"/appointments/{APPOINTMENT}/shipments").json
    assert [each["id"] for each in listed] == [ids[2], ids[1], ids[0], LOCKED_SHIPMENT]
    change(client, "POST", "shipment", [PENDING_APPOINTMENT, DRAWN_APPOINTMENT], [ids[0]])
    appointments = client.get(f"/shipments/{ids[0]}/appointments").json
    assert appointments == [
        client.get(f"/appointments/{id}").json for id in (APPOINTMENT, PENDING_APPOINTMENT, DRAWN_APPOINTMENT)
    ]


@pytest.mark.rule("link.cancelled")
def test_links_outlive_cancellation(client: Client) -> None:
    """A cancelled appointment and a cancelled shipment keep their link, and inside the window it can still change."""
    id = ship(client.world, "P0000000001")
    change(client, "POST", "shipment", [APPOINTMENT], [id])
    assert client.delete(f"/appointments/{APPOINTMENT}").json["shipments"][-1]["id"] == id
    assert client.delete(f"/shipments/{id}").json["appointments"][0]["id"] == APPOINTMENT
    assert change(client, "DELETE", "appointment", [APPOINTMENT], [id]).status == 200
    assert change(client, "POST", "appointment", [APPOINTMENT], [id]).status == 200


# The other answer

LIST = build_partner_api(link_answer="list")


@pytest.mark.rule("link.answer")
def test_changes_can_answer_with_the_list() -> None:
    """With the other answer, each change shows what the list of its path shows then; refusals are the same."""
    client = Client(api=LIST)
    ids = [ship(client.world, f"P000000000{n}") for n in (1, 2)]
    attached = change(client, "POST", "appointment", [APPOINTMENT], ids)
    assert [each["id"] for each in attached.json] == [ids[1], ids[0], LOCKED_SHIPMENT]
    assert attached.json == client.get(f"/appointments/{APPOINTMENT}/shipments").json
    other = change(client, "POST", "shipment", [PENDING_APPOINTMENT], [ids[0]])
    assert [each["id"] for each in other.json] == [APPOINTMENT, PENDING_APPOINTMENT]
    assert other.json == client.get(f"/shipments/{ids[0]}/appointments").json
    assert change(client, "DELETE", "shipment", [APPOINTMENT], [ids[0]]).json == other.json[1:]
    left = change(client, "DELETE", "appointment", [APPOINTMENT], [ids[1]]).json
    assert [each["id"] for each in left] == [LOCKED_SHIPMENT]
    assert change(client, "DELETE", "appointment", [APPOINTMENT], [LOCKED_SHIPMENT]).rules == ["link.window"]


@pytest.mark.rule("link.answer")
def test_the_document_changes_with_the_answer() -> None:
    """The document of the other answer differs in the answers of the four changes, and nowhere else."""
    documents = [
        build_document(partner.INFO, partner.operations(answer), partner.LEDGER) for answer in ("parent", "list")
    ]
    answers = {}
    operations = [(path, method) for path, item in documents[0]["paths"].items() for method in item]
    for path, method in operations:
        described = [document["paths"][path][method] for document in documents]
        if described[0] != described[1]:
            answers[described[0]["operationId"]] = [
                each["responses"]["200"].pop("content")["application/json"]["schema"] for each in described
            ]
            for each in described:
                each["responses"]["200"].pop("description")
    assert documents[0] == documents[1]
    shipment, appointment = ({"$ref": f"#/components/schemas/{name}"} for name in ("Shipment", "Appointment"))
    for id in ("attach_shipments", "detach_shipments"):
        assert answers.pop(id) == [appointment, {"type": "array", "items": shipment}]
    for id in ("attach_appointments", "detach_appointments"):
        assert answers.pop(id) == [shipment, {"type": "array", "items": appointment}]
    assert answers == {}


@pytest.fixture
def listing_server() -> Iterator[str]:
    """The address of a server that answers with lists."""
    command = Path(sys.executable).with_name("aniva-sandbox")
    options = ["serve", "--clock", "frozen", "--port", "0", "--json", "--link-answer", "list"]
    with subprocess.Popen([command, *options], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
        process.terminate()


@pytest.mark.rule("link.answer")
def test_serve_takes_the_answer(listing_server: str) -> None:
    """`serve --link-answer list` changes the answers and the document that it serves; it takes no third value."""
    headers = {"x-api-key": "sbx_default", "content-type": "application/json"}
    url = f"{listing_server}/api/v1/appointments/{APPOINTMENT}/shipments"
    body = json.dumps({"shipment_ids": [SHIPMENT]}).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, headers, method="POST")) as response:
        assert [each["id"] for each in json.load(response)] == [SHIPMENT, LOCKED_SHIPMENT]
    with urllib.request.urlopen(f"{listing_server}/openapi.json") as response:
        document = json.load(response)
    answer = document["paths"]["/api/v1/appointments/{id}/shipments"]["post"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"]["type"] == "array"
    assert CliRunner().invoke(main, ["serve", "--link-answer", "both"]).exit_code == 2
