"""Boundaries of rules that the calls of a run came near, and what changes if they move by a step."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import msgspec

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.judged import Bound
from aniva_sandbox.engine.contract.rules import Measure, Rule
from aniva_sandbox.engine.evidence.probes.run import SeenCall

__all__ = ["Boundary", "Met", "Near", "find_boundaries"]


class Boundary(msgspec.Struct, frozen=True, kw_only=True):
    """A boundary of a rule, as far as the calls of a run show it."""

    rule: Rule
    measure: Measure
    passes: Literal[-1, 0, 1]
    """Where calls pass: below it, above it; 0 if only calls exactly at it are known, which passed."""
    is_open: bool | None
    """Whether calls exactly at it are refused; None if that is not known."""

    def is_within_reach(self, distance: float, *, refused: bool) -> bool:
        """Whether a call at a distance, which the rule refused or let pass, meets the opposite after the boundary moved
        by a step towards the call and past it."""
        side = -self.passes if refused else self.passes
        if not distance:
            return self.is_open is not (not refused)
        if distance * side <= 0:
            return False
        if abs(distance) == self.measure.step:
            return self.is_open is (not refused) or (refused and self.is_open is None)
        return abs(distance) < self.measure.step


class Near(NamedTuple):
    """A call and its distance from a boundary."""

    call: SeenCall
    distance: float


class Met(NamedTuple):
    """A boundary, and the calls that came to it."""

    boundary: Boundary
    passed: tuple[Near, ...]
    refused: tuple[Near, ...]

    def within_reach(self, *, refused: bool) -> list[Near]:
        """The calls that meet the opposite after the boundary moved by a step, the nearest first."""
        near = self.refused if refused else self.passed
        found = [each for each in near if self.boundary.is_within_reach(each.distance, refused=refused)]
        return sorted(found, key=lambda each: abs(each.distance))


class _Seen:
    """The calls that were measured with one measure of a rule."""

    def __init__(self, rule: Rule, measure: Measure, bound: Bound | None) -> None:
        self.rule = rule
        self.measure = measure
        self.bound = bound
        """For what a schema bounds, which side passes is known."""
        self.passed: list[Near] = []
        self.refused: list[tuple[SeenCall, tuple[float, ...]]] = []
        """The distances of which one at least was on the wrong side."""

    def met(self) -> Met | None:
        """The boundary; None if the calls do not show it."""
        boundary = self._boundary()
        if boundary is None:
            return None
        outward = -boundary.passes
        refused = (Near(call, max(distances, key=lambda each: each * outward)) for call, distances in self.refused)
        return Met(boundary, tuple(self.passed), tuple(refused))

    def _boundary(self) -> Boundary | None:
        if self.bound is not None:
            passes: Literal[-1, 0, 1] = 1 if self.bound.is_lower else -1
            return Boundary(rule=self.rule, measure=self.measure, passes=passes, is_open=self.bound.is_open)
        inside = {_sign(near.distance) for near in self.passed}
        outside = {_sign(distances[0]) for _, distances in self.refused if len(distances) == 1}
        sides = (inside - {0}) | {-side for side in outside - {0}}
        if len(sides) > 1 or 0 in inside & outside or (not sides and 0 not in inside):
            return None  # something else decides, too; or nothing shows a side
        is_open = False if 0 in inside else True if 0 in outside else None
        return Boundary(rule=self.rule, measure=self.measure, passes=_sign(sum(sides)), is_open=is_open)


def find_boundaries(calls: Iterable[SeenCall], api: Api) -> Iterator[Met]:
    """The boundaries of refusing rules that calls came to, in the order of the ledger, each measure by name."""
    seen: dict[tuple[str, str], _Seen] = {}
    bounds_of: dict[str, dict[tuple[str, str], Bound]] = {}
    for call in calls:
        bounds = bounds_of.get(call.operation)
        if bounds is None:
            found = api.endpoints[call.operation].request_rules.bounds()
            bounds = bounds_of[call.operation] = {(each.rule.id, each.measure.name): each for each in found}
        for rule, measure, distances, is_last in _measured(call):
            bound = bounds.get((rule, measure))
            known = seen.get((rule, measure))
            if known is None:
                measured = _find(rule, measure, bound, api)
                if measured is None:
                    continue
                known = seen[rule, measure] = _Seen(*measured, bound)
            _note(known, call, distances, is_last=is_last)
    places = {rule.id: place for place, rule in enumerate(api.ledger)}
    for key in sorted(seen, key=lambda each: (places[each[0]], each[1])):
        met = seen[key].met()
        if met is not None:
            yield met


def _measured(call: SeenCall) -> Iterator[tuple[str, str, tuple[float, ...], bool]]:
    """The measures of a call: rule, measure, distances, and whether the rule was measured no further."""
    grouped: dict[tuple[str, str], list[float]] = {}
    for each in call.trace.distances:
        key = each.rule, each.measure
        values = grouped.pop(key, [])
        grouped[key] = [*values, each.value]
    last = dict(grouped.keys())
    for (rule, measure), values in grouped.items():
        yield rule, measure, tuple(values), last[rule] == measure


def _find(rule: str, measure: str, bound: Bound | None, api: Api) -> tuple[Rule, Measure] | None:
    if rule not in api.ledger:
        return None
    known = api.ledger[rule]
    if known.basis == "sandbox" or not known.statuses:
        return None
    if bound is not None:
        return known, bound.measure
    return next(((known, each) for each in known.measures if each.name == measure), None)


def _note(seen: _Seen, call: SeenCall, distances: tuple[float, ...], *, is_last: bool) -> None:
    is_refused = any(rule.id == seen.rule.id for rule in call.trace.refused_by)
    if seen.bound is None:
        if is_refused and is_last:  # an operation stops at the measure that it refuses
            seen.refused.append((call, distances))
        else:
            seen.passed += (Near(call, each) for each in distances)
        return
    wrong = -1 if seen.bound.is_lower else 1
    broken = tuple(each for each in distances if each * wrong > 0 or (seen.bound.is_open and not each))
    if is_refused and broken:
        seen.refused.append((call, broken))
    elif not is_refused:
        seen.passed += (Near(call, each) for each in distances)


def _sign(value: float) -> Literal[-1, 0, 1]:
    return 1 if value > 0 else -1 if value < 0 else 0
