"""The rules of appointments. Source: the Appointments page and the pages of the operations."""

from aniva_sandbox.engine.contract.rules import Rule

__all__ = [
    "APPOINTMENT_CANCEL",
    "APPOINTMENT_CREATE",
    "APPOINTMENT_EDITABLE",
    "APPOINTMENT_FUTURE",
    "APPOINTMENT_HOME_KIT",
    "APPOINTMENT_INITIAL_STATUS",
    "APPOINTMENT_LIST",
    "APPOINTMENT_LIST_ORDER",
    "APPOINTMENT_LIST_PROFILE",
    "APPOINTMENT_LOCATION",
    "APPOINTMENT_OVERLAP",
    "APPOINTMENT_PROFILE",
    "APPOINTMENT_RENDERED",
    "APPOINTMENT_SLOT",
    "APPOINTMENT_UPDATE",
    "APPOINTMENT_ZONE",
    "RULES",
]

_PAGE = "Appointments page"
_OPERATION = "partner documentation, page of the operation"
_NO_PAGE = "not documented"

APPOINTMENT_CREATE = Rule(
    id="appointment.create",
    sentence="Creating an appointment requires profile_id, location_id and scheduled_at; it starts with the test "
    "method practitioner, without panels and shipments.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="format",
)
APPOINTMENT_INITIAL_STATUS = Rule(
    id="appointment.initial-status",
    sentence="An appointment starts as confirmed, unless its location starts appointments as pending.",
    basis="documented",
    source=_OPERATION,
)
APPOINTMENT_PROFILE = Rule(
    id="appointment.profile",
    sentence="The profile named in the body must exist.",
    basis="documented",
    source=_OPERATION,
    statuses=(404,),
)
APPOINTMENT_LOCATION = Rule(
    id="appointment.location",
    sentence="The location named in the body must exist.",
    basis="documented",
    source=_OPERATION,
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
    sentence="scheduled_at must be later than now; any future time is accepted.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="domain",
    assumption="Times outside the open hours are accepted.",
)
APPOINTMENT_RENDERED = Rule(
    id="appointment.rendered",
    sentence="scheduled_at is returned with the location's offset at that instant, whatever offset was sent.",
    basis="documented",
    source=_PAGE,
    assumption="For a home kit it is returned in UTC.",
)
APPOINTMENT_HOME_KIT = Rule(
    id="appointment.home-kit",
    sentence="Partners cannot create home-kit appointments; worlds and the control plane can.",
    basis="assumed",
    source=_NO_PAGE,
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
    assumption="Months are calendar months in UTC, and end on their last day where it comes sooner; both ends of the "
    "window are inclusive; appointments without a date are included.",
)
APPOINTMENT_LIST_ORDER = Rule(
    id="appointment.list-order",
    sentence="Appointments are sorted by scheduled_at, then id; those without a date come last.",
    basis="assumed",
    source=_NO_PAGE,
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
    sentence="An update accepts scheduled_at, location_id or both, checked as on creation; the status does not change, "
    "and a new location alone keeps the instant.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="domain",
    assumption="{} is accepted; the status, and with a new location alone the instant, stay the same; a home kit "
    "cannot be given a location.",
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
    APPOINTMENT_RENDERED,
    APPOINTMENT_HOME_KIT,
    APPOINTMENT_OVERLAP,
    APPOINTMENT_SLOT,
    APPOINTMENT_LIST,
    APPOINTMENT_LIST_ORDER,
    APPOINTMENT_LIST_PROFILE,
    APPOINTMENT_UPDATE,
    APPOINTMENT_EDITABLE,
    APPOINTMENT_CANCEL,
)
