"""The types of entries in world files, made from the types of the records."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from aniva_sandbox.engine.contract.values import refers_to, shaped
from aniva_sandbox.engine.problems import FieldPath
from aniva_sandbox.engine.world.moments import DAY, INSTANT, parse_day, parse_moment
from aniva_sandbox.engine.world.records import is_struct
from aniva_sandbox.engine.world.sections import Section
from aniva_sandbox.engine.world.templates import Days, Instant, Mapped, Part, Several
from aniva_sandbox.engine.yaml_file import Entry

__all__ = ["LOCAL", "ClockTime", "InstantText", "entry_type", "fields_of", "read_instant", "relative", "template_of"]

LOCAL: Final = Meta(extra={"local": True})
"""Marks a field whose wall-clock time, or day, is in the time zone of the record."""

ClockTime = Annotated[
    str,
    Meta(
        title="Time",
        pattern=r"\A([01][0-9]|2[0-3]):[0-5][0-9]\Z",
        extra_json_schema={"x-hint": "must be a time HH:MM, in quotes"},
    ),
]

_INSTANT_HINT: Final = "must be an instant such as 2026-04-13T08:00:00Z, '+3d 10:30', '+4h' or '-90m'"
InstantText = Annotated[
    str,
    Meta(
        title="Instant",
        examples=["+3d 10:30", "-90m", "2026-04-13T08:00:00Z"],
        extra_json_schema=shaped(INSTANT, _INSTANT_HINT),
    ),
]
"""An instant as it is written: absolute, or relative to the start of the world."""

_Fail = Callable[[FieldPath, str], None]


def relative(example: str) -> Meta:
    """Mark a date that world files may write relative to the day of the start, such as ``+9d``."""
    return Meta(extra={"relative": example})


@cache
def entry_type(section: Section) -> Any:
    """The type of a section's entries in world files."""
    written = section.written
    assert written is not None  # noqa: S101 (callers pass only sections of world files)
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for info in msgspec.structs.fields(section.record):
        if info.name in written.left_out or info.name in written.further:
            continue
        type = field_types(section.record)[info.name]
        name = written.names.get(info.name, info.name)
        if info.name in written.lookups:
            type = _looked_up(type, *written.lookups[info.name])
        if info.name in written.defaults:
            fields.append((name, _written(type), written.defaults[info.name]))
        elif _is_nullable(type) and info.name not in written.required:
            fields.append((name, _written(type), None))
        elif info.required:
            fields.append((name, _written(type)))
        else:
            fields.append((name, _written(type), _default(info)))
    further = [(name, *(type if isinstance(type, tuple) else (type,))) for name, type in written.further.items()]
    return msgspec.defstruct(
        f"{section.record.__name__}Entry",
        [*fields, *further],
        bases=(Entry,),
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )


