"""``serve --open``: the console in a browser, or a word where there is none."""

import json
import os
import signal
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.cli import browser
from aniva_sandbox.engine.serving import server
from tests.cli.test_commands import SERVE, Served, call, run

BROWSER = """\
import json, os, sys, urllib.request
address = sys.argv[1]
url = address.removesuffix("/_sandbox/")
with urllib.request.urlopen(f"{url}/_sandbox/health", timeout=60) as response:
    status = response.status
with open(os.environ["OPENED"], "w") as opened:
    json.dump([address, status], opened)
"""
posix = pytest.mark.skipif(os.name != "posix", reason="needs a script that is a program")


def program(path: Path, text: str) -> str:
    """Write a program in Python, and return its path."""
    path.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@contextmanager
def opening(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A server that is to open its console, where only this environment says by which browser."""
    command = [*SERVE, "--port", "0", "--json", "--open", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def warned(process: subprocess.Popen[str], facts: dict[str, Any]) -> None:
    """Fails unless the server warns that it opened nothing, and serves."""
    assert process.stderr is not None
    assert process.stderr.readline() == (
        f"WARNING: no browser could be opened; the console is at {facts['url']}/_sandbox/\n"
    )
    assert call(f"{facts['url']}/api/v1/units")[0] == 200
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


@posix
@pytest.mark.parametrize("token", [{}, {"ANIVA_SANDBOX_TOKEN": "of-my-own"}])
def test_the_console_is_opened(tmp_path: Path, token: dict[str, str]) -> None:
    """The browser gets the address of the console once the server responds, and no token in it."""
    os.mkfifo(tmp_path / "opened")
    script = program(tmp_path / "browser", BROWSER)
    with opening(BROWSER=script, OPENED=str(tmp_path / "opened"), **token) as (process, facts):
        address, status = json.loads((tmp_path / "opened").read_text(encoding="utf-8"))
        assert (address, status) == (facts["console"], 200)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


@posix
def test_a_browser_that_does_not_return(tmp_path: Path) -> None:
    """The server waits for no browser: not while it serves, and not when it ends."""
    os.mkfifo(tmp_path / "opened")
    script = program(tmp_path / "browser", f"{BROWSER}\nimport signal; signal.pause()\n")
    with opening(BROWSER=script, OPENED=str(tmp_path / "opened")) as (process, facts):
        assert (tmp_path / "opened").read_text(encoding="utf-8")
        assert call(f"{facts['url']}/api/v1/units")[0] == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0


@posix
def test_a_browser_that_fails(tmp_path: Path) -> None:
    """A browser that cannot open the console is a word, not a failure."""
    with opening(BROWSER=program(tmp_path / "browser", "raise SystemExit(1)")) as (process, facts):
        warned(process, facts)


@posix
@pytest.mark.parametrize("names", [[], ["lynx", "www-browser"]])
def test_a_machine_without_a_browser(tmp_path: Path, names: list[str]) -> None:
    """Without a browser, the address is printed instead; those that run no scripts are left alone."""
    for name in names:
        program(tmp_path / name, "print('started')")
    with opening(PATH=str(tmp_path), TERM="xterm") as (process, facts):
        warned(process, facts)


def test_nothing_is_opened_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --open nothing is opened, and with it nothing before the server is ready."""
    served, opened = Served(), list[str]()
    monkeypatch.setattr(server, "build_server", served.build)
    monkeypatch.setattr(browser, "open_console", opened.append)
    assert run("serve", "--port", "0").exit_code == 0
    served.ready()
    assert opened == []
    assert run("serve", "--port", "0", "--open").exit_code == 0
    assert opened == []
    served.ready()
    assert opened == [f"http://127.0.0.1:{served.ports[-1]}/_sandbox/"]


@pytest.mark.parametrize("name", ["lynx", "firefox"])
def test_a_browser_that_was_chosen(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """One that runs no scripts is used where the user chose it, and any other in any case."""
    opened: list[str] = []

    class Browser:
        name: str

        def open(self, address: str) -> bool:
            opened.append(address)
            return True

    Browser.name = name
    monkeypatch.setattr(webbrowser, "get", Browser)
    monkeypatch.delenv("BROWSER", raising=False)
    browser._open("http://a/_sandbox/")
    assert (opened, caplog.messages == []) == (([], False) if name == "lynx" else (["http://a/_sandbox/"], True))
    monkeypatch.setenv("BROWSER", name)
    browser._open("http://b/_sandbox/")
    assert opened[-1] == "http://b/_sandbox/"
