"""Calls about appointments, and the values that their tests begin with."""

from datetime import UTC, datetime
from typing import Any

from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.appointments.records import Appointment, Status
from aniva_sandbox.api.world import World
from tests.support import APPOINTMENT, BERLIN, PROFILE, run

NEW = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-20T09:00:00+02:00"}
NOW = "2026-04-13T08:00:00Z"
LATER = "2026-04-13T09:00:00Z"
PAST = "2026-04-12T09:00:00+02:00"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def put(world: World, id: str, scheduled_at: str, *, profile: str = PROFILE, status: Status = "confirmed") -> str:
    """Put an appointment in Berlin into a world, also where it could not be booked; returns its id."""
    world.appointments.add(
        Appointment(
            id=id,
            profile_id=profile,
            location_id=BERLIN,
            scheduled_at=instant(scheduled_at).astimezone(UTC),
            status=status,
            test_method="practitioner",
            created_at=world.now,
        )
    )
    return id


def book(world: World, **changes: Any) -> Any:
    """Create an appointment that differs from NEW."""
    return run(world, appointments.create_appointment, body=NEW | changes)


def get(world: World, id: str = APPOINTMENT) -> Any:
    return run(world, appointments.get_appointment, id)


def update(world: World, id: str = APPOINTMENT, **changes: Any) -> Any:
    return run(world, appointments.update_appointment, id, changes)


def cancel(world: World, id: str = APPOINTMENT) -> Any:
    return run(world, appointments.cancel_appointment, id)


def listed(world: World, **options: Any) -> list[str]:
    """The ids of a list, in its order."""
    return [entry["id"] for entry in run(world, appointments.list_appointments, **options)]


STATES: tuple[Status, ...] = ("pending", "confirmed", "blood_drawn", "cancelled")
TAKEN = "2026-04-15T09:00:00+02:00"
