"""Docstrings that users read, in the documents and in the help of the command line."""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

__all__ = ["docstring"]


def docstring(thing: Any) -> str:
    """The docstring of a class or function, without its indentation; empty where it has none.

    Under ``python -OO``, which strips docstrings, it is read from the source. Raises RuntimeError without a source.
    """
    if thing.__doc__ is None and sys.flags.optimize > 1:
        return _in_source(thing.__module__).get(thing.__qualname__, "")
    return inspect.cleandoc(thing.__doc__ or "")


@cache
def _in_source(module: str) -> dict[str, str]:
    """The docstrings of a module's classes and functions, those inside of functions included, by qualified name."""
    try:
        source = inspect.getsource(sys.modules[module])
    except OSError:
        raise RuntimeError(
            f"Python runs with -OO (PYTHONOPTIMIZE=2), which strips docstrings, and the source of {module} is not "
            "available; use -O, or neither"
        ) from None
    return dict(_docstrings(ast.parse(source), ""))


def _docstrings(parent: ast.AST, prefix: str) -> Iterator[tuple[str, str]]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield prefix + node.name, ast.get_docstring(node) or ""
            inner = "." if isinstance(node, ast.ClassDef) else ".<locals>."
            yield from _docstrings(node, f"{prefix}{node.name}{inner}")
