"""Probes of the kind ``rules``: what a test turned on is changed, and the test should notice.

A refusal no longer comes, or comes with another status; a boundary moves by a step; what happens on the API's side does
not show. Left out are the rules of basis ``sandbox``, which the API itself does not have (its control plane, the limits
of worlds), the sandbox's own troubles (500, 501, 507), and what refuses calls that reach no operation or no world, so
that no success could come instead: unknown paths, methods and keys.
"""

from collections.abc import Iterable, Iterator

from aniva_sandbox.engine.contract.api import Api, Endpoint
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.evidence.coverage.items import refused_id, response_id
from aniva_sandbox.engine.evidence.probes.change import Change, Context
from aniva_sandbox.engine.evidence.probes.held_events import plan_held
from aniva_sandbox.engine.evidence.probes.moves import plan_moves
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.refusals import accepted, other_status, with_status
from aniva_sandbox.engine.evidence.probes.rule_change import RuleChange, is_probed
from aniva_sandbox.engine.evidence.probes.run import Run, SeenCall
from aniva_sandbox.engine.texts import listed

__all__ = ["plan"]


def plan(clean: Run, context: Context) -> list[Change]:
    """The changes that a clean run gives reason to."""
    calls = [call for call in clean.calls if is_probed(call)]
    return [*_refusals(calls, context.api), *plan_moves(calls, context.api), *plan_held(clean.calls, context)]


def _refusals(calls: list[SeenCall], api: Api) -> Iterator[Change]:
    """Changes of what refused a call. Of several format rules, none is the reason alone, and the first counts."""
    alone: dict[str, list[SeenCall]] = {}
    first: dict[str, list[SeenCall]] = {}
    for call in calls:
        rules = [rule for rule in call.trace.refused_by if rule.basis != "sandbox"]
        if rules:
            first.setdefault(rules[0].id, []).append(call)
        if len(rules) == 1:
            alone.setdefault(rules[0].id, []).append(call)
    for rule in api.ledger:
        if rule.id in alone:
            yield _off(rule, alone[rule.id])
        yield from _statuses(rule, first.get(rule.id, ()), api)


def _off(rule: Rule, calls: list[SeenCall]) -> Change:
    statuses = listed(sorted({call.status for call in calls}), " or ")
    return RuleChange(
        f"{rule.id}=off",
        f"the API accepts {_operations(calls)} where {rule.id} refuses with {statuses}",
        calls=calls,
        probe=lambda: _Waiver(rule),
        items=(refused_id(rule.id),),
    )


class _Waiver(Probe):
    """Keeps a rule from refusing. Where the operation cannot go on without it, a success takes the place of the
    refusal."""

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self._rule = rule.id

    def is_in_force(self, rule: Rule, distance: float | None, measure: str) -> bool:  # noqa: ARG002
        """Not for the rule."""
        return rule.id != self._rule

    def waives(self, rule: Rule) -> bool:
        """Whether it is the rule."""
        return rule.id == self._rule

    def change_outcome(self, endpoint: Endpoint, request: Request, outcome: Outcome, trace: Trace) -> Outcome:  # noqa: ARG002
        """A success, if nothing but the rule refused the call."""
        return accepted(endpoint, outcome, self._rule)


def _statuses(rule: Rule, calls: Iterable[SeenCall], api: Api) -> Iterator[Change]:
    """For each status that may come in the place of the rule's, a change of all calls for which it is the nearest."""
    by_status: dict[int, list[SeenCall]] = {}
    for call in calls:
        status = other_status(api.endpoints[call.operation], Outcome(call.status, call.value), call.request)
        if status is not None:
            by_status.setdefault(status, []).append(call)
    for status in sorted(by_status):
        yield _status(rule, status, by_status[status])


def _status(rule: Rule, status: int, calls: list[SeenCall]) -> Change:
    ones = frozenset((call.operation, call.status) for call in calls)
    instead = listed(sorted({call.status for call in calls}), " or ")
    return RuleChange(
        f"{rule.id}={status}",
        f"{rule.id} refuses {_operations(calls)} with {status} instead of {instead}",
        calls=calls,
        probe=lambda: _OtherStatus(rule, status, ones),
        items=tuple(response_id(operation, was) for operation, was in sorted(ones)),
    )


class _OtherStatus(Probe):
    """Refuses with another status than a rule does."""

    def __init__(self, rule: Rule, status: int, instead_of: frozenset[tuple[str, int]]) -> None:
        super().__init__()
        self._rule = rule.id
        self._status = status
        self._instead_of = instead_of

    def change_outcome(self, endpoint: Endpoint, request: Request, outcome: Outcome, trace: Trace) -> Outcome:  # noqa: ARG002
        """The refusal with the other status."""
        is_refused = bool(outcome.rules) and outcome.rules[0].id == self._rule
        if not is_refused or (endpoint.id, outcome.status) not in self._instead_of:
            return outcome
        return with_status(endpoint, outcome, request, self._status) or outcome


def _operations(calls: Iterable[SeenCall]) -> str:
    *others, last = dict.fromkeys(call.operation for call in calls)
    return f"{listed(others)} and {last}" if others else last
