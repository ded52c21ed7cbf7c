"""What a run knows of the server that it holds against a document."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aniva_sandbox.engine.contract.rules import Ledger
from aniva_sandbox.engine.world.keys import KEY_PREFIX

__all__ = ["FULL_KEY", "OUTSIDER_KEY", "WORLD", "Subject"]

WORLD = "conformance"
FULL_KEY = f"{KEY_PREFIX}{WORLD}"
OUTSIDER_KEY = f"{FULL_KEY}.outsider"
"""Every permission, but in another access context."""


def _stay() -> None:
    """A server that has no control plane stays as it is."""


@dataclass(kw_only=True)
class Subject:
    """The server: its keys, and whether its state and its reasons are known.

    A sandbox has both: ``renew`` puts it back to the state that the document's examples speak of, and ``ledger`` holds
    the rules that its refusals name. Of any other server it is known only what it answers: what cannot be judged from
    that alone is counted in ``unjudged``.
    """

    key: str | None = None
    """The key with every permission; None where the API asks for none."""
    outsider: str | None = None
    """Another key with every permission, but in another access context."""
    ledger: Ledger | None = None
    renew: Callable[[], None] = _stay
    headers: Mapping[str, str] = field(default_factory=dict)
    """What goes with every request; as secret as the keys."""
    unjudged: Counter[str] = field(default_factory=Counter)
    """How many answers could not be judged, by what is not known."""

    @property
    def is_sandbox(self) -> bool:
        """Whether refusals name their rules, and every operation can be reached from the document's examples."""
        return self.ledger is not None
