"""The rules of links. Source: the Appointments page and the partner documentation's pages of the operations."""

from aniva_sandbox.engine.contract.rules import Measure, Rule

__all__ = [
    "LINK_ANSWER",
    "LINK_ATTACH",
    "LINK_ATTACH_ORDER",
    "LINK_BOUNDARY",
    "LINK_CANCELLED",
    "LINK_CONTEXT",
    "LINK_DETACH",
    "LINK_DETACH_ORDER",
    "LINK_UNKNOWN",
    "LINK_WINDOW",
    "LINK_WINDOW_IDS",
    "LINK_WINDOW_IDS_MOST",
    "LINK_WINDOW_IDS_NAMES",
    "RULES",
]

_PAGE = "Appointments page"
_ATTACH = "partner documentation, pages Attach Shipments to Appointment and Attach Appointments to Shipment"
_DETACH = "partner documentation, pages Detach Shipments from Appointment and Detach Appointments from Shipment"
_CHANGES = (
    "partner documentation, pages Attach Shipments to Appointment, Detach Shipments from Appointment, "
    "Attach Appointments to Shipment and Detach Appointments from Shipment"
)
_NO_PAGE = "not documented"

LINK_ANSWER = Rule(
    id="link.answer",
    sentence="A change of links returns the resource in the path, with its links after the change; `serve "
    "--link-answer list` returns the resources of the other side instead.",
    basis="conflict",
    source=f"{_PAGE}; {_CHANGES} show a list of the other side's resources",
)
LINK_WINDOW = Rule(
    id="link.window",
    sentence="A link can be added or removed while its appointment is blood_drawn, or less than 24 hours after its "
    "shipment was created; a single locked pair refuses the whole request.",
    basis="documented",
    source=_PAGE,
    statuses=(409,),
    measures=(Measure("seconds", step=3600),),
)
LINK_WINDOW_IDS = Rule(
    id="link.window-ids",
    sentence="The refusal of locked links lists the ids of their other side.",
    basis="documented",
    source=_CHANGES,
)
LINK_WINDOW_IDS_NAMES = LINK_WINDOW_IDS.clause(
    "names", "Locked ids are listed in shipment_ids or appointment_ids, the names of the request's fields."
)
LINK_WINDOW_IDS_MOST = LINK_WINDOW_IDS.clause("most", "At most 5,000 locked ids are listed.")
LINK_BOUNDARY = Rule(
    id="link.boundary",
    sentence="When the shipment is exactly 24 hours old, the window is closed.",
    basis="documented",
    source=_PAGE,
)
LINK_ATTACH = Rule(
    id="link.attach",
    sentence="Ids to add that are already linked are skipped, and keep their added_at.",
    basis="documented",
    source=_ATTACH,
)
LINK_ATTACH_ORDER = LINK_ATTACH.clause(
    "order", "Ids to add that are already linked are skipped before the window is checked."
)
LINK_DETACH = Rule(
    id="link.detach",
    sentence="Ids to remove that are not linked are ignored.",
    basis="documented",
    source=_DETACH,
)
LINK_DETACH_ORDER = LINK_DETACH.clause(
    "order", "Ids to remove that are not linked are ignored before the window is checked."
)
LINK_UNKNOWN = Rule(
    id="link.unknown",
    sentence="Every id in the body must exist.",
    basis="documented",
    source=_CHANGES,
    statuses=(404,),
)
LINK_CONTEXT = Rule(
    id="link.context",
    sentence="Every id in the body must be inside the key's access context.",
    basis="documented",
    source=_CHANGES,
    statuses=(403,),
)
LINK_CANCELLED = Rule(
    id="link.cancelled",
    sentence="A link survives the cancellation of either side, and a cancelled side can still be linked inside the "
    "window.",
    basis="assumed",
    source=_NO_PAGE,
)

RULES = (
    LINK_ANSWER,
    LINK_WINDOW,
    LINK_WINDOW_IDS,
    LINK_WINDOW_IDS_NAMES,
    LINK_WINDOW_IDS_MOST,
    LINK_BOUNDARY,
    LINK_ATTACH,
    LINK_ATTACH_ORDER,
    LINK_DETACH,
    LINK_DETACH_ORDER,
    LINK_UNKNOWN,
    LINK_CONTEXT,
    LINK_CANCELLED,
)
