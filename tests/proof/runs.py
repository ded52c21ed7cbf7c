"""The runs of the suite: by pytest, by Node, and within this process."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.evidence.coverage.report import CoverageReport
from aniva_sandbox.testing.live import LiveServer
from tests.in_process import InProcess
from tests.node import find_node
from tests.proof.partner_tests import take
from tests.proof.suite import TESTS, Step, written
from tests.support import PARTNER
from tests.testing.common import LIGHT, ROOT

__all__ = ["by_node", "by_pytest", "within"]

FILE = "tests/proof/partner_tests.py"
SANDBOX = (sys.executable, "-m", "aniva_sandbox")


def by_pytest(folder: Path, *options: str) -> bytes:
    """The JSON report of a run of pytest, with the tests named as the suite names them."""
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n", encoding="utf-8")
    report = folder / "cov.json"
    run(
        *(sys.executable, "-m", "pytest", FILE, *LIGHT, "-W", "error", "-q", "--noconftest"),
        *("-c", str(folder / "pytest.ini"), "--rootdir", str(ROOT), f"--aniva-cov-report=json:{report}", *options),
    )
    return re.sub(rb'"%s::test\[(\w+)\]"' % FILE.encode(), rb'"\1"', report.read_bytes())


def by_node(folder: Path) -> bytes:
    """The JSON report of the same calls from Node."""
    (folder / "suite.json").write_text(written(), encoding="utf-8")
    report = folder / "cov.json"
    serve = (*SANDBOX, "serve", "--coverage", "--clock", "frozen", "--port", "0", "--json")
    with subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        try:
            url = json.loads(server.stdout.readline())["url"]
            run(str(find_node()), str(Path(__file__).with_name("suite.mjs")), url, str(folder / "suite.json"))
            run(*SANDBOX, "coverage", url, "--report", f"json:{report}")
        finally:
            server.terminate()
    return report.read_bytes()


def run(*command: str) -> None:
    """Run a command, which must succeed."""
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def within(tests: Mapping[str, Iterable[Step]] = TESTS, *, before: Iterable[Step] = ()) -> CoverageReport:
    """The report on tests that are run within this process, each in a fresh world; ``before`` are steps that each takes
    first."""
    coverage = Coverage(PARTNER, DOMAIN)
    server = LiveServer(coverage)
    for name, steps in tests.items():
        world = name.replace("_", "-")
        for each in (world, ""):  # calls without a world, too
            server.run(lambda each=each, name=name: coverage.name_world(each, name))
        aniva = InProcess.fresh(server, world)
        take(aniva, before)
        take(aniva, steps)
        aniva.close()
    return coverage.report()
