"""Locations and their free slots: rules below HTTP first, then format rules through the pipeline."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aniva_sandbox.resources import appointments, locations
from aniva_sandbox.serving.server import get_fixture
from aniva_sandbox.world.catalogue import get_catalogue
from aniva_sandbox.world.tables import Hours, Status, WeekHours
from aniva_sandbox.world.world import World
from tests.support import (
    APPOINTMENT,
    BERLIN,
    HELSINKI,
    HOURLESS_LOCATION,
    INACTIVE_LOCATION,
    PENDING_LOCATION,
    PROFILE,
    RIVAL_APPOINTMENT,
    RIVAL_LOCATION,
    UNKNOWN,
    ZONELESS_LOCATION,
    Client,
    new_world,
    refusal_of,
    run,
)

HAMBURG = "d8f3e1a2-4c5b-6d7e-8f9a-0b1c2d3e4f5a"
MUNICH = "c3d4e5f6-a7b8-9012-cdef-123456789012"
TAMPERE = "b847a552-e5af-49e6-afd2-0faf1aec79b9"
ACTIVE = [BERLIN, HELSINKI, HAMBURG, MUNICH, PENDING_LOCATION, TAMPERE, HOURLESS_LOCATION, ZONELESS_LOCATION]
ALWAYS = WeekHours(*[(Hours("00:00", "23:59"),)] * 7)
"""Open around the clock, as nearly as hours can say it."""


def world_at(instant: str) -> World:
    """The default world, its clock frozen at an instant."""
    return World("test", get_fixture("default"), get_catalogue(), mode="frozen", start=datetime.fromisoformat(instant))


def available(world: World, id: str = BERLIN, persona: str = "full", **query: str) -> Any:
    """The whole answer with a location's free slots."""
    return run(world, locations.get_availability, id, query=query, persona=persona)


def refused(world: World, id: str = BERLIN, persona: str = "full", **query: str) -> tuple[int, list[str]]:
    """Status and rules of the refusal that asking for free slots ends in."""
    refusal = refusal_of(world, locations.get_availability, id, query=query, persona=persona)
    return refusal.status, [rule.id for rule in refusal.rules]


def days_of(answer: Any) -> list[str]:
    """The dates that have slots."""
    return [day["date"] for day in answer["availability"]]


def slots_of(answer: Any) -> list[str]:
    """The slots of all days, in the order of the answer."""
    return [slot for day in answer["availability"] for slot in day["slots"]]


def instants_of(answer: Any) -> list[datetime]:
    """The slots of all days as instants in UTC."""
    return [datetime.fromisoformat(slot).astimezone(UTC) for slot in slots_of(answer)]


def slots_on(world: World, day: str, id: str = BERLIN, **query: str) -> list[str]:
    """The slots of one day, as they are written."""
    return slots_of(available(world, id, start_date=day, end_date=day, **query))


def clocks_on(world: World, day: str, id: str = BERLIN) -> list[str]:
    """The slots of one day as HH:MM at the location."""
    return [slot[11:16] for slot in slots_on(world, day, id)]


def stepping(first: str, last: str, minutes: int) -> list[str]:
    """Times of a day as HH:MM, from the first to the last."""
    at, found = datetime.fromisoformat(f"2000-01-01T{first}"), []
    while at <= datetime.fromisoformat(f"2000-01-01T{last}"):
        found.append(at.strftime("%H:%M"))
        at += timedelta(minutes=minutes)
    return found


def book(world: World, scheduled_at: str, id: str = BERLIN) -> str:
    """Book an appointment of the known profile; answers its id."""
    body = {"profile_id": PROFILE, "location_id": id, "scheduled_at": scheduled_at}
    booked: str = run(world, appointments.create_appointment, body=body)["id"]
    return booked


# The list


