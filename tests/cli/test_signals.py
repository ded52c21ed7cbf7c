"""How a server ends: by either signal, at any moment, however it was started."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.engine.serving import server
from tests.cli.test_commands import run

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
@SIGNALS
@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal(monkeypatch: pytest.MonkeyPatch, signum: signal.Signals, second: signal.Signals) -> None:
    """The first signal lets the server end what it has begun; a second one, of either kind, ends the process with 0
    whatever the server still does."""

    class Ended(BaseException):
        pass

    class Busy:
        should_exit = False

        def run(self, sockets: list[socket.socket]) -> None:  # noqa: ARG002
            signal.raise_signal(signum)
            assert self.should_exit
            with pytest.raises(Ended, match="0"):
                signal.raise_signal(second)

    def end(code: int) -> None:
        raise Ended(str(code))

    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(server, "build_server", lambda _app, **_how: Busy())
    try:
        assert run("serve", "--port", "0").exit_code == 0
        assert signal.getsignal(signum) not in before  # it is ending: a signal on its last way is heard, too
    finally:
        for each, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
            signal.signal(each, handler)


def test_handlers_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no signal came, those who handled signals before do so again."""
    seen: list[Any] = []

    class Ended:
        def run(self, sockets: list[socket.socket]) -> None:
            seen.append((signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), sockets))

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(server, "build_server", lambda _app, **_how: Ended())
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
