"""The rules of appointments. Source: the Appointments page and the pages of the operations."""

from aniva_sandbox.engine.contract.rules import Measure, Rule

__all__ = [
    "APPOINTMENT_CANCEL",
    "APPOINTMENT_CREATE",
    "APPOINTMENT_EDITABLE",
    "APPOINTMENT_FUTURE",
    "APPOINTMENT_FUTURE_OUTSIDE_HOURS",
    "APPOINTMENT_HOME_KIT",
    "APPOINTMENT_INITIAL_STATUS",
    "APPOINTMENT_LIST",
    "APPOINTMENT_LIST_ENDS",
    "APPOINTMENT_LIST_MONTHS",
    "APPOINTMENT_LIST_ORDER",
    "APPOINTMENT_LIST_PROFILE",
    "APPOINTMENT_LIST_UNDATED",
    "APPOINTMENT_LOCATION",
    "APPOINTMENT_OVERLAP",
    "APPOINTMENT_PROFILE",
    "APPOINTMENT_RENDERED",
    "APPOINTMENT_RENDERED_HOME",
    "APPOINTMENT_SLOT",
    "APPOINTMENT_UPDATE",
    "APPOINTMENT_UPDATE_HOME",
    "APPOINTMENT_UPDATE_INSTANT",
    "APPOINTMENT_UPDATE_STATUS",
    "APPOINTMENT_ZONE",
    "RULES",
]

_PAGE = "Appointments page"
_CREATE = "partner documentation, page Create Appointment"
_NO_PAGE = "not documented"

