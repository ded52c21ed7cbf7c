"""The rules of locations and their free slots. Source: the partner documentation's pages List Locations and Get
Availability."""

from aniva_sandbox.engine.contract.rules import Measure, Rule

__all__ = [
    "AHEAD",
    "AVAILABILITY_BOUNDS",
    "AVAILABILITY_BOUNDS_CAPPED",
    "AVAILABILITY_CACHE",
    "AVAILABILITY_SLOTS",
    "AVAILABILITY_SLOTS_EMPTY_DAYS",
    "AVAILABILITY_SLOTS_NO_HOURS",
    "AVAILABILITY_SLOTS_OVERLAP",
    "AVAILABILITY_TIMEZONE",
    "AVAILABILITY_TIMEZONE_INSTANTS",
    "AVAILABILITY_WINDOW",
    "AVAILABILITY_WINDOW_ORDER",
    "LOCATION_ACTIVE",
    "RULES",
    "SPAN",
]

_PAGE = "partner documentation, page Get Availability"

SPAN = Measure("days", "span")
AHEAD = Measure("days", "ahead")
LOCATION_ACTIVE = Rule(
    id="location.active",
    sentence="An inactive location is not listed, and is refused wherever it is named, as if it did not exist.",
    basis="assumed",
    source=f"{_PAGE}: a location must be active; the status of the refusal is not given",
    statuses=(404,),
)
AVAILABILITY_WINDOW = Rule(
    id="availability.window",
    sentence="Without dates, the window is today and the 30 days after it; a start alone extends it 30 days ahead, an "
    "end alone 30 days back. Past dates are replaced by today.",
    basis="documented",
    source=_PAGE,
)
AVAILABILITY_WINDOW_ORDER = AVAILABILITY_WINDOW.clause(
    "order",
    "For the window of free slots, missing dates are filled in first, then the bounds are checked, then past dates are "
    "replaced by today.",
)
AVAILABILITY_BOUNDS = Rule(
    id="availability.bounds",
    sentence="end_date must be on or after start_date, and neither may be more than 90 days from today.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="domain",
    measures=(SPAN, AHEAD),
)
AVAILABILITY_BOUNDS_CAPPED = AVAILABILITY_BOUNDS.clause(
    "capped", "An end_date that is filled in is at most 90 days from today."
)
AVAILABILITY_TIMEZONE = Rule(
    id="availability.timezone",
    sentence="timezone is an IANA zone in which dates are read and slots are shown.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="domain",
)
AVAILABILITY_TIMEZONE_INSTANTS = AVAILABILITY_TIMEZONE.clause(
    "instants",
    "The parameter timezone changes how slots are written, not their instants.",
    basis="conflict",
    source=f"{_PAGE}: one sentence can also mean that the wall clock does not change",
)
AVAILABILITY_SLOTS = Rule(
    id="availability.slots",
    sentence="Slots start at every interval within the open hours, end by closing time and are in the future; blocked "
    "dates and slots that overlap a booking are left out.",
    basis="documented",
    source=_PAGE,
)
AVAILABILITY_SLOTS_OVERLAP = AVAILABILITY_SLOTS.clause(
    "overlap", "A booking occupies one slot length from its start, even if no slot starts there."
)
AVAILABILITY_SLOTS_NO_HOURS = AVAILABILITY_SLOTS.clause(
    "no-hours", "A location whose open hours are null has no slots."
)
AVAILABILITY_SLOTS_EMPTY_DAYS = AVAILABILITY_SLOTS.clause(
    "empty-days", "Availability leaves out days without free slots."
)
AVAILABILITY_CACHE = Rule(
    id="availability.cache",
    sentence="The response may be cached privately for 30 seconds, and used stale for 60 more.",
    basis="documented",
    source=_PAGE,
)

RULES = (
    LOCATION_ACTIVE,
    AVAILABILITY_WINDOW,
    AVAILABILITY_WINDOW_ORDER,
    AVAILABILITY_BOUNDS,
    AVAILABILITY_BOUNDS_CAPPED,
    AVAILABILITY_TIMEZONE,
    AVAILABILITY_TIMEZONE_INSTANTS,
    AVAILABILITY_SLOTS,
    AVAILABILITY_SLOTS_OVERLAP,
    AVAILABILITY_SLOTS_NO_HOURS,
    AVAILABILITY_SLOTS_EMPTY_DAYS,
    AVAILABILITY_CACHE,
)
