"""The command coverage: reports from servers and files, merged, written, and judged."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.evidence.coverage.probed import with_probes
from aniva_sandbox.engine.evidence.coverage.reporting import make_report, read_report, write_report
from aniva_sandbox.engine.evidence.probes.report import TestReport, merge
from tests.cli.test_commands import call, complaint, run, serving
from tests.support import APPOINTMENT, PARTNER, Client, new_worlds


def collected(path: Path, *calls: str) -> Path:
    """A report on these calls, in a file."""
    coverage = Coverage(PARTNER, DOMAIN)
    client = Client(new_worlds(coverage=coverage))
    for each in calls:
        client.get(each)
    path.write_bytes(write_report(make_report(coverage.items, coverage.collected())))
    return path


@pytest.fixture
def locations(tmp_path: Path) -> str:
    """A report on a call of one operation."""
    return str(collected(tmp_path / "locations.json", "/locations"))


@pytest.fixture
def units(tmp_path: Path) -> str:
    """A report on a call of another."""
    return str(collected(tmp_path / "units.json", "/units"))


def written(path: Path) -> Any:
    return json.loads(path.read_bytes())


def test_a_file_is_summed_up(locations: str) -> None:
    """A line for each axis; without demands, the exit code is 0."""
    result = run("coverage", locations)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("responses ")
    assert "never called, and left out: " in result.stdout


def test_sources_are_merged(tmp_path: Path, locations: str, units: str) -> None:
    """In any order, they give what one run of both would have given, byte for byte."""
    both = collected(tmp_path / "both.json", "/locations", "/units")
    for sources in ((locations, units), (units, locations)):
        assert run("coverage", *sources, "--report", f"json:{tmp_path / 'out.json'}").exit_code == 0
        assert (tmp_path / "out.json").read_bytes() == both.read_bytes()
    assert run("coverage", "-", "--report", f"json:{tmp_path / 'out.json'}", input=both.read_bytes()).exit_code == 0
    assert (tmp_path / "out.json").read_bytes() == both.read_bytes()


def test_marks_of_probes_are_merged(tmp_path: Path, locations: str, units: str) -> None:
    """A rule that a test of one source checked is checked; the others that were met are touched."""
    probes = merge([TestReport(test="a", noticed=["auth.key passed"])])
    probed = with_probes(read_report(Path(locations).read_bytes(), ""), probes)
    (tmp_path / "probed.json").write_bytes(write_report(probed))
    assert run("coverage", units, str(tmp_path / "probed.json"), "--report", f"json:{tmp_path / 'out'}").exit_code == 0
    marks = {entry["id"]: entry.get("probed") for entry in written(tmp_path / "out")["axes"]["rules"]["list"]}
    assert marks["auth.key passed"] == "checked"
    assert {marks[id] for id in marks if id.endswith("passed")} == {"checked", "touched"}
    assert marks["auth.key refused"] is None


def test_reports_are_written(tmp_path: Path, locations: str) -> None:
    """Every kind, each with its path; a line says where."""
    kinds = ("html", "json", "md", "junit")
    options = [each for kind in kinds for each in ("--report", f"{kind}:{tmp_path / 'deep' / kind}")]
    result = run("coverage", locations, *options)
    assert result.exit_code == 0
    for kind in kinds:
        assert f"wrote {tmp_path / 'deep' / kind}\n" in result.stdout
        assert (tmp_path / "deep" / kind).stat().st_size > 100


def test_thresholds_decide_on_the_exit_code(locations: str) -> None:
    """What is missed is told line by line on standard error, and the exit code is 1."""
    assert run("coverage", locations, "--fail-under", "responses:50,assumptions:10").exit_code == 0
    result = run("coverage", locations, "--fail-under", "responses:51", "--fail-under", "faults:1")
    assert (result.exit_code, result.stderr.splitlines()) == (
        1,
        [
            "failed: responses: 1 of 2 items were met (50 %), fewer than 51 %",
            "failed: faults: 0 of 8 items were met (0 %), fewer than 1 %",
        ],
    )
    assert result.stdout.startswith("responses ")


def test_waivers(tmp_path: Path, locations: str) -> None:
    """A waived item is not counted; a waiver that is not needed fails."""
    waived = ("--fail-under", "responses:100", "--waive", "list_locations 403: we have all permissions")
    assert run("coverage", locations, *waived).exit_code == 0
    result = run("coverage", locations, "--waive", "list_locations 200: x", "--report", f"md:{tmp_path / 'out.md'}")
    assert (result.exit_code, result.stderr) == (
        1,
        "failed: the waiver 'list_locations 200' is not needed: the item was met\n",
    )
    assert (tmp_path / "out.md").exists()


def test_the_scope(tmp_path: Path, locations: str) -> None:
    """Operations that the client uses are listed item by item, called or not; others are left out."""
    out = tmp_path / "out.json"
    assert run("coverage", locations, "--scope", "list_units,get_profile", "--report", f"json:{out}").exit_code == 0
    report = written(out)
    assert report["not_called"] == ["get_profile", "list_units"]
    operations = {entry["id"].partition(" ")[0] for entry in report["axes"]["responses"]["list"]}
    assert operations == {"get_profile", "list_units"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fail-under", "ruels:1"], "--fail-under: 'ruels:1': there is no axis 'ruels'; did you mean rules?"),
        (["--scope", "get_profil"], "--scope: there is no operation 'get_profil'; did you mean get_profile?"),
        (["--waive", "x"], "--waive: 'x': write an item and the reason"),
        (["--report", "pdf:x"], "--report: 'pdf' must be one of html, json, md, junit"),
    ],
)
def test_options_that_cannot_be_read(locations: str, options: list[str], message: str) -> None:
    """The message names the option and the part of it; the exit code is 2, and nothing is reported."""
    assert message in complaint(run("coverage", locations, *options), 2).replace("Invalid value for ", "")


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"version": 2, "axes": {}, "not_called": []}'])
def test_a_file_that_is_no_report(tmp_path: Path, content: bytes) -> None:
    """The message names the file; the exit code is 2."""
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    assert complaint(run("coverage", str(path)), 2).startswith(f"{path}: ")


def test_sources_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, a folder, an address that is none, and a server that does not listen."""
    missing = complaint(run("coverage", str(tmp_path / "no.json")), 2)
    assert missing.endswith(
        "no.json cannot be read: No such file or directory; a server is written as http://127.0.0.1:8000"
    )
    assert "cannot be read" in complaint(run("coverage", str(tmp_path)), 2)
    assert "is not the address of a server" in complaint(run("coverage", "ftp://x"), 2)
    assert "cannot be read" in complaint(run("coverage", "http://127.0.0.1:1"), 2)
    assert run("coverage").exit_code == 2


