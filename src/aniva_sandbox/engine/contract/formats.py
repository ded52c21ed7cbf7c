"""The string formats that documents may use, and their validation."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

import jsonschema_rs

__all__ = ["EMAIL_OPTIONS", "FORMATS", "REQUEST_FORMATS", "FormatError", "is_date_like", "parse_date", "parse_instant"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# RFC 3339 section 5.6: T and Z in upper or lower case, any number of digits in a fraction of a second.
_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)


class FormatError(ValueError):
    """A string does not have the required format."""


# Two days from the ends, so that neither a time zone nor the length of a slot leads beyond them.
_FIRST = datetime(1, 1, 3, tzinfo=UTC)
_LAST = datetime(9999, 12, 29, tzinfo=UTC)


@lru_cache(maxsize=64)  # an instant is parsed by the check of a request, and again by its operation
def parse_instant(text: str) -> datetime:
    """An RFC 3339 instant in UTC, without its fraction. Raises FormatError, also if a conversion might overflow."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise FormatError("not an RFC 3339 instant")
    offset = "+00:00" if found[3] in "Zz" else found[3]
    try:
        instant = datetime.fromisoformat(f"{found[1]}T{found[2]}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise FormatError("not in the years 1 to 9999") from None
    if not _FIRST <= instant <= _LAST:
        raise FormatError("too close to the end of the years 1 to 9999")
    return instant


def parse_date(text: str) -> date:
    """A date ``YYYY-MM-DD`` of the years 1 to 9999. Raises FormatError."""
    if _DATE.fullmatch(text) is None:
        raise FormatError("not a date YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FormatError("not a date of the calendar") from None


def is_date_like(text: str) -> bool:
    """Whether a string has the form of a date, even if there is no such day."""
    return _DATE.fullmatch(text) is not None


def _accepts(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def accept(text: str) -> bool:
        try:
            parse(text)
        except FormatError:
            return False
        return True

    return accept


FORMATS = {
    "uuid": "a UUID such as a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d",
    "date": "a date YYYY-MM-DD such as 2026-04-15",
    "date-time": "an RFC 3339 instant of the years 1 to 9999, such as 2026-04-15T10:30:00+02:00",
    "email": "an e-mail address such as jane.doe@example.com",
    "uri": "a URI",
}
"""Every format that a document may use, and what a valid string is."""

REQUEST_FORMATS = {"date": _accepts(parse_date), "date-time": _accepts(parse_instant)}
"""Stricter than the validator's own formats, which accept second 60, the year 0000 and instants that overflow."""


EMAIL_OPTIONS: Final = jsonschema_rs.EmailOptions(allow_domain_literal=False, allow_display_text=False)
