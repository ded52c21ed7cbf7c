"""The rules that hold for several nouns.

Source: the partner documentation's pages on authentication and errors, and the pages of the operations.
"""

from aniva_sandbox.engine.contract.rules import Rule

__all__ = [
    "AUTH_CONTEXT",
    "ID_FORMAT",
    "ORDER_ORDINAL",
    "PATH_UNKNOWN",
    "RULES",
    "TIME_INSTANTS",
    "TIME_LOCAL",
    "TIME_UPDATED",
    "UPDATE_EMPTY",
]

AUTH_CONTEXT = Rule(
    id="auth.context",
    sentence="What lies outside the access context of a key is 403 when asked for by id, and missing from lists.",
    basis="documented",
    source="partner documentation",
    statuses=(403,),
    assumption="An inline link array shows every id.",
)
PATH_UNKNOWN = Rule(
    id="path.unknown",
    sentence="The id in the path names nothing that exists.",
    basis="documented",
    source="partner documentation, pages of the operations",
    statuses=(404,),
)
ID_FORMAT = Rule(
    id="id.format",
    sentence="An id has the form of its kind: a UUID, in upper or lower case, P and ten digits for a shipment, or the "
    "ASCII digits of a biomarker.",
    basis="documented",
    source="partner documentation, pages of the operations",
    statuses=(400,),
    kind="format",
    assumption="No check of a UUID's version.",
)
UPDATE_EMPTY = Rule(
    id="update.empty",
    sentence="Every PATCH of a resource takes {} and then changes nothing, but checks path, context and state; one "
    "known field makes it a change, also when the value is the same.",
    basis="assumed",
    source="no page says",
)
TIME_INSTANTS = Rule(
    id="time.instants",
    sentence="created_at, updated_at, added_at and the times of status updates are UTC with Z, in whole seconds, to "
    "which now is cut.",
    basis="documented",
    source="examples of the Appointments and Profiles pages",
    assumption="The time of a status update, where a cut table hints at local time with an offset.",
)
TIME_LOCAL = Rule(
    id="time.local",
    sentence="Local times go out as ISO 8601 with the offset that their zone has at that instant.",
    basis="documented",
    source="Appointments page",
)
TIME_UPDATED = Rule(
    id="time.updated",
    sentence="updated_at tells the last change, and is null for what never changed; panels and links do not count as a "
    "change.",
    basis="documented",
    source="example of the Appointments page",
)
ORDER_ORDINAL = Rule(
    id="order.ordinal",
    sentence="Where things come oldest or newest first, what was made earlier counts as older, also within a second.",
    basis="assumed",
    source="no page says",
)

RULES = (
    AUTH_CONTEXT,
    PATH_UNKNOWN,
    ID_FORMAT,
    TIME_INSTANTS,
    TIME_LOCAL,
    TIME_UPDATED,
    UPDATE_EMPTY,
    ORDER_ORDINAL,
)
