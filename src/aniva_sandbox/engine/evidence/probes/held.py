"""What worlds hold at the end of runs, and how it differs, in words."""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec

from aniva_sandbox.engine.evidence.probes.alike import Leftover, Pair, compare
from aniva_sandbox.engine.evidence.probes.alikeness import Ignored
from aniva_sandbox.engine.evidence.probes.change import Context
from aniva_sandbox.engine.evidence.probes.ending import AGENDA, HISTORY, Ending, Entry
from aniva_sandbox.engine.evidence.probes.passed_time import let_time_pass
from aniva_sandbox.engine.evidence.probes.run import Run, SeenCall
from aniva_sandbox.engine.texts import shorten
from aniva_sandbox.engine.world.domain import Domain, Record
from aniva_sandbox.engine.world.snapshot import written_records

__all__ = ["Altered", "Comparison", "Counted", "Difference", "difference", "difference_of_runs"]

_SHOWN: Final = 3
"""The fields of a record that are shown in words."""
_LONGEST: Final = 60
"""The characters of a value that are shown."""


class Counted(NamedTuple):
    """Records, or events, that are the same in words, and of which the two worlds hold different numbers."""

    noun: str
    """In the singular."""
    nouns: str
    """In the plural."""
    words: str
    """What identifies them, with a preposition or a colon."""
    clean: int
    changed: int
    is_made: bool
    """Whether the run made them; the others are from the beginning."""

    def write(self, number: int) -> str:
        """A number of them."""
        return f"{number} {self.noun if number == 1 else self.nouns}{self.words}"


