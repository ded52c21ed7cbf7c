"""The values that fields of records may have, whether a record comes from a request, a world file or a snapshot.

Patterns are written without anchors; JSON Schemas add ``^`` and ``$``. In Python ``$`` would also match before a
trailing newline.
"""

import sys
from collections.abc import Callable
from typing import Annotated, Any, Final, NamedTuple

import jsonschema_rs
from msgspec import Meta

from aniva_sandbox.engine.contract.formats import EMAIL_OPTIONS

__all__ = [
    "EMAIL_FAULT",
    "Email",
    "Judged",
    "Label",
    "LongText",
    "Measure",
    "PersonaName",
    "Slug",
    "Text",
    "Url",
    "UuidText",
    "free",
    "is_email",
    "line",
    "refers_to",
    "shaped",
    "valid",
    "whole",
]


class Judged(NamedTuple):
    """A function that validates a value, and the message if it is not valid; ``{}`` is the value."""

    check: Callable[[Any], bool]
    message: str


def valid(check: Callable[[Any], bool], message: str) -> Meta:
    """Mark a field whose value a function validates; in the message, ``{}`` is the value."""
    return Meta(extra={"valid": Judged(check, message)})


def refers_to(noun: str, by: str = "") -> Meta:
    """Mark a field whose value, entries or keys name records of a section, or things that all worlds share. ``by`` is
    the field that names them in a file, where that is not the one by which records refer to them."""
    return Meta(extra={"refers": noun}, extra_json_schema={"x-refers": noun} | ({"x-by": by} if by else {}))


def shaped(pattern: str, hint: str) -> dict[str, Any]:
    """Keywords of a schema for a text that is read by code, which says itself what is wrong with it."""
    return {"pattern": f"^(?:{pattern})$", "x-hint": hint}


def whole(pattern: str, hint: str, **meta: Any) -> Meta:
    return Meta(pattern=rf"\A(?:{pattern})\Z", extra_json_schema={"x-hint": hint}, **meta)


def free(length: int, least: int = 1) -> Meta:
    """Text that requests may bring: all but NUL."""
    return whole(r"[^\x00]*", "must not contain the character NUL", min_length=least, max_length=length)


def line(length: int) -> Meta:
    return whole(r"[^\x00-\x1f\x7f\x85\u2028\u2029]*", "must be one line of text", min_length=1, max_length=length)


Text = Annotated[str, Meta(min_length=1)]
"""Any text, in files that ship with the package."""
UuidText = Annotated[str, whole("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "must be a UUID in lower case")]
Slug = Annotated[
    str, whole("[a-z0-9]+(?:-[a-z0-9]+)*", "must be of a-z and 0-9, with single hyphens between", max_length=100)
]
PersonaName = Annotated[str, whole("[a-z0-9-]{1,64}", "must be 1 to 64 of a-z, 0-9 and hyphens")]

Measure = Annotated[float, Meta(gt=0, le=sys.float_info.max)]

Label = Annotated[str, line(200)]
"""A name or a line of an address."""
Url = Annotated[str, whole(r"https?://[!-~]+", "must be a URL such as https://example.com", max_length=2000)]

LongText = Annotated[str, free(20_000, 0)]
"""A text by the sandbox itself that lists many things."""

# E-mail addresses

EMAIL_FAULT: Final = "must be an e-mail address"
_EMAIL: Final = jsonschema_rs.Draft202012Validator(
    {"format": "email"}, validate_formats=True, email_options=EMAIL_OPTIONS
)


def is_email(text: str) -> bool:
    """Whether requests may contain this as an e-mail address."""
    return _EMAIL.is_valid(text)


Email = Annotated[str, free(320), valid(is_email, EMAIL_FAULT), Meta(extra_json_schema={"format": "email"})]
