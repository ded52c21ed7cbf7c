"""Constraints in record types that msgspec does not validate: references to other records, possible instants, and
formats such as e-mail addresses and time zones.

A record's type alone decides what its fields may contain, wherever the record comes from.
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
from aniva_sandbox.engine.problems import Path_, shown

__all__ = ["FIRST", "LAST", "Reader", "instant_problem", "is_struct", "reader_of"]

FIRST: Final = datetime(1, 1, 3, tzinfo=UTC)
LAST: Final = datetime(9999, 12, 29, tzinfo=UTC)
"""Two days from the ends of the calendar, so that neither time zones nor durations can exceed it."""


def instant_problem(instant: datetime) -> str | None:
    """What is wrong with an instant in a world; None if it is valid."""
    if instant.tzinfo is not UTC or instant.microsecond:
        return "must be an instant in UTC, with Z, in whole seconds"
    if not FIRST <= instant <= LAST:
        return "is too close to the limits of the years 1 to 9999"
    return None


def is_struct(type: Any) -> bool:
    """Whether a type is a struct."""
    return isinstance(type, builtins.type) and issubclass(type, msgspec.Struct)


_Mark = str | Judged | None
"""What a part of a record is: a reference to a record of this noun, a value with a check, or an instant."""
_Visit = Callable[[Any, Path_], Iterator[tuple[Path_, _Mark, Any]]]


class Reader:
    """Finds references and problems in the records of one type."""

    def __init__(self, record: type[msgspec.Struct]) -> None:
        visits = _visits(record)
        hints = get_type_hints(record, include_extras=True)
        self._plain = {name for name, hint in hints.items() if str in (_bare(part) for part in (hint, *get_args(hint)))}
        self._references = [each for each in visits if isinstance(each[1], str)]
        self._values = [each for each in visits if not isinstance(each[1], str)]

    @property
    def plain_references(self) -> list[tuple[str, str]]:
        """The fields that are references themselves, with their nouns."""
        return [(name, str(noun)) for name, noun, _ in self._references if name in self._plain]

    def problems(self, record: msgspec.Struct) -> Iterator[tuple[Path_, str]]:
        """The invalid values of a record, and their places."""
        for name, _, visit in self._values:
            value = getattr(record, name)
            if value is not None:
                for path, mark, part in visit(value, (name,)):
                    if isinstance(mark, Judged):
                        if not mark.check(part):
                            yield path, mark.message.format(shown(part))
                    elif mark is None and (problem := instant_problem(part)) is not None:
                        yield path, problem

    def references(self, record: msgspec.Struct) -> Iterator[tuple[Path_, str, Any]]:
        """The references in a record: place, noun, and name."""
        for name, noun, visit in self._references:
            value = getattr(record, name)
            if value is not None:
                for path, mark, part in visit(value, (name,)):
                    if mark == noun:
                        yield path, str(noun), part


@cache
def reader_of(record: type[msgspec.Struct]) -> Reader:
    """The reader for the records of a type."""
    return Reader(record)


def _visits(record: type[msgspec.Struct]) -> list[tuple[str, _Mark, _Visit]]:
    """The fields of a record to visit: name, mark, and visit function."""
    return [
        (name, mark, visit)
        for name, type in get_type_hints(record, include_extras=True).items()
        if name in record.__struct_fields__
        for mark, visit in _inside(type, ())
    ]


def _inside(type: Any, metas: tuple[Meta, ...]) -> list[tuple[_Mark, _Visit]]:
    """The marks in values of a type, and how to visit them; those of a container apply to its entries and keys."""
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


def _bare(type: Any) -> Any:
    return get_args(type)[0] if get_origin(type) is Annotated else type


def _leaf(mark: _Mark) -> _Visit:
    def visit(value: Any, path: Path_) -> Iterator[tuple[Path_, _Mark, Any]]:
        if value is not None:
            yield path, mark, value

    return visit


def _of_field(name: str, inside: _Visit) -> _Visit:
    def visit(value: Any, path: Path_) -> Iterator[tuple[Path_, _Mark, Any]]:
        part = getattr(value, name)
        if part is not None:
            yield from inside(part, (*path, name))

    return visit


def _of_entries(inside: _Visit, *, numbered: bool) -> _Visit:
    def visit(value: Any, path: Path_) -> Iterator[tuple[Path_, _Mark, Any]]:
        for index, part in enumerate(value):
            yield from inside(part, (*path, index) if numbered else path)

    return visit


def _of_keys(inside: _Visit) -> _Visit:
    def visit(value: Any, path: Path_) -> Iterator[tuple[Path_, _Mark, Any]]:
        for key in value:
            yield from inside(key, path)

    return visit


def _of_values(inside: _Visit) -> _Visit:
    def visit(value: Any, path: Path_) -> Iterator[tuple[Path_, _Mark, Any]]:
        for part in value.values():
            yield from inside(part, path)

    return visit
