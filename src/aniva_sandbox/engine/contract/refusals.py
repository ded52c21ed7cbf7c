"""Refusals of requests that break the document's schemas."""

from typing import Final

from aniva_sandbox.engine.contract.bodies import NUL
from aniva_sandbox.engine.contract.checks import COUNTED, Violation
from aniva_sandbox.engine.contract.ground_rules import BODY_SCHEMA, BODY_SCHEMA_DETAILS
from aniva_sandbox.engine.contract.rules import Ledger, Refusal, Rule
from aniva_sandbox.engine.texts import listed

__all__ = ["refusal_of", "rule_of"]

_DETAILS: Final = 100
"""The maximum number of details in a refusal."""


def rule_of(violation: Violation, ledger: Ledger) -> Rule:
    """The rule that a violation breaks."""
    return ledger[violation.rule] if violation.rule and violation.rule in ledger else BODY_SCHEMA


def refusal_of(violations: list[Violation], ledger: Ledger) -> Refusal:
    """The refusal of a request with these violations, which names them all."""
    # One violation of a field is enough: of a format and a pattern, the pattern, whose message is plainer. A NUL
    # breaks a format too, but that adds nothing.
    is_cut = len(violations) > COUNTED
    by_path: dict[str, Violation] = {}
    for violation in violations[:COUNTED]:
        path = violation.detail.path
        if path not in by_path or (by_path[path].keyword == "format" and violation.keyword != NUL):
            by_path[path] = violation
    violations = list(by_path.values())
    rules = dict.fromkeys(rule_of(violation, ledger) for violation in violations)
    details = tuple(violation.detail for violation in violations[:_DETAILS])
    faults = listed([f"{detail.path} {detail.message}" for detail in details], "; ")
    if len(violations) > _DETAILS:
        more = f"{'more than ' * is_cut}{len(violations) - _DETAILS:,}"
        faults += f" in details, and {more} more that it leaves out"
    return Refusal(tuple(rules), 400, f"Validation failed: {faults}", details, {}, leans_on=(BODY_SCHEMA_DETAILS,))
