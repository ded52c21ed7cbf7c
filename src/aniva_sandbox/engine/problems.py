"""Problems of data written by hand, each with its place, and validation of values against types."""

import builtins
import datetime
from collections.abc import Container, Iterable, Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin

import msgspec
from msgspec import Meta

from aniva_sandbox.engine.texts import shorten, suggest

__all__ = ["MOST_SHOWN", "Data", "FieldPath", "FixtureError", "Problem", "conversion_problems", "shown", "write_path"]

T = TypeVar("T")
FieldPath = tuple[str | int, ...]

MOST_SHOWN: Final = 100
"""Problems of one file that are printed; the rest are counted."""
_MOST_KEPT: Final = 1000
"""Problems after which the search ends."""
_LONGEST: Final = 500
"""The maximum length of a message."""
_LONGEST_VALUE: Final = 80


class Problem(msgspec.Struct, frozen=True):
    """A problem at one place of a file. Lines count from 1; ``line`` is None if the file could not be read."""

    file: str
    line: int | None
    field: str
    message: str

    def __str__(self) -> str:
        if self.line is None:
            return f"{self.file}: {f'{self.field}: ' if self.field else ''}{self.message}"
        return f"{self.file}:{self.line}: {self.field or 'the file'}: {self.message}"


class FixtureError(Exception):
    """A fixture cannot be used. ``problems`` lists what was found, by line; there may be more."""

    def __init__(self, problems: list[Problem], *, is_all: bool = True) -> None:
        super().__init__("\n".join(map(str, problems[:MOST_SHOWN])))
        self.problems = problems
        self.is_all = is_all

    def __str__(self) -> str:
        rest = self.rest(MOST_SHOWN)
        return f"{self.args[0]}\n{self.problems[0].file}: {rest}" if rest else str(self.args[0])

    def rest(self, listed: int) -> str:
        """How many problems there are beyond those ``listed``; empty if there are no more."""
        count = len(self.problems) - listed
        if count <= 0:
            return ""
        return f"and {'' if self.is_all else 'at least '}{count:,} more problem{'s' * (count > 1)}"


