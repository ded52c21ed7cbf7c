"""The tally of a server: how many requests it responded to, and what they came to."""

from collections import Counter
from typing import Final

from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.contract.outcomes import Outcome

__all__ = ["PLAIN", "Tally"]

PLAIN: Final = (200, 201)
"""The statuses of calls that are only counted by their endpoint."""


class Tally(dict[Endpoint | None, int]):
    """The calls to the API, by endpoint; None for those that reached none. What they came to is noted only where it is
    not a success: an operation succeeds with one status, so the other calls had that one."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals: Counter[str] = Counter()
        """The calls to the API that were refused, by the id of each rule that refused them."""
        self.control: Counter[tuple[str, int]] = Counter()
        """The requests to the control plane, by operationId, empty for those that reached none, and status."""
        self.unmatched = 0
        """The calls to the API that reached no world or no operation."""
        self.defects = 0
        """What broke in the sandbox, or contradicted the document."""
        self.without_memory = 0
        """The requests that ran out of memory, which are counted nowhere else."""
        self._others: Counter[tuple[Endpoint | None, int]] = Counter()

    def __missing__(self, endpoint: Endpoint | None) -> int:
        return 0

    def note(self, endpoint: Endpoint | None, outcome: Outcome) -> None:
        """Note what a call to the API came to; required for each that has a status outside of ``PLAIN``, or a
        mismatch."""
        if outcome.status not in PLAIN:
            self._others[endpoint, outcome.status] += 1
            for rule in outcome.rules:
                self.refusals[rule.id] += 1
        self.defects += outcome.mismatch is not None

    def note_control(self, endpoint: Endpoint | None, outcome: Outcome) -> None:
        """Count a request to the control plane."""
        self.control[endpoint.id if endpoint else "", outcome.status] += 1
        self.defects += outcome.mismatch is not None

    def requests(self) -> Counter[tuple[str, int]]:
        """The calls to the API, by operationId, empty for those that reached none, and status."""
        found: Counter[tuple[str, int]] = Counter()
        plain = Counter(self)
        for (endpoint, status), count in self._others.items():
            plain[endpoint] -= count
            found[endpoint.id if endpoint else "", status] += count
        for endpoint, count in plain.items():
            if endpoint is not None and count:
                found[endpoint.id, endpoint.operation.status if endpoint.operation else PLAIN[0]] += count
        return found