def test_list_shows_every_field(world: World) -> None:
    """A location has all its fields, null where nothing is known, and nothing of what bookings there go by."""
    first = run(world, locations.list_locations)[0]
    assert first == {
        "id": BERLIN,
        "name": "Aniva Berlin Mitte",
        "company_name": "Aniva Health Germany GmbH",
        "address_line_1": "Alte Gipsgasse 14",
        "address_line_2": "2. OG",
        "city": "Berlin",
        "state": "Berlin",
        "postal_code": "10178",
        "country_name": "Germany",
        "country_code": "DE",
        "timezone": "Europe/Berlin",
        "contact_phone": "+493023125101",
        "email": "berlin-mitte@aniva.example",
        "website": "https://aniva.example/locations/berlin-mitte",
        "google_maps_url": "https://maps.example/aniva-berlin-mitte",
        "image_url": "https://images.example/aniva-berlin-mitte.jpg",
        "open_hours": {
            **{
                day: [{"open": "08:00", "close": "12:00"}, {"open": "13:00", "close": "17:00"}]
                for day in ("monday", "tuesday", "wednesday")
            },
            "thursday": [{"open": "08:00", "close": "12:00"}, {"open": "13:00", "close": "19:00"}],
            "friday": [{"open": "08:00", "close": "12:00"}],
            "saturday": [],
            "sunday": [],
        },
    }


def test_list_with_nulls(client: Client) -> None:
    """A location of which little is known has the same keys; its zone and its hours may be null."""
    listed = {location["id"]: location for location in client.get("/locations").json}
    assert {tuple(location) for location in listed.values()} == {tuple(listed[BERLIN])}
    assert listed[ZONELESS_LOCATION]["timezone"] is None
    assert listed[ZONELESS_LOCATION]["company_name"] is None
    assert listed[HOURLESS_LOCATION]["open_hours"] is None


@pytest.mark.rule("location.active", "auth.context")
def test_list_of_the_context(world: World) -> None:
    """The active locations of the context are listed, and no other."""
    assert [location["id"] for location in run(world, locations.list_locations)] == ACTIVE
    assert [location["id"] for location in run(world, locations.list_locations, persona="outsider")] == [RIVAL_LOCATION]


@pytest.mark.rule("location.active")
def test_list_follows_closing_and_opening(client: Client) -> None:
    """A location that closes leaves the list and is refused by id; when it opens, both are as before."""
    slots = client.get(f"/locations/{BERLIN}/availability").json
    for type, listed, status in (("location.closed", False, 404), ("location.opened", True, 200)):
        happened = client.control("POST", "/worlds/test/events", {"type": type, "location_id": BERLIN})
        assert happened.status < 300
        assert (BERLIN in {location["id"] for location in client.get("/locations").json}) is listed
        assert client.get(f"/locations/{BERLIN}/availability").status == status
    assert client.get(f"/locations/{BERLIN}/availability").json == slots


@pytest.mark.rule("location.active", "atomic")
def test_inactive_location_is_refused_wherever_it_is_named(world: World) -> None:
    """An inactive location answers 404 for its slots, in a booking and in a rescheduling; an active one does not."""
    assert refused(world, INACTIVE_LOCATION) == (404, ["location.active"])
    before = world.snapshot()
    new = {"profile_id": PROFILE, "location_id": INACTIVE_LOCATION, "scheduled_at": "2026-04-15T10:30:00+02:00"}
    for refusal in (
        refusal_of(world, appointments.create_appointment, body=new),
        refusal_of(world, appointments.update_appointment, APPOINTMENT, {"location_id": INACTIVE_LOCATION}),
    ):
        assert (refusal.status, [rule.id for rule in refusal.rules]) == (404, ["location.active"])
    assert world.snapshot() == before
    world.locations[INACTIVE_LOCATION].active = True
    assert slots_of(available(world, INACTIVE_LOCATION))
    assert run(world, appointments.create_appointment, body=new)["location_id"] == INACTIVE_LOCATION


