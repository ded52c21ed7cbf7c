"""Docstrings that users read, in the documents and in the help of the command line."""

import ast
import inspect
import sys
from functools import cache
from typing import Any

__all__ = ["docstring"]


def docstring(thing: Any) -> str:
    """The docstring of a class or function of a module, without its indentation; empty if it has none.

    Under ``python -OO``, which strips docstrings, it is read from the source. Raises RuntimeError without a source.
    """
    if thing.__doc__ is None and sys.flags.optimize > 1:
        return _in_source(thing.__module__).get(thing.__qualname__, "")
    return inspect.cleandoc(thing.__doc__ or "")


@cache
def _in_source(module: str) -> dict[str, str]:
    """The docstrings of a module's classes and functions, by name."""
    try:
        source = inspect.getsource(sys.modules[module])
    except OSError:
        raise RuntimeError(
            f"Python runs with -OO (PYTHONOPTIMIZE=2), which strips docstrings, and the source of {module} is not "
            "available; use -O, or neither"
        ) from None
    return {
        node.name: ast.get_docstring(node) or ""
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
