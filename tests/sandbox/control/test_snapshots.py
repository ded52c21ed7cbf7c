"""Snapshots over the control plane: a world written out, and put back into the same or another world."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from aniva_sandbox.engine.contract.ground_rules import MAX_BODY
from aniva_sandbox.engine.problems import Data
from aniva_sandbox.engine.serving.pipeline import Request, respond_to_control
from aniva_sandbox.engine.world.limits import Limits
from tests.sandbox.serving.common import NEW_APPOINTMENT, NEW_PROFILE
from tests.support import (
    APPOINTMENT,
    CONTROL,
    PANEL,
    PROFILE,
    UNKNOWN,
    Client,
    Reply,
    new_world,
    new_worlds,
    refused,
    snapshot_of,
)

PATH = "/worlds/test/snapshot"


def taken(client: Client, world: str = "test") -> dict[str, Any]:
    """The snapshot of a world that is there."""
    reply = client.control("GET", f"/worlds/{world}/snapshot")
    assert reply.status == 200
    snapshot: dict[str, Any] = reply.json
    return snapshot


def restore_refused(client: Client, snapshot: Any, rule: str, status: int) -> str:
    """The message with which a snapshot is refused through this rule; neither the world nor its journal change."""
    world = client.world
    before, journal = snapshot_of(world), list(world.journal)
    message = refused(client.control("PUT", PATH, snapshot), rule, status)
    assert client.world is world
    assert snapshot_of(world) == before
    assert list(world.journal) == journal
    return message


def raw(client: Client, method: str, body: bytes = b"") -> bytes:
    """The bytes of the answer to a call for the snapshot; it must succeed."""
    request = Request(method, f"/_sandbox{PATH}", b"", None, "application/json", body)
    answer = respond_to_control(CONTROL, client.worlds, request)
    assert answer.status == 200
    return answer.body


def opened(**options: Any) -> Client:
    """A client whose world is there; the options are those of the worlds."""
    client = Client(new_worlds(**options))
    assert client.world.begun
    return client


def busy() -> Client:
    """A client of a world in which much is, was and will be."""
    client = opened()

    def done(reply: Reply) -> Any:
        assert reply.status < 300, reply.json
        return reply.json

    done(client.control("POST", "/worlds/test/faults", {"operation": "list_units", "status": 503, "times": 2}))
    done(client.control("PATCH", "/worlds/test/settings", {"taken_slots": "refuse", "lab_quick_hours": 30}))
    profile = done(client.post("/profiles", NEW_PROFILE))
    booked = done(client.post("/appointments", NEW_APPOINTMENT | {"profile_id": profile["id"]}))
    done(client.post(f"/appointments/{booked['id']}/panels", {"panel_ids": [PANEL]}))
    done(client.post(f"/appointments/{booked['id']}/confirm", {"barcode": "4130075218"}))
    done(client.control("POST", "/worlds/test/clock/advance", {"seconds": 2 * 24 * 60 * 60}))
    return client


def test_a_snapshot_is_the_world() -> None:
    """A snapshot is what the world writes of itself, under its version; taking one changes nothing, but that partners'
    copy of shipments is brought to where the last hourly sync left it."""
    client = busy()
    before = raw(client, "GET")
    assert raw(client, "GET") == before
    assert before.startswith(b'{"version":1,')
    assert msgspec.json.encode(snapshot_of(client.world)) == before
    assert client.control("GET", "/worlds/nobody/snapshot").status == 404


def test_a_world_goes_back_to_a_snapshot() -> None:
    """What was done after a snapshot is undone by it, to the byte, also backwards in time; then the same calls give the
    same answers as before."""
    client = busy()
    text = raw(client, "GET")

    def go_on() -> list[Any]:
        made = client.post("/profiles", NEW_PROFILE).json
        moved = client.control("POST", "/worlds/test/clock/advance", {"seconds": 20 * 24 * 60 * 60}).json
        fault = client.get("/units").status
        return [made, moved, fault, client.delete(f"/appointments/{APPOINTMENT}").json, snapshot_of(client.world)]

    first = go_on()
    assert first[2] == 503
    view = msgspec.json.decode(raw(client, "PUT", text))
    assert view | {"changed": view["changed"] + 1} == client.control("PUT", PATH, msgspec.json.decode(text)).json
    assert (view["name"], view["settings"]["taken_slots"]) == ("test", "refuse")
    assert raw(client, "GET") == text
    assert go_on() == first


def test_a_snapshot_goes_into_another_world() -> None:
    """Another world takes a snapshot whole, and afterwards the two share nothing."""
    client = busy()
    snapshot = taken(client)
    assert client.control("PUT", "/worlds/other", {"seed": 5, "clock": "2030-01-01T00:00:00Z"}).status == 200
    assert client.control("PUT", "/worlds/other/snapshot", snapshot).json["seed"] == 0
    assert taken(client, "other") == snapshot
    client.patch(f"/profiles/{PROFILE}", {"first_name": "Other"})
    client.control("POST", "/worlds/test/clock/advance", {"seconds": 30 * 24 * 60 * 60})
    assert taken(client, "other") == snapshot
    assert client.get(f"/profiles/{PROFILE}", key="sbx_other").json["first_name"] == "Maria"
    assert client.control("PUT", "/worlds/nobody/snapshot", snapshot).rules == ["world.unknown"]


def test_keys_open_the_personas_of_the_snapshot() -> None:
    """Keys have the rights that the snapshot gives them; those of personas that are gone are unknown, also those that
    were used before; a reset brings the old ones back."""
    client = opened()
    path = f"/profiles/{PROFILE}"
    for persona in ("full", "reader", "scheduler"):
        assert client.get(path, key=f"sbx_test.{persona}").status == 200
    assert client.get(path, key="sbx_test.newcomer").rules == ["auth.key"]
    snapshot = taken(client)
    personas = {access["persona"]: access for access in snapshot["personas"]}
    personas["newcomer"] = personas["reader"] | {"persona": "newcomer"}
    personas["reader"] = personas["reader"] | {"permissions": []}
    del personas["scheduler"]
    snapshot["personas"] = list(personas.values())
    view = client.control("PUT", PATH, snapshot).json
    assert view["personas"] == list(personas)

    assert client.get(path, key="sbx_test").status == 200
    assert client.get(path, key="sbx_test.newcomer").status == 200
    assert client.get(path, key="sbx_test.reader").rules == ["auth.permission"]
    assert client.get(path, key="sbx_test.scheduler").rules == ["auth.key"]

    assert client.control("POST", "/worlds/test/reset").status == 200
    assert client.get(path, key="sbx_test.reader").status == 200
    assert client.get(path, key="sbx_test.scheduler").status == 200
    assert client.get(path, key="sbx_test.newcomer").rules == ["auth.key"]


def test_a_reset_goes_back_to_the_start() -> None:
    """After a snapshot of another time, a reset leads to where the world began, not to the snapshot."""
    client = busy()
    snapshot = taken(client)
    client.control("PUT", "/worlds/test", {"clock": "2027-01-04T08:00:00Z"})
    began = taken(client)
    assert client.control("PUT", PATH, snapshot).json["clock"]["now"] == "2026-04-15T08:00:00Z"
    assert client.control("POST", "/worlds/test/reset").json["clock"]["now"] == "2027-01-04T08:00:00Z"
    assert taken(client) == began


def test_the_journal_goes_on() -> None:
    """A restored world remembers what was asked of it before, and counts on from there."""
    client = opened()
    client.get("/units")
    snapshot = taken(client)
    client.get(f"/profiles/{UNKNOWN}")
    client.control("PUT", PATH, snapshot)
    client.get("/units")
    seen = [(exchange.number, exchange.response.status) for exchange in client.world.journal]
    assert seen == [(1, 200), (2, 404), (3, 200)]


def test_a_running_clock_goes_on_from_the_snapshot() -> None:
    """A snapshot of a world whose clock runs is restored with a running clock, at the instant of the snapshot."""
    client = opened(mode="real")
    snapshot = snapshot_of(client.world)
    now = client.world.now
    client.world.clock.move(now + timedelta(days=400))
    assert client.control("PUT", PATH, snapshot).json["clock"]["mode"] == "real"
    assert now <= client.world.now < now + timedelta(minutes=10)


@pytest.mark.rule("snapshot.version")
@pytest.mark.parametrize("version", [0, 2, 999, -1, "1", None, True, 1.5, [1]])
def test_another_version_is_refused(version: object) -> None:
    """A snapshot of any other version is refused, naming the field; the version of this sandbox is taken."""
    client = busy()
    snapshot = taken(client)
    assert restore_refused(client, snapshot | {"version": version}, "snapshot.version", 400).startswith(
        "Validation failed: version"
    )
    del snapshot["version"]
    client.control("PUT", PATH, snapshot)
    assert client.control("PUT", PATH, snapshot).details == {"version": "is required"}
    assert client.control("PUT", PATH, snapshot | {"version": 1}).status == 200


@pytest.mark.rule("snapshot.valid")
def test_what_cannot_be_is_refused() -> None:
    """A snapshot of a world that cannot be is refused with the path to each fault; as the request has the right form,
    there are no details. The sound one is taken."""
    client = busy()
    snapshot = taken(client)
    spoilt = msgspec.json.decode(msgspec.json.encode(snapshot))
    spoilt["links"][0]["appointment_id"] = UNKNOWN
    spoilt["profiles"][1]["group"] = UNKNOWN
    message = restore_refused(client, spoilt, "snapshot.valid", 400)
    assert message == (
        f"The snapshot cannot be restored: profiles[1].group: there is no profile group {UNKNOWN}; "
        f"links[0].appointment_id: there is no appointment {UNKNOWN}"
    )
    assert "details" not in client.control("PUT", PATH, spoilt).json
    spoilt = msgspec.json.decode(msgspec.json.encode(snapshot))
    spoilt["appointments"][3]["status"] = "lost"
    assert 'appointments[3].status: must be one of "pending", ' in restore_refused(
        client, spoilt, "snapshot.valid", 400
    )
    assert client.control("PUT", PATH, snapshot).status == 200


@pytest.mark.parametrize("instant", ["1900-01-01T00:00:00Z", "9000-01-01T00:00:00Z"])
def test_a_clock_may_stand_at_either_end(instant: str) -> None:
    """The first and the last instant that a clock can have can be restored."""
    put = CONTROL.endpoints["put_snapshot"].operation
    assert put is not None
    smallest = put.example | {"clock": {"mode": "frozen", "now": instant}, "hourly_since": instant}
    reply = opened().control("PUT", PATH, smallest)
    assert (reply.status, reply.json["clock"]["now"]) == (200, instant)


@pytest.mark.rule("snapshot.valid")
def test_many_faults_are_cut_short() -> None:
    """Of many faults the first twenty are told, and how many more there are."""
    client = opened()
    snapshot = taken(client)
    link = snapshot["links"][0] | {"appointment_id": UNKNOWN}
    snapshot["links"] = [link | {"shipment_id": f"P{number:010}"} for number in range(15)]
    message = restore_refused(client, snapshot, "snapshot.valid", 400)
    assert message.count(";") == 19
    assert message.endswith("(and 10 more problems)")
    snapshot["links"] = snapshot["links"][:10]
    message = restore_refused(client, snapshot, "snapshot.valid", 400)
    assert message.count(";") == 19
    assert "more" not in message


@pytest.mark.rule("snapshot.valid")
@pytest.mark.parametrize("section", ["links", "history", "profiles", "documents", "faults", "personas"])
def test_the_work_of_a_refusal_is_bounded(section: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many problems there are, only so many are looked for, and the message stays short."""
    client = opened()
    snapshot = taken(client)
    snapshot[section] = [{}] * 100_000
    found = []
    monkeypatch.setattr(
        Data, "fail", lambda data, path, message, fail=Data.fail: (found.append(path), fail(data, path, message))
    )
    message = restore_refused(client, snapshot, "snapshot.valid", 400)
    assert len(found) < 3000
    assert len(message) < 4000
    assert message.endswith("(and at least 980 more problems)")


