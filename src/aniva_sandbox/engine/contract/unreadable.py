"""Why a body cannot be read as JSON, in words that help to fix it. Messages never repeat the body."""

import json
import re
import unicodedata
from typing import Final

import msgspec

__all__ = ["explain_media_type", "explain_not_json", "explain_not_object"]

_TOKEN = re.compile(r"[\w.+:/*-]{1,64}", re.ASCII)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([\w.:+-]{1,40})", re.IGNORECASE | re.ASCII)
_FORM: Final = {"application/x-www-form-urlencoded", "multipart/form-data"}
_COMPRESSED: Final = {b"\x1f\x8b": "gzip", b"x\x01": "zlib", b"x\x9c": "zlib", b"x\xda": "zlib", b"(\xb5/\xfd": "zstd"}
"""The first bytes of compressed data, and the compression."""
_PAIRS = re.compile(r"\s*[\w.%+\[\]-]+=[^{]*")
_BYTE = re.compile(r"\(byte (\d+)\)")
_WORDS: Final = ("True", "False", "None", "NULL", "Null", "TRUE", "FALSE", "undefined", "nil")
_NOT_SAID = re.compile(r"-?(?:NaN|Infinity|inf|nan)\b")
_LONGEST: Final = 128 * 1024
"""The maximum length of a text that is examined closely."""
_COUNTED: Final = "; if more was sent, its Content-Length counted characters instead of bytes"
"""The likely cause if a body with multi-byte characters ends too early."""
_QUOTES: Final = "'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"


def explain_media_type(content_type: str | None) -> str:
    """The message about a body that is not declared as JSON."""
    if not content_type:
        return "must be sent as application/json; it has no Content-Type"
    sent = content_type.partition(";")[0].strip().lower()
    if not _TOKEN.fullmatch(sent):
        return "must be sent as application/json"
    a_form = "a form, " if sent in _FORM else ""
    return f"must be sent as application/json, not as {a_form}{sent}"


def explain_not_object(decoded: object) -> str:
    """The message about a JSON body that is not an object."""
    if isinstance(decoded, str) and decoded.lstrip()[:1] == "{":
        return "must be a JSON object; it is a string that holds one: encode it once, not twice"
    return "must be a JSON object"


def explain_not_json(
    body: bytes, error: msgspec.DecodeError | UnicodeDecodeError, content_type: str, content_encoding: str | None
) -> str:
    """The message about a body that cannot be decoded."""
    if content_encoding and content_encoding.strip().lower() != "identity":
        named = content_encoding.strip().lower()
        called = f" {named}" if _TOKEN.fullmatch(named) else ""
        return f"has the Content-Encoding{called}, which is not supported: send it without one"
    for beginning, how in _COMPRESSED.items():
        if body.startswith(beginning):
            return f"is not valid JSON: it looks compressed with {how}; send it as it is"
    encoding = json.detect_encoding(body)
    if encoding == "utf-8-sig":
        return "begins with a byte order mark: send UTF-8 without one"
    if encoding != "utf-8" and _is_text(body, encoding):
        mark = " with a byte order mark" if body[:2] in (b"\xff\xfe", b"\xfe\xff") or body[:4] == _UTF_32_MARK else ""
        return f"is encoded as {encoding[:6].upper()}{mark}: send UTF-8"
    try:
        text = body.decode()
    except UnicodeDecodeError as first:
        if first.reason == "unexpected end of data":
            return f"ends within a character{_COUNTED}"
        charset = _CHARSET.search(content_type)
        other = charset is not None and charset[1].lower() not in ("utf-8", "utf8", "us-ascii")
        why = (
            f"the charset {charset[1]} is not supported"
            if charset and other
            else "it may be ISO-8859-1 or Windows-1252"
        )
        return f"is not UTF-8 {_place(body[: first.start].decode())}; {why}: send UTF-8"
    if isinstance(error, msgspec.ValidationError):
        return "has a number that is out of range"
    fault = _fault(text, error)
    if fault.startswith(": it ends ") and not text.isascii():
        fault += _COUNTED
    return f"is not valid JSON{fault}"


