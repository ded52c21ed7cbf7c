"""The ASGI app: partner API, control plane, documents, the API reference and the guide."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from starlette.responses import Response as HttpResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aniva_sandbox.api import partner
from aniva_sandbox.api.links.operations import LinkAnswer
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.document import build_document, load_document
from aniva_sandbox.engine.contract.ground_rules import KEY_HEADER
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.control import plane
from aniva_sandbox.engine.control.faults import HEADER
from aniva_sandbox.engine.pages.guide import guide_routes
from aniva_sandbox.engine.serving.cors import allow_origins
from aniva_sandbox.engine.serving.delivery import send_spoilt
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
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.state import World
from aniva_sandbox.files import find_file

__all__ = ["build_app", "build_control_api", "build_partner_api"]

_KEY_HEADER = KEY_HEADER.encode()
_FAULT_HEADER = HEADER.lower().encode()
_ASSETS = "/docs/assets/"
_DOCUMENTS = ("/openapi.json", "/openapi.yaml")
_CONTROL = "/_sandbox"
_LOOPBACK = Guard()
_ASSET_NAMES = {"swagger_bundle.js", "swagger_preset.js", "swagger_style.css"}
_DOCS_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Aniva sandbox</title>
<link rel="stylesheet" href="/docs/assets/swagger_style.css">
<link rel="icon" href="data:,">
</head>
<body>
<div id="reference"></div>
<script src="/docs/assets/swagger_bundle.js"></script>
<script src="/docs/assets/swagger_preset.js"></script>
<script>
const reference = SwaggerUIBundle({
  urls: [
    {name: "Partner API", url: "/openapi.json"},
    {name: "Control plane", url: "/_sandbox/openapi.json"},
  ],
  dom_id: "#reference",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
  deepLinking: true,
  displayRequestDuration: true,
  validatorUrl: null,
  onComplete: () => reference.preauthorizeApiKey("apiKey", "sbx_default"),
});
</script>
</body>
</html>
"""


def build_partner_api(spec: Path | None = None, link_answer: LinkAnswer = "parent") -> Api:
    """The partner API, from the committed document or from a proposed one. Raises DocumentError.

    The committed document has changes of links answer with their parent; for the other answer it is made anew.
    """
    operations = partner.operations(link_answer)
    if spec is None and link_answer != "parent":
        document = build_document(partner.INFO, operations, partner.LEDGER)
    else:
        document = load_document(spec or find_file("openapi.yaml"))
    return Api(document, operations, partner.LEDGER, proposal=spec is not None, prefix=partner.INFO.base)


def build_control_api() -> Api:
    """The control plane, from the document made of its operations."""
    document = build_document(plane.INFO, plane.OPERATIONS, plane.LEDGER)
    return Api(document, plane.OPERATIONS, plane.LEDGER)


def build_app(
    worlds: Worlds,
    partner_api: Api,
    control_api: Api,
    guard: Guard | None = _LOOPBACK,
    *,
    lock: AbstractContextManager[object] | None = None,
    cors_origins: Collection[str] = (),
) -> ASGIApp:
    """The app that serves these worlds: pages through Starlette, all other paths straight through their pipeline.

    Everything of the control plane stands behind the guard, but what is public, and its pages need no token; the guard
    without hosts and token lets loopback in, and an app that no socket leads to needs none. ``lock`` is held while a
    pipeline answers, where other threads use the worlds too. Pages of ``cors_origins``, as
    :func:`~aniva_sandbox.engine.serving.cors.parse_origin` writes them, may call the partner API and read its documents.
    """
    pages = _pages(partner_api, control_api)
    page_paths = {route.path for route in pages.routes if isinstance(route, Route)}
    public_paths = {
        endpoint.path for endpoint in control_api.endpoints.values() if endpoint.operation and endpoint.operation.public
    }
    no_memory = partial(respond_without_memory, worlds)
    documents: ASGIApp = pages
    partner_app: ASGIApp = _Gate(
        _locked(partial(respond, partner_api, worlds), lock),
        partner_api.max_body,
        lambda key, _path: worlds.world_of_key(key) if key is not None else None,
        no_memory,
        lock,
    )
    if cors_origins:
        partner_app, documents = (allow_origins(each, cors_origins) for each in (partner_app, pages))
    control_app = _Gate(
        _locked(partial(respond_to_control, control_api, worlds), lock),
        control_api.max_body,
        lambda _key, path: worlds.peek(unquote(path).removeprefix(f"{_CONTROL}/worlds/").partition("/")[0]),
        no_memory,
        lock,
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "/")  # a lifespan has none
        if path.startswith("/api/"):  # first, because most requests are these
            await partner_app(scope, receive, send)
            return
        of_control = path == _CONTROL or path.startswith(f"{_CONTROL}/")
        method = scope.get("method")  # a WebSocket has none
        if method == "HEAD":
            send = _without_body(send)
        public = path in public_paths and method in ("GET", "HEAD")
        if guard is not None and of_control and scope["type"] == "http" and not public:
            try:
                guard.admit(scope["headers"], needs_token=path not in page_paths)
            except Refusal as refusal:
                bearer = [(b"www-authenticate", b"Bearer")] if refusal.status == 401 else []
                await _send(respond_with_refusal(refusal, *bearer), send)
                return
        if path in _DOCUMENTS:
            await documents(scope, receive, send)
        elif path in page_paths:
            await pages(scope, receive, send)
        elif of_control:
            await control_app(scope, receive, send)
        else:
            await partner_app(scope, receive, send)

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


