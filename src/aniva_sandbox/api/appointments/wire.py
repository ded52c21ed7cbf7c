"""Appointments as partners see and send them."""

from datetime import datetime, time
from typing import Annotated, Any, ClassVar, get_args

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.api.access import Caller, note_hidden_shipments
from aniva_sandbox.api.appointments.records import Appointment, Status
from aniva_sandbox.api.appointments.rules import (
    APPOINTMENT_CREATE,
    APPOINTMENT_LIST_PROFILE,
    APPOINTMENT_RENDERED_HOME,
    APPOINTMENT_ZONE,
)
from aniva_sandbox.api.appointments.snapshot_rules import SNAPSHOT_LISTED
from aniva_sandbox.api.catalogue.wire import PanelId
from aniva_sandbox.api.locations.records import local_time
from aniva_sandbox.api.locations.wire import LocationId
from aniva_sandbox.api.profiles.wire import ProfileId, ProfileView, kept_profile_view
from aniva_sandbox.api.rules import TIME_LOCAL_NO_ZONE
from aniva_sandbox.api.wire import EXAMPLE_ZONE, Uuid
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.ahead import Ahead
from aniva_sandbox.engine.contract.ground_rules import TIME_INPUT
from aniva_sandbox.engine.contract.schemas import Timestamp, field
from aniva_sandbox.engine.contract.views import View

__all__ = [
    "AppointmentCreate",
    "AppointmentId",
    "AppointmentQuery",
    "AppointmentUpdate",
    "AppointmentView",
    "PanelLink",
    "ScheduledAt",
    "ShipmentLink",
    "appointment_view",
]

AppointmentId = Annotated[Uuid, field("The appointment's id.", examples=["c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a"])]
ScheduledAt = Annotated[
    str,
    field(
        "When the blood is drawn: ISO 8601 with Z or an offset, in the future.",
        extra={
            "format": "date-time",
            "x-rules": {"pattern": APPOINTMENT_ZONE.id, "format": TIME_INPUT.id},
            "x-hint": "must end with Z or an offset, such as 2026-04-15T10:30:00+02:00",
        },
        pattern=r"^[\s\S]*([Zz]|[+-][0-9]{2}:[0-9]{2})$",  # anchored, because some clients match only from the start
        examples=[Ahead(2, EXAMPLE_ZONE, time(10, 30))],
    ),
]


class PanelLink(msgspec.Struct, frozen=True, gc=False):
    """A panel on an appointment."""

    panel_id: PanelId
    added_at: Annotated[Timestamp, field("When it was added, in UTC.")]


class ShipmentLink(msgspec.Struct, frozen=True, gc=False):
    """A shipment that an appointment is linked to."""

    id: Annotated[str, field("The shipment's id.", examples=["P2604154821"])]
    added_at: Annotated[Timestamp, field("When it was linked, in UTC.")]


