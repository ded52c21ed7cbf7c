"""Free slots: opening hours, blocked dates, and what bookings take."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.appointments.records import Status
from aniva_sandbox.api.locations.records import Hours, WeekHours
from aniva_sandbox.api.world import World
from tests.api.locations.free_slots import (
    ALWAYS,
    HAMBURG,
    TAMPERE,
    available,
    book,
    clocks_on,
    days_of,
    instants_of,
    slots_on,
    stepping,
    world_at,
)
from tests.support import (
    APPOINTMENT,
    BERLIN,
    HELSINKI,
    HOURLESS_LOCATION,
    PENDING_LOCATION,
    RIVAL_APPOINTMENT,
    ZONELESS_LOCATION,
    Client,
    run,
)

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


@pytest.mark.rule("availability.slots", "availability.slots/empty-days", "availability.slots/no-hours")
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


@pytest.mark.rule("availability.slots", "availability.slots/overlap")
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
