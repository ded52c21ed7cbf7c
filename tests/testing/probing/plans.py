"""Runs of pytest with probes inside a test: their changes are few, and say what runs came to."""

import json
from pathlib import Path
from typing import Any

import pytest

import aniva_sandbox.testing.probing.probing  # noqa: F401 - a run in this process patches what the others find
from tests.testing.common import QUIET

CONFTEST = """
import json
import os
from datetime import datetime

from aniva_sandbox.engine.evidence.probes import loop
from aniva_sandbox.engine.evidence.probes.change import Change, Judgement
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.faults.faults import find_fault


class Failing(Probe):
    # Lets calls fail: one, or all from it on.

    def __init__(self, ordinal, text, always):
        super().__init__()
        self.at, self.text, self.always = ordinal, text, always

    def begin(self, world, endpoint, request):
        super().begin(world, endpoint, request)
        self.world = world

    def fault(self, endpoint):
        number = len(self.calls) + 1
        if number == self.at or (self.always and number > self.at):
            return find_fault(self.world, operation="", method="", template="", path="", header=self.text)
        return None


class Planned(Change):
    kind = "faults"

    def __init__(self, id, text="", ordinal=1, always=False, start=None):
        super().__init__(id, id, start=start)
        self.text, self.ordinal, self.always = text, ordinal, always

    def probe(self):
        return Failing(self.ordinal, self.text, self.always) if self.text else Probe()

    def judge(self, clean, changed, again):
        finds = self.id.startswith("found")
        return Judgement(verdict="swallowed" if finds else None, sentence="it was found" if finds else "",
                         before=("a task",) if finds else (), after=("no task",) if finds else ())


RUNS = os.environ["PROBED_RUNS"]


def note(id, run):
    said = {name: getattr(run, name) for name in ("outcome", "error", "is_assertion", "is_void", "limit")}
    said |= {"id": id, "calls": [(call.operation, call.status, round(call.at, 3)) for call in run.calls],
             "start": run.start.isoformat(), "end": run.end.isoformat(), "worlds": [run.began_with, run.state]}
    with open(RUNS, "a") as file:
        file.write(json.dumps(said) + "\\n")


def plan(clean, context):
    note("clean", clean)
    return [CHANGES]


def judge_one(change, clean, run, subject):
    note(change.id, run)
    return judge(change, clean, run, subject)


def pytest_unconfigure():
    loop.judge_one, loop.PLANS = judge, plans


judge, loop.judge_one = loop.judge_one, judge_one
plans, loop.PLANS = (
    loop.PLANS, {**dict.fromkeys(("times", "responses", "rules"), lambda clean, context: []), "faults": plan}
)
"""


def write_conftest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, changes: str, more: str = "") -> Path:
    """Plan these changes for every test of the runs inside; the file with what runs came to."""
    pytester.makeconftest(CONFTEST.replace("CHANGES", changes) + more)
    runs = pytester.path / "runs.jsonl"
    monkeypatch.setenv("PROBED_RUNS", str(runs))
    return runs


def read_runs(path: Path) -> dict[str, list[dict[str, Any]]]:
    """What runs came to, by the id of their change, in order."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        run = json.loads(line)
        runs.setdefault(run["id"], []).append(run)
    return runs


def probed(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run the tests with probes, warnings as errors."""
    return pytester.runpytest_subprocess(*QUIET, "--strict-markers", "--aniva-probe", *options)
