"""Pages and files that are served as they are, under a strict policy."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aniva_sandbox.engine.serving.routes import ExactRoute, Shown

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["HEADERS", "file_routes", "page_route", "show_json", "show_page"]

HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}
"""Headers of all pages: nothing from elsewhere, no inline script, no page of others around them."""
_MEDIA_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".mjs": "text/javascript"}


def show_page(page: str) -> Shown:
    """A page in HTML."""
    return Shown(page, "text/html", HEADERS)


def show_json(data: Any) -> Shown:
    """Plain data for a page."""
    return Shown(json.dumps(data, ensure_ascii=False, separators=(",", ":")), "application/json", HEADERS)


def page_route(path: str, page: str) -> ExactRoute:
    """The route of a page."""

    async def show(_request: "Request") -> Shown:
        return show_page(page)

    return ExactRoute(path, show)


def file_routes(base: str, *files: Path) -> list[ExactRoute]:
    """The routes of style sheets and modules, each by its name below ``base``. Raises ValueError if two have the same
    name."""
    by_path = {f"{base}{file.name}": file for file in files}
    if len(by_path) < len(files):
        raise ValueError(f"two files below {base} have the same name")

    async def send(request: "Request") -> Shown:
        file = by_path[request.url.path]
        return Shown(file, _MEDIA_TYPES[file.suffix], HEADERS)

    return [ExactRoute(path, send) for path in by_path]
