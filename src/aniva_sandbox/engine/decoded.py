"""The data of YAML files that ship with the package, decoded when it was built: ten times as fast to read.

It is found by the text that it was decoded from and by the code that decoded it, so it is never another's: a file that
was changed is parsed. Without the file of decoded data, or with a damaged one, all are parsed.
"""

from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from aniva_sandbox.files import find_file

__all__ = ["DECODED", "UNKNOWN", "find_decoded", "read_decoded", "write_decoded"]

DECODED: Final = ".decoded.msgpack"
"""The file, where the others are that ship with the package."""
UNKNOWN: Final = object()
"""Instead of data, for a text that was not decoded before."""

_Known = dict[bytes, msgspec.Raw]
_SEAL: Final = 32
"""The size of a digest, in bytes."""


def find_decoded(text: str) -> Any:
    """The data of a text, or ``UNKNOWN``. Every call returns data of its own."""
    known = _known()
    found = known.get(_key(text)) if known else None
    return UNKNOWN if found is None else msgspec.msgpack.decode(found)


def write_decoded(decoded: Iterable[tuple[str, Any]]) -> bytes:
    """The content of the file of these texts, each with its data."""
    content = msgspec.msgpack.encode({_key(text): msgspec.Raw(msgspec.msgpack.encode(data)) for text, data in decoded})
    return sha256(content).digest() + content


def read_decoded(content: bytes) -> _Known:
    """What a file holds, by the keys of the texts; nothing if it is not as it was written."""
    seal, content = content[:_SEAL], content[_SEAL:]
    if sha256(content).digest() != seal:
        return {}
    try:
        return msgspec.msgpack.decode(content, type=_Known)
    except msgspec.DecodeError:
        return {}


def _key(text: str) -> bytes:
    return sha256(_code() + text.encode("utf-8", "surrogatepass")).digest()


@cache
def _code() -> bytes:
    """The digest of the code that decodes."""
    return sha256(Path(__file__).with_name("yaml_text.py").read_bytes()).digest()


@cache
def _known() -> _Known:
    try:
        _code()
        return read_decoded(find_file(DECODED).read_bytes())
    except OSError:
        return {}
