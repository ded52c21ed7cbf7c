"""Coverage as Markdown, for the summary of a CI job: GitHub shows at most 1 MiB of it."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from aniva_sandbox.engine.evidence.coverage.report import CoverageReport, Entry
from aniva_sandbox.engine.evidence.coverage.wording import (
    FEWER,
    LEAD,
    TESTS_SHOWN,
    closest_of,
    first_tests,
    missing_of,
    percent_of,
    state_of,
)

__all__ = ["MOST_BYTES", "render"]

MOST_BYTES: Final = 900 * 1024
"""The size that a report keeps below; items beyond it are only counted."""
_OTHERS: Final = "\n… and {count:,} more\n"


def render(report: CoverageReport, problems: Sequence[str] = ()) -> str:
    """The Markdown of a report: a table of the axes, then the missing items with their next steps, folded.
    ``problems`` are the thresholds and waivers that failed the run."""
    text = "".join(_head(report, problems))
    parts = [
        (f"{name}: {len(items):,} missing", [_missing(item) for item in items])
        for name, items in missing_of(report).items()
    ]
    for name, axis in report.axes.items():
        if name in FEWER:
            leaned_on = [_leaned_on(item) for item in axis.list if state_of(name, item) == "leaned-on"]
            parts.append((f"{name}: {len(leaned_on):,} leaned on", leaned_on))
    parts = [(title, entries) for title, entries in parts if entries]
    room = MOST_BYTES - len(text.encode()) - sum(len(_fold(title, "").encode()) for title, _ in parts)
    for number, (title, entries) in enumerate(parts):
        share = room // (len(parts) - number)  # what small axes leave is for those that follow
        body = _within(entries, share)
        room -= len(body.encode())
        text += _fold(title, body)
    return text


def _head(report: CoverageReport, problems: Sequence[str]) -> Iterator[str]:
    yield f"## What the tests never met\n\n{LEAD}\n\n"
    if problems:
        yield "**The run failed:**\n\n"
        yield "".join(f"- {_plain(problem)}\n" for problem in problems[:TESTS_SHOWN])
        yield _OTHERS.format(count=len(problems) - TESTS_SHOWN) if len(problems) > TESTS_SHOWN else ""
        yield "\n"
    yield "| axis | met | items | share | |\n|---|--:|--:|--:|---|\n"
    for name, axis in report.axes.items():
        note = "leaned on; fewer is better" if name in FEWER else ""
        yield f"| {name} | {axis.met:,} | {axis.items:,} | {percent_of(axis)} | {note} |\n"
    if report.not_called:
        yield f"\nNever called, and left out: {', '.join(map(_code, report.not_called))}.\n"


def _missing(item: Entry) -> str:
    near = closest_of(item)
    line = f"- {_code(item.id)}{f' (closest: {near})' if near else ''}\n"
    return line + _block(item.next) if item.next else line


def _leaned_on(item: Entry) -> str:
    shown, others = first_tests(item)
    sentence = f": {_plain(item.sentence)}" if item.sentence else ""
    lines = [f"- {_code(item.id)}{sentence}", *(f"  - {_code(test)}" for test in shown)]
    lines += [f"  - and {others:,} more"] if others else []
    return "\n".join(lines) + "\n"


def _within(entries: Sequence[str], most: int) -> str:
    """As many entries as have room, and the number of the others."""
    most -= len(_OTHERS.format(count=len(entries)).encode())
    size = 0
    for number, entry in enumerate(entries):
        size += len(entry.encode())
        if size > most:
            return "".join(entries[:number]) + _OTHERS.format(count=len(entries) - number)
    return "".join(entries)


def _fold(title: str, body: str) -> str:
    return f"\n<details>\n<summary>{title}</summary>\n\n{body}\n</details>\n"


def _code(text: str) -> str:
    """A code span on one line, whatever the text contains."""
    text = " ".join(text.split())
    fence = "`" * (_longest_run(text) + 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def _block(code: str) -> str:
    """A block of Python within an item of a list."""
    fence = "`" * max(3, _longest_run(code) + 1)
    lines = "\n".join(f"  {line}" for line in code.splitlines())
    return f"  {fence}python\n{lines}\n  {fence}\n"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _plain(text: str) -> str:
    """A text on one line in which nothing is markup."""
    return re.sub(r"([\\`*_\[\]|~#])", r"\\\1", escape(" ".join(text.split()), quote=False))
