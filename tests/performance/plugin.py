"""What the pytest plugin costs: in a run that does not use it, at its first use, and in each further test.

``python -m tests.performance.plugin`` prints it.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = """
import time
import pytest

@pytest.fixture
def begin():
    return time.perf_counter()

def test_first(begin, aniva):
    assert aniva.client.get("/api/v1/locations").status_code == 200
    print("\\nfirst use, from set-up to first answer =", time.perf_counter() - begin)

@pytest.mark.parametrize("turn", range(200))
def test_further(aniva, turn):
    pass
"""

HOOKS = """
import statistics
from collections import Counter

spent = Counter()

def pytest_runtest_logreport(report):
    if "test_further" in report.nodeid and report.when != "call":
        spent[report.nodeid] += report.duration

def pytest_unconfigure():
    print("\\neach further test, set-up and tear-down =", statistics.median(spent.values()))
"""

IMPORT = """
import pytest, time
begin = time.perf_counter()
import aniva_sandbox.testing.plugin
print("a run that does not use it, import =", time.perf_counter() - begin)
"""


def measure_plugin(rounds: int) -> dict[str, float]:
    """Microseconds, each from fresh processes: the medians of the rounds.

    pytest loads this plugin alone, as if no other were installed.
    """
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_it.py").write_text(TESTS, encoding="utf-8")
        Path(folder, "conftest.py").write_text(HOOKS, encoding="utf-8")
        run = ["-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "-p", "aniva_sandbox.testing.plugin"]
        for _ in range(rounds + 1):
            for arguments in (["-c", IMPORT], run):
                done = subprocess.run(
                    [sys.executable, *arguments],
                    cwd=folder,
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=True,
                )
                for line in done.stdout.splitlines():
                    name, separator, seconds = line.partition(" = ")
                    if separator:
                        found.setdefault(name, []).append(float(seconds) * 1e6)
    # The first round fills the disk cache.
    return {name: statistics.median(times[1:]) for name, times in found.items()}


if __name__ == "__main__":
    for name, value in measure_plugin(9).items():
        sys.stdout.write(f"{name}: {value / 1000:.1f} ms\n")
