"""What the parts of requests came to, kept for the next request with the same."""

from typing import Any

import msgspec

from aniva_sandbox.engine.contract.kept import Kept, never_changes
from aniva_sandbox.engine.contract.requests import Request

__all__ = ["Readings", "convert"]


class Readings:
    """The parts of requests to one operation that its checks passed, as they were typed.

    The path's parameter, the query and the body are each judged by their own bytes, apart from one another and from the
    world. So what once came to a value, and to nothing else that the call's trace tells, comes to that value again.
    """

    def __init__(self, body_type: type[msgspec.Struct], *, reads_body: bool) -> None:
        self._body_type = body_type
        self._reads_body = reads_body
        self._ids: Kept[str, str] = Kept()
        self._queries: Kept[bytes, msgspec.Struct] = Kept()
        self._bodies: Kept[bytes, tuple[str | None, msgspec.Struct | None]] = Kept()
        """By body, the content type that it passed with, None for any; and the typed body, None for one that could be
        changed, which each call gets for itself."""

    def find(self, values: list[str], request: Request) -> tuple[str, msgspec.Struct, msgspec.Struct] | None:
        """The id, the query and the body of a request, if all of them are known."""
        id = self._ids.get(values[0] if values else "")
        query = self._queries.get(request.query)
        sent = request.body or b"" if self._reads_body else b""
        kept = self._bodies.get(sent)
        if id is None or query is None or kept is None:
            return None
        content_type, body = kept
        if content_type is not None and content_type != request.content_type:
            return None
        if body is None:
            body = convert(msgspec.json.decode(sent), self._body_type)
        return id, query, body

    def keep(self, values: list[str], request: Request, id: str, query: msgspec.Struct, body: msgspec.Struct) -> None:
        """Keep what the parts of a request came to."""
        sent = request.body or b"" if self._reads_body else b""
        if len(values) < 2:
            self._ids.keep(values[0] if values else "", id)
        if never_changes(query):
            self._queries.keep(request.query, query)
        self._bodies.keep(sent, (request.content_type if sent else None, body if never_changes(body) else None))


def convert(values: dict[str, Any], type: type[msgspec.Struct]) -> msgspec.Struct:
    """Plain values that passed their check, typed. Not strict, because 1.0 is an integer in JSON Schema."""
    return msgspec.convert(values, type, strict=False)
