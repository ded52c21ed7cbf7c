"""Probes of the kind ``faults``: a call fails, or its response is lost or spoiled, and the client goes on somehow."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Final

from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.evidence.probes.change import Again, Change, Context, Judgement
from aniva_sandbox.engine.evidence.probes.course import RETRY_AFTER, Course, has_changed, identity
from aniva_sandbox.engine.evidence.probes.held import Comparison, Difference
from aniva_sandbox.engine.evidence.probes.patterns import ANY
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.report import KindName, Verdict
from aniva_sandbox.engine.evidence.probes.run import Run, SeenCall
from aniva_sandbox.engine.faults.faults import Injected, inject
from aniva_sandbox.engine.faults.record import Effects
from aniva_sandbox.engine.texts import suggest

__all__ = ["KINDS", "MOST_REPEATS", "parse_faults", "plan"]

MOST_REPEATS: Final = 10
"""How often a call that keeps failing can be repeated."""
_TOLERANCE: Final = 0.05
"""Seconds by which a client's timer may be early."""

KINDS: Final[Mapping[str, Effects]] = {
    "503": Effects(status=503),
    "503-always": Effects(status=503),
    "429": Effects(status=429, retry_after=RETRY_AFTER),
    "drop=before": Effects(drop="before"),
    "drop=after": Effects(drop="after"),
    "truncate": Effects(truncate=True),
    "malformed": Effects(malformed=True),
}
"""What is injected, by the name of its kind in ids."""

_TITLES: Final[Mapping[str, str]] = {
    "503": "fails once with 503",
    "503-always": "keeps failing with 503",
    "429": f"fails once with 429 and Retry-After: {RETRY_AFTER}",
    "drop=before": "loses its connection before it takes effect",
    "drop=after": "loses its response",
    "truncate": "has a response that is cut off",
    "malformed": "has a response that is not JSON",
}


def parse_faults(names: Iterable[str]) -> frozenset[str]:
    """The kinds of faults that a test claims to recover from. Raises ValueError for one that is neither a kind nor
    ``*``, which is all."""
    named = frozenset(names)
    for name in sorted(named.difference(KINDS, [ANY])):
        near = suggest(name, KINDS) or f"; they are {', '.join(KINDS)}"
        raise ValueError(f"there is no fault {name!r}{near}")
    return named


def plan(clean: Run, context: Context) -> list[Change]:
    """The changes that a clean run gives reason to: each kind of fault, at each call that reached an operation and met
    no fault of the test's own."""
    comparison = Comparison(clean, context)
    calls = Counter(call.operation for call in clean.calls)
    first = _firsts(clean.calls)
    changes: list[Change] = []
    for call in clean.calls:
        if not call.operation or call.trace.fault is not None:
            continue
        name = call.operation if calls[call.operation] == 1 else f"call {call.ordinal} of {call.operation}"
        for kind in _kinds(call):
            change = _Fault(call, kind, name, comparison, context)
            change.cover(first.get((call.operation, call.ordinal)))
            changes.append(change)
    return changes


def _kinds(call: SeenCall) -> Iterator[str]:
    yield from ("503", "503-always", "429", "drop=before", "drop=after")
    if call.request.method != "HEAD":
        yield "truncate"
        if call.value is not None:
            yield "malformed"


def _firsts(calls: Sequence[SeenCall]) -> dict[tuple[str, int], int]:
    """Of calls in the middle of several that are equal, requests and responses, the ordinal of the first."""
    found: dict[tuple[str, int], int] = {}
    first = 0
    for place, call in enumerate(calls):
        if not _is_same(calls[first], call):
            first = place
        elif first < place < len(calls) - 1 and _is_same(call, calls[place + 1]):
            found[call.operation, call.ordinal] = calls[first].ordinal
    return found


def _is_same(one: SeenCall, other: SeenCall) -> bool:
    return (
        identity(one) == identity(other)
        and (one.status, one.trace.fault) == (other.status, other.trace.fault)
        and bool(one.value == other.value)
    )


