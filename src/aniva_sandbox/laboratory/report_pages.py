"""Pages that are filled with lines of text, and then painted. Measures are in millimetres from the top left corner,
font sizes in points."""

import unicodedata
from collections.abc import Callable, Container, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from fpdf.fonts import TTFFont

__all__ = [
    "ACCENT",
    "BODY",
    "CATEGORY",
    "LEFT",
    "NOTICE",
    "SECTION",
    "SENDER",
    "SMALL",
    "SMALL_STRONG",
    "STRONG",
    "TINT",
    "TINY",
    "TITLE",
    "WIDTH",
    "Cell",
    "Sheets",
    "Style",
]

LEFT, WIDTH, _TOP, _BOTTOM = 16.0, 178.0, 10.0, 279.0
_POINT: Final = 25.4 / 72
_MOST_LINES: Final = 40
"""The number of lines of a row that stay together: they fit below any head."""
_MOST_HEAD_LINES: Final = 6
"""The number of lines of a paragraph in the head of a page."""

_Colour = tuple[int, int, int]
_INK, _GREY, _WHITE = (34, 38, 42), (98, 106, 112), (255, 255, 255)
ACCENT, TINT, _THIN = (24, 78, 99), (230, 239, 242), (214, 219, 222)


class Style(NamedTuple):
    weight: str
    size: float
    colour: _Colour

    @property
    def leading(self) -> float:
        return self.size * _POINT * 1.25


BODY, STRONG = Style("", 8.5, _INK), Style("B", 8.5, _INK)
SMALL, SMALL_STRONG, TINY = Style("", 7.5, _GREY), Style("B", 7.5, _GREY), Style("", 7, _GREY)
TITLE, SECTION, CATEGORY = Style("B", 19, _INK), Style("B", 12, ACCENT), Style("B", 9.5, ACCENT)
SENDER, NOTICE = Style("B", 13, ACCENT), Style("B", 8, _WHITE)


class Cell(NamedTuple):
    left: float
    width: float
    text: str
    style: Style = BODY
    right: bool = False


class _Page(NamedTuple):
    """Bars over the whole width: top, height, colour. Lines: left end of the baseline, text, style."""

    bars: list[tuple[float, float, _Colour]]
    lines: list[tuple[float, float, str, Style]]


class Sheets:
    """Pages that are filled from top to bottom; ``start`` writes the head of each. They are kept until the last is
    full, because every page shows the number of pages."""

    def __init__(self, fonts: dict[str, "TTFFont"]) -> None:
        self.pages: list[_Page] = []
        self.top = _TOP
        self.start: Callable[[], None] = lambda: None
        self._fonts = fonts
        self._in_head = False

    def turn(self) -> None:
        """Begin a new page."""
        self.pages.append(_Page([], []))
        self.top = _TOP
        self._in_head = True
        self.start()
        self._in_head = False

    def need(self, height: float) -> None:
        """Begin a new page if this height does not fit on the current one. A head does not continue on the next page,
        because that would begin with a head again."""
        if self.top + height > _BOTTOM and not self._in_head:
            self.turn()

    def row(self, *cells: Cell, padding: float = 0, band: _Colour | None = None, keep: float = 0) -> None:
        """Write cells side by side, on one page with ``keep`` millimetres of what follows; cells longer than a page are
        split."""
        wrapped = [self._wrap(cell) for cell in cells]
        most = max(map(len, wrapped))
        for first in range(0, most, _MOST_LINES):
            part = [texts[first : first + _MOST_LINES] for texts in wrapped]
            self._row(cells, part, padding, band, keep if first + _MOST_LINES >= most else 0)

    def _row(
        self, cells: tuple[Cell, ...], wrapped: list[list[str]], padding: float, band: _Colour | None, keep: float
    ) -> None:
        height = max(len(texts) * cell.style.leading for cell, texts in zip(cells, wrapped, strict=True)) + 2 * padding
        self.need(height + keep)
        if band:
            self.pages[-1].bars.append((self.top, height, band))
        baseline = self.top + padding + max(cell.style.size for cell in cells) * _POINT * 0.97
        for cell, texts in zip(cells, wrapped, strict=True):
            for number, text in enumerate(texts):
                self.put(self.pages[-1], baseline + number * cell.style.leading, cell._replace(text=text))
        self.top += height

    def paragraph(
        self, text: str, style: Style = BODY, indent: float = 0, band: _Colour | None = None, keep: float = 0
    ) -> None:
        """Write lines over the whole width, which may continue on the next page; in the head of a page, only a few of
        them."""
        whole = Cell(LEFT + indent, WIDTH - indent, text, style)
        lines = self._wrap(whole)
        if self._in_head and len(lines) > _MOST_HEAD_LINES:
            lines = [*lines[: _MOST_HEAD_LINES - 1], f"{lines[_MOST_HEAD_LINES - 1]} …"]
        for line in lines:
            self.row(whole._replace(text=line), band=band, keep=keep)

    def space(self, height: float, band: _Colour | None = None) -> None:
        """Leave a space, filled with a colour if one is given."""
        if band:
            self.pages[-1].bars.append((self.top, height, band))
        self.top += height

    def rule(self, colour: _Colour = _THIN, height: float = 0.15) -> None:
        """Draw a line over the whole width."""
        self.space(height, colour)

    def put(self, page: _Page, baseline: float, cell: Cell) -> None:
        """Write one line."""
        left = cell.left + (cell.width - self._width(cell.text, cell.style) if cell.right else 0)
        page.lines.append((left, baseline, cell.text, cell.style))

    def _width(self, text: str, style: Style) -> float:
        return self._fonts[style.weight].get_text_width(text, style.size, None)[1] * _POINT

    def _wrap(self, cell: Cell) -> list[str]:
        """The lines of a cell, at least one."""
        lines = [""]
        for word in self._fold(cell.text).split():
            line = f"{lines[-1]} {word}".lstrip()
            if self._width(line, cell.style) <= cell.width:
                lines[-1] = line
            else:
                lines += self._cut(word, cell)
        return lines if lines[0] or len(lines) == 1 else lines[1:]

    def _cut(self, word: str, cell: Cell) -> Iterator[str]:
        """The pieces of a word that is wider than its cell, cut after a slash or a hyphen if possible."""
        start = 0
        for end in range(1, len(word) + 1):
            if self._width(word[start:end], cell.style) > cell.width:
                seam = max(word.rfind(sign, start, end - 1) for sign in "/-") + 1
                cut = seam if seam > start else end - 1
                yield word[start:cut]
                start = cut
        yield word[start:]

    def _fold(self, text: str) -> str:
        """The text in letters that the fonts have; both fonts have the same."""
        known = self._fonts[""].cmap
        composed = unicodedata.normalize("NFC", text)
        return "".join(c if ord(c) in known or c.isspace() else _plain(c, known) for c in composed)


def _plain(letter: str, known: Container[int]) -> str:
    """The replacement for a letter that the fonts lack: the letter without its marks, or a question mark."""
    if unicodedata.category(letter) in ("Cc", "Cf", "Me", "Mn"):
        return ""
    parts = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in parts if ord(part) in known and not unicodedata.combining(part)) or "?"
