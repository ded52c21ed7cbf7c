"""Tables: records by id, profiles by e-mail, appointments by profile and location; opening hours by weekday."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from aniva_sandbox.world.tables import Appointment, Appointments, Hours, Profile, Profiles, Table, WeekHours

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
