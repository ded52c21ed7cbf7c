"""Appointments: the scheduled blood draws of profiles, and their state machine. Source: the Appointments page and the
pages of the operations."""

import calendar
from datetime import UTC, datetime
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.contract.common import (
    AUTH_CONTEXT,
    FORBIDDEN,
    PATH_UNKNOWN,
    TIME_INPUT,
    UPDATE_EMPTY,
    WORLD_FULL,
)
from aniva_sandbox.contract.formats import parse_instant
from aniva_sandbox.contract.operations import Call, Link, NoBody, NoQuery, operation
from aniva_sandbox.contract.rules import Rule
from aniva_sandbox.contract.schemas import Timestamp, Uuid, field
from aniva_sandbox.resources.catalogue import PanelId
from aniva_sandbox.resources.common import (
    find,
    rely_on,
    require_context,
    require_room,
    visible_location,
    visible_profile,
)
from aniva_sandbox.resources.locations import (
    LOCATION_ACTIVE,
    LocationId,
    is_booked,
    location_rendered,
    require_active,
)
from aniva_sandbox.resources.profiles import ProfileId, ProfileView, profile_view
from aniva_sandbox.world.tables import Access, Appointment, Location, Status
from aniva_sandbox.world.world import World

__all__ = [
    "EDITABLE",
    "MOVES",
    "OPERATIONS",
    "RULES",
    "AppointmentCreate",
    "AppointmentQuery",
    "AppointmentUpdate",
    "AppointmentView",
    "Move",
    "appointment_view",
    "move",
]

TAG = "Appointments"
_PAGE = "Appointments page"
_NO_PAGE = "no page says"

# Rules

