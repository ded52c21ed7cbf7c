"""The rules that several nouns share.

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
    sentence="A record outside the key's access context is refused with 403 when requested by id, and left out of "
    "lists.",
    basis="documented",
    source="partner documentation",
    statuses=(403,),
    assumption="An inline link array shows every id.",
)
PATH_UNKNOWN = Rule(
    id="path.unknown",
    sentence="The record named in the path must exist.",
    basis="documented",
    source="partner documentation, pages of the operations",
    statuses=(404,),
)
ID_FORMAT = Rule(
    id="id.format",
    sentence="An id has the format of its kind: a UUID in upper or lower case, P and ten digits for a shipment, or "
    "ASCII digits for a biomarker.",
    basis="documented",
    source="partner documentation, pages of the operations",
    statuses=(400,),
    kind="format",
    assumption="The version of a UUID is not checked.",
)
UPDATE_EMPTY = Rule(
    id="update.empty",
    sentence="Every PATCH of a resource accepts {}, which changes nothing; path, context and state are still checked. "
    "With one known field it counts as a change, even if the value is the same.",
    basis="assumed",
    source="not documented",
)
TIME_INSTANTS = Rule(
    id="time.instants",
    sentence="created_at, updated_at, added_at and the times of status updates are in UTC with Z, in whole seconds; "
    "now is cut to whole seconds.",
    basis="documented",
    source="examples of the Appointments and Profiles pages",
    assumption="The times of status updates: a cut table suggests local time with an offset.",
)
TIME_LOCAL = Rule(
    id="time.local",
    sentence="Local times are ISO 8601 with the offset of their zone at that instant.",
    basis="documented",
    source="Appointments page",
)
TIME_UPDATED = Rule(
    id="time.updated",
    sentence="updated_at is the time of the last change, and null if there was none; panels, the custom snapshot and "
    "links do not count as changes.",
    basis="documented",
    source="example of the Appointments page",
)
ORDER_ORDINAL = Rule(
    id="order.ordinal",
    sentence="Oldest and newest refer to the order of creation, or of linking, even within the same second.",
    basis="assumed",
    source="not documented",
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
