"""Events of appointments, made by the practice and by operations."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.appointments.states import Move, move
from aniva_sandbox.api.profiles.records import Profile
from aniva_sandbox.api.results.orders import plan_results
from aniva_sandbox.api.wire import Uuid
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.formats import parse_instant
from aniva_sandbox.engine.contract.ground_rules import TIME_INPUT
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.contract.values import UuidText, refers_to
from aniva_sandbox.engine.world.event_types import EventType
from aniva_sandbox.engine.world.events import EVENT_STATE

__all__ = ["EVENTS"]


class KitDetails(msgspec.Struct, frozen=True):
    """The details of a kit's order."""

    scheduled_at: (
        Annotated[str, field("The appointment's time.", rule=TIME_INPUT, extra={"format": "date-time"})] | UnsetType
    ) = UNSET


class KitOutcome(msgspec.Struct, frozen=True):
    """The appointment of a kit's order."""

    appointment_id: Annotated[UuidText, refers_to("appointment")]


_SHOWN_BY = ("list_appointments", "get_appointment", "list_shipment_appointments")


def _move(by: Move) -> EventType:
    def happen(world: World, appointment: Appointment, _details: dict[str, Any]) -> dict[str, Any]:
        move(world, appointment, by, EVENT_STATE)
        order = world.orders.get(appointment.id)
        if order is not None:
            plan_results(world, order)
        return {}

    return EventType(
        section="appointments",
        target="appointment_id",
        target_type=Uuid,
        happen=happen,
        move=by,
        shown_by=_SHOWN_BY,
    )


def _order_kit(world: World, profile: Profile, details: dict[str, Any]) -> dict[str, Any]:
    scheduled_at = details.get("scheduled_at")
    appointment = Appointment(
        id=world.ids.next_uuid("appointment"),
        profile_id=profile.id,
        location_id=None,
        scheduled_at=parse_instant(scheduled_at) if scheduled_at else None,
        status="confirmed",
        test_method="home",
        created_at=world.now,
    )
    world.appointments.add(appointment)
    return {"appointment_id": appointment.id}


EVENTS = {
    "practice.confirmed": _move("practice confirms"),
    "operations.cancelled": _move("operations cancel"),
    "kit.ordered": EventType(
        section="profiles",
        target="profile_id",
        target_type=Uuid,
        details=KitDetails,
        outcome=KitOutcome,
        happen=_order_kit,
        shown_by=_SHOWN_BY,
        example={"profile_id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"},
    ),
}
