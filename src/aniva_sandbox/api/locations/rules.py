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
    source=f"{_DOCUMENTATION}: a location must be active; which status refuses is not said",
    statuses=(404,),
)
AVAILABILITY_WINDOW = Rule(
    id="availability.window",
    sentence="A window that is not given is today and the 30 days after it; a start alone reaches 30 days on, an end "
    "alone 30 days back. What is left of it after its bounds are judged begins today.",
    basis="documented",
    source=_OPERATION,
    assumption="The order of these steps.",
)
AVAILABILITY_BOUNDS = Rule(
    id="availability.bounds",
    sentence="end_date is not before start_date, and neither is more than 90 days from today.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="domain",
    assumption="An end that is filled in by default is capped instead of refused.",
)
AVAILABILITY_TIMEZONE = Rule(
    id="availability.timezone",
    sentence="timezone is an IANA zone in which the dates are read and the slots shown; the instants stay the same.",
    basis="conflict",
    source=f"{_OPERATION}: one sentence may also mean that the wall clock stays",
    statuses=(400,),
    kind="domain",
    assumption="That the instants do not change.",
)
AVAILABILITY_SLOTS = Rule(
    id="availability.slots",
    sentence="Slots start at every interval of the open hours, end by closing time and lie in the future; blocked "
    "dates and slots that overlap a booking are left out.",
    basis="documented",
    source=_OPERATION,
    assumption="A booking takes one slot length; no hours means no slots; days without slots are left out.",
)
AVAILABILITY_CACHE = Rule(
    id="availability.cache",
    sentence="The answer may be cached privately for 30 seconds and used stale for 60 more.",
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
