"""What a project demands of its probes: no finding, except those that are waived, and no waiver that is not needed."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from aniva_sandbox.engine.evidence.probes.patterns import ANY, is_match, may_begin
from aniva_sandbox.engine.evidence.probes.report import KINDS, Finding, KindName, ProbeReport
from aniva_sandbox.engine.evidence.reports.waivers import DemandError, read_waivers
from aniva_sandbox.engine.texts import suggest

__all__ = ["failing", "parse_kinds", "parse_waivers", "problems"]

_EXAMPLE: Final = "faults:test_tasks.py::test_adds:create_task#1:drop=after: the reason"
_SPLIT: Final = re.compile(r":(?:\s|$)")
"""Where an id may end: ids have colons, too."""
_CHANGE: Final = re.compile(r"[^:]+(?::.*)?:\S+|.*\*", re.DOTALL)
"""A kind, a test, and a change, which has no spaces; or a pattern of any form."""
_ALIKE: Final = 0.6
"""The share of an id that two have in common at their ends if one is suggested for the other."""


def parse_kinds(texts: Iterable[str]) -> tuple[KindName, ...]:
    """The kinds that texts name, with commas between them, in order; all if there are no texts. Raises
    :exc:`DemandError`."""
    texts = list(texts)
    named = [part.strip() for text in texts for part in text.split(",") if part.strip()]
    for name in named:
        if name not in KINDS:
            raise DemandError(f"there is no kind {name!r}{suggest(name, KINDS)}")
    if texts and not named:
        raise DemandError(f"must name kinds, such as {','.join(KINDS)}")
    return tuple(kind for kind in KINDS if kind in named) or KINDS


def parse_waivers(texts: Iterable[str]) -> dict[str, str]:
    """Reasons by id of a finding, or by pattern, from lines such as ``faults:test_a:get_task#1:503: we do not retry``.
    In a pattern, ``*`` is any text. Raises :exc:`DemandError`."""
    texts = list(texts)
    found = read_waivers(texts, _split, noun="the id of a finding", example=_EXAMPLE)
    for id in found:
        kind, colon, _ = id.partition(":")
        if kind not in KINDS and not (ANY in kind and _kinds_of(id)):
            raise DemandError(f"{id!r}: there is no kind {kind!r}{suggest(kind, KINDS)}")
        if kind in KINDS and not colon:
            raise DemandError(f"{id!r}: write the id of a finding, or a pattern such as {kind}:*")
    return found


def _split(text: str) -> tuple[str, str]:
    """An id and a reason. A colon with a space after it ends the id, unless it is in the brackets of a test's name;
    where the brackets do not match, the last one that may."""
    places = [match.start() for match in _SPLIT.finditer(text)]
    ends = [place for place in places if _CHANGE.fullmatch(text[:place])]
    whole = [place for place in ends if text.count("[", 0, place) == text.count("]", 0, place)]
    place = whole[0] if whole else ends[-1] if ends else places[0] if places else len(text)
    return text[:place].strip(), text[place + 1 :].strip()


def failing(report: ProbeReport) -> tuple[Finding, ...]:
    """The findings that fail a run: those that are not waived."""
    return tuple(finding for finding in report.findings if not finding.is_waived)


def problems(report: ProbeReport, waivers: Mapping[str, str], *, is_whole: bool = True) -> list[str]:
    """The waivers that are not needed, a sentence each. Those are excused whose finding may be among what was not
    probed: in a run that was not of the whole suite; where the budget left changes out; of a kind that was not run; or
    of a test that was skipped."""
    if not is_whole:
        return []
    ids = [finding.id for finding in report.findings]
    return [
        f"the waiver {waiver!r} is not needed: it matches no finding{_near(waiver, ids)}"
        for waiver in waivers
        if not any(is_match(waiver, id) for id in ids) and not _is_excused(waiver, report)
    ]


def _is_excused(waiver: str, report: ProbeReport) -> bool:
    kinds = _kinds_of(waiver)
    return any(
        kind not in report.kinds
        or report.kinds[kind].get("left_out", 0) > 0
        or any(may_begin(waiver, f"{kind}:{skipped.test}:") for skipped in report.skipped)
        for kind in kinds
    )


def _kinds_of(waiver: str) -> list[KindName]:
    """The kinds of the findings that a waiver may be for."""
    return [kind for kind in KINDS if may_begin(waiver, f"{kind}:")]


def _near(waiver: str, ids: Iterable[str]) -> str:
    """What to add to a message about a waiver: the id of a finding that begins and ends like it, if there is one."""

    def share(id: str) -> float:
        start = _start(waiver, id)
        return (start + _start(waiver[start:][::-1], id[start:][::-1])) / max(len(waiver), len(id))

    best = max(ids, key=share, default="")
    return f"; did you mean {best}?" if best and share(best) >= _ALIKE else ""


def _start(one: str, other: str) -> int:
    """The number of characters with which both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, pair in pairs if pair[0] != pair[1]), min(len(one), len(other)))