_UTF_32_MARK: Final = b"\x00\x00\xfe\xff"


def _is_text(body: bytes, encoding: str) -> bool:
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


class _NotSaid(Exception):
    """JSON has no such number."""


def _not_said(_constant: str) -> None:
    raise _NotSaid


def _fault(text: str, error: Exception) -> str:
    """Where a text stops being JSON, and why. Only the standard library, which accepts slightly more than JSON, has
    exact positions; the decoder's are off by some bytes. A long text is not read again for that."""
    found = _BYTE.search(str(error))  # except when it ends too early
    before = text.encode()[: int(found[1])].decode(errors="ignore") if found else text
    if len(before) > _LONGEST:
        return f" near {_place(before).removeprefix('at ')}" if found else ": it ends too early"
    try:
        json.loads(text, parse_constant=_not_said, parse_int=str, parse_float=str)
    except json.JSONDecodeError as fault:
        return _explained(text, fault.pos, fault.msg)
    except _NotSaid:
        before = before.removesuffix("-")
        if _NOT_SAID.match(text, len(before)):  # otherwise the decoder found something before it
            return f" {_place(before)}: there is no NaN and no Infinity in JSON"
    except (RecursionError, ValueError):
        return ""
    return ": an escape is half of a surrogate pair" if "\\u" in text else ""


def _explained(text: str, at: int, fault: str) -> str:
    before = text[:at].rstrip()
    if fault.startswith("Illegal trailing comma"):  # since Python 3.13, which points to the comma
        before = text[: at + 1]
        at = len(text) - len(text[at + 1 :].lstrip())
    met = text[at : at + 1]
    if fault.startswith("Unterminated string"):
        return f": it ends within the string that begins {_place(text[:at])}"
    if not text[at:].strip():
        return ": it ends too early" if before else ": it is blank"
    if fault.startswith("Extra data"):
        if _PAIRS.fullmatch(text):
            return ": it looks like a form"
        why = "something follows after its end"
    elif fault.startswith("Invalid control character"):
        why = "a line break or another control character in a string must be escaped"
    elif "escape" in fault:
        why = "a string has an escape that JSON does not have"
    elif before.endswith(",") and met in "}]":
        at, why = len(before) - 1, f"there is a comma before {met}"
    elif met in _QUOTES:
        named = unicodedata.name(met)
        why = f'strings and names need double quotes ("), not U+{ord(met):04X} {named}'
        if met == "'":
            why = "strings and names need double quotes, not single ones; a Python dict needs json.dumps"
    elif _NOT_SAID.match(text, at):
        why = "there is no NaN and no Infinity in JSON"
    elif text.startswith(_WORDS, at):
        why = "write true, false or null"
    elif text.startswith(("//", "/*", "#"), at):
        why = "JSON has no comments"
    elif met == "\0" or (ord(met) > 0x7F and (met.isspace() or unicodedata.category(met) == "Cf")):
        why = f"JSON does not allow U+{ord(met):04X} {unicodedata.name(met, '')}".rstrip() + " here"
    elif at == 0 and (text.startswith("--") or _PAIRS.fullmatch(text)):
        why = "it looks like a form"
    elif at == 0 and met == "<":
        why = "it looks like XML or HTML"
    elif "property name" in fault and (met.isalpha() or met in "_$"):
        why = "names need double quotes"
    else:
        why = _EXPECTED.get(fault, "a value is missing or not valid")
    return f" {_place(text[:at])}: {why}"


_EXPECTED: Final = {
    "Expecting property name enclosed in double quotes": "a name in double quotes is missing",
    "Expecting ':' delimiter": "a colon is missing after a name",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
}


def _place(before: str) -> str:
    """The position after a text, as editors show it."""
    line = before.count("\n") + 1
    return f"at line {line}, column {len(before) - before.rfind(chr(10))}"
