"""Worlds: found by key, made at first use, isolated, replaced, dropped; and what one world holds."""

import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.api.links import operations as links
from aniva_sandbox.api.profiles import operations as profiles
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.store.memory import FullError, Worlds
from aniva_sandbox.engine.world import clock as clock_module
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance, happen, settle
from aniva_sandbox.engine.world.limits import Limits
from tests.sandbox.serving.common import NEW_APPOINTMENT, NEW_SHIPMENT
from tests.support import (
    APPOINTMENT,
    BERLIN,
    DRAWN_APPOINTMENT,
    LOCKED_SHIPMENT,
    PROFILE,
    SHIPMENT,
    UNKNOWN,
    Client,
    new_world,
    new_worlds,
    run,
    snapshot_of,
)

NEW = {"first_name": "Zoë", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}
START = datetime(2026, 4, 13, 8, tzinfo=UTC)


def world_of(worlds: Worlds, key: str) -> World:
    """The world that a known key picks."""
    found = worlds.find(key)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("name", ["default", "a", "0", "-", "ci-job-17", "x" * 64])
def test_key_makes_its_world(name: str) -> None:
    """The first use of a key of a well-formed name makes its world; every later use finds the same one."""
    made: list[str] = []
    worlds = new_worlds(on_create=lambda world: made.append(world.name))
    found = worlds.find(f"sbx_{name}")
    assert found is not None
    world, access = found
    assert (world.name, access.persona) == (name, "full")
    assert world_of(worlds, f"sbx_{name}") is world_of(worlds, f"sbx_{name}.reader") is world
    assert worlds.get(name) is world
    assert list(worlds) == [world]
    assert made == [name]


@pytest.mark.rule("auth.key")
@pytest.mark.parametrize(
    "key",
    [
        *("", "sbx_", "sbx", "default", "SBX_default", "sbx-default", "sbx_Default", "sbx_a b", "sbx_a_b", "sbx_ä"),
        *(f"sbx_{'x' * 65}", "sbx_default.", "sbx_default.nobody", "sbx_default.FULL", "sbx_default.full.full"),
        *("sbx_default\n", "\xa0sbx_default", "sbx_ default", " ", "\t", "sbx_.full"),
    ],
)
def test_unknown_keys(key: str) -> None:
    """Everything else is an unknown key, and makes no world."""
    worlds = new_worlds()
    assert worlds.find(key) is None
    assert list(worlds) == []


@pytest.mark.rule("auth.key")
@pytest.mark.parametrize("key", [" sbx_a", "sbx_a ", "\tsbx_a\t ", "  sbx_a.full  "])
def test_blanks_around_a_key_do_not_count(key: str) -> None:
    """A key with blanks around it is the key, when its world is there and when it is not; it is not another that is
    kept."""
    worlds = new_worlds()
    assert worlds.world_of_key(key) is None
    found = world_of(worlds, key)
    assert world_of(worlds, key) is world_of(worlds, "sbx_a") is worlds.world_of_key(key) is found
    worlds.drop("a")
    assert worlds.world_of_key(key) is None
    assert world_of(worlds, key) is not found


@pytest.mark.parametrize("persona", ["full", "reader", "scheduler", "courier", "outsider"])
def test_personas_share_their_world(persona: str) -> None:
    """A persona of the fixture opens the same world with its own rights."""
    worlds = new_worlds()
    found = worlds.find(f"sbx_a.{persona}")
    assert found is not None
    assert found[0] is world_of(worlds, "sbx_a")
    assert found[1] == found[0].personas[persona]


@pytest.mark.rule("auth.key")
def test_unknown_persona_of_a_world_that_is_there() -> None:
    """A persona that the world's fixture does not have is an unknown key, also once the world is there."""
    worlds = new_worlds()
    kept = world_of(worlds, "sbx_a")
    assert worlds.find("sbx_a.nobody") is None
    assert world_of(worlds, "sbx_a.reader") is kept


