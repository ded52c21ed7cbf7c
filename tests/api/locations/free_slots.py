"""Asking for free slots, and reading them out of a response."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.beginnings import get_fixture
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.locations import operations as locations
from aniva_sandbox.api.locations.records import Hours, WeekHours
from aniva_sandbox.api.world import World
from tests.support import BERLIN, HELSINKI, HOURLESS_LOCATION, PENDING_LOCATION, PROFILE, ZONELESS_LOCATION, run

HAMBURG = "d8f3e1a2-4c5b-6d7e-8f9a-0b1c2d3e4f5a"
MUNICH = "c3d4e5f6-a7b8-9012-cdef-123456789012"
TAMPERE = "b847a552-e5af-49e6-afd2-0faf1aec79b9"
ACTIVE = [BERLIN, HELSINKI, HAMBURG, MUNICH, PENDING_LOCATION, TAMPERE, HOURLESS_LOCATION, ZONELESS_LOCATION]
ALWAYS = WeekHours(*[(Hours("00:00", "23:59"),)] * 7)
"""Open around the clock, as nearly as hours can say it."""


def world_at(instant: str) -> World:
    """The default world, its clock frozen at an instant."""
    return World("test", get_fixture("default"), DOMAIN, mode="frozen", start=datetime.fromisoformat(instant))


def available(world: World, id: str = BERLIN, persona: str = "full", **query: str) -> Any:
    """The whole answer with a location's free slots."""
    return run(world, locations.get_availability, id, query=query, persona=persona)


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
