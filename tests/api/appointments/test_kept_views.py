"""The view of an appointment, and of its profile, is the same object until what it shows changes; then it is new."""

from collections.abc import Callable
from datetime import date, timedelta

import msgspec
import pytest

from aniva_sandbox.api.appointments.wire import AppointmentView, appointment_view
from aniva_sandbox.api.links.records import Link
from aniva_sandbox.api.profiles.wire import kept_profile_view, profile_view
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.operations import Call
from aniva_sandbox.engine.contract.trace import Trace
from tests.support import APPOINTMENT, BERLIN, HELSINKI, LOCKED_SHIPMENT, PROFILE, SHIPMENT, UNKNOWN, new_world


def shown(world: World) -> AppointmentView:
    """The view of an appointment as a call gets it."""
    call = Call(world.personas["full"], APPOINTMENT, None, None, Trace())
    return appointment_view(world, world.appointments[APPOINTMENT], call)


def anew(world: World) -> bytes:
    """The JSON of the view, made without anything that is kept."""
    world.appointment_views.clear()
    world.profile_views.clear()
    return msgspec.json.encode(shown(world))


def _profile(name: str, value: object) -> Callable[[World], object]:
    return lambda world: setattr(world.profiles[PROFILE], name, value)


def _appointment(name: str, value: object) -> Callable[[World], object]:
    return lambda world: setattr(world.appointments[APPOINTMENT], name, value)


CHANGES: list[Callable[[World], object]] = [
    *(_profile(name, "Other") for name in ("first_name", "last_name", "email", "handle", "phone", "language")),
    *(_profile(name, 1.5) for name in ("height", "weight")),
    *(_profile("sex", 1), _profile("date_of_birth", date(2000, 1, 1)), _profile("height", None)),
    lambda world: setattr(world.profiles[PROFILE], "updated_at", world.now),
    lambda world: setattr(world.appointments[APPOINTMENT], "updated_at", world.now),
    lambda world: world.appointments.change_time(world.appointments[APPOINTMENT], world.now),
    lambda world: world.appointments.change_time(world.appointments[APPOINTMENT], None),
    lambda world: world.appointments.change_location(world.appointments[APPOINTMENT], HELSINKI),
    lambda world: setattr(world.locations[BERLIN], "timezone", "Asia/Tokyo"),
    lambda world: setattr(world.locations[BERLIN], "timezone", None),
    *(_appointment("status", "cancelled"), _appointment("test_method", None)),
    lambda world: world.appointments[APPOINTMENT].panels.clear(),
    lambda world: world.appointments[APPOINTMENT].panels.popitem(),
    lambda world: world.appointments[APPOINTMENT].panels.update({UNKNOWN: world.now}),
    lambda world: [
        world.appointments[APPOINTMENT].panels.update({id: at + timedelta(seconds=1)})
        for id, at in list(world.appointments[APPOINTMENT].panels.items())[:1]
    ],
    lambda world: world.links.add(Link(APPOINTMENT, SHIPMENT, world.now)),
    lambda world: world.links.remove(APPOINTMENT, LOCKED_SHIPMENT),
]


@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
def test_a_change_makes_a_new_view(change: Callable[[World], object]) -> None:
    """The view before and after a change is what it is without what is kept."""
    world = new_world()
    before = shown(world)
    assert shown(world) is before
    change(world)
    after = shown(world)
    assert after is not before
    assert shown(world) is after
    assert msgspec.json.encode(after) == anew(world) != msgspec.json.encode(before)
    assert kept_profile_view(world, world.profiles[PROFILE]) == profile_view(world.profiles[PROFILE])


def test_a_world_that_begins_again_shows_its_own_records() -> None:
    """Neither a reset nor another world shows what was kept before."""
    world, other = new_world(), new_world()
    world.profiles[PROFILE].first_name = "Other"
    changed = shown(world)
    assert shown(other).profile.first_name != changed.profile.first_name
    world.reset()
    assert msgspec.json.encode(shown(world)) == msgspec.json.encode(shown(other))