class _Injecting(Probe):
    """Injects a fault into one call of an operation, or into all from this one."""

    def __init__(self, operation: str, ordinal: int, kind: str) -> None:
        super().__init__()
        self._operation = operation
        self._ordinals = range(ordinal, ordinal + 1 if kind != "503-always" else 1 << 62)
        self._kind = kind

    def fault(self, endpoint: Endpoint) -> Injected | None:
        if endpoint.id != self._operation or self.ordinal not in self._ordinals:
            return None
        self.injected = self._kind
        return inject(KINDS[self._kind], "probe")


class _Fault(Change):
    """A fault at one call."""

    kind: ClassVar[KindName] = "faults"

    def __init__(self, call: SeenCall, fault: str, name: str, comparison: Comparison, context: Context) -> None:
        super().__init__(
            f"{call.operation}#{call.ordinal}:{fault}", f"{name} {_TITLES[fault]}", operation=call.operation
        )
        self._call = call
        self._fault = fault
        self._name = name
        self._comparison = comparison
        self._claims = not context.recovers.isdisjoint({fault, ANY})
        self._is_certain = True

    def cover(self, first: int | None) -> None:
        """Note which earlier change may make a run with this one needless; ``first`` is the ordinal of the first of
        several equal calls, if this one is in their middle."""
        if first is not None:
            self.covered_by = f"{self.operation}#{first}:{self._fault}"
        elif self._fault == "503-always":
            self.covered_by, self._is_certain = f"{self.operation}#{self._call.ordinal}:503", False
        elif self._fault == "drop=after" and not has_changed(self._call):  # the client cannot see when it dropped
            self.covered_by = f"{self.operation}#{self._call.ordinal}:drop=before"

    def is_covered(self, run: Run) -> bool:
        """A call that keeps failing is one that fails once, if nothing called the operation again."""
        if self._is_certain:
            return True
        of_operation = [call for call in run.calls if call.operation == self.operation]
        return bool(of_operation and of_operation[-1].fault == "503")

    def probe(self) -> Probe:
        return _Injecting(self.operation, self._call.ordinal, self._fault)

    def judge(self, clean: Run, changed: Run, again: Again) -> Judgement:  # noqa: ARG002 (one run says all)
        course = Course.of(self._fault, self._call, clean, changed)
        if course is None:
            return Judgement(is_void=True, sentence=f"{self._name} did not come again")
        passed = changed.outcome == "passed"
        # What a test leaves behind that did not get to its end says something only if it did something twice.
        difference = self._comparison.difference(changed) if passed or course.has_more_effects else Difference()
        if doubled := course.doubled(difference):
            return self._find("duplicate", course, difference, course.duplicates(doubled))
        if changed.limit == "waits":
            sentence = f"{course.injected(self._name)}, the client waited for real, for longer than a probe does"
            return Judgement(note="waits", sentence=sentence)
        if passed and not course.came(has_difference=bool(difference)):
            return self._find("swallowed", course, difference, course.differences(difference))
        if passed and difference:
            return self._find("lost", course, difference, course.differences(difference))
        if not passed and self._claims:
            return self._find("unrecovered", course, None, "the test is marked as recovering from this")
        if changed.outcome == "stopped":
            return self._find("stuck", course, None, "")
        if self._fault == "503-always" and course.most_repeats > MOST_REPEATS:
            return self._find("hammering", course, None, "")
        if self._fault == "429":
            waited = course.waited
            if waited is not None and waited < RETRY_AFTER - _TOLERANCE:
                return self._find("impatient", course, None, "")
        if not passed:
            return Judgement(note="told", sentence=course.sentence(self._name))
        return Judgement()

    def _find(self, verdict: Verdict, course: Course, difference: Difference | None, holds: str) -> Judgement:
        sentence = course.sentence(self._name, verdict)
        return Judgement(
            verdict=verdict,
            sentence=f"{sentence}: {holds}" if holds else sentence,
            before=difference.before if difference else (),
            after=difference.after if difference else (),
        )
