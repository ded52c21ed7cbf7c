"""The rules that several nouns share.

Source: the partner documentation's pages Authentication and Errors, and its reference pages.
"""

from aniva_sandbox.engine.contract.rules import Rule

__all__ = [
    "AUTH_CONTEXT",
    "AUTH_CONTEXT_INLINE",
    "ID_FORMAT",
    "ID_FORMAT_CASE",
    "ORDER_ORDINAL",
    "PATH_UNKNOWN",
    "RULES",
    "TIME_INSTANTS",
    "TIME_INSTANTS_REPORTS",
    "TIME_LOCAL",
    "TIME_LOCAL_NO_ZONE",
    "TIME_UPDATED",
    "UPDATE_EMPTY",
]

AUTH_CONTEXT = Rule(
    id="auth.context",
    sentence="A record outside the key's access context is refused with 403 when requested by id, and left out of "
    "lists.",
    basis="documented",
    source="partner documentation, page Authentication",
    statuses=(403,),
)
AUTH_CONTEXT_INLINE = AUTH_CONTEXT.clause(
    "inline",
    "The inline arrays `shipments` and `appointments` show the ids of all links, including those outside the key's "
    "access context.",
)
PATH_UNKNOWN = Rule(
    id="path.unknown",
    sentence="The record named in the path must exist.",
    basis="documented",
    source="partner documentation, the 404 on each reference page",
    statuses=(404,),
)
ID_FORMAT = Rule(
    id="id.format",
    sentence="An id has the format of its kind: a UUID, P and ten digits for a shipment, or ASCII digits for a "
    "biomarker.",
    basis="documented",
    source="partner documentation, the parameters on each reference page",
    statuses=(400,),
    kind="format",
)
ID_FORMAT_CASE = ID_FORMAT.clause("case", "A UUID may be sent in upper case; responses have it in lower case.")
ID_FORMAT_VERSION = ID_FORMAT.clause(
    "version",
    "The version of a UUID is not checked.",
    pervasive="It decides only which refusal an unknown id gets.",
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
    sentence="created_at, updated_at and added_at are in UTC with Z, in whole seconds; now is cut to whole seconds.",
    basis="documented",
    source="examples of the Appointments and Profiles pages",
)
TIME_INSTANTS_REPORTS = TIME_INSTANTS.clause(
    "reports",
    "The times of a shipment's status updates are in UTC with Z.",
    basis="conflict",
    source="partner documentation, page Get Shipment: an example has UTC, a cut table suggests local time with an "
    "offset",
)
TIME_LOCAL = Rule(
    id="time.local",
    sentence="Local times are ISO 8601 with the offset of their zone at that instant.",
    basis="documented",
    source="Appointments page",
)
TIME_LOCAL_NO_ZONE = TIME_LOCAL.clause("no-zone", "A location whose timezone is null is in UTC.")
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
    pervasive="It holds for every list that has such an order.",
)

RULES = (
    AUTH_CONTEXT,
    AUTH_CONTEXT_INLINE,
    PATH_UNKNOWN,
    ID_FORMAT,
    ID_FORMAT_CASE,
    ID_FORMAT_VERSION,
    TIME_INSTANTS,
    TIME_INSTANTS_REPORTS,
    TIME_LOCAL,
    TIME_LOCAL_NO_ZONE,
    TIME_UPDATED,
    UPDATE_EMPTY,
    ORDER_ORDINAL,
)
