"""The words of responses: the values of enumerations."""

from collections.abc import Iterator
from typing import Any

__all__ = ["Words", "components_in"]


class Words:
    """The enumerations in one schema of a response, and in the parts of it. Parts without any are left out, so that
    responses are searched quickly."""

    def __init__(
        self, schema: Any, schemas: dict[str, Any], name: str, _within: dict[str, "Words"] | None = None
    ) -> None:
        """``name`` is what the names of fields follow: that of the component that the schema is in, or of the
        operation."""
        within = _within or {}
        self._values: dict[Any, str] = {}
        self._fields: list[tuple[str, Words]] = []
        self._items: Words | None = None
        self._others: list[Words] = []
        """What applies to the same value, too."""
        while isinstance(schema, dict) and "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name in within:
                self._others = [within[name]]
                return
            within = within | {name: self}
            schema = schemas[name]
        if not isinstance(schema, dict):
            return
        for value in schema.get("enum", ()):
            if value is not None and not isinstance(value, dict | list):
                self._values[value] = f"{name} {value}"
        for field, part in schema.get("properties", {}).items():
            words = Words(part, schemas, f"{name}.{field}", within)
            if words:
                self._fields.append((field, words))
        if "items" in schema:
            self._items = Words(schema["items"], schemas, name, within) or None
        for keyword in ("anyOf", "oneOf", "allOf"):
            options = (Words(part, schemas, name, within) for part in schema.get(keyword, ()))
            self._others += [words for words in options if words]

    def __bool__(self) -> bool:
        return bool(self._values or self._fields or self._items or self._others)

    def __iter__(self) -> Iterator[str]:
        """The ids of their items, in the order of the schema; those of a schema within itself once."""
        return iter(dict.fromkeys(self._ids(set())))

    def _ids(self, seen: set[int]) -> Iterator[str]:
        if id(self) in seen:
            return
        seen.add(id(self))
        yield from self._values.values()
        for part in (*(words for _, words in self._fields), *filter(None, [self._items]), *self._others):
            yield from part._ids(seen)

    def find(self, value: Any, found: set[str]) -> None:
        """Add the ids of the words in a plain value to those found."""
        if isinstance(value, dict):
            for name, words in self._fields:
                part = value.get(name)
                if part is None:
                    continue
                if type(part) is str:
                    id = words._values.get(part)
                    if id is not None:
                        found.add(id)
                        continue
                words.find(part, found)
        elif isinstance(value, list | tuple):
            if self._items is not None:
                for item in value:
                    self._items.find(item, found)
        else:
            id = self._values.get(value)
            if id is not None:
                found.add(id)
        for other in self._others:
            other.find(value, found)


def components_in(schema: Any, schemas: dict[str, Any]) -> list[str]:
    """The names of the components that a schema references, directly or not."""
    found: dict[str, None] = {}
    pending = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name in schemas and name not in found:
                found[name] = None
                pending.append(schemas[name])
            pending += part.values()
        elif isinstance(part, list):
            pending += part
    return list(found)
