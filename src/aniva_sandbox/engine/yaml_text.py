"""Reading and writing YAML: plain values as in YAML 1.2, in bounds."""

import re
from collections import deque
from collections.abc import Callable, Hashable
from math import isfinite
from typing import Any, Final

import yaml

from aniva_sandbox.engine.problems import FieldPath, shown, write_path
from aniva_sandbox.engine.texts import shorten
from aniva_sandbox.engine.yaml_file import YamlError

__all__ = ["Lines", "dump", "parse"]

_MAX_DEPTH: Final = 100
_MAX_EXPANDED: Final = 1_000_000
_MAX_INT: Final = 2**64

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG: Final = "tag:yaml.org,2002:"
_MERGE: Final = f"{_TAG}merge"


# The plain scalars of YAML 1.2's core schema that are not text, except octal and hexadecimal numbers. So NO, on and
# 12:30 are text, and so is 01067, which may be a postal code.
_CORE: Final = (
    ("null", "~nN", r"~|null|Null|NULL|"),
    ("bool", "tTfF", r"true|True|TRUE|false|False|FALSE"),
    ("int", "-+0123456789", r"[-+]?(?:0|[1-9][0-9]*)"),
    (
        "float",
        "-+.0123456789",
        r"[-+]?(?:(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN)",
    ),
)
_PATTERNS: Final = {_TAG + name: re.compile(rf"(?:{pattern})\Z") for name, _, pattern in _CORE}


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {"": [(f"{_TAG}null", _PATTERNS[f"{_TAG}null"])]}
    for name, firsts, _ in _CORE:
        for first in firsts:
            found.setdefault(first, []).append((_TAG + name, _PATTERNS[_TAG + name]))
    found["<"] = [(_MERGE, re.compile(r"<<\Z"))]
    return found


class _Loader(_Base):  # type: ignore[misc]
    """A safe loader that knows only the plain values of JSON, so that dates and times are text. Refuses duplicate
    keys."""

    yaml_implicit_resolvers = _resolvers()
    yaml_constructors: dict[str | None, Any] = {}  # noqa: RUF012 (the shape that PyYAML reads)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        if not isinstance(node, yaml.MappingNode):
            raise _NodeError(node, "is not a mapping")
        keys = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _NodeError(key, "a key must be plain text")
            if key.value in keys:
                raise _NodeError(key, f"the key {_quoted(key.value)} appears twice")
            keys.add(key.value)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping

    def refuse_tag(self, node: yaml.Node) -> Any:
        """Refuse values of types that JSON does not have."""
        raise _NodeError(node, f"the tag {_quoted(node.tag.replace(_TAG, '!!'))} is not allowed")

    def construct_plain(self, node: yaml.Node) -> Any:
        """The value of a scalar that is not text."""
        if not isinstance(node, yaml.ScalarNode) or not _PATTERNS[node.tag].match(node.value):
            raise _NodeError(node, f"is not a value of the type {node.tag.removeprefix(_TAG)}")
        try:
            return _read_scalar(node.tag, node.value)
        except ValueError as error:
            raise _NodeError(node, str(error)) from None


def _read_scalar(tag: str, text: str) -> bool | float | None:
    """The value of a scalar that matches the pattern of its tag. Raises ValueError for numbers out of bounds."""
    match tag.removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            if len(text) > 21 or abs(int(text)) >= _MAX_INT:
                raise ValueError(f"the number {_quoted(text)} has too many digits")
            return int(text)
        case _:
            number = float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
            if not isfinite(number):
                raise ValueError(f"{_quoted(text)} is not a finite number")
            return number


for _name in ("null", "bool", "int", "float"):
    _Loader.yaml_constructors[_TAG + _name] = _Loader.construct_plain
for _name in ("str", "seq", "map"):
    _Loader.yaml_constructors[_TAG + _name] = _Base.yaml_constructors[_TAG + _name]