@pytest.mark.rule("snapshot.valid")
@pytest.mark.parametrize(
    ("section", "field", "value", "said"),
    [
        ("documents", "file_name", "a\r\nset-cookie: b.pdf", "documents[0].file_name: must be the name of a PDF file"),
        ("documents", "file_name", f"{'x' * 70_000}.pdf", "documents[0].file_name: must have at most 128 characters"),
        ("profiles", "first_name", "x" * 5000, "profiles[0].first_name: must have at most 100 characters"),
        ("profiles", "height", -5, "profiles[0].height: must be above 0"),
        ("locations", "country_code", "Germany", "locations[0].country_code: must be two capital letters such as DE"),
        ("shipments", "notes", "x" * 500, "shipments[0].notes: must have at most 128 characters"),
    ],
)
def test_a_snapshot_brings_nothing_that_a_request_could_not(section: str, field: str, value: Any, said: str) -> None:
    """What no request could bring is refused at its field, and not repeated; what a request could bring is taken."""
    client = busy()
    snapshot = taken(client)
    plain = msgspec.json.decode(msgspec.json.encode(snapshot))
    plain[section][0][field] = value
    message = restore_refused(client, plain, "snapshot.valid", 400)
    assert message.startswith(f"The snapshot cannot be restored: {said}")
    assert len(message) < 200
    assert client.control("PUT", PATH, snapshot).status == 200


