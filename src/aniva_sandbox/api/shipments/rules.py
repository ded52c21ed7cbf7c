"""The rules of shipments. Source: the partner documentation's pages of the operations."""

from aniva_sandbox.engine.contract.rules import Rule

__all__ = [
    "PICKUP_CUTOFF",
    "PICKUP_PAST",
    "PICKUP_RANGE",
    "PICKUP_WEEKDAY",
    "PICKUP_WIDTH",
    "RULES",
    "SHIPMENT_APPOINTMENT",
    "SHIPMENT_CANCEL",
    "SHIPMENT_CREATE",
    "SHIPMENT_ID",
    "SHIPMENT_LOCATION",
    "SHIPMENT_ORDER",
    "SHIPMENT_UPDATE",
    "SHIPMENT_UPDATE_STATE",
]

_OPERATION = "partner documentation, page of the operation"
_NO_PAGE = "no page says"

SHIPMENT_CREATE = Rule(
    id="shipment.create",
    sentence="Creating a shipment needs location_id, pickup_date, pickup_time_from and pickup_time_till; it begins "
    "pending, without tracking number and updates.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="format",
    assumption="The names pickup_remarks and weight; remarks that are left out are those of the location.",
)
SHIPMENT_ID = Rule(
    id="shipment.id",
    sentence="A shipment's id is P, the pickup date as YYMMDD and four digits; it stays when the date changes.",
    basis="documented",
    source="examples of the partner documentation",
    statuses=(502,),
    assumption="That the courier refuses a date of which all ids are taken.",
)
SHIPMENT_LOCATION = Rule(
    id="shipment.location",
    sentence="The location that a shipment starts from must exist and be active.",
    basis="documented",
    source=_OPERATION,
    statuses=(404,),
)
SHIPMENT_APPOINTMENT = Rule(
    id="shipment.appointment",
    sentence="The appointment named at creation must exist, inside the context; it is linked from the start.",
    basis="documented",
    source=_OPERATION,
    statuses=(404, 403),
    assumption="The statuses.",
)
PICKUP_WEEKDAY = Rule(
    id="pickup.weekday",
    sentence="The courier comes from Monday to Friday.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="domain",
)
PICKUP_PAST = Rule(
    id="pickup.past",
    sentence="pickup_date is not before today's date at the origin.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="domain",
)
PICKUP_CUTOFF = Rule(
    id="pickup.cutoff",
    sentence="After 16:00 in Berlin, the courier takes no more orders for the day that it is there.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="domain",
    assumption="That 16:00:00 itself is in time, that a window of today may be over already, and that holidays count "
    "as other days.",
)
PICKUP_RANGE = Rule(
    id="pickup.range",
    sentence="Both times of the pickup are HH:MM from 09:00 to 19:00, wall clock at the origin.",
    basis="conflict",
    source=f"{_OPERATION}; older ones end at 17:00",
    statuses=(400,),
    kind="format",
    assumption="The later end, which is the newer.",
)
PICKUP_WIDTH = Rule(
    id="pickup.width",
    sentence="From pickup_time_from to pickup_time_till it is at least 2 hours.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="domain",
)
SHIPMENT_UPDATE = Rule(
    id="shipment.update",
    sentence="An update takes the pickup's date and times, package_count, weight and notes. Where a date or time is "
    "sent, the schedule that results must pass the pickup rules. All but notes replace the order at the courier, which "
    "then has no tracking number yet.",
    basis="conflict",
    source=f"{_OPERATION}; older ones know the schedule only",
    statuses=(400,),
    kind="format",
    assumption="That count and weight can be changed, and that the new order begins without updates.",
)
SHIPMENT_UPDATE_STATE = Rule(
    id="shipment.update-state",
    sentence="A shipment can be updated only while it is pending.",
    basis="documented",
    source=_OPERATION,
    statuses=(409,),
)
SHIPMENT_CANCEL = Rule(
    id="shipment.cancel",
    sentence="Cancelling answers the cancelled shipment; only what is pending can be cancelled.",
    basis="documented",
    source=_OPERATION,
    statuses=(409,),
    assumption="That a fault cannot be cancelled.",
)
SHIPMENT_ORDER = Rule(
    id="shipment.order",
    sentence="Shipments are listed newest first.",
    basis="assumed",
    source=_NO_PAGE,
)

RULES = (
    SHIPMENT_CREATE,
    SHIPMENT_ID,
    SHIPMENT_LOCATION,
    SHIPMENT_APPOINTMENT,
    PICKUP_WEEKDAY,
    PICKUP_PAST,
    PICKUP_CUTOFF,
    PICKUP_RANGE,
    PICKUP_WIDTH,
    SHIPMENT_UPDATE,
    SHIPMENT_UPDATE_STATE,
    SHIPMENT_CANCEL,
    SHIPMENT_ORDER,
)
