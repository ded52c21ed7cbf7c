"""Bodies with a name that stands twice or a NUL in a text: what is quick to look for is what there is."""

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from aniva_sandbox.engine.contract import api, bodies
from aniva_sandbox.engine.contract.checks import Check

ANY_OBJECT = Check({"type": "object"}, {}, strict_formats=True)

NAMES = ['"a"', r'"\u0061"', '"b"', '""', r'"a\":"', '":"', r'"\\"', r'"\u0000"', r'"\\u0000"', '"c"', '"d"']
TEXTS = [
    r'"\":"',
    r'"\\"',
    '" : "',
    r'"{\"a\" : 1}"',
    r'"\u0000"',
    r'"\\u0000"',
    r'"\\\u0000"',
    '"u0000"',
    "1",
    "-0.0",
    "null",
]
SPACE = st.sampled_from(["", "", " ", "\t\r\n "])

values = st.recursive(
    st.sampled_from(TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]"),
        st.deferred(lambda: objects_of(inner)),
    ),
    max_leaves=6,
)


def objects_of(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """JSON objects as texts, with values of a kind."""
    fields = st.tuples(st.sampled_from(NAMES), SPACE, SPACE, inner).map(lambda f: f"{f[0]}{f[1]}:{f[2]}{f[3]}")
    return st.lists(fields, max_size=4).map(lambda fields: f"{{{','.join(fields)}}}")


def faults(text: str) -> tuple[bool, bool]:
    """Whether a name stands twice in an object of a JSON text, and whether a text in it has a NUL: looked for without
    any shortcut."""
    repeated = nul = False

    def look(pairs: list[tuple[str, Any]]) -> list[Any]:
        nonlocal repeated
        names = [name for name, _ in pairs]
        repeated |= len(set(names)) < len(names)
        return [part for pair in pairs for part in pair]

    pending = [json.loads(text, object_pairs_hook=look)]
    while pending:
        part = pending.pop()
        if isinstance(part, list):
            pending += part
        nul |= isinstance(part, str) and "\0" in part
    return repeated, nul


@settings(max_examples=130, derandomize=True, deadline=None, database=None)
@given(text=objects_of(values))
@example('{"a":1,"a" :1}')
@example(r'{"a":"\":","a":1}')
@example(r'{"a":"\"", "b":[{"c" :1, "c": 2}]}')
@example('{"a":{"a":{"a":1}}}')
def test_shortcuts_find_what_there_is(text: str) -> None:
    """A body is refused exactly if an object in it has a name twice, or a text a NUL."""
    repeated, nul = faults(text)
    _, violations = bodies.read_body(ANY_OBJECT, text.encode(), api.JSON)
    assert [violation.keyword for violation in violations][:1] == (["type"] if repeated else ["nul"] if nul else [])


@given(body=st.recursive(st.none() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)))
@settings(max_examples=50, derandomize=True, deadline=None, database=None)
def test_what_is_sound_is_taken(body: Any) -> None:
    """What an encoder writes of any value has each name once, and is refused for a NUL only."""
    text = json.dumps({"a": body})
    _, violations = bodies.read_body(ANY_OBJECT, text.encode(), api.JSON)
    assert bool(violations) == faults(text)[1]