def _pages(partner_api: Api, control_api: Api) -> Starlette:
    """The documents, the reference made from them, and the guide."""
    partner_document, control_document = ServedDocument(partner_api), ServedDocument(control_api)
    assets = _docs_assets()

    async def docs(_request: HttpRequest) -> HttpResponse:
        return HTMLResponse(_DOCS_PAGE)

    async def asset(request: HttpRequest) -> HttpResponse:
        return FileResponse(assets / request.url.path.removeprefix(_ASSETS))

    async def root(_request: HttpRequest) -> HttpResponse:
        return RedirectResponse("/docs")

    return Starlette(
        routes=[
            Route("/", root),
            Route("/docs", docs),
            *guide_routes(),
            Route(_CONTROL, root),
            Route(f"{_CONTROL}/", root),
            *(Route(f"{_ASSETS}{name}", asset) for name in sorted(_ASSET_NAMES)),
            *(
                Route(path, document)
                for path, document in zip(_DOCUMENTS, (partner_document.json, partner_document.yaml), strict=True)
            ),
            Route(f"{_CONTROL}/openapi.json", control_document.json),
        ],
        exception_handlers={405: _plain_error},
    )


class _Gate:
    """Brings HTTP requests to a pipeline, which answers them at once, on the event loop. Of a body, up to ``max_body``
    bytes are read."""

    def __init__(
        self,
        respond: Callable[[Request], Response],
        max_body: int,
        world_of: Callable[[str | None, str], World | None],
        no_memory: Callable[[str], Response],
        lock: AbstractContextManager[object] | None,
    ) -> None:
        """``world_of`` finds the world that a key and a path are about; ``no_memory`` answers a method where a body
        does not fit; ``lock`` is held while worlds are counted."""
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
                key = value.decode("latin-1") if key is None else ""  # two keys are none
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
            if scope["method"] not in ("GET", "HEAD"):  # nothing that is read by these has a body
                world = self._held(None, key, path)
                try:
                    body = await _read_body(receive, self._max_body)
                except ClientDisconnect:
                    return  # half a request is none
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
                world = self._held(world, key, path)  # by now it may have been made, or replaced
                await send_spoilt(response, response.effect, scope, receive, send)
        finally:
            if world is not None:
                with self._lock:
                    world.in_flight -= 1

    def _held(self, held: World | None, key: str | None, path: str) -> World | None:
        """The world of a request, counted as in flight in the place of another: it cannot be dropped for a new one
        while a body is on its way, or an answer waits."""
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
    """What a HEAD is answered with: what comes of GET, but for the body."""

    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    return send_head


async def _read_body(receive: Receive, max_body: int) -> bytes | None:
    """The whole body; None, without reading on, where it is larger than a body may be. Raises ClientDisconnect."""
    body = bytearray()  # it may come in very many parts
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


def _docs_assets() -> Path:
    """The folder of Swagger UI's files, found without importing the package that brings them."""
    spec = find_spec("offapi")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package offapi, which brings the API reference, is not installed")
    return Path(spec.origin).parent
