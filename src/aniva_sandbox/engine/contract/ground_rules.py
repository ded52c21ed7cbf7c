"""The rules that apply to all operations, and the wire types of errors.

Their source is the API documentation, pages on authentication and errors, where it says anything.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from aniva_sandbox.engine.contract.rules import Detail, Rule

__all__ = [
    "ATOMIC",
    "AUTH_KEY",
    "AUTH_PERMISSION",
    "AUTH_PERMISSION_UNNAMED",
    "BODY_JSON",
    "BODY_SCHEMA",
    "BODY_SCHEMA_DETAILS",
    "BODY_SCHEMA_DUPLICATES",
    "BODY_SCHEMA_NUL",
    "BODY_SCHEMA_NULL",
    "BODY_UNKNOWN_FIELD",
    "ERROR_BODY_SENTENCE",
    "ERROR_INTERNAL",
    "FORBIDDEN",
    "HTTP_METHOD",
    "HTTP_NOT_FOUND",
    "HTTP_TOO_LARGE",
    "KEY_HEADER",
    "MAX_BODY",
    "QUERY_REPEATED",
    "RULES",
    "TIME_INPUT",
    "WORLD_FULL",
    "Details",
    "Error",
    "ErrorText",
    "Forbidden",
]

MAX_BODY = 1024 * 1024
"""The maximum size of a body, in bytes."""

FORBIDDEN = "Forbidden"

KEY_HEADER = "x-api-key"


AUTH_KEY = Rule(
    id="auth.key",
    sentence="A client sends a known key in the header x-api-key; blanks around the key are ignored. Any other "
    "request gets 403, never 401.",
    basis="documented",
    source="API documentation, page Authentication",
    statuses=(403,),
)
AUTH_PERMISSION = Rule(
    id="auth.permission",
    sentence="Each operation lists permissions, and the key must hold at least one of them.",
    basis="documented",
    source="API documentation, page Authentication and the permissions on each reference page",
    statuses=(403,),
)
AUTH_PERMISSION_UNNAMED = AUTH_PERMISSION.clause(
    "unnamed",
    "Where the documentation names only some permissions for an operation, or none, the operation also accepts those "
    "marked as assumed.",
    source="API documentation: no page names these permissions",
    statuses=(403,),
)
BODY_JSON = Rule(
    id="body.json",
    sentence="A required body must be present, be declared as JSON, and be one JSON object without duplicate names at "
    "any level. The message says what was sent instead, such as an encoding, a byte order mark, another charset or "
    "media type, or where the syntax error is.",
    basis="assumed",
    source="not documented",
    statuses=(400,),
    kind="format",
)
BODY_SCHEMA = Rule(
    id="body.schema",
    sentence="Required fields must be present, and every field must have the right type, format and range; a "
    "violation gets 400 with a validation message.",
    basis="documented",
    source="API documentation, the 400 on each reference page",
    statuses=(400,),
    kind="format",
)
BODY_SCHEMA_DETAILS = BODY_SCHEMA.clause(
    "details",
    "The response to an invalid request names every offending field, not only the first, in `error` and `details`, but "
    "never the value that was sent; it lists at most 100 fields and counts the rest.",
)
BODY_SCHEMA_NULL = BODY_SCHEMA.clause(
    "null",
    "Null is not the same as leaving out an optional field: it is refused unless the field allows it.",
    statuses=(400,),
    kind="format",
)
BODY_SCHEMA_NUL = BODY_SCHEMA.clause(
    "nul", "The character NUL is refused in every string of a known field.", statuses=(400,), kind="format"
)
BODY_SCHEMA_DUPLICATES = BODY_SCHEMA.clause("duplicates", "Duplicate ids in an array count once.")
BODY_UNKNOWN_FIELD = Rule(
    id="body.unknown-field",
    sentence="Unknown fields and query parameters are ignored.",
    basis="assumed",
    source="not documented",
)
ERROR_BODY = Rule(
    id="error.body",
    sentence='The body of every 403 is exactly {"error": "Forbidden"}.',
    basis="documented",
    source="API documentation, page Errors",
)
ERROR_BODY_SENTENCE = ERROR_BODY.clause(
    "sentence",
    "The body of every error other than a 403 is an object whose `error` is a sentence.",
    source="API documentation, page Errors: the other bodies are not shown",
)
QUERY_REPEATED = Rule(
    id="query.repeated",
    sentence="If a query parameter is sent more than once, the last value counts.",
    basis="assumed",
    source="not documented",
)
ERROR_INTERNAL = Rule(
    id="error.internal",
    sentence="Every operation may return 500; the sandbox does so only for an injected fault or its own defect.",
    basis="documented",
    source="API documentation, the 500 on each reference page",
    statuses=(500,),
)
HTTP_NOT_FOUND = Rule(
    id="http.not-found",
    sentence="An unknown path returns 404 with the error body, never a redirect.",
    basis="assumed",
    source="not documented",
    statuses=(404,),
)
HTTP_METHOD = Rule(
    id="http.method",
    sentence="A method that the path does not have returns 405 with the error body and a complete Allow header. HEAD "
    "is accepted wherever GET is, and returns the response of GET without its body.",
    basis="assumed",
    source="not documented",
    statuses=(405,),
)
HTTP_TOO_LARGE = Rule(
    id="http.too-large",
    sentence="A body may have at most 1 MiB, unless its operation allows more.",
    basis="assumed",
    source="not documented",
    statuses=(413,),
)
ORDER_CHECKS = Rule(
    id="order.checks",
    sentence="A call is refused for one reason, the first in this order: path and method, key, permission, size, all "
    "formats, the record in the path, the records in query and body (404, then 403, for both), state, domain rules.",
    basis="assumed",
    source="not documented",
    pervasive="It decides only which of several refusals a call gets.",
)
ATOMIC = Rule(
    id="atomic",
    sentence="A refused call changes nothing.",
    basis="assumed",
    source="not documented",
    pervasive="It holds for every refused call, and only later calls show it.",
)
TIME_INPUT = Rule(
    id="time.input",
    sentence="Instants are read as in RFC 3339, lower-case letters included; the fraction of a second is cut. Leap "
    "seconds are refused, and so are instants outside the years 1 to 9999, or so close to their ends that another time "
    "zone may leave them.",
    basis="assumed",
    source="not documented",
    statuses=(400,),
    kind="format",
)
WORLD_FULL = Rule(
    id="world.full",
    sentence="A call that would create a record in a world that holds the maximum number of records is refused. "
    "Events and faults count as records.",
    basis="sandbox",
    source="the limits of the sandbox",
    statuses=(507,),
)

RULES = (
    AUTH_KEY,
    AUTH_PERMISSION,
    AUTH_PERMISSION_UNNAMED,
    BODY_JSON,
    BODY_SCHEMA,
    BODY_SCHEMA_DETAILS,
    BODY_SCHEMA_NULL,
    BODY_SCHEMA_NUL,
    BODY_SCHEMA_DUPLICATES,
    BODY_UNKNOWN_FIELD,
    QUERY_REPEATED,
    ERROR_BODY,
    ERROR_BODY_SENTENCE,
    ERROR_INTERNAL,
    HTTP_NOT_FOUND,
    HTTP_METHOD,
    HTTP_TOO_LARGE,
    ORDER_CHECKS,
    ATOMIC,
    TIME_INPUT,
    WORLD_FULL,
)


ErrorText = Annotated[str, Meta(description="A sentence for people to read.")]
Details = Annotated[
    list[Detail],
    Meta(description="For validation errors only: every offending field, at most 100, and its problem."),
]


class Error(msgspec.Struct, frozen=True):
    """Why a call was refused."""

    error: ErrorText
    details: Details = []


class Forbidden(msgspec.Struct, frozen=True):
    """The one body of every 403."""

    error: Annotated[str, Meta(extra_json_schema={"const": FORBIDDEN})]
