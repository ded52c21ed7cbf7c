"""The items of each axis: everything that calls can meet, listed from the document, the ledger and the domain."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.ground_rules import ERROR_INTERNAL
from aniva_sandbox.engine.contract.rules import Measure, Rule
from aniva_sandbox.engine.evidence.coverage.report import AxisName
from aniva_sandbox.engine.evidence.coverage.words import Words, components_in
from aniva_sandbox.engine.faults.effects import KINDS
from aniva_sandbox.engine.world.domain import Domain

__all__ = [
    "SIDES",
    "Item",
    "Items",
    "fault_id",
    "is_refusing",
    "measured_id",
    "passed_id",
    "read_id",
    "refused_id",
    "response_id",
    "shown_by",
    "shown_words",
    "tried_id",
]

_LEFT_OUT: Final = frozenset({500, 507})
"""Statuses of the sandbox's own troubles."""
SIDES: Final = ("below", "at", "above")


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something that calls can meet."""

    id: str
    operations: frozenset[str] = frozenset()
    """The operations that can meet it; empty if it is not about operations, or about any."""
    next: str | None = None
    """Python text that meets it in the default world."""
    reason: str = ""
    """Why it cannot be met; empty if it can."""
    unit: str | None = None
    """Of a boundary: the unit of its distances."""
    sentence: str | None = None
    """Of an assumption: what the sandbox decided."""


# The ids of items


def response_id(operation: str, status: int) -> str:
    return f"{operation} {status}"


def refused_id(rule: str) -> str:
    return f"{rule} refused"


def passed_id(rule: str) -> str:
    return f"{rule} passed"


def measured_id(rule: str, measure: str, side: str) -> str:
    return f"{rule} {measure} {side}" if measure else f"{rule} {side}"


def tried_id(machine: str, state: str, move: str) -> str:
    return f"{machine} {state}: {move}"


def read_id(event: str) -> str:
    return f"{event} read"


def fault_id(operation: str, kind: str) -> str:
    return f"{operation} {kind}"


def is_refusing(rule: Rule) -> bool:
    """Whether a rule has items: one that refuses calls of the API, and not because of the sandbox's own troubles."""
    return bool(rule.statuses) and rule.basis != "sandbox" and rule.id != ERROR_INTERNAL.id


def shown_words(api: Api) -> dict[str, dict[int, Words]]:
    """The words in the successes of each operation, by status."""
    found: dict[str, dict[int, Words]] = {}
    for endpoint in api.endpoints.values():
        for status, schema in endpoint.success_schemas.items():
            words = Words(schema, endpoint.schemas, endpoint.id)
            if words:
                found.setdefault(endpoint.id, {})[status] = words
    return found


def shown_by(api: Api, domain: Domain) -> dict[str, frozenset[str]]:
    """The operations that show what happened, for each type of event; empty if none returns its record."""
    returned_by = _returned_by(api)
    records = {each.name: each.record for each in domain.sections}
    return {
        type: frozenset(event.shown_by or returned_by.get(records[event.section].__name__, ()))
        for type, event in domain.events.items()
    }


def _returned_by(api: Api) -> dict[str, frozenset[str]]:
    """The operations that return each component."""
    return _turned(
        {
            endpoint.id: [
                name for schema in endpoint.success_schemas.values() for name in components_in(schema, endpoint.schemas)
            ]
            for endpoint in api.endpoints.values()
        }
    )


