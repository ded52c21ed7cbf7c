"""Markdown for the summary of a CI job, of which GitHub shows at most 1 MiB: texts as code or plain, folded parts, and
the room for them."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

__all__ = ["MOST_BYTES", "block", "code", "folded", "plain", "problems_listed"]

MOST_BYTES: Final = 900 * 1024
"""The size that a report keeps below; entries beyond it are only counted."""
_OTHERS: Final = "\n… and {count:,} more\n"


def problems_listed(problems: Sequence[str], most: int) -> Iterator[str]:
    """Why the run failed, if it did."""
    if problems:
        yield "**The run failed:**\n\n"
        yield "".join(f"- {plain(problem)}\n" for problem in problems[:most])
        yield _OTHERS.format(count=len(problems) - most) if len(problems) > most else ""
        yield "\n"


def folded(head: str, parts: Sequence[tuple[str, Sequence[str]]]) -> str:
    """A head and, folded, the parts that have entries, each with its title. Entries for which there is no room are only
    counted."""
    parts = [(title, entries) for title, entries in parts if entries]
    sizes = [sum(len(entry.encode()) for entry in entries) for _, entries in parts]
    room = MOST_BYTES - len(head.encode()) - sum(len(_fold(title, "").encode()) for title, _ in parts)
    shares = [0] * len(parts)
    for done, place in enumerate(
        sorted(range(len(parts)), key=sizes.__getitem__)
    ):  # what small parts leave is for others
        shares[place] = min(sizes[place], room // (len(parts) - done))
        room -= shares[place]
    bodies = [_within(entries, share) for (_, entries), share in zip(parts, shares, strict=True)]
    return head + "".join(_fold(title, body) for (title, _), body in zip(parts, bodies, strict=True))


def _within(entries: Sequence[str], most: int) -> str:
    """As many entries as have room, and the number of the others."""
    whole = "".join(entries)
    if len(whole.encode()) <= most:
        return whole
    most -= len(_OTHERS.format(count=len(entries)).encode())
    size = 0
    for number, entry in enumerate(entries):
        size += len(entry.encode())
        if size > most:
            return "".join(entries[:number]) + _OTHERS.format(count=len(entries) - number)
    return whole


def _fold(title: str, body: str) -> str:
    return f"\n<details>\n<summary>{title}</summary>\n\n{body}\n</details>\n"


def code(text: str) -> str:
    """A code span on one line, whatever the text contains."""
    text = " ".join(text.split())
    fence = "`" * (_longest_run(text) + 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def block(code: str, language: str) -> str:
    """A block of code within an entry of a list."""
    fence = "`" * max(3, _longest_run(code) + 1)
    lines = "\n".join(f"  {line}" for line in code.splitlines())
    return f"  {fence}{language}\n{lines}\n  {fence}\n"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def plain(text: str) -> str:
    """A text on one line in which nothing is markup."""
    return re.sub(r"([\\`*_\[\]|~#])", r"\\\1", escape(" ".join(text.split()), quote=False))