def test_worlds_are_isolated() -> None:
    """What happens in one world is not seen in another."""
    worlds = new_worlds()
    one, other = world_of(worlds, "sbx_one"), world_of(worlds, "sbx_other")
    before = snapshot_of(other)
    run(one, profiles.create_profile, body=NEW)
    run(one, profiles.update_profile, PROFILE, body={"first_name": "Other"})
    run(one, shipments.cancel_shipment, SHIPMENT)
    run(one, links.detach_appointments, SHIPMENT, {"appointment_ids": [link.appointment_id for link in one.links]})
    happen(one, Event("courier.lost", LOCKED_SHIPMENT))
    happen(one, Event("location.closed", BERLIN))
    happen(one, Event("location.date_blocked", BERLIN, {"date": "2026-04-20"}))
    advance(one, START + timedelta(days=1))
    assert snapshot_of(other) == before


@pytest.mark.rule("auth.key")
def test_strict_worlds() -> None:
    """Strict, a key makes no world; one that was put there opens."""
    worlds = new_worlds(strict=True)
    assert worlds.find("sbx_a") is None
    assert worlds.get("a") is None
    worlds.create("a")
    assert world_of(worlds, "sbx_a") is worlds.get("a")
    worlds.drop("a")
    assert worlds.find("sbx_a") is None


def test_replaced_world_is_forgotten() -> None:
    """After a world is replaced, every key that was used opens the new one, which knows nothing of the old."""
    worlds = new_worlds()
    old = world_of(worlds, "sbx_a")
    assert world_of(worlds, "sbx_a.reader") is old
    made = run(old, profiles.create_profile, body=NEW)["id"]
    new = worlds.create("a")
    for key in ("sbx_a", "sbx_a.reader", "sbx_a.outsider"):
        assert world_of(worlds, key) is new
    assert new.profiles.get(made) is None
    assert list(worlds) == [new]


def test_dropped_world_is_made_anew() -> None:
    """After a world is dropped, its keys make a new one; those of other worlds still open theirs."""
    worlds = new_worlds()
    old, kept = world_of(worlds, "sbx_a"), world_of(worlds, "sbx_ab")
    worlds.drop("a")
    assert worlds.get("a") is None
    new = world_of(worlds, "sbx_a.reader")
    assert new is not old
    assert world_of(worlds, "sbx_a") is new
    assert world_of(worlds, "sbx_ab") is kept


def test_dropping_nothing() -> None:
    """Dropping a world that is not there does nothing."""
    worlds = new_worlds()
    worlds.drop("a")
    assert list(worlds) == []


def test_server_says_how_worlds_begin() -> None:
    """Worlds made by first use begin as the server was started; one that is put there, as it was asked."""
    start = datetime(2027, 1, 1, tzinfo=UTC)
    worlds = new_worlds(start=start, seed=5)
    first = world_of(worlds, "sbx_a")
    assert (first.now, first.clock.mode, first.ids.seed, first.settings) == (start, "frozen", 5, Settings())
    assert worlds.create("b").now == start
    put = worlds.create("c", start=start + timedelta(days=1), seed=0, settings=Settings(taken_slots="refuse"))
    assert (put.now, put.ids.seed, put.settings.taken_slots) == (start + timedelta(days=1), 0, "refuse")
    assert worlds.create("d", mode="frozen").now == START


