"""A name that stands twice in an object is found, however the JSON is written."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aniva_sandbox.engine.contract import bodies
from aniva_sandbox.engine.contract.bodies import read_body
from aniva_sandbox.engine.contract.checks import Checks

ANYTHING = Checks({}).compiled({"type": "object"}, strict_formats=True)
TEXTS = st.sampled_from(["a", "b", 'a":', '" :', ":", '\\":', "10:30", ""])
BLANKS = st.text(" \t\r\n", max_size=2)


@st.composite
def written(draw: st.DrawFn, depth: int = 0) -> tuple[str, bool]:
    """An object as JSON, and whether a name stands twice in it or in an object inside it."""
    names = draw(st.lists(TEXTS, max_size=4))
    is_double = len(set(names)) < len(names)
    fields = []
    for name in names:
        value = json.dumps(draw(TEXTS))
        if depth < 2 and draw(st.booleans()):
            value, within = draw(written(depth + 1))
            is_double |= within
        before, after = draw(BLANKS), draw(BLANKS)
        fields.append(f"{before}{json.dumps(name)}{after}:{draw(BLANKS)}{value}{draw(BLANKS)}")
    return f"{{{','.join(fields)}}}", is_double


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(written())
def test_a_name_that_stands_twice_is_found(example: tuple[str, bool]) -> None:
    """Names are counted by their colons, or where a blank may be before one, by a pattern: both find the same."""
    text, is_double = example
    quick = _faults(text)
    assert bool(quick) == is_double
    count, bodies._has_blank_colons = bodies._has_blank_colons, lambda _body: True
    try:
        assert _faults(text) == quick
    finally:
        bodies._has_blank_colons = count


def _faults(text: str) -> list[Any]:
    return [violation.detail for violation in read_body(ANYTHING, text.encode(), "application/json")[1]]
