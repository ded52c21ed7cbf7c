"""Tables: records by id, profiles by e-mail, appointments by profile and location; opening hours by weekday."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings

from aniva_sandbox.api.appointments.records import Appointment, Appointments
from aniva_sandbox.api.locations.records import Hours, WeekHours
from aniva_sandbox.api.profiles.records import Profile, Profiles
from aniva_sandbox.engine.world.tables import Table
from tests.support import APPOINTMENT, BERLIN, new_world

THEN = datetime(2026, 4, 1, tzinfo=UTC)


def profile(id: str, email: str = "a@example.com") -> Profile:
    """A profile with this id and e-mail."""
    return Profile(id, "group", None, "Ada", None, email, None, 2, date(1990, 1, 1), None, None, "en", THEN)


def appointment(id: str, *, profile_id: str = "p", location_id: str | None = "l") -> Appointment:
    """An appointment of a profile at a location."""
    return Appointment(id, profile_id, location_id, None, "confirmed", "practitioner", THEN)


def ids(records: Any) -> list[str]:
    """The ids of records."""
    return [record.id for record in records]


def test_records_by_id() -> None:
    """A record is found by its id, in either case of its letters; another id finds nothing."""
    record = profile("abc-1")
    table: Table[Profile] = Table([record])
    assert table.get("abc-1") is table.get("ABC-1") is table["abc-1"] is record
    assert table.get("abc-2") is None
    with pytest.raises(KeyError):
        table["abc-2"]


def test_id_is_taken_once() -> None:
    """A second record with the same id is refused, and the first one stays; another id is taken."""
    first = profile("a")
    table: Table[Profile] = Table([first])
    with pytest.raises(ValueError, match="the id a is taken"):
        table.add(profile("a"))
    table.add(profile("b"))
    assert table["a"] is first
    assert len(table) == 2


def test_order_of_creation() -> None:
    """A table lists its records in the order in which they were added."""
    assert ids(Table(map(profile, "cab"))) == ["c", "a", "b"]


@pytest.mark.rule("order.ordinal")
def test_profiles_count_their_order() -> None:
    """Every profile carries its place in the order of creation, also among equal times."""
    assert [(p.id, p.ordinal) for p in Profiles(map(profile, "cab"))] == [("c", 0), ("a", 1), ("b", 2)]


def test_profiles_by_email() -> None:
    """Profiles are found by their e-mail in any case of its letters, oldest first; another finds none."""
    table = Profiles([profile("b", "Ada@Example.com"), profile("a", "ada@example.com"), profile("c", "x@example.com")])
    assert ids(table.with_email("ADA@example.COM")) == ["b", "a"]
    assert ids(table.with_email("no@example.com")) == []


def test_changed_email_is_found_under_the_new_one_only() -> None:
    """A profile that changes its e-mail is found under the new one, in the place of its age, and not under the old."""
    table = Profiles([profile("a", "old@example.com"), profile("b", "new@example.com")])
    table.change_email(table["a"], "NEW@example.com")
    assert ids(table.with_email("new@example.com")) == ["a", "b"]
    assert ids(table.with_email("old@example.com")) == []
    assert table["a"].email == "NEW@example.com"
    table.change_email(table["a"], "new@example.com")
    assert ids(table.with_email("new@example.com")) == ["a", "b"]


def test_appointments_of_a_profile() -> None:
    """The appointments of a profile come oldest first, without those of others."""
    table = Appointments([appointment("b"), appointment("x", profile_id="q"), appointment("a")])
    assert ids(table.of_profile("p")) == ["b", "a"]
    assert ids(table.of_profile("none")) == []


def test_appointments_at_a_location() -> None:
    """Appointments are found at their location; home kits at none; a changed location counts at once."""
    table = Appointments([appointment("a"), appointment("b"), appointment("kit", location_id=None)])
    assert sorted(ids(table.at_location("l"))) == ["a", "b"]
    table.change_location(table["a"], "m")
    assert ids(table.at_location("l")) == ["b"]
    assert ids(table.at_location("m")) == ["a"]
    assert ids(table.of_profile("p")) == ["a", "b", "kit"]
    table.change_location(table["kit"], "m")
    assert sorted(ids(table.at_location("m"))) == ["a", "kit"]


def test_appointments_do_not_share_their_panels() -> None:
    """Every appointment has panels of its own."""
    one, other = appointment("a"), appointment("b")
    one.panels["panel"] = THEN
    assert other.panels == {}


@pytest.mark.parametrize("day", range(7))
def test_hours_of_the_weekday(day: int) -> None:
    """A date has the opening hours of its weekday, and of no other."""
    spans = (Hours("08:00", "12:00"), Hours("13:00", "17:00"))
    names = WeekHours.__struct_fields__
    hours = msgspec.structs.replace(WeekHours(), **{names[day]: spans})
    monday = date(2026, 4, 13)
    found = [hours.on(date.fromordinal(monday.toordinal() + later)) for later in range(14)]
    assert found == [spans if later % 7 == day else () for later in range(14)]
    assert names[0] == "monday"


# Appointments near an instant

ENDS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC, microsecond=0)
MINUTE = timedelta(minutes=1)
spans = st.integers(1, 1440)
instants = st.one_of(
    st.integers(-300, 300).map(lambda minutes: THEN + minutes * MINUTE),
    st.integers(0, 100_000).map(lambda seconds: ENDS[0] + timedelta(seconds=seconds)),
    st.integers(0, 100_000).map(lambda seconds: ENDS[1] - timedelta(seconds=seconds)),
)
places = st.sampled_from(["l", "m"])
changes = st.tuples(st.integers(0, 9), places | st.none() | instants)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(
    st.lists(st.tuples(st.none() | places, st.none() | instants), min_size=1, max_size=10),
    st.lists(changes, max_size=6),
    st.lists(st.tuples(places, instants, spans), min_size=1, max_size=6),
)
def test_appointments_near_an_instant_and_between_two(
    bookings: list[tuple[str | None, datetime | None]],
    changed: list[tuple[int, str | datetime | None]],
    asked: list[tuple[str, datetime, int]],
) -> None:
    """Whether any at a location, in some states, begins less than a span before or after an instant is what a search
    through all of them finds: also after they changed their place or time, and at the ends of the calendar. Those
    between two instants are found, too, in the same order."""
    table = Appointments()
    for number, (place, time) in enumerate(bookings):
        record = appointment(str(number), location_id=place)
        record.scheduled_at = time
        record.status = ("confirmed", "cancelled", "pending")[number % 3]
        table.add(record)
    for number, new in changed:
        record = table[str(number % len(bookings))]
        if isinstance(new, str):
            table.change_location(record, new)
        else:
            table.change_time(record, new)
    for place, instant, minutes in asked:
        expected = [
            (record.status, record.id)
            for record in table
            if record.location_id == place
            and record.scheduled_at is not None
            and abs(record.scheduled_at - instant) < minutes * MINUTE
        ]
        for statuses in (("confirmed", "pending", "cancelled"), ("confirmed", "pending"), ("pending",), ()):
            for id in (None, "0", "1"):
                found = [one for status, one in expected if status in statuses and one != id]
                assert table.is_any_near(place, instant, minutes, statuses, id) is bool(found)
        first, last = sorted((instant, asked[0][1]))
        if last - first > timedelta(days=400):  # it looks at each day
            continue
        assert table.between(first, last) == [
            record for record in table if record.scheduled_at is None or first <= record.scheduled_at <= last
        ]


@pytest.mark.parametrize(
    ("away", "is_near"), [(-16, False), (-15, False), (-14, True), (0, True), (14, True), (15, False)]
)
def test_appointments_that_touch_are_not_near(away: int, is_near: bool) -> None:
    """An appointment that begins a whole span away is not near; one a minute closer is, also beyond the hour."""
    record = appointment("a")
    record.scheduled_at = THEN + away * MINUTE
    assert Appointments([record]).is_any_near("l", THEN, 15, ("confirmed",), None) is is_near


def test_hours_and_days_that_nobody_begins_in_are_forgotten() -> None:
    """However often an appointment is moved, one hour and one day are remembered for it."""
    world = new_world()
    appointment = world.appointments[APPOINTMENT]
    by_hour = world.appointments._by_location[BERLIN]
    before = len(by_hour)
    for hour in range(50):
        world.appointments.change_time(appointment, world.now + timedelta(days=400, hours=hour))
    assert len(by_hour) <= before + 1
    assert sum(map(len, world.appointments._by_day.values())) == len(world.appointments)
    assert all(world.appointments._by_day.values())
