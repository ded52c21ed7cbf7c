"""Paths into plain JSON values, and into the schemas that describe them.

``$`` is the whole value; ``.name`` is a field, ``.*`` every value of a mapping, ``[]`` every item of a list, as in
``$[].owner.name``. A path leads to any number of places; where a value has no such place, it leads to none.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

__all__ = ["SchemaPlace", "change_at", "schema_places", "values_at"]

_PATH = re.compile(r"\$((?:\.\w+|\.\*|\[\])*)", re.ASCII)
_EACH, _ITEM = ".*", "[]"


@cache
def _steps(path: str) -> tuple[str, ...]:
    found = _PATH.fullmatch(path)
    if found is None:
        raise ValueError(f"{path} must begin with $, followed by .name, .* or []")
    return tuple(re.findall(r"\.\w+|\.\*|\[\]", found[1]))


def values_at(value: Any, path: str) -> Iterator[Any]:
    """The values at a path, in order. Raises ValueError for what is not a path."""
    found = [value]
    for step in _steps(path):
        found = [part[key] for part in found for key in _keys(part, step)]
    yield from found


def change_at(value: Any, path: str, change: Callable[[Any], Any]) -> Any:
    """The value with everything at a path changed. The value itself stays as it is; what is not changed is shared.
    Raises ValueError for what is not a path."""
    return _changed(value, _steps(path), change)


def _changed(value: Any, steps: tuple[str, ...], change: Callable[[Any], Any]) -> Any:
    if not steps:
        return change(value)
    keys = list(_keys(value, steps[0]))
    if not keys:
        return value
    copy = dict(value) if isinstance(value, dict) else list(value)
    for key in keys:
        copy[key] = _changed(value[key], steps[1:], change)
    return copy


def _keys(value: Any, step: str) -> Iterator[Any]:
    """The keys or indexes in a value that a step leads to."""
    if step == _ITEM:
        yield from range(len(value) if isinstance(value, list | tuple) else 0)
    elif isinstance(value, dict):
        if step == _EACH:
            yield from value
        elif step[1:] in value:
            yield step[1:]


class SchemaPlace(NamedTuple):
    """A place that a schema describes: its path, the schema of the values there, and the name of its field."""

    path: str
    schema: dict[str, Any]
    field: str
    """The component and the field, such as ``Task.title``; the items of a list have the name of the list. Empty for the
    whole value."""

    @property
    def types(self) -> tuple[str, ...]:
        """The types of the values there, ``null`` among them."""
        types: set[str] = set()
        for part in (self.schema, *self.schema.get("anyOf", ())):
            named = part.get("type", "object" if "$ref" in part else ())
            types |= {named} if isinstance(named, str) else set(named)
        return tuple(sorted(types))


def schema_places(schema: dict[str, Any], components: Mapping[str, dict[str, Any]]) -> Iterator[SchemaPlace]:
    """The places that a schema describes, outermost first, references resolved. A component within itself is not
    entered again."""
    yield from _places("$", schema, components, "", "", frozenset())


def _places(
    path: str,
    schema: dict[str, Any],
    components: Mapping[str, dict[str, Any]],
    field: str,
    owner: str,
    within: frozenset[str],
) -> Iterator[SchemaPlace]:
    if "$ref" in schema:
        owner = schema["$ref"].rpartition("/")[2]
        if owner in within:
            return
        within, schema = within | {owner}, components[owner]
    yield SchemaPlace(path, schema, field)
    for option in schema.get("anyOf", ()):
        for place in _places(path, option, components, field, owner, within):
            if place.path != path:  # the place itself has been yielded, with all options
                yield place
    if "items" in schema:
        yield from _places(f"{path}{_ITEM}", schema["items"], components, field, owner, within)
    for name, part in schema.get("properties", {}).items():
        yield from _places(f"{path}.{name}", part, components, f"{owner}.{name}", owner, within)
