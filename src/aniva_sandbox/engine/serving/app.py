"""The ASGI app: the client API, the control plane, their documents, and pages."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, RedirectResponse
from starlette.responses import Response as HttpResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.ground_rules import KEY_HEADER
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.faults.faults import deliver
from aniva_sandbox.engine.faults.record import HEADER
from aniva_sandbox.engine.serving.cors import allow_origins
from aniva_sandbox.engine.serving.documents import ServedDocument
from aniva_sandbox.engine.serving.guard import Guard
from aniva_sandbox.engine.serving.pipeline import (
    Request,
    Response,
    respond,
    respond_to_control,
    respond_with_refusal,
    respond_without_memory,
)
from aniva_sandbox.engine.serving.routes import ExactRoute
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.state import World

__all__ = ["build_app"]

_KEY_HEADER = KEY_HEADER.encode()
_FAULT_HEADER = HEADER.lower().encode()
_DOCUMENTS = ("/openapi.json", "/openapi.yaml")
_LOOPBACK = Guard()


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
) -> ASGIApp:
    """The app that serves these worlds: pages through Starlette, all other paths directly through their pipeline.

    ``pages`` are served in addition to the documents of both APIs; `/` redirects to ``home``. The guard protects the
    whole control plane except public operations; pages require no token. A guard without hosts and token accepts
    loopback only; an app without a socket needs no guard. ``lock`` is held while a pipeline responds, for worlds that
    other threads use too. Pages of ``cors_origins``, as written by
    :func:`~aniva_sandbox.engine.serving.cors.parse_origin`, may call the API and read its documents.
    """
    worlds.send = partial(respond, client_api, worlds)  # without the lock: the control plane holds it
    control = control_api.prefix
    site = _site(client_api, control_api, pages, home)
    page_paths = {route.path for route in site.routes if isinstance(route, ExactRoute)}
    public_paths = control_api.public_paths
    no_memory = partial(respond_without_memory, worlds)
    documents: ASGIApp = site
    client_app: ASGIApp = _PipelineApp(
        _locked(partial(respond, client_api, worlds), lock),
        client_api.max_body,
        lambda key, _path: worlds.world_of_key(key) if key is not None else None,
        no_memory,
        lock,
    )
    if cors_origins:
        client_app, documents = (allow_origins(each, cors_origins) for each in (client_app, site))
    control_app = _PipelineApp(
        _locked(partial(respond_to_control, control_api, worlds), lock),
        control_api.max_body,
        lambda _key, path: worlds.get(unquote(path).removeprefix(f"{control}/worlds/").partition("/")[0]),
        no_memory,
        lock,
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
                await _send(respond_with_refusal(refusal, *bearer), send)
                return
        if path in _DOCUMENTS:
            await documents(scope, receive, send)
        elif path in page_paths:
            await site(scope, receive, send)
        elif of_control:
            await control_app(scope, receive, send)
        else:
            await client_app(scope, receive, send)

    return app


def _locked(
    respond: Callable[[Request], Response], lock: AbstractContextManager[object] | None
) -> Callable[[Request], Response]:
    if lock is None:
        return respond

    def respond_alone(request: Request) -> Response:
        with lock:
            return respond(request)

    return respond_alone


def _site(client_api: Api, control_api: Api, pages: Sequence[ExactRoute], home: str) -> Starlette:
    """The documents, and the pages."""
    client_document, control_document = ServedDocument(client_api), ServedDocument(control_api)
    control = control_api.prefix

    async def root(_request: HttpRequest) -> HttpResponse:
        return RedirectResponse(home)

    async def control_root(_request: HttpRequest) -> HttpResponse:
        return RedirectResponse(f"{control}/")

    return Starlette(
        routes=[
            ExactRoute("/", root),
            ExactRoute(control, control_root),
            *pages,
            ExactRoute(f"{control}/", root),  # if no page is there
            *(
                ExactRoute(path, document)
                for path, document in zip(_DOCUMENTS, (client_document.json, client_document.yaml), strict=True)
            ),
            ExactRoute(f"{control}/openapi.json", control_document.json),
        ],
        exception_handlers={405: _plain_error},
    )


class _PipelineApp:
    """An ASGI app that passes HTTP requests to a pipeline, which responds synchronously, on the event loop. Bodies
    larger than ``max_body`` bytes are not read."""

    def __init__(
        self,
        respond: Callable[[Request], Response],
        max_body: int,
        world_of: Callable[[str | None, str], World | None],
        no_memory: Callable[[str], Response],
        lock: AbstractContextManager[object] | None,
    ) -> None:
        """``world_of`` finds the world of a key and a path; ``no_memory`` gives the response to a method if memory runs
        out while a body is read; ``lock`` is held while requests in flight are counted."""
        self._lock = lock or nullcontext()
        self._respond = respond
        self._max_body = max_body
        self._world_of = world_of
        self._no_memory = no_memory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        key = content_type = fault = encoding = None
        body: bytes | None = b""
        for name, value in scope["headers"]:
            if name == _KEY_HEADER:
                key = value.decode("latin-1") if key is None else ""  # two keys count as none
            elif name == b"content-type":
                content_type = value.decode("latin-1")
            elif name == _FAULT_HEADER:
                fault = value.decode("latin-1")
            elif name == b"content-encoding":
                encoding = value.decode("latin-1")
        raw_path = scope.get("raw_path")
        path = raw_path.decode("latin-1") if raw_path else quote(scope["path"])
        world = None
        try:
            if scope["method"] not in ("GET", "HEAD"):  # a body of these is ignored
                world = self._hold(None, key, path)
                try:
                    body = await _read_body(receive, self._max_body)
                except ClientDisconnect:
                    return  # an incomplete request is ignored
                except MemoryError:
                    await _send(self._no_memory(scope["method"]), send)
                    return
            sent = scope["headers"]
            response = self._respond(
                Request(scope["method"], path, scope["query_string"], key, content_type, body, fault, encoding, sent)
            )
            if response.effect is None:
                await _send(response, send)
            else:
                world = self._hold(world, key, path)  # it may have been created or replaced meanwhile
                await deliver(
                    response.effect,
                    status=response.status,
                    headers=response.headers,
                    body=response.body,
                    scope=scope,
                    receive=receive,
                    send=send,
                )
        finally:
            if world is not None:
                with self._lock:
                    world.in_flight -= 1

    def _hold(self, held: World | None, key: str | None, path: str) -> World | None:
        """The world of a request, counted as in flight instead of the one held before: it cannot be dropped for a new
        world while a body is being received or a response is delayed."""
        with self._lock:
            world = self._world_of(key, path)
            if world is not held:
                if world is not None:
                    world.in_flight += 1
                if held is not None:
                    held.in_flight -= 1
        return world


async def _send(response: Response, send: Send) -> None:
    await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
    await send({"type": "http.response.body", "body": response.body})


def _without_body(send: Send) -> Send:
    """Sends the response to a HEAD request: that of GET without the body."""

    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    return send_head


async def _read_body(receive: Receive, max_body: int) -> bytes | None:
    """The whole body; None, without reading on, if it is too large. Raises ClientDisconnect."""
    body = bytearray()  # it may arrive in many small parts
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > max_body:
            return None
        if not message.get("more_body", False):
            return bytes(body)


async def _plain_error(_request: HttpRequest, error: Any) -> HttpResponse:
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)
