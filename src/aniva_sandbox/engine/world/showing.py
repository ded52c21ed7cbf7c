"""How people are shown the records of a world: by an API that says how, or plainly, with the fields that they have."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, cast

import msgspec

from aniva_sandbox.engine.contract.operations import Attachment
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.world.records import reader_of
from aniva_sandbox.engine.world.sections import Section

__all__ = [
    "Column",
    "Measurement",
    "RecordFact",
    "RecordFile",
    "RelatedRecord",
    "SectionShowing",
    "Showing",
    "plain_fields",
    "plain_name",
    "plain_showing",
    "write_instant",
]

# What is shown


class RecordFact(msgspec.Struct, frozen=True):
    """Something about a record that its fields do not show."""

    label: str
    value: str
    note: Annotated[str | None, field("What follows from it, or why it is so.")] = None


class RelatedRecord(msgspec.Struct, frozen=True):
    """Another record that has to do with a record."""

    section: str
    id: str
    name: Annotated[str, field("What it is, in words.")]
    note: Annotated[str | None, field("Its state, or how the two belong together.")] = None


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """A measured value, with the ranges that it is compared with. Ends of ranges are null if they are open."""

    name: str
    group: str | None = None
    status: Annotated[str, field("Whether the value has arrived, in the API's words.")]
    value: Annotated[float | None, field("Null if it has not arrived, or is not a number.")] = None
    text: Annotated[str | None, field("The value as it is read; null if it has not arrived.")] = None
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    optimal_low: float | None = None
    optimal_high: float | None = None
    verdict: Annotated[str | None, field("Where the value is, or what it means; null if that is not known.")] = None
    note: str | None = None


class RecordFile(msgspec.Struct, frozen=True):
    """A file that belongs to a record. It is that of the record with this id in this section."""

    section: str
    id: str
    name: str


# How it is shown


class Column(msgspec.Struct, frozen=True, eq=False):
    """A column of the table of a section."""

    title: str
    text: Callable[[Any, Any], str | None]
    """Returns the text of a cell, given the world and the record."""
    order: Callable[[Any, Any], Any] | None = None
    """Returns the value by which records are sorted, or None; by default, the text in lower case."""


def _nothing(_world: Any, _record: Any) -> Iterable[Any]:
    return ()


class SectionShowing(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """How the records of one section are shown. All functions take the world and a record, and change neither."""

    title: str
    """The name of the section, such as ``Lists``."""
    columns: tuple[Column, ...]
    name: Callable[[Any, Any], str]
    """What a record is, in a few words."""
    fields: Callable[[Any, Any], Any]
    """A record as the API returns it: a struct or a mapping."""
    newest_first: bool = False
    """Whether tables begin with the record that was created last."""
    states: tuple[str, ...] = ()
    """The states of records without a state machine, if they have states."""
    state: Callable[[Any, Any], str | None] | None = None
    """Returns the state of a record without a state machine."""
    closed: Callable[[Any, Any], Iterable[str]] = _nothing
    """Returns the moves that the state of a record allows, and something else about it does not."""
    facts: Callable[[Any, Any], Iterable[RecordFact]] = _nothing
    related: Callable[[Any, Any], Iterable[RelatedRecord]] = _nothing
    measurements: Callable[[Any, Any], Iterable[Measurement]] = _nothing
    files: Callable[[Any, Any], Iterable[RecordFile]] = _nothing
    read_file: Callable[[Any, Any], Attachment] | None = None
    """Returns the file of a record; None if they have none."""
    events: tuple[str, ...] | None = None
    """The types of events that are about a record, which have its id as their target; by default, those whose record is
    in this section."""


class Showing(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """How the records of an API are shown."""

    sections: Mapping[str, SectionShowing] = {}
    """By name, in the order in which they are shown. Sections that are missing come last, and are shown plainly."""


# Without an API that says how

_MOST_COLUMNS: Final = 6
_NOT_COLUMNS: Final = frozenset({"status"})
"""A field that has a column already."""


def plain_showing(
    section: Section, sections: Iterable[Section], name: Callable[[Section, Any, Any], str]
) -> SectionShowing:
    """How the records of a section are shown if the API does not say: with the fields that they have, and with the
    records that they refer to, or that refer to them. ``sections`` are all sections, ``name`` returns the name of a
    record, given its section, the world and the record."""
    sections = [each for each in sections if each.key]
    return SectionShowing(
        title=section.name.replace("_", " ").capitalize(),
        columns=tuple(
            Column(name.replace("_", " ").capitalize(), _cell(name), _order(name))
            for name in _columns(section)[:_MOST_COLUMNS]
        ),
        name=lambda _world, record: plain_name(section, record),
        fields=plain_fields,
        newest_first=section.ids is not None,
        related=lambda world, record: (
            RelatedRecord(other.name, str(getattr(each, other.key)), name(other, world, each), by)
            for other, each, by in _related(world, section, record, sections)
        ),
    )


def write_instant(instant: datetime) -> str:
    """An aware instant as people read it: to the minute, or to the second if that matters, with its offset."""
    text = instant.isoformat(" ", "seconds" if instant.second else "minutes")
    length = len("2030-01-01 09:00:00" if instant.second else "2030-01-01 09:00")
    offset = text[length:]
    return f"{text[:length]} {'UTC' if offset == '+00:00' else offset}"


_PLAIN: Final = (
    msgspec.inspect.BoolType,
    msgspec.inspect.DateTimeType,
    msgspec.inspect.DateType,
    msgspec.inspect.EnumType,
    msgspec.inspect.FloatType,
    msgspec.inspect.IntType,
    msgspec.inspect.LiteralType,
    msgspec.inspect.NoneType,
    msgspec.inspect.StrType,
    msgspec.inspect.TimeType,
)
"""The types of values that a cell can hold."""


def _columns(section: Section) -> list[str]:
    """The fields that are plain values, without the key and the state."""
    described = cast(msgspec.inspect.StructType, msgspec.inspect.type_info(section.record))
    return [
        each.name
        for each in described.fields
        if each.name not in (section.key, *_NOT_COLUMNS) and all(isinstance(part, _PLAIN) for part in _parts(each.type))
    ]


def _parts(type: msgspec.inspect.Type) -> Iterator[msgspec.inspect.Type]:
    """The types that a type allows."""
    if isinstance(type, msgspec.inspect.Metadata):
        yield from _parts(type.type)
    elif isinstance(type, msgspec.inspect.UnionType):
        for each in type.types:
            yield from _parts(each)
    else:
        yield type


def _cell(name: str) -> Callable[[Any, Any], str | None]:
    def text(_world: Any, record: Any) -> str | None:
        value = getattr(record, name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "yes" if value else "no"
        return write_instant(value) if isinstance(value, datetime) else str(value)

    return text


def _order(name: str) -> Callable[[Any, Any], Any]:
    def value(_world: Any, record: Any) -> Any:
        found = getattr(record, name)
        return found.casefold() if isinstance(found, str) else found

    return value


def plain_fields(_world: Any, record: Any) -> Any:
    """A record as plain values, in an order that does not depend on chance."""
    return msgspec.to_builtins(record, order="deterministic")


def plain_name(section: Section, record: Any) -> str:
    """What a record is called: its name or title if it has one, otherwise its key."""
    for name in ("name", "title"):
        if isinstance(called := getattr(record, name, None), str) and called:
            return called
    return str(getattr(record, section.key))


def _related(
    world: Any, section: Section, record: Any, sections: Iterable[Section]
) -> Iterator[tuple[Section, Any, str]]:
    """The records that a record refers to, then those that refer to it, each with the field that does."""
    by_noun = {each.noun: each for each in sections if each.noun}
    for name, noun in reader_of(section.record).plain_references:
        named = getattr(record, name)
        if named is not None and noun in by_noun:
            other = by_noun[noun]
            for each in other.records(getattr(world, other.name)):
                if getattr(each, other.reference) == named:
                    yield other, each, name
    own = getattr(record, section.reference, None)
    for other in sections if own is not None else ():
        names = [name for name, noun in reader_of(other.record).plain_references if noun == section.noun]
        if names:
            for each in other.records(getattr(world, other.name)):
                for name in names:
                    if getattr(each, name) == own:
                        yield other, each, name
