"""Compiled checks of values against the schemas of a document. Their messages never repeat the value."""

import re
from collections.abc import Callable, Container, Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple

import jsonschema_rs
import msgspec

from aniva_sandbox.engine.contract.agreement import Agreements
from aniva_sandbox.engine.contract.document import DocumentError
from aniva_sandbox.engine.contract.formats import EMAIL_OPTIONS, FORMATS, REQUEST_FORMATS
from aniva_sandbox.engine.contract.ground_rules import BODY_SCHEMA_NULL
from aniva_sandbox.engine.contract.mistakes import explain_mistake, explain_type, is_class
from aniva_sandbox.engine.contract.rules import Detail
from aniva_sandbox.engine.problems import write_path
from aniva_sandbox.engine.texts import shorten

__all__ = ["COUNTED", "Check", "Checks", "Violation", "check_circles", "check_keywords", "followed"]

COUNTED: Final = 10_000
"""The number of violations of a body after which counting stops."""

_REF = re.compile(r"#/components/schemas/([\w.-]+)")
_SUBSCHEMA = {"items", "not", "if", "then", "else", "additionalProperties", "propertyNames"}
_SUBSCHEMAS = {"anyOf", "oneOf", "allOf"}
_IN_PLACE = {*_SUBSCHEMAS, "not", "if", "then", "else"}
"""Keywords whose subschemas apply to the value itself, not to a part of it."""
_NOTES = {"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"}
_PLAIN = {
    *_NOTES,
    *("$ref", "type", "format", "const", "enum", "pattern", "required", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "dependentRequired"),
}
# Keywords that apply to a value as a whole; the others lead to its parts, or assert nothing.
_JUDGED = (_PLAIN - {"$ref", "required"} | {"anyOf", "oneOf", "not", "propertyNames"}) - _NOTES
_LAST = {"format", "pattern"}  # for an empty string, the length is the plainer message
_Path = tuple[str | int, ...]
_NAME_SHOWN, _PATH_SHOWN = 64, 300
"""The maximum length of a sent name, and of a path, in a message."""


class Violation(msgspec.Struct, frozen=True):
    """A violation of a schema: the field, the message, and the rule that the schema names."""

    detail: Detail
    rule: str | None
    keyword: str


class _Broken(NamedTuple):
    """A keyword that a value breaks. The path leads to the value, or to the missing or surplus part of it."""

    schema: dict[str, Any]
    keyword: str
    path: _Path
    value: Any
    rule: str = ""
    """What refuses it, where that is not what the schema names."""


