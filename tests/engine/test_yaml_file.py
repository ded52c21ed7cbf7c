"""YAML files: faults by file, line and field."""

import tracemalloc
from datetime import date, datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, BinaryIO, Literal, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Meta

from aniva_sandbox.engine import yaml_file, yaml_text
from aniva_sandbox.engine.problems import Data, conversion_problems, write_path
from aniva_sandbox.engine.yaml_file import FixtureError, Problem, YamlFile, load_yaml, read_bounded


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """What the tests read."""

    name: str
    kind: Literal["a", "b"] = "a"
    parts: list[dict[str, int]] = []


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """What they read in lists."""

    x: int
    y: int


TEXT = """\
# A comment.
title: Things
things:
  - name: one
  - name: two
    kind: c
  - name: three
    parts:
      - {x: 1}
      - x: 2
        y: no
"""


def written(tmp_path: Path, text: str) -> Path:
    """A file of this text."""
    path = tmp_path / "things.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path) -> list[Problem]:
    """The faults that opening the file ends in."""
    with pytest.raises(FixtureError) as caught:
        YamlFile(path)
    return caught.value.problems


def test_sound_file(tmp_path: Path) -> None:
    """A file without faults gives its data and its values as types, and the check passes."""
    file = YamlFile(written(tmp_path, TEXT))
    assert file.data["title"] == "Things"
    assert file.convert(file.list_at("things")[0], Entry, ("things", 0)) == Entry("one")
    file.check()


def test_fault_names_file_line_and_field(tmp_path: Path) -> None:
    """A value that does not fit is named by file, line and field, down to the deepest key and index."""
    file = YamlFile(written(tmp_path, TEXT))
    for place, thing in enumerate(file.list_at("things")):
        file.convert(thing, Entry, ("things", place))
    assert [(fault.file, fault.line, fault.field) for fault in file.problems] == [
        ("things.yaml", 6, "things[1].kind"),
        ("things.yaml", 11, "things[2].parts[1].y"),
    ]
    with pytest.raises(FixtureError) as caught:
        file.check()
    assert caught.value.problems == file.problems
    assert str(caught.value).splitlines() == [str(fault) for fault in file.problems]
    assert str(file.problems[0]).startswith("things.yaml:6: things[1].kind: must be one of")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("title",), 2),
        (("nothing",), 1),
        (("things",), 3),
        (("things", 0), 4),
        (("things", 1), 5),
        (("things", 1, "kind"), 6),
        (("things", 1, "nothing"), 5),
        (("things", 9, "name"), 3),
        (("things", 2, "parts", 1, "y"), 11),
        (("things", 2, "parts", 1, "y", "deeper"), 11),
    ],
)
def test_lines(tmp_path: Path, path: tuple[str | int, ...], line: int) -> None:
    """A path leads to the line of its deepest node that is there."""
    file = YamlFile(written(tmp_path, TEXT))
    file.fail(path, "is wrong")
    assert file.problems == [Problem("things.yaml", line, write_path(path), "is wrong")]


def test_fault_of_the_whole_file() -> None:
    """A fault without a field is told of the file."""
    assert str(Problem("x.yaml", 1, "", "is wrong")) == "x.yaml:1: the file: is wrong"


@pytest.mark.parametrize("text", ["title: 1", "things: {a: b}", "things: null", "things: text", "[]", ""])
def test_what_is_no_list_reads_as_empty(tmp_path: Path, text: str) -> None:
    """Where a list is asked for, anything else is a fault and reads as empty."""
    file = YamlFile(written(tmp_path, text))
    assert file.list_at("things") == []
    assert [str(fault) for fault in file.problems] == ["things.yaml:1: things: must be a list"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a: the key 'a' appears twice"),
        ("a:\n  b: 1\n  b: 1\n", 3, "a.b: the key 'b' appears twice"),
        ("a: {b: 1, b: 2}\n", 1, "a.b: the key 'b' appears twice"),
        ("a: [1\nb: 2\n", 2, "expected"),
        ("a: 1\n\tb: 2\n", 2, ""),
        ("a: *nothing\n", 1, "alias"),
        ("a: 1\n---\nb: 1\n", 2, "document"),
        ("a: 1\nb: !!python/object/apply:os.getcwd []\n", 2, "python"),
        ("a: \0\n", 1, "must not contain the character U+0000"),
        ("a: 1\n? [b]\n: 2\n", 2, ""),
        ("a: 1\n? {b: c}\n: 2\n", 2, ""),
    ],
)
def test_broken_files(tmp_path: Path, text: str, line: int, said: str) -> None:
    """A file that is not plain YAML, or holds a key twice, is one problem with its line, told in one line."""
    (fault,) = faults_of(written(tmp_path, text))
    assert (fault.file, fault.line) == ("things.yaml", line)
    assert said in str(fault)
    assert len(str(fault).splitlines()) == 1