@pytest.mark.parametrize("body", [{}, [], None, {"version": 1}, "text"])
def test_what_is_no_snapshot_is_refused(body: Any) -> None:
    """A body that is no snapshot at all is refused, and so is one with a section that is not known."""
    client = opened()
    snapshot = taken(client)
    before = snapshot_of(client.world)
    for sent in (body, snapshot | {"extra": []}, snapshot | {"links": {}}, snapshot | {"links": [1]}):
        reply = client.control("PUT", PATH, sent)
        assert reply.status == 400
        assert "snapshot.valid" not in reply.rules
    assert snapshot_of(client.world) == before


@pytest.mark.rule("world.full")
def test_a_snapshot_that_does_not_fit_is_refused() -> None:
    """A world takes no snapshot with more records than it may hold; one with just as many fits, and it is full then."""
    client = busy()
    snapshot, size = taken(client), client.world.size
    small = opened(limits=Limits(records=size - 1))
    assert f"has {size} records" in restore_refused(small, snapshot, "world.full", 507)
    enough = opened(limits=Limits(records=size))
    assert enough.control("PUT", PATH, snapshot).status == 200
    assert enough.post("/profiles", NEW_PROFILE).rules == ["world.full"]


@pytest.mark.rule("http.too-large")
def test_a_snapshot_may_be_larger_than_other_bodies() -> None:
    """A snapshot of more than 1 MiB is taken; every other body of that size is refused."""
    client = opened()
    snapshot = taken(client)
    first = snapshot["profiles"][0]
    snapshot["profiles"] += [
        first | {"id": f"00000000-0000-4000-8000-{number:012}", "ordinal": number}
        for number in range(len(snapshot["profiles"]), 5000)
    ]
    assert len(msgspec.json.encode(snapshot)) > MAX_BODY
    assert client.control("PUT", PATH, snapshot).status == 200
    assert taken(client) == snapshot
    for reply in (
        client.control("POST", "/worlds/test/events", {"type": "kit.ordered", "profile_id": "x" * MAX_BODY}),
        client.control("PUT", "/worlds/other", {"fixture": "x" * MAX_BODY}),
        client.post("/profiles", NEW_PROFILE | {"first_name": "x" * MAX_BODY}),
    ):
        assert (reply.status, reply.rules) == (413, ["http.too-large"])


