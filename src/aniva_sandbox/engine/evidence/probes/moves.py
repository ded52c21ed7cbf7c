"""Boundaries that move by a step."""

from collections.abc import Iterator
from typing import Any, Final

from aniva_sandbox.engine.contract.api import Api, Endpoint
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.evidence.coverage.items import SIDES, measured_id, passed_id
from aniva_sandbox.engine.evidence.probes.boundaries import Boundary, Near, find_boundaries
from aniva_sandbox.engine.evidence.probes.change import Change
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.refusals import make_refusal
from aniva_sandbox.engine.evidence.probes.rule_change import RuleChange
from aniva_sandbox.engine.evidence.probes.run import SeenCall
from aniva_sandbox.engine.texts import counted
from aniva_sandbox.engine.world.state import World

__all__ = ["in_words", "plan_moves"]


def plan_moves(calls: list[SeenCall], api: Api) -> Iterator[Change]:
    """For each boundary that calls came near, a change that refuses those which passed, and one that lets those pass
    which were refused; not where all refused calls would pass, as without the rule."""
    for met in find_boundaries(calls, api):
        boundary = met.boundary
        tight = [near for near in met.within_reach(refused=False) if _can_refuse(near.call, boundary, api)]
        if tight:
            yield _move(boundary, tight, refused=False)
        loose = met.within_reach(refused=True)
        keys = {(near.call.operation, near.call.ordinal) for near in loose}
        others = (call for call in calls if any(rule.id == boundary.rule.id for rule in call.trace.refused_by))
        if loose and any((call.operation, call.ordinal) not in keys for call in others):
            yield _move(boundary, loose, refused=True)


def _can_refuse(call: SeenCall, boundary: Boundary, api: Api) -> bool:
    """Whether a refusal would be news, and the document has it. Of a call that another rule refuses, the test does not
    expect that it passes."""
    return (
        call.status < 400
        and make_refusal(api.endpoints[call.operation], call.request, boundary.rule, boundary.measure.name) is not None
    )


def _move(boundary: Boundary, nears: list[Near], *, refused: bool) -> Change:
    """A boundary that moves so that calls which it refused pass, or the other way round; ``nears`` are these calls, the
    nearest first."""
    rule, measure, nearest = boundary.rule, boundary.measure, nears[0]
    named = f"{rule.id}@{measure.name.replace(' ', '_')}" if measure.name else rule.id
    which = f"{rule.id} ({measure.name})" if measure.name else rule.id
    towards = -boundary.passes if refused else boundary.passes
    if towards:
        id, moves = f"{named}{'+' if towards > 0 else '-'}1", f"moves by {in_words(measure.step, measure.unit)}"
    else:
        id, moves = f"{named}=strict", "no longer belongs to what passes"
    distance = in_words(nearest.distance, measure.unit)
    where = (
        f"which {'misses' if refused else 'passes'} it by {distance}" if nearest.distance else "which is exactly at it"
    )
    becomes = "accepted" if refused else "refused"
    sides = dict.fromkeys(SIDES[(near.distance >= 0) + (near.distance > 0)] for near in nears)
    items = tuple(measured_id(rule.id, measure.name, side) for side in sides)
    return RuleChange(
        id,
        f"the boundary of {which} {moves}, so that {nearest.call.operation}, {where}, is {becomes}",
        calls=[near.call for near in nears],
        probe=lambda: (_Looser if refused else _Tighter)(boundary),
        items=items if refused else (passed_id(rule.id), *items),
    )


class _Mover(Probe):
    """Moves a boundary."""

    def __init__(self, boundary: Boundary) -> None:
        super().__init__()
        self._boundary = boundary

    def is_reached(self, rule: Rule, distance: float | None, measure: str, *, refused: bool) -> bool:
        """Whether a measured call is one that the move turns round."""
        return (
            distance is not None
            and rule.id == self._boundary.rule.id
            and measure == self._boundary.measure.name
            and self._boundary.is_within_reach(distance, refused=refused)
        )


class _Tighter(_Mover):
    """Refuses what passes next to a boundary."""

    def begin(self, world: World, endpoint: Endpoint, request: Request) -> None:
        """Remember what the call is."""
        super().begin(world, endpoint, request)
        self._endpoint, self._request = endpoint, request

    def is_in_force(self, rule: Rule, distance: float | None, measure: str) -> bool:
        """Always; refuses calls next to the boundary."""
        if self.is_reached(rule, distance, measure, refused=False):
            refusal = make_refusal(self._endpoint, self._request, rule, measure)
            if refusal is not None:
                raise refusal
        return True


class _Looser(_Mover):
    """Lets pass what is refused next to a boundary."""

    def is_in_force(self, rule: Rule, distance: float | None, measure: str) -> bool:
        """Not for calls next to the boundary."""
        return not self.is_reached(rule, distance, measure, refused=True)


_LONGER: Final = {"seconds": (("hour", 3600), ("minute", 60)), "minutes": (("hour", 60),)}
_SINGULAR: Final = {"entries": "entry"}


def in_words(value: float, unit: str) -> str:
    """An amount without its sign: ``2 hours``, ``90 minutes``, ``1 character``; a bare number if there is no unit."""
    value = abs(value)
    for noun, size in _LONGER.get(unit, ()):
        if value and value % size == 0:
            return counted(int(value // size), noun)
    number: Any = int(value) if value == int(value) else value
    return f"{number:,} {_SINGULAR.get(unit, unit.removesuffix('s')) if number == 1 else unit}".rstrip()
