"""World files that users begin with on the command line: a new one, and the schema that editors read."""

import json
import re
from pathlib import Path

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.world.world_file_schema import world_file_schema, write_field_reference
from aniva_sandbox.engine.yaml_file import load_yaml
from tests.cli.test_commands import call, complaint, run, serving


def test_the_schema_is_printed() -> None:
    """``worlds schema`` prints the schema as JSON, or with --markdown as the reference of the guide."""
    assert json.loads(run("worlds", "schema").stdout) == world_file_schema(DOMAIN)
    assert run("worlds", "schema", "--markdown").stdout == write_field_reference(world_file_schema(DOMAIN))


def test_a_new_world_file(tmp_path: Path) -> None:
    """``worlds new`` writes a file with one of each, which ``worlds check`` accepts; nothing else is left there."""
    path = tmp_path / "mine.yaml"
    said = run("worlds", "new", str(path))
    assert (said.exit_code, said.stdout, said.stderr) == (0, f"wrote {path}\n", "")
    assert list(tmp_path.iterdir()) == [path]
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=world.schema.json\n")
    assert text == run("worlds", "new", "-").stdout
    said = run("worlds", "check", str(path))
    assert said.stdout == f"{path}: 1 location, 1 profile, 1 appointment, 1 shipment\n"
    plain = load_yaml(text)
    assert [len(plain[name]) for name in ("profile_groups", "location_groups")] == [1, 1]
    assert list(plain["personas"]) == ["full", "reader"]


def test_every_problem_of_an_entry_is_listed(tmp_path: Path) -> None:
    """An entry with a missing character, a wrong format and an unknown group gets all three problems at once."""
    before, section, text = run("worlds", "new", "-").stdout.partition("\nprofiles:")
    for name, value in (("first_name", '""'), ("email", "nonsense"), ("group", "elsewhere")):
        text, changed = re.subn(rf"(?<=[ ]{name}: ).*", value, text, count=1)
        assert changed == 1
    path = tmp_path / "mine.yaml"
    path.write_text(before + section + text, encoding="utf-8")
    said = run("worlds", "check", str(path))
    assert sorted(line.partition(": ")[2] for line in said.stderr.splitlines()) == [
        "profiles[0].email: must be an e-mail address",
        "profiles[0].first_name: must have at least 1 character",
        "profiles[0].group: there is no profile group elsewhere",
    ]


@pytest.mark.parametrize("clock", ["frozen", "real"])
def test_a_new_world_file_is_served(tmp_path: Path, clock: str) -> None:
    """A server begins from it, and both of its keys see its records."""
    path = tmp_path / "mine.yaml"
    run("worlds", "new", str(path))
    with serving("--world", str(path), "--clock", clock) as (_process, facts):
        for key, count in (("sbx_default", 200), ("sbx_default.reader", 403)):
            status, found, _ = call(f"{facts['url']}/api/v1/appointments", key)
            assert (status, len(found), [len(each["panels"]) for each in found]) == (200, 1, [1])
            assert call(f"{facts['url']}/api/v1/shipments", key)[0] == count


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    """A file that exists stays as it is, unless it is to be overwritten."""
    path = tmp_path / "mine.yaml"
    path.write_text("mine", encoding="utf-8")
    assert complaint(run("worlds", "new", str(path)), 1) == f"{path} exists; --force overwrites it"
    assert path.read_text(encoding="utf-8") == "mine"
    assert run("worlds", "new", str(path), "--force").stdout == f"wrote {path}\n"
    assert path.read_text(encoding="utf-8") == run("worlds", "new", "-").stdout
    assert list(tmp_path.iterdir()) == [path]


def test_files_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder, an empty name, and a place that does not exist are refused in a line."""
    path = tmp_path / "nowhere" / "mine.yaml"
    assert complaint(run("worlds", "new", str(path)), 1).startswith(f"{path} cannot be written: ")
    assert "directory" in complaint(run("worlds", "new", str(tmp_path), "--force"), 2)
    assert "is empty" in complaint(run("worlds", "new", ""), 2)
    assert list(tmp_path.iterdir()) == []
