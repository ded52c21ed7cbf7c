"""Views of records: what operations return again and again, made, written and checked once."""

from typing import Any, Final, TypeVar

import msgspec

from aniva_sandbox.engine.contract.kept import Kept

__all__ = ["KINDS", "View", "Views", "has_views", "write"]

KINDS: Final[set[type]] = set()
"""All types of views. To look a type up here takes a fraction of the time of isinstance, which asks a metaclass."""

_encode = msgspec.json.Encoder().encode
_JSON: Final = "json"


class View(msgspec.Struct, frozen=True, dict=True):
    """A record as a response shows it. Operations may return the same view many times.

    Neither a view nor what it holds is ever changed. So its JSON, and that it agrees with a schema, hold as long as the
    view lives, and are noted in it.
    """

    def __init_subclass__(cls, **config: Any) -> None:
        super().__init_subclass__(**config)
        KINDS.add(cls)


V = TypeVar("V", bound=View)


class Views(Kept[str, tuple[tuple[Any, ...], V]]):
    """Views by the id of their record, each with all that it was made from.

    A view may be returned again if all that it would be made from equals what it was made from: texts, numbers,
    instants, and what else never changes; of a record, a copy; of a container that changes, what it contains. Fields of
    records have one type each, and their instants are in UTC, so what is equal is written alike, and the view would
    come out the same.
    """

    def keep_view(self, id: str, sources: tuple[Any, ...], view: V) -> V:
        """Keep a view that was made from these sources. Returns it."""
        self.keep(id, (sources, view), 0)
        return view


def has_views(value: Any) -> bool:
    """Whether a value is a view, or a list that begins with one."""
    kind = type(value)
    return kind in KINDS or (kind is list and bool(value) and type(value[0]) in KINDS)


def write(value: Any) -> bytes:
    """The JSON of a value, to the byte as msgspec writes it; that of views is written once."""
    kind = type(value)
    if kind in KINDS:
        notes = value.__dict__
        known: bytes | None = notes.get(_JSON)
        if known is None:
            known = notes[_JSON] = _encode(value)
        return known
    if kind is list and value and type(value[0]) in KINDS:
        return b"[%b]" % b",".join([write(each) for each in value])
    return _encode(value)
