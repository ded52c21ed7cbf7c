"""The rules of shipments. Source: the partner documentation's pages of the operations."""

from aniva_sandbox.engine.contract.rules import Measure, Rule

__all__ = [
    "PICKUP_CUTOFF",
    "PICKUP_CUTOFF_BEGUN",
    "PICKUP_CUTOFF_EXACTLY",
    "PICKUP_CUTOFF_TODAY",
    "PICKUP_PAST",
    "PICKUP_RANGE",
    "PICKUP_WEEKDAY",
    "PICKUP_WEEKDAY_HOLIDAYS",
    "PICKUP_WIDTH",
    "RULES",
    "SHIPMENT_APPOINTMENT",
    "SHIPMENT_APPOINTMENT_STATUS",
    "SHIPMENT_CANCEL",
    "SHIPMENT_CANCEL_FAULT",
    "SHIPMENT_CREATE",
    "SHIPMENT_CREATE_NAMES",
    "SHIPMENT_CREATE_REMARKS",
    "SHIPMENT_ID",
    "SHIPMENT_ID_EXHAUSTED",
    "SHIPMENT_LOCATION",
    "SHIPMENT_ORDER",
    "SHIPMENT_STATES",
    "SHIPMENT_STATES_LOST",
    "SHIPMENT_UPDATE",
    "SHIPMENT_UPDATE_BOXES",
    "SHIPMENT_UPDATE_STATE",
    "SHIPMENT_UPDATE_TRACKING",
]

_CREATE = "partner documentation, page Create Shipment"
_GET = "partner documentation, page Get Shipment"
_UPDATE = "partner documentation, page Update Shipment"
_CANCEL = "partner documentation, page Cancel Shipment"
_NO_PAGE = "not documented"

