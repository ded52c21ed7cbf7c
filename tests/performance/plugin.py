"""What the pytest plugin costs: in a run that does not use it, at its first use, and in each further test; and what it
keeps in memory.

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
    print("\\nfirst use, from set-up to first response =", time.perf_counter() - begin)

@pytest.mark.parametrize("turn", range(200))
def test_further(aniva, turn):
    pass
"""

FURTHER = "each further test, set-up and tear-down"
HOOKS = f"""
import statistics
from collections import Counter

spent = Counter()

def pytest_runtest_logreport(report):
    if "test_further" in report.nodeid and report.when != "call":
        spent[report.nodeid] += report.duration

def pytest_unconfigure():
    print("\\n{FURTHER} =", statistics.median(spent.values()))
"""

MEMORY = """
import tracemalloc
import gc
import pytest

@pytest.fixture
def trivial():
    return object()

@pytest.mark.parametrize("turn", range(TURNS))
def test_it(FIXTURE, turn):
    CALL
    if turn in (10, TURNS - 1):
        if turn == 10:
            tracemalloc.start()
        gc.collect()
        print("\\nkept =", tracemalloc.get_traced_memory()[0])
"""
TURNS = 2000

IMPORT = """
import pytest, time
begin = time.perf_counter()
import aniva_sandbox.testing.plugin
print("a run that does not use it, import =", time.perf_counter() - begin)
"""

RUN = """
import sys
import pytest
sys.modules["trio"] = None  # as if it were not installed
sys.exit(pytest.main(sys.argv[1:]))
"""


def measure_plugin(rounds: int) -> dict[str, float]:
    """Microseconds, each from fresh processes: the medians of the rounds.

    pytest loads this plugin alone, and does not find trio: a user who installs the extra need not have more. The first
    use is measured with trio too, because httpx2 then imports it.
    """
    options = ["-q", "-s", "-p", "no:cacheprovider", "-p", "aniva_sandbox.testing.plugin"]
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_it.py").write_text(TESTS, encoding="utf-8")
        Path(folder, "conftest.py").write_text(HOOKS, encoding="utf-8")
        for _ in range(rounds + 1):
            for name, seconds in (
                *_printed(folder, "-c", IMPORT),
                *_printed(folder, "-c", RUN, *options),
                *((f"{name}, with trio", seconds) for name, seconds in _printed(folder, "-m", "pytest", *options)),
            ):
                found.setdefault(name, []).append(seconds * 1e6)
    del found[f"{FURTHER}, with trio"]
    # The first round fills the disk cache.
    return {name: statistics.median(times[1:]) for name, times in found.items()}


def measure_memory() -> dict[str, float]:
    """Bytes that a run keeps of 2,000 tests which make a call each, beyond those that it keeps of as many tests with a
    trivial fixture."""
    options = ["-q", "-s", "-p", "no:cacheprovider", "-p", "aniva_sandbox.testing.plugin"]
    kept = []
    with tempfile.TemporaryDirectory() as folder:
        for fixture, call in (("trivial", "pass"), ("aniva", "aniva.client.get('/api/v1/nowhere')")):
            source = MEMORY.replace("FIXTURE", fixture).replace("CALL", call).replace("TURNS", str(TURNS))
            Path(folder, "test_it.py").write_text(source, encoding="utf-8")
            first, last = (value for _, value in _printed(folder, "-c", RUN, *options))
            kept.append(last - first)
    return {f"kept of {TURNS} tests, beyond those with a trivial fixture": kept[1] - kept[0]}


def _printed(folder: str, *arguments: str) -> list[tuple[str, float]]:
    """The figures that a Python process prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.partition(" = ") for line in done.stdout.splitlines()]
    return [(name, float(seconds)) for name, separator, seconds in lines if separator]


if __name__ == "__main__":
    for name, value in measure_memory().items():
        sys.stdout.write(f"{name}: {value / 1024:.0f} KiB\n")
    for name, value in measure_plugin(9).items():
        sys.stdout.write(f"{name}: {value / 1000:.1f} ms\n")
