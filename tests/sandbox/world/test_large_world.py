"""The large world: the default world with so many records that its lists must be paged."""

from collections import Counter
from datetime import timedelta

import pytest

from aniva_sandbox.api.beginnings import get_fixture
from aniva_sandbox.api.profiles.wire import profile_view
from aniva_sandbox.api.world import World
from aniva_sandbox.files import find_file
from tests.support import APPOINTMENT, PROFILE, SHIPMENT, Client, new_world, new_worlds
from tests.worlds.make_large import write


@pytest.fixture(scope="module")
def large() -> World:
    """A large world; tests only read it."""
    return new_world(fixture="large")


def test_file_is_fresh() -> None:
    """The file is what its script makes of the default world."""
    written = (find_file("fixtures/worlds") / "large.yaml").read_text(encoding="utf-8")
    assert write() == written, "run python -m tests.worlds.make_large --write"


def test_it_is_large(large: World) -> None:
    """It has 600 profiles, 2,000 appointments over 18 months and 300 shipments."""
    assert (len(large.profiles), len(large.appointments), len(large.shipments)) == (600, 2000, 300)
    dates = [each.scheduled_at for each in large.appointments if each.scheduled_at is not None]
    assert timedelta(days=540) < max(dates) - min(dates) < timedelta(days=560)


def test_default_world_is_in_it(large: World) -> None:
    """Whatever names records of the default world works here; the personas are the same."""
    default = get_fixture("default")
    assert large.personas.keys() == default.personas.keys()
    small = new_world()
    for table in ("profiles", "locations", "appointments", "shipments"):
        ids = {each.id for each in getattr(small, table)}
        assert ids <= {each.id for each in getattr(large, table)}
    assert profile_view(large.profiles[PROFILE]) == profile_view(small.profiles[PROFILE])
    assert large.appointments[APPOINTMENT] == small.appointments[APPOINTMENT]
    assert large.shipments[SHIPMENT].reports == small.shipments[SHIPMENT].reports


def test_states_are_plausible(large: World) -> None:
    """Most draws of the past took place, all that took place have results, and nobody books before they register."""
    states = Counter(each.status for each in large.appointments)
    assert states["blood_drawn"] > 1000
    assert min(states[each] for each in ("pending", "confirmed", "cancelled")) > 20
    drawn = [each for each in large.appointments if each.status == "blood_drawn"]
    assert all(each.scheduled_at is not None and each.scheduled_at < large.now for each in drawn)
    assert all(each.id in large.orders for each in drawn)
    assert {each.status for each in large.shipments} == {"pending", "in_transit", "delivered", "fault", "cancelled"}
    for each in large.appointments:
        assert large.profiles[each.profile_id].created_at < each.created_at


def test_profiles_need_a_second_page() -> None:
    """The largest page does not hold all profiles of a key; the next one holds the rest, each once."""
    worlds = new_worlds()
    worlds.create("test", fixture="large")
    client = Client(worlds)
    first = client.get("/profiles?limit=500").json
    rest = client.get("/profiles?limit=500&offset=500").json
    assert (len(first), len(rest)) == (500, 99)  # one profile is outside the context
    assert len({each["id"] for each in first + rest}) == 599
