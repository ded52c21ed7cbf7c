"""What a client did after a fault: whether it repeated the call, how soon, and how it ended; in facts and in words."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from aniva_sandbox.engine.evidence.probes.held import Counted, Difference
from aniva_sandbox.engine.evidence.probes.run import Run, SeenCall
from aniva_sandbox.engine.texts import shorten

__all__ = ["RETRY_AFTER", "Course", "has_changed", "identity", "is_write"]

RETRY_AFTER: Final = 10
"""Seconds in the header of a response with 429."""

_AT_ONCE: Final = 1.0
"""Seconds within which calls are made at the same time."""
_SHOWN: Final = 3
"""The differences that a sentence names."""
_LONGEST: Final = 60
"""The characters of the name of an error."""


def identity(call: SeenCall) -> tuple[Any, ...]:
    """What a call has in common with those that repeat it."""
    return call.operation, call.request.identity


def is_write(call: SeenCall) -> bool:
    """Whether a call may change the world."""
    return call.request.method not in ("GET", "HEAD")


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """The course that a run with a fault took."""

    fault: str
    """The kind of the fault."""
    clean: Run
    changed: Run
    origin: SeenCall
    """The call of the clean run that the fault is about."""
    faulted: SeenCall
    """The first call with the fault."""
    later: tuple[SeenCall, ...]
    """The calls after it."""
    expected: tuple[SeenCall, ...]
    """The calls after it in the clean run."""

    @classmethod
    def of(cls, fault: str, call: SeenCall, clean: Run, changed: Run) -> "Course | None":
        """The course of a run with a fault at a ``call`` of the clean run; None if the fault met no call."""
        place = next((place for place, each in enumerate(changed.calls) if each.fault == fault), None)
        if place is None:
            return None
        places = [(each.operation, each.ordinal) for each in clean.calls]
        before = places.index((call.operation, call.ordinal))
        return cls(
            fault=fault,
            clean=clean,
            changed=changed,
            origin=call,
            faulted=changed.calls[place],
            later=changed.calls[place + 1 :],
            expected=clean.calls[before + 1 :],
        )

    # Facts

    @property
    def has_effect(self) -> bool:
        """Whether the call changed the world although its client could not know."""
        return has_changed(self.faulted)

    @property
    def repeats(self) -> int:
        """How often the client repeated the call."""
        same = identity(self.faulted)
        at_once = next((n for n, call in enumerate(self.later) if identity(call) != same), len(self.later))
        further = _count(self.later, same) - _count(self.expected, same)
        others = _count_at(self.changed.calls, self.faulted) - _count_at(self.clean.calls, self.faulted)
        there = [call for call in self.later if _is_at(call, self.faulted)]
        until_answered = next((n for n, call in enumerate(there, 1) if _is_answered(call)), len(there))
        return max(further, min(others, until_answered), 0 if self.changed.outcome == "passed" else at_once)

    @property
    def most_repeats(self) -> int:
        """How often the client repeated one of the calls with the fault, beyond what the test calls anyway."""
        with_fault = Counter(identity(call) for call in (self.faulted, *self.later) if call.fault)
        anyway = Counter(identity(call) for call in self.expected)
        return max(number - 1 - anyway[same] for same, number in with_fault.items())

    @property
    def waited(self) -> float | None:
        """Seconds until the client repeated the call, by its own time or the world's, whichever is longer; None if it
        did not. Equal calls that the client makes at once anyway, such as those of several tasks, do not count."""
        known = {identity(call) for call in self.clean.calls}
        of_operation = [call for call in self.later if call.operation == self.faulted.operation]
        same = [call for call in of_operation if identity(call) == identity(self.faulted)]
        if same:
            equal = [call for call in self.expected if identity(call) == identity(self.faulted)]
            anyway = sum(_since(self.origin, call) < _AT_ONCE for call in equal)
            at_once = sum(_since(self.faulted, call) < _AT_ONCE for call in same)
            again = next(iter(same[min(anyway, at_once) :]), None)
        else:
            again = next((call for call in of_operation if identity(call) not in known), None)
        return None if again is None else _since(self.faulted, again)

    @property
    def has_more_effects(self) -> bool:
        """Whether calls of an operation took effect more often than in the clean run."""
        return bool(self._further_effects(lambda call: call.operation))

    def doubled(self, difference: Difference) -> list[Counted]:
        """What there is more of because something took effect twice. What the clean run removed afterwards does not
        count if the test ended before that."""
        if not self.has_more_effects:
            return []
        would_remove = self.changed.outcome != "passed" and self._removals(self.clean) - self._removals(self.changed)
        return [each for each in difference.surplus if each.is_made and (each.clean or not would_remove)]

    @staticmethod
    def _removals(run: Run) -> Counter[str]:
        return Counter(call.operation for call in run.calls if call.request.method == "DELETE" and has_changed(call))

    def came(self, *, has_difference: bool) -> bool:
        """Whether what the client called for came in the end: the effect of a write, the response to anything else;
        ``has_difference`` says whether the worlds differ at the end."""
        faulted = self.faulted
        if self.has_effect:
            return True
        if self.fault in ("malformed", "truncate") and faulted.status >= 400:
            return True  # a client need not read the body of an error: the status says enough
        if any(identity(call) == identity(faulted) and _is_answered(call) for call in self.later):
            return True
        if _count_at(filter(_is_answered, self.changed.calls), faulted) >= _count_at(
            filter(_is_answered, self.clean.calls), faulted
        ):
            return True  # what the client repeated was not exactly the same, such as a time in it
        return is_write(faulted) and not has_difference and bool(self._further_effects(identity))

    def _further_effects(self, key: Callable[[SeenCall], Any]) -> Counter[Any]:
        clean, changed = (
            Counter(key(call) for call in run.calls if has_changed(call)) for run in (self.clean, self.changed)
        )
        return changed - clean

    # Words

    def sentence(self, name: str, verdict: str = "") -> str:
        """What was injected, and what the client did next; ``name`` is that of the call."""
        return f"{self.injected(name)}, {self._next(verdict)}"

    def injected(self, name: str) -> str:
        """What was injected into a call with this name."""
        if self.has_effect and self.fault in _AFTERWARDS:
            return f"{name} took effect, its response was {_AFTERWARDS[self.fault]}"
        if self.fault in _AFTERWARDS and self.fault != "drop=after":
            return f"the response of {name} was {_AFTERWARDS[self.fault]}"
        if self.fault in ("drop=before", "drop=after"):
            is_effective = is_write(self.faulted) and self.fault == "drop=before"
            return f"the connection dropped {f'before {name} took effect' if is_effective else f'during {name}'}"
        return f"{name} {_FAILED[self.fault]}"

    def _next(self, verdict: str) -> str:
        if verdict == "impatient":
            waited = int(self.waited or 0)
            return f"the client called it again {f'after {waited} s' if waited else 'at once'}"
        if verdict == "hammering":
            return f"the client repeated it {self.most_repeats} times"
        repeats = self.repeats
        times = f" {repeats} times" if repeats > 1 and self.changed.limit != "time" else ""  # what fits into the time
        repeated = f"the client repeated it{times}" if repeats else ""
        end = self._end(went_on=verdict in ("swallowed", "lost"), is_first=not repeated)
        if not repeated or not end:
            return repeated or end
        return f"{repeated} and {end}" if not end.startswith(_CLAUSES) else f"{repeated}, {end}"

    def _end(self, *, went_on: bool, is_first: bool) -> str:
        """How the run ended; after a subject, unless it ``is_first``."""
        changed, client = self.changed, "the client " if is_first else ""
        if changed.limit:
            return f"{client}did not give up"
        if changed.outcome == "passed":
            return f"{client}went on" if is_first or went_on else ""
        if changed.outcome == "skipped":
            return "the test was skipped"
        if changed.is_assertion:
            return "an assertion of the test failed"
        name = changed.error.partition(":")[0].strip()
        return f"{client}gave up with {shorten(name, _LONGEST)}" if name else f"{client}gave up"

    def duplicates(self, doubled: Iterable[Counted]) -> str:
        """What there is more of."""
        return _listed([f"{each.write(each.changed)}, the clean run has {each.clean or 'none'}" for each in doubled])

    def differences(self, difference: Difference) -> str:
        """How the world differs."""
        return _listed(
            [
                *(f"the world lacks {each.write(each.clean - each.changed)}" for each in difference.missing),
                *(f"{what} has {after}, in the clean run {before}" for what, before, after in difference.altered),
                *(
                    f"the world has {each.write(each.changed)}, the clean run has {each.clean or 'none'}"
                    for each in difference.surplus
                ),
            ]
        )


_FAILED: Final = {
    "503": "failed with 503",
    "503-always": "kept failing with 503",
    "429": f"failed with 429 and Retry-After: {RETRY_AFTER}",
}
_AFTERWARDS: Final = {"drop=after": "lost", "truncate": "cut off", "malformed": "not JSON"}
"""What became of a response after the call took effect."""
_CLAUSES: Final = ("the ", "an ")
"""How what has its own subject begins."""


def _listed(parts: Sequence[str]) -> str:
    further = len(parts) - _SHOWN
    shown = "; ".join(parts[:_SHOWN])
    return f"{shown}; and {further} more" if further > 0 else shown


def has_changed(call: SeenCall) -> bool:
    """Whether a call is a write that took effect."""
    return is_write(call) and call.took_effect and call.status < 400


def _is_answered(call: SeenCall) -> bool:
    """Whether the operation ran and its response could be read; also where it refused the call."""
    return call.took_effect and not call.is_lost


def _since(one: SeenCall, other: SeenCall) -> float:
    """Seconds from one call to another, by the client's time or the world's, whichever is longer."""
    return max(other.at - one.at, (other.time - one.time).total_seconds())


def _count(calls: Iterable[SeenCall], same: tuple[Any, ...]) -> int:
    return sum(identity(call) == same for call in calls)


def _count_at(calls: Iterable[SeenCall], like: SeenCall) -> int:
    """How many calls there are of the same operation, at the same path."""
    return sum(_is_at(call, like) for call in calls)


def _is_at(call: SeenCall, like: SeenCall) -> bool:
    return call.operation == like.operation and call.request.path == like.request.path
