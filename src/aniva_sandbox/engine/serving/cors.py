"""CORS: pages of other origins that may call the API."""

import re
from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from aniva_sandbox.engine.serving.guard import DEFAULT_PORTS, parse_authority

__all__ = ["allow_origins", "parse_origin"]

EXPOSED = (
    *("X-Sandbox-World", "X-Sandbox-Time", "X-Sandbox-Rule", "X-Sandbox-Hint"),
    *("X-Sandbox-Mismatch", "X-Sandbox-Fault"),
    *("Allow", "Content-Disposition", "Deprecation", "Retry-After", "Warning"),
)
"""The response headers that pages may read in addition to the CORS-safelisted ones."""

MAX_PORT = 65535
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)


def allow_origins(app: ASGIApp, origins: Collection[str]) -> ASGIApp:
    """The app, open to pages of these origins, which are as :func:`parse_origin` writes them.

    Pages may send any method and any header; the API ignores those that it does not know. No credentials: the key is a
    header. Requests of other pages, preflights included, reach the app as without CORS, so that it refuses and reports
    them itself.
    """
    from starlette.datastructures import Headers  # lazy: few servers are asked for it
    from starlette.middleware.cors import CORSMiddleware

    cors = CORSMiddleware(
        app,
        allow_origins=frozenset(origins),
        allow_methods=["*"],
        allow_headers=["*"],
        allow_private_network=True,
        expose_headers=EXPOSED,
    )

    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") == "OPTIONS" and Headers(scope=scope).get("origin") not in cors.allow_origins:
            await app(scope, receive, send)
        else:
            await cors(scope, receive, send)

    return called


def parse_origin(text: str) -> str:
    """An origin as browsers send it: lower case, no default port. Raises ValueError for anything else, including ``*``,
    with which any page that a developer visits could call."""
    scheme, _, rest = text.partition("://")
    authority = parse_authority(rest) if _SCHEME.fullmatch(scheme) else None
    if authority is None or int(authority[1] or 0) > MAX_PORT:
        raise ValueError(
            f"{text!r} is not an origin: give a scheme, a host and perhaps a port, but no path, such as "
            "http://localhost:5173"
        )
    scheme, (host, port) = scheme.lower(), authority
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" if port in (None, DEFAULT_PORTS.get(scheme)) else f"{scheme}://{shown}:{port}"
