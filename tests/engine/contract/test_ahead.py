"""Dates in examples that lie ahead of now."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from aniva_sandbox.engine.contract.ahead import Ahead, filled, places_of

DATE = Ahead(2, "Europe/Berlin")
INSTANT = Ahead(2, "Europe/Berlin", time(10, 30))


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        pytest.param("2026-04-13T08:00:00Z", "2026-04-15", id="Monday"),
        pytest.param("2026-04-16T21:59:59Z", "2026-04-20", id="Thursday in Berlin"),
        pytest.param("2026-04-16T22:00:00Z", "2026-04-21", id="Friday in Berlin, Thursday in UTC"),
        pytest.param("2026-04-18T12:00:00Z", "2026-04-21", id="Saturday"),
        pytest.param("2026-04-19T12:00:00Z", "2026-04-21", id="Sunday"),
        pytest.param("2026-12-31T22:59:59Z", "2027-01-04", id="the year's end"),
        pytest.param("2028-02-28T12:00:00Z", "2028-03-01", id="29 February"),
    ],
)
def test_weekdays_are_counted_from_today_in_the_zone(now: str, shown: str) -> None:
    """Saturdays and Sundays are not counted, and today is that of the zone."""
    assert DATE.at(datetime.fromisoformat(now)) == shown


def test_every_date_is_a_weekday_ahead() -> None:
    """Whenever now is, it is two weekdays from today."""
    for hours in range(24 * 14):
        now = datetime(2026, 4, 13, tzinfo=UTC) + timedelta(hours=hours)
        shown = date.fromisoformat(Ahead(2, "UTC").at(now))
        days = (now.date() + timedelta(days=day) for day in range(1, 10))
        assert [day for day in days if day.weekday() < 5][1] == shown


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        ("2026-03-26T12:00:00Z", "2026-03-30T10:30:00+02:00"),
        ("2026-03-25T12:00:00Z", "2026-03-27T10:30:00+01:00"),
        ("2026-10-22T12:00:00Z", "2026-10-26T10:30:00+01:00"),
    ],
)
def test_instants_have_the_offset_of_their_day(now: str, shown: str) -> None:
    """The wall clock shows the same time on both sides of a change."""
    assert INSTANT.at(datetime.fromisoformat(now)) == shown


def test_plain_data_is_filled() -> None:
    """At any depth, and nothing else is touched; the places are told."""
    data = {"a": [1, {"b": DATE}], "c": "2026-04-15", "d": INSTANT}
    assert filled(data, datetime(2026, 4, 13, 8, tzinfo=UTC)) == {
        "a": [1, {"b": "2026-04-15"}],
        "c": "2026-04-15",
        "d": "2026-04-15T10:30:00+02:00",
    }
    assert list(places_of(data)) == [(("a", 1, "b"), DATE), (("d",), INSTANT)]
