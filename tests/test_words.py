"""The English of texts that users see: phrases that may not come back."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

import aniva_sandbox
from aniva_sandbox import guide
from aniva_sandbox.api import partner
from aniva_sandbox.api.app import build_control_api
from aniva_sandbox.api.control import CONTROL
from aniva_sandbox.cli import main
from aniva_sandbox.engine.contract.document import build_document

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path(aniva_sandbox.__file__).parent

PHRASES = {
    "is no": re.compile(r"(?<!there )\b(?:is|are|was|were) no\b(?! (?:longer|more|less|later))", re.IGNORECASE),
    "so many": re.compile(r"\bso (?:many|long|much)\b(?! (?:as|that))", re.IGNORECASE),
    "stand": re.compile(r"\b(?:stands?|stood)\b", re.IGNORECASE),
    "tell": re.compile(r"\b(?:tells?|told)\b", re.IGNORECASE),
    "answer": re.compile(r"\banswer(?:s|ed|ing)?\b", re.IGNORECASE),
    "at fault": re.compile(r"\bat fault\b", re.IGNORECASE),
    "who asks": re.compile(r"\b(?:whoever|who asks)\b", re.IGNORECASE),
    "for another": re.compile(r"\b(?:goes|go|went) for (?:an|a further|a new )", re.IGNORECASE),
    "of its own": re.compile(r"\b(?:an? \w+|[a-z]+s) of its own\b", re.IGNORECASE),
    "beside": re.compile(r"\bbeside\b", re.IGNORECASE),
    "further one": re.compile(r"\bfurther one\b", re.IGNORECASE),
    "lie": re.compile(r"\b(?:lies|must lie)\b", re.IGNORECASE),
    "from then on": re.compile(r"\bfrom then on\b", re.IGNORECASE),
    "to come": re.compile(r"\b(?:events|time|results|still) to come\b", re.IGNORECASE),
    "hear of": re.compile(r"\bhears? of\b", re.IGNORECASE),
    "but for": re.compile(r"\bbut for\b", re.IGNORECASE),
    "taken": re.compile(r"\b(?:is|are) taken (?:as|for|where\w*|only)\b", re.IGNORECASE),
    "want": re.compile(r"\bwants\b", re.IGNORECASE),
    "had to go": re.compile(r"\bha[sd] to go\b", re.IGNORECASE),
    "where there is": re.compile(r"\bwhere there (?:is|are) (?:one|none|no others)\b", re.IGNORECASE),
}
"""Phrases of an earlier, stilted English, by name."""

EXCEPTIONS: dict[str, frozenset[str]] = {
    "answer": frozenset({"--link-answer"}),
}
"""What a phrase may still be part of, by its name: a text is searched without these, which are matched exactly."""

CODE = re.compile(r"(`+)[^`]+\1")
"""Code in a text, which names what it names."""


class Text(NamedTuple):
    """A text, where it is, and the module or document that it belongs to."""

    owner: str
    place: str
    text: str


def rules() -> Iterator[Text]:
    """What the ledger says."""
    for rule in CONTROL.ledger:
        for part in ("sentence", "source", "pervasive"):
            yield Text("rules", f"{rule.id}.{part}", getattr(rule, part))


def documents() -> Iterator[Text]:
    """What the documents say of the APIs."""
    for name, document in (
        ("openapi.yaml", build_document(partner.CONTRACT)),
        ("openapi.json", build_control_api().document),
    ):
        yield from described(name, "", document)


def described(name: str, place: str, part: Any) -> Iterator[Text]:
    """The descriptions, summaries and hints in a part of a document."""
    if isinstance(part, list):
        part = dict(enumerate(part))
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("description", "summary", "x-hint", "title") and isinstance(value, str):
                yield Text(name, f"{place}/{key}", value)
            elif key not in ("example", "examples"):
                yield from described(name, f"{place}/{key}", value)


def helps() -> Iterator[Text]:
    """What `--help` prints, of every command."""
    pending: list[tuple[str, click.Command]] = [("aniva-sandbox", main)]
    while pending:
        name, command = pending.pop()
        context = click.Context(command, info_name=name, **command.context_settings)
        if isinstance(command, click.Group):
            for each in command.list_commands(context):
                inner = command.get_command(context, each)
                assert inner is not None
                pending.append((f"{name} {each}", inner))
        yield Text("cli", f"{name} --help", command.get_help(context))


def pages() -> Iterator[Text]:
    """The prose of the README and the guide."""
    texts = {"README.md": (ROOT / "README.md").read_text(encoding="utf-8")}
    texts |= {f"guide/{name}.md": guide.read(name) for name in guide.NAMES}
    for name, text in texts.items():
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        for paragraph in prose.split("\n\n"):
            yield Text("guide", name, paragraph)


@cache
def literals() -> list[Text]:
    """The string literals of the source that people read, and the docstrings of its public names."""
    return list(_literals())


def _literals() -> Iterator[Text]:
    for path in sorted(SOURCE.rglob("*.py")):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        yield from literals_in(module, path.read_text(encoding="utf-8"))


def scripts() -> Iterator[Text]:
    """What the pages say: the text, attributes and messages in their scripts, and the comments there."""
    for path in sorted((SOURCE / "engine" / "pages").rglob("*.js")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for text in re.split(r"[<>{}]|&&|[?:;] ", line):
                if len(text.split()) > 2:
                    yield Text("pages", f"{path.name}:{number}", text.strip())


def literals_in(module: str, source: str) -> Iterator[Text]:
    """The messages and public docstrings of a module."""
    tree = ast.parse(source)
    private = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name.startswith("_")
        if node.name != "__init__"
        for child in docstrings(node)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and " " in node.value.strip()
            and node not in private
        ):
            yield Text(module, f"{module}:{node.lineno}", node.value)


def docstrings(node: ast.AST) -> Iterator[ast.expr]:
    """The texts within a class or function that are statements by themselves."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant):
            yield inner.value