_Loader.yaml_constructors[_MERGE] = _Base.yaml_constructors[f"{_TAG}str"]  # it merges only as a key
_Loader.yaml_constructors[None] = _Loader.refuse_tag


class _NodeError(yaml.MarkedYAMLError):
    """A value that is valid YAML, but not allowed here."""

    def __init__(self, node: yaml.Node, problem: str) -> None:
        super().__init__(problem=problem, problem_mark=node.start_mark)
        self.node = node


def _quoted(text: str) -> str:
    return repr(shorten(text, 60))


def parse(text: str) -> Any:
    """The data of a YAML text. Raises YamlError with the problem and its line, counted from 1."""
    if (odd := _UNPRINTABLE.search(text)) is not None:
        raise YamlError(text.count("\n", 0, odd.start()) + 1, f"must not contain the character U+{ord(odd[0]):04X}")
    try:
        return _plain(text)
    except _UncommonError:
        return _construct(text)


class Lines:
    """The lines of a text that was parsed."""

    def __init__(self, text: str) -> None:
        self._root = yaml.compose(text, Loader=_Loader)
        self._keys: dict[int, dict[str, tuple[yaml.Node, yaml.Node]]] = {}
        """The entries of the mappings looked at so far, by key."""

    def find(self, path: FieldPath) -> int:
        """The line of the deepest existing node on a path."""
        node = self._root
        line = 1
        for step in path:
            if isinstance(node, yaml.MappingNode):
                if id(node) not in self._keys:
                    self._keys[id(node)] = {key.value: (key, value) for key, value in node.value}
                found = self._keys[id(node)].get(str(step))
                if found is None:
                    return line
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
        return line


