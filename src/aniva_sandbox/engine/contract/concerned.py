"""Which operations each rule has to do with."""

from collections.abc import Sequence
from functools import cached_property

from aniva_sandbox.engine.contract.document import Contract, build_document
from aniva_sandbox.engine.contract.rules import Rule

__all__ = ["Concerned"]


class Concerned:
    """The operations of some contracts by the rules that concern them, found when they are first asked for."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        self._contracts = contracts

    def operations_of(self, rule: Rule) -> list[str]:
        """The ids of the operations that a rule or a clause may refuse, in the order of their documents. If it never
        refuses, those whose successes it decides on, or those of the rule that it is a clause of."""
        if rule.statuses:
            return list(self._refused.get(rule.id, ()))
        found = (by.get(id, {}) for id in (rule.id, rule.whole) for by in (self._refused, self._followed))
        chosen = next(filter(None, found), {})
        return list(chosen)

    @cached_property
    def _refused(self) -> dict[str, dict[str, None]]:
        found: dict[str, dict[str, None]] = {}
        for contract in self._contracts:
            document = build_document(contract)
            shared = document["components"]["responses"]
            for item in document["paths"].values():
                for operation in item.values():
                    for response in operation["responses"].values():
                        described = shared[response["$ref"].rpartition("/")[2]] if "$ref" in response else response
                        for rule in described.get("x-rules", ()):
                            found.setdefault(rule, {})[operation["operationId"]] = None
        return found

    @cached_property
    def _followed(self) -> dict[str, dict[str, None]]:
        found: dict[str, dict[str, None]] = {}
        for contract in self._contracts:
            for operation in contract.operations:
                for rule in operation.follows:
                    found.setdefault(rule.id, {})[operation.id] = None
        return found