APPOINTMENT_CREATE = Rule(
    id="appointment.create",
    sentence="Creating an appointment needs profile_id, location_id and scheduled_at; it begins with the method "
    "practitioner, without panels and shipments.",
    basis="documented",
    source="partner documentation, page of the operation",
    statuses=(400,),
    kind="format",
)
APPOINTMENT_INITIAL_STATUS = Rule(
    id="appointment.initial-status",
    sentence="An appointment begins confirmed, unless its location lets them begin pending.",
    basis="documented",
    source="partner documentation, page of the operation",
)
APPOINTMENT_PROFILE = Rule(
    id="appointment.profile",
    sentence="The profile named in the body must exist.",
    basis="documented",
    source="partner documentation, page of the operation",
    statuses=(404,),
)
APPOINTMENT_LOCATION = Rule(
    id="appointment.location",
    sentence="The location named in the body must exist.",
    basis="documented",
    source="partner documentation, page of the operation",
    statuses=(404,),
)
APPOINTMENT_ZONE = Rule(
    id="appointment.zone",
    sentence="A scheduled_at without Z or offset is refused: it names no instant.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="format",
)
APPOINTMENT_FUTURE = Rule(
    id="appointment.future",
    sentence="scheduled_at must be later than now; any future time is taken.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="domain",
    assumption="That times outside the open hours are taken.",
)
APPOINTMENT_RENDERED = Rule(
    id="appointment.rendered",
    sentence="Whatever offset a scheduled_at came in with, it goes out with the one in force at its location then.",
    basis="documented",
    source=_PAGE,
    assumption="A home kit's goes out in UTC.",
)
APPOINTMENT_HOME_KIT = Rule(
    id="appointment.home-kit",
    sentence="Partners cannot create home-kit appointments; worlds and the control plane can.",
    basis="assumed",
    source=_NO_PAGE,
)
APPOINTMENT_OVERLAP = Rule(
    id="appointment.overlap",
    sentence="A slot that is taken can be booked again; with the world's setting taken_slots on refuse it cannot.",
    basis="assumed",
    source=_NO_PAGE,
    statuses=(409,),
)
APPOINTMENT_LIST = Rule(
    id="appointment.list",
    sentence="A list by profile_id is complete; any other reaches from two months back to one month on.",
    basis="documented",
    source=_PAGE,
    assumption="Months are calendar months in UTC, cut to the last day where the month is shorter; either end belongs "
    "to the window, and so does what has no date.",
)
APPOINTMENT_LIST_ORDER = Rule(
    id="appointment.list-order",
    sentence="Appointments are listed by scheduled_at, then id; those without a date last.",
    basis="assumed",
    source=_NO_PAGE,
)
APPOINTMENT_LIST_PROFILE = Rule(
    id="appointment.list-profile",
    sentence="A malformed profile_id is refused with 400, one outside the context with 403; an unknown one answers an "
    "empty list.",
    basis="assumed",
    source=_NO_PAGE,
    statuses=(400, 403),
    kind="format",
)
APPOINTMENT_UPDATE = Rule(
    id="appointment.update",
    sentence="An update takes scheduled_at, location_id or both, each checked as when booking; the status "
    "stays, and so does the instant where only the location is new.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="domain",
    assumption="That {} is taken, that the instant is kept, and that a home kit cannot get a location.",
)
APPOINTMENT_EDITABLE = Rule(
    id="appointment.editable",
    sentence="An appointment can be updated or cancelled, and its panels and single biomarkers changed, only while it "
    "is pending or confirmed.",
    basis="documented",
    source=_PAGE,
    statuses=(409,),
)
APPOINTMENT_CANCEL = Rule(
    id="appointment.cancel",
    sentence="Cancelling answers the appointment as it then is, with its panels and links; what is cancelled cannot be "
    "cancelled again.",
    basis="documented",
    source=_PAGE,
    statuses=(409,),
)
RULES = (
    APPOINTMENT_CREATE,
    APPOINTMENT_INITIAL_STATUS,
    APPOINTMENT_PROFILE,
    APPOINTMENT_LOCATION,
    APPOINTMENT_ZONE,
    APPOINTMENT_FUTURE,
    APPOINTMENT_RENDERED,
    APPOINTMENT_HOME_KIT,
    APPOINTMENT_OVERLAP,
    APPOINTMENT_LIST,
    APPOINTMENT_LIST_ORDER,
    APPOINTMENT_LIST_PROFILE,
    APPOINTMENT_UPDATE,
    APPOINTMENT_EDITABLE,
    APPOINTMENT_CANCEL,
)

# The state machine

EDITABLE: tuple[Status, ...] = ("pending", "confirmed")
"""The states in which partners may reschedule, relocate, and add or remove panels."""

Move = Literal["cancel", "confirm draw", "practice confirms", "operations cancel"]

MOVES: dict[tuple[Status, Move], Status] = {
    ("pending", "cancel"): "cancelled",
    ("confirmed", "cancel"): "cancelled",
    ("confirmed", "confirm draw"): "blood_drawn",
    ("pending", "practice confirms"): "confirmed",
    ("blood_drawn", "operations cancel"): "cancelled",
}
"""Where each move leads from each state; a pair that is missing is refused. Partners cancel and confirm the draw; the
last two moves are Aniva's side."""


def move(world: World, appointment: Appointment, by: Move, refusal: Rule) -> None:
    """Change the state of an appointment as the table says, or refuse through the given rule."""
    state = MOVES.get((appointment.status, by))
    if state is None:
        refusal.refuse(f"The appointment is {appointment.status}", status=409)
    appointment.status = state
    appointment.updated_at = world.now


def require_editable(appointment: Appointment) -> None:
    """Refuse a change of an appointment that is drawn or cancelled."""
    if appointment.status not in EDITABLE:
        APPOINTMENT_EDITABLE.refuse(f"The appointment is {appointment.status}")


# Wire types

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
        pattern=r"^[\s\S]*([Zz]|[+-][0-9]{2}:[0-9]{2})$",  # anchored, because some clients match from the start anyway
        examples=["2026-04-15T10:30:00+02:00"],
    ),
]


