"""The rules of locations and their free slots. Source: the partner documentation's pages of the two operations."""

from aniva_sandbox.engine.contract.rules import Rule

__all__ = [
    "AVAILABILITY_BOUNDS",
    "AVAILABILITY_CACHE",
    "AVAILABILITY_SLOTS",
    "AVAILABILITY_TIMEZONE",
    "AVAILABILITY_WINDOW",
    "LOCATION_ACTIVE",
    "RULES",
]

_DOCUMENTATION = "partner documentation"
_OPERATION = "partner documentation, page of the operation"

LOCATION_ACTIVE = Rule(
    id="location.active",
    sentence="An inactive location is not listed, and is refused wherever it is named, as if it did not exist.",
    basis="assumed",
    source=f"{_DOCUMENTATION}: a location must be active; the status of the refusal is not given",
    statuses=(404,),
)
AVAILABILITY_WINDOW = Rule(
    id="availability.window",
    sentence="Without dates, the window is today and the 30 days after it; a start alone extends it 30 days ahead, an "
    "end alone 30 days back. Once its bounds are checked, past dates are replaced by today.",
    basis="documented",
    source=_OPERATION,
    assumption="The order of these steps.",
)
AVAILABILITY_BOUNDS = Rule(
    id="availability.bounds",
    sentence="end_date must be on or after start_date, and neither may be more than 90 days from today.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="domain",
    assumption="An end_date that is filled in by default is capped instead of refused.",
)
AVAILABILITY_TIMEZONE = Rule(
    id="availability.timezone",
    sentence="timezone is an IANA zone in which dates are read and slots are shown; the instants do not change.",
    basis="conflict",
    source=f"{_OPERATION}: one sentence can also mean that the wall clock does not change",
    statuses=(400,),
    kind="domain",
    assumption="The instants do not change.",
)
AVAILABILITY_SLOTS = Rule(
    id="availability.slots",
    sentence="Slots start at every interval within the open hours, end by closing time and are in the future; blocked "
    "dates and slots that overlap a booking are left out.",
    basis="documented",
    source=_OPERATION,
    assumption="A booking occupies one slot length; without open hours there are no slots; days without slots are left "
    "out.",
)
AVAILABILITY_CACHE = Rule(
    id="availability.cache",
    sentence="The response may be cached privately for 30 seconds, and used stale for 60 more.",
    basis="documented",
    source=_OPERATION,
)

RULES = (
    LOCATION_ACTIVE,
    AVAILABILITY_WINDOW,
    AVAILABILITY_BOUNDS,
    AVAILABILITY_TIMEZONE,
    AVAILABILITY_SLOTS,
    AVAILABILITY_CACHE,
)