@pytest.mark.parametrize(
    ("mode", "start", "begins"),
    [
        ("frozen", None, START),
        ("frozen", datetime(2028, 2, 29, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)),
        ("real", None, datetime(2030, 1, 1, tzinfo=UTC)),
        ("real", datetime(2028, 2, 29, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_where_a_world_begins(monkeypatch: pytest.MonkeyPatch, mode: Any, start: Any, begins: datetime) -> None:
    """A frozen world begins where its fixture says, a real one at the machine's time, either at its own start."""
    monkeypatch.setattr(clock_module, "time", datetime(2030, 1, 1, tzinfo=UTC).timestamp)
    worlds = new_worlds(mode=mode, start=start)
    assert world_of(worlds, "sbx_a").now == begins


def test_relative_instants_follow_the_start() -> None:
    """A world that begins a year later has the same appointments, a year later by the calendar."""
    worlds = new_worlds(start=START + timedelta(weeks=52))
    later, now = world_of(worlds, "sbx_a"), new_world()
    for appointment in now.appointments:
        moved = later.appointments[appointment.id]
        assert moved.created_at == appointment.created_at + timedelta(weeks=52)
        assert (moved.scheduled_at is None) == (appointment.scheduled_at is None)


def test_reset_goes_back_to_the_start() -> None:
    """A reset world is as it was made: clock, ids, records, settings, agenda, history and journal."""
    client = Client(new_worlds(seed=3))
    world = client.world
    before = snapshot_of(world)
    made = client.post("/profiles", NEW).json
    client.patch(f"/profiles/{PROFILE}", {"first_name": "Other"})
    client.delete(f"/shipments/{SHIPMENT}")
    client.post(f"/appointments/{DRAWN_APPOINTMENT}/shipments", {"shipment_ids": [LOCKED_SHIPMENT]})
    happen(world, Event("courier.lost", LOCKED_SHIPMENT))
    world.settings = Settings(taken_slots="refuse")
    world.agenda.add(START + timedelta(days=2), Event("location.opened", BERLIN))
    happen(world, Event("location.closed", BERLIN))
    advance(world, START + timedelta(days=1))
    world.clock.set_mode("real")
    assert snapshot_of(world) != before
    world.reset()
    settle(world)
    assert snapshot_of(world) == before
    assert len(world.journal) == 0
    assert client.get(f"/profiles/{made['id']}").status == 404
    assert client.post("/profiles", NEW).json == made


def test_replacing_keeps_options_out() -> None:
    """A world that is replaced without options begins as the server was started, not as the old one did."""
    worlds = new_worlds()
    worlds.create("a", start=datetime(2027, 1, 1, tzinfo=UTC), seed=9, settings=Settings(taken_slots="refuse"))
    new = worlds.create("a")
    assert (new.now, new.ids.seed, new.settings) == (START, 0, Settings())


def test_journal_is_limited(client: Client) -> None:
    """A journal remembers its last exchanges and forgets the oldest."""
    client.get("/units")
    for _ in range(Limits().journal):
        client.get(f"/profiles/{UNKNOWN}")
    assert len(client.world.journal) == Limits().journal
    assert {exchange.response.status for exchange in client.world.journal} == {404}


def test_equal_worlds_have_equal_snapshots() -> None:
    """Worlds that were treated alike have equal snapshots, those that were not have not."""
    one, other = new_world(), new_world()
    assert snapshot_of(one) == snapshot_of(other)
    run(one, profiles.create_profile, body=NEW)
    assert snapshot_of(one) != snapshot_of(other)
    run(other, profiles.create_profile, body=NEW)
    assert snapshot_of(one) == snapshot_of(other)
    assert snapshot_of(new_world(seed=1)) != snapshot_of(new_world())


SNAPSHOT = """
import hashlib, json
from tests.support import BERLIN, Client, snapshot_of
client = Client()
client.get("/units")
for day in range(10, 30):
    event = {"type": "location.date_blocked", "location_id": BERLIN, "date": f"2026-05-{day}"}
    assert client.control("POST", "/worlds/test/events", event).status == 200
text = json.dumps(snapshot_of(client.world))
print(hash("a text"), hashlib.sha256(text.encode()).hexdigest())
"""


def test_snapshots_are_the_same_in_every_process() -> None:
    """A snapshot does not depend on how the process hashes texts, sets with several entries included."""
    root = Path(__file__).parents[3]
    told = []
    for seed in ("1", "2"):
        variables = os.environ | {"PYTHONHASHSEED": seed}
        ran = subprocess.run([sys.executable, "-c", SNAPSHOT], capture_output=True, check=True, cwd=root, env=variables)
        told.append(ran.stdout.split())
    (one_hash, one), (other_hash, other) = told
    assert one_hash != other_hash
    assert one == other


def test_mismatches_are_taken_once_and_by_world() -> None:
    """The faults in one world are told in order and once; those of other worlds stay, also after a reset."""
    worlds = new_worlds()
    worlds.mismatches.extend([("a", "first"), ("b", "other"), ("a", "second")])
    worlds.create("a").reset()
    assert worlds.take_mismatches("a") == ["first", "second"]
    assert worlds.take_mismatches("a") == []
    assert worlds.take_mismatches("nobody") == []
    assert list(worlds.mismatches) == [("b", "other")]
    assert worlds.take_mismatches("b") == ["other"]
    assert not worlds.mismatches


@pytest.mark.parametrize("start", [datetime(1899, 12, 31, tzinfo=UTC), datetime(9000, 1, 2, tzinfo=UTC)])
def test_world_that_cannot_begin_replaces_nothing(start: datetime) -> None:
    """A start that no clock can have is an error, and the world that was there stays."""
    worlds = new_worlds()
    kept = world_of(worlds, "sbx_a")
    with pytest.raises(ValueError, match="between the years 1900 and 9000"):
        worlds.create("a", mode="frozen", start=start)
    assert world_of(worlds, "sbx_a") is kept


@pytest.mark.parametrize("days", [-1, 1])
def test_snapshots_tell_the_time_apart(days: int) -> None:
    """Worlds that differ in time, settings or what is due have different snapshots."""
    world = new_world()
    before = snapshot_of(world)
    world.agenda.add(START + timedelta(days=days), Event("location.closed", BERLIN))
    assert snapshot_of(world) != before


# Limits


def held(count: int, **options: Any) -> tuple[Worlds, list[World]]:
    """Worlds of which there may be so many, all made, and the list of those that had to go for others."""
    gone: list[World] = []
    worlds = new_worlds(limits=Limits(worlds=count), on_evict=gone.append, **options)
    for number in range(count):
        worlds.create(f"w{number}")
    return worlds, gone


def names(worlds: Iterable[World]) -> list[str]:
    """The names of worlds, in order."""
    return sorted(world.name for world in worlds)


LOOKS = [
    "/worlds",
    "/worlds/w0",
    *(
        f"/worlds/w0/{page}"
        for page in ("agenda", "clock", "events", "faults", "journal", "records", "settings", "snapshot")
    ),
    f"/worlds/w0/record?section=profiles&id={PROFILE}",
]


@pytest.mark.rule("world.limit")
def test_the_world_that_was_not_used_for_longest_goes() -> None:
    """Up to the limit worlds are made without another going; from there on, the one that was not used for longest goes
    for each new one. A key uses a world, also with a persona and where it was made long before, and so does a change
    through the control plane."""
    worlds, gone = held(3)
    assert gone == []
    world_of(worlds, "sbx_w0.reader")
    worlds.create("w3")
    assert (names(worlds), names(gone)) == (["w0", "w2", "w3"], ["w1"])
    assert Client(worlds).control("PATCH", "/worlds/w2/settings", {}).status == 200
    world_of(worlds, "sbx_w4")
    assert (names(worlds), names(gone)) == (["w2", "w3", "w4"], ["w0", "w1"])


@pytest.mark.parametrize("path", LOOKS)
def test_looking_at_a_world_is_no_use(path: str) -> None:
    """What only reads a world leaves it in the order of its use, so that an open console keeps no idle world."""
    worlds, gone = held(2)
    client = Client(worlds)
    assert client.control("GET", path).status == 200
    worlds.create("w2")
    assert names(gone) == ["w0"]


def test_replacing_a_world_needs_no_room() -> None:
    """A world that takes the place of one with its name drives out no other."""
    worlds, gone = held(2)
    worlds.create("w0")
    assert (names(worlds), gone) == (["w0", "w1"], [])
    worlds.drop("w1")
    worlds.create("w2")
    assert (names(worlds), gone) == (["w0", "w2"], [])


def test_a_world_that_went_is_forgotten() -> None:
    """The key of a world that had to go is refused once, and then makes a new one, which knows nothing of it; a world
    that is put there is not refused."""
    worlds, _gone = held(1)
    old = world_of(worlds, "sbx_w0")
    old.profiles[PROFILE].first_name = "Other"
    world_of(worlds, "sbx_w1")
    with pytest.raises(
        FullError, match="The world was dropped to make room, as there may be 1; its key now opens a new one"
    ):
        worlds.find("sbx_w0")
    new = world_of(worlds, "sbx_w0")
    assert new is not old
    assert new.profiles[PROFILE].first_name == "Maria"
    assert worlds.get("w1") is None
    worlds.create("w1")
    assert world_of(worlds, "sbx_w1").name == "w1"


@pytest.mark.rule("world.limit")
def test_a_world_with_a_request_in_flight_stays() -> None:
    """Where a request is in flight, a world stays, and one that was used later goes; where each has one, there is no
    new world, and nothing changes; once one is answered, its world goes."""
    worlds, gone = held(2)
    busy, idle = worlds
    busy.in_flight = 1
    worlds.create("w2")
    assert names(gone) == [idle.name]
    (last,) = (world for world in worlds if world is not busy)
    last.in_flight = 2
    for make in (lambda: worlds.create("w3"), lambda: worlds.find("sbx_w3")):
        with pytest.raises(FullError, match="There are 2 worlds, and each has a request in flight"):
            make()
    assert (list(worlds), len(gone)) == ([busy, last], 1)
    assert worlds.create("w2") is not last
    busy.in_flight = 0
    worlds.create("w3")
    assert gone == [idle, busy]


def test_a_world_that_cannot_begin_drives_none_out() -> None:
    """Where a new world cannot begin, none goes for it."""
    worlds, gone = held(1)
    with pytest.raises(ValueError, match="between the years"):
        worlds.create("w1", mode="frozen", start=datetime(1, 1, 1, tzinfo=UTC))
    assert (names(worlds), gone) == (["w0"], [])


@pytest.mark.rule("world.limit")
def test_no_room_for_a_world() -> None:
    """Where there is no room, the control plane and a key that would make a world are answered 507 and make none; the
    keys of worlds that are there, and replacing one, are answered."""
    worlds, gone = held(1)
    client = Client(worlds, key="sbx_w0")
    client.world.in_flight = 1
    for reply in (client.control("PUT", "/worlds/w1"), client.get("/units", key="sbx_w1")):
        assert (reply.status, reply.rules) == (507, ["world.limit"])
        assert "in flight" in reply.json["error"]
    assert (names(worlds), gone) == (["w0"], [])
    assert client.get("/units", key="sbx_w1.nobody").rules == ["auth.key"]
    assert client.get("/units").status == 200
    assert client.control("PUT", "/worlds/w0").status == 200


FULL: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/profiles", NEW),
    ("POST", "/appointments", NEW_APPOINTMENT),
    ("POST", "/shipments", NEW_SHIPMENT),
]


@pytest.mark.rule("world.full")
@pytest.mark.parametrize(("method", "path", "body"), FULL)
def test_a_full_world_takes_no_record(method: str, path: str, body: dict[str, Any]) -> None:
    """With one record less than there may be, a further one is taken; with as many, it is refused with 507, and nothing
    changes. What makes no record is answered."""
    client = limited(1)
    assert client.request(method, path, body).status == 201
    client = limited(0)
    before = snapshot_of(client.world)
    reply = client.request(method, path, body)
    assert (reply.status, reply.rules) == (507, ["world.full"])
    assert str(client.world.limits.records) in reply.json["error"]
    assert snapshot_of(client.world) == before
    assert client.patch(f"/profiles/{PROFILE}", {"first_name": "Other"}).status == 200


@pytest.mark.rule("world.full")
@pytest.mark.parametrize("time", [{}, {"time": "2026-04-20T08:00:00Z"}], ids=["now", "later"])
def test_a_full_world_takes_no_event(time: dict[str, str]) -> None:
    """An event is a record, too, whether it is to happen now or later."""
    event = {"type": "location.closed", "location_id": BERLIN} | time
    assert limited(1).control("POST", "/worlds/test/events", event).status == 200
    client = limited(0)
    before = snapshot_of(client.world)
    reply = client.control("POST", "/worlds/test/events", event)
    assert (reply.status, reply.rules) == (507, ["world.full"])
    assert snapshot_of(client.world) == before


@pytest.mark.rule("world.full")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": [SHIPMENT]}),
        (f"/shipments/{SHIPMENT}/appointments", {"appointment_ids": [APPOINTMENT]}),
    ],
)
def test_a_full_world_takes_no_link(path: str, body: dict[str, Any]) -> None:
    """A link is a record, too; what is linked already, and what is parted, needs no room."""
    client = limited(1)
    assert client.post(path, body).status == 200
    assert client.post(path, body).status == 200
    assert client.delete(path, body).status == 200
    client = limited(0)
    before = snapshot_of(client.world)
    reply = client.post(path, body)
    assert (reply.status, reply.rules) == (507, ["world.full"])
    assert snapshot_of(client.world) == before


@pytest.mark.rule("world.full")
def test_a_full_world_takes_no_fault() -> None:
    """An injected fault is a record, too; one that is taken out makes room."""
    fault = {"operation": "list_units", "status": 503}
    client = limited(1)
    assert client.control("POST", "/worlds/test/faults", fault).status == 200
    assert client.control("POST", "/worlds/test/faults", fault).rules == ["world.full"]
    assert client.control("DELETE", "/worlds/test/faults").status == 200
    assert client.control("POST", "/worlds/test/faults", fault).status == 200


def test_refusals_come_before_the_limit() -> None:
    """In a full world, what is wrong with a call is told first."""
    assert limited(0).post("/appointments", NEW_APPOINTMENT | {"profile_id": UNKNOWN}).rules == ["appointment.profile"]


def test_a_full_world_goes_on() -> None:
    """What was planned still happens in a full world; a reset makes room again."""
    client = limited(0)
    assert client.control("POST", "/worlds/test/clock/advance", {"seconds": 30 * 24 * 60 * 60}).json["events"]
    client = limited(1)
    client.post("/profiles", NEW)
    assert client.post("/profiles", NEW).status == 507
    client.control("POST", "/worlds/test/reset")
    assert client.post("/profiles", NEW).status == 201


def limited(room: int) -> Client:
    """A client of a world that has room for so many records more."""
    client = Client(new_worlds(limits=Limits(records=new_world().size + room)))
    assert client.world.begun
    return client


@pytest.mark.parametrize(
    ("length", "asked", "kept", "dropped"), [(3, 2, 2, 0), (3, 3, 3, 0), (3, 5, 3, 2), (0, 2, 0, 2)]
)
def test_the_oldest_exchanges_go(length: int, asked: int, kept: int, dropped: int) -> None:
    """A journal keeps its last exchanges, and counts those that had to go; the others keep their numbers."""
    client = Client(new_worlds(limits=Limits(journal=length)))
    for _ in range(asked):
        client.get("/units")
    journal = client.world.journal
    assert (len(journal), journal.dropped) == (kept, dropped)
    assert [exchange.number for exchange in journal] == list(range(asked - kept + 1, asked + 1))
    journal.clear()
    client.get("/units")
    assert journal.dropped == (1 if length == 0 else 0)
    assert journal.recorded == asked + 1
