"""The targets of faults: an operation of an API, a method, a path or both that match one, or all calls."""

import re
from collections.abc import Mapping
from typing import Any

from aniva_sandbox.engine.contract.operations import Operation
from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.texts import suggest

__all__ = ["FAULT_TARGET", "Targets"]

FAULT_TARGET = Rule(
    id="fault.target",
    sentence="A fault targets an operation, or a method, a path or both, and the API has a matching operation; or, "
    "without any of these, all calls.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)


class Targets:
    """The operations of an API as targets of faults."""

    def __init__(self, operations: Mapping[str, Operation[Any]], base: str) -> None:
        """The operations by id; ``base`` precedes their paths."""
        self._operations = operations
        self._base = base

    def require(self, operation: str | None, method: str | None, path: str | None) -> None:
        """Refuse through ``fault.target`` a target that no call could ever match."""
        if operation is not None and (method is not None or path is not None):
            FAULT_TARGET.refuse("Give operation, or method and path")
        if operation is not None and operation not in self._operations:
            FAULT_TARGET.refuse(f"There is no such operation{suggest(operation, self._operations)}")
        if not any(
            method in (None, known.method) and (path is None or _leads_to(path, self._base + known.path))
            for known in self._operations.values()
        ):
            FAULT_TARGET.refuse("No operation has such a path" + (" with this method" if method else ""))


def _leads_to(path: str, template: str) -> bool:
    """Whether a path is this template of the document, or matches it."""
    given, wanted = path.split("/"), template.split("/")
    return len(given) == len(wanted) and all(
        one == other or (other.startswith("{") and _VALUE.fullmatch(one))
        for one, other in zip(given, wanted, strict=True)
    )


_VALUE = re.compile("[^{}?#]+")
"""The value of a parameter in a concrete path."""
