"""What both sides show of their links: arrays, lists, any sequence of changes, and what a change answers with."""

import copy
import itertools
import json
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aniva_sandbox.api.app import build_partner_api
from aniva_sandbox.api.appointments.draw import confirm_blood_draw
from aniva_sandbox.api.appointments.operations import cancel_appointment, get_appointment
from aniva_sandbox.api.links.operations import list_appointment_shipments, list_shipment_appointments
from aniva_sandbox.api.shipments.operations import cancel_shipment, create_shipment, get_shipment, list_shipments
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance, happen
from tests.api.links.test_links import (
    ATTACH_APPOINTMENTS,
    ATTACH_SHIPMENTS,
    CHANGES,
    DAY,
    DETACH_APPOINTMENTS,
    DRAWN,
    EXAMPLE_APPOINTMENT,
    NOW,
    OLD_SHIPMENT,
    SECOND,
    Change,
    all_changes,
    arrange,
    ids_of,
    link,
    locked,
    make,
    put_appointment,
    put_shipment,
    refusing,
    send,
    text,
)
from tests.cli.test_commands import complaint, serving
from tests.cli.test_commands import run as command
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    DELIVERED_SHIPMENT,
    DRAWN_APPOINTMENT,
    LOCKED_SHIPMENT,
    LOST_SHIPMENT,
    MOVING_SHIPMENT,
    PARTNER,
    PENDING_APPOINTMENT,
    RIVAL_APPOINTMENT,
    RIVAL_PROFILE,
    RIVAL_SHIPMENT,
    SHIPMENT,
    UNDATED_APPOINTMENT,
    UNKNOWN,
    UNKNOWN_SHIPMENT,
    Client,
    new_world,
    run,
    snapshot_of,
)

OLD_APPOINTMENT = "877e7253-ee68-42d5-b91d-92a76843af67"
"""Drawn; one of its two shipments is outside the context."""
LOST_DRAW = "755dc17a-c6ee-4ba3-8432-4a6a9b314b28"
CANCELLED_PAIR = "27d4b2af-ecc5-46cb-92f7-7f4e6960ecf4", "P2604170047"

# Lists and arrays


@pytest.mark.rule("auth.context")
def test_arrays_show_what_lists_leave_out(client: Client) -> None:
    """An array of links has every id, also of what the key does not see; the list has only what it does. Each context
    sees its own side."""
    both = [
        {"id": OLD_SHIPMENT, "added_at": "2026-01-27T14:10:00Z"},
        {"id": RIVAL_SHIPMENT, "added_at": "2026-01-29T08:30:00Z"},
    ]
    assert client.get(f"/appointments/{OLD_APPOINTMENT}").json["shipments"] == both
    assert ids_of(client.get(f"/appointments/{OLD_APPOINTMENT}/shipments").json) == [OLD_SHIPMENT]
    link(client.world, RIVAL_APPOINTMENT, RIVAL_SHIPMENT)
    link(client.world, RIVAL_APPOINTMENT, SHIPMENT)
    for key, id, array, listed in (
        ("sbx_test", SHIPMENT, [EXAMPLE_APPOINTMENT, RIVAL_APPOINTMENT], [EXAMPLE_APPOINTMENT]),
        ("sbx_test.outsider", RIVAL_SHIPMENT, [OLD_APPOINTMENT, RIVAL_APPOINTMENT], [RIVAL_APPOINTMENT]),
    ):
        shown = client.get(f"/shipments/{id}", key=key).json["appointments"]
        assert ids_of(shown) == array
        assert ids_of(client.get(f"/shipments/{id}/appointments", key=key).json) == listed
    shown = client.get(f"/appointments/{RIVAL_APPOINTMENT}", key="sbx_test.outsider").json["shipments"]
    assert ids_of(shown) == [RIVAL_SHIPMENT, SHIPMENT]
    listed = client.get(f"/appointments/{RIVAL_APPOINTMENT}/shipments", key="sbx_test.outsider").json
    assert ids_of(listed) == [RIVAL_SHIPMENT]