@cache
def field_types(record: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of a record's fields by name, with what is said about them."""
    return get_type_hints(record, include_extras=True)


def _default(info: msgspec.structs.FieldInfo) -> Any:
    """The default of a field; containers as a tuple."""
    return () if info.default is msgspec.NODEFAULT else info.default


def _looked_up(type: Any, _section: str, field: str) -> Any:
    """The type of a field that names a record by this field of it."""
    noun = _extra(get_args(type), "refers")
    return Annotated[str, refers_to(noun, field), *_descriptions(get_args(type))]


def _descriptions(metas: Iterable[Any]) -> list[Meta]:
    return [Meta(description=meta.description) for meta in metas if isinstance(meta, Meta) and meta.description]


def _is_nullable(type: Any) -> bool:
    return NoneType in get_args(type) and get_origin(type) in (Union, UnionType)


def _extra(metas: tuple[Any, ...], name: str) -> Any:
    found = (meta.extra[name] for meta in metas if isinstance(meta, Meta) and meta.extra and name in meta.extra)
    return next(found, None)


def _written(type: Any, example: str = "") -> Any:
    """A type as it is written by hand: instants and times are texts, and so are dates that may be relative, such as the
    ``example``."""
    if get_origin(type) is Annotated:
        inner, *metas = get_args(type)
        written = _written(inner, example or _extra(tuple(metas), "relative") or "")
        if inner in (date, datetime, time):
            constraints = _descriptions(metas)
        else:
            constraints = [meta for meta in metas if isinstance(meta, Meta)]
        return Annotated[(written, *constraints)] if constraints else written
    origin, inner_types = get_origin(type), get_args(type)
    if origin in (Union, UnionType):
        return Union[tuple(_written(member) for member in inner_types)]  # noqa: UP007 (made from a list)
    if origin in (list, set, frozenset) or (origin is tuple and inner_types[1:] == (Ellipsis,)):
        return tuple[_written(inner_types[0], example), ...]  # type: ignore[misc]
    if type is datetime:
        return InstantText
    if type is date and example:
        keywords = shaped(DAY, _day_hint(example))
        return Annotated[str, Meta(title="Day", examples=["2026-12-24", example], extra_json_schema=keywords)]
    if type is time:
        return ClockTime
    if is_struct(type) and any(_written(hint) != hint for hint in field_types(type).values()):
        return _nested(type)
    return type


@cache
def _nested(type: type[msgspec.Struct]) -> Any:
    fields: list[Any] = []
    for info in msgspec.structs.fields(type):
        written = _written(field_types(type)[info.name])
        fields.append((info.name, written) if info.required else (info.name, written, _default(info)))
    return msgspec.defstruct(f"{type.__name__}Entry", fields, bases=(Entry,), frozen=True, forbid_unknown_fields=True)


def read_instant(text: Any, path: FieldPath, fail: _Fail, *, local: bool = False) -> Instant | None:
    """The instant that a text means. Any other text is a problem, and gives None."""
    try:
        return Instant(parse_moment(text), local=local)
    except (TypeError, ValueError):
        fail(path, _INSTANT_HINT)
        return None


def template_of(value: Any, type: Any, path: FieldPath, fail: _Fail, metas: tuple[Any, ...] = ()) -> Any:
    """The value of a field as written, converted to that of the record, or to a template that waits for the start."""
    if get_origin(type) is Annotated:
        type, *given = get_args(type)
        metas = (*metas, *given)
    origin, inner = get_origin(type), get_args(type)
    if origin in (Union, UnionType):
        members = [member for member in inner if member is not NoneType]
        return (
            None if value is None else template_of(value, members[0], path, fail, metas) if len(members) == 1 else value
        )
    if type is datetime:
        return read_instant(value, path, fail, local=bool(_extra(metas, "local")))
    if type is date and isinstance(value, str):
        return _read_day(value, path, fail, _extra(metas, "relative"))
    if type is time:
        return time.fromisoformat(value)
    if origin in (list, set, frozenset, tuple):
        items = [template_of(item, inner[0], (*path, index), fail, metas) for index, item in enumerate(value)]
        return Several(origin, items)
    if is_struct(type) and not isinstance(value, type):
        hints = field_types(type)
        names = value.__struct_fields__
        return Part(type, {name: template_of(getattr(value, name), hints[name], (*path, name), fail) for name in names})
    return Mapped(value) if origin is dict else value


@cache
def fields_of(record: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of the fields of a record whose values as written wait for something, or have another shape; None for
    those of which :func:`template_of` makes nothing else."""
    return {
        name: type if _waits(type) else None
        for name, type in field_types(record).items()
        if name in record.__struct_fields__
    }


def _waits(type: Any) -> bool:
    """Whether :func:`template_of` may make something else of a value of this type; it looks at types in this order."""
    if get_origin(type) is Annotated:
        type = get_args(type)[0]
    origin = get_origin(type)
    if origin in (Union, UnionType):
        members = [member for member in get_args(type) if member is not NoneType]
        return len(members) == 1 and _waits(members[0])
    return type in (datetime, date, time) or origin in (list, set, frozenset, tuple, dict) or is_struct(type)


def _read_day(text: str, path: FieldPath, fail: _Fail, example: str) -> Any:
    try:
        day = parse_day(text)
    except ValueError:
        fail(path, _day_hint(example))
        return date.min
    return Days(day) if isinstance(day, timedelta) else day


def _day_hint(example: str) -> str:
    return f"must be a date YYYY-MM-DD or days from the start such as '{example}'"
