"""The rules of links. Source: the Appointments page and the partner documentation's pages of the operations."""

from aniva_sandbox.engine.contract.rules import Rule

__all__ = [
    "LINK_ANSWER",
    "LINK_ATTACH",
    "LINK_BOUNDARY",
    "LINK_CANCELLED",
    "LINK_CONTEXT",
    "LINK_DETACH",
    "LINK_UNKNOWN",
    "LINK_WINDOW",
    "LINK_WINDOW_IDS",
    "RULES",
]

_PAGE = "Appointments page"
_OPERATIONS = "partner documentation, pages of the operations"
_NO_PAGE = "no page says"

LINK_ANSWER = Rule(
    id="link.answer",
    sentence="A change of links answers with the resource in the path, its links as they then are.",
    basis="conflict",
    source=f"{_PAGE}; the operations' own pages show the other side's resources, as a list",
    assumption="The parent resource; `serve --link-answer list` answers with the list.",
)
LINK_WINDOW = Rule(
    id="link.window",
    sentence="A link can be made or removed while its appointment is blood_drawn, or in the first 24 hours of its "
    "shipment; a single locked pair refuses the whole call.",
    basis="documented",
    source=_PAGE,
    statuses=(409,),
)
LINK_WINDOW_IDS = Rule(
    id="link.window-ids",
    sentence="The refusal of locked links lists them by the other side's ids, in shipment_ids or appointment_ids.",
    basis="documented",
    source=_OPERATIONS,
    assumption="The names of the two fields; of more than 5,000 ids the first are listed.",
)
LINK_BOUNDARY = Rule(
    id="link.boundary",
    sentence="A shipment that is exactly 24 hours old no longer opens the window.",
    basis="documented",
    source=_PAGE,
)
LINK_ATTACH = Rule(
    id="link.attach",
    sentence="What is linked already is left out of the attaching, and keeps its added_at.",
    basis="documented",
    source=_OPERATIONS,
    assumption="That it is left out before the window is judged.",
)
LINK_DETACH = Rule(
    id="link.detach",
    sentence="What is not linked is left out of the detaching.",
    basis="documented",
    source=_OPERATIONS,
    assumption="That it is left out before the window is judged.",
)
LINK_UNKNOWN = Rule(
    id="link.unknown",
    sentence="Everything named in the body must exist.",
    basis="documented",
    source=_OPERATIONS,
    statuses=(404,),
)
LINK_CONTEXT = Rule(
    id="link.context",
    sentence="Everything named in the body must lie inside the context.",
    basis="documented",
    source=_OPERATIONS,
    statuses=(403,),
)
LINK_CANCELLED = Rule(
    id="link.cancelled",
    sentence="A link outlives the cancellation of either side, and what is cancelled can be linked inside the window.",
    basis="assumed",
    source=_NO_PAGE,
)

RULES = (
    LINK_ANSWER,
    LINK_WINDOW,
    LINK_WINDOW_IDS,
    LINK_BOUNDARY,
    LINK_ATTACH,
    LINK_DETACH,
    LINK_UNKNOWN,
    LINK_CONTEXT,
    LINK_CANCELLED,
)