def test_same_key_in_two_mappings(tmp_path: Path) -> None:
    """A key may stand in two mappings, and may replace one that was merged in."""
    text = "a: &base {x: 1, y: 2}\nb:\n  <<: *base\n  y: 3\n"
    assert YamlFile(written(tmp_path, text)).data == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}}


def test_unreadable_files(tmp_path: Path) -> None:
    """A file that is missing, or a folder, is one problem that names the path."""
    for path in (tmp_path / "missing.yaml", tmp_path):
        (fault,) = faults_of(path)
        assert fault.file == str(path)
        assert fault.line is None
        assert fault.message.startswith("cannot be read: ")
        assert str(fault) == f"{path}: {fault.message}"


@pytest.mark.parametrize(
    "text", ["2026-04-13", "2026-04-13T08:00:00Z", "2026-04-13 08:00:00", "2026-99-99", "08:00", "12:30", "12:30:45"]
)
def test_dates_and_times_stay_text(text: str) -> None:
    """Dates and times are not read as anything but text."""
    assert load_yaml(f"a: {text}") == {"a": text}


def test_other_plain_values_are_read() -> None:
    """Numbers, booleans and null are what they are in YAML; in quotes they are text."""
    assert load_yaml("[1, 1.5, true, null, ~, '1', \"true\"]") == [1, 1.5, True, None, None, "1", "true"]


def test_every_fault_of_an_entry_is_told(tmp_path: Path) -> None:
    """A value with several faults tells each: unknown and missing names, and every part that does not fit."""
    text = "- {x: one, y: 2}\n- {x: 1, z: 3}\n"
    file = YamlFile(written(tmp_path, text))
    assert file.convert(file.data, list[Part], ()) is None
    assert [(fault.line, fault.field, fault.message) for fault in file.problems] == [
        (1, "[0].x", "must be a whole number"),
        (2, "[1].y", "is required"),
        (2, "[1].z", "is not known"),
    ]


# What is not text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[NO, no, on, off, Yes, y, N]", ["NO", "no", "on", "off", "Yes", "y", "N"]),
        (
            "[12:30, 1:2:3, 1_000, 0o17, 0x1F, 0b11, 012, 01067]",
            [*["12:30", "1:2:3", "1_000", "0o17", "0x1F", "0b11", "012", "01067"]],
        ),
        ("[true, True, TRUE, false, False, FALSE]", [True, True, True, False, False, False]),
        ("[~, null, Null, NULL, ]", [None, None, None, None]),
        ("[0, -1, +1, 1.5, .5, 1., 1e3, -1E-3]", [0, -1, 1, 1.5, 0.5, 1.0, 1000.0, -0.001]),
        ("{2026-04-13: 2026-04-14, =: <<}", {"2026-04-13": "2026-04-14", "=": "<<"}),
        ("{18446744073709551615: -18446744073709551615}", {2**64 - 1: 1 - 2**64}),
        ("!!str 5", "5"),
        ("!!int 5", 5),
        ("", None),
        ("# nothing", None),
    ],
)
def test_plain_values(text: str, value: Any) -> None:
    """Only what YAML 1.2 calls true, false, null or a number is not text: not NO, nor a time or a date."""
    loaded = load_yaml(text)
    assert repr(loaded) == repr(value)


