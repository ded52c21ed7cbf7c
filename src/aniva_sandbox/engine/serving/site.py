"""The site of a server: pages, files and documents, through Starlette."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Match, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from aniva_sandbox.engine.serving.routes import ExactRoute

__all__ = ["build_site"]

_METHODS: Final = ("GET", "HEAD")


def build_site(pages: Sequence[ExactRoute], redirects: Mapping[str, str]) -> ASGIApp:
    """An app that serves pages, and redirects from paths to others."""
    return Starlette(
        routes=[
            *(_Route(path, _redirecting(to)) for path, to in redirects.items()),
            *(_Route(page.path, _showing(page)) for page in pages),
        ],
        exception_handlers={405: _plain_error},
    )


class _Route(BaseRoute):
    """Starlette's own routes compile a regular expression each, and there are a hundred."""

    def __init__(self, path: str, endpoint: Callable[[Request], Any]) -> None:
        self.path = path
        self.endpoint = endpoint
        self._app = request_response(endpoint)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or scope["path"] != self.path:
            return Match.NONE, {}
        match = Match.FULL if scope["method"] in _METHODS else Match.PARTIAL
        return match, {"endpoint": self.endpoint, "path_params": {}}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in _METHODS:
            raise HTTPException(405, headers={"Allow": ", ".join(_METHODS)})
        await self._app(scope, receive, send)


def _showing(page: ExactRoute) -> Callable[[Request], Any]:
    async def show(request: Request) -> Response:
        content, media_type, headers = await page.show(request)
        if isinstance(content, Path):
            return FileResponse(content, media_type=media_type, headers=headers)
        return Response(content, media_type=media_type, headers=headers)

    return show


def _redirecting(to: str) -> Callable[[Request], Any]:
    async def redirect(_request: Request) -> Response:
        return RedirectResponse(to)

    return redirect


async def _plain_error(_request: Request, error: Any) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)
