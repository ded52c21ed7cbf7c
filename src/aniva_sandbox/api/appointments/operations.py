"""Appointments: the scheduled blood draws of profiles, and their state machine. Source: the Appointments page and the
pages of the operations."""

import calendar
from datetime import UTC, datetime, time, timedelta

from msgspec import UNSET

from aniva_sandbox.api.access import (
    find_appointment,
    find_location,
    find_profile_and_location,
    find_profile_or_none,
    visible_appointments,
)
from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.appointments.rules import (
    APPOINTMENT_CANCEL,
    APPOINTMENT_EDITABLE,
    APPOINTMENT_FUTURE,
    APPOINTMENT_HOME_KIT,
    APPOINTMENT_INITIAL_STATUS,
    APPOINTMENT_LIST,
    APPOINTMENT_LIST_ENDS,
    APPOINTMENT_LIST_MONTHS,
    APPOINTMENT_LIST_ORDER,
    APPOINTMENT_LIST_PROFILE,
    APPOINTMENT_LIST_UNDATED,
    APPOINTMENT_LOCATION,
    APPOINTMENT_OVERLAP,
    APPOINTMENT_PROFILE,
    APPOINTMENT_RENDERED,
    APPOINTMENT_SLOT,
    APPOINTMENT_UPDATE,
    APPOINTMENT_UPDATE_HOME,
    APPOINTMENT_UPDATE_INSTANT,
    APPOINTMENT_UPDATE_STATUS,
)
from aniva_sandbox.api.appointments.slots import require_slot
from aniva_sandbox.api.appointments.snapshot_rules import SNAPSHOT_LISTED
from aniva_sandbox.api.appointments.states import move, require_editable
from aniva_sandbox.api.appointments.wire import (
    AppointmentCreate,
    AppointmentId,
    AppointmentQuery,
    AppointmentUpdate,
    AppointmentView,
    appointment_view,
)
from aniva_sandbox.api.locations.records import Location, local_time
from aniva_sandbox.api.locations.rules import LOCATION_ACTIVE
from aniva_sandbox.api.locations.slots import is_booked
from aniva_sandbox.api.rules import AUTH_CONTEXT, PATH_UNKNOWN, UPDATE_EMPTY
from aniva_sandbox.api.wire import EXAMPLE_ZONE
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.ahead import Ahead
from aniva_sandbox.engine.contract.formats import parse_instant
from aniva_sandbox.engine.contract.ground_rules import TIME_INPUT, WORLD_FULL
from aniva_sandbox.engine.contract.operations import Call, Link, NoBody, NoQuery, operation
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.world.state import require_room

__all__ = ["OPERATIONS"]

TAG = "Appointments"

_TO_GET = Link("get_appointment", {"id": "$response.body#/id"})
_TO_CANCEL = Link("cancel_appointment", {"id": "$response.body#/id"})
_TO_CHANGE = (
    Link("update_appointment", {"id": "$response.body#/id"}),
    _TO_CANCEL,
    Link("add_panels", {"id": "$response.body#/id"}, {"panel_ids": ["f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d"]}),
    Link(
        "add_biomarkers",
        {"id": "$response.body#/id"},
        {"panel_id": "00000000-0000-0000-0000-000000000aff", "biomarker_ids": [42, 87]},
    ),
    Link("preview_tubes", {"id": "$response.body#/id"}),
    Link("confirm_blood_draw", {"id": "$response.body#/id"}, {"barcode": "9990175218"}),
)
_UNDATED = datetime.max.replace(tzinfo=UTC)
"""The sort key of an appointment without a date, which comes last."""
_TWO_MONTHS = timedelta(days=58), timedelta(days=63)
"""The shortest and the longest time that two months can be, whatever a month is, and in whatever zone."""
_ONE_MONTH = timedelta(days=27), timedelta(days=32)


@operation(
    "GET",
    "/appointments",
    tag=TAG,
    permissions=("test_sessions_view", "test_sessions_schedule"),
    refuses=(APPOINTMENT_LIST_PROFILE,),
    follows=(APPOINTMENT_LIST, APPOINTMENT_LIST_ORDER),
    links=(
        Link("get_appointment", {"id": "$response.body#/0/id"}),
        Link("get_results", {"id": "$response.body#/0/id"}),
    ),
)
def list_appointments(world: World, call: Call[AppointmentQuery, NoBody]) -> list[AppointmentView]:
    """List appointments

    All appointments of a profile if `profile_id` is given, otherwise those from two months ago to one month ahead.
    Sorted by `scheduled_at`; appointments without a date come last.
    """
    profile_id = call.query.profile_id
    if profile_id is not UNSET:
        profile = find_profile_or_none(world, call, profile_id, outside=APPOINTMENT_LIST_PROFILE)
        if profile is None:
            call.trace.lean_on(APPOINTMENT_LIST_PROFILE)
            return []
        listed = list(world.appointments.of_profile(profile.id))
    else:
        listed = _list_window(world, call)
    listed.sort(key=lambda appointment: (appointment.scheduled_at or _UNDATED, appointment.id))
    return [appointment_view(world, appointment, call) for appointment in listed]


