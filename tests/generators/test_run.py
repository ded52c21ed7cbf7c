"""The check with OpenAPI Generator, as far as it goes without Java."""

import sys
from pathlib import Path

import pytest

from tests.generators import run


def test_without_java_the_check_is_skipped(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A machine without Java can run everything else: the check says so, and does not fail."""
    monkeypatch.setenv("PATH", "")
    assert run.main() == 0
    assert capsys.readouterr().out.startswith("Skipped: OpenAPI Generator needs java")


def test_a_tool_that_fails_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What the tool said is printed, and the exit code is 1; where it succeeds, the code is 0."""
    monkeypatch.setattr(run.shutil, "which", lambda _name: sys.executable)
    for code, word in ((3, "It does not compile"), (0, "The documents fit")):
        tool = [sys.executable, "-c", f"print('It does not compile'); raise SystemExit({code})"]
        monkeypatch.setattr(run, "check", lambda _folder, _server, tool=tool: run.run(tool, tmp_path))
        assert run.main() == (code != 0)
        assert word in capsys.readouterr().out
