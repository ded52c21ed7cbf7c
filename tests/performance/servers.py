"""The servers that are measured, each in a process on one core."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import APPOINTMENT

ROOT = Path(__file__).resolve().parents[2]
SERVER_CORE, LOAD_CORE = 0, 1


@contextmanager
def serving(*command: str, cores: str = str(SERVER_CORE)) -> Iterator[tuple[int, int]]:
    """A server process on one core, or on several ``cores``; its port and process id once it answers. ``{port}`` in
    the command is filled in."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    full = ["taskset", "-c", cores, *(word.format(port=port) for word in command)]
    process = subprocess.Popen(full, stdout=subprocess.DEVNULL, cwd=ROOT)
    try:
        first_answer(port)
        yield port, process.pid
    finally:
        process.kill()
        process.wait()


def first_answer(port: int) -> None:
    """Wait until a server answers a request for an appointment."""
    request = f"GET /api/v1/appointments/{APPOINTMENT} HTTP/1.1\r\nhost: x\r\nx-api-key: sbx_default\r\n\r\n"
    deadline = time.perf_counter() + 60
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(request.encode())
                if connection.recv(12) == b"HTTP/1.1 200":
                    return
        except OSError:
            if time.perf_counter() > deadline:
                raise
        os.sched_yield()


def bare(body: Path) -> tuple[str, ...]:
    """The command of the bare app."""
    return sys.executable, "-m", "tests.performance.bare", "{port}", str(body)


def sandbox(*options: str) -> tuple[str, ...]:
    """The command of the sandbox."""
    command = str(Path(sys.executable).with_name("aniva-sandbox"))
    return command, "serve", "--clock", "frozen", "--port", "{port}", *options


def filled(count: int) -> tuple[str, ...]:
    """The command of the sandbox with this number of appointments more."""
    return sys.executable, "-m", "tests.performance.filled", "{port}", str(count)


def cpu_seconds(pid: int) -> float:
    """CPU time, user and system, of a process and of the processes that it started and that still run."""
    # The name of the program, in brackets, may contain blanks.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    user, system = fields[11:13]
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK") + sum(cpu_seconds(int(child)) for child in children)


def resident(pid: int) -> int:
    """Resident memory of a process in KiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1])
