"""YAML files whose problems have line numbers, and plain data written as YAML."""

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import msgspec

from aniva_sandbox.engine.decoded import UNKNOWN, find_decoded
from aniva_sandbox.engine.problems import Data, FieldPath, FixtureError, Problem

if TYPE_CHECKING:
    from aniva_sandbox.engine.yaml_text import Lines

__all__ = [
    "MAX_FILE",
    "Entry",
    "FixtureError",
    "Problem",
    "YamlError",
    "YamlFile",
    "dump_yaml",
    "load_yaml",
    "read_bounded",
]

MAX_FILE: Final = 128 * 1024 * 1024
"""The maximum size of a file or a snapshot, in bytes."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of a file. Unknown fields are problems."""


class YamlError(ValueError):
    """A text is not valid YAML. ``field`` is empty if it cannot be determined."""

    def __init__(self, line: int, problem: str, field: str = "") -> None:
        super().__init__(f"line {line}: {f'{field}: ' if field else ''}{problem}")
        self.line = line
        self.problem = problem
        self.field = field


def load_yaml(text: str) -> Any:
    """The data of a YAML text: plain values as in YAML 1.2, dates and times as text.

    Raises YamlError with the problem and its line, counted from 1.
    """
    data = find_decoded(text)
    if data is UNKNOWN:
        from aniva_sandbox.engine.yaml_text import parse  # lazy: what ships was decoded before, and needs no parser

        return parse(text)
    return data


def dump_yaml(data: Any) -> str:
    """Plain data as YAML that :func:`load_yaml` and other readers read back as the same data."""
    from aniva_sandbox.engine.yaml_text import dump  # lazy, as above

    return dump(data)


# JSON may write one character as two escapes, YAML may not; an escaped backslash starts no escape.
_PAIR = re.compile(r"\\\\|\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)


def _joined(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[0]
    return bytes.fromhex(found[1] + found[2]).decode("utf-16-be")


class YamlFile(Data):
    """The data of a YAML or JSON file, whose problems have line numbers."""

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        """Read a file, or its ``content`` if that was already read. Raises :exc:`FixtureError`."""
        try:
            if content is None:
                with path.open("rb") as file:
                    content = read_bounded(file)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise FixtureError([Problem(str(path), None, "", f"cannot be read: {why}")]) from None
        try:
            self._text = _decoded(content)
            if path.suffix.lower() == ".json" or self._text.lstrip().startswith("{"):
                self._text = _PAIR.sub(_joined, self._text)
            data = load_yaml(self._text)
        except YamlError as error:
            raise FixtureError([Problem(path.name, error.line, error.field, error.problem)]) from None
        super().__init__(data, path.name)

    @cached_property
    def _lines(self) -> "Lines":
        from aniva_sandbox.engine.yaml_text import Lines  # lazy, as above

        return Lines(self._text)

    def _line(self, path: FieldPath) -> int:
        """The line of the deepest existing node on a path."""
        return self._lines.find(path)


def read_bounded(stream: BinaryIO) -> bytes:
    """The content of a stream. Stops reading soon after :data:`MAX_FILE` bytes."""
    content = bytearray()
    while len(content) <= MAX_FILE and (part := stream.read(1024**2)):
        content += part
    return bytes(content)


_MARKS: Final = {
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def _decoded(content: bytes) -> str:
    """The content of a file as text, without a byte order mark. Raises YamlError."""
    if len(content) > MAX_FILE:
        raise YamlError(1, f"has more than {MAX_FILE // 1024**2} MiB")
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            raise YamlError(1, f"is written in {name}; save it as UTF-8")
    if b"\0" in content[:2]:
        raise YamlError(1, "is written in UTF-16 or UTF-32, or is not text; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise YamlError(line, f"is not UTF-8 (byte 0x{content[error.start]:02x}); save it as UTF-8") from None
