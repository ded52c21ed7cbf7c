"""A YAML file whose faults can be told by file, line and field."""

import re
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

__all__ = ["Fault", "FixtureError", "YamlError", "YamlFile", "load_yaml"]

T = TypeVar("T")
Path_ = tuple[str | int, ...]

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Fault(msgspec.Struct, frozen=True):
    """What is wrong at one place of a file; lines count from 1, and there is none where the file is not even read."""

    file: str
    line: int | None
    field: str
    message: str

    def __str__(self) -> str:
        if self.line is None:
            return f"{self.file}: {self.message}"
        return f"{self.file}:{self.line}: {self.field or 'the file'}: {self.message}"


_TEXT, _SEQUENCE, _MAPPING = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))

# As YAML 1.2 has them: 12:30 is text, not 750.
_NUMBERS = {
    "tag:yaml.org,2002:int": re.compile(r"[-+]?(?:0|[1-9][0-9]*)$"),
    "tag:yaml.org,2002:float": re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$"),
}


class FixtureError(Exception):
    """A fixture cannot be used. ``faults`` holds everything that was found."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class YamlError(ValueError):
    """A text is no YAML: where, and what is wrong."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


class _Loader(_Base):  # type: ignore[misc]
    """Safe; leaves dates and times as text; refuses a key that stands twice.

    It makes the data straight from the parser's events: the nodes that PyYAML makes in between take most of its time.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 (the shape that PyYAML reads)
        first: [(tag, _NUMBERS.get(tag, pattern)) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in _Base.yaml_implicit_resolvers.items()
    }

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._anchors: dict[str, Any] = {}
        self._plain: dict[str, Any] = {}

    def read(self) -> Any:
        """The data of the text's one document; None where there is none. Raises yaml.YAMLError."""
        self.get_event()  # the stream begins
        if self.check_event(yaml.StreamEndEvent):
            return None
        self.get_event()  # the document begins
        value = self._value(self.get_event())
        self.get_event()  # the document ends
        if not self.check_event(yaml.StreamEndEvent):
            raise _fault("another document begins", self.get_event())
        return value

    def _value(self, event: Any) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event)
            if event.anchor is not None:
                self._anchors[event.anchor] = value
            return value
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise _fault(f"the alias {event.anchor!r} refers to nothing", event)
            return self._anchors[event.anchor]
        sequence = isinstance(event, yaml.SequenceStartEvent)
        if event.tag not in (None, "!", _SEQUENCE if sequence else _MAPPING):
            raise _fault(f"the tag {event.tag!r} is not known", event)
        collection: Any = [] if sequence else {}
        if event.anchor is not None:
            self._anchors[event.anchor] = collection
        if sequence:
            while not isinstance(item := self.get_event(), yaml.SequenceEndEvent):
                collection.append(self._value(item))
        else:
            self._fill(collection)
        return collection

    def _fill(self, mapping: dict[Any, Any]) -> None:
        keys = set()
        own = {}
        while not isinstance(event := self.get_event(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _fault("a key must be plain text", event)
            if event.value in keys:
                raise _fault(f"the key {event.value!r} stands twice", event)
            keys.add(event.value)
            if event.value == "<<" and event.implicit[0]:
                self._merge(mapping, self.get_event())
            else:
                key = self._value(event)
                own[key] = self._value(self.get_event())
        mapping |= own

    def _merge(self, mapping: dict[Any, Any], event: yaml.Event) -> None:
        """Take over the keys of a mapping, or of several, of which the first goes before the others."""
        merged = self._value(event)
        for part in reversed(merged if isinstance(merged, list) else [merged]):
            if not isinstance(part, dict):
                raise _fault("only mappings can be merged", event)
            mapping |= part

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if not event.implicit[0]:
            return text if event.implicit[1] else self._constructed(event.tag, event)
        if text not in self._plain:
            tag = self.resolve(yaml.ScalarNode, text, event.implicit)
            self._plain[text] = text if tag == _TEXT else self._constructed(tag, event)
        return self._plain[text]

    def _constructed(self, tag: str, event: Any) -> Any:
        return self.construct_object(yaml.ScalarNode(tag, event.value, event.start_mark))


def _fault(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


def load_yaml(text: str) -> Any:
    """The data of a YAML text, with dates and times left as text.

    Raises YamlError with the line, counted from 1, and what is wrong there.
    """
    try:
        return _Loader(text).read()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlError(line, error.problem or "is not YAML") from None
    except yaml.YAMLError as error:
        raise YamlError(1, f"is not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise YamlError(1, "is nested too deeply") from None


class YamlFile:
    """The data of a file, and the faults found in it so far."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.faults: list[Fault] = []
        try:
            self._text = path.read_text(encoding="utf-8")
            self.data: Any = load_yaml(self._text)
        except (OSError, UnicodeDecodeError) as error:
            raise FixtureError([Fault(str(path), None, "", f"cannot be read: {error}")]) from None
        except YamlError as error:
            raise FixtureError([Fault(self.name, error.line, "", error.problem)]) from None

    def list_at(self, *path: str) -> list[Any]:
        """The list at a path; anything else is a fault, and reads as empty."""
        value = self.data
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if not isinstance(value, list):
            self.fail(path, "must be a list")
            return []
        return value

    def entries(self, type: type[T], *unique: str, section: str | None = None) -> list[tuple[int, T]]:
        """The entries of a list that fit their type, with their places; no two may have the same in a unique field."""
        path = (section,) if section else ()
        found = []
        for place, value in enumerate(self.list_at(*path)):
            entry = self.convert(value, type, (*path, place))
            if entry is not None:
                found.append((place, entry))
        for field in unique:
            seen = set()
            for place, entry in found:
                key = getattr(entry, field)
                if key in seen:
                    self.fail((*path, place, field), f"another entry has the {field} {key}")
                seen.add(key)
        return found

    def whole(self, type: type[T]) -> T:
        """The whole file as ``type``. Raises :exc:`FixtureError` where it does not fit."""
        value = self.convert(self.data, type, ())
        if value is None:
            raise FixtureError(self.faults)
        return value

    def refer(self, path: Path_, names: Iterable[Any], known: Container[Any], kind: str) -> None:
        """Note a fault for each name that is not known."""
        for name in names:
            if name not in known:
                self.fail(path, f"there is no {kind} {name}")

    def convert(self, value: Any, type: type[T], path: Path_) -> T | None:
        """``value`` as ``type``; None, and a fault, where it does not fit."""
        try:
            return msgspec.convert(value, type)
        except msgspec.ValidationError as error:
            message, _, where = str(error).partition(" - at ")
            steps = re.findall(r"\.(\w+)|\[(\d+)\]", where)
            self.fail((*path, *(name or int(index) for name, index in steps)), message)
            return None

    def fail(self, path: Path_, message: str) -> None:
        """Note a fault at a path of keys and indexes."""
        field = ".".join(map(str, path))
        self.faults.append(Fault(self.name, self._line(path), field, message))

    def check(self) -> None:
        """Raise :exc:`FixtureError` where anything was found."""
        if self.faults:
            raise FixtureError(self.faults)

    def _line(self, path: Path_) -> int:
        """The line of the deepest node on a path that is there."""
        node = yaml.compose(self._text, Loader=_Loader)
        line = 1
        for step in path:
            if isinstance(node, yaml.MappingNode):
                found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
                if found is None:
                    return line
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
        return line
