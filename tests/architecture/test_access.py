"""Who decides that a record does not exist, or lies outside the access context: one module of the API."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import aniva_sandbox

API = Path(aniva_sandbox.__file__).parent / "api"
HOME = "access.py"

BODY = "FORBIDDEN"
"""The one body of every 403."""
RULES = frozenset({"AUTH_CONTEXT", "PATH_UNKNOWN", "LOCATION_ACTIVE", "CATALOGUE_ARCHIVED"})
"""Rules through which only the home refuses."""
CONTEXT = frozenset({"profile_groups", "location_groups", "panels"})
"""What an access context is made of."""


def faults(source: str) -> list[str]:
    """Where a module decides what the home decides."""
    return [f"{node.lineno}: {what}" for node, what in sorted(_faults(ast.parse(source)), key=lambda at: at[0].lineno)]


def _faults(tree: ast.AST) -> Iterator[tuple[ast.expr | ast.alias, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.alias) and node.name == BODY:
            yield node, f"imports {BODY}"
        elif isinstance(node, ast.Attribute) and node.attr == BODY:
            yield node, f"reads {BODY}"
        elif isinstance(node, ast.Attribute) and node.attr in ("refuse", "refusal") and _last(node.value) in RULES:
            yield node, f"refuses through {_last(node.value)}"
        elif isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                if isinstance(side, ast.Attribute) and side.attr in CONTEXT and _last(side.value) == "access":
                    yield node, f"compares with access.{side.attr}"


def _last(node: ast.expr) -> str:
    """The name that an expression ends with."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


MODULES = sorted(path for path in API.rglob("*.py") if path != API / HOME)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(API).as_posix())
def test_access_is_decided_in_one_place(path: Path) -> None:
    """No other module of the API refuses what is missing or outside the context, or compares with the context."""
    assert faults(path.read_text(encoding="utf-8")) == []


def test_the_place_decides_it() -> None:
    """The home does all of it, so that the check looks for what there is."""
    found = {fault.partition(": ")[2] for fault in faults((API / HOME).read_text(encoding="utf-8"))}
    assert found == {
        f"imports {BODY}",
        "refuses through PATH_UNKNOWN",
        "refuses through CATALOGUE_ARCHIVED",
        *(f"compares with access.{name}" for name in CONTEXT),
    }


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        pytest.param("from x import FORBIDDEN as text", "1: imports FORBIDDEN", id="imported"),
        pytest.param("import x\nx.FORBIDDEN", "2: reads FORBIDDEN", id="read"),
        pytest.param("AUTH_CONTEXT.refuse(text)", "1: refuses through AUTH_CONTEXT", id="refused"),
        pytest.param("raise rules.PATH_UNKNOWN.refusal(text)", "1: refuses through PATH_UNKNOWN", id="raised"),
        pytest.param("group in call.access.profile_groups", "1: compares with access.profile_groups", id="in"),
        pytest.param("x = access.panels >= wanted", "1: compares with access.panels", id="at least"),
    ],
)
def test_the_check_can_fail(source: str, fault: str) -> None:
    """Each thing that is forbidden is found, at its line."""
    assert faults(source) == [fault]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("operation(refuses=(PATH_UNKNOWN, AUTH_CONTEXT))", id="declared"),
        pytest.param("refer(access.profile_groups, ids)", id="passed on"),
        pytest.param("slug in world.profile_groups", id="groups of a world"),
        pytest.param("id in appointment.panels", id="panels of an appointment"),
    ],
)
def test_the_check_can_pass(source: str) -> None:
    """What looks alike is taken."""
    assert faults(source) == []