@pytest.mark.rule("path.unknown", "location.active", "auth.context", "order.checks")
def test_slots_by_id(world: World) -> None:
    """An unknown location is 404, one outside the context 403, an inactive one 404 even outside; each before the
    window is judged."""
    beyond = {"end_date": "2030-01-01", "timezone": "Nowhere/City"}
    assert refused(world, UNKNOWN, **beyond) == (404, ["path.unknown"])
    assert refused(world, RIVAL_LOCATION, **beyond) == (403, ["auth.context"])
    assert refused(world, BERLIN, "outsider", **beyond) == (403, ["auth.context"])
    assert refused(world, INACTIVE_LOCATION, "outsider", **beyond) == (404, ["location.active"])
    assert available(world, RIVAL_LOCATION, "outsider")["location_id"] == RIVAL_LOCATION
    assert available(world, BERLIN.upper()) == available(world, BERLIN)


@pytest.mark.rule("id.format")
@pytest.mark.parametrize("id", ["x", BERLIN[:-1], f"{BERLIN}0", BERLIN.replace("-", ""), "g" + BERLIN[1:]])
def test_location_id_is_a_uuid(client: Client, id: str) -> None:
    """What is no UUID is refused as malformed, not as unknown."""
    reply = client.get(f"/locations/{id}/availability")
    assert (reply.status, reply.rules) == (400, ["id.format"])


# The answer


@pytest.mark.rule("availability.cache")
def test_slots_may_be_cached(client: Client) -> None:
    """A success says how long it may be cached; a refusal does not."""
    sent = {name.lower(): value for name, value in client.get(f"/locations/{BERLIN}/availability").headers.items()}
    assert sent["cache-control"] == "private, max-age=30, stale-while-revalidate=60"
    for path in (f"/locations/{UNKNOWN}/availability", f"/locations/{BERLIN}/availability?timezone=x"):
        reply = client.get(path)
        assert reply.status in (400, 404)
        assert "cache-control" not in {name.lower() for name in reply.headers}


def test_slots_come_with_the_location(world: World) -> None:
    """The answer names the location, its zone, and the length and interval of its slots."""
    answer = available(world, HAMBURG)
    assert {name: answer[name] for name in answer if name != "availability"} == {
        "location_id": HAMBURG,
        "timezone": "Europe/Berlin",
        "slot_duration_minutes": 20,
        "slot_interval_minutes": 10,
    }


@pytest.mark.rule("atomic")
def test_asking_for_slots_changes_nothing(world: World) -> None:
    """Reading slots leaves the world as it was, and reads the same again."""
    before = world.snapshot()
    assert available(world) == available(world)
    assert world.snapshot() == before


# The window. Today is Monday 2026-04-13; 30 days on is 2026-05-13, 90 days on is Sunday 2026-07-12.


@pytest.mark.rule("availability.window")
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
    assert refused(world, **query) == (400, ["availability.bounds"])
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


@pytest.mark.rule("availability.timezone")
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
    assert refused(world, end_date="2026-07-13", timezone="America/New_York") == (400, ["availability.bounds"])


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
    assert refused(world, timezone=zone) == (400, ["availability.timezone"])
    assert refused(world, timezone=zone, end_date="2030-01-01") == (400, ["availability.timezone"])
    assert available(world, timezone="Europe/Berlin") == available(world)


# Slots


@pytest.mark.rule("availability.slots", "time.local")
@pytest.mark.parametrize(
    ("id", "day", "clocks"),
    [
        (BERLIN, "2026-04-14", [*stepping("08:00", "11:45", 15), *stepping("13:00", "16:45", 15)]),  # lunch break
        (BERLIN, "2026-04-16", [*stepping("08:00", "11:45", 15), *stepping("13:00", "18:45", 15)]),
        (BERLIN, "2026-04-17", stepping("08:00", "11:45", 15)),
        (BERLIN, "2026-04-18", []),
        (HELSINKI, "2026-04-14", stepping("07:30", "15:10", 20)),
        (HAMBURG, "2026-04-14", stepping("09:00", "15:40", 10)),  # slots longer than their interval
        (HAMBURG, "2026-04-15", []),
        (HAMBURG, "2026-04-18", stepping("09:00", "12:40", 10)),
        (PENDING_LOCATION, "2026-04-14", stepping("08:00", "10:40", 20)),  # shorter: the last ends before closing
        (TAMPERE, "2026-04-14", [*stepping("08:00", "11:00", 15), *stepping("12:30", "15:30", 15)]),
        (HOURLESS_LOCATION, "2026-04-14", []),
        (ZONELESS_LOCATION, "2026-04-15", stepping("06:00", "09:40", 20)),
        (ZONELESS_LOCATION, "2026-04-14", []),
    ],
)
def test_slots_of_a_day(world: World, id: str, day: str, clocks: list[str]) -> None:
    """Slots step through each span of the open hours and end by its close; closed days and null hours have none."""
    assert clocks_on(world, day, id) == clocks
    assert all(slot.startswith(day) for slot in slots_on(world, day, id))


