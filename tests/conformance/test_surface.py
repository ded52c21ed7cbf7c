"""What of Schemathesis the conformance check builds on: its documented names, so that any 4.x will do."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import aniva_sandbox.conformance

DOCUMENTED: dict[str, set[str] | None] = {
    "schemathesis": None,
    "schemathesis.openapi": None,
    "schemathesis.errors": None,
    "schemathesis.engine": {"Status", "events", "from_schema"},
}
"""The public modules, with their names; None where the module lists them itself, in ``__all__``. The guide on command
line extensions names those of the engine, but for ``from_schema``, without which no program can run Schemathesis."""

MODULES = sorted(Path(aniva_sandbox.conformance.__file__).parent.glob("*.py"))


def imported(module: Path) -> Iterator[tuple[str, str | None]]:
    """The modules of Schemathesis that a module imports, and the names that it takes from them."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from ((node.module, alias.name) for alias in node.names)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_only_documented_names_are_imported(module: Path) -> None:
    """Every import from Schemathesis is of a public module and a name that it documents."""
    for source, name in imported(module):
        if source.partition(".")[0] != "schemathesis":
            continue
        assert source in DOCUMENTED, f"{source} is no public module"
        names = DOCUMENTED[source] or set(import_module(source).__all__)
        assert name is None or name in names, f"{source} does not document {name}"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_only_documented_names_are_reached(module: Path) -> None:
    """Every name that is looked up in Schemathesis by its full path is documented too, and no attribute of its objects
    is private or kept for its own checks."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        path = ast.unparse(node.value)
        assert node.attr != "internals"
        if path != "self":
            assert not node.attr.startswith("_") or node.attr.endswith("__"), f"{path}.{node.attr} is private"
        if path in DOCUMENTED:
            assert node.attr in (DOCUMENTED[path] or import_module(path).__all__), f"{path}.{node.attr}"


def test_some_names_are_imported() -> None:
    """The tests above look where there is something to see."""
    assert {source for module in MODULES for source, _name in imported(module)} >= set(DOCUMENTED) - {
        "schemathesis.openapi"
    }
