"""Pages: one file that loads nothing, with filters, for light and dark, wide and narrow screens."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final

__all__ = ["STYLE", "attribute", "code", "listed", "page"]

_FOLDER: Final = Path(__file__).parent
STYLE: Final = (_FOLDER / "page.css").read_text(encoding="utf-8")
"""The style of every page."""
_SCRIPT: Final = (_FOLDER / "page.js").read_text(encoding="utf-8")


def page(title: str, lead: str, main: Iterable[str], problems: Sequence[str] = (), *, style: str = STYLE) -> str:
    """A page: its title, what it is about, the parts of its main content, and why the run failed."""
    return "".join(_parts(title, lead, main, problems, style))


def _parts(title: str, lead: str, main: Iterable[str], problems: Sequence[str], style: str) -> Iterator[str]:
    # Only the page's own style and script run, whatever the names of tests contain.
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(_SCRIPT)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    yield f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
<p class="soft">{lead}</p>
"""
    if problems:
        yield f'<div class="failed" role="alert"><strong>The run failed</strong>\n{listed(problems)}</div>\n'
    yield "<main>\n"
    yield from main
    yield f"</main>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n"


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def listed(texts: Iterable[str]) -> str:
    """Texts as a list."""
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>\n"


def code(text: str) -> str:
    """A text as code."""
    return f"<code>{escape(text)}</code>"


def attribute(name: str) -> str:
    """The attribute for a class, if there is one."""
    return f' class="{name}"' if name else ""
