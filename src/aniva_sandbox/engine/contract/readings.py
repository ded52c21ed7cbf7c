"""What requests to an operation came to, kept for the next time that the same is sent."""

from types import NoneType
from typing import Any, Final

import msgspec
from msgspec import UnsetType

from aniva_sandbox.engine.contract.kept import Kept
from aniva_sandbox.engine.contract.operations import NoBody, NoQuery
from aniva_sandbox.engine.contract.requests import Request

__all__ = ["Readings", "convert"]

_SCALARS: Final = (str, int, float, NoneType, UnsetType)


class Readings:
    """What requests to one operation came to: the id, the query and the body, typed.

    A request is checked by its bytes alone, whatever the world. So one that came to a value, and left nothing in the
    trace of its call, comes to that value again.
    """

    def __init__(self, body: type[msgspec.Struct], *, reads_body: bool = True) -> None:
        self._body = body
        self._reads_body = reads_body
        self._kept: Kept[tuple[Any, ...], tuple[str, msgspec.Struct, msgspec.Struct | None]] = Kept()

    def find(self, request: Request) -> tuple[str, msgspec.Struct, msgspec.Struct] | None:
        """What a request comes to, if that is known."""
        kept = self._kept.get((request.path, request.query, request.content_type, request.body))
        if kept is None:
            return None
        id, query, body = kept
        if body is None:
            body = convert(msgspec.json.decode(request.body or b""), self._body)
        return id, query, body

    def keep(self, request: Request, id: str, query: msgspec.Struct, body: msgspec.Struct) -> None:
        """Keep what a request comes to. Calls share it, so a body that can be changed is read for each of them."""
        path, sent, type, content = request.path, request.query, request.content_type, request.body
        is_fixed = _is_fixed(body)
        if _is_fixed(query) and (is_fixed or (content and self._reads_body)):
            size = len(path) + len(sent) + len(type or "") + len(content or b"")
            self._kept.keep((path, sent, type, content), (id, query, body if is_fixed else None), size)


def _is_fixed(value: msgspec.Struct) -> bool:
    """Whether neither a struct nor what it holds can be changed."""
    for name in value.__struct_fields__:
        if not isinstance(getattr(value, name), _SCALARS):
            return False
    return value.__struct_config__.frozen


def convert(values: dict[str, Any], type: type[msgspec.Struct]) -> msgspec.Struct:
    """Plain values that passed their check, typed. Not strict, because 1.0 is an integer in JSON Schema."""
    return msgspec.convert(values, type, strict=False) if values or type not in _EMPTY else _EMPTY[type]


_EMPTY: dict[type[msgspec.Struct], msgspec.Struct] = {NoQuery: NoQuery(), NoBody: NoBody()}
