"""The window and the zone that slots are asked for in."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aniva_sandbox.api.locations import operations as locations
from aniva_sandbox.api.world import World
from tests.api.locations.free_slots import (
    ALWAYS,
    available,
    clocks_on,
    days_of,
    instants_of,
    slots_of,
    stepping,
    world_at,
)
from tests.support import BERLIN, HELSINKI, ZONELESS_LOCATION, Client, refusal_of, verdict_of

# The window. Today is Monday 2026-04-13; 30 days on is 2026-05-13, 90 days on is Sunday 2026-07-12.


@pytest.mark.rule("availability.window", "availability.window/order", "availability.bounds/capped")
@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({}, "2026-04-13", "2026-05-13"),
        ({"start_date": "2026-04-13"}, "2026-04-13", "2026-05-13"),
        ({"start_date": "2026-04-20"}, "2026-04-20", "2026-05-20"),
        ({"end_date": "2026-05-20"}, "2026-04-20", "2026-05-20"),
        ({"end_date": "2026-04-20"}, "2026-04-13", "2026-04-20"),
        ({"end_date": "2026-04-13"}, "2026-04-13", "2026-04-13"),
        ({"start_date": "2026-04-14", "end_date": "2026-04-14"}, "2026-04-14", "2026-04-14"),
        ({"start_date": "2026-04-14", "end_date": "2026-06-30"}, "2026-04-14", "2026-06-30"),
        ({"start_date": "2026-04-13", "end_date": "2026-07-12"}, "2026-04-13", "2026-07-12"),
        # Past dates become today, after the defaults are filled in from what was sent.
        ({"start_date": "2026-04-01", "end_date": "2026-04-15"}, "2026-04-13", "2026-04-15"),
        ({"start_date": "2026-04-01"}, "2026-04-13", "2026-05-01"),
        ({"start_date": "2026-03-14"}, "2026-04-13", "2026-04-13"),
        ({"start_date": "2026-03-15"}, "2026-04-13", "2026-04-14"),
        ({"start_date": "2026-01-01", "end_date": "2026-02-01"}, "2026-04-13", "2026-04-13"),
        ({"start_date": "2026-01-01"}, "2026-04-13", "2026-04-13"),
        ({"end_date": "2026-01-01"}, "2026-04-13", "2026-04-13"),
        ({"start_date": "0001-01-01"}, "2026-04-13", "2026-04-13"),
        ({"end_date": "0001-01-01"}, "2026-04-13", "2026-04-13"),
        # Not further than 90 days, where the end was not sent.
        ({"start_date": "2026-06-12"}, "2026-06-12", "2026-07-12"),
        ({"start_date": "2026-06-13"}, "2026-06-13", "2026-07-12"),
        ({"start_date": "2026-07-12"}, "2026-07-12", "2026-07-12"),
        ({"end_date": "2026-07-12"}, "2026-06-12", "2026-07-12"),
    ],
)
def test_window(world: World, query: dict[str, str], first: str, last: str) -> None:
    """The window is what was sent, an end that was not is 30 days from the other, and the past counts as today."""
    for id in (BERLIN, ZONELESS_LOCATION):
        world.locations[id].open_hours = ALWAYS
    days = [date.fromisoformat(first) + timedelta(days=n) for n in range(100)]
    expected = [str(day) for day in days if day <= date.fromisoformat(last)]
    assert days_of(available(world, BERLIN, **query)) == expected
    assert days_of(available(world, ZONELESS_LOCATION, **query)) == expected


@pytest.mark.rule("availability.bounds")
@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"start_date": "2026-04-15", "end_date": "2026-04-14"}, "end_date must be on or after start_date"),
        # Though both would become today:
        ({"start_date": "2026-01-02", "end_date": "2026-01-01"}, "end_date must be on or after start_date"),
        ({"start_date": "2026-04-20", "end_date": "2026-01-01"}, "end_date must be on or after start_date"),
        ({"start_date": "2026-07-14", "end_date": "2026-07-13"}, "end_date must be on or after start_date"),
        ({"end_date": "2026-07-13"}, "end_date must be within 90 days"),
        ({"start_date": "2026-04-13", "end_date": "2026-07-13"}, "end_date must be within 90 days"),
        ({"start_date": "2026-07-13", "end_date": "2026-07-14"}, "end_date must be within 90 days"),
        ({"start_date": "2026-01-01", "end_date": "9999-12-31"}, "end_date must be within 90 days"),
        ({"start_date": "2026-07-13"}, "start_date must be within 90 days"),
        ({"start_date": "9999-12-31"}, "start_date must be within 90 days"),
    ],
)
def test_window_out_of_bounds(world: World, query: dict[str, str], named: str) -> None:
    """An end before the start, and anything beyond 90 days from today, is refused with the bound that was broken."""
    refusal = refusal_of(world, locations.get_availability, BERLIN, query=query)
    assert (refusal.status, [rule.id for rule in refusal.rules]) == (400, ["availability.bounds"])
    assert refusal.message.startswith(named)


@pytest.mark.rule("availability.bounds")
def test_bounds_move_with_the_clock(world: World) -> None:
    """The 91st day becomes the 90th at midnight of the zone in which dates are read, not before."""
    query = {"start_date": "2026-07-13", "end_date": "2026-07-13"}
    world.clock.move(datetime(2026, 4, 13, 21, 59, 59, tzinfo=UTC))
    assert verdict_of(world, locations.get_availability, BERLIN, query=query) == ("availability.bounds", 400)
    assert clocks_on(world, "2026-07-13", HELSINKI)  # midnight has been there
    world.clock.move(datetime(2026, 4, 13, 22, 0, 0, tzinfo=UTC))
    assert clocks_on(world, "2026-07-13") == [*stepping("08:00", "11:45", 15), *stepping("13:00", "16:45", 15)]


@pytest.mark.rule("body.schema", "availability.window")
@pytest.mark.parametrize("name", ["start_date", "end_date"])
@pytest.mark.parametrize(
    "written",
    [
        "",
        "today",
        "2026-4-20",
        "20260420",
        "2026-02-29",
        "2026-13-01",
        "0000-01-01",
        "2026-04-20T00:00:00Z",
        "%202026-04-20",
    ],
)
def test_window_is_of_dates(client: Client, name: str, written: str) -> None:
    """What is no date YYYY-MM-DD is refused by the name of its parameter; both at once, where both are none."""
    reply = client.get(f"/locations/{BERLIN}/availability?{name}={written}")
    assert (reply.status, list(reply.details)) == (400, [name])
    both = client.get(f"/locations/{BERLIN}/availability?start_date={written}&end_date={written}")
    assert (both.status, set(both.details)) == (400, {"start_date", "end_date"})
    assert client.get(f"/locations/{BERLIN}/availability?{name}=2026-04-20").status == 200


# Zones


@pytest.mark.rule("availability.timezone", "time.local")
@pytest.mark.parametrize(
    ("id", "zone", "first", "named"),
    [
        (BERLIN, None, "2026-04-14T08:00:00+02:00", "Europe/Berlin"),
        (BERLIN, "Europe/Helsinki", "2026-04-14T09:00:00+03:00", "Europe/Helsinki"),
        (BERLIN, "UTC", "2026-04-14T06:00:00Z", "UTC"),
        (BERLIN, "America/New_York", "2026-04-14T02:00:00-04:00", "America/New_York"),
        (BERLIN, "Asia/Kolkata", "2026-04-14T11:30:00+05:30", "Asia/Kolkata"),
        (HELSINKI, None, "2026-04-14T07:30:00+03:00", "Europe/Helsinki"),
        (HELSINKI, "Europe/Berlin", "2026-04-14T06:30:00+02:00", "Europe/Berlin"),
        (HELSINKI, "Etc/GMT+5", "2026-04-13T23:30:00-05:00", "Etc/GMT+5"),
        (ZONELESS_LOCATION, None, "2026-04-15T06:00:00Z", "UTC"),
        (ZONELESS_LOCATION, "Europe/Helsinki", "2026-04-15T09:00:00+03:00", "Europe/Helsinki"),
    ],
)
def test_slots_in_a_zone(world: World, id: str, zone: str | None, first: str, named: str) -> None:
    """Slots are written in the location's zone, or in the one that is asked for; no zone reads as UTC."""
    answer = available(world, id, **({"timezone": zone} if zone else {}))
    assert answer["timezone"] == named
    tonight = datetime(2026, 4, 13, 20, tzinfo=UTC)
    assert next(slot for slot in slots_of(answer) if datetime.fromisoformat(slot) > tonight) == first