@pytest.mark.rule("auth.context", "path.unknown", "id.format", "order.checks")
@pytest.mark.parametrize(
    ("path", "status", "rule"),
    [
        (f"/appointments/{UNKNOWN}/shipments", 404, "path.unknown"),
        (f"/appointments/{RIVAL_APPOINTMENT}/shipments", 403, "auth.context"),
        (f"/appointments/{SHIPMENT}/shipments", 400, "id.format"),
        (f"/shipments/{UNKNOWN_SHIPMENT}/appointments", 404, "path.unknown"),
        (f"/shipments/{RIVAL_SHIPMENT}/appointments", 403, "auth.context"),
        (f"/shipments/{SHIPMENT.lower()}/appointments", 400, "id.format"),
        (f"/shipments/{APPOINTMENT}/appointments", 400, "id.format"),
    ],
)
def test_lists_need_a_resource(client: Client, path: str, status: int, rule: str) -> None:
    """The lists are of a resource that exists inside the context, named in the form of its kind."""
    reply = client.get(path)
    assert (reply.status, reply.rules) == (status, [rule])
    if status == 403:
        assert reply.json == {"error": "Forbidden"}


def test_lists_hold_whole_resources(client: Client) -> None:
    """What the lists have is what each resource answers by its id; without links they are empty."""
    assert client.get(f"/appointments/{DRAWN_APPOINTMENT.upper()}/shipments").json == [
        client.get(f"/shipments/{DELIVERED_SHIPMENT}").json
    ]
    assert client.get(f"/shipments/{SHIPMENT}/appointments").json == [
        client.get(f"/appointments/{EXAMPLE_APPOINTMENT}").json
    ]
    assert client.get(f"/appointments/{UNDATED_APPOINTMENT}/shipments").json == []
    assert client.get(f"/shipments/{MOVING_SHIPMENT}/appointments").json == []


@pytest.mark.rule("order.ordinal", "link.attach")
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_oldest_link_first_within_a_second(world: World, order: tuple[int, ...]) -> None:
    """Links of one second keep the order in which they were made, on both sides and from both; a shipment lists its
    appointments in that order, an appointment its shipments by their creation, the newest first."""
    appointments = [put_appointment(world) for _ in order]
    shipments = [put_shipment(world) for _ in order]
    in_order = [shipments[place] for place in order]
    make(world, ATTACH_SHIPMENTS, appointments[0], *in_order)
    assert ids_of(run(world, get_appointment, appointments[0])["shipments"]) == in_order
    listed = run(world, list_appointment_shipments, appointments[0])
    assert ids_of(listed) == shipments[::-1]

    world.links.remove(appointments[0], shipments[0])
    in_order = [appointments[place] for place in order]
    for appointment in in_order:
        make(world, ATTACH_SHIPMENTS, appointment, shipments[0])
    make(world, ATTACH_APPOINTMENTS, shipments[0], *appointments)
    array = run(world, get_shipment, shipments[0])["appointments"]
    assert array == [{"id": appointment, "added_at": NOW} for appointment in in_order]
    assert ids_of(run(world, list_shipment_appointments, shipments[0])) == in_order


@pytest.mark.rule("link.attach", "order.ordinal")
def test_a_link_made_again_is_new(world: World) -> None:
    """A link that was parted and made again is the newest, with the time of its second making; one that is only
    attached again keeps place and time."""
    appointment = put_appointment(world)
    first, second = put_shipment(world), put_shipment(world)
    make(world, ATTACH_SHIPMENTS, appointment, first, second)
    advance(world, world.now + timedelta(hours=1))
    make(world, ATTACH_SHIPMENTS, appointment, first)
    assert run(world, get_appointment, appointment)["shipments"] == [
        {"id": first, "added_at": NOW},
        {"id": second, "added_at": NOW},
    ]
    make(world, DETACH_APPOINTMENTS, first, appointment)
    make(world, ATTACH_APPOINTMENTS, first, appointment)
    assert run(world, get_appointment, appointment)["shipments"] == [
        {"id": second, "added_at": NOW},
        {"id": first, "added_at": "2026-04-13T09:00:00Z"},
    ]


# Any sequence

MOVES = {
    "confirm": ({"confirmed"}, DRAWN),
    "cancel": ({"pending", "confirmed"}, "cancelled"),
    "practice.confirmed": ({"pending"}, "confirmed"),
    "operations.cancelled": ({DRAWN}, "cancelled"),
}
"""From which states each move leads an appointment, and where to."""