class Check:
    """A schema of a document, compiled at first use."""

    def __init__(self, schema: dict[str, Any], schemas: dict[str, Any], *, strict_formats: bool) -> None:
        """``schemas`` are the document's components. ``strict_formats`` is for values from outside."""
        self.schema = schema
        self._schemas = schemas
        self._strict_formats = strict_formats
        self._parts: dict[tuple[int, str], Callable[[Any], bool]] = {}

    @cached_property
    def accepts(self) -> Callable[[Any], bool]:
        """Whether a plain JSON value is valid. Raises :exc:`DocumentError` if the schema cannot be compiled."""
        return self._compiled(self.schema)

    @cached_property
    def _components(self) -> dict[str, Any]:
        return {"components": {"schemas": _needed(self.schema, self._schemas)}}

    def violations(self, value: Any, *, in_json: bool = False) -> Iterator[Violation]:
        """The violations of a plain JSON value, in the order of the schema, found lazily.

        ``in_json`` says that the value was sent as JSON, in which strings have quotes.

        The validator's own list would come all at once, each entry with a copy of the surrounding value: time and
        memory would grow with the square of the body. So it only gives verdicts, about smaller and smaller parts.
        """
        if self.accepts(value):
            return
        none = True
        for broken in self._found(self.schema, value, ()):
            none = False
            yield _violation(broken, in_json)
        if none:  # the verdict on the whole counts
            yield Violation(Detail(_written(()), "breaks its schema"), None, "schema")

    def _found(self, schema: Any, value: Any, path: _Path) -> Iterator[_Broken]:
        """The keywords that a value breaks in a part of the schema that rejects it. The path leads to the value."""
        if not isinstance(schema, dict):
            yield _Broken({}, "false", path, value)
            return
        for keyword in sorted(schema, key=_LAST.__contains__):
            part = schema[keyword]
            match keyword:
                case "$ref":
                    yield from self._within(self._component(part), value, path)
                case "allOf":
                    for each in part:
                        yield from self._within(each, value, path)
                case "if":
                    branch = "then" if self._verdict(part)(value) else "else"
                    yield from self._within(schema.get(branch, True), value, path)
                case "items" if isinstance(value, list):
                    accepts = self._verdict(part)
                    for index, item in enumerate(value):
                        if not accepts(item):
                            yield from self._found(part, item, (*path, index))
                case "properties" if isinstance(value, dict):
                    for name, each in part.items():
                        if name in value:
                            found = self._within(each, value[name], (*path, name))
                            if value[name] is None and name not in schema.get("required", ()):
                                found = (broken._replace(rule=BODY_SCHEMA_NULL.id) for broken in found)
                            yield from found
                case "additionalProperties" if isinstance(value, dict):
                    known = schema.get("properties", {})
                    for name in value:
                        if name not in known:
                            if part is False:
                                yield _Broken(schema, keyword, (*path, name), value)
                            else:
                                yield from self._within(part, value[name], (*path, name))
                case "required" if "x-hint" in schema:  # a hint is about the object that lacks the field
                    if not self._verdict(schema, keyword)(value):
                        yield _Broken(schema, keyword, path, value)
                case "required" if isinstance(value, dict):
                    for name in part:
                        if name not in value:
                            yield _Broken(schema, keyword, (*path, name), value)
                case "dependentRequired" if isinstance(value, dict):
                    needed = dict.fromkeys(each for name, names in part.items() if name in value for each in names)
                    for name in needed:
                        if name not in value:
                            yield _Broken(schema, "required", (*path, name), value)
                case _:
                    if keyword in _JUDGED and not self._verdict(schema, keyword)(value):
                        yield _Broken(schema, keyword, path, value)

    def _within(self, schema: Any, value: Any, path: _Path) -> Iterator[_Broken]:
        if not self._verdict(schema)(value):
            yield from self._found(schema, value, path)

    def _verdict(self, schema: Any, keyword: str = "") -> Callable[[Any], bool]:
        """Whether a part of the schema, or one of its keywords, accepts a value. Compiled at first use."""
        key = id(schema), keyword  # parts live as long as their schema
        if key not in self._parts:
            self._parts[key] = self._compiled({keyword: schema[keyword]} if keyword else schema)
        return self._parts[key]

    def _compiled(self, schema: Any) -> Callable[[Any], bool]:
        try:
            return jsonschema_rs.Draft202012Validator(
                schema | self._components if isinstance(schema, dict) else schema,
                validate_formats=True,
                ignore_unknown_formats=False,
                formats=REQUEST_FORMATS if self._strict_formats else None,
                email_options=EMAIL_OPTIONS,
            ).is_valid
        except (jsonschema_rs.ValidationError, ValueError) as error:
            raise DocumentError(f"a schema cannot be compiled: {error}") from None

    def _component(self, reference: str) -> Any:
        return self._components["components"]["schemas"][reference.rpartition("/")[2]]


class Checks:
    """The checks of a document with the components ``schemas``. Each schema is compiled once, however often it is
    referenced."""

    def __init__(self, schemas: dict[str, Any], *, known: bool = False) -> None:
        """``known`` says that the document was checked before, so that nothing here can raise: its schemas are not
        checked again, and compiled at first use."""
        self.schemas = schemas
        self._known = known
        self._compiled: dict[tuple[bytes, bool], Check] = {}
        self.agreements = Agreements(schemas, self._compile, _asserts)
        """How responses agree with the schemas."""

    def check_keywords(self, schema: Any, where: str) -> None:
        """Raise :exc:`DocumentError` as :func:`check_keywords` does."""
        if not self._known:
            check_keywords(schema, where, self.schemas)

    def compiled(self, schema: dict[str, Any], *, strict_formats: bool) -> Check:
        """The check of a schema. Raises :exc:`DocumentError`."""
        key = msgspec.json.encode(schema), strict_formats
        if key not in self._compiled:
            check = self._compiled[key] = Check(schema, self.schemas, strict_formats=strict_formats)
            if not self._known:
                _ = check.accepts
        return self._compiled[key]

    def _compile(self, schema: Any) -> Callable[[Any], bool]:
        return Check(schema, self.schemas, strict_formats=False).accepts


def _asserts(keyword: str) -> bool:
    """Whether a keyword asserts anything of a value."""
    return keyword not in _NOTES and not keyword.startswith("x-")


def check_keywords(schema: Any, where: str, schemas: Container[str]) -> None:
    """Raise :exc:`DocumentError` for an unknown keyword or format, a dangling reference, or anything that JSON Schema
    does not allow. Compiling a schema does not validate the components that it references."""
    _check_known(schema, where, schemas)
    try:
        jsonschema_rs.meta.validate(schema)
    except jsonschema_rs.ValidationError as error:
        at = "/".join(map(str, (where, *error.instance_path)))
        raise DocumentError(f"{at}: {error.message}") from None


