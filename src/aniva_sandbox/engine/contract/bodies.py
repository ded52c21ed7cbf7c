"""Reading the JSON body of a request, more strictly than decoders do: no duplicate names, and no NUL in a known
field."""

import gc
import json
import re
from collections.abc import Container, Iterator
from itertools import islice
from math import isfinite
from typing import Any, Final

import msgspec

from aniva_sandbox.engine.contract.checks import COUNTED, Check, Violation
from aniva_sandbox.engine.contract.ground_rules import BODY_JSON, BODY_SCHEMA_NUL
from aniva_sandbox.engine.contract.outcomes import JSON
from aniva_sandbox.engine.contract.rules import Detail
from aniva_sandbox.engine.contract.unreadable import explain_media_type, explain_not_json, explain_not_object

__all__ = ["JSON_TYPE", "NUL", "nul_in", "read_body"]

JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
"""The media types that are JSON."""
NUL: Final = "nul"
"""A keyword of violations for which JSON Schema has none."""
_NAME_END = re.compile(rb'"\s*:')
_SHOWN_NAME = 64  # characters of a name that was sent
_LARGE: Final = 64 * 1024  # bytes


def read_body(
    check: Check,
    body: bytes,
    content_type: str | None,
    content_encoding: str | None = None,
    *,
    fields: Container[str] | None = None,
) -> tuple[Any, list[Violation]]:
    """The JSON object of a body, and its violations. A body that is not an object breaks ``body.json``. Unknown fields,
    which are those that are not in ``fields``, may have a NUL; None if all are known.

    Encodings are not decoded: ``content_encoding`` only explains why a body cannot be read.
    """
    fault = None
    decoded: Any = {}
    if not body:
        fault = "is required"
    elif content_type != JSON and (content_type is None or not JSON_TYPE.fullmatch(content_type)):
        fault = explain_media_type(content_type)
    else:
        try:
            decoded = _decoded(body)
            if isinstance(decoded, dict):
                repeated = _repeated_name(body, decoded)
                if repeated is None:
                    found: list[Violation] = []
                    if not check.accepts(decoded):
                        found += islice(check.violations(decoded, in_json=True), COUNTED + 1)
                    if b"\\u0000" in body:
                        found += islice(_nul_fields(decoded, fields), COUNTED + 1)
                    return decoded, found
                fault = f"has the name {json.dumps(repeated[:_SHOWN_NAME])} twice in one object"
            else:
                fault = explain_not_object(decoded)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            fault = explain_not_json(body, error, content_type, content_encoding)
        except (RecursionError, ValueError):  # of the decoder, and of the validator
            fault = "is nested too deeply"
    return {}, [Violation(Detail("body", fault), BODY_JSON.id, "type")]


def _decoded(body: bytes) -> Any:
    """The value of a JSON text."""
    if len(body) < _LARGE:
        return msgspec.json.decode(body)
    if not gc.isenabled():
        return _decode_large(body)
    gc.disable()  # it would scan half a million new lists again and again
    try:
        return _decode_large(body)
    finally:
        gc.enable()


def _finite(text: str) -> float:
    """A number of a JSON text. Raises ValueError if it is too large, as msgspec does."""
    number = float(text)
    if not isfinite(number):
        raise ValueError("Number out of range")
    return number


# msgspec itself takes 15 microseconds for each number near the limits of a float: 3 s for a body full of them.
_decode_large = msgspec.json.Decoder(float_hook=_finite).decode


def _repeated_name(body: bytes, decoded: dict[str, Any]) -> str | None:
    """A duplicate name in an object of a JSON body, which the decoder ignores."""
    # Whatever the strings hold, there are at least as many of these as there are names. Mostly no blank is before a
    # colon, and then each is two characters.
    names = len(_NAME_END.findall(body)) if _has_blank_colons(body) else body.count(b'":')
    if names == len(decoded) or names == _count_names(decoded):
        return None
    repeated: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        seen = set()
        for name, _value in pairs:
            if name in seen:
                repeated.append(name)
            seen.add(name)

    json.loads(body, object_pairs_hook=look, parse_int=str, parse_float=str)
    return repeated[0] if repeated else None


def _has_blank_colons(body: bytes) -> bool:
    return b" :" in body or b"\n:" in body or b"\t:" in body or b"\r:" in body or b"\f:" in body or b"\v:" in body


def _count_names(value: Any) -> int:
    """The number of names in a plain value, at any depth."""
    count = 0
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            count += len(part)
            pending += part.values()
        elif isinstance(part, list):
            pending += part
    return count


def _nul_fields(body: dict[str, Any], fields: Container[str] | None) -> Iterator[Violation]:
    """The known fields of a body with a NUL in a string; the body itself, if the name of one has a NUL."""
    for name, value in body.items():
        if fields is None or name in fields:
            if "\0" in name:
                yield nul_in("body")
            elif _has_nul(value):
                yield nul_in(name[:_SHOWN_NAME])


def _has_nul(value: Any) -> bool:
    """Whether a string in a plain value has a NUL, at any depth, names included."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            if "\0" in part:
                return True
        elif isinstance(part, dict):
            pending += part
            pending += part.values()
        elif isinstance(part, list):
            pending += part
    return False


def nul_in(path: str) -> Violation:
    """The violation of a string with the character NUL."""
    return Violation(Detail(path, "must not have the character NUL"), BODY_SCHEMA_NUL.id, NUL)
