"""How a server ends: by either signal, at any moment, however it was started."""

import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.test_cli import run, serving

MODULE = [sys.executable, "-m", "aniva_sandbox"]
SIGNALS = pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
posix = pytest.mark.skipif(os.name != "posix", reason="needs signals that processes send")


def deaf() -> None:
    """What a shell does to the processes in its background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@posix
@SIGNALS
def test_in_the_background_of_a_script(signum: signal.Signals) -> None:
    """A server that was started deaf to Ctrl-C's signal hears it, from its first word on."""
    command = [*MODULE, "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=deaf, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Aniva sandbox ")
        process.send_signal(signum)
        assert process.stdout.read().endswith("Ctrl-C stops it.\nStopped.\n")
        assert process.wait(timeout=60) == 0


@posix
@SIGNALS
def test_before_it_serves(tmp_path: Path, signum: signal.Signals) -> None:
    """A signal that comes while a server still reads what it begins from ends it with 0."""
    pipe = tmp_path / "world.yaml"
    os.mkfifo(pipe)
    command = [*MODULE, "serve", "--port", "0", "--world", str(pipe)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=deaf) as process:
        with pipe.open("wb"):  # it has begun to read
            process.send_signal(signum)
            assert process.communicate(timeout=60) == (b"", b"")
        assert process.returncode == 0


@posix
@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal(second: signal.Signals) -> None:
    """While a server still answers what was begun, a second signal ends it at once, with 0."""
    with serving() as (process, facts):
        host, port = facts["url"].removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as begun:
            begun.sendall(b"POST /api/v1/appointments HTTP/1.1\r\nhost: x\r\nx-api-key: sbx_default\r\n")
            begun.sendall(b"content-type: application/json\r\ncontent-length: 100\r\n\r\n{")
            process.send_signal(signal.SIGTERM)
            while True:  # until it listens no more
                try:
                    socket.create_connection((host, int(port)), timeout=60).close()
                except ConnectionError:
                    break
                select.select([], [], [], 0.01)
            process.send_signal(second)
            assert process.wait(timeout=60) == 0


def test_handlers_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no signal came, those who handled signals before do so again."""
    from aniva_sandbox.serving import server

    seen: list[Any] = []

    class Ended:
        def run(self, sockets: list[socket.socket]) -> None:
            seen.append((signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), sockets))

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(server, "build_server", lambda _app: Ended())
    assert run("serve", "--port", "0").exit_code == 0
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    ((interrupted, terminated, (listener,)),) = seen
    assert interrupted == terminated
    assert interrupted not in before
    assert listener.fileno() == -1


# python -m


def test_as_a_module() -> None:
    """Without its script on the path, the command line is the module's; its help says how it was called."""
    ran = subprocess.run([*MODULE, "--help"], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.startswith("Usage: python -m aniva_sandbox [OPTIONS] COMMAND [ARGS]...\n")
    ran = subprocess.run([*MODULE, "serve", "--nothing"], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr.splitlines()[0]) == (2, "Usage: python -m aniva_sandbox serve [OPTIONS]")