class PanelLink(msgspec.Struct, frozen=True):
    """A panel on an appointment."""

    panel_id: PanelId
    added_at: Annotated[Timestamp, field("When it was added, in UTC.")]


class ShipmentLink(msgspec.Struct, frozen=True):
    """A shipment that an appointment is linked to."""

    id: Annotated[str, field("The shipment's id.", examples=["P2604154821"])]
    added_at: Annotated[Timestamp, field("When it was linked, in UTC.")]


class AppointmentView(msgspec.Struct, frozen=True):
    """An appointment as partners see it. All keys are always present."""

    SCHEMA = {
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
        field("With the offset in force at the location then.", examples=["2026-04-15T10:30:00+02:00"]),
    ]
    status: Annotated[str, field("Where it stands; see the states above.", extra={"enum": list(get_args(Status))})]
    test_method: Annotated[
        str | None, field("Drawn by a practitioner, or with a kit at home.", extra={"enum": ["practitioner", "home"]})
    ]
    created_at: Annotated[Timestamp, field("When it was created, in UTC.")]
    updated_at: Annotated[Timestamp | None, field("When it was last changed, in UTC; null if never.")]
    profile: Annotated[ProfileView, field("The whole profile.")]
    panels: Annotated[list[PanelLink], field("In the order in which they were added.")]
    shipments: Annotated[list[ShipmentLink], field("Oldest link first.")]


class AppointmentCreate(msgspec.Struct, frozen=True, kw_only=True):
    """What booking an appointment takes."""

    SCHEMA = {"x-rules": {"required": APPOINTMENT_CREATE.id}}

    profile_id: ProfileId
    location_id: LocationId
    scheduled_at: ScheduledAt


class AppointmentUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """What can be changed of an appointment; what is left out stays."""

    scheduled_at: ScheduledAt | UnsetType = UNSET
    location_id: LocationId | UnsetType = UNSET


class AppointmentQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which appointments to list."""

    profile_id: (
        Annotated[Uuid, field("Only this profile's, whatever their date.", rule=APPOINTMENT_LIST_PROFILE)] | UnsetType
    ) = UNSET


def appointment_view(world: World, appointment: Appointment) -> AppointmentView:
    """An appointment as partners see it, with the whole profile."""
    return AppointmentView(
        appointment.id,
        appointment.profile_id,
        appointment.location_id,
        _rendered(world, appointment),
        appointment.status,
        appointment.test_method,
        appointment.created_at,
        appointment.updated_at,
        profile_view(world.profiles[appointment.profile_id]),
        [PanelLink(panel_id, added_at) for panel_id, added_at in appointment.panels.items()],
        [ShipmentLink(link.shipment_id, link.added_at) for link in world.links.of(appointment.id)],
    )


def _rendered(world: World, appointment: Appointment) -> datetime | None:
    if appointment.scheduled_at is None or appointment.location_id is None:
        return appointment.scheduled_at
    return location_rendered(world.locations[appointment.location_id], appointment.scheduled_at)


# Operations

_BY_ID = (
    Link("get_appointment", {"id": "$response.body#/id"}),
    Link("update_appointment", {"id": "$response.body#/id"}),
    Link("cancel_appointment", {"id": "$response.body#/id"}),
    Link("add_panels", {"id": "$response.body#/id"}, {"panel_ids": ["f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d"]}),
    Link(
        "add_biomarkers",
        {"id": "$response.body#/id"},
        {"panel_id": "00000000-0000-0000-0000-000000000aff", "biomarker_ids": [42, 87]},
    ),
    Link("preview_tubes", {"id": "$response.body#/id"}),
    Link("confirm_blood_draw", {"id": "$response.body#/id"}, {"barcode": "9990175218"}),
)


@operation(
    "GET",
    "/appointments",
    tag=TAG,
    permissions=("test_sessions_view", "test_sessions_schedule"),
    refuses=(APPOINTMENT_LIST_PROFILE,),
    links=(
        Link("get_appointment", {"id": "$response.body#/0/id"}),
        Link("get_results", {"id": "$response.body#/0/id"}),
    ),
)
def list_appointments(world: World, call: Call[AppointmentQuery, NoBody]) -> list[AppointmentView]:
    """List appointments

    All appointments of a profile, with `profile_id`; else those of the last two months and the next one. They come by
    `scheduled_at`, undated ones last.
    """
    profile_id = call.query.profile_id
    if profile_id is not UNSET:
        profile = world.profiles.get(profile_id)
        if profile is None:
            rely_on(APPOINTMENT_LIST_PROFILE, world)
            return []
        if not visible_profile(call.access, profile):
            APPOINTMENT_LIST_PROFILE.refuse(FORBIDDEN, status=403)
        listed = list(world.appointments.of_profile(profile.id))
    else:
        first, last = months_later(world.now, -2), months_later(world.now, 1)
        listed = [
            appointment
            for appointment in world.appointments
            if (appointment.scheduled_at is None or first <= appointment.scheduled_at <= last)
            and visible_profile(call.access, world.profiles[appointment.profile_id])
        ]
    listed.sort(key=lambda appointment: (appointment.scheduled_at or _UNDATED, appointment.id))
    return [appointment_view(world, appointment) for appointment in listed]


@operation(
    "POST",
    "/appointments",
    tag=TAG,
    status=201,
    permissions=("test_sessions_schedule", "test_sessions_manage"),
    refuses=(
        APPOINTMENT_PROFILE,
        APPOINTMENT_LOCATION,
        LOCATION_ACTIVE,
        AUTH_CONTEXT,
        APPOINTMENT_OVERLAP,
        APPOINTMENT_FUTURE,
        WORLD_FULL,
    ),
    links=_BY_ID,
    example={
        "profile_id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d",
        "location_id": "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b",
        "scheduled_at": "2026-04-15T10:30:00+02:00",
    },
)
def create_appointment(world: World, call: Call[NoQuery, AppointmentCreate]) -> AppointmentView:
    """Book an appointment

    Schedules a draw by a practitioner at a test location.
    """
    body = call.body
    profile = find(world.profiles, body.profile_id, APPOINTMENT_PROFILE, "profile")
    location = _find_location(world, body.location_id)
    require_context(visible_profile(call.access, profile) and visible_location(call.access, location))
    scheduled_at = parse_instant(body.scheduled_at)
    _require_free_slot(world, location, scheduled_at)
    _require_future(world, scheduled_at)
    require_room(world)

    appointment = Appointment(
        id=world.ids.next_uuid("appointment"),
        profile_id=profile.id,
        location_id=location.id,
        scheduled_at=scheduled_at,
        status=location.initial_status,
        test_method="practitioner",
        created_at=world.now,
    )
    world.appointments.add(appointment)
    return appointment_view(world, appointment)


@operation(
    "GET",
    "/appointments/{id}",
    tag=TAG,
    path_id=AppointmentId,
    permissions=("test_sessions_view", "test_sessions_schedule"),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT),
    links=_BY_ID[1:],
)
def get_appointment(world: World, call: Call[NoQuery, NoBody]) -> AppointmentView:
    """Get an appointment"""
    return appointment_view(world, find_appointment(world, call.access, call.id))


@operation(
    "PATCH",
    "/appointments/{id}",
    tag=TAG,
    path_id=AppointmentId,
    permissions=("test_sessions_schedule", "test_sessions_manage"),
    refuses=(
        PATH_UNKNOWN,
        AUTH_CONTEXT,
        APPOINTMENT_LOCATION,
        LOCATION_ACTIVE,
        APPOINTMENT_EDITABLE,
        APPOINTMENT_OVERLAP,
        APPOINTMENT_FUTURE,
        APPOINTMENT_UPDATE,
    ),
    links=(_BY_ID[0], _BY_ID[2]),
    example={"scheduled_at": "2026-04-16T09:00:00+02:00"},
)
def update_appointment(world: World, call: Call[NoQuery, AppointmentUpdate]) -> AppointmentView:
    """Reschedule an appointment or change its location

    Only while it is pending or confirmed. A new location alone keeps the instant.
    """
    body = call.body
    appointment = find_appointment(world, call.access, call.id)
    location = None
    if body.location_id is not UNSET:
        location = _find_location(world, body.location_id)
        require_context(visible_location(call.access, location))
    require_editable(appointment)
    scheduled_at = appointment.scheduled_at if body.scheduled_at is UNSET else parse_instant(body.scheduled_at)
    place = location or (world.locations[appointment.location_id] if appointment.location_id else None)
    if place is not None and scheduled_at is not None and (location or body.scheduled_at is not UNSET):
        _require_free_slot(world, place, scheduled_at, but=appointment.id)
    if body.scheduled_at is not UNSET and scheduled_at is not None:
        _require_future(world, scheduled_at)
    if location is not None and appointment.location_id is None:
        APPOINTMENT_UPDATE.refuse("A home-kit appointment has no location")

    if location is not None:
        world.appointments.change_location(appointment, location.id)
    if location is not None or body.scheduled_at is not UNSET:
        world.appointments.change_time(appointment, scheduled_at)
        appointment.updated_at = world.now
    else:
        rely_on(UPDATE_EMPTY, world)
    return appointment_view(world, appointment)


@operation(
    "DELETE",
    "/appointments/{id}",
    tag=TAG,
    path_id=AppointmentId,
    permissions=("test_sessions_schedule", "test_sessions_manage"),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT, APPOINTMENT_EDITABLE, APPOINTMENT_CANCEL),
    links=(_BY_ID[0], _BY_ID[2]),
)
def cancel_appointment(world: World, call: Call[NoQuery, NoBody]) -> AppointmentView:
    """Cancel an appointment

    Only while it is pending or confirmed. The cancelled appointment stays readable.
    """
    appointment = find_appointment(world, call.access, call.id)
    move(
        world, appointment, "cancel", APPOINTMENT_CANCEL if appointment.status == "cancelled" else APPOINTMENT_EDITABLE
    )
    return appointment_view(world, appointment)


def find_appointment(world: World, access: Access, id: str) -> Appointment:
    """The appointment that a path names: 404, then 403 where its profile is outside the context."""
    appointment = find(world.appointments, id, PATH_UNKNOWN, "appointment")
    require_context(visible_profile(access, world.profiles[appointment.profile_id]))
    return appointment


def months_later(instant: datetime, months: int) -> datetime:
    """So many calendar months later at the same time of day; the last day of the month where it has no such day."""
    month = instant.month - 1 + months
    year, month = instant.year + month // 12, month % 12 + 1
    return instant.replace(year=year, month=month, day=min(instant.day, calendar.monthrange(year, month)[1]))


_UNDATED = datetime.max.replace(tzinfo=UTC)


def _find_location(world: World, id: str) -> Location:
    location = find(world.locations, id, APPOINTMENT_LOCATION, "location")
    require_active(location)
    return location


def _require_free_slot(world: World, location: Location, start: datetime, *, but: str | None = None) -> None:
    if is_booked(world, location, start, but=but):
        if world.settings.taken_slots == "refuse":
            APPOINTMENT_OVERLAP.refuse("The slot is taken")
        rely_on(APPOINTMENT_OVERLAP, world)


def _require_future(world: World, scheduled_at: datetime) -> None:
    if scheduled_at <= world.now:
        APPOINTMENT_FUTURE.refuse("scheduled_at must be in the future")


OPERATIONS = (
    list_appointments,
    create_appointment,
    get_appointment,
    update_appointment,
    cancel_appointment,
)
