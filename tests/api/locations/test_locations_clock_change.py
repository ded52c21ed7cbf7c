"""Slots on the days on which clocks change."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from aniva_sandbox.api.locations.records import Hours, WeekHours
from tests.api.locations.free_slots import (
    ALWAYS,
    available,
    book,
    clocks_on,
    days_of,
    instants_of,
    slots_of,
    slots_on,
    stepping,
    world_at,
)
from tests.support import BERLIN, HELSINKI, ZONELESS_LOCATION


@pytest.mark.rule("availability.slots", "time.local")
@pytest.mark.parametrize(
    ("id", "start", "days", "offsets"),
    [
        (BERLIN, "2026-03-26T20:00:00+00:00", ["2026-03-27", "2026-03-30"], ["+01:00", "+02:00"]),
        (BERLIN, "2026-10-22T20:00:00+00:00", ["2026-10-23", "2026-10-26"], ["+02:00", "+01:00"]),
        (HELSINKI, "2026-03-26T20:00:00+00:00", ["2026-03-27", "2026-03-30"], ["+02:00", "+03:00"]),
        (HELSINKI, "2026-10-22T20:00:00+00:00", ["2026-10-23", "2026-10-26"], ["+03:00", "+02:00"]),
    ],
)
def test_weekend_of_the_change(id: str, start: str, days: list[str], offsets: list[str]) -> None:
    """The wall clock of open hours is the same before and after a change of the clocks, only the offset differs."""
    answer = available(world_at(start), id, end_date=days[-1])
    assert days_of(answer) == days
    opening = "08:00" if id == BERLIN else "07:30"
    for day, offset in zip(answer["availability"], offsets, strict=True):
        assert day["slots"][0] == f"{day['date']}T{opening}:00{offset}"
        assert {slot[19:] for slot in day["slots"]} == {offset}


@pytest.mark.rule("availability.slots", "time.local")
@pytest.mark.parametrize(
    ("id", "day", "count", "winter", "summer", "repeated"),
    [
        (BERLIN, "2026-03-29", 20, "+01:00", "+02:00", []),
        (BERLIN, "2026-10-25", 28, "+01:00", "+02:00", stepping("02:00", "02:45", 15)),
        (HELSINKI, "2026-03-29", 15, "+02:00", "+03:00", []),
        (HELSINKI, "2026-10-25", 21, "+02:00", "+03:00", stepping("03:00", "03:40", 20)),
    ],
)
def test_open_hours_over_the_change(
    id: str, day: str, count: int, winter: str, summer: str, repeated: list[str]
) -> None:
    """Open from 00:00 to 06:00, a place has five hours of slots in spring and seven in autumn: the hour that is
    skipped has none, the hour that comes twice has its slots twice, and time only ever goes forward."""
    world = world_at(f"{date.fromisoformat(day) - timedelta(days=2)}T08:00:00+00:00")
    location = world.locations[id]
    location.open_hours = WeekHours(sunday=(Hours("00:00", "06:00"),))
    answer = available(world, id, start_date=day, end_date=day)
    slots, instants = slots_of(answer), instants_of(answer)
    assert (days_of(answer), len(slots)) == ([day], count)
    steps = {later - earlier for earlier, later in pairwise(instants)}
    assert steps == {timedelta(minutes=location.interval_minutes)}
    assert slots[0][11:16] == "00:00"
    assert instants[-1] + steps.pop() == datetime.fromisoformat(f"{day}T06:00:00{slots[-1][19:]}")
    change = datetime.fromisoformat(f"{day}T01:00:00+00:00")
    before, after = (winter, summer) if not repeated else (summer, winter)
    assert [slot[19:] for slot in slots] == [before if instant < change else after for instant in instants]
    clocks = [slot[11:16] for slot in slots]
    assert [clock for clock in dict.fromkeys(clocks) if clocks.count(clock) == 2] == repeated
    skipped = "02" if id == BERLIN else "03"
    assert (skipped in {clock[:2] for clock in clocks}) is bool(repeated)


@pytest.mark.rule("availability.slots")
def test_booking_in_the_hour_that_comes_twice() -> None:
    """In autumn 02:30 comes twice: a booking takes the one that it means, and leaves the other."""
    world = world_at("2026-10-23T08:00:00+00:00")
    world.locations[BERLIN].open_hours = WeekHours(sunday=(Hours("00:00", "06:00"),))
    first, second = "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"
    assert {first, second} < set(slots_on(world, "2026-10-25"))
    book(world, second)
    assert first in slots_on(world, "2026-10-25")
    assert second not in slots_on(world, "2026-10-25")


@pytest.mark.rule("availability.slots")
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_booking_next_to_the_change(day: str) -> None:
    """A booking that ends when the clocks change takes its own slots, not those that the wall clock makes near."""
    world = world_at(f"{date.fromisoformat(day) - timedelta(days=2)}T08:00:00+00:00")
    location = world.locations[BERLIN]
    location.open_hours = WeekHours(sunday=(Hours("00:00", "06:00"),))
    location.slot_minutes, location.interval_minutes = 30, 15
    answer = available(world, start_date=day, end_date=day)
    book(world, f"{day}T00:30:00Z")
    free = instants_of(available(world, start_date=day, end_date=day))
    gone = [f"{instant:%H:%M}" for instant in instants_of(answer) if instant not in free]
    assert gone == ["00:15", "00:30", "00:45"]


@pytest.mark.rule("availability.timezone", "time.local")
@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25)])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/Helsinki"])
def test_day_of_the_change_in_the_zone_asked_for(day: str, hours: int, zone: str) -> None:
    """Asked for in a zone, the day on which its clocks change is 23 or 25 hours long, at a place that has no change."""
    world = world_at(f"{date.fromisoformat(day) - timedelta(days=2)}T08:00:00+00:00")
    location = world.locations[ZONELESS_LOCATION]
    location.open_hours = ALWAYS
    location.slot_minutes, location.interval_minutes = 59, 60
    slots = slots_on(world, day, ZONELESS_LOCATION, timezone=zone)
    assert len(slots) == len(set(slots)) == hours
    assert (slots[0][:16], slots[-1][:16]) == (f"{day}T00:00", f"{day}T23:00")


def test_closing_in_the_hour_that_comes_twice() -> None:
    """Hours that end within the hour that comes twice end when the wall clock first shows it."""
    world = world_at("2026-10-23T08:00:00+00:00")
    world.locations[BERLIN].open_hours = WeekHours(sunday=(Hours("01:00", "02:30"),))
    assert clocks_on(world, "2026-10-25") == stepping("01:00", "02:15", 15)
