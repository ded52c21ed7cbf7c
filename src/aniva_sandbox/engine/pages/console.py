"""The console: static modules that show the worlds of a server through its control plane."""

import json
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aniva_sandbox.engine.pages.static import file_routes, page_route, show_json
from aniva_sandbox.engine.serving.routes import ExactRoute, Shown

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["console_routes"]

_PAGES: Final = Path(__file__).parent


def console_routes(
    title: str, control: str, links: Mapping[str, str], operations: Callable[[], Mapping[str, str]] = dict
) -> list[ExactRoute]:
    """The routes of the console: its page, below the prefix of the control plane, and the files that this loads.

    ``links`` are the addresses of other pages by their names, such as "Guide"; ``operations`` returns those of
    operations in the reference, by their ids.
    """
    assets = f"{control}/console/"
    page = (_PAGES / "console" / "index.html").read_text(encoding="utf-8")
    for name, value in {
        "@TITLE@": title,
        "@CONTROL@": control,
        "@ASSETS@": assets,
        "@LINKS@": json.dumps(dict(links)),
    }.items():
        page = page.replace(name, escape(value))

    async def addresses(_request: "Request") -> Shown:
        return show_json(dict(operations()))

    async def axes(_request: "Request") -> Shown:
        from aniva_sandbox.engine.evidence.coverage.wording import MEANINGS  # lazy: few servers show a page

        return show_json(MEANINGS)

    return [
        page_route(f"{control}/", page),
        *file_routes(assets, *_files()),
        ExactRoute(f"{assets}operations.json", addresses),
        ExactRoute(f"{assets}axes.json", axes),
    ]


def _files() -> list[Path]:
    folder = _PAGES / "console"
    modules = [path for path in sorted(folder.rglob("*")) if path.suffix in (".js", ".css")]
    return [_PAGES / "base.css", *modules, *sorted((_PAGES / "vendor").glob("*.mjs"))]
