"""The ledger: every rule is whole, told in a document, proven by a test, and noted where a call relies on it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest

import aniva_sandbox
from aniva_sandbox.api.control import CONTROL as PLANE
from aniva_sandbox.engine.contract.document import load_document
from aniva_sandbox.engine.contract.rules import Basis, Kind, Rule
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.files import find_file
from tests.support import CONTROL

TESTS = Path(__file__).parent
SOURCE = Path(aniva_sandbox.__file__).parent
NOT_OF_AN_OPERATION = {
    *("http.not-found", "http.method"),
    *("http.head", "http.host", "http.memory", "http.shutdown", "http.syntax", "http.timeout"),
    *("store.differs", "store.full", "store.loading", "store.read-only", "store.refused"),
    *("store.unconfirmed", "store.version"),
}
"""Rules that refuse before it is known which operation is meant, or whatever it is."""


def marked(source: str) -> Iterator[tuple[int, str]]:
    """The ids in the rule marks of a test file, with their lines. Fails on one that is not written out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("pytest.mark.rule", "mark.rule"):
            for argument in node.args:
                assert isinstance(argument, ast.Constant), f"line {node.lineno}: an id that is not written out"
                assert isinstance(argument.value, str), f"line {node.lineno}: an id that is no text"
                yield node.lineno, argument.value