class Items:
    """All items of an API by axis, in the order of its contract."""

    def __init__(self, api: Api, domain: Domain) -> None:
        self.operations = tuple(api.endpoints)
        """The ids of all operations, in the order of the document."""
        self._api = api
        self._domain = domain
        self._steps = domain.next_steps()
        self._refused_by: dict[str, frozenset[str]] = _turned({e.id: e.declared_rules for e in api.endpoints.values()})
        """The operations that each rule may refuse."""
        self._followed_by = _turned(
            {e.id: [rule.id for rule in e.operation.follows] for e in api.endpoints.values() if e.operation is not None}
        )
        """The operations whose successes each rule decides on."""
        self._returned_by = _returned_by(api)
        axes: Mapping[AxisName, Iterable[Item]] = {
            "responses": self._responses(),
            "rules": self._rules(),
            "boundaries": self._boundaries(),
            "transitions": self._transitions(),
            "time": self._time(),
            "words": self._words(),
            "faults": self._faults(),
            "assumptions": self._assumptions(),
        }
        self.axes: dict[AxisName, tuple[Item, ...]] = {
            axis: tuple({item.id: item for item in items}.values()) for axis, items in axes.items()
        }
        self.by_id = {item.id: item for items in self.axes.values() for item in items}

    def axis_of(self, id: str) -> AxisName:
        """The axis of an item."""
        return next(axis for axis, items in self.axes.items() if any(item.id == id for item in items))

    def _item(
        self,
        id: str,
        operations: Iterable[str],
        *,
        next: str | None = None,
        reason: str = "",
        unit: str | None = None,
        sentence: str | None = None,
    ) -> Item:
        reason = reason or self._steps.unmeetable.get(id, "")
        step = self._steps.steps.get(id, next)
        return Item(
            id=id,
            operations=frozenset(operations),
            next=None if reason else step,
            reason=reason,
            unit=unit,
            sentence=sentence,
        )

    def _responses(self) -> Iterator[Item]:
        for endpoint in self._api.endpoints.values():
            for status in endpoint.statuses:
                if status not in _LEFT_OUT:
                    yield self._item(response_id(endpoint.id, status), [endpoint.id])

    def _rules(self) -> Iterator[Item]:
        for rule in self._api.ledger:
            if is_refusing(rule):
                operations = self._refused_by.get(rule.id, ())
                yield self._item(refused_id(rule.id), operations)
                yield self._item(passed_id(rule.id), operations)

    def _boundaries(self) -> Iterator[Item]:
        by_rule: dict[str, dict[str, tuple[Measure, float | None, list[str]]]] = {}
        for endpoint in self._api.endpoints.values():
            for bound in endpoint.request_rules.bounds():
                measures = by_rule.setdefault(bound.rule.id, {})
                measures.setdefault(bound.measure.name, (bound.measure, bound.lowest, []))[2].append(endpoint.id)
        for rule in self._api.ledger:
            if rule.basis == "sandbox":
                continue
            for measure in rule.measures:
                for side in SIDES:
                    id = measured_id(rule.id, measure.name, side)
                    yield self._item(id, self._operations_of(rule), unit=measure.unit)
            for measure, lowest, operations in by_rule.get(rule.id, {}).values():
                for side in SIDES:
                    if side != "below" or lowest is None or lowest < 0:
                        yield self._item(measured_id(rule.id, measure.name, side), operations, unit=measure.unit)

    def _transitions(self) -> Iterator[Item]:
        for machine in self._domain.machines:
            record = next(each.record for each in self._domain.sections if each.noun == machine.noun)
            operations = self._returned_by.get(record.__name__, ())
            for state in machine.states:
                for move in machine.moves:
                    yield self._item(tried_id(machine.noun, state, move), operations)

    def _time(self) -> Iterator[Item]:
        for type, operations in shown_by(self._api, self._domain).items():
            yield self._item(read_id(type), operations)

    def _words(self) -> Iterator[Item]:
        operations: dict[str, list[str]] = {}
        for operation, by_status in shown_words(self._api).items():
            for words in by_status.values():
                for id in words:
                    operations.setdefault(id, []).append(operation)
        for id, those in operations.items():
            yield self._item(id, those)

    def _faults(self) -> Iterator[Item]:
        for operation in self.operations:
            call = self._steps.calls.get(operation)
            for kind, fields in KINDS.items():
                step = None
                if call is not None:
                    effects = "".join(f", {name}={_text(value)}" for name, value in fields.items())
                    step = f'{self._steps.injecting}("{operation}"{effects})\n{call}'
                yield self._item(fault_id(operation, kind), [operation], next=step)

    def _assumptions(self) -> Iterator[Item]:
        for rule in self._api.ledger:
            if not rule.is_settled:
                yield self._item(rule.id, self._operations_of(rule), reason=rule.pervasive, sentence=rule.sentence)

    def _operations_of(self, rule: Rule) -> frozenset[str]:
        """The operations that a rule may refuse. If it refuses nothing, those that it, or the rule that it is a clause
        of, has to do with."""
        if rule.id in self._refused_by:
            return self._refused_by[rule.id]
        ids = {rule.id, rule.whole or rule.id}
        return frozenset().union(*(by.get(id, ()) for by in (self._refused_by, self._followed_by) for id in ids))


def _turned(names: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """A mapping to names, read backwards."""
    found: dict[str, set[str]] = {}
    for key, values in names.items():
        for value in values:
            found.setdefault(value, set()).add(key)
    return {name: frozenset(keys) for name, keys in found.items()}


def _text(value: object) -> str:
    """A value as Python text, with double quotes."""
    return f'"{value}"' if isinstance(value, str) else repr(value)
