"""Pages and files that are served as they are, under a strict policy."""

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from aniva_sandbox.engine.serving.routes import ExactRoute

__all__ = ["HEADERS", "file_routes", "page_route"]

HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}
"""Headers of all pages: nothing from elsewhere, no inline script, no page of others around them."""
_MEDIA_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".mjs": "text/javascript"}


def page_route(path: str, page: str) -> ExactRoute:
    """The route of a page."""

    async def show(_request: Request) -> Response:
        return HTMLResponse(page, headers=HEADERS)

    return ExactRoute(path, show)


def file_routes(base: str, *files: Path) -> list[ExactRoute]:
    """The routes of style sheets and modules, each by its name below ``base``. Raises ValueError if two have the same
    name."""
    by_path = {f"{base}{file.name}": file for file in files}
    if len(by_path) < len(files):
        raise ValueError(f"two files below {base} have the same name")

    async def send(request: Request) -> Response:
        file = by_path[request.url.path]
        return FileResponse(file, media_type=_MEDIA_TYPES[file.suffix], headers=HEADERS)

    return [ExactRoute(path, send) for path in by_path]