def write_path(path: Iterable[str | int]) -> str:
    """A path in the usual notation, such as ``links[0].id``; empty for the root."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def shown(value: Any) -> str:
    """A value as a message repeats it: on one line, and shortened if it is long."""
    text = shorten(str(value), _LONGEST_VALUE)
    return text if text.isprintable() else ascii(text)[1:-1]


class Data:
    """Plain data to check, and the problems found in it so far."""

    def __init__(self, data: Any, name: str = "") -> None:
        self.data = data
        self.name = name
        self.problems: list[Problem] = []
        self.is_all = True
        """Whether every problem found was noted."""

    def list_at(self, *path: str) -> list[Any]:
        """The list at a path. Anything else is a problem, and reads as an empty list."""
        value = self.data
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if not isinstance(value, list):
            self.fail(path, "must be a list")
            return []
        return value

    def entries(self, type: type[T], *unique: str, section: str | None = None) -> list[tuple[int, T]]:
        """The valid entries of a list, with their places. Values of unique fields must differ."""
        path = (section,) if section else ()
        found = []
        for place, value in enumerate(self.list_at(*path)):
            entry = self.convert(value, type, (*path, place))
            if entry is not None:
                found.append((place, entry))
        for field in unique:
            self.once(path, field, [(place, getattr(entry, field)) for place, entry in found])
        return found

    def once(self, path: FieldPath, field: str, values: Iterable[tuple[int, Any]]) -> None:
        """Note a problem for each duplicate among these values; each comes with its place."""
        seen: set[Any] = set()
        for place, value in values:
            if value in seen:
                self.fail((*path, place, field), f"another entry has the {field} {shown(value)}")
            seen.add(value)

    def whole(self, type: type[T]) -> T:
        """The whole data as ``type``. Raises :exc:`FixtureError` if it is not valid."""
        value = self.convert(self.data, type, ())
        if value is None:
            self.check()
        return cast(T, value)

    def refer(self, path: FieldPath, names: Iterable[Any], known: Container[Any], kind: str) -> None:
        """Note a problem for each unknown name."""
        for name in names:
            if name not in known:
                self.fail(path, f"there is no {kind} {shown(name)}")

    def convert(self, value: Any, type: type[T], path: FieldPath) -> T | None:
        """``value`` as ``type``. If it is not valid, notes its problems and returns None."""
        try:
            return msgspec.convert(value, type, str_keys=True)
        except msgspec.ValidationError:
            for where, message in conversion_problems(value, type):
                self.fail((*path, *where), message)
                if not self.is_all:
                    break
            return None

    def fail(self, path: FieldPath, message: str) -> None:
        """Note a problem at a path of keys and indexes."""
        if len(self.problems) >= _MOST_KEPT:
            self.is_all = False
            return
        steps = [step if isinstance(step, int) else shown(step) for step in path]
        self.problems.append(Problem(self.name, self._line(path), write_path(steps), shorten(message, _LONGEST)))

    def check(self) -> None:
        """Raise :exc:`FixtureError` with all problems found so far, by line."""
        if self.problems:
            by_line = sorted(self.problems, key=lambda problem: problem.line or 0)
            raise FixtureError(by_line, is_all=self.is_all)

    def _line(self, _path: FieldPath) -> int | None:
        return None


# Validation against types


def conversion_problems(value: Any, type: Any) -> Iterator[tuple[FieldPath, str]]:
    """Every problem of a plain value that should have this type: the path, and the message.

    The messages match those about requests.
    """
    problem = _conversion_problem(value, type)
    if problem is None:
        return
    wanted = _member(value, type)
    found = False
    for path, message in _problems_inside(value, wanted):
        found = True
        yield path, message
    if not found:
        yield (), _what_fits(value, type) or problem


def _problems_inside(value: Any, type: Any) -> Iterator[tuple[FieldPath, str]]:
    inner = get_args(type)
    if _is_struct(type) and isinstance(value, dict):
        fields = _fields(type)
        for name, field in fields.items():
            if name in value:
                yield from _problems_at(name, value[name], field.type)
            elif field.required:
                yield (name,), "is required"
        if type.__struct_config__.forbid_unknown_fields:
            for name in value:
                if name not in fields:
                    yield (str(name),), f"is not known{suggest(str(name), fields)}"
    elif get_origin(type) is dict and isinstance(value, dict):
        for name, part in value.items():
            if _conversion_problem({name: None}, dict.__class_getitem__((inner[0], Any))) is not None:
                yield (str(name),), f"as a key {_what_fits(name, inner[0]) or 'cannot be'}"
            yield from _problems_at(str(name), part, inner[1])
    elif get_origin(type) in _LISTS and isinstance(value, list):
        same = len(inner) == 1 or inner[1] is Ellipsis
        for index, part in enumerate(value):
            if same or index < len(inner):
                yield from _problems_at(index, part, inner[0 if same else index])


def _problems_at(step: str | int, value: Any, type: Any) -> Iterator[tuple[FieldPath, str]]:
    return (((step, *path), message) for path, message in conversion_problems(value, type))


def _conversion_problem(value: Any, type: Any) -> str | None:
    try:
        msgspec.convert(value, type, str_keys=True)
    except msgspec.ValidationError as error:
        return str(error).partition(" - at ")[0]
    return None


_LISTS: Final = (list, tuple, set, frozenset)


def _is_struct(type: Any) -> bool:
    return isinstance(type, builtins.type) and issubclass(type, msgspec.Struct)


@cache
def _fields(type: Any) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(type)}


def _members(type: Any) -> list[tuple[Any, tuple[Meta, ...]]]:
    """The members of a union, each with its constraints; a Literal is one member."""
    metas: tuple[Meta, ...] = ()
    if get_origin(type) is Annotated:
        type, *given = get_args(type)
        metas = tuple(meta for meta in given if isinstance(meta, Meta))
    if get_origin(type) in (Union, UnionType):
        members = [member for each in get_args(type) for member in _members(each)]
        return [(member, (*own, *metas)) for member, own in members]
    return [(type, metas)]


def _member(value: Any, type: Any) -> Any:
    """The member of a union against which the parts of a value are validated."""
    for member, _ in _members(type):
        mapping = _is_struct(member) or get_origin(member) is dict
        if (isinstance(value, dict) and mapping) or (isinstance(value, list) and get_origin(member) in _LISTS):
            return member
    return None


_KINDS: Final[dict[Any, tuple[tuple[builtins.type, ...], str]]] = {
    str: ((str,), "text"),
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    datetime.date: ((), "a date YYYY-MM-DD"),
    datetime.datetime: ((), "an instant such as 2026-04-13T08:00:00Z"),
    datetime.time: ((), "a time such as 10:30:00"),
}
"""For each plain type: the types of its plain values (none if it is read from text), and its name in messages."""


def _what_fits(value: Any, type: Any) -> str:
    """What a value that is not valid must be; empty if nothing can be said."""
    members = [member for member in _members(type) if member[0] not in (NoneType, msgspec.UnsetType)]
    for member, metas in members:
        if isinstance(value, _values_of(member)) and (member is bool or not isinstance(value, bool)):
            for meta in metas:
                if broken := _broken(value, meta):
                    return broken
    names = [_name(member) for member, _ in members]
    if not all(names):
        return ""
    quotes = (str,) == tuple(member for member, _ in members) and isinstance(value, bool | int | float)
    one_of = "one of " if len(members) == 1 and len(get_args(members[0][0])) > 1 and ", " in names[0] else ""
    return f"must be {one_of}{' or '.join(names)}{'; put it in quotes' * quotes}"


def _values_of(member: Any) -> tuple[builtins.type, ...]:
    if member in _KINDS:
        return _KINDS[member][0]
    return (list,) if get_origin(member) in _LISTS else ()


def _name(member: Any) -> str:
    if get_origin(member) is Literal:
        return ", ".join(msgspec.json.encode(option).decode() for option in get_args(member))
    if member in _KINDS:
        return _KINDS[member][1]
    if _is_struct(member) or get_origin(member) is dict:
        return "a mapping"
    return "a list" if get_origin(member) in _LISTS else ""


def _broken(value: Any, meta: Meta) -> str:
    """The message about a constraint that a value of the right type breaks; empty if it does not."""
    if isinstance(value, str | list):
        noun = ("character", "characters") if isinstance(value, str) else ("entry", "entries")
        if meta.min_length is not None and len(value) < meta.min_length:
            return f"must have at least {meta.min_length} {noun[meta.min_length != 1]}"
        if meta.max_length is not None and len(value) > meta.max_length:
            return f"must have at most {meta.max_length} {noun[meta.max_length != 1]}"
        if (
            meta.pattern is not None
            and _conversion_problem(value, Annotated[str, Meta(pattern=meta.pattern)]) is not None
        ):
            return str((meta.extra_json_schema or {}).get("x-hint", f"must match {meta.pattern}"))
        return ""
    bounds: list[tuple[float | None, str, bool]] = [
        (meta.ge, "at least", meta.ge is not None and not value >= meta.ge),
        (meta.le, "at most", meta.le is not None and not value <= meta.le),
        (meta.gt, "above", meta.gt is not None and not value > meta.gt),
        (meta.lt, "below", meta.lt is not None and not value < meta.lt),
    ]
    return next((f"must be {words} {bound}" for bound, words, is_broken in bounds if is_broken), "")
