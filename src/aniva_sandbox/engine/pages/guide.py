"""The guide: Markdown topics, each rendered when it is first requested."""

import re
from collections.abc import Hashable, Iterable, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["Manual", "Topic", "guide_routes"]

_BASE: Final = "/guide"
_STYLE_PATH: Final = f"{_BASE}/style.css"
_STYLE = Path(__file__).with_name("guide.css").read_bytes()
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_TOPIC_LINK = re.compile(r"([a-z-]+)\.md(?=#|$)")
_MARK = re.compile(r"^<!--.*?-->\n", re.MULTILINE)
"""The comments that mark the beginning and end of a block for tests and scripts."""

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="{style}">
<link rel="icon" href="data:,">
</head>
<body>
<header>
<a class="home" href="{base}">{home}</a>
<a href="/docs">API reference</a>
</header>
<details class="topics"><summary>Topics</summary>
{links}</details>
<div class="columns">
<nav class="topics" aria-label="Topics">
{links}</nav>
<main>
{content}</main>
</div>
</body>
</html>
"""


class Topic(Protocol):
    """A topic of a manual."""

    @property
    def name(self) -> str:
        """Its name in paths."""

    @property
    def title(self) -> str:
        """Its heading."""

    @property
    def summary(self) -> str:
        """A short description, as plain text."""


class Manual(Hashable, Protocol):
    """A manual: topics in Markdown. A module can implement this protocol."""

    @property
    def NAMES(self) -> Sequence[str]:  # noqa: N802 (a constant of a module)
        """The names of all topics, in reading order."""

    def topics(self) -> Sequence[Topic]:
        """All topics, in reading order."""

    def read(self, topic: str, /) -> str:
        """The Markdown of the topic with this name."""


def guide_routes(manual: Manual, title: str) -> list[Route]:
    """The routes of a manual with this title: the contents, a page per topic, and the style sheet."""

    async def contents(_request: Request) -> Response:
        return HTMLResponse(_contents_page(manual, title), headers=_HEADERS)

    async def page(request: Request) -> Response:
        name = request.url.path.rpartition("/")[2]
        return HTMLResponse(_topic_page(manual, title, name), headers=_HEADERS)

    async def style(_request: Request) -> Response:
        return Response(_STYLE, media_type="text/css", headers=_HEADERS)

    return [
        Route(_BASE, contents),
        Route(_STYLE_PATH, style),
        *(Route(f"{_BASE}/{name}", page) for name in manual.NAMES),
    ]


@cache
def _contents_page(manual: Manual, title: str) -> str:
    entries = "".join(
        f'<dt><a href="{_BASE}/{topic.name}">{escape(topic.title)}</a></dt>\n<dd>{escape(topic.summary)}</dd>\n'
        for topic in manual.topics()
    )
    return _write_page(manual, title, title, f"<h1>Guide</h1>\n<dl>\n{entries}</dl>\n")


@cache
def _topic_page(manual: Manual, title: str, name: str) -> str:
    topics = manual.topics()
    place = manual.NAMES.index(name)
    around = [
        f'<a rel="{rel}" href="{_BASE}/{topics[number].name}">{label}: {escape(topics[number].title)}</a>\n'
        for rel, label, number in (("prev", "Previous", place - 1), ("next", "Next", place + 1))
        if 0 <= number < len(topics)
    ]
    content = _renderer().render(_MARK.sub("", manual.read(name)))
    footer = f"<footer>\n{''.join(around)}</footer>\n"
    return _write_page(manual, title, f"{topics[place].title} – {title}", content + footer, name)


def _write_page(manual: Manual, home: str, title: str, content: str, current: str = "") -> str:
    links = "".join(
        f'<li><a href="{_BASE}/{topic.name}"{_current(topic.name == current)}>{escape(topic.title)}</a></li>\n'
        for topic in manual.topics()
    )
    return _PAGE.format(
        title=escape(title),
        home=escape(home),
        style=_STYLE_PATH,
        base=_BASE,
        links=f"<ul>\n{links}</ul>\n",
        content=content,
    )


def _current(is_current: bool) -> str:
    return ' aria-current="page"' if is_current else ""


@cache
def _renderer() -> "MarkdownIt":
    # Lazy, because it is slow to import and most servers never serve a page.
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.core.ruler.push("guide", lambda state: _adapt(state.tokens))
    markdown.add_render_rule("table_open", _table_open)
    markdown.add_render_rule("table_close", _table_close)
    return markdown


def _table_open(*_rendering: Any) -> str:
    return '<div class="table" tabindex="0">\n<table>\n'


def _table_close(*_rendering: Any) -> str:
    return "</table>\n</div>\n"


def _adapt(tokens: "Sequence[Token]") -> None:
    """Give headings the same ids as on GitHub, and point links between topics to their pages."""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and following is not None:
            token.attrSet("id", _heading_id(following.children or ()))
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("href", _TOPIC_LINK.sub(rf"{_BASE}/\1", str(child.attrGet("href"))))


def _heading_id(inline: "Iterable[Token]") -> str:
    text = "".join(token.content for token in inline).lower()
    return re.sub(r"[^\w -]", "", text).replace(" ", "-")
