"""Links between appointments and shipments: every pair that a change can meet, whole calls, the window, the lists."""

import itertools
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import msgspec
import pytest

from aniva_sandbox.api.appointments.draw import confirm_blood_draw
from aniva_sandbox.api.appointments.operations import cancel_appointment, get_appointment
from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.links.operations import (
    attach_appointments,
    attach_shipments,
    detach_appointments,
    detach_shipments,
)
from aniva_sandbox.api.links.records import Link
from aniva_sandbox.api.shipments.operations import get_shipment
from aniva_sandbox.api.shipments.records import Report, Shipment
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance, happen
from tests.support import (
    APPOINTMENT,
    BERLIN,
    DELIVERED_SHIPMENT,
    DRAWN_APPOINTMENT,
    LOCKED_SHIPMENT,
    LOST_SHIPMENT,
    MOVING_SHIPMENT,
    PROFILE,
    RIVAL_APPOINTMENT,
    RIVAL_SHIPMENT,
    SHIPMENT,
    UNKNOWN,
    UNKNOWN_SHIPMENT,
    Client,
    Reply,
    refusal_of,
    relied_on,
    run,
    snapshot_of,
)

NOW = "2026-04-13T08:00:00Z"
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
OLD_SHIPMENT = "P2601287306"
EXAMPLE_APPOINTMENT = "b2c3d4e5-f6a7-8901-bcde-f12345678901"


class Change(NamedTuple):
    """One of the four changes: its operation, what its body names, and which array of the parent shows the links."""

    operation: Any
    attaches: bool
    side: str
    shows: str
    get_parent: Any

    def __str__(self) -> str:
        return str(self.operation.id)


ATTACH_SHIPMENTS = Change(attach_shipments, True, "shipment_ids", "shipments", get_appointment)
DETACH_SHIPMENTS = Change(detach_shipments, False, "shipment_ids", "shipments", get_appointment)
ATTACH_APPOINTMENTS = Change(attach_appointments, True, "appointment_ids", "appointments", get_shipment)
DETACH_APPOINTMENTS = Change(detach_appointments, False, "appointment_ids", "appointments", get_shipment)
CHANGES = (ATTACH_SHIPMENTS, DETACH_SHIPMENTS, ATTACH_APPOINTMENTS, DETACH_APPOINTMENTS)

all_changes = pytest.mark.parametrize("change", CHANGES, ids=str)


def make(world: World, change: Change, id: str, *ids: str) -> Any:
    """Make a change below HTTP; returns what it answers."""
    return run(world, change.operation, id, {change.side: list(ids)})


def post(client: Client, change: Change, id: str, body: Any) -> Reply:
    """Make a change through the pipeline, with this body."""
    path = f"/appointments/{id}/shipments" if change.side == "shipment_ids" else f"/shipments/{id}/appointments"
    return client.request("POST" if change.attaches else "DELETE", path, body)


def send(client: Client, change: Change, id: str, *ids: str) -> Reply:
    """Make a change through the pipeline."""
    return post(client, change, id, {change.side: list(ids)})


def refusing(world: World, change: Change, id: str, *ids: str) -> tuple[list[str], int, dict[str, Any]]:
    """Rules, status and further fields of the refusal of a change, which leaves the world as it was."""
    refusal = refusal_of(world, change.operation, id, {change.side: list(ids)})
    return [rule.id for rule in refusal.rules], refusal.status, refusal.fields


def locked(change: Change, *ids: str) -> tuple[list[str], int, dict[str, Any]]:
    """What :func:`refusing` returns where these ids are locked."""
    return ["link.window"], 409, {change.side: list(ids)}


def arrange(change: Change, appointment: str, shipment: str) -> tuple[str, str]:
    """The id in the path and the one in the body of a change of one pair."""
    return (appointment, shipment) if change.side == "shipment_ids" else (shipment, appointment)


def link(world: World, appointment: str, shipment: str, added_at: datetime | None = None) -> None:
    """Link a pair, whatever the window says."""
    world.links.add(Link(appointment, shipment, added_at or world.now))


def linked(world: World) -> list[tuple[str, str]]:
    """All pairs that are linked, oldest link first."""
    return [(each["appointment_id"], each["shipment_id"]) for each in snapshot_of(world)["links"]]


def ids_of(resources: Any) -> list[str]:
    """The ids of resources or of an array of links."""
    return [each["id"] for each in resources]