class Expected:
    """What should be so, in a world that was just begun: all links in the order of their making, and what the window
    goes by."""

    def __init__(self) -> None:
        self.now = datetime(2026, 4, 13, 8, tzinfo=UTC)
        self.appointments = {
            APPOINTMENT: "confirmed",
            EXAMPLE_APPOINTMENT: "confirmed",
            PENDING_APPOINTMENT: "pending",
            DRAWN_APPOINTMENT: DRAWN,
            CANCELLED_APPOINTMENT: "cancelled",
        }
        self.shipments = {
            SHIPMENT: self.now - timedelta(hours=1),
            LOCKED_SHIPMENT: datetime(2026, 4, 11, 12, tzinfo=UTC),
            DELIVERED_SHIPMENT: datetime(2026, 4, 9, 9, 30, tzinfo=UTC),
        }
        self.links = [
            (OLD_APPOINTMENT, OLD_SHIPMENT, "2026-01-27T14:10:00Z"),
            (OLD_APPOINTMENT, RIVAL_SHIPMENT, "2026-01-29T08:30:00Z"),
            (LOST_DRAW, LOST_SHIPMENT, "2026-03-04T08:40:00Z"),
            (DRAWN_APPOINTMENT, DELIVERED_SHIPMENT, "2026-04-09T09:30:00Z"),
            (*CANCELLED_PAIR, "2026-04-10T11:00:00Z"),
            (APPOINTMENT, LOCKED_SHIPMENT, "2026-04-11T12:30:00Z"),
            (EXAMPLE_APPOINTMENT, SHIPMENT, "2026-04-13T07:00:00Z"),
        ]

    def change(self, pairs: list[tuple[str, str]], attaches: bool) -> list[tuple[str, str]]:
        """Change the links of these pairs, or none of them: returns those that are locked."""
        are_linked = [each[:2] for each in self.links]
        pairs = [pair for pair in dict.fromkeys(pairs) if (pair in are_linked) != attaches]
        locked_pairs = [
            (appointment, shipment)
            for appointment, shipment in pairs
            if self.appointments[appointment] != DRAWN and self.now >= self.shipments[shipment] + DAY
        ]
        if not locked_pairs and attaches:
            self.links += [(*pair, text(self.now)) for pair in pairs]
        elif not locked_pairs:
            self.links = [each for each in self.links if each[:2] not in pairs]
        return locked_pairs


def take_change(world: World, expected: Expected, change: Change, place: int, places: list[int]) -> None:
    """Make a change in the world and in what is expected of it, and compare the outcomes."""
    known_ids = list(expected.appointments), list(expected.shipments)
    of_path, of_body = known_ids if change.side == "shipment_ids" else known_ids[::-1]
    id = of_path[place % len(of_path)]
    ids = [of_body[each % len(of_body)] for each in places]
    locked_pairs = expected.change([arrange(change, id, other) for other in ids], change.attaches)
    if locked_pairs:
        assert refusing(world, change, id, *ids) == locked(
            change, *(arrange(change, *pair)[1] for pair in locked_pairs)
        )
    else:
        make(world, change, id, *ids)


def take_move(world: World, expected: Expected, move: str, place: int) -> None:
    """Move an appointment where its state allows it."""
    id = list(expected.appointments)[place % len(expected.appointments)]
    states, leads_to = MOVES[move]
    if expected.appointments[id] not in states:
        return
    expected.appointments[id] = leads_to
    if move == "confirm":
        run(world, confirm_blood_draw, id, {"barcode": "1"})
    elif move == "cancel":
        run(world, cancel_appointment, id)
    else:
        happen(world, Event(move, id))


def take_shipment(world: World, expected: Expected, place: int | None) -> None:
    """Create a shipment, with an appointment or without."""
    day = expected.now + DAY
    while day.isoweekday() > 5:
        day += DAY
    body = {"pickup_date": f"{day:%Y-%m-%d}", "pickup_time_from": "10:00", "pickup_time_till": "14:00"}
    if place is not None:
        body["appointment_id"] = list(expected.appointments)[place % len(expected.appointments)]
    id = run(world, create_shipment, body=body | {"location_id": BERLIN})["id"]
    expected.shipments[id] = expected.now
    if place is not None:
        expected.links.append((body["appointment_id"], id, text(expected.now)))