DIGITS = "1" * 5000


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            f"version: {DIGITS}",
            f"1: version: the number '{DIGITS[:59]}…' has too many digits",
        ),
        ("a:\n  - 18446744073709551616", "2: a[0]: the number '18446744073709551616' has too many digits"),
        (f"a: {DIGITS}.0", f"1: a: '{DIGITS[:59]}…' is not a finite number"),
        ("a:\n  b: 1e999", "2: a.b: '1e999' is not a finite number"),
        (f"a: -1e{DIGITS}", f"1: a: '-1e{DIGITS[:56]}…' is not a finite number"),
        ("a: [1, -.inf]", "1: a[1]: '-.inf' is not a finite number"),
        ("a: .NaN", "1: a: '.NaN' is not a finite number"),
        ("a: !!int five", "1: a: is not a value of the type int"),
        ("a: !!float [1]", "1: a: is not a value of the type float"),
        ("a: !!bool NO", "1: a: is not a value of the type bool"),
        ("a: !!timestamp soon", "1: a: the tag '!!timestamp' is not allowed"),
        ("a: !!binary ü", "1: a: the tag '!!binary' is not allowed"),
        ("a: !!map [1]", "1: a: is not a mapping"),
        ("a: !!seq {b: 1}", "1: the file: expected a sequence node"),
        ("a: !!python/name:os.system x", "1: a: the tag '!!python/name:os.system' is not allowed"),
        ("a:\n\t- b", "2: the file: is indented with a tab; use spaces"),
        ("a: 1\n...\n--- b", "3: the file: contains a second document; only one is allowed"),
        ("a:\n  <<: 5", "2: the file: expected a mapping"),
        ('a: "\\ud800"', "1: the file: "),
    ],
)
def test_values_that_cannot_be(tmp_path: Path, text: str, problem: str) -> None:
    """A value that no record can have is one problem, with its line and field, however long it is."""
    (found,) = faults_of(written(tmp_path, text))
    assert str(found).startswith(f"things.yaml:{problem}")
    assert len(str(found)) < 300


def nested(first: str, step: str, times: int) -> str:
    """A text in which each of these lines builds on the one before."""
    return first + "".join(step.format(new=number + 1, old=number) for number in range(times))


TEN = ", ".join(["*x{old}"] * 10)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            nested("x0: &x0 [1]\n", f"x{{new}}: &x{{new}} [{TEN}]\n", 12),
            "7: x6: aliases expand it to more than 1,000,000",
        ),
        (nested("x0: &x0 {a: 1}\n", f"x{{new}}: &x{{new}} {{{{<<: [{TEN}]}}}}\n", 12), "7: x6"),
        (nested("x0: &x0 [1]\n", "x{new}: &x{new} [*x{old}]\n", 5000), "100: x99: is nested more than 100 levels"),
        ("a: &a [*a]", "1: a: contains itself"),
        ("a: 1\nb: &b {c: [*b]}", "2: b: contains itself"),
        ("[" * 100_000, "1: the file: "),
    ],
    ids=["lists", "merges", "depth", "list in itself", "mapping in itself", "brackets"],
)
def test_small_texts_stay_small(tmp_path: Path, text: str, problem: str) -> None:
    """Aliases cannot make a small file large or deep; what they cannot do is told without doing it."""
    path = written(tmp_path, text)
    tracemalloc.start()
    try:
        (found,) = faults_of(path)
        assert tracemalloc.get_traced_memory()[1] < 32 * 1024**2
    finally:
        tracemalloc.stop()
    assert str(found).startswith(f"things.yaml:{problem}")
    assert load_yaml("a: &a [1, 2]\nb: [*a, *a]\nc: {<<: {d: 1}}") == {"a": [1, 2], "b": [[1, 2]] * 2, "c": {"d": 1}}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a: 1".encode("utf-16"), "things.yaml:1: the file: is written in UTF-16; save it as UTF-8"),
        ("a: 1".encode("utf-32"), "things.yaml:1: the file: is written in UTF-32; save it as UTF-8"),
        ("a: 1".encode("utf-16-be"), "things.yaml:1: the file: is written in UTF-16 or UTF-32, or is not text"),
        ("a: 1\nb: Jürgen".encode("latin-1"), "things.yaml:2: the file: is not UTF-8 (byte 0xfc); save it as UTF-8"),
        (b"%PDF-1.7\n\xff\xfe", "things.yaml:2: the file: is not UTF-8 (byte 0xff)"),
        (b"a: 1\nb: \x07", "things.yaml:2: the file: must not contain the character U+0007"),
    ],
)
def test_other_encodings(tmp_path: Path, content: bytes, problem: str) -> None:
    """A file in another encoding, or one that is not text, is one problem that says so."""
    path = tmp_path / "things.yaml"
    path.write_bytes(content)
    (found,) = faults_of(path)
    assert str(found).startswith(problem)


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    """UTF-8 may begin with a byte order mark, as some editors write it; lines may end as on Windows."""
    path = tmp_path / "things.yaml"
    path.write_bytes("a: Jürgen\r\nb: 1\r\n".encode("utf-8-sig"))
    file = YamlFile(path)
    file.fail(("b",), "is wrong")
    assert file.data == {"a": "Jürgen", "b": 1}
    assert [problem.line for problem in file.problems] == [2]


