"""Standard streams that are closed, full, without a reader, or of another encoding."""

import errno
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.cli.streams import MAX_WAITING, OutputError, Unhurried, WriteThrough, open_streams, queue_streams
from aniva_sandbox.files import find_file
from tests.cli.test_commands import SMALL

COMMAND = [sys.executable, "-m", "aniva_sandbox"]
DOCUMENT = find_file("openapi.yaml").read_bytes()
FULL = Path("/dev/full")
posix = pytest.mark.skipif(os.name != "posix", reason="needs the redirections of a shell")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")


def shell(redirection: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command with redirections of its streams."""
    line = f'"$@" {redirection}'
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line, "bash", *COMMAND, *arguments],
        capture_output=True,
        timeout=120,
        env=os.environ | environment,
        check=False,
    )


# Below the text


class Stuck:
    """A stream whose reader reads nothing until it is let, and then everything."""

    name = "<stuck>"

    def __init__(self, fails: int = 0) -> None:
        self.buffer = self
        self.begun = threading.Event()
        self.free = threading.Event()
        self.fails = fails
        self.said = b""

    def write(self, data: bytes) -> int:
        self.begun.set()
        assert self.free.wait(60)
        if self.fails:
            raise OSError(self.fails, os.strerror(self.fails))
        self.said += data
        return len(data)


class Choosy(Stuck):
    """Takes a few bytes at a time, and none at every other."""

    def __init__(self) -> None:
        super().__init__()
        self.free.set()
        self.reader, self.writer = socket.socketpair()
        self.waits = False

    def fileno(self) -> int:
        return self.writer.fileno()

    def write(self, data: bytes) -> int | None:  # type: ignore[override]
        self.waits = not self.waits
        return None if self.waits else super().write(bytes(data[:7]))


def test_writes_wait_for_no_reader() -> None:
    """While nobody reads, writes return; what is too much is dropped, and its lines are counted in its place."""
    stuck = Stuck()
    stream = Unhurried(stuck)
    stream.write(b"first\n")
    assert stuck.begun.wait(60)
    line = b"x" * 1023 + b"\n"
    for _ in range(MAX_WAITING // len(line) + 3):
        assert stream.write(line) == len(line)
    stream.write(b"two\nmore\n")
    stream.finish(0.01)
    assert stuck.said == b""
    stuck.free.set()
    stream.finish(60)
    stream.write(b"last\n")
    stream.finish(60)
    kept = line * (MAX_WAITING // len(line))
    assert stuck.said == b"first\n" + kept + b"5 lines were dropped: nobody read them\n" + b"last\n"


def test_one_write_of_any_size_is_kept() -> None:
    """A single text is not too much for a stream by which nothing waits."""
    stuck = Stuck()
    stuck.free.set()
    stream = Unhurried(stuck)
    stream.write(b"x" * (2 * MAX_WAITING))
    stream.finish(60)
    assert len(stuck.said) == 2 * MAX_WAITING


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EPIPE, errno.EIO, errno.EBADF])
def test_a_server_goes_on_without_its_streams(reason: int) -> None:
    """What cannot be written is lost; when it can be written again, it is."""
    stuck = Stuck(reason)
    stuck.free.set()
    stream = Unhurried(stuck)
    stream.write(b"lost\n")
    stream.finish(60)
    stuck.fails = 0
    stream.write(b"there\n")
    stream.finish(60)
    assert stuck.said == b"there\n"


@pytest.mark.parametrize(
    ("reason", "platform", "told"),
    [
        (errno.EPIPE, "linux", False),
        (errno.ECONNRESET, "linux", False),
        (errno.EINVAL, "win32", False),
        (errno.EINVAL, "linux", True),
        (errno.ENOSPC, "linux", True),
        (errno.EBADF, "linux", True),
    ],
)
def test_a_command_says_once_that_its_output_is_lost(
    monkeypatch: pytest.MonkeyPatch, reason: int, platform: str, told: bool
) -> None:
    """The first write that fails raises, unless the reader has only stopped reading; the rest is passed over. The
    stream that errors are told by raises nothing."""
    stuck = Stuck(reason)
    stuck.free.set()
    stream = WriteThrough(stuck)
    with monkeypatch.context() as on_platform:
        on_platform.setattr(sys, "platform", platform)
        if told:
            with pytest.raises(OutputError, match=f"standard output: {os.strerror(reason)}"):
                stream.write(b"one")
        else:
            assert stream.write(b"one") == 3
    assert stream.write(b"more") == 4
    assert WriteThrough(stuck, errors=True).write(b"one") == 3


def test_all_is_written_to_what_takes_a_part_at_a_time() -> None:
    """A stream that does not block is waited for."""
    choosy = Choosy()
    with choosy.reader, choosy.writer:
        assert WriteThrough(choosy).write(b"0123456789" * 5) == 50
    assert choosy.said == b"0123456789" * 5


# Commands


@posix
def test_a_reader_that_stops_reading() -> None:
    """A pipe into head ends quietly, with the exit code that the command has anyhow."""
    ran = shell("| head -c 9", "spec")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"openapi: ", b"")
    assert shell("| head -c 0", "rules", "nothing").returncode == 1


@posix
@needs_full
@pytest.mark.parametrize(
    ("redirection", "reason", "arguments"),
    [
        *((">/dev/full", "No space left on device", [command]) for command in ("spec", "rules", "worlds")),
        *((">/dev/full", "No space left on device", [option]) for option in ("--help", "--version")),
        *((closed, "Bad file descriptor", ["rules", "--json"]) for closed in (">&-", "1</dev/null")),
    ],
)
def test_output_that_is_lost(redirection: str, reason: str, arguments: list[str]) -> None:
    """Where nothing can be written, a command says so in one line, and fails."""
    ran = shell(redirection, *arguments)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert ran.stderr.decode() == f"Error: cannot write to standard output: {reason}\n"


@posix
@needs_full
@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", "2>&- <&-", ">&- 2>&-", ">/dev/full 2>/dev/full"])
def test_errors_that_are_lost(tmp_path: Path, redirection: str) -> None:
    """Where errors cannot be told, the exit code tells as much as ever; what can be printed is."""
    good = tmp_path / "small.yaml"
    good.write_text(SMALL, encoding="utf-8")
    ran = shell(redirection, "worlds", "check", "missing.yaml", str(good))
    assert (ran.returncode, ran.stderr) == (2 if redirection.startswith(">") else 1, b"")
    assert ran.stdout == b"" or ran.stdout.startswith(str(good).encode())
    assert (ran.stdout == b"") == redirection.startswith(">")


ENCODINGS: list[dict[str, str]] = [
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "ascii:strict"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]


@pytest.mark.parametrize("environment", ENCODINGS)
def test_documents_are_utf8(environment: dict[str, str]) -> None:
    """What programs read is written as UTF-8, whatever the locale writes."""
    env = os.environ | environment
    ran = subprocess.run([*COMMAND, "spec"], capture_output=True, env=env, timeout=120, check=True)
    assert ran.stdout == DOCUMENT
    assert max(DOCUMENT) > 127
    ran = subprocess.run([*COMMAND, "rules", "--json"], capture_output=True, env=env, timeout=120, check=True)
    assert json.loads(ran.stdout)[0]["id"] == "auth.key"


@pytest.mark.parametrize("environment", ENCODINGS)
def test_texts_are_what_the_locale_can_write(tmp_path: Path, environment: dict[str, str]) -> None:
    """What people read has a question mark for what the locale has no letter for, and no traceback."""
    path = tmp_path / "\N{TEST TUBE}.yaml"
    path.write_text(SMALL, encoding="utf-8")
    ran = subprocess.run(
        [*COMMAND, "worlds", "check", str(path)], capture_output=True, env=os.environ | environment, timeout=120
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.endswith(b".yaml: 0 locations, 0 profiles, 0 appointments, 0 shipments" + os.linesep.encode())


# A server


@contextmanager
def unread() -> Iterator[int]:
    """The writing end of a pipe that is full, and nobody reads."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 512)
    except BlockingIOError:
        os.set_blocking(writer, True)
    try:
        yield writer
    finally:
        os.close(writer)
        os.close(reader)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def status_of(port: int, key: str, process: subprocess.Popen[Any]) -> int:
    """The status of an answer to a key, from a server that may still have to begin."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/units", headers={"x-api-key": key})
    for _ in range(600):
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status: int = answer.status
                return status
        except ConnectionError:
            pass
        except OSError as error:
            if not isinstance(getattr(error, "reason", None), ConnectionError):
                raise
        assert process.poll() is None, process.returncode
        select.select([], [], [], 0.1)
    raise AssertionError("the server did not begin")


def ends_with_0(port: int, process: subprocess.Popen[Any]) -> None:
    """Use some worlds, each of which is logged, and stop the server."""
    try:
        for name in ("default", *(f"{'long-' * 12}{number}" for number in range(3))):
            assert status_of(port, f"sbx_{name}", process) == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()


@posix
@pytest.mark.parametrize("streams", [["stderr"], ["stdout"], ["stdout", "stderr"]])
def test_serves_beside_streams_that_nobody_reads(streams: list[str]) -> None:
    """No pipe that is full stops the server, neither when it begins nor when it is to end."""
    port = free_port()
    with unread() as writer:
        kept = {name: writer if name in streams else subprocess.DEVNULL for name in ("stdout", "stderr")}
        with subprocess.Popen([*COMMAND, "serve", "--port", str(port)], **kept) as process:  # type: ignore[call-overload]
            ends_with_0(port, process)


@posix
@needs_full
@pytest.mark.parametrize(
    "redirection",
    [
        *(">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "1</dev/null"),
        *(">/dev/full", "2>/dev/full", ">/dev/full 2>&1", "> >(head -n 1 >/dev/null)", "2> >(true)"),
    ],
)
def test_serves_with_any_streams(redirection: str) -> None:
    """Streams that are closed, full or not read to their end are no reason not to serve; what was closed is not taken
    for something else that is opened later."""
    port = free_port()
    line = f'exec "$@" {redirection}'
    with subprocess.Popen(["bash", "-c", line, "bash", *COMMAND, "serve", "--port", str(port)]) as process:
        assert status_of(port, "sbx_default", process) == 200
        if Path("/proc/self/fd").exists():
            places = [str(Path(f"/proc/{process.pid}/fd/{number}").readlink()) for number in range(3)]
            assert [place for place in places if place.startswith("socket:") or "event" in place] == []
        ends_with_0(port, process)


def test_streams_of_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process where somebody has put other streams in place, they stay there."""
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    open_streams()
    queue_streams()
    assert (sys.stdout, sys.stderr) == (out, err)
