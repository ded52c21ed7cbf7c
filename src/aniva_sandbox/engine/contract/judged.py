"""The format rules that requests are held against, and the distances of their values from bounds.

Compiled checks say what a request broke. For evidence, this module also says what it passed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from aniva_sandbox.engine.contract.checks import Violation, followed
from aniva_sandbox.engine.contract.ground_rules import BODY_JSON, BODY_SCHEMA, BODY_SCHEMA_NUL, BODY_SCHEMA_NULL
from aniva_sandbox.engine.contract.refusals import rule_of
from aniva_sandbox.engine.contract.rules import Ledger, Measure, Rule
from aniva_sandbox.engine.contract.trace import Distance, Trace, Weigher

__all__ = ["Bound", "Judged", "Noted", "RequestRules"]


class Bound(NamedTuple):
    """A bound that a schema sets to a value."""

    rule: Rule
    measure: Measure
    """Named after the field and the bound, such as ``limit 500``."""
    lowest: float | None
    """The smallest possible distance; None if values may lie any distance below the bound."""
    is_lower: bool
    """Whether values below it break it, not those above it."""
    is_open: bool
    """Whether the value at it breaks it."""


class Noted:
    """What a request was held against."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}
        self.distances: dict[tuple[str, str, int], Distance] = {}
        """The closest on each side of each bound: a list may hold any number of values."""

    def measure(self, bound: Bound, value: float) -> None:
        """Note the distance of a value from a bound."""
        value = max(-_FARTHEST, min(value, _FARTHEST))
        rule, name = bound.rule.id, bound.measure.name
        key = rule, name, (value > 0) - (value < 0)
        known = self.distances.get(key)
        if known is None or abs(value) < abs(known.value):
            self.distances[key] = Distance(rule, name, value, bound.measure.unit)


_INDEX: Final = re.compile(r"\[[0-9]+\]")
_FARTHEST: Final = 2.0**53
"""Integers in JSON have any number of digits."""


class _Kind(NamedTuple):
    """What a schema says of values of one type."""

    rules: dict[str, Rule]
    bounds: tuple[tuple[Bound, Callable[[Any], float | None]], ...]


class Judged:
    """The rules and bounds of one schema, and of the parts of it."""

    def __init__(
        self, schema: Any, schemas: dict[str, Any], ledger: Ledger, name: str = "", *, within: tuple[int, ...] = ()
    ) -> None:
        """``name`` is the field; without one, the schema is that of a whole body, or of all parameters. ``within`` are
        the schemas around it."""
        schema = followed(schema, schemas)
        self._kinds: dict[type, _Kind] = {}
        self._fields: dict[str, Judged] = {}
        self._items: Judged | None = None
        self._mistyped = {rule.id: rule for rule in [_rule(schema, "type", ledger)] if name and _is_whole(rule)}
        """What a value of another type breaks."""
        if id(schema) in within:
            return  # a schema within itself: its rules are known
        within = (*within, id(schema))
        parts = [schema, *_in_place(schema, schemas)]
        for each, keywords in _TYPES.items():
            if each in _allowed(schema):
                self._kinds[each] = _kind(parts, keywords, ledger, name)
        for part in parts:
            for field, described in part.get("properties", {}).items():
                path = f"{name}.{field}" if name else field
                self._fields[field] = Judged(described, schemas, ledger, path, within=within)
            if "items" in part:
                self._items = Judged(part["items"], schemas, ledger, f"{name}[]", within=within)

    def note(self, value: Any, noted: Noted) -> None:
        """Note what a plain JSON value is held against. The value may break any of it."""
        kind = self._kinds.get(type(value))
        if kind is None:
            if value is not None:
                noted.rules |= self._mistyped
            return
        noted.rules |= kind.rules
        for bound, distance in kind.bounds:
            found = distance(value)
            if found is not None:
                noted.measure(bound, found)
        if isinstance(value, dict):
            for name, field in self._fields.items():
                if name in value:
                    field.note(value[name], noted)
        elif isinstance(value, list) and self._items is not None:
            for item in value:
                self._items.note(item, noted)

    def rules(self) -> Iterator[Rule]:
        """The rules that values may be held against, each once for every place."""
        yield from self._mistyped.values()
        for kind in self._kinds.values():
            yield from kind.rules.values()
        for part in self._parts():
            yield from part.rules()

    def bounds(self) -> Iterator[Bound]:
        """The bounds in the order of the schema."""
        for kind in self._kinds.values():
            for bound, _ in kind.bounds:
                yield bound
        for part in self._parts():
            yield from part.bounds()

    def _parts(self) -> Iterator["Judged"]:
        yield from self._fields.values()
        if self._items is not None:
            yield self._items


