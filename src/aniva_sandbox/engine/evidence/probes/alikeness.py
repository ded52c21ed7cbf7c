"""Records of one run made alike to those of another."""

import re
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any, Final

import msgspec

from aniva_sandbox.engine.evidence.probes.ending import AGENDA, HISTORY, INSTANT, Ending, Place
from aniva_sandbox.engine.json_paths import change_at
from aniva_sandbox.engine.world.domain import Probing, Record
from aniva_sandbox.engine.world.snapshot import set_fields

__all__ = ["Alikeness", "Ignored"]

_TIMES: Final = {HISTORY: "time", AGENDA: "due"}
"""The fields of events that say when they happen."""
_ROUNDS: Final = 4
"""How far references between new records are followed, and one more."""
_LONG: Final = 8
"""The length of ids that are recognized inside a text."""
_PASSING: Final = "a time of the run"


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


class Alikeness:
    """Makes what one ending holds alike to what another holds: ids give way to the contents of what they name."""

    def __init__(self, ending: Ending, ignored: Ignored, own: Iterable[str], is_passing: Callable[[str], bool]) -> None:
        """``own`` are ids that may mean something else in the other run, or nothing; ``is_passing`` says whether an
        instant depends on when the run took place."""
        self._ignored = ignored
        self._is_passing = is_passing
        self._sets = {section.name: set_fields(section.record) for section in ending.sections}
        self._plain: dict[int, tuple[str | None, Record]] = {}
        by_id: dict[str, list[tuple[Place, Record]]] = {id: [] for id in own}
        for place, record in ending.made.items():
            if place.key in by_id:
                by_id[place.key].append((place, record))
        long, short = ([re.escape(id) for id in by_id if (len(id) >= _LONG) == is_long] for is_long in (True, False))
        self._ids = re.compile("|".join([*long, *(f'(?<=")(?:{id})(?=")' for id in short)])) if by_id else None
        self._keys = re.compile(f'"(?:{"|".join([*long, *short])})":') if by_id else None
        self._nouns = {id: " ".join(sorted(place.part for place, _ in records)) for id, records in by_id.items()}
        self._colors = self._nouns
        for _ in range(_ROUNDS):
            self._colors = {
                id: _digest(sorted(self.content(place.part, record) for place, record in records))
                for id, records in by_id.items()
            }

    def content(self, part: str, record: Record) -> str:
        """A record as text, with the contents of what it refers to in place of ids: equal for what is alike."""
        text, plain = self._simplified(part, record)
        return self._named(text) if text is not None else _encoded(part, self._fields(part, plain))

    def fields(self, part: str, record: Record, *, own: bool) -> dict[str, Any]:
        """The fields of a record, each alike; if only its ``own`` content counts, with nouns in place of ids."""
        colors, self._colors = self._colors, self._nouns if own else self._colors
        try:
            return self._fields(part, self._simplified(part, record)[1])
        finally:
            self._colors = colors

    def _simplified(self, part: str, record: Record) -> tuple[str | None, Record]:
        """A record without what does not count; as text, too, unless the order of its parts depends on ids."""
        found = self._plain.get(id(record))  # the ending keeps the record, so the number stays its own
        if found is None:
            plain = self._ignored.remove_from(part, record)
            text = self._timeless(_encoded(part, plain))
            is_set = any(plain.get(name) for name in self._sets.get(part, ()))
            depends = is_set or (self._keys is not None and self._keys.search(text))
            found = self._plain[id(record)] = None if depends else text, plain
        return found

    def _fields(self, part: str, plain: Record) -> dict[str, Any]:
        sets = self._sets.get(part, ())
        return {
            name: sorted(map(self._value, value)) if name in sets else self._value(value)
            for name, value in plain.items()
        }

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self._value(part) for part in value]
        if isinstance(value, dict):
            if self._colors.keys().isdisjoint(value):
                return {name: self._value(part) for name, part in value.items()}
            pairs = [[self._text(name), self._value(part)] for name, part in value.items()]
            return {"": sorted(map(msgspec.json.encode, pairs))}  # two keys may be alike
        return value

    def _text(self, text: str) -> str:
        return msgspec.json.decode(self._named(self._timeless(msgspec.json.encode(text).decode())), type=str)

    def _named(self, text: str) -> str:
        """A text in JSON, with what they name in place of ids."""
        return self._ids.sub(lambda found: self._colors[found[0]], text) if self._ids else text

    def _timeless(self, text: str) -> str:
        """A text in JSON, without the instants of the run."""
        return _INSTANT.sub(lambda found: _PASSING if self._is_passing(found[0]) else found[0], text)


_INSTANT: Final = re.compile(f'(?<=")(?:{INSTANT.pattern})(?=")')


def _encoded(part: str, value: Any) -> str:
    return msgspec.json.encode([part, value], order="sorted").decode()


def _digest(contents: list[str]) -> str:
    return blake2b("".join(contents).encode(), digest_size=12).hexdigest()