def found(text: str) -> list[str]:
    """The names of the phrases in a text."""
    text = " ".join(CODE.sub("``", text).split())
    names = []
    for name, phrase in PHRASES.items():
        rest = text
        for exception in EXCEPTIONS.get(name, ()):
            rest = rest.replace(exception, "")
        if phrase.search(rest):
            names.append(name)
    return names


@pytest.mark.parametrize("texts", [rules, documents, helps, pages, scripts, literals], ids=lambda texts: texts.__name__)
def test_no_phrase_came_back(texts: Any) -> None:
    """No text that users see has one of the phrases."""
    findings = [
        f"{text.place}: {', '.join(names)}: {' '.join(text.text.split())[:160]}"
        for text in texts()
        if (names := found(text.text))
    ]
    assert not findings, "\n" + "\n".join(findings)


def test_every_kind_of_text_is_there() -> None:
    """No source of texts is empty, so that none passes for want of texts."""
    for texts in (rules, documents, helps, pages, scripts, literals):
        assert len(list(texts())) > 5, texts.__name__


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("it is no JSON", ["is no"]),
        ("There is no way", []),
        ("it is no longer listed, and there is no such path", []),
        ("so many of them", ["so many"]),
        ("not so long as it runs", []),
        ("stands\n    twice", ["stand"]),
        ("the standard answer", ["answer"]),
        ("what `--link-answer list` returns", []),
        ("HEAD is taken wherever GET is", ["taken"]),
        ("book a slot that is taken", []),
        ("beside the point, and besides", ["beside"]),
    ],
)
def test_the_list_can_find_and_can_pass(text: str, names: list[str]) -> None:
    """Each phrase is found across line ends, and what only looks like one is not."""
    assert found(text) == names


def test_what_people_read_is_told_from_what_they_do_not() -> None:
    """Messages anywhere and public docstrings count; docstrings of private names and names without a space do not."""
    source = '"""A module."""\nX = 1\n"""An X."""\ndef f():\n    """Does f."""\n    raise E("not an f")\n'
    source += 'def _g():\n    """Does g."""\n    return "a g", "g"\n'
    assert [text.text for text in literals_in("m", source)] == ["A module.", "An X.", "Does f.", "not an f", "a g"]