class AppointmentView(View, frozen=True, kw_only=True):
    """An appointment as partners see it. All keys are always present."""

    SCHEMA: ClassVar[dict[str, Any]] = {
        "examples": [
            {
                "id": "c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a",
                "profile_id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d",
                "location_id": "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b",
                "scheduled_at": "2026-04-15T09:00:00+02:00",
                "status": "confirmed",
                "test_method": "practitioner",
                "created_at": "2026-04-07T15:20:00Z",
                "updated_at": None,
                "profile": ProfileView.SCHEMA["examples"][0],
                "panels": [
                    {"panel_id": "f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d", "added_at": "2026-04-07T15:22:00Z"},
                    {"panel_id": "d4e5f6a7-b8c9-4d1e-a2f3-b4c5d6e7f8a9", "added_at": "2026-04-07T15:22:00Z"},
                    {"panel_id": "00000000-0000-0000-0000-000000000bff", "added_at": "2026-04-08T07:10:00Z"},
                ],
                "shipments": [{"id": "P2604148873", "added_at": "2026-04-11T12:30:00Z"}],
            }
        ]
    }

    id: AppointmentId
    profile_id: ProfileId
    location_id: Annotated[Uuid | None, field("Where the blood is drawn; null for a home kit.")]
    scheduled_at: Annotated[
        Timestamp | None,
        field("With the location's offset at that instant.", examples=[Ahead(2, EXAMPLE_ZONE, time(10, 30))]),
    ]
    status: Annotated[
        str, field("The state of the appointment; see the states above.", extra={"enum": list(get_args(Status))})
    ]
    test_method: Annotated[
        str | None, field("By a practitioner, or with a kit at home.", extra={"enum": ["practitioner", "home"]})
    ]
    created_at: Annotated[Timestamp, field("When it was created, in UTC.")]
    updated_at: Annotated[Timestamp | None, field("When it was last changed, in UTC; null if never.")]
    profile: Annotated[ProfileView, field("The whole profile.")]
    panels: Annotated[list[PanelLink], field("In order of addition.")]
    shipments: Annotated[list[ShipmentLink], field("Oldest link first.")]


class AppointmentCreate(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a booking."""

    SCHEMA = {"x-rules": {"required": APPOINTMENT_CREATE.id}}

    profile_id: ProfileId
    location_id: LocationId
    scheduled_at: ScheduledAt


class AppointmentUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of an appointment that can be changed; omitted fields stay as they are."""

    scheduled_at: ScheduledAt | UnsetType = UNSET
    location_id: LocationId | UnsetType = UNSET


class AppointmentQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which appointments to list."""

    profile_id: (
        Annotated[
            Uuid, field("Only the appointments of this profile, whatever their date.", rule=APPOINTMENT_LIST_PROFILE)
        ]
        | UnsetType
    ) = UNSET


def appointment_view(world: World, appointment: Appointment, call: Caller) -> AppointmentView:
    """An appointment as a caller sees it, with the whole profile."""
    links = world.links.of(appointment.id)
    if links:
        note_hidden_shipments(world, call, links)
    if appointment.snapshot:
        call.trace.lean_on(SNAPSHOT_LISTED)
    location = None
    if appointment.scheduled_at is not None:
        if appointment.location_id is None:
            call.trace.lean_on(APPOINTMENT_RENDERED_HOME)
        else:
            location = world.locations[appointment.location_id]
            if location.timezone is None:
                call.trace.lean_on(TIME_LOCAL_NO_ZONE)
    profile, panels = world.profiles[appointment.profile_id], appointment.panels
    zone = location and location.timezone
    lists = (*panels, *panels.values(), *links) if panels or links else ()
    kept = world.appointment_views.get(appointment.id)
    if kept is not None and kept[0] == (appointment, profile, zone, lists):
        return kept[1]
    scheduled_at = appointment.scheduled_at
    view = AppointmentView(
        id=appointment.id,
        profile_id=appointment.profile_id,
        location_id=appointment.location_id,
        scheduled_at=local_time(location, scheduled_at) if location and scheduled_at else scheduled_at,
        status=appointment.status,
        test_method=appointment.test_method,
        created_at=appointment.created_at,
        updated_at=appointment.updated_at,
        profile=kept_profile_view(world, profile),
        panels=[PanelLink(panel_id, added_at) for panel_id, added_at in panels.items()] if panels else [],
        shipments=[ShipmentLink(link.shipment_id, link.added_at) for link in links] if links else [],
    )
    sources = msgspec.structs.replace(appointment), msgspec.structs.replace(profile), zone, lists
    return world.appointment_views.keep_view(appointment.id, sources, view)


def shown_time(world: World, appointment: Appointment) -> datetime | None:
    """The time of an appointment, with its location's offset; in UTC for a home kit."""
    if appointment.scheduled_at is None or appointment.location_id is None:
        return appointment.scheduled_at
    return local_time(world.locations[appointment.location_id], appointment.scheduled_at)
