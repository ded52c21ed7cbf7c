"""Data that was decoded when the package was built: it is what would be parsed, or it is not used."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniva_sandbox.api.beginnings import load_world
from aniva_sandbox.api.decoding import decode_files
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine import decoded, yaml_text
from aniva_sandbox.engine.contract.document import load_document
from aniva_sandbox.engine.decoded import UNKNOWN, find_decoded, read_decoded, write_decoded
from aniva_sandbox.engine.world.snapshot import write_state
from aniva_sandbox.engine.world.state import World
from aniva_sandbox.engine.yaml_file import FixtureError, YamlFile, load_yaml
from aniva_sandbox.files import find_file
from aniva_sandbox.laboratory.catalogue import load_catalogue

ROOT = find_file("openapi.yaml").parent
CONTENT = decode_files(ROOT)
DEFAULT = ROOT / "fixtures" / "worlds" / "default.yaml"
FILES = [ROOT / "openapi.yaml", *sorted((ROOT / "fixtures" / "catalogue").rglob("*.yaml")), DEFAULT]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process as it starts with a file that was made from this checkout."""
    entries = read_decoded(CONTENT)
    monkeypatch.setattr(decoded, "_known", lambda: entries)


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process as it starts without such a file."""
    monkeypatch.setattr(decoded, "_known", dict)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_is_what_would_be_parsed(path: Path) -> None:
    """Each file is there, with its data in every type and order; whoever changes what it is given changes no other."""
    text = path.read_text(encoding="utf-8")
    parsed = yaml_text.parse(text)
    found = find_decoded(text)
    assert repr(found) == repr(parsed)
    found.clear()
    assert repr(load_yaml(text)) == repr(parsed) == repr(YamlFile(path).data)


@pytest.mark.usefixtures("known")
def test_a_start_parses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that every start reads is there."""

    def fail(_text: str) -> Any:
        raise AssertionError("a file is parsed")

    monkeypatch.setattr(yaml_text, "parse", fail)
    load_catalogue(ROOT / "fixtures" / "catalogue")
    load_document(ROOT / "openapi.yaml")
    load_world(DEFAULT)


def test_worlds_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world that begins from decoded data is, byte for byte, the one that begins from the file."""
    entries = read_decoded(CONTENT)
    made = []
    for known in (entries, {}):
        monkeypatch.setattr(decoded, "_known", lambda known=known: known)
        made.append(write_state(World("test", load_world(DEFAULT), DOMAIN, mode="frozen").state, DOMAIN))
    assert made[0] == made[1]


@pytest.mark.usefixtures("known")
@given(place=st.integers(0, 27_000), char=st.sampled_from("x 1\n#"))
def test_another_text_is_not_known(place: int, char: str) -> None:
    """A file with anything added is parsed, whatever it then says."""
    text = DEFAULT.read_text(encoding="utf-8")
    assert find_decoded(text[:place] + char + text[place:]) is UNKNOWN


@pytest.mark.usefixtures("known")
def test_a_broken_file_stops_as_it_did(tmp_path: Path) -> None:
    """A file that was edited has its problems, with their lines; so has a file whose data are known, where they are
    wrong for a reader."""
    broken = tmp_path / "default.yaml"
    broken.write_text(DEFAULT.read_text(encoding="utf-8") + "\nnonsense: 1\n", encoding="utf-8")
    with pytest.raises(FixtureError, match=r"default.yaml:\d+: nonsense"):
        load_world(broken)
    file = YamlFile(DEFAULT)
    file.fail(("profiles", 1), "is wrong")
    with pytest.raises(FixtureError) as told:
        file.check()
    line = told.value.problems[0].line
    assert line is not None
    assert line > 10


@given(st.data())
def test_a_damaged_file_is_not_used(data: st.DataObject) -> None:
    """One byte that is another, or any end that is missing, and nothing of it counts."""
    place = data.draw(st.integers(0, len(CONTENT) - 1))
    changed = data.draw(st.integers(0, 255).filter(lambda byte: byte != CONTENT[place]))
    assert read_decoded(CONTENT[:place] + bytes([changed]) + CONTENT[place + 1 :]) == {}
    assert read_decoded(CONTENT[:place]) == {}


@given(st.binary(max_size=200))
def test_a_foreign_file_is_not_used(content: bytes) -> None:
    """Whatever lies at its place."""
    assert read_decoded(content) == {}


def test_a_foreign_shape_is_not_used() -> None:
    """Not even with the right digest."""
    whole = write_decoded([])
    assert read_decoded(whole) == {}
    assert whole[:32] == decoded.sha256(whole[32:]).digest()
    assert read_decoded(decoded.sha256(b"\xc0").digest() + b"\xc0") == {}


def test_data_of_other_code_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the reader of YAML has changed, what it decoded before does not count."""
    entries = read_decoded(CONTENT)
    monkeypatch.setattr(decoded, "_known", lambda: entries)
    monkeypatch.setattr(decoded, "_code", lambda: b"other")
    assert find_decoded(DEFAULT.read_text(encoding="utf-8")) is UNKNOWN


@pytest.mark.parametrize("made", ["none", "folder", "damaged"])
def test_without_the_file_all_are_parsed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, made: str) -> None:
    """A file that is not there, cannot be read, or is damaged is as good as none."""
    path = tmp_path / decoded.DECODED
    if made == "folder":
        path.mkdir()
    elif made == "damaged":
        path.write_bytes(CONTENT[:-1])
    monkeypatch.setattr(decoded, "find_file", lambda name: tmp_path / name)
    monkeypatch.setattr(decoded, "_known", decoded._known.__wrapped__)
    text = DEFAULT.read_text(encoding="utf-8")
    assert find_decoded(text) is UNKNOWN
    path.rmdir() if made == "folder" else path.write_bytes(CONTENT)
    if made != "folder":
        assert find_decoded(text) is not UNKNOWN


@pytest.mark.usefixtures("unknown")
def test_files_are_parsed_by_default() -> None:
    """The data of a checkout that made no such file."""
    assert YamlFile(DEFAULT).data.keys() >= {"profiles", "appointments"}