def check_circles(schemas: dict[str, Any]) -> None:
    """Raise :exc:`DocumentError` for a component that applies itself to the same value."""
    for name, schema in schemas.items():
        pending, seen = [schema], set()
        while pending:
            part = pending.pop()
            if not isinstance(part, dict):
                continue
            for keyword in part.keys() & _IN_PLACE:
                pending += part[keyword] if keyword in _SUBSCHEMAS else [part[keyword]]
            target = str(part.get("$ref", "")).rpartition("/")[2]
            if target == name:
                raise DocumentError(f"components/schemas/{name}: leads back to itself")
            if target and target not in seen:
                seen.add(target)
                pending.append(schemas[target])


def followed(schema: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """A schema, or the component that it references; empty for a boolean schema."""
    while isinstance(schema, dict) and "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema if isinstance(schema, dict) else {}


def _check_known(schema: Any, where: str, schemas: Container[str]) -> None:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise DocumentError(f"{where}: a schema must be an object")
    for keyword, value in schema.items():
        at = f"{where}/{keyword}"
        if keyword in _SUBSCHEMA:
            _check_known(value, at, schemas)
        elif keyword in _SUBSCHEMAS:
            if not isinstance(value, list):
                raise DocumentError(f"{at}: must be a list")
            for index, part in enumerate(value):
                _check_known(part, f"{at}/{index}", schemas)
        elif keyword == "properties":
            if not isinstance(value, dict):
                raise DocumentError(f"{at}: must be an object")
            for name, part in value.items():
                _check_known(part, f"{at}/{name}", schemas)
        elif keyword == "x-characters" and not is_class(str(value)):
            raise DocumentError(f"{at}: {value!r} is not a character class")
        elif keyword == "format" and str(value) not in FORMATS:
            raise DocumentError(f"{at}: the format {value!r} is not known")
        elif keyword == "$ref":
            found = _REF.fullmatch(str(value))
            if found is None:
                raise DocumentError(f"{at}: only references to #/components/schemas/ are followed")
            if found[1] not in schemas:
                raise DocumentError(f"{at}: there is no schema {found[1]}")
        elif keyword == "x-rule" and not isinstance(value, str):
            raise DocumentError(f"{at}: must be the id of a rule")
        elif keyword == "x-rules" and not isinstance(value, dict):
            raise DocumentError(f"{at}: must be an object")
        elif keyword not in _PLAIN and not keyword.startswith("x-"):
            raise DocumentError(f"{at}: the schema keyword {keyword!r} is not known")


def _needed(schema: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """The components that a schema references, directly or not."""
    needed: dict[str, Any] = {}
    pending = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name in schemas and name not in needed:  # an example may hold anything
                needed[name] = schemas[name]
                pending.append(schemas[name])
            pending += part.values()
        elif isinstance(part, list):
            pending += part
    return needed


def _violation(broken: _Broken, in_json: bool) -> Violation:
    schema, keyword, path, value, other = broken
    rule = schema.get("x-rules", {}).get(keyword) or schema.get("x-rule")
    own = other or (rule.get(path[-1]) if isinstance(rule, dict) else rule)
    message = _message(keyword, schema) + explain_mistake(keyword, schema, value)
    if in_json and keyword == "type":
        message += explain_type(schema, value)
    return Violation(Detail(_written(path), message), own, keyword)


def _written(path: _Path) -> str:
    """A path in the usual notation, with long names shortened; the root is ``body``."""
    steps = (shorten(step, _NAME_SHOWN) if isinstance(step, str) else step for step in path)
    return shorten(write_path(steps), _PATH_SHOWN) or "body"


def _message(keyword: str, schema: dict[str, Any]) -> str:
    """The message about a violation, from the schema alone."""
    value: Any = schema.get(keyword)
    options = [each if isinstance(each, dict) else {} for each in value] if keyword == "anyOf" else []
    match keyword:
        case "required":
            return str(schema.get("x-hint", "is required"))
        case "type":
            names = [value] if isinstance(value, str) else list(value or [])
            named = f"must be of type {' or '.join(names)}"
            if "enum" in schema:
                return f"{named}, {_one_of(schema['enum'])}"
            return f"{named}, {FORMATS[schema['format']]}" if schema.get("format") in FORMATS else named
        case "enum":
            return f"must be {_one_of(value)}"
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
        case "anyOf" if all(option.get("required") for option in options):
            return f"must have {' or '.join(option['required'][0] for option in options)}"
        case "anyOf" if all(isinstance(option.get("type"), str) for option in options):
            return f"must be of type {' or '.join(option['type'] for option in options)}"
        case "propertyNames":
            hint = value.get("x-hint") if isinstance(value, dict) else None
            return str(hint or "has a name that does not fit")
        case "additionalProperties":
            return "is not known"
        case "false":
            return "must not be there"
        case _:
            return f"breaks {keyword}"


def _one_of(options: Any) -> str:
    return f"one of {', '.join(msgspec.json.encode(option).decode() for option in options or [])}"
