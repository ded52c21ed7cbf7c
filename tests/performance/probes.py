"""What probes cost: a test of eight calls, probed in all four kinds on one core.

``python -m tests.performance.probes`` prints it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TEST = """
import time

import httpx2

PROFILE = "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"
LOCATION = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"


def call(client, method, path, **arguments):
    for turn in range(4):
        try:
            response = client.request(method, "/api/v1" + path, **arguments)
        except httpx2.TransportError:
            if method == "POST" or turn == 3:
                raise
        else:
            if response.status_code not in (429, 503) or turn == 3:
                return response
            time.sleep(float(response.headers.get("retry-after", 1)))


def test_eight_calls(aniva):
    client = aniva.client
    assert call(client, "GET", f"/profiles/{PROFILE}").json()["id"] == PROFILE
    at = "2026-04-20T10:00:00+02:00"
    booked = call(
        client, "POST", "/appointments", json={"profile_id": PROFILE, "location_id": LOCATION, "scheduled_at": at}
    )
    assert booked.status_code == 201
    path = f"/appointments/{booked.json()['id']}"
    moved = call(client, "PATCH", path, json={"scheduled_at": "2026-04-21T10:00:00+02:00"})
    assert moved.json()["status"] == "confirmed"
    refused = call(client, "PATCH", path, json={"scheduled_at": "2026-04-12T10:00:00+02:00"})
    assert refused.status_code == 400
    assert len(call(client, "GET", "/appointments", params={"profile_id": PROFILE}).json()) > 1
    assert call(client, "DELETE", path).json()["status"] == "cancelled"
    assert call(client, "DELETE", path).status_code == 409
    assert call(client, "GET", path).json()["status"] == "cancelled"
"""
HOOKS = """
import time

import pytest


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    begin = time.perf_counter()
    result = yield
    if item.name == "test_eight_calls":
        print("\\nseconds =", time.perf_counter() - begin)
    return result
"""
PROBED = "a test of eight calls, probed in all four kinds"
FIRST = """
def test_first_use(aniva):
    assert aniva.client.get("/api/v1/locations").status_code == 200
"""


def measure_probes(rounds: int) -> dict[str, float]:
    """The changes, the runs, and the microseconds of the test with all its probes: the median of the rounds."""
    options = ["-q", "-s", "-p", "no:cacheprovider", "-p", "aniva_sandbox.testing.plugin"]
    spent, counts = [], {}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_a_first.py").write_text(FIRST, encoding="utf-8")  # starts the server, imports the client
        Path(folder, "test_it.py").write_text(TEST, encoding="utf-8")
        Path(folder, "conftest.py").write_text(HOOKS, encoding="utf-8")
        report = Path(folder, "report.json")
        for _ in range(rounds):
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *options, "--aniva-probe", f"--aniva-probe-report=json:{report}"],
                cwd=folder,
                env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
                capture_output=True,
                text=True,
                check=False,
                preexec_fn=lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}),
            )
            line = next((line for line in done.stdout.splitlines() if line.startswith("seconds = ")), None)
            if line is None:
                raise RuntimeError(done.stdout + done.stderr)
            spent.append(float(line.removeprefix("seconds = ")))
            counts = _counts(json.loads(report.read_bytes()))
    return counts | {PROBED: statistics.median(spent) * 1e6}


def _counts(report: dict[str, Any]) -> dict[str, float]:
    """The changes of the report, and the runs."""
    return {
        what: sum(counts.get(what, 0) for kinds in report["tests"].values() for counts in kinds.values())
        for what in ("changes", "runs")
    }


if __name__ == "__main__":
    for name, value in measure_probes(5).items():
        sys.stdout.write(f"{name}: {value / 1e6:.2f} s\n" if value > 10_000 else f"{name}: {value:.0f}\n")
