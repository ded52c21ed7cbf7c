"""The API reference: Swagger UI, offline, with a document of each API that is made for it."""

import re
from collections.abc import Callable
from datetime import datetime
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.document import Contract
from aniva_sandbox.engine.pages.reference_document import DEFAULT_WORLD, ReferenceDocument
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.keys import KEY_PREFIX, WORLD_NAME

__all__ = ["Documented", "reference_routes"]

_BASE: Final = "/docs"
_ASSETS: Final = f"{_BASE}/assets/"
_PACKAGED: Final = ("swagger_bundle.js", "swagger_style.css")
_OWN: Final = {
    "reference.css": "text/css",
    "reference.js": "text/javascript",
    "refusals.js": "text/javascript",
}
_FILES: Final = {name: Path(__file__).with_name(name).read_bytes() for name in _OWN}
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="/docs/assets/swagger_style.css">
<link rel="stylesheet" href="/docs/assets/reference.css">
<link rel="icon" href="data:,">
<script defer src="/docs/assets/swagger_bundle.js"></script>
<script type="module" src="/docs/assets/reference.js"></script>
</head>
<body>
<header class="site">
<nav aria-label="References">
{references}</nav>
<nav aria-label="Sandbox">
{links}</nav>
</header>
<div id="reference" data-document="{document}" data-key="{key}"></div>
<noscript>This page needs JavaScript. The document behind it is <a href="{source}">{source}</a>.</noscript>
</body>
</html>
"""


class Documented(NamedTuple):
    """An API for the reference."""

    api: Api
    contract: Contract
    """That of the operations behind its document."""


class _Entry(NamedTuple):
    """One of the two references."""

    name: str
    path: str
    document: str
    """The path of the document made for the page."""
    source: str
    """The path of the document as it is."""


def reference_routes(
    title: str,
    name: str,
    worlds: Worlds,
    client: Documented,
    control: Documented,
    *,
    console: str = "",
    guide: str = "",
) -> list[Route]:
    """The routes of the reference: a page for the API of this name and one for the control plane, each with its
    document, and their assets.

    ``console`` and ``guide`` are the paths of these pages, for links; empty if there is none. The query parameter
    ``world`` names the world that examples are made for, and whose key is used.
    """
    entries = (
        _Entry(name, _BASE, f"{_BASE}/api.json", "/openapi.json"),
        _Entry("Control plane", f"{_BASE}/control", f"{_BASE}/control.json", f"{control.api.prefix}/openapi.json"),
    )
    rules_at = f"{console}#/rules/" if console else ""
    folder = _folder()

    def page_of(entry: _Entry) -> Callable[[Request], Response]:
        links = {"Console": console, "Guide": guide, "OpenAPI": entry.source}

        async def page(request: Request) -> Response:
            world = _world(request)
            query = "" if world == DEFAULT_WORLD else f"?world={world}"
            references = "".join(_link(each.path + query, each.name, is_current=each is entry) for each in entries)
            content = _PAGE.format(
                title=escape(f"{entry.name} · {title}"),
                references=references,
                links="".join(_link(path, label) for label, path in links.items() if path),
                document=entry.document + query,
                key=KEY_PREFIX + world,
                source=entry.source,
            )
            return HTMLResponse(content, headers=_HEADERS)

        return page

    def document_of(documented: Documented) -> Callable[[Request], Response]:
        made: list[ReferenceDocument] = []

        async def document(request: Request) -> Response:
            if not made:  # in a thread, because it takes more than a tenth of a second
                make = lambda: ReferenceDocument(*documented, worlds.domain.refused(), rules_at)
                made.append(await run_in_threadpool(make))
            world = _world(request)
            content = msgspec.json.encode(made[0].at(_now(worlds, world), world))
            return Response(content, media_type="application/json", headers={"cache-control": "no-store"})

        return document

    async def packaged(request: Request) -> Response:
        return FileResponse(folder / request.url.path.removeprefix(_ASSETS))

    async def own(request: Request) -> Response:
        file = request.url.path.removeprefix(_ASSETS)
        return Response(_FILES[file], media_type=_OWN[file])

    return [
        *(Route(entry.path, page_of(entry)) for entry in entries),
        *(
            Route(entry.document, document_of(documented))
            for entry, documented in zip(entries, (client, control), strict=True)
        ),
        *(Route(_ASSETS + file, packaged) for file in _PACKAGED),
        *(Route(_ASSETS + file, own) for file in _OWN),
    ]


def _link(path: str, label: str, *, is_current: bool = False) -> str:
    return f'<a href="{escape(path)}"{_CURRENT if is_current else ""}>{escape(label)}</a>\n'


_CURRENT: Final = ' aria-current="page"'


def _world(request: Request) -> str:
    """The name of the world that a page is asked for."""
    name = request.query_params.get("world", "")
    return name if re.fullmatch(WORLD_NAME, name) else DEFAULT_WORLD


def _now(worlds: Worlds, name: str) -> datetime:
    """The current time of a world, or that at which it would begin."""
    world = worlds.peek(name)
    if world is None:
        beginning = worlds.fixtures(worlds.fixture)
        return beginning.state(worlds.mode, worlds.start, worlds.seed, None).clock.now
    return world.clock.read()


def _folder() -> Path:
    """The folder of Swagger UI's files, located without importing their package."""
    spec = find_spec("offapi")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package offapi, which contains the API reference, is not installed")
    return Path(spec.origin).parent
