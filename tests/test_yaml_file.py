"""YAML files: faults by file, line and field."""

from pathlib import Path
from typing import Literal

import msgspec
import pytest

from aniva_sandbox.problems import write_path
from aniva_sandbox.yaml_file import FixtureError, Problem, YamlFile, load_yaml


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
        ("a: \0\n", 1, "must not hold the character U+0000"),
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
