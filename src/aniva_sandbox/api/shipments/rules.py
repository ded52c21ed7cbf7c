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
_NO_PAGE = "not documented"

SHIPMENT_CREATE = Rule(
    id="shipment.create",
    sentence="Creating a shipment requires location_id, pickup_date, pickup_time_from and pickup_time_till; it starts "
    "as pending, without a tracking number or updates.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="format",
    assumption="The names pickup_remarks and weight; omitted remarks default to those of the location.",
)
SHIPMENT_ID = Rule(
    id="shipment.id",
    sentence="A shipment's id is P, the pickup date as YYMMDD and four digits; it does not change when the date does.",
    basis="documented",
    source="examples of the partner documentation",
    statuses=(502,),
    assumption="When all ids of a date are in use, the courier refuses the shipment.",
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
    sentence="The appointment named at creation must exist and be inside the context; it is linked from the start.",
    basis="documented",
    source=_OPERATION,
    statuses=(404, 403),
    assumption="The statuses.",
)
PICKUP_WEEKDAY = Rule(
    id="pickup.weekday",
    sentence="pickup_date must be a day from Monday to Friday.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="domain",
)
PICKUP_PAST = Rule(
    id="pickup.past",
    sentence="pickup_date must not be before today's date at the origin.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="domain",
)
PICKUP_CUTOFF = Rule(
    id="pickup.cutoff",
    sentence="After 16:00 in Berlin, the courier accepts no more orders for today's date there.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="domain",
    assumption="16:00:00 itself is in time; a window that has already passed today is accepted; public holidays are "
    "not known.",
)
PICKUP_RANGE = Rule(
    id="pickup.range",
    sentence="Both pickup times are HH:MM from 09:00 to 19:00, wall clock at the origin.",
    basis="conflict",
    source=f"{_OPERATION}; older pages end at 17:00",
    statuses=(400,),
    kind="format",
    assumption="The later end, which is the newer one.",
)
PICKUP_WIDTH = Rule(
    id="pickup.width",
    sentence="pickup_time_till must be at least 2 hours after pickup_time_from.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="domain",
)
SHIPMENT_UPDATE = Rule(
    id="shipment.update",
    sentence="An update accepts the pickup's date and times, package_count, weight and notes. If a date or time is "
    "sent, the resulting schedule must pass the pickup rules. Every change except notes replaces the courier order, "
    "which then has no tracking number yet.",
    basis="conflict",
    source=f"{_OPERATION}; older pages know only the schedule",
    statuses=(400,),
    kind="format",
    assumption="Count and weight can be changed; the new order starts without updates.",
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
    sentence="Cancelling returns the cancelled shipment; only a pending shipment can be cancelled.",
    basis="documented",
    source=_OPERATION,
    statuses=(409,),
    assumption="A fault cannot be cancelled.",
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
