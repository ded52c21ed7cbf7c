"""Reports as pages: what a page refers to, and how it is in a browser."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any


class Page(HTMLParser):
    """The rows of items in a page: class and text. And the tags with the attributes that could load something."""

    def __init__(self, page: str, row: str = "tr") -> None:
        super().__init__()
        self.rows: list[tuple[str, str]] = []
        self.loads: list[str] = []
        self.tags: list[str] = []
        self._row = row
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.loads += [str(found[name]) for name in ("src", "href", "action", "srcset") if name in found]
        if tag == self._row:
            self._inside = True
            self.rows.append((found.get("class") or "", ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != self._row

    def handle_data(self, data: str) -> None:
        if self._inside:
            state, text = self.rows[-1]
            self.rows[-1] = (state, " ".join(f"{text} {data}".split()))


def watch(browser: Any, file: Path) -> tuple[Any, list[str], list[str]]:
    """A page that shows a file; what it requests, and what it logs, are added to the lists."""
    requests: list[str] = []
    wrong: list[str] = []
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(file.as_uri())
    return page, requests, wrong


def too_wide(page: Any) -> list[tuple[str, int]]:
    """The schemes and widths of screens for which a page is too wide."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (390, 700, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append((scheme, width))
    return found
