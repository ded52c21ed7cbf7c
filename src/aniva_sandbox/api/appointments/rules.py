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
    "APPOINTMENT_UPDATE",
    "APPOINTMENT_ZONE",
    "RULES",
]

_PAGE = "Appointments page"
_OPERATION = "partner documentation, page of the operation"
_NO_PAGE = "no page says"

APPOINTMENT_CREATE = Rule(
    id="appointment.create",
    sentence="Creating an appointment needs profile_id, location_id and scheduled_at; it begins with the method "
    "practitioner, without panels and shipments.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="format",
)
APPOINTMENT_INITIAL_STATUS = Rule(
    id="appointment.initial-status",
    sentence="An appointment begins confirmed, unless its location lets them begin pending.",
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
