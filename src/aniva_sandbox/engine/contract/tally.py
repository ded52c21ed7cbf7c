"""The tally of a server: how many requests it responded to, and what they came to."""

from collections import Counter, defaultdict
from typing import Final

from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.contract.outcomes import Outcome

__all__ = ["PLAIN", "Tally"]

PLAIN: Final = (200, 201)
"""The statuses of calls that are only counted by their endpoint."""


class Tally:
    """What calls and requests came to. That of a call is noted only where it is not a success: an operation succeeds
    with one status, so the other calls had that one."""

    def __init__(self) -> None:
        self.calls: dict[Endpoint | None, int] = defaultdict(int)
        """The calls to the API, by endpoint; None for those that reached none."""
        self.refusals: dict[str, int] = {}
        """The calls to the API that were refused, by the id of each rule that refused them."""
        self.control: dict[tuple[str, int], int] = {}
        """The requests to the control plane, by operationId, empty for those that reached none, and status."""
        self.unmatched = 0
        """The calls to the API that reached no world or no operation."""
        self.defects = 0
        """What broke in the sandbox, or contradicted the document."""
        self.without_memory = 0
        """The requests that ran out of memory, which are counted nowhere else."""
        self._others: dict[Endpoint | None, dict[int, int]] = {}

    def note(self, endpoint: Endpoint | None, outcome: Outcome) -> None:
        """Note what a call to the API came to; required for each that has a status outside of ``PLAIN``, or a
        mismatch."""
        status = outcome.status
        if status not in PLAIN:
            counts = self._others.get(endpoint)
            if counts is None:
                counts = self._others[endpoint] = {}
            counts[status] = counts.get(status, 0) + 1
            for rule in outcome.rules:
                self.refusals[rule.id] = self.refusals.get(rule.id, 0) + 1
        self.defects += outcome.mismatch is not None

    def note_control(self, endpoint: Endpoint | None, outcome: Outcome) -> None:
        """Count a request to the control plane."""
        key = endpoint.id if endpoint else "", outcome.status
        self.control[key] = self.control.get(key, 0) + 1
        self.defects += outcome.mismatch is not None

    def requests(self) -> Counter[tuple[str, int]]:
        """The calls to the API, by operationId, empty for those that reached none, and status."""
        found: Counter[tuple[str, int]] = Counter()
        plain = Counter(self.calls)
        for endpoint, counts in self._others.items():
            for status, count in counts.items():
                plain[endpoint] -= count
                found[endpoint.id if endpoint else "", status] += count
        for endpoint, count in plain.items():
            if endpoint is not None and count:
                found[endpoint.id, endpoint.operation.status if endpoint.operation else PLAIN[0]] += count
        return found