@pytest.mark.rule("availability.slots")
@pytest.mark.parametrize(
    ("close", "slot", "interval", "clocks"),
    [
        ("10:00", 30, 30, ["09:00", "09:30"]),
        ("09:59", 30, 30, ["09:00"]),
        ("10:01", 30, 30, ["09:00", "09:30"]),
        ("09:30", 30, 30, ["09:00"]),
        ("09:29", 30, 30, []),
        ("10:00", 30, 45, ["09:00"]),
        ("10:15", 30, 45, ["09:00", "09:45"]),
        ("09:45", 30, 5, ["09:00", "09:05", "09:10", "09:15"]),
        ("09:00", 30, 30, []),
        ("08:00", 30, 30, []),
    ],
)
def test_slot_ends_by_closing(world: World, close: str, slot: int, interval: int, clocks: list[str]) -> None:
    """A slot that ends exactly at closing is listed, one that ends a minute later is not."""
    location = world.locations[BERLIN]
    location.open_hours = WeekHours(tuesday=(Hours("09:00", close),))
    location.slot_minutes, location.interval_minutes = slot, interval
    assert clocks_on(world, "2026-04-14") == clocks


@pytest.mark.rule("availability.slots")
def test_days_without_slots_are_left_out(world: World) -> None:
    """A closed or fully past day has no entry, instead of an empty one; a place without hours has no day at all."""
    assert days_of(available(world, TAMPERE, end_date="2026-04-24")) == [
        *("2026-04-14", "2026-04-16", "2026-04-21", "2026-04-23")
    ]
    assert available(world, HOURLESS_LOCATION)["availability"] == []
    world.clock.move(datetime(2026, 4, 13, 14, 45, tzinfo=UTC))  # the start of the day's last slot in Berlin
    assert days_of(available(world, end_date="2026-04-14")) == ["2026-04-14"]
    assert all(day["slots"] for day in available(world)["availability"])


@pytest.mark.rule("availability.slots")
@pytest.mark.parametrize(
    ("seconds", "first"), [(-1, "10:00"), (0, "10:15"), (1, "10:15"), (899, "10:15"), (900, "10:30")]
)
def test_only_future_slots(seconds: int, first: str) -> None:
    """A slot is listed until the second before it starts."""
    world = world_at("2026-04-13T07:00:00+00:00")
    world.clock.move(datetime(2026, 4, 13, 8, tzinfo=UTC) + timedelta(seconds=seconds))
    assert clocks_on(world, "2026-04-13")[0] == first


@pytest.mark.rule("availability.slots")
def test_blocked_dates(world: World) -> None:
    """A blocked date has no slots and its neighbours do, whether the world came with it or it was blocked later."""
    assert "2026-04-24" not in days_of(available(world, HAMBURG))
    assert {"2026-04-23", "2026-04-25"} < set(days_of(available(world, HAMBURG)))
    before = days_of(available(world))
    world.locations[BERLIN].blocked_dates.add(date(2026, 4, 21))
    assert days_of(available(world)) == [day for day in before if day != "2026-04-21"]
    assert slots_on(world, "2026-04-21", HELSINKI)