def test_files_have_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is read of a file than one may have."""
    monkeypatch.setattr(yaml_file, "MAX_FILE", 1024**2)
    path = tmp_path / "things.yaml"
    path.write_text(f"a: {'x' * (1024**2 - 3)}", encoding="utf-8")
    assert len(YamlFile(path).data["a"]) == 1024**2 - 3
    path.write_text(f"a: {'x' * 1024**2}", encoding="utf-8")
    assert str(faults_of(path)[0]) == "things.yaml:1: the file: has more than 1 MiB"


def test_a_stream_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a stream without an end no more is read than shows that it is too large."""
    monkeypatch.setattr(yaml_file, "MAX_FILE", 1024**2)
    parts = iter([b"x" * 1024**2] * 2)
    stream = SimpleNamespace(read=lambda size: next(parts)[:size])
    assert len(read_bounded(cast(BinaryIO, stream))) == 2 * 1024**2


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    """What the system says of a file is told as it says it."""
    folder = tmp_path / "folder.yaml"
    folder.mkdir()
    for path, why in ((folder, "Is a directory"), (tmp_path / "no.yaml", "No such file or directory")):
        assert str(faults_of(path)[0]) == f"{path}: cannot be read: {why}"
    assert faults_of(Path("nul\0.yaml"))[0].message.startswith("cannot be read: ")


# How problems are told


@pytest.mark.parametrize(
    ("value", "type", "message"),
    [
        (5, Annotated[str, Meta(max_length=3)], "must be text; put it in quotes"),
        (None, str, "must be text"),
        ([], str, "must be text"),
        ("abcd", Annotated[str, Meta(max_length=3)], "must have at most 3 characters"),
        ("", Annotated[str, Meta(min_length=1)], "must have at least 1 character"),
        ("b", Annotated[str, Meta(pattern="^a$")], "must match ^a$"),
        ("b", Annotated[str, Meta(pattern="^a$", extra_json_schema={"x-hint": "must be a"})] | None, "must be a"),
        ("x", Literal["a", "b"], 'must be one of "a", "b"'),
        ("x", Literal["a", "b"] | None, 'must be one of "a", "b"'),
        (3, Literal[1, 2], "must be one of 1, 2"),
        ("some", Literal["all"] | tuple[str, ...], 'must be "all" or a list'),
        (True, int, "must be a whole number"),
        (1.5, int, "must be a whole number"),
        (0, Annotated[int, Meta(ge=1)], "must be at least 1"),
        (9, Annotated[int, Meta(le=3)], "must be at most 3"),
        (0, Annotated[float, Meta(gt=0)] | None, "must be above 0"),
        (5, Annotated[float, Meta(lt=5)], "must be below 5"),
        ("x", float, "must be a number"),
        ("x", float | str | None, None),
        ({}, float | str, "must be a number or text"),
        ("no", bool, "must be true or false"),
        ("soon", date, "must be a date YYYY-MM-DD"),
        (5, datetime | None, "must be an instant such as 2026-04-13T08:00:00Z"),
        ("10", time, "must be a time such as 10:30:00"),
        (["x"], dict[str, int], "must be a mapping"),
        ([], Entry, "must be a mapping"),
        ({}, list[int], "must be a list"),
        ([], Annotated[list[int], Meta(min_length=2)], "must have at least 2 entries"),
    ],
)
def test_messages(value: Any, type: Any, message: str | None) -> None:
    """A value that does not fit is told what would be right, as requests are; what fits is not told anything."""
    assert list(conversion_problems(value, type)) == ([] if message is None else [((), message)])


