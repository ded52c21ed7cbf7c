"""The trace of a call: everything that the call met on its way."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, Protocol

import msgspec

from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.rules import Rule

__all__ = ["Distance", "Hint", "Page", "Trace", "Tried", "Weigher"]

_MOST: Final = 20
"""Names kept of the fields of one kind: a body may hold any number."""
_LONGEST: Final = 64
"""Characters kept of a name."""


class Hint(msgspec.Struct, frozen=True, gc=False):
    """What may be a mistake in a request, or in how its response is used."""

    field: str
    """The field, parameter or header that it is about; empty for the call as a whole."""
    text: str
    """A sentence without a full stop."""


class Distance(msgspec.Struct, frozen=True, gc=False):
    """How far a call was from the boundary of a rule."""

    rule: str
    measure: str
    """The name of the measure; empty for the only one of the rule."""
    value: int | float
    """Signed, in the unit of the measure: negative below the boundary, 0 at it. Whole where what is measured is, as it
    is shown so."""
    unit: str = ""
    """The unit, where the rule does not list the measure: a bound in a schema."""


class Tried(msgspec.Struct, frozen=True, gc=False):
    """A move that was tried on a record with states; it may have been refused."""

    machine: str
    """The noun of the records, such as ``list``."""
    state: str
    """The state before the move."""
    move: str


class Page(msgspec.Struct, frozen=True, gc=False):
    """A part of a list, as an operation returned it."""

    noun: str
    """What is listed, in the plural."""
    skipped: int
    """The number of entries before this page."""
    shown: int
    """The number of entries on this page."""
    total: int
    """The number of entries of all pages."""
    following: str
    """The query parameter that requests the next page, as ``offset=100``."""


class Weigher(Protocol):
    """What decides whether rules apply to a call; without one, all do."""

    def is_in_force(self, rule: Rule, distance: float | None, measure: str) -> bool:
        """Whether a rule that is about to be judged applies. May raise a refusal through the rule."""

    def waives(self, rule: Rule) -> bool:
        """Whether no refusal through a rule is to come."""


# Journals keep many traces. What a trace holds is made so that the garbage collector need not look at it.


class Trace(msgspec.Struct, gc=False):
    """What one call met. The pipeline makes one for each call, it is filled where rules are judged, and the journal
    keeps it. Whatever explains a call reads it: headers, the journal, hints, strict mode.
    """

    persona: str | None = None
    """Whose rights the key had; None for an unknown key."""
    operation: str | None = None
    """The operationId; None for an unknown path or method."""
    unknown_fields: tuple[str, ...] = ()
    """Fields and query parameters that were sent, and that the operation ignored; the first 20, shortened."""
    deprecated_fields: tuple[str, ...] = ()
    """Fields and query parameters that were sent and are deprecated; the first 20."""
    leaned_on: tuple[Rule, ...] = ()
    """The undocumented rules that made it succeed as it did; for a call that failed, those on the form of its
    response."""
    refused_by: tuple[Rule, ...] = ()
    weighed: tuple[Rule, ...] = ()
    """The rules that the call was held against by its operation; it passed those that did not refuse it."""
    distances: tuple[Distance, ...] = ()
    tried: tuple[Tried, ...] = ()
    events: tuple[Any, ...] = ()
    """What happened in the world meanwhile, what was due at the start included:
    :class:`~aniva_sandbox.engine.world.agenda.Happened`."""
    fault: str | None = None
    """The injected effect, and what injected it."""
    mismatch: str | None = None
    """Where the response contradicts the document, or what broke inside the sandbox."""
    hints: tuple[Hint, ...] = ()
    page: Page | None = None
    """The page that the call returned, for an operation with pages."""
    collects: bool = False
    """Whether format rules are to be noted in ``weighed`` and ``distances``, too, which takes time."""
    probe: Weigher | None = None
    """What may keep rules from applying to the call, until its end."""
    waived: tuple[Rule, ...] = ()
    """The rules that did not apply to the call, because a probe kept them from it."""

    def weigh(self, rule: Rule, distance: float | None = None, measure: str = "") -> bool:
        """Note that a rule is about to be judged; ``distance`` is how far the call is from its boundary.

        Returns whether the rule applies to the call. If it does not, the operation goes on as if there were no such
        rule, or refuses all the same where it cannot go on. Raises a refusal if a probe moved the boundary past the
        call.
        """
        self.weighed += (rule,)
        if distance is not None:
            self.distances += (Distance(rule.id, measure, distance),)
        return self.probe is None or self.is_in_force(rule, distance, measure)

    def weigh_each(self, rule: Rule, distances: Sequence[float], measure: str = "") -> None:
        """Note that a rule is about to be judged for each of several records, of which any number may be without a
        distance; on each side of the boundary, only the closest distance is kept. Whether the rule applies to a record
        is asked of :meth:`is_in_force`, with its own distance."""
        self.weighed += (rule,)
        if len(distances) > 1:
            distances = _closest(distances)
        self.distances += tuple([Distance(rule.id, measure, distance) for distance in distances])

    def is_in_force(self, rule: Rule, distance: float | None = None, measure: str = "") -> bool:
        """Whether a rule applies to the call, as :meth:`weigh` returns it, without a note that the rule is judged."""
        if self.probe is None or self.probe.is_in_force(rule, distance, measure):
            return True
        self.waive(rule)
        return False

    def waive(self, rule: Rule) -> None:
        """Note that a rule does not apply to the call."""
        if rule not in self.waived:
            self.waived += (rule,)

    def try_move(self, machine: str, state: str, move: str) -> None:
        """Note a move of a record with states, before it is known whether the state allows it."""
        self.tried += (Tried(machine, state, move),)

    def hint(self, field: str, text: str) -> None:
        """Note a possible mistake."""
        self.hints += (Hint(field, text),)

    def lean_on(self, rule: Rule) -> None:
        """Note that the call succeeds as it does because of a rule that no page of the documentation settles."""
        if rule not in self.leaned_on:
            self.leaned_on += (rule,)

    def note_fields(self, sent: Iterable[str], known: Mapping[str, Any]) -> None:
        """Note which of the fields that were sent are unknown or deprecated; ``known`` maps names to schemas."""
        unknown = islice((name[:_LONGEST] for name in sent if name not in known), _MOST)
        self.unknown_fields = _joined(self.unknown_fields, unknown)
        deprecated = (name for name in sent if name in known and known[name].get("deprecated"))
        self.deprecated_fields = _joined(self.deprecated_fields, deprecated)

    def end(self, outcome: Outcome) -> None:
        """Note what the call came to. One that failed had no effect, so it leaned on nothing but the form of its
        response."""
        if self.probe is not None:
            self.probe = None
        if outcome.mismatch is not None:
            self.mismatch = outcome.mismatch
        if outcome.rules:
            self.refused_by = outcome.rules
        if outcome.status >= 400:
            self.leaned_on = outcome.leans_on


def _closest(distances: Iterable[float]) -> list[float]:
    """The distances closest to a boundary, one for each side of it that there is, in order."""
    closest: dict[int, float] = {}
    for distance in distances:
        side = (distance > 0) - (distance < 0)
        if side not in closest or abs(distance) < abs(closest[side]):
            closest[side] = distance
    return sorted(closest.values())


def _joined(noted: tuple[str, ...], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys((*noted, *names)), _MOST))
