"""The guide: a Markdown file for each topic."""

import re
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

__all__ = ["NAMES", "Topic", "read", "topics"]

NAMES: Final = (
    "quick-start",
    "console",
    "pytest",
    "worlds-and-keys",
    "time-and-events",
    "shipments",
    "laboratory",
    "faults",
    "journal",
    "hints",
    "what-your-tests-never-met",
    "would-your-tests-notice",
    "other-languages-and-ci",
    "container",
    "shared-worlds",
    "browsers",
    "generating-a-client",
    "operations",
    "world-files",
    "checking-another-server",
    "double-of-your-own-api",
    "rules-and-assumptions",
    "strict-mode-for-a-team",
    "safety",
    "performance",
    "architecture",
)
"""The name of every topic, in reading order."""

_FOLDER = Path(__file__).parent
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


class Topic(msgspec.Struct, frozen=True):
    """A topic of the guide. The title is the heading of its file, the summary its first paragraph, as plain text."""

    name: str
    title: str
    summary: str


@cache
def topics() -> tuple[Topic, ...]:
    """Every topic, in reading order."""
    return tuple(map(_topic, NAMES))


def read(topic: str) -> str:
    """The Markdown of a topic. Raises KeyError for a name that is not in :data:`NAMES`."""
    if topic not in NAMES:
        raise KeyError(topic)
    return (_FOLDER / f"{topic}.md").read_text(encoding="utf-8")


def _topic(name: str) -> Topic:
    title, summary, *_ = read(name).split("\n\n", 2)
    return Topic(name, title.removeprefix("# "), _LINK.sub(r"\1", " ".join(summary.split())).replace("`", ""))
