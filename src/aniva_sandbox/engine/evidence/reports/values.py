"""Reports as JSON: how they are written, and read again."""

from typing import Any, TypeVar

import msgspec

__all__ = ["SourceError", "read_value", "write_value"]

T = TypeVar("T")


class SourceError(ValueError):
    """A source of evidence cannot be used; the message says why."""


def write_value(value: Any) -> bytes:
    """A report as JSON, indented."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def read_value(content: bytes, type: type[T], source: str) -> T:
    """A report from JSON; ``source`` is named in errors. Raises :exc:`SourceError`."""
    try:
        return msgspec.json.decode(content, type=type)
    except msgspec.ValidationError as error:
        message, _, place = str(error).replace("`key` in ", "").partition(" - at `$")
        place = place.rstrip("`").lstrip(".") or "the whole"
        raise SourceError(f"{source}: {place}: {message[:1].lower()}{message[1:]}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"{source}: is not valid JSON: {error}") from None