@pytest.mark.rule("availability.slots")
def test_blocking_a_date_is_an_event(client: Client) -> None:
    """A date that Aniva's side blocks is gone from the next answer on."""
    path = f"/locations/{BERLIN}/availability?start_date=2026-04-21&end_date=2026-04-22"
    assert days_of(client.get(path).json) == ["2026-04-21", "2026-04-22"]
    event = {"type": "location.date_blocked", "location_id": BERLIN, "date": "2026-04-21"}
    assert client.control("POST", "/worlds/test/events", event).status < 300
    assert days_of(client.get(path).json) == ["2026-04-22"]


@pytest.mark.rule("availability.slots", "availability.timezone")
def test_blocked_date_is_the_locations(world: World) -> None:
    """A blocked date is a day at the location: in another zone, what shares its date but not its day stays."""
    query = {"start_date": "2026-04-21", "end_date": "2026-04-22", "timezone": "Pacific/Kiritimati"}
    berlin = ZoneInfo("Europe/Berlin")
    before = instants_of(available(world, **query))
    assert {slot.astimezone(berlin).day for slot in before} == {20, 21, 22}
    world.locations[BERLIN].blocked_dates.add(date(2026, 4, 21))
    assert instants_of(available(world, **query)) == [slot for slot in before if slot.astimezone(berlin).day != 21]


# Bookings


@pytest.mark.rule("availability.slots")
@pytest.mark.parametrize(
    ("status", "taken"), [("pending", True), ("confirmed", True), ("blood_drawn", True), ("cancelled", False)]
)
def test_booking_takes_its_slot(world: World, status: Status, taken: bool) -> None:
    """A pending, confirmed or drawn appointment takes its slot, a cancelled one leaves it free."""
    world.appointments[APPOINTMENT].status = status  # on the 15th at 09:00
    everything = [*stepping("08:00", "11:45", 15), *stepping("13:00", "16:45", 15)]
    assert clocks_on(world, "2026-04-15") == [clock for clock in everything if clock != "09:00" or not taken]


@pytest.mark.rule("availability.slots")
@pytest.mark.parametrize(
    ("booked", "gone"),
    [
        ("10:00", ["09:50", "10:00", "10:10"]),
        ("10:05", ["09:50", "10:00", "10:10", "10:20"]),
        ("09:00", ["09:00", "09:10"]),
        ("15:40", ["15:30", "15:40"]),
        ("08:40", []),
        ("08:41", ["09:00"]),
        ("15:59", ["15:40"]),
        ("16:00", []),
    ],
)
def test_booking_takes_what_it_overlaps(world: World, booked: str, gone: list[str]) -> None:
    """A booking takes one slot length from its start; slots that only touch it stay."""
    before = clocks_on(world, "2026-04-21", HAMBURG)
    book(world, f"2026-04-21T{booked}:00+02:00", HAMBURG)
    assert [clock for clock in before if clock not in clocks_on(world, "2026-04-21", HAMBURG)] == gone


@pytest.mark.rule("availability.slots")
def test_slot_comes_back(world: World) -> None:
    """Rescheduling moves what is taken, another location gives it up, and so does cancelling."""
    free = slots_on(world, "2026-04-21")
    id = book(world, "2026-04-21T09:00:00+02:00")
    assert set(free) - set(slots_on(world, "2026-04-21")) == {"2026-04-21T09:00:00+02:00"}
    run(world, appointments.update_appointment, id, {"scheduled_at": "2026-04-21T08:15:00Z"})
    assert set(free) - set(slots_on(world, "2026-04-21")) == {"2026-04-21T10:15:00+02:00"}
    elsewhere = slots_on(world, "2026-04-21", HELSINKI)
    run(world, appointments.update_appointment, id, {"location_id": HELSINKI})
    assert slots_on(world, "2026-04-21") == free
    taken = set(elsewhere) - set(slots_on(world, "2026-04-21", HELSINKI))
    assert taken == {"2026-04-21T11:10:00+03:00", "2026-04-21T11:30:00+03:00"}  # from 11:15 to 11:35 there
    run(world, appointments.cancel_appointment, id)
    assert slots_on(world, "2026-04-21", HELSINKI) == elsewhere