@operation(
    "POST",
    "/appointments",
    tag=TAG,
    status=201,
    permissions=("test_sessions_schedule",),
    assumed_permissions=("test_sessions_manage",),
    refuses=(
        APPOINTMENT_PROFILE,
        APPOINTMENT_LOCATION,
        LOCATION_ACTIVE,
        AUTH_CONTEXT,
        APPOINTMENT_OVERLAP,
        APPOINTMENT_FUTURE,
        APPOINTMENT_SLOT,
        WORLD_FULL,
    ),
    follows=(APPOINTMENT_INITIAL_STATUS, APPOINTMENT_HOME_KIT),
    links=(_TO_GET, *_TO_CHANGE),
    example={
        "profile_id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d",
        "location_id": "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b",
        "scheduled_at": Ahead(2, EXAMPLE_ZONE, time(10, 30)),
    },
)
def create_appointment(world: World, call: Call[NoQuery, AppointmentCreate]) -> AppointmentView:
    """Book an appointment

    Schedules a draw by a practitioner at a test location.
    """
    body = call.body
    profile, location = find_profile_and_location(
        world,
        call,
        profile_id=body.profile_id,
        location_id=body.location_id,
        unknown_profile=APPOINTMENT_PROFILE,
        unknown_location=APPOINTMENT_LOCATION,
    )
    scheduled_at = _read_instant(body.scheduled_at, call.trace)
    _require_free_slot(world, location, scheduled_at, call.trace)
    _require_future(world, scheduled_at, call.trace)
    require_slot(world, location, scheduled_at, body.scheduled_at, call.trace)
    require_room(world)

    appointment = Appointment(
        id=world.ids.next_uuid("appointment"),
        profile_id=profile.id,
        location_id=location.id,
        scheduled_at=scheduled_at,
        status=location.initial_status,
        test_method="practitioner",
        created_at=world.clock.now,
    )
    world.appointments.add(appointment)
    return appointment_view(world, appointment, call)


@operation(
    "GET",
    "/appointments/{id}",
    tag=TAG,
    path_id=AppointmentId,
    permissions=("test_sessions_view", "test_sessions_schedule"),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT),
    follows=(APPOINTMENT_RENDERED, SNAPSHOT_LISTED),
    links=_TO_CHANGE,
)
def get_appointment(world: World, call: Call[NoQuery, NoBody]) -> AppointmentView:
    """Get an appointment"""
    return appointment_view(world, find_appointment(world, call, call.id), call)


@operation(
    "PATCH",
    "/appointments/{id}",
    tag=TAG,
    path_id=AppointmentId,
    assumed_permissions=("test_sessions_schedule", "test_sessions_manage"),
    refuses=(
        PATH_UNKNOWN,
        AUTH_CONTEXT,
        APPOINTMENT_LOCATION,
        LOCATION_ACTIVE,
        APPOINTMENT_EDITABLE,
        APPOINTMENT_OVERLAP,
        APPOINTMENT_FUTURE,
        APPOINTMENT_SLOT,
        APPOINTMENT_UPDATE_HOME,
    ),
    follows=(UPDATE_EMPTY, APPOINTMENT_UPDATE),
    links=(_TO_GET, _TO_CANCEL),
    example={"scheduled_at": Ahead(3, EXAMPLE_ZONE, time(9))},
)
def update_appointment(world: World, call: Call[NoQuery, AppointmentUpdate]) -> AppointmentView:
    """Reschedule an appointment or change its location

    Only while it is pending or confirmed. If only the location changes, the instant stays the same.
    """
    body = call.body
    appointment = find_appointment(world, call, call.id)
    location = None
    if body.location_id is not UNSET:
        location = find_location(world, call, body.location_id, unknown=APPOINTMENT_LOCATION)
    require_editable(appointment, call.trace)
    scheduled_at = (
        appointment.scheduled_at if body.scheduled_at is UNSET else _read_instant(body.scheduled_at, call.trace)
    )
    place = location or (world.locations[appointment.location_id] if appointment.location_id else None)
    if place is not None and scheduled_at is not None and (location or body.scheduled_at is not UNSET):
        _require_free_slot(world, place, scheduled_at, call.trace, except_id=appointment.id)
    if body.scheduled_at is not UNSET and scheduled_at is not None:
        _require_future(world, scheduled_at, call.trace)
    if place is not None and scheduled_at is not None and (location or body.scheduled_at is not UNSET):
        require_slot(world, place, scheduled_at, body.scheduled_at, call.trace)
    if location is not None and call.trace.weigh(APPOINTMENT_UPDATE_HOME) and appointment.location_id is None:
        APPOINTMENT_UPDATE_HOME.refuse("A home-kit appointment has no location")

    if location is not None:
        if body.scheduled_at is UNSET:
            _note_instant(world, appointment, location, call.trace)
        world.appointments.change_location(appointment, location.id)
    if location is not None or body.scheduled_at is not UNSET:
        if place is not None and appointment.status != place.initial_status:
            call.trace.lean_on(APPOINTMENT_UPDATE_STATUS)
        world.appointments.change_time(appointment, scheduled_at)
        appointment.updated_at = world.now
    else:
        call.trace.lean_on(UPDATE_EMPTY)
    return appointment_view(world, appointment, call)


