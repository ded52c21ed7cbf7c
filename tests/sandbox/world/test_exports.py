"""What was exported from a world, as the beginning of others."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.problems import Data, FixtureError
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.events import advance, settle
from aniva_sandbox.engine.world.snapshot import Export
from tests.sandbox.serving.common import NEW_APPOINTMENT, NEW_PROFILE
from tests.support import PANEL, PROFILE, Client, new_worlds, snapshot_of

NOW = datetime(2026, 4, 15, 8, tzinfo=UTC)
CHOSEN = Settings(taken_slots="refuse", lab_quick_hours=60)


def exported() -> Any:
    """What was written of a world of seed 3, two days old, in which a draw waits for its results."""
    worlds = new_worlds()
    worlds.create("test", seed=3, settings=CHOSEN)
    client = Client(worlds)
    id = client.post("/appointments", NEW_APPOINTMENT).json["id"]
    client.post(f"/appointments/{id}/panels", {"panel_ids": [PANEL]})
    assert client.post(f"/appointments/{id}/confirm", {"barcode": "4130075218"}).status == 200
    advance(client.world, NOW)
    return msgspec.json.decode(msgspec.json.encode(snapshot_of(client.world)))


PLAIN = exported()


def export() -> Export:
    """The export as a beginning."""
    return Export(Data(PLAIN), "mine", DOMAIN)


def begun(**options: Any) -> World:
    """A world that begins from the export, with a frozen clock unless told otherwise."""
    world = World("test", export(), DOMAIN, **({"mode": "frozen"} | options))
    settle(world)
    return world


def first_results(world: World) -> datetime:
    """When the next results are due."""
    return next(due for due, event in world.agenda if event.type == "lab.results_arrived")


def plain(world: World) -> Any:
    """A world as it is written."""
    return msgspec.json.decode(msgspec.json.encode(snapshot_of(world)))


def test_what_an_export_tells() -> None:
    """An export is called as its file, and tells when it was written, its settings and its personas."""
    found = export()
    assert (found.name, found.title, found.start) == ("mine", "Exported at 2026-04-15T08:00:00Z", NOW)
    assert found.settings == CHOSEN
    assert list(found.personas) == ["full", "reader", "scheduler", "courier", "outsider"]


def test_a_world_goes_on_from_an_export() -> None:
    """A world that begins from an export is the world that was exported, and does what that would have done."""
    world = begun()
    assert plain(world) == PLAIN
    happened = advance(world, NOW + timedelta(days=30))
    assert "lab.results_arrived" in {each.event.type for each in happened}
    assert world.documents


@pytest.mark.parametrize("mode", ["real", "frozen"])
def test_clocks_go_on_from_the_export(mode: Any) -> None:
    """A running clock runs on from the instant of the export, a frozen one stands there."""
    world = begun(mode=mode)
    assert world.clock.mode == mode
    assert NOW <= world.now < NOW + timedelta(minutes=10)


def test_a_later_start() -> None:
    """A world may begin later than the export; what is due by then has happened, each at its time."""
    start = NOW + timedelta(days=30)
    world = begun(start=start)
    expected = begun()
    advance(expected, start)
    assert world.now == start
    assert plain(world) == plain(expected)
    assert world.history


def test_an_earlier_start_is_refused() -> None:
    """No world begins before its export; at the very instant one does."""
    with pytest.raises(ValueError, match="clock of mine must start at 2026-04-15T08:00:00Z or later"):
        begun(start=NOW - timedelta(seconds=1))
    assert begun(start=NOW).now == NOW


def test_a_seed_of_its_own() -> None:
    """A seed is that of the export unless another is given; then new ids differ, and none is given out twice."""
    same, other = begun(), begun(seed=8)
    assert (same.ids.seed, other.ids.seed) == (3, 8)
    made = []
    for world in (same, other):
        worlds = new_worlds()
        client = Client(worlds)
        worlds.put(client.world, world.state)
        made += [client.post("/profiles", NEW_PROFILE).json["id"] for _ in range(3)]
    assert len(set(made)) == 6


def test_settings_of_its_own() -> None:
    """Settings are those of the export unless others are given. Then what happens by itself is planned anew by them,
    and what was planned otherwise stays."""
    quiet = Settings(courier_automation=False, lab_automation=False)
    planned = [each for each in PLAIN["agenda"] if each["event"]["automatic"]]
    assert {each["event"]["type"].partition(".")[0] for each in planned} == {"courier", "lab"}
    world = begun(settings=quiet)
    assert world.settings == quiet
    assert [event for _, event in world.agenda if event.automatic] == []
    assert plain(world)["orders"] == PLAIN["orders"]

    slow = begun(settings=msgspec.structs.replace(CHOSEN, lab_quick_hours=80))
    assert first_results(slow) == first_results(begun()) + timedelta(hours=20)
    assert plain(begun(settings=CHOSEN)) == PLAIN


def test_the_hourly_sync_begins_with_the_world() -> None:
    """Where only the new settings have the hourly sync, it runs from the start on."""
    off = PLAIN | {"settings": PLAIN["settings"] | {"hourly_sync": False}}
    world = World("test", Export(Data(off), "off", DOMAIN), DOMAIN, settings=Settings())
    assert world.hourly_since == world.now
    world = World("test", Export(Data(off), "off", DOMAIN), DOMAIN)
    assert world.hourly_since < world.now


def test_a_reset_goes_back_to_the_export() -> None:
    """A reset world is as it was exported."""
    world = begun()
    advance(world, NOW + timedelta(days=3))
    world.profiles[PROFILE].first_name = "Other"
    world.reset()
    assert plain(world) == PLAIN


def test_worlds_of_an_export_share_nothing() -> None:
    """What happens in one world is not seen in another of the same export, nor in those that begin later."""
    beginning = export()
    one, other = (World(name, beginning, DOMAIN, mode="frozen") for name in ("one", "other"))
    one.profiles[PROFILE].first_name = "Other"
    one.history.clear()
    advance(one, NOW + timedelta(days=40))
    assert plain(other) == PLAIN
    assert plain(World("third", beginning, DOMAIN, mode="frozen")) == PLAIN


def server_of_exports() -> Client:
    """A client of a server that was started with the export."""
    beginning = export()
    return Client(Worlds(DOMAIN, lambda _name: beginning, ["mine"], fixture="mine", mode="frozen"))


@pytest.mark.rule("world.options")
def test_a_world_is_not_put_before_its_export() -> None:
    """The control plane refuses a clock before the export with the instant from which on it is possible."""
    client = server_of_exports()
    reply = client.control("PUT", "/worlds/new", {"clock": "2026-04-15T07:59:59Z"})
    assert (reply.status, reply.rules) == (400, ["world.options"])
    assert "2026-04-15T08:00:00Z or later" in reply.json["error"]
    assert client.worlds.get("new") is None
    assert client.control("PUT", "/worlds/new", {"clock": "2026-04-15T08:00:00Z"}).status == 200


def test_settings_that_are_left_out_are_those_of_the_export() -> None:
    """A world that is put with some settings has the others from its beginning."""
    shown = server_of_exports().control("PUT", "/worlds/new", {"settings": {"hourly_sync": False}}).json["settings"]
    assert (shown["hourly_sync"], shown["taken_slots"], shown["lab_quick_hours"]) == (False, "refuse", 60)


def test_a_faulty_export_is_no_beginning() -> None:
    """An export is checked before any world begins from it."""
    with pytest.raises(FixtureError, match="hourly_since"):
        Export(Data(PLAIN | {"hourly_since": "soon"}), "mine", DOMAIN)
