"""What two runs leave behind, made alike: without the differences that ids, the order of creation and the time of the
runs make.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec

from aniva_sandbox.engine.evidence.probes.ending import INSTANT, Ending, Entry, Instants, Place
from aniva_sandbox.engine.json_paths import change_at
from aniva_sandbox.engine.world.domain import Probing, Record
from aniva_sandbox.engine.world.snapshot import set_fields

__all__ = ["AGENDA", "HISTORY", "Ignored", "Leftover", "Pair", "Rest", "compare"]

HISTORY: Final = "history"
AGENDA: Final = "agenda"
_TIMES: Final = {HISTORY: "time", AGENDA: "due"}
"""The fields of events that say when they happen."""
_ROUNDS: Final = 4
"""How far references between new records are followed, and one more."""
_LONG: Final = 8
"""The length of ids that are recognized inside a text."""
_SHORTEST: Final = len("2030-01-01T09:00:00Z")
_PASSING: Final = "a time of the run"


class Pair(NamedTuple):
    """What both runs have, with differences."""

    clean: Entry
    changed: Entry
    fields: tuple[str, ...]
    """The fields that differ; empty if only the records differ that it refers to."""


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


class Ignored:
    """What does not count in records: stamps, derived values, and the times of events."""

    def __init__(self, probing: Probing) -> None:
        parts: dict[str, set[str]] = {part: {f"$.{name}"} for part, name in _TIMES.items()}
        for named in (probing.stamps, probing.derived):
            for part, paths in named.items():
                parts.setdefault(part, set()).update(paths)
        field = re.compile(r"\$\.(\w+)")
        self._fields = {
            part: frozenset(found[1] for path in paths if (found := field.fullmatch(path)))
            for part, paths in parts.items()
        }
        self._inside = {
            part: tuple(sorted(path for path in paths if not field.fullmatch(path))) for part, paths in parts.items()
        }

    def remove_from(self, part: str, record: Record) -> Record:
        """A record without what does not count."""
        fields = self._fields.get(part)
        if fields is None:
            return record
        for path in self._inside[part]:
            record = change_at(record, path, lambda _: None)
        return {name: value for name, value in record.items() if name not in fields}


class _Alikeness:
    """Makes what one ending holds alike to what another holds."""

    def __init__(self, ending: Ending, ignored: Ignored, own: Iterable[str], is_passing: Callable[[str], bool]) -> None:
        """``own`` are ids that may mean something else in the other run, or nothing; ``is_passing`` says whether an
        instant depends on when the run took place."""
        self._ignored = ignored
        self._sets = {section.name: set_fields(section.record) for section in ending.sections}
        self._is_passing = is_passing
        self._colors = dict.fromkeys(own, "")
        inside = [re.escape(id) for id in self._colors if len(id) >= _LONG]
        self._inside = re.compile("|".join(inside)) if inside else None
        by_id: dict[str, list[tuple[Place, Record]]] = defaultdict(list)
        for place, record in ending.made.items():
            if place.key in self._colors:
                by_id[place.key].append((place, record))
        for id, records in by_id.items():
            self._colors[id] = " ".join(sorted(place.part for place, _ in records))
        self._nouns = self._colors
        for _ in range(_ROUNDS):
            self._colors = self._colors | {
                id: _digest(b"".join(sorted(self.content(place.part, record) for place, record in records)))
                for id, records in by_id.items()
            }

    def content(self, part: str, record: Record) -> bytes:
        """A record as bytes, with the contents of what it refers to in place of ids: equal for what is alike."""
        return msgspec.json.encode([part, self._values(part, record)], order="sorted")

    def own_values(self, part: str, record: Record) -> dict[str, Any]:
        """The fields of a record, with nouns in place of ids."""
        colors, self._colors = self._colors, self._nouns
        try:
            return self._values(part, record)
        finally:
            self._colors = colors

    def _values(self, part: str, record: Record) -> dict[str, Any]:
        sets = self._sets.get(part, ())
        return {
            name: sorted(map(self._value, value)) if name in sets else self._value(value)
            for name, value in self._ignored.remove_from(part, record).items()
        }

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self._value(part) for part in value]
        if isinstance(value, dict):  # two keys may be alike
            return {"": sorted(msgspec.json.encode([self._text(key), self._value(value[key])]) for key in value)}
        return value

    def _text(self, text: str) -> str:
        color = self._colors.get(text)
        if color is not None:
            return color
        if len(text) >= _SHORTEST and text[10] == "T" and INSTANT.fullmatch(text):
            return _PASSING if self._is_passing(text) else text
        if self._inside is not None and len(text) > _LONG:
            return self._inside.sub(lambda found: self._colors[found[0]], text)
        return text


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=12).hexdigest()


def compare(
    clean: Ending, changed: Ending, ignored: Ignored, known: tuple[Instants, Instants] | None = None
) -> Leftover:
    """What is different between two endings. With ``known``, only these instants count: those of the clean run, and
    those of the changed run. Where clocks run, only those count that both have."""
    if all(clean.state[part] == changed.state[part] for part in (*clean.parts, AGENDA, HISTORY)):
        return Leftover()
    if clean.is_real:  # the others may be computed from the machine's time
        before, after = known or (clean.instants(), changed.instants())
        known = before & after, before & after
    length = max(clean.length, changed.length)
    same = _same(clean, changed)
    parts = {place.part for ending in (clean, changed) for place in ending.made if place not in same}
    alike, other = (
        _Alikeness(
            ending,
            ignored,
            _own(ending, parts) | _vanished(ending),
            _passing(ending.start, ending.start + length, known[number] if known is not None else None),
        )
        for number, ending in enumerate((clean, changed))
    )
    records = _compare_records(clean, changed, same, alike, other)
    return Leftover(records, _compare_events(clean, changed, records, alike, other))


def _own(ending: Ending, parts: set[str]) -> set[str]:
    """The ids that a run gave to records of these sections."""
    return _names(place for place in ending.made if place.part in parts) - _names(ending.began)


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


def _passing(start: datetime, end: datetime, known: Instants | None) -> Callable[[str], bool]:
    """Whether an instant depends on when a run took place: it is during the run, or not ``known``."""
    first, last = (f"{each.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for each in (start, end + timedelta(seconds=1)))

    def is_passing(text: str) -> bool:
        if known is not None and text not in known:
            return True
        if not text.endswith("Z"):
            text = f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return first <= text < last

    return is_passing


def _compare_records(clean: Ending, changed: Ending, same: set[Place], alike: _Alikeness, other: _Alikeness) -> Rest:
    missing: dict[bytes, list[Entry]] = defaultdict(list)
    surplus: dict[bytes, list[Entry]] = defaultdict(list)
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
    altered = [Pair(*pair, _differing(*pair, alike, other)) for pair in (*pairs, *paired)]
    if less or more or any(pair.fields for pair in altered):
        altered = [pair for pair in altered if pair.fields]  # those without follow from the others
    return Rest(tuple(less), tuple(more), tuple(altered))


def _differing(entry: Entry, twin: Entry, alike: _Alikeness, other: _Alikeness) -> tuple[str, ...]:
    """The fields that differ, other than in what the records contain that they refer to."""
    one, two = alike.own_values(entry.part, entry.record), other.own_values(twin.part, twin.record)
    return tuple(name for name in dict.fromkeys((*one, *two)) if one.get(name) != two.get(name))


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


def _compare_events(clean: Ending, changed: Ending, records: Rest, alike: _Alikeness, other: _Alikeness) -> Rest:
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


def _beyond(events: list[tuple[bytes, Entry]], others: list[tuple[bytes, Entry]]) -> list[Entry]:
    """The events of which there are more than in another list."""
    left = Counter(content for content, _ in others)
    found = []
    for content, entry in events:
        if left[content]:
            left[content] -= 1
        else:
            found.append(entry)
    return found
