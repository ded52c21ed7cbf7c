"""The Markdown of a guide: as HTML with links, and as texts that can be searched."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

__all__ = ["Section", "Text", "read_text"]

_TOPIC_LINK = re.compile(r"([a-z-]+)\.md(?=#|$)")
_SERVER = re.compile(r"^http://127\.0\.0\.1:\d+")
"""The server that a guide is about: the one that serves it."""
_MARK = re.compile(r"^<!--.*?-->\n", re.MULTILINE)
"""The comments that mark the beginning and end of a block for tests and scripts."""


class Section(msgspec.Struct, frozen=True):
    """A heading of a topic, and the text up to the next heading, without its markup."""

    heading: str
    anchor: str
    """The id of the heading."""
    text: str


class Text(msgspec.Struct, frozen=True):
    """A topic, ready to be shown and searched."""

    html: str
    sections: list[Section]


def read_text(markdown: str, base: str, references: Mapping[str, str], pages: Collection[str] = ()) -> Text:
    """Read a topic. Links to other topics lead below ``base``; ``references`` are the addresses that inline code with a
    certain text links to. Inline code that is the address of one of these ``pages``, or of something in it, links to
    it."""
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    renderer.add_render_rule("table_open", _table_open)
    renderer.add_render_rule("table_close", _table_close)
    tokens = renderer.parse(_MARK.sub("", markdown))
    for token, content in _headings(tokens):
        token.attrSet("id", _anchor(content))
    sections = list(_sections(tokens))
    for token in tokens:
        if token.children:
            token.children = list(_linked(token.children, base, references, pages))
    return Text(renderer.renderer.render(tokens, renderer.options, {}), sections)


def _table_open(*_rendering: Any) -> str:
    return '<div class="table" tabindex="0">\n<table>\n'


def _table_close(*_rendering: Any) -> str:
    return "</table>\n</div>\n"


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    """The openings of headings, each with its text."""
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            yield token, _plain(following)


def _anchor(heading: str) -> str:
    """The id of a heading, the same as on GitHub."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _plain(inline: Token) -> str:
    return "".join(" " if token.type == "softbreak" else token.content for token in inline.children or ())


def _sections(tokens: Sequence[Token]) -> Iterator[Section]:
    heading, anchor, texts = "", "", list[str]()
    is_heading = False
    for token in tokens:
        if token.type == "heading_open":
            if heading:
                yield Section(heading, anchor, " ".join(texts))
            anchor, texts, is_heading = str(token.attrGet("id")), [], True
        elif token.type == "inline" and is_heading:
            heading, is_heading = _plain(token), False
        elif token.type == "inline":
            texts.append(_plain(token))
        elif token.type == "fence":
            texts.append(" ".join(token.content.split()))
    if heading:
        yield Section(heading, anchor, " ".join(texts))


def _linked(
    tokens: Iterable[Token], base: str, references: Mapping[str, str], pages: Collection[str]
) -> Iterator[Token]:
    """Inline tokens with links between topics that lead to their pages, and with references as links."""
    depth = 0
    for token in tokens:
        depth += token.type == "link_open"
        depth -= token.type == "link_close"
        if token.type == "link_open":
            token.attrSet("href", _TOPIC_LINK.sub(rf"{base}/\1", str(token.attrGet("href"))))
        is_bare = token.type == "code_inline" and depth == 0
        address = references.get(token.content) or _page_at(token.content, pages) if is_bare else None
        if address is None:
            yield token
        else:
            yield from (Token("link_open", "a", 1, attrs={"href": address}), token, Token("link_close", "a", -1))


def _page_at(text: str, pages: Collection[str]) -> str | None:
    """The path of an address that is one of the pages, or in one; None for any other text. A page whose path ends with
    a slash has only its fragments in it: what follows may be other paths, such as calls."""
    path = _SERVER.sub("", text)
    for page in pages:
        if path == page or (path.startswith(page) and path[len(page)] in ("#?" if page.endswith("/") else "#?/")):
            return path
    return None
