"""The JSON Schema of world files, by which editors complete and check them, and the reference of their fields.

Both are made from the types by which files are read.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

import msgspec

from aniva_sandbox.engine.contract.values import Label, PersonaName, shaped
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.entries import entry_type
from aniva_sandbox.engine.world.moments import ABSOLUTE
from aniva_sandbox.engine.world.sections import Section

__all__ = ["DIALECT", "world_file_schema", "write_field_reference"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_START: Final = {
    "title": "Instant",
    "description": "Where worlds with a frozen clock begin by default.",
    "type": "string",
    "examples": ["2026-04-13T08:00:00Z"],
    **shaped(ABSOLUTE, "must be an instant such as 2026-04-13T08:00:00Z"),
}
_VALUES: Final = ("default", "examples")
"""Keywords that hold values, not schemas."""
_MOST_NAMED: Final = 12
"""Values that the reference names; of more it gives the number."""


def world_file_schema(domain: Domain) -> dict[str, Any]:
    """The schema of fixtures, which are written by hand. What holds between records is not in it."""
    sections = [section for section in domain.sections if section.written is not None]
    types = [Label, PersonaName, *map(entry_type, sections)]
    (title, persona, *entries), definitions = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    properties = {"title": title | {"description": "What the world is about, in a line."}, "start": _START}
    for section, entry in zip(sections, entries, strict=True):
        properties[section.name] = _section_schema(section, entry, persona)
    schema = {
        "$schema": DIALECT,
        "title": "World file",
        "description": "What a world begins with. Instants may count from its start.",
        "type": "object",
        "properties": properties,
        "required": ["title", "start", *(each.name for each in sections if each.written and not each.written.optional)],
        "additionalProperties": False,
        "$defs": {
            name: {key: value for key, value in part.items() if key != "title"} for name, part in definitions.items()
        },
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(_readable(schema, domain)))  # lists for tuples
    return plain


def _section_schema(section: Section, entry: dict[str, Any], name: dict[str, Any]) -> dict[str, Any]:
    described = {"description": section.description} if section.description else {}
    if section.written is not None and section.written.keyed:
        keyed = {"type": "object", "propertyNames": name, "additionalProperties": entry, "required": ["full"]}
        return described | keyed
    return described | {"type": "array", "items": entry}


def _readable(schema: Any, domain: Domain) -> Any:
    """A schema in the terms of editors: patterns as JavaScript reads them, hints as the message of a pattern, names of
    records explained, and `X or null` as a type."""
    if isinstance(schema, list):
        return [_readable(part, domain) for part in schema]
    if not isinstance(schema, dict):
        return schema
    readable = {key: value if key in _VALUES else _readable(value, domain) for key, value in schema.items()}
    if isinstance(readable.get("pattern"), str):
        readable["pattern"] = readable["pattern"].replace(r"\A", "^").replace(r"\Z", "$")
    if (hint := readable.pop("x-hint", None)) is not None:
        readable["patternErrorMessage"] = hint
    if (noun := readable.pop("x-refers", None)) is not None:
        readable |= _referring(noun, readable.pop("x-by", None), readable.get("description"), domain)
    match readable.get("anyOf"):
        case [{"type": str(kind), **rest}, {"type": "null"}]:
            del readable["anyOf"]
            readable |= rest | {"type": [kind, "null"]}
        case [{"enum": [*values], **rest}, {"type": "null"}]:
            del readable["anyOf"]
            readable |= rest | {"enum": [*values, None]}
    return readable


def _referring(noun: str, by: str | None, description: str | None, domain: Domain) -> dict[str, Any]:
    """Keywords of what names a record, or a thing that all worlds share."""
    section = next((each for each in domain.sections if each.noun == noun), None)
    if section is not None:
        said = f"The {by or section.reference} of one of the `{section.name}`."
        return {"description": f"{said} {description}" if description else said}
    names = domain.shared_names[noun](domain.shared())
    return {"title": noun.capitalize(), "enum": list(names)} if isinstance(names, Iterable) else {}


def write_field_reference(schema: dict[str, Any]) -> str:
    """The fields of a schema of world files in Markdown, section by section."""
    lines: list[str] = []
    for name, section in schema["properties"].items():
        optional = "" if name in schema["required"] else " Optional."
        if section["type"] == "string":
            lines += [f"**`{name}`**: {_words(section)}. {section['description']}", ""]
            continue
        keyed = section["type"] == "object"
        kind = "A mapping by name, which holds at least `full`." if keyed else "A list."
        entry = section["additionalProperties" if keyed else "items"]
        lines += [f"### {name}", "", f"{section.get('description', '')} {kind}{optional}".strip(), ""]
        lines += ["| field | value | default | meaning |", "|---|---|---|---|"]
        lines += _rows("", entry, schema)
        lines.append("")
    return "\n".join(lines)


def _rows(prefix: str, entry: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    """The rows of an entry's fields; neighbours that differ in the name only share one. Fields inside come after."""
    definition = _followed(entry, schema)
    fields = [(name, field, name in definition["required"]) for name, field in definition["properties"].items()]
    for (field, is_required), alike in groupby(fields, lambda each: each[1:]):
        names = [f"{prefix}{name}" for name, *_ in alike]
        default = "required" if is_required else _default(field["default"])
        options = [each for each in field.get("anyOf", [field]) if each != {"type": "null"}]
        values = " or ".join(_words(each) for each in options) + ", or null" * ("null" in _types(field))
        structs = [(each, part) for each in options if "$ref" in (part := each.get("items", each))]
        meaning = field.get("description") or " ".join(
            each.get("items", each).get("description") or _followed(each, schema).get("description", "")
            for each in options
        )
        yield f"| {', '.join(f'`{name}`' for name in names)} | {values} | {default} | {meaning.strip()} |"
        for option, part in structs:
            yield from _rows(f"{names[0]}{'[]' * ('items' in option)}.", part, schema)


