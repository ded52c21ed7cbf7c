"""Compiled checks of values against the schemas of a document, with messages that never repeat the value."""

import re
from collections.abc import Container, Iterator
from typing import Any

import jsonschema_rs
import msgspec

from aniva_sandbox.contract.document import DocumentError
from aniva_sandbox.contract.formats import FORMATS, REQUEST_FORMATS
from aniva_sandbox.contract.rules import Detail
from aniva_sandbox.problems import write_path
from aniva_sandbox.world.values import EMAIL_OPTIONS

__all__ = ["Check", "Checks", "Violation", "check_keywords"]

_REF = re.compile(r"#/components/schemas/([\w.-]+)")
_SUBSCHEMA = {"items", "not", "additionalProperties", "propertyNames"}
_SUBSCHEMAS = {"anyOf", "oneOf", "allOf"}
_PLAIN = {
    *("$ref", "type", "format", "const", "enum", "pattern", "required", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
    *("title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"),
}


class Violation(msgspec.Struct, frozen=True):
    """A value breaks a schema: where and how, and the rule that the schema names for it."""

    detail: Detail
    rule: str | None
    keyword: str


class Check:
    """A schema of a document, compiled."""

    def __init__(self, schema: dict[str, Any], schemas: dict[str, Any], *, strict_formats: bool) -> None:
        """``schemas`` are the document's components; ``strict_formats`` is for what comes from outside."""
        self._root = schema | {"components": {"schemas": _needed(schema, schemas)}}
        try:
            self._validator = jsonschema_rs.Draft202012Validator(
                self._root,
                validate_formats=True,
                ignore_unknown_formats=False,
                formats=REQUEST_FORMATS if strict_formats else None,
                email_options=EMAIL_OPTIONS,
            )
        except (jsonschema_rs.ValidationError, ValueError) as error:
            raise DocumentError(f"a schema cannot be compiled: {error}") from None

    def accepts(self, value: Any) -> bool:
        """Whether a plain JSON value has no violation."""
        return self._validator.is_valid(value)

    def violations(self, value: Any) -> Iterator[Violation]:
        """All violations of a plain JSON value, in the order of the schema."""
        for error in self._validator.iter_errors(value):
            kind: Any = error.kind
            keyword = str(kind.name)
            fields: list[list[str]] = [[]]
            if keyword == "required":
                fields = [[kind.property]]
            elif keyword == "additionalProperties":
                fields = [[name] for name in kind.unexpected]
            schema = self._schema_at(error.evaluation_path)
            rule = schema.get("x-rules", {}).get(keyword) or schema.get("x-rule")
            for field in fields:
                path = write_path([*error.instance_path, *field]) or "body"
                own = rule.get(field[-1]) if isinstance(rule, dict) else rule
                yield Violation(Detail(path, _message(keyword, schema)), own, keyword)

    def _schema_at(self, path: list[str | int]) -> dict[str, Any]:
        """The schema that holds the keyword at the end of a path."""
        schema: Any = self._root
        for step in path[:-1]:
            if step == "$ref":
                schema = self._root["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            else:
                schema = schema[step]
        return schema if isinstance(schema, dict) else {}


class Checks:
    """The checks of one document, whose components are ``schemas``: a schema is compiled once, however often it is
    referred to."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas = schemas
        self._compiled: dict[tuple[bytes, bool], Check] = {}

    def compiled(self, schema: dict[str, Any], *, strict_formats: bool) -> Check:
        """The check of a schema. Raises :exc:`DocumentError`."""
        key = msgspec.json.encode(schema), strict_formats
        if key not in self._compiled:
            self._compiled[key] = Check(schema, self.schemas, strict_formats=strict_formats)
        return self._compiled[key]


def check_keywords(schema: Any, where: str, schemas: Container[str]) -> None:
    """Raise :exc:`DocumentError` at a keyword or a format that the checks do not know, or a reference to no schema."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise DocumentError(f"{where}: a schema must be an object")
    for keyword, value in schema.items():
        at = f"{where}/{keyword}"
        if keyword in _SUBSCHEMA:
            check_keywords(value, at, schemas)
        elif keyword in _SUBSCHEMAS:
            if not isinstance(value, list):
                raise DocumentError(f"{at}: must be a list")
            for index, part in enumerate(value):
                check_keywords(part, f"{at}/{index}", schemas)
        elif keyword == "properties":
            if not isinstance(value, dict):
                raise DocumentError(f"{at}: must be an object")
            for name, part in value.items():
                check_keywords(part, f"{at}/{name}", schemas)
        elif keyword == "format" and str(value) not in FORMATS:
            raise DocumentError(f"{at}: the format {value!r} is not known")
        elif keyword == "$ref":
            found = _REF.fullmatch(str(value))
            if found is None:
                raise DocumentError(f"{at}: only references to #/components/schemas/ are followed")
            if found[1] not in schemas:
                raise DocumentError(f"{at}: there is no schema {found[1]}")
        elif keyword not in _PLAIN and not keyword.startswith("x-"):
            raise DocumentError(f"{at}: the schema keyword {keyword!r} is not known")


def _needed(schema: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """The components that a schema refers to, directly or not."""
    needed: dict[str, Any] = {}
    pending = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in needed:
                needed[name] = schemas[name]
                pending.append(schemas[name])
            pending += part.values()
        elif isinstance(part, list):
            pending += part
    return needed


def _message(keyword: str, schema: dict[str, Any]) -> str:
    """What would be right, said from the schema alone."""
    value = schema.get(keyword)
    match keyword:
        case "required":
            return "is required"
        case "type":
            names = [value] if isinstance(value, str) else list(value or [])
            return f"must be of type {' or '.join(names)}"
        case "enum":
            return f"must be one of {', '.join(msgspec.json.encode(option).decode() for option in value or [])}"
        case "const":
            return f"must be {msgspec.json.encode(value).decode()}"
        case "format":
            return f"must be {FORMATS.get(str(value), value)}"
        case "pattern":
            return str(schema.get("x-hint", f"must match {value}"))
        case "minLength" | "maxLength":
            return f"must have at {'least' if keyword == 'minLength' else 'most'} {value} character{'s' * (value != 1)}"
        case "minItems" | "maxItems":
            noun = "entry" if value == 1 else "entries"
            return f"must have at {'least' if keyword == 'minItems' else 'most'} {value} {noun}"
        case "minimum" | "maximum":
            return f"must be at {'least' if keyword == 'minimum' else 'most'} {value}"
        case "exclusiveMinimum" | "exclusiveMaximum":
            return f"must be {'above' if keyword == 'exclusiveMinimum' else 'below'} {value}"
        case "anyOf" if all(option.get("required") for option in value or []):
            return f"must have {' or '.join(option['required'][0] for option in value or [])}"
        case "anyOf" if all(isinstance(option.get("type"), str) for option in value or []):
            return f"must be of type {' or '.join(option['type'] for option in value or [])}"
        case "propertyNames":
            return str(schema.get("x-hint", "has a name that does not fit"))
        case "additionalProperties":
            return "is not known"
        case _:
            return f"breaks {keyword}"
