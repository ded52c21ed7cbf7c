"""What refuses calls where worlds are shared: the store, and worlds of processes that differ."""

from collections.abc import Mapping
from typing import Final

from aniva_sandbox.engine.contract.rules import Rule

__all__ = [
    "RULES",
    "STORE_AWAY",
    "STORE_DIFFERS",
    "STORE_FULL",
    "STORE_LOADING",
    "STORE_READ_ONLY",
    "STORE_REFUSED",
    "STORE_UNCONFIRMED",
    "STORE_VERSION",
    "StoreError",
    "rule_of",
]

_SHARED: Final = "the sandbox's shared worlds"


def _rule(name: str, sentence: str) -> Rule:
    return Rule(id=f"store.{name}", sentence=sentence, basis="sandbox", source=_SHARED, statuses=(503,))


STORE_AWAY = _rule(
    "away",
    "Where worlds are shared, a call that cannot reach the store gets 503. It had no effect.",
)
STORE_UNCONFIRMED = _rule(
    "unconfirmed",
    "Where worlds are shared, a call that was sent to the store gets 503 if the store does not confirm it in time. It "
    "may have taken effect.",
)
STORE_FULL = _rule(
    "full",
    "Where worlds are shared, calls get 503 while the store is out of memory. They have no effect.",
)
STORE_READ_ONLY = _rule(
    "read-only",
    "Where worlds are shared, calls get 503 while the store is read-only: a replica, failing over, or unable to write "
    "to its disk. They have no effect.",
)
STORE_LOADING = _rule(
    "loading",
    "Where worlds are shared, calls get 503 while the store is loading its data or is busy. They have no effect.",
)
STORE_REFUSED = _rule(
    "refused",
    "Where worlds are shared, calls get 503 while the store rejects the user, the password or the commands of the "
    "sandbox. They have no effect.",
)
STORE_VERSION = _rule(
    "version",
    "A world that another version of the sandbox began in the store is not used by this one: its calls get 503. An "
    "export and a restore carry it over.",
)
STORE_DIFFERS = _rule(
    "differs",
    "A world that a process with other fixtures, settings or limits began in the store is not used by this one: its "
    "calls get 503.",
)

RULES = (
    STORE_AWAY,
    STORE_DIFFERS,
    STORE_FULL,
    STORE_LOADING,
    STORE_READ_ONLY,
    STORE_REFUSED,
    STORE_UNCONFIRMED,
    STORE_VERSION,
)

_SOON: Final = 1
_LATER: Final = 30
_RETRY_AFTER: Final[Mapping[str, int]] = {
    STORE_AWAY.id: _SOON,
    STORE_LOADING.id: _SOON,
    STORE_READ_ONLY.id: _SOON,
    STORE_FULL.id: _LATER,
    STORE_REFUSED.id: _LATER,
}
"""Seconds after which a call that had no effect may be repeated, by the rule that refused it."""

_RULES_OF_CODES: Final[Mapping[str, Rule]] = {
    "OOM": STORE_FULL,
    **dict.fromkeys(("READONLY", "MISCONF", "NOREPLICAS"), STORE_READ_ONLY),
    **dict.fromkeys(("LOADING", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN", "BUSY"), STORE_LOADING),
}


class StoreError(Exception):
    """A call was refused, as the store cannot be used for it."""

    def __init__(self, rule: Rule, message: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.retry_after: int | None = _RETRY_AFTER.get(rule.id)
        """Seconds after which it is worth repeating; None where that might do it twice, or will not help."""


def rule_of(code: str) -> Rule:
    """The rule that belongs to the code of an error, the first word in it."""
    return _RULES_OF_CODES.get(code, STORE_REFUSED)
