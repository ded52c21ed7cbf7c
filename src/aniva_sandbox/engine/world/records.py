"""Constraints in the types of records that msgspec does not validate: references to other records, the range of
instants, and formats such as e-mail addresses and time zones.

A record's type is the single authority for the values of its fields, wherever the record comes from.
"""

import builtins
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from aniva_sandbox.engine.contract.values import Judged
from aniva_sandbox.engine.problems import FieldPath, shown

__all__ = ["FIRST", "LAST", "Reader", "instant_problem", "is_struct", "reader_of"]

FIRST: Final = datetime(1, 1, 3, tzinfo=UTC)
LAST: Final = datetime(9999, 12, 29, tzinfo=UTC)
"""Two days from the ends of the calendar, so that neither time zones nor durations can exceed it."""


def instant_problem(instant: datetime) -> str | None:
    """Why a world cannot hold an instant; None if it can."""
    if instant.tzinfo is not UTC or instant.microsecond:
        return "must be an instant in UTC, with Z, in whole seconds"
    if not FIRST <= instant <= LAST:
        return "is too close to the limits of the years 1 to 9999"
    return None


def is_struct(type: Any) -> bool:
    """Whether a type is a struct."""
    return isinstance(type, builtins.type) and issubclass(type, msgspec.Struct)


_Mark = str | Judged | None
"""A part of a record: the name of a record of this noun, a value that a function validates, or an instant."""
_Visit = Callable[[Any, FieldPath], Iterator[tuple[FieldPath, _Mark, Any]]]


class Reader:
    """Inspects the records of one type."""

    def __init__(self, record: type[msgspec.Struct]) -> None:
        visits = _visits(record)
        hints = get_type_hints(record, include_extras=True)
        self._plain = {name for name, hint in hints.items() if str in _members(hint)}
        self._names: list[tuple[str, str]] = []
        self._references: list[tuple[str, _Mark, _Visit]] = []
        self._instants: list[str] = []
        self._judged: list[tuple[str, Judged]] = []
        self._formats: list[tuple[str, Judged]] = []
        self._values: list[tuple[str, _Mark, _Visit]] = []
        for name, mark, visit in visits:
            plain = _members(hints[name])
            if isinstance(mark, str) and name in self._plain:
                self._names.append((name, mark))
            elif isinstance(mark, str):
                self._references.append((name, mark, visit))
            elif mark is None and datetime in plain:
                self._instants.append(name)
            elif isinstance(mark, Judged) and not any(map(_has_parts, plain)):
                self._judged.append((name, mark))
                if name in self._plain:
                    self._formats.append((name, mark))
            else:
                self._values.append((name, mark, visit))

    @property
    def plain_references(self) -> list[tuple[str, str]]:
        """The fields that are themselves names of records, with the nouns."""
        return self._names

    @property
    def plain_formats(self) -> list[tuple[str, Judged]]:
        """The fields that are themselves texts with a format that a function validates."""
        return self._formats

    def problems(self, record: msgspec.Struct) -> list[tuple[FieldPath, str]]:
        """What no record can hold, and where."""
        found: list[tuple[FieldPath, str]] = []
        for name in self._instants:
            value = getattr(record, name)
            if value is not None and (problem := instant_problem(value)) is not None:
                found.append(((name,), problem))
        for name, judged in self._judged:
            value = getattr(record, name)
            if value is not None and not judged.check(value):
                found.append(((name,), judged.message.format(shown(value))))
        for name, _, visit in self._values:
            value = getattr(record, name)
            if value:  # neither null nor empty
                for path, mark, part in visit(value, (name,)):
                    if isinstance(mark, Judged):
                        if not mark.check(part):
                            found.append((path, mark.message.format(shown(part))))
                    elif mark is None and (problem := instant_problem(part)) is not None:
                        found.append((path, problem))
        return found

    def references(self, record: msgspec.Struct) -> list[tuple[FieldPath, str, Any]]:
        """What a record names: where, the noun, and the name."""
        found: list[tuple[FieldPath, str, Any]] = []
        for name, noun in self._names:
            value = getattr(record, name)
            if value is not None:
                found.append(((name,), noun, value))
        for name, mark, visit in self._references:
            value = getattr(record, name)
            if value:  # neither null nor empty
                found += [
                    (path, str(mark), part) for path, found_mark, part in visit(value, (name,)) if found_mark == mark
                ]
        return found


@cache
def reader_of(record: type[msgspec.Struct]) -> Reader:
    """The reader of a type's records."""
    return Reader(record)


def _visits(record: type[msgspec.Struct]) -> list[tuple[str, _Mark, _Visit]]:
    """The fields of a record to inspect, with the functions that do."""
    return [
        (name, mark, visit)
        for name, type in get_type_hints(record, include_extras=True).items()
        if name in record.__struct_fields__
        for mark, visit in _inside(type, ())
    ]


def _inside(type: Any, metas: tuple[Meta, ...]) -> list[tuple[_Mark, _Visit]]:
    """The parts of a type's values to inspect. The marks of a container apply to its entries and keys."""
    if get_origin(type) is Annotated:
        type, *given = get_args(type)
        metas = (*metas, *(meta for meta in given if isinstance(meta, Meta)))
    origin, inner = get_origin(type), get_args(type)
    if origin in (Union, UnionType):
        return [each for member in inner if member is not NoneType for each in _inside(member, metas)]
    if is_struct(type):
        return [(mark, _of_field(name, visit)) for name, mark, visit in _visits(type)]
    if origin in (list, tuple, set, frozenset):
        return [
            (mark, _of_entries(visit, numbered=is_struct(_bare(inner[0])))) for mark, visit in _inside(inner[0], metas)
        ]
    if origin is dict:
        keys = [(mark, _of_keys(visit)) for mark, visit in _inside(inner[0], metas)]
        return keys + [(mark, _of_values(visit)) for mark, visit in _inside(inner[1], ())]
    marks: list[_Mark] = [None] if type is datetime else []
    for meta in metas:
        extra = meta.extra or {}
        marks += [extra[name] for name in ("refers", "valid") if name in extra]
    return [(mark, _leaf(mark)) for mark in marks]


def _members(type: Any) -> list[Any]:
    """The types that a type allows, without what is said about them."""
    plain = _bare(type)
    members = get_args(plain) if get_origin(plain) in (Union, UnionType) else (plain,)
    return [_bare(member) for member in members]


def _has_parts(type: Any) -> bool:
    return is_struct(type) or get_origin(type) is not None


def _bare(type: Any) -> Any:
    return get_args(type)[0] if get_origin(type) is Annotated else type


def _leaf(mark: _Mark) -> _Visit:
    def visit(value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, _Mark, Any]]:
        if value is not None:
            yield path, mark, value

    return visit


def _of_field(name: str, inside: _Visit) -> _Visit:
    def visit(value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, _Mark, Any]]:
        part = getattr(value, name)
        if part is not None:
            yield from inside(part, (*path, name))

    return visit


def _of_entries(inside: _Visit, *, numbered: bool) -> _Visit:
    def visit(value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, _Mark, Any]]:
        for index, part in enumerate(value):
            yield from inside(part, (*path, index) if numbered else path)

    return visit


def _of_keys(inside: _Visit) -> _Visit:
    def visit(value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, _Mark, Any]]:
        for key in value:
            yield from inside(key, path)

    return visit


def _of_values(inside: _Visit) -> _Visit:
    def visit(value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, _Mark, Any]]:
        for part in value.values():
            yield from inside(part, path)

    return visit
