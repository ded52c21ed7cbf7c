"""The rules that hold across all operations, and the wire types of errors.

Source of all of them: the partner documentation's pages on authentication and errors, where it has any.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from aniva_sandbox.engine.contract.rules import Detail, Rule

__all__ = [
    "ATOMIC",
    "AUTH_KEY",
    "AUTH_PERMISSION",
    "BODY_JSON",
    "BODY_SCHEMA",
    "BODY_UNKNOWN_FIELD",
    "ERROR_INTERNAL",
    "FORBIDDEN",
    "HTTP_METHOD",
    "HTTP_NOT_FOUND",
    "HTTP_TOO_LARGE",
    "KEY_HEADER",
    "MAX_BODY",
    "RULES",
    "TIME_INPUT",
    "WORLD_FULL",
    "Details",
    "Error",
    "ErrorText",
    "Forbidden",
]

MAX_BODY = 1024 * 1024
"""Bytes that a body may have."""

FORBIDDEN = "Forbidden"

KEY_HEADER = "x-api-key"


AUTH_KEY = Rule(
    id="auth.key",
    sentence="A partner calls with a known key in the header x-api-key, where blanks around the key are ignored; any "
    "other request gets 403, never 401.",
    basis="documented",
    source="partner documentation",
    statuses=(403,),
)
AUTH_PERMISSION = Rule(
    id="auth.permission",
    sentence="Each operation lists permissions, and the key has to hold at least one of them.",
    basis="documented",
    source="partner documentation, pages of the operations",
    statuses=(403,),
    assumption="The permissions of operations whose page does not name them.",
)
BODY_JSON = Rule(
    id="body.json",
    sentence="A required body must be there, be declared as JSON, and be one JSON object, in which, as in every object "
    "in it, each name appears once. The message says what was sent instead: an encoding, a byte order mark, another "
    "charset or media type; or where the syntax error is.",
    basis="assumed",
    source="no page says",
    statuses=(400,),
    kind="format",
)
BODY_SCHEMA = Rule(
    id="body.schema",
    sentence="Every field must be there where required, and have the right type, format and range; the response "
    "names every offending field, but never the value that was sent: its details list at most 100 fields, its message "
    "counts the rest. Null is refused unless the field allows it; so is the character NUL in any text; an id that "
    "repeats in an array counts once.",
    basis="documented",
    source="partner documentation, pages of the operations",
    statuses=(400,),
    kind="format",
    assumption="All but that 400 carries the validation message.",
)
BODY_UNKNOWN_FIELD = Rule(
    id="body.unknown-field",
    sentence="A field that the operation does not know is ignored.",
    basis="assumed",
    source="no page says",
)
ERROR_BODY = Rule(
    id="error.body",
    sentence="An error body is an object whose `error` is a sentence; where fields are at fault, `details` names each.",
    basis="documented",
    source="partner documentation",
    assumption="Everything but the body of 403.",
)
ERROR_INTERNAL = Rule(
    id="error.internal",
    sentence="Every operation may answer 500; the sandbox does so only when it is told to, or when it is broken.",
    basis="documented",
    source="partner documentation, pages of the operations",
    statuses=(500,),
)
HTTP_NOT_FOUND = Rule(
    id="http.not-found",
    sentence="A path that the API does not have answers 404 with the error body, never a redirect.",
    basis="assumed",
    source="no page says",
    statuses=(404,),
)
HTTP_METHOD = Rule(
    id="http.method",
    sentence="A method that the path does not have answers 405 with the error body and a complete Allow header; HEAD "
    "is taken wherever GET is, and gets the response of GET without its body.",
    basis="assumed",
    source="no page says",
    statuses=(405,),
)
HTTP_TOO_LARGE = Rule(
    id="http.too-large",
    sentence="A body may have at most 1 MiB, where its operation says no more.",
    basis="assumed",
    source="no page says",
    statuses=(413,),
)
ORDER_CHECKS = Rule(
    id="order.checks",
    sentence="One refusal answers, the first of: path and method, key, permission, size, the format of everything, "
    "what the path names, what query and body name (404, then 403, for both), state, domain rules.",
    basis="assumed",
    source="no page says",
)
ATOMIC = Rule(
    id="atomic",
    sentence="A refused call changes nothing at all.",
    basis="assumed",
    source="no page says",
)
TIME_INPUT = Rule(
    id="time.input",
    sentence="An instant is read as RFC 3339 allows, lower-case letters included, without its fraction; refused is "
    "what is none of the years 1 to 9999, or may leave them in another time zone.",
    basis="assumed",
    source="no page says",
    statuses=(400,),
    kind="format",
)
WORLD_FULL = Rule(
    id="world.full",
    sentence="Once a world holds so many records (profiles, appointments, shipments, links, events, faults), no call "
    "makes a further one.",
    basis="sandbox",
    source="the limits of the sandbox",
    statuses=(507,),
)

RULES = (
    AUTH_KEY,
    AUTH_PERMISSION,
    BODY_JSON,
    BODY_SCHEMA,
    BODY_UNKNOWN_FIELD,
    ERROR_BODY,
    ERROR_INTERNAL,
    HTTP_NOT_FOUND,
    HTTP_METHOD,
    HTTP_TOO_LARGE,
    ORDER_CHECKS,
    ATOMIC,
    TIME_INPUT,
    WORLD_FULL,
)


ErrorText = Annotated[str, Meta(description="One sentence for a person to read.")]
Details = Annotated[
    list[Detail],
    Meta(description="Validation errors only: every offending field, at most 100, and what is wrong with it."),
]


class Error(msgspec.Struct, frozen=True):
    """Why a call was refused."""

    error: ErrorText
    details: Details = []


class Forbidden(msgspec.Struct, frozen=True):
    """The one body of every 403."""

    error: Annotated[str, Meta(extra_json_schema={"const": FORBIDDEN})]
