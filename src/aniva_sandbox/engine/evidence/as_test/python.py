"""Python text, laid out as ruff's formatter does it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from unicodedata import combining, east_asian_width

import msgspec

__all__ = ["Code", "call", "code_of", "literal", "with_names", "write"]

_WIDTH: Final = 88
_STEP: Final = 4


class Code(msgspec.Struct, frozen=True):
    """A piece of Python. What is inside brackets is in ``parts``, each with what comes before it, such as ``json=``."""

    opening: str
    """The whole text, if there are no parts."""
    parts: tuple[tuple[str, "Code"], ...] = ()
    closing: str = ""
    is_call: bool = False

    @property
    def flat(self) -> str:
        """The text in one line."""
        return f"{self.opening}{', '.join(lead + part.flat for lead, part in self.parts)}{self.closing}"


def call(name: str, *arguments: Code, **named: Code) -> Code:
    """A call."""
    parts = (*(("", each) for each in arguments), *((f"{name}=", each) for name, each in named.items()))
    return Code(f"{name}(", parts, ")", is_call=True)


def code_of(value: Any, names: Mapping[str, str]) -> Code:
    """A plain value. Texts that ``names`` has are the variables of these names."""
    match value:
        case str():
            return Code(names.get(value) or literal(value))
        case dict():
            return Code("{", tuple((f"{literal(key)}: ", code_of(each, names)) for key, each in value.items()), "}")
        case list():
            return Code("[", tuple(("", code_of(each, names)) for each in value), "]")
        case float():
            return Code(repr(value).replace("e+", "e"))
    return Code(repr(value))


def literal(text: str | bytes) -> str:
    """A text or bytes as a literal, in double quotes if that needs no more escapes than single ones."""
    is_text = isinstance(text, str)
    characters = text if isinstance(text, str) else text.decode("latin-1")
    quote = "'" if characters.count('"') > characters.count("'") else '"'
    body = "".join(_escaped(each, quote, ascii_only=not is_text) for each in characters)
    return f"{'' if is_text else 'b'}{quote}{body}{quote}"


def with_names(parts: Iterable[str], names: Mapping[str, str]) -> str:
    """Texts joined into one literal, in which those that ``names`` has are the variables of these names."""
    parts = list(parts)
    if not any(part in names for part in parts):
        return literal("".join(parts))
    filled = "".join(
        f"{{{names[part]}}}"
        if part in names
        else "".join(_escaped(each, '"') for each in part.replace("{", "{{").replace("}", "}}"))
        for part in parts
    )
    return f'f"{filled}"'


def write(lead: str, code: Code, trail: str = "", indent: int = _STEP) -> list[str]:
    """The lines of a statement, or of a part of one: ``lead`` is what comes before the code in its first line,
    ``trail`` what follows it in the last."""
    flat = f"{lead}{code.flat}{trail}"
    if not code.parts or _width(flat) <= _WIDTH:
        return [flat]
    inner = " " * (indent + _STEP)
    first, last = f"{lead}{code.opening}", f"{' ' * indent}{code.closing}{trail}"
    arguments = f"{inner}{', '.join(before + part.flat for before, part in code.parts)}"
    if code.is_call and _width(arguments) <= _WIDTH:
        return [first, arguments, last]
    lines = [line for before, part in code.parts for line in write(inner + before, part, ",", indent + _STEP)]
    return [first, *lines, last]


def _escaped(character: str, quote: str, *, ascii_only: bool = False) -> str:
    if character in (quote, "\\"):
        return f"\\{character}"
    if character.isprintable() and not (ascii_only and character > "~"):
        return character
    if ascii_only and character > "~":
        return f"\\x{ord(character):02x}"
    return repr(character)[1:-1]


def _width(text: str) -> int:
    """The columns that a text takes."""
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(each) in "WF" else 0 if combining(each) else 1 for each in text)
