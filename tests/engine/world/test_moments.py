"""Instants and dates of fixtures, absolute or relative to the start of the world."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from aniva_sandbox.engine.world.moments import parse_day, parse_moment

START = datetime(2026, 4, 13, 22, 30, tzinfo=UTC)
"""Late in the evening, so that it is the next day already in Berlin."""
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-04-15T10:30:00+02:00", "2026-04-15T08:30:00"),
        ("2026-04-15T10:30:00Z", "2026-04-15T10:30:00"),
        ("2026-04-15T10:30:00.9Z", "2026-04-15T10:30:00"),
        ("+0d 00:00", "2026-04-13T22:00:00"),
        ("+3d 10:30", "2026-04-17T08:30:00"),
        ("-1d 23:59", "2026-04-13T21:59:00"),
        ("-200d 09:00", "2025-09-26T07:00:00"),
        ("-60d 09:00", "2026-02-13T08:00:00"),
        ("+4h", "2026-04-14T02:30:00"),
        ("-90m", "2026-04-13T21:00:00"),
        ("+0m", "2026-04-13T22:30:00"),
    ],
)
def test_moments(text: str, instant: str) -> None:
    """Absolute instants stay; days and wall clock are those of the zone, in its summer and winter time; spans count
    from the start itself."""
    assert parse_moment(text).at(START, BERLIN) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


def test_days_are_those_of_the_zone() -> None:
    """The start's date, and the wall clock, depend on the zone; spans do not."""
    tomorrow = parse_moment("+1d 08:00")
    assert tomorrow.at(START, UTC) == datetime(2026, 4, 14, 8, tzinfo=UTC)
    assert tomorrow.at(START, BERLIN) == datetime(2026, 4, 15, 6, tzinfo=UTC)
    assert parse_moment("+1h").at(START, UTC) == parse_moment("+1h").at(START, BERLIN)


def test_moments_are_in_utc() -> None:
    """An instant comes out in UTC, in whole seconds, whatever it was written in."""
    for text in ("2026-04-15T10:30:00.123+02:00", "+3d 10:30", "+4h"):
        instant = parse_moment(text).at(START, timezone(timedelta(hours=5)))
        assert instant.utcoffset() == timedelta()
        assert instant.microsecond == 0


@pytest.mark.parametrize(
    "text",
    [
        *("", "tomorrow", "2026-04-15T10:30:00", "2026-04-15", "2026-13-01T00:00:00Z", "2026-04-15T24:30:00Z"),
        *("3d 10:30", "+3d 24:00", "+3d 10:60", "+3d", "+3d 9:00", "+3 d 10:30", "+3d 10:30 ", "+3d 10:30:00"),
        *("4h", "+4", "+4s", "+1h30m", "+1.5h", "+99999d 10:00", "+9999999h"),
    ],
)
def test_bad_moments(text: str) -> None:
    """What is no moment is refused."""
    with pytest.raises(ValueError, match=r"."):
        parse_moment(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00"])
def test_moments_beyond_the_calendar(text: str) -> None:
    """An instant that is in no year of the calendar in UTC is refused like any other bad one."""
    with pytest.raises(ValueError, match=r"."):
        parse_moment(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-24", date(2026, 12, 24)),
        ("+9d", timedelta(days=9)),
        ("-1d", timedelta(days=-1)),
        ("+0d", timedelta()),
    ],
)
def test_days(text: str, day: date | timedelta) -> None:
    """A date is absolute, or so many days from the start's."""
    assert parse_day(text) == day


@pytest.mark.parametrize("text", ["", "9d", "+9", "+9d 10:00", "+9h", "2026-02-30", "24.12.2026", "+99999d"])
def test_bad_days(text: str) -> None:
    """What is no date is refused."""
    with pytest.raises(ValueError, match=r"."):
        parse_day(text)