_TYPES: Final[Mapping[type, tuple[str, ...]]] = {
    bool: (),
    int: ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    float: ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    str: ("minLength", "maxLength", "pattern", "format", "x-minimum", "x-maximum"),
    list: ("minItems", "maxItems", "uniqueItems"),
    dict: ("required", "minProperties", "maxProperties", "dependentRequired", "propertyNames"),
}
"""The keywords that judge values of one type only."""
_ANY: Final = ("enum", "const", "not", "anyOf", "oneOf")
"""Those that judge values of any type."""
_NAMES: Final = {
    "boolean": (bool,),
    "integer": (int, float),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
    "null": (),
}


def _allowed(schema: dict[str, Any]) -> set[type]:
    """The types that a schema allows."""
    named = schema.get("type")
    if named is None:
        return {*_TYPES}
    return {each for name in ([named] if isinstance(named, str) else named) for each in _NAMES[name]}


def _in_place(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas that apply to the same value, under a condition or not."""
    for part in (*schema.get("allOf", ()), *(schema[name] for name in ("then", "else") if name in schema)):
        part = followed(part, schemas)
        yield part
        yield from _in_place(part, schemas)


def _kind(parts: list[dict[str, Any]], keywords: tuple[str, ...], ledger: Ledger, name: str) -> _Kind:
    rules: dict[str, Rule] = {}
    bounds: dict[tuple[str, str], tuple[Bound, Callable[[Any], float | None]]] = {}
    for part in parts:
        for keyword in (*keywords, *_ANY, *(("type",) if name else ())):
            if keyword not in part:
                continue
            if keyword == "required":
                rules |= {rule.id: rule for rule in _required_rules(part, ledger) if _is_whole(rule)}
                continue
            rule = _rule(part, keyword, ledger)
            if _is_whole(rule):
                rules[rule.id] = rule
            limit = part[keyword]
            if keyword in _DISTANCES and not (keyword.startswith("x-") and _minutes(limit) is None):
                unit, lowest, distance = _DISTANCES[keyword]
                measure = Measure(unit, f"{name} {limit}".lstrip(), 60 if unit == "minutes" else 1)
                bound = Bound(rule, measure, lowest(limit), "min" in keyword.lower(), keyword.startswith("exclusive"))
                bounds[rule.id, measure.name] = bound, distance(limit)
    return _Kind(rules, tuple(bounds.values()))


def _is_whole(rule: Rule) -> bool:
    """Whether schemas alone judge a rule. Of any other, they judge the format: a call passes the rule where its
    operation weighs it."""
    return rule.kind == "format" and rule.statuses == (400,)


def _rule(schema: dict[str, Any], keyword: str, ledger: Ledger) -> Rule:
    """The rule that a keyword of a schema enforces."""
    own = schema.get("x-rules", {}).get(keyword) or schema.get("x-rule")
    return ledger[own] if isinstance(own, str) and own in ledger else BODY_SCHEMA


def _required_rules(schema: dict[str, Any], ledger: Ledger) -> Iterator[Rule]:
    """The rules that the required fields of a schema enforce."""
    by_field = schema.get("x-rules", {}).get("required")
    for name in schema["required"]:
        own = by_field.get(name) if isinstance(by_field, dict) else None
        yield ledger[own] if isinstance(own, str) and own in ledger else _rule(schema, "required", ledger)


def _from_number(limit: float) -> Callable[[Any], float | None]:
    def distance(value: Any) -> float | None:
        try:
            return float(value - limit)
        except OverflowError:  # an integer with more digits than a float has
            return _FARTHEST if value > 0 else -_FARTHEST

    return distance


def _from_length(limit: int) -> Callable[[Any], float | None]:
    return lambda value: len(value) - limit


def _from_minute(limit: str) -> Callable[[Any], float | None]:
    """The distance of a time of day, as ``HH:MM``, in minutes."""
    bound = _minutes(limit)

    def distance(value: Any) -> float | None:
        minutes = _minutes(value)
        return None if minutes is None or bound is None else minutes - bound

    return distance


def _minutes(text: Any) -> int | None:
    if not isinstance(text, str):
        return None  # a proposed document may say anything
    hours, colon, minutes = text.partition(":")
    if not (colon and len(hours) == len(minutes) == 2 and hours.isdecimal() and minutes.isdecimal()):
        return None
    return int(hours) * 60 + int(minutes)


def _anything(_limit: Any) -> None:
    return None


_Distances = tuple[str, Callable[[Any], float | None], Callable[[Any], Callable[[Any], float | None]]]
_NUMBER: Final[_Distances] = ("", _anything, _from_number)
_DISTANCES: Final[Mapping[str, _Distances]] = {
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _NUMBER),
    **dict.fromkeys(("minLength", "maxLength"), ("characters", lambda limit: -limit, _from_length)),
    **dict.fromkeys(("minItems", "maxItems"), ("entries", lambda limit: -limit, _from_length)),
    **dict.fromkeys(("x-minimum", "x-maximum"), ("minutes", _anything, _from_minute)),
}
"""The unit of the distances of a keyword, the smallest possible distance, and what computes a distance."""


def _has_text(value: Any) -> bool:
    """Whether there is a string in a plain value, at any depth."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            return True
        if isinstance(part, dict):
            pending += part.values()
        elif isinstance(part, list):
            pending += part
    return False


def _sent_as_text(parameters: dict[str, Any]) -> dict[str, Any]:
    """The schemas of parameters, without the type of texts: each is sent as one."""
    return {
        name: {key: value for key, value in schema.items() if (key, value) != ("type", "string")}
        for name, schema in parameters["properties"].items()
        if isinstance(schema, dict)  # a boolean one says nothing
    }


class RequestRules:
    """All that the document says of the requests of an operation."""

    def __init__(self, path: Any, query: Any, body: Any, schemas: dict[str, Any], ledger: Ledger) -> None:
        """The schemas of all path parameters, of all query parameters, and of the body; None for what the operation
        does not have."""
        if path is not None:
            path = {"properties": _sent_as_text(path)}  # they are always there
        if query is not None:
            query = query | {"properties": _sent_as_text(query)}
        self._ledger = ledger
        self._path, self._query, self._body = (
            Judged(schema, schemas, ledger) if schema is not None else None for schema in (path, query, body)
        )

    def note(self, path: Any, query: Any, body: Any, violations: list[Violation], trace: Trace) -> list[Violation]:
        """Note in the trace of a call the rules that it passed, whatever else it broke, and its distances. ``body`` is
        None if there is none. Returns the violations of rules that apply to the call; raises ValueError if the body
        breaks only others, which the operation cannot act upon."""
        noted = Noted()
        broken = {violation.rule or BODY_SCHEMA.id for violation in violations}
        for judged, value in ((self._path, path), (self._query, query)):
            if judged is not None:
                judged.note(value, noted)
        if query and _has_text(query):
            noted.rules[BODY_SCHEMA_NUL.id] = BODY_SCHEMA_NUL
        if self._body is not None and body is not None and BODY_JSON.id not in broken:
            noted.rules[BODY_JSON.id] = BODY_JSON
            if body:
                noted.rules[BODY_SCHEMA_NULL.id] = BODY_SCHEMA_NULL
            if _has_text(body):
                noted.rules[BODY_SCHEMA_NUL.id] = BODY_SCHEMA_NUL
            self._body.note(body, noted)
        rules = noted.rules
        trace.weighed += tuple(rule for id, rule in rules.items() if id not in broken) if broken else (*rules.values(),)
        trace.distances += tuple(noted.distances.values())
        if trace.probe is None:
            return violations
        kept = self._in_force(noted.distances.values(), violations, trace.probe, trace)
        if violations and not kept and body is not None:
            raise ValueError("No record of the world can hold what the body says")
        return kept

    def _in_force(
        self, distances: Iterable[Distance], violations: list[Violation], probe: Weigher, trace: Trace
    ) -> list[Violation]:
        """The violations of rules that apply to the call, and of bounds that do."""
        loose = set()
        for distance in distances:
            rule = self._ledger[distance.rule]
            if not trace.is_in_force(rule, distance.value, distance.measure):
                loose.add((rule, distance.measure.rpartition(" ")[0]))
        waived, kept = set(), []
        for violation in violations:
            rule, path = rule_of(violation, self._ledger), violation.detail.path
            if probe.waives(rule):
                trace.waive(rule)
                waived.add(path)
            elif violation.keyword not in _DISTANCES or (rule, _INDEX.sub("[]", path)) not in loose:
                kept.append(violation)
        # What broke a rule that does not apply, such as a pattern, breaks the format because of that.
        return [violation for violation in kept if violation.keyword != "format" or violation.detail.path not in waived]

    def bounds(self) -> Iterator[Bound]:
        """The bounds of all parameters and fields."""
        for judged in (self._path, self._query, self._body):
            if judged is not None:
                yield from judged.bounds()