# What tests put into a world

COURSES: dict[str, tuple[Any, ...]] = {
    "pending": (),
    "in_transit": ("pending", "in_transit"),
    "delivered": ("pending", "in_transit", "delivered"),
    "fault": ("pending", "in_transit", "fault"),
    "cancelled": ("pending",),
}
"""How a shipment comes to stand where it stands: the statuses that the courier noted."""

DRAWN = "blood_drawn"
APPOINTMENT_STATES = ("pending", "confirmed", DRAWN, "cancelled before the draw", "cancelled after the draw")


def put_shipment(world: World, age: timedelta = timedelta(), status: str = "pending") -> str:
    """Put a shipment of this age and status into a world; partners see it as it is. Returns its id."""
    created_at = world.now - age
    shipment = Shipment(
        id=f"P260415{5000 + len(world.shipments)}",
        location_id=BERLIN,
        pickup_date=date(2026, 4, 15),
        pickup_time_from=time(10),
        pickup_time_till=time(14),
        package_count=1,
        weight=1.0,
        pickup_remarks=None,
        notes=None,
        created_at=created_at,
        synced_at=world.now,
        cancelled=status == "cancelled",
        reports=[Report(created_at, step, "Noted") for step in COURSES[status]],
        seen=len(COURSES[status]),
    )
    world.shipments.add(shipment)
    assert shipment.status == status
    return shipment.id


def put_appointment(world: World, state: str = "confirmed") -> str:
    """Put an appointment that was made two hours ago into a world, and bring it into a state. Returns its id."""
    id = f"c0ffee00-0000-4000-8000-{len(world.appointments):012}"
    world.appointments.add(
        Appointment(
            id=id,
            profile_id=PROFILE,
            location_id=BERLIN,
            scheduled_at=world.now + 2 * DAY,
            status="pending" if state == "pending" else "confirmed",
            test_method="practitioner",
            created_at=world.now - timedelta(hours=2),
        )
    )
    if state in (DRAWN, "cancelled after the draw"):
        run(world, confirm_blood_draw, id, {"barcode": "4130075218"})
    if state == "cancelled before the draw":
        run(world, cancel_appointment, id)
    if state == "cancelled after the draw":
        happen(world, Event("operations.cancelled", id))
    assert state.startswith(world.appointments[id].status)
    return id


# Every pair that a change can meet

YOUNG = {"new": timedelta(), "1 s": SECOND, "1 s less than a day": timedelta(hours=23, minutes=59, seconds=59)}
OLD = {"a day": timedelta(hours=24), "1 s more than a day": timedelta(hours=24, seconds=1), "75 days": 75 * DAY}


def text(instant: datetime) -> str:
    """An instant as the API writes it."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def outcome(change: Change, state: str, age: str, is_linked: bool) -> str:
    """What the rules say about one pair."""
    if change.attaches == is_linked:
        return "nothing to do"
    if state == DRAWN or age in YOUNG:
        return "open"
    return "locked"


PAIRS = [
    pytest.param(
        change, state, age, status, is_linked, id=f"{change}-{state}-{age}-{status}{'-linked' if is_linked else ''}"
    )
    for change, (row, state), (column, age), is_linked in itertools.product(
        CHANGES, enumerate(APPOINTMENT_STATES), enumerate(YOUNG | OLD), (True, False)
    )
    for status in [[*COURSES][(row + column) % len(COURSES)]]
]
"""Each change, state and age, linked or not. A shipment's status goes round: each meets each state and each age."""


