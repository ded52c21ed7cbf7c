"""Routes of pages and files."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, request_response
from starlette.types import Receive, Scope, Send

__all__ = ["ExactRoute"]

_METHODS: Final = ("GET", "HEAD")


class ExactRoute(BaseRoute):
    """Serves `GET` and `HEAD` of one path. Starlette's own routes compile a regular expression each; there are a
    hundred when a server starts, and most servers never serve a page."""

    def __init__(self, path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> None:
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
