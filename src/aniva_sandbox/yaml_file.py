"""A YAML file whose faults can be told by file, line and field."""

import builtins
import re
from collections.abc import Container, Hashable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin

import msgspec
import yaml

from aniva_sandbox.texts import cut

__all__ = ["Data", "Fault", "FixtureError", "YamlError", "YamlFile", "dump_yaml", "load_yaml"]

T = TypeVar("T")
Path_ = tuple[str | int, ...]
_LISTED: Final = 100
"""How many faults are listed."""
_COUNTED: Final = 1000
"""How many faults are counted; then nobody looks any further."""

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Fault(msgspec.Struct, frozen=True):
    """What is wrong at one place of a file; lines count from 1, and there is none where the file is not even read."""

    file: str
    line: int | None
    field: str
    message: str

    def __str__(self) -> str:
        if self.line is None:
            return f"{self.file}: {f'{self.field}: ' if self.field else ''}{self.message}"
        return f"{self.file}:{self.line}: {self.field or 'the file'}: {self.message}"


# As YAML 1.2 has them: 12:30 is text, not 750.
_NUMBERS = {
    "tag:yaml.org,2002:int": re.compile(r"[-+]?(?:0|[1-9][0-9]*)$"),
    "tag:yaml.org,2002:float": re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$"),
}


class FixtureError(Exception):
    """A fixture cannot be used. ``faults`` holds the first of what was found, ``more`` says what they leave out."""

    def __init__(self, faults: list[Fault], more: str = "") -> None:
        super().__init__("\n".join([*map(str, faults), *([f"and {more}"] if more else [])]))
        self.faults = faults
        self.more = more


class YamlError(ValueError):
    """A text is no YAML: where, and what is wrong."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


class _Loader(_Base):  # type: ignore[misc]
    """Safe; leaves dates and times as text; refuses a key that stands twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (the shape that PyYAML reads)
        first: [(tag, _NUMBERS.get(tag, pattern)) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in _Base.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key must be plain text", problem_mark=key.start_mark)
            if key.value in keys:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark)
            keys.add(key.value)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping


def load_yaml(text: str) -> Any:
    """The data of a YAML text, with dates and times left as text.

    Raises YamlError with the line, counted from 1, and what is wrong there.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlError(line, error.problem or "is not YAML") from None
    except yaml.YAMLError as error:
        raise YamlError(1, f"is not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise YamlError(1, "is nested too deeply") from None


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Quotes what would not be read back as text."""

    yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def dump_yaml(data: Any) -> str:
    """Plain data as a text that :func:`load_yaml` reads back as the same data."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


class Data:
    """Plain data that is to be checked, and the faults found in it so far, of which the first 100 are kept."""

    def __init__(self, data: Any, name: str = "") -> None:
        self.data = data
        self.name = name
        self.faults: list[Fault] = []
        self._found = 0

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
        """All of it as ``type``. Raises :exc:`FixtureError` where it does not fit."""
        value = self.convert(self.data, type, ())
        if value is None:
            raise self._error()
        return value

    def refer(self, path: Path_, names: Iterable[Any], known: Container[Any], kind: str) -> None:
        """Note a fault for each name that is not known."""
        for name in names:
            if name not in known:
                self.fail(path, f"there is no {kind} {name}")

    def convert(self, value: Any, type: type[T], path: Path_) -> T | None:
        """``value`` as ``type``; None, and a fault, where it does not fit."""
        try:
            return msgspec.convert(value, type, str_keys=True)
        except msgspec.ValidationError as error:
            found = self._found
            for message in _names_at_fault(value, type):
                self.fail(path, message)
            for part, part_type, step in _parts(value, type):
                self.convert(part, part_type, (*path, step))  # it tells its first fault only; its parts tell theirs
            if self._found == found:
                message, _, where = str(error).partition(" - at ")
                steps = re.findall(r"\.(\w+)|\[(\d+)\]", where)
                self.fail((*path, *(name or int(index) for name, index in steps)), message)
            return None

    def fail(self, path: Path_, message: str) -> None:
        """Note a fault at a path of keys and indexes. Raises :exc:`FixtureError` where there are so many that no
        further one would help."""
        self._found += 1
        if self._found <= _LISTED:
            field = cut(".".join(cut(str(step)) for step in path))
            self.faults.append(Fault(self.name, self._line(path), field, cut(message)))
        elif self._found > _COUNTED:
            raise self._error()

    def check(self) -> None:
        """Raise :exc:`FixtureError` where anything was found."""
        if self.faults:
            raise self._error()

    def _error(self) -> FixtureError:
        more = min(self._found, _COUNTED) - len(self.faults)
        uncounted = "more than " if self._found > _COUNTED else ""
        return FixtureError(self.faults, f"{uncounted}{more:,} more" if more else "")

    def _line(self, _path: Path_) -> int | None:
        return None


# JSON may write one letter as two escapes, which YAML does not; an escaped backslash begins no escape.
_PAIR = re.compile(r"\\\\|\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)


def _joined(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[0]
    return bytes.fromhex(found[1] + found[2]).decode("utf-16-be")


def _names_at_fault(value: Any, type: Any) -> Iterator[str]:
    if not (isinstance(value, dict) and isinstance(type, builtins.type) and issubclass(type, msgspec.Struct)):
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(type)}
    for name, field in fields.items():
        if field.required and name not in value:
            yield f"Object missing required field `{name}`"
    if type.__struct_config__.forbid_unknown_fields:
        for name in value:
            if name not in fields:
                yield f"Object contains unknown field `{name}`"


def _parts(value: Any, type: Any) -> Iterator[tuple[Any, Any, str | int]]:
    """The parts of a value, each with its type and its place."""
    if get_origin(type) is Annotated:
        type = get_args(type)[0]
    inner = get_args(type)
    if isinstance(value, list) and get_origin(type) in (list, tuple):
        yield from ((part, inner[0], index) for index, part in enumerate(value))
    elif isinstance(value, dict) and get_origin(type) is dict:
        yield from ((part, inner[1], str(name)) for name, part in value.items())
    elif isinstance(value, dict) and isinstance(type, builtins.type) and issubclass(type, msgspec.Struct):
        for field in msgspec.structs.fields(type):
            if field.encode_name in value:
                yield value[field.encode_name], field.type, field.encode_name


class YamlFile(Data):
    """The data of a file, whose faults have lines."""

    def __init__(self, path: Path) -> None:
        try:
            self._text = path.read_text(encoding="utf-8")
            if path.suffix == ".json":
                self._text = _PAIR.sub(_joined, self._text)
            data = load_yaml(self._text)
        except (OSError, UnicodeDecodeError) as error:
            raise FixtureError([Fault(str(path), None, "", f"cannot be read: {error}")]) from None
        except YamlError as error:
            raise FixtureError([Fault(path.name, error.line, "", cut(error.problem))]) from None
        super().__init__(data, path.name)

    @cached_property
    def _root(self) -> yaml.Node | None:
        return yaml.compose(self._text, Loader=_Loader)

    def _line(self, path: Path_) -> int:
        """The line of the deepest node on a path that is there."""
        node = self._root
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
