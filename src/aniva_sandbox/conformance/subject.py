"""The server under test, as far as a run knows it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aniva_sandbox.engine.contract.rules import Ledger
from aniva_sandbox.engine.world.keys import KEY_PREFIX

__all__ = ["FULL_KEY", "OUTSIDER_KEY", "WORLD", "Subject"]

WORLD = "conformance"
FULL_KEY = f"{KEY_PREFIX}{WORLD}"
OUTSIDER_KEY = f"{FULL_KEY}.outsider"
"""A key with every permission, but in another access context."""


def _stay() -> None:
    """Do nothing: a server without a control plane keeps its state."""


@dataclass(kw_only=True)
class Subject:
    """The server: its keys, and, for a sandbox, access to its state and its rules.

    For a sandbox, ``renew`` restores the state of the document's examples, and ``ledger`` holds the rules that its
    refusals name. Of any other server only the responses are known: whatever cannot be checked from them alone is
    counted in ``unjudged``.
    """

    key: str | None = None
    """The key with every permission; None if the API needs no key."""
    outsider: str | None = None
    """Another key with every permission, but in another access context."""
    ledger: Ledger | None = None
    renew: Callable[[], None] = _stay
    headers: Mapping[str, str] = field(default_factory=dict)
    """The headers of every request; as secret as the keys."""
    unjudged: Counter[str] = field(default_factory=Counter)
    """The number of responses that could not be checked, by reason."""

    @property
    def is_sandbox(self) -> bool:
        """Whether refusals name their rules, and every operation can be reached from the document's examples."""
        return self.ledger is not None
