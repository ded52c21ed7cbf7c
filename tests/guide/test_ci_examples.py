"""What the guide says about CI is true: its script, its Node tests and its workflow run, and its image has what it
needs."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from aniva_sandbox import VERSION
from aniva_sandbox.cli.serve import serve
from tests.guide.pages import ROOT, blocks, environment_in
from tests.node import find_node

PAGE = "other-languages-and-ci"


def get(url: str) -> Any:
    """The response of a URL, decoded."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize(("left_out", "code"), [(None, 0), ("practice.confirmed", 1)])
def test_the_script_runs_and_stops_its_server(tmp_path: Path, left_out: str | None, code: int) -> None:
    """The script passes word for word, and fails without the event that its last line relies on; both ways its server
    ends with it."""
    (script,) = blocks("bash", PAGE)
    if left_out is not None:
        script = "\n".join(line for line in script.splitlines() if left_out not in line)
    done = subprocess.run(
        ["bash", "-c", script],
        env=environment_in(tmp_path) | {"JOB": "7", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    assert '"key":"sbx_job-7"' in done.stdout
    (started,) = tmp_path.glob("tmp.*")
    with pytest.raises(urllib.error.URLError, match="refused"):
        get(json.loads(started.read_text(encoding="utf-8"))["url"])


def test_the_workflow_runs_the_node_tests(tmp_path: Path) -> None:
    """The steps of the workflow's first job, each in a shell of its own as there, pass with the Node tests in the
    checkout, and in the job's world."""
    (tests,) = blocks("js", PAGE)
    (tmp_path / "aniva.test.mjs").write_text(tests, encoding="utf-8")
    (workflow,) = blocks("yaml", PAGE)
    port = str(free_port())
    workflow = workflow.replace("${{ matrix.job }}", "1").replace("8000", port)
    (job,) = yaml.safe_load(workflow.replace("sandbox serve", f"sandbox serve --port {port}"))["jobs"].values()
    _, clone, install, *steps = job["steps"]
    assert install["run"] == f"pipx install ./{clone['with']['path']}"
    environment = environment_in(tmp_path) | job["env"]
    environment["PATH"] = f"{find_node().parent}{os.pathsep}{environment['PATH']}"

    log = tmp_path / "log"
    with contextlib.ExitStack() as left_running, log.open("w", encoding="utf-8") as output:
        for step in steps:
            running = subprocess.Popen(
                ["bash", "-e", "-c", step["run"]],
                cwd=tmp_path,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            left_running.callback(end_group, running.pid)
            assert running.wait(timeout=120) == 0, log.read_text(encoding="utf-8")
        worlds = [world["name"] for world in get(f"{job['env']['ANIVA_URL']}/_sandbox/worlds")]
    said = log.read_text(encoding="utf-8")
    assert re.findall(r"^\S+ (pass|fail) (\d+)$", said, re.MULTILINE) == [("pass", "2"), ("fail", "0")], said
    assert worlds == ["default", "job-1-example"]


def end_group(group: int) -> None:
    """End what is left of a group of processes."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)


def test_the_image_has_what_it_needs(tmp_path: Path) -> None:
    """What the Dockerfile copies is enough to install the sandbox, and what it starts serves, not as root, on the port
    that it exposes."""
    written = (ROOT / ".ci" / "Dockerfile").read_text(encoding="utf-8")
    instructions = [line.split(maxsplit=1) for line in written.splitlines() if not line.startswith("#")]
    told = dict(instructions)
    image = tmp_path / "image"
    for name, rest in instructions:
        if name == "COPY":
            *sources, target = rest.split()
            for source in sources:
                copy(ROOT / source, image / target.lstrip("/"))
    (place,) = image.iterdir()

    # The pip of this Python installs there, which takes less time than to install another one first.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "python"], check=True)
    places = (str(tmp_path / "python" / "bin"), str(Path(sys.executable).parent), os.environ["PATH"])
    environment = os.environ | {
        "PATH": os.pathsep.join(places),
        "PIP_PYTHON": str(tmp_path / "python"),
        "PIP_COMPILE": "0",
    }
    install = told["RUN"].replace(f"/{place.name}", str(place))
    done = subprocess.run(
        ["bash", "-c", install], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "python" / "bin" / "aniva-sandbox").exists()  # there, and not only where this runs
    shutil.rmtree(image)

    start = ["127.0.0.1" if word == "0.0.0.0" else word for word in json.loads(told["ENTRYPOINT"])]
    assert start != json.loads(told["ENTRYPOINT"])
    with subprocess.Popen(
        [*start, "--port", "0", "--json"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            facts = json.loads(server.stdout.readline())
            assert get(f"{facts['control']}/health") == {
                "status": "ok",
                "version": VERSION,
                "coverage": False,
                "store": None,
            }
            with urllib.request.urlopen(f"{facts['guide']}/faults", timeout=30) as page:
                assert page.status == 200
        finally:
            server.terminate()
    (port,) = (option.default for option in serve.params if option.name == "port")
    assert told["EXPOSE"] == str(port)
    assert told["USER"] not in ("root", "0")


def copy(source: Path, target: Path) -> None:
    """Copy as COPY does: a directory's content, or a file, into a directory."""
    target.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)
