"""The undocumented rules that tests may rely on: those of the ini key, and those of the markers."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import pytest

from aniva_sandbox.engine.texts import suggest

__all__ = ["INI", "Entry", "declared_rules", "ini_entries", "unknown_rules"]

INI: Final = "aniva_relies_on"
"""The ini key: a line for each rule, ``rule: reason``."""


class Entry(NamedTuple):
    """A line of the ini key."""

    rule: str
    reason: str
    line: str
    """Where it is, and the beginning of its text."""


def ini_entries(config: pytest.Config) -> list[Entry]:
    """The entries of the ini key. Raises UsageError for a line without a rule or a reason, and for a repeated rule."""
    entries: dict[str, Entry] = {}
    for number, text in enumerate(config.getini(INI), 1):
        line = f"{INI}, line {number} ({text if len(text) <= _SHOWN else text[:_SHOWN] + '...'})"
        rule, _, reason = (part.strip() for part in text.partition(":"))
        if not rule or not reason:
            raise pytest.UsageError(f"{line}: must be a rule and the reason why tests may rely on it, `rule: reason`")
        if rule in entries:
            raise pytest.UsageError(f"{line}: {rule} already has an entry")
        entries[rule] = Entry(rule, reason, line)
    return list(entries.values())


def unknown_rules(entries: Iterable[Entry], ids: Iterable[str]) -> str:
    """What is wrong with entries whose rules are not among these ids; empty if nothing is."""
    known = dict.fromkeys(ids)
    return "; ".join(
        f"{entry.line}: there is no rule {entry.rule}{suggest(entry.rule, known)}"
        for entry in entries
        if entry.rule not in known
    )


def declared_rules(item: pytest.Item) -> dict[str, list[str]]:
    """The rules that the markers of a test list in ``relies_on``, each with the places of these markers: function,
    class or module."""
    places: dict[str, list[str]] = {}
    for node, mark in item.iter_markers_with_node("aniva"):
        for rule in mark.kwargs.get("relies_on", ()):
            places.setdefault(rule, []).append(_place(node))
    return places


def _place(node: Any) -> str:
    """A node's id; all parametrizations of a function have the same."""
    name = getattr(node, "originalname", None)
    return node.nodeid if name is None or node.parent is None else f"{node.parent.nodeid}::{name}"


_SHOWN: Final = 100
"""The number of characters of a line that a message shows."""
