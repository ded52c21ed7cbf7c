"""Probes of the kind ``times``: the world begins at instants that programs are often wrong about."""

import re
from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import ClassVar, Final

from aniva_sandbox.engine.evidence.probes.change import Again, Change, Context, Judgement
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.report import KindName
from aniva_sandbox.engine.evidence.probes.run import Run, SeenCall
from aniva_sandbox.engine.texts import shorten
from aniva_sandbox.engine.world.domain import Occurrence, SpecialInstant

__all__ = ["plan"]

_DATE: Final = re.compile(rb"\d{4}-\d\d-\d\d")
_LONGEST: Final = 200
"""The characters of an error that are shown."""


def plan(clean: Run, context: Context) -> list[Change]:
    """The changes that a clean run gives reason to: each special instant, at its last time before the test's own
    start, so that dates which the test names stay ahead. If it names none, the next time after it."""
    names_dates = any(_names_date(call) for call in clean.calls)
    found = []
    for instant in context.domain.probing().instants(clean.start):
        occurrence = instant.before if names_dates else instant.after
        if occurrence is not None:
            found.append(_Beginning(instant, occurrence))
    ordered = _ordered(found)
    at: dict[datetime, _Beginning] = {}
    for place, change in enumerate(ordered):
        change.covered_by = at[change.occurrence.at].id if change.occurrence.at in at else ""
        at.setdefault(change.occurrence.at, change)
        change.sharing = tuple(each for each in ordered[place + 1 :] if change.name in each.occurrence.shares)
    return list(ordered)


def _names_date(call: SeenCall) -> bool:
    request = call.request
    return any(_DATE.search(part) for part in (request.path.encode(), request.query, request.body or b""))


def _ordered(changes: Iterable["_Beginning"]) -> list["_Beginning"]:
    """Those first that others share something with; otherwise as they are."""
    left = {change.name: change for change in changes}
    ordered = []
    while left:
        free = (each for each in left.values() if left.keys().isdisjoint(each.occurrence.shares))
        change = next(free, None) or next(iter(left.values()))  # the others share with each other
        ordered.append(left.pop(change.name))
    return ordered


class _Beginning(Change):
    """The world begins at a special instant."""

    kind: ClassVar[KindName] = "times"

    def __init__(self, instant: SpecialInstant, occurrence: Occurrence) -> None:
        super().__init__(instant.name, f"the world begins {instant.title}", start=occurrence.at)
        self.name = instant.name
        self.occurrence = occurrence
        self.sharing: tuple[_Beginning, ...] = ()
        """Later changes at which a test that fails here fails for the same reason."""
        self._when = f"{instant.title} ({_written(occurrence.at, instant.zone)})"
        self._plain = f"on an ordinary day before ({_written(occurrence.control, instant.zone)})"

    def probe(self) -> Probe:
        return Probe()

    def judge(self, clean: Run, changed: Run, again: Again) -> Judgement:  # noqa: ARG002 (it passed)
        if changed.outcome in ("passed", "skipped"):
            return Judgement()
        if changed.limit == "waits":
            return Judgement(is_void=True, sentence="it waited for real, for longer than a probe does")
        control = again(Probe(), self.occurrence.control)
        if control.is_void or control.outcome == "skipped":
            return Judgement(is_void=True, sentence=control.error or "the test was skipped", runs=2)
        if control.outcome != "passed":
            sentence = f"the test fails {self._when}, but also {self._plain}: it depends on fixed dates"
            return Judgement(note="fixed-dates", sentence=sentence, runs=2)
        for other in self.sharing:
            other.covered_by = other.covered_by or self.id
        sentence = f"the test passes {self._plain}, but fails {self._when}: {_ending(changed)}"
        return Judgement(verdict="dated", sentence=sentence, runs=2)


def _written(instant: datetime, zone: tzinfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone}"


def _ending(run: Run) -> str:
    """How a run failed, in words."""
    if run.limit:
        return "it did not come to an end"
    return shorten(run.error, _LONGEST) or "no error says why"
