"""The timetable of a location: its slots, whether they are free or not."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from aniva_sandbox.api.locations.records import Hours, WeekHours
from aniva_sandbox.api.locations.slots import is_slot, nearest_slots, slots_on
from tests.support import BERLIN, new_world

LOCATION = new_world().locations[BERLIN]
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


def hours_of(*minutes: int) -> tuple[Hours, ...]:
    """Open hours from the first minute of the day to the second, and from the third to the fourth."""
    edges = [f"{minute // 60:02}:{minute % 60:02}" for minute in sorted(set(minutes))]
    return tuple(Hours(*pair) for pair in zip(edges[::2], edges[1::2], strict=False))


days = st.sampled_from(
    ["2026-03-28", "2026-03-29", "2026-04-15", "2026-10-24", "2026-10-25", "2026-11-01", "2026-09-06"]
)
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "UTC"])
spans = st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=4)


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(
    days,
    zones,
    spans,
    st.integers(5, 90),
    st.integers(5, 90),
    st.lists(st.integers(-60, 26 * 60), max_size=20),
    st.integers(0, 1),
)
def test_what_is_a_slot_is_in_the_timetable(
    day: str, zone: str, minutes: list[int], length: int, interval: int, offsets: list[int], second: int
) -> None:
    """Whatever the zone, also on days on which its offset changes: an instant is a slot where the timetable has it, and
    the nearest slots are those around it."""
    hours: Any = WeekHours(**dict.fromkeys(WeekHours.__struct_fields__, hours_of(*minutes)))
    location = msgspec.structs.replace(
        LOCATION,
        timezone=zone,
        open_hours=hours,
        slot_minutes=length,
        interval_minutes=interval,
        blocked_dates={date(2026, 4, 16)},
    )
    midnight = datetime.combine(date.fromisoformat(day), time(), ZoneInfo(zone)).astimezone(UTC)
    around = [date.fromisoformat(day) + timedelta(days=step) for step in range(-14, 15)]
    timetable = [slot for each in around for slot in slots_on(location, each)]
    instants = [midnight + timedelta(minutes=offset, seconds=second) for offset in offsets]
    instants += list(slots_on(location, date.fromisoformat(day)))
    for instant in instants:
        assert is_slot(location, instant) == (instant in timetable)
        nearest = [
            *[slot for slot in timetable if slot < instant][-1:],
            *[slot for slot in timetable if slot > instant],
        ]
        assert nearest_slots(location, instant, after=ALWAYS) == nearest[:2]
