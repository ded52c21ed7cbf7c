"""Copies of records: those of one world never change another's."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UnsetType

from aniva_sandbox.engine.world.records import is_struct

__all__ = ["copies"]

_FIXED: Final = (NoneType, UnsetType, bool, int, float, str, bytes, date, datetime, time, timedelta)
"""Types of values that never change."""

_Copy = Callable[[Any], Any]
_replace = msgspec.structs.replace


def copies(type: Any, values: Iterable[Any]) -> list[Any]:
    """Copies of values of a type. They share only what never changes: values of fixed types, and tuples, frozen sets
    and frozen structs of nothing else."""
    copy = _copy_of(type)
    if copy is None:
        return list(values)
    if not is_struct(type) or type.__struct_config__.frozen:
        return [copy(value) for value in values]
    copied = list(map(_replace, values))
    for name, copy_part in _parts(type):  # part by part, which takes half the time
        for value in copied:
            setattr(value, name, copy_part(getattr(value, name)))
    return copied


@cache
def _copy_of(type: Any) -> _Copy | None:
    """What copies a value of a type; None if such values never change."""
    origin, inner = get_origin(type), get_args(type)
    if type in _FIXED or origin is Literal:
        return None
    if origin in (Union, UnionType):
        return deepcopy if any(map(_copy_of, inner)) else None
    if origin in (tuple, frozenset):
        return deepcopy if any(_copy_of(each) for each in inner if each is not Ellipsis) else None
    if origin in (dict, list, set):
        return _copy_of_container(origin, _copy_of(inner[-1]))
    return _copy_of_struct(type) if is_struct(type) else deepcopy


def _copy_of_container(type: Any, copy: _Copy | None) -> _Copy:
    if copy is None:
        shallow: _Copy = type.copy
        return shallow
    if type is dict:
        return lambda value: {key: copy(each) for key, each in value.items()}
    return lambda value: type(map(copy, value))


def _copy_of_struct(type: type[msgspec.Struct]) -> _Copy | None:
    parts = _parts(type)
    if not parts:
        return None if type.__struct_config__.frozen else _replace
    return lambda value: _replace(value, **{name: copy(getattr(value, name)) for name, copy in parts})


@cache
def _parts(type: type[msgspec.Struct]) -> list[tuple[str, _Copy]]:
    """The fields that can change inside, and what copies their values."""
    hints = get_type_hints(type)
    return [(name, copy) for name in type.__struct_fields__ if (copy := _copy_of(hints[name])) is not None]