@pytest.mark.rule("availability.timezone", "availability.timezone/instants")
def test_zone_changes_no_instant(world: World) -> None:
    """The same instants are listed whichever zone they are asked in, for a window that both zones see whole."""
    world.clock.move(datetime(2026, 4, 18, 8, tzinfo=UTC))  # a Saturday: no slot near either end of the window
    query = {"start_date": "2026-04-19", "end_date": "2026-04-25"}
    home = instants_of(available(world, **query))
    assert home
    for zone in ("UTC", "Europe/Helsinki", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati"):
        assert instants_of(available(world, timezone=zone, **query)) == home


@pytest.mark.rule("availability.timezone", "availability.window")
def test_dates_are_read_in_the_zone(world: World) -> None:
    """A day asked for in a zone is that zone's day: of its slots, those of the location's neighbouring day too."""
    # 2026-04-14 in Kiritimati (+14) goes from 2026-04-13 12:00 to 2026-04-14 12:00 in Berlin.
    there = available(world, start_date="2026-04-14", end_date="2026-04-14", timezone="Pacific/Kiritimati")
    assert days_of(there) == ["2026-04-14"]
    assert slots_of(there)[0] == "2026-04-14T01:00:00+14:00"
    berlin = ZoneInfo("Europe/Berlin")
    assert [f"{slot.astimezone(berlin):%d %H:%M}" for slot in instants_of(there)] == [
        *(f"13 {clock}" for clock in stepping("13:00", "16:45", 15)),
        *(f"14 {clock}" for clock in stepping("08:00", "11:45", 15)),
    ]


@pytest.mark.rule("availability.timezone", "availability.window")
def test_today_is_that_of_the_zone() -> None:
    """Today, from which the defaults and the 90 days count, is the day in the zone that is asked for."""
    world = world_at("2026-04-13T23:30:00+00:00")  # the 14th in Berlin, the 13th still in New York
    world.locations[BERLIN].open_hours = ALWAYS
    assert (days_of(available(world))[0], days_of(available(world))[-1]) == ("2026-04-14", "2026-05-14")
    there = available(world, timezone="America/New_York")
    assert (days_of(there)[0], days_of(there)[-1]) == ("2026-04-13", "2026-05-13")
    assert days_of(available(world, end_date="2026-07-13")) != []
    assert verdict_of(
        world, locations.get_availability, BERLIN, query={"end_date": "2026-07-13", "timezone": "America/New_York"}
    ) == ("availability.bounds", 400)


@pytest.mark.rule("availability.timezone")
@pytest.mark.parametrize(
    "zone",
    [
        "",
        "Berlin",
        "Europe/Atlantis",
        "europe/berlin",
        "+02:00",
        "CEST",
        " UTC",
        "../UTC",
        "Europe",
        "Europe/Berlin\x00",
    ],
)
def test_unknown_zone(world: World, zone: str) -> None:
    """A name that the IANA database does not have is refused, in this spelling; the location's own is taken."""
    assert verdict_of(world, locations.get_availability, BERLIN, query={"timezone": zone}) == (
        "availability.timezone",
        400,
    )
    assert verdict_of(
        world, locations.get_availability, BERLIN, query={"timezone": zone, "end_date": "2030-01-01"}
    ) == ("availability.timezone", 400)
    assert available(world, timezone="Europe/Berlin") == available(world)