def test_a_report_that_cannot_be_written(tmp_path: Path, locations: str) -> None:
    """The exit code is 2: nothing was judged."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run("coverage", locations, "--report", f"json:{tmp_path / 'file' / 'out.json'}")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server that collects, and that two tests have called."""
    with serving("--clock", "frozen", "--coverage") as (_, facts):
        url: str = facts["url"]
        for name in ("one", "two"):
            more = {"X-Sandbox-Test": f"test {name}"}
            call(f"{url}/api/v1/appointments/{APPOINTMENT}", f"sbx_{name}", more=more)
        yield url


def test_a_server_is_a_source(server: str, tmp_path: Path) -> None:
    """By its address, with the prefix of the API or without, and for some of its worlds; with the names of tests."""
    out = tmp_path / "out.json"
    found = []
    for source in (server, f"{server}/api/v1", f"{server}/_sandbox/coverage", f"{server}?worlds=on"):
        assert run("coverage", source, "--report", f"json:{out}").exit_code == 0
        entries = written(out)["axes"]["responses"]["list"]
        found.append(next(entry["tests"] for entry in entries if entry["id"] == "get_appointment 200"))
    assert found == [*[["test one", "test two"]] * 3, ["test one"]]


def test_a_server_that_does_not_collect() -> None:
    """The message says how to start it; the exit code is 2."""
    with serving("--clock", "frozen") as (_, facts):
        assert "start the server with --coverage" in complaint(run("coverage", facts["url"]), 2)


def test_a_proposed_document(tmp_path: Path, locations: str) -> None:
    """With --spec, the items are those of the document; a report with others is refused."""
    spec = tmp_path / "spec.json"
    document = json.loads(json.dumps(PARTNER.document))
    del document["paths"]["/api/v1/units"]
    spec.write_text(json.dumps(document), encoding="utf-8")
    assert run("coverage", locations, "--spec", str(spec)).exit_code == 0
    units = collected(tmp_path / "units.json", "/units")
    assert "there is no item 'list_units 200' here" in complaint(run("coverage", str(units), "--spec", str(spec)), 2)