def test_a_world_takes_back_whatever_was_planned_in_it() -> None:
    """Whether an event is possible is known when its time comes; until then a snapshot holds it as it was asked."""
    client = busy()
    event = {"type": "lab.corrected", "appointment_id": APPOINTMENT, "time": "2026-06-01T08:00:00Z"}
    assert client.control("POST", "/worlds/test/events", event | {"values": {"42": 30.5}}).status == 200
    text = raw(client, "GET")
    assert client.control("PUT", PATH, msgspec.json.decode(text)).status == 200
    assert raw(client, "GET") == text


def test_a_world_takes_its_own_snapshot_back_however_large() -> None:
    """What Aniva's side plans may lead beyond the limit of records; a world can go back to that all the same."""
    client = opened(limits=Limits(records=new_world().size - 1))
    text = raw(client, "GET")
    assert client.control("PUT", "/worlds/test/snapshot", msgspec.json.decode(text)).status == 200
    assert raw(client, "GET") == text


@pytest.mark.parametrize(
    ("change", "told"),
    [({"id": "fault-2"}, "faults[0].id: was not given out"), ({"fired": 1}, "faults[0].fired: must be between 0 and")],
)
def test_faults_of_a_snapshot_were_given_out(change: dict[str, Any], told: str) -> None:
    """An injected fault has an id that is not given out again, and fired no more often than it could."""
    client = Client()
    assert client.world.begun
    client.control("POST", "/worlds/test/faults", {"method": "GET", "status": 503})
    snapshot = msgspec.json.decode(raw(client, "GET"))
    snapshot["faults"][0] |= change
    assert told in restore_refused(client, snapshot, "snapshot.valid", 400)


def test_a_shipment_stays_where_it_was_shown() -> None:
    """What partners were shown of a shipment is in the snapshot, also for a world without the hourly sync."""
    client = Client()
    assert client.world.begun
    client.control("POST", "/worlds/test/clock/advance", {"seconds": 6 * 60 * 60})
    shown = {box["id"]: box["status"] for box in client.get("/shipments").json}
    snapshot = msgspec.json.decode(raw(client, "GET"))
    snapshot["settings"]["hourly_sync"] = False
    assert client.control("PUT", "/worlds/test/snapshot", snapshot).status == 200
    assert {box["id"]: box["status"] for box in client.get("/shipments").json} == shown
