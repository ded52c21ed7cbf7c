"""What is true of slots whatever the window and the zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aniva_sandbox.api.world import World
from tests.api.locations.free_slots import ACTIVE, available, book, days_of, instants_of, slots_of, slots_on, world_at
from tests.support import BERLIN, new_world

reproducible = settings(max_examples=35, deadline=None, derandomize=True)
ZONES = ["UTC", "Europe/Berlin", "Europe/Helsinki", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
STARTS = ["2026-03-20T23:10:00+00:00", "2026-04-13T08:00:00+00:00", "2026-08-30T21:30:00+00:00"]


@st.composite
def windows(draw: st.DrawFn) -> tuple[World, str, dict[str, str]]:
    """A world whose 90 days may hold a change of clocks, a location with bookings, and a window that is in bounds."""
    world = world_at(draw(st.sampled_from(STARTS)))
    id = draw(st.sampled_from(ACTIVE))
    for half_hours in draw(st.lists(st.integers(0, 91 * 48), max_size=6)):
        book(world, (world.now + timedelta(minutes=30 * half_hours + 5)).isoformat(), id)
    today = world.now.astimezone(ZoneInfo(world.locations[id].timezone or "UTC")).date()
    first = draw(st.integers(-40, 86))
    last = draw(st.integers(first, 88))
    return world, id, {"start_date": str(today + timedelta(days=first)), "end_date": str(today + timedelta(days=last))}


@pytest.mark.rule("availability.slots", "availability.window", "time.local")
@reproducible
@given(windows(), st.sampled_from(ZONES))
def test_every_listed_slot_is_free_future_and_open(drawn: tuple[World, str, dict[str, str]], zone: str) -> None:
    """Every slot is in the future and in the window, within open hours by the wall clock of the location, on no
    blocked date, away from every booking, under its own date, once, and in order."""
    world, id, window = drawn
    location = world.locations[id]
    home = ZoneInfo(location.timezone or "UTC")
    length = timedelta(minutes=location.slot_minutes)
    answer = available(world, id, timezone=zone, **window)
    instants = instants_of(answer)
    assert instants == sorted(set(instants))
    assert days_of(answer) == sorted(set(days_of(answer)))
    taken = [
        booking.scheduled_at
        for booking in world.appointments
        if booking.location_id == id and booking.status != "cancelled" and booking.scheduled_at is not None
    ]
    for day in answer["availability"]:
        assert (
            window["start_date"] <= day["date"] <= max(window["end_date"], f"{world.now.astimezone(ZoneInfo(zone)):%F}")
        )
        for text in day["slots"]:
            slot = datetime.fromisoformat(text)
            assert text.startswith(day["date"])
            assert slot.utcoffset() == slot.astimezone(ZoneInfo(zone)).utcoffset()
            assert slot > world.now
            assert not any(booked - length < slot < booked + length for booked in taken)
            begin, end = slot.astimezone(home), (slot.astimezone(UTC) + length).astimezone(home)
            assert begin.date() not in location.blocked_dates
            assert location.open_hours is not None
            assert any(
                time.fromisoformat(hours.open) <= begin.time() and end.time() <= time.fromisoformat(hours.close)
                for hours in location.open_hours.on(begin.date())
            )


@pytest.mark.rule("availability.timezone")
@reproducible
@given(windows(), st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_instants_are_the_same_in_every_zone(drawn: tuple[World, str, dict[str, str]], one: str, other: str) -> None:
    """Two zones list the same instants wherever both of their windows reach."""
    world, id, window = drawn
    answers = []
    for zone in (one, other):
        today = world.now.astimezone(ZoneInfo(zone)).date()
        first, last = (max(date.fromisoformat(window[end]), today) for end in ("start_date", "end_date"))
        reach = (
            datetime.combine(first, time(), ZoneInfo(zone)).astimezone(UTC),
            datetime.combine(last + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC),
        )
        answers.append((instants_of(available(world, id, timezone=zone, **window)), reach))
    (instants, reach), (others, other_reach) = answers
    begin, end = max(reach[0], other_reach[0]), min(reach[1], other_reach[1])
    assert [slot for slot in instants if begin <= slot < end] == [slot for slot in others if begin <= slot < end]


@pytest.mark.rule("availability.window")
@reproducible
@given(windows())
def test_longer_window_is_the_sum_of_its_days(drawn: tuple[World, str, dict[str, str]]) -> None:
    """A window lists what its days list when each is asked for alone."""
    world, id, window = drawn
    today = world.now.astimezone(ZoneInfo(world.locations[id].timezone or "UTC")).date()
    first = max(date.fromisoformat(window["start_date"]), today)
    last = max(date.fromisoformat(window["end_date"]), today)
    single = [slots_on(world, str(first + timedelta(days=n)), id) for n in range((last - first).days + 1)]
    assert slots_of(available(world, id, **window)) == [slot for day in single for slot in day]


def test_worlds_do_not_share_bookings() -> None:
    """A booking in one world takes nothing in another, and neither does a blocked date."""
    here, there = new_world(), new_world()
    before = available(there)
    book(here, "2026-04-21T09:00:00+02:00")
    here.locations[BERLIN].blocked_dates.add(date(2026, 4, 22))
    assert available(here) != before
    assert available(there) == before
