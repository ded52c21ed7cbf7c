"""The ASGI app: the client API, the control plane, their documents, and pages."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.serving.calls import Calls, Direct, send_response
from aniva_sandbox.engine.serving.cors import allow_origins
from aniva_sandbox.engine.serving.documents import ServedDocument
from aniva_sandbox.engine.serving.guard import Guard
from aniva_sandbox.engine.serving.pipeline import respond, respond_to_control
from aniva_sandbox.engine.serving.responses import respond_with_refusal, respond_without_memory
from aniva_sandbox.engine.serving.routes import ExactRoute
from aniva_sandbox.engine.store.memory import Worlds

if TYPE_CHECKING:
    from aniva_sandbox.engine.serving.shared import Shared

__all__ = ["build_app"]

_DOCUMENTS = ("/openapi.json", "/openapi.yaml")
_LOOPBACK = Guard()


class _App:
    """The ASGI app, and its calls that need no ASGI, if there are any."""

    def __init__(self, app: ASGIApp, direct: Direct | None) -> None:
        self._app = app
        self.direct = direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def build_app(
    worlds: Worlds,
    client_api: Api,
    control_api: Api,
    guard: Guard | None = _LOOPBACK,
    *,
    pages: Sequence[ExactRoute] = (),
    home: str = "/openapi.json",
    lock: AbstractContextManager[object] | None = None,
    cors_origins: Collection[str] = (),
    shared: "Shared | None" = None,
) -> ASGIApp:
    """The app that serves these worlds: pages through Starlette, all other paths directly through their pipeline.

    ``pages`` are served in addition to the documents of both APIs; `/` redirects to ``home``. The guard protects the
    whole control plane except public operations; pages require no token. A guard without hosts and token accepts
    loopback only; an app without a socket needs no guard. ``lock`` is held while a pipeline responds, for worlds that
    other threads use too. Pages of ``cors_origins``, as written by
    :func:`~aniva_sandbox.engine.serving.cors.parse_origin`, may call the API and read its documents. With
    ``shared``, the worlds are copies of those that other processes use, too.
    """
    worlds.send = partial(respond, client_api, worlds)  # without the lock: the control plane holds it
    control = control_api.prefix
    site = _Site(client_api, control_api, pages, home)
    page_paths = site.paths
    public_paths = control_api.public_paths
    no_memory = partial(respond_without_memory, worlds)
    documents: ASGIApp = site
    client_app: ASGIApp
    client_app = client_calls = Calls(
        partial(respond, client_api, worlds),
        client_api.max_body,
        lambda key, _path: worlds.world_of_key(key) if key is not None else None,
        no_memory,
        lock,
        shared.call if shared is not None else None,
    )
    if cors_origins:
        client_app, documents = (allow_origins(each, cors_origins) for each in (client_app, site))
    control_app = Calls(
        partial(respond_to_control, control_api, worlds),
        control_api.max_body,
        lambda _key, path: worlds.get(unquote(path).removeprefix(f"{control}/worlds/").partition("/")[0]),
        no_memory,
        lock,
        shared.control if shared is not None else None,
    )

    first, below = f"{client_api.prefix}/", f"{control}/"
    # The prefix of a proposed document may be empty, or overlap with other paths.
    is_separate = not any(f"{path}/".startswith(first) for path in page_paths) and not first.startswith(below)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "/")  # a lifespan has none
        if is_separate and path.startswith(first):  # first, because most requests are these
            await client_app(scope, receive, send)
            return
        of_control = path == control or path.startswith(below)
        method = scope.get("method")  # a WebSocket has none
        if method == "HEAD":
            send = _without_body(send)
        public = path in public_paths and method in ("GET", "HEAD")
        if guard is not None and of_control and scope["type"] == "http" and not public:
            try:
                guard.admit(scope["headers"], is_page=path in page_paths)
            except Refusal as refusal:
                bearer = [(b"www-authenticate", b"Bearer")] if refusal.status == 401 else []
                await send_response(respond_with_refusal(refusal, *bearer), send)
                return
        if path in _DOCUMENTS:
            await documents(scope, receive, send)
        elif path in page_paths:
            await site(scope, receive, send)
        elif of_control:
            await control_app(scope, receive, send)
        else:
            await client_app(scope, receive, send)

    is_direct = is_separate and not cors_origins  # CORS is a matter of ASGI
    begin = shared.begin if shared is not None else None
    return _App(app, Direct(client_calls, first, begin) if is_direct else None)


class _Site:
    """The documents and the pages, as an app that is made when one of them is first asked for."""

    def __init__(self, client_api: Api, control_api: Api, pages: Sequence[ExactRoute], home: str) -> None:
        client_document, control_document = ServedDocument(client_api), ServedDocument(control_api)
        control = control_api.prefix
        documents = zip(_DOCUMENTS, (client_document.json, client_document.yaml), strict=True)
        self._pages = [
            *pages,
            *(ExactRoute(path, document) for path, document in documents),
            ExactRoute(f"{control}/openapi.json", control_document.json),
        ]
        known = {page.path for page in self._pages}
        redirects = {"/": home, control: f"{control}/", f"{control}/": home}
        self._redirects = {path: to for path, to in redirects.items() if path not in known}
        self.paths = known | redirects.keys()
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            from aniva_sandbox.engine.serving.site import build_site  # lazy: most servers never serve a page

            self._app = build_site(self._pages, self._redirects)
        await self._app(scope, receive, send)


def _without_body(send: Send) -> Send:
    """Sends the response to a HEAD request: that of GET without the body."""

    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    return send_head
