"""What the fields of records may hold, wherever a record comes from: a request, a world file or a snapshot.

Patterns are written without anchors: a schema of JSON puts ``^`` and ``$`` around them. In Python ``$`` would also let
the end of a line through.
"""

import sys
from typing import Annotated, Any, Final

import jsonschema_rs
from msgspec import Meta

__all__ = [
    "BARCODE",
    "COMMENT_LENGTH",
    "EMAIL_FAULT",
    "EMAIL_OPTIONS",
    "NAME",
    "NAME_CHARACTERS",
    "NAME_HINT",
    "NAME_LENGTH",
    "NOTES_LENGTH",
    "PHONE",
    "PHONE_HINT",
    "REFERENCE",
    "REFERENCE_HINT",
    "TRACKING_LENGTH",
    "WORDING_LENGTH",
    "Barcode",
    "Comment",
    "CountryCode",
    "Email",
    "FileName",
    "Label",
    "LongText",
    "Measure",
    "Name",
    "Notes",
    "PersonaName",
    "Phone",
    "ShipmentId",
    "Slug",
    "Telephone",
    "Text",
    "TrackingNumber",
    "Url",
    "UuidText",
    "Wording",
    "is_email",
]

# Latin-1 letters, Latin Extended-A and -B with the one lower-case letter of theirs that stands elsewhere, and Latin
# Extended Additional.
_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0259\u1e00-\u1eff"
_MARK = " '.-"
NAME_CHARACTERS: Final = _LETTER + _MARK
"""A class of a regular expression, without its brackets."""
NAME: Final = rf"[{_MARK}]*[{_LETTER}][{_LETTER}{_MARK}]*"
NAME_HINT: Final = "must be Latin letters, spaces, apostrophes, hyphens and full stops, with at least one letter"
NAME_LENGTH: Final = 100
PHONE: Final = r"\+[1-9][0-9]{1,14}"
PHONE_HINT: Final = "must be an E.164 number such as +14155552671"
BARCODE: Final = "[0-9]{1,64}"
REFERENCE: Final = "P[0-9]{10}"
REFERENCE_HINT: Final = "must be P and ten digits, such as P2604154821"
NOTES_LENGTH: Final = 128
WORDING_LENGTH: Final = 128
TRACKING_LENGTH: Final = 64
COMMENT_LENGTH: Final = 500


def _whole(pattern: str, hint: str, **meta: Any) -> Meta:
    return Meta(pattern=rf"\A(?:{pattern})\Z", extra_json_schema={"x-hint": hint}, **meta)


def _free(length: int, least: int = 1) -> Meta:
    """Text that requests may bring: all but NUL."""
    return _whole(r"[^\0]*", "must not contain the character NUL", min_length=least, max_length=length)


def _line(length: int) -> Meta:
    return _whole(r"[^\x00-\x1f\x7f\x85\u2028\u2029]*", "must be one line of text", min_length=1, max_length=length)


Text = Annotated[str, Meta(min_length=1)]
"""Any text, in files that ship with the package."""
UuidText = Annotated[str, _whole("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "must be a UUID in lower case")]
Slug = Annotated[
    str, _whole("[a-z0-9]+(?:-[a-z0-9]+)*", "must be of a-z and 0-9, with single hyphens between", max_length=100)
]
PersonaName = Annotated[str, _whole("[a-z0-9-]{1,64}", "must be 1 to 64 of a-z, 0-9 and hyphens")]
ShipmentId = Annotated[str, _whole(REFERENCE, REFERENCE_HINT)]

Name = Annotated[str, _whole(NAME, NAME_HINT, min_length=1, max_length=NAME_LENGTH)]
Phone = Annotated[str, _whole(PHONE, PHONE_HINT)]
Email = Annotated[str, _free(320)]
"""Its form is judged by :func:`is_email`."""
Measure = Annotated[float, Meta(gt=0, le=sys.float_info.max)]

Label = Annotated[str, _line(200)]
"""A name or a line of an address."""
Telephone = Annotated[str, _whole(r"\+?[0-9][0-9 ()/.-]{0,31}", "must be a telephone number")]
CountryCode = Annotated[str, _whole("[A-Z]{2}", "must be two capital letters such as DE (ISO 3166-1)")]
Url = Annotated[str, _whole(r"https?://[!-~]+", "must be a URL such as https://example.com", max_length=2000)]

Notes = Annotated[str, _free(NOTES_LENGTH, 0)]
Barcode = Annotated[str, _whole(BARCODE, "must be 1 to 64 digits")]
Wording = Annotated[str, _free(WORDING_LENGTH)]
TrackingNumber = Annotated[str, _free(TRACKING_LENGTH)]
Comment = Annotated[str, _free(COMMENT_LENGTH)]
LongText = Annotated[str, _free(20_000, 0)]
"""What the sandbox itself says, where it names many things."""
FileName = Annotated[
    str,
    _whole(
        r'[^\x00-\x1f\x7f-\x9f"/\\:*?<>|\u2028\u2029]+\.pdf',
        "must be the name of a PDF file, such as report.pdf, without slashes, quotes or line breaks",
        max_length=128,
    ),
]

# E-mail addresses

EMAIL_OPTIONS: Final = jsonschema_rs.EmailOptions(allow_domain_literal=False, allow_display_text=False)
EMAIL_FAULT: Final = "must be an e-mail address"
_EMAIL: Final = jsonschema_rs.Draft202012Validator(
    {"format": "email"}, validate_formats=True, email_options=EMAIL_OPTIONS
)


def is_email(text: str) -> bool:
    """Whether requests may bring this as an e-mail address."""
    return _EMAIL.is_valid(text)