@pytest.mark.parametrize(
    ("value", "type", "found"),
    [
        (
            {"nme": "x", "kind": "c", "parts": [{"a": "1"}, 5]},
            Entry,
            [
                *("name is required", 'kind must be one of "a", "b"', "parts[0].a must be a whole number"),
                *("parts[1] must be a mapping", "nme is not known; did you mean name?"),
            ],
        ),
        ({"1": 1, "x": "y"}, dict[int, int], ["x as a key must be a whole number", "x must be a whole number"]),
        ([[1, "a"], ["b", "c"]], list[tuple[int, str]], ["[1][0] must be a whole number"]),
        ({True: 1, None: 2, "name": "x"}, Entry, ["True is not known", "None is not known"]),
    ],
)
def test_every_problem_is_found(value: Any, type: Any, found: list[str]) -> None:
    """Of a value with parts, each part that does not fit is told with its own path."""
    assert [f"{write_path(path)} {message}" for path, message in conversion_problems(value, type)] == found


def test_what_is_repeated_is_bounded() -> None:
    """A message repeats no long or unprintable name whole, and stays on one line."""
    data = Data({}, "x.yaml")
    data.refer(("a\nb" * 1000,), ["n" * 5000, "line\nbreak"], (), "panel")
    assert all(len(str(problem)) < 300 and len(str(problem).splitlines()) == 1 for problem in data.problems)
    assert str(data.problems[0]).startswith("x.yaml: a\\nba\\nb")
    assert data.problems[0].message == f"there is no panel {'n' * 79}…"
    assert data.problems[1].message == "there is no panel line\\nbreak"


def test_many_problems_are_cut_and_counted(tmp_path: Path) -> None:
    """A hundred problems are written out, by line; the rest is counted; of very many, the end is not looked for."""
    file = YamlFile(written(tmp_path, "".join(f"- {number}\n" for number in range(2000))))
    for place in range(101, 0, -1):
        file.fail((place,), "is wrong")
    with pytest.raises(FixtureError) as caught:
        file.check()
    lines = str(caught.value).splitlines()
    assert lines[0] == "things.yaml:2: [1]: is wrong"
    assert lines[99:] == ["things.yaml:101: [100]: is wrong", "things.yaml: and 1 more problem"]
    assert file.convert(file.data, list[str], ()) is None
    with pytest.raises(FixtureError) as caught:
        file.check()
    assert str(caught.value).splitlines()[100:] == ["things.yaml: and at least 900 more problems"]


TOKENS = [
    *(
        "a",
        "b",
        "1",
        "1.0",
        "01",
        "~",
        "null",
        "true",
        "'1'",
        '"x"',
        ".inf",
        "9" * 23,
        "<<",
        "&a ",
        "*a",
        "!!str ",
        "!x ",
    ),
    *(": ", ":\n ", "- ", "\n- ", "\n  ", "\n", "[", "]", "{", "}", ", ", "# c\n", "---\n", "...\n", "|\n  t", "\t"),
]


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=14).map("".join))
def test_the_quick_way_reads_what_the_other_reads(text: str) -> None:
    """Plain texts are read from events, all others by PyYAML's constructors; both give the same data."""
    try:
        quick = yaml_text._plain(text)
    except yaml_text._UncommonError:
        return
    assert repr(quick) == repr(yaml_text._construct(text))


def test_plain_texts_are_read_the_quick_way() -> None:
    """Keys of every type, nested values, comments."""
    text = "# one\n1: {a: [x, 2.5, ~, true], '2': \"b\"}\nc:\n- {}\n- []\n"
    assert yaml_text._plain(text) == {1: {"a": ["x", 2.5, None, True], "2": "b"}, "c": [{}, []]}


@pytest.mark.parametrize(
    "text", ["a: &x 1", "a: !!str 1", "{a: 1, a: 2}", "{1: a, '1': b}", "<<: {a: 1}", "a: [", "? [a]"]
)
def test_other_texts_are_not_read_the_quick_way(text: str) -> None:
    """Anchors, tags, keys that are equal or not text, and errors."""
    with pytest.raises(yaml_text._UncommonError):
        yaml_text._plain(text)
