"""Readable JSON Schemas made from wire types."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final, cast, get_args, get_origin

import msgspec
from msgspec import Meta

from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.docstrings import docstring

__all__ = ["CLOSED", "Timestamp", "components", "field", "inline_schema", "needs_one", "rules_in", "schema_name"]

_TEMPLATE = "#/components/schemas/{name}"
_PYTHON_ANCHORS = re.compile(r"\\A(.*)\\Z")
_KEY_ORDER = ("$ref", "description", "type", "format", "const", "enum", "pattern", "required", "properties", "items")

CLOSED: Final = {"additionalProperties": False}
"""Keywords of an object that refuses fields it does not know."""


def field(description: str = "", *, rule: Rule | None = None, extra: dict[str, Any] | None = None, **meta: Any) -> Meta:
    """The schema of a field: msgspec's constraints, the rule that they enforce (``x-rule``), and other keywords.

    In ``extra``, ``x-rules`` names the rule of a single keyword that differs (for ``required`` also by field),
    ``x-hint`` describes a pattern in words, ``x-characters`` is the class of the characters that it accepts, and
    ``x-spaces`` (false) says that values of a parameter never contain a space.
    """
    keywords = dict(extra or {})
    if rule is not None:
        keywords["x-rule"] = rule.id
    if description:
        meta["description"] = description
    return Meta(extra_json_schema=keywords or None, **meta)


def needs_one(rule: Rule, *names: str) -> dict[str, Any]:
    """Keywords for an object that must have at least one of these fields.

    Not an ``anyOf`` of ``required``, from which client generators make a type for each option, but an ``if``, which
    they ignore.
    """
    return {
        "if": {"not": {"anyOf": [{"required": [name]} for name in names]}},
        "then": {"required": [names[-1]], "x-rule": rule.id, "x-hint": f"must have {' or '.join(names)}"},
    }


Timestamp = Annotated[datetime, Meta(tz=True)]
"""An instant in a response; ``tz`` makes msgspec declare the format."""


def components(types: Iterable[Any]) -> dict[str, Any]:
    """The schemas of all structs in the types, by name.

    A struct's class attribute ``SCHEMA`` adds keywords that types cannot express. The suffix ``View`` is dropped:
    ``WorldView`` is ``World`` in the document.
    """
    types = list(types)
    _, schemas = msgspec.json.schema_components(types, ref_template=_TEMPLATE)
    extra: dict[str, dict[str, Any]] = {}
    for struct in _structs(types):
        described = docstring(struct)
        extra[struct.__name__] = ({"description": described} if described else {}) | getattr(struct, "SCHEMA", {})
    return {schema_name(name): _tidy(schemas[name] | extra.get(name, {})) for name in sorted(schemas, key=schema_name)}


def schema_name(name: str) -> str:
    """The name of a struct's schema in a document."""
    return name.removesuffix("View")


def inline_schema(type: Any) -> dict[str, Any]:
    """The schema of a type, with references to the components of its structs."""
    # msgspec writes the schemas of all components for that: most of the time it takes to build a document.
    if _is_struct(type):
        return {"$ref": _TEMPLATE.format(name=schema_name(type.__name__))}
    if get_origin(type) is list and _is_struct(*get_args(type)):
        return {"type": "array", "items": inline_schema(*get_args(type))}
    (schema,), _ = msgspec.json.schema_components([type], ref_template=_TEMPLATE)
    return cast(dict[str, Any], _tidy(schema))


def rules_in(schema: Any, schemas: dict[str, Any]) -> list[str]:
    """The ids of all format rules that a schema enforces, including those of referenced components."""
    found: list[str] = []
    if isinstance(schema, list):
        for item in schema:
            found += rules_in(item, schemas)
    elif isinstance(schema, dict):
        if "$ref" in schema:
            found += rules_in(schemas[schema["$ref"].rpartition("/")[2]], schemas)
        if isinstance(schema.get("x-rule"), str):
            found.append(schema["x-rule"])
        for rule in schema.get("x-rules", {}).values():
            found += rule.values() if isinstance(rule, dict) else [rule]
        for value in schema.values():
            found += rules_in(value, schemas)
    return list(dict.fromkeys(found))


def _is_struct(mentioned: Any) -> bool:
    return isinstance(mentioned, type) and issubclass(mentioned, msgspec.Struct)


def _structs(types: Iterable[Any]) -> list[type]:
    """All struct types within the types, at any depth."""
    found: dict[type, None] = {}
    pending = list(types)
    while pending:
        mentioned = pending.pop()
        if _is_struct(mentioned):
            if mentioned not in found:
                found[mentioned] = None
                pending += [info.type for info in msgspec.structs.fields(mentioned)]
        else:
            pending += [part for part in get_args(mentioned) if not isinstance(part, Meta)]
    return list(found)


def _tidy(schema: Any) -> Any:
    """Write ``X or null`` as a type, add the type of an enum, drop redundant titles, anchor patterns with ``^`` and
    ``$``, order the keys."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {
        key: value
        for key, value in schema.items()
        if key != "title"
        and not (key == "default" and (value is None or value == []))
        and not (key == "required" and not value)
    }
    if "$ref" in tidy:
        tidy["$ref"] = schema_name(tidy["$ref"])
    options = tidy.get("anyOf")
    if isinstance(options, list) and len(options) == 2 and options[1] == {"type": "null"} and "$ref" not in options[0]:
        del tidy["anyOf"]
        tidy = options[0] | tidy
        tidy["type"] = [options[0].get("type", "string"), "null"]
        if "enum" in tidy:
            tidy["enum"] = [*tidy["enum"], None]
    if "enum" in tidy or "const" in tidy:
        tidy.setdefault("type", "string")
    if "properties" in tidy:
        tidy["properties"] = {name: _tidy(part) for name, part in tidy["properties"].items()}
    for key in ("items", "anyOf"):
        if key in tidy:
            tidy[key] = _tidy(tidy[key])
    if "pattern" in tidy:
        tidy["pattern"] = _PYTHON_ANCHORS.sub(r"^\1$", tidy["pattern"])
    return {key: tidy[key] for key in sorted(tidy, key=_position)}


def _position(key: str) -> int:
    return _KEY_ORDER.index(key) if key in _KEY_ORDER else len(_KEY_ORDER)