APPOINTMENT_CREATE = Rule(
    id="appointment.create",
    sentence="Creating an appointment requires profile_id, location_id and scheduled_at; it starts with the test "
    "method practitioner, without panels and shipments.",
    basis="documented",
    source=_CREATE,
    statuses=(400,),
    kind="format",
)
APPOINTMENT_INITIAL_STATUS = Rule(
    id="appointment.initial-status",
    sentence="An appointment starts as confirmed, unless its location starts appointments as pending.",
    basis="documented",
    source=_CREATE,
)
APPOINTMENT_PROFILE = Rule(
    id="appointment.profile",
    sentence="The profile named in the body must exist.",
    basis="documented",
    source=_CREATE,
    statuses=(404,),
)
APPOINTMENT_LOCATION = Rule(
    id="appointment.location",
    sentence="The location named in the body must exist.",
    basis="documented",
    source=_CREATE,
    statuses=(404,),
)
APPOINTMENT_ZONE = Rule(
    id="appointment.zone",
    sentence="scheduled_at must carry Z or an explicit offset.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="format",
)
APPOINTMENT_FUTURE = Rule(
    id="appointment.future",
    sentence="scheduled_at must be later than now.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="domain",
    measures=(Measure("seconds", step=3600),),
)
APPOINTMENT_FUTURE_OUTSIDE_HOURS = APPOINTMENT_FUTURE.clause(
    "outside-hours", "Appointments outside the location's open hours, and on its blocked dates, are accepted."
)
APPOINTMENT_RENDERED = Rule(
    id="appointment.rendered",
    sentence="scheduled_at is returned with the location's offset at that instant, whatever offset was sent.",
    basis="documented",
    source=_PAGE,
)
APPOINTMENT_RENDERED_HOME = APPOINTMENT_RENDERED.clause("home", "The scheduled_at of a home kit is returned in UTC.")
APPOINTMENT_HOME_KIT = Rule(
    id="appointment.home-kit",
    sentence="Partners cannot create home-kit appointments; worlds and the control plane can.",
    basis="assumed",
    source=_NO_PAGE,
    pervasive="No operation creates home kits.",
)
APPOINTMENT_OVERLAP = Rule(
    id="appointment.overlap",
    sentence="A slot that is already booked can be booked again, unless the world's setting taken_slots is refuse.",
    basis="assumed",
    source=_NO_PAGE,
    statuses=(409,),
)
APPOINTMENT_SLOT = Rule(
    id="appointment.slot",
    sentence="A time that is not a slot of the location, because the location is closed or the time is between two "
    "slots, can be booked, unless the world's setting outside_slots is refuse.",
    basis="assumed",
    source=_NO_PAGE,
    statuses=(400,),
    kind="domain",
)
APPOINTMENT_LIST = Rule(
    id="appointment.list",
    sentence="With profile_id, all appointments of the profile are listed; without it, those from two months ago to "
    "one month ahead.",
    basis="documented",
    source=_PAGE,
)
APPOINTMENT_LIST_MONTHS = APPOINTMENT_LIST.clause(
    "months",
    "The window of a list without profile_id is measured in calendar months in UTC: it begins and ends at the current "
    "time of day, on the same day of the month, or on the last if the month is too short.",
)
APPOINTMENT_LIST_ENDS = APPOINTMENT_LIST.clause(
    "ends", "The window of a list without profile_id includes both of its ends."
)
APPOINTMENT_LIST_UNDATED = APPOINTMENT_LIST.clause(
    "undated", "A list without profile_id includes the appointments without a date."
)
APPOINTMENT_LIST_ORDER = Rule(
    id="appointment.list-order",
    sentence="Appointments are sorted by scheduled_at, then id; those without a date come last.",
    basis="assumed",
    source=_NO_PAGE,
    pervasive="Every list has an order.",
)
APPOINTMENT_LIST_PROFILE = Rule(
    id="appointment.list-profile",
    sentence="A malformed profile_id is refused with 400, one outside the context with 403; an unknown one returns an "
    "empty list.",
    basis="assumed",
    source=_NO_PAGE,
    statuses=(400, 403),
    kind="format",
)
APPOINTMENT_UPDATE = Rule(
    id="appointment.update",
    sentence="An update of an appointment accepts scheduled_at, location_id or both, checked as on creation.",
    basis="documented",
    source=_PAGE,
)
APPOINTMENT_UPDATE_INSTANT = APPOINTMENT_UPDATE.clause(
    "instant", "An appointment that only gets a new location keeps its instant, even if that has passed."
)
APPOINTMENT_UPDATE_STATUS = APPOINTMENT_UPDATE.clause(
    "status",
    "An update keeps the status of an appointment, even if new appointments at its location start with another.",
)
APPOINTMENT_UPDATE_HOME = APPOINTMENT_UPDATE.clause(
    "home", "A home kit cannot be given a location.", statuses=(400,), kind="domain"
)
APPOINTMENT_EDITABLE = Rule(
    id="appointment.editable",
    sentence="An appointment can be updated or cancelled, and its panels and custom snapshot changed, only while it is "
    "pending or confirmed.",
    basis="documented",
    source=_PAGE,
    statuses=(409,),
)
APPOINTMENT_CANCEL = Rule(
    id="appointment.cancel",
    sentence="Cancelling returns the cancelled appointment with its panels and links; a cancelled appointment cannot "
    "be cancelled again.",
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
    APPOINTMENT_FUTURE_OUTSIDE_HOURS,
    APPOINTMENT_RENDERED,
    APPOINTMENT_RENDERED_HOME,
    APPOINTMENT_HOME_KIT,
    APPOINTMENT_OVERLAP,
    APPOINTMENT_SLOT,
    APPOINTMENT_LIST,
    APPOINTMENT_LIST_MONTHS,
    APPOINTMENT_LIST_ENDS,
    APPOINTMENT_LIST_UNDATED,
    APPOINTMENT_LIST_ORDER,
    APPOINTMENT_LIST_PROFILE,
    APPOINTMENT_UPDATE,
    APPOINTMENT_UPDATE_INSTANT,
    APPOINTMENT_UPDATE_STATUS,
    APPOINTMENT_UPDATE_HOME,
    APPOINTMENT_EDITABLE,
    APPOINTMENT_CANCEL,
)
