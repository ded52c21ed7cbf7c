"""Reading the parameters of a request: strings, converted to numbers or booleans as the document says."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from aniva_sandbox.engine.contract.bodies import nul_in
from aniva_sandbox.engine.contract.checks import Checks, Violation, followed
from aniva_sandbox.engine.contract.ground_rules import QUERY_REPEATED
from aniva_sandbox.engine.contract.trace import Trace

__all__ = ["Parameters", "note_repeated"]

_INTEGER = re.compile(r"[0-9]{1,4000}|-[0-9]{0,4000}[1-9][0-9]{0,99}")
_TEXT = frozenset({"string"})
_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?")


class Parameters:
    """The parameters of one place (path or query), checked together as one object."""

    def __init__(self, described: list[dict[str, Any]], checks: Checks) -> None:
        properties = {parameter["name"]: parameter.get("schema", {}) for parameter in described}
        for name, schema in properties.items():
            checks.check_keywords(schema, f"parameter {name}")
        self._types = {name: _types(schema, checks.schemas) for name, schema in properties.items()}
        self._items = {
            name: _types(followed(schema, checks.schemas).get("items"), checks.schemas)
            for name, schema in properties.items()
        }
        whole: dict[str, Any] = {"type": "object", "properties": properties}
        required = [parameter["name"] for parameter in described if parameter.get("required")]
        if required:
            whole["required"] = required
        self.schema = whole if described else None
        """The schema of all parameters together, as one object; None if there are none."""
        self._check = checks.compiled(whole, strict_formats=True) if described else None

    @cached_property
    def faults_of_none(self) -> list[Violation]:
        """The violations without any parameter, computed once."""
        return list(self._check.violations({})) if self._check else []

    def read(self, pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, Any], list[Violation]]:
        """The values of the known parameters, numbers as numbers, and their violations."""
        if self._check is None:
            return {}, []
        values: dict[str, Any] = {}
        found: list[Violation] = []
        for name, text in pairs:
            types = self._types.get(name)
            if types is None:
                continue
            if "\0" in text:
                found.append(nul_in(name))
            if types == _TEXT:
                values[name] = text
            elif "array" in types:
                values.setdefault(name, []).append(_typed(text, self._items[name]))
            else:
                values[name] = _typed(text, types)
        return values, found if self._check.accepts(values) else [*self._check.violations(values), *found]


def note_repeated(sent: list[tuple[str, str]], known: Mapping[str, Any], trace: Trace) -> None:
    """Hint at the parameters that were sent more than once; the last value counts."""
    values: dict[str, str] = {}
    repeated: dict[str, bool] = {}
    for name, value in sent:
        if name in values:
            repeated[name] = repeated.get(name, False) or value != values[name]
        elif name in known and known[name]["schema"].get("type") != "array":
            values[name] = value
    for name, differs in repeated.items():
        trace.hint(name, f"{name} was sent more than once; the last value counts")
        if differs:
            trace.lean_on(QUERY_REPEATED)


def _typed(text: str, types: frozenset[str]) -> Any:
    """A parameter as a number or a boolean, if its schema allows that and the string is one."""
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    return text


def _types(schema: Any, schemas: dict[str, Any]) -> frozenset[str]:
    """The types that a schema allows, directly or in an anyOf."""
    schema = followed(schema, schemas)
    named = schema.get("type", ())
    options = [option for keyword in ("anyOf", "oneOf", "allOf") for option in schema.get(keyword, ())]
    return frozenset([named] if isinstance(named, str) else named).union(*(_types(each, schemas) for each in options))