class Altered(NamedTuple):
    """A record that both worlds hold, with differences."""

    what: str
    before: str
    """Its fields that differ, in the clean run."""
    after: str
    """The same in the changed run."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """How the world after a changed run differs from that after the clean run."""

    surplus: tuple[Counted, ...] = ()
    """What it holds more of."""
    missing: tuple[Counted, ...] = ()
    """What it holds less of."""
    altered: tuple[Altered, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.surplus or self.missing or self.altered)

    @property
    def before(self) -> tuple[str, ...]:
        """What the clean run left behind, where it differs."""
        counted = (each.write(each.clean) for each in (*self.missing, *self.surplus) if each.clean)
        return (*counted, *(f"{what}: {before}" for what, before, _ in self.altered))

    @property
    def after(self) -> tuple[str, ...]:
        """What the changed run left behind, where it differs."""
        counted = (each.write(each.changed) for each in (*self.surplus, *self.missing) if each.changed)
        return (*counted, *(f"{what}: {after}" for what, _, after in self.altered))


class Comparison:
    """Compares what changed runs leave behind with what the clean run leaves."""

    def __init__(self, clean: Run, context: Context) -> None:
        self._clean = clean
        self._domain = context.domain
        self._probing = context.domain.probing()
        self._ignored = Ignored(self._probing)

    def difference(self, changed: Run) -> Difference:
        """How the world after a changed run differs; not at all if one of the runs left no world.

        If more or less time passed in the world than in the clean run, events came earlier or later. Then only that
        counts which is still different after everything has happened that is due in either world.
        """
        if self._ended is None or changed.state is None:
            return Difference()
        ended = Ending(changed, changed.state, self._domain)
        leftover = compare(self._ended, ended, self._ignored)
        if not leftover or self._ended.length == ended.length:
            return self._write(leftover, self._ended, ended)
        one, two = self._later, Ending(changed, let_time_pass(changed.state, self._domain), self._domain)
        lasting = compare(one, two, self._ignored, (self._ended.instants, ended.instants))
        records = leftover.records.only(lasting.records)
        if records:
            return self._write(Leftover(records, lasting.events), self._ended, ended)
        return self._write(lasting, one, two)

    @cached_property
    def _ended(self) -> Ending | None:
        state = self._clean.state
        return None if state is None else Ending(self._clean, state, self._domain)

    @cached_property
    def _later(self) -> Ending:
        return Ending(self._clean, let_time_pass(self._clean.state or {}, self._domain), self._domain)

    def _write(self, leftover: Leftover, clean: Ending, changed: Ending) -> Difference:
        if not leftover:
            return Difference()
        return _Writer(clean, changed, self._domain, self._ignored).write(leftover)


def difference(clean: Run, changed: Run, context: Context) -> Difference:
    """How the world after a changed run differs from that after the clean run."""
    return Comparison(clean, context).difference(changed)


class _Group(NamedTuple):
    """What is the same in words."""

    part: str
    words: str
    is_automatic: bool
    """Whether it is an event that the API planned."""


class _Writer:
    """Puts differences into words."""

    def __init__(self, clean: Ending, changed: Ending, domain: Domain, ignored: Ignored) -> None:
        self._clean, self._changed = clean, changed
        self._probing = domain.probing()
        self._ignored = ignored
        self._events = domain.events
        self._nouns = {section.name: section.noun or section.name.removesuffix("s") for section in domain.sections}
        self._keys = {section.name: section.key for section in domain.sections}
        self._records = {id(ending): written_records(dict(ending.state), domain) for ending in (clean, changed)}

    def write(self, leftover: Leftover) -> Difference:
        """The differences in words."""
        surplus: list[Counted] = []
        missing: list[Counted] = []
        for rest in (leftover.records, leftover.events):
            less, more = self._grouped(rest.missing, self._clean), self._grouped(rest.surplus, self._changed)
            for group in dict.fromkeys((*less, *more)):
                counted = self._count(group, less.get(group, []), more.get(group, []))
                (surplus if counted.changed > counted.clean else missing).append(counted)
        altered = (self._altered(pair) for rest in (leftover.records, leftover.events) for pair in rest.altered)
        return Difference(surplus=tuple(surplus), missing=tuple(missing), altered=tuple(altered))

    def _grouped(self, entries: tuple[Entry, ...], ending: Ending) -> dict[_Group, list[Entry]]:
        groups: dict[_Group, list[Entry]] = defaultdict(list)
        for entry in entries:
            groups[self._group(entry.part, entry.record, ending)].append(entry)
        return groups

    def _group(self, part: str, record: Record, ending: Ending) -> _Group:
        is_automatic = part in (AGENDA, HISTORY) and record["event"]["automatic"]
        return _Group(part, self._words(part, record, ending), is_automatic)

    def _count(self, group: _Group, less: list[Entry], more: list[Entry]) -> Counted:
        """Count all that is the same in words, be it different or not."""
        part, words, is_automatic = group
        clean, changed = (
            sum(self._group(part, record, ending) == group for record in ending.state[part])
            for ending in (self._clean, self._changed)
        )
        if (clean > changed) != (len(less) > len(more)) or clean == changed:
            clean, changed = len(less), len(more)
        is_made = part != AGENDA and not is_automatic and all(entry.is_new for entry in (*less, *more))
        return Counted(*self._noun(part), words, clean, changed, is_made)

    def _altered(self, pair: Pair) -> Altered:
        entry, twin, fields, _ = pair
        what = f"{self._noun(twin.part)[0]}{self._words(twin.part, twin.record, self._changed)}"
        shown = [self._fields(entry, twin, name) for name in fields[:_SHOWN]]
        before, after = (", ".join(each) for each in zip(*shown, strict=True))
        return Altered(what, before, after)

    def _fields(self, entry: Entry, twin: Entry, name: str) -> tuple[str, str]:
        """A field in words, in the clean run and in the changed one."""
        one, two = entry.record.get(name), twin.record.get(name)
        if isinstance(one, list | dict) and isinstance(two, list | dict) and len(one) != len(two):
            return f"{len(one)} {_spaced(name)}", f"{len(two)} {_spaced(name)}"
        before, after = self._value(one, self._clean), self._value(two, self._changed)
        return f"{_spaced(name)} {before}", f"{_spaced(name)} {after}"

    def _noun(self, part: str) -> tuple[str, str]:
        named = self._probing.nouns.get(part)
        if named is not None:
            return named
        noun = {AGENDA: "planned event", HISTORY: "event"}.get(part) or self._nouns[part]
        return noun, f"{noun}s"

    def _words(self, part: str, record: Record, ending: Ending) -> str:
        """What identifies a record: the API's own words for it, or else its first fields."""
        described = self._probing.describe.get(part)
        separator = ": " if part in (AGENDA, HISTORY) else " for "
        if described is not None:
            return f"{separator}{described(record, self._records[id(ending)])}"
        if part in (AGENDA, HISTORY):
            event = record["event"]
            section = self._events[event["type"]].section
            target = self._records[id(ending)].get(section, {}).get(event["target"])
            about = self._words(section, target, ending) if target is not None else ""
            return f": {event['type']}{about}"
        plain = [
            f"{_spaced(name)} {self._value(value, ending)}"
            for name, value in self._ignored.remove_from(part, record).items()
            if name != self._keys[part] and value is not None and not isinstance(value, dict | list)
        ]
        return f" with {', '.join(plain[:_SHOWN])}" if plain else ""

    def _value(self, value: Any, ending: Ending) -> str:
        if isinstance(value, str):
            for part, records in self._records[id(ending)].items():
                if value in records and part in self._probing.describe:
                    return self._probing.describe[part](records[value], self._records[id(ending)])
            return shorten(value, _LONGEST)
        return shorten(msgspec.json.encode(value).decode(), _LONGEST)


