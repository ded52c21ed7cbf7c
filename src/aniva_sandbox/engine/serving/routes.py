"""Pages and files: where they are, and what they show. What serves them is imported when one is asked for."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["ExactRoute", "Shown"]


class Shown(NamedTuple):
    """What a page or a file shows."""

    content: str | bytes | Path
    """A path is that of a file, which is served as it is."""
    media_type: str
    headers: Mapping[str, str] = {}


class ExactRoute(NamedTuple):
    """Serves `GET` and `HEAD` of one path."""

    path: str
    show: "Callable[[Request], Awaitable[Shown]]"
