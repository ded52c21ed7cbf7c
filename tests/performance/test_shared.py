"""What the measurements of shared worlds rest on."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.performance.servers import cpu_seconds
from tests.performance.shared import Use, compile_plain, compute_ratio
from tests.support import APPOINTMENT, PARTNER, Request, new_worlds, respond

SHARE = 1e-3
"""The unit of the CPU times below, in seconds."""


@pytest.mark.parametrize(
    ("one", "two", "ratio"),
    [
        pytest.param((4, 1), (4, 1), 1.6, id="two cores have Valkey to do as well"),
        pytest.param((4, 1), (6, 2), 1.0, id="what the second worker costs is counted"),
        pytest.param((4, 1), (1, 3), 4 / 3, id="Valkey uses one core at most"),
        pytest.param((1, 2), (1, 2), 1.0, id="so it does with one worker"),
    ],
)
def test_the_ratio_of_workers(one: tuple[float, float], two: tuple[float, float], ratio: float) -> None:
    """The rates are what the cores have time for, whatever the rates were when the load was on the same cores."""
    first, second = (Use(rate, *(each * SHARE for each in use)) for rate, use in ((1000.0, one), (1.0, two)))
    assert compute_ratio(first, second) == pytest.approx(ratio)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="reads /proc")
def test_the_time_of_children_counts() -> None:
    """A server with workers does next to nothing itself."""
    work = "import time\nwhile time.process_time() < 0.2: pass\nprint(flush=True); input()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        used = cpu_seconds(process.pid)
        process.communicate(b"\n")
    assert used >= 0.2


def test_the_plain_pipeline_counts_no_calls() -> None:
    """It responds as the one does that counts them."""
    worlds = new_worlds()
    request = Request("GET", f"/api/v1/appointments/{APPOINTMENT}", b"", "sbx_default")
    plain = compile_plain()(PARTNER, worlds, request)
    assert not worlds.tally.calls
    assert (plain.status, plain.body) == (200, respond(PARTNER, worlds, request).body)
    assert sum(worlds.tally.calls.values()) == 1
