"""Types made from others at run time, where what is shown or sent depends on what an API declares."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import UNSET, Meta, UnsetType

from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.docstrings import docstring

__all__ = ["described", "description_of", "extended", "list_of", "make_struct", "optional", "plain", "sent"]


def plain(type: Any) -> Any:
    """A type without the constraints and descriptions in it, at any depth."""
    if get_origin(type) is Annotated:
        return plain(get_args(type)[0])
    if get_origin(type) in (list, dict, set, frozenset):
        return get_origin(type)[tuple(map(plain, get_args(type)))]
    return type


def list_of(type: Any) -> Any:
    """The type of lists of a type that is made at run time."""
    return list.__class_getitem__((type,))


def sent(type: Any) -> Any:
    """The type of a field that may be left out, for where it is there."""
    given = tuple(each for each in get_args(type) if each is not UnsetType)
    return Union[given] if given and UnsetType in get_args(type) else type  # noqa: UP007 (made at run time)


def optional(type: Any) -> tuple[Any, Any]:
    """The type and the default of a field that may be left out."""
    return type | UnsetType, UNSET


def described(type: Any, description: str) -> Any:
    """A type with a description in the place of its own."""
    return Annotated[type, field(description)] if description else type


def description_of(type: Any) -> str:
    """The description of a type; empty where it has none."""
    texts = [meta.description for meta in get_args(type)[1:] if isinstance(meta, Meta) and meta.description]
    return texts[-1] if get_origin(type) is Annotated and texts else ""


def make_struct(
    name: str,
    fields: Iterable[tuple[Any, ...]],
    description: str,
    keywords: Mapping[str, Any] | None = None,
    *,
    omit_defaults: bool = False,
) -> Any:
    """A frozen struct of fields by name, type and perhaps default; ``keywords`` are those of its schema."""
    namespace = {"__doc__": description} | ({"SCHEMA": dict(keywords)} if keywords else {})
    return msgspec.defstruct(
        name, list(fields), namespace=namespace, frozen=True, kw_only=True, omit_defaults=omit_defaults
    )


def extended(base: type[msgspec.Struct], fields: Iterable[tuple[Any, ...]]) -> Any:
    """A struct with further fields, called and described as it is."""
    namespace = {"__doc__": docstring(base)}
    return msgspec.defstruct(base.__name__, list(fields), bases=(base,), namespace=namespace, frozen=True, kw_only=True)