SHIPMENT_CREATE = Rule(
    id="shipment.create",
    sentence="Creating a shipment requires location_id, pickup_date, pickup_time_from and pickup_time_till; it starts "
    "as pending, without a tracking number or updates.",
    basis="documented",
    source=_CREATE,
    statuses=(400,),
    kind="format",
)
SHIPMENT_CREATE_NAMES = SHIPMENT_CREATE.clause(
    "names", "The fields of the driver's remarks and of the weight are called pickup_remarks and weight."
)
SHIPMENT_CREATE_REMARKS = SHIPMENT_CREATE.clause(
    "remarks", "If pickup_remarks is omitted, those of the location apply.", pervasive="No response shows the remarks."
)
SHIPMENT_ID = Rule(
    id="shipment.id",
    sentence="A shipment's id is P, the pickup date as YYMMDD and four digits; it does not change when the date does.",
    basis="documented",
    source="examples of the partner documentation",
)
SHIPMENT_ID_EXHAUSTED = SHIPMENT_ID.clause(
    "exhausted", "When all ids of a date are in use, the courier refuses the shipment.", statuses=(502,)
)
SHIPMENT_STATES = Rule(
    id="shipment.states",
    sentence="A shipment is pending until the courier picks it up, then in_transit until it is delivered, or fault if "
    "it is lost in transit.",
    basis="documented",
    source=_GET,
)
SHIPMENT_STATES_LOST = SHIPMENT_STATES.clause(
    "lost", "A pending shipment can become fault, too, if it is lost before it is picked up."
)
SHIPMENT_LOCATION = Rule(
    id="shipment.location",
    sentence="The location that a shipment starts from must exist and be active.",
    basis="documented",
    source=_CREATE,
    statuses=(404,),
)
SHIPMENT_APPOINTMENT = Rule(
    id="shipment.appointment",
    sentence="The appointment named at creation must exist and be inside the context; it is linked from the start.",
    basis="documented",
    source=_CREATE,
)
SHIPMENT_APPOINTMENT_STATUS = SHIPMENT_APPOINTMENT.clause(
    "status",
    "A new shipment for an appointment that does not exist is refused with 404, for one outside the context with 403.",
    statuses=(404, 403),
)
PICKUP_WEEKDAY = Rule(
    id="pickup.weekday",
    sentence="pickup_date must be a day from Monday to Friday.",
    basis="documented",
    source=_CREATE,
    statuses=(400,),
    kind="domain",
)
PICKUP_WEEKDAY_HOLIDAYS = PICKUP_WEEKDAY.clause(
    "holidays",
    "Public holidays are accepted like all other weekdays.",
    pervasive="Which days are public holidays is not known.",
)
PICKUP_PAST = Rule(
    id="pickup.past",
    sentence="pickup_date must not be before today's date at the origin.",
    basis="documented",
    source=_CREATE,
    statuses=(400,),
    kind="domain",
    measures=(Measure("days"),),
)
PICKUP_CUTOFF = Rule(
    id="pickup.cutoff",
    sentence="After 16:00 in Berlin, the courier accepts no more orders for today.",
    basis="documented",
    source=_CREATE,
    statuses=(400,),
    kind="domain",
    measures=(Measure("seconds", step=3600),),
)
PICKUP_CUTOFF_EXACTLY = PICKUP_CUTOFF.clause("exactly", "At 16:00:00 itself, orders for today are still accepted.")
PICKUP_CUTOFF_TODAY = PICKUP_CUTOFF.clause(
    "today", "The cut-off applies to the date in Berlin, whatever the date at the origin."
)
PICKUP_CUTOFF_BEGUN = PICKUP_CUTOFF.clause(
    "begun", "Before the cut-off, a pickup window of today that has begun, or has passed, is accepted."
)
PICKUP_RANGE = Rule(
    id="pickup.range",
    sentence="Both pickup times are HH:MM from 09:00 to 19:00, wall clock at the origin.",
    basis="conflict",
    source=f"{_CREATE}; older pages end at 17:00",
    statuses=(400,),
    kind="format",
)
PICKUP_WIDTH = Rule(
    id="pickup.width",
    sentence="pickup_time_till must be at least 2 hours after pickup_time_from.",
    basis="documented",
    source=_CREATE,
    statuses=(400,),
    kind="domain",
    measures=(Measure("minutes", step=60),),
)
SHIPMENT_UPDATE = Rule(
    id="shipment.update",
    sentence="An update of a shipment accepts the pickup's date and times, and notes. If a date or time is sent, the "
    "resulting schedule must pass the pickup rules. Every change except notes replaces the courier order.",
    basis="documented",
    source=_UPDATE,
    statuses=(400,),
    kind="format",
)
SHIPMENT_UPDATE_BOXES = SHIPMENT_UPDATE.clause(
    "boxes",
    "An update of a shipment also accepts package_count and weight.",
    basis="conflict",
    source=f"{_UPDATE}; older pages know only the schedule",
    statuses=(400,),
    kind="format",
)
SHIPMENT_UPDATE_TRACKING = SHIPMENT_UPDATE.clause(
    "tracking", "The courier order that replaces one starts without a tracking number and without updates."
)
SHIPMENT_UPDATE_STATE = Rule(
    id="shipment.update-state",
    sentence="A shipment can be updated only while it is pending.",
    basis="documented",
    source=_UPDATE,
    statuses=(409,),
)
SHIPMENT_CANCEL = Rule(
    id="shipment.cancel",
    sentence="Cancelling returns the cancelled shipment; only a pending shipment can be cancelled.",
    basis="documented",
    source=_CANCEL,
    statuses=(409,),
)
SHIPMENT_CANCEL_FAULT = SHIPMENT_CANCEL.clause(
    "fault", "A shipment whose status is fault cannot be cancelled.", statuses=(409,)
)
SHIPMENT_ORDER = Rule(
    id="shipment.order",
    sentence="Shipments are listed newest first.",
    basis="assumed",
    source=_NO_PAGE,
    pervasive="Every list has an order.",
)

RULES = (
    SHIPMENT_CREATE,
    SHIPMENT_CREATE_NAMES,
    SHIPMENT_CREATE_REMARKS,
    SHIPMENT_ID,
    SHIPMENT_ID_EXHAUSTED,
    SHIPMENT_STATES,
    SHIPMENT_STATES_LOST,
    SHIPMENT_LOCATION,
    SHIPMENT_APPOINTMENT,
    SHIPMENT_APPOINTMENT_STATUS,
    PICKUP_WEEKDAY,
    PICKUP_WEEKDAY_HOLIDAYS,
    PICKUP_PAST,
    PICKUP_CUTOFF,
    PICKUP_CUTOFF_EXACTLY,
    PICKUP_CUTOFF_TODAY,
    PICKUP_CUTOFF_BEGUN,
    PICKUP_RANGE,
    PICKUP_WIDTH,
    SHIPMENT_UPDATE,
    SHIPMENT_UPDATE_BOXES,
    SHIPMENT_UPDATE_TRACKING,
    SHIPMENT_UPDATE_STATE,
    SHIPMENT_CANCEL,
    SHIPMENT_CANCEL_FAULT,
    SHIPMENT_ORDER,
)
