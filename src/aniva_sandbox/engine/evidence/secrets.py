"""Hiding secrets in what was sent: keys of the sandbox anywhere, and the values of fields with telling names."""

import json
import re
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import msgspec

from aniva_sandbox.engine.world.keys import KEY_PREFIX

__all__ = [
    "HIDDEN",
    "LIKE_A_KEY",
    "SCHEMES",
    "hide_in_json",
    "hide_in_path",
    "hide_in_query",
    "hide_in_text",
    "hide_keys",
    "open_text",
    "repeats_name",
]

HIDDEN: Final = "[hidden]"
LIKE_A_KEY: Final = re.compile(r"(?:x[-_]?)?(?:api[-_]?|access[-_]?|auth[-_]?)?(?:key|token)", re.IGNORECASE)
"""Names of headers and query parameters in which keys are sent by mistake."""
SCHEMES: Final = {scheme.lower(): scheme for scheme in ("Bearer", "Basic", "Token", "ApiKey", "Api-Key", "Digest")}
"""The schemes with which keys are sent by mistake, by their names in lower case."""
_SECRET = re.compile(r"passw|secret|token|api.?key|authorization|sbx_", re.IGNORECASE)
"""Matches the names of fields whose values are hidden."""
_KEY = re.compile(rf"{KEY_PREFIX}[a-z0-9.-]*", re.IGNORECASE)
"""A key, anywhere in a text."""


def hide_keys(text: str) -> str:
    """A text without the keys in it."""
    return _KEY.sub(HIDDEN, text)


def hide_in_path(path: str) -> str:
    """An undecoded path; segments with a key are hidden."""
    return "/".join(HIDDEN if _KEY.search(unquote(segment)) else segment for segment in path.split("/"))


def hide_in_query(query: str) -> list[tuple[str, str]]:
    """The decoded names and values of an undecoded query."""
    return [
        (_without_key(name), HIDDEN if _SECRET.search(name) else _without_key(value))
        for name, value in parse_qsl(query, keep_blank_values=True)
    ]


def hide_in_json(value: Any) -> Any:
    """A decoded JSON value."""
    if isinstance(value, dict):
        return {hide_keys(name): HIDDEN if _SECRET.search(name) else hide_in_json(part) for name, part in value.items()}
    if isinstance(value, str):
        return hide_keys(value)
    return [hide_in_json(part) for part in value] if isinstance(value, list) else value


def hide_in_text(text: str) -> str:
    """A body that is not JSON: hidden altogether if it may contain a secret. In JSON that is not valid, escapes may
    hide one."""
    plain = unquote(text.replace("\0", ""))
    return HIDDEN if _SECRET.search(plain) or "\\u" in text else text


def open_text(body: bytes) -> str | None:
    """The text of a whole body; None if it is not UTF-8, or if anything in it is hidden. JSON with a name twice in an
    object may hide a secret that decoding does not show."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    try:
        value = msgspec.json.decode(body)
        return text if hide_in_json(value) == value and not repeats_name(text) else None
    except (ValueError, RecursionError):
        return text if hide_in_text(text) == text else None


def repeats_name(text: str) -> bool:
    """Whether an object in valid JSON has a name twice."""
    try:
        json.loads(text, object_pairs_hook=_unrepeated)
    except _RepeatedError:
        return True
    return False


class _RepeatedError(Exception):
    """An object has a name twice."""


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(fields := dict(pairs)) < len(pairs):
        raise _RepeatedError
    return fields


def _without_key(text: str) -> str:
    return HIDDEN if _KEY.search(text) else text