@cache
def proofs() -> dict[str, list[str]]:
    """The places that mark each rule."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        source = path.read_text(encoding="utf-8")
        for line, id in marked(source) if "mark.rule" in source else ():
            found.setdefault(id, []).append(f"{path.relative_to(TESTS)}:{line}")
    return found


def told(document: dict[str, Any]) -> set[str]:
    """The rules that the responses of a document's operations list."""
    rules: set[str] = set()
    for item in document["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                name = response.get("$ref", "").rpartition("/")[2]
                rules.update((document["components"]["responses"][name] if name else response).get("x-rules", ()))
    return rules


def descriptions(part: Any) -> Iterator[str]:
    """All descriptions in a document."""
    if isinstance(part, dict):
        if isinstance(part.get("description"), str):
            yield part["description"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from descriptions(each)


def constant(rule: Rule) -> str:
    """The name of a rule in the code."""
    return re.sub("[./-]", "_", rule.id).upper()


@cache
def leaned_on() -> set[str]:
    """The names of the rules on which the code lets calls lean: in ``lean_on(NAME)`` and in ``leans_on``."""
    found: set[str] = set()
    for path in sorted(SOURCE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if Trace.lean_on.__name__ not in source and "leans_on" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            parts: list[ast.expr] = []
            if isinstance(node, ast.Call):
                parts = [keyword.value for keyword in node.keywords if keyword.arg == "leans_on"]
                if ast.unparse(node.func).endswith(f".{Trace.lean_on.__name__}"):
                    parts += node.args
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "leans_on":
                parts = [node.value]
            found.update(name.id for part in parts for name in ast.walk(part) if isinstance(name, ast.Name))
    return found


DESCRIPTIONS = "\n".join(descriptions(load_document(find_file("openapi.yaml"))))
TOLD = {
    "openapi.yaml": told(load_document(find_file("openapi.yaml"))),
    "the control document": told(CONTROL.document),
}


def test_every_rule_is_proven() -> None:
    """Every rule is marked by at least one test."""
    assert [rule.id for rule in PLANE.ledger if rule.id not in proofs()] == []


def test_marks_name_rules_that_there_are() -> None:
    """No test marks a rule that the ledger does not have."""
    assert {id: places for id, places in proofs().items() if id not in PLANE.ledger} == {}


def test_every_rule_is_whole() -> None:
    """A rule has an id in small letters, one or more sentences, a basis and a source."""
    for rule in PLANE.ledger:
        assert re.fullmatch(r"[a-z]+(\.[a-z]+(-[a-z]+)*)?(/[a-z]+(-[a-z]+)*)?", rule.id), rule
        assert "." in rule.id or rule.id == "atomic", rule
        assert rule.sentence.endswith("."), rule
        assert rule.sentence == " ".join(rule.sentence.split()), rule
        assert rule.basis in get_args(Basis), rule
        assert rule.source.strip(), rule
        assert rule.pervasive == "" or rule.pervasive.endswith("."), rule


def test_sources_name_the_page() -> None:
    """A source says which page it means."""
    vague = re.compile(r"pages? of the|operation's page|page on ")
    assert [rule.id for rule in PLANE.ledger if vague.search(rule.source)] == []


def test_conflicts_name_both_sides() -> None:
    """Where pages disagree, the source says what each of them has."""
    conflicts = [rule for rule in PLANE.ledger if rule.basis == "conflict"]
    assert conflicts
    assert [rule.id for rule in conflicts if not re.search("[:;] .", rule.source)] == []


def test_clauses_are_parts_of_rules() -> None:
    """A clause stands behind its rule, or behind another clause of it, and has a basis that differs."""
    clauses = 0
    for before, rule in pairwise(PLANE.ledger):
        if rule.whole:
            clauses += 1
            assert rule.whole in (before.id, before.whole), rule
            assert rule in PLANE.ledger.clauses(PLANE.ledger[rule.whole]), rule
            assert rule.basis in ("assumed", "conflict"), rule
    assert clauses == sum(bool(rule.whole) for rule in PLANE.ledger) > 0


def test_reliance_is_noted() -> None:
    """An undocumented rule or clause refuses, or calls lean on it, or it says why no single call relies on it."""
    for rule in PLANE.ledger:
        is_noted = bool(rule.statuses) or constant(rule) in leaned_on()
        assert rule.is_settled or is_noted != bool(rule.pervasive), rule


def test_calls_lean_on_undocumented_rules_only() -> None:
    """No call is said to rely on a rule that is documented."""
    settled = {constant(rule) for rule in PLANE.ledger if rule.is_settled}
    assert leaned_on() & settled == set()


def test_only_what_answers_400_has_a_kind() -> None:
    """A rule that answers 400 is a format or a domain rule; every other one is neither."""
    for rule in PLANE.ledger:
        assert (rule.kind is not None) == (400 in rule.statuses), rule
        assert rule.kind is None or rule.kind in get_args(Kind), rule


def test_statuses_are_refusals() -> None:
    """What a rule refuses with is an error status, each once; and never 401, which the partner API does not have."""
    for rule in PLANE.ledger:
        assert all(400 <= status < 600 for status in rule.statuses), rule
        assert 401 not in rule.statuses or rule.basis == "sandbox", rule
        assert len(set(rule.statuses)) == len(rule.statuses), rule


def test_every_refusing_rule_is_told() -> None:
    """A rule that refuses is listed by the responses of at least one operation, unless it refuses before there is
    one."""
    for rule in PLANE.ledger:
        place = "the control document" if rule.basis == "sandbox" else "openapi.yaml"
        assert not rule.statuses or (rule.id in TOLD[place]) != (rule.id in NOT_OF_AN_OPERATION), rule


def test_the_reference_shows_every_rule() -> None:
    """The description of a response, of an operation or of the API shows each rule and clause, with its basis."""
    shown = [rule for rule in PLANE.ledger if rule.basis != "sandbox"]
    missing = [rule.id for rule in shown if f"- `{rule.id}` ({rule.basis}): {rule.sentence}" not in DESCRIPTIONS]
    assert missing == []


@pytest.mark.parametrize("place", list(TOLD))
def test_documents_tell_no_other_rules(place: str) -> None:
    """The documents list only rules of the ledger, and only those that refuse."""
    assert {id for id in TOLD[place] if id not in PLANE.ledger or not PLANE.ledger[id].statuses} == set()


# The scan itself


@pytest.mark.parametrize(
    ("source", "ids"),
    [
        ("@pytest.mark.rule('a.b', 'c')\ndef test(): pass", ["a.b", "c"]),
        ("pytestmark = pytest.mark.rule('a')", ["a"]),
        ("x = [pytest.param(1, marks=pytest.mark.rule('a'))]", ["a"]),
        ("@pytest.mark.rule()\ndef test(): pass", []),
        ("@pytest.mark.other('a')\ndef test(): pass", []),
        ("# @pytest.mark.rule('a')", []),
    ],
)
def test_marks_are_found(source: str, ids: list[str]) -> None:
    """Every id of every rule mark is found, and nothing else."""
    assert [id for _line, id in marked(source)] == ids


def test_marks_must_be_written_out() -> None:
    """An id that cannot be read from the source is told, so that no mark is lost."""
    with pytest.raises(AssertionError, match="not written out"):
        list(marked("@pytest.mark.rule(*IDS)\ndef test(): pass"))
