"""Special instants: each is what its name says, the last or the next, and has a plain one shortly before it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aniva_sandbox.api.beginnings import get_fixture
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.clock import EARLIEST, LATEST
from aniva_sandbox.engine.world.domain import Occurrence, SpecialInstant
from aniva_sandbox.engine.world.events import settle

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 4, 13, 8, tzinfo=UTC)
"""The start of the default world."""
DAY = timedelta(days=1)
MOMENT = timedelta(minutes=1)
"""What passes quickly."""

special_instants = DOMAIN.probing().instants
STARTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
"""Starts of this century, in whole seconds as a clock shows them, and the instants at which something is special."""
STARTS = STARTS.map(lambda start: start.replace(microsecond=0)) | STARTS.flatmap(
    lambda start: st.sampled_from([each.at for instant in special_instants(start) for each in both(instant)])
)


REPEATABLY = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def both(instant: SpecialInstant) -> list[Occurrence]:
    """The last time of an instant, and the next."""
    assert instant.before is not None
    assert instant.after is not None
    return [instant.before, instant.after]


def shown(instant: datetime, zone: ZoneInfo = BERLIN) -> str:
    """An instant as a clock shows it."""
    return instant.astimezone(zone).strftime("%A %H:%M:%S")


def offset(instant: datetime) -> timedelta | None:
    """By how much clocks in Berlin are ahead of UTC."""
    return instant.astimezone(BERLIN).utcoffset()


def day(instant: datetime) -> date:
    """The date in Berlin."""
    return instant.astimezone(BERLIN).date()


IS_IT: dict[str, Callable[[datetime], bool]] = {
    "dst-start": lambda at: offset(at + MOMENT) - offset(at) == timedelta(hours=1),  # type: ignore[operator]
    "dst-end": lambda at: offset(at + MOMENT) - offset(at) == timedelta(hours=-1),  # type: ignore[operator]
    "leap-day-eve": lambda at: (day(at) + DAY).strftime("%m-%d") == "02-29" and shown(at).endswith("10:00:00"),
    "leap-day": lambda at: day(at).strftime("%m-%d") == "02-29" and shown(at).endswith("10:00:00"),
    "year-end": lambda at: day(at).year < day(at + MOMENT).year,
    "berlin-midnight": lambda at: shown(at) == "Tuesday 23:59:30" and day(at) < day(at + MOMENT),
    "utc-midnight": lambda at: shown(at, ZoneInfo("UTC")) == "Tuesday 23:59:30",
    "pickup-cutoff-before": lambda at: shown(at) == "Friday 15:59:30",
    "pickup-cutoff-after": lambda at: shown(at) == "Friday 16:00:30",
    "saturday": lambda at: shown(at) == "Saturday 10:00:00",
}
RARE = ("dst-start", "dst-end", "leap-day-eve", "leap-day", "year-end")


def test_names() -> None:
    """These are the instants, each with a title of its own that continues a sentence."""
    instants = special_instants(START)
    assert sorted(instant.name for instant in instants) == sorted(IS_IT)
    titles = [instant.title for instant in instants]
    assert len(set(titles)) == len(titles)
    assert all(title[0].islower() and not title.endswith(".") for title in titles)


@REPEATABLY
@given(STARTS)
def test_instants_are_what_they_are_called(start: datetime) -> None:
    """Each is at the time that its name says, in UTC and in whole seconds."""
    for instant in special_instants(start):
        for each in both(instant):
            assert IS_IT[instant.name](each.at), (instant.name, each.at)
            assert each.at.tzinfo is each.control.tzinfo is UTC
            assert not each.at.microsecond


@REPEATABLY
@given(STARTS)
def test_instants_are_the_last_and_the_next(start: datetime) -> None:
    """One is before the start, the other after it, and there is none between them, but at the start itself."""
    for instant in special_instants(start):
        last, following = both(instant)
        assert last.at < start < following.at
        (after,) = (each.after for each in special_instants(last.at) if each.name == instant.name)
        assert after is not None
        assert after.at in (start, following.at)


@REPEATABLY
@given(STARTS)
def test_weekly_instants_are_near(start: datetime) -> None:
    """What comes every week is at most three weeks away, so that dates that a test names are near."""
    for instant in special_instants(start):
        if instant.name not in RARE:
            assert all(abs(each.at - start) <= timedelta(weeks=3) for each in both(instant))


@REPEATABLY
@given(STARTS)
def test_controls_are_plain(start: datetime) -> None:
    """A control is a Tuesday at 10:00 in Berlin, in the week of the instant or the one before, with the same offset
    from UTC; before the instant, and so before the start if that is; and nothing rare is near it."""
    rare = [each.at for instant in special_instants(start) if instant.name in RARE for each in both(instant)]
    for instant in special_instants(start):
        for each in both(instant):
            assert shown(each.control) == "Tuesday 10:00:00"
            assert each.control < each.at
            assert (monday(each.at) - monday(each.control)).days in (0, 7)
            assert offset(each.control) == offset(each.at)
            near = [one.at for one in special_instants(each.control) if one.name in RARE for one in both(one)]
            assert all(abs(each.control - at) > 2 * DAY for at in (*rare, *near))


@REPEATABLY
@given(STARTS)
def test_weekly_instants_are_special_for_themselves(start: datetime) -> None:
    """Nothing rare is near an instant that comes every week."""
    for instant in special_instants(start):
        if instant.name not in RARE:
            for each in both(instant):
                near = [one.at for one in special_instants(each.at) if one.name in RARE for one in both(one)]
                assert all(abs(each.at - at) > 2 * DAY for at in near)


def monday(instant: datetime) -> date:
    """The first day of a week in Berlin."""
    return day(instant) - timedelta(days=day(instant).weekday())


@REPEATABLY
@given(STARTS)
def test_what_instants_share(start: datetime) -> None:
    """What else is special about an instant is said, and nothing else is."""
    for instant in special_instants(start):
        for each in both(instant):
            weekday, _, wall_clock = shown(each.at).partition(" ")
            is_weekend = weekday in ("Saturday", "Sunday")
            assert ("saturday" in each.shares) is (is_weekend and instant.name != "saturday")
            assert ("berlin-midnight" in each.shares) is (instant.name == "year-end")
            assert ("pickup-cutoff-before" in each.shares) is (
                weekday == "Friday" and instant.name != "pickup-cutoff-before"
            )
            assert ("pickup-cutoff-after" in each.shares) is (
                not is_weekend and wall_clock > "16:00" and instant.name != "pickup-cutoff-after"
            )
            assert set(each.shares) <= IS_IT.keys() - {instant.name}


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("dst-start", "2026-03-29T01:59:30+01:00", "2027-03-28T01:59:30+01:00"),
        ("dst-end", "2025-10-26T02:59:30+02:00", "2026-10-25T02:59:30+02:00"),
        ("leap-day-eve", "2024-02-28T10:00:00+01:00", "2028-02-28T10:00:00+01:00"),
        ("leap-day", "2024-02-29T10:00:00+01:00", "2028-02-29T10:00:00+01:00"),
        ("year-end", "2025-12-31T23:59:30+01:00", "2026-12-31T23:59:30+01:00"),
        ("berlin-midnight", "2026-04-07T23:59:30+02:00", "2026-04-14T23:59:30+02:00"),
        ("utc-midnight", "2026-04-07T23:59:30+00:00", "2026-04-14T23:59:30+00:00"),
        ("pickup-cutoff-before", "2026-04-10T15:59:30+02:00", "2026-04-17T15:59:30+02:00"),
        ("pickup-cutoff-after", "2026-04-10T16:00:30+02:00", "2026-04-17T16:00:30+02:00"),
        ("saturday", "2026-04-11T10:00:00+02:00", "2026-04-18T10:00:00+02:00"),
    ],
)
def test_instants_of_the_default_world(name: str, before: str, after: str) -> None:
    """The instants around the start of the default world."""
    (instant,) = (each for each in special_instants(START) if each.name == name)
    assert [each.at for each in both(instant)] == [datetime.fromisoformat(before), datetime.fromisoformat(after)]


def test_a_week_with_a_rare_instant_is_left_out() -> None:
    """The Saturday before clocks change, and the Friday after a Thursday, the 29 February, are not taken."""
    last = {each.name: each.before for each in special_instants(datetime(2026, 3, 30, 12, tzinfo=UTC))}
    assert last["saturday"] is not None
    assert day(last["saturday"].at) == date(2026, 3, 21)
    last = {each.name: each.before for each in special_instants(datetime(2024, 3, 3, 12, tzinfo=UTC))}
    assert last["pickup-cutoff-before"] is not None
    assert day(last["pickup-cutoff-before"].at) == date(2024, 2, 23)


def test_instants_that_no_clock_shows() -> None:
    """At the ends of the range of clocks, there are none beyond."""
    assert all(instant.before is None for instant in special_instants(EARLIEST))
    last = special_instants(LATEST)
    assert all(instant.before is not None and instant.after is None for instant in last)


def test_years_without_daylight_saving_time() -> None:
    """Where clocks did not change for years, these instants are missing; the others are not."""
    instants = {each.name: each for each in special_instants(datetime(1965, 6, 1, tzinfo=UTC))}
    assert instants["dst-start"].before is instants["dst-end"].after is None
    assert instants["leap-day"].before is not None


@pytest.mark.parametrize("instant", special_instants(START), ids=lambda instant: instant.name)
def test_worlds_begin_at_them(instant: SpecialInstant) -> None:
    """A world of the default fixture can begin at each of them, and at its control."""
    for each in both(instant):
        for start in (each.at, each.control):
            world = World("test", get_fixture("default"), DOMAIN, mode="frozen", start=start)
            settle(world)
            assert world.now == start
