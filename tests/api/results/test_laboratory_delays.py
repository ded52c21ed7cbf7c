"""When results arrive by themselves: delays, overdue results, and draws that a world starts with."""

from datetime import timedelta

import msgspec
import pytest

from aniva_sandbox.api.beginnings import get_fixture
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.events import advance, settle
from tests.api.results.lab_orders import LDL, VITAMIN_D, arrive, received, shown, skipped
from tests.laboratory.common import EVERY_PANEL, draw, results
from tests.support import APPOINTMENT, DRAWN_APPOINTMENT, GENETICS_PANEL, PANEL, new_world

# Arrivals


def test_arrivals_by_hand_change_the_plan(world: World) -> None:
    """What has arrived by hand is not brought again by itself, and the rest comes when it was due."""
    id = draw(world, PANEL)
    arrive(world, id, biomarker_ids=[LDL, VITAMIN_D])
    advance(world, world.now + timedelta(hours=97))
    assert results(world, id)["status"] == "completed"
    assert skipped(world) == []


def test_changed_delays_change_the_plan(world: World) -> None:
    """New delays hold from the draw on; what is overdue then comes at once. Without automation nothing is left of the
    plan, and with it again, all of it."""
    id = draw(world, PANEL)
    advance(world, world.now + timedelta(hours=10))
    DOMAIN.change_settings(world, Settings(lab_quick_hours=5, lab_slow_hours=11))
    advance(world, world.now)
    assert LDL in received(world, id)
    DOMAIN.change_settings(world, Settings(lab_automation=False))
    assert not [event for _, event in world.agenda if event.type.startswith("lab.")]
    advance(world, world.now + timedelta(hours=10))
    DOMAIN.change_settings(world, Settings())
    advance(world, world.now + timedelta(hours=76))
    assert results(world, id)["status"] == "completed"


def test_same_settings_plan_nothing_anew(world: World) -> None:
    """A change of other settings leaves what the laboratories will do as it is."""
    draw(world, PANEL)
    before = [entry for entry in world.agenda if entry[1].type.startswith("lab.")]
    DOMAIN.change_settings(world, Settings(hourly_sync=False))
    assert [entry for entry in world.agenda if entry[1].type.startswith("lab.")] == before


# Corrections


def test_draws_of_the_start_have_their_results_in_any_case() -> None:
    """What had arrived before a world begins is there without automation, too; nothing more comes."""
    calm, usual = new_world(settings=Settings(lab_automation=False)), new_world()
    for id in ("877e7253-ee68-42d5-b91d-92a76843af67", DRAWN_APPOINTMENT):
        assert results(calm, id) == results(usual, id)
    advance(calm, calm.now + timedelta(days=100))
    assert results(calm, DRAWN_APPOINTMENT)["status"] == "in_progress"


# Over HTTP

OLD_DRAW = "877e7253-ee68-42d5-b91d-92a76843af67"


def unsettled() -> World:
    """A world in which nothing has happened yet, not even what its draws bring about."""
    return World("test", get_fixture("default"), DOMAIN, mode="frozen")


# Arrivals


def test_days_are_those_of_the_location(calm: World) -> None:
    """What arrives at 23:00 in London was tested on the next day in Berlin."""
    id = draw(calm, PANEL)
    calm.clock.move(calm.now.replace(hour=23))
    arrive(calm, id)
    assert {entry["tested_at"] for entry in shown(calm, id).values()} == {"2026-04-14"}


def test_overdue_results_come_now(world: World) -> None:
    """Where new delays have passed already, the results come at once, and not in the past."""
    id = draw(world, PANEL)
    advance(world, world.now + timedelta(hours=20))
    now = world.now
    DOMAIN.change_settings(world, Settings(lab_quick_hours=1))
    settle(world)
    (arrived,) = [each for each in world.history if (each.event.type, each.event.target) == ("lab.results_arrived", id)]
    assert arrived.time == now


@pytest.mark.parametrize("field", ["lab_quick_hours", "lab_slow_hours", "lab_genetic_hours"])
def test_each_delay_changes_the_plan(world: World, field: str) -> None:
    """A change of one of the delays alone is planned anew."""
    id = draw(world, PANEL, GENETICS_PANEL)
    DOMAIN.change_settings(world, msgspec.structs.replace(Settings(), **{field: 0}))
    assert received(world, id) == set()
    settle(world)
    assert received(world, id)


def test_orders_to_several_laboratories_at_the_start() -> None:
    """A draw that a world starts with has what each of its laboratories knows by then."""
    world = unsettled()
    appointment = world.appointments[DRAWN_APPOINTMENT]
    appointment.panels = appointment.panels | dict.fromkeys(EVERY_PANEL, appointment.created_at)
    settle(world)
    submissions = [each for each in world.orders[DRAWN_APPOINTMENT].submissions if each.kind == "clinical"]
    assert len(submissions) == 2
    assert world.history == []
    for submission in submissions:
        slow = {
            key
            for key in submission.biomarker_ids
            if world.catalogue.measurements[world.catalogue.biomarkers[key].slug].slow
        }
        assert (
            received(world, DRAWN_APPOINTMENT) & set(submission.biomarker_ids) == set(submission.biomarker_ids) - slow
        )


def test_draws_of_the_start_came_in_their_time() -> None:
    """Results and reports of an old draw are of the days on which they were due, not of the day of the start."""
    world = unsettled()
    settle(world)
    order = world.orders[OLD_DRAW]
    assert order.placed_at == world.appointments[OLD_DRAW].updated_at
    issued = [world.documents[id].issued_at - order.placed_at for id in order.document_ids]
    assert issued == [timedelta(hours=96), timedelta(hours=336)]
    days = {(order.placed_at + timedelta(hours=hours)).date() for hours in (24, 96, 336)}
    assert {result.tested_on for result in order.results.values()} == days


@pytest.mark.parametrize(
    ("updated", "scheduled", "placed"),
    [
        (timedelta(days=-2), timedelta(days=-3), timedelta(days=-2)),
        (None, timedelta(days=-3), timedelta(days=-3)),
        (None, None, timedelta(days=-16)),
        (None, timedelta(days=5), timedelta(0)),
    ],
)
def test_when_a_draw_of_the_start_was(
    updated: timedelta | None, scheduled: timedelta | None, placed: timedelta
) -> None:
    """It was when the appointment was changed last, or else when it was to be or was made, and never in the future."""
    world = unsettled()
    appointment = world.appointments[DRAWN_APPOINTMENT]
    appointment.updated_at = None if updated is None else world.now + updated
    world.appointments.change_time(appointment, None if scheduled is None else world.now + scheduled)
    appointment.created_at = world.now - timedelta(days=16)
    settle(world)
    assert world.orders[DRAWN_APPOINTMENT].placed_at == world.now + placed


def test_what_is_due_at_the_start_has_come() -> None:
    """What was due at the very moment of the start belongs to what the world begins with, and is no event of it."""
    world = unsettled()
    world.appointments[DRAWN_APPOINTMENT].updated_at = world.now - timedelta(hours=24)
    settle(world)
    assert received(world, DRAWN_APPOINTMENT)
    assert world.history == []


def test_only_draws_of_the_start_have_orders() -> None:
    """A barcode on an appointment that is not drawn sends nothing to a laboratory."""
    world = unsettled()
    world.appointments[APPOINTMENT].barcode = "4130075218"
    settle(world)
    assert APPOINTMENT not in world.orders
    assert DRAWN_APPOINTMENT in world.orders
