"""Worlds: found by key, made at first use, isolated, replaced, dropped; and what one world holds."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aniva_sandbox.resources import links, profiles, shipments
from aniva_sandbox.simulation.events import advance, happen, settle
from aniva_sandbox.world import clock as clock_module
from aniva_sandbox.world.agenda import Event
from aniva_sandbox.world.limits import Limits
from aniva_sandbox.world.state import Settings
from aniva_sandbox.world.world import World
from aniva_sandbox.world.worlds import Worlds
from tests.support import (
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
        *("sbx_default\n", " sbx_default", "sbx_.full"),
    ],
)
def test_unknown_keys(key: str) -> None:
    """Everything else is an unknown key, and makes no world."""
    worlds = new_worlds()
    assert worlds.find(key) is None
    assert list(worlds) == []


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
    before = other.snapshot()
    run(one, profiles.create_profile, body=NEW)
    run(one, profiles.update_profile, PROFILE, body={"first_name": "Other"})
    run(one, shipments.cancel_shipment, SHIPMENT)
    run(one, links.detach_appointments, SHIPMENT, {"appointment_ids": [link.appointment_id for link in one.links]})
    happen(one, Event("courier.lost", LOCKED_SHIPMENT))
    happen(one, Event("location.closed", BERLIN))
    happen(one, Event("location.date_blocked", BERLIN, {"date": "2026-04-20"}))
    advance(one, START + timedelta(days=1))
    assert other.snapshot() == before


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
    machine = SimpleNamespace(time=lambda: datetime(2030, 1, 1, tzinfo=UTC).timestamp())
    monkeypatch.setattr(clock_module, "time", machine)
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
    before = world.snapshot()
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
    assert world.snapshot() != before
    world.reset()
    settle(world)
    assert world.snapshot() == before
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
    assert {exchange.status for exchange in client.world.journal} == {404}


def test_equal_worlds_have_equal_snapshots() -> None:
    """Worlds that were treated alike have equal snapshots, those that were not have not."""
    one, other = new_world(), new_world()
    assert one.snapshot() == other.snapshot()
    run(one, profiles.create_profile, body=NEW)
    assert one.snapshot() != other.snapshot()
    run(other, profiles.create_profile, body=NEW)
    assert one.snapshot() == other.snapshot()
    assert new_world(seed=1).snapshot() != new_world().snapshot()


SNAPSHOT = """
import hashlib, json
from tests.support import BERLIN, Client
client = Client()
client.get("/units")
for day in range(10, 30):
    event = {"type": "location.date_blocked", "location_id": BERLIN, "date": f"2026-05-{day}"}
    assert client.control("POST", "/worlds/test/events", event).status == 200
text = json.dumps(client.world.snapshot())
print(hash("a text"), hashlib.sha256(text.encode()).hexdigest())
"""


def test_snapshots_are_the_same_in_every_process() -> None:
    """A snapshot does not depend on how the process hashes texts, sets with several entries included."""
    root = Path(__file__).parents[2]
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
    before = world.snapshot()
    world.agenda.add(START + timedelta(days=days), Event("location.closed", BERLIN))
    assert world.snapshot() != before
