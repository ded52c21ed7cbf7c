"""The engine doubles any API: it has no word of this one's."""

import io
import re
import tokenize
from pathlib import Path

import pytest

import aniva_sandbox

ENGINE = Path(aniva_sandbox.__file__).parent / "engine"
NOUNS = "appointment shipment biomarker profile location panel laborator courier pickup barcode specimen tube"
WORDS = re.compile(
    rf"(?:{'|'.join(NOUNS.split())})|(?<!im)patient"
    r"|\b(?:lab|labs|gene|genes|genetic|draw|draws|drawn|kit|kits|partner|partners|practice"
    r"|clinic|blood)\b|aniva(?![_-]sandbox)",
    re.IGNORECASE,
)
"""What the API is about, and nothing that an API in general has. The package and its command have their name."""


def words(source: str) -> list[str]:
    """The words of the API in a module, each with its line: in names, texts and comments."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.NAME, tokenize.STRING, tokenize.COMMENT):
            text = token.string.replace("_", " ") if token.type == tokenize.NAME else token.string
            text = "aniva_sandbox" if token.string == "aniva_sandbox" else text
            found += [f"{token.start[0]}: {word[0]}" for word in WORDS.finditer(text)]
    return found


def test_the_engine_has_no_word_of_the_api() -> None:
    """No module of the engine says what the API is about."""
    modules = sorted(ENGINE.rglob("*.py"))
    assert modules
    for path in modules:
        assert words(path.read_text(encoding="utf-8")) == [], path.relative_to(ENGINE)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("shipments = 1", ["1: shipment"]),
        ("x = 1\nlab_order = 2", ["2: lab"]),
        ("# a patient", ["1: patient"]),
        ("text = 'of Aniva'", ["1: Aniva"]),
        ("from aniva_sandbox.engine import world", []),
        ("text = 'run aniva-sandbox serve'", []),
        ("label = collaboration = redraw = 1", []),
        ("text = 'impatient'", []),
    ],
)
def test_the_list_can_find_and_can_pass(source: str, found: list[str]) -> None:
    """Each word is found wherever it is written, and what only looks like one is not."""
    assert words(source) == found
