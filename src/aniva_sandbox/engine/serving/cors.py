"""Pages of other origins that may call the client API (CORS)."""

import re
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from aniva_sandbox.engine.serving.guard import DEFAULT_PORTS, parse_authority

__all__ = ["allow_origins", "parse_origin"]

EXPOSED = (
    *("X-Sandbox-World", "X-Sandbox-Time", "X-Sandbox-Rule", "X-Sandbox-Mismatch", "X-Sandbox-Fault"),
    *("Allow", "Content-Disposition", "Deprecation", "Retry-After", "Warning"),
)
"""The headers of responses that a page may read beside those that every page may."""

MAX_PORT = 65535
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)


def allow_origins(app: ASGIApp, origins: Collection[str]) -> ASGIApp:
    """The app as pages of these origins may call it, as :func:`parse_origin` writes them.

    Any method and any header may be sent: what the API does not read, it ignores. No credentials: the key is a header.
    What other pages send is the app's own to refuse, preflights included, so that it is told as without CORS.
    """
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
    """An origin as browsers send it: lower case, no default port. Raises ValueError for what is none, ``*`` included:
    then any page that a developer visits could call."""
    scheme, _, rest = text.partition("://")
    authority = parse_authority(rest) if _SCHEME.fullmatch(scheme) else None
    if authority is None or int(authority[1] or 0) > MAX_PORT:
        raise ValueError(
            f"{text!r} is not an origin, which has a scheme, a host and perhaps a port, but no path: "
            "http://localhost:5173"
        )
    scheme, (host, port) = scheme.lower(), authority
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" if port in (None, DEFAULT_PORTS.get(scheme)) else f"{scheme}://{shown}:{port}"
