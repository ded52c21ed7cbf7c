"""Python text is laid out as ruff's formatter does it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.engine.evidence.as_test.python import Code, call, code_of, literal, with_names, write

VALUES: list[Any] = [
    None,
    True,
    [],
    {},
    "",
    "it's",
    'a "quoted" text',
    "both ' and \"",
    "\\ \n\t\0 ü 漢字 \u202e e\u0301 🙂",
    0,
    -7,
    10**20,
    1.5,
    1e16,
    1e-7,
    -0.0,
    [1, 2, 3],
    ["x" * 30] * 4,
    [["x" * 40, "y" * 40], []],
    {"a": 1},
    {"a": {"b": {"c": ["x" * 50, {"d": "y" * 20}]}}},
    {"name": "z" * 120, "more": ["漢" * 30, "字" * 10]},
    {"it's": ['"'], "": None},
]


def statements() -> Iterator[str]:
    """Statements of every length."""
    for place, value in enumerate(VALUES):
        for length in range(1, 60, 3):
            name = "n" * length
            if isinstance(value, list | dict):  # others are written in calls only
                yield "\n".join(write(f"{name} = ", code_of(value, {}), indent=0))
            yield "\n".join(
                write(f"{name} = ", call("client.get", Code(literal("/" * place)), json=code_of(value, {})), indent=0)
            )
    for length in range(60, 95):
        yield "\n".join(write("", call("@mark", clock=Code(literal("x" * length))), indent=0)) + "\ndef f():\n    pass"
        yield "\n".join(write("x = ", call("f", Code(literal("x" * length))), indent=0))


def test_ruff_finds_nothing_to_do(tmp_path: Path) -> None:
    """Values of all kinds, in lines of every length, stay as they are; and they are the values."""
    file = tmp_path / "written.py"
    file.write_text("\n".join(statements()) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", "--target-version", "py311", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    changed = [
        line
        for line in done.stdout.splitlines()
        if line[:1] in "+-" and line[1:].strip() and line[:3] not in ("+++", "---")
    ]
    assert changed == []


@pytest.mark.parametrize("value", VALUES)
def test_values_are_what_they_were(value: Any) -> None:
    """The text of a value is that value, in one line or in several."""
    assert ast.literal_eval(code_of(value, {}).flat) == value
    assert ast.literal_eval("\n".join(write("", code_of(value, {}), indent=0))) == value


@pytest.mark.parametrize("content", [b"", b'{"a":', b"\xff'\"\\\n\x7f"])
def test_bytes_are_what_they_were(content: bytes) -> None:
    """So is that of bytes."""
    assert ast.literal_eval(literal(content)) == content


def test_variables_take_the_place_of_texts() -> None:
    """A value that has a name is the variable; in a longer text, only whole parts are."""
    names = {"0b5e": "task"}
    assert code_of({"id": "0b5e", "ids": ["0b5e", "0b5e1"]}, names).flat == '{"id": task, "ids": [task, "0b5e1"]}'
    assert with_names(["/tasks/", "0b5e", '/{x}"'], names) == 'f"/tasks/{task}/{{x}}\\""'
    assert with_names(["/tasks/", "{x}"], names) == '"/tasks/{x}"'