@operation(
    "DELETE",
    "/appointments/{id}",
    tag=TAG,
    path_id=AppointmentId,
    assumed_permissions=("test_sessions_schedule", "test_sessions_manage"),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT, APPOINTMENT_EDITABLE, APPOINTMENT_CANCEL),
    links=(_TO_GET, _TO_CANCEL),
)
def cancel_appointment(world: World, call: Call[NoQuery, NoBody]) -> AppointmentView:
    """Cancel an appointment

    Only while it is pending or confirmed. The cancelled appointment stays readable.
    """
    appointment = find_appointment(world, call, call.id)
    refusal = APPOINTMENT_CANCEL
    if appointment.status != "cancelled":
        call.trace.weigh(APPOINTMENT_CANCEL)
        refusal = APPOINTMENT_EDITABLE
    move(world, appointment, "cancel", refusal, call.trace)
    return appointment_view(world, appointment, call)


def months_later(instant: datetime, months: int) -> datetime:
    """The instant a number of calendar months later, at the same time of day, on the last day of the month if that is
    shorter."""
    month = instant.month - 1 + months
    year, month = instant.year + month // 12, month % 12 + 1
    return instant.replace(year=year, month=month, day=min(instant.day, calendar.monthrange(year, month)[1]))


def _list_window(world: World, call: Call[AppointmentQuery, NoBody]) -> list[Appointment]:
    """The visible appointments from two months ago to one month ahead, and those without a date."""
    now = world.now
    first, last = months_later(now, -2), months_later(now, 1)
    # Outside of the widest and inside of the narrowest window that months can mean, nothing is disputed.
    oldest, old = (now - span for span in reversed(_TWO_MONTHS))
    new, newest = (now + span for span in _ONE_MONTH)
    listed = []
    for appointment in visible_appointments(world, call.access, world.appointments.between(oldest, newest)):
        at = appointment.scheduled_at
        if at is None:
            call.trace.lean_on(APPOINTMENT_LIST_UNDATED)
        elif not old < at < new:
            call.trace.lean_on(APPOINTMENT_LIST_MONTHS)
            if at in (first, last):
                call.trace.lean_on(APPOINTMENT_LIST_ENDS)
        if at is None or first <= at <= last:
            listed.append(appointment)
    return listed


def _read_instant(text: str, trace: Trace) -> datetime:
    if "." in text or not text.isupper():  # a fraction is cut; lower-case letters may be refused elsewhere
        trace.lean_on(TIME_INPUT)
    return parse_instant(text)


def _require_free_slot(
    world: World, location: Location, start: datetime, trace: Trace, except_id: str | None = None
) -> None:
    refuses = world.settings.taken_slots == "refuse" and trace.weigh(APPOINTMENT_OVERLAP)
    if is_booked(world, location, start, except_id):
        if refuses:
            APPOINTMENT_OVERLAP.refuse("The slot is already booked")
        trace.lean_on(APPOINTMENT_OVERLAP)


def _note_instant(world: World, appointment: Appointment, place: Location, trace: Trace) -> None:
    """Whether an appointment that moves to another place keeps the instant or the wall clock is not documented, nor
    whether a time that has passed is checked."""
    at = appointment.scheduled_at
    if at is None or appointment.location_id in (None, place.id):
        return
    before = world.locations[appointment.location_id]
    if at <= world.now or local_time(before, at).utcoffset() != local_time(place, at).utcoffset():
        trace.lean_on(APPOINTMENT_UPDATE_INSTANT)


def _require_future(world: World, scheduled_at: datetime, trace: Trace) -> None:
    ahead = (scheduled_at - world.clock.now).total_seconds()
    if trace.weigh(APPOINTMENT_FUTURE, ahead) and ahead <= 0:
        APPOINTMENT_FUTURE.refuse("scheduled_at must be in the future")


OPERATIONS = (
    list_appointments,
    create_appointment,
    get_appointment,
    update_appointment,
    cancel_appointment,
)