def _construct(text: str) -> Any:
    """The data of a text with tags, aliases, keys that are equal, or an error, which it reports."""
    root = None
    try:
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
            if root is None:
                return None
            _require_bounds(root)
            return loader.construct_document(root)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        field = _field_of(error.node, root) if isinstance(error, _NodeError) else ""
        raise YamlError(line, _message(error, text), field) from None
    except yaml.YAMLError as error:
        raise YamlError(1, f"is not valid YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise YamlError(1, "is nested too deeply") from None


class _UncommonError(Exception):
    """A text has what PyYAML constructs, or refuses, by its own ways."""


def _plain(text: str) -> Any:
    """The data of a text without tags, anchors and errors: what PyYAML would construct, in less than half of the time
    and without a tree of nodes."""
    loader = _Loader(text)
    next_event = loader.get_event
    try:
        next_event()  # the start of the stream
        start = next_event()
        if type(start) is yaml.StreamEndEvent:
            return None
        if start.version or start.tags:
            raise _UncommonError
        data = _value(next_event(), next_event)
        next_event()  # the end of the document
        if type(next_event()) is not yaml.StreamEndEvent:
            raise _UncommonError
        return data
    except (yaml.YAMLError, ValueError, RecursionError):
        raise _UncommonError from None
    finally:
        loader.dispose()


def _value(event: Any, next_event: Callable[[], Any]) -> Any:
    """The value that begins with an event."""
    kind = type(event)
    if event.anchor is not None or event.tag is not None:
        raise _UncommonError
    if kind is yaml.ScalarEvent:
        tag = _tag(event)
        return event.value if tag is None or tag == _MERGE else _read_scalar(tag, event.value)
    if kind is yaml.SequenceStartEvent:
        items = []
        while type(item := next_event()) is not yaml.SequenceEndEvent:
            items.append(_value(item, next_event))
        return items
    mapping: dict[Any, Any] = {}
    texts = set()
    while type(key := next_event()) is not yaml.MappingEndEvent:
        if type(key) is not yaml.ScalarEvent or key.anchor is not None or key.tag is not None or key.value in texts:
            raise _UncommonError
        texts.add(key.value)
        tag = _tag(key)
        if tag == _MERGE:
            raise _UncommonError
        mapping[key.value if tag is None else _read_scalar(tag, key.value)] = _value(next_event(), next_event)
    if len(mapping) < len(texts):
        raise _UncommonError
    return mapping


def _tag(event: yaml.ScalarEvent) -> str | None:
    """The tag of a scalar without an explicit one; None for text."""
    if event.implicit[0]:
        for tag, pattern in _Loader.yaml_implicit_resolvers.get(event.value[:1], ()):
            if pattern.match(event.value):
                return tag
    return None


def _field_of(node: yaml.Node, root: yaml.Node | None) -> str:
    """The path of a node, in the usual notation; empty for the root."""
    pending: deque[tuple[yaml.Node | None, FieldPath]] = deque([(root, ())])
    seen = set()
    while pending:
        here, path = pending.popleft()
        if here is node:
            return write_path(step if isinstance(step, int) else shown(step) for step in path)
        if id(here) in seen:
            continue
        seen.add(id(here))
        if isinstance(here, yaml.MappingNode):
            for key, value in here.value:
                inside = (*path, key.value) if isinstance(key, yaml.ScalarNode) else path
                pending += [(key, inside), (value, inside)]
        elif isinstance(here, yaml.SequenceNode):
            pending += [(each, (*path, place)) for place, each in enumerate(here.value)]
    return ""


_UNPRINTABLE: Final = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that YAML does not allow."""


def _message(error: yaml.MarkedYAMLError, text: str) -> str:
    problem = error.problem.splitlines()[0] if error.problem else ""
    if problem == "but found another document":
        return "contains a second document; only one is allowed"
    mark = error.problem_mark
    if "cannot start any token" in problem and mark is not None and text[mark.index : mark.index + 1] == "\t":
        return "is indented with a tab; use spaces"
    return shorten(problem, 300) or "is not valid YAML"


def _require_bounds(root: yaml.Node) -> None:
    """Raise if aliases expand a text to too many values or levels."""
    sizes: dict[int, int] = {}
    depths: dict[int, int] = {}
    open_nodes: set[int] = set()
    pending: list[tuple[yaml.Node, bool]] = [(root, False)]
    while pending:
        node, is_done = pending.pop()
        inner = _inner(node)
        if is_done:
            open_nodes.discard(id(node))
            sizes[id(node)] = 1 + sum(sizes[id(each)] for each in inner)
            depths[id(node)] = 1 + max((depths[id(each)] for each in inner), default=0)
            if sizes[id(node)] > _MAX_EXPANDED:
                raise _NodeError(node, f"aliases expand it to more than {_MAX_EXPANDED:,} values")
            if depths[id(node)] > _MAX_DEPTH:
                raise _NodeError(node, f"is nested more than {_MAX_DEPTH} levels deep")
        elif id(node) in open_nodes:
            raise _NodeError(node, "contains itself")
        elif id(node) not in sizes:
            open_nodes.add(id(node))
            pending.append((node, True))
            pending += [(each, False) for each in inner if id(each) not in sizes]


def _inner(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Quotes text that this or any other YAML reader, 1.1 or 1.2, would not read back as text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (the shape that PyYAML reads)
        first: [*_Loader.yaml_implicit_resolvers.get(first, ()), *_Base.yaml_implicit_resolvers.get(first, ())]
        for first in {*_Loader.yaml_implicit_resolvers, *_Base.yaml_implicit_resolvers}
    }

    def ignore_aliases(self, _data: Any) -> bool:
        return True


for _first in "-+0123456789":  # some readers take octal, hexadecimal and leading zeros for numbers
    _Dumper.yaml_implicit_resolvers[_first].append(
        (f"{_TAG}int", re.compile(r"[-+]?0[xX][0-9a-fA-F_]+\Z|[-+]?0?[oObB]?[0-9_]+\Z"))
    )
for _first in "yYnN":
    _Dumper.yaml_implicit_resolvers.setdefault(_first, []).append((f"{_TAG}bool", re.compile(r"[yYnN]\Z")))


def dump(data: Any) -> str:
    """Plain data as YAML that :func:`parse` and other readers read back as the same data."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text