def _followed(entry: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    definition: dict[str, Any] = schema["$defs"][entry["$ref"].rpartition("/")[2]] if "$ref" in entry else entry
    return definition


def _types(field: dict[str, Any]) -> list[str]:
    """The types of a field, ``null`` among them where it may be null."""
    if "anyOf" in field:
        return [type for option in field["anyOf"] for type in _types(option)]
    type = field.get("type", "null" if None in field.get("enum", ()) else "")
    return type if isinstance(type, list) else [type]


def _default(value: Any) -> str:
    return f"`{msgspec.json.encode(value).decode()}`"


def _words(field: dict[str, Any]) -> str:
    """What a field may hold, in words."""
    if "$ref" in field:
        return "a mapping"
    if "items" in field:
        inner = field["items"]
        return "a list of mappings" if "$ref" in inner else f"a list: {_words(inner)}"
    if "enum" in field:
        values = [value for value in field["enum"] if value is not None]
        if len(values) > _MOST_NAMED:
            return f"a {field['title'].lower()}, one of {len(values)}"
        return ", ".join(f"`{value}`" for value in values)
    if field.get("title") == "Instant":
        return "an instant"
    if (hint := field.get("patternErrorMessage", "")).startswith("must be "):
        said = "text " * hint.startswith("must be of ") + hint.removeprefix("must be ").replace("'", "`")
    else:
        said = _KINDS[field.get("format") or next(type for type in _types(field) if type != "null")]
    return ", ".join([said, *_bounds(field)])


_KINDS: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "date": "a date YYYY-MM-DD",
    "email": "an e-mail address",
}


def _bounds(field: dict[str, Any]) -> Iterator[str]:
    if "exclusiveMinimum" in field:
        yield f"above {field['exclusiveMinimum']}"
    elif "minimum" in field:
        yield f"{field['minimum']} to {field['maximum']}" if "maximum" in field else f"at least {field['minimum']}"
    if "maxLength" in field:
        yield f"{f'{least} to ' if (least := field.get('minLength')) else 'at most '}{field['maxLength']} characters"
