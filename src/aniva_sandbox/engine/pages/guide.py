"""The guide: Markdown topics, each rendered when it is first requested, and a search over all of them."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from aniva_sandbox.engine.pages.static import file_routes, show_json, show_page
from aniva_sandbox.engine.serving.routes import ExactRoute, Shown

if TYPE_CHECKING:
    from starlette.requests import Request

    from aniva_sandbox.engine.pages.guide_text import Text

__all__ = ["Manual", "Topic", "guide_routes"]

_BASE: Final = "/guide"
_PAGES: Final = Path(__file__).parent
_FILES: Final = tuple(_PAGES / name for name in ("base.css", "guide.css", "guide.js"))

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="{base}/base.css">
<link rel="stylesheet" href="{base}/guide.css">
<link rel="icon" href="data:,">
<script type="module" src="{base}/guide.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
<a class="home" href="{base}">{home}</a>
<search hidden data-sections="{base}/search.json">
<input type="search" aria-label="Search the guide" placeholder="Search the guide" autocomplete="off">
<ul></ul>
<p class="hidden-text" role="status"></p>
</search>
<nav aria-label="Pages of the sandbox">
{pages}</nav>
</header>
<details class="topics"><summary>Topics</summary>
{links}</details>
<div class="columns">
<nav class="topics" aria-label="Topics">
{links}</nav>
<main id="main" tabindex="-1">
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


class Manual(Protocol):
    """A manual: topics in Markdown. A module can implement this protocol."""

    @property
    def NAMES(self) -> Sequence[str]:  # noqa: N802 (a constant of a module)
        """The names of all topics, in reading order."""

    def topics(self) -> Sequence[Topic]:
        """All topics, in reading order."""

    def read(self, topic: str, /) -> str:
        """The Markdown of the topic with this name."""


def guide_routes(
    manual: Manual,
    title: str,
    pages: Mapping[str, str] | None = None,
    references: Callable[[], Mapping[str, str]] = dict,
) -> list[ExactRoute]:
    """The routes of a manual with this title: the contents, a page per topic, the search, and the files they load.

    ``pages`` are the addresses of other pages by their names; inline code that is an address in one of them links to
    it. ``references`` returns the addresses that other inline code links to, such as the id of a rule or of an
    operation. It is called when a topic is first requested.
    """
    guide = _Guide(manual, title, pages or {}, references)

    async def contents(_request: "Request") -> Shown:
        return show_page(guide.contents())

    async def page(request: "Request") -> Shown:
        return show_page(guide.topic(request.url.path.rpartition("/")[2]))

    async def search(_request: "Request") -> Shown:
        return show_json(guide.sections())

    return [
        ExactRoute(_BASE, contents),
        ExactRoute(f"{_BASE}/search.json", search),
        *file_routes(f"{_BASE}/", *_FILES),
        *(ExactRoute(f"{_BASE}/{name}", page) for name in manual.NAMES),
    ]


class _Guide:
    """The pages of a manual. Each is made once."""

    def __init__(
        self, manual: Manual, title: str, pages: Mapping[str, str], references: Callable[[], Mapping[str, str]]
    ) -> None:
        self._manual = manual
        self._title = title
        self._pages = pages
        self._references = cache(references)
        self._text = cache(self._read)
        self.contents = cache(self._write_contents)
        """Returns the page that lists the topics."""
        self.topic = cache(self._write_topic)
        """Returns the page of a topic, given its name."""
        self.sections = cache(self._list_sections)
        """Returns what the search looks through: each heading with its address and text."""

    def _read(self, name: str) -> "Text":
        # Lazy, because the renderer is slow to import and most servers never serve a page.
        from aniva_sandbox.engine.pages.guide_text import read_text

        return read_text(self._manual.read(name), _BASE, self._references(), [*self._pages.values(), _BASE])

    def _write_contents(self) -> str:
        entries = "".join(
            f'<dt><a href="{_BASE}/{topic.name}">{escape(topic.title)}</a></dt>\n<dd>{escape(topic.summary)}</dd>\n'
            for topic in self._manual.topics()
        )
        return self._write(self._title, f"<h1>Guide</h1>\n<dl>\n{entries}</dl>\n")

    def _write_topic(self, name: str) -> str:
        topics = self._manual.topics()
        place = self._manual.NAMES.index(name)
        around = [
            f'<a rel="{rel}" href="{_BASE}/{topics[number].name}">{label}: {escape(topics[number].title)}</a>\n'
            for rel, label, number in (("prev", "Previous", place - 1), ("next", "Next", place + 1))
            if 0 <= number < len(topics)
        ]
        footer = f"<footer>\n{''.join(around)}</footer>\n"
        return self._write(f"{topics[place].title} – {self._title}", self._text(name).html + footer, name)

    def _list_sections(self) -> list[dict[str, Any]]:
        return [
            {
                "topic": topic.title,
                "heading": section.heading,
                "address": f"{_BASE}/{topic.name}" + (f"#{section.anchor}" if number else ""),
                "text": section.text,
            }
            for topic in self._manual.topics()
            for number, section in enumerate(self._text(topic.name).sections)
        ]

    def _write(self, title: str, content: str, current: str = "") -> str:
        links = "".join(
            f'<li><a href="{_BASE}/{topic.name}"{_current(topic.name == current)}>{escape(topic.title)}</a></li>\n'
            for topic in self._manual.topics()
        )
        pages = {**self._pages, "Guide": _BASE}
        return _PAGE.format(
            title=escape(title),
            home=escape(self._title),
            base=_BASE,
            pages="".join(
                f'<a href="{escape(address)}"{_current(address == _BASE)}>{escape(name)}</a>\n'
                for name, address in pages.items()
            ),
            links=f"<ul>\n{links}</ul>\n",
            content=content,
        )


def _current(is_current: bool) -> str:
    return ' aria-current="page"' if is_current else ""
