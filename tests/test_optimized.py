"""``python -O`` and ``-OO`` leave out what Python can do without: the sandbox says and does the same."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from urllib.request import urlopen

import pytest

from aniva_sandbox.engine import docstrings
from aniva_sandbox.engine.docstrings import docstring
from aniva_sandbox.files import find_file
from tests.support import CONTROL
from tests.testing.common import LIGHT

COMMAND = "from aniva_sandbox.cli import main; main()"
DEADLINE = 120


def environment(level: int) -> dict[str, str]:
    return os.environ | {"PYTHONOPTIMIZE": str(level)}


def ran(level: int, program: str, *arguments: str) -> str:
    """What a program prints under an optimization level."""
    run = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment(level),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize("level", [1, 2])
def test_the_document_is_the_same(level: int) -> None:
    """The document that is made from the operations has all its texts."""
    assert ran(level, COMMAND, "spec") == find_file("openapi.yaml").read_text(encoding="utf-8")


HELPS = """
import sys
from aniva_sandbox.cli import main

for command in ("", "serve", "worlds", "worlds export", "check"):
    sys.argv = ["aniva-sandbox", *command.split(), "--help"]
    try:
        main()
    except SystemExit as end:
        print(command, end.code)
"""


def test_help_is_the_same() -> None:
    """The command line's help has all its texts."""
    plain, optimized = (ran(level, HELPS) for level in (0, 2))
    assert plain.count("Usage: ") == 5
    assert optimized == plain


@pytest.mark.parametrize("level", [1, 2])
def test_a_server_starts_and_serves(level: int) -> None:
    """The control plane's document is the same, and a partner is served."""
    server = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "serve", "--port", "0", "--json"],
        env=environment(level),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"]
        with urlopen(f"{url}/_sandbox/openapi.json", timeout=DEADLINE) as reply:
            served = json.load(reply) | {"servers": CONTROL.document["servers"]}
        assert served == json.loads(json.dumps(CONTROL.document))
    finally:
        server.send_signal(signal.SIGTERM)
        with server:
            server.wait(DEADLINE)


def test_the_plugin_works(tmp_path: Path) -> None:
    """A test that uses the fixture runs under -OO, and one that fails is told its story."""
    (tmp_path / "test_it.py").write_text(
        textwrap.dedent(
            """
            def test_passes(aniva):
                if aniva.client.get("/api/v1/units").status_code != 200:
                    raise RuntimeError

            def test_fails(aniva):
                aniva.client.get("/api/v1/profiles/x")
                raise RuntimeError
            """
        )
    )
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *LIGHT, "-c", os.devnull, "--rootdir", tmp_path, tmp_path],
        env=environment(2),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert "1 failed, 1 passed" in run.stdout, run.stdout + run.stderr
    assert "id.format" in run.stdout


def test_without_a_source_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where docstrings are gone and the source as well, the error names the option that took them."""

    def nothing(_module: object) -> str:
        raise OSError

    class Bare:
        pass

    assert docstring(Bare) == ""
    monkeypatch.setattr(
        docstrings, "sys", type("", (), {"flags": type("", (), {"optimize": 2}), "modules": sys.modules})
    )
    monkeypatch.setattr(docstrings.inspect, "getsource", nothing)
    docstrings._in_source.cache_clear()
    with pytest.raises(RuntimeError, match=r"-OO \(PYTHONOPTIMIZE=2\)"):
        docstring(Bare)