def require_agreement(world: World, links: list[tuple[str, str, str]]) -> None:
    """Every appointment and every shipment, whoever sees it, shows these links, oldest first, and the lists agree."""
    for persona in ("full", "outsider"):
        for each in run(world, list_shipments, persona=persona):
            array = [{"id": a, "added_at": since} for a, s, since in links if s == each["id"]]
            assert each["appointments"] == array
            assert run(world, get_shipment, each["id"], persona=persona)["appointments"] == array
    for appointment in world.appointments:
        persona = "outsider" if appointment.profile_id == RIVAL_PROFILE else "full"
        array = [{"id": s, "added_at": since} for a, s, since in links if a == appointment.id]
        assert run(world, get_appointment, appointment.id, persona=persona)["shipments"] == array


numbers = st.integers(0, 9)
steps = st.one_of(
    st.tuples(st.just(take_change), st.sampled_from(CHANGES), numbers, st.lists(numbers, min_size=1, max_size=4)),
    st.tuples(st.just(take_move), st.sampled_from(list(MOVES)), numbers),
    st.tuples(st.just(take_shipment), st.none() | numbers),
    st.tuples(st.just("cancel"), numbers),
    st.tuples(st.just("wait"), st.sampled_from([1, 3_600, 23 * 3_600 - 1, 86_399, 86_400])),
)


@pytest.mark.rule(
    "link.window", "link.attach", "link.detach", "link.cancelled", "order.ordinal", "shipment.appointment"
)
@settings(deadline=None, derandomize=True, database=None, max_examples=60)
@given(sequence=st.lists(steps, max_size=25))
def test_both_sides_always_show_the_same_links(sequence: list[Any]) -> None:
    """After any changes from both sides, creations, draws, cancellations and passing of time, the appointments and the
    shipments show the same links with the same times, each in the order of their making."""
    world, expected = new_world(), Expected()
    require_agreement(world, expected.links)
    for act, *arguments in sequence:
        if act == "wait":
            expected.now += arguments[0] * SECOND
            advance(world, expected.now)
        elif act == "cancel":
            ids = list(expected.shipments)
            with suppress(Refusal):  # it may be on its way
                run(world, cancel_shipment, ids[arguments[0] % len(ids)])
        else:
            act(world, expected, *arguments)
        require_agreement(world, expected.links)


# What a change answers with

LIST = build_partner_api(link_answer="list")
LISTS = {"shipment_ids": "/appointments/{}/shipments", "appointment_ids": "/shipments/{}/appointments"}


@pytest.mark.rule("link.answer", "auth.context")
@all_changes
def test_a_change_answers_with_the_parent_or_the_list(change: Change) -> None:
    """By default a change answers with the resource in the path; otherwise with all of the other side that the list
    has then. Both do the same."""
    answers, worlds = [], []
    for client in (Client(), Client(api=LIST)):
        world = client.world
        appointments = [put_appointment(world) for _ in range(3)]
        shipments = [put_shipment(world) for _ in range(3)]
        for place in (2, 0):
            link(world, appointments[0], shipments[place])
            link(world, appointments[place], shipments[1])
        link(world, appointments[0], RIVAL_SHIPMENT)
        link(world, RIVAL_APPOINTMENT, shipments[1])
        id, other = arrange(change, appointments[0], shipments[1])
        if change.attaches:
            world.links.remove(appointments[0], shipments[1])
        reply = send(client, change, id, other)
        assert reply.status == 200
        answers.append(reply.json)
        worlds.append(snapshot_of(client.world))
        listed = client.get(LISTS[change.side].format(id)).json
        parent = client.get(LISTS[change.side].format(id).rpartition("/")[0]).json
        assert reply.json == (parent if client.api is PARTNER else listed)
    of_shipments = [shipments[2], *[shipments[1]] * change.attaches, shipments[0]]
    of_appointments = [appointments[2], *[appointments[0]] * change.attaches]
    assert ids_of(answers[1]) == (of_shipments if change.side == "shipment_ids" else of_appointments)
    assert answers[0]["id"] == id
    assert worlds[0] == worlds[1]


