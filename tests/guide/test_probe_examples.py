"""What the page on probes shows is true: its findings, what makes them go away, its configuration, workflow and Node
test."""

import json
import os
import shlex
from pathlib import Path
from typing import get_args

import pytest
import yaml

from aniva_sandbox.engine.evidence.probes.report import KINDS, SEVERITY, NoteName
from aniva_sandbox.engine.evidence.reports.files import KINDS as FILES
from tests.guide.pages import PAGES, blocks, environment_in
from tests.guide.test_coverage_examples import run
from tests.guide.test_examples import matches
from tests.node import find_node

PAGE = "would-your-tests-notice"
SHOWN, ONE, NODE = blocks("text", PAGE)
WEAK, STRONG, MARKED = blocks("python", PAGE)


def parted(shown: str) -> tuple[str, str]:
    """The command of a block, and what it prints."""
    command, _, printed = shown.removeprefix("$ ").partition("\n")
    return command, printed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with the first tests of the page."""
    (tmp_path / "test_booking.py").write_text(WEAK, encoding="utf-8")
    return tmp_path


def test_the_findings_come_out_as_shown(folder: Path) -> None:
    """The run of the page passes its tests, ends with the findings that the page shows, and fails for them; each of
    the lines that run a change again does."""
    command, printed = parted(SHOWN)
    done = run(command, folder)
    assert matches(done.stdout, printed), done.stdout
    assert (done.returncode, "2 passed" in done.stdout) == (1, True)
    command, printed = parted(ONE)
    assert f"\n    {command}\n" in SHOWN
    done = run(command, folder)
    assert matches(done.stdout, printed), done.stdout
    assert done.returncode == 1


def test_the_repaired_client_and_test_have_no_findings(folder: Path) -> None:
    """With all kinds of changes, the second tests of the page and those with markers pass."""
    (folder / "test_booking.py").write_text(STRONG, encoding="utf-8")
    (folder / "test_marked.py").write_text(MARKED, encoding="utf-8")
    done = run("pytest --aniva-probe", folder)
    assert done.returncode == 0, done.stdout


def test_the_markers_are_needed(folder: Path) -> None:
    """Without the second attempt, the test that claims to recover has a finding; without its marker, it has not."""
    unrecovered = MARKED.replace(
        "return client.get(path) if response.status_code == 503 else response", "return response"
    )
    assert unrecovered != MARKED
    for tests, code in ((unrecovered, 1), (unrecovered.replace('@pytest.mark.aniva_probe(recovers=["503"])', ""), 0)):
        (folder / "test_booking.py").write_text(tests, encoding="utf-8")
        done = run("pytest --aniva-probe=faults", folder)
        assert (done.returncode, "unrecovered: " in done.stdout) == (code, code == 1), done.stdout


def test_everything_is_described() -> None:
    """The tables of the page have every kind, verdict, note and report, in their order."""
    rows = [line.split("`")[1] for line in PAGES[PAGE].splitlines() if line.startswith("| `")]
    for names in (KINDS, tuple(SEVERITY), get_args(NoteName)):
        assert [row for row in rows if row in names] == list(names)
    for name in (*FILES, *KINDS):
        assert f"`{name}`" in PAGES[PAGE]


def test_every_option_is_described(folder: Path) -> None:
    """The page has the options that ``pytest --help`` shows, and the command's; its table has no other."""
    helped = run("pytest --help", folder).stdout
    options = {word.partition("=")[0] for word in helped.split() if word.startswith("--aniva-probe")}
    rows = {
        part.partition("=")[0]
        for line in PAGES[PAGE].splitlines()
        if line.startswith("| `--")
        for part in line.split("`")[1:4:2]
        if part.startswith("--")
    }
    assert rows == options
    helped = run("aniva-sandbox probe --help", folder).stdout
    own = {line.split()[0] for line in helped.splitlines() if line.startswith("  --")}
    assert [option for option in own if f"`{option}`" not in PAGES[PAGE]] == []


def test_the_configuration_waives(folder: Path) -> None:
    """The findings of the page's tests are waived by its configuration, whose lines are all needed."""
    (ini,) = blocks("ini", PAGE)
    (folder / "pytest.ini").write_text(ini, encoding="utf-8")
    done = run("pytest --aniva-probe --aniva-probe-report=json:probes.json", folder)
    assert done.returncode == 0, done.stdout
    findings = json.loads((folder / "probes.json").read_text(encoding="utf-8"))["findings"]
    assert {finding["waived"] for finding in findings} == {
        line.partition(": ")[2].strip() for line in ini.splitlines() if line.startswith("    ")
    }


def test_the_workflow_writes_the_summary(folder: Path) -> None:
    """Both steps of the workflow that probe write the summary of the job and the page that the last step keeps; only
    the nightly one fails for the findings."""
    (workflow,) = blocks("yaml", PAGE)
    (job,) = yaml.safe_load(workflow)["jobs"].values()
    _, clone, install, advice, nightly, upload = job["steps"]
    assert install["run"] == f"pip install './{clone['with']['path']}[pytest]'"
    for step, event, code in ((advice, "pull_request", 0), (nightly, "schedule", 1)):
        assert step["if"] == f"github.event_name == '{event}'"
        done = run(step["run"], folder, GITHUB_STEP_SUMMARY=str(folder / f"{event}.md"))
        assert done.returncode == code, done.stdout
        assert "duplicate" in (folder / f"{event}.md").read_text(encoding="utf-8")
        assert (folder / upload["with"]["path"]).read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_node_test_is_probed(folder: Path) -> None:
    """The command of the page finds in the Node test what it shows; the line below runs it again."""
    (tests,) = blocks("js", PAGE)
    (folder / "booking.test.mjs").write_text(tests, encoding="utf-8")
    path = {"PATH": f"{find_node().parent}{os.pathsep}{environment_in(folder)['PATH']}"}
    command, printed = parted(NODE)
    done = run(command, folder, **path)
    assert matches(done.stdout, printed), done.stdout + done.stderr
    assert done.returncode == 1
    (again,) = (line.strip() for line in done.stdout.splitlines() if line.startswith("    aniva-sandbox "))
    assert f"\n    {again}\n" in NODE
    done = run(again, folder, **path)
    assert done.returncode == 1
    assert f"{shlex.split(again)[3]}: " in done.stdout
    assert "\nduplicate: " in done.stdout
