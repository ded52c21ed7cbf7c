"""Whether what JSON is written from agrees with a schema; structs are checked part by part, where it allows that."""

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.contract.views import KINDS, has_views

__all__ = ["Agreement", "Agreements"]

_OF_REFERENCES: Final = frozenset({"$ref"})
_OF_OBJECTS: Final = frozenset({"type", "properties", "required"})
_OF_ARRAYS: Final = frozenset({"type", "items"})
_SOUND: Final = "sound"

_Accepts = Callable[[Any], bool]
_plain = msgspec.to_builtins
_values = msgspec.structs.astuple


class _Parts(NamedTuple):
    """How structs of one type are checked part by part."""

    views: tuple[tuple[int, "Agreement"], ...]
    """What the views that they hold must agree with, by the place of their field."""
    accepts: _Accepts
    """Whether the other fields are valid, in a list of all of them."""


class Agreements:
    """How values agree with the schemas of one document."""

    def __init__(
        self, schemas: dict[str, Any], compiled: Callable[[Any], _Accepts], asserts: Callable[[str], bool]
    ) -> None:
        """``compiled`` is the check of plain values against a schema; ``asserts`` says whether a keyword asserts
        anything."""
        self.compiled = compiled
        self._asserts = asserts
        self._schemas = schemas
        self._found: dict[int, Agreement] = {}

    def on(self, schema: Any) -> "Agreement":
        """How values agree with a schema, which must live as long as the document."""
        found = self._found.get(id(schema))
        if found is None:
            if self.has_only(_OF_REFERENCES, schema) and "$ref" in schema:
                found = self.on(self._schemas[schema["$ref"].rpartition("/")[2]])
            else:
                found = Agreement(schema, self)
            self._found[id(schema)] = found
        return found

    def has_only(self, keywords: frozenset[str], schema: Any) -> bool:
        """Whether a schema is an object in which no other keyword asserts anything."""
        return isinstance(schema, dict) and not any(self._asserts(name) for name in schema.keys() - keywords)

    def forget(self) -> None:
        """Forget what is known of values."""
        self._found.clear()


class Agreement:
    """How values agree with one schema. The values are what JSON is written from.

    An object is valid under a schema in which only ``type``, ``properties`` and ``required`` assert anything if, and
    only if, it has the required properties, and the value of each property is valid under the schema of that property
    alone. A struct that always has the same properties is therefore valid if these are enough, and its values are valid
    one by one: in an array whose places have these schemas, which takes half the time of an object. And a view that
    agreed with the schema of its property once agrees with it in any object. Of an array under ``type`` and ``items``
    alone, the same holds of its items. Everything else is checked as a whole.
    """

    def __init__(self, schema: Any, agreements: Agreements) -> None:
        self._schema = schema
        self._agreements = agreements
        self._parts: dict[type, _Parts | None] = {}

    def accepts(self, value: Any) -> bool:
        """Whether the JSON of a value is valid."""
        kind = type(value)
        if kind in KINDS:
            sound: set[Agreement] | None = value.__dict__.get(_SOUND)
            if sound is not None and self in sound:
                return True
            if not self._accepts_anew(value, kind):
                return False
            value.__dict__.setdefault(_SOUND, set()).add(self)
            return True
        if self._items is not None and has_views(value):
            return all(map(self._items.accepts, value))
        return self._accepts_anew(value, kind)

    def _accepts_anew(self, value: Any, kind: type) -> bool:
        if kind not in self._parts:
            self._parts[kind] = self._parts_of(kind)
        parts = self._parts[kind]
        if parts is None:
            return self._accepts_plain(value if kind is bytes else _plain(value))
        values = list(_values(value))
        for place, agreement in parts.views:
            if not agreement.accepts(values[place]):
                return False
            values[place] = None
        return parts.accepts(_plain(values))

    @cached_property
    def _items(self) -> "Agreement | None":
        """What the items of an array must agree with, if nothing else is asked of it."""
        if self._agreements.has_only(_OF_ARRAYS, self._schema) and _has_type(self._schema, "array"):
            return self._agreements.on(self._schema.get("items", True))
        return None

    @cached_property
    def _accepts_plain(self) -> _Accepts:
        return self._agreements.compiled(self._schema)

    def _parts_of(self, kind: Any) -> _Parts | None:
        """How values of a type are checked part by part; None if they are not: they are no structs, do not always have
        the same properties, or not all that are required, or the schema asserts something else."""
        if not self._agreements.has_only(_OF_OBJECTS, self._schema) or not _has_type(self._schema, "object"):
            return None
        names = _properties_of(kind)
        if not names or not set(self._schema.get("required", ())).issubset(names):
            return None
        schemas = [self._schema.get("properties", {}).get(name, True) for name in names]
        views = [place for place, field in enumerate(msgspec.structs.fields(kind)) if _is_view(field.type)]
        agreements = tuple((place, self._agreements.on(schemas[place])) for place in views)
        for place in views:
            schemas[place] = True
        return _Parts(agreements, self._agreements.compiled({"type": "array", "prefixItems": schemas}))


def _properties_of(kind: Any) -> tuple[str, ...]:
    """The properties that all structs of a type have, in the order of its fields; none if that depends on their
    values, or if it is no type of structs."""
    if not issubclass(kind, msgspec.Struct):
        return ()
    config = kind.__struct_config__
    if config.array_like or config.tag is not None or config.omit_defaults:
        return ()
    if any(field.default is UNSET or _may_be_unset(field.type) for field in msgspec.structs.fields(kind)):
        return ()
    names: tuple[str, ...] = kind.__struct_encode_fields__
    return names


def _may_be_unset(mentioned: Any) -> bool:
    return mentioned is UnsetType or any(map(_may_be_unset, get_args(mentioned)))


def _is_view(mentioned: Any) -> bool:
    if get_origin(mentioned) is Annotated:
        mentioned = get_args(mentioned)[0]
    return isinstance(mentioned, type) and mentioned in KINDS


def _has_type(schema: dict[str, Any], name: str) -> bool:
    types = schema.get("type", name)
    return types == name or (isinstance(types, list) and name in types)
