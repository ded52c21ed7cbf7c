"""Requests, as they come in."""

from collections.abc import Sequence
from typing import Any

import msgspec

__all__ = ["Request"]


class Request(msgspec.Struct, frozen=True, gc=False):
    """A request as it came in. The path is not decoded; the body is None where it was too large to be read."""

    method: str
    path: str
    query: bytes = b""
    key: str | None = None
    content_type: str | None = None
    body: bytes | None = b""
    fault: str | None = None
    """The effect that it asks for (``X-Sandbox-Fault``)."""
    content_encoding: str | None = None
    headers: Sequence[tuple[bytes, bytes]] = ()
    """All headers, names in lower case. Only read where the call matches no world or no operation, and where
    coverage is collected."""

    @property
    def identity(self) -> tuple[Any, ...]:
        """What makes two requests the same: method to body."""
        return self.method, self.path, self.query, self.key, self.content_type, self.body
