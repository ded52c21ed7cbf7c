"""Files are written as a whole, or not at all."""

import os
from pathlib import Path

import pytest

from aniva_sandbox.engine.whole_file import write_whole


def test_a_file_is_replaced_and_its_neighbours_stay(tmp_path: Path) -> None:
    """Whatever the neighbours are called, and however long the name is."""
    neighbours = [tmp_path / "world.yaml.new", tmp_path / ".world.yaml"]
    for each in neighbours:
        each.write_text("mine")
    for file in (tmp_path / "world.yaml", tmp_path / ("x" * 255)):
        for content in (b"one", b"two"):
            write_whole(file, content)
            assert file.read_bytes() == content
    assert [each.read_text() for each in neighbours] == ["mine", "mine"]
    assert len(list(tmp_path.iterdir())) == 4


def test_the_target_of_a_link_is_written(tmp_path: Path) -> None:
    """The link stays a link."""
    link, target = tmp_path / "link", tmp_path / "target"
    target.write_bytes(b"one")
    link.symlink_to(target)
    write_whole(link, b"two")
    assert link.is_symlink()
    assert target.read_bytes() == b"two"


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a draft nor a change of what was there."""
    file = tmp_path / "report"
    file.write_bytes(b"one")
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path, b"two")

    def full(_self: Path, _target: Path) -> None:
        raise OSError("no space is left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        write_whole(file, b"two")
    assert file.read_bytes() == b"one"
    assert [each.name for each in tmp_path.iterdir()] == ["report"]
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}.{os.getpid()}"))
