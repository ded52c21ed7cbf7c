"""What the page on coverage shows is true: the summary of its tests, its configuration, its workflow, its Node test."""

import json
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml

from aniva_sandbox.engine.evidence.coverage.report import AXES
from aniva_sandbox.engine.evidence.reports.files import KINDS
from tests.guide.pages import PAGES, blocks, environment_in
from tests.guide.test_examples import STARTS, matches, serving
from tests.node import find_node
from tests.testing.common import LIGHT

PAGE = "what-your-tests-never-met"
OPTIONS = " ".join((*LIGHT, "-p no:asyncio"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with the tests of the page."""
    (tests,) = blocks("python", PAGE)
    (tmp_path / "test_booking.py").write_text(tests, encoding="utf-8")
    return tmp_path


def run(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell, with what it prints."""
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment_in(folder) | {"PYTEST_ADDOPTS": OPTIONS, "COLUMNS": "80"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_summary_comes_out_as_shown(folder: Path) -> None:
    """The run of the page ends with the summary that the page shows."""
    (shown,) = blocks("text", PAGE)
    command, _, printed = shown.removeprefix("$ ").partition("\n")
    done = run(command, folder)
    assert done.returncode == 0
    assert matches(done.stdout, printed), done.stdout


def test_every_axis_and_kind_is_described() -> None:
    """The tables of the page have every axis and every kind of report, in their order."""
    rows = [line.split("`")[1] for line in PAGES[PAGE].splitlines() if line.startswith("| `")]
    assert [row for row in rows if row in AXES] == list(AXES)
    assert sorted(row for row in rows if row in KINDS) == sorted(KINDS)


def test_the_configuration_waives(folder: Path) -> None:
    """The waivers of the page are of items that exist, and are not stale for the tests of the page."""
    (ini,) = blocks("ini", PAGE)
    (folder / "pytest.ini").write_text(ini, encoding="utf-8")
    parser = ConfigParser()
    parser.read_string(ini)
    assert len(parser["pytest"]["aniva_cov_waive"].strip().splitlines()) == 2
    done = run("pytest --aniva-cov-report=json:cov.json --aniva-cov-scope=create_profile,cancel_appointment", folder)
    assert done.returncode == 0, done.stdout
    axes = json.loads((folder / "cov.json").read_text(encoding="utf-8"))["axes"]
    waived = [entry["id"] for axis in axes.values() for entry in axis["list"] if "waived" in entry.get("reason", "")]
    assert len(waived) == 2


def test_the_workflow_writes_the_summary(folder: Path) -> None:
    """The step of the workflow that runs the tests passes with those of the page, and writes the summary of the job and
    the page that the last step keeps."""
    (workflow,) = blocks("yaml", PAGE)
    (job,) = yaml.safe_load(workflow)["jobs"].values()
    _, clone, install, test, upload = job["steps"]
    assert install["run"] == f"pip install './{clone['with']['path']}[pytest]'"
    done = run(test["run"], folder, GITHUB_STEP_SUMMARY=str(folder / "summary.md"))
    assert done.returncode == 0, done.stdout
    assert (folder / "summary.md").read_text(encoding="utf-8").startswith("## What the tests never met\n")
    assert (folder / upload["with"]["path"]).read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_node_test_is_named(folder: Path) -> None:
    """The Node test passes against a server that collects, and the report names it."""
    (tests,) = blocks("js", PAGE)
    (folder / "cancel.test.mjs").write_text(tests, encoding="utf-8")
    with serving(STARTS[PAGE], folder, environment_in(folder)) as (address, _):
        done = run(f"{find_node()} --test cancel.test.mjs", folder, ANIVA_URL=f"http://{address}")
        assert done.returncode == 0, done.stdout
        report = run(f"aniva-sandbox coverage http://{address} --report json:cov.json", folder)
    assert report.returncode == 0, report.stderr
    axes = json.loads((folder / "cov.json").read_text(encoding="utf-8"))["axes"]
    first = axes["responses"]["list"][0]
    assert (first["id"], first["tests"]) == ("cancel_appointment 200", ["an appointment can be cancelled"])