@pytest.mark.rule(
    "link.window",
    "link.window-ids",
    "link.boundary",
    "link.attach",
    "link.attach/order",
    "link.detach",
    "link.detach/order",
    "link.answer",
    "link.cancelled",
    "time.instants",
    "time.updated",
    "order.ordinal",
    "atomic",
)
@pytest.mark.parametrize(("change", "state", "age", "status", "is_linked"), PAIRS)
def test_every_pair(world: World, change: Change, state: str, age: str, status: str, is_linked: bool) -> None:
    """A link can be changed where the appointment is drawn or the shipment less than a day old, whatever else they are,
    and nothing beside it changes; elsewhere the change is refused, unless there is nothing to do."""
    appointment, shipment = put_appointment(world, state), put_shipment(world, (YOUNG | OLD)[age], status)
    created_at = world.shipments[shipment].created_at
    halfway = (created_at + (world.now - created_at) // 2).replace(microsecond=0)
    link(world, appointment, MOVING_SHIPMENT, world.now - 3 * DAY)
    link(world, DRAWN_APPOINTMENT, shipment, created_at)
    if is_linked:
        link(world, appointment, shipment, halfway)
    id, other = arrange(change, appointment, shipment)
    expected = outcome(change, state, age, is_linked)
    if expected == "locked":
        assert refusing(world, change, id, other) == locked(change, other)
        return

    before = snapshot_of(world)
    answer = make(world, change, id, other)
    links = before["links"]
    if expected == "open":
        new = {"appointment_id": appointment, "shipment_id": shipment, "added_at": NOW}
        links = [*links, new] if change.attaches else links[:-1]
    assert snapshot_of(world) == before | {"links": links}

    bystander = (
        (MOVING_SHIPMENT, world.now - 3 * DAY) if change.shows == "shipments" else (DRAWN_APPOINTMENT, created_at)
    )
    array = [bystander, *[(other, halfway if is_linked else world.now)] * change.attaches]
    assert answer[change.shows] == [{"id": each, "added_at": text(since)} for each, since in array]
    assert answer == run(world, change.get_parent, id)


# Whole calls

KINDS = ("open", "also open", "locked", "also locked", "settled")
"""What can be said of one of the pairs of a call. A settled one needs no change; otherwise it would be locked."""

ORDERS = [order for size in (1, 2, 3) for order in itertools.permutations(KINDS, size)]


@pytest.mark.rule(
    "link.window", "link.window-ids", "link.attach", "link.detach", "link.answer", "order.ordinal", "atomic"
)
@all_changes
@pytest.mark.parametrize("order", ORDERS, ids=", ".join)
def test_one_locked_pair_refuses_the_call(world: World, change: Change, order: tuple[str, ...]) -> None:
    """Of all pairs of a call only those are judged that need a change; the locked ones are listed, in the order sent,
    and keep the others back. Where none is locked, all changes are made, in the order sent."""
    of_appointment = change.side == "shipment_ids"
    id = put_appointment(world) if of_appointment else put_shipment(world, 2 * DAY)
    ids = {}
    for kind in KINDS:
        if of_appointment:
            other = put_shipment(world, timedelta(hours=2) if "open" in kind else 2 * DAY)
        else:
            other = put_appointment(world, DRAWN if "open" in kind else "confirmed")
        ids[kind] = other
        if change.attaches == (kind == "settled"):
            link(world, *arrange(change, id, other))
    already = [kind for kind in KINDS if change.attaches == (kind == "settled")]
    sent = [ids[kind] for kind in order]
    if any("locked" in kind for kind in order):
        assert refusing(world, change, id, *sent) == locked(change, *(ids[kind] for kind in order if "locked" in kind))
        return
    answer = make(world, change, id, *sent)
    if change.attaches:
        left = [*already, *(kind for kind in order if kind != "settled")]
    else:
        left = [kind for kind in already if kind not in order]
    assert ids_of(answer[change.shows]) == [ids[kind] for kind in left]


@pytest.mark.rule("body.schema", "id.format", "link.window-ids")
@all_changes
@pytest.mark.parametrize("age", [timedelta(), DAY], ids=["open", "locked"])
def test_ids_that_repeat_count_once(world: World, change: Change, age: timedelta) -> None:
    """An id that repeats, a UUID in either case of its letters, is judged and linked once, and listed once."""
    appointment, shipment = put_appointment(world), put_shipment(world, age)
    if not change.attaches:
        link(world, appointment, shipment)
    id, other = arrange(change, appointment, shipment)
    repeated = [other.upper(), other, other.upper()]
    if age:
        rules, status, fields = refusing(world, change, id.upper(), *repeated)
        assert (rules, status) == (["link.window"], 409)
        assert [each.lower() for each in fields[change.side]] == [other.lower()]
    else:
        answer = make(world, change, id.upper(), *repeated)
        assert (answer["id"], ids_of(answer[change.shows])) == (id, [other] * change.attaches)


@pytest.mark.rule("link.attach", "link.attach/order", "link.detach", "link.detach/order")
@all_changes
def test_a_second_change_does_nothing(world: World, change: Change) -> None:
    """A call that is sent again, after the window has closed too, answers the same and changes nothing."""
    appointment, shipment = put_appointment(world), put_shipment(world)
    if not change.attaches:
        link(world, appointment, shipment)
    id, other = arrange(change, appointment, shipment)
    first = make(world, change, id, other.upper())
    advance(world, world.now + 2 * DAY)
    world.shipments[shipment].synced_at = world.now
    before = snapshot_of(world)
    assert make(world, change, id, other.upper()) == first
    assert snapshot_of(world) == before


# Who is asked first

CHECKS = {
    "unknown": ("link.unknown", 404),
    "outside": ("link.context", 403),
    "locked": ("link.window", 409),
}
"""What each kind of named resource is refused through, the first first."""


def known(world: World, change: Change, kind: str, *, in_path: bool) -> str:
    """The id of a resource of the side that is in the path or in the body; what is inside is put into the world. A
    new pair of such resources is locked, unless one of them is open."""
    if in_path == (change.side == "shipment_ids"):
        ids = {"unknown": UNKNOWN, "outside": RIVAL_APPOINTMENT}
        return ids.get(kind) or put_appointment(world, DRAWN if kind == "open" else "confirmed")
    ids = {"unknown": UNKNOWN_SHIPMENT, "outside": RIVAL_SHIPMENT}
    return ids.get(kind) or put_shipment(world, timedelta() if kind == "open" else DAY)


@pytest.mark.rule("order.checks", "path.unknown", "auth.context", "link.unknown", "link.context", "atomic")
@all_changes
@pytest.mark.parametrize("path", [("unknown", "path.unknown", 404), ("outside", "auth.context", 403), None])
@pytest.mark.parametrize("outside_is_linked", [True, False])
def test_checks_come_in_order(
    world: World, change: Change, path: tuple[str, str, int] | None, outside_is_linked: bool
) -> None:
    """The resource in the path goes first; then all that is named must exist, then lie inside the context, linked or
    not, and only then the window is judged. The order in which ids are sent does not matter."""
    id = known(world, change, path[0] if path else "inside", in_path=True)
    ids = {kind: known(world, change, kind, in_path=False) for kind in (*CHECKS, "open")}
    to_link = ["outside"] * outside_is_linked + ["locked", "open"] * (path is None and not change.attaches)
    for kind in to_link:
        link(world, *arrange(change, id, ids[kind]))
    for size in range(1, 5):
        for order in itertools.permutations(ids, size):
            expected = path[1:] if path else next((CHECKS[kind] for kind in CHECKS if kind in order), None)
            if expected is None:
                continue
            rules, status, _fields = refusing(world, change, id, *(ids[kind] for kind in order))
            assert ((*rules, status), order) == (expected, order)
    if path is None:
        make(world, change, id, ids["open"])
        assert (arrange(change, id, ids["open"]) in linked(world)) == change.attaches


@pytest.mark.rule("auth.context", "link.context", "error.body")
@all_changes
def test_forbidden_is_all_that_is_said(client: Client, change: Change) -> None:
    """What is outside the context, in the path or in the body, is forbidden in one word, and only that one call."""
    before = snapshot_of(client.world)
    for appointment, shipment in ((RIVAL_APPOINTMENT, SHIPMENT), (APPOINTMENT, RIVAL_SHIPMENT)):
        reply = send(client, change, *arrange(change, appointment, shipment))
        assert (reply.status, reply.json) == (403, {"error": "Forbidden"})
        assert reply.rules in (["auth.context"], ["link.context"])
    assert snapshot_of(client.world) == before
    assert send(client, change, *arrange(change, APPOINTMENT, SHIPMENT)).status == 200


@pytest.mark.rule("link.window", "link.window-ids", "link.window-ids/names", "error.body")
@all_changes
def test_a_locked_call_lists_the_ids(client: Client, change: Change) -> None:
    """The refusal has one message and one list, named like the field that was sent; it says no more."""
    if change.attaches:
        client.world.links.remove(APPOINTMENT, LOCKED_SHIPMENT)
    id, other = arrange(change, APPOINTMENT, LOCKED_SHIPMENT)
    before = snapshot_of(client.world)
    reply = send(client, change, id, other)
    assert (reply.status, reply.rules) == (409, ["link.window"])
    assert reply.json == {"error": reply.json["error"], change.side: [other]}
    assert "link.window-ids/names" in relied_on(client)
    assert reply.json["error"]
    assert snapshot_of(client.world) == before


# The window while the world runs


@pytest.mark.rule("link.window", "link.cancelled")
@all_changes
def test_a_draw_opens_what_was_locked(client: Client, change: Change) -> None:
    """Confirming the draw opens the links of an appointment to shipments of any age; cancelling the drawn appointment
    locks them again."""
    for shipment in (LOCKED_SHIPMENT, LOST_SHIPMENT, OLD_SHIPMENT, MOVING_SHIPMENT, DELIVERED_SHIPMENT):
        if (APPOINTMENT, shipment) in client.world.links:
            client.world.links.remove(APPOINTMENT, shipment)
        if not change.attaches:
            link(client.world, APPOINTMENT, shipment)
    assert send(client, change, *arrange(change, APPOINTMENT, LOCKED_SHIPMENT)).rules == ["link.window"]
    assert client.post(f"/appointments/{APPOINTMENT}/confirm", {"barcode": "4130075218"}).status == 200
    for shipment in (LOCKED_SHIPMENT, LOST_SHIPMENT, OLD_SHIPMENT, MOVING_SHIPMENT):
        assert send(client, change, *arrange(change, APPOINTMENT, shipment)).status == 200
        assert ((APPOINTMENT, shipment) in client.world.links) == change.attaches
    client.control("POST", "/worlds/test/events", {"type": "operations.cancelled", "appointment_id": APPOINTMENT})
    assert send(client, change, *arrange(change, APPOINTMENT, DELIVERED_SHIPMENT)).rules == ["link.window"]


@pytest.mark.rule("link.boundary", "link.window")
@all_changes
def test_the_window_closes_while_time_passes(client: Client, change: Change) -> None:
    """A shipment's links can be changed up to the last second of its first day, and no more at 24 hours."""
    made = client.post(
        "/shipments",
        {"location_id": BERLIN, "pickup_date": "2026-04-15", "pickup_time_from": "10:00", "pickup_time_till": "14:00"},
    ).json
    appointments = [put_appointment(client.world) for _ in range(3)]
    if not change.attaches:
        assert client.post(f"/shipments/{made['id']}/appointments", {"appointment_ids": appointments}).status == 200
    statuses = []
    for appointment, now in zip(appointments, ("13T08:00:00", "14T07:59:59", "14T08:00:00"), strict=True):
        client.control("POST", "/worlds/test/clock/advance", {"to": f"2026-04-{now}Z"})
        statuses.append(send(client, change, *arrange(change, appointment, made["id"])).status)
    assert statuses == [200, 200, 409]
    left = appointments[:2] if change.attaches else appointments[2:]
    assert ids_of(client.get(f"/shipments/{made['id']}").json["appointments"]) == left


@pytest.mark.rule("link.cancelled", "link.window")
@pytest.mark.parametrize("first", ["appointment", "shipment"])
def test_links_outlive_cancellation(client: Client, first: str) -> None:
    """Cancelling one side, and the other, keeps the link in both arrays and both lists; inside the window it can be
    parted and made again, and at its end it is locked."""
    client.world.links.remove(EXAMPLE_APPOINTMENT, SHIPMENT)
    attached = send(client, ATTACH_SHIPMENTS, APPOINTMENT, SHIPMENT).json["shipments"][-1]
    sides = {"appointment": f"/appointments/{APPOINTMENT}", "shipment": f"/shipments/{SHIPMENT}"}
    for side in (first, *(side for side in sides if side != first)):
        cancelled = client.delete(sides[side]).json
        assert cancelled["status"] == "cancelled"
        assert client.get(sides["appointment"]).json["shipments"][-1] == attached
        assert client.get(sides["shipment"]).json["appointments"] == [attached | {"id": APPOINTMENT}]
        assert client.get(f"{sides['appointment']}/shipments").json[0]["id"] == SHIPMENT
        assert ids_of(client.get(f"{sides['shipment']}/appointments").json) == [APPOINTMENT]
        for change in (DETACH_APPOINTMENTS, ATTACH_SHIPMENTS, DETACH_SHIPMENTS, ATTACH_APPOINTMENTS):
            assert send(client, change, *arrange(change, APPOINTMENT, SHIPMENT)).status == 200
            assert ((APPOINTMENT, SHIPMENT) in client.world.links) == change.attaches
    client.control("POST", "/worlds/test/clock/advance", {"seconds": 86_400})
    assert send(client, DETACH_SHIPMENTS, APPOINTMENT, SHIPMENT).rules == ["link.window"]


# Forms

WRONG_IDS = {
    "shipment_ids": [
        SHIPMENT.lower(),
        SHIPMENT[:-1],
        f"{SHIPMENT}0",
        SHIPMENT[1:],
        SHIPMENT.replace("5", "\u0665"),
        f"{SHIPMENT}\n",
        f" {SHIPMENT}",
        "",
        APPOINTMENT,
    ],
    "appointment_ids": [
        APPOINTMENT[:-1],
        APPOINTMENT.replace("-", ""),
        f"{{{APPOINTMENT}}}",
        APPOINTMENT.replace("c", "g"),
        f"{APPOINTMENT}\n",
        "",
        SHIPMENT,
    ],
}


@pytest.mark.rule("id.format", "body.schema")
@all_changes
def test_ids_have_the_form_of_their_kind(client: Client, change: Change) -> None:
    """Every id in the body is of its kind, or named with its place, whether the resource in the path exists or not; so
    is the id in the path. A UUID may have capital letters, a shipment's P must be one."""
    before = snapshot_of(client.world)
    _, other = arrange(change, APPOINTMENT, SHIPMENT)
    nothing, _ = arrange(change, UNKNOWN, UNKNOWN_SHIPMENT)
    wrong = WRONG_IDS[change.side]
    reply = send(client, change, nothing, other, *wrong)
    assert (reply.status, reply.rules) == (400, ["id.format"])
    assert list(reply.details) == [f"{change.side}[{place}]" for place in range(1, len(wrong) + 1)]
    no_texts: list[Any] = [3, None, True, [other]]
    for each in no_texts:
        reply = post(client, change, nothing, {change.side: [other, each]})
        assert (reply.status, list(reply.details)) == (400, [f"{change.side}[1]"])
        assert set(reply.rules) <= {"body.schema", "id.format"}
    for pair in ((other, other), arrange(change, APPOINTMENT, SHIPMENT.lower())):
        reply = send(client, change, *pair)
        assert (reply.status, reply.rules) == (400, ["id.format"])
    assert snapshot_of(client.world) == before
    assert send(client, change, *arrange(change, APPOINTMENT.upper(), SHIPMENT)).status == 200


@pytest.mark.rule("body.schema", "body.json", "body.unknown-field")
@all_changes
def test_a_change_names_at_least_one(client: Client, change: Change) -> None:
    """The body holds a list of at least one id, in the field of the other side; what else it holds does not matter."""
    before = snapshot_of(client.world)
    id, other = arrange(change, APPOINTMENT, SHIPMENT)
    swapped = {"shipment_ids": "appointment_ids", "appointment_ids": "shipment_ids"}[change.side]
    no_lists: list[Any] = [[], None, other, {"0": other}]
    for body in ({}, {swapped: [other]}, *({change.side: each} for each in no_lists)):
        reply = post(client, change, id, body)
        assert (reply.status, reply.rules, list(reply.details)) == (400, ["body.schema"], [change.side])
    reply = post(client, change, id, None)
    assert (reply.status, reply.rules) == (400, ["body.json"])
    assert snapshot_of(client.world) == before
    assert post(client, change, id, {change.side: [other], swapped: 3, "note": None}).status == 200


@pytest.mark.rule("link.window", "link.window-ids", "link.window-ids/most")
def test_thousands_of_locked_links_are_listed(world: World) -> None:
    """The refusal lists each locked id once, up to 5,000, and its sentence twenty of them."""
    ids = [put_appointment(world) for _ in range(5001)]
    body = {"appointment_ids": [*ids[:5000], *map(str.upper, ids[:5000])]}
    refusal = refusal_of(world, attach_appointments, LOCKED_SHIPMENT, body)
    assert refusal.fields == {"appointment_ids": ids[:5000]}
    assert refusal.message.endswith(f"{ids[19]}, and 4,980 more")
    refusal = refusal_of(world, attach_appointments, LOCKED_SHIPMENT, {"appointment_ids": ids})
    assert refusal.fields == {"appointment_ids": ids[:5000]}
    assert refusal.message.endswith(", and 4,981 more")
    assert len(msgspec.json.encode(refusal.body())) < 300_000
    assert "link.window-ids/most" in [rule.id for rule in refusal.leans_on]
    refusal = refusal_of(world, attach_appointments, LOCKED_SHIPMENT, {"appointment_ids": ids[:5000]})
    assert [rule.id for rule in refusal.leans_on] == ["link.window-ids/names"]
