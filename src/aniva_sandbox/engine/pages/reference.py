"""The API reference: Swagger UI, offline, with a document of each API that is made for it."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.document import Contract
from aniva_sandbox.engine.pages.static import file_routes, show_page
from aniva_sandbox.engine.serving.routes import ExactRoute, Shown
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.keys import DEFAULT_WORLD, KEY_PREFIX, WORLD_NAME

if TYPE_CHECKING:
    from starlette.requests import Request

    from aniva_sandbox.engine.pages.reference_document import ReferenceDocument

__all__ = ["Documented", "reference_routes"]

_BASE: Final = "/docs"
_ASSETS: Final = f"{_BASE}/assets/"
_PAGES: Final = Path(__file__).parent
_PACKAGED: Final = ("swagger_bundle.js", "swagger_style.css")
_Show = Callable[["Request"], Awaitable[Shown]]


class Documented(NamedTuple):
    """An API for the reference."""

    api: Api
    contract: Callable[[], Contract]
    """Returns that of the operations behind its document."""


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
    links: Mapping[str, str],
    rules: str = "",
) -> list[ExactRoute]:
    """The routes of the reference: a page for the API of this name and one for the control plane, each with its
    document, and the files that they load.

    ``links`` are the addresses of other pages by their names, such as "Guide"; ``rules`` is the address of pages about
    rules, without the id, or empty. The query parameter ``world`` names the world that examples are made for, and whose
    key is used.
    """
    entries = (
        _Entry(name, _BASE, f"{_BASE}/api.json", "/openapi.json"),
        _Entry("Control plane", f"{_BASE}/control", f"{_BASE}/control.json", f"{control.api.prefix}/openapi.json"),
    )
    return [
        *(ExactRoute(entry.path, _page(title, entry, entries, links)) for entry in entries),
        *(
            ExactRoute(entry.document, _document(documented, worlds, rules))
            for entry, documented in zip(entries, (client, control), strict=True)
        ),
        *file_routes(_ASSETS, *_files()),
    ]


def _page(title: str, entry: _Entry, entries: tuple[_Entry, ...], links: Mapping[str, str]) -> _Show:
    template = (_PAGES / "reference" / "index.html").read_text(encoding="utf-8")
    others = "".join(_link(path, label) for label, path in {**links, "OpenAPI": entry.source}.items())

    async def show(request: "Request") -> Shown:
        world = _world(request)
        query = "" if world == DEFAULT_WORLD else f"?world={world}"
        page = template
        for mark, value in {
            "@TITLE@": escape(f"{entry.name} – {title}"),
            "@ASSETS@": _ASSETS,
            "@REFERENCES@": "".join(_link(each.path + query, each.name, each is entry) for each in entries),
            "@LINKS@": others,
            "@DOCUMENT@": entry.document + query,
            "@KEY@": KEY_PREFIX + world,
            "@SOURCE@": entry.source,
        }.items():
            page = page.replace(mark, value)
        return show_page(page)

    return show


def _document(documented: Documented, worlds: Worlds, rules: str) -> _Show:
    made: list[ReferenceDocument] = []

    def make() -> None:
        from aniva_sandbox.engine.pages.reference_document import ReferenceDocument  # lazy: few servers show a page

        api, contract = documented
        made.append(ReferenceDocument(api, contract(), worlds.domain.refused(), rules))

    async def show(request: "Request") -> Shown:
        if not made:
            from starlette.concurrency import run_in_threadpool  # lazy, as above

            await run_in_threadpool(make)  # because it takes more than a tenth of a second
        world = _world(request)
        content = msgspec.json.encode(made[0].at(_now(worlds, world), world))
        return Shown(content, "application/json", {"cache-control": "no-store"})

    return show


def _link(path: str, label: str, is_current: bool = False) -> str:
    current = ' aria-current="page"' if is_current else ""
    return f'<a href="{escape(path)}"{current}>{escape(label)}</a>\n'


def _world(request: "Request") -> str:
    """The name of the world that a page is asked for."""
    name = request.query_params.get("world", "")
    return name if re.fullmatch(WORLD_NAME, name) else DEFAULT_WORLD


def _now(worlds: Worlds, name: str) -> datetime:
    """The current time of a world, or that at which it would begin."""
    world = worlds.get(name)
    if world is None:
        return worlds.fixtures(worlds.fixture).clock(worlds.mode, worlds.start).now
    return world.clock.read()


def _files() -> list[Path]:
    folder = _PAGES / "reference"
    packaged = _package()
    own = (path for path in sorted(folder.iterdir()) if path.suffix in (".js", ".css"))
    return [_PAGES / "base.css", *(packaged / name for name in _PACKAGED), *own]


def _package() -> Path:
    """The folder of Swagger UI's files, located without importing their package."""
    spec = find_spec("offapi")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package offapi, which contains the API reference, is not installed")
    return Path(spec.origin).parent
