"""What two runs leave behind, made alike: without the differences that ids, the order of creation and the time of the
runs make.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from aniva_sandbox.engine.evidence.probes.alikeness import Alikeness, Ignored
from aniva_sandbox.engine.evidence.probes.ending import AGENDA, HISTORY, Ending, Entry, Instants, Place
from aniva_sandbox.engine.world.domain import Record

__all__ = ["Leftover", "Pair", "Rest", "compare"]


class Pair(NamedTuple):
    """What both runs have, with differences."""

    clean: Entry
    changed: Entry
    fields: tuple[str, ...]
    """The fields that differ."""
    follows: bool
    """Whether only the records differ that it refers to."""


class Rest(msgspec.Struct, frozen=True):
    """Differences: what only the clean run has, what only the changed run has, and what they have differently."""

    missing: tuple[Entry, ...] = ()
    surplus: tuple[Entry, ...] = ()
    altered: tuple[Pair, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.surplus or self.altered)

    def only(self, rest: "Rest") -> "Rest":
        """Those of these differences that are about records with differences in another rest."""
        clean = {entry.place for entry in rest.missing} | {pair.clean.place for pair in rest.altered}
        changed = {entry.place for entry in rest.surplus} | {pair.changed.place for pair in rest.altered}
        return Rest(
            tuple(entry for entry in self.missing if entry.place in clean),
            tuple(entry for entry in self.surplus if entry.place in changed),
            tuple(pair for pair in self.altered if pair.clean.place in clean or pair.changed.place in changed),
        )


class Leftover(msgspec.Struct, frozen=True):
    """What is different after everything that is alike was taken away."""

    records: Rest = Rest()
    events: Rest = Rest()

    def __bool__(self) -> bool:
        return bool(self.records or self.events)


def compare(
    clean: Ending, changed: Ending, ignored: Ignored, known: tuple[Instants, Instants] | None = None
) -> Leftover:
    """What is different between two endings. With ``known``, only these instants count: those of the clean run, and
    those of the changed run."""
    if all(clean.state[part] == changed.state[part] for part in (*clean.parts, AGENDA, HISTORY)):
        return Leftover()
    length = max(clean.length, changed.length)
    shifted = _shifted(clean, changed)
    same = _same(clean, changed)
    alike, other = (
        Alikeness(
            ending,
            ignored,
            _own(ending, same) | _vanished(ending),
            _passing(ending.start, ending.start + length, shifted, known[number] if known is not None else None),
        )
        for number, ending in enumerate((clean, changed))
    )
    records = _compare_records(clean, changed, same, alike, other)
    return Leftover(records, _compare_events(clean, changed, records, alike, other))


def _own(ending: Ending, same: set[Place]) -> set[str]:
    """The ids that a run gave to records, and that matter: of records that the other run does not have in the same way,
    and of those that these or an event name."""
    by_id: dict[str, list[Record]] = defaultdict(list)
    for place, record in ending.made.items():
        if isinstance(place.key, str):
            by_id[place.key].append(record)
    for id in _names(ending.began):
        by_id.pop(id, None)
    found: set[str] = set()
    looked: list[Any] = [record for place, record in ending.touched.items() if place not in same]
    looked += [ending.state[part] for part in (AGENDA, HISTORY)]
    while looked:
        text = msgspec.json.encode(looked).decode()
        further = {id for id in by_id if id not in found and id in text}
        found |= further
        looked = [record for id in further for record in by_id[id]]
    return found


def _names(places: Iterable[Place]) -> set[str]:
    return {place.key for place in places if isinstance(place.key, str)}


def _same(clean: Ending, changed: Ending) -> set[Place]:
    """The records that are equal in both, down to the new records that they name."""
    same = {place for place, record in clean.touched.items() if changed.held.get(place) == record}
    while True:
        others = _names(place for ending in (clean, changed) for place in ending.made if place not in same)
        if not others:
            return same
        named = re.compile("|".join(map(re.escape, others)))
        kept = {place for place in same if not named.search(msgspec.json.encode(clean.held[place]).decode())}
        if kept == same:
            return same
        same = kept


def _vanished(ending: Ending) -> set[str]:
    """The ids of records that events were about, and that are gone."""
    known = {place.key for place in (*ending.held, *ending.began)}
    return {entry["event"]["target"] for entry in ending.state[HISTORY]} - known


def _shifted(clean: Ending, changed: Ending) -> Instants:
    """The instants that only one ending has, and that may be computed from the time at which the run did it: they are
    as much apart as the runs, or by how much longer one of them took until then."""
    slack = abs(clean.length - changed.length) + (_ROUNDING if clean.is_real else timedelta())
    shift = changed.start - clean.start
    if not slack and not shift:
        return frozenset()
    one, two = (
        sorted((datetime.fromisoformat(text) - by, text) for text in ending.instants - other.instants)
        for ending, other, by in ((clean, changed, timedelta()), (changed, clean, shift))
    )
    found: set[str] = set()
    for times, others in ((one, two), (two, one)):
        for time, text in times:
            place = bisect_left(others, (time - slack, ""))
            if place < len(others) and others[place][0] <= time + slack:
                found.add(text)
    return frozenset(found)


_ROUNDING: Final = timedelta(minutes=1)
"""By how much two times may differ that are rounded after they were read from clocks that run."""


def _passing(start: datetime, end: datetime, shifted: Instants, known: Instants | None) -> Callable[[str], bool]:
    """Whether an instant depends on when a run took place: it is during the run, or one of the ``shifted`` ones, or not
    ``known``."""
    first, last = (f"{each.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for each in (start, end + timedelta(seconds=1)))

    def is_passing(text: str) -> bool:
        if text in shifted or (known is not None and text not in known):
            return True
        if not text.endswith("Z"):
            text = f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return first <= text < last

    return is_passing


def _compare_records(clean: Ending, changed: Ending, same: set[Place], alike: Alikeness, other: Alikeness) -> Rest:
    missing: dict[str, list[Entry]] = defaultdict(list)
    surplus: dict[str, list[Entry]] = defaultdict(list)
    less, more, pairs = [], [], []
    for place in dict.fromkeys((*clean.touched, *changed.touched, *clean.gone, *changed.gone)):
        one, two = clean.held.get(place), changed.held.get(place)
        if place in same:
            continue
        if place not in clean.began and place not in changed.began:
            if one is not None:
                missing[alike.content(place.part, one)].append(Entry(*place, one))
            if two is not None:
                surplus[other.content(place.part, two)].append(Entry(*place, two))
        elif one is not None and two is not None:
            if alike.content(place.part, one) != other.content(place.part, two):
                pairs.append((Entry(*place, one, is_new=False), Entry(*place, two, is_new=False)))
        elif one is not None:
            less.append(Entry(*place, one, is_new=False))
        elif two is not None:
            more.append(Entry(*place, two, is_new=False))
    for content in dict.fromkeys((*missing, *surplus)):
        one_side, other_side = missing.get(content, []), surplus.get(content, [])
        less += one_side[len(other_side) :]
        more += other_side[len(one_side) :]
    paired, less, more = _pair(less, more)
    altered = [_compare_fields(*pair, alike, other) for pair in (*pairs, *paired)]
    if less or more or not all(pair.follows for pair in altered):
        altered = [pair for pair in altered if not pair.follows]
    return Rest(tuple(less), tuple(more), tuple(altered))


def _compare_fields(entry: Entry, twin: Entry, alike: Alikeness, other: Alikeness) -> Pair:
    differing = []
    for own in (True, False):
        one = alike.fields(entry.part, entry.record, own=own)
        two = other.fields(twin.part, twin.record, own=own)
        differing.append(tuple(name for name in dict.fromkeys((*one, *two)) if one.get(name) != two.get(name)))
    own_fields, fields = differing
    return Pair(entry, twin, own_fields or fields, follows=not own_fields)


def _content(entry: Entry) -> tuple[str, Record]:
    return entry.part, entry.record


def _pair(less: list[Entry], more: list[Entry]) -> tuple[list[tuple[Entry, Entry]], list[Entry], list[Entry]]:
    """Pair new records of the same section, those first that differ least; and what is left of both."""
    pairs = []
    for entry in less:
        twins = [each for each in more if each.is_new and entry.is_new and each.part == entry.part]
        if twins:
            pairs.append((entry, min(twins, key=lambda each: _distance(entry.record, each.record))))
            more = [each for each in more if each is not pairs[-1][1]]
    paired = {id(entry) for entry, _ in pairs}
    return pairs, [entry for entry in less if id(entry) not in paired], more


def _distance(one: Record, other: Record) -> int:
    return sum(value != other.get(name) for name, value in one.items())


def _compare_events(clean: Ending, changed: Ending, records: Rest, alike: Alikeness, other: Alikeness) -> Rest:
    """The events of agenda and history that only one of them has. Where records differ, so do the events that follow
    from that: those that the API planned, and those of records that only one of them has."""
    found = []
    for ending, by in ((clean, alike), (changed, other)):
        entries = [Entry(part, None, entry) for part in (AGENDA, HISTORY) for entry in ending.state[part]]
        found.append([(by.content(*_content(entry)), entry) for entry in entries])
    about = {entry.key for entry in (*records.missing, *records.surplus)}
    less, more = (
        tuple(
            entry
            for entry in _beyond(one, two)
            if not records or not (entry.record["event"]["automatic"] or entry.record["event"]["target"] in about)
        )
        for one, two in (found, reversed(found))
    )
    return Rest(less, more)


def _beyond(events: list[tuple[str, Entry]], others: list[tuple[str, Entry]]) -> list[Entry]:
    """The events of which there are more than in another list."""
    left = Counter(content for content, _ in others)
    found = []
    for content, entry in events:
        if left[content]:
            left[content] -= 1
        else:
            found.append(entry)
    return found