@pytest.mark.rule("availability.slots")
def test_one_slot_taken_twice(world: World) -> None:
    """Of two bookings of one slot, cancelling one does not free it."""
    ids = [book(world, "2026-04-21T09:00:00+02:00") for _ in range(2)]
    for id in ids:
        assert "09:00" not in clocks_on(world, "2026-04-21")
        run(world, appointments.cancel_appointment, id)
    assert "09:00" in clocks_on(world, "2026-04-21")


@pytest.mark.rule("availability.slots")
def test_booking_from_outside_the_context(world: World) -> None:
    """A booking that the key cannot see takes its slot all the same."""
    assert "09:30" in clocks_on(world, "2026-04-21")
    world.appointments.change_time(world.appointments[RIVAL_APPOINTMENT], datetime(2026, 4, 21, 7, 30, tzinfo=UTC))
    world.appointments.change_location(world.appointments[RIVAL_APPOINTMENT], BERLIN)
    assert "09:30" not in clocks_on(world, "2026-04-21")


@pytest.mark.rule("availability.slots")
def test_booking_reaches_over_midnight(world: World) -> None:
    """A booking before the window takes the first slots in it, and one after the window the last."""
    location = world.locations[ZONELESS_LOCATION]
    location.open_hours = ALWAYS
    location.slot_minutes, location.interval_minutes = 40, 20
    before = clocks_on(world, "2026-04-21", ZONELESS_LOCATION)
    assert (before[0], before[-1]) == ("00:00", "23:00")
    book(world, "2026-04-20T23:40:00Z", ZONELESS_LOCATION)
    book(world, "2026-04-21T23:20:00Z", ZONELESS_LOCATION)
    after = clocks_on(world, "2026-04-21", ZONELESS_LOCATION)
    assert [clock for clock in before if clock not in after] == ["00:00", "23:00"]


@pytest.mark.rule("availability.slots", "availability.timezone")
@pytest.mark.parametrize(
    ("booked", "day", "gone"),
    [
        ("11:55", "2026-04-21", ["11:40", "11:50"]),
        ("11:55", "2026-04-22", ["12:00", "12:10"]),
        ("12:05", "2026-04-21", ["11:50"]),
        ("12:05", "2026-04-22", ["12:00", "12:10", "12:20"]),
    ],
)
def test_booking_on_the_other_side_of_the_window(world: World, booked: str, day: str, gone: list[str]) -> None:
    """Where days of the zone that is asked for begin within the open hours, a booking takes slots on both days."""
    query = {"start_date": day, "end_date": day, "timezone": "Pacific/Kiritimati"}  # its midnight is noon in Hamburg
    before = instants_of(available(world, HAMBURG, **query))
    book(world, f"2026-04-21T{booked}:00+02:00", HAMBURG)
    after = instants_of(available(world, HAMBURG, **query))
    taken = [slot.astimezone(ZoneInfo("Europe/Berlin")) for slot in before if slot not in after]
    assert [f"{slot:%H:%M}" for slot in taken] == gone


@pytest.mark.rule("availability.slots")
def test_every_slot_can_be_booked_once(world: World) -> None:
    """Where taken slots are refused, a listed slot is taken as it is written, and gone afterwards."""
    world.settings = type(world.settings)(taken_slots="refuse")
    day = slots_on(world, "2026-04-14", HAMBURG)
    while day:
        book(world, day[0], HAMBURG)
        left = slots_on(world, "2026-04-14", HAMBURG)
        assert left == [
            slot
            for slot in day
            if datetime.fromisoformat(slot) >= datetime.fromisoformat(day[0]) + timedelta(minutes=20)
        ]
        day = left


# The days on which clocks change: 2026-03-29 and 2026-10-25, at 01:00 UTC


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


# Whatever the window and the zone

reproducible = settings(deadline=None, derandomize=True)

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
