"""Heads on the wire: the targets and hosts of requests, and the bytes of the heads of responses."""

import re
from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Final, NoReturn

from aniva_sandbox.engine.control.server_rules import HTTP_HOST, HTTP_SYNTAX

__all__ = ["CLOSE", "refuse_hosts", "split_target", "write_head", "write_lines"]

CLOSE: Final = (b"connection", b"close")
_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?]+)(.*)", re.DOTALL)
_CONTROLS: Final = bytes(range(0x20)).replace(b"\t", b"") + b"\x7f"
"""Bytes that no line of a head may contain."""


def split_target(target: bytes) -> tuple[bytes, bytes]:
    """The authority of a request target in absolute form, and the path and query after it. Raises a refusal through
    ``http.syntax``."""
    found = _ABSOLUTE.fullmatch(target.partition(b"#")[0])
    if found is None:
        HTTP_SYNTAX.refuse("The request target must be a path that begins with /, or a URL with a host")
    return found[1], found[2] if found[2].startswith(b"/") else b"/" + found[2]


def refuse_hosts() -> NoReturn:
    """Raise a refusal through ``http.host``."""
    HTTP_HOST.refuse("A request must have exactly one Host header")


def write_head(status: int, first: bytes, headers: Sequence[tuple[bytes, bytes]], body: bytes = b"") -> bytes:
    """The head of a response, and its body; ``first`` are lines that precede those of the headers. Raises ValueError
    for a header that would not be one line."""
    return b"".join([_STATUS_LINES[status], first, *map(_line, headers), b"\r\n", body])


def write_lines(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The lines of headers, each with its end. Raises ValueError for a header that would not be one line."""
    return b"".join(map(_line, headers))


@lru_cache(maxsize=512)  # most responses have the headers of others; a line depends on nothing but its header
def _line(header: tuple[bytes, bytes]) -> bytes:
    line = b": ".join(header)
    if len(line.translate(None, _CONTROLS)) != len(line):
        raise ValueError("a header of the response has a control character")
    return line + b"\r\n"


def _status_line(status: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:  # an injected one
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()


_STATUS_LINES: Final = {status: _status_line(status) for status in range(100, 600)}
