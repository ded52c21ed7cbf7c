"""The proof of probes: each planted defect is found, and named by its kind; sound clients have no findings; a strong
suite notices what a weak one does not.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import aniva_sandbox
from tests.proof.probes.journeys import JOURNEYS
from tests.testing.common import LIGHT, ROOT

FOLDER = Path(__file__).parent
EVENTS_ONLY = {"courier_automation": False, "lab_automation": False}

Expected = frozenset[tuple[str, str, str]]


def finds(*findings: tuple[str, str, str]) -> Expected:
    """Kind, verdict and operation of each."""
    return frozenset(findings)


EXPECTED: dict[str, Expected] = {
    "defects/second_booking.py": finds(("faults", "duplicate", "create_appointment")),
    "defects/impatient.py": finds(("faults", "impatient", "get_shipment")),
    "defects/swallowed_outage.py": finds(("faults", "swallowed", "update_profile")),
    "defects/cut_list.py": finds(("faults", "swallowed", "list_shipments")),
    "defects/wrong_word.py": finds(("rules", "unnoticed", "get_appointment")),
    "defects/naive_date.py": finds(("times", "dated", "")),
    "defects/closed_parser.py": finds(("responses", "brittle", "get_profile")),
    "defects/no_null.py": finds(("responses", "brittle", "get_profile")),
    "defects/last_is_newest.py": finds(("responses", "brittle", "list_profiles")),
    "defects/first_results.py": finds(("responses", "brittle", "get_results")),
    "defects/ignored_refusal.py": finds(("rules", "unnoticed", "cancel_appointment")),
    "defects/stale_cache.py": finds(("rules", "unnoticed", "list_appointments")),
    "sound/retrying.py": finds(),
    "sound/asynchronous.py": finds(),
    "sound/tolerant.py": finds(),
    "sound/sessions.py": finds(),
    "sound/shipping.py": finds(),
}
"""The findings of each suite."""


def run(folder: Path, *files: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run suites by pytest."""
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n", encoding="utf-8")
    paths = [str((FOLDER / file).relative_to(ROOT)) for file in files]
    return subprocess.run(
        (
            *(sys.executable, "-m", "pytest", *paths, *LIGHT, "-W", "error", "-q", "--noconftest"),
            *("-c", str(folder / "pytest.ini"), "--rootdir", str(ROOT), *options),
        ),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def probe(folder: Path, *files: str, kinds: str = "") -> Any:
    """The JSON report of suites that are probed."""
    path = folder / "probes.json"
    which = f"--aniva-probe={kinds}" if kinds else "--aniva-probe"
    done = run(folder, *files, options=(which, "--aniva-probe-advisory", f"--aniva-probe-report=json:{path}"))
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(path.read_bytes())


# The suites by themselves


def test_every_suite_is_expected() -> None:
    """None is forgotten."""
    files = {path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.py")}
    assert {file for file in files if not file.endswith("__init__.py")} == EXPECTED.keys()


def test_no_suite_notices_its_defect(tmp_path: Path) -> None:
    """All tests pass, no client makes a mistake that the sandbox hints at, and none waits."""
    done = run(tmp_path, *EXPECTED, options=("--aniva-hints=error", "-p", "tests.proof.probes.awake"))
    assert done.returncode == 0, done.stdout + done.stderr


# Findings


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the probes of all suites find."""
    return probe(tmp_path_factory.mktemp("probes"), *EXPECTED)


@pytest.mark.parametrize("file", EXPECTED)
def test_what_is_found(report: Any, file: str) -> None:
    """The defect, by the kind that it belongs to, and nothing else."""
    test = f"{(FOLDER / file).relative_to(ROOT).as_posix()}::"
    findings = [each for each in report["findings"] if each["test"].startswith(test)]
    found = {(each["kind"], each["verdict"], each["operation"]) for each in findings}
    assert found == EXPECTED[file], "\n".join(f"{each['id']}: {each['sentence']}" for each in findings)


def test_every_test_is_probed(report: Any) -> None:
    """None is skipped, and nothing is left out."""
    assert report["skipped"] == []
    assert {kind: counts["left_out"] for kind, counts in report["kinds"].items()} == dict.fromkeys(report["kinds"], 0)


# The strong suite and the weak one


def test_the_suites_call_and_are_refused_a_lot() -> None:
    """More than 30 calls, and more than 12 rules that refuse."""
    calls, rules = 0, set()
    for journey in JOURNEYS:
        with aniva_sandbox.Sandbox(settings=EVENTS_ONLY) as aniva:
            journey(aniva, lambda *_, **__: None)
            exchanges = aniva.calls()
        assert len(exchanges) <= 8
        calls += len(exchanges)
        rules |= {rule.id for exchange in exchanges for rule in exchange.rules}
    assert calls > 30
    assert len(rules) > 12


@pytest.fixture(scope="module")
def rules_of(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, int]]:
    """The counts of the kind ``rules``, by suite."""
    return {
        suite: probe(tmp_path_factory.mktemp(suite), f"{suite}.py", kinds="rules")["kinds"]["rules"]
        for suite in ("strong", "weak")
    }


@pytest.mark.parametrize(("suite", "least", "most"), [("strong", 0.95, 1), ("weak", 0, 0.1)])
def test_how_much_a_suite_notices(rules_of: dict[str, dict[str, int]], suite: str, least: float, most: float) -> None:
    """Of what was changed in the rules."""
    counts = rules_of[suite]
    noticed, unnoticed = counts["noticed"], counts["unnoticed"]
    assert least <= noticed / (noticed + unnoticed) <= most


def test_both_suites_are_changed_alike(rules_of: dict[str, dict[str, int]]) -> None:
    """Their calls are the same, so what is changed is, too; hardly a change says nothing."""
    assert rules_of["strong"]["changes"] == rules_of["weak"]["changes"] >= 40
    assert all(counts["skipped"] <= counts["changes"] / 10 for counts in rules_of.values())
