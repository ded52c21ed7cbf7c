"""The marker ``aniva_probe``: what is left out for a test, and which faults it claims to recover from."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final, NamedTuple

import pytest

from aniva_sandbox.engine.evidence.probes.faults import KINDS as FAULTS
from aniva_sandbox.engine.evidence.probes.faults import parse_faults
from aniva_sandbox.engine.evidence.probes.report import KINDS
from aniva_sandbox.engine.texts import suggest

__all__ = ["MarkError", "Marked", "read_marks"]

_PARTS: Final = ("skip", "recovers", "reason")
_OF_IDS: Final = frozenset("*?:#=.+")
"""Characters that make an entry of ``skip`` a pattern of ids."""


class MarkError(ValueError):
    """A marker is not valid; the message says why."""


class Marked(NamedTuple):
    """What the markers of a test say."""

    skip: tuple[str, ...] = ()
    """Kinds of probes, and patterns of ids."""
    recovers: frozenset[str] = frozenset()
    """Kinds of faults; `*` is all."""


def read_marks(item: pytest.Item) -> Marked:
    """What the markers of a test, its class and its module say together. Raises :exc:`MarkError`."""
    skip: list[str] = []
    recovers: set[str] = set()
    for mark in item.iter_markers("aniva_probe"):
        unknown = [*map(repr, mark.args), *sorted(set(mark.kwargs) - set(_PARTS))]
        if unknown:
            raise MarkError(f"takes {', '.join(_PARTS)} by name, not {', '.join(unknown)}{suggest(unknown[0], _PARTS)}")
        skipped = _texts("skip", mark.kwargs.get("skip", ()))
        reason = mark.kwargs.get("reason")
        if reason is not None and not isinstance(reason, str):
            raise MarkError("reason must be text")
        if skipped and not (reason and reason.strip()):
            raise MarkError("skip needs a reason")
        skip += _patterns(skipped)
        claimed = _texts("recovers", mark.kwargs.get("recovers", ()))
        try:
            recovers |= parse_faults(claimed)
        except ValueError as error:
            raise MarkError(f"recovers: {error}") from None
    return Marked(tuple(dict.fromkeys(skip)), frozenset(recovers))


def _texts(name: str, given: Any) -> list[str]:
    if isinstance(given, str) or not isinstance(given, Collection) or not all(isinstance(each, str) for each in given):
        raise MarkError(f"{name} must be a list of texts")
    return sorted(given) if isinstance(given, set | frozenset) else list(given)


def _patterns(entries: Iterable[str]) -> Iterator[str]:
    for entry in entries:
        if entry in FAULTS:
            yield f"faults:*:{entry}"
        elif entry in KINDS or not _OF_IDS.isdisjoint(entry):
            yield entry
        elif near := suggest(entry, (*KINDS, *FAULTS)):
            raise MarkError(f"skip: there is no kind {entry!r}{near}")
        else:
            yield f"*:{entry}"
