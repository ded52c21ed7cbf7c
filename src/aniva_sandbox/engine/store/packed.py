"""Entries as bytes, for the log."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

from aniva_sandbox.engine.contract.ground_rules import KEY_HEADER
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.evidence.coverage.collector import HEADER
from aniva_sandbox.engine.evidence.secrets import HIDDEN, LIKE_A_KEY, SCHEMES
from aniva_sandbox.engine.store.entries import Entry, Kind

__all__ = ["LARGEST_IN_LOG", "keep", "pack", "unpack"]

LARGEST_IN_LOG: Final = 64 * 1024
"""A body of more bytes is stored next to the log, not in it."""

_READ: Final = frozenset({HEADER.lower().encode(), b"origin", b"access-control-request-method"})
_AUTHORIZATION: Final = b"authorization"
_HIDDEN: Final = HIDDEN.encode()


class _Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An entry, flat."""

    kind: Kind
    method: str | None
    """None without a request."""
    path: str = ""
    query: bytes = b""
    key: str | None = None
    content_type: str | None = None
    body: bytes | int | None = None
    """How many bytes it has, if it is stored next to the log."""
    fault: str | None = None
    content_encoding: str | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(_Packed)


def keep(entry: Entry) -> Entry:
    """An entry as the log keeps it: of the headers only those that are read when it is applied, without the secrets in
    them.

    What applying an entry does is the same with these headers as with all of them.
    """
    request = entry.request
    if request is None:
        return entry
    headers = _kept(request.headers)
    if headers == request.headers:  # and it is no list
        return entry
    return Entry(entry.kind, msgspec.structs.replace(request, headers=headers))


def pack(entry: Entry) -> tuple[bytes, bytes | None]:
    """A kept entry as bytes, and its body if that is to be stored next to the log."""
    request = entry.request
    if request is None:
        return _ENCODER.encode((entry.kind, None)), None
    body: bytes | int | None = request.body
    beside = None
    if isinstance(body, bytes) and len(body) > LARGEST_IN_LOG:
        beside, body = body, len(body)
    packed = (
        entry.kind,
        request.method,
        request.path,
        request.query,
        request.key,
        request.content_type,
        body,
        request.fault,
        request.content_encoding,
        request.headers,
    )
    return _ENCODER.encode(packed), beside


def unpack(packed: bytes | msgspec.Raw, beside: bytes | None) -> Entry:
    """The entry of these bytes, with the body that is stored next to the log, if any."""
    flat = _DECODER.decode(packed)
    if flat.method is None:
        return Entry(flat.kind)
    body = beside if isinstance(flat.body, int) else flat.body
    return Entry(
        flat.kind,
        Request(
            flat.method,
            flat.path,
            flat.query,
            flat.key,
            flat.content_type,
            body,
            flat.fault,
            flat.content_encoding,
            flat.headers,
        ),
    )


def _kept(headers: Sequence[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    kept = []
    for header in headers:
        name = header[0]
        if _is_read(name):
            if name in _READ:
                kept.append(header)
            else:
                kept.append((name, _scheme(header[1]) if name == _AUTHORIZATION else _HIDDEN))
    return tuple(kept)


@lru_cache(maxsize=512)
def _is_read(name: bytes) -> bool:
    return (
        name in _READ
        or name in (KEY_HEADER.encode(), _AUTHORIZATION)
        or LIKE_A_KEY.fullmatch(name.decode("latin-1")) is not None
    )


def _scheme(authorization: bytes) -> bytes:
    """The scheme of credentials, if it is a known one, and nothing of what follows."""
    scheme = authorization.decode("latin-1").partition(" ")[0]
    return f"{scheme} {HIDDEN}".encode("latin-1") if scheme.lower() in SCHEMES else _HIDDEN
