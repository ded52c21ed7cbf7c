"""Likely mistakes in a value that breaks its schema. Of the value itself, messages name at most some characters."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from aniva_sandbox.engine.contract.formats import is_date_like

__all__ = ["explain_mistake", "explain_type", "is_class"]

_MOST: Final = 3
"""The number of characters that a message names; the rest are counted."""
_APOSTROPHES: Final = "\u2018\u2019\u201b\u2032\u02b9\u02bc\u00b4\u0060\uff07"
_UUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}", re.IGNORECASE)
_LONGEST: Final = 1000
"""The number of characters of a string that are examined."""
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,30}(?:[.,][0-9]{1,30})?\s*")


def explain_mistake(keyword: str, schema: dict[str, Any], value: Any) -> str:
    """What to add to the message about a string that breaks a keyword of its schema; may be empty."""
    if not isinstance(value, str):
        return ""
    if keyword == "pattern" and "x-characters" in schema:
        return _odd_characters(value, str(schema["x-characters"]))
    if keyword == "format" and schema.get("format") == "uuid":
        return _around_uuid(value)
    if keyword == "format" and schema.get("format") == "date" and is_date_like(value):
        return ": there is no such day"
    return ""


def explain_type(schema: dict[str, Any], value: Any) -> str:
    """What to add to the message about a value of a JSON body that has the wrong type."""
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if "boolean" in types and isinstance(value, str | int):
        return ": true or false" + (", without quotes" if isinstance(value, str) else "")
    if isinstance(value, str) and _NUMBER.fullmatch(value) and ("integer" in types or "number" in types):
        return ": leave out the quotes"
    if isinstance(value, int | float) and not isinstance(value, bool) and "string" in types and "format" not in schema:
        return ": put it in double quotes"
    if isinstance(value, str | int) and "array" in types:
        return ": put it in square brackets"
    return ""


def is_class(characters: str) -> bool:
    """Whether a string is a character class of a regular expression, without its brackets."""
    try:
        return bool(characters) and "]" not in characters and bool(_not_in(characters))
    except re.error:
        return False


def _odd_characters(text: str, taken: str) -> str:
    """The characters of a string that are not in ``taken`` (a character class), each with its first position and a
    replacement."""
    text = text[:_LONGEST]  # composing a letter with many marks would take very long
    odd: dict[str, int] = {}
    for found in _not_in(taken).finditer(text):
        odd.setdefault(found[0], found.start() + 1)
    if not odd:
        return ""
    whole = unicodedata.normalize("NFC", text)
    told = [
        f"{_named(character)} at {place}{_instead(character, whole, taken)}"
        for character, place in list(odd.items())[:_MOST]
    ]
    if len(odd) > _MOST:
        told.append(f"{len(odd) - _MOST} more")
    return f": not {', '.join(told)}"


@cache
def _not_in(taken: str) -> re.Pattern[str]:
    return re.compile(f"[^{taken}]")


def _named(character: str) -> str:
    name = unicodedata.name(character, "")
    if not name and unicodedata.category(character) == "Cc":
        name = "control character"
    return f"U+{ord(character):04X} {name}".rstrip()


def _instead(character: str, composed: str, taken: str) -> str:
    """A replacement for a character that is not accepted; empty if none is known."""
    if unicodedata.combining(character):
        return " (compose it: Unicode NFC)" if character not in composed else ""
    for other in _alike(character):
        if other and not _not_in(taken).search(other):
            return f" (write {'a space' if other == ' ' else other})"
    return " (leave it out)" if unicodedata.category(character) == "Cf" else ""


def _alike(character: str) -> Iterator[str]:
    if character in _APOSTROPHES:
        yield "'"
    category = unicodedata.category(character)
    if category == "Pd" or character == "\u2212":
        yield "-"
    if category == "Zs" and character != " ":
        yield " "
    if character != (compatible := unicodedata.normalize("NFKC", character)):
        yield compatible


def _around_uuid(text: str) -> str:
    if len(text) > _LONGEST:
        return ""
    bare = text.strip()
    wrong = ["the blanks around it"] if bare != text else []
    if bare[:9].lower() == "urn:uuid:":
        wrong.append("urn:uuid:")
        bare = bare[9:]
    if bare[:1] == "{" and bare[-1:] == "}":
        wrong.append("the braces")
        bare = bare[1:-1]
    found = _UUID.fullmatch(bare)
    if found is None:
        return ""
    told = [f"leave out {' and '.join(wrong)}"] if wrong else []
    if not found[1]:
        told.append("write its hyphens")
    return f": {' and '.join(told)}" if told else ""