@pytest.mark.rule("link.answer")
@pytest.mark.parametrize("change", [change for change in CHANGES if not change.attaches], ids=str)
def test_a_list_can_be_empty(change: Change) -> None:
    """Where the last link goes, the answer is a list without entries."""
    reply = send(Client(api=LIST), change, *arrange(change, EXAMPLE_APPOINTMENT, SHIPMENT))
    assert (reply.status, reply.json) == (200, [])


@pytest.mark.rule("link.answer", "atomic")
@all_changes
@pytest.mark.parametrize(
    ("appointment", "shipment", "status"),
    [
        (APPOINTMENT, LOCKED_SHIPMENT, 409),
        (RIVAL_APPOINTMENT, SHIPMENT, 403),
        (APPOINTMENT, RIVAL_SHIPMENT, 403),
        (UNKNOWN, SHIPMENT, 404),
        (APPOINTMENT, UNKNOWN_SHIPMENT, 404),
        (APPOINTMENT, SHIPMENT.lower(), 400),
    ],
)
def test_refusals_do_not_depend_on_the_answer(change: Change, appointment: str, shipment: str, status: int) -> None:
    """What is refused is refused in the same words whatever a change answers with, and changes nothing."""
    replies = []
    for client in (Client(), Client(api=LIST)):
        if change.attaches:
            client.world.links.remove(APPOINTMENT, LOCKED_SHIPMENT)
        before = snapshot_of(client.world)
        replies.append(send(client, change, *arrange(change, appointment, shipment)))
        assert snapshot_of(client.world) == before
    assert replies[0].status == status
    assert [reply[:2] for reply in replies] == [replies[0][:2]] * 2


@pytest.mark.rule("link.answer")
def test_the_document_says_which_answer() -> None:
    """The documents of both answers differ in what the four changes answer with, and in nothing else."""
    parents, lists = copy.deepcopy(PARTNER.document), copy.deepcopy(LIST.document)
    schemas: dict[str, list[Any]] = {}
    for document in (parents, lists):
        for path in LISTS.values():
            for method in ("post", "delete"):
                operation = document["paths"][f"/api/v1{path.format('{id}')}"][method]
                success = operation["responses"]["200"]
                assert success.pop("description")
                schemas.setdefault(operation["operationId"], []).append(success.pop("content"))
    shipment, appointment = ({"$ref": f"#/components/schemas/{name}"} for name in ("Shipment", "Appointment"))
    expected = {
        "attach_shipments": (appointment, shipment),
        "detach_shipments": (appointment, shipment),
        "attach_appointments": (shipment, appointment),
        "detach_appointments": (shipment, appointment),
    }
    assert schemas == {
        id: [{"application/json": {"schema": each}} for each in (parent, {"type": "array", "items": entry})]
        for id, (parent, entry) in expected.items()
    }
    assert parents == lists


@pytest.mark.rule("link.answer")
def test_a_server_is_told_the_answer() -> None:
    """A server that is started for lists serves the document that says so, and answers with them."""
    with serving("--clock", "frozen", "--link-answer", "list") as (_process, facts):
        with urllib.request.urlopen(f"{facts['url']}/openapi.json", timeout=30) as answer:
            assert json.load(answer)["paths"] == LIST.document["paths"]
        request = urllib.request.Request(
            f"{facts['url']}/api/v1/appointments/{APPOINTMENT}/shipments",
            json.dumps({"shipment_ids": [SHIPMENT]}).encode(),
            {"x-api-key": facts["api_key"], "content-type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert "x-sandbox-mismatch" not in answer.headers
            assert ids_of(json.load(answer)) == [SHIPMENT, LOCKED_SHIPMENT]


@pytest.mark.rule("link.answer")
@pytest.mark.parametrize("value", ["both", "", "LIST "])
def test_an_unknown_answer_is_refused(value: str) -> None:
    """There are two answers to choose from; a third is refused in one line that names the option and both."""
    said = complaint(command("serve", "--port", "0", "--link-answer", value), 2)
    assert all(word in said for word in ("--link-answer", "parent", "list"))