def _spaced(name: str) -> str:
    return name.replace("_", " ")


# Whether runs repeat

_INSTANT: Final = re.compile(
    rb"\d{4}-\d\d-\d\d(?:T|%20| )\d\d(?::|%3A)\d\d(?:(?::|%3A)\d\d(?:\.\d+)?)?(?:Z|(?:[+-]|%2B)\d\d(?::|%3A)?\d\d)?"
)


def difference_of_runs(first: Run, second: Run, context: Context | None = None) -> str:
    """How two clean runs differ, in words; empty if they do not.

    The calls must be the same; where the world's clock runs, instants in them do not count. Without a context, so must
    be what the runs leave behind, down to ids and times; with one, it must be alike.
    """
    is_real = "real" in [each["clock"]["mode"] for each in (first.began_with, first.state) if each is not None]
    for number, (one, two) in enumerate(zip(first.calls, second.calls, strict=False), 1):
        if words := _difference_of_calls(one, two, is_real=is_real):
            return f"call {number} {words}"
    if len(first.calls) != len(second.calls):
        return f"it made {len(first.calls)} calls, then {len(second.calls)}"
    if context is not None:
        found = difference(first, second, context)
        return f"it left {_first(found.before)} behind, then {_first(found.after)}" if found else ""
    for part in (part for part in first.state or {} if part not in _BOOKS):
        before, after = (_encoded(run.state, part, is_real=is_real) for run in (first, second))
        if before != after:
            return f"its world ended with different {_spaced(part)}"
    return ""


def _first(words: tuple[str, ...]) -> str:
    return words[0] if words else "none"


_BOOKS: Final = frozenset({"version", "clock", "ids", "begun", "faults"})
"""The parts of a written state that are not compared."""


def _difference_of_calls(one: SeenCall, two: SeenCall, *, is_real: bool) -> str:
    (place, query, body), (other_place, other_query, other_body) = (
        (
            f"{call.request.method} {call.request.path}",
            _timeless(call.request.query, is_real=is_real),
            _timeless(call.request.body or b"", is_real=is_real),
        )
        for call in (one, two)
    )
    if _timeless(place.encode(), is_real=is_real) != _timeless(other_place.encode(), is_real=is_real):
        return f"was {place}, then {other_place}"
    if query != other_query:
        return f"({place}) had another query the second time"
    if body != other_body:
        return f"({place}) had another body the second time"
    if one.status != two.status:
        return f"({place}) got {one.status}, then {two.status}"
    return ""


def _encoded(state: Mapping[str, Any] | None, part: str, *, is_real: bool) -> bytes:
    return _timeless(msgspec.json.encode((state or {}).get(part)), is_real=is_real)


def _timeless(text: bytes, *, is_real: bool) -> bytes:
    return _INSTANT.sub(b"", text) if is_real else text
