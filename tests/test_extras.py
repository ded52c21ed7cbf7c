"""What is advised where an extra is missing."""

import tomllib
from importlib.metadata import PackageNotFoundError
from shlex import split

import pytest
from packaging.requirements import Requirement

from aniva_sandbox import extras
from aniva_sandbox.extras import how_to_install
from aniva_sandbox.files import find_file


@pytest.mark.parametrize("extra", ["check", "pytest", "shared"])
def test_what_is_advised_is_what_the_project_asks_for(extra: str) -> None:
    """The command names the packages with their versions: they are in a registry, and the sandbox is in none."""
    project = tomllib.loads(find_file("pyproject.toml").read_text(encoding="utf-8"))["project"]
    pip, install, *wanted = split(how_to_install(extra))
    assert (pip, install) == ("pip", "install")
    assert {Requirement(each) for each in wanted} == {
        Requirement(each) for each in project["optional-dependencies"][extra]
    }


def test_what_is_advised_where_nothing_was_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run from a folder, the sandbox knows no versions, and says where the extra is."""

    def missing(name: str) -> list[str]:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(extras, "requires", missing)
    assert how_to_install("check") == "pip install '.[check]' in a clone of the sandbox"
