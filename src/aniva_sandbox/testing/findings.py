"""What a test met: why it is failed for that, and the evidence for the end of the run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from aniva_sandbox.testing.reliance import INI
from aniva_sandbox.testing.summary import Evidence, HintCount, Relied

if TYPE_CHECKING:
    from aniva_sandbox.testing.aniva import Aniva
    from aniva_sandbox.testing.exchanges import Exchange, RuleName
    from aniva_sandbox.testing.hints import Hint

__all__ = ["evidence_of", "evidence_without", "write_hints", "write_relied"]


def write_relied(rules: Sequence[RuleName], calls: Iterable[Exchange]) -> list[str]:
    """Why --aniva-strict fails a test that relied on these rules."""
    lines = []
    for rule in rules:
        lines.append(f"--aniva-strict: the test relied on {rule.id} ({rule.basis}): {rule.sentence}")
        lines.append(_first([call for call in calls if rule in (*call.rules, *call.relied_on)]))
    if rules:
        lines.append(f"To let tests rely on a rule, list it in relies_on of their marker, or in the ini key {INI}.")
    return lines


def write_hints(hints: Sequence[Hint], calls: Iterable[Exchange]) -> list[str]:
    """Why --aniva-hints=error fails a test that got these hints."""
    numbers: dict[str, set[int]] = {}
    for hint in hints:
        numbers.setdefault(hint.sentence, set()).add(hint.number)
    lines = []
    for sentence, those in numbers.items():
        lines.append(f"--aniva-hints=error: {sentence}")
        lines.append(_first([call for call in calls if call.number in those]))
    return lines


def _first(calls: Sequence[Exchange]) -> str:
    """The first of the calls that a finding is about, and the number of the others."""
    if not calls:
        return "    by a call that the journal no longer has"
    more = f", and {len(calls) - 1} more" if len(calls) > 1 else ""
    return f"    #{calls[0].number} {calls[0]}{more}"


def evidence_of(sandbox: Aniva, hints: Iterable[Hint], declared: dict[str, list[str]], *, passed: bool) -> Evidence:
    """What a test met; ``declared`` are the rules of its markers, with their places."""
    counts: dict[tuple[str, str, str], int] = {}
    for hint in hints:
        key = hint.field, hint.operation or "no operation", hint.sentence
        counts[key] = counts.get(key, 0) + 1
    return Evidence(
        passed=passed,
        relied=[
            Relied(id=rule.id, basis=rule.basis, sentence=rule.sentence, is_declared=rule.id in sandbox.relies_on)
            for rule in sandbox.relied_on
        ],
        declared=declared,
        hints=[
            HintCount(field=field, operation=operation, sentence=sentence, count=count)
            for (field, operation, sentence), count in counts.items()
        ],
    )


def evidence_without(declared: dict[str, list[str]]) -> Evidence:
    """That of a test that did not come as far as its sandbox: it was skipped, or its set-up failed."""
    return Evidence(passed=False, relied=[], declared=declared, hints=[])
